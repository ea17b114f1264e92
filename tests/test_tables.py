"""The stored tables: whole, readable, with today's names."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.questions import KEYS, QUESTIONS
from experiments.rows import read_digests
from helpers.stats import stopped_loss
from helpers.tables import FOLDER, curves_path, read_images, read_results, run_name, settings_of

# What is stored

TABLES = sorted(path.name.removesuffix("-curves.csv") for path in FOLDER.glob("*-curves.csv"))
GROWING = {f"{name}{end}" for name in QUESTIONS for end in (".csv", "-answers.npz")}  # until all runs are there


@pytest.mark.parametrize("name", TABLES)
def test_every_run_of_a_table_is_evaluated_when_the_others_are(name):
    table = read_results(FOLDER / f"{name}.csv")
    keys = settings_of(FOLDER / f"{name}.csv", table)
    for updates, part in table.groupby("updates"):
        expected = sorted(part["update"].unique())
        assert expected[-1] == updates and sum(update > 0.9 * updates for update in expected) == 5
        assert len(part) == len(expected) * part[keys].drop_duplicates().shape[0]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_registered_question_has_no_other_runs_and_all_once_its_labels_are_read(name):
    path, registered = FOLDER / f"{name}.csv", {run_name(setting.values()) for setting in QUESTIONS[name]()}
    for file in (path, path.with_name(f"{name}-tested.csv")):
        if file.exists():
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
            found = [run_name(row) for row in table[list(KEYS)].itertuples(index=False)]
            assert len(set(found)) == len(found) and set(found) <= registered
            assert file is path or set(found) == registered


# The share of images of even number where they are odd in number: 581 cells, and folds of 589, 563 and 561.
ODD_SETS = dict.fromkeys(["solar-cells", "solar-cells-64", "solar-cells-1-to-10"], 291 / 581) | {
    f"solar-cells-without-{fold}": (size + 1) / 2 / size for fold, size in ((0, 589), (1, 563), (3, 561))
}


@pytest.mark.parametrize("name", TABLES)
def test_halves_of_the_validation_images_average_to_the_whole(name):
    table = read_results(FOLDER / f"{name}.csv")
    even = table["dataset"].map(lambda name: ODD_SETS.get(name, 0.5))
    halves = even * table["val_loss_even"] + (1 - even) * table["val_loss_odd"]
    np.testing.assert_allclose(halves, table["val_loss"], atol=2e-5)


def test_old_names_are_renamed_on_reading_and_nothing_else_is():
    path = FOLDER / "static-versus-live.csv"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    text = pd.read_csv(path)
    assert set(text["policy"]) == {"mild", "article"} and set(text["model"]) == {"article", "deeper"}
    table, keys = read_results(path), settings_of(path, text)
    runs = table[keys].drop_duplicates().reset_index(drop=True)
    expected = text[keys].replace({"policy": {"article": "wide"}, "model": {"article": "small"}})
    pd.testing.assert_frame_equal(runs, expected)
    curves = pd.read_csv(curves_path(path))
    pd.testing.assert_frame_equal(table.iloc[:, len(keys) :], curves.drop(columns="run"))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest  # stored files keep their bytes


def test_stored_files_are_those_that_were_collected():
    noted = read_digests(FOLDER)
    # checkup.csv is compared with the check-up itself.
    stored = {path.name for path in FOLDER.iterdir() if path.suffix in (".csv", ".npz")} - {"checkup.csv"}
    assert set(noted) <= stored and stored - set(noted) <= GROWING
    found = {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in noted}
    changed = sorted(name for name in noted if found[name] != noted[name])
    assert not changed, "changed since it was collected; restore it, or note_digests of experiments.rows"


@pytest.mark.parametrize("name", TABLES)
def test_the_summaries_of_runs_follow_from_their_curves(name):
    path = FOLDER / f"{name}.csv"
    runs, curves = pd.read_csv(path), pd.read_csv(curves_path(path))
    keys = settings_of(path, runs)
    runs.index = pd.Index([run_name(row) for row in runs[keys].itertuples(index=False)], name="run")
    late = curves[curves["update"] > 0.9 * curves["run"].map(runs["updates"])]
    means = late.drop(columns="update").groupby("run").mean()
    assert len(means.columns) >= 9  # with those of the validation images and of the shown ones
    np.testing.assert_allclose(runs[means.columns], means.loc[runs.index], atol=1.1e-5)
    halves = curves.groupby("run")[["val_loss_even", "val_loss_odd"]]
    stopped = halves.apply(lambda run: stopped_loss(run["val_loss_even"], run["val_loss_odd"]))
    # Where two evaluations are lowest after rounding, the other one may have been meant: 11 of 5,908 runs.
    assert np.mean(abs(stopped - runs["val_loss_stopped"]) > 1.1e-5) < 0.02


def test_the_losses_of_images_are_those_of_their_runs():
    images, runs = read_images(FOLDER / "law.csv"), pd.read_csv(FOLDER / "law.csv")
    runs.index = pd.Index([run_name(row) for row in runs.loc[:, :"replicate"].itertuples(index=False)])
    assert set(images) == set(runs.index[runs["regime"].isin([1, 3, 7, 11])])
    for part, column in ((slice(0, None, 2), "val_loss_even"), (slice(1, None, 2), "val_loss_odd")):
        means = pd.Series({name: losses[part].astype(float).mean() for name, losses in images.items()})
        np.testing.assert_allclose(means, runs.loc[means.index, column], rtol=1e-3, atol=1e-4)


# Reading

SETTING = {
    "dataset": "garments", "n": 32, "policy": "article", "model": "deeper", "arm": "copies-2", "replicate": 0,
}  # fmt: skip


def write(path):
    """A small table of two runs, as version 0.1 named things."""
    settings = [SETTING | {"replicate": replicate} for replicate in (0, 1)]
    curves = [
        {"run": run_name(setting.values()), "update": update, "val_loss": 0.5, "val_accuracy": 0.75}
        for setting in settings
        for update in (10, 20)
    ]
    pd.DataFrame([setting | {"val_loss": 0.5, "seconds": 1.25} for setting in settings]).to_csv(path, index=False)
    pd.DataFrame(curves).to_csv(curves_path(path), index=False)
    return path


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "table.csv")


def test_settings_stand_beside_each_evaluation_with_the_types_that_they_have(path):
    table = read_results(path)
    expected = [
        SETTING | {"policy": "wide", "replicate": replicate, "update": update}
        for replicate in (0, 1)
        for update in (10, 20)
    ]
    expected = [row | {"val_loss": 0.5, "val_accuracy": 0.75} for row in expected]
    pd.testing.assert_frame_equal(table, pd.DataFrame(expected), check_dtype=False)
    for column in ("n", "replicate", "update"):
        assert pd.api.types.is_integer_dtype(table[column]), column


def test_a_missing_table_is_named(path):
    curves_path(path).unlink()
    for absent in (path, path.with_name("none.csv")):
        with pytest.raises(FileNotFoundError, match=f"{absent.stem}-curves.csv was not found"):
            read_results(absent)


def line(number, edit):
    """Changes one line of a text."""

    def change(text):
        lines = text.splitlines(keepends=True)
        lines[number - 1] = edit(lines[number - 1])
        return "".join(lines)

    return change


def last(value):
    """Puts something in place of a line's last value."""
    return lambda text: f"{text.rsplit(',', 1)[0]}{value}\n"


