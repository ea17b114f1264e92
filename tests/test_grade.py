"""Grading a class without otter-grader: what each kind of upload gets, and what is left after an interruption."""

from __future__ import annotations

import csv
import sys
import uuid

import assign
import grade
import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

VARIANT = assign.Variant(224, 9, 987_654_321)
WORTH = {"q1": 1, "q2": 2, "q3": 3}
REPORT = """q2 results:
        Exception raised:
            Traceback (most recent call last):
                found = order(512)

            AssertionError: 50 images: found 3
            and more
        Exception raised:
            Traceback (most recent call last):
            NameError: name 'found' is not defined"""


def notebook(answer, variant=VARIANT):
    cells = [new_markdown_cell(f"In words: {answer}."), new_code_cell(assign.variant_cell(variant))]
    cells[0].metadata["tags"] = ["otter_answer_cell"]
    kernel = {"name": "my-own", "display_name": "Mine"}
    cells.append(new_code_cell(f"answer = {answer!r}"))
    return nbformat.writes(new_notebook(cells=cells, metadata={"kernelspec": kernel}))


def otter(archive, submission, seconds):
    """Its tests, in the place of otter: all points for "right", none in question 2 for others."""
    assert submission.metadata == {"otter": {"assignment_name": "02_a", "tests": dict.fromkeys(WORTH, {})}}
    answer = grade.written(submission)[0].removeprefix("In words: ").rstrip(".")
    if answer == "endless":
        raise ValueError(f"stopped after {seconds} seconds")
    if answer == "strange":
        raise ZeroDivisionError("by nobody's fault")
    if answer == "no test":
        return []
    lost = [] if answer == "right" else ["q2"]
    return [{"name": name, "score": 0 if name in lost else worth, "max_score": worth,
             "output": REPORT if name in lost else ""}
            for name, worth in WORTH.items()]  # fmt: skip


@pytest.fixture
def built(tmp_path, monkeypatch):
    folder = tmp_path / "assignments" / "02_a"
    (folder / "student").mkdir(parents=True)
    (folder / "autograder.zip").touch()
    (folder.parent / "variant.toml").write_text('images = 224\nseed = 9\nkey = 987654321\n')
    given_out = nbformat.reads(notebook("none"), as_version=4)
    given_out.metadata = {"otter": {"assignment_name": "02_a", "tests": dict.fromkeys(WORTH, {})}}
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
        return list(csv.DictReader(file))


def with_cells(text, *sources):
    extended = nbformat.reads(text, as_version=4)
    extended.cells += map(new_code_cell, sources)
    return nbformat.writes(extended).encode()


