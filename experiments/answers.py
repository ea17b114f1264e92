"""Compute what the tables of the registered questions lack, one run after the other, resumable.

    python -m experiments.answers [QUESTION ...]

Stops at fourteen hours of processor time over all questions.
"""

from __future__ import annotations

import argparse

import pandas as pd
from tqdm import tqdm

from experiments import questions, rows, runs
from helpers.tables import FOLDER

HOURS = 14.0


def spent() -> float:
    """Processor hours of all stored runs of the questions."""
    tables = [FOLDER / f"{name}.csv" for name in questions.QUESTIONS]
    return sum(pd.read_csv(path)["processor_seconds"].sum() for path in tables if path.exists()) / 3600


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.answers", description=__doc__.splitlines()[0])
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"default: {' '.join(questions.QUESTIONS)}")
    asked = parser.parse_args().questions or list(questions.QUESTIONS)
    if unknown := sorted(set(asked) - set(questions.QUESTIONS)):
        parser.error(f"no question {', '.join(unknown)}; expected {', '.join(questions.QUESTIONS)}.")
    for name in asked:
        path = FOLDER / f"{name}.csv"
        waiting = rows.missing(questions.QUESTIONS[name](), path)
        try:
            for setting in tqdm(waiting, name, unit="run", mininterval=30):
                if spent() > HOURS:
                    parser.exit(1, f"{HOURS:.0f} hours of processor time are used up; the registration stops here.\n")
                measured, answers = runs.run(dict(setting))
                rows.keep_answers(path, setting, answers)
                rows.append(path, setting, measured)
        finally:
            rows.pack_answers(path)  # what is stopped half-way can be committed


if __name__ == "__main__":
    main()
