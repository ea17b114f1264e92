"""The conclusions, and the tables behind them, say what the stored rows say."""

import functools
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import conclusion_tables as tables  # noqa: E402

from experiments.freeze_or_renew import points, verdicts  # noqa: E402
from helpers.augment import POLICIES  # noqa: E402
from helpers.compare import differences  # noqa: E402
from helpers.stats import judge  # noqa: E402

PAGE = (ROOT / "docs" / "conclusions.md").read_text(encoding="utf-8")
NARROW = {"shown and new": tables.shown_and_new, "small and residual": tables.small_and_residual}


def test_the_page_of_tables_is_computed_from_the_stored_rows():
    assert (ROOT / "data" / "results" / "tables.md").read_text(encoding="utf-8") == tables.page()


@pytest.mark.parametrize("name", NARROW)
def test_a_table_of_the_conclusions_is_computed_from_the_stored_rows(name):
    assert "\n".join(NARROW[name]()) in PAGE


# Every number of the text


def by(runs: pd.DataFrame, first: str, second: str, metric: str = "val_accuracy", word: str | None = None) -> str:
    """How far apart two arms are, as text; the verdict on the first is the word."""
    interval, _, found = judge(differences(runs, first, second, metric), metric)
    assert word in (None, found), f"{first} against {second} is {found}"
    if "loss" in metric:
        return f"{abs(interval.mean):.3f}"
    return f"{100 * abs(interval.mean):.1f} points"


def fold(number: int) -> pd.DataFrame:
    return tables.law_runs(7, dataset=f"solar-cells-without-{number}")


def with_both(own: pd.DataFrame, policy: pd.DataFrame) -> pd.DataFrame:
    """Runs of live under another policy, as the arm "other", beside those under their own."""
    return pd.concat([own, policy[policy["arm"] == "live"].assign(arm="other")])


def step_time(augmenter: str) -> float:
    steps = pd.read_csv(tables.FOLDER / "step-time.csv").query("cores == 1")
    rounds = steps.pivot(index="round", columns="augmenter", values="cpu_milliseconds")
    return (rounds[augmenter] / rounds["static"]).median()


@functools.cache
def sentences() -> list[str]:
    """The parts of the text that hold a number of the results, with the number as the stored rows give it."""
    few, some, cells = tables.runs("garments", 128), tables.runs("garments", 512), tables.runs("solar-cells", 512)
    early = tables.runs("garments", 512, 500)
    residual = tables.law_runs(1, n=512)
    fast = tables.law_runs(5, rate="fourfold", updates=1000)
    tuned, frozen = (tables.law_runs(9, model=f"residual-{kind}") for kind in ("tuned", "frozen"))
    wide = tables.other_runs(policy="wide")
    folds = [fold(number) for number in range(4)]
    live = np.array([found.loc[found["arm"] == "live", "val_accuracy"].mean() for found in folds])
    epochs = {"small": 1000 * 32 / 512, "residual": 1500 * 32 / 512}
    registered = points.read_runs()
    scores = verdicts.stored_copies(registered)[1].set_index(["judged", "rule"])
    three_x = verdicts.three_x(registered)[1].query("model == 'residual' and against == 'live'")
    mild, broad = POLICIES["mild"], POLICIES["wide"]
    renewed = pd.read_csv(tables.FOLDER / "freeze-or-renew.csv").query("row == 2 and policy == 'mild'")
    found = renewed.groupby(["draw", "arm"])[["final_new_accuracy", "final_alike_accuracy"]].mean()
    shares = found.map(lambda share: f"{100 * share:.1f} %")
    once, without = shares.loc["one for all", "copies-1"], shares.loc["per image", "none"]
    return [
        f"turns by up to {mild['rotation_range']} degrees and moves and zooms by up to "
        f"{100 * mild['width_shift_range']:.0f} %. The *wide* one goes to {broad['rotation_range']} and shears",
        f"right about {once['final_new_accuracy']} of new images, and about {once['final_alike_accuracy']} of new "
        f"images that were changed in the same way, against {without['final_new_accuracy']} without augmentation",
        f"one copy ended {by(few, 'live', 'copies-1', 'val_loss', 'better')} above live in loss, and temperature "
        f"scaling leaves {by(few, 'live', 'copies-1', 'val_loss_scaled', 'better')} of it",
        f"live was better than one copy by {by(tuned, 'live', 'copies-1', word='better')}",
        f"live was worse than no augmentation by {by(early, 'live', 'none', word='worse')} after 500 updates, and "
        f"better by {by(some, 'live', 'none', word='better')} after 3,000",
        f"shrinks the gap to live of one copy from {by(some, 'live', 'copies-1', 'val_loss')} to "
        f"{by(some, 'live', 'copies-1', 'val_loss_stopped')}.",
        f"With 128 garments they were worse by {by(few, 'copies-16', 'live', 'val_loss', 'worse')} in loss.",
        f"four copies shown {epochs['small'] / 4:.0f} times each were worse than live by "
        f"{by(fast, 'copies-4', 'live', 'val_loss', 'worse')} in loss",
        f"sixteen copies shown {epochs['residual'] / 16:.0f} times each were worse by "
        f"{by(residual, 'copies-16', 'live', 'val_loss', 'worse')} in loss",
        f"about {step_time('RandomAffine in the model'):.1f} times as long with our `RandomAffine`, and "
        f"{step_time('ImageDataGenerator'):.1f} times with `ImageDataGenerator`",
        f"by {by(folds[0], 'copies-1', 'none', 'val_loss', 'undecided')} (undecided) and "
        f"{by(folds[3], 'copies-1', 'none', 'val_loss', 'better')} (in each of five pairs)",
        f"worse on one, where it also lost {by(folds[1], 'live', 'none', word='worse')} of accuracy",
        f"On 512 cells it was worse by {by(cells, 'live', 'originals+4', word='worse')}.",
        f"Live was worse than no augmentation by {by(frozen, 'live', 'none', word='worse')}.†",
        f"live was worse than originals with four copies by {by(tuned, 'live', 'originals+pool-4', word='worse')}",
        f"live was worse than no augmentation by {by(tables.with_none(wide), 'live', 'none', word='worse')}, and worse "
        f"than originals + 4 copies by {by(wide, 'live', 'originals+4', word='worse')}",
        f"worse than live on the originals by {by(tables.law_runs(3), 'pool-4+live', 'live', word='worse')}",
        f"before the first of their {len(registered):,} runs",
        f"it is typically off by a factor of {scores.loc[('halving', 'halving'), 'typical']:.1f}",
        f"in the residual network by {-100 * three_x['val_accuracy'].item():.1f} points",
        f"live was right for {100 * live.min():.0f} to {100 * live.max():.0f} % of the cells",
    ]


