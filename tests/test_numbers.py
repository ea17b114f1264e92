"""Numbers in sentences that stored rows or a lesson's code decide. (Tables in pages are made by ``make tables``.)

``numbers.csv`` holds each by the few words around it, a phrase a line: ``page``, ``words`` with ``{}``, the ``rows``
that it is from, and the ``values`` in the place of each ``{}``. Without rows it is a function below, with its argument.
"""

import functools
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import share_figure
from scipy import stats

from helpers.augment import RandomAffine
from helpers.compare import summarise
from helpers.data import (
    RESULTS,
    load_solar_cells,
    load_solar_cells_fold,
    read_results,
    read_runs,
    subset,
)
from helpers.policies import POLICIES
from helpers.stats import measure_of, paired_interval, paired_verdict
from make_tables import pages, registered, verdicts
from make_tables.verdicts import pairs, read, select

ROOT = Path(__file__).resolve().parent.parent
LESSONS = [
    *sorted(ROOT.glob("notebooks/0*.ipynb")),
    *sorted(ROOT.glob("notebooks/going_deeper/*.ipynb")),
]
TEXTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")), ROOT / "docs/page/words.js"]
PAGES = {path.stem: path for path in [*LESSONS, *TEXTS]}
SAID = pd.read_csv(Path(__file__).with_name("numbers.csv"), keep_default_na=False)


def cells_of(page, kind):
    """The text or the code of a notebook; of another page all that it has."""
    if PAGES[page] not in LESSONS:
        return text_of(page)
    cells = json.loads(PAGES[page].read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == kind)


def alternative_texts(notebook):
    """What the figures of a notebook show, in words, from the metadata of their cells."""
    about = [cell["metadata"].get("mystnb") for cell in notebook["cells"]]
    return [one["image"]["alt"] for one in about if one]


@functools.cache
def text_of(page):
    """A page with its white space made one, of a notebook texts and alternative texts; also a file, by its path."""
    path = PAGES.get(page, ROOT / page)
    text = path.read_text(encoding="utf-8")
    if path in LESSONS:
        text = "\n\n".join([cells_of(page, "markdown"), *alternative_texts(json.loads(text))])
    if path.suffix == ".js":  # strings over several lines
        text = re.sub(r'" \+\s+"', "", text).replace("\\u00a0", " ")
    return re.sub(r"\s+", " ", text)


# A value of some rows


@functools.cache
def rows(source):
    """Runs of a stored table, as in "study dataset=garments n=512"; cut "until=500", or the evaluation "at=500", or
    "at=best", each run's lowest validation loss.
    """
    name, *settings = source.split()
    when, _, update = settings[-1].partition("=") if settings else ("", "", "")
    if when not in ("until", "at"):
        return select(read(name), " ".join(settings))
    curves = read_results(RESULTS / f"{name}.csv")
    columns = [word.partition("=")[0] for word in settings[:-1]]
    curves = select(curves.astype(dict.fromkeys(columns, str)), " ".join(settings[:-1]))
    if update == "best":
        return curves.loc[curves.groupby(["method", "replicate"])["val_loss"].idxmin()]
    if when == "at":
        return curves[curves["update"] == int(update)]
    return summarise(curves[curves["update"] <= int(update)])


def value(source, said):
    """Such as "mean live accuracy", or of a difference "mean live none accuracy": in points, losses in nats.

    "half" is that of its interval, "high" the upper end, "sd" the standard deviation, and "won" in how many pairs the
    first has the higher value. Methods as in ``verdicts.pairs``, with ``:`` for a space.
    """
    runs = rows(source)
    what, *methods, measure = said.split()
    measure = {"loss": "val_loss", "accuracy": "val_accuracy"}.get(measure, measure)
    if measure not in runs:
        measure = measure.replace("val_", "new_")
    names = [method.replace(":", " ") for method in methods]
    values = select(runs, f"method={names[0]}")[measure]
    if len(names) == 2:
        values = pairs(runs, *names, measure)
    if what == "won":
        return sum(values > 0)
    mean, _, high = paired_interval(values)
    number = {"mean": mean, "half": high - mean, "high": high, "sd": values.std()}[what]
    return number if "loss" in measure else 100 * number


