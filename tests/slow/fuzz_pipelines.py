"""2,000 right pipelines and 500 broken ones for the check-up, drawn by a seed from building blocks.

This list was written, and committed, before any of it was run. What a pipeline is made of is drawn first, as a text;
pictures and pipeline follow when it is made, from the same seed.

Right means: what a teacher would let pass. Every image has its own label, both sets have the same coding of values and
labels and no image in common, validation stays as it is, the order is new in every epoch, and where new pictures are
meant each image is changed by a draw of its own, with two outcomes at least. Left out as ambiguous, by rule: images of
one single value (an empty tile, or a file that failed to load), two classes of which validation has one, a list of
batches as training (its order stays), and sorted images behind a small buffer.

Broken means one fault, in a pipeline that is right but for it. Each kind of fault says which findings name it. Left out
by rule: faults that leave no trace in what a pipeline yields, such as labels that were stored beside the wrong images.
"""

import functools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "augcheck" / "tests")]
from made import each, flip, quarter  # noqa: E402

GARMENTS = ROOT / "data" / "garments.npz"
SEED = 20260
RIGHT, BROKEN = 2000, 500
MOST_SHOWN = 1500  # images of an epoch, where small sets are repeated


class Drawn(NamedTuple):
    """A pipeline of the list.

    Attributes:
        number: its place in the list.
        fault: what is wrong with it; empty for a right one.
        text: what it is made of.
        make: makes the arguments of ``check_pipeline``.
    """

    number: int
    fault: str
    text: str
    make: Callable[[], dict[str, Any]]


# What a pipeline is made of


def log_uniform(rng, least, most):
    return int(round(least * (most / least) ** rng.random()))


def pick(rng, options):
    """One of some options, by their weights."""
    weights = np.array(list(options.values()), float)
    return list(options)[int(rng.choice(len(options), p=weights / weights.sum()))]


CHANGES = {
    "flip": 4, "flip both ways": 1, "quarter turns": 1, "roll": 3, "shift, edge": 2, "shift, filled": 2, "crop": 3,
    "lighten": 2, "contrast": 1, "noise": 1, "erase": 1,
}  # fmt: skip
VALUES = {"unit": 5, "bytes": 3, "0 to 255": 2, "-1 to 1": 2, "standardised": 2, "sensor": 3, "celsius": 1, "ct": 1}
ORDERS = {
    "permutation": 6, "buffer": 3, "repeated": 5, "with replacement": 2, "balanced draws": 2, "balanced batches": 2,
    "oversampled": 1, "undersampled": 1,
}  # fmt: skip
CONTAINERS = {
    "function": 5, "iterable": 5, "PyDataset": 4, "endless": 3, "arrays and augment": 3, "arrays": 2, "copies": 2,
    "copies at random": 2, "copies in turn": 1, "stored": 2, "tf.data": 1, "flow": 1, "model": 1, "mixed": 1,
}  # fmt: skip
OWN_ORDER = ("arrays and augment", "arrays", "copies", "tf.data", "flow", "model")
OWN_CHANGE = ("arrays", "stored", "tf.data", "flow", "model", "mixed")


def ingredients(rng, **fixed):
    """What a right pipeline is made of, by names; what is fixed isn't drawn."""
    d = {}

    def draw(name, value):
        d[name] = fixed.get(name, value)  # drawn in any case, so that the other draws stay
        return d[name]

    picture = draw("picture", pick(rng, {"blobs": 3, "texture": 3, "strokes": 3, "ink": 1, "garments": 3}))
    k = int(draw("classes", 2 if picture == "garments" else int(rng.integers(2, 6))))
    sides = {"garments": [14, 28], "ink": [24, 28, 32]}.get(picture, [12, 16, 20, 24, 28, 32])
    draw("side", int(rng.choice(sides)))
    draw("colour", bool(rng.random() < 0.5) and picture != "ink")
    draw("values", pick(rng, VALUES))
    d["bits"] = int(rng.integers(10, 15))
    draw("frame", pick(rng, {"": 6, "white": 2, "black": 1, "grey": 1, "white, of several widths": 1}))
    draw("n", log_uniform(rng, 40, 400))
    draw("n_val", log_uniform(rng, 24, 200))
    d["rare"] = round(float(rng.uniform(0.1, 0.3)), 2) if rng.random() < 0.25 else 0
    draw("absent", k > 2 and rng.random() < 0.2)
    codings = {"numbers": 4, "a column": 2, "one-hot": 2, "floats": 1, "from 1": 1, "tens": 1}
    if k == 2:
        codings |= {"signs": 1, "bool": 1}
    draw("labels", pick(rng, codings | {"-1 for unlabelled": 0.7}))
    names = list(CHANGES)
    weights = np.array(list(CHANGES.values()), float)
    some = rng.choice(len(names), int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1])), False, weights / weights.sum())
    draw("change", tuple(names[i] for i in some))
    draw("order", pick(rng, ORDERS))
    d["times"] = int(rng.integers(2, 26))
    draw("batch", int(rng.choice([4, 8, 16, 32, 50, 64, 100])))
    d["drop"] = bool(rng.random() < 0.3)
    draw("container", pick(rng, CONTAINERS))
    d["copies"] = int(rng.integers(1, 9))
    draw("validation", pick(rng, {"arrays": 5, "iterable": 3, "list": 1, "shuffled": 1, "none": 1}))
    draw("augment given", bool(rng.random() < 0.25))
    d["factory"] = bool(rng.random() < 0.3)
    if d["container"] == "mixed":
        d["labels"] = "one-hot"
    if d["container"] in OWN_ORDER:
        d["order"] = "its own"
    if d["container"] in OWN_CHANGE:
        d["change"] = ()
    if d["container"] == "copies":  # beside originals, which aren't cropped
        d["change"] = tuple(name for name in d["change"] if name != "crop") or ("flip",)
    return d


