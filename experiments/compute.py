"""Trains the runs that the tables of the registered questions lack, one after the other, resumable.

    python -m experiments.compute [QUESTION ...]
"""

import argparse

from tqdm import tqdm

from experiments import questions, rows, runs
from helpers.data import RESULTS


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.compute", description=__doc__.splitlines()[0])
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"default: {' '.join(questions.QUESTIONS)}")
    asked = parser.parse_args().questions or list(questions.QUESTIONS)
    if wrong := [name for name in asked if name not in questions.QUESTIONS]:
        parser.error(f"no question {wrong[0]!r}; there are {', '.join(questions.QUESTIONS)}.")
    for name, settings in {name: questions.QUESTIONS[name]() for name in asked}.items():
        path = RESULTS / f"{name}.csv"
        for setting in tqdm(rows.missing(settings, path, runs.columns), name, unit="run", mininterval=30):
            measured, answers = runs.run(setting)
            rows.keep_answers(path, setting, answers)
            rows.append(path, setting, measured)


if __name__ == "__main__":
    main()