RUN = "garments:32:article:deeper:copies-2:1"
DAMAGES = [  # of which file, how, and what the refusal names
    *((which, line(3, last(value)), "line 3: found .* expected a possible number for")
      for which in (Path, curves_path) for value in (",much", ",NaN", ",-0.5", "")),
    *((which, line(3, lambda text: "\n"), "line 3: found .* expected a name for") for which in (Path, curves_path)),
    *((Path, line(3, lambda text, value=value: text.replace(",32,", value)), "expected a whole number for n[.]")
      for value in (",12x,", ",32.5,", ",٣٢,")),
    (Path, line(3, lambda text: text.replace(",1,0.5,", ",-1,0.5,")), "a whole number for replicate"),
    (curves_path, line(2, lambda text: text.replace(",10,", ",1e1,")), "a whole number for update"),
    (curves_path, line(2, last(",1.7")), "a possible number for val_accuracy"),
    (Path, line(3, lambda text: text.strip() + ",1\n"), "rows of other lengths than its header"),
    *((which, lambda text: text.replace("\n", ",1\n").replace(",1\n", "\n", 1), "rows of other lengths")
      for which in (Path, curves_path)),  # too long, all of them
    (Path, lambda text: "a,b,c\n1,2,3\n", "expected settings up to replicate"),
    (Path, lambda text: "some note\nand more\n", "table.csv has"),
    *((which, lambda text: text.splitlines()[0] + "\n", "hold different runs") for which in (Path, curves_path)),
    (Path, lambda text: text[: text.rindex("garments")], "hold different runs"),
    (curves_path, lambda text: "".join(text.splitlines(keepends=True)[:3]), "hold different runs"),
    (Path, lambda text: text + text.splitlines()[2] + "\n", f"the run {RUN} twice"),
    (curves_path, lambda text: text + f"{RUN},20,0.6,0.5\n", f"the run {RUN} at 20 twice"),
]  # fmt: skip


