"""Compute what the tables of the registered questions lack, one run after the other, resumable.

    python -m experiments.answers [QUESTION ...]

Stops at fourteen hours of processor time over all questions.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from tqdm import tqdm

from experiments import questions, rows, runs
from helpers.tables import FOLDER

HOURS = 14.0


def spent(folder: Path = FOLDER) -> float:
    """Processor hours of all stored runs of the questions."""
    total = 0.0
    for name in questions.QUESTIONS:
        path = folder / f"{name}.csv"
        if path.exists():
            with open(path, encoding="utf-8", newline="") as file:
                total += sum(float(row["processor_seconds"]) for row in csv.DictReader(file))
    return total / 3600


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.answers", description=__doc__.splitlines()[0])
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"default: {' '.join(questions.QUESTIONS)}")
    options = parser.parse_args()
    for name in options.questions:
        if name not in questions.QUESTIONS:
            parser.error(f"no question {name!r}; expected one of {', '.join(questions.QUESTIONS)}.")
    for name in options.questions or questions.QUESTIONS:
        path = FOLDER / f"{name}.csv"
        waiting = rows.missing(questions.QUESTIONS[name](), path, runs.columns)
        try:
            for setting in tqdm(waiting, name, unit="run", mininterval=30):
                if spent() > HOURS:
                    parser.exit(1, f"{HOURS:.0f} hours of processor time are used up; the registration stops here.\n")
                measured, answers = runs.run(setting)
                rows.keep_answers(path, setting, answers)
                rows.append(path, setting, measured)
        finally:
            rows.pack_answers(path)  # what is stopped half-way can be committed


if __name__ == "__main__":
    main()