RIGHT, UNTOUCHED = notebook("right").encode(), notebook("none").encode()
OTHER = notebook("other").encode().replace(b'"kernelspec"', b'"otter": {"assignment_name": "05_b"}, "kernelspec"')
ODD = '{"cells": [{"cell_type": "markdown", ODD}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}'
OPEN = "\n\nx = 1\ndef order(n:\n    return n"
NO_PYTHON = with_cells(notebook("half"), OPEN, "%time x = 1\n!ls", "await one()", "%%bash\nls")
LOST = "q2: 50 images: found 3."
UPLOADS = {  # file, what is in it, what its row says and of whom it has all cells; None: it gets no row
    "Ana Müller_1_file/.ipynb_checkpoints/a.ipynb": (RIGHT, None),
    "Ana Müller_1_file/my work.ipynb": (RIGHT, "All points", "l.ipynb"),
    "Bo_2_file/report.docx": (b"PK", "a folder without a notebook"),
    "c.ipynb": (b"", "empty"),
    "d.ipynb": (b"From: Dee\n", "not JSON"),
    "e.ipynb": (notebook("café").replace("\\u00e9", "é").encode("latin-1"), "UTF-8"),
    "g.ipynb": (ODD.replace("ODD", '"source": 3, "metadata": {}').encode(), "not of a notebook"),
    "g2.ipynb": (ODD.replace("ODD", '"source": "", "metadata": {"tags": null}').encode(), "not of a notebook"),
    "h.ipynb": (notebook("right", VARIANT._replace(seed=3)).encode(), "of another variant"),
    "h2.ipynb": (nbformat.writes(new_notebook(cells=[new_code_cell("IMAGES = 224")])).encode(), "is missing or"),
    "h3.ipynb": (OTHER, "a notebook of 05_b"),
    "i.ipynb": (notebook("half").encode(), LOST),
    "i2.ipynb": (NO_PYTHON, f"SyntaxError in its line 4, `def order(n:`: '(' was never closed. {LOST}"),
    "j.ipynb": (notebook("endless").encode(), "stopped after 60 seconds"),
    "k.ipynb": (notebook("strange").encode(), "ZeroDivisionError: by nobody's fault"),
    "l.ipynb": (b"\xef\xbb\xbf" + RIGHT, "All points", "Ana Müller_1_file/my work.ipynb"),
    "l2.ipynb": (notebook("no test").encode(), "nothing of q1, q2, q3"),
    "M.IPYNB": (with_cells(notebook("right"), "x = 2"), "All points"),
    "m.pdf": (b"%PDF", "doesn't end in .ipynb"),
    "n.ipynb": (UNTOUCHED, LOST),
    "n2.ipynb": (UNTOUCHED, LOST),  # alike, but nobody began them
    "=1+1.ipynb": (with_cells(notebook("right"), "x = 1"), "All points"),  # a spreadsheet would compute it
}


def test_of_all_kinds_of_uploads_each_has_its_line_and_none_stops_the_rest(built, handed_in):
    expected = {}
    for name, (content, *said) in UPLOADS.items():
        (handed_in / name).parent.mkdir(parents=True, exist_ok=True)
        (handed_in / name).write_bytes(content)
        listed = name if name.startswith("Ana") else name.split("/")[0]
        if said[0]:
            expected[f"'{listed}" if listed[0] == "=" else listed] = (*said, "")[:2]
    for _ in range(2):  # the second finds them all again
        grade.grade(built, handed_in, seconds=60)
    found = rows(handed_in)
    assert sorted(row["file"] for row in found) == sorted(expected)
    for row in found:
        said, same = expected[row["file"]]
        points = {"All points": ["1.0", "2.0", "3.0", "6.0"], LOST: ["1.0", "0.0", "3.0", "4.0"]}
        kind = LOST if LOST in said else said
        assert [row[column] for column in (*WORTH, "total")] == points.get(kind, ["", "", "", "0"])
        assert said in row["feedback"] and row["feedback"].startswith("not graded: ") == (kind not in points)
        assert row["feedback"].count("SyntaxError") == said.count("SyntaxError")
        assert row["look at"] == (f"the same as {same}" if same else "")
    answers = (handed_in / "answers.md").read_text(encoding="utf-8")
    assert "# i.ipynb\n\nIn words: half.\n" in answers
    assert "# m.pdf\n\n# n.ipynb" in answers, "not the words of the one before"


def test_grading_goes_on_where_it_was_stopped_and_takes_nothing_out(built, handed_in, monkeypatch):
    for name in "abc":
        (handed_in / f"{name}.ipynb").write_bytes(RIGHT)
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
    grade.grade(built, handed_in)
    assert len(calls) == 4
    assert [row["by hand"] for row in rows(handed_in)] == ["1.5", "1.5", ""]
    for ending in ("\n", "\r\n"):  # the last row taken out by hand, without the end of the line before it
        lines = table.read_text(encoding="utf-8").splitlines()
        table.write_bytes(ending.join(lines[:-1]).encode())
        grade.grade(built, handed_in)
        assert [row["file"] for row in rows(handed_in)] == ["a.ipynb", "b.ipynb", "c.ipynb"]
    assert (handed_in / "answers.md").read_text(encoding="utf-8").count("# ") == 5


