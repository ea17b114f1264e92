"""Compute the stored tables (`make results`): only what they lack, on all cores, resumable.

    python -m experiments [--workers N] [--collect] [TABLE ...]
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from experiments import batching, saving, store, tasks
from experiments.freeze_or_renew import runs as freeze_or_renew
from experiments.freeze_or_renew import settings as freeze_or_renew_settings
from experiments.law import regimes
from experiments.law import runs as law_runs
from helpers.tables import FOLDER

ROOT = Path(__file__).resolve().parents[1]
REPLICATES = range(20)
MAIN_ARMS = [
    "none", "copies-1", "copies-4", "copies-16", "originals+1", "originals+4", "originals+16",
    "live", "live-1/2", "live-4/5", "live-16/17",
]  # fmt: skip
STUDY_ARMS = [
    "none", "live", "copies-1", "copies-2", "copies-4", "copies-8", "copies-16", "copies-32",
    "originals+1", "originals+4", "originals+16", "pool-4", "pool-16", "live-1/2", "live-4/5", "live-16/17",
]  # fmt: skip


def grid(**factors: list) -> list[dict]:
    """Every combination of the factors given, the others as in the main comparison."""
    main: dict[str, Iterable] = {
        "dataset": ["garments"], "n": [512], "arm": MAIN_ARMS, "policy": ["mild"], "model": ["small"],
        "updates": [3000], "rate": ["constant"],
    }  # fmt: skip
    values = {**main, **factors, "replicate": REPLICATES}
    return [dict(zip(values, row, strict=True)) for row in itertools.product(*values.values())]


TABLES = {
    "static-versus-live": [
        *grid(),
        *grid(policy=["wide"], arm=["copies-4", "originals+4", "live", "live-1/2"]),
        *grid(rate=["decay"]),
        *grid(model=["deeper"], arm=["none", "copies-4", "live", "live-1/2"]),
        *grid(model=["deeper"], policy=["wide"], arm=["live", "live-1/2"]),
    ],
    "image-data-generator": grid(arm=["copies-1", "live"]),
    "keras-layers": grid(arm=["copies-1", "live"]),
    "policies": [
        *grid(n=[128], updates=[400], arm=["live"],
              policy=["flip", "mild", "half", "three-quarters", "wide"]),
        *grid(n=[128], updates=[400], arm=["none"]),
    ],
    "clustered-batches": [
        *grid(n=[128], updates=[400], arm=["live"], policy=["mild", "one-draw", *batching.DRAWS]),
        *grid(n=[128], updates=[400], arm=["pool-16"], policy=["mild", *batching.BUFFERS]),
    ],
    "flow-ranges": grid(n=[128], updates=[500], arm=["live"], policy=list(tasks.FLOW_RANGES)),
    "split-after-augmenting": [
        *grid(n=[128], arm=["pool-16"], model=["small", "deeper"]),
        *grid(n=[512], arm=["pool-16"], model=["small", "deeper"], updates=[1000]),
    ],
    "save-to-dir": grid(dataset=["solar-cells"], arm=["pool-4"], updates=[1000], policy=["save-to-dir", "in-memory"]),
    "study": [
        *grid(n=[128, 512, 2048], arm=STUDY_ARMS),
        *grid(dataset=["dress-shirt"]),
        *grid(dataset=["solar-cells"], policy=["cells"], n=[512, 128], arm=STUDY_ARMS),
        *grid(n=[256, 1024, 4096], arm=["none"]),
    ],
    "solar-cells": [
        *grid(dataset=["solar-cells"], policy=["cells"],
              arm=["live", "none", "copies-1", "copies-4", "copies-16"]),
        *grid(dataset=["solar-cells"], policy=["wide"], arm=["live"]),
        *grid(dataset=["solar-cells"], policy=["cells"], model=["deeper"], arm=["live", "none", "copies-4"]),
        *grid(dataset=["solar-cells"], policy=["wide"], arm=["live-1/2", "copies-4"]),
    ],
    "law": [setting for setting in regimes.settings() if not regimes.is_dropped(setting)],
    "freeze-or-renew": freeze_or_renew_settings.settings(),
}  # fmt: skip
TASKS = {  # of the tables that are not made by ``tasks.run_setting``
    "clustered-batches": batching.run,
    "image-data-generator": tasks.run_with_image_data_generator,
    "keras-layers": tasks.run_with_keras_layers,
    "solar-cells": tasks.run_with_ranking,
    "flow-ranges": tasks.run_flow_ranges,
    "split-after-augmenting": tasks.run_split_after_augmenting,
    "save-to-dir": saving.run,
    "law": law_runs.run,
    "freeze-or-renew": freeze_or_renew.run,
}


def build_pairs(settings: list[dict]) -> None:
    """Write the files of further pairs of garments, which are not committed, where the runs need them."""
    script, pairs = ROOT / "data" / "build_garments.py", regimes.PAIRS | freeze_or_renew_settings.PAIRS
    for name in sorted({setting["dataset"] for setting in settings}):
        path = ROOT / "data" / f"{name}.npz"
        if name in pairs and not path.exists():
            command = [sys.executable, str(script), "--pair", *pairs[name], "--output", str(path)]
            subprocess.run(command, check=True)


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments", description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"default: {' '.join(TABLES)}")
    parser.add_argument("--workers", type=int, help="processes on this machine; default: one a core")
    parser.add_argument("--collect", action="store_true", help="only move finished runs into the tables")
    options = parser.parse_args()
    for name in options.tables:
        if name not in TABLES:
            parser.error(f"no table {name!r}; expected one of {', '.join(TABLES)}.")
    for name in options.tables or TABLES:
        path, settings = FOLDER / f"{name}.csv", TABLES[name]
        if not options.collect:
            missing = store.missing(settings, path)
            build_pairs(missing)
            task = TASKS.get(name, tasks.run_setting)
            with store.process_pool(options.workers) as executor:
                store.run_missing(missing, path, task, executor)
        store.collect(settings, path)
