"""Question 0, the article's own code on two pairs of classes; ``data/results/questions.md`` says what was expected.

    python -m experiments.article --data FOLDER   # trains the runs that article.csv lacks; FOLDER holds cifar10.zip
    python -m experiments.article --report        # tables and verdicts of the stored rows, as Markdown
"""

import argparse
import functools
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tqdm import tqdm

from experiments import datasets, rows
from experiments.settings import Setting
from helpers.data import RESULTS, Data, load_garments, subset
from helpers.stats import Interval, measure_of, paired_interval, verdict

TABLE = RESULTS / "article.csv"
BATCH = 32
RANGES = {
    "rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2, "shear_range": 0.2, "zoom_range": 0.2,
    "horizontal_flip": True, "fill_mode": "nearest",
}  # fmt: skip


class Method(NamedTuple):
    """What the network is shown: the images, stored copies of them, or a new version in every epoch."""

    copies: int = 0  # that are stored of each image
    live: bool = False
    equal_updates: bool = False  # as many as live makes, not as many epochs


METHODS = {
    "none": Method(),
    "copies-1": Method(copies=1),
    "copies-4": Method(copies=4),
    "copies-4-equal": Method(copies=4, equal_updates=True),
    "live": Method(live=True),
}
CELLS = [  # pair of classes, training images, epochs
    ("cats-dogs", 512, 10),
    ("cats-dogs", 2048, 10),
    ("cats-dogs", 512, 100),
    ("garments", 512, 10),
    ("garments", 2048, 10),
    ("garments", 512, 100),
]
CELL = ["dataset", "n", "epochs"]
MARGIN = {measure: measure_of(measure).margin for measure in ("test_accuracy", "test_loss")}
REPLICATES = range(5, 25)  # 0 to 4 were pilots
SETTINGS: list[Setting] = [
    {"question": 0, "dataset": dataset, "n": n, "epochs": epochs, "method": method, "replicate": replicate}
    for replicate in REPLICATES
    for dataset, n, epochs in CELLS
    for method in METHODS
]
MEASURED = [
    "updates", "test_accuracy", "test_loss", "shown_accuracy", "shown_loss", "batch_distance", "making_seconds",
    "processor_seconds", "versions",
]  # fmt: skip


def run(setting: Setting, data: Data) -> dict[str, float | str]:
    """Train once as the article does, from the seed ``replicate``, and test on new images as they are.

    Args:
        setting: an item of ``SETTINGS``, or one of other numbers.
        data: the pair's training images, of which n are taken, and in place of validation images its test images.

    Returns:
        ``MEASURED``: updates made; test_* with the final weights; shown_* as ``fit`` reports them of the last epoch;
        batch_distance, see there; processor seconds of making the copies, and of making them and ``fit`` together.
    """
    method, seed = METHODS[setting["method"]], setting["replicate"]
    part = subset(data, setting["n"], seed)
    x, y = part.x_train, part.y_train
    datagen = ImageDataGenerator(**RANGES)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    started = time.process_time()
    if method.copies:
        x, y = stored_copies(datagen, x, y, method.copies)
    made = time.process_time()
    keras.utils.set_random_seed(seed)  # the same initial weights, however many copies were made
    model = article_network(x.shape[1:])
    history = fit(model, datagen, method, x, y, setting["epochs"], setting["n"])
    ended = time.process_time()
    test_loss, test_accuracy = model.evaluate(part.x_val, part.y_val, batch_size=500, verbose=0)
    return {
        "updates": int(model.optimizer.iterations.numpy()),
        "test_accuracy": test_accuracy,
        "test_loss": test_loss,
        "shown_accuracy": history.history["accuracy"][-1],
        "shown_loss": history.history["loss"][-1],
        "batch_distance": batch_distance(epoch_of_batches(datagen, method, x, y, seed)),
        "making_seconds": made - started,
        "processor_seconds": ended - started,
        "versions": " ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy", "scipy")),
    }


