"""The registered runs as data: one dictionary a run, in the order in which they are computed.

Registered in ``data/results/freeze-or-renew.md``; whole rows of its table are dropped from the bottom.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Setting = dict[str, Any]

KEYS = (
    "row",  # of the registration's table; a comparison is made within one row
    "dataset",
    "n",  # training images
    "arm",  # when which picture is shown, as helpers.arms spells it
    "policy",  # how a picture is changed
    "draw",  # "per image", or "one for all"
    "model",
    "optimiser",
    "rate",  # learning rate
    "schedule",  # of the rate: "constant", or "cosine" to zero
    "weight_decay",
    "loss",
    "batch",
    "updates",
    "replicate",
)
PAIRS = {"t-shirt-pullover": ("t-shirt", "pullover"), "t-shirt-trouser": ("t-shirt", "trouser")}
SMALL = {
    "dataset": "garments", "n": 512, "policy": "mild", "draw": "per image", "model": "small", "optimiser": "adam",
    "rate": 0.001, "schedule": "constant", "weight_decay": 0.0, "loss": "cross-entropy", "batch": 32, "updates": 3000,
}  # fmt: skip
RESIDUAL = SMALL | {
    "model": "residual", "optimiser": "adamw", "schedule": "cosine", "weight_decay": 0.004, "updates": 1500,
}  # fmt: skip
SMALL_REPLICATES = range(20, 40)  # the pilots used lower ones
THREE_RUNS = ("none", "copies-1", "live")  # what the additive formula needs


def settings() -> list[Setting]:
    """All registered runs, those of row 1 first."""
    runs = []
    for n in (128, 512):
        runs += _runs(1, ["none"], n=n)
        runs += _runs(1, ["copies-1"], n=n, draw="one for all")
        for policy in ("mild", "pixels", "blur", "flip"):
            runs += _runs(1, ["copies-1"], n=n, policy=policy)
        runs += _runs(1, ["copies-4", "copies-16"], n=n)
        for policy in ("mild", "pixels", "flip"):
            runs += _runs(1, ["live"], n=n, policy=policy)
    runs += _residual(2, ["none"], range(8, 16))
    runs += _residual(2, ["copies-1"], range(8, 16), draw="one for all")
    runs += _residual(2, ["copies-1"], range(8, 16), policy="pixels")
    runs += _residual(2, ["copies-1", "copies-4", "live"], range(8, 16))
    runs += _residual(3, ["live", "live-3/4", "live-1/2"], range(8, 23))
    for given in ({"rate": 0.004}, {"batch": 8}, {"policy": "two-of-six"}):
        runs += _runs(4, [*THREE_RUNS, "copies-2", "copies-8", "copies-16"], **given)
    for pair in PAIRS:
        arms = ["none", "live", "copies-1", "copies-2", "copies-4", "copies-8", "originals+2"]
        runs += _runs(5, arms, dataset=pair)
    runs += _residual(6, [*THREE_RUNS, "copies-4"], range(5), n=2048)
    runs += _residual(6, ["live", "copies-1", "copies-2", "copies-4", "copies-8"], range(8, 16))
    for n in (128, 512, 2048):
        runs += _runs(7, [*THREE_RUNS, "live-3/4", "live-1/2", "live-1/4"], n=n)
    runs += _runs(7, [*THREE_RUNS, "live-3/4", "live-1/2"], rate=0.004)
    wide: dict[str, Any] = {"dataset": "solar-cells", "policy": "wide"}
    runs += _runs(7, [*THREE_RUNS, "live-3/4", "live-1/2", "live-1/4"], **wide)
    for n in (128, 512):
        runs += _runs(8, ["live", "live-2/3", "originals+pool-2"], n=n)
    runs += _residual(8, ["live", "live-2/3", "originals+pool-2"], range(8, 16))
    return runs


def _runs(row: int, arms: Sequence[str], replicates: Iterable[int] = SMALL_REPLICATES, **given) -> list[Setting]:
    """The runs of the small network, replicate after replicate, so that pairs are made side by side."""
    return _grid(SMALL | given, row, arms, replicates)


def _residual(row: int, arms: Sequence[str], replicates: Iterable[int], **given) -> list[Setting]:
    return _grid(RESIDUAL | given, row, arms, replicates)


def _grid(common: Setting, row: int, arms: Sequence[str], replicates: Iterable[int]) -> list[Setting]:
    runs = []
    for replicate in replicates:
        for arm in arms:
            values = common | {"row": row, "arm": arm, "replicate": replicate}
            runs.append({key: values[key] for key in KEYS})
    return runs