# What takes more than that


def picture():
    return tuple(share_figure.numbers()[share_figure.MEASURES].to_numpy().ravel())


def sixteen_beside(said):
    """What originals and sixteen copies cost at most against live, in all tasks of the study."""
    live, what = said.split() if " " in said else (said, "mean")
    tasks = [f"study dataset={dataset} n={n}" for dataset, n in pages.TASKS]
    return max(value(task, f"{what} {live} originals+16 accuracy") for task in tasks)


def sixteen_in_place():
    """What sixteen copies in place of each image cost at most against live, in all settings that have both: under the
    article's ranges the mean and the upper end of its interval, under milder changes the same, and the highest upper
    end of all."""
    found = []
    for name in ("study", "law", "freeze-or-renew", "static-versus-live", "solar-cells"):
        runs = read(name)
        settings = [column for column in runs.loc[:, :"replicate"] if column != "replicate"]
        settings.remove("method")
        for _, part in runs.groupby(settings):
            for copies in {"copies-16", "pool-16"} & set(part["method"]):
                if "live" in set(part["method"]):
                    cost = paired_interval(pairs(part, "live", copies, "val_accuracy"))
                    found.append((100 * cost.mean, 100 * cost.high))
    strong = []
    for pair in registered.ARTICLE_PAIRS:
        runs = rows(f"length-and-return dataset={pair} epochs=160")
        cost = paired_interval(pairs(runs, "live", "copies-16", "test_accuracy"))
        strong.append((100 * cost.mean, 100 * cost.high))
    return *max(strong), *max(found), max(high for _, high in found)


def part_of_live(classes):
    """By which part of live's fall one copy lowers the answers that a flip changes, question 7 with 6,144 images."""
    runs = rows(f"one-copy-mirror n=6144 updates=2560 classes={classes}")
    copy = pairs(runs, "none beside=copies-1", "copies-1 beside=none", "changed_mirror").mean()
    live = pairs(runs, "none beside=live", "live beside=none", "changed_mirror").mean()
    return 100 * copy / live


def taught(measure):
    """By which part of live's fall one stored state lowers changed answers in question 4, at least and at most, in
    per cent."""
    shares = []
    for _, runs in read("coverage").groupby(["dataset", "model", "n"]):
        none = select(runs, "method=none")[measure].mean()
        copy = select(runs, "method=copies-1 policy=states draw=own")[measure].mean()
        live = select(runs, "method=live")[measure].mean()
        shares.append(100 * (none - copy) / (none - live))
    return min(shares), max(shares)


def mistakes_alone():
    """Answers of the ResNet that a flip would change after one copy and live if they grew and shrank with mistakes
    alone, and those that it does change live, in per cent."""
    runs = rows("freeze-or-renew row=2 policy=mild draw=per_image")
    runs = runs.pivot(index="replicate", columns="method")
    changed = 100 * runs["changed_mirror"]
    mistakes = 1 - runs["final_new_accuracy"]
    per_mistake = changed["none"] / mistakes["none"]
    expected = [(per_mistake * mistakes[method]).mean() for method in ("copies-1", "live")]
    return *expected, changed["live"].mean()


def within(question=None):
    """How many numbers were predicted of a question, or of all, and how many lie in the observed interval."""
    lines = verdicts.observed(question)
    return len(lines), verdicts.in_interval(lines)


def scored(question=None):
    """How many differences of a question, or of all, are scored."""
    return verdicts.scores(verdicts.observed(question))["scored"]


def came_true():
    """In how many scored differences the predicted verdict came true."""
    return verdicts.scores(verdicts.observed())["predicted"]


def failed():
    """How many registered predictions were wrong, and how many are scored."""
    return scored() - came_true(), scored()


