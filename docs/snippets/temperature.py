"""The one number that makes a network's probabilities right without changing an answer. Copy this file."""

import numpy as np


def best_temperature(answers, labels):
    """Divide the logits by what comes out.

    Args:
        answers: of validation images, a column for each class: logits, or the probabilities of a softmax, whose
            logarithms are the logits. Or what a sigmoid gives, p: its logits are log(p / (1 - p)). Of PyTorch, give
            ``logits.detach().cpu()``.
        labels: the right class of each image, as whole numbers.
    """
    answers, labels = np.asarray(answers, "float64"), np.asarray(labels)
    one_column = answers.size == len(answers)
    if one_column and (answers >= 0).all() and (answers <= 1).all():  # of a sigmoid
        p, labels = answers.reshape(-1, 1), labels.reshape(-1)
        answers = np.hstack([1 - p, p])
    if answers.ndim != 2 or answers.shape[1] < 2 or labels.shape != answers.shape[:1]:
        raise ValueError(
            "best_temperature wants one column for each class, and labels as whole numbers."
        )
    probabilities = (answers >= 0).all() and np.allclose(answers.sum(axis=1), 1, atol=1e-3)
    logits = np.log(answers + 1e-30) if probabilities else answers
    right = labels.astype(int)[:, None]
    losses = {}
    for temperature in np.geomspace(0.2, 10, 100):
        scaled = logits / temperature
        scaled -= scaled.max(axis=1, keepdims=True)  # so that exp stays finite
        of_right = np.take_along_axis(scaled, right, axis=1)[:, 0]
        cross_entropy = np.log(np.exp(scaled).sum(axis=1)) - of_right
        losses[temperature] = np.mean(cross_entropy)
    return min(losses, key=losses.get)
