#!/usr/bin/env python3
"""Compute the stored tables (`make results`): only what they lack, on all cores, resumable.

    python data/results/make_results.py [--workers N] [TABLE ...]
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from helpers import results  # noqa: E402

REPLICATES = range(20)
MAIN_ARMS = [
    "none", "copies-1", "copies-4", "copies-16", "originals+1", "originals+4", "originals+16",
    "live", "live-1/2", "live-4/5", "live-16/17",
]  # fmt: skip


def grid(**factors: list) -> list[dict]:
    """Every combination of the factors given, the others as in the main comparison."""
    main = {"dataset": ["garments"], "n": [512], "arm": MAIN_ARMS, "policy": ["mild"],
            "model": ["article"], "updates": [3000], "rate": ["constant"]}  # fmt: skip
    values = {**main, **factors, "replicate": REPLICATES}
    return [dict(zip(values, combination, strict=True)) for combination in itertools.product(*values.values())]


TABLES = {
    "static-versus-live": [
        *grid(),
        *grid(policy=["article"], arm=["copies-4", "originals+4", "live", "live-1/2"]),
        *grid(rate=["decay"]),
        *grid(model=["deeper"], arm=["none", "copies-4", "live", "live-1/2"]),
        *grid(model=["deeper"], policy=["article"], arm=["live", "live-1/2"]),
    ],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"default: {' '.join(TABLES)}")
    parser.add_argument("--workers", type=int, help="default: one a core")
    options = parser.parse_args()
    for name in options.tables or TABLES:
        if name not in TABLES:
            parser.error(f"no table {name!r}; expected one of {', '.join(TABLES)}.")
        with results.process_pool(options.workers) as pool:
            results.run_settings(TABLES[name], results.FOLDER / f"{name}.csv", pool)


if __name__ == "__main__":
    main()
