"""A function that makes the pipeline, each finding as a test case, and what a check-up starts, moves and puts back."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from augcheck import FOUND, NOT_FOUND, FoundError, check_pipeline, parametrize_with_checks
from augcheck.catalogue import NUMBERS

SOURCE = Path(__file__).resolve().parents[1] / "src"
RNG = np.random.default_rng(0)
X, Y = RNG.random((128, 12, 12, 1), np.float32), np.arange(128) % 2


class Batches:
    """Shuffled batches; counts how often it is made and read."""

    made = 0

    def __init__(self, frozen=True):
        type(self).made += 1
        self.frozen, self.read, self.rng = frozen, 0, np.random.default_rng(0)

    def __iter__(self):
        self.read += 1
        for rows in self.rng.permutation(128).reshape(4, 32):
            light = 1 if self.frozen else self.rng.uniform(0.5, 1, (32, 1, 1, 1)).astype(np.float32)
            yield X[rows] * light, Y[rows]


def test_a_factory_is_called_once_and_all_epochs_are_read_from_what_it_makes():
    made, before = [], Batches.made

    def make():
        made.append((Batches(), Batches()))
        return made[-1]

    report = check_pipeline(make)
    assert report.notes[0] == "train: an iterable (Batches), 9 epochs, each 128 images in 4 batches."
    assert "validation: an iterable (Batches), 2 epochs" in report.notes[1]
    assert Batches.made == before + 2 and not made  # what the function keeps for itself is put back
    assert report.left_changed == [] and "generators" in check_pipeline(Batches()).left_changed[0]


@pytest.mark.parametrize(
    "made",
    [
        {"train": Batches(False), "live": True, "ignore": {"order": "known"}},
        (Batches(False), (X, Y)),
        Batches(False),
        (X, Y),
        [(X[:64], Y[:64]), (X[64:], Y[64:])],
    ],
    ids=["dictionary", "two sets", "one set", "arrays", "list"],
)
def test_a_factory_may_make_whatever_can_be_read(made):
    assert "128 images" in check_pipeline(lambda: made).notes[0]


# Each finding as a case of pytest

CASES = parametrize_with_checks(lambda: Batches(), ignore={"AUG01": "a static pool on purpose"}, strict=True).args[1]


def test_each_finding_is_a_case_with_a_name():
    mark = parametrize_with_checks(lambda: Batches())
    assert mark.kwargs["ids"] == [name.replace(" ", "_") for name in NUMBERS]
    with pytest.raises(ValueError, match="there is no finding 'ordre'"):
        parametrize_with_checks(lambda: Batches(), ignore=["ordre"])


def test_a_case_fails_passes_is_skipped_or_is_expected_to_fail():
    cases, before = dict(zip(NUMBERS, CASES, strict=True)), Batches.made
    with pytest.raises(pytest.xfail.Exception, match="a static pool on purpose"):
        cases["repeats"]()
    with pytest.raises(pytest.skip.Exception, match="Give model="):
        cases["augmented twice"]()
    assert cases["order"]() is None
    assert Batches.made == before + 1  # the first case reads it for all
    fails = dict(zip(NUMBERS, parametrize_with_checks(lambda: Batches()).args[1], strict=True))["repeats"]
    with pytest.raises(FoundError, match="augcheck found: repeats"):
        fails()


def test_a_wasteful_case_fails_only_where_that_is_strict():
    def make():
        return [(X[:64], Y[:64]), (X[64:], Y[64:])] * 1

    calm, strict = (
        dict(zip(NUMBERS, parametrize_with_checks(make, strict=strict).args[1], strict=True))["order"]
        for strict in (False, True)
    )
    with pytest.raises(pytest.xfail.Exception, match="wasteful: every epoch has the same order"):
        calm()
    with pytest.raises(FoundError):
        strict()


# What it starts and what it leaves


UNSTARTED = """
import numpy as np, sys
sys.path.insert(0, {source!r})
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.ops import stateful_random_ops
from augcheck import check_pipeline
x, y = np.random.default_rng(0).random((64, 12, 12, 1)), np.arange(64) % 2
rng = np.random.default_rng(1)
check_pipeline((x, y), (x[:32], y[:32]), augment=lambda x: x * rng.uniform(0.5, 1, (len(x), 1, 1, 1)))
assert context._context is None or not context._context._initialized, "TensorFlow was started"
assert stateful_random_ops.global_generator is None
draw = tf.random.get_global_generator
check_pipeline((x, y), augment=lambda x: x + draw().uniform((len(x), 1, 1, 1), dtype="float64"))
assert stateful_random_ops.global_generator is None
print("unstarted")
"""


def test_tensorflow_is_not_started_for_a_pipeline_without_it():
    run = subprocess.run([sys.executable, "-c", UNSTARTED.format(source=str(SOURCE))], capture_output=True, text=True)
    assert run.stdout == "unstarted\n", run.stderr[-2000:]


def test_an_augmentation_that_needs_tensors_gets_them():
    import tensorflow as tf

    def doubled(x):
        return tf.Variable(x.numpy()) * tf.random.uniform((16, 1, 1, 1)) if len(x) == 16 else x.numpy() * 0.5

    assert check_pipeline((X, Y), augment=doubled)["one draw"].status == NOT_FOUND
    assert check_pipeline((X, Y), augment=lambda x: x * 1.0)["repeats"].status == FOUND
