"""The assignments built for another variant and graded by otter, without containers: what right, wrong, empty and
hostile notebooks get. Run by the Python of .venv-otter (make check-assignments)."""

import copy
import csv
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import assign  # noqa: E402
import grade  # noqa: E402

VARIANT = 'images = 192\nseed = 7\nkey = 7654321\n'
HANDED_IN = "07_modern_pipelines"  # trains nothing, so it is graded soonest
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
CHANGED = {  # the solution with other texts
    "copied": {},
    "right": OWN,
    "wrong": {  # in questions 2, 4 and 6; 5 needs 4
        "RandomRotation(ROTATION / 360": "RandomRotation(ROTATION",
        "train[:, :, ::-1])": "train[:, ::-1])",
        ".batch(32, drop_remainder=True)": ".batch(32, drop_remainder=True).cache()",
    },
}
FIRST = {  # what is handed out, with a cell before all others
    "dies": "import os\nos._exit(0)",
    "rewrites-tests": """
from pathlib import Path
case = {"code": ">>> assert True", "hidden": False, "locked": False}
suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
for path in Path("tests").glob("*.py"):
    test = {"name": path.stem, "points": 1, "suites": [suite]}
    path.write_text(f"OK_FORMAT = True\\ntest = {test}")
""",
    "no-tests": "from pathlib import Path\nfor path in Path('tests').glob('*.py'):\n    path.unlink()",
    "empty": "",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("built")
    variant = out / "my.toml"
    variant.write_text(VARIANT, encoding="utf-8")
    setting = assign.links.Setting("somebody/series", "main")
    assign.build(variant, out / "assignments", assign.NAMES, setting)  # grades the solutions
    return out / "assignments"


@pytest.fixture(scope="module")
def graded(built, tmp_path_factory):
    """The rows of grades.csv, by the name of the notebook."""
    given_out = nbformat.read(built / HANDED_IN / "student" / f"{HANDED_IN}.ipynb", as_version=4)
    solution = nbformat.read(built / HANDED_IN / "solution.ipynb", as_version=4)
    notebooks = {name: copy.deepcopy(solution if name in CHANGED else given_out) for name in (*CHANGED, *FIRST)}
    for name, changes in CHANGED.items():
        for cell in notebooks[name].cells:
            for old, new in changes.items():
                cell.source = cell.source.replace(old, new)
    for name, source in FIRST.items():
        notebooks[name].cells.insert(0, new_code_cell(source))
    folder = tmp_path_factory.mktemp("submissions")
    for name, notebook in notebooks.items():
        (folder / f"{name} Müller").mkdir()  # as Moodle does it
        nbformat.write(notebook, folder / f"{name} Müller" / f"{name}.ipynb")
    grade.grade(built / HANDED_IN, folder)
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        return {Path(row["file"]).stem: row for row in csv.DictReader(file)}


def test_what_is_handed_out_holds_neither_key_nor_solution(built):
    for name in assign.NAMES:
        (text,) = [path.read_text(encoding="utf-8") for path in (built / name / "student").glob("*.ipynb")]
        assert not any(word in text for word in ("7654321", "HIDDEN", "SOLUTION", "rubric"))


EXPECTED = {  # points by question or in all, what the student is told, and what the lecturer is to look at
    "right": ({"total": 6}, ["All points."], []),
    "empty": ({"total": 0}, ["q2: stack is still to come: a keras.Sequential of three layers."], []),
    "wrong": ({"q1": 1, "q2": 0, "q3": 1, "q4": 0, "q5": 0, "q6": 0}, [
        "q2: NameError: name 'stack' is not defined.",
        "q4: of these five images two are in training and one is there mirrored, which makes 3; found 2.",
        "q5: ", "q6: every epoch has the order of the first."], None),
    "no-tests": ({"total": 0}, ["not graded: otter reports nothing of q"], None),
    "dies": ({"total": 0}, ["not graded: otter could not finish it"], None),
    # The page says that this works; better news should be told there.
    "rewrites-tests": ({"total": 6}, [], ["Path"]),
    "copied": ({"total": 6}, [], [f"{name} as in the solution" for name in ("in_both", "repaired", "share_new")]),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_notebook_gets(graded, name):
    points, told, look_at = EXPECTED[name]
    row = graded[name]
    assert {column: float(row[column]) for column in points} == points
    assert all(part in row["feedback"] for part in told)
    if look_at is not None:
        assert set(look_at) <= set(row["look at"].split(", ")) if look_at else row["look at"] == ""
