"""Pictures come sorted by class, as folders hold them, and nobody shuffles."""

import numpy as np

from augcheck.gallery.pictures import Batches, images, labels, lighten


def make():
    rows = np.argsort(labels)  # as folders are read, one class after the other
    return Batches(images[rows], labels[rows], lighten, shuffle=False)