def text() -> str:
    """The page without its tables, each paragraph on one line."""
    lines = [line for line in PAGE.splitlines() if not line.startswith("|")]
    return "\n".join(lines)


def test_each_number_of_the_text_is_computed_from_the_stored_rows():
    missing = [sentence for sentence in sentences() if sentence not in text()]
    assert not missing, "the stored rows say this, the page does not: " + "; ".join(missing)


# What a number may be without being a result: a setting, a margin, a count of Holm's correction, a lesson, a version.
SETTINGS = re.compile(
    r"\b(128|512|2,048) (garments|cells|images)|(\d+ and )?[\d,]+ updates|1,500 of the residual one"
    r"|\b1 copy\b|originals \+ 4 copies|after 3,000\b|\(http[^)]*\)|\([^)]*\.(ipynb|md)[^)]*\)"
    r"|lesson \d\d|ResNet-8|95 % interval|within 0\.02 in loss or 1 point|61 of the 77"
    r"|\"3x\"|28 or 32 pixels, once of 64"
)


def test_the_text_has_no_number_that_is_not_computed():
    rest = text()
    for sentence in sentences():
        rest = rest.replace(sentence, "")
    rest = SETTINGS.sub("", rest)
    assert re.findall(r".{0,40}\d[\d.,]*.{0,20}", rest) == []


# What the text says in words


def word(runs: pd.DataFrame, first: str, second: str, metric: str = "val_accuracy") -> str:
    return judge(differences(runs, first, second, metric), metric)[2]


def test_live_knows_the_originals_that_it_never_saw_and_one_copy_does_not():
    means = tables.law_runs(1, n=512).groupby("arm")[["shown_accuracy", "train_accuracy"]].mean()
    assert means.loc["copies-1", "shown_accuracy"] > 0.999
    assert round(1 / (1 - means.loc["copies-1", "train_accuracy"])) == 6
    assert means.loc["live", "train_accuracy"] > means.loc["live", "shown_accuracy"]


def test_with_2048_garments_live_is_behind_and_then_equivalent():
    for metric in ("val_loss", "val_accuracy"):
        found = [word(tables.runs("garments", 2048, updates), "live", "none", metric) for updates in tables.BUDGETS]
        assert found == ["worse", "worse", "equivalent"]


def test_sixteen_copies_are_equivalent_to_live_with_512_images_or_more():
    many = [task for task in tables.TASKS if task[1] >= 512]
    found = {word(tables.runs(*task), "copies-16", "live", metric) for task in many for metric in tables.METRICS}
    assert found == {"equivalent"}


def test_a_renewed_pool_is_equivalent_to_live():
    runs = tables.law_runs(3)
    assert {word(runs, "fresh-4-10", "live", metric) for metric in ("val_loss", "val_accuracy")} == {"equivalent"}


def test_on_cells_live_with_as_many_originals_is_equivalent_to_originals_and_4_copies():
    cells = tables.runs("solar-cells", 512)
    assert {word(cells, "live-4/5", "originals+4", metric) for metric in tables.METRICS} == {"equivalent"}


def test_the_four_other_splits_of_the_cells():
    found = [word(fold(number), "live", "none", "val_loss") for number in range(4)]
    assert sorted(found) == ["better", "better", "undecided", "worse"]
    one_copy = [differences(fold(number), "copies-1", "none") for number in range(4)]
    assert [d.mean() < 0 for d in one_copy] == [True, False, False, True]
    assert len(one_copy[3]) == 5 and (one_copy[3] < 0).all()


def test_fine_tuned_live_is_equivalent_to_no_augmentation_in_accuracy():
    assert word(tables.law_runs(9, model="residual-tuned"), "live", "none") == "equivalent"


def test_a_policy_that_changes_little_needs_no_renewing():
    assert word(tables.law_runs(8, policy="photometric"), "copies-1", "live") == "equivalent"


def test_on_cells_the_wide_policy_is_better_than_their_own():
    runs = with_both(tables.cell_runs(), tables.cell_runs(policy="wide"))
    assert word(runs, "other", "live", "val_loss") == "better"


def test_the_deeper_network_has_the_same_order_and_a_gap_of_over_confidence():
    deeper = tables.other_runs("deeper").groupby("arm")["val_loss"].mean()
    assert deeper["none"] > deeper["copies-4"] > deeper["live"]
    gap, scaled = (
        -differences(tables.other_runs("deeper"), "live", "copies-4", metric).mean()
        for metric in ("val_loss", "val_loss_scaled")
    )
    assert gap > differences(tables.other_runs(), "copies-4", "live").mean() and scaled < gap / 5