def stored_batches():
    """By how much, in per cent, two images of a stored batch differ more or less than live's, at most."""
    cells = read("article").groupby(["dataset", "n", "epochs", "method"])
    cells = cells["batch_distance"].mean().unstack()
    return 100 * cells.drop(columns="none").div(cells["live"], axis=0).sub(1).abs().max(axis=None)


@functools.cache
def worth(pair, contrast):
    """A contrast of question 9, in points, with half of its interval; a tie is rounded as in tables."""
    line = registered.judge(9).set_index(["task", "contrast"]).loc[pair, contrast]
    return round(100 * abs(line["observed"]), 9), 100 * line["half"]


def came_again(said):
    """What it cost that copies come again, as in "cats-dogs 8"."""
    pair, copies = said.split()
    return worth(pair, f"return, {copies}")


def lengths_of_sixteen():
    """What length was worth with sixteen copies, at least and at most, in points."""
    found = [worth(pair, "length, 16")[0] for pair in registered.ARTICLE_PAIRS]
    return min(found), max(found)


def split(pair):
    """Of sixteen copies: length, what coming again cost, and both together."""
    return worth(pair, "length, 16") + came_again(f"{pair} 16") + worth(pair, "as written, 16")


def strength(said):
    """Question 10, as "cats-dogs residual half - none": the difference in points, at 1,500 updates, and its half; of
    "whole" that of the article's ranges minus none at the lengths that validation chooses."""
    task, network, contrast = said.split(maxsplit=2)
    chosen = "article - none, chosen lengths"
    name = chosen if contrast == "whole" else f"{contrast}, 1500 updates"
    line = registered.judge(10).set_index(["task", "contrast"]).loc[(f"{task}, {network}", name)]
    return 100 * abs(line["observed"]), 100 * line["half"]


def eight(said):
    """A contrast of question 8, as "cifar10 images", in points, with half of its interval."""
    source, contrast = said.split(maxsplit=1)
    line = registered.judge(8).set_index(["task", "contrast"]).loc[source, contrast]
    return 100 * abs(line["observed"]), 100 * line["half"]


def times_as_many(source):
    """Question 8: how many times as many images live is worth, with the ends of its interval."""
    return registered.factor(source)


def sum_of_eight(said):
    """Question 8, as "fashion live:512 -none:512", a sum of accuracies with these numbers of images, each trained as
    long as validation chooses, in points, and half of its interval."""
    source, *parts = said.split()
    terms = []
    for part in parts:
        method, n = part.removeprefix("-").split(":")
        cell = {"dataset": source, "method": method, "n": int(n)}
        lengths = (1920, 5760) if n == "4608" else (640, 1920, 5760)
        chosen = registered.chosen_length(8, cell, lengths)
        terms.append((-1 if part.startswith("-") else 1, cell | {"updates": chosen}))
    line = registered.observed(8, registered.Contrast(source, "", "", tuple(terms)))
    return 100 * abs(line["observed"]), 100 * line["half"]


def twice_labelled(said):
    """Question 8: what twice as many images as 1,536 gain, as in "cifar10 live", by log interpolation to 4,608, in
    points, and half."""
    source, method = said.split()
    most = sum_of_eight(f"{source} {method}:4608 -{method}:1536")
    return tuple(registered.TWICE * value for value in most)


def gains(source):
    """Question 8: what live gains with 512, 1,536 and 4,608 images, in points, as long as validation chooses."""
    return tuple(sum_of_eight(f"{source} live:{n} -none:{n}")[0] for n in (512, 1536, 4608))


def as_many_as(source):
    """Question 8: with how many images no augmentation is as accurate as live with 1,536, in hundreds."""
    return (round(1536 * registered.factor(source)[0], -2),)


