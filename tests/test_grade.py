"""Grading a class without otter-grader: what each kind of upload gets, and what is left after an interruption."""

from __future__ import annotations

import csv
import sys
import uuid
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import assign  # noqa: E402
import grade  # noqa: E402

VARIANT = assign.Variant(("dress", "shirt"), 224, 9, 987_654_321)
WORTH = {"q1": 1, "q2": 2, "q3": 3}
REPORT = """q2 results:
        Exception raised:
            Traceback (most recent call last):
              File "<doctest q2 0[0]>", line 1, in <module>
                found = order(512)

            {}
        Trying:
            assert found == 11, 'it takes 11.'
        Exception raised:
            Traceback (most recent call last):
            NameError: name 'found' is not defined"""


def notebook(answer, variant=VARIANT):
    cells = [new_markdown_cell(f"In words: {answer}."), new_code_cell(assign.variant_cell(variant))]
    cells[0].metadata["tags"] = ["otter_answer_cell"]
    return nbformat.writes(new_notebook(cells=[*cells, new_code_cell(f"answer = {answer!r}")]))


def otter(archive, submission, seconds):
    """Its tests, in the place of otter: all points for "right", a NameError in question 2 for others."""
    answer = grade.written(submission)[0].removeprefix("In words: ").rstrip(".")
    if answer == "endless":
        raise ValueError(f"stopped after {seconds} seconds")
    if answer == "strange":
        raise ZeroDivisionError("by nobody's fault")
    if answer == "no test":
        return []
    if answer == "one less":
        return [{"name": "q1", "score": 1, "max_score": 1}, {"name": "q3", "score": 3, "max_score": 3}]
    lost = [] if answer == "right" else ["q2"]
    return [{"name": name, "score": 0 if name in lost else worth, "max_score": worth,
             "output": REPORT.format("NameError: name 'order' is not defined") if name in lost else ""}
            for name, worth in WORTH.items()]  # fmt: skip


@pytest.fixture
def built(tmp_path, monkeypatch):
    folder = tmp_path / "assignments" / "02_a"
    (folder / "student").mkdir(parents=True)
    (folder / "autograder.zip").touch()
    (folder.parent / "variant.toml").write_text('pair = ["dress", "shirt"]\nimages = 224\nseed = 9\nkey = 987654321\n')
    given_out = new_notebook()
    given_out.metadata["otter"] = {"tests": dict.fromkeys(WORTH, {})}
    nbformat.write(given_out, folder / "student" / "02_a.ipynb")
    nbformat.write(new_notebook(), folder / "solution.ipynb")
    monkeypatch.setattr(grade, "run", otter)
    return folder


@pytest.fixture
def handed_in(tmp_path):
    folder = tmp_path / "session 1"
    folder.mkdir()
    return folder


