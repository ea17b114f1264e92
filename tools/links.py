#!/usr/bin/env python3
"""Write the repository's address into badges and first cells (`make links REPO=owner/name`).

The one setting stands in repository.txt; all badges, the address that Colab clones, the link for a JupyterHub
and CITATION.cff follow it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import nbformat

ROOT = Path(__file__).resolve().parent.parent
SETTING = ROOT / "repository.txt"


def badges(repository: str, notebook: str) -> str:
    """The line of launch badges of a notebook, given by its path in the repository."""
    binder = f"https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/{notebook}"
    colab = f"https://colab.research.google.com/github/{repository}/blob/main/{notebook}"
    return (
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder}) "
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})"
    )


def with_badges(text: str, line: str) -> str:
    """The text with its line of badges replaced, or put below the title where it has none."""
    title, rest = text.split("\n", 1)
    rest = re.sub(r"\A\s*\[!\[Open in Binder\].*\n", "\n", rest)
    return f"{title}\n\n{line}\n\n{rest.lstrip()}"


def with_address(source: str, repository: str) -> str:
    """The first code cell (or CITATION.cff) with the address that it clones on Colab (or names)."""
    return re.sub(r'(?<="https://github\.com/)[^"]+', repository, source)


def with_hub_link(text: str, repository: str) -> str:
    """The text with what its nbgitpuller links ask for; the hub's own address stays."""
    name = repository.split("/")[1]
    asked = {
        "repo": f"https://github.com/{repository}",
        "branch": "main",
        "urlpath": f"lab/tree/{name}/notebooks/00_start_here.ipynb",
    }
    return re.sub(r"(?<=/hub/user-redirect/git-pull\?)\S+", urlencode(asked), text)


def notebooks() -> list[Path]:
    return sorted(ROOT.glob("notebooks/*.ipynb")) + sorted(ROOT.glob("notebooks/solutions/*.ipynb"))


def main() -> None:
    repository = sys.argv[1] if len(sys.argv) > 1 else SETTING.read_text(encoding="utf-8").strip()
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        sys.exit(f"REPO is {repository!r}; expected owner/name, as in the address of the repository.")
    write(SETTING, repository + "\n")
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        first = notebook.cells[0]
        code = next(cell for cell in notebook.cells if cell.cell_type == "code")
        first.source = with_badges(first.source, badges(repository, path.relative_to(ROOT).as_posix()))
        code.source = with_address(code.source, repository)
        write(path, nbformat.writes(notebook) + "\n")
    line = badges(repository, "notebooks/00_start_here.ipynb")
    rewrite("README.md", lambda text: with_badges(with_pip_address(text, repository), line))
    rewrite("CITATION.cff", lambda text: with_address(text, repository))
    rewrite("docs/for-lecturers.md", lambda text: with_hub_link(text, repository))


def with_pip_address(text: str, repository: str) -> str:
    return re.sub(r"(?<=git\+https://github\.com/)[\w.-]+/[\w.-]+", repository, text)


def rewrite(name: str, change: Callable[[str], str]) -> None:
    path = ROOT / name
    write(path, change(path.read_text(encoding="utf-8")))


def write(path: Path, text: str) -> None:
    """Through a temporary name, so that an interruption leaves the old file or the new one."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


if __name__ == "__main__":
    main()