def at_any_length():
    """Question 10: what the article's ranges gained in the ResNet at least, in points, whatever lengths are compared:
    pullovers and coats, cats and dogs."""
    rows = pd.read_csv(RESULTS / "strength.csv").query("network == 'residual'")
    means = 100 * rows.groupby(["dataset", "policy", "updates"])["test_accuracy"].mean()
    pairs = "pullovers-coats", "cats-dogs"
    return tuple(means[pair, "article"].min() - means[pair, "none"].max() for pair in pairs)


def above_the_flip():
    """Question 10: what a quarter, a half and the whole ranges gained on the flip alone in the ResNet, in points, at
    least."""
    rows = pd.read_csv(RESULTS / "strength.csv").query("network == 'residual' and updates == 1500")
    means = 100 * rows.groupby(["dataset", "policy"])["test_accuracy"].mean().unstack()
    stronger = means[["quarter", "half", "article"]]
    return (stronger.sub(means["flip"], axis=0).min(axis=None),)


def cells_in_long_training():
    """Question 10: the article's ranges minus none on solar cells after 4,500 updates, in points, and its half."""
    found = pd.read_csv(RESULTS / "evidence.csv").query(
        "question == '10' and source == 'solar cells' and updates == 4500"
    )
    return 100 * -found["accuracy"].item(), 100 * found["accuracy ±"].item()


@functools.cache
def holm():
    """How often live was *better* in the study, of how many, and how many of these Holm's correction leaves."""
    found = []
    for dataset, n in pages.TASKS:
        for other, (_, live) in pages.AGAINST.items():
            for measure in ("val_loss", "val_accuracy", "val_loss_scaled", "val_loss_stopped"):
                d = pairs(rows(f"study dataset={dataset} n={n}"), live, other, measure)
                better = paired_verdict(d, measure).verdict == "better"
                found.append((stats.ttest_1samp(d, 0).pvalue, better))
    found.sort()
    kept = next(i for i, (p, _) in enumerate(found) if p > 0.05 / (len(found) - i))
    better = [better for _, better in found]
    return sum(better), len(found), sum(better[:kept])


@functools.cache
def slower(copies="copies-4-equal"):
    """The least and the most processor time of live in the article's code, as a multiple of four copies'."""
    cells = read("article").groupby(["dataset", "n", "epochs", "method"])
    seconds = cells["processor_seconds"].mean().unstack()
    times = seconds["live"] / seconds[copies]
    return times.min(), times.max()


def behind_affine(said):
    """By how many points live with another tool is behind live with RandomAffine, with half of an interval, early and
    at the end, such as "keras-layers worse": a stored table, and the verdict that holds both times.
    """
    table, expected = said.split()
    ours = "static-versus-live policy=mild model=small rate=constant"
    found = []
    for cut in ("until=500", "until=3000"):
        accuracy = []
        for source in (ours, table):
            runs = select(rows(f"{source} {cut}"), "method=live")
            accuracy.append(runs.set_index("replicate")["val_accuracy"])
        interval, _, verdict = paired_verdict(accuracy[1] - accuracy[0], "val_accuracy")
        assert verdict == expected, f"{table} {cut} is {verdict}"
        found += [-100 * interval.mean, 100 * (interval.high - interval.mean)]
    return tuple(found)


def minutes_of_a_plan(source):
    """What eight runs each of three methods take: of the small network no augmentation, one copy and live."""
    runs = rows(source)
    column = "processor_seconds" if "processor_seconds" in runs else "seconds"
    runs = runs[runs["method"].isin(["none", "copies-1", "originals+pool-16", "live"])]
    return 8 * runs.groupby("method")[column].mean().sum() / 60


def below_none(said):
    """By how many points the article's augmentation, or a method of it, is below none, at least and at most."""
    dataset, *methods = said.split()
    runs = select(read("article"), f"dataset={dataset}")
    means = runs.groupby(["n", "epochs", "method"])["test_accuracy"].mean().unstack()
    none = means.pop("none")
    below = 100 * means.rsub(none, axis=0)[methods or means.columns]
    return below.min(axis=None), below.max(axis=None)


