"""The split comes first."""
# Expected: sound; shared images: can't tell
# mypy: ignore-errors

import numpy as np

from augcheck.gallery.pictures import images


def make():
    first, rest = images[:96], images[96:]  # split, and then mirrored
    return np.concatenate([first, first[:, :, ::-1]]), rest