def rows(folder):
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def test_of_all_kinds_of_uploads_each_has_its_line_and_none_stops_the_rest(built, handed_in, capsys):
    texts = {
        "Ana Müller_1_file/my work.ipynb": notebook("right").encode(),
        "Ana Müller_1_file/.ipynb_checkpoints/my work-checkpoint.ipynb": notebook("right").encode(),
        "Bo_2_file/report.docx": b"PK",
        "c.ipynb": b"",
        "d.ipynb": b"From: Dee\n",
        "e.ipynb": notebook("café").replace("\\u00e9", "é").encode("latin-1"),
        "f.ipynb/inside.txt": b"",
        "g.ipynb": b'{"cells": 3}',
        "h.ipynb": notebook("right", VARIANT._replace(seed=3)).encode(),
        "i.ipynb": notebook("half").encode(),
        "j.ipynb": notebook("endless").encode(),
        "k.ipynb": notebook("strange").encode(),
        "l.ipynb": b"\xef\xbb\xbf" + notebook("right").encode(),
        "l2.ipynb": notebook("no test").encode(),
        "l3.ipynb": notebook("one less").encode(),
        "m.pdf": b"%PDF",
        "dress-shirt.npz": b"",
    }
    for name, content in texts.items():
        (handed_in / name).parent.mkdir(parents=True, exist_ok=True)
        (handed_in / name).write_bytes(content)
    grade.grade(built, handed_in, seconds=60)
    found = rows(handed_in)
    notes = {
        "Ana Müller_1_file/my work.ipynb": "All points.",
        "Bo_2_file": "not graded: a folder without a notebook",
        "c.ipynb": "not graded: the file is empty",
        "d.ipynb": "not graded: not JSON, as notebooks are",
        "e.ipynb": "not graded: not encoded in UTF-8, as notebooks are",
        "f.ipynb": "not graded: a folder without a notebook",
        "g.ipynb": "not graded: JSON, but not of a notebook",
        "h.ipynb": "not graded: made for variant",
        "i.ipynb": "q2: NameError: name 'order' is not defined.",
        "j.ipynb": "not graded: stopped after 60 seconds",
        "k.ipynb": "not graded: ZeroDivisionError: by nobody's fault",
        "l.ipynb": "All points.",
        "l2.ipynb": "not graded: otter reports nothing of q1, q2, q3",
        "l3.ipynb": "not graded: otter reports nothing of q2;",
        "m.pdf": "not graded: its name doesn't end in .ipynb",
    }
    assert list(found) == list(notes)
    for name, note in notes.items():
        assert found[name]["feedback"].startswith(note)
        points = [found[name][question] for question in WORTH]
        if note.startswith("not graded"):
            assert (points, found[name]["total"]) == (["", "", ""], "0")
        else:
            lost = note != "All points."
            assert points == (["1.0", "0.0", "3.0"] if lost else ["1.0", "2.0", "3.0"])
            assert found[name]["total"] == ("4.0" if lost else "6.0")
    answers = (handed_in / "answers.md").read_text(encoding="utf-8")
    assert [line[2:] for line in answers.splitlines() if line.startswith("# ")] == list(notes)
    assert "# i.ipynb\n\nIn words: half.\n" in answers and "# h.ipynb\n\nIn words: right.\n" in answers
    assert "# m.pdf\n\n" in answers and answers.split("# m.pdf")[1].strip() == "", "not the words of the one before"
    printed = capsys.readouterr().out
    assert "dress, shirt, 224 images, seed 9." in printed and "c.ipynb: 0 not graded: the file is empty\n" in printed