def states_met(images):
    """Of eighteen states how many a version meets that is drawn anew every eighteen epochs of 3,000 updates."""
    return 18 * (1 - (17 / 18) ** np.ceil(3000 * 32 / int(images) / 18))


def memory():
    """By how many MB a process grows live with ImageDataGenerator, with four copies and with one."""
    grown = read_runs(RESULTS / "peak-memory.csv").groupby("augmenter")["megabytes"].mean()
    return grown["ImageDataGenerator"], grown["static, 4 copies"], grown["static"]


def the_failed_run():
    """The ResNet's run that is worst with one copy where stopped: its updates and accuracy there, and by how much live
    leads one copy in the seven others, with half of its interval."""
    stopped = rows("law regime=1 n=512 at=best")
    worst = stopped.loc[stopped["val_accuracy"].idxmin()]
    assert worst["method"] == "copies-1"
    others = stopped[stopped["replicate"] != worst["replicate"]]
    mean, _, high = paired_interval(pairs(others, "live", "copies-1", "val_accuracy"))
    return worst["update"], 100 * worst["val_accuracy"], 100 * mean, 100 * (high - mean)


def shrinks(dataset):
    """By how many points live's lead over one copy shrinks if the small network is stopped: with half of its interval,
    and from and to what."""
    source = f"study dataset={dataset} n=512"
    end = pairs(rows(source), "live", "copies-1", "val_accuracy").rename(int)
    stopped = pairs(rows(f"{source} at=best"), "live", "copies-1", "val_accuracy")
    mean, _, high = paired_interval(end - stopped)
    return 100 * mean, 100 * (high - mean), 100 * end.mean(), 100 * stopped.mean()


def times_the_step(augmenter):
    steps = read_runs(RESULTS / "step-time.csv").query("cores == 1")
    steps = steps.pivot(index="round", columns="augmenter", values="cpu_milliseconds")
    return (steps[augmenter] / steps["static"]).median()


def margins():
    """Of loss, accuracy and answers that change."""
    accuracy = measure_of("accuracy").margin
    changed = measure_of("changed_").margin
    return measure_of("loss").margin, 100 * accuracy, 100 * changed


def repeated_rows():
    runs = read("freeze-or-renew")
    return len(runs), runs.drop(columns=["row", "threads", "seconds"]).duplicated().sum()


def sound(without=None):
    """New cells without a defect, of our split or of another, in per cent."""
    pytest.importorskip("elpv_dataset")  # `make check-solutions` installs it
    data = load_solar_cells_fold(int(without)) if without else load_solar_cells()
    return 100 * np.mean(data.y_val == 0)


def defective(without):
    return 100 - sound(without)


def worst_of_the_k_th():
    """The worst factor by which "K copies cost a K-th of one copy's gap" is off, where either exceeds the margin."""
    runs = read("freeze-or-renew").query("row in ('1', '4', '5', '6') and draw == 'per image'")
    runs = runs[(runs["policy"] == "mild") | (runs["row"] == "4")]
    factors = []
    for _, part in runs.groupby(["row", "dataset", "n", "rate", "batch", "policy"]):
        loss = part.groupby("method")["val_loss"].mean()
        gap = loss - loss["live"]
        for k in (2, 4, 8, 16):
            if f"copies-{k}" not in gap:
                continue
            expected, found = gap["copies-1"] / k, gap[f"copies-{k}"]
            if max(found, expected) > measure_of("loss").margin:
                factors.append(abs(np.log(expected / found)))
    return np.exp(max(factors))


@functools.cache
def light_meter(replicate):
    """Accuracy of "defective if too dark" with the best threshold for 512 training cells, in per cent."""
    pytest.importorskip("elpv_dataset")
    data = subset(load_solar_cells(), 512, int(replicate))
    dark, new = (1 - images.mean(axis=(1, 2, 3)) for images in (data.x_train, data.x_val))
    thresholds = np.linspace(0, 1, 201)
    right = [np.mean((dark > threshold) == data.y_train) for threshold in thresholds]
    return 100 * np.mean((new > thresholds[np.argmax(right)]) == data.y_val)


