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
import itertools
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
from made import buffered, each, flip, quarter  # noqa: E402

SEED = 20260
RIGHT, BROKEN = 2000, 500
MOST_SHOWN = 1500  # images of an epoch, where small sets are repeated


class Drawn(NamedTuple):
    """A pipeline of the list."""

    number: int  # its place
    fault: str  # what is wrong with it; empty for a right one
    text: str  # what it is made of
    make: Callable[[], dict[str, Any]]  # makes the arguments of check_pipeline


# What a pipeline is made of


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

    def log_uniform(least, most):
        return int(round(least * (most / least) ** rng.random()))

    picture = draw("picture", pick(rng, {"blobs": 3, "texture": 3, "strokes": 3, "ink": 1, "garments": 3}))
    k = int(draw("classes", 2 if picture == "garments" else int(rng.integers(2, 6))))
    sides = {"garments": [14, 28], "ink": [24, 28, 32]}.get(picture, [12, 16, 20, 24, 28, 32])
    draw("side", int(rng.choice(sides)))
    draw("colour", bool(rng.random() < 0.5) and picture != "ink")
    draw("values", pick(rng, VALUES))
    d["bits"] = int(rng.integers(10, 15))
    draw("frame", pick(rng, {"": 6, "white": 2, "black": 1, "grey": 1, "white, of several widths": 1}))
    draw("n", log_uniform(40, 400))
    draw("n_val", log_uniform(24, 200))
    d["rare"] = round(float(rng.uniform(0.1, 0.3)), 2) if rng.random() < 0.25 else 0
    draw("absent", k > 2 and rng.random() < 0.2)
    codings = {"numbers": 4, "a column": 2, "one-hot": 2, "floats": 1, "from 1": 1, "tens": 1}
    if k == 2:
        codings |= {"signs": 1, "bool": 1}
    draw("labels", pick(rng, codings | {"-1 for unlabelled": 0.7}))
    weights = np.array(list(CHANGES.values()), float)
    some = rng.choice(list(CHANGES), int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1])), False, weights / weights.sum())
    draw("change", tuple(some.tolist()))
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


# Pictures


@functools.cache
def garments():
    with np.load(ROOT / "data" / "garments.npz") as file:
        return file["x_train"][..., 0] / 255, file["y_train"]


def blobs(rng, y, k, u, v):
    """The first, brightest one lies where its class says."""
    one = each(len(y))[:3]
    angle = 2 * np.pi * (y.reshape(one) + rng.normal(0, 0.12, one)) / k
    radius = rng.uniform(0.15, 0.35, one)
    centres = [(0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle))]
    centres += [(rng.random(one), rng.random(one)) for _ in range(4)]
    mask = 0
    for i, (a, b) in enumerate(centres):
        wide = rng.uniform(0.06, 0.2, one)
        height = rng.uniform(0.8, 1, one) if i == 0 else rng.uniform(-0.3, 0.6, one)
        mask = mask + height * np.exp(-((u - a) ** 2) / (2 * wide**2)) * np.exp(-((v - b) ** 2) / (2 * wide**2))
    return 0.15 + 0.7 * mask


def texture(rng, y, k, u, v):
    """Gratings around the direction of their class, under an uneven light."""
    one = each(len(y))[:3]
    mask = 0.5 + 0.3 * (rng.uniform(-1, 1, one) * u + rng.uniform(-1, 1, one) * v)
    for _ in range(3):
        angle = np.pi * (y.reshape(one) + rng.normal(0, 0.15, one)) / k
        waves, phase = rng.uniform(2, len(u) / 5, one), rng.uniform(0, 2 * np.pi, one)
        height = rng.uniform(0.05, 0.2, one)
        across, down = 2 * np.pi * waves * np.cos(angle) * u + phase, 2 * np.pi * waves * np.sin(angle) * v
        mask += height * (np.sin(across) * np.cos(down) + np.cos(across) * np.sin(down))
    return mask


