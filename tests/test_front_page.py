"""The front page, its picture and the page of conclusions say what the stored tables say."""

import functools
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageSequence

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import conclusion_tables as tables  # noqa: E402
import share_figure  # noqa: E402

from helpers.augment import named_policy  # noqa: E402
from helpers.compare import differences, summarise  # noqa: E402
from helpers.data import load_garments, subset  # noqa: E402
from helpers.stats import judge, verdict  # noqa: E402

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONCLUSIONS = (ROOT / "docs" / "conclusions.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/*.md"))]
PICTURES = [ROOT / "docs" / name for name in ("share.png", "share-dark.png", "share.gif")]


def test_the_table_of_the_front_page_is_that_of_the_study():
    assert "\n".join(tables.front_page()) in README


@pytest.mark.parametrize("name", [name for name in tables.tables() if name != "front page"])
def test_a_table_of_the_conclusions_is_that_of_the_results(name):
    assert "\n".join(tables.tables()[name]) in CONCLUSIONS


def test_the_conclusions_hold_no_other_differences():
    computed = {line for table in tables.tables().values() for line in table}
    written = {line for line in CONCLUSIONS.splitlines() if line.startswith("|") and "±" in line}
    assert written <= computed


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


def all_runs():
    """Every set of runs of the study and of static-versus-live.csv, at three lengths of training."""
    for updates in tables.BUDGETS:
        yield from (tables.runs(*task, updates) for task in tables.TASKS)
        for condition in ({}, {"model": "deeper"}, {"policy": "wide"}, {"rate": "decay"}):
            yield tables.other_runs(updates=updates, **condition)


def static_arms(runs):
    """Static arms, and the live arm with as many originals, where both were run."""
    there = set(runs["arm"])
    for arm in there:
        copies = int(re.search(r"\d*$", arm)[0] or 0)
        live = f"live-{copies}/{copies + 1}" if arm.startswith("originals") else "live"
        if arm.startswith(("copies", "originals", "pool")) and live in there:
            yield arm, live


def test_live_was_never_worse_than_a_pool_with_the_same_share_of_originals():
    verdicts = []
    for runs in all_runs():
        for arm, live in static_arms(runs):
            verdicts += [judge(differences(runs, live, arm, metric), metric)[2] for metric in tables.METRICS]
    assert len(verdicts) > 800
    assert "worse" not in verdicts and "better" in verdicts


def test_one_copy_instead_of_each_image_was_worse_than_none_in_loss_everywhere():
    found = [
        judge(differences(runs, "copies-1", "none"), "val_loss")[2]
        for runs in all_runs()
        if {"copies-1", "none"} <= set(runs["arm"])
    ]
    assert len(found) == 24
    assert set(found) == {"worse"}


def test_live_was_behind_no_augmentation_after_500_updates():
    early = tables.runs("garments", 512, 500)
    for metric in ("val_loss", "val_accuracy"):
        assert judge(differences(early, "live", "none", metric), metric)[2] == "worse"


def test_live_with_a_fifth_left_alone_was_equivalent_to_full_live_or_better():
    found = [runs for runs in all_runs() if {"live", "live-4/5"} <= set(runs["arm"])]
    words = {judge(differences(runs, "live-4/5", "live", m), m)[2] for runs in found for m in tables.METRICS}
    assert len(found) > 20
    assert words == {"equivalent", "better"}


def test_one_copy_beside_the_originals_was_better_than_two_in_their_place():
    found = [tables.runs(*task) for task in tables.TASKS if task[0] != "dress-shirt"]  # which lacks 2 copies
    assert {judge(differences(runs, "originals+1", "copies-2"), "val_loss")[2] for runs in found} == {
        "better"
    }


def test_a_shuffled_pool_of_four_was_better_in_loss_alone():
    runs = tables.runs("garments", 128)
    interval, _, word = judge(differences(runs, "pool-4", "copies-4"), "val_loss")
    assert (round(interval.mean, 3), word) == (-0.035, "better")
    assert (
        judge(differences(runs, "pool-4", "copies-4", "val_loss_scaled"), "val_loss_scaled")[2]
        == "equivalent"
    )


