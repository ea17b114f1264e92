"""Thresholds of findings, from below and from above: what lies just beside them is judged otherwise."""

import types

import numpy as np
import pytest

from augcheck import FOUND
from augcheck.findings import FINDINGS
from augcheck.findings.repeats import _each_as_often
from augcheck.measures.versions import stores_of_batches, versions_at_random

LOOK = {known.name: known.look for known in FINDINGS}
SIZE = 16


def batches_of_which_stay(share):
    """Two epochs of 30 batches in a new order, in each of which so many of the images are those of before."""
    rng = np.random.default_rng(0)
    first = np.arange(30 * SIZE)
    later = first.copy()
    moving = np.flatnonzero(first % SIZE >= share * SIZE)
    later[moving] = rng.permutation(moving)
    later = later.reshape(30, SIZE)[rng.permutation(30)].ravel()
    return [first, later]


@pytest.mark.parametrize(("staying", "found"), [(16, True), (15, False), (12, False)])
def test_batches_stay_together_only_if_nearly_all_pairs_do(staying, found):
    """Of 15 images 105 pairs remain of 120, which is less than nine of ten."""
    train = types.SimpleNamespace(
        source=types.SimpleNamespace(kind="an iterable", data=None),
        given=batches_of_which_stay(staying / SIZE),
        classes=None,
        sizes=[SIZE] * 30,
        n=30 * SIZE,
        aligned=True,
        called_anew=False,
    )
    finding = LOOK["order"](types.SimpleNamespace(train=train, clusters=None))
    assert (finding.status == FOUND) == found


@pytest.mark.parametrize(("errors", "found"), [(5, False), (7, True), (11, True)])
def test_stored_images_have_changed_if_that_is_sure(errors, found):
    """Images that are 1.2 times as far from what they were at the end, by so many standard errors."""
    n = 400
    noise = np.tile([-1.0, 1.0], n // 2)
    first = np.ones(n)
    last = 1.2 + 0.2 * np.sqrt(n) / errors * noise
    stored = types.SimpleNamespace(moved=lambda: [np.stack([first, last])], n=n)
    source = types.SimpleNamespace(kind="an iterable", data=None, in_processes=False)
    train = types.SimpleNamespace(source=source, sizes=[SIZE], given=[0, 1])
    finding = LOOK["stored images"](types.SimpleNamespace(train=train, stored=stored))
    assert (finding.status == FOUND) == found


@pytest.mark.parametrize(("times", "fixed"), [(1, False), (2, True), (3, True)])
def test_pictures_come_evenly_only_if_they_have_come_twice(times, fixed):
    """New pictures come equally often, too: once."""
    assert _each_as_often([np.arange(40)] * times) == fixed


def epochs_of_versions(n, size, most, epochs, mixed):
    """Epochs of n images, each as one of some versions, which batches mix, or of which batches take turns."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(epochs):
        versions = rng.integers(0, most, n) if mixed else np.arange(n) // size % most
        made.append(most * rng.permutation(n) + versions)
    return made, [min(size, n - start) for start in range(0, n, size)]


@pytest.mark.parametrize(
    ("n", "size", "most", "epochs"),
    [(512, 32, 2, 9), (512, 32, 4, 9), (2000, 32, 8, 3), (2000, 64, 2, 2)],
)
def test_batches_come_from_stores_only_if_none_is_mixed(n, size, most, epochs):
    assert stores_of_batches(*epochs_of_versions(n, size, most, epochs, mixed=False)) == most
    assert stores_of_batches(*epochs_of_versions(n, size, most, epochs, mixed=True)) == 0


@pytest.mark.parametrize(
    ("n", "size", "most", "epochs"),
    [(600, 16, 4, 2), (600, 16, 9, 3), (600, 4, 3, 3), (300, 8, 6, 3), (64, 4, 2, 2)],
)
def test_small_batches_that_share_little_by_chance_come_from_no_stores(n, size, most, epochs):
    assert stores_of_batches(*epochs_of_versions(n, size, most, epochs, mixed=True)) == 0


@pytest.mark.parametrize(
    ("shares", "versions"),
    [
        ((0.5, 0.25, 0.125), 2),
        ((0.75, 0.5625, 0.42), 4),
        ((0.8, 0.64, 0.512), 0),
        ((0.32, 0.16, 0.1), 0),
        ((0.5, 0.25), 0),
    ],
)
def test_few_versions_come_each_as_often(shares, versions):
    """Of 5 versions, of one of two that comes in a fifth of all cases, and of too few epochs nothing is said."""
    assert versions_at_random(500, list(shares)) == versions
