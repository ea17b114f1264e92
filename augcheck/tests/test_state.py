"""The check-up leaves the data that it reads as they were, however a pipeline treats them."""

import contextlib
import itertools
import queue
import random
import sys
import types
from collections import deque

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from augcheck import NOT_FOUND, check_pipeline
from augcheck.reading import state
from cases import BATCH, Rows, slices

GLOBAL = []


def made(n=128):
    """Images as bytes, and labels of three classes, which may be changed."""
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 1), np.uint8), np.arange(n) % 3


class ShufflesInPlace(Rows):
    """Labels first, so that an error at the images would leave every label wrong."""

    def on_epoch_begin(self):
        for part in (self.y, self.x):
            np.random.default_rng(len(self.order)).shuffle(part)


class Lightens(Rows):
    def __getitem__(self, i):
        x = self.x[i * BATCH : (i + 1) * BATCH]  # a view
        x += 1
        return x, self.y[:BATCH]


class ReadOnly(Rows):
    def __getitem__(self, i):
        self.x.flags.writeable = False
        self.x[0] = 1


@pytest.mark.parametrize(
    ("kind", "large", "refused"),
    [
        (Rows, True, ""),  # shuffles row numbers
        (Lightens, False, ""),
        (Lightens, True, "pile up from epoch to epoch: copy an image first"),
        (ShufflesInPlace, True, "too large to be put back.* shuffle row numbers"),
    ],
)
def test_arrays_are_as_they_were_and_what_writes_into_large_ones_is_refused(kind, large, refused, monkeypatch):
    if large:
        monkeypatch.setattr(state, "CHEAP", 3000)  # images, but not their labels, are too large to be copied
    data = kind(made())
    before = data.x.copy(), data.y.copy()
    with pytest.raises(ValueError, match=refused) if refused else contextlib.nullcontext():
        report = check_pipeline(data, live=False)
        assert report["repeats"].status == report["order"].status == NOT_FOUND or kind is not Rows
    for now, then in zip((data.x, data.y), before, strict=True):
        np.testing.assert_array_equal(now, then)
        assert now.flags.writeable


def test_an_error_of_the_pipeline_s_own_is_no_refusal():
    with pytest.raises(ValueError, match="read-only"):
        check_pipeline(ReadOnly(made()))


def test_many_things_are_looked_through_up_to_a_limit_and_what_is_held_by_few_first(monkeypatch):
    monkeypatch.setattr(state, "MOST", 20)
    rows = np.arange(3)
    paths, lists = [("a.png", i) for i in range(50)], [[i] for i in range(50)]
    beside = [[paths, rows], [rows, lists], [lists, rows], Holder([rows, lists]), {"rows": rows, "lists": lists}]
    for held, put_back in [*((one, True) for one in beside), ([*lists, rows], False)]:
        snapshot = state.Snapshot(held)
        rows += 1
        snapshot.restore()
        assert (rows[0] == 0) == put_back


def test_what_a_function_keeps_for_itself_is_put_back_and_global_variables_are_not():
    def make():
        calls, seen, rng = 0, [], random.Random(0)

        def augment(x, *, log=[]):  # noqa: B006
            nonlocal calls
            calls += 1
            for kept in (seen, log, GLOBAL):
                kept.append(rng.random())
            return np.asarray(x)

        return augment, lambda: (calls, seen, rng.random(), augment.__kwdefaults__)

    GLOBAL.clear()
    (augment, tell), (_, untouched) = make(), make()
    check_pipeline(made(64), augment=augment)
    assert tell() == untouched() and GLOBAL


# A snapshot of anything


class Holder:
    def __init__(self, value):
        self.value = value


class Slotted:
    __slots__ = ("value",)
    __init__ = Holder.__init__


def yielding(thing):
    while True:
        yield thing


