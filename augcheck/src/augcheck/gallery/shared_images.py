"""Mirrored copies are made before the split, so many a validation picture has its twin in training; or after it."""

import numpy as np

from augcheck.gallery.pictures import images, rng


def wrong():
    both = np.concatenate([images, images[:, :, ::-1]])  # mirrored, and then split
    order = rng.permutation(len(both))
    return both[order[:192]], both[order[192:]]


def right():
    first, rest = images[:96], images[96:]  # split, and then mirrored
    return np.concatenate([first, first[:, :, ::-1]]), rest
