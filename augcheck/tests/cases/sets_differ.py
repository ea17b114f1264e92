"""Training and validation differ."""

import keras
import numpy as np
from keras import layers

from cases.augmented_twice import FLIPS
from cases.common import (
    LONG,
    LOOP,
    STORED,
    Rows,
    V,
    W,
    X,
    Y,
    as_bytes,
    case,
    dataset,
    flow,
    folder,
    in_order,
    in_the_loop,
    loader,
    mixed,
    network,
    slices,
)
from pipelines import Batches, Sized, each, grey, lighten, noise, pictures, shift


def tinted(x):
    """Grey images in a colour."""
    return x if x.shape[-1] == 3 else np.array([1, 0.8, 0.5], "float32") * x


SOUND_FIRST = ("sound", "defective")
case(
    "folders in alphabetical order",
    "sets differ: wrong 'different orders'",
    lambda d: {
        "train": folder(d.train, SOUND_FIRST, rescale=1 / 255),
        "class_names": [*SOUND_FIRST],
        "live": False,
        "validation": folder(d.validation, SOUND_FIRST, rescale=1 / 255),
    },
    "flow_from_directory",
)
# Of the photograph, mean red and blue are nearly the same, and it isn't seen.
case(
    "RGB against BGR",
    "sets differ: wrong 'channels have another order'",
    lambda d: {"train": (tinted(d.x), d.y), "validation": (tinted(d.v)[..., ::-1], d.w)},
    "arrays",
)
case(
    "rescaled in training only",
    "sets differ: wrong 'ranges of values'",
    lambda d: {"validation": as_bytes(d.validation)},
    "arrays",
)
case(
    "channels first against last",
    "sets differ: wrong 'channels'",
    lambda d: loader(d.train, shift, make=lambda x, y: (np.moveaxis(x, 3, 1), y)),
    "iterable",
)
case(
    "another size",
    "sets differ: wrong 'another size'",
    lambda d: {"validation": (d.v[:, 2:-2, 2:-2], d.w)},
    "arrays",
)
case(
    "labels as columns against numbers",
    "sets differ: wrong 'coded'",
    lambda d: (d.x, keras.utils.to_categorical(d.y)),
    "arrays",
)
case(
    "classes from 1 against from 0",
    "sets differ: wrong 'coded'",
    lambda d: Rows((d.x, d.y + 1), shift),
    "PyDataset",
)
case(
    "uint8 validation",
    "sound",
    lambda d: {
        "train": flow((255 * d.x, d.y), rotation_range=5),
        "validation": as_bytes(d.validation),
    },
    "flow",
)
case(
    "folders, rescaled in both sets",
    "sound",
    lambda d: {
        "train": folder(d.train, rotation_range=5, rescale=1 / 255),
        "validation": folder(d.validation, rescale=1 / 255, shuffle=False),
    },
    "flow_from_directory",
)


def unbalanced(pair, n):
    x, y = pair
    keep = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:n]]
    return x[keep], y[keep]


def named(names):
    data = slices(X[:64], Y[:64]).batch(16)
    data.class_names = names
    return data.map(lambda x, y: (x / 2, y)).prefetch(2)


def padded(x, width=2):
    return np.pad(x, [(0, 0), (width, width), (width, width), (0, 0)])


COLOURED = 0.1 + 0.5 * np.random.default_rng(8).random((480, 16, 16, 3))
RARE, RARE_VAL = unbalanced((X, Y), 24), unbalanced((V, W), 8)
TEN_TIMES = tuple(np.concatenate([part, *9 * [part[RARE[1] == 1]]]) for part in RARE)
WEIGHTS = np.where(RARE[1] == 1, 1 / 48, 1 / 2 / (len(RARE[1]) - 24))
for _name, _expected, _validation in [
    ("inverted", "wrong 'brightness or contrast'", (0.6 - V, W)),
    (
        "brighter, with the same ends",
        "wrong 'brightness or contrast'",
        (np.where(np.median(V) < V, V.max(), V.min()), W),
    ),
    ("larger", "wasteful 'another size'", (padded(V), W)),
    ("words", "wrong 'coded'", (V, W.astype(str))),
    ("classes -1 and 1", "wrong 'coded'", (V, 2 * W - 1)),
    ("some labels -1", "not found", (V, np.where(np.arange(160) < 40, -1, W))),
    ("no label but -1", "not found", (V, 0 * W - 1)),
    (
        "a class that training lacks",
        "wrong 'training lacks a class' 'Split'",
        (V, np.arange(160) % 3),
    ),
    ("no labels", "wrong 'coded'", (V,)),
    ("its labels mixed up", "not found", (V, W[::-1])),
]:
    case(f"validation with {_name}", f"sets differ: {_expected}", {"validation": _validation})
