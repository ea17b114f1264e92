"""Trains the runs that a table lacks, one after the other, on one thread, resumable.

python -m experiments.registered.compute TABLE --data FOLDER [--part 1/2]
"""

import argparse
import re
from pathlib import Path

import tensorflow as tf
from tqdm import tqdm

from experiments.registered import article_copies, rows, train
from experiments.registered.runs import COPIES, PASSES, TABLES, Setting
from helpers.data import RESULTS

SCORES = ["shown_loss", "shown_accuracy", "own_loss", "own_accuracy"]
VALIDATION = ["validation_loss", "validation_accuracy", "validation_scaled_loss"]
TEST = ["test_loss", "test_accuracy", "test_scaled_loss"]
PILOTS = ("worth-tuning", "strength-pilots")


def measured_by(table: str) -> list[str]:
    """The columns of a table that a run measures."""
    if table == "length-and-return":
        return [*SCORES, *TEST, "processor_seconds"]
    if table in PILOTS:
        return [*SCORES, *VALIDATION, "processor_seconds"]
    return [*SCORES, *VALIDATION, *TEST, "processor_seconds"]


def last_row(setting: Setting) -> Setting:
    """The setting of the last row that a run leaves."""
    if setting["question"] != 9:
        return setting
    method = setting["method"]
    copies = int(method.removeprefix("copies-")) if method.startswith("copies-") else max(COPIES)
    return setting | {"epochs": PASSES * copies}


def share(text: str) -> tuple[int, int]:
    """k and m of "k/m"."""
    match = re.fullmatch("([1-9][0-9]*)/([1-9][0-9]*)", text)
    if not match or int(match[1]) > int(match[2]):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no part; expected k/m with k from 1 to m, such as 1/2"
        )
    return int(match[1]), int(match[2])


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m experiments.registered.compute", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("table", choices=TABLES, metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", required=True, help="where the zips are"
    )
    parser.add_argument(
        "--part", type=share, default=(1, 1), metavar="K/M", help="every M-th replicate"
    )
    parser.add_argument("--runs", type=int, metavar="N", help="stop after so many")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    path, (k, m) = RESULTS / f"{options.table}.csv", options.part
    columns = measured_by(options.table)
    mine = [one for one in TABLES[options.table]() if one["replicate"] % m == k - 1]
    waiting = [one for one in mine if rows.missing([last_row(one)], path, columns)]
    for setting in tqdm(waiting[: options.runs], options.table, unit="run", mininterval=30):
        run = article_copies.run if setting["question"] == 9 else train.run
        for row, measured in run(setting, options.data):
            right = measured.pop("right", None)
            if right:
                rows.append(path.with_name(f"{path.stem}-right.csv"), row, {"right": right})
            rows.append(path, row, {name: measured[name] for name in columns})


if __name__ == "__main__":
    main()
