"""A PyDataset and the workers with which fit reads it: what the check-up says of it is what fit is shown.

The model takes down what it is shown.
"""


import keras
import numpy as np
import pytest
from keras import layers

from augcheck import FOUND, NOT_FOUND, check_pipeline

N, BATCH, EPOCHS = 256, 16, 2
X = np.random.default_rng(0).random((N, 16, 16, 3), np.float32)
Y = np.random.default_rng(1).integers(0, 2, N)


class Batches(keras.utils.PyDataset):
    """In a new order in each epoch, each picture lightened anew unless ``frozen``."""

    def __init__(self, frozen, **options):
        super().__init__(**options)
        self.frozen, self.rng, self.order = frozen, np.random.default_rng(0), np.arange(N)

    def __len__(self):
        return N // BATCH

    def __getitem__(self, i):
        rows = self.order[i * BATCH : (i + 1) * BATCH]
        light = 1 if self.frozen else self.rng.uniform(0.7, 1, (BATCH, 1, 1, 1)).astype("float32")
        return X[rows] * light, Y[rows]

    def on_epoch_end(self):
        self.order = np.random.default_rng(self.order[0]).permutation(N)


class Witness(keras.Model):
    """Takes down what fit shows it."""

    def __init__(self):
        super().__init__()
        self.shown = []
        self.head = layers.Dense(1)

    def call(self, x):
        return self.head(layers.Flatten()(x))

    def train_step(self, data):
        self.shown.append(np.asarray(data[0]))
        return {"loss": 0.0}


def again(dataset):
    """Share of the pictures of the second epoch of fit that were in the first."""
    witness = Witness()
    witness.compile("sgd", run_eagerly=True)
    witness.fit(dataset, epochs=EPOCHS, verbose=0)
    prints = [image.tobytes() for batch in witness.shown for image in batch]
    return np.mean([image in set(prints[:N]) for image in prints[N:]])


KINDS = [{}, {"workers": 2}]


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("options", KINDS)
def test_what_it_says_is_what_fit_is_shown(options, frozen):
    dataset = Batches(frozen, **options)
    report = check_pipeline(dataset)
    share = again(dataset)
    assert report["repeats"].status == (FOUND if frozen else NOT_FOUND)
    assert (share == 1) == frozen
