"""Compute what the tables of the registered questions lack, one run after the other, resumable.

    python -m experiments.answers [QUESTION ...]

Stops at fourteen hours of processor time over all questions.
"""

import argparse

import pandas as pd
from tqdm import tqdm

from experiments import questions, rows, runs
from helpers.tables import FOLDER

HOURS = 14.0


def spent() -> float:
    """Processor hours of all stored runs of the questions."""
    tables = [path for name in questions.QUESTIONS if (path := FOLDER / f"{name}.csv").exists()]
    return sum(pd.read_csv(path)["processor_seconds"].sum() for path in tables) / 3600


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.answers", description=__doc__.splitlines()[0])
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"default: {' '.join(questions.QUESTIONS)}")
    asked = parser.parse_args().questions or list(questions.QUESTIONS)
    for name, settings in {name: questions.QUESTIONS[name]() for name in asked}.items():  # a wrong one stops here
        path = FOLDER / f"{name}.csv"
        waiting = rows.missing(settings, path)
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
