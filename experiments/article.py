"""Question 0, the article's own code on two pairs of classes: one run, as a row of ``article.csv`` says."""

from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from experiments import datasets
from helpers.data import Data, load_garments, subset
from helpers.policies import POLICIES

BATCH = 32


class Method(NamedTuple):
    """What the network is shown: the images, stored copies of them, or a new version in every epoch."""

    copies: int = 0  # that are stored of each image
    live: bool = False
    equal_updates: bool = False  # as many as live makes, not as many epochs


METHODS = {
    "none": Method(),
    "copies-1": Method(copies=1),
    "copies-4": Method(copies=4),
    "copies-4-equal": Method(copies=4, equal_updates=True),
    "live": Method(live=True),
}


def run(setting: dict[str, Any], folder: Path | None = None) -> dict[str, float]:
    """Train once as the article does, from the seed ``replicate``, and test on new images as they are.

    Args:
        setting: dataset, n, epochs, method and replicate.
        folder: where ``cifar10.zip`` is, which the pair of photographs is from.

    Returns:
        updates made; test_* with the final weights, a loss in nats and an accuracy; shown_* as ``fit`` reports them of
        the last epoch.
    """
    method, seed = METHODS[setting["method"]], setting["replicate"]
    part = subset(load_pair(setting["dataset"], folder), setting["n"], seed)
    x, y = part.x_train, part.y_train
    datagen = ImageDataGenerator(**POLICIES["article"], fill_mode="nearest")
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    if method.copies:
        x, y = stored_copies(datagen, x, y, method.copies)
    keras.utils.set_random_seed(seed)  # the same initial weights, however many copies were made
    model = article_network(x.shape[1:])
    history = fit(model, datagen, method, (x, y), setting["epochs"], setting["n"]).history
    test_loss, test_accuracy = model.evaluate(part.x_val, part.y_val, batch_size=500, verbose=0)
    return {
        "updates": int(model.optimizer.iterations.numpy()),
        "test_accuracy": test_accuracy,
        "test_loss": test_loss,
        "shown_accuracy": history["accuracy"][-1],
        "shown_loss": history["loss"][-1],
    }


def article_network(shape: tuple[int, ...]) -> keras.Model:
    """The network of the article's examples, compiled as there."""
    model = keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def stored_copies(
    datagen: ImageDataGenerator, x: np.ndarray, y: np.ndarray, copies: int
) -> tuple[np.ndarray, np.ndarray]:
    """What Example 1 assumes: batches of ``flow()``, collected for as many epochs as there shall be copies."""
    flow = datagen.flow(x, y, batch_size=BATCH)
    batches = [next(flow) for _ in range(copies * len(flow))]
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def fit(
    model: keras.Model,
    datagen: ImageDataGenerator,
    method: Method,
    stored: tuple[np.ndarray, np.ndarray],
    epochs: int,
    n: int,
) -> keras.callbacks.History:
    """The article's ``fit`` on what is stored with its labels: n images, or copies of them."""
    x, y = stored
    if method.live:  # Examples 2 and 3, which differ in what they watch alone
        return model.fit(datagen.flow(x, y, batch_size=BATCH), epochs=epochs, verbose=0)
    if method.equal_updates:
        # Without batch_size Keras divides the arrays by the steps, here into batches of four times as many images.
        steps = n // BATCH
        return model.fit(x, y, batch_size=BATCH, epochs=epochs, steps_per_epoch=steps, verbose=0)
    return model.fit(x, y, epochs=epochs, verbose=0)  # Example 1, and without augmentation


def load_pair(dataset: str, folder: Path | None) -> Data:
    """A pair with its 2,000 test images in place of validation images, and its training images in [0, 1].

    Args:
        dataset: "garments", which the repository holds, or "cats-dogs", class 0 and class 1.
        folder: where ``cifar10.zip`` is, with the files PART/CLASS/NUMBER.jpg; the repository doesn't hold it.
    """
    if dataset == "garments":
        return load_garments()
    if dataset != "cats-dogs":
        raise ValueError(f"dataset is {dataset!r}; expected garments or cats-dogs.")
    images = datasets.load("cifar10", folder)
    train = _cats_and_dogs(images, ~images.read_before)
    test = _cats_and_dogs(images, images.read_before)
    return Data(*train, *test)


def _cats_and_dogs(images: datasets.Images, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of the chosen images, first the cats, in [0, 1], with class 0 and 1."""
    cats = np.flatnonzero((images.labels == 3) & chosen)
    dogs = np.flatnonzero((images.labels == 5) & chosen)
    pixels = images.pixels[np.concatenate([cats, dogs])]
    return pixels.astype(np.float32) / 255, np.repeat([0, 1], [len(cats), len(dogs)])