# A thing that may change, how it is changed, and how that shows.
CHANGING = [
    (lambda: np.arange(9), lambda x: x.__iadd__(7), lambda x: (x.tolist(), x.flags.writeable)),
    (lambda: np.arange(9)[:5], lambda x: x.__iadd__(7), lambda x: (x.tolist(), x.base.tolist(), x.flags.writeable)),
    (lambda: np.random.default_rng(0), lambda x: x.random(), lambda x: str(x.bit_generator.state)),
    (lambda: np.random.RandomState(0), lambda x: x.random(), lambda x: str(x.get_state())),
    (lambda: random.Random(0), lambda x: x.random(), random.Random.getstate),
    (lambda: {1, 2}, lambda x: x.__ixor__({2, 9}), set), (lambda: [1, 2], list.reverse, list),
    (lambda: deque([1, 2]), lambda x: x.append(3), list),
    (lambda: {"a": 1, "b": 2}, lambda x: x.pop("a"), lambda x: [*x]),
    (lambda: Holder(1), lambda x: setattr(x, "more", 2), lambda x: [*vars(x)]),
    (lambda: Holder(1), lambda x: setattr(x, "value", 2), lambda x: x.value),
    (lambda: Slotted(1), lambda x: setattr(x, "value", 2), lambda x: x.value),
]  # fmt: skip
WRAPPINGS = [
    lambda x: x, lambda x: [3, x], lambda x: (x, 3), lambda x: {"a": 3, "b": x}, lambda x: deque([x]), Holder, Slotted,
    lambda x: (lambda: x), lambda x: (lambda more=x: more), lambda x: np.array([3, [x]], object), yielding,
]  # fmt: skip


@pytest.mark.parametrize("cheap", [0, 80, 10**9])
def test_whatever_is_changed_is_put_back(cheap, monkeypatch):
    monkeypatch.setattr(state, "CHEAP", cheap)
    for (make, change, look), inner, outer in itertools.product(CHANGING, WRAPPINGS, (Holder, yielding)):
        thing = make()
        before = look(thing)
        snapshot = state.Snapshot(outer(inner(thing)))
        with contextlib.suppress(ValueError):  # an array is locked
            change(thing)
        assert look(thing) != before
        snapshot.restore()
        assert look(thing) == before


def test_a_view_and_its_array_are_both_unlocked(monkeypatch):
    monkeypatch.setattr(state, "CHEAP", 0)
    whole = np.zeros(100)
    for parts in ([whole, whole[:]], [whole[:], whole]):
        snapshot = state.Snapshot(parts)
        assert not any(part.flags.writeable for part in parts)
        snapshot.restore()
        assert all(part.flags.writeable for part in parts)
    # Memory of another owner, such as a tensor of PyTorch's, would stay locked for ever.
    part = np.asarray(types.SimpleNamespace(__array_interface__=whole.__array_interface__))
    state.Snapshot(part).restore()
    assert part.flags.writeable


class Tensor(np.ndarray):
    """What of torch.Tensor is used."""

    detach = cpu = lambda self: self
    clone = np.ndarray.copy
    copy_ = np.copyto


def test_tensors_of_pytorch_are_put_back_and_queues_left_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(Tensor=Tensor))
    tensor, waiting = np.zeros(3).view(Tensor), queue.Queue()
    snapshot = state.Snapshot([{"x": tensor}, waiting, random.SystemRandom(), yielding(1)])  # the third has no state
    tensor += 1
    waiting.put(1)
    snapshot.restore()
    assert not tensor.any() and waiting.get_nowait() == 1


# Random states and models


def states():
    tensors = keras.random.uniform((3,)), tf.random.get_global_generator().state
    return random.getstate(), str(np.random.get_state()), [np.asarray(tensor).tolist() for tensor in tensors]


@pytest.mark.parametrize("drawn_before", [True, False])
def test_global_random_states_are_put_back_also_after_an_error(drawn_before):
    def augment(x):
        drawn = random.random() + np.random.random() + float(tf.random.get_global_generator().normal(()))
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
            check_pipeline(made(64), augment=augment)
            check_pipeline(made(64), augment=broken)
            with pytest.raises(RuntimeError, match="no"):
                check_pipeline(lambda: map(broken, [made(64)[0]]))
        results.append(states())
    assert results[0] == results[1]


def test_seeds_weights_and_averages_of_layers_are_put_back_wherever_they_are():
    in_map, in_model, in_function = (layers.RandomFlip(seed=i) for i in range(3))
    x, y = made(64)
    front = [keras.Input(x.shape[1:]), keras.Sequential([in_model]), layers.BatchNormalization(), layers.Flatten()]
    model = keras.Sequential([*front, layers.Dense(1)])
    train = slices(x.astype("float32"), y).batch(BATCH).map(lambda x, y: (in_map(x), y))
    held = [*model.variables, *in_map.variables, *in_function.variables]
    before = [variable.numpy().copy() for variable in held]
    check_pipeline(train, augment=lambda images: in_function(images), model=model)
    check_pipeline((x, y), model=model)
    for old, variable in zip(before, held, strict=True):
        np.testing.assert_array_equal(old, variable)
