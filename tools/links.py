#!/usr/bin/env python3
"""Write first cells, and the repository's address and reference into badges and links (`make links REPO=owner/name`).

    python tools/links.py [--repo OWNER/NAME] [--reference BRANCH_OR_TAG]

What is not given stays as it is. The one setting stands in repository.txt: owner/name, and the branch or tag that
readers get. All badges, the first cell of all notebooks, links to the page that trains, the README's pip line and
CITATION.cff follow it. While repository.txt is empty they name no address, and there are no badges.
The workflow links.yml runs this on the first push of a copy. No notebook is executed.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat
from jupytext.cli import jupytext

ROOT = Path(__file__).resolve().parent.parent
SETTING = ROOT / "repository.txt"
START = "from series import prepare  # not found? Open this page in its folder\n\nprepare()"
# What a code host shows in place of the page that trains, which is a picture and how to get the page.
PICTURED = "docs/explorer.md"
# Notebooks that need nothing of the series, and what they need beside its requirements.
ALONE = {"notebooks/going_deeper/in_pytorch.ipynb": "torchvision"}
FETCH_ALL = """\
import os
import sys

if not os.path.exists("series.py"):  # alone, as on Colab: fetch the rest
    if not os.path.exists("static-versus-live"):
        os.system("git clone --quiet --depth=1 --branch={reference} https://github.com/{repository} static-versus-live")
    sys.path.insert(0, "static-versus-live/{folder}")

"""
# Colab shows stored outputs unfolded. So lessons open there from a branch that has them without, in one file each: the
# workflow links.yml fills it.
LESSONS = "one-file"
ON_COLAB = """\
[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]\
(https://colab.research.google.com/github/{repository}/blob/{on_colab})

"""
BADGES = f"""\
[![Open in Binder](https://mybinder.org/badge_logo.svg)]\
(https://mybinder.org/v2/gh/{{repository}}/{{reference}}?urlpath=lab/tree/{{notebook}}) \
{ON_COLAB}"""
PIP = 'pip install "git+https://github.com/{repository}@{reference}#subdirectory=augcheck"\n'
CITATION = 'repository-code: "https://github.com/{repository}"\n'
# A line or more with the address, and the place: below another line, instead of what stood there.
ADDRESSES = {
    BADGES: r"(\A# .+\n\n)(?:\[!\[Open in .*\n\n)?",
    PIP: r"^(pip install \./augcheck.*\n)(?:pip install .git\+.*\n)?",
    CITATION: r"^(date-released: .*\n)(?:repository-code: .*\n)?",
}


def read_setting(text: str) -> dict[str, str]:
    """Repository and reference of a line "OWNER/NAME REFERENCE", or {} of an empty one; any other ends the program."""
    found = text.strip()
    if not found:
        return {}
    match = re.fullmatch(r"(?P<repository>[\w.-]+/[\w.-]+)(?: (?P<reference>[\w./-]+))?", found)
    if not match:
        sys.exit(
            f"repository.txt, REPO, REFERENCE: found {found!r}, expected owner/name and a branch or tag."
        )
    return match.groupdict("main")


def published(setting: dict[str, str]) -> str:
    """The address of the book, without a last stroke, or an empty text where there is none."""
    if not setting:
        return ""
    owner, name = setting["repository"].split("/")
    site = f"https://{owner.lower()}.github.io"
    # A repository of the site's name is published at its root.
    return site if name.lower() == f"{owner.lower()}.github.io" else f"{site}/{name}"


def trainer_page(setting: dict[str, str]) -> str:
    """Where the page that trains is published, or an empty text."""
    return f"{published(setting)}/docs/explorer.html" if setting else ""


def filled(template: str, setting: dict[str, str], **others: str) -> str:
    """A template with the setting in it; nothing without one."""
    return template.format(**setting, **others) if setting else ""


def relinked(text: str, setting: dict[str, str], notebook: str) -> str:
    """A page or the first cell of a notebook with the setting's address wherever one may stand."""
    is_lesson = ROOT / notebook in lessons()
    whole = f"{setting.get('reference')}/{notebook}"
    on_colab = f"{LESSONS}/{Path(notebook).name}" if is_lesson else whole
    for line, place in ADDRESSES.items():
        if line == BADGES and notebook in ALONE:
            line = ON_COLAB  # Binder installs the requirements of the series
        address = filled(line, setting, notebook=notebook, on_colab=on_colab)
        text = re.sub(place, rf"\1{address}", text, flags=re.MULTILINE)
    return text


def with_trainer_links(text: str, setting: dict[str, str]) -> str:
    """A page that leads to the page that trains: where that is published, there, and otherwise to its picture."""
    page = trainer_page(setting)
    site = "the published site"
    text = re.sub(r"(\[train it in your browser\])\([^)]+\)", rf"\1({page or PICTURED})", text)
    link = f"[{site}]({page})" if page else site
    return re.sub(rf"\[{site}\]\([^)]+\)|{site}", link, text)


def start_cell(path: Path, setting: dict[str, str]) -> str:
    """The first code of a notebook, which on Colab fetches the series where the address is known."""
    return filled(FETCH_ALL, setting, folder=path.parent.relative_to(ROOT).as_posix()) + START


def lessons() -> list[Path]:
    """What lies directly in `notebooks`, and no list elsewhere: the tests and the lessons in one file ask here."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def notebooks() -> list[Path]:
    """Lessons, companions and solutions."""
    found = lessons()
    for part in ("going_deeper", "solutions"):
        found += sorted((ROOT / "notebooks" / part).glob("*.ipynb"))
    return found


def main() -> None:
    """Write the setting into every file that has an address, and into repository.txt."""
    repository, _, reference = SETTING.read_text("utf-8").strip().partition(" ")
    parser = argparse.ArgumentParser()
    parser.add_argument("--repo", default=repository)
    parser.add_argument("--reference", default=reference)
    asked = parser.parse_args()
    setting = read_setting(f"{asked.repo} {asked.reference}")
    texts = {SETTING: filled("{repository} {reference}\n", setting)}
    for path in (ROOT / "README.md", ROOT / "CITATION.cff"):
        text = path.read_text("utf-8")
        text = relinked(text, setting, "notebooks/01_static_versus_live.ipynb")
        texts[path] = with_trainer_links(text, setting)
    pictured = ROOT / PICTURED
    texts[pictured] = with_trainer_links(pictured.read_text("utf-8"), setting)
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        title = notebook.cells[0]
        title.source = relinked(title.source, setting, path.relative_to(ROOT).as_posix())
        if path.relative_to(ROOT).as_posix() not in ALONE:
            first = next(cell for cell in notebook.cells if cell.cell_type == "code")
            first.source = start_cell(path, setting)
        texts[path] = nbformat.writes(notebook) + "\n"
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    # The notebooks are newer now, so it is their text twins that change.
    jupytext(["--quiet", "--sync", *map(str, notebooks())])


if __name__ == "__main__":
    main()
