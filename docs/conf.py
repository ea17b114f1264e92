"""The book (`make book`): the stored notebooks and the texts around them, no notebook executed, nothing fetched.

Sphinx takes the whole repository as its source folder, so that pages keep the paths that they have there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from docutils import nodes

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))
import links  # noqa: E402
import trainer  # noqa: E402

project = (ROOT / "README.md").read_text("utf-8").partition("\n")[0].removeprefix("# ")
author = copyright = "the static-versus-live authors"
helpers = (ROOT / "helpers" / "__init__.py").read_text("utf-8")
version = re.search(r'__version__ = "(.+)"', helpers)[1]
language = "en"

extensions = ["myst_nb"]
root_doc = "README"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "CODE_OF_CONDUCT.md",
    "docs/*.md",
    "docs/teaching/*.md",
    "data/README.md",
    "data/results/*.md",
    "augcheck/README.md",
    "notebooks/*.ipynb",
    "notebooks/going_deeper/*.ipynb",
    "notebooks/solutions/*.ipynb",
]
nb_execution_mode = "off"
nb_merge_streams = True  # what a cell prints in several pieces is one block
myst_heading_anchors = 3

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["book.css"]
templates_path = ["_templates"]
html_favicon = "_static/favicon.svg"
html_use_index = False
html_search_scorer = str(ROOT / "docs" / "_static" / "search_scores.js")
html_context = {"default_mode": "auto"}
html_theme_options = {
    "path_to_docs": "",
    "navbar_persistent": [],  # the search stands in the sidebar
}
setting = links.read_setting((ROOT / "repository.txt").read_text("utf-8"))
if setting:  # without an address there are no buttons
    html_theme_options |= {
        "repository_url": f"https://github.com/{setting['repository']}",
        "repository_branch": setting["reference"],
        "use_repository_button": True,
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
        },
    }
PAGE = "docs/explorer"  # its address is older than what it shows
PAGE_SCRIPTS = ["garments", *trainer.SCRIPTS]

CONTENTS = {
    "Lessons": ["notebooks/*"],
    "Going deeper": ["notebooks/going_deeper/*"],
    "Solutions": ["notebooks/solutions/*"],
    "Reference": [
        "docs/find_your_symptom",
        "augcheck/README",
        "docs/migration",
        "docs/explorer",
        "docs/glossary",
        "docs/set-up",
    ],
    "Teaching": [
        "docs/for-lecturers",
        "docs/teaching/misconceptions",
        "docs/teaching/syllabus",
        "docs/teaching/deck",
        "docs/teaching/worksheet",
        "docs/teaching/guess_sheet",
    ],
    "About": [
        "data/README",
        "data/results/README",
        "CONTRIBUTING",
        "CODE_OF_CONDUCT",
        "CHANGELOG",
    ],
}


def add_contents(app, docname, source):
    """The README is the front page. It gets its table of contents here: GitHub would show it as code."""
    if docname == root_doc:
        for caption, pages in CONTENTS.items():
            if any(ROOT.glob(f"{pages[0]}.*")):
                options = f":hidden:\n:glob:\n:caption: {caption}"
                entries = lessons_with_minutes(source[0]) if caption == "Lessons" else pages
                source[0] += "\n```{toctree}\n" + "\n".join([options, "", *entries]) + "\n```\n"


def lessons_with_minutes(front_page):
    """The lessons as the front page's list names them, with its minutes to read."""
    row = r"\[(\d\d) ([^]]+)\]\((notebooks/\w+)\.ipynb\) (\d+)"
    entries = []
    for number, name, page, minutes in re.findall(row, front_page):
        title = name[0].upper() + name[1:]
        entries.append(f"{number} {title} ({minutes} min) <{page}>")
    return entries


def link_within_the_book(app, docname, source):
    """A page that leads a code host's reader to the published page that trains leads to it here, too."""
    if setting and docname == root_doc:
        source[0] = source[0].replace(links.trainer_page(setting), links.PICTURED)


