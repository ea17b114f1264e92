"""What pages say of stored results is formatted from the rows, and must stand on its page.

``SAID`` is one table: the page, a sentence with ``{}``, and what fills it. A sentence that says *every* or *never* is
filled by a scan of all settings of all tables.
"""

import functools
import itertools
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments import predictions, states, verdicts
from helpers.compare import differences, summarise
from helpers.data import RESULTS, curves_path, load_solar_cells, load_solar_cells_fold, read_runs, subset
from helpers.methods import parse_method, schedule
from helpers.stats import measure_of, paired_interval, paired_verdict

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import conclusion_tables as tables  # noqa: E402
import share_figure  # noqa: E402

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
COUNTS = dict(enumerate(WORDS)) | {18: "eighteen", 20: "twenty"}
NONE, COPY, LIVE = "none", "copies-1", "live"
LOSS, ACCURACY = METRICS = ("val_loss", "val_accuracy")


# What two methods of some runs differ by


def both(runs, first, second, metric=ACCURACY):
    """The verdict on the first method, and how far apart the two are."""
    interval, _, found = paired_verdict(differences(runs, first, second, metric), metric)
    return found, f"{abs(interval.mean):.3f}" if "loss" in metric else f"{100 * abs(interval.mean):.1f}"


def word(*arms_of_runs):
    return both(*arms_of_runs)[0]


def level(*arms_of_runs):
    return {"equivalent": "level"}.get(word(*arms_of_runs))


def by(runs, first, second, metric=ACCURACY, verdict=None):
    """How far apart two methods are, with the verdict that a sentence presupposes."""
    found, distance = both(runs, first, second, metric)
    assert verdict in (None, found), f"{first} against {second} is {found}"
    return distance


cost = functools.partial(by, verdict="worse")


def points(*arms_of_runs):
    """By how many points the first method is worse, as a word."""
    return COUNTS[round(float(cost(*arms_of_runs)))]


def percent(share, digits=0):
    return f"{100 * share:.{digits}f}"


def share(runs, method, column=ACCURACY, digits=0):
    """The mean of a column over the runs of a method, in per cent."""
    return percent(runs.query("method == @method")[column].mean(), digits)


def half(values, digits=1):
    """Half of the 95 % interval of a mean of shares, in points."""
    interval = paired_interval(values)
    return percent((interval.high - interval.low) / 2, digits)


def within(*arms_of_runs, verdict):
    """By how many points two methods differ, with half of the interval."""
    return f"{by(*arms_of_runs, verdict=verdict)} ± {half(differences(*arms_of_runs, ACCURACY))}"


def gains_and_loses(runs, found=by):
    """What live gains over no augmentation and one copy loses, in points."""
    return [found(runs, LIVE, NONE, verdict="better"), found(runs, COPY, NONE, verdict="worse")]


def one(found):
    """The only value of a sentence that holds in several settings or measures."""
    (value,) = set(found)
    return value


g128, g512 = (functools.partial(tables.runs, "garments", n) for n in (128, 512))
on_top = functools.partial(tables.law_runs, 3)
tuned, frozen = (functools.partial(tables.law_runs, 9, model=f"residual-{name}") for name in ("tuned", "frozen"))
residual = functools.partial(tables.law_runs, 1, n=512)


def fold(number):
    return tables.law_runs(7, dataset=f"solar-cells-without-{number}")


def by_policy(name, method=LIVE):
    """Runs of one method of a table, with policies in the place of methods."""
    runs = tables.table(name).query("method == @method")
    return summarise(runs.assign(method=runs["policy"]))


@functools.cache
def registered():
    return read_runs(RESULTS / "freeze-or-renew.csv")


def row(number, **condition):
    runs = registered().query("row == @number")
    for column, value in condition.items():
        runs = runs[runs[column] == value]
    return runs


mild_128 = functools.partial(row, 1, n=128, policy="mild", draw="per image")
front_page = functools.partial(row, 2, policy="mild", draw="per image")  # its picture's runs


# All settings of all tables

KEYS = ["table", "regime", "dataset", "n", "model", "batch", "updates", "rate"]
WAYS = ["policy", "draw"]  # in which copies differ, and no augmentation does not
POOLS = ("copies", "pool", "originals", "originals+pool", "fresh")


@functools.cache
def ends():
    """One row a run of every table that has curves: means over the last tenth of the updates."""
    found, missing = [], {"regime": 0, "batch": 32, "draw": "per image"}
    for path in RESULTS.glob("*.csv"):
        if curves_path(path).is_file():
            runs = pd.read_csv(path).rename(columns={"row": "regime"}).assign(table=path.stem)
            found.append(runs.assign(**{name: value for name, value in missing.items() if name not in runs}))
    return pd.concat(found, ignore_index=True)


def fair_live(name):
    """Live of the same share of originals as a store."""
    method = parse_method(name)
    return f"live-{method.copies}/{method.copies + 1}" if method.kind.startswith("originals") else LIVE


@functools.cache
def all_verdicts():
    """Each method against none, live, and the live of its share of originals where that was run (``fair``)."""
    rows = []
    for key, runs in ends().groupby(KEYS, sort=False):
        none = runs[runs["method"] == NONE]
        for way, part in runs[runs["method"] != NONE].groupby(WAYS, sort=False):
            methods = dict(iter(pd.concat([none, part]).set_index("replicate").groupby("method")))
            for first in part["method"].unique():
                fair = fair_live(first) if parse_method(first).kind in POOLS and fair_live(first) in methods else None
                for second in {NONE, LIVE, fair} & set(methods) - {first}:
                    for metric in METRICS:
                        d = (methods[first][metric] - methods[second][metric]).dropna().to_numpy()
                        interval, _, found = paired_verdict(d, metric)
                        rows.append([*key, *way, first, second, metric, second == fair, interval.mean, found])
    return pd.DataFrame(rows, columns=[*KEYS, *WAYS, "first", "second", "metric", "fair", "mean", "word"])


def chosen(query):
    found = all_verdicts().query(query)
    assert len(found), f"no stored row has {query}; the check would be empty."
    return found


def sixteen_beside(live=LIVE):
    """What originals and sixteen copies cost at most against live, in points, and in how many settings."""
    stores = [tables.runs(*task) for task in tables.TASKS]
    gaps = [100 * differences(runs, live, "originals+16", ACCURACY).mean() for runs in stores]
    return [f"{max(gaps):.1f}", COUNTS[len(gaps)]]


def four_times_the_copies():
    """Whether a quarter of the images with four times the copies costs as little accuracy, or less."""
    costs = [{k: differences(runs, LIVE, f"copies-{k}", ACCURACY).mean() for k in (1, 2, 4, 8, 16)}
             for runs in (g128(), g512(), tables.runs("garments", 2048))]  # fmt: skip
    pairs = [(few[4 * k], many[k]) for few, many in itertools.pairwise(costs) for k in (1, 2, 4)]
    return ["were" if all(few < many + 0.0015 for few, many in pairs) else pairs]


def one_copy():
    """The pairs of garments on which one copy is worse in loss than none, and the one on which it is equivalent."""
    table = chosen(f"first == '{COPY}' and second == '{NONE}' and metric == '{LOSS}'")
    solar = table["dataset"].str.startswith("solar")
    assert set(table.loc[solar, "word"]) > {"worse"}  # not worse on all solar cells
    garments = table[~solar]
    undecided = garments[garments["word"] == "undecided"]
    assert set(zip(undecided["policy"], undecided["n"], strict=True)) == {("flip", 128), ("flip", 512), ("pixels", 128)}
    found = garments.drop(undecided.index).groupby("dataset")["word"].agg(one)
    names = {"garments": "pullovers and coats", "dress-shirt": "dresses and shirts",
             "t-shirt-pullover": "t-shirts and pullovers", "t-shirt-trouser": "t-shirts and trousers"}  # fmt: skip
    assert set(names) == set(found.index)
    worse, rest = ([names[name] for name in names if found[name] == verdict] for verdict in ("worse", "equivalent"))
    return f"{', '.join(worse[:-1])}, and {worse[-1]}", one(rest)


