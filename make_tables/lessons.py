"""The small tables that lessons read, `data/results/lessons/NN-what.csv`.

One row a run and method, never a mean, so that runs can still be paired. Accuracies and shares of answers are in per
cent, losses in nats. ``LESSONS`` is the registry: from which stored table, with which filter.
"""

from typing import NamedTuple

import pandas as pd

from helpers.data import RESULTS, read_results, read_runs
from helpers.plots import method_label
from make_tables import pages


class Part(NamedTuple):
    """Rows of one stored table.

    Attributes:
        source: name of the stored table.
        rows: a query that selects them.
        columns: what becomes of its columns, by their stored names; ``method`` becomes ``method``, in words.
        added: columns with one value, which say where the rows are from.
        curves: whether the rows are evaluations during training, and not the summary of a run.
        words: of a stored column, what its values are called, where ``method_label`` doesn't say it.
        minus_live: a column from which live's of the same run is taken off.
    """

    source: str
    rows: str
    columns: dict[str, str]
    added: dict[str, str] = {}
    curves: bool = False
    words: dict[str, dict[str, str]] = {}
    minus_live: str = ""


_MILD_128 = "dataset == 'garments' and n == 128 and policy == 'mild'"
_FINAL = {
    "final_own_accuracy": "accuracy on its originals",
    "final_new_accuracy": "accuracy on new images",
}
_END = {"val_accuracy": "accuracy", "val_loss": "loss"}
_CURVE = {"update": "update"} | _END
_LIVE_AND_COPIES = f"method in {['live', *(f'copies-{2**k}' for k in range(6))]}"
_QUARTERS = {f"solar-cells-without-{k}": f"quarter {k + 1}" for k in range(4)}
_SPLITS = {"solar-cells": "our split"} | _QUARTERS
_RESIDUAL = "n == 512 and dataset == 'garments' and policy == 'mild' and draw == 'per image' and model == 'residual'"

_SOURCES = {
    "pullovers-coats": "pullovers and coats",
    "cats-dogs": "cats and dogs",
    "solar-cells": "solar cells",
}
_NETWORKS = {"residual": "ResNet", "small": "small network"}
_BATCHES = {"buffer-of-8": "buffer of 8", "side-by-side": "side by side", "one-draw": "one draw"}
_STORED = {"copies-4": "4 copies", "copies-4-equal": "4 copies, equal updates"}

