#!/usr/bin/env python3
"""Write first cells, and the repository's address and reference into badges (`make links REPO=owner/name`).

    python tools/links.py [--repo OWNER/NAME] [--reference BRANCH_OR_TAG]

What is not given stays as it is. The one setting stands in repository.txt: owner/name, and the branch or tag that
readers get. All badges, the first cell of all notebooks, the README's pip line and CITATION.cff follow it. While
repository.txt is empty they name no address, and there are no badges.
The workflow links.yml runs this on the first push of a copy. No notebook is executed.
"""

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
BADGES = (
    "[![Open in Binder](https://mybinder.org/badge_logo.svg)]"
    "(https://mybinder.org/v2/gh/{repository}/{reference}?urlpath=lab/tree/{notebook}) "
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{repository}/blob/{reference}/{notebook})"
)
PIP = 'pip install "git+https://github.com/{repository}@{reference}#subdirectory=augcheck"\n'
CODE = 'repository-code: "https://github.com/{repository}"\n'


class Setting(NamedTuple):
    repository: str  # owner/name
    reference: str  # a branch or tag


def read_setting(text: str) -> Setting | None:
    """The setting of a line "OWNER/NAME REFERENCE"; None where nothing is written. Another line ends the program."""
    match = re.fullmatch(r"([\w.-]+/[\w.-]+) ([\w./-]+)", text.strip())
    if text.strip() and not match:
        sys.exit(f"repository.txt, REPO, REFERENCE: found {text.strip()!r}, expected owner/name and a branch or tag.")
    return Setting(*match.groups()) if match else None


def filled(template: str, setting: Setting | None, **others: str) -> str:
    """A template with the setting in it; nothing without one."""
    return template.format(**setting._asdict(), **others) if setting else ""


def with_badges(text: str, setting: Setting | None, notebook: str) -> str:
    """The text with the launch badges of a notebook, if any, below its title, in place of others."""
    title, _, rest = text.partition("\n")
    rest = re.sub(r"\A\s*\[!\[Open in Binder\].*", "", rest).lstrip()
    badges = filled(BADGES, setting, notebook=notebook)
    return "\n\n".join(part for part in (title, badges, rest) if part)


def start_cell(path: Path, setting: Setting | None) -> str:
    """The first code of a notebook, which on Colab fetches the series where the address is known."""
    return filled(FETCH_ALL, setting, folder=path.parent.relative_to(ROOT).as_posix()) + START


def notebooks() -> list[Path]:
    """Lessons, companions and solutions."""
    folder = ROOT / "notebooks"
    return [path for part in (".", "going_deeper", "solutions") for path in sorted(folder.glob(f"{part}/*.ipynb"))]


def relink(setting: Setting | None) -> None:
    """Write the setting into every file that has an address, and into repository.txt."""
    texts = {SETTING: " ".join(setting) + "\n" if setting else ""}
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[0].source = with_badges(notebook.cells[0].source, setting, path.relative_to(ROOT).as_posix())
        next(cell for cell in notebook.cells if cell.cell_type == "code").source = start_cell(path, setting)
        texts[path] = nbformat.writes(notebook) + "\n"
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.sub(r'(?m)^(pip install \./augcheck.*\n)(pip install "git\+.*\n)?', rf"\1{filled(PIP, setting)}", text)
    texts[ROOT / "README.md"] = with_badges(text, setting, "notebooks/01_static_versus_live.ipynb")
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^(repository-code: .*\n)?license: ", f"{filled(CODE, setting)}license: ", text)
    texts[ROOT / "CITATION.cff"] = text
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    # The notebooks are newer now, so it is their text twins that change.
    jupytext(["--quiet", "--sync", *map(str, notebooks())])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repo")
    parser.add_argument("--reference")
    asked = parser.parse_args()
    setting = read_setting(SETTING.read_text(encoding="utf-8"))
    if asked.repo or asked.reference:
        repository, reference = setting or ("", "main")
        setting = read_setting(f"{asked.repo or repository} {asked.reference or reference}")
    relink(setting)


if __name__ == "__main__":
    main()
