"""What the pages say of *all* results holds in all stored rows.

``CLAIMS`` has each such sentence with a check that scans every table; a scan finds sentences that are missing there.
"""

import functools
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.law.points import compared_with, showings
from helpers.arms import parse_arm
from helpers.stats import judge
from helpers.tables import FOLDER, curves_path, read_results

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import conclusion_tables  # noqa: E402

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *(path for path in sorted((ROOT / "notebooks").rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts),
]
SETTING = ["table", "regime", "dataset", "n", "policy", "model", "batch", "updates", "rate"]
POOLS = ("copies", "pool", "originals", "originals+pool", "fresh")
GARMENTS = ("garments", "dress-shirt", "trouser-dress", "garments-flipped")
MAIN_SETTINGS = {("garments", 128), ("garments", 512), ("garments", 2048), ("dress-shirt", 512), ("solar-cells", 128),
                 ("solar-cells", 512)}  # fmt: skip
LATE = 5  # evaluations in the last tenth
METRICS = ("val_loss", "val_accuracy")


# What the rows say


@functools.cache
def runs() -> pd.DataFrame:
    """One row a run and length (column ``at``) of all stored tables: means over the last tenth of the updates."""
    found = []
    for path in sorted(FOLDER.glob("*.csv")):
        if not curves_path(path).is_file():
            continue
        curves = read_results(path).assign(table=path.stem)
        if path.stem == "freeze-or-renew":
            curves = curves[curves["draw"] == "per image"].assign(regime=curves["row"])
        for column, value in (("regime", 0), ("batch", 32)):
            if column not in curves:
                curves[column] = value
        updates = np.sort(curves["update"].unique())
        for at in updates:
            if np.sum((updates > 0.9 * at) & (updates <= at)) < LATE:
                continue
            late = (curves["update"] > 0.9 * at) & (curves["update"] <= at) & (curves["updates"] >= at)
            groups = curves[late].groupby([*SETTING, "arm", "replicate"], sort=False)
            enough = groups.size() >= LATE
            found.append(groups[list(METRICS)].mean()[enough].reset_index().assign(at=at))
    return pd.concat(found, ignore_index=True)


@functools.cache
def comparisons() -> pd.DataFrame:
    """Verdicts on each arm against none and live, and against the live of its share of originals where it was run."""
    rows = []
    for key, part in runs().groupby([*SETTING, "at"], sort=False):
        named = dict(zip([*SETTING, "at"], key, strict=True))
        values = {metric: part.pivot(index="replicate", columns="arm", values=metric) for metric in METRICS}
        there = list(values["val_loss"])
        for first in there:
            kind = parse_arm(first).kind
            epochs = named["at"] * named["batch"] / named["n"]
            times = epochs if kind == "none" else showings(first, epochs)
            same_share = compared_with(first, there)
            for second in {"none", "live", same_share} & set(there) - {first}:
                for metric in METRICS:
                    d = (values[metric][first] - values[metric][second]).dropna().to_numpy()
                    if len(d) < 2:
                        continue
                    interval, _, word = judge(d, metric)
                    row = {"first": first, "second": second, "kind": kind, "metric": metric, "times": times}
                    fair = kind in POOLS and second == same_share and originals_of(second) == originals_of(first)
                    rows.append(named | row | {"mean": interval.mean, "word": word, "fair": fair})
    return pd.DataFrame(rows)


def originals_of(arm: str) -> bool:
    """Does the arm show originals?"""
    return parse_arm(arm).kind.startswith("originals") or arm.startswith("live-")


def chosen(at_end: bool = True, **conditions) -> pd.DataFrame:
    """Comparisons whose columns have the given values; those at the end of training, unless told otherwise."""
    table = comparisons()
    if at_end:
        table = table[table["at"] == table["updates"]]
    for column, value in conditions.items():
        table = table[table[column].isin(value if isinstance(value, (set, tuple, list)) else [value])]
    return table


def words(**conditions) -> set[str]:
    found = set(chosen(**conditions)["word"])
    assert found, f"no stored row has {conditions}; the check would be empty."
    return found


# The checks


