"""Put the labels beside the answers of a question whose runs are all there, once.

    python -m experiments.score QUESTION --data FOLDER

``NAME-tested.csv`` has one row a run: loss, loss after temperature scaling (both in nats) and accuracy on each part,
and the SHA-256 of its answers. Question 7 adds ``NAME-mirror.csv``. ``NAME-answers.npz`` has what each image was
answered by both methods of the primary contrast; the answers themselves are not committed.
"""

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize

from data.build_garments import FASHION_CLASSES
from experiments import rows
from experiments.run import MEASURED, logits, losses, part_of
from experiments.settings import PRIMARY, QUESTIONS, Setting
from helpers.data import RESULTS

SHOES = ("sandal", "sneaker", "boot")


def tested(answers: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Loss, loss after temperature scaling and accuracy of what ``run.log_odds`` makes."""
    values, scaled = logits(answers), []
    for fit, score in ((0, 1), (1, 0)):
        cooled = values[score::2] / temperature(values[fit::2], labels[fit::2])
        scaled.append(np.mean(losses(cooled, labels[score::2])))
    return {
        "loss": float(np.mean(losses(values, labels))),
        "scaled_loss": float(np.mean(scaled)),
        "accuracy": float(np.mean(values.argmax(axis=1) == labels)),
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


def by_image(path: Path, settings: list[Setting], folder: Path | None) -> dict[str, np.ndarray]:
    """Of each task's primary contrast: "right/TASK/METHOD", int8 (replicates, images), -1 where an image is not of the
    replicate's test part; in question 5 "loss/…", float16, nan there; in question 7 "mirror/…", right when mirrored."""
    arrays: dict[str, np.ndarray] = {}
    for setting in settings:
        if setting["method"] not in PRIMARY[setting["question"]]:
            continue
        data, part = part_of(setting, folder)
        answers = rows.read_answers(path, setting)
        single = {"right": (logits(answers["test"]).argmax(axis=1) == data.labels[part.test]).astype(np.int8)}
        if setting["question"] == 5:
            single["loss"] = losses(logits(answers["test"]), data.labels[part.test]).astype(np.float16)
        if "mirror" in answers:
            single["mirror"] = (answers["mirror"].argmax(axis=1) == data.labels[part.test]).astype(np.int8)
        task = "-".join(str(setting[key]) for key in ("dataset", "n", "updates"))
        for name, values in single.items():
            whole = np.full(len(data.labels), -1 if values.dtype == np.int8 else np.nan, values.dtype)
            whole[part.test] = values
            key = f"{name}/{task}/{setting['method']}"
            arrays[key] = np.vstack([arrays[key], whole]) if key in arrays else whole[None]
    return arrays


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.score", description=__doc__.splitlines()[0])
    parser.add_argument("question", choices=QUESTIONS, metavar="QUESTION", help=", ".join(QUESTIONS))
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where the files of photographs are")
    options = parser.parse_args()
    name, settings = options.question, QUESTIONS[options.question]()
    ends = (".csv", "-tested.csv", "-answers.npz", "-mirror.csv")
    path, joined, kept, other = (RESULTS / f"{name}{end}" for end in ends)
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
        rows.save(kept, by_image(path, settings, options.data))
        files.append(kept)
        if settings[0]["question"] == 7:
            rows.replace(other, _csv(mirrored(path, settings, options.data)))
            files.append(other)
    rows.replace(joined, _csv(lines))
    rows.note_digests(*files)


def _csv(lines: list[dict]) -> bytes:
    return pd.DataFrame(lines).to_csv(index=False, lineterminator="\n").encode()


if __name__ == "__main__":
    main()