def above_the_meter(method):
    """Accuracy after 350 to 500 updates minus the light meter's on the same twenty sets of cells, in points."""
    runs = read_results(RESULTS / "solar-cells.csv")
    runs = runs.query("n == 512 and model == 'small' and policy == 'cells' and method == @method")
    stopped = runs.query("350 <= update <= 500")["val_accuracy"].mean()
    return 100 * stopped - np.mean([light_meter(replicate) for replicate in range(20)])


# The sentences


def filled(words, rows, values):
    if rows:
        found = tuple(value(rows, said) for said in values.split("; "))
    else:
        name, *argument = values.split(maxsplit=1)
        found = globals()[name](*argument)
    if not isinstance(found, tuple):
        found = (found,)
    return words.format(*found)


@pytest.mark.parametrize("line", SAID.index, ids=SAID["page"] + ": " + SAID["words"].str[:40])
def test_a_page_says_what_the_rows_say(line):
    page, words, *source = SAID.loc[line]
    pattern = r"[\d,.]*\d".join(map(re.escape, re.split(r"\{.*?\}", words)))
    said, expected = set(re.findall(pattern, text_of(page))), filled(words, *source)
    where = f"line {line + 2} of tests/numbers.csv"
    hint = f"change the page, or the words in {where}"
    assert said == {expected}, f"{page} says {said or 'nothing like it'}: {hint}"


# What a lesson's code sets

FIRST, OWN = "01_static_versus_live", "09_your_own_images"
CURVES = "03_overfitting_curves"
FAIR, COPIES = "04_a_fair_comparison", "06_how_many_copies"
SOLUTION = "notebooks/scripts/solutions/01_static_versus_live.py"
RELIED = [  # its code, the number in it, and what a page says because of it
    (FIRST, "epochs = {}", 256, SOLUTION, "n=128, epochs={}"),
    (FIRST, "n = {}", 128, SOLUTION, "n={}, epochs=256"),
    (FIRST, "Conv2D({}, 3, activation", 32, "helpers/model.py", "Conv2D({}, 3, activation"),
    (FIRST, "rotation_range={}, # up to", 5, "glossary", "turns up to {} degrees"),
    (FIRST, "width_shift_range=0.0{}, # up to", 5, "glossary", "shifts and zoom up to {} %"),
    (FIRST, "rotation_range={}, # up to", 5, "results", "turns by up to {} degrees"),
    (FIRST, "zoom_range=0.0{}, # up to", 5, "results", "moves and zooms by up to {} %"),
    (FIRST, "rotation_range={}, # up to", 5, "for-lecturers", "turn of up to {} degrees"),
    (FIRST, "rotation_range={}, # up to", 5, "docs/page/augment.js", "rotation: {}, shift: 0.05"),
    (FIRST, "ImageDataGenerator( rotation_range={}", 20, "glossary", "up to {} degrees and 20 %"),
    (FAIR, "for epoch in range({})", 100, FAIR, "A hundred epochs are joined"),
    (FAIR, "updates=400, replicates={}", 8, FAIR, "does the same for eight pairs"),
    (COPIES, "n=64, updates={}", 400, COPIES, "64 garments for 200 epochs"),
    (COPIES, "n=64, updates={}", 400, f"notebooks/scripts/{COPIES}.py", "[200, 100, 50]"),
    (
        CURVES,
        '"overfitting without augmentation": fit(few_x, few_y, {})',
        120,
        "for-lecturers",
        "128 garments for {} epochs",
    ),
    (
        CURVES,
        '"augmentation frozen": fit(copies, few_y, {})',
        120,
        "for-lecturers",
        "128 garments for {} epochs",
    ),
    (
        CURVES,
        '"too few updates": fit(few_x, few_y, {}, "mild")',
        12,
        "for-lecturers",
        "G on 128 for {}",
    ),
    (CURVES, "few_x, few_y = subset(garments, {})", 128, "for-lecturers", "B and H on {} garments"),
    (CURVES, "x, y = subset(garments, {})", 1024, "for-lecturers", "F on {:,} for 12"),
    (OWN, '"updates": {}', 200, "solar_cells", "patience for {} updates"),
    (OWN, '"updates": {}', 200, OWN, "At {} updates live is"),
    ("words", "const CLOSE = 0.0{} - 1e-9", 2, "explorer", "So nothing within {} points"),
]


