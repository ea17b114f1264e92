"""The eighteen states of a picture in question 4: by -1, 0 or 1 pixel each way, mirrored or not, without blur."""

import itertools

import numpy as np

from helpers.methods import Batches, Schedule

# Pixels down, pixels to the right, mirrored; the picture as it is comes first.
STATES = sorted(itertools.product((-1, 0, 1), (-1, 0, 1), (False, True)), key=lambda state: state != (0, 0, False))


def change(x: np.ndarray, state: int) -> np.ndarray:
    """All images (n, height, width, channels) in one of the ``STATES``; edge pixels are repeated."""
    down, right, mirrored = STATES[state]
    height, width = x.shape[1:3]
    padded = np.pad(x[:, :, ::-1] if mirrored else x, ((0, 0), (1, 1), (1, 1), (0, 0)), "edge")
    return padded[:, 1 - down : 1 - down + height, 1 - right : 1 - right + width]


def change_each(x: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Every image in a state of its own; states: int (n,)."""
    changed = np.empty_like(x)
    for state in np.unique(states):
        changed[states == state] = change(x[states == state], state)
    return changed


def shared_order(replicate: int) -> np.ndarray:
    """A replicate's order of the states, int (18,): the seventeen that change a picture, then the picture as it is."""
    return np.append(np.random.default_rng((replicate, 0, len(STATES))).permutation(np.arange(1, len(STATES))), 0)


def state_of(way: str, version: int, n: int, replicate: int) -> np.ndarray:
    """The state of each of n images in a version, int (n,); version 0 is the image as it is.

    By its way, every image has an order of the states of its "own", all have one that is "shared", or each state is
    drawn "anew", independently of others and of earlier versions.
    """
    if version == 0:
        return np.zeros(n, int)
    if way == "anew":
        return np.random.default_rng((replicate, version, len(STATES), 2)).integers(len(STATES), size=n)
    place = (version - 1) % len(STATES)
    if way == "shared":
        return np.full(n, shared_order(replicate)[place])
    orders = np.tile(np.arange(1, len(STATES)), (n, 1))
    orders = np.random.default_rng((replicate, 1, len(STATES))).permuted(orders, axis=1)
    return np.append(orders, np.zeros((n, 1), int), axis=1)[:, place]


def batches(x: np.ndarray, y: np.ndarray, plan: Schedule, way: str, replicate: int) -> Batches:
    """The batches of any method: all states of all images are kept, and a version is looked up in them."""
    versions, index = np.unique(plan.version, return_inverse=True)
    states = np.stack([state_of(way, version, len(x), replicate) for version in versions.tolist()])
    rows = states[index.reshape(plan.version.shape), plan.source] * len(x) + plan.source
    images = np.concatenate([change(x, state) for state in range(len(STATES))])
    return Batches(images, np.tile(y, len(STATES)), rows, None)


TEST_SETS = ("shared_1", "shared_4", "others", "random")  # what test_sets makes


def test_sets(x: np.ndarray, replicate: int) -> dict[str, np.ndarray]:
    """The test images in the states that a replicate's copies have, and in others: all in that of its shared copy, in
    turn in those of its four, each in one of the other thirteen that change a picture, each in one of all seventeen."""
    order, rng = shared_order(replicate)[:-1], np.random.default_rng((replicate, 3, len(STATES)))
    return {
        "shared_1": change(x, order[0]),
        "shared_4": change_each(x, order[np.arange(len(x)) % 4]),
        "others": change_each(x, rng.choice(order[4:], len(x))),
        "random": change_each(x, rng.choice(order, len(x))),
    }
