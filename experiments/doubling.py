"""*Double the copies until it gains nothing* as a procedure, scored on all stored settings with three or more sizes.

    python -m experiments.doubling

The procedure stops at K copies once the step from K/2 to K lowered the validation loss by no more than 0.02; it is
followed once on the means over replicates, and once in each single run. Scored is what live would still add.
"""

from __future__ import annotations

import pandas as pd

from helpers.compare import summarise
from helpers.tables import FOLDER, read_results

MARGIN = 0.02
SIXTEEN = "copies-16"


def settings() -> dict[str, pd.DataFrame]:
    """One row a replicate and arm, val_loss and val_accuracy, by setting: live and copies-1, -2, -4 … of each."""
    tables = {}
    study = read_results(FOLDER / "study.csv")
    for key, part in study.groupby(["dataset", "n"]):
        tables["small " + " ".join(map(str, key))] = summarise(part)
    law = pd.read_csv(FOLDER / "freeze-or-renew.csv")
    law = law[(law["policy"] != "pixels") & (law["draw"] == "per image") & law["row"].isin([4, 5, 6])]
    for key, part in law.groupby(["row", "model", "dataset", "n", "rate", "batch", "policy"]):
        tables[" ".join(map(str, key[1:]))] = part
    wide = {name: _wide(part) for name, part in tables.items()}
    return {name: table for name, table in wide.items() if len(sizes(table)) >= 3}


def _wide(part: pd.DataFrame) -> pd.DataFrame:
    """Replicates by (measure, arm)."""
    return part.pivot_table(index="replicate", columns="arm", values=["val_loss", "val_accuracy"])


def sizes(table: pd.DataFrame) -> list[int]:
    """The K of the doublings that a setting has, from 1 on without a gap; none without live."""
    arms, found = set(table["val_loss"].columns), []
    size = 1
    while f"copies-{size}" in arms and "live" in arms:
        found.append(size)
        size *= 2
    return found


def stops_at(losses: pd.Series, found: list[int]) -> int:
    """How many copies the procedure ends with, given the loss of each arm."""
    for size in found[1:]:
        if losses[f"copies-{size // 2}"] - losses[f"copies-{size}"] <= MARGIN:
            return size
    return found[-1]


def score(table: pd.DataFrame) -> dict[str, float]:
    """What live still adds to where the procedure stops: on the means, and the share of runs that lose a point."""
    found, means = sizes(table), table.mean()
    by_means = stops_at(means["val_loss"], found)
    runs, lost = table.dropna(), 0
    for _, run in runs.iterrows():
        arm = f"copies-{stops_at(run['val_loss'], found)}"
        lost += run["val_accuracy"]["live"] - run["val_accuracy"][arm] > 0.01
    line = {
        "largest K": found[-1],
        "stops at": by_means,
        "leaves, loss": means["val_loss"][f"copies-{by_means}"] - means["val_loss"]["live"],
        "leaves, points": 100 * (means["val_accuracy"]["live"] - means["val_accuracy"][f"copies-{by_means}"]),
        "runs that lose a point, %": 100 * lost / len(runs),
    }
    if SIXTEEN in table["val_loss"].columns:
        line["16 leaves, loss"] = means["val_loss"][SIXTEEN] - means["val_loss"]["live"]
        line["16 leaves, points"] = 100 * (means["val_accuracy"]["live"] - means["val_accuracy"][SIXTEEN])
    return line


def main() -> None:
    scores = pd.DataFrame({name: score(table) for name, table in settings().items()}).T
    print(scores.round(3).to_string())


if __name__ == "__main__":
    main()
