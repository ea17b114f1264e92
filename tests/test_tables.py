"""The stored tables: whole, readable, with today's names."""

import functools
import gzip
import hashlib
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from helpers.data import RESULTS, read_results, read_runs
from helpers.stats import Interval, measure_of, paired_interval, verdict
from make_tables import figures, pages, registered, verdicts
from make_tables.lessons import LESSONS, make

CURVES = sorted(path.name for path in RESULTS.glob("*-curves.csv.gz"))
TABLES = [name.removesuffix("-curves.csv.gz") for name in CURVES]
OBSERVED = pd.read_csv(RESULTS / "verdicts.csv", keep_default_na=False)
DIGESTS = (RESULTS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
NEWEST = ("8", "9", "10")  # see make_tables/registered.py
NOTED = dict(reversed(line.split()) for line in DIGESTS)

# What is stored


def test_stored_files_are_those_that_were_collected():
    stored = {path.name for path in RESULTS.iterdir() if path.suffix in (".csv", ".gz", ".npz")}
    stored -= {"checkup.csv", "evidence.csv"}  # are compared with what they are made from
    stored |= {f"programs/{path.name}" for path in (RESULTS / "programs").iterdir()}
    # Answers about single images are in the history alone.
    by_digest = {name for name in NOTED if name.endswith(".npz")}
    assert set(NOTED) - by_digest <= stored <= set(NOTED)
    changed = []
    for name in sorted(set(NOTED) & stored):
        digest = hashlib.sha256((RESULTS / name).read_bytes()).hexdigest()
        if digest != NOTED[name]:
            changed.append(name)
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
    tables = len(pages.BLOCK.findall(text))
    assert text.count("<!-- table: ") == text.count("<!-- end -->") == tables


def test_tables_show_every_prediction_that_failed():
    page = (RESULTS / "tables.md").read_text(encoding="utf-8")
    failed = OBSERVED[OBSERVED["scored"] & (OBSERVED["predicted verdict"] != OBSERVED["verdict"])]
    hidden = [line for line in failed.itertuples() if not is_shown(line, page)]
    assert not failed.empty and not hidden, "give these a label in verdicts.csv, and a table"


def is_shown(line, page):
    """Whether one of the page's tables of the line's question and measure has its label."""
    for block in pages.BLOCK.finditer(page):
        question, _, measures = block[2].removeprefix("predicted ").partition(": ")
        fits = question == line.question and line.measure in measures.split(", ")
        if fits and line.label and f"| {line.label} |" in block[3]:
            return True
    return False


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_figure_of_results_holds_the_numbers_of_the_rows(name):
    figure = Image.open(figures.DOCS / f"results-{name}.png")
    assert figure.info["numbers"] == figures.numbers(figures.lines_of(name)), "make tables"


def test_in_a_figure_better_is_blue_and_worse_is_red():
    lines = verdicts.observed("0").query("verdict in ['better', 'worse']")
    drawn = figures.intervals(lines, "").axes[0].lines
    hollow = [dot for dot in drawn if dot.get_fillstyle() == "none"]
    plt.close()
    for verdict_of_line, dot in zip(lines["verdict"], hollow, strict=True):
        red, _, blue = to_rgb(dot.get_color())
        assert verdict_of_line == ("better" if blue > red else "worse")
    assert [dot.get_xdata().item() for dot in hollow] == (100 * lines["predicted"]).tolist()


@functools.cache
def judged(question):
    """What the registered rules say of question 8, 9 or 10, by task and contrast."""
    return registered.judge(question).set_index(["task", "contrast"])


@pytest.mark.parametrize("table", OBSERVED["table"].unique())
def test_a_stored_verdict_is_that_of_the_rows_and_of_its_interval(table):
    for line in OBSERVED[OBSERVED["table"] == table].to_dict("records"):
        mean, half = line["observed"], line["half"]
        if line["question"] in NEWEST:
            again = judged(int(line["question"])).loc[line["setting"], line["first"]]
            found = again[["observed", "half", "half_paired"]].tolist()
            assert [mean, half, line["half_paired"]] == pytest.approx(found, abs=1e-7)
            assert line["p"] == pytest.approx(again["p"], rel=1e-3)
        else:
            runs = verdicts.select(verdicts.read(table), line["setting"])
            differences = verdicts.pairs(runs, line["first"], line["second"], line["measure"])
            paired = paired_interval(differences)
            assert mean == pytest.approx(paired.mean, abs=1e-7)
            assert line["half_paired"] == pytest.approx(paired.high - paired.mean, abs=1e-7)
        assert half >= line["half_paired"]
        margin, lower = measure_of(line["measure"])
        word = verdict(Interval(mean, mean - half, mean + half), margin, lower)
        if line["question"] in NEWEST and line["primary"] and line["first"] != "worth":
            word = "better" if mean > 0 else "worse"  # equivalent isn't registered for these
        corrected = line["question"] in ("6", "7", *NEWEST) and line["primary"]
        if corrected and line["p"] >= 0.05 and word in ("better", "worse"):
            word = "undecided"  # Holm's correction
        assert line["verdict"] == word
        worst = mean + half if lower else half - mean
        assert line["not_worse"] == (worst < margin)
        predicted = line["predicted"]
        # A predicted number on the margin is within it.
        says = verdict(Interval(predicted, predicted, predicted), margin + 1e-9, lower)
        assert line["predicted verdict"] == says
        beyond = max(abs(predicted), abs(mean)) > margin
        assert line["scored"] == (word != "undecided" and beyond)


def test_a_prediction_of_a_question_that_is_judged_has_its_line():
    predicted = pd.read_csv(RESULTS / "predictions.csv", dtype={"question": str})
    stored = OBSERVED[OBSERVED["question"].isin(NEWEST)]
    lines = stored[["question", "setting", "first", "predicted", "always yes"]]
    kept = predicted[predicted["question"].isin(lines["question"])]
    assert "9" in set(kept["question"])
    assert set(map(tuple, kept.to_numpy())) == set(map(tuple, lines.to_numpy()))


def test_what_copies_gain_as_written_is_length_and_return():
    found = judged(9)["observed"]
    for pair in registered.ARTICLE_PAIRS:
        for copies in registered.COPIES[1:]:
            parts = found[pair, f"length, {copies}"] + found[pair, f"return, {copies}"]
            assert found[pair, f"as written, {copies}"] == pytest.approx(parts)


# Reading


OLD_RUNS = """\
arm,policy,model,rate,replicate,val_loss
none,wide,article,0.001,0,0.5
none,mild,deeper,quarter,1,0.5
"""
OLD_CURVES = """\
run,update,val_loss
none:wide:article:0.001:0,10,inf
none:mild:deeper:quarter:1,10,nan
"""


def test_curves_have_the_settings_of_their_runs_in_today_s_names_diverged_or_not(tmp_path):
    (tmp_path / "table.csv").write_text(OLD_RUNS, encoding="utf-8")
    (tmp_path / "table-curves.csv.gz").write_bytes(gzip.compress(OLD_CURVES.encode()))
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
        others = set(pd.read_csv(path, nrows=0).columns) - explained
        assert all(name.startswith(families) for name in others), path.name
        if not path.name.endswith(("-curves.csv.gz", "-tested.csv", "-shared.csv")):
            assert path.name in explained
    exec(re.search(r"```python\n(.+?)```", page, re.DOTALL)[1], names := {})
    assert "method" in names["study"]
    counts = dict(re.findall(r"^\| `([\w-]+)\.csv` \| ([\d,]+) \|", page, re.MULTILINE))
    assert set(TABLES) <= set(counts)
    for name, count in counts.items():
        runs = pd.read_csv(RESULTS / f"{name}.csv", usecols=[0])
        assert f"{len(runs):,}" == count, name
