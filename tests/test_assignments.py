"""The graded assignments without otter-grader: masters, variant, public checks. With it: make check-assignments."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import assign  # noqa: E402
import links  # noqa: E402

VARIANT = assign.Variant(("dress", "shirt"), 224, 9, 987_654_321)
SETTING = links.Setting("somebody/series", "v1")
PAGE = (ROOT / "docs" / "teaching" / "assignments.md").read_text(encoding="utf-8")
every_master = pytest.mark.parametrize("name", assign.NAMES)


def filled(name):
    return assign.fill(jupytext.read(assign.MASTERS / f"{name}.py"), VARIANT, SETTING)


def questions(name):
    """What the questions of a master hold: {name: (settings, cells of its tests, its solution in words)}."""
    found, now, block = {}, "", ""
    for cell in jupytext.read(assign.MASTERS / f"{name}.py").cells:
        if cell.cell_type == "raw":
            block = cell.source.splitlines()[0].strip("# ")
            if block == "BEGIN QUESTION":
                settings = yaml.safe_load(cell.source)
                now = settings["name"]
                found[now] = (settings, [], [])
        elif block == "BEGIN TESTS":
            found[now][1].append(cell.source)
        elif block == "BEGIN SOLUTION" and cell.cell_type == "markdown":
            found[now][2].append(cell.source)
    return found


@every_master
def test_a_master_has_eight_points_and_one_question_for_a_person(name):
    settings = [setting for setting, _, _ in questions(name).values()]
    assert [setting["name"] for setting in settings] == [f"q{number}" for number in range(1, len(settings) + 1)]
    assert sum(setting["points"] for setting in settings) == 8
    by_hand = [setting for setting in settings if setting.get("manual")]
    assert [setting["points"] for setting in by_hand] == [2]
    ((rubric,),) = [words for setting, _, words in questions(name).values() if setting.get("manual")]
    assert rubric.count("\n- **") == 4  # half a point each


@every_master
def test_a_question_has_public_tests_and_hidden_ones_unless_it_is_a_prediction(name):
    for setting, tests, _ in questions(name).values():
        if not setting.get("manual"):
            hidden = [test for test in tests if test.startswith("# HIDDEN")]
            assert len(tests) > len(hidden)
            assert hidden or "Nobody marks" in (assign.MASTERS / f"{name}.py").read_text(encoding="utf-8")
            assert len(hidden) == (len(tests) == 2)
            if len(tests) == 2:
                assert setting["all_or_nothing"], "the public half would be worth points"
                assert re.search(r"\b(KEY|IMAGES|SEED|runs)\b", hidden[0]), "the expected answer is the same every term"


@every_master
def test_the_key_and_the_variant_reach_the_tests_and_nothing_else_knows_the_key(name):
    in_tests = False
    for cell in filled(name).cells:
        if cell.cell_type == "raw":
            in_tests = cell.source.startswith("# BEGIN TESTS") or (in_tests and "END TESTS" not in cell.source)
        elif in_tests:
            ast.parse(cell.source)
            assert not re.search(r"\b(KEY|IMAGES|SEED)\b", cell.source)
        else:
            assert "KEY" not in cell.source and str(VARIANT.key) not in cell.source
    text = nbformat.writes(filled(name))
    assert str(VARIANT.key) in text and "OWNER/NAME" not in text and "somebody/series/blob/v1/" in text


@every_master
def test_a_student_needs_no_otter_and_gets_variant_checks_and_the_first_cell(name):
    cells = filled(name).cells
    assert not any(re.search(r"\b(import|from) otter\b", cell.source) for cell in cells)
    for tag, part in {"first": "--branch=v1", "checks": "PUBLIC_CHECKS = {}", "variant": "IMAGES = 224"}.items():
        assert [part in cell.source for cell in cells if tag in cell.metadata.get("tags", [])] == [True]
    assert any('load_garments("dress-shirt.npz", sha256=None)' in cell.source for cell in cells)


def test_the_example_variant_needs_no_file_of_images():
    example = assign.read_variant(assign.MASTERS / "variant.toml")
    assert "load_garments()  #" in assign.variant_cell(example)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("pair = ['coat', 'coat']", "pair is ['coat', 'coat']; expected two classes."),
        ("images = 100", "images is 100; expected a multiple of 32 from 96 to 512."),
        ("seed = -1", "seed is -1; expected a whole number from 0 to 10."),
        ("key = 7", "key is 7; expected a whole number of six digits or more."),
        ("keys = 7", "expected pair, images, seed, key."),
    ],
)
def test_a_variant_that_no_assignment_can_work_with_is_refused_in_a_sentence(tmp_path, change, said):
    text = (assign.MASTERS / "variant.toml").read_text(encoding="utf-8")
    name = change.split(" = ")[0]
    path = tmp_path / "my.toml"
    path.write_text(re.sub(rf"^{name} = .*$", change, text, flags=re.MULTILINE) + f"\n{change}" * (name == "keys"))
    with pytest.raises(ValueError, match=re.escape(said)):
        assign.read_variant(path)


def test_public_checks_say_the_first_thing_that_is_wrong_and_leave_nothing_behind(capsys):
    cell = new_code_cell((assign.MASTERS / "checks_cell.py").read_text(encoding="utf-8"))
    cell.metadata["tags"] = ["checks"]
    cases = [
        {"code": ">>> found = answer\n>>> assert found is not ..., 'answer is still to come.'\n", "hidden": False},
        {"code": ">>> assert answer == 3, f'expected 3, found {answer}.'\n", "hidden": False},
        {"code": ">>> assert answer == 987654, 'secret'\n", "hidden": True},
    ]
    notebook = new_notebook(cells=[cell])
    notebook.metadata["otter"] = {"tests": {"q1": {"suites": [{"cases": cases}]}}}
    (cell,) = assign.with_public_checks(notebook).cells
    assert "secret" not in cell.source
    names = {}
    exec(cell.source, names)
    for answer in (..., 4, 3):
        names["answer"] = answer
        names["grader"].check("q1")
    del names["answer"]
    names["grader"].check("q1")
    assert "found" not in names
    assert capsys.readouterr().out.splitlines() == [
        "q1: answer is still to come.",
        "q1: expected 3, found 4.",
        "q1: the public checks pass.",
        "q1: name 'answer' is not defined",
    ]


def test_what_to_look_at_is_what_a_submission_added(tmp_path):
    given_out = new_notebook(cells=[new_code_cell("import sys"), new_code_cell("answer = ...")])
    own = [new_code_cell("import sys"), new_code_cell("answer = open('tests/q1.py')"), new_markdown_cell("My words.")]
    own[2].metadata["tags"] = ["otter_answer_cell"]
    nbformat.write(new_notebook(cells=own), tmp_path / "a.ipynb")
    assert assign.to_look_at(tmp_path / "a.ipynb", given_out) == ["open", "tests/"]
    assert assign.written(tmp_path / "a.ipynb") == ["My words."]


def submission(folder, variant):
    path = folder / f"{variant.seed if variant else 'none'}.ipynb"
    source = assign.variant_cell(variant) if variant else "IMAGES = 224"
    nbformat.write(new_notebook(cells=[new_markdown_cell("Mine."), new_code_cell(source)]), path)
    return path


def test_a_notebook_of_another_variant_is_refused_and_the_key_is_in_no_fingerprint(tmp_path):
    other = VARIANT._replace(seed=3)
    assert assign.refusal(submission(tmp_path, VARIANT), VARIANT) == ""
    assert assign.fingerprint(VARIANT) == assign.fingerprint(VARIANT._replace(key=123_456))
    said = assign.refusal(submission(tmp_path, other), VARIANT)
    assert assign.fingerprint(other) in said and assign.fingerprint(VARIANT) in said
    assert "names no variant" in assign.refusal(submission(tmp_path, None), VARIANT)


def test_grading_says_its_variant_and_runs_nothing_of_another_one(tmp_path, monkeypatch, capsys):
    built, handed_in = tmp_path / "assignments" / "02_a", tmp_path / "handed_in"
    (built / "student").mkdir(parents=True)
    handed_in.mkdir()
    nbformat.write(new_notebook(), built / "student" / "02_a.ipynb")
    (built / "autograder.zip").touch()
    with pytest.raises(FileNotFoundError, match=r"has no variant\.toml; build again"):
        assign.grade(built, handed_in)
    (built.parent / "variant.toml").write_text('pair = ["dress", "shirt"]\nimages = 224\nseed = 9\nkey = 987654321\n')
    submission(handed_in, VARIANT)
    submission(handed_in, VARIANT._replace(seed=3))
    monkeypatch.setattr(assign, "run", lambda archive, path, seconds: ({"q1": 1.0}, ""))
    assign.grade(built, handed_in)
    assert "dress, shirt, 224 images, seed 9." in capsys.readouterr().out
    rows = (handed_in / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1].startswith('3.ipynb,0,0,"not graded: made for variant')
    assert rows[2] == "9.ipynb,1.0,1.0,,"


def test_a_variant_of_ones_own_stays_out_of_git():
    listed = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert listed.index("assignments/*.toml") < listed.index("!assignments/variant.toml")
    assert "my.toml" in listed


def test_the_page_lists_the_masters_with_their_questions():
    for name in assign.NAMES:
        assert f"assignments/{name}.py" in PAGE
    assert len(re.findall(r"^\| \[.+\| 8 \|$", PAGE, re.MULTILINE)) == len(assign.NAMES)
