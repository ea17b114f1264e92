"""When two trainings are one and the same: float32 rounds otherwise in another program, and training makes it grow.

Another last bit in the pictures moves a weight by 1e-5 in twenty updates, and 1e-6 in the pictures, as much as two
compiled programs may differ, by 5e-5, a loss by 1e-5. A fault moves both by more than 1e-3, Adam's first step.
"""

import functools

import numpy as np
import pandas as pd

from helpers.data import Data
from helpers.training import Trainer

ROUNDING = 1e-4
SHAPE = (12, 12, 1)
# Compiled once for a ``build`` that makes the same network.
trainer_for = functools.lru_cache(maxsize=8)(Trainer)


def assert_same_weights(found, expected, atol=ROUNDING):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=atol, rtol=0)


def assert_same_curve(found, expected, images=64):
    """Losses as they are rounded; of this many images one answer may lie on either side of a half."""
    shares = [column for column in expected if column.endswith("accuracy")]
    pd.testing.assert_frame_equal(found[shares], expected[shares], atol=1.01 / images, rtol=0)
    found, expected = (table.drop(columns=shares) for table in (found, expected))
    pd.testing.assert_frame_equal(found, expected, atol=ROUNDING, rtol=0)


def shown(batches, policy):
    """The images of all batches, (updates * batch, height, width, channels), and their labels."""
    rows = batches.rows.ravel()
    images = batches.images[rows]
    if batches.parameters is not None:
        images = policy.apply(images, batches.parameters.reshape(len(rows), -1)).numpy()
    return images, batches.labels[rows]


def noise(n, validation):
    """Data brighter where the label is 1."""
    labels = np.arange(n + validation) % 2
    images = np.random.default_rng(0).random((n + validation, *SHAPE), np.float32) * 0.8
    images += 0.2 * labels[:, None, None, None].astype("float32")
    return Data(images[:n], labels[:n], images[n:], labels[n:])
