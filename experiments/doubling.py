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
        if "live" in table["val_loss"] and len(sizes(table)) >= 3:
            found[" ".join(map(str, key))] = table
    return found


def sizes(table: pd.DataFrame) -> list[int]:
    """The K of the doublings that a setting has, from 1 on without a gap."""
    found = [1] if "copies-1" in table["val_loss"] else []
    while found and f"copies-{2 * found[-1]}" in table["val_loss"]:
        found.append(2 * found[-1])
    return found


def stops_at(losses: pd.Series, found: list[int]) -> int:
    """How many copies the procedure ends with, given the loss of each arm."""
    gains = {size: losses[f"copies-{size // 2}"] - losses[f"copies-{size}"] for size in found[1:]}
    return next((size for size, gained in gains.items() if gained <= 0.02), found[-1])


def lose_a_point(table: pd.DataFrame) -> float:
    """The per cent of runs in which live would add more than a point of accuracy to where the procedure stops."""
    found, runs, lost = sizes(table), table.dropna(), 0
    for _, run in runs.iterrows():
        arm = f"copies-{stops_at(run['val_loss'], found)}"
        lost += run["val_accuracy"]["live"] - run["val_accuracy"][arm] > 0.01
    return 100 * lost / len(runs)
