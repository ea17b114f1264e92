#!/usr/bin/env python3
"""Write first cells, and the repository's address and reference into badges (`make links REPO=owner/name`).

    python tools/links.py [--repo OWNER/NAME] [--reference BRANCH_OR_TAG]

What is not given stays as it is. The one setting stands in repository.txt: owner/name, and the branch or tag that
readers get. All badges, the first cell of all notebooks (tools/first_cell.py), the README's pip line, the link for a
JupyterHub and CITATION.cff follow it.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import nbformat

ROOT = Path(__file__).resolve().parent.parent
SETTING = ROOT / "repository.txt"
FIRST_CELL = ROOT / "tools" / "first_cell.py"


class Setting(NamedTuple):
    repository: str  # owner/name
    reference: str  # a branch or tag


def read_setting(text: str) -> Setting:
    """The setting of a line "OWNER/NAME REFERENCE".

    Raises:
        ValueError: it is no such line.
    """
    match = re.fullmatch(r"([\w.-]+/[\w.-]+) ([\w./-]+)", text.strip())
    if not match:
        raise ValueError(f"found {text.strip()!r}; expected owner/name and a branch or tag.")
    return Setting(match[1], match[2])


def badges(setting: Setting, notebook: str) -> str:
    """The line of launch badges of a notebook, given by its path in the repository."""
    repository, reference = setting
    binder = f"https://mybinder.org/v2/gh/{repository}/{reference}?urlpath=lab/tree/{notebook}"
    colab = f"https://colab.research.google.com/github/{repository}/blob/{reference}/{notebook}"
    return (
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder}) "
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})"
    )


def with_badges(text: str, line: str) -> str:
    """The text with its line of badges replaced, or put below the title where it has none."""
    title, _, rest = text.partition("\n")
    rest = re.sub(r"\A\s*\[!\[Open in Binder\].*(\n|\Z)", "\n", rest)
    return f"{title}\n\n{line}\n\n{rest.lstrip()}"


def first_cell(setting: Setting) -> str:
    """The code that finds the series, or fetches it, and prepares the notebook."""
    template = FIRST_CELL.read_text(encoding="utf-8").strip()
    return template.replace("OWNER/NAME", setting.repository).replace("REFERENCE", setting.reference)


def with_address(text: str, repository: str) -> str:
    """CITATION.cff with the address that it names."""
    return re.sub(r'(?<="https://github\.com/)[^"]+', repository, text)


def with_pip_address(text: str, setting: Setting) -> str:
    """The README with what its pip line installs from."""
    address = f"{setting.repository}@{setting.reference}"
    return re.sub(r"(?<=git\+https://github\.com/)[\w.-]+/[\w.-]+(@[\w./-]+)?", address, text)


def with_hub_link(text: str, repository: str) -> str:
    """The text with what its nbgitpuller links ask for; the hub's own address stays."""
    name = repository.split("/")[1]
    asked = {
        "repo": f"https://github.com/{repository}",
        "branch": "main",  # nbgitpuller follows branches, not tags
        "urlpath": f"lab/tree/{name}/notebooks/00_start_here.ipynb",
    }
    return re.sub(r"(?<=/hub/user-redirect/git-pull\?)\S+", urlencode(asked), text)


def notebooks() -> list[Path]:
    """Lessons, companions and solutions."""
    folder = ROOT / "notebooks"
    return [path for part in (".", "going_deeper", "solutions") for path in sorted(folder.glob(f"{part}/*.ipynb"))]


def prepare_notebook(path: Path, setting: Setting) -> None:
    """Write badges and first cell of a notebook; whoever saves it in JupyterLab changes nothing else."""
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0]
    title.source = with_badges(title.source, badges(setting, path.relative_to(ROOT).as_posix()))
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.source = first_cell(setting)
    code.metadata.update(tags=["hide-input"], jupyter={"source_hidden": True})
    notebook.metadata.kernelspec = {
        "display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3",
    }  # fmt: skip
    write(path, nbformat.writes(notebook) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repo")
    parser.add_argument("--reference")
    given = parser.parse_args()
    try:
        repository, reference = SETTING.read_text(encoding="utf-8").split()
        setting = read_setting(f"{given.repo or repository} {given.reference or reference}")
    except ValueError as error:
        sys.exit(f"repository.txt, REPO and REFERENCE: {error}")
    write(SETTING, " ".join(setting) + "\n")
    for path in notebooks():
        prepare_notebook(path, setting)
    line = badges(setting, "notebooks/00_start_here.ipynb")
    rewrite("README.md", lambda text: with_badges(with_pip_address(text, setting), line))
    rewrite("CITATION.cff", lambda text: with_address(text, setting.repository))
    rewrite("docs/for-lecturers.md", lambda text: with_hub_link(text, setting.repository))


def rewrite(name: str, change: Callable[[str], str]) -> None:
    path = ROOT / name
    write(path, change(path.read_text(encoding="utf-8")))


def write(path: Path, text: str) -> None:
    """Through a temporary name, so that an interruption leaves the old file or the new one."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, path)


if __name__ == "__main__":
    main()
