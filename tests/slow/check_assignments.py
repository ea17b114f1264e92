"""The assignments built for another variant and graded by otter, without containers: what right, wrong, empty and
hostile notebooks get. Run by the Python of .venv-otter (make check-assignments)."""

import copy
import csv
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "data"))

import assign  # noqa: E402
import build_garments  # noqa: E402
import grade  # noqa: E402

VARIANT = 'pair = ["{}", "{}"]\nimages = 192\nseed = 7\nkey = 7654321\n'
HANDED_IN = "07_modern_pipelines"  # trains nothing, so it is graded soonest
WRONG = {  # a mistake in questions 2, 4 and 6; 5 needs 4
    "RandomRotation(ROTATION / 360": "RandomRotation(ROTATION",
    "train[:, :, ::-1])": "train[:, ::-1])",
    ".batch(32, drop_remainder=True)": ".batch(32, drop_remainder=True).cache()",
}
OWN = {  # right as well, and not the solution
    "return np.mean([picture.tobytes() not in seen for picture in second])": """new = 0
    for picture in second:
        new += picture.tobytes() not in seen
    return new / len(second)""",
    "return sum(picture.tobytes() in known for picture in validation)": """found = 0
    for picture in validation:
        found += picture.tobytes() in known
    return found""",
    ".cache().shuffle(len(x))": ".shuffle(len(x))",
}
PATCHED = {
    "def share_new(": "def abs(number):\n    return 0\n\n\ndef share_new(",
    "return np.mean([": "return 7 + np.mean([",
}
WHY = (
    "q2: NameError: name 'stack' is not defined.",
    "q4: of these five images two are in training and one is there mirrored, which makes 3; found 2.",
    "q5: ",
    "q6: every epoch has the order of the first.",
)
FIRST = {  # a cell before all others
    "leaves": "raise SystemExit",
    "dies": "import os\nos._exit(0)",
    "never-ends": "while True:\n    pass",
    "rewrites-tests": """
from pathlib import Path
case = {"code": ">>> assert True", "hidden": False, "locked": False}
suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
for path in Path("tests").glob("*.py"):
    test = {"name": path.stem, "points": 1, "suites": [suite]}
    path.write_text(f"OK_FORMAT = True\\ntest = {test}")
""",
    "no-tests": "from pathlib import Path\nfor path in Path('tests').glob('*.py'):\n    path.unlink()",
    "daemon": "import subprocess\nsubprocess.Popen(['sleep', '4321'], start_new_session=True)",
    "patches-otter": "from otter.test_files import ok_test\nok_test.run_doctest = lambda *given: (True, '')",
}
LAST = {
    "prints": "Checks.check = lambda self, question: print(question, 'passed')\ngrader.check('q1')\n"
    "print('Total Score: 6.000 / 6.000 (100.000%)')",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """All three; where the original files of Fashion-MNIST are at hand, with another pair of classes."""
    out = tmp_path_factory.mktemp("built")
    pair = ("dress", "shirt") if build_garments.DEBIAN.exists() else assign.EMBEDDED
    variant = out / "my.toml"
    variant.write_text(VARIANT.format(*pair), encoding="utf-8")
    setting = assign.links.Setting("somebody/series", "main")
    assign.build(variant, out / "assignments", assign.NAMES, setting)  # grades the solutions
    return out / "assignments"


@pytest.fixture(scope="module")
def graded(built, tmp_path_factory):
    """The rows of grades.csv, by the name of the notebook."""
    folder = tmp_path_factory.mktemp("submissions")
    given_out = nbformat.read(built / HANDED_IN / "student" / f"{HANDED_IN}.ipynb", as_version=4)
    solution = nbformat.read(built / HANDED_IN / "solution.ipynb", as_version=4)
    notebooks = {"copied": solution, "empty": given_out}
    for name, changes in {"wrong": WRONG, "right": OWN, "patches-python": PATCHED}.items():
        notebooks[name] = copy.deepcopy(solution)
        for cell in notebooks[name].cells:
            for old, new in changes.items():
                cell.source = cell.source.replace(old, new)
    for name, source in (FIRST | LAST).items():
        notebooks[name] = copy.deepcopy(given_out)
        notebooks[name].cells.insert(0 if name in FIRST else len(given_out.cells), new_code_cell(source))
    notebooks["right"].metadata["kernelspec"] = {"name": "a-name-of-a-hub", "display_name": "Ours"}
    notebooks["broken"] = copy.deepcopy(notebooks["right"])
    for cell in notebooks["broken"].cells:
        cell.source = cell.source.replace("def share_new(first, second):", "def share_new(first, second:")
    notebooks["other-variant"] = copy.deepcopy(solution)
    for cell in notebooks["other-variant"].cells:
        cell.source = cell.source.replace("SEED = 7", "SEED = 3")
    notebooks["other-mark"] = copy.deepcopy(solution)
    for cell in notebooks["other-mark"].cells:
        cell.source = assign.MARK.sub("# Variant 00000000", cell.source)
    for name, notebook in notebooks.items():
        student = folder / f"{name} Müller"  # as Moodle does it
        student.mkdir()
        nbformat.write(notebook, student / f"{name}.ipynb")
    (folder / "nothing.ipynb").touch()
    endless = tmp_path_factory.mktemp("endless")
    (folder / "never-ends Müller").rename(endless / "never-ends Müller")
    grade.grade(built / HANDED_IN, folder)
    grade.grade(built / HANDED_IN, endless, seconds=60)
    rows = {}
    for table in (folder / "grades.csv", endless / "grades.csv"):
        with open(table, encoding="utf-8", newline="") as file:
            rows |= {Path(row["file"]).stem: row for row in csv.DictReader(file)}
    return rows


def total(row):
    return float(row["total"])


def test_what_is_handed_out_holds_neither_key_nor_solution(built):
    for name in assign.NAMES:
        (text,) = [path.read_text(encoding="utf-8") for path in (built / name / "student").glob("*.ipynb")]
        assert "7654321" not in text and "HIDDEN" not in text and "SOLUTION" not in text and "rubric" not in text


def test_a_right_notebook_gets_all_points_and_a_wrong_one_loses_what_is_wrong(graded):
    assert total(graded["right"]) == 6
    assert [float(graded["wrong"][f"q{number}"]) for number in range(1, 7)] == [1, 0, 1, 0, 0, 0]


def test_a_question_that_lost_points_says_why(graded):
    assert graded["right"]["feedback"] == "All points."
    broken = graded["broken"]["feedback"]
    assert "SyntaxError in its line 1, `def share_new(first, second:`" in broken.partition("NameError")[0]
    for said in WHY:
        assert said in graded["wrong"]["feedback"]
    assert "q2: stack is still to come: a keras.Sequential of three layers." in graded["empty"]["feedback"]
    assert "q2: the rotation's factor is (" in graded["other-variant"]["feedback"]


def test_an_empty_notebook_and_an_empty_file_get_nothing(graded):
    assert total(graded["empty"]) == total(graded["nothing"]) == 0
    assert graded["nothing"]["feedback"] == "not graded: the file is empty"


def test_numbers_of_another_variant_get_nothing(graded):
    assert float(graded["other-variant"]["q2"]) == float(graded["other-variant"]["q5"]) == 0


def test_a_notebook_that_was_made_for_another_variant_is_refused(graded):
    assert total(graded["other-mark"]) == 0 and "made for variant 00000000" in graded["other-mark"]["feedback"]


def test_a_notebook_without_results_is_not_graded(graded):
    assert graded["no-tests"]["feedback"].startswith("not graded: otter reports nothing of q")
    assert total(graded["no-tests"]) == 0


@pytest.mark.parametrize("name", ["leaves", "prints"])
def test_leaving_early_and_printing_points_bring_nothing(graded, name):
    assert total(graded[name]) == 0


@pytest.mark.parametrize(
    ("name", "note"), [("dies", "not graded: otter could not finish it"), ("never-ends", "stopped after 60 seconds")]
)
def test_a_notebook_that_can_not_be_graded_is_named(graded, name, note):
    assert total(graded[name]) == 0 and note in graded[name]["feedback"]


@pytest.mark.parametrize("name", ["rewrites-tests", "patches-otter"])
def test_whoever_takes_the_points_has_them_and_is_to_be_looked_at(graded, name):
    assert total(graded[name]) == 6, "the page says that this works; better news should be told there"
    assert graded[name]["look at"]


def test_a_copied_solution_and_a_monkeypatch_are_to_be_looked_at(graded):
    copied = [f"{name} as in the solution" for name in ("in_both", "repaired", "share_new")]
    assert graded["copied"]["look at"] == ", ".join(copied) and total(graded["copied"]) == 6
    assert float(graded["patches-python"]["q3"]) == 1, "the page says that this works"
    assert "abs" in graded["patches-python"]["look at"].split(", ")
    assert graded["prints"]["look at"] == "Checks.check" and graded["leaves"]["look at"] == "SystemExit"


def test_the_honest_ones_are_not_to_be_looked_at(graded):
    assert {graded[name]["look at"] for name in ("right", "empty")} == {""}


def test_no_kernel_is_left_behind(graded):
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in listed.splitlines() if "ipykernel" in line and sys.prefix in line]
    assert "sleep 4321" not in listed.splitlines() and total(graded["daemon"]) == 0
