"""The split comes first."""

import numpy as np

from augcheck.gallery.pictures import images


def make():
    first, rest = images[:96], images[96:]  # split, and then mirrored
    return np.concatenate([first, first[:, :, ::-1]]), rest
