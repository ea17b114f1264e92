"""The registered questions 5, 6 and 7 as data: one dictionary a run, in the order in which they are computed.

Replicate after replicate, so that pairs are made side by side. ``data/results/questions.md`` says what is expected.
"""

import itertools
from typing import Any

import numpy as np

from experiments.datasets import PILOTS

Setting = dict[str, Any]

KEYS = (  # data/results/README.md explains them
    "question", "dataset", "n", "method", "policy", "network", "optimiser", "rate", "schedule", "weight_decay", "batch",
    "updates", "replicate",
)  # fmt: skip

# The pair of question 5: of the pairs of Fashion-MNIST that no table had used on 2026-11-29 those whose error exceeds
# 5 % (``experiments/lot.py`` at commit 577b5a8), by the error of a small network in per cent.
ELIGIBLE = {"coat-shirt": 13.3, "dress-coat": 5.0, "pullover-shirt": 13.5, "t-shirt-dress": 7.0}
SEED = 0xB082A31  # the commit of 2026-11-29 from which this program was begun


def lot(pairs: list[str], seed: int) -> str:
    """One of the pairs."""
    return pairs[int(np.random.default_rng(seed).integers(len(pairs)))]


PAIR = "coat-shirt"  # what lot(sorted(ELIGIBLE), SEED) drew, once

RESIDUAL: Setting = {
    "network": "residual", "optimiser": "adamw", "schedule": "cosine", "weight_decay": 0.04, "batch": 32,
}  # fmt: skip
LITE0 = RESIDUAL | {"network": "lite0", "weight_decay": 0.004}
TASKS: dict[str, Setting] = {
    "pair": RESIDUAL | {"question": 5, "dataset": PAIR, "n": 512, "policy": "mild", "updates": 3000},
    "colour": RESIDUAL | {"question": 5, "dataset": "cifar10", "n": 512, "policy": "flip-shift-4", "updates": 3000},
    "colours": RESIDUAL | {"question": 5, "dataset": "cifar10", "n": 2048, "policy": "flip-shift-4", "updates": 6000},
    "hands": LITE0 | {"question": 6, "dataset": "sign-digits", "n": 128, "policy": "crop-60", "updates": 160},
    "enlarged": LITE0 | {"question": 6, "dataset": "cifar10", "n": 256, "policy": "flip-shift-4", "updates": 320},
    "garments": RESIDUAL | {"question": 7, "dataset": "fashion", "n": 2048, "policy": "mild", "updates": 2560},
}
# The rate that pilots chose for all methods of a task: none gained 0.01 in scaled loss by another one.
RATES = dict.fromkeys(("pair", "colour", "colours", "garments"), 0.003)
RATES |= {"hands": 0.0003, "enlarged": 0.0003}
CANDIDATES = {"residual": (0.001, 0.003), "lite0": (0.0001, 0.0003, 0.001)}

ADVICE = ("none", "originals+pool-8", "originals+pool-16", "originals+pool-32", "live")
PRIMARY = {5: ("originals+pool-16", "live"), 6: ("live", "none"), 7: ("copies-1", "none")}  # first minus second


def runs(task: str, methods: tuple[str, ...], replicates: range, **other: Any) -> list[Setting]:
    """All methods of each replicate; ``other`` takes the place of what the task says."""
    settings = []
    for replicate, method in itertools.product(replicates, methods):
        setting = TASKS[task] | {"rate": RATES[task]} | other | {"method": method, "replicate": replicate}
        settings.append({key: setting[key] for key in KEYS})
    return settings


def pilots(*tasks: str) -> list[Setting]:
    """Three for each rate, of both methods of the primary contrast, and of live; of *colours*, the longest, one."""
    settings = []
    for task in tasks:
        methods = tuple(dict.fromkeys((*PRIMARY[TASKS[task]["question"]], "live")))
        for rate in CANDIDATES[TASKS[task]["network"]]:
            settings += runs(task, methods, range(PILOTS, PILOTS + (1 if task == "colours" else 3)), rate=rate)
    return settings


def advice() -> list[Setting]:
    """Question 5: how many copies beside the originals are as good as live?"""
    return [
        *runs("pair", (*ADVICE, "live-16/17"), range(20)),
        *runs("colour", ADVICE, range(12)),
        *runs("colours", ADVICE, range(8)),
    ]


def fine_tuning() -> list[Setting]:
    """Question 6: what does live gain where a pretrained network is fine-tuned?"""
    methods = ("none", "originals+pool-16", "live")
    return [*runs("hands", methods, range(10)), *runs("enlarged", methods, range(12))]


def one_copy() -> list[Setting]:
    """Question 7: from how many images on does one copy teach, too?"""
    cells = ((512, 2560), (2048, 2560), (6144, 2560), (512, 640))
    methods = ("none", "copies-1", "live")
    return [setting for n, updates in cells for setting in runs("garments", methods, range(8), n=n, updates=updates)]


QUESTIONS = {
    "advice-pilots": lambda: pilots("pair", "colour", "colours"),
    "advice": advice,
    "fine-tuning-pilots": lambda: pilots("hands", "enlarged"),
    "fine-tuning": fine_tuning,
    "one-copy-pilots": lambda: pilots("garments"),
    "one-copy": one_copy,
}
