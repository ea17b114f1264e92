"""Trains the runs that the table of a registered question lacks, one after the other, on one thread, resumable.

    python -m experiments.compute QUESTION --data FOLDER [--part 1/2]
    python -m experiments.compute QUESTION --data FOLDER --repeat ROW    # trains a stored row again, and prints both
"""

import argparse
import re
from pathlib import Path

import pandas as pd
import tensorflow as tf
from tqdm import tqdm

from experiments import rows
from experiments.run import MEASURED, run
from experiments.settings import KEYS, QUESTIONS
from helpers.data import RESULTS


def share(text: str) -> tuple[int, int]:
    """k and m of "k/m"."""
    match = re.fullmatch("([1-9][0-9]*)/([1-9][0-9]*)", text)
    if not match or int(match[1]) > int(match[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is no part; expected k/m with k from 1 to m, such as 1/2")
    return int(match[1]), int(match[2])


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.compute", description=__doc__.splitlines()[0])
    parser.add_argument("question", choices=QUESTIONS, metavar="QUESTION", help=", ".join(QUESTIONS))
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where the files of photographs are")
    parser.add_argument("--part", type=share, default=(1, 1), metavar="K/M", help="every M-th replicate from the K-th")
    parser.add_argument("--repeat", type=int, metavar="ROW", help="train this stored row again, and keep nothing")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    path, (k, m) = RESULTS / f"{options.question}.csv", options.part
    if options.repeat is not None:
        table = pd.read_csv(path) if path.exists() else pd.DataFrame()
        if not 0 <= options.repeat < len(table):
            parser.error(f"{path.name} has {len(table)} rows, and ROW is {options.repeat}; expected 0 to one less.")
        stored = table.loc[options.repeat].to_dict()
        again, _ = run({key: stored[key] for key in KEYS}, options.data)
        print(pd.DataFrame({"stored": {key: stored[key] for key in again}, "again": again}).round(5))
        return
    mine = [setting for setting in QUESTIONS[options.question]() if setting["replicate"] % m == k - 1]
    for setting in tqdm(rows.missing(mine, path, MEASURED), options.question, unit="run", mininterval=30):
        measured, answers = run(setting, options.data)
        rows.keep_answers(path, setting, answers)
        rows.append(path, setting, measured)


if __name__ == "__main__":
    main()