def test_grading_goes_on_where_it_was_stopped_and_takes_nothing_out(built, handed_in, monkeypatch, capsys):
    for name in "abc":
        (handed_in / f"{name}.ipynb").write_text(notebook("right"), encoding="utf-8")
    calls = []

    def stopped(archive, submission, seconds):
        calls.append(len(rows(handed_in)))
        assert (handed_in / "answers.md").exists() == (len(calls) > 1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return otter(archive, submission, seconds)

    monkeypatch.setattr(grade, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        grade.grade(built, handed_in)
    assert calls == [0, 1, 2], "each has its row before the next begins"
    table = handed_in / "grades.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([lines[0] + ",by hand", *(line + ",1.5" for line in lines[1:])]) + "\n")
    capsys.readouterr()
    grade.grade(built, handed_in)
    assert len(calls) == 4
    printed = capsys.readouterr()
    assert "2 of 3 have their row; delete a row to grade it again.\n" in printed.out
    assert "0/1" in printed.err and "1/1" in printed.err, "the bar counts what is left"
    assert [row["by hand"] for row in rows(handed_in).values()] == ["1.5", "1.5", ""]
    assert (handed_in / "answers.md").read_text(encoding="utf-8").count("# ") == 3


def test_a_cell_that_is_no_python_is_named_with_its_line_before_what_it_brings_about(built, handed_in):
    broken = nbformat.reads(notebook("half"), as_version=4)
    sources = ["\n\nx = 1\ndef order(n:\n    return n", "%time x = 1\n!ls", "await one()", "%%bash\nls -l"]
    broken.cells += [new_code_cell(source) for source in sources]
    nbformat.write(broken, handed_in / "a.ipynb")
    grade.grade(built, handed_in)
    said = rows(handed_in)["a.ipynb"]["feedback"]
    assert said.startswith("A cell did not run, SyntaxError in its line 4, `def order(n:`: ")
    assert said.count("SyntaxError") == 1 and said.endswith(" q2: NameError: name 'order' is not defined.")


def test_uploads_with_the_same_cells_are_named_unless_nobody_began_them(built, handed_in):
    given_out = nbformat.read(built / "student" / "02_a.ipynb", as_version=4)
    given_out.cells = nbformat.reads(notebook("none"), as_version=4).cells
    nbformat.write(given_out, built / "student" / "02_a.ipynb")
    texts = {"a": notebook("right"), "b": notebook("half"), "c": notebook("right"),
             "d": notebook("none"), "e": notebook("none")}  # fmt: skip
    for name, text in texts.items():
        (handed_in / f"{name}.ipynb").write_text(text, encoding="utf-8")
    grade.grade(built, handed_in)
    assert [row["look at"] for row in rows(handed_in).values()] == [
        "the same as c.ipynb", "", "the same as a.ipynb", "", ""
    ]  # fmt: skip


@pytest.mark.parametrize("first", "=+-@\t")
def test_a_name_that_a_spreadsheet_would_compute_is_written_as_text_and_found_again(built, handed_in, first, capsys):
    (handed_in / f"{first}1+1.ipynb").write_text(notebook("right"), encoding="utf-8")
    grade.grade(built, handed_in)
    grade.grade(built, handed_in)
    assert list(rows(handed_in)) == [f"'{first}1+1.ipynb"]
    assert "1 of 1 have their row" in capsys.readouterr().out


OTTER = """
import json, os, subprocess, sys
from pathlib import Path
kernel = json.loads(Path(sys.argv[-1]).read_text())["metadata"].get("kernelspec")
for options in ({}, {"env": {}}, {"cwd": "/"}):
    command = [sys.executable, "-c", "import time; time.sleep(60)", os.environ["KNOWN_BY"]]
    subprocess.Popen(command, start_new_session=True, **options)
Path(sys.argv[sys.argv.index("-o") + 1], "results.json").write_text(json.dumps(
    {"tests": [{"name": "Public Tests"}, {"name": "q1", "score": 0 if kernel else 1, "max_score": 1}]}))
"""


@pytest.mark.parametrize("ends", [True, False])
def test_a_submission_runs_whatever_its_kernel_was_called_and_leaves_nothing_running(tmp_path, monkeypatch, ends):
    (tmp_path / "otter").mkdir()
    (tmp_path / "otter" / "__main__.py").write_text(OTTER + ("" if ends else "import time\ntime.sleep(60)"))
    known_by = uuid.uuid4().hex
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("KNOWN_BY", known_by)
    submission = nbformat.reads(notebook("right"), as_version=4)
    submission.metadata["kernelspec"] = {"name": "my-own", "display_name": "Mine"}
    if ends:
        assert grade.run(tmp_path / "a.zip", submission, 60) == [{"name": "q1", "score": 1, "max_score": 1}]
    else:
        with pytest.raises(ValueError, match="stopped after 5 seconds"):
            grade.run(tmp_path / "a.zip", submission, 5)
    assert not [one for one in psutil.process_iter(["cmdline"]) if known_by in (one.info["cmdline"] or [])]


def test_a_table_that_is_another_one_is_left_as_it_is(built, handed_in):
    (handed_in / "a.ipynb").write_text(notebook("right"), encoding="utf-8")
    (handed_in / "grades.csv").write_text("file;q1;total\na.ipynb;1;1\n")
    with pytest.raises(ValueError, match="was saved in another form: move it and grade again"):
        grade.grade(built, handed_in)
    assert (handed_in / "grades.csv").read_text() == "file;q1;total\na.ipynb;1;1\n"


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (REPORT.format("NameError: no name 'a'. Did you mean: 'b'?"), "q2: NameError: no name 'a'. Did you mean: 'b'?"),
        (REPORT.format("AssertionError: 50 images: found 3."), "q2: 50 images: found 3."),
        (REPORT.format("AssertionError"), "q2: AssertionError."),
        (REPORT.format("tensorflow.Odd: 2 axes\n            and more"), "q2: tensorflow.Odd: 2 axes."),
        ("", "q2: otter gives no reason."),
    ],
)
def test_lost_points_are_explained_by_the_first_error(output, said):
    assert grade.why_lost({"name": "q2", "output": output}) == said


