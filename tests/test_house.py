"""The house as it is drawn: who imports whom, and modules that are read in one sitting."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {
    "helpers": ROOT / "helpers",
    "augcheck": ROOT / "augcheck" / "src" / "augcheck",
    "experiments": ROOT / "experiments",
    "notebooks": ROOT / "notebooks",
}
# The names by which the modules of a room are imported.
NAMES = {
    "helpers": {"helpers"},
    "augcheck": {"augcheck"},
    "experiments": {"experiments"},
    "notebooks": {path.stem for path in ROOMS["notebooks"].glob("*.py")},
}
MAY_IMPORT = {
    "helpers": set(),
    "augcheck": set(),
    "experiments": {"helpers"},
    "notebooks": {"helpers"},
}
LONGEST = 300  # lines of a module


def imported(path: Path) -> set[str]:
    """The first parts of the names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_the_drawing_allows(room):
    forbidden = set().union(*(NAMES[other] for other in ROOMS if other != room and other not in MAY_IMPORT[room]))
    files = sorted(ROOMS[room].glob("*.py"))
    assert files
    wrong = {path.name: sorted(imported(path) & forbidden) for path in files}
    assert not {name: names for name, names in wrong.items() if names}


def test_no_notebook_imports_what_only_computes_tables():
    twins = [*ROOT.glob("notebooks/scripts/**/*.py"), *ROOT.glob("tools/*.py")]
    assert len(twins) > 20
    assert [path.name for path in twins if "experiments" in imported(path)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_module_is_read_in_one_sitting(room):
    # The answers to all exercises are looked up, one lesson at a time.
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in ROOMS[room].glob("*.py")}
    lengths.pop("exercises.py", None)
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
