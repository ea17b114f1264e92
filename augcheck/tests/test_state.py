"""What a check-up leaves as it was: random states, and arrays near at hand. Whatever else moves, stays moved."""

import functools
import random
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from augcheck import check_pipeline
from augcheck.reading import stored
from augcheck.reading.stored import Stored
from made import Batches, pictures

X, Y = pictures(64)
GLOBAL = np.zeros(3)


def states():
    tensors = keras.random.uniform((3,)), tf.random.get_global_generator().state
    return (
        random.getstate(),
        str(np.random.get_state()),
        [np.asarray(tensor).tolist() for tensor in tensors],
    )


@pytest.mark.parametrize("drawn_before", [True, False])
def test_global_random_states_are_put_back_also_after_an_error(drawn_before):
    def augment(x):
        drawn = (
            random.random()
            + np.random.random()
            + float(tf.random.get_global_generator().normal(()))
        )
        return x + drawn + keras.random.uniform((len(x), 1, 1, 1))

    def broken(x):
        augment(x)
        raise RuntimeError("no")

    results = []
    for check in (False, True):
        keras.utils.clear_session()
        keras.utils.set_random_seed(3)
        if drawn_before:
            keras.random.uniform(())
        if check:
            check_pipeline((X, Y), augment=augment)
            with pytest.raises(RuntimeError, match="no"):
                check_pipeline(lambda: map(broken, [X]))
        results.append(states())
    assert results[0] == results[1]


def names_a_global():
    return GLOBAL


class Holder:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def tell(self):
        return self.value


@pytest.mark.parametrize(
    "holding",
    [
        lambda x: x, lambda x: [3, x], lambda x: {"a": (3, x)}, lambda x: types.SimpleNamespace(dataset=[x]),
        lambda x: lambda: x, lambda x: lambda more=x: more, lambda x: functools.partial(len, x),
        lambda x: Holder(x).tell, lambda x: names_a_global,
    ],
)  # fmt: skip
def test_arrays_near_at_hand_are_put_back_and_large_ones_are_not(holding, monkeypatch):
    array = GLOBAL if holding(X) is names_a_global else np.zeros(3)
    for cheap, left in ((24, 0), (23, 1)):
        monkeypatch.setattr(stored, "CHEAP", cheap)
        kept = Stored([types.SimpleNamespace(data=holding(array)), np.zeros(9)])
        array += 1
        kept.put_back()
        assert (array == left).all()
        array[:] = 0


def test_arrays_are_put_back_after_an_error_and_counters_are_not():
    class Counting(Batches):
        def __iter__(self):
            self.x += 1
            yield self.x[:16], self.y[:16]
            raise RuntimeError("no")

    data, counted = Counting(X.copy(), Y), Batches(X, Y)
    with pytest.raises(RuntimeError, match="no"):
        check_pipeline(data)
    np.testing.assert_array_equal(data.x, X)
    check_pipeline(counted)
    assert counted.epoch > 0
