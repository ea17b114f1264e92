"""Whatever the order of the files, each epoch has its own."""

import numpy as np

from augcheck.gallery.pictures import Batches, images, labels, lighten


def make():
    rows = np.argsort(labels)
    return Batches(images[rows], labels[rows], lighten, shuffle=True)