def told(d):
    return "; ".join(f"{name} {value}" for name, value in d.items())


# Pictures


@functools.cache
def garments():
    with np.load(GARMENTS) as file:
        return {name: file[name] for name in ("x_train", "y_train")}


def pictures(rng, kind, y, k, side, colour):
    """(n, side, side, 1 or 3), in steps of 1/255 from 0 to 1, of classes y."""
    n = len(y)
    u = np.linspace(0, 1, side)  # from left to right
    v = u[:, None]  # from top to bottom
    one = (n, 1, 1)
    if kind == "garments":
        mask = np.zeros((n, 28, 28))
        for c in range(2):
            rows = np.flatnonzero(garments()["y_train"] == c)
            mask[y == c] = garments()["x_train"][rng.choice(rows, (y == c).sum(), False), ..., 0] / 255
        mask = mask if side == 28 else mask.reshape(n, 14, 2, 14, 2).mean((2, 4))
    elif kind == "blobs":  # the first, brightest one lies where its class says
        angle = 2 * np.pi * (y.reshape(one) + rng.normal(0, 0.12, one)) / k
        radius = rng.uniform(0.15, 0.35, one)
        centres = [(0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle))]
        centres += [(rng.random(one), rng.random(one)) for _ in range(4)]
        mask = np.zeros((n, side, side))
        for i, (a, b) in enumerate(centres):
            wide = rng.uniform(0.06, 0.2, one)
            height = rng.uniform(0.8, 1, one) if i == 0 else rng.uniform(-0.3, 0.6, one)
            mask += height * np.exp(-((u - a) ** 2) / (2 * wide**2)) * np.exp(-((v - b) ** 2) / (2 * wide**2))
        mask = 0.15 + 0.7 * mask
    elif kind == "texture":  # gratings around the direction of their class, under an uneven light
        mask = 0.5 + 0.3 * (rng.uniform(-1, 1, one) * u + rng.uniform(-1, 1, one) * v)
        for _ in range(3):
            angle = np.pi * (y.reshape(one) + rng.normal(0, 0.15, one)) / k
            waves, phase = rng.uniform(2, side / 5, one), rng.uniform(0, 2 * np.pi, one)
            height = rng.uniform(0.05, 0.2, one)
            across, down = 2 * np.pi * waves * np.cos(angle) * u + phase, 2 * np.pi * waves * np.sin(angle) * v
            mask += height * (np.sin(across) * np.cos(down) + np.cos(across) * np.sin(down))
    else:  # figures of strokes; which ones says the class, and no figure is another one mirrored or turned
        figures = [(0, 1, 2, 3, 4, 5), (1, 2), (0, 1, 6, 4, 3), (5, 6, 1, 2), (0, 5, 6, 4, 3)]  # 0, 1, 2, 4, E
        corners = np.array([(0.25, 0.12), (0.75, 0.12), (0.75, 0.5), (0.75, 0.88), (0.25, 0.88), (0.25, 0.5)])
        strokes = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (5, 2)]
        points = corners + rng.normal(0, 0.05, (n, 6, 2)) + rng.normal(0, 0.04, (n, 1, 2))
        far = np.full((n, side, side), 9.0)
        for number, figure in enumerate(figures[:k]):
            mine = y == number
            for start, end in (strokes[i] for i in figure):
                (a, b), (c, e) = (points[mine, i].T.reshape(2, -1, 1, 1) for i in (start, end))
                along = ((u - a) * (c - a) + (v - b) * (e - b)) / ((c - a) ** 2 + (e - b) ** 2)
                along = np.clip(along, 0, 1)
                square = (u - a - along * (c - a)) ** 2 + (v - b - along * (e - b)) ** 2
                far[mine] = np.minimum(far[mine], square)
        far = np.sqrt(far)
        thick = rng.uniform(0.05, 0.1, one)
        if kind == "ink":
            return (far < thick).astype(float)[..., None]
        mask = np.clip((thick - far) * side + 0.5, 0, 1)
    mask = np.clip(mask, 0, 1)[..., None] * rng.uniform(0.7, 1, (n, 1, 1, 1))
    if colour:
        ground, ink = rng.uniform(0, 0.4, (n, 1, 1, 3)), rng.uniform(0.5, 1, (n, 1, 1, 3))
        mask = ground + (ink - ground) * mask
    grain = rng.choice([0, 0.01, 0.02])
    if kind != "garments":
        mask = mask + grain * rng.normal(0, 1, mask.shape)
    return np.rint(255 * np.clip(mask, 0, 1)) / 255


