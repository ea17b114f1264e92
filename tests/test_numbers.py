"""Numbers in pages that stored rows or a lesson's code decide.

Tables in pages are made by ``make tables`` (``test_tables.py``). Here are the numbers in sentences: ``SAID`` holds each
by the few words around it.
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

from experiments import pages, verdicts
from experiments.verdicts import pairs, read, select
from helpers.augment import POLICIES, RandomAffine
from helpers.compare import summarise
from helpers.data import load_solar_cells
from helpers.stats import judge, paired_interval
from helpers.tables import FOLDER, read_results

ROOT = Path(__file__).resolve().parent.parent
README, C, R, Y = "README.md", "docs/conclusions.md", "docs/results.md", "docs/find_your_symptom.md"
M, G, WORDS = "docs/migration.md", "data/results/registrations.md", "docs/page/words.js"
MONDAY, SHEETS, MISCONCEPTIONS = (f"docs/teaching/{name}.md" for name in ("monday", "run_sheets", "misconceptions"))
LESSONS = [f"notebooks/{path.name}" for path in sorted((ROOT / "notebooks").glob("0*.ipynb"))]
L0, L1, L2, L3, L4, L5, L6, L7, L8, L9 = LESSONS
DEEPER = [f"notebooks/going_deeper/{path.name}" for path in sorted((ROOT / "notebooks/going_deeper").glob("*.ipynb"))]
POLICY, BLUR, OVER, CELLS, STORES = DEEPER


# A value of some rows


@functools.cache
def rows(source):
    """Runs of a stored table, as in "study dataset=garments n=512"; cut "until=500", or the evaluation "at=500"."""
    name, *settings = source.split()
    when, _, update = settings[-1].partition("=") if settings else ("", "", "")
    if when not in ("until", "at"):
        return select(read(name), " ".join(settings))
    curves = read_results(FOLDER / f"{name}.csv").rename(columns={"arm": "method"})
    curves = select(curves.astype({"n": str}), " ".join(settings[:-1]))
    if when == "at":
        return curves[curves["update"] == int(update)]
    runs = summarise(curves[curves["update"] <= int(update)].rename(columns={"method": "arm"}))
    return runs.rename(columns={"arm": "method"})


def value(source, said):
    """The "mean" of a method's measure or of a difference, "mean FIRST SECOND MEASURE", "half" of its interval or its
    "high" end, its "verdict", the standard deviation "sd". In points, losses in nats. See ``verdicts.pairs``; in a
    method ``:`` stands for a space.
    """
    runs = rows(source)
    what, *methods, measure = said.split()
    measure = {"loss": "val_loss", "accuracy": "val_accuracy"}.get(measure, measure)
    if measure not in runs:
        measure = measure.replace("val_", "new_")
    first, *second = (method.replace(":", " ") for method in methods)
    values = pairs(runs, first, second[0], measure) if second else select(runs, f"method={first}")[measure]
    if what == "verdict":
        return judge(values, measure)[2]
    mean, _, high = paired_interval(values)
    number = {"mean": mean, "half": high - mean, "high": high, "sd": values.std()}[what]
    return number if "loss" in measure else 100 * number


# What takes more than that


def picture():
    return share_figure.numbers().to_numpy().ravel().tolist()


def sixteen_beside(live):
    """What originals and sixteen copies cost at most against live, in all tasks of the study."""
    tasks = [f"study dataset={dataset} n={n}" for dataset, n in pages.TASKS]
    return max(value(task, f"mean {live} originals+16 accuracy") for task in tasks)


@functools.cache
def holm():
    """How often live was *better* in the study, and how many of these verdicts Holm's correction leaves."""
    found = []
    for dataset, n in pages.TASKS:
        for other, (_, live) in pages.AGAINST.items():
            for measure in ("val_loss", "val_accuracy", "val_loss_scaled", "val_loss_stopped"):
                d = pairs(rows(f"study dataset={dataset} n={n}"), live, other, measure)
                found.append((stats.ttest_1samp(d, 0).pvalue, judge(d, measure)[2] == "better"))
    found.sort()
    kept = next(i for i, (p, _) in enumerate(found) if p > 0.05 / (len(found) - i))
    return sum(better for _, better in found), sum(better for _, better in found[:kept])