def strokes(rng, y, k, u, v, ink=False):
    """Figures of strokes; which ones says the class, and no figure is another one mirrored or turned."""
    figures = [(0, 1, 2, 3, 4, 5), (1, 2), (0, 1, 6, 4, 3), (5, 6, 1, 2), (0, 5, 6, 4, 3)]  # 0, 1, 2, 4, E
    corners = np.array([(0.25, 0.12), (0.75, 0.12), (0.75, 0.5), (0.75, 0.88), (0.25, 0.88), (0.25, 0.5)])
    ends = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (5, 2)]
    n, side = len(y), len(u)
    points = corners + rng.normal(0, 0.05, (n, 6, 2)) + rng.normal(0, 0.04, (n, 1, 2))
    far = np.full((n, side, side), 9.0)
    for number, figure in enumerate(figures[:k]):
        mine = y == number
        for start, end in (ends[i] for i in figure):
            (a, b), (c, e) = (points[mine, i].T.reshape(2, -1, 1, 1) for i in (start, end))
            along = ((u - a) * (c - a) + (v - b) * (e - b)) / ((c - a) ** 2 + (e - b) ** 2)
            along = np.clip(along, 0, 1)
            square = (u - a - along * (c - a)) ** 2 + (v - b - along * (e - b)) ** 2
            far[mine] = np.minimum(far[mine], square)
    inside = rng.uniform(0.05, 0.1, (n, 1, 1)) - np.sqrt(far)
    return inside > 0 if ink else np.clip(inside * side + 0.5, 0, 1)


def pictures(rng, kind, y, k, side, colour):
    """(n, side, side, 1 or 3), in steps of 1/255 from 0 to 1, of classes y."""
    u = np.linspace(0, 1, side)  # from left to right
    if kind == "ink":
        return strokes(rng, y, k, u, u[:, None], ink=True).astype(float)[..., None]
    if kind == "garments":
        images, classes = garments()
        mask = np.zeros((len(y), 28, 28))
        for c in range(2):
            mask[y == c] = images[rng.choice(np.flatnonzero(classes == c), (y == c).sum(), False)]
        mask = mask if side == 28 else mask.reshape(-1, 14, 2, 14, 2).mean((2, 4))
    else:  # v goes from top to bottom
        mask = {"blobs": blobs, "texture": texture, "strokes": strokes}[kind](rng, y, k, u, u[:, None])
    mask = np.clip(mask, 0, 1)[..., None] * rng.uniform(0.7, 1, each(len(y)))
    if colour:
        ground, ink = rng.uniform(0, 0.4, (len(y), 1, 1, 3)), rng.uniform(0.5, 1, (len(y), 1, 1, 3))
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
    places = rng.integers(0, 2 * width + 1, (2, n)) if "several" in frame else np.full((2, n), width)
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
    return {
        "unit": lambda p: p.astype(np.float32),
        "bytes": lambda p: np.rint(255 * p).astype(np.uint8),
        "0 to 255": lambda p: (255 * p).astype(np.float32),
        "-1 to 1": lambda p: (2 * p - 1).astype(np.float32),
        "standardised": lambda p: ((p - mean) / spread).astype(np.float32),
        # A camera of 10 to 14 bits, stored in 16 and divided by 65,535, with its dark level.
        "sensor": lambda p: (np.rint((2**bits - 65) * p + 64) / 65535).astype(np.float32),
        "celsius": lambda p: (18 + bits * p).astype(np.float32),  # of a thermal camera
        "ct": lambda p: np.rint(-1000 + 900 * p).astype(np.int16),  # Hounsfield units of a lung
    }[d["values"]]


def coded_labels(coding, y, k):
    codings = {
        "a column": y[:, None], "one-hot": np.eye(k, dtype=np.float32)[y], "floats": y.astype(np.float32),
        "from 1": y + 1, "tens": 10 * y, "signs": 2 * y - 1, "bool": y.astype(bool),
    }  # fmt: skip
    return codings.get(coding, y)


