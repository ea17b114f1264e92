"""Of a set too large to be read twice: whether its second epoch brings the same pictures, new ones, or variants."""

from __future__ import annotations

import numpy as np

from augcheck.measures.copies import NearCopies
from augcheck.measures.recurrence import FEW, moves, new_share
from augcheck.reading.epochs import Reading

# If it is always the same, so many pictures should come twice before a number of them says something. Of flipped ones
# half of the 100 do, and 80 by chance in 1 of 100,000 check-ups; that 2 of 20 or fewer come from a fixed set happens
# once in 2 million.
EXPECTED, EXPECTED_NEW = 100, 20
# Shares of those: of flips and clean halves, a quarter to a half come again.
AS_FIXED = 0.8
AS_NEW = 0.1
# Mean move of what comes again, in lengths of what was read: a full shuffle gives 1/3.
SPREAD_OUT = 0.25
LARGEST = 1_000_000  # images of a set of unknown length that is shuffled as a whole
LONE = 64  # images that come only once, before near copies are looked for among them

SAME = "the same pictures in every epoch"
NEW = "new pictures in every epoch"
VARIANTS = "few variants"


def kind_of_a_part(part: Reading, epochs: list[np.ndarray]) -> str | None:
    """What two readings of the first part of an epoch say of the whole: SAME, NEW or VARIANTS; None if nothing.

    Args:
        epochs: the fingerprints to compare, ``part.given`` or ``part.shown``.
    """
    if not part.aligned:
        return None
    first, second = epochs[:2]
    n = min(len(first), len(second))
    if new_share(first[: n // 2], second) <= FEW:  # behind a shuffle with a small buffer
        return SAME
    lone, others = ~np.isin(first, second), ~np.isin(second, first)
    again = 1 - others.mean()
    if min(lone.sum(), others.sum()) > LONE:
        copies = NearCopies(part.thumbnails[0][lone], part.thumbnails[1][others])
        if copies.found:
            return NEW if again <= FEW else VARIANTS
    # Of a fixed and shuffled set, a part of an epoch holds the same share of any other part.
    size = part.epoch_size or LARGEST
    expected = n * n / size
    if expected >= EXPECTED_NEW and again * n <= AS_NEW * expected:
        return NEW
    spread_out = np.mean(moves([first, second])) > SPREAD_OUT * n if again else False
    if part.epoch_size and expected >= EXPECTED and again * n >= AS_FIXED * expected and spread_out:
        return SAME
    return None
