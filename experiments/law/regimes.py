"""The runs that test the law of repeated pictures, as registered in data/results/registrations.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.law import edges
from helpers.arms import BATCH

KEYS = ("regime", "dataset", "n", "arm", "policy", "model", "batch", "updates", "rate", "replicate")
TWELVE_ARMS = [
    "none", "live", "copies-1", "copies-4", "copies-16", "originals+4", "live-4/5",
    "pool-4", "pool-16", "originals+pool-4", "fresh-4-10", "pool-4+live",
]  # fmt: skip
FOUR_ARMS = ["live", "copies-1", "copies-4", "copies-16"]
FIVE_ARMS = ["none", "live", "copies-1", "copies-4", "originals+pool-4"]
PAIRS = {"dress-shirt": ("dress", "shirt"), "trouser-dress": ("trouser", "dress")}
OTHERS = ("originals+4", "live-4/5", "pool-4", "pool-16", "originals+pool-4", "fresh-4-10", "pool-4+live")
DROPPED_ARMS = {
    1: OTHERS,
    2: ("copies-32",),
    3: ("originals+4", "live-4/5"),
    4: ("fresh-4-10", "pool-4+live"),
    5: ("copies-16",),
    7: OTHERS,
    8: ("copies-16",),
}
LATE_ARMS = ("none", "copies-4")  # of the residual network with 2,048 images


def settings() -> list[dict]:
    """All runs that were registered."""
    runs = []
    for n in (512, 128, 2048):
        runs += grid(1, TWELVE_ARMS, n=n, model="residual", updates=1500, rate="cosine", replicates=8)
    runs += grid(2, ["copies-16", "copies-32"], model="deeper")
    runs += grid(2, ["copies-16", "copies-32"], model="deeper", dataset="solar-cells", policy="cells")
    runs += grid(3, TWELVE_ARMS)
    for n in (128, 2048):
        runs += grid(4, ["originals+pool-4", "originals+pool-16", "fresh-4-10", "pool-4+live"], n=n)
    runs += grid(5, FOUR_ARMS, rate="quarter")
    runs += grid(5, FOUR_ARMS, rate="fourfold")
    runs += grid(5, FOUR_ARMS, batch=8)
    runs += grid(5, FOUR_ARMS, batch=128)
    for name in ("small-sgd", "small-adamw", "small-dropout", "small-smoothing"):
        runs += grid(5, FOUR_ARMS, model=name)
    runs += grid(6, FOUR_ARMS, dataset="trouser-dress")
    runs += grid(6, FOUR_ARMS, dataset="garments-flipped")
    for fold in edges.FOLDS:
        runs += grid(7, TWELVE_ARMS, replicates=5, dataset=fold, policy="cells")
    for policy in (*edges.POLICIES, "cutmix"):
        runs += grid(8, FOUR_ARMS, policy=policy)
    for name in ("residual-frozen", "residual-tuned"):
        runs += grid(9, FIVE_ARMS, model=name, updates=500, rate="cosine", replicates=8)
    for dataset, name, rate in (("solar-cells", "residual", "cosine"), ("solar-cells-64", "small", "constant")):
        runs += grid(10, FIVE_ARMS[:4], 8, dataset=dataset, model=name, rate=rate, policy="cells", updates=1500)
    for name, policy in (("small", "cells"), ("small-weighted", "cells"), ("small", "cells-rare")):
        runs += grid(11, ["live", "copies-4"], dataset="solar-cells-1-to-10", model=name, policy=policy)
    return runs


def is_dropped(setting: Mapping[str, Any]) -> bool:
    """Whether a run belongs to an arm or a setting that the hours did not reach; the registrations name them."""
    regime, n, arm = setting["regime"], setting["n"], setting["arm"]
    whole = (
        setting["batch"] == 128
        or setting["policy"] == "cutmix"
        or (regime, setting["model"]) == (10, "residual")
        or (regime, setting["dataset"]) == (2, "solar-cells")
    )
    of_residual = regime == 1 and n != 512 and arm == "copies-16" or (regime, n) == (1, 2048) and arm in LATE_ARMS
    return whole or of_residual or arm in DROPPED_ARMS.get(regime, ())


def grid(regime: int, arm_names: Sequence[str], replicates: int = 20, **given) -> list[dict]:
    """The runs of one cell: garments, n = 512 and the small network, but for what is given."""
    common = {"dataset": "garments", "n": 512, "policy": "mild", "model": "small", "batch": BATCH,
              "updates": 3000, "rate": "constant"}  # fmt: skip
    runs = []
    for name in arm_names:
        for replicate in range(replicates):
            values = {"regime": regime, **common, **given, "arm": name, "replicate": replicate}
            runs.append({key: values[key] for key in KEYS})
    return runs
