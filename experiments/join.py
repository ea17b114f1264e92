"""Put the labels beside the answers of a question whose runs are complete: ``NAME-tested.csv``, one row a run.

    python -m experiments.join QUESTION
"""

from __future__ import annotations

import argparse
import csv
import io

import numpy as np
from scipy import optimize

from experiments import names, questions, rows, runs
from helpers.tables import FOLDER


def tested(answers: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Loss, loss after temperature scaling (both in nats) and accuracy.

    Args:
        answers: log odds of class 1, (images,), or log probabilities, (images, classes).
        labels: (images,), from 0 on.
    """
    logits = np.stack([0 * answers, answers], axis=1) if answers.ndim == 1 else answers
    halves = (slice(0, None, 2), slice(1, None, 2))
    scaled = [
        loss(logits[there] / temperature(logits[here], labels[here]), labels[there])
        for here, there in (halves, halves[::-1])
    ]
    return {
        "loss": loss(logits, labels),
        "scaled_loss": float(np.mean(scaled)),
        "accuracy": float(np.mean(logits.argmax(axis=1) == labels)),
    }


def loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy in nats of logits (images, classes)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]))


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The T between 0.05 and 100 that minimises the loss of logits / T (Guo et al., 2017)."""
    found = optimize.minimize_scalar(
        lambda log_t: loss(logits / np.exp(log_t), labels), bounds=(np.log(0.05), np.log(100)), method="bounded"
    )
    return float(np.exp(found.x))


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.join", description=__doc__.splitlines()[0])
    parser.add_argument("question", choices=questions.QUESTIONS)
    name = parser.parse_args().question
    path, settings = FOLDER / f"{name}.csv", questions.QUESTIONS[name]()
    waiting = rows.missing(settings, path, runs.columns)
    if waiting:
        parser.error(f"{len(waiting)} of {len(settings)} runs are missing; labels are read once, when all are there.")
    answers = rows.pack_answers(path)
    lines = []
    for setting in settings:
        labels = names.load_part(*(setting[key] for key in ("dataset", "n", "replicate"))).y_val
        found = dict(setting)
        for test_set, given in answers[rows.file_name(setting)].items():
            scores = tested(given / rows.STEPS, labels)
            found |= {f"{test_set}_{measure}": f"{value:.5f}" for measure, value in scores.items()}
        lines.append(found)
    text = io.StringIO()
    columns = list(dict.fromkeys(key for line in lines for key in line))
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    joined = path.with_name(f"{name}-tested.csv")
    rows.replace(joined, text.getvalue().encode())
    rows.note_digests(path, joined, path.with_name(f"{name}-answers.npz"))


if __name__ == "__main__":
    main()
