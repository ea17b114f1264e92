"""2,000 right pipelines and 500 broken ones for the check-up, drawn by a seed from building blocks.

This list was written, and committed, before any of it was run. What a pipeline is made of is drawn first, its pictures
follow.

Right means: what a teacher would let pass. Every image has its own label, both sets have the same coding of values and
labels and no image in common, validation stays as it is, the order is new in every epoch, and where new pictures are
meant each image is changed by a draw of its own, with two outcomes at least. Left out as ambiguous, by rule: images of
one single value (an empty tile, or a file that failed to load), two classes of which validation has one, a list of
batches as training (its order stays), and sorted images behind a small buffer.

Broken means one fault, in a pipeline that is right but for it. Each kind of fault says which findings name it. Left out
by rule: faults that leave no trace in what a pipeline yields, such as labels that were stored beside the wrong images.
"""

import functools
import math
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "augcheck" / "tests")]
from helpers.data import load_garments  # noqa: E402
from pipelines import Batches, Workers, buffered, counter, each, flip, grey, shift  # noqa: E402

SEED = 20261130
RIGHT, BROKEN = 2000, 500

# What a pipeline is made of: each of a list as often, or by weights
ORDERS = {
    "permutation": 6,
    "buffer": 3,
    "repeated": 5,
    "with replacement": 2,
    "balanced draws": 2,
}
CONTAINERS = {
    "iterable": 6,
    "function": 5,
    "endless": 3,
    "arrays and augment": 3,
    "copies": 2,
    "copies at random": 2,
    "stored": 2,
    "flow": 2,
    "tf.data": 2,
}
MADE_OF = {
    "picture": {"blobs": 2, "garments": 1},
    "classes": range(2, 6),
    "side": [12, 16, 20, 24, 28, 32],
    "colour": [True, False],
    "values": {"unit": 5, "bytes": 3, "standardised": 2, "sensor": 3},
    "bits": range(10, 15),
    "frame": {"": 7, "white": 2, "black": 1},
    "n": [int(40 * 10 ** (i / 50)) for i in range(50)],
    "n_val": [int(24 * 8 ** (i / 50)) for i in range(50)],
    # The share of a class
    "rare": {0: 6, 0.1: 1, 0.25: 1},
    # Whether one of three classes or more has no validation images
    "absent": {True: 1, False: 4},
    "labels": {"numbers": 4, "one-hot": 2, "a column": 2, "-1 for unlabelled": 1},
    "order": ORDERS,
    "times": range(2, 26),
    "batch": [4, 8, 16, 32, 50, 64, 100],
    "drop": {True: 1, False: 2},
    "container": CONTAINERS,
    "copies": range(1, 9),
    "validation": {"arrays": 5, "list": 3, "shuffled": 1, "none": 1},
    "augment given": {True: 1, False: 3},
}
CHANGES = {"flip": 4, "roll": 3, "shift": 4, "crop": 3, "lighten": 3, "noise": 1}
NEVER_CROPPED = ("copies", "stored", "flow", "tf.data")


def pick(rng, options):
    """One of these, each as likely, or by weights."""
    weights = np.ones(len(options))
    if isinstance(options, dict):
        weights = np.array(list(options.values()))
    return list(options)[rng.choice(len(options), p=weights / weights.sum())]


def ingredients(rng, **fixed):
    """What a right pipeline is made of, by names; what is fixed is drawn in vain, so that other draws stay."""
    d = {name: pick(rng, options) for name, options in MADE_OF.items()}
    d["change"] = {pick(rng, CHANGES) for _ in range(rng.integers(1, 4))}
    d |= fixed
    if d["picture"] == "garments":
        d |= {"classes": 2, "side": pick(rng, [14, 28])}
    if d["container"] in NEVER_CROPPED:
        others = d["change"] - {"crop"}
        d["change"] = others or {"flip"}
    return d


# Pictures

garments = functools.cache(load_garments)


def blobs(rng, y, k, side):
    """The first, brightest one lies where its class says."""
    one = (len(y), 1, 1)  # a number for each image
    u = np.linspace(0, 1, side)
    angle = 2 * np.pi * (y.reshape(one) + rng.normal(0, 0.12, one)) / k
    radius = rng.uniform(0.15, 0.35, one)
    height = rng.uniform(0.8, 1, one)
    a = 0.5 + radius * np.cos(angle)
    b = 0.5 + radius * np.sin(angle)
    noise = rng.choice([0, 0.01, 0.02])
    x = 0.15 + noise * rng.normal(0, 1, (len(y), side, side))
    for _ in range(5):
        wide = rng.uniform(0.06, 0.2, one)
        distance = (u - a) ** 2 + (u[:, None] - b) ** 2
        x += 0.7 * height * np.exp(-distance / (2 * wide**2))
        # The next one
        a = rng.random(one)
        b = rng.random(one)
        height = rng.uniform(-0.3, 0.6, one)
    return x


