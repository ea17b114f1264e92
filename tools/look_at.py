"""What to look at in a submission before its points are believed: no proof of anything, a reason to read it."""

from __future__ import annotations

import ast
import contextlib
import re

from nbformat import NotebookNode

# Words that no answer needs. LETTERS is the key to assignment 07's pipelines.
SUSPECT = re.compile(
    r"\b(?:otter|tests/|pickle|dill|subprocess|exit|SystemExit|os|sys|gc|inspect|open|exec|eval|glob|Path|__\w+__"
    r"|setattr|delattr|global|globals|builtins|importlib|ctypes|mock|LETTERS)\b"
)


def to_look_at(notebook: NotebookNode, given_out: NotebookNode, solution: NotebookNode) -> list[str]:
    """Suspect words in a submission's own cells, and its functions that are the solution's."""
    handed_out = code(given_out)
    own = [source for source in code(notebook) if source not in handed_out]
    of_solution = functions(code(solution)).keys() - functions(handed_out).keys()
    copied = [f"{name} as in the solution" for shape, name in functions(own).items() if shape in of_solution]
    return sorted({*SUSPECT.findall("\n".join(own))}) + sorted(copied)


def code(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def functions(sources: list[str]) -> dict[str, str]:
    """Functions of two statements or more: {what they do, whatever their variables are called: their name}."""
    program = ast.Module([], [])
    for source in sources:
        with contextlib.suppress(SyntaxError, ValueError):  # a cell that is no Python
            program.body += ast.parse(re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.MULTILINE)).body
    found = {}
    for node in ast.walk(program):
        if isinstance(node, ast.FunctionDef):
            body = [ast.dump(part) for part in node.body if not isinstance(part, ast.Expr)]  # no docstring
            if len(body) > 1:
                found[re.sub(r"\b(id|arg)='\w+'", "", "".join(body))] = node.name
    return found