def framed(rng, x, frame):
    """In the middle of a constant frame, up to a quarter of a side wide, or at a place of its own within it."""
    if not frame:
        return x
    n, side, _, channels = x.shape
    width = int(rng.integers(1, side // 4 + 1))
    places = np.full((2, n), width)
    if "several" in frame:
        places = rng.integers(0, 2 * width + 1, (2, n))
    value = {"black": 0.0, "grey": 128 / 255}.get(frame, 1.0)
    made = np.full((n, side + 2 * width, side + 2 * width, channels), value)
    for image, page, top, left in zip(x, made, *places, strict=True):
        page[top : top + side, left : left + side] = image
    return made


def distinct(rng, d, y, k):
    """Framed pictures of classes y, no two alike."""
    x = pictures(rng, d["picture"], y, k, d["side"], d["colour"])
    while True:
        seen = set()
        again = [i for i in range(len(x)) if x[i].tobytes() in seen or seen.add(x[i].tobytes())]
        if not again:
            return framed(rng, x, d["frame"])
        x[again] = pictures(rng, d["picture"], y[again], k, d["side"], d["colour"])


def coded_values(d, x):
    """The function that codes values from 0 to 1; x are the images of training."""
    mean, spread, bits = x.mean(), x.std(), d["bits"]
    codings = {
        "unit": lambda p: p.astype(np.float32),
        "bytes": lambda p: np.rint(255 * p).astype(np.uint8),
        "0 to 255": lambda p: (255 * p).astype(np.float32),
        "-1 to 1": lambda p: (2 * p - 1).astype(np.float32),
        "standardised": lambda p: ((p - mean) / spread).astype(np.float32),
        # A camera of 10 to 14 bits, stored in 16 and divided by 65,535, with its dark level.
        "sensor": lambda p: (np.rint((2**bits - 65) * p + 64) / 65535).astype(np.float32),
        "celsius": lambda p: (18 + bits * p).astype(np.float32),  # of a thermal camera
        "ct": lambda p: np.rint(-1000 + 900 * p).astype(np.int16),  # Hounsfield units of a lung
    }
    return codings[d["values"]]


def coded_labels(coding, y, k):
    codings = {
        "a column": y[:, None], "one-hot": np.eye(k, dtype=np.float32)[y], "floats": y.astype(np.float32),
        "from 1": y + 1, "tens": 10 * y, "signs": 2 * y - 1, "bool": y.astype(bool),
    }  # fmt: skip
    return codings.get(coding, y)


class Sets(NamedTuple):
    """Coded images and labels of both sets, their classes, and the code of values from 0 to 1."""

    x: np.ndarray
    labels: np.ndarray
    v: np.ndarray
    labels_val: np.ndarray
    y: np.ndarray
    w: np.ndarray
    code: Callable[[np.ndarray], np.ndarray]


def sets_of(d, rng):
    k, n, n_val = d["classes"], d["n"], d["n_val"]
    shares = np.full(k, 1 / k)
    if d["rare"]:
        shares = np.r_[d["rare"], np.full(k - 1, (1 - d["rare"]) / (k - 1))]
    y, w = (np.r_[np.arange(k), rng.choice(k, m - k, p=shares)] for m in (n, n_val))
    if d["absent"]:  # its groups are all in training
        w[w == k - 1] = rng.integers(0, k - 1, (w == k - 1).sum())
    y, w = rng.permutation(y), rng.permutation(w)
    both = distinct(rng, d, np.r_[y, w], k)
    code = coded_values(d, both[:n])
    labels, labels_val = coded_labels(d["labels"], y, k), coded_labels(d["labels"], w, k)
    if d["labels"] == "-1 for unlabelled":  # in training alone
        labels = np.where(rng.random(n) < rng.uniform(0.1, 0.5), -1, y)
    return Sets(code(both[:n]), labels, code(both[n:]), labels_val, y, w, code)


# Changes of a batch, each with a draw for each image


def at(x, rows, columns):
    """x[i, rows[i], columns[i]] for all i."""
    return x[np.arange(len(x))[:, None, None], rows[:, :, None], columns[:, None, :]]


def per_image(x, rng):
    """A factor for each image."""
    return rng.uniform(0.6, 1, each(len(x)))


def like(x, changed):
    """In the type of x: whole numbers are rounded and kept in their range."""
    if x.dtype.kind == "f":
        return changed.astype(x.dtype)
    ends = np.iinfo(x.dtype)
    return np.clip(np.rint(changed), ends.min, ends.max).astype(x.dtype)


def change_of(names, low, high):
    """The changes of these names, one after the other, of values whose black is ``low`` and white ``high``."""
    steps = {
        "flip": flip,
        "flip both ways": lambda x, rng: np.where(rng.random(each(len(x))) < 0.5, x[:, ::-1], flip(x, rng)),
        "quarter turns": quarter,
        "roll": lambda x, rng: _moved(x, rng, np.mod),
        "shift, edge": lambda x, rng: _moved(x, rng, lambda places, side: np.clip(places, 0, side - 1)),
        "shift, filled": lambda x, rng: _filled(x, rng, low),
        "crop": lambda x, rng: _cropped(x, rng.integers(0, margin(x) + 1, (2, len(x)))),
        "lighten": lambda x, rng: like(x, low + (x - low) * per_image(x, rng)),
        "contrast": lambda x, rng: _contrasted(x, rng, x.mean((1, 2, 3), keepdims=True)),
        "noise": lambda x, rng: like(x, x + (high - low) * rng.normal(0, 0.02, x.shape)),
        "erase": lambda x, rng: _erased(x, rng, low),
    }

    def change(x, rng):
        for name in names:
            x = steps[name](x, rng)
        return np.ascontiguousarray(x)

    return change


def margin(x):
    """How much smaller crops are."""
    return x.shape[1] // 6


def _contrasted(x, rng, mean):
    return like(x, mean + (x - mean) * per_image(x, rng))


def _moved(x, rng, kept):
    side = x.shape[1]
    places = np.arange(side) + rng.integers(-3, 4, (2, len(x), 1))
    return at(x, kept(places[0], side), kept(places[1], side))


def _filled(x, rng, low):
    padded = np.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)), constant_values=np.asarray(low, x.dtype))
    places = np.arange(x.shape[1]) + rng.integers(0, 7, (2, len(x), 1))
    return at(padded, *places)


