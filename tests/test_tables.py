"""The stored tables: whole, readable, with today's names."""

import gzip
import hashlib
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from experiments import figures, pages, verdicts
from experiments.settings import QUESTIONS
from experiments.tables import LESSONS, make
from helpers.data import RESULTS, read_results

TABLES = sorted(path.name.removesuffix("-curves.csv.gz") for path in RESULTS.glob("*-curves.csv.gz"))
REGISTERED = verdicts.predictions()["table"].unique()
# Until they are whole.
GROWING = {f"{name}{end}" for name in {*REGISTERED, *QUESTIONS} for end in (".csv", "-answers.npz")}
NOTED = dict(reversed(line.split()) for line in (RESULTS / "SHA256SUMS").read_text(encoding="utf-8").splitlines())

# What is stored


@pytest.mark.parametrize("name", [name for name in REGISTERED if (RESULTS / f"{name}-tested.csv").exists()])
def test_the_tested_runs_of_a_registered_question_are_all_that_it_has(name):
    runs, tested = (pd.read_csv(RESULTS / f"{name}{end}.csv", dtype=str) for end in ("", "-tested"))
    keys = list(runs.loc[:, :"replicate"])
    assert not runs.duplicated(keys).any() and len(runs) == len(tested)
    assert len(runs[keys].merge(tested[keys])) == len(runs)


def test_stored_files_are_those_that_were_collected():
    # checkup.csv is compared with the check-up itself, the other one with the rows that they belong to.
    compared = {"checkup.csv", "predictions.csv"}
    stored = {path.name for path in RESULTS.iterdir() if path.suffix in (".csv", ".gz", ".npz")} - compared
    by_digest = {name for name in NOTED if name.endswith(".npz")}  # of single images: in the history
    assert set(NOTED) - by_digest <= stored and stored - set(NOTED) <= GROWING
    found = {name: hashlib.sha256((RESULTS / name).read_bytes()).hexdigest() for name in set(NOTED) & stored}
    changed = sorted(name for name in found if found[name] != NOTED[name])
    assert not changed, "changed since it was collected; restore it, or note_digests of experiments.rows"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_s_table_is_what_its_source_holds(name):
    stored = pd.read_csv(RESULTS / "lessons" / f"{name}.csv")
    pd.testing.assert_frame_equal(stored, make(name), check_dtype=False)
    assert {path.stem for path in (RESULTS / "lessons").iterdir()} == set(LESSONS)


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_the_tables_in_a_page_are_those_of_the_rows(page):
    text = page.read_text(encoding="utf-8")
    assert text == pages.filled(text), "run `make tables`"
    assert text.count("<!-- table: ") == text.count("<!-- end -->") == len(pages.BLOCK.findall(text))


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_figure_of_results_holds_the_numbers_of_the_rows(name):
    if len(lines := figures.lines_of(name)):
        assert Image.open(figures.DOCS / f"results-{name}.png").info["numbers"] == figures.numbers(lines), "make tables"


# Reading


def test_settings_stand_beside_each_evaluation_with_their_types_and_old_names_are_renamed():
    path = RESULTS / "static-versus-live.csv"
    text, curves = pd.read_csv(path), pd.read_csv(RESULTS / "static-versus-live-curves.csv.gz")
    settings = text.loc[:, :"replicate"]
    assert set(text["policy"]) == {"mild", "article"} and set(text["model"]) == {"article", "deeper"}
    table, keys = read_results(path), [key.replace("arm", "method") for key in settings]
    pd.testing.assert_frame_equal(table.drop(columns=keys), curves.drop(columns="run"))
    assert set(table["policy"]) == {"mild", "article"} and set(table["model"]) == {"small", "deeper"}
    old_names = table[keys].replace({"model": {"small": "article"}})
    assert old_names.astype(str).agg(":".join, axis=1).tolist() == curves["run"].tolist()
    assert table[keys].dtypes.tolist() == settings.dtypes.tolist()
    newer = RESULTS / "freeze-or-renew.csv"
    stored, renamed = set(pd.read_csv(newer)["policy"]), set(read_results(newer)["policy"])
    assert "wide" in stored and renamed == stored - {"wide"} | {"article"}


@pytest.mark.parametrize("name", TABLES)
def test_both_files_of_a_table_hold_the_same_runs_once_each(name):
    written = pd.read_csv(RESULTS / f"{name}.csv", dtype=str, keep_default_na=False)
    runs = written.loc[:, :"replicate"].agg(":".join, axis=1)
    evaluations = pd.read_csv(RESULTS / f"{name}-curves.csv.gz", usecols=["run", "update"])
    assert runs.is_unique and set(runs) == set(evaluations["run"])
    assert not evaluations.duplicated(["run", "update"]).any()


RUNS = "arm,rate,replicate,val_loss\nnone,0.001,0,0.5\nnone,quarter,1,0.5\n"
CURVES = "run,update,val_loss\nnone:0.001:0,10,inf\nnone:quarter:1,10,nan\n"


def test_a_diverged_run_is_read_as_it_is(tmp_path):
    (tmp_path / "table.csv").write_text(RUNS, encoding="utf-8")
    (tmp_path / "table-curves.csv.gz").write_bytes(gzip.compress(CURVES.encode()))
    table = read_results(tmp_path / "table.csv")
    assert table["rate"].tolist() == ["0.001", "quarter"] and table["method"].tolist() == ["none"] * 2
    assert np.isposinf(table["val_loss"][0]) and np.isnan(table["val_loss"][1])


# The page of the tables


def test_the_page_of_the_tables_explains_every_file_and_column_and_counts_the_runs():
    page = (RESULTS / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall("`([^`\n]+)`", page))
    families = tuple(name[:-1] for name in explained if name.endswith("_*"))
    for path in sorted([*RESULTS.glob("*.csv"), *RESULTS.glob("*.csv.gz")]):
        columns = pd.read_csv(path, nrows=0).columns
        assert [name for name in columns if name not in explained and not name.startswith(families)] == [], path.name
        if not path.name.endswith(("-curves.csv.gz", "-tested.csv", "-shared.csv")):
            assert path.name in explained
    exec(re.search(r"```python\n(.+?)```", page, re.DOTALL)[1], names := {})
    assert "method" in names["study"]
    counts = dict(re.findall(r"^\| `([\w-]+)\.csv` \| ([\d,]+) \|", page, re.MULTILINE))
    assert set(TABLES) <= set(counts)
    for name, count in counts.items():
        assert len(pd.read_csv(RESULTS / f"{name}.csv", usecols=[0])) == int(count.replace(",", "")), name
