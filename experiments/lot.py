"""Which pair of classes question 1 is asked on: the first of a lot over the pairs that are not easy and not used.

    python -m experiments.lot

No test image is looked at: the error of each pair is that of one small network (no augmentation, 512 images, 1,000
updates) on 2,000 other training images.
"""

from __future__ import annotations

import itertools

import numpy as np

from data.build_garments import FASHION_CLASSES, read_idx, source_folder
from helpers import arms, training
from helpers.data import Data, subset

USED = {(2, 4), (3, 6), (1, 3), (0, 2), (0, 1)}
LEAST_ERROR = 0.05
SEED = 20261128


def error(x: np.ndarray, labels: np.ndarray, pair: tuple[int, int]) -> float:
    """Share of wrong answers on training images of two classes that the network was not shown."""
    rows = np.random.default_rng(pair).permutation(np.flatnonzero(np.isin(labels, pair)))
    images, y = x[rows][..., None].astype(np.float32) / 255, (labels[rows] == pair[1]).astype(np.int64)
    part = subset(Data(images[2000:], y[2000:], images[:2000], y[:2000]), 512)
    batches = arms.make_batches("none", part.x_train, part.y_train, arms.schedule("none", 512, 1000), None, 0)
    curve = training.trainer_for(training.small_model, images.shape[1:], None).run(part, batches, 1000)
    return 1 - curve["val_accuracy"].iloc[-1]


def main() -> None:
    folder = source_folder(None)
    x, labels = (read_idx(folder, f"train-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1"))
    left = [pair for pair in itertools.combinations(range(10), 2) if pair not in USED]
    errors = {pair: error(x, labels, pair) for pair in left}
    for pair, value in errors.items():
        print(" against ".join(FASHION_CLASSES[number] for number in pair), f"{value:.3f}")
    eligible = [pair for pair in left if errors[pair] > LEAST_ERROR]
    drawn = [eligible[place] for place in np.random.default_rng(SEED).permutation(len(eligible))]
    print("in the order of the lot:", *(" against ".join(FASHION_CLASSES[k] for k in pair) for pair in drawn), sep="\n  ")


if __name__ == "__main__":
    main()