LESSONS: dict[str, list[Part]] = {
    "01-article": [
        Part("article", "n == 512", {"dataset": "images", "epochs": "epochs", "test_accuracy": "accuracy"},
             words={"dataset": pages.PAIRS, "method": _STORED}),
    ],
    "01-new-and-changed": [
        Part("coverage-tested", f"{_MILD_128} and method in ['none', 'copies-1']",
             {"new_accuracy": "accuracy on new images", "mild_accuracy": "accuracy on changed images"}),
    ],
    "01-resnet": [
        Part("freeze-or-renew", f"{_RESIDUAL} and row == 2 and method in ['none', 'copies-1', 'live']",
             _FINAL),
    ],
    "01-twenty-runs": [
        Part("study", f"{_MILD_128} and update == 1000 and method in ['none', 'copies-1', 'live']",
             {"val_accuracy": "accuracy on new garments, %"}, curves=True),
    ],
    "02-clustered-batches": [
        Part("clustered-batches", "method == 'pool-16' and policy in ['mild', 'buffer-of-8', 'side-by-side']",
             {"policy": "batches", "val_accuracy": "accuracy"},
             words={"method": {"pool-16": "16 copies"}, "policy": _BATCHES | {"mild": "shuffled"}}),
        Part("clustered-batches", "method == 'live' and policy in ['mild', 'one-draw']",
             {"policy": "batches", "val_accuracy": "accuracy"},
             words={"policy": _BATCHES | {"mild": "one draw each"}}),
    ],
    "03-one-copy": [
        Part("study", "dataset == 'garments' and n == 128 and method == 'copies-1'",
             _CURVE | {"val_loss_scaled": "loss after temperature scaling"}, curves=True),
    ],
    "03-stopping": [
        Part("law", "regime == 1 and n == 512 and method in ['none', 'copies-1', 'live']", _CURVE, curves=True),
    ],
    "04-pairs": [
        Part("study", "dataset == 'garments' and n == 128 and method in ['none', 'copies-4']", _END),
    ],
    "04-ten-epochs": [
        Part("article", "dataset == 'cats-dogs' and n == 512 and epochs == 10 "
             "and method in ['live', 'copies-1', 'copies-4']", {"test_accuracy": "accuracy"}),
    ],
    "05-strengths": [
        Part("strength", "n == 512", {"dataset": "images", "network": "network", "updates": "updates",
             "policy": "policy", "test_accuracy": "accuracy"}, words={"dataset": _SOURCES, "network": _NETWORKS}),
    ],
    "06-what-copies-cost": [
        Part("study", f"dataset == 'garments' and n == 512 and (method == 'none' or {_LIVE_AND_COPIES})",
             {"val_accuracy": "accuracy"}, {"network": "small network"}, minus_live="accuracy"),
        Part("freeze-or-renew", f"{_RESIDUAL} and (row == 6 or row == 2 and method == 'none' "
             "or row == 8 and method == 'originals+pool-2')", {"val_accuracy": "accuracy"}, {"network": "ResNet"},
             words={"method": {"originals+pool-2": "3x"}}, minus_live="accuracy"),
        Part("law", "regime == 1 and n == 512 and method in ['copies-16', 'live']",  # other runs than those before
             {"val_accuracy": "accuracy"}, {"network": "ResNet"}, minus_live="accuracy"),
    ],
    "06-times-shown": [
        Part("study", f"dataset == 'garments' and update in [500, 1000, 3000] and {_LIVE_AND_COPIES}",
             {"n": "images", "update": "updates", "val_loss": "loss"}, curves=True, minus_live="loss"),
    ],
    "07-split-after-augmenting": [
        Part("split-after-augmenting", "n == 128 and model == 'deeper'",
             {"leaky_accuracy": "accuracy on what was held out", "val_accuracy": "accuracy on new images"},
             words={"method": {"pool-16": "16 copies, shuffled"}}),
    ],
    "solar-cells-splits": [
        Part(source, f"dataset in {list(_SPLITS)} and n == 512 and model == 'small' and policy == 'cells' "
             "and 350 <= update <= 500 and method in ['none', 'live']",
             {"dataset": "split", "update": "update", "val_accuracy": "accuracy"}, curves=True,
             words={"dataset": _SPLITS})
        for source in ("solar-cells", "law")
    ],
    "09-length": [
        Part("study", "dataset == 'garments' and n == 128 "
             "and update in [50, 100, 200, 350, 500, 1000, 1500, 2000, 3000] "
             "and method in ['none', 'copies-1', 'originals+4', 'live', 'live-4/5']", _CURVE, curves=True),
    ],
}  # fmt: skip


def make(name: str) -> pd.DataFrame:
    """A lesson's table, by its name in ``LESSONS``: added columns, run, method, then ``Part.columns``."""
    return pd.concat([_read(part) for part in LESSONS[name]], ignore_index=True)


def _read(part: Part) -> pd.DataFrame:
    read = read_results if part.curves else read_runs
    rows = read(RESULTS / f"{part.source}.csv").query(part.rows)
    table = pd.DataFrame(part.added, index=rows.index)
    table["run"] = rows["replicate"]
    if "method" in rows:  # question 10 has policies alone
        named_here = part.words.get("method", {})
        names = {
            name: named_here.get(name) or method_label(name) for name in rows["method"].unique()
        }
        table["method"] = rows["method"].map(names)
    for stored, named in part.columns.items():
        if "accuracy" in stored:
            table[named] = (100 * rows[stored]).round(3)  # a share
        else:
            table[named] = rows[stored].replace(part.words.get(stored, {}))
    return _minus_live(table, part.minus_live) if part.minus_live else table


def _minus_live(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    same = [name for name in table if name not in ("method", measure)]
    live = table[table["method"] == "live"].set_index(same)[measure]
    others = table[table["method"] != "live"]
    minus = others[measure].to_numpy() - live.loc[pd.MultiIndex.from_frame(others[same])].to_numpy()
    return others.drop(columns=measure).assign(**{f"{measure} minus live": minus.round(5)})


def write() -> None:
    """All tables of lessons."""
    for name in LESSONS:
        make(name).to_csv(RESULTS / "lessons" / f"{name}.csv", index=False, lineterminator="\n")