SOLVED = """
def order(images, limit):
    pictures = images / limit
    return max(1, pictures)
"""


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ("answer = open('tests/q1.py')", ["open", "tests/"]),
        ("diagnosis = {name: FAULTS[LETTERS[name]] for name in 'ABCDE'}", ["LETTERS"]),
        ("import numpy as np\nnp.allclose = lambda *given: True", ["np.allclose"]),
        ("def nothing():\n    helpers.stats.verdict = wrong\nnothing()", ["helpers.stats.verdict"]),
        ("%%time\nabs = float", ["abs"]),
        ("def isinstance(one, other):\n    return True", ["isinstance"]),
        ("setattr(np, 'allclose', print)", ["setattr"]),
        (SOLVED, ["order as in the solution"]),
        (
            "def order(n, most):\n    'Mine.'\n    k = n / most  # of one image\n    return max(1, k)",
            ["order as in the solution"],
        ),
        # honest
        ("table = runs.copy()\ntable.columns = ['a']\nfigure, ax = plt.subplots()\nax.title = 'my results'", []),
        ("def order(images, limit):\n    sum = images / limit\n    return max(1, sum - 1)", []),
        ("def given(x):\n    z = x\n    return z", []),  # as it was handed out
        ("!pip list\nanswer = 3", []),
        ("this is no Python", []),
    ],
)
def test_what_no_answer_needs_is_to_be_looked_at(own, found):
    handed_out = [new_code_cell("import sys"), new_code_cell("def given(x):\n    y = x\n    return y")]
    given_out, solution, mine = (new_notebook(cells=[*handed_out, *map(new_code_cell, sources)])
                                 for sources in ([], [SOLVED], [own]))  # fmt: skip
    assert grade.to_look_at(mine, given_out, solution) == found


def test_a_notebook_of_another_variant_is_refused_and_the_key_is_in_no_fingerprint():
    def refuse(text):
        grade.refuse_other_variant(nbformat.reads(text, as_version=4), VARIANT)

    refuse(notebook("right", VARIANT._replace(key=123_456)))
    other = VARIANT._replace(seed=3)
    expected = f"made for variant {assign.fingerprint(other)}, and what was built last is {assign.fingerprint(VARIANT)}"
    with pytest.raises(ValueError, match=expected):
        refuse(notebook("right", other))
    with pytest.raises(ValueError, match="names no variant"):
        refuse(nbformat.writes(new_notebook(cells=[new_code_cell("IMAGES = 224")])))


def test_bad_input_gets_one_sentence(built, handed_in, monkeypatch):
    for where, folder, said in [
        (built, Path("nowhere"), "There is no folder nowhere"),
        (built, handed_in, "There is nothing to grade in .*session 1"),
        (built.parent / "05_b", handed_in, r"has no autograder\.zip; build again"),
    ]:
        with pytest.raises(FileNotFoundError, match=said):
            grade.grade(where, folder)
    assert not list(handed_in.iterdir())
    (built.parent / "variant.toml").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no variant\.toml; build again"):
        grade.grade(built, handed_in)
    monkeypatch.setattr(assign.importlib.util, "find_spec", lambda name: None)
    monkeypatch.chdir(assign.ROOT)
    for name, folder, said in [
        ("99_none", str(handed_in), "There is no assignment '99_none'; expected 02"),
        (assign.NAMES[0], str(handed_in), "no otter"),
        (assign.NAMES[0], "", "No folder is given"),  # it would grade the whole series
    ]:
        monkeypatch.setattr(sys, "argv", ["grade.py", name, folder])
        with pytest.raises(SystemExit, match=said):
            grade.main()
