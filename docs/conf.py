"""The book (`make book`): the stored notebooks and the texts around them, no notebook executed, nothing fetched.

Sphinx takes the whole repository as its source folder, so that pages keep the paths that they have there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tools"))
import links  # noqa: E402
import trainer  # noqa: E402

project = html_title = (ROOT / "README.md").read_text("utf-8").partition("\n")[0].removeprefix("# ")
author = copyright = "the static-versus-live authors"
extensions = ["myst_nb", "sphinxext.opengraph"]
root_doc = "README"
include_patterns = [
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "augcheck/README.md"),
    *("docs/**.md", "data/**.md", "notebooks/**.ipynb"),
]
nb_execution_mode = "off"
nb_merge_streams = True  # what a cell prints in several pieces is one block
myst_heading_anchors = 3
suppress_warnings = ["image.nonlocal_uri"]  # launch badges

html_theme = "sphinx_book_theme"
html_static_path = ["_static"]
html_css_files = ["book.css"]
templates_path = ["_templates"]
html_favicon = "_static/favicon.svg"
html_search_scorer = str(ROOT / "docs" / "_static" / "search_scores.js")
html_theme_options = {"path_to_docs": "", "navbar_persistent": []}  # the search is in the sidebar
setting = links.read_setting((ROOT / "repository.txt").read_text("utf-8"))
ogp_site_url = links.published(setting)

CONTENTS = {
    "Lessons": ["notebooks/*"],
    "Going deeper": ["notebooks/going_deeper/*"],
    "Solutions": ["notebooks/solutions/*"],
    "Pages": ["docs/*", "augcheck/README", "docs/teaching/*"],
    "About": ["data/**", "CONTRIBUTING", "CODE_OF_CONDUCT", "CHANGELOG"],
}


def add_contents(app, docname, source):
    """The front page gets its table of contents here: a code host would show it as code."""
    if docname == root_doc:
        for caption, pages in CONTENTS.items():
            lines = [":hidden:", ":glob:", f":caption: {caption}", "", *pages]
            source[0] += "\n```{toctree}\n" + "\n".join(lines) + "\n```\n"


def add_page(app, pagename, templatename, context, doctree):
    """The scripts that train in the browser stand on their own page alone."""
    if pagename == "docs/explorer":  # its address is older than what it shows
        for name in ("uplot/uPlot.min.css", "page/page.css"):
            app.add_css_file(name)
        for name in (
            "uplot/uPlot.iife.min",
            "page/garments",
            *(f"page/{s}" for s in trainer.SCRIPTS),
        ):
            app.add_js_file(f"{name}.js", loading_method="defer")


def copy_pages(app, error):
    """The front page is also the index; beside it the scripts of the page that trains."""
    if error is None and app.builder.format == "html":
        out = Path(app.outdir)
        shutil.copy(out / "README.html", out / "index.html")
        shutil.copytree(ROOT / "docs" / "page", out / "_static" / "page", dirs_exist_ok=True)
        shutil.copy(ROOT / "docs" / trainer.PICTURE, out / "_static")  # for trainer.html
        program = ROOT / "tools" / "page_garments.py"
        garments = out / "_static" / "page" / "garments.js"
        subprocess.run([sys.executable, program, garments], check=True)


def setup(app):
    app.connect("source-read", add_contents)
    app.connect("html-page-context", add_page)
    app.connect("build-finished", copy_pages)
