"""The graded assignments without otter-grader: masters, variant, public checks. With it: make check-assignments."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import assign
import jupytext
import links
import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import helpers.compare

ROOT = Path(__file__).resolve().parent.parent
VARIANT = assign.Variant(224, 9, 987_654_321)
SETTING = links.Setting("somebody/series", "v1")
NEAR = {  # answers with a mistake that the public test of the question lets pass
    ("02_a_fair_comparison", "q2"): """
def epochs_of_fit(images, copies, originals, updates):  # forgets the originals
    return -(-updates // -(-images * copies // 32))""",
    ("02_a_fair_comparison", "q6"): """
def fair_differences(curves, first, second):  # cuts to an arm that nobody asked for
    common = curves.groupby("arm")["update"].max().min()
    return differences(summarise(curves[curves["update"] <= common]), first, second)""",
    ("05_how_many_copies", "q2"): """
def order(images, updates, limit, originals):  # takes the originals for granted
    return max(1, int(np.ceil(updates * 32 / images / limit)) - 1)""",
    ("07_modern_pipelines", "q3"): """
def share_new(first, second):  # counts a repeated picture once
    seen, shown = ({picture.tobytes() for picture in pictures} for pictures in (first, second))
    return len(shown - seen) / len(shown)""",
    ("07_modern_pipelines", "q6"): """
def repaired(x, y, augment):  # one order for all epochs
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), reshuffle_each_iteration=False)
    return data.batch(32, drop_remainder=True).map(lambda images, labels: (augment(images), labels)).prefetch(2)""",
}
every_master = pytest.mark.parametrize("name", assign.NAMES)


def filled(name, variant=VARIANT):
    """What otter gets of a master: the cells of the tests by question, and the other cells."""
    tests, rest, now, in_tests = {}, [], "", False
    for cell in assign.fill(jupytext.read(assign.MASTERS / f"{name}.py"), variant, SETTING).cells:
        if cell.cell_type == "raw":
            in_tests = cell.source == "# BEGIN TESTS"
            if cell.source.startswith("# BEGIN QUESTION"):
                now = re.search(r"name: (\w+)", cell.source)[1]
                tests[now] = []
        elif in_tests:
            tests[now].append(cell.source)
        else:
            rest.append(cell)
    return tests, rest


def solved(name):
    """The names that a master's solution leaves behind, and the cells of the tests by question."""
    tests, rest = filled(name)
    found = {}
    for cell in rest:
        if cell.cell_type == "code" and not {"first", "checks"} & set(assign.tags_of(cell)):
            exec(cell.source, found)
    return found, tests


def made_up(data, arms, policy, n, updates, replicates, evaluate_at, show_progress=True):
    """Curves in the place of compare's, which would train for minutes: numbers that follow from the setting alone."""
    arms = [arms] if isinstance(arms, str) else arms
    rows = []
    for replicate in range(replicates) if isinstance(replicates, int) else replicates:
        for arm in arms:
            for update in evaluate_at:
                drawn = np.random.default_rng([n, replicate, update, *arm.encode()]).random(5)
                rows.append([arm, replicate, update, *drawn])
    metrics = ["val_loss", "val_loss_even", "val_loss_odd", "val_accuracy", "val_loss_scaled"]
    return pd.DataFrame(rows, columns=["arm", "replicate", "update", *metrics])


@every_master
def test_a_solution_passes_all_its_tests_and_a_hidden_one_refuses_what_passes_the_public_one(name, monkeypatch):
    monkeypatch.setattr(helpers.compare, "compare", made_up)
    found, tests = solved(name)
    for question, sources in tests.items():
        for source in sources:
            exec(source, dict(found))
        if (name, question) in NEAR:
            nearly, (public, hidden) = dict(found), sources
            exec(NEAR[name, question], nearly)
            exec(public, nearly)
            with pytest.raises(AssertionError):
                exec(hidden, nearly)