def half_unchanged_is_most_accurate() -> bool:
    ends = runs().query("table == 'study' and at == updates")
    arms = [*conclusion_tables.AGAINST, "live", "live-1/2"]
    means = ends[ends["arm"].isin(arms)].groupby(["dataset", "n", "arm"])["val_accuracy"].mean().unstack().dropna()
    return set(means.index) == MAIN_SETTINGS and set(means.idxmax(axis=1)) == {"live-1/2"}


def a_quarter_unchanged() -> bool:
    """Better or equivalent in loss, and above in mean accuracy, in every setting of freeze or renew that ran it."""
    rows = pd.read_csv(FOLDER / "freeze-or-renew.csv").query("row in (3, 7)")
    found = []
    for _, part in rows.groupby(["dataset", "n", "model", "rate"]):
        runs = part.pivot(index="replicate", columns="arm", values=["val_loss", "val_accuracy"])
        gained = runs["val_accuracy"]["live-3/4"] - runs["val_accuracy"]["live"]
        loss = judge((runs["val_loss"]["live-3/4"] - runs["val_loss"]["live"]).to_numpy(), "val_loss")[2]
        found.append(loss in ("better", "equivalent") and gained.mean() > 0)
    return len(found) == 6 and all(found)


def no_pool_beats_live() -> bool:
    return "better" not in words(fair=True)


def a_tenth_undecided() -> bool:
    return 1 / 11 < (chosen(fair=True)["word"] == "undecided").mean() < 1 / 9


def earlier_one_fold_differs() -> bool:
    """Not at the end, four copies were better than live once: on one fold, after 750 and 1,000 updates."""
    won = chosen(at_end=False, fair=True, word="better")
    places = {tuple(row) for row in won[["dataset", "first", "at"]].to_numpy()}
    return places == {("solar-cells-without-0", "copies-4", at) for at in (750, 1000)}


def originals_win_against_plain_live() -> bool:
    against = {"first": "originals+4", "second": "live"}
    cells = chosen(table="study", dataset="solar-cells", n=512, **against).set_index("metric")
    wide = chosen(dataset="garments", policy="wide", model="small", **against).set_index("metric")
    found = [f"{cells['mean'][m]:.3f} {wide['mean'][m]:.3f}" for m in METRICS]
    return found == ["-0.028 -0.223", "0.024 0.118"] and set(cells["word"]) | set(wide["word"]) == {"better"}


def one_copy_on_garments() -> bool:
    one = chosen(first="copies-1", second="none", metric="val_loss", dataset=GARMENTS)
    return len(one) >= 10 and bool((one["mean"] > 0).all()) and set(one["word"]) == {"worse"}


def one_copy_on_cells() -> bool:
    one = chosen(first="copies-1", second="none", metric="val_loss")
    return bool((one.loc[~one["dataset"].isin(GARMENTS), "mean"] < 0).any())


def one_copy_beside_the_originals() -> bool:
    """Against two copies in their place, wherever both were run."""
    values = runs().query("at == updates").pivot_table("val_loss", [*SETTING, "replicate"], "arm")
    d = (values["originals+1"] - values["copies-2"]).dropna().groupby(SETTING)
    return len(d) == 5 and {judge(part.to_numpy(), "val_loss")[2] for _, part in d} == {"better"}


def a_fifth_unchanged() -> bool:
    return words(at_end=False, first="live-4/5", second="live") <= {"equivalent", "better"}


def holm() -> bool:
    """Of the verdicts of the four tables: 168, 77 better, of which Holm's correction leaves 61; the rest on cells."""
    found = []
    for dataset, n in conclusion_tables.TASKS:
        table = conclusion_tables.runs(dataset, n)
        for arm, (_, live) in conclusion_tables.AGAINST.items():
            for metric in conclusion_tables.METRICS:
                d = conclusion_tables.differences(table, live, arm, metric)
                found.append([stats.ttest_1samp(d, 0).pvalue, judge(d, metric)[2], dataset])
    found.sort()
    rejected = [p <= 0.05 / (len(found) - i) for i, (p, _, _) in enumerate(found)]
    kept = rejected.index(False)
    fallen = [dataset for _, word, dataset in found[kept:] if word == "better"]
    better = [word for _, word, _ in found].count("better")
    return (len(found), better, better - len(fallen), set(fallen)) == (168, 77, 61, {"solar-cells"})


