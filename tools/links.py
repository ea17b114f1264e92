#!/usr/bin/env python3
"""Write first cells, and the repository's address and reference into badges (`make links REPO=owner/name`).

    python tools/links.py [--repo OWNER/NAME] [--reference BRANCH_OR_TAG]

What is not given stays as it is. The one setting stands in repository.txt: owner/name, and the branch or tag that
readers get. All badges, the first cell of all notebooks, the README's pip line and CITATION.cff follow it. While
repository.txt is empty they name no address, and there are no badges.
The workflow links.yml runs this on the first push of a copy. No notebook is executed.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from jupytext.cli import jupytext

ROOT = Path(__file__).resolve().parent.parent
SETTING = ROOT / "repository.txt"
START = "from series import prepare\n\nprepare()"
FETCH_ALL = """\
import os
import sys

if not os.path.exists("series.py"):  # alone, as on Colab: fetch the rest
    if not os.path.exists("static-versus-live"):
        os.system("git clone --quiet --depth=1 --branch={reference} https://github.com/{repository} static-versus-live")
    sys.path.insert(0, "static-versus-live/{folder}")

"""


class Setting(NamedTuple):
    repository: str  # owner/name
    reference: str  # a branch or tag


def read_setting(text: str) -> Setting | None:
    """The setting of a line "OWNER/NAME REFERENCE"; None where nothing is written.

    Raises:
        ValueError: it is no such line.
    """
    match = re.fullmatch(r"([\w.-]+/[\w.-]+) ([\w./-]+)", text.strip())
    if text.strip() and not match:
        raise ValueError(f"found {text.strip()!r}; expected owner/name and a branch or tag.")
    return Setting(match[1], match[2]) if match else None


def with_badges(text: str, setting: Setting | None, notebook: str) -> str:
    """The text with the launch badges of a notebook, if any, below its title, in place of others."""
    title, _, rest = text.partition("\n")
    rest = re.sub(r"\A\s*(\[!\[Open in Binder\].*)(\n|\Z)", "\n", rest).lstrip()
    line = ""
    if setting:
        binder = f"https://mybinder.org/v2/gh/{'/'.join(setting)}?urlpath=lab/tree/{notebook}"
        colab = f"https://colab.research.google.com/github/{'/blob/'.join(setting)}/{notebook}"
        line = f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder}) "
        line += f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})"
    return "\n\n".join(part for part in (title, line, rest) if part)


def start_cell(path: Path, setting: Setting | None) -> str:
    """The first code of a notebook, which on Colab fetches the series where the address is known."""
    folder = path.parent.relative_to(ROOT).as_posix()
    return (FETCH_ALL.format(folder=folder, **setting._asdict()) if setting else "") + START


def notebooks() -> list[Path]:
    """Lessons, companions and solutions."""
    folder = ROOT / "notebooks"
    return [path for part in (".", "going_deeper", "solutions") for path in sorted(folder.glob(f"{part}/*.ipynb"))]


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def relink(setting: Setting | None) -> None:
    """Write the setting into every file that has an address, and into repository.txt."""
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[0].source = with_badges(notebook.cells[0].source, setting, path.relative_to(ROOT).as_posix())
        next(cell for cell in notebook.cells if cell.cell_type == "code").source = start_cell(path, setting)
        write(path, nbformat.writes(notebook) + "\n")
    # The notebooks are newer now, so it is their text twins that change.
    jupytext(["--quiet", "--sync", *map(str, notebooks())])
    pip = code = ""
    if setting:
        address = f"https://github.com/{setting.repository}"
        pip = f'pip install "git+{address}@{setting.reference}#subdirectory=augcheck"\n'
        code = f'repository-code: "{address}"\n'
    readme, citation = ROOT / "README.md", ROOT / "CITATION.cff"
    text = with_badges(readme.read_text(encoding="utf-8"), setting, "notebooks/01_static_versus_live.ipynb")
    write(readme, re.sub(r'^(pip install \./augcheck.*\n)(pip install "git\+.*\n)?', rf"\1{pip}", text, flags=re.M))
    text = citation.read_text(encoding="utf-8")
    write(citation, re.sub(r"^(repository-code: .*\n)?license: ", f"{code}license: ", text, flags=re.M))
    write(SETTING, " ".join(setting) + "\n" if setting else "")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repo")
    parser.add_argument("--reference")
    given = parser.parse_args()
    try:
        setting = read_setting(SETTING.read_text(encoding="utf-8"))
        if given.repo or given.reference:
            repository, reference = setting or ("", "main")
            setting = read_setting(f"{given.repo or repository} {given.reference or reference}")
    except ValueError as error:
        sys.exit(f"repository.txt, REPO and REFERENCE: {error}")
    relink(setting)


if __name__ == "__main__":
    main()
