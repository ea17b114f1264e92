"""Images are changed where they are stored."""

import numpy as np

from cases.common import LOOP, X, Y, case, one_light
from pipelines import Batches, flip, lighten, pictures, shift


class InPlace(Batches):
    """Each image is changed where it is stored."""

    def changed(self, rows, start):
        self.x[rows], y = super().changed(rows, start)
        return self.x[rows], y


class Beside(Batches):
    """Changed images are written into arrays of their own: each image once, or batch after batch."""

    def __init__(self, once):
        super().__init__(X, Y)
        self.once, self.room, self.batch = once, np.zeros_like(X), np.zeros_like(X[:16])

    def changed(self, rows, start):
        empty = rows[~self.room[rows].any((1, 2, 3))]
        self.room[empty] = lighten(self.x[empty], self.rng)
        self.batch[:] = self.room[rows] if self.once else one_light(self.x[rows], self.rng)
        return self.batch.copy(), self.y[rows]


def of_a_list():
    """Images in a list, each lightened in its place."""
    stored = [image.copy() for image in X]

    def epoch():
        for rows in LOOP.permutation(480).reshape(30, 16):
            yield (
                np.stack(
                    [np.multiply(stored[i], LOOP.uniform(0.7, 1), out=stored[i]) for i in rows]
                ),
                Y[rows],
            )

    return epoch


IN_PLACE = "stored images: wrong 'x = x.copy()'"
for _change in (lighten, shift):
    case(f"{_change.__name__} in its place", IN_PLACE, {"train": InPlace(X.copy(), Y, _change)})
case("images in a list, each lightened in its place", IN_PLACE, {"train": of_a_list()})
case("flipped in its place", "stored images: not found", {"train": InPlace(X.copy(), Y, flip)})
for _once in (True, False):
    case(
        f"written beside the stored images, {_once}",
        "stored images: not found",
        {"train": Beside(_once)},
    )
case(
    "no stored images to be seen",
    "stored images: can't tell 'reach'",
    {"train": lambda: (pictures(16, seed) for seed in range(30))},
)