def frozen_features() -> bool:
    frozen = chosen(model="residual-frozen", metric="val_loss", second="live")
    pools = frozen[frozen["kind"].isin(POOLS)]
    best = frozen.loc[frozen["mean"].idxmin(), "first"]
    return len(pools) == 3 and set(pools["word"]) == {"equivalent"} and best == "none"


C, L5 = "docs/conclusions.md", "notebooks/05_how_many_copies.ipynb"
LAW = "notebooks/going_deeper/a_law_for_repeated_pictures.ipynb"
CLAIMS = [
    ("docs/teaching/misconceptions.md", "Higher, in each setting of garments that we ran", one_copy_on_garments),
    (C, "61 of the 77 *better* in the main tables remain", holm),
    (C, "stored copies were never better than live with the same share of originals", no_pool_beats_live),
    (C, "About a tenth of the comparisons are undecided", a_tenth_undecided),
    (C, "in every setting of garments that we ran", one_copy_on_garments),
    (C, "but not on all solar cells", one_copy_on_cells),
    (C, "better in loss than two in their place, wherever we ran both", one_copy_beside_the_originals),
    (C, "on one of four splits of the cells, after 750 and 1,000 updates", earlier_one_fold_differs),
    (C, "equivalent to full live or better, in every setting that we ran", a_fifth_unchanged),
    (C, "half had the best accuracy in all six settings", half_unchanged_is_most_accurate),
    (C, "Plain live can lose to originals + 4 copies", originals_win_against_plain_live),
    (L5, "in all six settings that we registered the mean accuracy was above that of full live", a_quarter_unchanged),
    ("README.md", "better than changing all of them, or equivalent, in each of six settings", a_quarter_unchanged),
    (LAW, "With frozen features no pool is worse than live by the margin", frozen_features),
]
# Said of one page's own runs, whose claims are checked there, or of no result at all.
NO_CLAIM = (
    "of Keras's deprecated ImageDataGenerator", "of the old generator", "than on new ones after all",
    "it has never seen", "it-has-never-seen", "can earn all", "*Live beats one copy in every pair",
    "all you can afford", "live is nearly always ahead", "made anew every ten epochs",
    "*Live is behind at first by every measure",
    "looks at all pictures", "leaves any margin that we would choose",
)  # fmt: skip


# The tests


@functools.cache
def prose(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


@pytest.mark.parametrize(("page", "sentence", "check"), CLAIMS, ids=[f"{Path(c[0]).stem}: {c[1]}" for c in CLAIMS])
def test_what_is_said_of_all_results_holds_in_all_stored_rows(page, sentence, check):
    assert sentence in prose(ROOT / page), "the sentence is gone; so should be its line here."
    assert check(), "a stored row says otherwise."


UNIVERSAL = re.compile(r"\b(never|every|everywhere|always|all|any|no pool)\b", re.IGNORECASE)
RESULT = re.compile(
    r"\b(better|worse|equivalent|undecided|beats?|behind|ahead|as good as|higher loss|lower loss|best accuracy)\b"
)


def unlisted(text: str) -> list[str]:
    """Sentences that say something of all results and stand neither in CLAIMS nor in NO_CLAIM."""
    known = [sentence for _, sentence, _ in CLAIMS] + list(NO_CLAIM)
    found = []
    for sentence in re.split(r"(?<=[.!?:|])\s+|\n+", text):
        if not UNIVERSAL.search(sentence) or not RESULT.search(sentence) or sentence.rstrip().endswith("?"):
            continue
        if not any(part in sentence for part in known):
            found.append(sentence)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_page_says_more_of_all_results(page):
    assert not unlisted(prose(page)), "check it in CLAIMS against all stored rows, or say less."


def test_a_sentence_on_all_results_is_noticed():
    assert unlisted("Many lines.\n\nLive was never worse than a pool. Is it always better?") == [
        "Live was never worse than a pool."
    ]