def test_what_live_is_worth():
    worth = {(n, m): tables.worth_in_images(n, 3000, m) / n for n in (128, 512) for m in tables.METRICS}
    assert [round(worth[n, "val_loss"], 1) for n in (128, 512)] == [3.4, 2.4]
    others = [times for (_, metric), times in worth.items() if metric != "val_loss"]
    assert (round(min(others), 1), round(max(others), 1)) == (1.6, 1.9)
    assert all(tables.worth_in_images(512, 500, metric) < 512 for metric in tables.METRICS)


def test_on_cells_the_wide_policy_was_better_than_none_and_than_their_own():
    wide = tables.cell_runs(policy="wide")
    wide = wide[wide["arm"] == "live"].assign(arm="live, wide")
    runs = pd.concat([tables.cell_runs(), wide])
    for other in ("none", "live"):
        assert judge(differences(runs, "live, wide", other), "val_loss")[2] == "better"
    gained = differences(runs, "none", "live, wide", "val_loss_stopped").mean()
    assert f"the wide policy gained {gained:.3f}" in CONCLUSIONS


def test_what_the_stack_of_layers_cost():
    stack = summarise(tables.table("keras-layers").query("arm == 'live'")).assign(arm="stack")
    runs = pd.concat([tables.other_runs(), stack])
    lost = (
        differences(runs, "stack", "live").mean(),
        differences(runs, "live", "stack", "val_accuracy").mean(),
    )
    assert f"It cost live {lost[0]:.3f} in loss and {100 * lost[1]:.1f} points" in CONCLUSIONS


FOUND = functools.cache(lambda: list(tables.showings()))
OTHERS = ("wide policy", "deeper network")


def test_at_most_16_showings_are_equivalent_in_loss_but_for_the_wide_policy_and_the_deeper_network():
    few = [showing for showing in FOUND() if showing.times <= 16]
    assert {showing.loss for showing in few if showing.setting not in OTHERS} == {"equivalent"}
    assert [showing.loss for showing in few if showing.setting in OTHERS] == ["worse"] * 4
    inexact = [
        showing.setting
        for showing in few
        if showing.setting not in OTHERS and showing.accuracy != "equivalent"
    ]
    assert len(inexact) == 4 and all(setting.startswith("cells") for setting in inexact)


def test_at_most_six_showings_are_equivalent_in_loss_and_no_other_network_or_policy_had_so_few():
    few = [showing for showing in FOUND() if showing.times <= 6]
    assert len(few) > 15 and {showing.loss for showing in few} == {"equivalent"}
    assert not [showing for showing in few if showing.setting in OTHERS]
    assert min(round(showing.times) for showing in FOUND() if showing.setting in OTHERS) == 8


@pytest.mark.parametrize(
    "images", ["128 garments", "512 garments", "2,048 garments", "128 cells", "512 cells"]
)
def test_copies_needed_are_those_of_the_companion(images):
    n, what = images.replace(",", "").split()
    row = next(line for line in CONCLUSIONS.splitlines() if line.startswith(f"| {images} |"))
    numbers = row.strip("| ").split(" | ")[1:]
    companion = ROOT / "notebooks" / "going_deeper" / "what_live_is_worth.ipynb"
    name = what.replace("cells", "solar-cells")
    printed = re.search(rf'"{name} +{n} +3000 +(.*?)\\n"', companion.read_text(encoding="utf-8"))[1]
    assert re.split(r" {2,}", printed) == numbers


@pytest.mark.parametrize(
    ("table", "chosen", "metric", "text"),
    [
        ("split-after-augmenting", "n == 128 and model == 'deeper'", "leaky_accuracy", "97.5 %"),
        ("split-after-augmenting", "n == 128 and model == 'deeper'", "unseen_accuracy", "82.4 %"),
        ("flow-ranges", "policy == 'brightness-of-1'", "val_accuracy", "57 %"),
        ("flow-ranges", "policy == 'brightness-of-255'", "val_accuracy", "82 %"),
    ],
)
def test_a_share_in_the_sentences_of_the_conclusions_is_that_of_the_results(table, chosen, metric, text):
    found = summarise(tables.table(table).query(chosen))[metric].mean()
    digits = 1 if "." in text else 0
    assert f"{100 * found:.{digits}f} %" == text
    assert text in CONCLUSIONS


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
