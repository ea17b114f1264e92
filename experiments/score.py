"""Joins the labels to the answers of a question whose runs are all there, once, and scores them.

    python -m experiments.score QUESTION --data FOLDER

``NAME-tested.csv`` has one row a run: loss, loss after temperature scaling (both in nats) and accuracy on each part,
and the SHA-256 of its answers. Question 7 adds ``NAME-mirror.csv``. ``NAME-shared.csv`` has for each predicted
difference the variance that its replicates share, since they are tested on the same images. ``NAME-answers.npz`` has
what each image was answered by both methods of the primary contrast; the answers themselves are not committed.
"""

import argparse
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize

from data.build_garments import FASHION_CLASSES
from experiments import rows
from experiments.run import MEASURED, logits, losses, part_of
from experiments.settings import KEYS, PRIMARY, QUESTIONS, TASKS, Setting
from experiments.verdicts import DIFFERENCE, predictions
from helpers.data import RESULTS

SHOES = ("sandal", "sneaker", "boot")


def tested(answers: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Loss, loss after temperature scaling and accuracy of what ``run.log_odds`` makes."""
    return {measure: float(np.mean(values)) for measure, values in of_images(answers, labels).items()}


def of_images(answers: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Loss, loss after temperature scaling and whether the answer is right, of each image, (images,).

    The images of even number are scaled by the temperature that fits those of odd number, and these by the other.
    """
    values = logits(answers)
    cooled = np.empty_like(values)
    for half, other in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
        cooled[half] = values[half] / temperature(values[other], labels[other])
    return {
        "loss": losses(values, labels),
        "scaled_loss": losses(cooled, labels),
        "accuracy": values.argmax(axis=1) == labels,
    }


def temperature(values: np.ndarray, labels: np.ndarray) -> float:
    """The T between 0.05 and 100 that minimises the loss of logits / T (Guo et al., 2017)."""
    result = optimize.minimize_scalar(
        lambda log_t: np.mean(losses(values / np.exp(log_t), labels)),
        bounds=(np.log(0.05), np.log(100)), method="bounded",
    )  # fmt: skip
    return float(np.exp(result.x))


def mirror(plain: np.ndarray, flipped: np.ndarray, right: np.ndarray, labels: np.ndarray) -> Iterator[dict]:
    """What a mirror does to the answers of a run, over all images of some classes: the share of answers that it
    changes where ``right`` says that both methods of a contrast are right, and the accuracy that it costs.

    Args:
        plain, flipped: int (images,), the classes answered to images as they are and mirrored.
        right: bool (images,).
        labels: int (images,).
    """
    shoes = np.isin(labels, [FASHION_CLASSES.index(name) for name in SHOES])
    groups = {"without shoes": ~shoes, "shoes": shoes}
    groups |= {name: labels == number for number, name in enumerate(FASHION_CLASSES)}
    for name, group in groups.items():
        yield {
            "classes": name,
            "both_right": int((right & group).sum()),
            "changed_mirror": round(float(np.mean((plain != flipped)[right & group])), 5),
            "lost_accuracy": round(float(np.mean((plain == labels)[group]) - np.mean((flipped == labels)[group])), 5),
        }


def mirrored(path: Path, settings: list[Setting], folder: Path | None) -> list[dict]:
    """A row for each run of 1 copy or live, and of none beside it, and some classes; ``beside`` is the other method."""
    lines = []
    for setting in settings:
        if setting["method"] == "none":
            continue
        data, part = part_of(setting, folder)
        pair = [setting, setting | {"method": "none"}]
        answered = [{key: each.argmax(axis=1) for key, each in rows.read_answers(path, one).items()} for one in pair]
        labels = data.labels[part.test]
        right = (answered[0]["test"] == labels) & (answered[1]["test"] == labels)
        for one, beside, said in zip(pair, pair[::-1], answered, strict=True):
            for line in mirror(said["test"], said["mirror"], right, labels):
                lines.append(one | {"beside": beside["method"]} | line)
    return lines


@functools.cache
def _of_test_images(path: Path, values: tuple, folder: Path | None) -> dict[str, np.ndarray]:
    """What ``of_images`` makes of a run's test part, and of it mirrored, "mirror" and "changed"."""
    setting = dict(zip(KEYS, values, strict=True))
    data, part = part_of(setting, folder)
    answers, labels = rows.read_answers(path, setting), data.labels[part.test]
    measured = of_images(answers["test"], labels)
    if "mirror" in answers:
        mirrored = answers["mirror"].argmax(axis=1)
        measured |= {"mirror": mirrored == labels, "changed": mirrored != answers["test"].argmax(axis=1)}
    return measured


def difference_of_images(pair: list[Setting], measure: str, path: Path, folder: Path | None) -> np.ndarray:
    """Difference of two runs of a replicate on each image of the data set, first minus second, (images,), nan where an
    image is not measured: the mean of the others is the difference of the runs in a column of the joined tables."""
    data, part = part_of(pair[0], folder)
    first, second = (_of_test_images(path, tuple(setting.values()), folder) for setting in pair)
    if measure == "changed_mirror":
        both_right = first["accuracy"] & second["accuracy"]
        difference = np.where(both_right, first["changed"] - 1.0 * second["changed"], np.nan)
    elif measure == "lost_accuracy":
        lost = [1.0 * run["accuracy"] - run["mirror"] for run in (first, second)]
        difference = lost[0] - lost[1]
    else:
        name = measure.removeprefix("test_")
        difference = first[name] - 1.0 * second[name]
    return _spread(difference, part.test, len(data.labels))


def _spread(values: np.ndarray, test: np.ndarray, images: int) -> np.ndarray:
    whole = np.full(images, np.nan)
    whole[test] = values
    return whole


def shared_variance(differences: np.ndarray, group: np.ndarray) -> float:
    """What the variance of a mean over replicates owes to images on which they all are tested.

    It is the mean covariance of two replicates' means, by the sum over groups of images of the products of what each
    adds to both (Obuchowski and Rockette, 1995, with methods in place of tests and replicates in place of readers).

    Args:
        differences: (replicates, images), nan where an image is not measured.
        group: int (images,); images of one group are not independent.
    """
    deviations = differences - np.nanmean(differences, axis=1, keepdims=True)
    added = np.nan_to_num(deviations) / np.isfinite(differences).sum(axis=1, keepdims=True)
    sums = np.stack([np.bincount(group, replicate) for replicate in added])
    pairs = len(sums) * (len(sums) - 1)
    return float(((sums.sum(axis=0) ** 2).sum() - (sums**2).sum()) / pairs)


def shared(path: Path, settings: list[Setting], folder: Path | None) -> list[dict]:
    """``shared_variance`` for each predicted difference of a question's test images."""
    lines = predictions()
    measured = lines["measure"].str.startswith("test_") | lines["measure"].isin(["changed_mirror", "lost_accuracy"])
    stored = []
    for _, line in lines[measured & lines["table"].isin([path.stem, f"{path.stem}-mirror"])].iterrows():
        words = dict(word.split("=") for word in line["setting"].split())
        shoes = words.pop("classes", None)
        cell = [one for one in settings if all(str(one[key]) == value for key, value in words.items())]
        by_method = [[one for one in cell if one["method"] == line[side].split()[0]] for side in ("first", "second")]
        pairs = [list(pair) for pair in zip(*by_method, strict=True)]
        differences = np.stack([difference_of_images(pair, line["measure"], path, folder) for pair in pairs])
        data, _ = part_of(cell[0], folder)
        if shoes:
            is_shoe = np.isin(data.labels, [FASHION_CLASSES.index(name) for name in SHOES])
            differences[:, is_shoe == (shoes == "without_shoes")] = np.nan
        variance = shared_variance(differences, data.group)
        stored.append({key: line[key] for key in DIFFERENCE} | {"shared_variance": f"{variance:.4g}"})
    return stored


def kept_answers(path: Path, settings: list[Setting], folder: Path | None) -> dict[str, np.ndarray]:
    """Of each primary contrast: "right/TASK/METHOD", int8 (replicates, images), -1 where an image is not of the
    replicate's test part; in question 5 "scaled_loss/…", float16, nan there, at the task's own length; in question 7
    "mirror/…", right when mirrored."""
    lists: dict[str, list[np.ndarray]] = {}
    lengths = {(task["dataset"], task["n"], task["updates"]) for task in TASKS.values()}
    for setting in settings:
        if setting["method"] not in PRIMARY[setting["question"]]:
            continue
        data, part = part_of(setting, folder)
        measured = _of_test_images(path, tuple(setting.values()), folder)
        task = tuple(setting[key] for key in ("dataset", "n", "updates"))
        name = f"{'-'.join(map(str, task))}/{setting['method']}"
        for kind, measure in (("right", "accuracy"), ("mirror", "mirror")):
            if measure in measured:
                whole = np.nan_to_num(_spread(measured[measure], part.test, len(data.labels)), nan=-1)
                lists.setdefault(f"{kind}/{name}", []).append(whole.astype(np.int8))
        if setting["question"] == 5 and task in lengths:
            whole = _spread(measured["scaled_loss"], part.test, len(data.labels))
            lists.setdefault(f"scaled_loss/{name}", []).append(whole.astype(np.float16))
    return {name: np.stack(arrays) for name, arrays in lists.items()}


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.score", description=__doc__.splitlines()[0])
    parser.add_argument("question", choices=QUESTIONS, metavar="QUESTION", help=", ".join(QUESTIONS))
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where the files of photographs are")
    options = parser.parse_args()
    name, settings = options.question, QUESTIONS[options.question]()
    ends = (".csv", "-tested.csv", "-answers.npz", "-shared.csv", "-mirror.csv")
    path, joined, kept, between, other = (RESULTS / f"{name}{end}" for end in ends)
    if joined.exists():
        parser.error(f"{joined.name} is there already; labels are read once.")
    if waiting := rows.missing(settings, path, MEASURED):
        parser.error(f"{len(waiting)} of {len(settings)} runs are missing; labels are read once, when all are there.")
    lines, files = [], [path, joined]
    for setting in settings:
        data, part = part_of(setting, options.data)
        line = dict(setting)
        for place, answers in rows.read_answers(path, setting).items():
            labels = data.labels[part.test if place == "mirror" else getattr(part, place)]
            line |= {f"{place}_{key}": f"{value:.5f}" for key, value in tested(answers, labels).items()}
        content = rows.answers_file(path, setting).read_bytes()
        lines.append(line | {"answers_sha256": hashlib.sha256(content).hexdigest()})
    if not name.endswith("-pilots"):
        rows.save(kept, kept_answers(path, settings, options.data))
        rows.replace(between, _csv(shared(path, settings, options.data)))
        files += [kept, between]
        if settings[0]["question"] == 7:
            rows.replace(other, _csv(mirrored(path, settings, options.data)))
            files.append(other)
    rows.replace(joined, _csv(lines))
    rows.note_digests(*files)


def _csv(lines: list[dict]) -> bytes:
    return pd.DataFrame(lines).to_csv(index=False, lineterminator="\n").encode()


if __name__ == "__main__":
    main()
