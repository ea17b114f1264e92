"""Puts what came out of question 8, 9 or 10 into verdicts.csv: python -m experiments.registered.score QUESTION

A question whose rows are not whole is refused. Lines that a question has already are made again.
"""

import argparse
import re

import pandas as pd

from experiments.registered import judge
from experiments.registered.rows import note_digests
from helpers.data import RESULTS
from helpers.stats import Interval, verdict

TASKS = {
    "cats-dogs": "cats and dogs",
    "deer-horses": "deer and horses",
    "cars-trucks": "cars and trucks",
    "pullovers-coats": "pullovers and coats",
    "solar-cells": "solar cells",
    "cifar10": "CIFAR-10",
    "fashion": "Fashion-MNIST",
    "residual": "ResNet",
    "small": "small network",
}
# Of a contrast above or below zero, what a prediction says.
WORDS = {"above zero": "better", "below zero": "worse"}


def label(task: str, contrast: str) -> str:
    """What Results calls a contrast: "return, 8" of cats-dogs is "return, 8 copies, cats and dogs"."""
    words = re.sub(r"^(as written|length|return), (\d+)$", r"\1, \2 copies", contrast)
    words = words.replace(", 1 copies", ", 1 copy").replace(" - ", " minus ")
    words = re.sub(r"\d{4,}", lambda found: f"{int(found[0]):,}", words)
    return ", ".join([words, *(TASKS[part] for part in task.split(", "))])


def lines(question: int) -> pd.DataFrame:
    """The predicted contrasts of a question as lines of verdicts.csv, in the order of predictions.csv.

    ``setting`` is the task and ``first`` the contrast; a sum of more than two methods has no ``second``.
    """
    predicted = pd.read_csv(RESULTS / "predictions.csv").query("question == @question")
    keys = ["question", "task", "contrast"]
    judged = predicted.merge(judge.judge(question), on=keys, validate="one_to_one")
    if len(judged) != len(predicted):
        raise ValueError(
            f"{len(judged)} of {len(predicted)} predictions of question {question} name a contrast; expected all."
        )
    return pd.DataFrame([_line(one) for one in judged.to_dict("records")])


def _line(judged: dict) -> dict:
    observed, half, predicted = judged["observed"], judged["half"], judged["predicted"]
    # A predicted number on the margin is within it.
    says = verdict(Interval(predicted, predicted, predicted), judge.MARGIN + 1e-9, False)
    word = WORDS.get(judged["word"], judged["word"])
    beyond = max(abs(predicted), abs(observed)) > judge.MARGIN
    return {
        "question": judged["question"],
        "table": judge.TABLE_OF[judged["question"]],
        "setting": judged["task"],
        "first": judged["contrast"],
        "second": "",
        "measure": "test_accuracy",
        "predicted": predicted,
        "always yes": judged["always yes"],
        "always sixteen": "",
        "the article": "",
        "label": label(judged["task"], judged["contrast"]),
        "primary": "yes" if judged["family"] else "",
        "observed": f"{observed:.8f}",
        "half": f"{half:.8f}",
        "half_paired": f"{judged['half_paired']:.8f}",
        "p": f"{judged['p']:.4g}",
        "not_worse": observed - half > -judge.MARGIN,
        "predicted verdict": says,
        "verdict": word,
        "scored": word != "undecided" and beyond,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m experiments.registered.score", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("question", type=int, choices=judge.TABLE_OF, metavar="QUESTION")
    question = parser.parse_args().question
    path = RESULTS / "verdicts.csv"
    stored = pd.read_csv(path, dtype=str, keep_default_na=False)
    others = stored[stored["question"] != str(question)]
    whole = pd.concat([others, lines(question)[list(stored)]])
    whole.to_csv(path, index=False, lineterminator="\n")
    note_digests(path)


if __name__ == "__main__":
    main()