@every_master
def test_a_student_gets_variant_checks_and_address_and_only_the_tests_know_the_key(name):
    tests, rest = filled(name)
    assert not re.search(r"\b(KEY|IMAGES|SEED)\b", str(tests)) and str(VARIANT.key) in str(tests)
    told = nbformat.writes(new_notebook(cells=rest))
    assert "KEY" not in told and str(VARIANT.key) not in told
    assert "OWNER/NAME" not in told and "somebody/series/blob/v1/" in told
    assert not re.search(r"\b(import|from) otter\b", told)
    for tag, part in {"first": "--branch=v1", "checks": "PUBLIC_CHECKS = {'q1': ", "variant": "IMAGES = 224"}.items():
        assert [part in cell.source for cell in rest if tag in assign.tags_of(cell)] == [True]


def test_a_variant_that_no_assignment_can_work_with_is_refused_by_its_name(tmp_path):
    text, path = (assign.MASTERS / "variant.toml").read_text(encoding="utf-8"), tmp_path / "my.toml"
    for change in ("images = 100", "seed = -1", "key = 7"):
        name = change.split(" = ")[0]
        path.write_text(re.sub(rf"^{name} = .*$", change, text, flags=re.MULTILINE))
        with pytest.raises(ValueError, match=f"{name} is"):
            assign.read_variant(path)
    for content in ("key = no", text + "\nkeys = 7"):
        path.write_text(content)
        with pytest.raises(ValueError, match="not TOML|expected images, seed, key"):
            assign.read_variant(path)


def test_a_fingerprint_is_of_all_that_students_see_and_not_of_the_key():
    seen = [VARIANT._replace(images=192), VARIANT._replace(seed=3)]
    assert len({assign.fingerprint(variant) for variant in [VARIANT, *seen]}) == 3
    assert assign.fingerprint(VARIANT) == assign.fingerprint(VARIANT._replace(key=123_456))


def test_building_without_otter_or_a_variant_leaves_what_was_built(tmp_path, monkeypatch):
    kept, missing = tmp_path / "assignments" / "kept", tmp_path / "my.toml"
    kept.mkdir(parents=True)
    for otter, kind in ((None, ImportError), (pytest, FileNotFoundError)):
        monkeypatch.setitem(assign.sys.modules, "otter", otter)
        with pytest.raises(kind):
            assign.build(missing, kept.parent, [], SETTING)
    assert kept.exists()


def test_public_checks_say_the_first_thing_that_is_wrong_and_leave_nothing_behind(capsys):
    tests = {"test": "found = answer\nassert found is not ..., 'answer is still to come.'\n"
                     "assert answer == 3, f'expected 3, found {answer}.'",
             "hidden": "assert answer == 987654, 'secret'"}  # fmt: skip
    cells = [new_code_cell(source, metadata={"tags": [tag]}) for tag, source in tests.items()]
    filled = assign.fill(new_notebook(cells=[new_code_cell("# title"), *cells]), VARIANT, SETTING)
    (cell,) = [cell for cell in filled.cells if "checks" in assign.tags_of(cell)]
    assert "secret" not in cell.source
    names = {}
    exec(cell.source, names)
    for answer in (..., 4, 3):
        names["answer"] = answer
        names["grader"].check("q1")
    assert capsys.readouterr().out.splitlines() == [
        "q1: answer is still to come.",
        "q1: expected 3, found 4.",
        "q1: the public checks pass.",
    ]
    assert "found" not in names


@pytest.mark.parametrize("place", ["../notebooks", "static-versus-live/notebooks"])
def test_the_first_cell_finds_the_series_beside_its_folder_or_in_it(place, tmp_path):
    here = tmp_path / "assignments"
    (here / place).mkdir(parents=True)
    (here / place / "series.py").write_text("def prepare():\n    print('found')")
    _, rest = filled(assign.NAMES[0])
    (cell,) = [cell for cell in rest if "first" in assign.tags_of(cell)]
    run = subprocess.run([sys.executable, "-c", cell.source], cwd=here, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("found\n", "")
