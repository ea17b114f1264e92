"""The paired comparison: every method on every replicate, and one row a run of what came out."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from helpers.augment import RandomAffine
from helpers.data import Data, subset
from helpers.methods import make_batches, schedule
from helpers.model import small_model
from helpers.plots import progress
from helpers.training import Build, Trainer

SETTINGS = ["dataset", "n", "policy", "model", "rate"]
HALVES = ["val_loss_even", "val_loss_odd"]  # of the validation images, by their numbers


def compare(
    data: Data,
    methods: str | Iterable[str],
    policy: RandomAffine,
    n: int = 128,
    updates: int = 400,
    replicates: int | Sequence[int] = 8,
    build: Build = small_model,
    evaluate_at: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Train every method on every replicate; all that a method does not define is shared.

    Methods share their draws, too: what one copy stores is what live shows first. So the policy has to repeat a draw by
    its numbers (replicate, epoch, image), as RandomAffine does. Any other Keras layer or function draws anew at each
    call: type the comparison out, as lesson 04 does, and average over more pairs.

    Args:
        data: what the training subsets are taken from, and the validation images.
        methods: their names, see ``helpers.methods.Method``.
        policy: draws all augmented versions; its own seed is not used.
        n: training images of a subset, a multiple of 32.
        updates: gradient updates of each run.
        replicates: how many (0, 1, 2 …), or their numbers.
        build: see ``helpers.training.Trainer``.
        evaluate_at: see ``Trainer.run``.

    Returns:
        The rows of ``Trainer.run`` with the columns method and replicate before them.

    Raises:
        ValueError: names, numbers or data are such that runs would fail after hours, or give a wrong result silently.
    """
    data = checked_data(data)
    names = [methods] if isinstance(methods, str) else list(methods)
    numbers = list(replicates) if isinstance(replicates, Iterable) else list(range(replicates))
    for argument, given in (("methods", names), ("replicates", numbers)):
        if not given or len(set(given)) < len(given):
            raise ValueError(
                f"{argument} are {given}; expected one or more, and none of them twice."
            )
    for name in names:
        schedule(name, n, updates)  # refuses a wrong name, and a wrong n
    if not isinstance(policy, RandomAffine):
        raise ValueError(
            f"policy is a {type(policy).__name__}; expected a RandomAffine, which can repeat a draw."
        )
    trainer = Trainer(build, data.x_train.shape[1:], policy)
    runs = list(itertools.product(numbers, names))
    curves = {}
    for replicate, name in progress(runs, desc="runs"):
        part = subset(data, n, replicate)
        plan = schedule(name, n, updates, replicate)
        batches = make_batches(part.x_train, part.y_train, plan, policy)
        curves[name, replicate] = trainer.run(part, batches, updates, replicate, evaluate_at)
    table = pd.concat(curves, names=["method", "replicate"])
    return table.reset_index(level=[0, 1]).reset_index(drop=True)


def checked_data(data: Data) -> Data:
    """The same data with float32 images: finite floats of one shape, and two classes, 0 and 1, on both sides."""
    data = Data(*map(np.asarray, data))
    for part, x, y in (("train", *data[:2]), ("val", *data[2:])):
        if x.ndim != 4 or x.dtype.kind != "f":
            raise ValueError(
                f"x_{part} is {x.dtype} of shape {x.shape}; expected floats (n, height, width, channels)."
            )
        if y.shape != (len(x),):
            raise ValueError(
                f"y_{part} has shape {y.shape} for {len(x)} images; expected one label for each."
            )
        labels = np.unique(y).tolist()
        if labels != [0, 1]:
            raise ValueError(
                f"y_{part} holds the labels {labels[:9]}; expected two classes, 0 and 1."
            )
        if not np.isfinite(x).all():
            raise ValueError(
                f"x_{part} holds NaN or infinite values; remove or repair these images."
            )
    if data.x_train.shape[1:] != data.x_val.shape[1:]:
        raise ValueError(
            f"x_train has shape {data.x_train.shape}, x_val {data.x_val.shape}; expected one image shape."
        )
    train = data.x_train.max()
    val = data.x_val.max()
    if min(train, val) <= 1 and max(train, val) > 10:
        raise ValueError(
            f"x_train reaches to {train:.3g}, x_val to {val:.3g}; expected one scale, such as 0 to 1."
        )
    x_train = np.asarray(data.x_train, np.float32)
    x_val = np.asarray(data.x_val, np.float32)
    return data._replace(x_train=x_train, x_val=x_val)


def summarise(curves: pd.DataFrame) -> pd.DataFrame:
    """One row a method and replicate: means over the last tenth of the updates.

    The curves are rows of ``compare`` or ``read_results`` in any order, all of one data set, n, policy, model, rate and
    number of updates. Stored ones, with the losses on both halves of the validation images, get ``val_loss_stopped``.

    Raises:
        ValueError: there are no rows, several for one evaluation, rows of two settings, or runs of different length.
    """
    keys = ["method", "replicate"]
    curves = curves.drop_duplicates()
    mixed = [name for name in SETTINGS if name in curves and curves[name].nunique() > 1]
    if mixed:
        raise ValueError(
            f"found rows that differ in {', '.join(mixed)}; expected one of each: choose it first."
        )
    if curves.empty or curves.duplicated([*keys, "update"]).any():
        raise ValueError(
            f"found {len(curves)} rows, none or several for one method, replicate and update; expected one for each: "
            "choose the rows of one setting first."
        )
    lengths = curves.groupby(keys)["update"].max()
    if lengths.nunique() > 1:
        raise ValueError(
            f"runs end after {sorted(lengths.unique().tolist())} updates; expected one number: cut them to it first."
        )
    late = curves[curves["update"] > 0.9 * curves["update"].max()]
    runs = late.drop(columns="update").groupby(keys, sort=False)
    # A run that diverged has no mean: that of its other evaluations would hide it.
    means = runs.mean(numeric_only=True)
    counts = runs.count()[means.columns]
    means = means.mask(counts.lt(runs.size(), axis=0))
    if HALVES[0] in curves:
        in_order = curves.sort_values("update").groupby(keys, sort=False)
        means["val_loss_stopped"] = in_order[HALVES].apply(_stopped)
    return means.reset_index()


def _stopped(run: pd.DataFrame) -> float:
    """Loss of one half of the validation images where the other half's is lowest, the mean of both ways round."""
    even, odd = run.to_numpy().T
    return (odd[np.argmin(even)] + even[np.argmin(odd)]) / 2
