"""Put the labels beside the answers of a question whose runs are complete: ``NAME-tested.csv``, one row a run.

Once: of the answers only those about new images as they are stay, for what the test images' share of the variance is.

    python -m experiments.join QUESTION
"""

import argparse

import numpy as np
import pandas as pd
from scipy import optimize, special

from experiments import names, questions, rows, runs
from helpers.data import RESULTS


def tested(answers: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Loss, loss after temperature scaling (both in nats) and accuracy of log odds of class 1, (images,), or of log
    probabilities, (images, classes)."""
    logits = np.stack([0 * answers, answers], axis=1) if answers.ndim == 1 else answers
    scaled = []
    for fit, score in ((0, 1), (1, 0)):
        scaled.append(loss(logits[score::2] / temperature(logits[fit::2], labels[fit::2]), labels[score::2]))
    return {
        "loss": loss(logits, labels),
        "scaled_loss": float(np.mean(scaled)),
        "accuracy": float(np.mean(logits.argmax(axis=1) == labels)),
    }


def loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy in nats of logits (images, classes)."""
    return float(-np.mean(special.log_softmax(logits, axis=1)[np.arange(len(labels)), labels]))


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
    path, settings = RESULTS / f"{name}.csv", questions.QUESTIONS[name]()
    joined, kept = (path.with_name(f"{name}-{end}") for end in ("tested.csv", "answers.npz"))
    if joined.exists():
        parser.error(f"{joined.name} is there already; labels are read once.")
    if waiting := rows.missing(settings, path, runs.columns):
        parser.error(f"{len(waiting)} of {len(settings)} runs are missing; labels are read once, when all are there.")
    lines, new = [], {}
    for setting in settings:
        labels = names.load_part(*(setting[key] for key in ("dataset", "n", "replicate"))).y_val
        answers, found = rows.read_answers(path, setting), dict(setting)
        new[f"{rows.file_name(setting)}/new"] = answers["new"]
        for test_set, given in answers.items():
            for measure, value in tested(given / rows.STEPS, labels).items():
                found[f"{test_set}_{measure}"] = f"{value:.5f}"
        lines.append(found)
    rows.save(kept, new)
    rows.replace(joined, pd.DataFrame(lines).to_csv(index=False, lineterminator="\n").encode())
    rows.note_digests(path, joined, kept)


if __name__ == "__main__":
    main()
