"""The pipeline turns the pictures; the model does so again, or doesn't."""

import keras
from keras import layers

from augcheck.gallery.pictures import images, labels

shape = keras.Input(images.shape[1:])


def wrong():
    model = keras.Sequential([shape, layers.RandomRotation(0.1), layers.Flatten(), layers.Dense(1)])
    return {"train": (images, labels), "augment": layers.RandomRotation(0.1), "model": model}


def right():
    model = keras.Sequential([shape, layers.Flatten(), layers.Dense(1)])
    return {"train": (images, labels), "augment": layers.RandomRotation(0.1), "model": model}
