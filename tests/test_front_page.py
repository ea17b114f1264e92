"""The front page's code runs, its picture is that of the stored tables, links lead somewhere, one name everywhere."""

import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
import share_figure
import tensorflow as tf
import yaml
from PIL import Image

from helpers.data import RESULTS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(
        path
        for folder in ("docs", "docs/teaching", "data", "data/results", "augcheck")
        for path in sorted(ROOT.glob(f"{folder}/*.md"))
    ),
    *sorted(ROOT.glob("notebooks/**/*.ipynb")),
]


def test_the_code_to_copy_makes_new_versions_in_each_epoch():
    images = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), "uint8")
    train = tf.data.Dataset.from_tensor_slices((images, np.zeros(64, "int64"))).batch(32)
    tf.random.set_seed(1)  # with which tf.random.uniform in a map repeats itself in each epoch
    names = {"train": train}
    exec(re.search(r"```python\n(import tensorflow.*?)```", README, re.DOTALL)[1], names)
    first, second = (np.concatenate([batch for batch, _ in names["train"]]) for _ in range(2))
    assert (first != second).any(axis=(1, 2, 3)).all()


def words_of(path):
    """The text of a page, or of the cells of a notebook that are text."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def anchors(path):
    """The places of a page or notebook that a link can name, as the code host and the book make them."""
    headings = re.findall(r"^#+ (.+)$", words_of(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(page):
    text = re.sub(r"```.*?```", "", words_of(page), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for link in links:
        if "://" not in link:
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.fixture(scope="module")
def picture():
    """The words of the front page's picture, as it would be drawn now, and where each stands."""
    whole = share_figure.figure(*share_figure.LOOKS["share"])
    yield whole
    plt.close(whole)


def test_the_stored_pictures_say_what_would_be_drawn_now(picture):
    for name in share_figure.LOOKS:
        with Image.open(ROOT / "docs" / f"{name}.png") as stored:
            said = json.loads(stored.text["words"])
        assert said == share_figure.words(picture), "run tools/share_figure.py"


def test_each_part_of_the_picture_is_of_its_method_and_says_above_where_the_rows_are_above(picture):
    rows = pd.read_csv(RESULTS / "lessons" / "01-resnet.csv")
    accuracy, originals = (
        rows.pivot(index="run", columns="method", values=f"accuracy on {kind}")
        for kind in ("new images", "its originals")
    )
    none = accuracy["no augmentation"]
    parts = re.split(
        "(no augmentation|static: 1 augmented copy|live: )", "\n".join(share_figure.words(picture))
    )
    names = {"no augmentation": none.name, "static: 1 augmented copy": "1 copy", "live: ": "live"}
    assert parts[1::2] == list(names)
    for name, said in zip(names.values(), parts[2::2], strict=True):
        shares = [int(share) for share in re.findall(r"(\d+) %", said) if share != "50"]
        assert shares == [round(accuracy[name].mean()), round(originals[name].mean())]
        ahead = (accuracy[name] - none).mean()
        expected = (
            [] if name == none.name else [(f"{abs(ahead):.0f}", "below" if ahead < 0 else "above")]
        )
        assert re.findall(r"(\d+) ± \d+ points (\w+) none", said) == expected


def test_the_picture_stamps_what_a_method_has_shown_before(picture):
    """A version that comes again is faded and stamped; live's three images are three images."""
    tiles = np.array([ax.images[0].get_array() for ax in picture.axes]).reshape(3, 3, 28, 28)
    stamped = np.array([len(ax.texts) for ax in picture.axes]).reshape(3, 3)
    for shown, stamps in zip(tiles, stamped, strict=True):
        again = [
            any((tile == before).all() for before in shown[:i]) for i, tile in enumerate(shown)
        ]
        assert stamps.tolist() == again
    assert [len(np.unique(shown, axis=0)) for shown in tiles] == [1, 1, 3]


def test_the_series_has_one_name():
    name = README.partition("\n")[0].removeprefix("# ")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["title"] == name