def pictures(rng, d, y):
    """(n, side, side, 1 or 3), in steps of 1/255 from 0 to 1, of classes y, and a frame around them."""
    garment = d["picture"] == "garments"
    x = drawn_garments(rng, y, d["side"]) if garment else blobs(rng, y, d["classes"], d["side"])
    x = x[..., None] * rng.uniform(0.7, 1, each(len(y)))
    if d["colour"]:
        of_each = (len(y), 1, 1, 3)
        ground = rng.uniform(0, 0.4, of_each)
        ink = rng.uniform(0.5, 1, of_each)
        x = ground + (ink - ground) * x
    x = np.rint(255 * np.clip(x, 0, 1)) / 255
    if not d["frame"]:
        return x
    width = int(rng.integers(1, d["side"] // 4 + 1))
    return padded(x, width, 1.0 if d["frame"] == "white" else 0.0)


def drawn_garments(rng, y, side):
    data = garments()
    x = np.zeros((len(y), 28, 28))
    for c in range(2):
        of_class = np.flatnonzero(data.y_train == c)
        rows = rng.choice(of_class, (y == c).sum(), replace=False)
        x[y == c] = data.x_train[rows, ..., 0]
    step = 28 // side
    return x[:, ::step, ::step]


def padded(x, width, value):
    return np.pad(x, ((0, 0), (width, width), (width, width), (0, 0)), constant_values=value)


def coded_values(d, x):
    """The function that codes values from 0 to 1; x are the images of training."""
    mean, spread, bits = x.mean(), x.std(), d["bits"]
    return {
        "unit": lambda p: p.astype(np.float32),
        "bytes": lambda p: np.rint(255 * p).astype(np.uint8),
        "standardised": lambda p: ((p - mean) / spread).astype(np.float32),
        # A camera of 10 to 14 bits, stored in 16 and divided by 65,535, with its dark level.
        "sensor": lambda p: (np.rint((2**bits - 65) * p + 64) / 65535).astype(np.float32),
    }[d["values"]]


def coded_labels(coding, y, k):
    return {
        "a column": y[:, None].astype(np.float32),
        "one-hot": np.eye(k, dtype=np.float32)[y],
    }.get(coding, y)


def drawn_classes(rng, d, count):
    """Each class once at least, one of them perhaps rare."""
    k = d["classes"]
    rare = d["rare"] or 1 / k
    shares = np.r_[rare, np.full(k - 1, (1 - rare) / (k - 1))]
    return rng.permutation(np.r_[:k, rng.choice(k, count - k, p=shares)])


class Sets:
    """Images and labels of training, x and labels, and of validation, v and labels_val, both coded.

    The classes of training are y; ``low`` and ``high`` are the ends of the values.
    """

    def __init__(self, d, rng):
        k, n = d["classes"], d["n"]
        y = drawn_classes(rng, d, n)
        w = drawn_classes(rng, d, d["n_val"])
        if d["absent"] and k > 2:
            w %= k - 1
        both = pictures(rng, d, np.r_[y, w])
        code = coded_values(d, both[:n])
        self.d = d
        self.y = y
        self.x = code(both[:n])
        self.v = code(both[n:])
        self.labels = coded_labels(d["labels"], y, k)
        self.labels_val = coded_labels(d["labels"], w, k)
        if d["labels"] == "-1 for unlabelled":  # in training alone
            self.labels = np.where(rng.random(n) < rng.uniform(0.1, 0.5), -1, y)
        self.low, self.high = code(np.array([0.0, 1.0])).astype(float)
        self.parts = {}  # of Batches, where a fault replaces them

    def change(self, x, rng, names=None):
        """A batch, changed by what it is made of or by these names: each image has a draw of its own."""
        low, high = self.low, self.high
        steps = {
            "flip": flip,
            "roll": shift,
            "shift": lambda x, rng: cropped(padded(x, 3, low), x.shape[1], rng),
            "crop": lambda x, rng: cropped(x, smaller(x), rng),
            "lighten": lambda x, rng: like(x, low + (x - low) * rng.uniform(0.6, 1, each(len(x)))),
            "noise": lambda x, rng: like(x, x + (high - low) * rng.normal(0, 0.02, x.shape)),
        }
        for name in sorted(names or self.d["change"]):
            x = steps[name](x, rng)
        return x


def smaller(x):
    """The side of crops."""
    return x.shape[1] - x.shape[1] // 6


def cropped(x, side, rng):
    corners = rng.integers(0, x.shape[1] - side + 1, (len(x), 2))
    pairs = zip(x, corners, strict=True)
    return np.stack([image[a : a + side, b : b + side] for image, (a, b) in pairs])


def like(x, changed):
    """In the type of x: whole numbers are rounded and kept in their range."""
    if x.dtype.kind != "f":
        changed = np.rint(changed).clip(0, 255)
    return changed.astype(x.dtype)


# Pipelines


def order_of(d, y):
    """A function that draws the rows of an epoch; a remainder is dropped where that is said, if a batch is left."""
    times = min(d["times"], 1500 // len(y))
    order = {
        "permutation": lambda rng, n: rng.permutation(n),
        "buffer": buffered(max(4, len(y) * d["times"] // 50)),
        "repeated": lambda rng, n: np.concatenate([rng.permutation(n) for _ in range(times)]),
        "with replacement": weighted(np.ones(len(y))),
        "balanced draws": weighted(1 / np.bincount(y)[y]),
    }[d["order"]]
    size = d["batch"] if d["drop"] else 1

    def rows(rng, n):
        drawn = order(rng, n)
        whole = len(drawn) // size * size
        return drawn[:whole] if whole else drawn

    return rows


def weighted(weights):
    return lambda rng, n: rng.choice(n, n, p=weights / weights.sum())


def batches(s, rng, **parts):
    """A pipeline that trains live, with some parts of Batches replaced."""
    usual = {
        "x": s.x,
        "y": s.labels,
        "change": s.change,
        "rows": order_of(s.d, s.y),
        "size": s.d["batch"],
    }
    made = Batches(**(usual | s.parts | parts))
    made.rng, made.order = rng.spawn(2)
    return made


def given(change, rng):
    """A change in the pipeline, given as augment=."""
    return {"augment": lambda images: change(np.asarray(images), rng), "augment_in": "batch"}


def training_of(s, rng):
    """The arguments for training of a right pipeline."""
    x, labels = s.x, s.labels
    container = s.d["container"]
    size = s.d["batch"]
    seed = int(rng.integers(9999))
    if container == "copies":  # beside originals, as arrays
        copies = [x, *(s.change(x, rng) for _ in range(s.d["copies"]))]
        return {"train": (np.concatenate(copies), np.concatenate([labels] * len(copies)))}
    if container == "arrays and augment":
        return {"train": (x, labels), "augment": given(s.change, rng)["augment"]}
    if container == "flow":
        return {"train": ImageDataGenerator(horizontal_flip=True).flow(x, labels, size, seed=seed)}
    if container == "tf.data":

        def flipped(image, label):
            return tf.image.random_flip_left_right(image, seed=seed), label

        data = tf.data.Dataset.from_tensor_slices((x, labels)).shuffle(len(x), seed=seed)
        return {"train": data.map(flipped).batch(size)}
    if container == "copies at random":
        store = np.stack([s.change(x, rng) for _ in range(2 * s.d["copies"])])

        def change(rows, draws):
            return store[draws.integers(0, len(store), len(rows)), rows]

        return {"train": batches(s, rng, x=np.arange(len(x)), change=change)}
    if container == "stored":
        return {"train": batches(s, rng, change=None), "live": False}
    train = batches(s, rng, endless=container == "endless")
    made = {"train": train.__iter__ if container == "function" else train}
    if container == "endless":
        rows = train.rows(np.random.default_rng(0), len(x))
        made["steps_per_epoch"] = math.ceil(len(rows) / size)
    if s.d["augment given"]:
        made |= given(s.change, rng)
    return made


def in_order(rng, n):
    return np.arange(n)


def validation_of(s):
    """The arguments for validation, of which the middle is cropped where training is."""
    v, labels = s.v, s.labels_val
    size = s.d["batch"]
    if "crop" in s.d["change"]:
        side = smaller(v)
        start = (v.shape[1] - side) // 2
        v = v[:, start : start + side, start : start + side]
    if s.d["validation"] == "list":
        return {"validation": list(Batches(v, labels, size=size, rows=in_order))}
    if s.d["validation"] == "shuffled":
        return {"validation": Batches(v, labels, size=size)}
    return {"validation": (v, labels) if s.d["validation"] == "arrays" else None}


def right(number):
    """The arguments of check_pipeline for a right pipeline, number from 0 to RIGHT - 1."""
    rng = np.random.default_rng([SEED, 0, number])
    s = Sets(ingredients(rng), rng)
    return training_of(s, rng) | validation_of(s)


# Faults

FAULTS = {}  # of each kind the findings that name it, what else is fixed, and its function
PLAIN = {"order": "permutation", "absent": False, "augment given": False}
UNIT, NUMBERS = {"values": "unit"}, {"labels": "numbers"}
FLIPPED, UNCROPPED = {"change": {"flip"}}, {"change": {"flip", "roll"}}
SEVERAL = {"batch": 8}  # an epoch of one batch has no order and needs no second worker
DARK = UNIT | {"picture": "blobs", "frame": ""}  # with a dark ground


def fault(name, *names, **fixed):
    """A kind of fault: its function changes the sets, or returns arguments that take the place of others."""

    def add(make):
        FAULTS[name] = names, PLAIN | fixed, make
        return make

    return add


def alike(s):
    """One draw for all images of a batch."""

    def change(x, rng):
        seed = rng.integers(2**31)
        changed = [s.change(x[[i]], np.random.default_rng(seed)) for i in range(len(x))]
        return np.concatenate(changed)

    return change


def same_order(rng, n):
    return np.random.default_rng(0).permutation(n)


@fault("frozen: augmented once", "repeats")
def _(s, rng):
    s.parts |= {"x": s.change(s.x, rng), "change": None}


@fault("a seed inside the epoch", "repeats", "positions", "order", **UNIT)
def _(s, rng):
    s.parts |= {"rows": same_order, "draws": counter}


@fault("draws start again with each epoch", "positions", "repeats", **UNIT)
def _(s, rng):
    s.parts["draws"] = counter


@fault("workers with one seed", "positions", "repeats", **UNIT, **SEVERAL)
def _(s, rng):
    s.parts["draws"] = Workers(5, 5, epochs=True, size=s.d["batch"])


@fault("one draw a batch, seen from outside", "one draw")
def _(s, rng):
    s.parts["change"] = alike(s)


@fault("one draw a batch, augment= given", "one draw")
def _(s, rng):
    s.parts["change"] = alike(s)
    return given(alike(s), rng)


@fault("labels shuffled apart", "labels", **FLIPPED)
def _(s, rng):
    s.parts["make"] = lambda x, y: (x, rng.choice(s.labels, len(y)))
    s.d["container"] = rng.choice(["iterable", "stored"])


@fault("mirrored copies with other labels", "labels", **NUMBERS, **FLIPPED)
def _(s, rng):
    return {"train": (np.r_[s.x, s.x[:, :, ::-1]], np.r_[s.labels, rng.permutation(s.labels)])}


@fault("one class augmented alone", "labels", **NUMBERS, **FLIPPED, classes=2)
def _(s, rng):
    name = rng.choice(["roll", "lighten", "noise"])

    def change(x, y, rng):
        chosen = (y == 1).reshape(each(-1))
        return np.where(chosen, s.change(x, rng, [name]), x), y

    s.parts |= {"change": change, "pairs": True}


@fault("NaN among the labels", "labels", labels="a column")
def _(s, rng):
    count = rng.integers(3, len(s.labels) // 10)
    s.labels[:count] = np.nan


@fault("training images in validation", "shared images", **FLIPPED)
def _(s, rng):
    """As they are, mirrored, or turned by a quarter."""
    s.d["container"] = rng.choice(["iterable", "stored"])
    count = rng.integers(3, min(len(s.x), len(s.v) // 2))
    images = s.x[:count]
    forms = [images, images[:, :, ::-1], np.rot90(images, axes=(1, 2))]
    s.v[:count] = forms[rng.integers(3)]


@fault("augmented first, then split", "shared images", **NUMBERS)
def _(s, rng):
    name = rng.choice(["flip", "lighten", "roll"])
    x = np.concatenate([s.x, *(s.change(s.x, rng, [name]) for _ in range(3))])
    y = np.tile(s.labels, 4)
    train, rest = np.split(rng.permutation(len(x)), [3 * len(s.x)])
    return {"train": (x[train], y[train]), "validation": (x[rest], y[rest])}


@fault("validation augmented", "validation moves")
def _(s, rng):
    return {"validation": batches(s, rng, x=s.v, y=s.labels_val, rows=in_order)}


@fault("validation in another range", "sets differ")
def _(s, rng):
    plain = np.rint(255 * (s.v - s.low) / (s.high - s.low)) / 255
    ranges = {"unit": plain, "bytes": 255 * plain, "-1 to 1": 2 * plain - 1}
    ranges.pop(s.d["values"], None)
    s.v = ranges[rng.choice(list(ranges))].astype(np.float32)


@fault("other colours in validation", "sets differ", **DARK, colour=True)
def _(s, rng):
    """Of reddish pictures, so that it can show: grey, inverted, red and blue exchanged, a channel zero or shifted."""
    reddish = np.float32([1, 0.8, 0.6])
    s.x = s.x * reddish
    s.v = s.v * reddish
    channel = np.arange(3) == rng.integers(3)
    step = np.float32(rng.choice([-1, 1]) * rng.uniform(0.2, 0.5))
    others = [grey(s.v), 1 - s.v, s.v[..., ::-1], s.v * ~channel, s.v + channel * step]
    s.v = others[rng.integers(5)]


@fault("validation in another size", "sets differ", **UNCROPPED)
def _(s, rng):
    s.v = s.v[:, 2:-2, 2:-2]


@fault("labels coded otherwise in validation", "sets differ", **NUMBERS)
def _(s, rng):
    w = s.labels_val
    others = [coded_labels("one-hot", w, s.d["classes"]), w + 1, 10 * w]
    s.labels_val = others[rng.integers(3)]


@fault("classes exchanged in validation", "sets differ", **NUMBERS, classes=2)
def _(s, rng):
    s.labels_val = 1 - s.labels_val


@fault("blank images", "degenerate")
def _(s, rng):
    part = s.x if rng.random() < 0.6 else s.v
    value = rng.choice([s.low, s.high])
    count = rng.integers(3, len(part) // 4)
    part[:count] = value


@fault("NaN among the pixels", "degenerate", values="standardised")
def _(s, rng):
    count = rng.integers(3, len(s.x) // 5)
    s.x[:count, : s.d["side"] // 2] = np.nan


@fault("scaled twice", "degenerate", **UNIT, **UNCROPPED)
def _(s, rng):
    s.x = s.x / 255
    s.v = s.v / 255


@fault("sorted by class", "order", **SEVERAL, classes=2)
def _(s, rng):
    by_class = np.argsort(s.y, kind="stable")
    size = int(rng.integers(1, max(len(s.y) // 8, 2)))
    buffer = buffered(size)
    s.parts["rows"] = lambda rng, n: by_class[buffer(rng, n)]


@fault("the same order in every epoch", "order", **FLIPPED, **SEVERAL)
def _(s, rng):
    s.parts["rows"] = same_order


@fault("batched, then shuffled", "order", **FLIPPED, **SEVERAL, classes=2)
def _(s, rng):
    """Sorted or mixed before."""
    size = s.d["batch"]
    rows = np.argsort(s.y, kind="stable") if rng.random() < 0.5 else rng.permutation(len(s.y))
    whole = len(rows) // size * size
    fixed = rows[:whole].reshape(-1, size)
    s.parts["rows"] = lambda rng, n: rng.permutation(fixed).ravel()


@fault("augmented in the pipeline and in the model", "augmented twice", **UNIT)
def _(s, rng):
    fronts = {
        "flip": layers.RandomFlip("horizontal", seed=1),
        "roll": layers.RandomTranslation(0.15, 0.15, seed=2),
    }
    name = rng.choice(list(fronts))
    s.d["change"] = {name}
    stack = [keras.Input(s.x.shape[1:]), fronts[name], layers.Flatten(), layers.Dense(1)]
    return given(s.change, rng) | {"model": keras.Sequential(stack)}


@fault("writes into its stored images", "stored images", **UNIT, **FLIPPED)
def _(s, rng):
    stored = s.x

    def change(rows, rng):
        stored[rows] *= rng.uniform(0.7, 1, each(len(rows))).astype(np.float32)
        return stored[rows]

    s.parts |= {"x": np.arange(len(stored)), "change": change}


@fault("counts for weights in a sampler", "sets differ", "order", **NUMBERS, classes=2, rare=0.2)
def _(s, rng):
    s.parts["rows"] = weighted(np.bincount(s.y)[s.y])


def broken(number):
    """The fault of a broken pipeline, number from 0 to BROKEN - 1, and the arguments. Kinds of faults take turns."""
    name = list(FAULTS)[number % len(FAULTS)]
    _, fixed, make = FAULTS[name]
    rng = np.random.default_rng([SEED, 1, number])
    d = ingredients(rng, **fixed)
    d["container"] = rng.choice(["iterable", "function"])
    d["validation"] = d["validation"].replace("none", "arrays")
    d["labels"] = d["labels"].replace("-1 for unlabelled", "numbers")
    s = Sets(d, rng)
    arguments = make(s, rng) or {}
    return name, training_of(s, rng) | validation_of(s) | arguments