def original_and_copy():
    """The verdict on one copy beside the originals against two in their place, wherever both were run."""
    runs = ends().pivot_table(LOSS, [*KEYS, *WAYS, "replicate"], "method")
    pairs = (runs["originals+1"] - runs["copies-2"]).dropna().groupby([*KEYS, *WAYS])
    return [one(paired_verdict(part, LOSS)[2] for _, part in pairs)]


def unchanged(part, metric=LOSS):
    """The six registered settings of live that leaves a share unchanged, against full live."""
    of_six = chosen(f"table == 'freeze-or-renew' and regime in (3, 7) and metric == '{metric}'")
    return of_six.query("first == @part and second == 'live'")


def a_quarter():
    loss = unchanged("live-3/4")["word"]
    assert set(loss) == {"better", "equivalent"} and (unchanged("live-3/4", ACCURACY)["mean"] > 0).all()  # harmless
    return COUNTS[sum(loss == "better")], COUNTS[len(loss)]


# Single tables


def holm():
    """How often live was *better* in the study, and how many of these verdicts Holm's correction leaves."""
    found = []
    for task in tables.TASKS:
        for method, (_, live) in tables.AGAINST.items():
            for metric in (*METRICS, "val_loss_scaled", "val_loss_stopped"):
                d = differences(tables.runs(*task), live, method, metric)
                found.append((stats.ttest_1samp(d, 0).pvalue, paired_verdict(d, metric)[2] == "better"))
    found.sort()
    kept = next(i for i, (p, _) in enumerate(found) if p > 0.05 / (len(found) - i))
    return sum(better for _, better in found), sum(better for _, better in found[:kept])


def copy_taught_no_mirror():
    """Whether a mirror changes no fewer answers of the residual network after one copy, with 2,048 garments."""
    runs = row(6, n=2048)
    return differences(runs, COPY, NONE, "changed_mirror").mean() > 0


def mirrored_by_errors():
    """What a mirror changes after one copy more than without augmentation; and what the errors alone would."""
    runs = front_page().pivot(index="replicate", columns="method", values=["changed_mirror", "final_new_accuracy"])
    found, errors = runs["changed_mirror"], 1 - runs["final_new_accuracy"]
    foretold = {method: (found[NONE] * errors[method] / errors[NONE]).mean() for method in (COPY, LIVE)}
    assert percent(found[COPY].mean(), 1) == percent(foretold[COPY], 1)
    more = 100 * (found[COPY] - found[NONE]).mean()
    return [more, percent(foretold[COPY], 1), percent(foretold[LIVE], 1), percent(found[LIVE].mean(), 1)]


def nudged(n, column):
    """Answers that change, live under the mirror alone minus no augmentation."""
    return differences(pd.concat([row(1, n=n, method="none"), row(1, n=n, method="live", policy="flip")]), LIVE, NONE, column)


@functools.cache
def stores():
    """Copies-K of rows 1, 4, 5 and 6 with their gap to live, and what each rule says of it."""
    runs = registered().query("row in (1, 4, 5, 6) and draw == 'per image'")
    runs = runs[(runs["policy"] == "mild") | (runs["row"] != 1)]
    rows = []
    for _, part in runs.groupby(["row", "dataset", "n", "rate", "batch", "policy"]):
        loss = part.groupby("method")[LOSS].mean()
        for k in (2, 4, 8, 16):
            if f"copies-{k}" in loss:
                rows.append({
                    **part.iloc[0][["dataset", "model", "n"]], "found": loss[f"copies-{k}"] - loss[LIVE],
                    "a K-th": (loss[COPY] - loss[LIVE]) / k,
                    "the halving": loss.get(f"copies-{k // 2}", np.nan) - loss[f"copies-{k}"],
                })  # fmt: skip
    return pd.DataFrame(rows)


def scored(rule):
    """How many stores a rule judges, how many rightly, how many lie beyond the margin, and its typical factor."""
    known = stores().dropna(subset=rule)
    found, said = known["found"] > measure_of(LOSS).margin, known[rule] > measure_of(LOSS).margin
    counts = known[found | said]
    factor = np.exp(np.log(counts[rule] / counts["found"]).abs().median())
    return len(known), sum(found == said), sum(found), f"{factor:.2f}"


def a_kth():
    of_residual = stores().query("model == 'residual' and n == 512")
    too_low = of_residual["found"] / of_residual["a K-th"]
    return scored("a K-th")[3], f"{too_low.min():.1f}", f"{too_low.max():.1f}"


def three_x():
    """In how many settings “3x” is worse than live in loss, and its cost in points in the residual network."""
    settings = [part for _, part in registered().query("row == 8").groupby(["model", "n"])]
    assert {word(part, "originals+pool-2", LIVE, LOSS) for part in settings} == {"worse"}
    small = [by(row(8, model="small", n=n), "originals+pool-2", LIVE) for n in (128, 512)]
    assert max(map(float, small)) < 1  # less than a point
    return COUNTS[len(settings)], cost(row(8, model="residual"), "originals+pool-2", LIVE)


def step_times():
    """The processor's milliseconds that an update costs with augmenters, by round."""
    steps = read_runs(RESULTS / "step-time.csv").query("cores == 1")
    return steps.pivot(index="round", columns="augmenter", values="cpu_milliseconds")


def in_the_data():
    rounds = step_times()
    more = [(rounds[f"{name} in tf.data"] / rounds[f"{name} in the model"]).median() - 1
            for name in ("RandomAffine", "Keras layers")]  # fmt: skip
    return ["a tenth" if 0.05 < min(more) <= max(more) < 0.15 else more]


def in_memory():
    peak = read_runs(RESULTS / "peak-memory.csv").groupby("augmenter")["megabytes"].median()
    more = peak["RandomAffine in the model"] / peak["static"] > 1.02
    return "more" if more else "no more", COUNTS[round(peak["static, 4 copies"] / peak["static"])]


def how_fast():
    speeds = read_runs(RESULTS / "throughput.csv").query("cores == 1 and dtype == 'float32'")
    rounds = speeds.pivot(index=["size", "round"], columns="augmenter", values="images_per_cpu_second")
    opencv, generator = ((rounds["RandomAffine in the model"] / rounds[name]).groupby("size").median()
                         for name in ("warpAffine", "ImageDataGenerator"))  # fmt: skip
    assert opencv.between(0.75, 1.25).all()
    return ["ten to thirty" if generator.between(9, 30).all() else generator.tolist()]


def other_splits():
    """One copy against no augmentation where its loss is lower, and live against no augmentation, on four splits."""
    copies = [differences(fold(number), COPY, NONE, LOSS) for number in range(4)]
    first, last = (d for d in copies if d.mean() < 0)
    assert (last < 0).all() and len(last) == 5  # in each of five pairs
    live = [word(fold(number), LIVE, NONE, LOSS) for number in range(4)]
    counts = [COUNTS[live.count(verdict)] for verdict in ("better", "undecided", "worse")]
    lost = cost(fold(live.index("worse")), LIVE, NONE)
    return f"{-first.mean():.3f}", paired_verdict(first, LOSS)[2], f"{-last.mean():.3f}", *counts, lost


def articles(model="small"):
    """The article's policy, and no augmentation beside it."""
    none = tables.other_runs(model).query("method == 'none'")
    return pd.concat([tables.other_runs(model, policy="article"), none])


