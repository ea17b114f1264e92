"""The front page and its picture say what the stored tables say, and links of the pages lead somewhere."""

import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image, ImageSequence

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import conclusion_tables as tables  # noqa: E402
import share_figure  # noqa: E402

from helpers.augment import named_policy  # noqa: E402
from helpers.compare import differences  # noqa: E402
from helpers.data import load_garments, subset  # noqa: E402
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
        assert share_figure.pixels(ImageSequence.Iterator(picture)) in about, "run tools/share_figure.py"
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


def test_the_picture_drawn_anew_looks_like_the_stored_one(tmp_path):
    share_figure.save_still(tmp_path / "share.png", share_figure.LIGHT)
    new, stored = (np.asarray(Image.open(path).convert("RGB"), int) for path in (tmp_path / "share.png", PICTURES[0]))
    assert new.shape == stored.shape
    # Another version of matplotlib may draw letters half a pixel aside.
    assert (np.abs(new - stored).max(axis=2) > 40).mean() < 0.02


def test_the_strips_are_those_of_the_runs():
    """The picture of an epoch is the version that the arm's schedule names, with the draws of that version."""
    part = subset(load_garments(), share_figure.N, share_figure.REPLICATE)
    policy = named_policy(share_figure.POLICY)
    garment = share_figure.GARMENT
    for arm, versions in {"copies-1": [1] * 8, "copies-4": [1, 2, 3, 4] * 2, "live": range(1, 9)}.items():
        drawn = [policy.draw(share_figure.N, (share_figure.REPLICATE, version - 1))[garment] for version in versions]
        expected = policy.apply(part.x_train[[garment] * 8], np.stack(drawn)).numpy()[..., 0]
        np.testing.assert_allclose(share_figure.strip(arm)[0], expected, atol=1e-6)
