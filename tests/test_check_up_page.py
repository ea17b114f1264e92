"""The page about the check-up says what its detection table and its function say."""

import inspect
import re
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "augcheck" / "src"))
import check_up_tables as tables  # noqa: E402

from augcheck import check_pipeline  # noqa: E402
from helpers.compare import differences, summarise  # noqa: E402
from helpers.tables import FOLDER, read_results  # noqa: E402

PAGE = (ROOT / "docs" / "the_check_up.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", ["findings", "counts", "broken", "correct"])
def test_a_table_is_what_the_tool_prints(name):
    lines = {
        "findings": tables.findings,
        "counts": tables.counts,
        "broken": lambda: tables.cases(True),
        "correct": lambda: tables.cases(False),
    }
    assert "\n".join(lines[name]()) + "\n" in BLOCKS, "run tools/check_up_tables.py and paste"


def test_every_case_of_the_stored_table_is_on_the_page():
    kinds = [len(line.split(" | ")[1].split(", ")) for block in BLOCKS[-2:] for line in block.splitlines()[2:]]
    assert sum(kinds) == len(tables.rows())


def test_the_sentence_about_the_test_counts_right():
    broken = sum(row["finding"] != "" for row in tables.rows())
    assert f"{broken} broken pipelines and {len(tables.rows()) - broken} correct ones" in PAGE
    correct = [row for row in tables.rows() if not row["finding"]]
    assert {row[name] for row in correct for name in tables.SETS} == {"no alarm"}
    assert "No correct pipeline raised an alarm" in PAGE


def test_the_runs_on_fresh_images_were_of_every_case():
    broken = sum(row["finding"] != "" for row in tables.rows())
    correct = len(tables.rows()) - broken
    fresh = [line.strip("| ").split(" | ") for line in BLOCKS[2].splitlines()[2:]]
    assert [name for name, *_ in fresh] == list(tables.SETS)
    assert {detected.split(" of ")[1] for _, detected, _ in fresh} == {str(broken)}
    assert {alarms for *_, alarms in fresh} == {f"0 of {correct}"}
    # Two replicates in each set: tests/slow/check_checkup.py.
    assert f"{2 * correct * len(tables.SETS)} seeded runs of correct pipelines" in PAGE


def test_the_arguments_named_are_those_of_the_function():
    named = set(re.findall(r"`(\w+)=", PAGE))
    given = set(inspect.signature(check_pipeline).parameters)
    assert named <= given and given - named == {"train", "validation"}


def test_every_finding_is_counted():
    explained = [line.split(" | ")[1] for line in BLOCKS[0].splitlines()[2:]]
    counted = [line.split(" | ")[0].strip("| ") for line in BLOCKS[1].splitlines()[2:]]
    assert set(counted) == {*explained, tables.NO_LINE}


IMAGES = np.random.default_rng(1).random((96, 8, 8, 1), np.float32)
LABELS = np.arange(96) % 2


class Loader:
    """Batches in a new order, each image lightened anew unless frozen, as another framework's loader gives them."""

    def __init__(self, frozen):
        self.frozen, self.rng = frozen, np.random.default_rng(0)

    def __iter__(self):
        order = self.rng.permutation(96)
        for rows in order.reshape(3, 32):
            light = 1 if self.frozen else self.rng.uniform(0.8, 1, (32, 1, 1, 1))
            yield (IMAGES[rows] * light).astype(np.float32), LABELS[rows]


@pytest.mark.parametrize("frozen", [True, False])
def test_whatever_gives_batches_can_be_read(frozen):
    loader = Loader(frozen)
    assert check_pipeline(loader).found == (["repeats"] if frozen else [])
    assert check_pipeline(lambda: iter(loader)).found == (["repeats"] if frozen else [])


def test_preprocessing_twice_is_found_and_a_range_that_a_backbone_does_not_expect_is_not():
    twice = IMAGES / 127.5 - 1  # preprocess_input after rescale
    assert check_pipeline((twice[:64], LABELS[:64]), (twice[64:], LABELS[64:])).found == ["degenerate"]
    bytes_of = 255 * IMAGES
    assert not check_pipeline((bytes_of[:64], LABELS[:64]), (bytes_of[64:], LABELS[64:])).found


def test_the_exchanged_shifts_helped_by_what_the_page_says():
    ranges = read_results(FOLDER / "flow-ranges.csv")
    gap = differences(summarise(ranges.assign(arm=ranges["policy"])), "width-shift", "height-shift").mean()
    assert f"*helped*, by {-gap:.2f} in loss" in PAGE
