#!/usr/bin/env python3
"""The page that trains in the browser as one file to send: build/trainer.html.

It is docs/explorer.md with its scripts, styles and garments inside, and asks for nothing outside: a policy in its head
forbids it. From a file, by mail or from a server it is the same page.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from pathlib import Path

import links
import numpy as np
import page_garments
from markdown_it import MarkdownIt
from one_file import with_living_links

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "trainer.html"
PAGE = ROOT / "docs" / "page"
UPLOT = ROOT / "docs" / "_static" / "uplot"
PICTURE = "trainer.png"  # in docs
SIDE = 28  # pixels of a garment
# In the order in which they need one another; the last one starts the page.
SCRIPTS = (
    "random",
    "augment",
    "network",
    "schedule",
    "training",
    "worker",
    "words",
    "film",
    "chart",
    "nudge",
    "settings",
    "view",
)
TITLE = "Train it yourself: static or live augmentation?"
ABOUT = (
    "Guess first: which network will be worst on its own garments, the one without augmentation, with one stored "
    "copy, or with live augmentation? Then train all three in your browser, in a minute."
)
# What the theme of the book brings.
STYLE = """\
:root { color-scheme: light; --pst-color-text-base: #1f2328; --pst-color-text-muted: #57606a; }
:root { --pst-color-surface: #f3f4f5; }
html[data-theme="dark"] { color-scheme: dark; --pst-color-text-base: #e4e6ea; --pst-color-text-muted: #a5adb8; }
html[data-theme="dark"] { --pst-color-surface: #2a2e35; }
body { background: #fff; color: var(--pst-color-text-base); font: 1rem/1.6 system-ui, sans-serif; margin: 0; }
html[data-theme="dark"] body { background: #14181e; }
main { box-sizing: border-box; margin: 0 auto; max-width: 58rem; padding: 0.8rem 1rem 3rem; }
pre { background: var(--pst-color-surface); padding: 0.6rem; }
summary { cursor: pointer; }
a { color: var(--page-live); }
"""
THEME = """\
const dark = matchMedia("(prefers-color-scheme: dark)");
const look = () => (document.documentElement.dataset.theme = dark.matches ? "dark" : "light");
dark.addEventListener("change", look);
look();
"""
# Nothing is fetched; scripts, styles and the workers' program are those of the file.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; worker-src blob:; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
# The garments as the scripts expect them, from bytes that are compressed here, each less the one in the row above.
UNPACK = """\
(async function () {
  "use strict";
  const SIDE = 28;
  try {
    const packed = Uint8Array.from(atob(packedGarments.pixels), (letter) => letter.charCodeAt(0));
    const bytes = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const pixels = new Uint8Array(await new Response(bytes).arrayBuffer());
    for (let i = SIDE; i < pixels.length; i++) pixels[i] += pixels[i - SIDE];
    const text = (from, to) => {
      const letters = [];
      for (let i = from; i < to; i++) letters.push(String.fromCharCode(pixels[i]));
      return btoa(letters.join(""));
    };
    const { labels, freshLabels } = packedGarments;
    const middle = (pixels.length / (labels.length + freshLabels.length)) * labels.length;
    window.pageGarments = { images: text(0, middle), labels, fresh: text(middle, pixels.length), freshLabels };
  } catch {
    document.getElementById("page-still").textContent =
      "Training it here needs a browser of 2023 or later: open this file in a newer one.";
    return;
  }
  startPage();
})();
"""
# Who has the file needn't make it.
MADE = re.compile(r"\n\n`python tools/trainer.py` writes this page .+")
STILL = re.compile(r'(<div id="page-still">\n\n).*?(\n\n</div>)', re.DOTALL)
DOCUMENT = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
{preview}
<link rel="icon" href="data:,">
<style>
{style}
</style>
<script>
{theme}
</script>
</head>
<body>
<main class="bd-article">
{body}
</main>
<script>
{scripts}
</script>
</body>
</html>
"""


def preview(setting: dict[str, str], picture: str) -> str:
    """What a messenger shows beside a link to the page; pictures are asked for by a whole address."""
    tags = {
        "og:type": "website",
        "og:title": TITLE,
        "og:description": ABOUT,
        "twitter:card": "summary_large_image",
    }
    if setting:
        tags["og:url"] = links.trainer_page(setting)
        tags["og:image"] = f"{links.published(setting)}/{picture}"
    lines = [f'<meta name="description" content="{html.escape(ABOUT)}">']
    for name, content in tags.items():
        lines.append(f'<meta property="{name}" content="{html.escape(content)}">')
    return "\n".join(lines)


def garments() -> str:
    """A script with the garments: pixels compressed, labels as digits."""
    x_train, y_train, x_val, y_val = page_garments.arrays()
    both = page_garments.as_bytes(x_train) + page_garments.as_bytes(x_val)
    pixels = np.frombuffer(both, np.uint8)
    less = pixels.copy()
    less[SIDE:] -= pixels[:-SIDE]
    packed = base64.b64encode(gzip.compress(less.tobytes(), 9, mtime=0)).decode("ascii")
    content = {
        "pixels": packed,
        "labels": page_garments.as_digits(y_train),
        "freshLabels": page_garments.as_digits(y_val),
    }
    return f"const packedGarments = {json.dumps(content)};"


def scripts(setting: dict[str, str]) -> str:
    """All that runs, the page's start as a function."""
    *tools, start = [(PAGE / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    parts = [
        (UPLOT / "uPlot.iife.min.js").read_text("utf-8"),
        *tools,
        f"function startPage() {{\n{start}\n}}",
        f"window.pageAddress = {json.dumps(links.trainer_page(setting))};",
        garments(),
        UNPACK,
    ]
    return "\n".join(parts)


def page(setting: dict[str, str]) -> str:
    """The whole file."""
    text = (ROOT / "docs" / "explorer.md").read_text("utf-8")
    # What stands there where no script runs, on a code host, is of no use in this file.
    text = STILL.sub(r"\1Training it here needs JavaScript.\2", text)
    text = MADE.sub("", text)
    body = MarkdownIt("commonmark").render(with_living_links(text, "docs", setting))
    styles = [STYLE, (UPLOT / "uPlot.min.css").read_text("utf-8")]
    styles.append((PAGE / "page.css").read_text("utf-8"))
    program = scripts(setting)
    return DOCUMENT.format(
        policy=POLICY,
        title=TITLE,
        preview=preview(setting, f"_static/{PICTURE}"),
        style="\n".join(styles),
        theme=THEME,
        body=body,
        scripts=program,
    )


def build(out: Path = OUT) -> None:
    setting = links.read_setting((ROOT / "repository.txt").read_text("utf-8"))
    text = page(setting)
    out.parent.mkdir(exist_ok=True)
    out.write_text(text, encoding="utf-8", newline="\n")
    print(f"{out}: open it in a browser, or send it by mail.")


if __name__ == "__main__":
    build()
