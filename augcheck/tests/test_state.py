"""The check-up leaves the data that it reads as they were, however a pipeline treats them."""

import contextlib
import copy
import queue
import random
import sys
import types
from collections import deque

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from augcheck import FOUND, NOT_FOUND, check_pipeline
from augcheck.reading import state

BATCH = 32
GLOBAL = []


def images(n, size=8):
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 1), dtype=np.uint8)


class Rows(keras.utils.PyDataset):
    """Images and labels in batches, in the order of ``self.order``."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y
        self.order = np.arange(len(x))
        self.rng = np.random.default_rng(0)

    def __len__(self):
        return len(self.x) // BATCH

    def __getitem__(self, i):
        rows = self.order[i * BATCH : (i + 1) * BATCH]
        return self.x[rows], self.y[rows]


class ShufflesRows(Rows):
    def on_epoch_end(self):
        self.rng.shuffle(self.order)


class ShufflesInPlace(Rows):
    """Labels first, so that an error at the images would leave every label wrong."""

    def on_epoch_end(self):
        seed = int(self.rng.integers(2**32))
        for part in (self.y, self.x):
            np.random.default_rng(seed).shuffle(part)


class ShufflesAtTheBeginning(Rows):
    on_epoch_begin = ShufflesInPlace.on_epoch_end


def checked(make, x, y, **options):
    """The report, after it was seen that images and labels are as they were."""
    before = x.copy(), y.copy()
    report = check_pipeline(make(x, y), max_images=1024, **options)
    np.testing.assert_array_equal(y, before[1])
    np.testing.assert_array_equal(x, before[0])
    assert x.flags.writeable and y.flags.writeable
    return report


@pytest.mark.parametrize("make", [ShufflesInPlace, ShufflesAtTheBeginning])
def test_images_and_labels_shuffled_in_place_are_put_back(make):
    report = checked(make, images(128), np.arange(128) % 3, live=False)
    assert not report.found
    assert "8 epochs, each 128 images" in report.notes[0]


@pytest.mark.parametrize("make", [ShufflesInPlace, ShufflesAtTheBeginning])
def test_arrays_too_large_to_copy_are_not_touched_and_the_pipeline_is_refused(make, monkeypatch):
    monkeypatch.setattr(state, "CHEAP", 3000)  # not the images
    x, y = images(128), np.arange(128) % 3
    with pytest.raises(ValueError, match="too large to be put back.* shuffle row numbers"):
        check_pipeline(make(x, y))
    np.testing.assert_array_equal(y, np.arange(128) % 3)
    np.testing.assert_array_equal(x, images(128))
    assert x.flags.writeable


def test_a_dataset_that_shuffles_row_numbers_is_read_as_usual_however_large(monkeypatch):
    monkeypatch.setattr(state, "CHEAP", 3000)
    report = checked(ShufflesRows, images(128), np.arange(128) % 3, live=False)
    assert report["repeats"][:2] == (NOT_FOUND, "the same pictures in every epoch")
    assert report["order"].status == NOT_FOUND


@pytest.mark.parametrize("kind", ["PyDataset", "generator"])
def test_what_writes_into_large_arrays_when_a_batch_is_read_is_refused(kind, monkeypatch):
    class Lightens(Rows):
        def __getitem__(self, i):
            x = self.x[i * BATCH : (i + 1) * BATCH]  # a view
            x += 1
            return x, self.y[:BATCH]

    def lightens(x, y):
        data = Lightens(x, y)

        def epoch():
            for i in range(len(data)):
                yield data[i]

        return data if kind == "PyDataset" else epoch

    checked(lightens, images(128), np.arange(128) % 3)
    monkeypatch.setattr(state, "CHEAP", 3000)
    with pytest.raises(ValueError, match="changes pile up from epoch to epoch: copy an image first"):
        checked(lightens, images(128), np.arange(128) % 3)


def test_an_error_of_the_reader_s_own_is_no_finding():
    class ReadOnly(Rows):
        def __getitem__(self, i):
            self.x.flags.writeable = False
            self.x[0] = 1

    with pytest.raises(ValueError, match="read-only"):
        check_pipeline(ReadOnly(images(128), np.arange(128) % 3))


def test_many_things_are_looked_through_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(state, "MOST", 20)
    rows = np.arange(3)
    for held, put_back in (([("a.png", i) for i in range(50)], True), ([[i] for i in range(50)], False)):
        snapshot = state.Snapshot([held, rows])
        rows += 1
        snapshot.restore()
        assert (rows[0] == 0) == put_back


def test_global_variables_of_a_function_are_left_alone():
    def augment(x):
        GLOBAL.append(len(GLOBAL))
        return np.asarray(x) + 1

    GLOBAL.clear()
    check_pipeline((images(64), np.arange(64) % 3), augment=augment)
    assert GLOBAL


def test_what_a_function_keeps_for_itself_is_put_back():
    def made():
        calls, seen, rng = 0, [], random.Random(0)

        def augment(x, *, log=[]):  # noqa: B006
            nonlocal calls
            calls += 1
            seen.append(rng.random())
            log.append(calls)
            return np.asarray(x)

        return augment, lambda: (calls, seen, rng.random(), augment.__kwdefaults__)

    results = []
    for check in (True, False):
        augment, tell = made()
        if check:
            check_pipeline((images(64), np.arange(64) % 3), augment=augment)
        results.append(tell())
    assert results[0] == results[1]


def test_a_view_and_its_array_are_both_unlocked(monkeypatch):
    monkeypatch.setattr(state, "CHEAP", 0)
    whole = np.zeros(100)
    view = whole[:50]
    for parts in ([whole, view], [view, whole]):
        snapshot = state.Snapshot(parts)
        assert len(snapshot.locked) == 2
        snapshot.restore()
        assert all(part.flags.writeable for part in parts)


def test_tensors_of_pytorch_are_put_back(monkeypatch):
    class Tensor:
        def __init__(self, numbers, learns=False):
            self.memory, self.learns = types.ModuleType("memory"), learns  # which is not looked into
            self.memory.numbers, self.nbytes, self.dtype = numbers, numbers.nbytes, numbers.dtype

        def detach(self):
            return Tensor(self.memory.numbers)

        def cpu(self):
            return self

        def __array__(self, dtype=None, copy=None):
            return self.memory.numbers

        def clone(self):
            return Tensor(self.memory.numbers.copy())

        def copy_(self, other):
            if self.learns:
                raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
            self.memory.numbers[:] = other.memory.numbers

    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(Tensor=Tensor))
    for learns in (False, True):
        tensor = Tensor(np.zeros(3), learns)
        snapshot = state.Snapshot({"x": tensor})
        tensor.memory.numbers += 1
        snapshot.restore()
        assert not tensor.memory.numbers.any()


def test_queues_and_threads_are_left_alone():
    waiting = queue.Queue()
    snapshot = state.Snapshot([waiting, random.SystemRandom()])  # which has no state
    waiting.put(1)
    snapshot.restore()
    assert waiting.get_nowait() == 1


def test_a_generator_leads_to_what_it_holds_and_not_to_global_variables():
    numbers = np.zeros(3)

    def rows(numbers):
        while True:
            yield numbers

    iterator = rows(numbers)
    snapshot = state.Snapshot([iterator])
    numbers += 1
    GLOBAL.append("kept")
    snapshot.restore()
    assert not numbers.any()
    assert GLOBAL[-1] == "kept"


# Any nest of containers, spoilt in every place


class Holder:
    def __init__(self, value):
        self.value = value


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


LEAVES = st.one_of(
    st.integers(0, 9),
    st.builds(np.arange, st.integers(1, 9)),
    st.builds(np.random.default_rng, st.integers(0, 9)),
    st.builds(random.Random, st.integers(0, 9)),
    st.sets(st.integers(0, 9), max_size=3),
)
NESTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(deque),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        st.builds(Holder, inner),
        st.builds(Slotted, inner),
    ),
    max_leaves=12,
)


def spoil(thing):
    """Change a thing and all that it holds, in place."""
    if isinstance(thing, np.ndarray):
        thing[::-1] += 7
    elif isinstance(thing, np.random.Generator | random.Random):
        thing.random()
    elif isinstance(thing, set):
        thing ^= {1, 10}
    elif isinstance(thing, Holder | Slotted):
        spoil(thing.value)
        thing.value = "other"
        if isinstance(thing, Holder):
            thing.more = 1
    elif isinstance(thing, dict):
        for part in list(thing.values()):
            spoil(part)
        thing.pop("a", None)
        thing["d"] = 1
    elif isinstance(thing, list | tuple | deque):
        for part in thing:
            spoil(part)
        if not isinstance(thing, tuple):
            thing.rotate() if isinstance(thing, deque) else thing.reverse()
            thing.append("more")


def picture(thing):
    """All that a thing holds, to be compared."""
    if isinstance(thing, np.ndarray):
        return "array", thing.tolist(), thing.flags.writeable
    if isinstance(thing, np.random.Generator):
        return str(thing.bit_generator.state)
    if isinstance(thing, random.Random):
        return thing.getstate()
    if isinstance(thing, Holder | Slotted):
        return type(thing), picture(thing.value), sorted(getattr(thing, "__dict__", {}))
    if isinstance(thing, dict):
        return [(key, picture(value)) for key, value in thing.items()]
    if isinstance(thing, list | tuple | deque):
        return type(thing), [picture(part) for part in thing]
    return copy.copy(thing)


@settings(max_examples=200, deadline=None)
@given(thing=NESTS, cheap=st.sampled_from([0, 80, 10**9]))
def test_whatever_is_changed_is_put_back(thing, cheap):
    before = picture(thing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "CHEAP", cheap)
        snapshot = state.Snapshot(thing)
    with contextlib.suppress(ValueError):  # an array is locked
        spoil(thing)
    snapshot.restore()
    assert picture(thing) == before


def test_a_frozen_dataset_that_shuffles_in_place_is_found():
    assert checked(ShufflesInPlace, images(128), np.arange(128) % 3).found == ["repeats"]
    assert checked(Rows, images(128), np.arange(128) % 3)["order"].status == FOUND


# Random states and models


def states():
    return (
        random.getstate(),
        str(np.random.get_state()),
        np.asarray(keras.random.uniform((3,))).tolist(),
        tf.random.get_global_generator().state.numpy().tolist(),
    )


@pytest.mark.parametrize("drawn_before", [True, False])
def test_global_random_states_are_put_back(drawn_before):
    def augment(x):
        random.random()
        np.random.random()
        tf.random.get_global_generator().normal(())
        return x + keras.random.uniform((len(x), 1, 1, 1))

    results = []
    for check in (False, True):
        keras.utils.clear_session()
        keras.utils.set_random_seed(3)
        if drawn_before:
            keras.random.uniform(())
        if check:
            check_pipeline((images(64), np.arange(64) % 2), augment=augment)
        results.append(states())
    assert results[0] == results[1]


def test_random_states_are_put_back_after_an_error():
    def broken(x):
        np.random.random()
        raise RuntimeError("no")

    before = str(np.random.get_state())
    with pytest.raises(RuntimeError, match="no"):
        check_pipeline((images(64), np.arange(64) % 2), augment=broken)
    assert str(np.random.get_state()) == before


def test_seeds_weights_and_averages_of_layers_are_put_back_wherever_they_are():
    in_map, in_model, in_function = (layers.RandomRotation(0.1, seed=i) for i in range(3))
    x, y = images(64).astype("float32"), np.arange(64) % 2
    front = [keras.Input(x.shape[1:]), keras.Sequential([in_model]), layers.BatchNormalization(), layers.Flatten()]
    model = keras.Sequential([*front, layers.Dense(1)])
    train = tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH).map(lambda x, y: (in_map(x), y))
    held = [*model.variables, *in_map.variables, *in_function.variables]
    before = [variable.numpy().copy() for variable in held]
    check_pipeline(train, augment=lambda images: in_function(images), model=model)
    check_pipeline((x, y), model=model)
    for old, variable in zip(before, held, strict=True):
        np.testing.assert_array_equal(old, variable)


def test_iterators_of_image_data_generator_go_on_as_if_nothing_had_been():
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    batches = []
    for check in (False, True):
        np.random.seed(0)
        iterator = ImageDataGenerator(rotation_range=5).flow(images(64), np.arange(64) % 2)
        next(iterator)
        if check:
            check_pipeline(iterator, iterator)
        batches.append([next(iterator)[0] for _ in range(5)])
    np.testing.assert_array_equal(*batches)