def article_network(shape: tuple[int, ...]) -> keras.Model:
    """The network of the article's examples, compiled as there."""
    model = keras.Sequential([
        keras.Input(shape),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def stored_copies(
    datagen: ImageDataGenerator, x: np.ndarray, y: np.ndarray, copies: int
) -> tuple[np.ndarray, np.ndarray]:
    """What Example 1 assumes: batches of ``flow()``, collected for as many epochs as there shall be copies."""
    flow = datagen.flow(x, y, batch_size=BATCH)
    batches = [next(flow) for _ in range(copies * len(flow))]
    return np.concatenate([images for images, _ in batches]), np.concatenate([labels for _, labels in batches])


def fit(
    model: keras.Model, datagen: ImageDataGenerator, method: Method, x: np.ndarray, y: np.ndarray, epochs: int, n: int
) -> keras.callbacks.History:
    """The article's ``fit`` on x and y, which are n images, or the stored copies of them."""
    if method.live:  # Examples 2 and 3, which differ in what they watch alone
        return model.fit(datagen.flow(x, y, batch_size=BATCH), epochs=epochs, verbose=0)
    if method.equal_updates:
        # Without batch_size Keras divides the arrays by the steps, here into batches of four times as many images.
        return model.fit(x, y, batch_size=BATCH, epochs=epochs, steps_per_epoch=n // BATCH, verbose=0)
    return model.fit(x, y, epochs=epochs, verbose=0)  # Example 1, and without augmentation


def epoch_of_batches(
    datagen: ImageDataGenerator, method: Method, x: np.ndarray, y: np.ndarray, seed: int
) -> list[np.ndarray]:
    """The images of one more epoch as ``fit`` would show them, batch by batch."""
    if method.live:
        flow = datagen.flow(x, y, batch_size=BATCH)
        return [next(flow)[0] for _ in range(len(flow))]
    order = np.random.default_rng(seed).permutation(len(x))
    return [x[order[start : start + BATCH]] for start in range(0, len(x), BATCH)]


def batch_distance(batches: list[np.ndarray]) -> float:
    """How unlike the images of a batch are: root mean square difference of two of them, the mean over all pairs of a
    batch and all batches (images, height, width, channels); in units of pixel values."""
    means = []
    for batch in batches:
        flat = batch.reshape(len(batch), -1).astype(np.float64)
        squares = np.sum(flat**2, axis=1)
        between = squares[:, None] + squares - 2 * flat @ flat.T
        first, second = np.triu_indices(len(batch), 1)
        means.append(np.mean(np.sqrt(np.maximum(between[first, second], 0) / flat.shape[1])))
    return float(np.mean(means))


@functools.cache
def load_pair(dataset: str, folder: Path | None) -> Data:
    """A pair with its 2,000 test images in place of validation images, and its training images in [0, 1].

    Args:
        dataset: "garments", which the repository holds, or "cats-dogs", class 0 and class 1.
        folder: where ``cifar10.zip`` is, with the files PART/CLASS/NUMBER.jpg; the repository doesn't hold it.
    """
    if dataset == "garments":
        return load_garments()
    pixels, labels, _, read_before = datasets.load("cifar10", folder)
    parts = []
    for chosen in (~read_before, read_before):
        cats, dogs = (np.flatnonzero((labels == number) & chosen) for number in (3, 5))
        parts.append(pixels[np.concatenate([cats, dogs])].astype(np.float32) / 255)
        parts.append(np.repeat([0, 1], [len(cats), len(dogs)]))
    return Data(*parts)


# What was foretold

# Accuracy in per cent of the five methods, means of five pilots (replicates 0 to 4, other code). The larger sets had
# 2,000 images, and copies-4-equal after ten epochs a fifth fewer updates than live.
PILOTS = {
    ("cats-dogs", 512, 10): (60.8, 58.0, 62.8, 58.0, 59.4),
    ("cats-dogs", 2048, 10): (65.4, 61.8, 66.6, 63.1, 63.6),
    ("cats-dogs", 512, 100): (61.4, 57.9, 62.1, 63.6, 64.8),
    ("garments", 512, 10): (81.8, 59.5, 68.5, 64.0, 63.3),
    ("garments", 2048, 10): (88.2, 69.0, 73.1, 69.2, 70.8),
    ("garments", 512, 100): (87.0, 60.7, 70.8, 70.3, 70.9),
}
CONTRASTS = {  # first minus second, and what the article would say of the first
    ("copies-1", "none"): "better",
    ("copies-1", "live"): "worse",
    ("copies-4", "live"): "worse",
    ("copies-4-equal", "live"): "worse",
    ("live", "none"): "better",
    ("copies-4", "none"): "better",
}
PREDICTIONS = {
    (cell, first, second): (accuracies[list(METHODS).index(first)] - accuracies[list(METHODS).index(second)]) / 100
    for cell, accuracies in PILOTS.items()
    for first, second in CONTRASTS
}
MORE_DIVERSE = 0.01  # a hundredth more distance between the images of a batch


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each contrast in each cell that the table has, paired by replicate: what was predicted and observed."""
    runs = table.set_index([*CELL, "replicate", "method"])[["test_accuracy", "test_loss"]].unstack("method").dropna()
    lines = []
    for (cell, first, second), predicted in PREDICTIONS.items():
        if cell not in runs.index.droplevel("replicate"):
            continue
        difference = {measure: runs.loc[cell][measure][first] - runs.loc[cell][measure][second] for measure in MARGIN}
        accuracy, loss = (paired_interval(difference[measure]) for measure in MARGIN)
        expected = "better" if predicted > 0 else "worse"
        lines.append({
            "cell": cell,
            "first": first,
            "second": second,
            "predicted": predicted,
            "expected": expected if abs(predicted) > MARGIN["test_accuracy"] else "equivalent",
            "article": CONTRASTS[first, second],
            "accuracy": accuracy,
            "verdict": verdict(accuracy, MARGIN["test_accuracy"], lower_is_better=False),
            "loss": loss,
            "verdict of loss": verdict(loss, MARGIN["test_loss"], lower_is_better=True),
        })
    contrasts = pd.DataFrame(lines)
    largest = [max(abs(one.predicted), abs(one.accuracy.mean)) for one in contrasts.itertuples()]
    large = np.array(largest) > MARGIN["test_accuracy"]
    return contrasts.assign(scored=large & (contrasts["verdict"] != "undecided"))


def claims(contrasts: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """What the registered rules say of the article's three claims, a sentence each."""
    stored = contrasts[contrasts["first"].isin(["copies-4", "copies-4-equal"]) & (contrasts["second"] == "live")]
    behind = (stored["verdict"] == "worse").groupby(stored["cell"], sort=False).all()
    where = "; ".join(words(cell) for cell in behind.index[behind]) or "nowhere"
    means = table.groupby([*CELL, "method"])[["processor_seconds", "batch_distance"]].mean()
    seconds, distance = means["processor_seconds"].unstack(), means["batch_distance"].unstack()
    slower = seconds["live"] / seconds["copies-4-equal"]
    excess = distance["live"] / distance[["copies-1", "copies-4"]].max(axis=1) - 1
    return [
        f"*Stochasticity*, {share(behind)}. Live beats four copies, as written and at equal updates: {where}.",
        f"*Efficiency*, {'true' if (slower < 1).all() else 'partly'}. Live stores a quarter of the images that four "
        f"copies are, and takes {slower.min():.2f} to {slower.max():.2f} times their processor time at equal updates.",
        f"*Diversity within a batch*, {share(excess > MORE_DIVERSE)}. Between images of a live batch the "
        f"distance exceeds that in a stored one by {100 * excess.min():+.1f} to {100 * excess.max():+.1f} %.",
    ]


def share(holds: pd.Series) -> str:
    """Of a claim that holds in some cells."""
    return "true" if holds.all() else "partly" if holds.any() else "false"


def words(cell: tuple[str, int, int]) -> str:
    dataset, n, epochs = cell
    return f"{dataset.replace('-', ' and ')}, {n:,} images, {epochs} epochs"


def plus_minus(interval: Interval, form: str, unit: float = 1) -> str:
    mean, half = unit * interval.mean, unit * (interval.high - interval.mean)
    return f"{mean:{form}} ± {half:{form.removeprefix('+')}}"


def report(table: pd.DataFrame) -> str:
    """Means with their intervals, verdicts and claims of stored runs, as Markdown."""
    contrasts = judged(table)
    runs = table.set_index([*CELL, "replicate", "method"])["test_accuracy"].unstack("method").dropna()
    lines = [["accuracy on new images, %", *METHODS], ["---"] * (1 + len(METHODS))]
    for cell in contrasts["cell"].unique():
        means = [plus_minus(paired_interval(runs.loc[cell][method]), ".1f", 100) for method in METHODS]
        lines.append([words(cell), *means])
    titles = ["first minus second", "where", "predicted, points", "observed", "verdict", "right", "loss", "verdict"]
    lines += [[], titles, ["---"] * len(titles)]
    for one in contrasts.to_dict("records"):
        right = "" if not one["scored"] else "yes" if one["verdict"] == one["expected"] else "no"
        contrast, predicted = f"{one['first']} minus {one['second']}", f"{100 * one['predicted']:+.1f}"
        observed, loss = plus_minus(one["accuracy"], "+.1f", 100), plus_minus(one["loss"], "+.3f")
        last = [observed, one["verdict"], right, loss, one["verdict of loss"]]
        lines.append([contrast, words(one["cell"]), predicted, *last])
    scored = contrasts[contrasts["scored"]]
    equal = (scored["verdict"] == "equivalent").sum()
    predicted, article = ((scored["verdict"] == scored[column]).sum() for column in ("expected", "article"))
    undecided = (contrasts["verdict"] == "undecided").sum()
    score = f"{len(table)} of {len(SETTINGS)} runs. Of {len(contrasts)} contrasts {undecided} are undecided, "
    score += f"{len(scored)} count: the predictions are right in {predicted}, *all equal* in {equal}, "
    score += f"the article in {article}."
    tables = "\n".join(f"| {' | '.join(line)} |" if line else "" for line in lines)
    return "\n".join([tables, "", score, "", *(f"- {claim}" for claim in claims(contrasts, table))])


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.article", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where cifar10.zip is")
    parser.add_argument("--report", action="store_true", help="train nothing, print what the stored rows say")
    options = parser.parse_args()
    if options.report:
        print(report(pd.read_csv(TABLE)))
        return
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for setting in tqdm(rows.missing(SETTINGS, TABLE, MEASURED), "article", unit="run", mininterval=30):
        rows.append(TABLE, setting, run(setting, load_pair(setting["dataset"], options.data)))
    rows.note_digests(TABLE)


if __name__ == "__main__":
    main()
