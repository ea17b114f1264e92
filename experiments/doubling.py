"""*Double the copies until it gains nothing* as a procedure, scored on all stored settings with three or more sizes.

It stops at K copies once the step from K/2 to K lowered the validation loss by no more than 0.02, and is followed in
each single run.
"""

import pandas as pd

from helpers.tables import FOLDER


def settings() -> dict[str, pd.DataFrame]:
    """Replicates by (measure, arm) of each setting that has live and copies-1, -2, -4 or more."""
    study, law = (pd.read_csv(FOLDER / f"{name}.csv") for name in ("study", "freeze-or-renew"))
    law = law[(law["policy"] != "pixels") & (law["draw"] == "per image") & law["row"].isin([4, 5, 6])]
    parts = [*study.replace({"model": {"article": "small"}}).groupby(["model", "dataset", "n"])]
    parts += law.groupby(["model", "dataset", "n", "rate", "batch", "policy", "row"])
    found = {}
    for key, part in parts:
        table = part.pivot_table(index="replicate", columns="arm", values=["val_loss", "val_accuracy"])
        if {"live", "copies-1", "copies-2", "copies-4"} <= set(table["val_loss"]):
            found[" ".join(map(str, key))] = table
    return found


def stops_at(losses: pd.Series) -> int:
    """How many copies the procedure ends with, given the loss of each arm."""
    size, gained = 1, 1.0
    while gained > 0.02 and f"copies-{2 * size}" in losses:
        gained = losses[f"copies-{size}"] - losses[f"copies-{2 * size}"]
        size *= 2
    return size


def lose_a_point(table: pd.DataFrame) -> float:
    """The per cent of runs in which live would add more than a point of accuracy to where the procedure stops."""
    accuracy, losses = (table.dropna()[measure] for measure in ("val_accuracy", "val_loss"))
    ends = [accuracy.at[run, f"copies-{stops_at(loss)}"] for run, loss in losses.iterrows()]
    return 100 * float((accuracy["live"] - ends > 0.01).mean())