def articles_on_cells():
    own, other = (tables.select("solar-cells", None, model="small", policy=policy) for policy in ("cells", "article"))
    return word(pd.concat([own, other.query("method == 'live'").assign(method="article")]), "article", LIVE, LOSS)


def residual_parts():
    """Of the gap to live in the residual network what temperature scaling leaves, and what stopping removes."""
    gap, scaled, stopped = (
        np.array([differences(residual(), method, LIVE, m).mean() for method in (COPY, "copies-4")])
        for m in (LOSS, "val_loss_scaled", "val_loss_stopped")
    )
    assert ((0.4 * gap < scaled) & (scaled < 0.6 * gap) & (stopped > 0.75 * gap)).all()
    return "half", "little"


def gap_to_its_own(method):
    return g512().query("method == @method").eval(f"{LOSS} - train_loss").mean()


def copies_needed(dataset, n):
    """Between which numbers of copies the mean loss after 3,000 updates comes within 0.02 of live."""
    runs = tables.runs(dataset, n)
    enough = next(k for k in (2, 4, 8, 16, 32) if differences(runs, f"copies-{k}", LIVE, LOSS).mean() <= 0.02)
    return f"{enough // 2} to {enough}"


def images_worth(n, updates, metric):
    """Between which numbers of images no augmentation comes up to live at n."""
    sign = 1 if metric == LOSS else -1
    live = sign * tables.runs("garments", n, updates).query("method == 'live'")[metric].mean()
    for images in (256, 512, 1024, 2048, 4096):
        if sign * tables.runs("garments", images, updates).query("method == 'none'")[metric].mean() <= live:
            return f"{images // 2} to {images}"
    return None


def by_two_augmenters():
    generator = summarise(tables.table("image-data-generator"))
    gaps = [differences(runs, COPY, LIVE, LOSS) for runs in (generator, tables.other_runs())]
    return *(f"{gap.mean():.3f}" for gap in gaps), paired_verdict(gaps[0] - gaps[1], LOSS)[2]


def clustered(method, *policies):
    """The one verdict on ways of making batches against the right one of the same method, in loss and accuracy."""
    return one(word(by_policy("clustered-batches", method), p, "mild", metric) for p in policies for metric in METRICS)


def halving_by_lot():
    """What the last doubling gained, as a share of what live adds, in lesson 05's pair of classes."""
    first, *later = stores().query("dataset == 't-shirt-pullover'").eval("`the halving` / found")
    return "little" if first < 0.8 else "much", "right" if all(0.9 < part < 1.1 for part in later) else "wrong"


def first_doubling():
    """In how many single runs of the ResNet-8 a second copy gained no loss, of how many, and what live was ahead by."""
    runs = row(6, n=512).pivot(index="replicate", columns="method", values=[LOSS, ACCURACY])
    nothing = runs[LOSS][COPY] - runs[LOSS]["copies-2"] <= measure_of(LOSS).margin
    behind = 100 * (runs[ACCURACY][LIVE] - runs[ACCURACY]["copies-2"])[nothing].item()
    return COUNTS[sum(nothing)], COUNTS[len(runs)], COUNTS[round(behind)]


def pairs_won():
    """In how many pairs of 128 garments four copies beat no augmentation by accuracy, of how many, and by loss."""
    by_accuracy, by_loss = (differences(g128(), "copies-4", NONE, metric) for metric in (ACCURACY, LOSS))
    return sum(by_accuracy > 0), len(by_accuracy), sum(by_loss < 0), len(by_loss)


def twenty_pairs_judged():
    interval = paired_verdict(differences(g128(), "copies-4", NONE, ACCURACY), ACCURACY)[0]
    bounds = (f"{100 * end:.1f}".replace("-", "−") for end in (interval.low, interval.high))
    return word(g128(), "copies-4", NONE, LOSS), word(g128(), "copies-4", NONE), *bounds


def one_copy_in_time(first, last):
    """Loss, accuracy and scaled loss of the twenty runs with one copy, early and late."""
    return [g128(at).query("method == 'copies-1'").set_index("replicate")[[LOSS, ACCURACY, "val_loss_scaled"]]
            for at in (first, last)]  # fmt: skip


def doubles():
    early, late = one_copy_in_time(500, 3000)
    assert (late[LOSS] > 1.7 * early[LOSS]).all() and -0.005 < (late - early)[ACCURACY].mean() < 0 and len(late) == 20
    return ["doubles" if 1.9 < (late[LOSS] / early[LOSS]).mean() < 2.1 else "changes"]


def rise_that_a_temperature_takes():
    for lengths in ((200, 1000), (500, 3000)):  # lesson 00's networks are trained for 1,024 updates
        early, late = one_copy_in_time(*lengths)
        change = (late - early).mean()
        assert change[LOSS] > 0.2 and change["val_loss_scaled"] < 0.05 * change[LOSS]
    return [95]


def curves_of_128():
    return tables.table("study").query("dataset == 'garments' and n == 128")


def twenty_runs_of_the_page():
    """Accuracies on the originals and on new garments after 1,000 updates, and in how many runs one copy is worst."""
    own = curves_of_128().query("update == 1000").pivot(index="replicate", columns="method", values="train_accuracy")
    new = g128(1000).pivot(index="replicate", columns="method", values=ACCURACY)
    own, new = (runs[[NONE, COPY, LIVE]] for runs in (own, new))
    of_own, of_new = ([percent(mean, 1) for mean in runs.mean()] for runs in (own, new))
    worst = [COUNTS[sum(runs.idxmin(axis=1) == COPY)] for runs in (own, new)]
    return *of_own[1:], worst[0], *of_new, worst[1]


def before_and_after():
    """Loss and accuracy of no augmentation, 128 garments, at the lowest loss and at the end."""
    curve = curves_of_128().query("method == 'none'").groupby("update")[[LOSS, ACCURACY, "val_loss_scaled"]].mean()
    best, last = curve.loc[curve[LOSS].idxmin()], curve.iloc[-1]
    stayed = one(percent(point[ACCURACY]) for point in (best, last))
    return f"{best[LOSS]:.3f}", f"{last[LOSS]:.3f}", stayed, f"{last['val_loss_scaled']:.3f}"


def from_tool(name, updates):
    """Live runs from another tool, and from RandomAffine as the method `affine`, after so many updates."""
    ours = tables.table("static-versus-live").query("policy == 'mild' and model == 'small' and rate == 'constant'")
    runs = pd.concat([tables.table(name), ours.assign(method=ours["method"].replace("live", "affine"))])
    return summarise(runs[runs["method"].isin(["live", "affine"]) & (runs["update"] <= updates)])


def behind_affine():
    """What the layers cost in words, early and at the end; in how many pairs they are behind at every length."""
    lost = [float(cost(from_tool("keras-layers", u), LIVE, "affine")) for u in (500, 3000)]
    pairs = [differences(from_tool("keras-layers", u), LIVE, "affine", ACCURACY) for u in tables.BUDGETS]
    assert all((d < 0).all() for d in pairs) and 1 < lost[1] < 1.5
    return COUNTS[round(lost[0])].capitalize(), COUNTS[one(len(d) for d in pairs)]


def leaky():
    runs = tables.table("split-after-augmenting").query("n == 128 and model == 'deeper'")
    return [f"{100 * share:.3g}" for share in summarise(runs)[["leaky_accuracy", ACCURACY]].mean()]


@functools.cache
def above_the_meter(split):
    """Accuracy of the stopped small network minus the light meter's on the same 512 cells, and what it loses later."""
    data = load_solar_cells() if split is None else load_solar_cells_fold(split)
    name = "solar-cells" if split is None else f"solar-cells-without-{split}"
    runs = tables.table("solar-cells" if split is None else "law")
    runs = runs[runs["dataset"] == name].query("n == 512 and model == 'small' and policy == 'cells'")
    stopped, late = (
        runs.query(when).pivot_table(ACCURACY, "replicate", "method")[[NONE, LIVE]]
        for when in ("350 <= update <= 500", "update > 2700")
    )
    meter = [light_meter(subset(data, 512, replicate)) for replicate in stopped.index]
    return stopped.sub(meter, axis=0), 100 * (stopped - late).mean()