@pytest.mark.parametrize(("lesson", "code", "number", "page", "words"), RELIED)
def test_a_page_relies_on_what_a_lesson_s_code_sets(lesson, code, number, page, words):
    said, line = words.format(number), code.format(number)
    hint = f"in {page} change {said!r}, then RELIED here"
    code_of_lesson = re.sub(r"\s+", " ", cells_of(lesson, "code"))
    assert line in code_of_lesson, f"{lesson} doesn't set {line!r} any more: {hint}"
    hint = f"though {lesson} sets it: change one, or RELIED here"
    assert said in text_of(page), f"{page} doesn't say {said!r}, {hint}"


def test_the_policy_of_lesson_01_is_the_mild_one():
    code = cells_of(FIRST, "code")
    call = re.search(r"^augment = RandomAffine(\([^()]*\))", code, re.MULTILINE)[1]
    ranges = eval(f"bind{call}", {"bind": inspect.signature(RandomAffine).bind}).arguments
    ranges.pop("seed", None)
    assert ranges == POLICIES["mild"]


# How many updates, epochs, images: those of a stored table or of the lesson's own code, anywhere

UNITS = "updates|epochs|garments|cells|images|pictures|photographs|versions|pixels|degrees|times|pairs|t-shirts"
COUNTED = re.compile(rf"(?<![\d.,/−+[-])(\d[\d,]*\d|\d)(?: [a-z]+)? (?:{UNITS})\b")
TYPICAL = {5, 28, 32}  # degrees of a policy, pixels, a batch
# What a page derives from such numbers, says of another source, or only imagines.
FREE = {
    "README": {94, 187},
    "06_how_many_copies": {11, 33, 188, 1700},
    "09_your_own_images": {300},
    "08_leaving_imagedatagenerator": {300},
    "in_pytorch": {28, 2000},
    "solar_cells": {200, 2624},
    "explorer": {250},
    "for-lecturers": {120},
    "find_your_symptom": {72, 94, 100, 188, 224},
    "migration": {180},
    "results": {2, 21, 96, 2000, 6300},
}


@functools.cache
def stored_numbers():
    wanted = {"n", "updates", "epochs"}
    tables = [pd.read_csv(path, usecols=wanted.__contains__) for path in RESULTS.glob("*.csv")]
    return set(pd.concat(tables).melt()["value"].dropna().astype(int))


@pytest.mark.parametrize("page", [path.stem for path in [*LESSONS, *TEXTS]])
def test_lengths_and_sizes_are_those_of_a_table_or_of_the_lesson(page):
    known = TYPICAL
    if PAGES[page] in LESSONS:
        typed = re.findall(r"(?<![\w.])\d+(?![\w.])", cells_of(page, "code"))
        known = {int(text) for text in typed}
    known = known | stored_numbers() | FREE.get(page, set())
    counted = COUNTED.finditer(re.sub(r"```.*?```", "", text_of(page)))
    others = [found[0] for found in counted if int(found[1].replace(",", "")) not in known]
    assert not others, f"no stored table and no code of the lesson has these (see FREE): {others}"


def test_no_page_offers_originals_and_eight_copies_which_a_registered_rule_forbids():
    offers = "[Kk]eep the originals (with|and) eight"
    assert [page for page in PAGES if re.search(offers, text_of(page))] == []
