#!/usr/bin/env python3
"""What students get: build/class and build/class.zip with lessons 01 to 07 without outputs, and a check of the set-up.

Students run the lessons cell by cell and guess where a page asks. The requirements name their constraints, so that pip,
Binder and a hub's image take them as they are.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from without_outputs import without_outputs

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "class"
# Without pages that answer.
COPIED = [
    "helpers",
    "LICENSE",
    "constraints.txt",
    "requirements.txt",
    "data/garments.npz",
    ":(glob)notebooks/0[1-7]*.ipynb",
    ":(glob)notebooks/*.py",
    ":(glob)augcheck/src/**/*.py",  # in lesson 07
    ":(glob)data/results/lessons/0[1-7]*",
    "data/results/study*",  # of an exercise of lesson 06
]
NEEDED = re.compile(
    r"(tensorflow|keras|numpy|scipy|Pillow|pandas|matplotlib|seaborn|tqdm|ipy\w+|jupyterlab)[<>=]"
)
# Where tensorflow-cpu is half as large as tensorflow, and where it is not, or there is none.
SMALLER = "sys_platform == 'linux' and platform_machine == 'x86_64'"
OTHERWISE = "sys_platform != 'linux' or platform_machine != 'x86_64'"
# What is said to readers of stored outputs, and of solutions.
OPEN_ELSEWHERE = re.compile(r"\(On code hosts and (?:on )?Colab [^)]*\)\s*")
SOLUTIONS = re.compile(r"Worked answers are in \[[^\]]+\]\(solutions/[^)]+\)\.\s*")
IN_PYTORCH = re.compile(r", or take the lesson \[in PyTorch\]\([^)]+\)")
NEXT = "**Next:**"  # begins the last cell of a lesson
# A link alone in brackets, or not.
LINK = re.compile(r" \(\[[^\]]+\]\(([^)\s]+)\)\)|(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")


def without_dead_links(text: str, folder: Path) -> str:
    """The text with links to missing files replaced by their words, or left out where they are alone in brackets."""

    def living(link: re.Match[str]) -> str:
        target = (link[1] or link[3]).split("#")[0]
        if not target or "://" in target or (folder / target).exists():
            return link[0]
        return link[2] or ""

    return LINK.sub(living, text)


def tracked(root: Path) -> list[str]:
    """What git knows of ``COPIED``: no download and no draft that lies beside it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *COPIED], cwd=root, capture_output=True, encoding="utf-8"
    )
    names = [name for name in listed.stdout.split("\0") if name and (root / name).exists()]
    if not names:
        sys.exit(
            f"`make class` copies what git knows, and git lists nothing: is this a clone? {listed.stderr}"
        )
    return names


def requirements() -> str:
    """What the lessons need, and of TensorFlow the smaller package where there is one: a class installs afresh."""
    lines = ["-c constraints.txt"]
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        if not NEEDED.match(line):
            continue
        if line.startswith("tensorflow"):
            version = line.partition("#")[0].strip().removeprefix("tensorflow")
            lines.append(f"tensorflow-cpu{version} ; {SMALLER}")
            lines.append(f"tensorflow{version} ; {OTHERWISE}")
        else:
            lines.append(line)
    return "\n".join([*lines, ""])


def build(out: Path = OUT) -> None:
    shutil.rmtree(out, ignore_errors=True)
    for name in tracked(ROOT):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, out / name)
    for path in out.glob("notebooks/*.ipynb"):
        notebook = without_outputs(nbformat.read(path, as_version=4))
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                source = cell.source
                for never in (OPEN_ELSEWHERE, SOLUTIONS, IN_PYTORCH):
                    source = never.sub("", source)
                cell.source = without_dead_links(source, path.parent)
        last = notebook.cells[-1].source
        if last.startswith(NEXT) and not LINK.search(last):
            del notebook.cells[-1]  # it leads to a lesson that students lack
        nbformat.write(notebook, path)
    (out / "requirements.txt").write_text(requirements(), "utf-8")
    shutil.copytree(ROOT / "tools" / "class", out, dirs_exist_ok=True)
    archive = shutil.make_archive(str(out), "zip", root_dir=out.parent, base_dir=out.name)
    print(
        f"The lessons are in {out} and {archive}; check_set_up.ipynb says whether a machine is ready"
    )


if __name__ == "__main__":
    try:
        build()
    except OSError as error:
        sys.exit(str(error))