class Sets:
    """Images and labels of training, x and labels, and of validation, v and labels_val, both coded.

    Their classes are y and w; ``code`` codes values from 0 to 1, of which ``low`` and ``high`` are the ends.
    """

    def __init__(self, d, rng):
        k, n, n_val = d["classes"], d["n"], d["n_val"]
        shares = np.full(k, 1 / k)
        if d["rare"]:
            shares = np.r_[d["rare"], np.full(k - 1, (1 - d["rare"]) / (k - 1))]
        y, w = (np.r_[np.arange(k), rng.choice(k, m - k, p=shares)] for m in (n, n_val))
        if d["absent"]:  # its groups are all in training
            w[w == k - 1] = rng.integers(0, k - 1, (w == k - 1).sum())
        self.d, self.y, self.w = d, rng.permutation(y), rng.permutation(w)
        both = distinct(rng, d, np.r_[self.y, self.w], k)
        self.code = coded_values(d, both[:n])
        self.x, self.v = self.code(both[:n]), self.code(both[n:])
        self.labels, self.labels_val = (coded_labels(d["labels"], classes, k) for classes in (self.y, self.w))
        if d["labels"] == "-1 for unlabelled":  # in training alone
            self.labels = np.where(rng.random(n) < rng.uniform(0.1, 0.5), -1, self.y)
        self.low, self.high = self.code(np.array([0.0, 1.0])).astype(float)
        self.change = self.change_of(*d["change"])

    def change_of(self, *names):
        """The changes of these names, one after the other, of a batch: each image has a draw of its own."""
        low, high = self.low, self.high
        steps = {
            "flip": flip,
            "flip both ways": lambda x, rng: np.where(rng.random(each(len(x))) < 0.5, x[:, ::-1], flip(x, rng)),
            "quarter turns": quarter,
            "roll": lambda x, rng: at(x, moved(x, rng) % x.shape[1]),
            "shift, edge": lambda x, rng: at(x, np.clip(moved(x, rng), 0, x.shape[1] - 1)),
            "shift, filled": lambda x, rng: at(filled(x, low), moved(x, rng) + 3),
            "crop": lambda x, rng: cropped(x, rng.integers(0, margin(x) + 1, (2, len(x)))),
            "lighten": lambda x, rng: faded(x, low, rng),
            "contrast": lambda x, rng: faded(x, x.mean((1, 2, 3), keepdims=True), rng),
            "noise": lambda x, rng: like(x, x + (high - low) * rng.normal(0, 0.02, x.shape)),
            "erase": lambda x, rng: erased(x, rng, low),
        }

        def change(x, rng):
            for name in names:
                x = steps[name](x, rng)
            return np.ascontiguousarray(x)

        return change


# Changes of a batch


def at(x, places):
    """Of each image its pixels at places (2, n, new side): rows and columns."""
    rows, columns = places
    return x[np.arange(len(x))[:, None, None], rows[:, :, None], columns[:, None, :]]


def moved(x, rng):
    return np.arange(x.shape[1]) + rng.integers(-3, 4, (2, len(x), 1))


def filled(x, low):
    """In a dark frame, as wide as images are moved."""
    return np.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)), constant_values=np.asarray(low, x.dtype))


def margin(x):
    """How much smaller crops are."""
    return x.shape[1] // 6


def cropped(x, corners):
    return at(x, np.arange(x.shape[1] - margin(x)) + corners[..., None])


def like(x, changed):
    """In the type of x: whole numbers are rounded and kept in their range."""
    if x.dtype.kind == "f":
        return changed.astype(x.dtype)
    ends = np.iinfo(x.dtype)
    return np.clip(np.rint(changed), ends.min, ends.max).astype(x.dtype)


def faded(x, to, rng):
    """Each image nearer to a value, by a factor of its own."""
    return like(x, to + (x - to) * rng.uniform(0.6, 1, each(len(x))))


