"""The front page's code runs, its picture is that of the stored tables, links lead somewhere, one name everywhere."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import share_figure
import slides
import tensorflow as tf
import yaml
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(
        path
        for folder in ("docs", "data", "data/results")
        for path in sorted(ROOT.glob(f"{folder}/*.md"))
    ),
]


def test_the_code_to_copy_makes_new_versions_in_each_epoch():
    images = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), "uint8")
    train = tf.data.Dataset.from_tensor_slices((images, np.zeros(64, "int64"))).batch(32)
    tf.random.set_seed(1)  # with which tf.random.uniform in a map repeats itself in each epoch
    names = {"train": train}
    exec(re.search(r"```python\n(import tensorflow.*?)```", README, re.DOTALL)[1], names)
    first, second = (np.concatenate([batch for batch, _ in names["train"]]) for _ in range(2))
    assert (first != second).any(axis=(1, 2, 3)).all()


def anchors(path):
    """The places of a page or notebook that a link can name, as the code host and the book make them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for link in links:
        if "://" not in link:
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_the_picture_says_the_stored_numbers():
    for name in ("share.png", "share-dark.png"):
        with Image.open(ROOT / "docs" / name) as picture:
            assert picture.info["numbers"] == share_figure.numbers().to_json(), (
                "run tools/share_figure.py"
            )


def test_the_series_has_one_name():
    name = README.partition("\n")[0].removeprefix("# ")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["title"] == name and re.findall("<title>(.+?)</title>", slides.handout()) == [
        name
    ]