@functools.cache
def below_none():
    """In how many runs one copy is less accurate than no augmentation, of 128 garments in three tables."""
    tables = [("freeze-or-renew row=1 n=128 policy=mild draw=per_image", "final_new_accuracy"),
              ("coverage n=128 policy=mild", "new_accuracy"), (G128, "val_accuracy")]  # fmt: skip
    below = np.concatenate([pairs(rows(source), "none", "copies-1", measure) > 0 for source, measure in tables])
    return below.sum(), len(below)


def states_met(n):
    """Of eighteen states how many a version meets that is drawn anew every eighteen epochs of 3,000 updates."""
    return 18 * (1 - (17 / 18) ** np.ceil(3000 * 32 / n / 18))


def times_the_step(augmenter):
    steps = pd.read_csv(FOLDER / "step-time.csv").query("cores == 1")
    steps = steps.pivot(index="round", columns="augmenter", values="cpu_milliseconds")
    return (steps[augmenter] / steps["static"]).median()


def by_eight():
    scores = verdicts.scores(verdicts.observed("1"))
    return scores["always sixteen"], scores["scored"]


def sound():
    return 100 * np.mean(load_solar_cells().y_val == 0)


G128, G512 = "study dataset=garments n=128", "study dataset=garments n=512"
FRONT, ROW_1 = "freeze-or-renew row=2 policy=mild draw=per_image", "freeze-or-renew row=1 draw=per_image n="
RESIDUAL, FOLD, ON_TOP = "law regime=1 n=512", "law regime=7 dataset=solar-cells-without-", "law regime=3"
ARTICLE, DEEP = "static-versus-live model=small rate=constant", "static-versus-live model=deeper"
LEAKY, SIX = "split-after-augmenting n=128 model=deeper", "freeze-or-renew"
SHIRTS, COLOUR, ADDED = "originals-and-eight updates=3000", "colour", "addition"
WHOLE, UPPER, HEAD, SCRATCH = (
    f"photographs policy=crop model={model}" for model in ("lite0", "lite0-upper", "lite0-head", "residual-48")
)
LIVE_GAINS, COPY_COSTS = "mean live none accuracy", "mean none copies-1 accuracy"
WIDE_COSTS = "mean none:policy=mild live:policy=article accuracy"
COPY_LOSES, SCALED = "mean copies-1 live loss", "mean copies-1 live val_loss_scaled"
MIRRORED = [f"mean {method} changed_mirror" for method in ("none", "copies-1", "live")]
SAID = [
    # The front page
    (README, "augmentation: {:.0f}%, {:.0f}%, {:.0f}%. 1 copy: {:.0f}%, {:.0f}%, {:.0f}%. 4 copies: {:.0f}%, {:.0f}%, "
     "{:.0f}%. Live: {:.0f}%, {:.0f}%, {:.0f}%.", "", picture),
    (README, "and about {:.0f} % of the originals", FRONT, "mean copies-1 final_own_accuracy"),
    (README, "was right about {:.0f} % of the originals", FRONT, "mean live final_own_accuracy"),
    (README, "mirror changed {:.0f} %", FRONT, MIRRORED[1]),
    (README, "Live it changed {:.0f} %", FRONT, MIRRORED[2]),
    (README, "about {:.0f} % of new images", FRONT, "mean live final_new_accuracy"),
    (README, "{:.0f} % without augmentation, {:.0f} % with one saved copy (each ± {:.0f})", FRONT,
     *("mean none final_new_accuracy", "mean copies-1 final_new_accuracy", "half copies-1 final_new_accuracy")),
    (README, "the copy lost {:.1f} to", COLOUR, COPY_COSTS),
    (README, "to {:.1f} points, not", SHIRTS, COPY_COSTS),
    (README, "points, not {:.0f} |", FRONT, "mean none copies-1 final_new_accuracy"),
    (README, "live gained {:.1f} ± {:.1f} points", WHOLE, LIVE_GAINS, "half live none accuracy"),
    (README, "each image lost {:.1f} ± {:.1f}", WHOLE, COPY_COSTS, "half none copies-1 accuracy"),
    (README, "copy lost {:.1f} ± {:.1f} points |", HEAD, COPY_COSTS, "half none copies-1 accuracy"),
    (README, "at most {:.1f} points behind live", "", lambda: sixteen_beside("live")),
    (README, "eight ended {:.1f} behind", SHIRTS, "mean live originals+pool-8 accuracy"),
    (README, "live lost {:.1f} points to no augmentation", ARTICLE, WIDE_COSTS),
    (README, "updates, {:.1f}. And with", FOLD + "1", "mean none live accuracy"),
    (README, "eight copies gained {:.1f} points", ADDED, "mean originals+pool-8 live accuracy"),
    # Results
    (R, "meets {:.1f} of the 18", "", lambda: states_met(512)),
    (R, "with 128 images {:.1f}.", "", lambda: states_met(128)),
    (R, "1 copy −{:.1f} points, no augmentation −{:.1f}, 8 copies −{:.1f}, 9 copies −{:.1f}, originals and 8 copies "
     "−{:.1f}, live with a ninth unchanged +{:.1f}", SHIRTS,
     *(f"mean live {other} accuracy" for other in ("copies-1", "none", "pool-8", "pool-9", "originals+pool-8")),
     "mean live-8/9 live accuracy"),
    (R, "been right {} times of {}", "", by_eight),
    (R, "in loss by {:.3f} ± {:.3f}", SHIRTS, *(f"{what} originals+pool-8 live-8/9 loss" for what in ("mean", "half"))),
    (R, "*held*: {:.0f} and", WHOLE, "mean copies-1 own_accuracy"),
    (R, "and {:.0f} %, and", UPPER, "mean copies-1 own_accuracy"),
    (R, "%, and {:.0f} % |", SCRATCH, "mean copies-1 own_accuracy"),
    (R, "right about {:.0f} % |", SCRATCH, "mean none accuracy"),
    (R, "better by {:.3f} in loss. A", ADDED, "mean none live loss"),
    (R, "A mirror changes {2:.0f} % of its answers, {1:.0f} % after one copy, and {0:.0f} %", ADDED, *MIRRORED),
    (R, "of their {:,} runs was dropped; {} of them", "",
     lambda: (len(rows(SIX)), rows(SIX).drop(columns=["row", "threads", "seconds"]).duplicated().sum())),
    (R, "mirror changes {:.0f} points more", FRONT, "mean copies-1 none changed_mirror"),
    (R, "would have {:.1f} % of them", FRONT, MIRRORED[1]),
    (R, "where it has {:.1f}.", FRONT, MIRRORED[2]),
    (R, "made them {:.1f} and", ROW_1 + "128", "mean none:policy=mild live:policy=flip changed_pixel"),
    (R, "and {:.1f} points fewer", ROW_1 + "512", "mean none:policy=mild live:policy=flip changed_pixel"),
    # Conclusions
    (C, "{:.0f} % of the answers without augmentation, {:.0f} % after one copy, and {:.0f} %", ADDED, *MIRRORED),
    (C, "in {} comparisons. By Holm's correction {} of", "", holm),
    (C, "and {:.1f} points to live", "photographs policy=mild model=lite0-upper", "mean live copies-1 accuracy"),
    (C, "cost at most {:.1f} points of accuracy", "study dataset=solar-cells n=128", "mean live pool-16 accuracy"),
    (C, "cost at most {:.1f} against live", "", lambda: sixteen_beside("live-16/17")),
    (C, "ended {:.3f} above live in loss, and temperature scaling leaves {:.3f}", G128, COPY_LOSES, SCALED),
    (C, "by {:.1f} points after 500 updates", G512 + " until=500", "mean none live accuracy"),
    (C, "by {:.1f} points after 3,000", G512, LIVE_GAINS),
    (C, "live from {:.3f} to {:.3f}, but", G512, COPY_LOSES, "mean copies-1 live val_loss_stopped"),
    (C, "only from {:.3f} to {:.3f}", RESIDUAL, COPY_LOSES, "mean copies-1 live val_loss_stopped"),
    (C, "worse by {:.3f} in loss, and", G128, "mean copies-16 live loss"),
    (C, "residual network by {:.3f}.†", RESIDUAL, "mean copies-16 live loss"),
    (C, "about {:.1f} times as much", "", lambda: times_the_step("RandomAffine in the model")),
    (C, "and {:.1f} times with", "", lambda: times_the_step("ImageDataGenerator")),
    (C, "augmentation, by {:.3f} ({}) and", FOLD + "0", "mean none copies-1 loss", "verdict none copies-1 loss"),
    (C, "and {:.3f} (in each of", FOLD + "3", "mean none copies-1 loss"),
    (C, "lost {:.1f} points of accuracy", FOLD + "1", "mean none live accuracy"),
    (C, "originals + 4 by {:.1f} points", "study dataset=solar-cells n=512", "mean originals+4 live accuracy"),
    (C, "augmentation by {:.1f} points in the small", ARTICLE, WIDE_COSTS),
    (C, "copies by {:.1f} points.†", ARTICLE + " policy=article", "mean originals+4 live accuracy"),
    (C, "ended {:.3f} above live in loss, and temperature scaling leaves {:.3f}", DEEP + " policy=mild",
     "mean copies-4 live loss", "mean copies-4 live val_loss_scaled"),
    (C, "ended {:.3f} above live in loss.", "static-versus-live rate=decay", COPY_LOSES),
    # Lessons and companions
    (L0, "change ({:.0f} % with either", ROW_1 + "128 policy=mild", MIRRORED[0]),
    (L0, "gained {:.1f} points over no augmentation, and one copy lost {:.1f}", COLOUR, LIVE_GAINS, COPY_COSTS),
    (L0, "gained {:.1f} points by live over no augmentation and lost {:.1f}", WHOLE, LIVE_GAINS, COPY_COSTS),
    (L0, "in {} of all {} that", "", below_none),
    (L4, "in {} runs of {}.", "", below_none),
    (MONDAY, "sixty runs {} said", "", below_none),
    (L2, "from −{:.1f} to {:.1f} points", G128, "high none copies-4 accuracy", "high copies-4 none accuracy"),
    (L5, "at most {:.1f} points below live", "", lambda: sixteen_beside("live")),
    (L6, "about {:.1f} % of those", LEAKY, "mean pool-16 leaky_accuracy"),
    (L6, "## {:.1f} %, and why", LEAKY, "mean pool-16 leaky_accuracy"),
    (STORES, "by {:.3f} in loss and", ON_TOP, "mean pool-4+live live loss"),
    (STORES, "and {:.1f} points, and", ON_TOP, "mean live pool-4+live accuracy"),
    (STORES, "are {:.1f} points more", "law regime=9 model=residual-tuned", "mean originals+pool-4 live accuracy"),
    (OVER, "is {:.1f} points behind live", G128 + " until=500", "mean live copies-1 accuracy"),
    (OVER, "and {:.1f} after 3,000", G128, "mean live copies-1 accuracy"),
    (OVER, "higher by {:.3f}", G512, "mean copies-1 none loss"),
    (POLICY, "by {:.3f} in loss and {:.1f} points", "freeze-or-renew row=3", "mean live live-3/4 loss",
     "mean live-3/4 live accuracy"),
    (POLICY, "small one, {:.1f} points", ARTICLE, WIDE_COSTS),
    (POLICY, "anything ({:.1f} points", DEEP, WIDE_COSTS),
    (CELLS, "ends at {:.2f}, where", "law regime=11 model=small policy=cells-rare", "mean live shown_loss"),
    (CELLS, "it is {:.2f} with all", "law regime=11 model=small policy=cells", "mean live shown_loss"),
    (L9, "live is {:.1f} points behind", G128 + " at=200", "mean none live accuracy"),
    (L9, "it is {:.1f} points ahead", G128 + " at=3000", LIVE_GAINS),
    (L2, "are {} pictures, so ten epochs make {:.0f} updates. Live gets 128 pictures an epoch, which makes {:.0f}", "",
     lambda: (4 * 128, 4 * 128 * 10 / 32, 128 * 10 / 32)),
    # Other pages
    (M, "accuracy of {:.0f} % in training", "flow-ranges policy=brightness-of-1", "mean live shown_accuracy"),
    (M, "it was {:.0f} %. Images", "flow-ranges policy=brightness-of-1", "mean live accuracy"),
    (M, "led to {:.0f} %.", "flow-ranges policy=brightness-of-255", "mean live accuracy"),
    (M, "cost {:.0f} points of", "save-to-dir", "mean pool-4:policy=in-memory pool-4:policy=save-to-dir accuracy"),
    (G, "ended {:.3f} above live", "image-data-generator", COPY_LOSES),
    (G, "`RandomAffine` {:.3f}", ARTICLE + " policy=mild", COPY_LOSES),
    (WORDS, "originals is {:.1f} % with 1 copy and {:.1f} %", G128 + " at=1000",
     "mean copies-1 train_accuracy", "mean live train_accuracy"),
    (WORDS, "it is {:.1f} % without augmentation, {:.1f} % with 1 copy and {:.1f} %", G128 + " until=1000",
     *(f"mean {method} accuracy" for method in ("none", "copies-1", "live"))),
    (WORDS, "changes {:.1f} % of the answers without augmentation, {:.1f} % with 1 copy and {:.1f} %",
     ROW_1 + "128 policy=mild", *MIRRORED),
    (WORDS, "by {:.1f} points after 1,000 updates", G512 + " until=1000", "mean none live accuracy"),
    (WORDS, "by {:.1f} points after 3,000", G512, LIVE_GAINS),
    ("docs/explorer.md", "of {:.1f} points without augmentation, {:.1f} with 1 copy and {:.1f} live",
     G128 + " until=1000", *(f"sd {method} accuracy" for method in ("none", "copies-1", "live"))),
    (MISCONCEPTIONS, "{:.1f} points of accuracy in the small", G512, "mean live copies-4 accuracy"),
    (MISCONCEPTIONS, "{:.1f} in the residual", RESIDUAL, "mean live copies-4 accuracy"),
    (Y, "by {:.1f} points of accuracy, and *worse*", ON_TOP, "mean live pool-4+live accuracy"),
    (Y, "{:.1f} % where {:.0f} % of new", LEAKY, "mean pool-16 leaky_accuracy", "mean pool-16 accuracy"),
    (Y, "gained {:.1f} points by live over no augmentation, and lost {:.1f}", WHOLE, LIVE_GAINS, COPY_COSTS),
    (Y, "scratch {:.0f} % was right", SCRATCH, "mean live accuracy"),
    (Y, "fine-tuned {:.0f} %", WHOLE, "mean live accuracy"),
    (Y, "one copy lost {:.1f} points.", HEAD, COPY_COSTS),
    (Y, "rose from {:.3f} to", G128 + " at=200", "mean none loss"),
    (Y, "to {:.3f} while accuracy stayed at {:.0f} %, and one temperature brought it to {:.3f}", G128 + " at=3000",
     "mean none loss", "mean none accuracy", "mean none val_loss_scaled"),
]  # fmt: skip