def erased(x, rng, low):
    side = x.shape[1]
    starts = rng.integers(0, side, (2, len(x), 1))
    sizes = rng.integers(2, side // 3 + 1, (2, len(x), 1))
    hit = (np.arange(side) >= starts) & (np.arange(side) < starts + sizes)
    return np.where(hit[0][:, :, None, None] & hit[1][:, None, :, None], np.asarray(low, x.dtype), x)


# Orders of an epoch


def split(rows, size, drop=False):
    """Into batches; a remainder is dropped where that is said, if a batch is left."""
    end = len(rows) - len(rows) % size if drop and len(rows) >= size else len(rows)
    return [rows[i : min(i + size, end)] for i in range(0, end, size)]


def times_of(d):
    """How many passes an epoch has."""
    return int(min(d["times"], max(2, MOST_SHOWN // d["n"])))


def batches_of(d, y):
    """A function that draws the batches of an epoch, as row numbers."""
    n, k, size, drop = d["n"], d["classes"], d["batch"], d["drop"]
    of = [np.flatnonzero(y == c) for c in range(k)]
    weights = 1 / np.bincount(y, minlength=k)[y]
    buffer = buffered(int(max(4, n * (0.05 + 0.45 * (d["times"] - 2) / 23))))  # 5 to 50 % of the set
    most, least = max(map(len, of)), max(min(map(len, of)), 4)
    share = max(size // k, 1)
    if d["order"] == "balanced batches":
        size, drop = share * k, False

    def balanced(rng):
        """The same number of each class in every batch."""
        steps = -(-n // size)
        columns = [np.resize(rng.permutation(part), (steps, share)) for part in of]
        return rng.permuted(np.concatenate(columns, 1), axis=1).ravel()

    rows = {
        "buffer": lambda rng: buffer(rng, n),
        "repeated": lambda rng: np.concatenate([rng.permutation(n) for _ in range(times_of(d))]),
        "with replacement": lambda rng: rng.integers(0, n, n * times_of(d) if d["copies"] > 4 else n),
        "balanced draws": lambda rng: rng.choice(n, n, p=weights / weights.sum()),
        "oversampled": lambda rng: rng.permutation(
            np.concatenate([np.resize(rng.permutation(part), most) for part in of])
        ),
        "undersampled": lambda rng: rng.permutation(np.concatenate([rng.permutation(part)[:least] for part in of])),
        "balanced batches": balanced,
    }.get(d["order"], lambda rng: rng.permutation(n))
    return lambda rng: split(rows(rng), size, drop)


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
        self.start, self.show, self.epochs, self.endless = start, show, 0, False

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

    def __iter__(self):
        yield from map(self.batch, self.begin())
        while self.endless:
            yield from map(self.batch, self.begin())


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
    if container == "endless":
        pipeline.endless = True
        return {"train": pipeline, "steps_per_epoch": len(pipeline.batches(np.random.default_rng(0)))}
    if container == "PyDataset":
        return {"train": PyDataset(pipeline)}
    return {"train": pipeline.__iter__ if container == "function" else pipeline}


def validation_of(d, v, labels):
    n, size = len(v), d["batch"]
    if "crop" in d["change"]:
        v = cropped(v, np.full((2, n), margin(v) // 2))  # the middle
    in_order = split(np.arange(n), size)
    if d["validation"] == "iterable":
        return Pipeline(v, labels, lambda rng: in_order)
    if d["validation"] == "list":
        return [(v[rows], labels[rows]) for rows in in_order]
    if d["validation"] == "shuffled":
        return Pipeline(v, labels, lambda rng: split(rng.permutation(n), size))
    return v, labels


def network(sets, *front):
    return keras.Sequential([keras.Input(sets.x.shape[1:]), *front, layers.Flatten(), layers.Dense(1)])


def seed_of(rng):
    return int(rng.integers(2**31))


def given(change, draws):
    """A change in the pipeline, given as augment=."""
    return {"augment": lambda images: change(np.asarray(images), draws), "augment_in": "batch"}


def training_of(d, sets, rng):
    """The arguments for training of a right pipeline."""
    x, labels, container, change, seed = sets.x, sets.labels, d["container"], sets.change, seed_of(rng)
    draws, batches, show = np.random.default_rng(seed), batches_of(d, sets.y), None
    if container == "arrays":
        return {"train": (x, labels)}
    if container == "arrays and augment":
        return {"train": (x, labels), "augment": lambda images: change(np.asarray(images), draws)}
    if container == "copies":  # originals and some copies, as arrays
        copies = [change(x, draws) for _ in range(d["copies"])]
        return {"train": (np.concatenate([x, *copies]), np.concatenate([labels] * (1 + d["copies"])))}
    if container == "flow":
        made = ImageDataGenerator(horizontal_flip=True, vertical_flip=bool(seed % 2))
        return {"train": made.flow(x, labels, batch_size=d["batch"], seed=seed % 9999)}
    if container == "model":
        front = [layers.RandomFlip("horizontal", seed=1), layers.RandomTranslation(0.1, 0.1, seed=2)]
        return {"train": (x, labels), "model": network(sets, *front[: 1 + seed % 2])}
    if container == "tf.data":
        generator = tf.random.Generator.from_seed(seed)
        flip = tf.autograph.experimental.do_not_convert(
            lambda a, b: (tf.where(generator.uniform(each(tf.shape(a)[0])) < 0.5, a[:, :, ::-1], a), b)
        )
        data = tf.data.Dataset.from_tensor_slices((x, labels)).shuffle(max(len(x) // d["copies"], 8), seed=seed % 9999)
        return {"train": data.repeat(1 + times_of(d) % 4).batch(d["batch"]).map(flip).prefetch(2)}
    if container == "stored":
        return contained(Pipeline(x, labels, batches, seed=seed), "iterable") | {"live": False}
    if container in ("copies at random", "copies in turn"):
        in_turn = container == "copies in turn"
        count = d["copies"] + 8 if in_turn else 2 * d["copies"]
        store = np.stack([change(x, draws) for _ in range(count)])

        def show(pipeline, rows):
            which = pipeline.epochs % count if in_turn else pipeline.draws.integers(0, count, len(rows))
            return store[which, rows], labels[rows]

    if container == "mixed":

        def show(pipeline, rows):
            others, share = pipeline.draws.permutation(rows), pipeline.draws.beta(0.4, 0.4, len(rows))
            images = share.reshape(-1, 1, 1, 1) * x[rows] + (1 - share).reshape(-1, 1, 1, 1) * x[others]
            columns = share[:, None] * labels[rows] + (1 - share[:, None]) * labels[others]
            return images.astype(np.float32), columns.astype(np.float32)

    made = contained(Pipeline(x, labels, batches, change, seed, show=show), container)
    return made | given(change, draws) if d["augment given"] and show is None else made


def right(number):
    """A right pipeline of the list, number from 0 to RIGHT - 1."""
    d = ingredients(np.random.default_rng([SEED, 0, number]))

    def make():
        rng = np.random.default_rng([SEED, 1, number])
        sets = Sets(d, rng)
        made = training_of(d, sets, rng)
        if d["validation"] != "none":
            made["validation"] = validation_of(d, sets.v, sets.labels_val)
        return {"train": lambda: made} if d["factory"] else made

    return Drawn(number, "", told(d), make)


def told(d):
    return "; ".join(f"{name} {value}" for name, value in d.items())


# Faults


class Fault(NamedTuple):
    """A kind of fault."""

    make: Callable[[Sets, np.random.Generator], dict[str, Any]]  # the arguments, from a right pipeline's sets
    names: tuple[str, ...]  # the findings of which each names it
    words: str  # a finding of any name counts, too, if what it found has these words (a regular expression)
    fixed: dict[str, Any]  # what the pipeline has, beside what is drawn

    def named_by(self, name, value):
        return name in self.names or bool(re.search(self.words, value))


FAULTS = {}
PLAIN = {"container": "iterable", "order": "permutation", "absent": False, "augment given": False}
NUMBERS = {"labels": "numbers"}
STORED = {"change": ()}  # the pictures stay as they are
UNCROPPED = {"change": ("flip", "roll")}
SEVERAL = {"batch": 8}  # an epoch of one batch has no order and needs no second worker
COLOURED = {"colour": True, "values": "unit"}


def fault(name, *names, words="(?!)", **fixed):
    def add(make):
        FAULTS[name] = Fault(make, names, words, PLAIN | fixed)
        return make

    return add


def live(s, rng, v=None, labels_val=None, **parts):
    """Both sets, training live, with some parts replaced."""
    how = {"x": s.x, "labels": s.labels, "batches": batches_of(s.d, s.y), "change": s.change, "seed": seed_of(rng)}
    made = contained(Pipeline(**how | parts), ("function", "iterable", "PyDataset")[how["seed"] % 3])
    validation = s.v if v is None else v, s.labels_val if labels_val is None else labels_val
    return made | {"validation": validation_of(s.d, *validation)}


def some_rows(rng, n, least, most):
    """A share of n rows, at least three."""
    return rng.choice(n, max(3, round(n * rng.uniform(least, most))), replace=False)


def seeded(**seeds):
    """Start these generators of a pipeline, in every epoch."""
    return lambda pipeline: vars(pipeline).update({k: np.random.default_rng(seed) for k, seed in seeds.items()})


def alike(change):
    """One draw for all images of a batch."""

    def changed(x, rng):
        seed = seed_of(rng)
        return np.concatenate([change(x[[i]], np.random.default_rng(seed)) for i in range(len(x))])

    return changed


fault("frozen: augmented once", "repeats")(lambda s, rng: live(s, rng, x=s.change(s.x, rng), change=None))


@fault("frozen: an image's own seed", "repeats")
def _(s, rng):
    def show(pipeline, rows):
        made = [s.change(s.x[[row]], np.random.default_rng(row))[0] for row in rows]
        return np.stack(made), s.labels[rows]

    return live(s, rng, show=show)


fault("a seed inside the epoch", "repeats", "positions", "order")(
    lambda s, rng: live(s, rng, start=seeded(order=0, draws=1))
)
fault("draws start again with each epoch", "positions", "repeats")(lambda s, rng: live(s, rng, start=seeded(draws=1)))


@fault("workers with one seed", "positions", "repeats", **SEVERAL)
def _(s, rng):
    def start(pipeline):
        pipeline.workers = itertools.cycle([np.random.default_rng([pipeline.epochs, 5]) for _ in range(2)])

    def show(pipeline, rows):
        return s.change(s.x[rows], next(pipeline.workers)), s.labels[rows]

    return live(s, rng, start=start, show=show)


def one_draw(s, rng):
    change, draws = alike(s.change), np.random.default_rng(seed_of(rng))
    return live(s, rng, change=change) | given(change, draws)


fault("one draw a batch, augment= given", "one draw")(one_draw)
fault("one draw a batch, seen from outside", "one draw")(lambda s, rng: live(s, rng, change=alike(s.change)))
fault("one crop a batch", "one draw", change=("crop",))(one_draw)


@fault("labels shuffled apart", "labels", change=("flip",))
def _(s, rng):
    def start(pipeline):
        pipeline.labels = pipeline.order.permutation(s.labels)

    if rng.random() < 0.5:
        return live(s, rng, start=start)
    return live(s, rng, start=start, change=None) | {"live": False}


@fault("mirrored copies with other labels", "labels", **STORED, **NUMBERS)
def _(s, rng):
    both = np.concatenate([s.x, s.x[:, :, ::-1]])
    labels = np.concatenate([s.labels, rng.permutation(s.labels)])
    if rng.random() < 0.5:
        return {"train": (both, labels), "validation": (s.v, s.labels_val)}
    batches = batches_of(s.d | {"n": len(both)}, s.y)
    return live(s, rng, x=both, labels=labels, change=None, batches=batches) | {"live": False}


@fault("one class augmented alone", "labels", **NUMBERS, classes=2, **STORED)
def _(s, rng):
    change = s.change_of(("roll", "lighten", "noise")[int(rng.integers(3))])

    def show(pipeline, rows):
        images, labels = s.x[rows], s.labels[rows]
        return np.where((labels == 1).reshape(each(-1)), change(images, pipeline.draws), images), labels

    return live(s, rng, show=show)


@fault("NaN among the labels", "labels", labels="floats")
def _(s, rng):
    s.labels[some_rows(rng, len(s.labels), 0.02, 0.1)] = np.nan
    return live(s, rng)


def leaked(s, rng):
    """Validation images were replaced by training images: as they are, mirrored, or turned by a quarter."""
    rows = some_rows(rng, len(s.v), 0.1, 0.6)[: len(s.x)]
    images = s.x[rng.choice(len(s.x), len(rows), replace=False)]
    s.v[rows] = (images, images[:, :, ::-1], np.rot90(images, axes=(1, 2)))[int(rng.integers(3))]
    return live(s, rng)


fault("training images in validation, training stored", "shared images", **STORED)(
    lambda s, rng: leaked(s, rng) | {"train": (s.x, s.labels)}
)
fault("training images in validation, training live", "shared images", change=("flip",))(leaked)


@fault("augmented first, then split", "shared images", **UNCROPPED, **NUMBERS)
def _(s, rng):
    change = s.change_of(("flip", "lighten", "roll")[int(rng.integers(3))])
    copies, labels = np.concatenate([s.x, *(change(s.x, rng) for _ in range(3))]), np.tile(s.labels, 4)
    train, rest = np.split(rng.permutation(len(copies)), [3 * len(s.x)])
    return {"train": (copies[train], labels[train]), "validation": (copies[rest], labels[rest])}


@fault("validation augmented", "validation moves", validation="iterable")
def _(s, rng):
    in_order = split(np.arange(len(s.v)), s.d["batch"])
    validation = Pipeline(s.v, s.labels_val, lambda rng: in_order, s.change, seed_of(rng))
    return live(s, rng) | {"validation": validation}


@fault("validation in another range", "sets differ")
def _(s, rng):
    same = {"bytes": "0 to 255"}.get(s.d["values"], s.d["values"])
    coding = pick(rng, {name: 1 for name in ("unit", "0 to 255", "-1 to 1") if name != same})
    plain = np.rint(255 * (s.v.astype(float) - s.low) / (s.high - s.low)) / 255
    return live(s, rng, v=coded_values({**s.d, "values": coding}, plain)(plain))


# Gratings are the same when inverted; strokes on a dark ground aren't.
fault("validation inverted", "sets differ", frame="", values="unit", picture="strokes")(
    lambda s, rng: live(s, rng, v=1 - s.v)
)


def one_side(s, rng, wrong):
    """One channel of either set made wrong."""
    channel = np.arange(3) == int(rng.integers(3))
    if rng.random() < 0.5:
        return live(s, rng, v=np.where(channel, wrong(s.v), s.v))
    return live(s, rng, x=np.where(channel, wrong(s.x), s.x))


fault("a channel zero on one side", "sets differ", "degenerate", **COLOURED, picture="blobs")(
    lambda s, rng: one_side(s, rng, np.zeros_like)
)


@fault("a channel shifted on one side", "sets differ", "degenerate", **COLOURED, picture="texture")
def _(s, rng):
    by = np.float32(rng.choice([-1, 1]) * rng.uniform(0.2, 0.5))
    return one_side(s, rng, lambda x: x + by)


@fault("red and blue exchanged in validation", "sets differ", colour=True, picture="blobs")
def _(s, rng):
    # Of pictures that are reddish, so that it can show.
    x, v = (like(part, s.low + (part.astype(float) - s.low) * np.array([1, 0.8, 0.6])) for part in (s.x, s.v))
    return live(s, rng, x=x, v=v[..., ::-1])


fault("validation in grey", "sets differ", **COLOURED, picture="strokes")(
    lambda s, rng: live(s, rng, v=np.repeat(s.v.mean(3, keepdims=True), 3, 3))
)
fault("validation in another size", "sets differ", **UNCROPPED)(
    lambda s, rng: live(s, rng, v=s.v[:, ::2, ::2] if rng.random() < 0.5 else s.v[:, 2:-2, 2:-2])
)


@fault("labels coded otherwise in validation", "sets differ", **NUMBERS)
def _(s, rng):
    coding = pick(rng, {"one-hot": 1, "from 1": 1, "tens": 1})
    return live(s, rng, labels_val=coded_labels(coding, s.w, s.d["classes"]))


fault("classes exchanged in validation", "sets differ", **NUMBERS, classes=2)(
    lambda s, rng: live(s, rng, labels_val=1 - s.labels_val)
)


@fault("blank images", "degenerate")
def _(s, rng):
    part = s.x if rng.random() < 0.6 else s.v
    part[some_rows(rng, len(part), 0.05, 0.3)] = s.code(np.array([rng.integers(2)], float))[0]
    return live(s, rng)


@fault("NaN among the pixels", "degenerate", values="standardised")
def _(s, rng):
    s.x[some_rows(rng, len(s.x), 0.02, 0.2), : s.d["side"] // 2] = np.nan
    return live(s, rng)


fault("scaled twice", "degenerate", values="unit", **UNCROPPED)(
    lambda s, rng: live(s, rng, x=s.x / np.float32(255), v=s.v / np.float32(255))
)


@fault("sorted by class", "order", classes=2, **SEVERAL)
def _(s, rng):
    rows = np.argsort(s.y, kind="stable")
    buffer = buffered(int(rng.integers(1, max(len(rows) // 8, 2))))
    return live(s, rng, batches=lambda rng: split(rows[buffer(rng, len(rows))], s.d["batch"], s.d["drop"]))


def fixed_batches(s, rng, rows, shuffled):
    """Batches that were made once, and come in one order or are shuffled as a whole."""
    fixed = split(rows, s.d["batch"], s.d["drop"])
    return live(s, rng, batches=lambda rng: [fixed[i] for i in rng.permutation(len(fixed))] if shuffled else fixed)


fault("the same order in every epoch", "order", change=("flip",), **SEVERAL)(
    lambda s, rng: fixed_batches(s, rng, rng.permutation(len(s.x)), False)
)
fault("batched, then shuffled, sorted", "order", classes=2, **SEVERAL)(
    lambda s, rng: fixed_batches(s, rng, np.argsort(s.y, kind="stable"), True)
)
fault("batched, then shuffled, mixed", "order", change=("flip",), **SEVERAL)(
    lambda s, rng: fixed_batches(s, rng, rng.permutation(len(s.x)), True)
)


@fault("augmented in the pipeline and in the model", "augmented twice", values="unit")
def _(s, rng):
    made = {"flip": layers.RandomFlip("horizontal", seed=1), "roll": layers.RandomTranslation(0.15, 0.15, seed=2)}
    name = list(made)[int(rng.integers(2))]
    s.d, s.change, draws = s.d | {"change": (name,)}, s.change_of(name), np.random.default_rng(seed_of(rng))
    return live(s, rng) | given(s.change, draws) | {"model": network(s, made[name])}


# How a later version calls it isn't known, so its words count.
@fault("writes into its stored images", words=r"\b(writ|overwr)|in place|pile", values="unit")
def _(s, rng):
    least, s.d = rng.uniform(0.5, 0.9), s.d | STORED

    def show(pipeline, rows):
        for row in rows:
            pipeline.x[row] *= np.float32(pipeline.draws.uniform(least, 1))
        return pipeline.x[rows], s.labels[rows]

    return live(s, rng, x=s.x.copy(), show=show)


@fault("counts for weights in a sampler", "sets differ", words=r"sampl|weights|shares", **NUMBERS, classes=2)
def _(s, rng):
    # Class 1 has a fifth of both sets, so that balancing would be meant; it gets a seventeenth of the draws.
    n = len(s.x)
    y, w = ((rng.permutation(m) < m // 5).astype(int) for m in (n, len(s.v)))
    both = s.code(distinct(rng, s.d, np.r_[y, w], 2))
    weights = np.bincount(y)[y] / (np.bincount(y) ** 2).sum()
    parts = {"x": both[:n], "v": both[n:], "labels": y, "labels_val": w}
    batches = lambda rng: split(rng.choice(n, n, p=weights), s.d["batch"], s.d["drop"])  # noqa: E731
    return live(s, rng, **parts, batches=batches)


def broken(number):
    """A broken pipeline of the list, number from 0 to BROKEN - 1; kinds of faults take turns."""
    name = list(FAULTS)[number % len(FAULTS)]
    d = ingredients(np.random.default_rng([SEED, 2, number]), **FAULTS[name].fixed)
    if d["validation"] == "none":
        d["validation"] = "arrays"
    if d["labels"] == "-1 for unlabelled":
        d["labels"] = "numbers"

    def make():
        rng = np.random.default_rng([SEED, 3, number])
        return FAULTS[name].make(Sets(d, rng), rng)

    return Drawn(number, name, told(d), make)