def show_picture(app, docname, source):
    """The front page's light and dark picture, as the theme chooses them: it has a switch of its own."""
    if docname == root_doc:
        found = re.search(r'<picture>.+?alt="([^"]+)".+?</picture>', source[0], re.DOTALL)
        pictures = [
            f"```{{image}} /docs/{name}\n:class: only-{look}\n:alt: '{found[1]}'\n```"
            for name, look in (("share.png", "light"), ("share-dark.png", "dark"))
        ]
        source[0] = source[0].replace(found[0], "\n\n".join(pictures))
        source[0] = re.sub(r'<img width="(\d+)" src="(.+?)" alt="(.+?)">', _as_image, source[0])


def _as_image(found):
    """A picture in HTML as MyST writes it, so that its file comes into the book."""
    alternative = found[3].replace("'", "''")
    return f"```{{image}} /{found[2]}\n:width: {found[1]}px\n:alt: '{alternative}'\n```"


def drop_badges(app, doctree):
    """Launch badges are pictures from other hosts; in the book the theme's buttons do their work."""
    for image in list(doctree.findall(nodes.image)):
        if "://" in image["uri"]:
            image.parent.parent.remove(image.parent)


def copy_front_page(app, error):
    if error is None:
        shutil.copy(Path(app.outdir, f"{root_doc}.html"), Path(app.outdir, "index.html"))


def name_folds(app, pagename, templatename, context, doctree):
    """A folded cell is called what it shows; MyST-NB gives it a second name, which a voice control misses."""
    if "body" in context:
        context["body"] = context["body"].replace(' aria-label="Toggle hidden content"', "")


def add_page(app, pagename, templatename, context, doctree):
    """The scripts that train in the browser stand on their own page alone, and what messengers show of it."""
    if pagename == PAGE:
        context["metatags"] += trainer.preview(setting, f"_static/{trainer.PICTURE}")
        for name in ("uplot/uPlot.min.css", "page/page.css"):
            app.add_css_file(name)
        app.add_js_file("uplot/uPlot.iife.min.js", loading_method="defer")
        for name in PAGE_SCRIPTS:
            app.add_js_file(f"page/{name}.js", loading_method="defer")


def copy_page(app, error):
    if error is None:
        folder = Path(app.outdir, "_static", "page")
        shutil.copytree(ROOT / "docs" / "page", folder, dirs_exist_ok=True)
        shutil.copy(ROOT / "docs" / trainer.PICTURE, folder.parent)
        program = ROOT / "tools" / "page_garments.py"
        subprocess.run([sys.executable, program, folder / "garments.js"], check=True)


# An icon in the script that the theme brings: name, size, other names, number, path.
ICON = re.compile(
    r'(?:"([\w-]+)"|([a-z][\w-]*)):\[\d+,\d+,\[[^\]]*\],"[0-9a-f]+",(?:"[^"]*"|\[[^\]]*\])\],?'
)


def drop_unused_icons(app, error):
    """The theme brings 2,100 icons, which are 1.5 MB on each page; the book uses sixteen."""
    if error is None:
        script = Path(app.outdir, "_static", "scripts", "fontawesome.js")
        others = [*Path(app.outdir).rglob("*.html"), *Path(app.outdir, "_static").rglob("*.js")]
        texts = [path.read_text("utf-8", "replace") for path in others if path != script]
        used = {name for text in texts for name in re.findall(r"\bfa-([a-z][\w-]*)", text)}

        def if_used(icon):
            name = icon[1] or icon[2]
            return icon[0] if name in used else ""

        script.write_text(ICON.sub(if_used, script.read_text("utf-8")), "utf-8")


def setup(app):
    app.connect("html-page-context", add_page)
    app.connect("build-finished", copy_page)
    app.connect("build-finished", drop_unused_icons)
    app.connect("html-page-context", name_folds)
    app.connect("source-read", add_contents)
    app.connect("source-read", show_picture)
    app.connect("source-read", link_within_the_book)
    app.connect("doctree-read", drop_badges, priority=400)  # before Sphinx collects the pictures
    app.connect("build-finished", copy_front_page)
