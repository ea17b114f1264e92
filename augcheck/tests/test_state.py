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
from pipelines import Batches, pictures

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


def brightened(image):
    return tf.image.random_brightness(image, 0.3)


def seeded_pipeline():
    """A function that makes a pipeline, and seeds everything first, as many scripts do."""
    keras.utils.set_random_seed(42)
    return tf.data.Dataset.from_tensor_slices(X).shuffle(64).map(brightened).batch(16)


def of_epochs(data):
    return {np.concatenate(list(data.as_numpy_iterator())).tobytes() for _ in range(3)}


@pytest.mark.parametrize("seed", [None, 7, 42])
def test_a_seed_that_the_pipeline_sets_is_not_left_set(seed):
    """A global seed makes a map with tf.image begin each epoch with the same draws."""
    plain = tf.data.Dataset.from_tensor_slices(X).batch(16)
    continued = []
    for check in (False, True):
        tf.random.set_seed(seed)
        before = float(tf.random.uniform(()))
        if check:
            check_pipeline(seeded_pipeline)
        continued.append((before, float(tf.random.uniform(()))))
        if seed is None:
            assert len(of_epochs(plain.map(brightened))) == 3
    assert seed is None or continued[0] == continued[1]


def test_a_check_leaves_the_next_draws_of_a_seeded_program_alone():
    def darkened(images):
        return images * tf.random.uniform((len(images), 1, 1, 1)).numpy()

    def drawn():
        order = tf.data.Dataset.range(64).shuffle(64)
        numbers = [float(tf.random.uniform(())), float(tf.random.uniform((), seed=5))]
        return numbers + [int(i) for i in order.as_numpy_iterator()]

    draws = []
    for check in (False, True):
        tf.random.set_seed(7)
        drawn()
        if check:
            check_pipeline((X, Y), augment=darkened)
            check_pipeline(lambda: tf.data.Dataset.from_tensor_slices(X).shuffle(64).batch(16))
        draws.append(drawn())
    tf.random.set_seed(None)
    assert draws[0] == draws[1]


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
        lambda x: x,
        lambda x: [3, x],
        lambda x: {"a": (3, x)},
        lambda x: types.SimpleNamespace(dataset=[x]),
        lambda x: lambda: x,
        lambda x: lambda more=x: more,
        lambda x: functools.partial(len, x),
        lambda x: Holder(x).tell,
        lambda x: names_a_global,
    ],
)
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
