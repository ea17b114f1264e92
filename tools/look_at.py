"""What to look at in a submission before its points are believed: no proof of anything, a reason to read it."""

from __future__ import annotations

import ast
import builtins
import contextlib
import re

from nbformat import NotebookNode

# Words that no answer needs. LETTERS is the key to assignment 07's pipelines.
SUSPECT = re.compile(
    r"\b(?:otter|tests/|pickle|dill|subprocess|exit|SystemExit|os|sys|gc|inspect|open|exec|eval|glob|Path|__\w+__"
    r"|setattr|delattr|global|globals|builtins|importlib|ctypes|mock|LETTERS)\b"
)


def to_look_at(notebook: NotebookNode, given_out: NotebookNode, solution: NotebookNode) -> list[str]:
    """Suspect words in a submission's own cells, what it replaces, and its functions that are the solution's."""
    handed_out = code(given_out)
    own = [source for source in code(notebook) if source not in handed_out]
    program = parsed(own)
    of_solution = functions(parsed(code(solution))).keys() - functions(parsed(handed_out)).keys()
    copied = [f"{name} as in the solution" for shape, name in functions(program).items() if shape in of_solution]
    return sorted({*SUSPECT.findall("\n".join(own)), *replaced(program)}) + sorted(copied)


def code(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def parsed(sources: list[str]) -> ast.Module:
    """Cells as one program, without their magics and without cells that are no Python."""
    program = ast.Module([], [])
    for source in sources:
        with contextlib.suppress(SyntaxError, ValueError):
            program.body += ast.parse(re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.MULTILINE)).body
    return program


def functions(program: ast.Module) -> dict[str, str]:
    """Functions of two statements or more: {what they do, whatever their variables are called: their name}."""
    found = {}
    for node in ast.walk(program):
        if isinstance(node, ast.FunctionDef):
            body = [ast.dump(part) for part in node.body if not isinstance(part, ast.Expr)]  # no docstring
            if len(body) > 1:
                found[re.sub(r"\b(id|arg)='\w+'", "", "".join(body))] = node.name
    return found


def replaced(program: ast.Module) -> set[str]:
    """Python's own names that mean something else now, and parts of what it did not make itself: np.allclose = ..."""
    top = ast.Module([part for part in program.body if not isinstance(part, (ast.FunctionDef, ast.ClassDef))], [])
    defined = {part.name for part in program.body if isinstance(part, (ast.FunctionDef, ast.ClassDef))}
    made = stored(program) | {node.arg for node in ast.walk(program) if isinstance(node, ast.arg)}
    parts = {ast.unparse(node) for node in ast.walk(program)
             if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}  # fmt: skip
    foreign = {text for text in parts if re.split(r"\W", text)[0] not in made}
    return foreign | (stored(top) | defined) & set(dir(builtins))


def stored(part: ast.AST) -> set[str]:
    """The variables that get a value."""
    return {node.id for node in ast.walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