GREY, GREY_VAL = grey(COLOURED), grey(COLOURED)[:160]
TEN, TEN_FROM_1 = (X, np.arange(480) % 10), (V, 1 + np.arange(160) % 10)
for _name, _expected, _train, _validation in [
    ("a rare class stored ten times", "sound", TEN_TIMES, RARE_VAL),
    ("ten classes, from 0 and from 1", "sets differ: wrong 'coded'", TEN, TEN_FROM_1),
    ("grey validation", "sets differ: wrong 'validation is grey'", COLOURED, GREY_VAL),
    ("a channel empty in validation", "sets differ: wrong 'empty in validation'", X, V * [1, 1, 0]),
    (
        "a channel empty in both, with noise",
        "sets differ: not found",
        noise(X * [1, 1, 0], LOOP),
        V * [1, 1, 0],
    ),
    ("a channel shifted", "sets differ: wrong 'shifted'", X + [0, 0.2, 0], V),
    (
        "channels dropped",
        "sets differ: not found",
        np.where(LOOP.random((480, 1, 1, 3)) < 0.1, 0, X),
        V,
    ),
    ("channels tinted", "sets differ: not found", X * LOOP.uniform(0.5, 1.5, (480, 1, 1, 3)), V),
]:
    case(_name, _expected, {"train": _train, "validation": _validation})
for _name, _expected, _train, _change, _validation in [
    (
        "multiplied",
        "wasteful 'ranges of values' 'after the loop'",
        X,
        lambda x: 255 * in_the_loop(x),
        V,
    ),
    ("divided", "not found", 255 * X, lambda x: in_the_loop(x) / 255, V),
    ("made grey", "not found", COLOURED, lambda x: x.mean(3, keepdims=True), GREY_VAL[..., :1]),
    ("cropped", "not found", padded(X), lambda x: x[:, 2:-2, 2:-2], V),
    ("channels moved", "not found", np.moveaxis(X, 3, 1), lambda x: np.moveaxis(x, 1, 3), V),
    ("flattened", "not found", X, lambda x: x.reshape(len(x), -1), V),
]:
    case(
        f"{_name} in the loop",
        f"sets differ: {_expected}",
        {"train": _train, "augment": _change, "validation": _validation},
    )
case(
    "divided in the loop, with a model",
    "sets differ: wrong 'before the loop'",
    lambda d: {
        "train": 255 * d.x,
        "augment": lambda x: x / 255,
        "model": network(d, FLIPS),
        "validation": d.v,
    },
)
case(
    "a rare class",
    "sound",
    lambda d: {
        "train": loader(unbalanced(d.train, 8), lighten),
        "validation": unbalanced(d.validation, 8),
    },
    "iterable",
)
for _other, _status in (
    (["dog", "cat"], "wrong 'cat, dog against dog, cat'"),
    (["cat", "dog"], "not found"),
):
    case(
        f"class names behind a map, {_status}",
        f"sets differ: {_status}",
        lambda d, other=_other: {
            "train": named(["cat", "dog"]),
            "validation": named(other),
            "live": False,
        },
    )
case("class names as an array", "sets differ: can't tell", {"class_names": np.array(["a", "b"])})


def stretched(share):
    """As RandAugment does: the values of a share of the pictures, drawn anew, are stretched to 0 to 1."""

    def change(x, rng):
        low, high = (edge((1, 2, 3), keepdims=True) for edge in (x.min, x.max))
        return np.where(
            rng.random(each(len(x))) < share, (x - low) / (high - low), lighten(x, rng, 0.9)
        )

    return Batches(0.3 * X, Y, change)


def erased(x, rng):
    """Most rows of each image become dark."""
    return np.where(np.arange(16)[:, None, None] < rng.integers(7, 16, each(len(x))), x.min(), x)