def _cropped(x, corners):
    places = np.arange(x.shape[1] - margin(x)) + corners[..., None]
    return at(x, *places)


def _erased(x, rng, low):
    side = x.shape[1]
    starts = rng.integers(0, side, (2, len(x), 1))
    sizes = rng.integers(2, side // 3 + 1, (2, len(x), 1))
    hit = (np.arange(side) >= starts) & (np.arange(side) < starts + sizes)
    return np.where(hit[0][:, :, None, None] & hit[1][:, None, :, None], np.asarray(low, x.dtype), x)


# Orders of an epoch


def split(rows, d):
    """Into batches; a remainder is dropped where that is drawn, if a batch is left."""
    size = d["batch"]
    end = len(rows) - len(rows) % size if d["drop"] and len(rows) >= size else len(rows)
    return [rows[i : min(i + size, end)] for i in range(0, end, size)]


def buffered(rng, rows, size):
    """Rows as a shuffle buffer of so many leaves them."""
    waiting, order = list(rows[:size]), []
    for row in rows[size:]:
        place = int(rng.integers(len(waiting)))
        order.append(waiting[place])
        waiting[place] = row
    return np.array(order + [waiting[i] for i in rng.permutation(len(waiting))])


def times_of(d):
    """How many passes an epoch has."""
    return int(min(d["times"], max(2, MOST_SHOWN // d["n"])))


def batches_of(d, y):
    """A function that draws the batches of an epoch, as row numbers."""
    n, k, order = d["n"], d["classes"], d["order"]
    of = [np.flatnonzero(y == c) for c in range(k)]
    weights = 1 / np.bincount(y, minlength=k)[y]
    size = int(max(4, n * (0.05 + 0.45 * (d["times"] - 2) / 23)))  # of a buffer: 5 to 50 % of the set

    def rows(rng):
        if order == "buffer":
            return buffered(rng, np.arange(n), size)
        if order == "repeated":
            return np.concatenate([rng.permutation(n) for _ in range(times_of(d))])
        if order == "with replacement":
            return rng.integers(0, n, n * times_of(d) if d["copies"] > 4 else n)
        if order == "balanced draws":
            return rng.choice(n, n, p=weights / weights.sum())
        if order == "oversampled":
            most = max(map(len, of))
            return rng.permutation(np.concatenate([np.resize(rng.permutation(part), most) for part in of]))
        if order == "undersampled":
            least = max(min(map(len, of)), 4)
            return rng.permutation(np.concatenate([rng.permutation(part)[:least] for part in of]))
        if order == "balanced batches":  # the same number of each class in every batch
            each = max(d["batch"] // k, 1)
            steps = -(-n // (each * k))
            columns = [np.resize(rng.permutation(part), (steps, each)) for part in of]
            return rng.permuted(np.concatenate(columns, 1), axis=1).ravel()
        return rng.permutation(n)

    if order == "balanced batches":
        whole = {"batch": max(d["batch"] // k, 1) * k, "drop": False}
        return lambda rng: split(rows(rng), d | whole)
    return lambda rng: split(rows(rng), d)


# Pipelines


class Pipeline:
    """Batches of images, each epoch in a new order; a fault replaces one of its parts.

    Args:
        batches: draws the row numbers of an epoch's batches.
        change: of a batch; None leaves images as they are.
        start: is called with the pipeline when an epoch begins.
        show: makes a batch of row numbers, in place of image and change.
    """

    def __init__(self, x, labels, batches, change=None, seed=0, start=None, show=None):
        self.x, self.labels, self.batches, self.change = x, labels, batches, change
        self.order, self.draws = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
        self.start, self.show, self.epochs = start, show, 0

    def begin(self):
        if self.start is not None:
            self.start(self)
        self.epochs += 1
        return self.batches(self.order)

    def batch(self, rows):
        if self.show is not None:
            return self.show(self, rows)
        images = self.x[rows]
        return images if self.change is None else self.change(images, self.draws), self.labels[rows]

    def epoch(self):
        for rows in self.begin():
            yield self.batch(rows)


class Iterable:
    """Epochs of a pipeline, or one without an end."""

    def __init__(self, pipeline, endless=False):
        self.pipeline, self.endless = pipeline, endless

    def __iter__(self):
        yield from self.pipeline.epoch()
        while self.endless:
            yield from self.pipeline.epoch()


class PyDataset(keras.utils.PyDataset):
    """A pipeline as Keras has it."""

    def __init__(self, pipeline):
        super().__init__()
        self.pipeline, self.rows = pipeline, pipeline.begin()

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.pipeline.batch(self.rows[i])

    def on_epoch_end(self):
        self.rows = self.pipeline.begin()


def contained(pipeline, container):
    """The arguments for training."""
    if container == "PyDataset":
        return {"train": PyDataset(pipeline)}
    if container == "endless":
        steps = len(pipeline.batches(np.random.default_rng(0)))
        return {"train": Iterable(pipeline, endless=True), "steps_per_epoch": steps}
    if container == "function":

        def epoch():
            yield from pipeline.epoch()

        return {"train": epoch}
    return {"train": Iterable(pipeline)}


def in_order(n, size):
    return lambda rng: np.split(np.arange(n), range(size, n, size))


def validation_of(d, v, labels):
    if "crop" in d["change"]:
        v = _cropped(v, np.full((2, len(v)), margin(v) // 2))  # the middle
    n = len(v)
    if d["validation"] == "iterable":
        return Iterable(Pipeline(v, labels, in_order(n, d["batch"])))
    if d["validation"] == "list":
        return [(v[rows], labels[rows]) for rows in in_order(n, d["batch"])(np.random.default_rng(0))]
    if d["validation"] == "shuffled":
        return Iterable(Pipeline(v, labels, lambda rng: split(rng.permutation(n), {"batch": d["batch"], "drop": 0})))
    return v, labels


def network(sets, *front):
    end = [layers.Flatten(), layers.Dense(1)]
    return keras.Sequential([keras.Input(sets.x.shape[1:]), *front, *end])


def ends(sets):
    """The codes of black and white."""
    low, high = sets.code(np.array([0.0, 1.0])).astype(float)
    return low, high


def given(change, draws):
    """A change in the pipeline, given as augment=."""
    return {"augment": lambda images: change(np.asarray(images), draws), "augment_in": "batch"}


def training_of(d, sets, rng):
    """The arguments for training of a right pipeline."""
    x, labels, container = sets.x, sets.labels, d["container"]
    change, seed = change_of(d["change"], *ends(sets)), int(rng.integers(2**31))
    draws, batches = np.random.default_rng(seed), batches_of(d, sets.y)
    if container == "arrays":
        return {"train": (x, labels)}
    if container == "arrays and augment":
        return {"train": (x, labels), "augment": lambda images: change(np.asarray(images), draws)}
    if container == "stored":
        return contained(Pipeline(x, labels, batches, seed=seed), "iterable") | {"live": False}
    if container == "copies":  # originals and some copies, as arrays
        copies = [change(x, draws) for _ in range(d["copies"])]
        return {"train": (np.concatenate([x, *copies]), np.concatenate([labels] * (1 + d["copies"])))}
    if container in ("copies at random", "copies in turn"):
        in_turn = container == "copies in turn"
        count = d["copies"] + 8 if in_turn else 2 * d["copies"]
        store = np.stack([change(x, draws) for _ in range(count)])

        def show(pipeline, rows):
            which = pipeline.epochs % count if in_turn else pipeline.draws.integers(0, count, len(rows))
            return store[which, rows], labels[rows]

        return contained(Pipeline(x, labels, batches, seed=seed, show=show), "iterable")
    if container == "tf.data":
        generator = tf.random.Generator.from_seed(seed)
        flip = tf.autograph.experimental.do_not_convert(
            lambda a, b: (tf.where(generator.uniform((tf.shape(a)[0], 1, 1, 1)) < 0.5, a[:, :, ::-1], a), b)
        )
        data = tf.data.Dataset.from_tensor_slices((x, labels)).shuffle(max(len(x) // d["copies"], 8), seed=seed % 9999)
        return {"train": data.repeat(1 + times_of(d) % 4).batch(d["batch"]).map(flip).prefetch(2)}
    if container == "flow":
        made = ImageDataGenerator(horizontal_flip=True, vertical_flip=bool(seed % 2))
        return {"train": made.flow(x, labels, batch_size=d["batch"], seed=seed % 9999)}
    if container == "model":
        front = [layers.RandomFlip("horizontal", seed=1), layers.RandomTranslation(0.1, 0.1, seed=2)]
        return {"train": (x, labels), "model": network(sets, *front[: 1 + seed % 2])}
    if container == "mixed":

        def mixed(pipeline, rows):
            others, share = pipeline.draws.permutation(rows), pipeline.draws.beta(0.4, 0.4, len(rows))
            images = share.reshape(-1, 1, 1, 1) * x[rows] + (1 - share).reshape(-1, 1, 1, 1) * x[others]
            columns = share[:, None] * labels[rows] + (1 - share[:, None]) * labels[others]
            return images.astype(np.float32), columns.astype(np.float32)

        return contained(Pipeline(x, labels, batches, seed=seed, show=mixed), "iterable")
    made = contained(Pipeline(x, labels, batches, change, seed), container)
    return made | given(change, draws) if d["augment given"] else made


def right(number):
    """A right pipeline of the list, number from 0 to RIGHT - 1."""
    d = ingredients(np.random.default_rng([SEED, 0, number]))

    def make():
        rng = np.random.default_rng([SEED, 1, number])
        sets = sets_of(d, rng)
        made = training_of(d, sets, rng)
        if d["validation"] != "none":
            made["validation"] = validation_of(d, sets.v, sets.labels_val)
        return {"train": lambda: made} if d["factory"] else made

    return Drawn(number, "", told(d), make)


# Faults


class Fault(NamedTuple):
    """A kind of fault.

    Attributes:
        make: ``make(sets, d, rng)``, the arguments of ``check_pipeline``, from a right pipeline's sets.
        names: the findings of which each names it.
        words: a finding of any name counts, too, if what it found has these words (a regular expression).
        fixed: what the pipeline has, beside what is drawn.
    """

    make: Callable[[Sets, dict[str, Any], np.random.Generator], dict[str, Any]]
    names: tuple[str, ...]
    words: str = "(?!)"
    fixed: dict[str, Any] = {}

    def named_by(self, name, value):
        return name in self.names or bool(re.search(self.words, value))


FAULTS = {}
PLAIN = {"container": "iterable", "order": "permutation", "absent": False, "augment given": False}
NUMBERS = {"labels": "numbers"}
STORED = {"change": ()}  # the pictures stay as they are
UNCROPPED = {"change": ("flip", "roll")}
SEVERAL = {"batch": 8}  # an epoch of one batch has no order and needs no second worker


def fault(name, *names, words="(?!)", **fixed):
    def add(make):
        FAULTS[name] = Fault(make, names, words, PLAIN | fixed)
        return make

    return add


def seed_of(rng):
    return int(rng.integers(2**31))


def live(sets, d, rng, **parts):
    """Both sets, training live, with some parts replaced."""
    change, batches = change_of(d["change"], *ends(sets)), batches_of(d, sets.y)
    how = {"x": sets.x, "labels": sets.labels, "batches": batches, "change": change, "seed": seed_of(rng)} | parts
    container = ("function", "iterable", "PyDataset")[how["seed"] % 3]
    return contained(Pipeline(**how), container) | {"validation": validation_of(d, sets.v, sets.labels_val)}


def other_validation(sets, d, rng, v):
    """Live training, and other validation images."""
    return live(sets._replace(v=v), d, rng)


def some_rows(rng, n, least, most):
    """A share of n rows, at least three."""
    return rng.choice(n, max(3, round(n * rng.uniform(least, most))), replace=False)


@fault("frozen: augmented once", "repeats")
def _(sets, d, rng):
    once = change_of(d["change"], *ends(sets))(sets.x, rng)
    return live(sets, d, rng, x=once, change=None)


@fault("frozen: an image's own seed", "repeats")
def _(sets, d, rng):
    change = change_of(d["change"], *ends(sets))

    def show(pipeline, rows):
        made = [change(pipeline.x[[row]], np.random.default_rng(row))[0] for row in rows]
        return np.stack(made), pipeline.labels[rows]

    return live(sets, d, rng, show=show)


@fault("a seed inside the epoch", "repeats", "positions", "order")
def _(sets, d, rng):
    def start(pipeline):
        pipeline.order, pipeline.draws = np.random.default_rng(0), np.random.default_rng(1)

    return live(sets, d, rng, start=start)


@fault("draws start again with each epoch", "positions", "repeats")
def _(sets, d, rng):
    def start(pipeline):
        pipeline.draws = np.random.default_rng(1)

    return live(sets, d, rng, start=start)


@fault("workers with one seed", "positions", "repeats", **SEVERAL)
def _(sets, d, rng):
    change = change_of(d["change"], *ends(sets))

    def start(pipeline):
        pipeline.workers = [np.random.default_rng([pipeline.epochs, 5]) for _ in range(2)]
        pipeline.turn = 0

    def show(pipeline, rows):
        pipeline.turn = 1 - pipeline.turn
        return change(pipeline.x[rows], pipeline.workers[pipeline.turn]), pipeline.labels[rows]

    return live(sets, d, rng, start=start, show=show)


def alike(change):
    """One draw for all images of a batch."""

    def changed(x, rng):
        seed = seed_of(rng)
        return np.concatenate([change(x[[i]], np.random.default_rng(seed)) for i in range(len(x))])

    return changed


@fault("one draw a batch, augment= given", "one draw")
def _(sets, d, rng):
    change, draws = alike(change_of(d["change"], *ends(sets))), np.random.default_rng(seed_of(rng))
    return live(sets, d, rng, change=change) | given(change, draws)


@fault("one draw a batch, seen from outside", "one draw")
def _(sets, d, rng):
    return live(sets, d, rng, change=alike(change_of(d["change"], *ends(sets))))


@fault("one crop a batch", "one draw", change=("crop",))
def _(sets, d, rng):
    change, draws = alike(change_of(("crop",), *ends(sets))), np.random.default_rng(seed_of(rng))
    return live(sets, d, rng, change=change) | given(change, draws)


@fault("labels shuffled apart", "labels", change=("flip",))
def _(sets, d, rng):
    def start(pipeline):
        pipeline.labels = pipeline.order.permutation(sets.labels)

    kept = {} if rng.random() < 0.5 else {"change": None}
    return live(sets, d, rng, start=start, **kept) | ({"live": False} if kept else {})


@fault("mirrored copies with other labels", "labels", **STORED, **NUMBERS)
def _(sets, d, rng):
    both = np.concatenate([sets.x, sets.x[:, :, ::-1]])
    labels = np.concatenate([sets.labels, rng.permutation(sets.labels)])
    if rng.random() < 0.5:
        return {"train": (both, labels), "validation": (sets.v, sets.labels_val)}
    how = {"x": both, "labels": labels, "change": None, "batches": lambda rng: split(rng.permutation(2 * d["n"]), d)}
    return live(sets, d, rng, **how) | {"live": False}


@fault("one class augmented alone", "labels", **NUMBERS, classes=2, **STORED)
def _(sets, d, rng):
    change = change_of((("roll",), ("lighten",), ("noise",))[int(rng.integers(3))], *ends(sets))

    def show(pipeline, rows):
        images, labels = pipeline.x[rows], pipeline.labels[rows]
        return np.where((labels == 1).reshape(-1, 1, 1, 1), change(images, pipeline.draws), images), labels

    return live(sets, d, rng, show=show)


@fault("NaN among the labels", "labels", labels="floats")
def _(sets, d, rng):
    labels = sets.labels.copy()
    labels[some_rows(rng, len(labels), 0.02, 0.1)] = np.nan
    return live(sets, d, rng, labels=labels)


@fault("training images in validation, training stored", "shared images", **STORED)
def _(sets, d, rng):
    return _leaked(sets, d, rng) | {"train": (sets.x, sets.labels)}


@fault("training images in validation, training live", "shared images", change=("flip",))
def _(sets, d, rng):
    return _leaked(sets, d, rng)


def _leaked(sets, d, rng):
    """Validation images were replaced by training images: as they are, mirrored, or turned by a quarter."""
    rows = some_rows(rng, len(sets.v), 0.1, 0.6)[: len(sets.x)]
    leaked = sets.x[rng.choice(len(sets.x), len(rows), replace=False)]
    leaked = (leaked, leaked[:, :, ::-1], np.rot90(leaked, axes=(1, 2)))[int(rng.integers(3))]
    v = sets.v.copy()
    v[rows] = leaked
    return other_validation(sets, d, rng, v)


@fault("augmented first, then split", "shared images", **UNCROPPED, **NUMBERS)
def _(sets, d, rng):
    change = change_of((("flip",), ("lighten",), ("roll",))[int(rng.integers(3))], *ends(sets))
    copies = np.concatenate([sets.x, *(change(sets.x, rng) for _ in range(3))])
    labels = np.tile(sets.labels, 4)
    order = rng.permutation(len(copies))
    train, rest = order[: len(order) * 3 // 4], order[len(order) * 3 // 4 :]
    return {"train": (copies[train], labels[train]), "validation": (copies[rest], labels[rest])}


@fault("validation augmented", "validation moves", validation="iterable")
def _(sets, d, rng):
    change = change_of(d["change"], *ends(sets))
    other = Pipeline(sets.v, sets.labels_val, in_order(len(sets.v), d["batch"]), change, seed_of(rng))
    return live(sets, d, rng) | {"validation": Iterable(other)}


@fault("validation in another range", "sets differ")
def _(sets, d, rng):
    same = {"bytes": "0 to 255"}.get(d["values"], d["values"])
    coding = pick(rng, {name: 1 for name in ("unit", "0 to 255", "-1 to 1") if name != same})
    low, high = ends(sets)
    plain = np.rint(255 * (sets.v.astype(float) - low) / (high - low)) / 255
    return other_validation(sets, d, rng, coded_values(d | {"values": coding}, plain)(plain))


# Gratings are the same when inverted; strokes on a dark ground aren't.
@fault("validation inverted", "sets differ", frame="", values="unit", picture="strokes")
def _(sets, d, rng):
    return other_validation(sets, d, rng, 1 - sets.v)


@fault("a channel zero on one side", "sets differ", "degenerate", colour=True, picture="blobs", values="unit")
def _(sets, d, rng):
    return _one_side(sets, d, rng, lambda x, c: np.where(np.arange(3) == c, np.float32(0), x))


@fault("a channel shifted on one side", "sets differ", "degenerate", colour=True, picture="texture", values="unit")
def _(sets, d, rng):
    by = np.float32(rng.choice([-1, 1]) * rng.uniform(0.2, 0.5))
    return _one_side(sets, d, rng, lambda x, c: np.where(np.arange(3) == c, x + by, x))


def _one_side(sets, d, rng, wrong):
    channel = int(rng.integers(3))
    if rng.random() < 0.5:
        return other_validation(sets, d, rng, wrong(sets.v, channel))
    return live(sets, d, rng, x=wrong(sets.x, channel))


@fault("red and blue exchanged in validation", "sets differ", colour=True, picture="blobs")
def _(sets, d, rng):
    # Of pictures that are reddish, so that it can show.
    tint = np.array([1, 0.8, 0.6])
    low, high = ends(sets)
    x, v = (like(part, low + (part.astype(float) - low) * tint) for part in (sets.x, sets.v))
    return live(sets._replace(v=v[..., ::-1]), d, rng, x=x)


@fault("validation in grey", "sets differ", colour=True, picture="strokes", values="unit")
def _(sets, d, rng):
    return other_validation(sets, d, rng, np.repeat(sets.v.mean(3, keepdims=True), 3, 3))


@fault("validation in another size", "sets differ", **UNCROPPED)
def _(sets, d, rng):
    return other_validation(sets, d, rng, sets.v[:, ::2, ::2] if rng.random() < 0.5 else sets.v[:, 2:-2, 2:-2])


@fault("labels coded otherwise in validation", "sets differ", **NUMBERS)
def _(sets, d, rng):
    coding = pick(rng, {"one-hot": 1, "from 1": 1, "tens": 1})
    return live(sets._replace(labels_val=coded_labels(coding, sets.w, d["classes"])), d, rng)


@fault("classes exchanged in validation", "sets differ", **NUMBERS, classes=2)
def _(sets, d, rng):
    return live(sets._replace(labels_val=1 - sets.labels_val), d, rng)


@fault("blank images", "degenerate")
def _(sets, d, rng):
    x, v = sets.x.copy(), sets.v.copy()
    part = x if rng.random() < 0.6 else v
    part[some_rows(rng, len(part), 0.05, 0.3)] = sets.code(np.array([rng.integers(2)], float))[0]
    return live(sets._replace(v=v), d, rng, x=x)


@fault("NaN among the pixels", "degenerate", values="standardised")
def _(sets, d, rng):
    x = sets.x.copy()
    x[some_rows(rng, len(x), 0.02, 0.2), : d["side"] // 2] = np.nan
    return live(sets, d, rng, x=x)


@fault("scaled twice", "degenerate", values="unit", **UNCROPPED)
def _(sets, d, rng):
    x, v = sets.x / np.float32(255), sets.v / np.float32(255)
    return live(sets._replace(v=v), d, rng, x=x)


@fault("sorted by class", "order", classes=2, **SEVERAL)
def _(sets, d, rng):
    rows = np.argsort(sets.y, kind="stable")
    buffer = int(rng.integers(1, max(d["n"] // 8, 2)))
    return live(sets, d, rng, batches=lambda rng: split(buffered(rng, rows, buffer), d))


@fault("the same order in every epoch", "order", change=("flip",), **SEVERAL)
def _(sets, d, rng):
    rows = rng.permutation(d["n"])
    return live(sets, d, rng, batches=lambda rng: split(rows, d))


@fault("batched, then shuffled, sorted", "order", classes=2, **SEVERAL)
def _(sets, d, rng):
    fixed = split(np.argsort(sets.y, kind="stable"), d)
    return live(sets, d, rng, batches=lambda rng: [fixed[i] for i in rng.permutation(len(fixed))])


@fault("batched, then shuffled, mixed", "order", change=("flip",), **SEVERAL)
def _(sets, d, rng):
    fixed = split(rng.permutation(d["n"]), d)
    return live(sets, d, rng, batches=lambda rng: [fixed[i] for i in rng.permutation(len(fixed))])


@fault("augmented in the pipeline and in the model", "augmented twice", values="unit")
def _(sets, d, rng):
    made = {"flip": layers.RandomFlip("horizontal", seed=1), "roll": layers.RandomTranslation(0.15, 0.15, seed=2)}
    name = list(made)[int(rng.integers(2))]
    change, draws = change_of((name,), *ends(sets)), np.random.default_rng(seed_of(rng))
    d = d | {"change": (name,)}
    return live(sets, d, rng) | given(change, draws) | {"model": network(sets, made[name])}


# How a later version calls it isn't known, so its words count.
@fault("writes into its stored images", words=r"\b(writ|overwr)|in place|pile", values="unit")
def _(sets, d, rng):
    least = rng.uniform(0.5, 0.9)

    def show(pipeline, rows):
        for row in rows:
            pipeline.x[row] *= np.float32(pipeline.draws.uniform(least, 1))
        return pipeline.x[rows], pipeline.labels[rows]

    return live(sets, d | {"change": ()}, rng, x=sets.x.copy(), show=show)


@fault("counts for weights in a sampler", "sets differ", words=r"sampl|weights|shares", **NUMBERS, classes=2)
def _(sets, d, rng):
    # Class 1 has a fifth of both sets, so that balancing would be meant; it gets a seventeenth of the draws.
    y, w = ((rng.permutation(n) < n // 5).astype(int) for n in (d["n"], d["n_val"]))
    both = sets.code(distinct(rng, d, np.r_[y, w], 2))
    weights = np.bincount(y)[y].astype(float)
    weights /= weights.sum()
    drawn = sets._replace(x=both[: len(y)], v=both[len(y) :], y=y, w=w, labels=y, labels_val=w)
    return live(drawn, d, rng, batches=lambda rng: split(rng.choice(d["n"], d["n"], p=weights), d))


def broken(number):
    """A broken pipeline of the list, number from 0 to BROKEN - 1; kinds of faults take turns."""
    name = list(FAULTS)[number % len(FAULTS)]
    kind = FAULTS[name]
    d = ingredients(np.random.default_rng([SEED, 2, number]), **kind.fixed)
    if d["validation"] == "none":
        d["validation"] = "arrays"
    if d["labels"] == "-1 for unlabelled":
        d["labels"] = "numbers"

    def make():
        rng = np.random.default_rng([SEED, 3, number])
        return kind.make(sets_of(d, rng), d, rng)

    return Drawn(number, name, told(d), make)
