"""Loads the data set and builds the network that a setting names, and reads older rows as settings."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from data.build_garments import build, fashion_class, read_idx, source_folder
from experiments.policies import CROPPED
from experiments.questions import KEYS, Setting
from helpers import model, pretrained
from helpers.data import (
    RENAMED,
    RESULTS,
    Data,
    imbalanced_subset,
    load_garments,
    load_solar_cells,
    load_solar_cells_fold,
    subset,
)

# Rows of versions 0.1 to 0.3

DEFAULTS: Setting = {
    "question": 0, "draw": "image", "optimiser": "adam", "rate": 0.001, "schedule": "constant", "weight_decay": 0.0,
    "batch": 32,
}  # fmt: skip
RATES: dict[str, Setting] = {
    "constant": {}, "decay": {"schedule": "linear"}, "cosine": {"schedule": "cosine"},
    "quarter": {"rate": 0.00025}, "fourfold": {"rate": 0.004},
}  # fmt: skip
RESIDUAL = {"optimiser": "adamw", "weight_decay": 0.004}
MODELS: dict[str, Setting] = {  # what their names say beside the network
    "small-sgd": {"model": "small", "optimiser": "sgd", "rate": 0.01},
    "small-adamw": {"model": "small", "optimiser": "adamw", "weight_decay": 0.01},
    "residual": RESIDUAL, "residual-frozen": RESIDUAL, "residual-tuned": RESIDUAL,
}  # fmt: skip


def setting_of(row: Mapping[str, Any]) -> Setting:
    """The setting of a row, read as text or as numbers, of study, law, freeze-or-renew, static-versus-live, policies,
    solar-cells or a registered question."""
    renamed = RENAMED | {"draw": {"per image": "image", "one for all": "one"}}
    found = {key: renamed.get(key, {}).get(value, value) for key, value in row.items()}
    if "schedule" not in found:  # only freeze-or-renew has a column for each of these
        rate = found.pop("rate")
        found |= MODELS.get(found["model"], {}) | RATES[rate]
    values = DEFAULTS | found
    values |= {key: int(values[key]) for key in ("question", "n", "batch", "updates", "replicate")}
    values |= {key: float(values[key]) for key in ("rate", "weight_decay")}
    return {key: values[key] for key in KEYS}


# Data sets

CHOICE = 500  # photographs of clothes that choices are made with, and nothing else


def is_grey(dataset: str) -> bool:
    """Whether it has two classes of grey pictures: garments, a pair of them, solar cells."""
    return not dataset.startswith(("clothes", "colour", "fashion"))


def load_part(dataset: str, n: int, replicate: int) -> Data:
    """Training images of a replicate, and test images. NAME-choice has choice images in place of the test images.

    Of clothes, uint8 (n, 160, 160, 3), the test images are all photographs but the training and the choice images, so
    they differ from replicate to replicate; no garment is on two sides.
    """
    if dataset.startswith("clothes"):
        arrays, rows = read("clothes"), clothes_rows(n, replicate)
        images, labels = arrays["images"], arrays["labels"]
        train, test = rows["train"], rows["choice" if dataset.endswith("-choice") else "test"]
        return Data(images[train], labels[train], images[test], labels[test])
    if dataset == "solar-cells-1-to-10":
        return imbalanced_subset(load_dataset("solar-cells"), n, replicate)
    part = subset(load_dataset(dataset.removesuffix("-flipped")), n, replicate)
    if dataset.endswith("-flipped"):  # a fifth of the training labels is wrong
        flip = np.random.default_rng((n, replicate, 6)).random(n) < 0.2
        part = part._replace(y_train=np.where(flip, 1 - part.y_train, part.y_train))
    return part


@functools.cache
def load_dataset(name: str) -> Data:
    """A data set by its name, loaded once a process. NAME-choice: tested on the last 2,000 training images.

    Colour is CIFAR-10: the first 2,000 training images of each of ten classes, shuffled once, and all test images.
    Fashion is all of Fashion-MNIST, ten classes.
    """
    if name.endswith("-choice"):
        x, y, *_ = load_dataset(name.removesuffix("-choice"))
        return Data(x[:-2000], y[:-2000], x[-2000:], y[-2000:])
    if name == "garments":
        return load_garments()
    if name.startswith("solar-cells-without-"):
        return load_solar_cells_fold(int(name[-1]))
    if name.startswith("solar-cells"):
        return load_solar_cells(64 if name.endswith("-64") else 32)
    if name == "colour":
        arrays = read("colour")
        x, y, test = arrays["images"].astype(np.float32) / 255, arrays["labels"], arrays["parts"] == 2
        first = np.concatenate([np.flatnonzero(~test & (y == label))[:2000] for label in range(10)])
        first = np.random.default_rng(10).permutation(first)
        return Data(x[first], y[first], x[test], y[test])
    if name == "fashion":
        folder, parts = source_folder(None), []
        for part in ("train", "t10k"):
            parts.append(read_idx(folder, f"{part}-images-idx3-ubyte")[..., None].astype(np.float32) / 255)
            parts.append(read_idx(folder, f"{part}-labels-idx1-ubyte").astype(np.int64))
        return Data(*parts)
    path = RESULTS.parent / f"{name}.npz"
    if not path.exists():
        kind, _, other = name.rpartition("-")  # such as t-shirt and pullover
        build(source_folder(None), (fashion_class(kind), fashion_class(other)), path)
    return load_garments(path, None)


@functools.cache
def read(name: str) -> dict[str, np.ndarray]:
    """The arrays of clothes or colour; ``data/results/README.md`` says what builds them."""
    with np.load(RESULTS.parent / f"{name}.npz", allow_pickle=False) as file:
        return dict(file)


def clothes_rows(n: int, replicate: int) -> dict[str, np.ndarray]:
    """Which photographs train, choose and test, as numbers of photographs; a garment's groups stay together."""
    group = read("clothes")["group"]
    choice = _first_groups(np.arange(len(group)), group, CHOICE, seed=500)
    left = np.setdiff1d(np.arange(len(group)), choice)
    train = _first_groups(left, group, n, seed=replicate)
    return {"train": train, "choice": choice, "test": np.setdiff1d(left, train)}


