"""Mirrored copies are made before the split, so many a validation picture has its twin in training."""

import numpy as np

from augcheck.gallery.pictures import images, rng


def make():
    both = np.concatenate([images, images[:, :, ::-1]])  # mirrored, and then split
    order = rng.permutation(len(both))
    return both[order[:192]], both[order[192:]]
