"""Labels."""

import keras
import numpy as np
import tensorflow as tf

from cases.common import BATCH, DRAWS, STORED, V, W, X, Y, case, dataset, network, shuffled
from pipelines import Batches, each, flip, lighten


def votes(share):
    """Three labels of each image, of which this share is not the image's own."""
    people = np.repeat(Y, 3)
    wrong = np.random.default_rng(4).random(len(people)) < share
    return np.repeat(X, 3, axis=0), np.where(wrong, 1 - people, people)


case("labels of three people who mostly agree", "labels: not found", {"train": votes(0.15)})
case("three labels of each image by chance", "labels: wrong 'mismatched'", {"train": votes(0.5)})


class Apart(Batches):
    """Images are shuffled, and labels stay where they were."""

    def changed(self, rows, start):
        return super().changed(rows, start)[0], self.y[start : start + len(rows)]


case(
    "images shuffled without labels",
    "labels: wrong 'mismatched'",
    lambda d: {"train": Apart(*d.train, size=BATCH), **STORED},
    "iterable",
)
case(
    "the same, live",
    "labels: can't tell 'too few'",
    lambda d: Apart(*d.train, lighten, size=BATCH),
    "iterable",
)


# Keras 3.15.1's RandomElasticTransform in a map after batch(): where the size of a batch isn't known, it makes
# displacements for one image, and the first image's pixels get under the labels of all others that it changes. Written
# out here, since later versions of the layer may be right.
def elastic(x):
    n = each(tf.shape(x)[0])
    first = x[:1] * DRAWS.uniform((1, 1, 1, 1), 0.8, 1.2)
    return tf.where(DRAWS.uniform(n) < DRAWS.uniform(n), first, x)


case(
    "elastic after batch() (Keras 3.15.1)",
    "labels: wrong",
    lambda d: dataset(d.train, elastic),
    "tf.data",
)


def only(classes, change=lighten, y=Y, rows=None):
    """Images of some classes are augmented, and the others shown as they are."""

    def some(x, labels, rng):
        return np.where(np.isin(labels, classes)[:, None, None, None], change(x, rng), x).astype(
            "float32"
        ), labels

    return Batches(X, y, some, pairs=True, rows=rows)


def undersampled(rng, n):
    """In each epoch all of the rare class, and as many of the others, drawn anew."""
    rare, others = np.flatnonzero(FIFTH == 1), np.flatnonzero(FIFTH == 0)
    return rng.permutation(np.concatenate([rare, rng.choice(others, len(rare), replace=False)]))


SMOOTHED, FIFTH = 0.9 * np.eye(2)[Y] + 0.05, (np.arange(480) % 5 == 1).astype(int)
SEVERAL = (np.random.default_rng(2).random((480, 3)) < 0.6).astype("float32")
for _name, _y in {"smoothed": SMOOTHED, "several": SEVERAL}.items():
    case(f"labels apart, {_name}", "labels: wrong 'mismatched'", {"train": Apart(X, _y), **STORED})
    case(f"labels beside their images, {_name}", "labels: not found", shuffled(more=STORED, y=_y))
MIRRORED, QUARTERS = (
    np.r_[X, X[:, :, ::-1]],
    np.concatenate([np.rot90(X, k, (1, 2)) for k in range(4)]),
)
ONLY = "wrong 'only some classes are augmented'"
for _name, _expected, _train in [
    (
        "mirrored copies, labels in another order",
        "wrong 'mirrored copies'",
        (MIRRORED, np.repeat(Y, 2)),
    ),
    ("mirrored copies, labels repeated", "not found", (MIRRORED, np.tile(Y, 2))),
    ("mirrored copies, labels of the other hand", "not found", (MIRRORED, np.r_[Y, 1 - Y])),
    ("turned copies, their quarter the label", "not found", (QUARTERS, np.repeat(range(4), 480))),
    (
        "class 2 of three",
        f"{ONLY} 'classes 0, 1 come again, of class 2'",
        only([2], y=np.arange(480) % 3),
    ),
    ("class 1 flipped alone", "quiet", only([1], flip)),
    ("others undersampled", "quiet", only([], y=FIFTH, rows=undersampled)),
    (
        "averaged numbers",
        "quiet",
        (X, 0.3 * (np.arange(480) % 5) + 0.7 * (np.arange(480)[::-1] % 5)),
    ),
]:
    case(_name, f"labels: {_expected}", {"train": _train})
case(
    "NaN as a label",
    "labels: wrong '1% of the labels are NaN'; sets differ: not found",
    {"train": (X, np.where(np.arange(480) < 5, np.nan, Y)), "validation": (V, W)},
)
for _activation, _loss, _status in [
    ("softmax", "categorical_crossentropy", "wrong 'several ones'"),
    ("sigmoid", "binary_crossentropy", "not found"),
    (None, keras.losses.CategoricalCrossentropy(from_logits=True), "wrong"),
]:
    case(
        f"several ones before {_activation}",
        f"labels: {_status}",
        lambda d, how=(3, _activation, _loss): {
            "train": (d.x, SEVERAL),
            "model": network(d, units=how[0], activation=how[1], loss=how[2]),
        },
    )