@pytest.mark.parametrize(("which", "edit", "named"), DAMAGES)
def test_a_damaged_table_is_refused(path, which, edit, named):
    file = which(path)
    file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=named) as error:
        read_results(path)
    assert str(path.parent) in str(error.value)


def test_bytes_that_are_no_text_are_refused(path):
    path.write_bytes(path.read_bytes().replace(b"garments", "Mäntel".encode("latin-1"), 1))
    with pytest.raises(ValueError, match="is not UTF-8 text"):
        read_results(path)


def test_what_a_diverged_run_measured_is_read_as_it_is(path):
    path.write_text(line(2, last(",nan"))(path.read_text(encoding="utf-8")), encoding="utf-8")
    curves = curves_path(path).read_text(encoding="utf-8")
    curves = line(3, last(",nan"))(line(4, lambda text: text.replace(",0.5,", ",inf,"))(curves))
    curves_path(path).write_text(curves, encoding="utf-8")
    table = read_results(path)
    assert table["val_accuracy"].isna().tolist() == [False, True, False, False]
    assert np.isinf(table["val_loss"]).tolist() == [False, False, True, False]


def test_a_name_with_a_colon_is_refused():
    with pytest.raises(ValueError, match="'a:b' holds a colon"):
        run_name(["garments", "a:b", 3])


# Benchmarks and the page of the tables


@pytest.mark.parametrize(
    ("name", "keys", "contenders"),
    [
        ("throughput", ["cores", "size", "augmenter", "dtype"], 2 * 4 * 14),
        ("step-time", ["cores", "augmenter"], 2 * 6),
        ("peak-memory", ["augmenter"], 7),
    ],
)
def test_a_benchmark_has_every_round_of_every_contender(name, keys, contenders):
    table = pd.read_csv(FOLDER / f"{name}.csv")
    rounds = table.groupby(keys)["round"].apply(sorted).map(tuple)
    assert len(rounds) == contenders and rounds.nunique() == 1
    numbers = table.drop(columns=[*keys, "round", "versions"])
    assert (numbers > 0).all(axis=None) and table["versions"].nunique() == 1


def test_the_page_of_the_tables_explains_every_file_and_column_and_counts_the_runs():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall("`([^`\n]+)`", page))
    families = tuple(name[:-1] for name in explained if name.endswith("_*"))
    for path in sorted(FOLDER.glob("*.csv")):
        columns = pd.read_csv(path, nrows=0).columns
        assert [name for name in columns if name not in explained and not name.startswith(families)] == [], path.name
        if not path.stem.endswith(("-curves", "-tested")):
            assert path.name in explained
    counts = dict(re.findall(r"^\| `([\w-]+)\.csv` \| ([\d,]+) \|", page, re.MULTILINE))
    assert set(TABLES) <= set(counts)
    for name, count in counts.items():
        assert len(pd.read_csv(FOLDER / f"{name}.csv", usecols=[0])) == int(count.replace(",", "")), name
