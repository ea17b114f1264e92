"""The front page and its picture say what the stored tables say, and links of the pages lead somewhere."""

import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import conclusion_tables as tables  # noqa: E402
import share_figure  # noqa: E402

from helpers.compare import differences  # noqa: E402
from helpers.stats import judge, verdict  # noqa: E402

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/*.md"))]
PICTURES = [ROOT / "docs" / name for name in ("share.png", "share-dark.png", "share.gif")]


def test_the_table_of_the_front_page_is_that_of_the_study():
    assert "\n".join(tables.front_page()) in README


def test_half_the_margins_give_five_other_verdicts_on_the_front_page():
    equivalent, otherwise = 0, []
    for other in tables.FRONT_PAGE:
        for metric in tables.METRICS:
            d = differences(tables.runs("garments", 512), tables.AGAINST[other][1], other, metric)
            interval, margin, word = judge(d, metric)
            if word == "equivalent":
                equivalent += 1
                otherwise.append(verdict(interval, margin / 2, "loss" in metric))
    assert equivalent == 7
    assert sorted(otherwise) == ["better"] * 5 + ["equivalent"] * 2
    assert "five of the seven would read *better*" in README


def test_live_was_behind_no_augmentation_after_500_updates():
    early = tables.runs("garments", 512, 500)
    for metric in ("val_loss", "val_accuracy"):
        assert judge(differences(early, "live", "none", metric), metric)[2] == "worse"


def anchors(path):
    """The places of a page or notebook that a link can name, as the code host and the book make them."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for link in links:
        if "://" not in link:
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_no_sentence_of_the_front_page_holds_an_interval():
    assert not re.search(r"\[[−<>]? ?[\d.]+, ", README)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_the_picture_is_small_and_was_drawn_from_the_table_as_it_is(path):
    assert path.stat().st_size < 1_000_000
    with Image.open(path) as picture:
        about = str(picture.info)
    for part in share_figure.provenance().values():
        assert part in about, "run tools/share_figure.py"


def test_the_alternative_text_says_what_the_picture_says():
    (alt,) = re.findall(r'<img src="docs/share.png" alt="([^"]+)"', README)
    shares = {arm: f"{share:.0%}" for arm, share in share_figure.accuracies(share_figure.curves()).items()}
    said = re.findall(r"(\d+%)", alt)
    assert said == [shares[arm] for arm in ("copies-1", "none", "copies-4", "live")]
    late = share_figure.curves().groupby(["arm", "update"])["val_loss"].mean().unstack("arm").iloc[-1]
    assert list(late.sort_values(ascending=False).index) == ["copies-1", "none", "copies-4", "live"]


@pytest.mark.parametrize(("arm", "different"), [("copies-1", 1), ("copies-4", 4), ("live", 8)])
def test_the_strips_repeat_where_the_arm_does(arm, different):
    pictures, seen = share_figure.strip(arm)
    assert pictures.shape == (8, 28, 28)
    assert seen.tolist() == [False] * different + [True] * (8 - different)
    assert len(np.unique(pictures, axis=0)) == different


def test_a_picture_can_be_drawn_anew(tmp_path):
    share_figure.save_still(tmp_path / "share.png", share_figure.LIGHT)
    with Image.open(tmp_path / "share.png") as new, Image.open(PICTURES[0]) as stored:
        assert new.size == stored.size