OTTER = """
import doctest, json, os, subprocess, sys
from pathlib import Path
notebook = json.loads(Path(sys.argv[-1]).read_text())
exec(notebook["cells"][-1]["source"])
prints = doctest.DocTestParser().get_doctest(">>> print(1)", {}, "", None, 0)
lost = doctest.DocTestRunner().run(prints).failed
for options in ({}, {"env": {}}, {"cwd": "/"}):
    command = [sys.executable, "-c", "import time; time.sleep(60)", os.environ["KNOWN_BY"]]
    subprocess.Popen(command, start_new_session=True, **options)
Path(sys.argv[sys.argv.index("-o") + 1], "results.json").write_text(json.dumps(
    {"tests": [{"name": "Public Tests"}, {"name": "q1", "score": 0 if lost else 1, "max_score": 1}]}))
"""


def test_an_answer_may_print_and_a_submission_leaves_nothing_running(tmp_path, monkeypatch):
    program, known_by = tmp_path / "otter" / "__main__.py", uuid.uuid4().hex
    program.parent.mkdir()
    program.write_text(OTTER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("KNOWN_BY", known_by)
    submission = nbformat.reads(notebook("right"), as_version=4)
    assert grade.run(tmp_path / "a.zip", submission, 60) == [{"name": "q1", "score": 1, "max_score": 1}]
    program.write_text(OTTER + "import time\ntime.sleep(60)")
    with pytest.raises(ValueError, match="stopped after 5 seconds"):
        grade.run(tmp_path / "a.zip", submission, 5)
    assert not [one for one in psutil.process_iter(["cmdline"]) if known_by in (one.info["cmdline"] or [])]


SOLVED = "def order(images, limit):\n    pictures = images / limit\n    return max(1, pictures)"
LOOK_AT = {
    "setattr(np, 'allclose', open('tests/q1.py'))": ["open", "setattr", "tests/"],
    "%%time\ndef order(n, most):\n    'Mine.'\n    k = n / most\n    return max(1, k)": ["order as in the solution"],
    "def order(images, limit):\n    sum = images / limit\n    return max(1, sum - 1)": [],
    "def given(x):\n    z = x\n    return z": [],  # as it was handed out
    "!pip list\nthis is no Python": [],
}


def test_what_no_answer_needs_is_to_be_looked_at():
    handed_out = [new_code_cell("import sys"), new_code_cell("def given(x):\n    y = x\n    return y")]
    given_out, solution = (new_notebook(cells=[*handed_out, *map(new_code_cell, more)]) for more in ([], [SOLVED]))
    for own, found in LOOK_AT.items():
        assert grade.to_look_at(new_notebook(cells=[*handed_out, new_code_cell(own)]), given_out, solution) == found


def test_what_can_not_be_graded_is_refused_and_left_as_it_is(built, handed_in, monkeypatch):
    with pytest.raises(FileNotFoundError, match="nothing to grade"):
        grade.grade(built, handed_in)
    (handed_in / "a.ipynb").write_bytes(RIGHT)
    (handed_in / "grades.csv").write_text("file;q1;total\na.ipynb;1;1\n")
    with pytest.raises(ValueError, match="saved in another form"):
        grade.grade(built, handed_in)
    assert (handed_in / "grades.csv").read_text() == "file;q1;total\na.ipynb;1;1\n"
    with pytest.raises(FileNotFoundError, match=r"no autograder\.zip; build again"):
        grade.grade(built.parent / "05_b", handed_in)
    monkeypatch.chdir(assign.ROOT)
    monkeypatch.setattr(sys, "argv", ["grade.py", assign.NAMES[0], ""])  # it would grade the whole series
    with pytest.raises(SystemExit, match="No folder"):
        grade.main()


def test_empty_metadata_of_otter_cost_nothing_and_what_is_no_file_is_named(built, handed_in):
    (handed_in / "a.ipynb").write_bytes(RIGHT.replace(b'"kernelspec"', b'"otter": null, "kernelspec"'))
    (handed_in / "b.ipynb").symlink_to("nowhere")
    grade.grade(built, handed_in)
    told = [row["feedback"] for row in rows(handed_in)]
    assert told == ["All points.", "not graded: no file, or a folder without a notebook"]