def _first_groups(rows: np.ndarray, group: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows in random order, whole groups, until ``count`` are taken; a group that is too large is left out."""
    taken: list[int] = []
    for number in np.random.default_rng((count, seed)).permutation(np.unique(group[rows])):
        members = rows[group[rows] == number]
        if len(taken) + len(members) <= count:
            taken += members.tolist()
    return np.array(taken)


# Networks


@functools.cache
def features_of(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """What stands before the part of a network that is trained: from float images to what that part takes."""
    if name == "residual-48":  # beforehand: a live run's pictures of 96 pixels would take 16 GB
        network = keras.Sequential([keras.Input((CROPPED, CROPPED, 3)), layers.AveragePooling2D(2)])
    elif name == "lite0-upper":
        network = pretrained.cut(pretrained.efficientnet_lite0())[0]
    elif name == "lite0-head":
        network = pretrained.efficientnet_lite0()
    else:
        return np.asarray
    return functools.partial(network.predict, batch_size=64, verbose=0)


@functools.cache
def builder(
    name: str, classes: int, optimiser: str, rate: float, schedule: str, weight_decay: float, updates: int
) -> Callable[..., keras.Model]:
    """What builds and compiles a network, from (input_shape, seed). Cached, since a trainer is compiled anew for each
    builder."""
    losses = {
        "small-smoothing": keras.losses.BinaryCrossentropy(label_smoothing=0.1), "small-weighted": weighted_loss,
    }  # fmt: skip

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        network, kinds = network_of(name, classes, input_shape, seed), keras.optimizers
        rates = {
            "constant": rate, "cosine": kinds.schedules.CosineDecay(rate, updates),
            "linear": kinds.schedules.PolynomialDecay(rate, updates, 0.0),
        }  # fmt: skip
        optimisers = {
            "adam": kinds.Adam(rates[schedule]), "sgd": kinds.SGD(rates[schedule], momentum=0.9),
            "adamw": kinds.AdamW(rates[schedule], weight_decay=weight_decay),
        }  # fmt: skip
        usual = "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy"
        network.compile(optimisers[optimiser], losses.get(name, usual))
        return network

    return build


def network_of(name: str, classes: int, input_shape: Sequence[int], seed: int | None) -> keras.Model:
    """A network of ``helpers.model``, or the part of EfficientNet-Lite0 that is trained with a new last layer: "lite0"
    whole, "lite0-upper" from block 11 on, "lite0-head" that layer alone. With "-dropout" half of the features are
    dropped before the last layer; with "-frozen" and "-tuned" all but that layer come from a network trained on the
    other eight garments."""
    kind, _, variant = name.partition("-")
    if kind == "lite0":
        last = layers.Dense(classes, "softmax", kernel_initializer=keras.initializers.GlorotUniform(seed))
        if variant == "head":
            return keras.Sequential([keras.Input(input_shape), last])
        body = pretrained.efficientnet_lite0()
        if variant == "upper":
            body = pretrained.cut(body)[1]
        return keras.Model(body.input, last(body.output))
    network = model.MODELS[kind](input_shape, seed, classes)
    if variant == "dropout":
        *features, last = network.layers
        return keras.Sequential([keras.Input(input_shape), *features, layers.Dropout(0.5), last])
    if variant in ("frozen", "tuned"):
        for layer, weights in zip(network.layers[:-1], pretrained_features(), strict=True):
            layer.set_weights(weights)
            layer.trainable = variant == "tuned"  # a frozen batch normalisation keeps its statistics, too
    return network


@functools.cache
def pretrained_features() -> list[list[np.ndarray]]:
    """Weights of the residual network's layers but the last, after three epochs on 48,000 garments of eight classes."""
    x, labels, *_ = load_dataset("fashion")
    others = ~np.isin(labels, (2, 4))  # pullover and coat
    x, y = x[others], np.unique(labels[others], return_inverse=True)[1]
    network = model.residual_model(x.shape[1:], seed=0)
    features = keras.Model(network.input, network.layers[-2].output)
    last = layers.Dense(8, "softmax", kernel_initializer=keras.initializers.GlorotUniform(0))
    classifier = keras.Sequential([features, last])
    classifier.compile("adam", "sparse_categorical_crossentropy")
    order = np.random.default_rng(9)
    for _ in range(3):
        rows = order.permutation(len(x))
        classifier.fit(x[rows], y[rows], batch_size=128, shuffle=False, verbose=0)
    return [layer.get_weights() for layer in network.layers[:-1]]


def weighted_loss(y_true, y_pred):
    """Cross-entropy in which both classes of solar-cells-1-to-10 weigh the same, 1 on average over a training set."""
    weights = tf.where(y_true == 1, 11 / 2, 11 / 20)
    return tf.reduce_mean(weights[:, 0] * keras.losses.binary_crossentropy(y_true, y_pred))
