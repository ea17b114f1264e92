"""The stored tables: whole, readable, with today's names."""

import gzip
import hashlib
import re

import numpy as np
import pandas as pd
import pytest

from experiments.questions import KEYS, QUESTIONS
from experiments.rows import read_digests
from experiments.tables import LESSONS, make
from helpers.data import RESULTS, curves_path, read_results, run_name, settings_of
from refusals import refusal

TABLES = sorted(path.name.removesuffix("-curves.csv.gz") for path in RESULTS.glob("*-curves.csv.gz"))
GROWING = {f"{name}{end}" for name in QUESTIONS for end in (".csv", "-answers.npz")} | {"article.csv"}  # until whole
NOTED = read_digests(RESULTS)
STORED = {*NOTED, *(path.name for path in RESULTS.iterdir())}

# What is stored


@pytest.mark.parametrize(
    ("name", "end"), [(name, end) for name in QUESTIONS for end in ("", "-tested") if f"{name}{end}.csv" in STORED]
)
def test_a_registered_question_has_no_other_runs_and_all_once_its_labels_are_read(name, end):
    registered = {run_name(setting.values()) for setting in QUESTIONS[name]()}
    table = pd.read_csv(RESULTS / f"{name}{end}.csv", dtype=str, keep_default_na=False)
    found = [run_name(row) for row in table[list(KEYS)].itertuples(index=False)]
    assert len(set(found)) == len(found) and set(found) <= registered
    assert not end or set(found) == registered


def test_stored_files_are_those_that_were_collected():
    # checkup.csv is compared with the check-up itself, cost-of-stores.csv with the rows that it is made from.
    compared = {"checkup.csv", "cost-of-stores.csv"}
    stored = {path.name for path in RESULTS.iterdir() if path.suffix in (".csv", ".gz", ".npz")} - compared
    by_digest = {name for name in NOTED if name.endswith("-answers.npz")}  # those of closed questions lie in the history
    assert set(NOTED) - by_digest <= stored and stored - set(NOTED) <= GROWING
    found = {name: hashlib.sha256((RESULTS / name).read_bytes()).hexdigest() for name in set(NOTED) & stored}
    changed = sorted(name for name in found if found[name] != NOTED[name])
    assert not changed, "changed since it was collected; restore it, or note_digests of experiments.rows"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_s_table_is_what_its_source_holds(name):
    stored = pd.read_csv(RESULTS / "lessons" / f"{name}.csv")
    pd.testing.assert_frame_equal(stored, make(name), check_dtype=False)
    assert {path.stem for path in (RESULTS / "lessons").iterdir()} == set(LESSONS)


# Reading


def test_settings_stand_beside_each_evaluation_with_their_types_and_old_names_are_renamed():
    path = RESULTS / "static-versus-live.csv"
    text, curves = pd.read_csv(path), pd.read_csv(curves_path(path))
    assert set(text["policy"]) == {"mild", "article"} and set(text["model"]) == {"article", "deeper"}
    table, keys = read_results(path), settings_of(path, text)
    pd.testing.assert_frame_equal(table.drop(columns=keys), curves.drop(columns="run"))
    assert set(table["policy"]) == {"mild", "article"} and set(table["model"]) == {"small", "deeper"}
    old_names = table[keys].replace({"model": {"small": "article"}})
    assert [run_name(row) for row in old_names.itertuples(index=False)] == curves["run"].tolist()
    newer = RESULTS / "freeze-or-renew.csv"
    stored, found = (set(runs["policy"]) for runs in (pd.read_csv(newer), read_results(newer)))
    assert "wide" in stored and found == stored - {"wide"} | {"article"}


RUNS = "method,rate,replicate,val_loss\nnone,0.001,0,0.5\nnone,quarter,1,0.5\n"
CURVES = "run,update,val_loss\nnone:0.001:0,10,0.5\nnone:quarter:1,10,nan\n"


def test_a_diverged_run_is_read_as_it_is_and_files_that_disagree_are_refused(tmp_path):
    path = tmp_path / "table.csv"

    def read(runs=RUNS, curves=CURVES):
        path.write_text(runs, encoding="utf-8")
        curves_path(path).write_bytes(gzip.compress(curves.encode()))
        return read_results(path)

    table = read(curves=CURVES.replace("0.5", "inf"))
    assert table["rate"].tolist() == ["0.001", "quarter"] and table["method"].tolist() == ["none"] * 2
    assert np.isposinf(table["val_loss"][0]) and np.isnan(table["val_loss"][1])
    for runs, curves in ((RUNS[:-20], CURVES), (RUNS, CURVES[:-24])):
        assert "hold different runs" in refusal(read, runs, curves)
    assert "expected settings up to replicate" in refusal(read, "method,val_loss\nnone,0.5\n")
    with pytest.raises(pd.errors.MergeError):
        read(RUNS + "none,0.001,0,0.6\n")


# The page of the tables


def test_the_page_of_the_tables_explains_every_file_and_column_and_counts_the_runs():
    page = (RESULTS / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall("`([^`\n]+)`", page))
    families = tuple(name[:-1] for name in explained if name.endswith("_*"))
    for path in sorted([*RESULTS.glob("*.csv"), *RESULTS.glob("*.csv.gz")]):
        columns = pd.read_csv(path, nrows=0).columns
        assert [name for name in columns if name not in explained and not name.startswith(families)] == [], path.name
        if not path.name.endswith(("-curves.csv.gz", "-tested.csv")):
            assert path.name in explained
    counts = dict(re.findall(r"^\| `([\w-]+)\.csv` \| ([\d,]+) \|", page, re.MULTILINE))
    assert set(TABLES) <= set(counts)
    for name, count in counts.items():
        assert len(pd.read_csv(RESULTS / f"{name}.csv", usecols=[0])) == int(count.replace(",", "")), name
