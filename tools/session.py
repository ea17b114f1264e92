#!/usr/bin/env python3
"""All that a lecturer takes along, in one file: build/session.zip (see `make session`).

It puts together what other targets made: slides, sheets, the trainer, lessons in one file each, the students' folder,
questions. Chromium or Chrome, if there is one, prints slides and sheets as PDF. Without it they stay pages, and
index.html says how to print them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from plan import ROOT
from sheets import address, printable

BUILD = ROOT / "build"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
ON_MACS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
SECONDS = 120  # for one page, at most
DECK = "is_live_better.html"
# What each file is, by its name without an ending, in the order of a lecturer's evening.
PRINTED = {
    "plan": "read this first: the plan, step by step",
    "misconceptions": "what students believe, and what good ones ask",
    "slides": "slides to show: the next page answers",
    "worksheet": "print it for everybody, two sides: what to type, and nine runs",
    "strips": "print them for everybody, three to cut from a page: guesses and votes, handed in at the end",
    "handout": "print it for everybody, two sides, to give out at the end: it answers the votes",
    "cards": "print one set, five cards to stand in order, if there is time",
    "answers": "answers of the nine runs, to mail after the homework",
}
OTHERS = {
    DECK: "the same slides with your notes: press S",
    "trainer.html": "trains in a browser, without laptops in place of lesson 01: open it or mail it",
    "one-file": "each lesson as one notebook, for Colab or a hub",
    "class.zip": "the students' folder, for laptops",
    "questions.gift": "questions for Moodle",
}
PRINT_YOURSELF = (
    "This machine had no Chromium and no Chrome, so nothing is a PDF: "
    "open a page in a browser and print it."
)
HOW_IT_WENT = "How did it go, and what was asked? Tell"
NO_NOTES = "Slides with notes are missing, because npm was not there or failed."


def find_browser() -> str:
    """A browser that prints without a screen, or an empty text."""
    for name in (*BROWSERS, ON_MACS):
        found = shutil.which(name)
        if found:
            return found
    return ""


def print_pdf(browser: str, page: Path, pdf: Path) -> None:
    """A page as PDF; OSError where the browser makes none."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium asks root for it
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=SECONDS)
    if not pdf.exists():
        raise OSError(f"{browser} didn't print {page.name}: {done.stderr.strip()[-200:]}")


def index(out: Path) -> str:
    """The page that says what is in the folder, and what is missing."""
    lines = []
    for name, about in PRINTED.items():
        (file,) = out.glob(f"{name}.*")
        lines.append(f"- [{file.name}]({file.name}): {about}")
    for name, about in OTHERS.items():
        if (out / name).exists():
            lines.append(f"- [{name}]({name}): {about}")
    if (out / "slides.html").exists():
        lines += ["", PRINT_YOURSELF]
    if not (out / DECK).exists():
        lines += ["", NO_NOTES]
    lines += ["", f"{HOW_IT_WENT} {address() or 'whoever gave you this file'}."]
    return printable("Teach data augmentation in ninety minutes", "\n".join(lines))


def build(build_folder: Path = BUILD, browser: str | None = None) -> Path:
    """The zip; OSError where a part hasn't been made."""
    if browser is None:
        browser = find_browser()
    out = build_folder / "session"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(build_folder / "slides", out)
    for name in OTHERS:
        part = build_folder / name
        if part.is_dir():
            shutil.copytree(part, out / name)
        elif name != DECK:  # which lies in slides
            shutil.copy(part, out / name)
    if browser:
        for name in PRINTED:
            page = out / f"{name}.html"
            print_pdf(browser, page, page.with_suffix(".pdf"))
            page.unlink()
    (out / "index.html").write_text(index(out), encoding="utf-8")
    packed = shutil.make_archive(str(out), "zip", root_dir=build_folder, base_dir=out.name)
    return Path(packed)


if __name__ == "__main__":
    try:
        made = build()
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.exit(f"{error}. `make session` makes all parts, and then this file.")
    print(f"{made} has {made.stat().st_size / 1e6:.1f} MB: unpack it, and open index.html.")
