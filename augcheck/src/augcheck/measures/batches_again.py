"""Whether whole batches come again though their images are new: by the places that images have in a batch."""

from __future__ import annotations

import numpy as np

from augcheck.reading.epochs import Reading

SURE = 6.0  # standard errors; of 30,000 correct pipelines one reaches 4 by chance
ALIKE = 0.1  # correlation of the small images of two versions, beyond that of other images
AGREE = 0.98  # share of the labels of such batches that agree
FEWEST = 3  # full batches
MOST = 256  # full batches that are compared

IN_PLACE = "in place"
MOVED = "moved"


def batches_again(part: Reading) -> str:
    """IN_PLACE where each batch of an epoch holds the images of the same batch before, MOVED of another; else "".

    An image is compared with those at its place in all batches of the other epoch. One batch should be far more alike
    than all others, and its labels the same.
    """
    size = part.sizes[0]
    batches = min(min(len(epoch) // size for epoch in part.thumbnails), MOST)
    if size < 2 or batches < FEWEST:
        return ""
    rows = batches * size
    first, second = (_residuals(part, epoch)[:rows] for epoch in (0, 1))
    x, y = (epoch.reshape(batches, size, -1).astype(np.float32) for epoch in (first, second))
    likeness = np.einsum("bkp,ckp->bck", x, y, optimize=True) / x.shape[2]
    means = likeness.mean(2)
    nearest = means.argmax(1)
    if len(set(nearest.tolist())) < batches * (1 - 1 / FEWEST):
        return ""
    if part.classes is not None:
        labels, others = (of[:rows].reshape(batches, size) for of in part.classes[:2])
        if np.mean(labels == others[nearest]) < AGREE:
            return ""
    # The nearest against the next at every place: chosen as the largest, it lies somewhat higher by chance, too.
    every = np.arange(batches)
    best = means[every, nearest].mean()
    means[every, nearest] = -np.inf
    differences = likeness[every, nearest] - likeness[every, means.argmax(1)]
    error = differences.std() / np.sqrt(differences.size) + 1e-9
    if differences.mean() < SURE * error or min(best, differences.mean()) < ALIKE:
        return ""
    return IN_PLACE if np.mean(nearest == every) > AGREE else MOVED


def _residuals(part: Reading, epoch: int) -> np.ndarray:
    """Thumbnails as rows of unit variance, without their own mean and that of all."""
    rows = part.thumbnails[epoch].reshape(len(part.thumbnails[epoch]), -1).astype(np.float64)
    rows -= rows.mean(1, keepdims=True)
    rows -= rows.mean(0)
    rows /= rows.std(1, keepdims=True) + 1e-9
    return rows
