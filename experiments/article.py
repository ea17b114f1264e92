"""The article's own code: its network and its stored copies. Its whole program is in the archive of version 0.5."""

import keras
import numpy as np
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

BATCH = 32


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