def cells_of(page, kind):
    cells = json.loads((ROOT / page).read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == kind)


@functools.cache
def text_of(page):
    """A page with its white space made one; of a notebook its texts and captions."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if page.endswith(".ipynb"):
        captions = re.findall(r"^caption\((.*)\)$", cells_of(page, "code"), re.MULTILINE)
        text = "\n\n".join([cells_of(page, "markdown"), *captions])
    if page.endswith(".js"):  # strings over several lines
        text = re.sub(r'" \+\s+"', "", text).replace("\\u00a0", " ")
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(("page", "words", "values"), [(p, w, v) for p, w, *v in SAID], ids=[e[1][:40] for e in SAID])
def test_a_page_says_what_the_rows_say(page, words, values):
    source, *said = values
    found = [value(source, each) for each in said] if source else said[0]()
    filled = words.format(*(found if isinstance(found, (list, tuple)) else [found]))
    assert filled in text_of(page), f"{page} does not say: {filled} (change the page, or the words in SAID)"


# What a lesson sets

RELIED = [  # what its code says, and what another page says because of it
    (L0, "n = {}", 128, L5, "in lesson 00 was shown 256 times"),
    (L0, "epochs = {}", 256, L5, "in lesson 00 was shown {} times"),
    (L0, "epochs = {}", 256, "notebooks/solutions/00_start_here.ipynb", 'check("00.1", 64, n=128, epochs={})'),
    (L0, 'Conv2D({}, 3, activation="relu"', 32, "helpers/model.py", 'Conv2D({}, 3, activation="relu"'),
    (L0, "rotation_range={}, # up to", 5, "docs/glossary.md", "turns up to {} degrees"),
    (L0, "rotation_range={}, # up to", 5, C, "turns by up to {} degrees"),
    (L0, "zoom_range=0.0{}, # up to", 5, C, "moves and zooms by up to {} %"),
    (L0, "rotation_range={}, # up to", 5, "docs/page/augment.js", "rotation: {}, shift: 0.05, zoom: 0.05"),
    (L4, "RandomAffine({}, 0.2, 0.2", 20, "docs/glossary.md", "up to {} degrees and 20 %"),
    (L2, "updates = {}", 400, L2, "a hundred times after {} updates"),
    (L9, '"updates": {}', 200, L8, "patience for {} updates"),
    (L9, '"updates": {}', 200, L9, "At {} updates live is"),
]
POLICY_OF_LESSON_00 = [(L0, "augment"), (L2, "augment"), (L4, "augment"), (L5, "augment"), (L6, "policy")]


@pytest.mark.parametrize(("lesson", "code", "number", "page", "words"), RELIED)
def test_a_page_relies_on_what_a_lesson_s_code_sets(lesson, code, number, page, words):
    assert code.format(number) in re.sub(r"\s+", " ", cells_of(lesson, "code")), f"{lesson} sets another number"
    text = cells_of(page, "code") if "check(" in words else text_of(page)
    assert words.format(number) in text, f"{page} does not say what {lesson} sets"


@pytest.mark.parametrize(("lesson", "name"), POLICY_OF_LESSON_00)
def test_the_policy_of_lesson_00_is_the_mild_one_in_each_lesson(lesson, name):
    given = re.search(rf"^{name} = RandomAffine(\([^()]*\))", cells_of(lesson, "code"), re.MULTILINE)[1]
    ranges = eval(f"bind{given}", {"bind": inspect.signature(RandomAffine).bind}).arguments
    assert {key: ranges[key] for key in ranges if key != "seed"} == POLICIES["mild"]


# How many updates, epochs, images: those of a stored table or of a lesson's code, anywhere

UNITS = "updates|epochs|garments|cells|images|pictures|photographs|versions|pixels|degrees|times|pairs"
COUNTED = re.compile(rf"(?<![\d.,/−+-])(\d[\d,]*\d|\d)(?: [a-z]+)? (?:{UNITS})\b")
FREE = {  # what a page says of no run, or of what it derives from a lesson's numbers
    L1: {80, 20}, L3: {10}, L5: {100 * 512, 33, 188, 200, 28, 20, 60, 120}, L7: {180, 300}, L8: {2624, 200},
    POLICY: {15}, CELLS: {47, 401}, STORES: {188, 31, 28}, Y: {31, 72, 100_000, 180}, SHEETS: {188}, L0: {2000},
    BLUR: {10_000}, R: {10_000}, MISCONCEPTIONS: {47},
}  # fmt: skip
PAGES = [README, *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").glob("**/*.md")))]


@functools.cache
def stored_numbers():
    tables = [pd.read_csv(path) for path in sorted(FOLDER.glob("*.csv"))]
    columns = [table[name].dropna() for table in tables for name in ("n", "updates") if name in table]
    return {int(number) for column in columns for number in column.unique()}


def whole_numbers(lesson):
    return {int(text) for text in re.findall(r"(?<![\w.])\d+(?![\w.])", cells_of(lesson, "code"))}


@pytest.mark.parametrize("page", [*LESSONS, *DEEPER, *PAGES])
def test_lengths_and_sizes_are_those_of_a_table_or_of_a_lesson(page):
    sources = [page] if page.endswith(".ipynb") else LESSONS
    known = stored_numbers().union(FREE.get(page, ()), *map(whole_numbers, sources))
    text = re.sub(r"```.*?```", "", text_of(page))
    others = [found[0] for found in COUNTED.finditer(text) if int(found[1].replace(",", "")) not in known]
    assert not others, f"no stored table and no code has these; hold them in SAID, or name them in FREE: {others}"
