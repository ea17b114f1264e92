"""Each finding as a test case of pytest, and what a check-up starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from augcheck import FoundError, parametrize_with_checks
from augcheck.catalogue import NUMBERS
from made import Batches, in_batches, pictures

SOURCE = Path(__file__).resolve().parents[1] / "src"
X, Y = pictures(128, shape=(12, 12, 1))
MADE = []


def make():
    MADE.append(1)
    return Batches(X, Y)


def cases(factory, **options):
    mark = parametrize_with_checks(factory, **options)
    assert mark.kwargs["ids"] == [name.replace(" ", "_") for name in NUMBERS]
    return dict(zip(NUMBERS, mark.args[1], strict=True))


def test_a_case_fails_passes_is_skipped_or_is_expected_to_fail():
    MADE.clear()
    ignoring = cases(make, ignore={"AUG01": "a static pool on purpose"}, strict=True)
    with pytest.raises(pytest.xfail.Exception, match="a static pool on purpose"):
        ignoring["repeats"]()
    with pytest.raises(pytest.skip.Exception, match="Give model="):
        ignoring["augmented twice"]()
    assert ignoring["order"]() is None
    assert len(MADE) == 1  # the first case reads it for all
    with pytest.raises(FoundError, match="augcheck found: repeats"):
        cases(make)["repeats"]()
    with pytest.raises(ValueError, match="there is no finding 'ordre'"):
        parametrize_with_checks(make, ignore=["ordre"])


def test_a_wasteful_case_fails_only_where_that_is_strict():
    def ordered():
        return list(in_batches(X, Y, 64))

    with pytest.raises(pytest.xfail.Exception, match="wasteful: every epoch has the same order"):
        cases(ordered)["order"]()
    with pytest.raises(FoundError):
        cases(ordered, strict=True)["order"]()


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