def light_meter(data):
    thresholds = np.linspace(0, 1, 201)
    dark, new = (1 - images.mean(axis=(1, 2, 3)) for images in (data.x_train, data.x_val))
    right = [np.mean((dark > threshold) == data.y_train) for threshold in thresholds]
    return np.mean((new > thresholds[np.argmax(right)]) == data.y_val)


def all_sound():
    return [percent(np.mean(load_solar_cells().y_val == 0))]


def ahead_on_our_split():
    d, _ = above_the_meter(None)
    return *(percent(d[method].mean(), 1) for method in d), one(paired_verdict(d[method], ACCURACY)[2] for method in d)


def ahead_on_other_splits():
    words = [paired_verdict(d[method], ACCURACY)[2] for d, _ in map(above_the_meter, range(4)) for method in d]
    return "none" if "better" not in words else "some", COUNTS[len(words) // 2]


def short_and_long():
    """Live against no augmentation with 128 garments, in points, after the plan of lesson 09 and at the end."""
    curves = curves_of_128().pivot_table(ACCURACY, "update", "method")
    lead, planned = curves[LIVE] - curves[NONE], int(re.search(r'"updates": (\d+)', cells_of(L9))[1])
    assert lead[planned] < 0 < lead.iloc[-1]
    return f"{planned:,}", percent(-lead[planned], 1), f"{lead.index[-1]:,}", percent(lead.iloc[-1], 1)


# The registered questions

QUESTIONS = {1: "originals-and-eight", 2: "photographs", 3: "colour", 4: "coverage", 5: "addition"}
SETTING = ["dataset", "model", "n"]
EIGHT, SHARE = "originals+pool-8", "live-8/9"
UPPER, WHOLE, HEAD, SCRATCH = predictions.UPPER, predictions.WHOLE, predictions.HEAD, predictions.SCRATCH


@functools.cache
def answered(number, setting, way=""):
    """Runs of a question in one setting; the policy and the draw of ``way`` are left out of the names of its methods."""
    runs = verdicts.read(QUESTIONS[number]).set_index(SETTING).sort_index().loc[setting]
    methods = runs["told"].str.removesuffix(way)
    return runs.assign(method=methods, **{LOSS: runs["new_loss"], ACCURACY: runs["new_accuracy"]})


shirts = functools.partial(answered, 1, verdicts.PAIR, " mild image")
photographs = functools.partial(answered, 2, way=" crop image")
colour = functools.partial(answered, 3, predictions.COLOURED, " crop image")
coverage = functools.partial(answered, 4)
added = functools.partial(answered, 5, predictions.TWELVE_THOUSAND, " mild image")


def fine_tuned_mirror_and_mild_copy():
    """How many mirrored answers fewer change live than without augmentation, and what one mild copy costs."""
    fewer = [differences(photographs(part), NONE, LIVE, "changed_mirror").mean() for part in (WHOLE, UPPER)]
    assert min(fewer) >= 0
    found = word(photographs(UPPER), f"{COPY} mild image", NONE)
    lost = cost(photographs(UPPER), f"{COPY} mild image", f"{LIVE} mild image")
    return COUNTS[int(np.ceil(100 * max(fewer)))], "nothing" if found == "undecided" else found, lost


def copies_cost_elsewhere():
    """What one copy costs the ResNet-8 from scratch on other images than those of the front page."""
    costs = [float(cost(runs, COPY, NONE)) for runs in (shirts(), photographs(SCRATCH), colour(), added())]
    lost = differences(front_page(), NONE, COPY, "final_new_accuracy").mean()
    return COUNTS[len(costs)], min(costs), max(costs), 100 * lost


def near_live_in_colour():
    """How near originals with eight copies end to live on photographs, fine-tuned or from scratch."""
    on_colour = photographs(WHOLE), photographs(UPPER), colour()
    apart = [differences(runs, EIGHT, LIVE, ACCURACY).mean() for runs in on_colour]
    return "half a point" if np.abs(apart).max() < 0.005 else f"{100 * np.abs(apart).max():.1f}"


def registered_without_eight():
    """By how much originals + 8 are worse in loss than live of their share, beyond the margin, as was registered."""
    interval, margin, _ = paired_verdict(differences(shirts(), EIGHT, SHARE, LOSS), LOSS)
    return [f"{interval.mean:.3f}", f"{interval.mean - interval.low:.3f}"] if interval.low > margin else []


def settings_asked(number):
    return verdicts.read(QUESTIONS[number]).groupby(SETTING).groups


def looked_at(number):
    table = verdicts.read(QUESTIONS[number])
    return [verdicts.look_at(table, each) for each in predictions.PREDICTIONS if each.question == number]


def scores(number):
    return verdicts.scored(looked_at(number))


def better_stores():
    """How often a store ended better than live of its share of originals, in all tables."""
    found = chosen("fair")["word"].tolist()
    for number in QUESTIONS:
        for setting in settings_asked(number):
            runs = answered(number, setting)
            methods = {tuple(told.split(" ", 1)) for told in runs["method"]}
            for method, way in methods:
                if parse_method(method).kind not in ("none", LIVE) and (fair_live(method), way) in methods:
                    found += [word(runs, f"{method} {way}", f"{fair_live(method)} {way}", metric) for metric in METRICS]
    return [{1: "once"}[found.count("better")]]


def covered(metric, first, second):
    """Differences of two methods of question 4, with 512 garments and with 128, in points or nats."""
    means = [differences(coverage(setting), first, second, metric).mean()
             for setting in (predictions.SMALL_512, predictions.SMALL_128)]  # fmt: skip
    return [mean if "loss" in metric else 100 * mean for mean in means]


def states_met():
    """How many of the eighteen states of an image are met by one version that lasts eighteen epochs, on average."""
    means = []
    for n in (512, 128):
        met = np.zeros((20, n, len(states.STATES)), bool)
        for replicate in range(20):
            plan = schedule("fresh-1-18", n, 3000, 40 + replicate)
            for version in np.unique(plan.version):
                shown = np.unique(plan.source[plan.version == version])
                met[replicate, shown, states.state_of("anew", version, n, 40 + replicate)[shown]] = True
        means.append(f"{met.sum(axis=2).mean():.1f}")
    return means[0], len(states.STATES), means[1]


def copy_below_none():
    """In how many runs of a figure one copy is less accurate than no augmentation; and in how many of all, of how many.

    128 garments, mild policy, 3,000 updates, in three tables, each time with other garments.
    """
    figure = differences(mild_128(), COPY, NONE, "final_new_accuracy")
    tested = differences(coverage(predictions.SMALL_128), predictions.ONE_COPY, predictions.NONE, ACCURACY)
    every = np.concatenate([figure, tested, differences(g128(), COPY, NONE, ACCURACY)])
    assert (figure < 0).all()
    return COUNTS[len(figure)], sum(every < 0), len(every)


def crossings():
    """In how many settings, by two draws, one copy is worse on new images as they are and better on changed ones."""
    said = verdicts.mismatch({one.prediction[1:5]: one for one in looked_at(4)})
    (mild, of_mild), (own, of_own) = re.findall(r"(\d) of (\d)", said)
    return [COUNTS[int(mild) + int(own)] if (mild, own) == (of_mild, of_own) else None]


def eighteen(metric):
    """The verdict of eighteen stored states against live, by setting."""
    return {setting: word(coverage(setting), predictions.ALL_18, predictions.LIVE, metric)
            for setting in settings_asked(4)}  # fmt: skip


def set_by(lesson):
    """The whole numbers that the code of a lesson sets, by name, and those up to twelve in words."""
    found = {name: int(text) for name, text in re.findall(r"^(\w+) = (\d+)$", cells_of(lesson), re.MULTILINE)}
    return found | {f"{name}_in_words": COUNTS.get(number) for name, number in found.items()}


README, C, Y, R = "README.md", "docs/conclusions.md", "docs/find_your_symptom.md", "docs/results.md"
LESSONS = sorted((ROOT / "notebooks").glob("0*.ipynb"))
L0, L1, L2, L3, L4, L5, L6, L7, L8, L9 = (f"notebooks/{path.name}" for path in LESSONS)
S0, M, G = "notebooks/solutions/00_start_here.ipynb", "docs/migration.md", "data/results/registrations.md"
WORDS_JS, SHEETS, MONDAY = "docs/page/words.js", "docs/teaching/run_sheets.md", "docs/teaching/monday.md"
STORES, OVER, POLICY, CELLS, BLUR = (
    f"notebooks/going_deeper/{name}.ipynb"
    for name in ("stores_that_people_make", "over_confident_or_less_accurate", "choosing_a_policy",
                 "solar_cells_in_detail", "is_it_the_blur")
)  # fmt: skip

SCORED = {4: "4 coverage, variety or repeats?", 1: "1 originals + 8", 2: "2 photographs, fine-tuned",
          3: "3 colour, from scratch", 5: "the addition, 12,000 images"}  # fmt: skip
SET = {  # what lessons set: where the code changes, the other numbers of these sentences do, too
    "Live saw {epochs} versions of each image": (L0, L0),
    'check("00.1", 64, n={n}, epochs={epochs})': (S0, L0),
    "The likely wrong answer is {epochs}, as for one copy.": (S0, L0),
    "comes again only 64 times instead of {epochs}.": (S0, L0),
    "makes {epochs_in_words} copies of each image, stores them, and trains for {epochs_in_words} epochs": (L1, L1),
    "with one of the {epochs_in_words} in each epoch": (L1, L1),
    "With {epochs_in_words} copies the two runs are one computation": (L1, L1),
    "You train live for {epochs_in_words} epochs.": (L1, L1),
    "are 512 pictures, so ten epochs make 160 updates. Live gets {n} pictures an epoch, which makes 40.": (L2, L2),
    "came only ten times. In the comparison above, one copy had been shown a hundred times after {updates} "
    "updates": (L2, L2),
    "We take {n} garments and": (L3, L3),
    "with {n} garments for 200 epochs.": (L5, L5),
}

SAID = [
    *[(R, f"| {title} | {{counted}} | {{registered}} | {{all equal}} | {{always yes}} |",
       functools.partial(scores, number)) for number, title in SCORED.items()],
    *[(page, sentence, functools.partial(set_by, lesson)) for sentence, (page, lesson) in SET.items()],
    # The registered questions
    (R, "cross in each of {} comparisons", crossings),
    (L0, "in each of {} comparisons that we *registered*", crossings),
    (C, "all eighteen stored were {} with live in accuracy",
     lambda: [{"equivalent": "level"}.get(one(eighteen(ACCURACY).values()))]),
    (R, "Level in accuracy everywhere, in loss in {} of {} settings (residual network: {}",
     lambda: [COUNTS[list(eighteen(LOSS).values()).count("equivalent")], COUNTS[len(eighteen(LOSS))],
              eighteen(LOSS)[predictions.RESIDUAL_512]]),
    (R, "Loss {:.3f} and {:.3f} higher; accuracy −{:.1f} and −{:.1f} points",
     lambda: [abs(mean) for metric in METRICS for mean in covered(metric, predictions.RENEWED, predictions.LIVE)]),
    (R, "With 512 images it meets {} of the {} on average, and with 128 images {}.", states_met),
    (R, "{:.1f} and {:.1f} points of accuracy.", lambda: covered(ACCURACY, predictions.RENEWED, predictions.OWN_1)),
    (R, "+{:.1f} and −{:.1f} points of answers that change",
     lambda: [abs(mean) for mean in covered("changed_shared_4", predictions.SHARED_4, predictions.OWN_4)]),
    (R, "would have been right {always sixteen} times of {counted}.", lambda: scores(1)),
    (R, "1 copy −{} points, no augmentation −{}, 8 copies −{}, 9 copies −{}, originals and 8 copies −{},",
     lambda: [cost(shirts(), method, LIVE) for method in (COPY, NONE, "pool-8", "pool-9", EIGHT)]),
    (R, "Worse by {} in loss and by {} points.", lambda: [cost(shirts(), EIGHT, SHARE, m) for m in METRICS]),
    (R, "They were, in loss by {} ± {}.", registered_without_eight),
    (R, "Better by {} in loss and by {} points,",
     lambda: [by(shirts(), EIGHT, "pool-9", m, "better") for m in METRICS]),
    (R, "{} points. At its own best length it loses {}.",
     lambda: [cost(shirts(), copy, NONE) for copy in (COPY, f"{COPY} mild image 1500")]),
    (R, "In loss it was better by {}. |",
     lambda: [by(shirts(), SHARE, LIVE, LOSS, "better") if word(shirts(), SHARE, LIVE) == "equivalent" else ""]),
    (L5, "ResNet-8 on t-shirts and shirts, eight beside the originals were {} than nine copies alone, and still behind",
     lambda: [word(shirts(), EIGHT, "pool-9") if word(shirts(), EIGHT, SHARE) == "worse" else ""]),
    (L5, "eight cost {} points, but beside the originals only {}.\")",
     lambda: [points(shirts(), "pool-8", LIVE), cost(shirts(), EIGHT, LIVE)]),
    (README, "in a ResNet eight ended {} behind on t-shirts and shirts, and within {} of it on colour photographs |",
     lambda: [cost(shirts(), EIGHT, LIVE), near_live_in_colour()]),
    (C, "Fine-tuned, a mirror changed at most {} points fewer answers live than without augmentation. With the upper "
     "third trained under the mild policy, one copy lost {} to no augmentation that we could measure, and {} points to "
     "live.", fine_tuned_mirror_and_mild_copy),
    (C, "stored copies were better than live with the same share of originals {}:", better_stores),
    (R, "They are *{}* in accuracy, and *better* by {} in loss",
     lambda: [word(colour(), EIGHT, SHARE), by(colour(), EIGHT, SHARE, LOSS, "better")]),
    (R, "Live gains {} points, where we expected 5. One copy costs {}, where we expected 3.",
     lambda: gains_and_loses(colour())),
    (R, "| *held* | {} and {} points. | | Originals + 8 are not level",
     lambda: [cost(colour(), method, LIVE) for method in ("pool-4", "originals+pool-2")]),
    (R, "| *held* | *{}* in accuracy. |", lambda: [word(colour(), "pool-9", EIGHT).capitalize()]),
    (R, "In loss it was worse by {}. |", lambda: [cost(colour(), SHARE, LIVE, LOSS)]),
    (L0, "live gained {} points over no augmentation, and one copy lost {}.", lambda: gains_and_loses(colour())),
    (README, "in a small network those ended at most {} points behind live, in {} settings;", sixteen_beside),
    (L5, "about four times as many, which {} enough for accuracy, too.", four_times_the_copies),
    (L5, "ended at most {} points below live, in {} settings,", sixteen_beside),
    (C, "Beside the originals they cost at most {} against live that leaves as many images unchanged, in {} settings",
     lambda: sixteen_beside("live-16/17")),
    (README, "with 12,000 images, for 20 epochs, live gained no accuracy, and the originals with eight copies "
     "gained {} points on it.",
     lambda: [by(added(), EIGHT, LIVE, verdict="better")] if level(added(), LIVE, NONE) else []),
    (C, "live gained no accuracy over no augmentation, and was {} than originals + 8.",
     lambda: [word(added(), LIVE, EIGHT)] if level(added(), LIVE, NONE) else []),
    (L5, "originals with eight copies were even [{} than live]", lambda: [word(added(), EIGHT, LIVE)]),
    (R, "| *equivalent* | {} points, but better by {} in loss. A mirror changes {} % of its answers, {} % after one "
     "copy, and {} % without augmentation. |",
     lambda: [within(added(), LIVE, NONE, verdict="equivalent"), by(added(), LIVE, NONE, LOSS, "better"),
              *(share(added(), method, "changed_mirror") for method in (LIVE, COPY, NONE))]),
    (C, "a mirror changed {} % of the answers without augmentation, {} % after one copy, and {} % live. With "
     "2,048 garments it did not, in the same network.†",
     lambda: [share(added(), method, "changed_mirror") for method in (NONE, COPY, LIVE)] if copy_taught_no_mirror() else []),
    (R, "*Worse* by {} points. (The 1.0 foretold", lambda: [within(added(), COPY, NONE, verdict="worse")]),
    (R, "They are *better*: by {} points and by {} in loss.",
     lambda: [within(added(), EIGHT, LIVE, verdict="better"), by(added(), EIGHT, LIVE, LOSS, "better")]),
    (R, "{} and {} points, where we expected 0.5 and 1.",
     lambda: [by(photographs(part), LIVE, NONE, verdict="better") for part in (WHOLE, UPPER)]),
    (R, "One copy is worse than no augmentation. | *held* | {} and {} points.",
     lambda: [cost(photographs(part), COPY, NONE) for part in (WHOLE, UPPER)]),
    (R, "{} and {} %, and {} %.",
     lambda: [share(photographs(part), COPY, "own_accuracy") for part in (WHOLE, UPPER, SCRATCH)]),
    (R, "One copy was worse by {} points, and live {} in loss. In accuracy live was {}.",
     lambda: [cost(photographs(HEAD), COPY, NONE), *(word(photographs(HEAD), LIVE, NONE, m) for m in METRICS)]),
    (R, "{} and {} points, in networks that are right about {} %.",
     lambda: [*gains_and_loses(photographs(SCRATCH)), share(photographs(SCRATCH), NONE)]),
    (README, "live gained {} points over no augmentation, and one saved copy in place of each image lost {} (",
     lambda: gains_and_loses(photographs(WHOLE), within)),
    (README, "one saved copy lost {} points |", lambda: [within(photographs(HEAD), COPY, NONE, verdict="worse")]),
    (L0, "gained {} points by live over no augmentation and lost {} by one copy",
     lambda: gains_and_loses(photographs(WHOLE))),
    (Y, "gained {} points by live over no augmentation, and lost {} by one copy",
     lambda: gains_and_loses(photographs(WHOLE))),
    (Y, "from scratch {} % was right, fine-tuned {} %",
     lambda: [share(photographs(part), LIVE) for part in (SCRATCH, WHOLE)]),
    (Y, "and one copy lost {} points.", lambda: [cost(photographs(HEAD), COPY, NONE)]),
    (R, "a mirror changes {:.0f} points more of its answers, where we expected as many. If changed answers grew "
     "and shrank with errors, one copy would have {} % of them, as it has, and live {}, where it has {}.",
     mirrored_by_errors),
    # The front page and its three lines
    (README, "No augmentation: {}%, {}%, {}%. 1 copy: {}%, {}%, {}%. 4 copies: {}%, {}%, {}%. Live: {}%, {}%, {}%.",
     lambda: share_figure.numbers().to_numpy().ravel().tolist()),
    (README, "right about {} copy, and about {} % of the originals behind them. Live it was right about {} %",
     lambda: ["every" if share(front_page(), COPY, "final_shown_accuracy") == "100" else "not every",
              *(share(front_page(), method, "final_own_accuracy") for method in (COPY, LIVE))]),
    (README, "a mirror changed {} % of the answers about new images, more than without augmentation. Live it changed "
     "{} %.", lambda: [share(front_page(), method, "changed_mirror") for method in (COPY, LIVE)]),
    (README, "right about {} % of new images, {} % without augmentation, {} % with one saved copy (each ± {})",
     lambda: [*(share(front_page(), method, "final_new_accuracy") for method in (LIVE, NONE, COPY)),
              max(half(front_page(method=method)["final_new_accuracy"], 0) for method in (LIVE, NONE, COPY))]),
    (README, "on {} other tasks the copy lost {} to {} points, not {:.0f} |", copies_cost_elsewhere),
    (README, "with the ranges and the network of the article that this series began with, live lost {} points to no "
     "augmentation, and on one of five splits of the solar cells, after 3,000 updates, {}.",
     lambda: [cost(articles(), LIVE, NONE)]
     + [by(runs, LIVE, NONE) for runs in map(fold, range(4)) if word(runs, LIVE, NONE) == "worse"]),
    # Conclusions
    (C, "One copy ended *worse* in loss than no augmentation with {}, but *equivalent* with {}, and on solar "
     "cells it was not always worse. Where copies were only mirrored, or 128 images moved by whole pixels, it was "
     "*undecided*.", one_copy),
    (C, "One copy beside the originals was {} in loss than two in their place", original_and_copy),
    (C, "Sixteen copies in place of each image cost at most {} points",
     lambda: [percent(-chosen("first in ('copies-16', 'pool-16') and second == 'live' and metric == 'val_accuracy'")
                      ["mean"].min(), 1)]),
    (C, "live was *better* in {} comparisons. By Holm's correction {} of them remain.", holm),
    (C, "one copy ended {} above live in loss, and temperature scaling leaves {} of it",
     lambda: [by(g128(), LIVE, COPY, metric, "better") for metric in (LOSS, "val_loss_scaled")]),
    (C, "With 512 garments live was {} than no augmentation by {} points after 500 updates, and {} by {} points after "
     "3,000.", lambda: [*both(g512(500), LIVE, NONE), *both(g512(), LIVE, NONE)]),
    (C, "With 2,048 garments it was {} after 1,000 updates, and {} after 3,000.",
     lambda: [one(word(tables.runs("garments", 2048, u), LIVE, NONE, m) for m in METRICS) for u in (1000, 3000)]),
    (C, "shrinks the gap to live from {} to {}, but in the residual network only from {} to {}.",
     lambda: [by(runs, COPY, LIVE, m) for runs in (g512(), residual()) for m in (LOSS, "val_loss_stopped")]),
    (C, "On our split of the cells, both stopped, one copy and no augmentation were {} to live in loss.",
     lambda: [one(word(tables.runs("solar-cells", n), LIVE, method, "val_loss_stopped")
                  for n in (128, 512) for method in (COPY, NONE))]),
    (C, "sixteen copies were {} to live in the small network at the usual learning rate. With 128 garments they were "
     "worse by {} in loss, and in the residual network by {}.†",
     lambda: [one(word(tables.runs("garments", n), "copies-16", LIVE, m) for n in (512, 2048) for m in METRICS),
              *(cost(runs, "copies-16", LIVE, LOSS) for runs in (g128(), residual()))]),
    (C, "about {:.1f} times as much of the processor with our `RandomAffine`, and {:.1f} times with "
     "`ImageDataGenerator`, on one core.",
     lambda: [(step_times()[augmenter] / step_times()["static"]).median()
              for augmenter in ("RandomAffine in the model", "ImageDataGenerator")]),
    (C, "a quarter was better in loss than full live in {} of {} registered settings, the residual network among them, "
     "and equivalent in the others.", a_quarter),
    (C, "Half was worse in {} of those six.", lambda: [COUNTS[sum(unchanged("live-1/2")["word"] == "worse")]]),
    (C, "On two of four other splits one copy had a *lower* loss than no augmentation, by {} ({}) and {} (in each of "
     "five pairs). Live was better than no augmentation in loss on {} splits, undecided on {}, and worse on {}, where "
     "it also lost {} points of accuracy.", other_splits),
    (C, "On 512 cells it was {} than originals + 4 by {} points. Live that showed as many originals was {} there.",
     lambda: [*both(tables.runs("solar-cells", 512), LIVE, "originals+4"),
              one(word(tables.runs("solar-cells", 512), "live-4/5", "originals+4", m) for m in METRICS)]),
    (C, "With brightness and contrast alone, one copy was {} to live in accuracy.",
     lambda: [word(tables.law_runs(8, policy="photometric"), COPY, LIVE)]),
    (C, "live was worse than no augmentation by {} points in the small network, and worse than originals + 4 copies by "
     "{} points.† On cells the same policy was {} than our own.",
     lambda: [cost(articles(), LIVE, NONE), cost(articles(), LIVE, "originals+4"), articles_on_cells()]),
    (C, "four copies ended {} above live in loss, and temperature scaling leaves {} of it.",
     lambda: [by(tables.other_runs("deeper"), LIVE, "copies-4", m, "better") for m in (LOSS, "val_loss_scaled")]),
    (C, "one copy ended {} above live in loss.",
     lambda: [by(tables.other_runs(rate="decay"), LIVE, COPY, LOSS, "better")]),
    # Six earlier questions
    (R, "None of their {:,} runs was dropped; {} of them stand in two rows.",
     lambda: [len(registered()), registered().drop(columns=["row", "threads", "seconds"]).duplicated().sum()]),
    (R, "It made them {} and {} points fewer.",
     lambda: [percent(-nudged(n, "changed_pixel").mean(), 1) for n in (128, 512)]),
    (G, "held (−{} points with 128 garments, −{} with 512). The second **failed** at both (−{} and −{} points).",
     lambda: [f"{percent(-d.mean(), 1)} ± {half(d)}" for column in ("changed_mirror", "changed_pixel")
              for d in (nudged(128, column), nudged(512, column))]),
    (R, "off by a factor of {}, and {} to {} times too low in the residual network with 512 garments.", a_kth),
    (R, "by a factor of {3}. It judged {1} of {0} stores rightly, “always yes” {2}.", lambda: scored("the halving")),
    (R, "In loss in each of {} settings.", three_x),
    # Lessons
    (L0, "In each of these {} runs one copy is below no augmentation, and in {} of all {} that we made.",
     copy_below_none),
    (L4, "it was behind in {1} runs of {2}.", copy_below_none),
    (MONDAY, "In {1}. The figure has {0} of them, and there it always is.", copy_below_none),
    (MONDAY, "Of the sixty runs {1} said the opposite.", copy_below_none),
    (L0, "without augmentation as many answers change ({} % with either, as a mean of twenty runs).",
     lambda: [one(f"{100 * mild_128().groupby('method')['changed_mirror'].mean()[method]:.0f}" for method in (NONE, COPY))]),
    (L0, "One copy costs this network {} points against no augmentation, and {} against live.",
     lambda: [points(front_page(), COPY, other) for other in (NONE, LIVE)]),
    (L2, "that copies help, by almost {} points. With the third, that they do harm, by as much.",
     lambda: [COUNTS[one(np.ceil(100 * differences(g128(), "copies-4", NONE, ACCURACY)[[0, 2]] * [1, -1]))]]),
    (L2, "By accuracy four copies win {} of {} pairs, as a coin would. By loss they win {} of {}.", pairs_won),
    (L2, "By loss four copies are *{}* than no augmentation. By accuracy they are *{}*: single pairs swing by three "
     "points, but the interval of the mean goes from {} to {} points.", twenty_pairs_judged),
    (L3, "on such batches, on {1} sets of garments for {0} updates",
     lambda: [one(tables.table("clustered-batches")["updates"]),
              COUNTS[tables.table("clustered-batches")["replicate"].nunique()]]),
    (L3, "The costs are those of one {} network, {} garments and {} updates.",
     lambda: [one(tables.table("clustered-batches")[column]) for column in ("model", "n", "updates")]),
    (L3, "two were *{}* to one, and four were *{}*.", lambda: [clustered(LIVE, f"{n}-draws") for n in (2, 4)]),
    (L3, "Both {} accuracy.",
     lambda: [{"worse": "cost"}[one(
         word(by_policy("clustered-batches", method), fault, "mild")
         for method, fault in (("pool-16", "buffer-of-8"), ("pool-16", "side-by-side"), (LIVE, "one-draw")))]]),
    (L4, "Between updates 500 and 3,000, their loss on new garments {}.", doubles),
    (L4, "On the other half it takes away over {} % of the rise", rise_that_a_temperature_takes),
    (L5, "One copy costs the small network {} points and the ResNet-8 {}. “3x” costs the ResNet-8 {}, and eight copies "
     "still cost it {}.",
     lambda: [points(g512(), COPY, LIVE), points(row(6, n=512), COPY, LIVE), three_x()[1],
              points(row(6, n=512), "copies-8", LIVE)]),
    (L5, "In the same memory the original is {} than a second copy.", original_and_copy),
    (L5, "The rule promised too {} after the first doubling, and was {} after the next two.", halving_by_lot),
    (L5, "not once: of all {} registered stores it said rightly", lambda: [one(scored("the halving")[:2])]),
    (L5, "In {} of {} the first doubling gained nothing, and yet its two copies were {} points of accuracy below live.",
     first_doubling),
    (L6, "A network is right about {} % of those.", leaky),
    (L7, "{} points early, and more than one at the end.\") The layers were behind in each of {} pairs.",
     behind_affine),
    (L7, "The generator was {} to `RandomAffine`",
     lambda: [one(word(from_tool("image-data-generator", u), LIVE, "affine", m)
                  for u in tables.BUDGETS for m in METRICS)]),
    (L8, "no augmentation by {} points and live by {}. Both are *{}* by the rule", ahead_on_our_split),
    (L8, "(After 3,000 updates instead of 400 it is {} or {} points less accurate.)",
     lambda: [COUNTS[number] for number in sorted(above_the_meter(None)[1].round())]),
    (L8, "On {} of the {} other splits is a network better:", ahead_on_other_splits),
    (L8, "Calling all cells sound is right for {} %, and calling the dark ones defective for {} %.",
     lambda: [*all_sound(), percent(light_meter(subset(load_solar_cells(), 512)))]),
    (L9, "At {} updates live is {} points behind no augmentation, and after {} it is {} points ahead.", short_and_long),
    # Companions
    (STORES, "by {} in loss and {} points, and {} than the four copies alone.",
     lambda: [*(cost(on_top(), "pool-4+live", LIVE, m) for m in METRICS), word(on_top(), "pool-4+live", "pool-4")]),
    (STORES, "the store is *{}* to live in loss and in accuracy. Four copies that stay are {}.",
     lambda: [one(word(on_top(), method, LIVE, metric) for metric in METRICS) for method in ("fresh-4-10", "copies-4")]),
    (STORES, "“3x” costs the small network less than a point of accuracy, and the residual network {1}.", three_x),
    (STORES, "and then for {} epochs on 512",
     lambda: [tables.table("law").query("regime == 9")["update"].max() * 32 // 512]),
    (STORES, "the originals with four copies are {} points more accurate than live",
     lambda: [by(tuned(), "originals+pool-4", LIVE, verdict="better")]),
    (STORES, "With frozen features no store is {} than live by the margin in loss.",
     lambda: ["worse" if set(chosen("model == 'residual-frozen' and metric == 'val_loss' and fair")["word"])
              == {"equivalent"} else "better"]),
    (STORES, "and live was {} accurate than no augmentation.",
     lambda: [{"worse": "less"}[word(frozen(), LIVE, NONE)]]),
    (OVER, "one copy is {} points behind live after 500 updates, and {} after 3,000.",
     lambda: [cost(g128(updates), COPY, LIVE) for updates in (500, 3000)]),
    (OVER, "four copies won {} pairs by loss and {} by accuracy.",
     lambda: ["all" if pairs_won()[2:] == (20, 20) else "some", "fewer than half" if pairs_won()[0] < 10 else "half"]),
    (OVER, "In the residual network about {} of the gap stays after scaling, and stopping removes {}.", residual_parts),
    (OVER, "One copy has less than half the gap, and a loss that is higher by {},",
     lambda: [cost(g512(), COPY, NONE, LOSS)] if gap_to_its_own(COPY) < gap_to_its_own(NONE) / 2 else []),
    (POLICY, "A quarter is *better* in the residual network, by {} in loss and {} points of accuracy.",
     lambda: [by(row(3), "live-3/4", LIVE, metric, "better") for metric in METRICS]),
    (POLICY, "the article's policy costs its network, our small one, {} points after 3,000 updates. With half of the "
     "images unchanged it costs {}, and in the deeper network hardly anything ({} points, *{}*)",
     lambda: [cost(articles(), LIVE, NONE),
              "nothing" if word(articles(), "live-1/2", NONE) in ("better", "equivalent") else "something",
              *both(articles("deeper"), LIVE, NONE)[::-1]]),
    (POLICY, "In loss mild is *{}* than each other policy, and in accuracy it is *{}* than the flip.",
     lambda: [one(word(by_policy("policies"), "mild", other, LOSS)
                  for other in set(tables.table("policies")["policy"]) - {"mild"}),
              word(by_policy("policies"), "mild", "flip")]),
    (CELLS, "it ends at {:.2f}, where it is {:.2f} with all cells augmented.",
     lambda: [tables.law_runs(11, method=LIVE, model="small", policy=policy)["shown_loss"].mean()
              for policy in ("cells-rare", "cells")]),
    (BLUR, "In `tf.data` an update takes about {} more than in the model.", in_the_data),
    (BLUR, "the process grew by {} with live in the model than with the stored originals, and by {} times as much with "
     "four copies.", in_memory),
    (BLUR, "about as fast as OpenCV's bare resampling, and about {} times as fast as the generator.", how_fast),
    # Other pages
    (M, "an accuracy of {} % in training, as if the task were hard. On new garments, unchanged, it was {} %. Images of "
     "0 to 255 with `rescale=1/255` led to {} %.",
     lambda: [share(by_policy("flow-ranges"), f"brightness-of-{top}", column)
              for top, column in ((1, "shown_accuracy"), (1, ACCURACY), (255, ACCURACY))]),
    (M, "that cost {} points of accuracy",
     lambda: [round(float(cost(by_policy("save-to-dir", "pool-4"), "save-to-dir", "in-memory")))]),
    (G, "it took {} copies of 128 garments to come within 0.02 of live's loss, {} of 512, and {} of 512 cells,",
     lambda: [copies_needed(*key) for key in (("garments", 128), ("garments", 512), ("solar-cells", 512))]),
    (G, "Live on 128 garments was worth {} garments without augmentation in loss, but {} in accuracy",
     lambda: [images_worth(128, 3000, metric) for metric in METRICS]),
    (G, "After 500 updates live on 512 was worth fewer than {}.",
     lambda: [max(int(images_worth(512, 500, metric).split()[-1]) for metric in METRICS)]),
    (G, "With it one copy ended {} above live in loss, with `RandomAffine` {}, and whether these differ is *{}*.",
     by_two_augmenters),
    (G, "which on garments was *{}* than sideways.",
     lambda: [one(word(by_policy("flow-ranges"), "width-shift", "height-shift", metric) for metric in METRICS)]),
    (G, "two draws of each image in a batch were *{}* to one, and four and eight *{}*, in loss and in accuracy.",
     lambda: [clustered(LIVE, "2-draws"), clustered(LIVE, "4-draws", "8-draws")]),
    ("docs/teaching/misconceptions.md", "but not with {1}, nor on all solar cells.", one_copy),
    (SHEETS, "Calling all cells sound is right for {} %", all_sound),
    (WORDS_JS, "on the originals is {} % with 1 copy and {} % live: 1 copy is worst in all {}. On new garments "
     "it is {} % without augmentation, {} % with 1 copy and {} % live: 1 copy is worst in {}.",
     twenty_runs_of_the_page),
    (WORDS_JS, "a mirror changes {} % of the answers without augmentation, {} % with 1 copy and {} % live.",
     lambda: [share(mild_128(updates=3000), method, "changed_mirror", 1) for method in (NONE, COPY, LIVE)]),
    (WORDS_JS, "behind no augmentation by {} points after 1,000 updates, and ahead by {} points after 3,000.",
     lambda: [by(g512(updates), LIVE, NONE) for updates in (1000, 3000)]),
    ("docs/explorer.md", "a standard deviation of {} points without augmentation, {} with 1 copy and {} live.",
     lambda: [percent(g128(1000).query("method == @method")[ACCURACY].std(), 1) for method in (NONE, COPY, LIVE)]),
    (Y, "the loss rose from {} to {} while accuracy stayed at {} %, and one temperature brought it to {}.",
     before_and_after),
    (Y, "here it was still less accurate after {} epochs of 512 garments.",
     lambda: [500 * 32 // 512 if word(g512(500), LIVE, NONE) == "worse" else 0]),
    (Y, "{} % where {} % of new garments were right (128 garments, 16 copies, a deeper network).", leaky),
    (Y, "live was *worse* than live on the originals, by {} points of accuracy, and *worse* than the copies alone, by "
     "{} point (512 garments).",
     lambda: [cost(on_top(), "pool-4+live", other).removesuffix(".0") for other in (LIVE, "pool-4")]),
]  # fmt: skip


def cells_of(page):
    cells = json.loads((ROOT / page).read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


@functools.cache
def text_of(page):
    """A page with its white space made one; of a notebook all cells."""
    text = cells_of(page) if page.endswith(".ipynb") else (ROOT / page).read_text(encoding="utf-8")
    if page.endswith(".js"):  # strings over several lines
        text = re.sub(r'" \+\s+"', "", text).replace("\\u00a0", " ")
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(("page", "sentence", "values"), SAID, ids=[sentence[:50] for _, sentence, _ in SAID])
def test_the_page_says_what_the_rows_say(page, sentence, values):
    found = values()
    filled = sentence.format(*found) if isinstance(found, (list, tuple)) else sentence.format(**found)
    assert filled in text_of(page), f"{page} does not say: {filled} (change the page, or the sentence in SAID)"


def test_no_page_offers_originals_and_eight_copies_now_that_they_are_worse_as_was_registered():
    pages = [README, *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")), L0, L5, L9]
    assert registered_without_eight()
    assert [page for page in pages if re.search("keep the originals (with|and) eight", text_of(page))] == []


def test_the_tables_are_those_of_the_rows():
    assert (RESULTS / "tables.md").read_text(encoding="utf-8") == tables.page()
    assert "\n".join(tables.residual()) in (ROOT / C).read_text(encoding="utf-8")
    stored = pd.read_csv(RESULTS / "cost-of-stores.csv", index_col="points below live")
    pd.testing.assert_frame_equal(stored, tables.cost_of_stores().round(2))


def test_live_knows_its_own_originals_better_than_one_copy_in_every_setting():
    own = ends().pivot_table("train_accuracy", [*KEYS, *WAYS], "method").dropna(subset=[COPY, LIVE])
    assert len(own) and (own[LIVE] > own[COPY]).all()
