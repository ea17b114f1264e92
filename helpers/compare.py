"""The paired comparison: every method on every replicate, and differences within each replicate."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.arguments import is_whole, shown
from helpers.augment import RandomAffine
from helpers.data import Data, require_data, subset
from helpers.methods import make_batches, schedule
from helpers.model import small_model
from helpers.progress import progress
from helpers.training import Build, Trainer


def compare(
    data: Data,
    methods: Iterable[str],
    policy: RandomAffine,
    n: int = 128,
    updates: int = 400,
    replicates: int | Sequence[int] = 8,
    build: Build = small_model,
    evaluate_at: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Train every method on every replicate; all that a method does not define is shared.

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
    """
    data = checked_data(data)
    names = _checked_methods(methods, n)
    if not isinstance(policy, RandomAffine):
        raise ValueError(f"policy is {shown(policy)}; expected a RandomAffine.")
    numbers = _checked_replicates(replicates)
    trainer = Trainer(build, data.x_train.shape[1:], policy)
    runs = list(itertools.product(numbers, names))
    curves = {}
    for replicate, name in progress(runs, desc="runs"):
        part = subset(data, n, replicate)
        plan = schedule(name, n, updates, replicate)
        batches = make_batches(name, part.x_train, part.y_train, plan, policy, replicate)
        curves[name, replicate] = trainer.run(part, batches, updates, replicate, evaluate_at)
    table = pd.concat(curves, names=["method", "replicate"])
    return table.reset_index(level=[0, 1]).reset_index(drop=True)


def _checked_methods(methods: Any, n: int) -> list[str]:
    """The names as a list; wrong ones, and a wrong n, are noticed here and not after hours."""
    several = isinstance(methods, Iterable) and not isinstance(methods, str)
    names: list[Any] = list(methods) if several else [methods]
    if not names:
        raise ValueError("methods is empty; expected one name or more.")
    for name in names:
        schedule(name, n, 1)
        if names.count(name) > 1:
            raise ValueError(f"methods has {name!r} twice; expected different names.")
    return names


def _checked_replicates(replicates: Any) -> list[int]:
    """The numbers of the replicates, given how many or which."""
    numbers: list[Any] = []
    if isinstance(replicates, Iterable):
        numbers = list(replicates)
    elif is_whole(replicates):
        numbers = list(range(replicates))
    whole = all(is_whole(number) and number >= 0 for number in numbers)
    if not numbers or not whole or len(set(numbers)) < len(numbers):
        raise ValueError(
            f"replicates is {replicates!r}; expected how many, 1 or more, "
            "or different numbers from 0 on."
        )
    return [int(number) for number in numbers]


def checked_data(data: Data) -> Data:
    """The same data with float32 images: finite floats of one shape, and two classes, 0 and 1, on both sides."""
    require_data(data)
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
    """One row a method and replicate: means over the last tenth of the updates, and ``val_loss_stopped``.

    The curves are rows of ``compare`` or ``read_results`` in any order, all of one data set, n, policy, model, rate and
    number of updates.
    """
    if curves.empty:
        raise ValueError("there are no rows to summarise; look at what was selected.")
    keys = ["method", "replicate"]
    halves = ["val_loss_even", "val_loss_odd"]
    for column in (*keys, "update", *halves):
        if column not in curves:
            raise ValueError(
                f"no column {column!r}; expected curves of compare or read_results, "
                f"the table has {', '.join(map(str, curves.columns))}."
            )
    curves = _one_row_each(curves, [*keys, "update"])
    totals = curves.groupby(keys, sort=False)["update"].max()
    if totals.nunique() > 1:
        listed = ", ".join(f"{total:.0f}" for total in sorted(totals.unique()))
        raise ValueError(
            f"runs end after different numbers of updates ({listed}); cut them to one number first."
        )
    late = curves[curves["update"] > 0.9 * curves["update"].max()]
    runs = late.drop(columns="update").set_index(keys).groupby(keys, sort=False)
    means = runs.mean(numeric_only=True)
    # A run that diverged has no mean: that of its other evaluations would hide it.
    counts = runs.count()[means.columns]
    means = means.mask(counts.lt(runs.size(), axis=0))
    in_order = curves.sort_values("update").groupby(keys, sort=False)
    stopped = in_order[halves].apply(_stopped)
    return means.assign(val_loss_stopped=stopped).reset_index()


def _stopped(run: pd.DataFrame) -> float:
    """Loss of one half of the validation images where the other half's is lowest, the mean of both ways round."""
    even, odd = run.to_numpy().T
    return (odd[np.argmin(even)] + even[np.argmin(odd)]) / 2


def differences(
    runs: pd.DataFrame, first: str, second: str, metric: str = "val_loss"
) -> np.ndarray:
    """Paired differences first - second of a metric, (replicates,), from one row a method and replicate."""
    if metric not in runs:
        raise ValueError(f"no column {metric!r}; the table has {', '.join(runs.columns)}.")
    runs = _one_row_each(runs[["method", "replicate", metric]], ["method", "replicate"])
    table = runs.pivot(index="replicate", columns="method", values=metric)
    for name in (first, second):
        if name not in table:
            raise ValueError(f"no method {name!r}; the table has {', '.join(table.columns)}.")
    both = runs[runs["method"].isin([first, second])]
    diverged = both[~np.isfinite(both[metric])]
    if len(diverged):
        name, replicate, _ = diverged.iloc[0]
        raise ValueError(
            f"{name} diverged on replicate {replicate}: its {metric} is no number; say so, leave it out."
        )
    difference = table[first] - table[second]
    if difference.isna().any():
        raise ValueError(f"{first} and {second} were not run on the same replicates.")
    return difference.to_numpy()


def _one_row_each(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The table without repeated rows, which must differ in the keys."""
    table = table.drop_duplicates()
    if table.duplicated(keys).any():
        raise ValueError(
            f"several rows have the same {', '.join(keys)}; choose one data set, n, policy, model and rate first, "
            "and summarise curves before taking differences."
        )
    return table
