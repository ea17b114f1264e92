"""The stored tables: whole, readable, with today's names."""

import gzip
import hashlib
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from experiments import figures, pages, verdicts
from experiments.tables import LESSONS, make
from helpers.data import RESULTS, read_results, read_runs
from helpers.stats import Interval, measure_of, paired_interval, verdict

TABLES = sorted(
    path.name.removesuffix("-curves.csv.gz") for path in RESULTS.glob("*-curves.csv.gz")
)
OBSERVED = pd.read_csv(RESULTS / "verdicts.csv", keep_default_na=False)
NOTED = dict(
    reversed(line.split())
    for line in (RESULTS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
)

# What is stored


def test_stored_files_are_those_that_were_collected():
    stored = {path.name for path in RESULTS.iterdir() if path.suffix in (".csv", ".gz", ".npz")}
    stored.remove("checkup.csv")  # is compared with the check-up itself
    by_digest = {
        name for name in NOTED if name.endswith(".npz")
    }  # of single images: in the history
    assert set(NOTED) - by_digest <= stored <= set(NOTED)
    found = {
        name: hashlib.sha256((RESULTS / name).read_bytes()).hexdigest()
        for name in set(NOTED) & stored
    }
    changed = sorted(name for name in found if found[name] != NOTED[name])
    assert not changed, "changed since it was collected; restore it, or note its digest"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_s_table_is_what_its_source_holds(name):
    stored = pd.read_csv(RESULTS / "lessons" / f"{name}.csv")
    pd.testing.assert_frame_equal(stored, make(name), check_dtype=False)
    assert {path.stem for path in (RESULTS / "lessons").iterdir()} == set(LESSONS)


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_the_tables_in_a_page_are_those_of_the_rows(page):
    text = page.read_text(encoding="utf-8")
    assert text == pages.filled(text), "run `make tables`"
    assert (
        text.count("<!-- table: ") == text.count("<!-- end -->") == len(pages.BLOCK.findall(text))
    )


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_figure_of_results_holds_the_numbers_of_the_rows(name):
    figure = Image.open(figures.DOCS / f"results-{name}.png")
    assert figure.info["numbers"] == figures.numbers(figures.lines_of(name)), "make tables"


@pytest.mark.parametrize("table", OBSERVED["table"].unique())
def test_a_stored_verdict_is_that_of_the_rows_and_of_its_interval(table):
    for line in OBSERVED[OBSERVED["table"] == table].to_dict("records"):
        runs, measure = verdicts.select(verdicts.read(table), line["setting"]), line["measure"]
        paired = paired_interval(verdicts.pairs(runs, line["first"], line["second"], measure))
        (margin, lower), mean, half = measure_of(measure), line["observed"], line["half"]
        assert mean == pytest.approx(paired.mean, abs=1e-7)
        assert half >= line["half_paired"] == pytest.approx(paired.high - paired.mean, abs=1e-7)
        word = verdict(Interval(mean, mean - half, mean + half), margin, lower)
        if (
            line["question"] in ("6", "7")
            and line["primary"]
            and line["p"] >= 0.05
            and word in ("better", "worse")
        ):
            word = "undecided"  # Holm's correction
        assert line["verdict"] == word and line["not_worse"] == (
            half + (mean if lower else -mean) < margin
        )
        predicted = line["predicted"]
        assert line["predicted verdict"] == verdict(
            Interval(*[predicted] * 3), margin + 1e-9, lower
        )
        assert line["scored"] == (word != "undecided" and max(abs(predicted), abs(mean)) > margin)


# Reading


RUNS = "arm,policy,model,rate,replicate,val_loss\nnone,wide,article,0.001,0,0.5\nnone,mild,deeper,quarter,1,0.5\n"
CURVES = (
    "run,update,val_loss\nnone:wide:article:0.001:0,10,inf\nnone:mild:deeper:quarter:1,10,nan\n"
)


def test_curves_have_the_settings_of_their_runs_in_today_s_names_and_one_that_diverged_is_read_as_it_is(
    tmp_path,
):
    (tmp_path / "table.csv").write_text(RUNS, encoding="utf-8")
    (tmp_path / "table-curves.csv.gz").write_bytes(gzip.compress(CURVES.encode()))
    settings = {"method": "none", "policy": ["article", "mild"], "model": ["small", "deeper"]}
    settings |= {"rate": ["0.001", "quarter"], "replicate": [0, 1]}
    expected = pd.DataFrame(settings | {"update": 10, "val_loss": [np.inf, np.nan]})
    pd.testing.assert_frame_equal(read_results(tmp_path / "table.csv"), expected)
    runs = expected.drop(columns="update").assign(val_loss=0.5)
    pd.testing.assert_frame_equal(read_runs(tmp_path / "table.csv"), runs)


# The page of the tables


def test_the_page_of_the_tables_explains_every_file_and_column_and_counts_the_runs():
    page = (RESULTS / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall("`([^`\n]+)`", page))
    families = tuple(name[:-1] for name in explained if name.endswith("_*"))
    for path in sorted([*RESULTS.glob("*.csv"), *RESULTS.glob("*.csv.gz")]):
        columns = pd.read_csv(path, nrows=0).columns
        assert [
            name for name in columns if name not in explained and not name.startswith(families)
        ] == [], path.name
        if not path.name.endswith(("-curves.csv.gz", "-tested.csv", "-shared.csv")):
            assert path.name in explained
    exec(re.search(r"```python\n(.+?)```", page, re.DOTALL)[1], names := {})
    assert "method" in names["study"]
    counts = dict(re.findall(r"^\| `([\w-]+)\.csv` \| ([\d,]+) \|", page, re.MULTILINE))
    assert set(TABLES) <= set(counts)
    for name, count in counts.items():
        assert len(pd.read_csv(RESULTS / f"{name}.csv", usecols=[0])) == int(
            count.replace(",", "")
        ), name
