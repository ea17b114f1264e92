"""Validation images are in training."""

import numpy as np

from cases.augmented_twice import TURN, turns
from cases.common import (
    N,
    Rows,
    V,
    W,
    X,
    Y,
    as_jpeg,
    case,
    dataset,
    flow,
    folder,
    in_the_loop,
    load,
)
from pipelines import flip, lighten, shift


def half_shared(d):
    """Half of the validation images are training images."""
    half = len(d.v) // 2
    return np.r_[d.v[:half], d.x[:half]], np.r_[d.w[:half], d.y[:half]]


def split_afterwards(d, augment):
    """Four copies of each image, then a random split: the bug."""
    rng = np.random.default_rng(0)
    x, y = np.concatenate([augment(d.x, rng) for _ in range(4)]), np.tile(d.y, 4)
    rows = rng.permutation(4 * N)
    return {"train": (x[rows[:400]], y[rows[:400]]), "validation": (x[rows[400:]], y[rows[400:]])}


for _kind, _make in {
    "arrays": lambda d: {},
    # The images from before the map can't be reached.
    "tf.data": lambda d: {"train": dataset(d.train, TURN)},
    "flow": lambda d: {"train": flow((255 * d.x, d.y), rotation_range=5, rescale=1 / 255)},
    "flow_from_directory": lambda d: {"train": folder(d.train, rotation_range=5, rescale=1 / 255)},
    "PyDataset": lambda d: {"train": Rows(d.train, lighten)},
    "model": lambda d: {"model": turns(d)},
}.items():
    case(
        "half of validation in training",
        "shared images: wrong",
        lambda d, make=_make: {"validation": half_shared(d), **make(d)},
        _kind,
    )
case(
    "half of validation, stored as JPEG",
    "shared images: wrong",
    lambda d: {"validation": (as_jpeg(half_shared(d)[0], 75), half_shared(d)[1])},
    "arrays",
)


def mirrored_and_stored_again(d):
    """Each image and its mirrored copy, stored as JPEG, and then a random split."""
    rng = np.random.default_rng(0)
    x, y = np.concatenate([d.x, as_jpeg(d.x[:, :, ::-1], 75)]), np.tile(d.y, 2)
    rows = rng.permutation(len(x))
    most = len(x) * 3 // 4
    return {
        "train": (x[rows[:most]], y[rows[:most]]),
        "validation": (x[rows[most:]], y[rows[most:]]),
    }


for _name in ("garments", "photograph"):
    case(
        f"split after mirroring and storing again, {_name}",
        "shared images: wrong 'near copies'",
        lambda d, name=_name: mirrored_and_stored_again(load(name)),
    )
case("split after flipping", "shared images: wrong", lambda d: split_afterwards(d, flip), "arrays")
case(
    "split after turning and shifting",
    "shared images: can't tell",
    lambda d: split_afterwards(d, lambda x, rng: np.asarray(TURN(shift(x, rng), training=True))),
    "arrays",
)

MEANS, DEVIATIONS = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
PREPROCESS = {
    "tf": lambda x: x / 127.5 - 1,
    "caffe": lambda x: x[..., ::-1] - np.array([103.939, 116.779, 123.68], "float32"),
    "torch": lambda x: (x / 255 - MEANS) / DEVIATIONS,
    "rescale": lambda x: x / 255,
}


def preprocessed(change, validation):
    """An ImageDataGenerator that preprocesses, beside validation that was preprocessed as well."""
    train = flow((255 * X[:96], Y[:96]), rotation_range=5, preprocessing_function=change)
    return {"train": train, "validation": change(255 * validation)}


EXACT, NEAR = "shared images: wrong 'also in training'", "shared images: wrong 'near copies'"
case(
    "a leak behind preprocessing",
    "shared images: wrong '64 of 64 validation images are among the 96'",
    lambda d: preprocessed(PREPROCESS["torch"], d.x[:64]),
)
case(
    "a leak between raw and preprocessed",
    EXACT,
    {"train": (255 * X).astype("uint8"), "validation": PREPROCESS["caffe"](np.trunc(255 * X[:64]))},
)
case(
    "no leak behind preprocessing",
    "shared images: not found",
    lambda d: preprocessed(PREPROCESS["torch"], d.v),
)
WIDE = X[:96, :, :12]
TURNED = np.r_[np.rot90(X[:40], 1, (1, 2)), np.rot90(X[40:80], 3, (1, 2)), X[80:120].swapaxes(1, 2)]
for _noise, _expected in ((0, EXACT), (0.001, NEAR)):
    _again = 0.5 * WIDE[:, ::-1, ::-1] - 1 + np.random.default_rng(0).normal(0, _noise, WIDE.shape)
    case(
        f"a leak, upside down and mirrored, noise {_noise}",
        _expected,
        {"train": WIDE, "validation": _again},
    )
    _again = TURNED + np.random.default_rng(0).normal(0, _noise, TURNED.shape)
    case(f"quarter turns, noise {_noise}", _expected, {"validation": _again})
case(
    "not all was read",
    "shared images: can't tell 'not all of both'",
    {"augment": in_the_loop, "validation": (V, W), "max_images": 400},
)