OFTEN_RARE = Batches(*RARE, rows=lambda rng, n: rng.choice(n, n, p=WEIGHTS))
A_HUNDRED, A_HUNDRED_VAL = pictures(480, k=100), pictures(160, 1, k=100)
for _name, _expected, _train, _validation, _more in [
    ("pictures stretched now and then", "not found", stretched(0.4), (0.3 * V, W), {}),
    ("nearly all pictures stretched", "wrong 'ranges of values'", stretched(0.9), (0.3 * V, W), {}),
    (
        "most of each picture erased",
        "wasteful 'brightness or contrast'",
        Batches(X, Y, erased),
        (V, W),
        {},
    ),
    (
        "grey images, tinted in training",
        "quiet",
        Batches(GREY, Y, lambda x, rng: x * rng.uniform(0.7, 1, (len(x), 1, 1, 3))),
        (GREY_VAL, W),
        {},
    ),
    ("a rare class drawn over and over", "not found", OFTEN_RARE, RARE_VAL, STORED),
    ("mixed columns against numbers", "quiet", Batches(X, Y, mixed, pairs=True), (V, W), {}),
    (
        "classes that a part lacks",
        "quiet",
        Batches(*A_HUNDRED),
        A_HUNDRED_VAL,
        {"max_images": 200, "live": False},
    ),
]:
    case(_name, f"sets differ: {_expected}", {"train": _train, "validation": _validation, **_more})


def sorted_by_class(pair):
    """A set that is read in the order of its classes, so that a part of it has other shares of them."""
    x, y = pair
    rows = np.argsort(y, kind="stable")
    return Sized(x[rows], y[rows], rows=in_order)


CUT = {"train": Sized(*LONG, lighten), "max_images": 2600}
UNEQUAL = LONG[1] * (np.random.default_rng(5).random(2048) < 0.5)
case(
    "validation in order, of which a part is read",
    "sets differ: not found",
    CUT | {"validation": sorted_by_class(pictures(2000, 6, shape=(8, 8, 1)))},
)
case(
    "shuffled validation with other shares, of which a part is read",
    "sets differ: wasteful 'other shares'",
    CUT | {"validation": Sized(pictures(2048, 6, shape=(8, 8, 1))[0], UNEQUAL)},
)


def says_nothing_of_a_range(d):
    """Validation that is darker for reasons of its own, and a brightness whose range is right."""
    layer = layers.RandomBrightness(0.1, value_range=(0, 1))
    dark = (0.2 * d.v, d.w)
    return [
        {"train": d.train, "validation": dark, "augment": lambda x, y: layer(x, training=True)},
        {"train": dataset(d.train, lambda x: layer(x, training=True)), "validation": dark},
        {"train": d.train, "validation": dark, "model": network(d, layer), "live": True},
        {
            "train": flow((255 * d.x, d.y), brightness_range=(0.7, 1.3), rescale=1 / 255),
            "validation": dark,
        },
    ]


WRONG_RANGE = layers.RandomBrightness(0.2, seed=0)


def blinded():
    """Images of 0 to 1 in colour, and a brightness made for 0 to 255 that leaves half of them blank."""
    x = COLOURED.astype("float32")
    validation = x[:160] * 0.99, Y[:160]
    in_a_map = dataset((x, Y), lambda images: WRONG_RANGE(images, training=True))
    return [
        {"train": (x, Y), "augment": WRONG_RANGE, "validation": validation},
        {"train": in_a_map, "validation": validation},
    ]


def between_pixels(x, rng):
    """Shifted by parts of a pixel, as turns and zooms do, too."""
    for axis in (1, 2):
        share = rng.uniform(0.3, 0.7, each(len(x)))
        x = (1 - share) * x + share * np.roll(x, 1, axis)
    return x.astype("float32")


_draws = np.random.default_rng(0)
NOISE, NOISE_VAL = (_draws.random((n, 16, 16, 3), np.float32) for n in (480, 160))
for _name, _expected, _validation in [
    ("noise, smoothed by shifts", "sound", NOISE_VAL),
    ("noise on another scale", "sets differ: wrong 'ranges of values'", 255 * NOISE_VAL),
    (
        "smoothed noise, and pictures",
        "sets differ: wasteful 'brightness or contrast'",
        np.repeat(np.repeat(NOISE_VAL[:, ::4, ::4], 4, 1), 4, 2),
    ),
]:
    case(
        _name,
        _expected,
        {"train": Batches(NOISE, Y, between_pixels), "validation": (_validation, W)},
    )
