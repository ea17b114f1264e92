"""The data of the book's explorer: the numbers of the helpers, small, and nothing left out without a reason."""

import base64
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import explorer_data as explorer  # noqa: E402

from helpers import stats  # noqa: E402
from helpers.augment import named_policy  # noqa: E402
from helpers.compare import differences, summarise  # noqa: E402
from helpers.data import load_garments, subset  # noqa: E402

STATIC = ROOT / "docs" / "_static"


@pytest.fixture(scope="module")
def data():
    text = explorer.script(explorer.export())
    return json.loads(text.removeprefix("window.explorerData = ").removesuffix(";\n"))


@pytest.fixture(scope="module")
def pairs(data):
    """Each setting with what the page was given of it."""
    return list(zip(explorer.settings(), data["settings"], strict=True))


def chosen(pairs, images, network, n):
    (found,) = [pair for pair in pairs if (pair[1]["images"], pair[1]["network"], pair[1]["n"]) == (images, network, n)]
    return found


@pytest.mark.parametrize(
    ("images", "network", "n", "updates"),
    [
        ("pullovers and coats", "small network", 128, 3000),
        ("solar cells", "small network", 512, 500),
        ("pullovers and coats", "small network, wide changes", 512, 1000),
        ("pullovers and coats", "residual network", 512, 1500),
    ],
)
def test_verdicts_are_those_of_the_helpers(data, pairs, images, network, n, updates):
    setting, given = chosen(pairs, images, network, n)
    runs = summarise(setting.curves[setting.curves["update"] <= updates][[
        "arm", "replicate", "update", *explorer.METRICS, "val_loss_even", "val_loss_odd"
    ]])  # fmt: skip
    results = given["results"][str(updates)]
    assert results.keys() == given["compared"].keys() and len(results) >= 3
    for arm, live in given["compared"].items():
        for metric in explorer.METRICS:
            interval, margin, word = stats.judge(differences(runs, live, arm, metric), metric)
            found = results[arm]["difference"][metric]
            assert found[:3] == [round(float(value), 5) for value in interval]
            if metric != "shown_loss":
                assert found[3:] == [word, stats.verdict(interval, margin / 2, "loss" in metric)]
                assert data["margins"][metric] == margin
        for half, found in zip(("even", "odd"), results[arm]["halves"], strict=True):
            assert found[3] == stats.judge(differences(runs, live, arm, f"val_loss_{half}"), "val_loss")[2]
        means = runs[runs["arm"] == arm][list(explorer.METRICS)].mean()
        assert results[arm]["means"][arm] == pytest.approx(means.tolist(), abs=1e-5)


def test_originals_are_compared_with_the_live_of_the_same_share(pairs):
    _, given = chosen(pairs, "pullovers and coats", "small network", 512)
    assert given["compared"]["originals+4"] == "live-4/5" and given["compared"]["copies-4"] == "live"


def test_bands_are_the_intervals_of_the_series(pairs):
    setting, given = chosen(pairs, "solar cells", "small network", 128)
    part = setting.curves.query("arm == 'copies-4'")
    means, halves = given["curves"]["copies-4"]["val_accuracy"]
    assert len(means) == len(given["at"]) == 21
    for update, mean, half in zip(given["at"], means, halves, strict=True):
        interval = stats.paired_interval(part.loc[part["update"] == update, "val_accuracy"].to_numpy())
        assert (mean, half) == pytest.approx((interval.mean, interval.mean - interval.low), abs=6e-5)


def test_means_are_those_of_the_single_evaluations_that_the_table_shows(pairs):
    """The last five single evaluations, each rounded, have the mean that the verdict and the legend say."""
    for _, given in pairs:
        for updates, results in given["results"].items():
            late = [i for i, at in enumerate(given["at"]) if 0.9 * int(updates) < at <= int(updates)]
            assert len(late) == explorer.LATE
            for result in results.values():
                for arm, means in result["means"].items():
                    single = [np.take(given["curves"][arm][metric][0], late).mean() for metric in explorer.METRICS]
                    assert means == pytest.approx(single, abs=1e-4)


def test_lengths_are_those_with_five_evaluations_at_the_end(pairs):
    lengths = {(p["images"], p["network"]): p["updates"] for _, p in pairs}
    assert lengths["pullovers and coats", "small network"] == [500, 1000, 3000]
    assert lengths["pullovers and coats", "small network, falling rate"] == [3000]


def test_the_law_is_that_of_its_module(pairs, monkeypatch):
    setting, _ = chosen(pairs, "pullovers and coats", "small network", 512)
    monkeypatch.setattr(explorer, "registered_verdicts", lambda: {(*setting.key, 3000): "held"})
    runs = explorer.ends(setting, 3000)
    means = runs.groupby("arm").mean(numeric_only=True)
    live, static = means.loc["live"], means.loc["copies-1"]
    error = 1 - (live["val_accuracy"] + static["val_accuracy"]) / 2
    predicted = error * np.log(live["shown_loss"] / static["shown_loss"])
    excess = static["val_loss"] - live["val_loss"]
    law = explorer.law_of(setting, 3000, runs)
    assert law["copies-1"] == pytest.approx([excess, predicted], abs=1e-5)
    assert all(arm.startswith("copies-") and excess > 0.02 for arm, (excess, _) in law.items())
    assert explorer.law_of(setting, 1000, explorer.ends(setting, 1000)) == {}


@pytest.mark.parametrize("word", ["broken", "weakened", "not run", "incomplete: 3 of 20 replicates"])
def test_the_law_is_shown_only_where_it_held(pairs, monkeypatch, word):
    setting, _ = chosen(pairs, "pullovers and coats", "small network", 512)
    monkeypatch.setattr(explorer, "registered_verdicts", lambda: {(*setting.key, 3000): word})
    assert explorer.law_of(setting, 3000, explorer.ends(setting, 3000)) == {}


def test_what_is_not_offered_has_nothing_to_compare():
    offered = {setting.key for setting in explorer.settings()}
    left_out = {}
    for name in explorer.TABLES:
        for key, part in explorer.stored(name).groupby(explorer.SETTING, sort=False):
            if key not in offered and key[2] in explorer.POLICIES:
                left_out[name, *key] = set(part["arm"])
    assert left_out["study", "garments", 256, "mild", "small", 32, "constant"] == {"none"}
    assert not [key for key, names in left_out.items() if "live" in names and names - {"live", "live-1/2"}]
    assert len(offered) >= 13


def test_an_arm_of_the_law_is_offered_when_all_its_replicates_are_there(monkeypatch):
    registered = explorer.law_points.registered()
    residual = next(cell for cell in registered if cell[:5] == (1, "garments", 512, "mild", "residual"))
    more = registered | {residual: registered[residual] | {"copies-4": 9}}
    monkeypatch.setattr(explorer.law_points, "registered", lambda: more)
    assert "copies-4" not in set(explorer.stored.__wrapped__("law").query("model == 'residual' and n == 512")["arm"])
    assert "copies-4" in set(explorer.stored("law").query("model == 'residual' and n == 512")["arm"])


def test_every_registered_setting_has_words():
    for _, dataset, _, policy, model, batch, _, rate in explorer.law_points.registered():
        assert explorer.images_in_words(dataset) and explorer.network_in_words(policy, model, batch, rate)
    assert all(explorer.images_in_words(name) for name in ("solar-cells-without-2", "garments-flipped"))


def test_what_has_no_words_is_named():
    with pytest.raises(ValueError, match="'cats' has no words.*add them"):
        explorer.images_in_words("cats")
    with pytest.raises(ValueError, match="'vast' has no words.*add them"):
        explorer.network_in_words("mild", "vast", 32, "constant")


def test_a_value_that_json_does_not_know_is_refused():
    with pytest.raises(ValueError):
        explorer.script({"mean": float("nan")})


def test_a_broken_pair_is_refused(pairs):
    setting, _ = chosen(pairs, "pullovers and coats", "residual network", 512)
    runs = explorer.ends(setting, 1500)
    with pytest.raises(ValueError, match="not run on the same replicates"):
        explorer.comparisons(setting, runs[(runs["arm"] != "copies-1") | (runs["replicate"] > 0)])


def test_the_filmstrip_shows_what_the_arms_show(data):
    shown = data["film"]["shown"]["garments"]
    assert shown["none"] == [0] * 8
    assert shown["copies-1"] == [1] * 8
    assert shown["copies-4"] == [1, 2, 3, 4] * 2
    assert shown["live"] == list(range(1, 9))
    assert shown["originals+1"].count(0) == 4 and len(shown["pool-16"]) == 8
    assert set(shown["live-1/2"]) - {0} <= set(range(1, 9)) and 0 in shown["live-1/2"]
    for strip in data["film"]["pictures"].values():
        assert strip["source"].startswith("data:image/png;base64,")
        assert strip["tiles"] > max(max(row) for row in shown.values())
    assert {given["film"] for given in data["settings"]} <= data["film"]["pictures"].keys()


@pytest.mark.parametrize("film", ["garments mild", "garments wide", "cells cells", "cells wide"])
def test_the_filmstrip_holds_the_original_and_the_versions_of_the_runs(data, film):
    name, policy = film.split()
    file = data["film"]["pictures"][film]["source"].partition(",")[2]
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(file))), int)
    tiles = np.split(picture, data["film"]["pictures"][film]["tiles"], axis=1)
    number = explorer.SUBJECTS[name]
    images = np.repeat(explorer.subject(name), 128, axis=0)
    if name == "garments":
        images = subset(load_garments(), 128, 5).x_train
    draws = [named_policy(policy).draw(128, (5, version)) for version in range(len(tiles) - 1)]
    expected = [images, *(named_policy(policy).apply(images, draw).numpy() for draw in draws)]
    assert len(tiles) > 8
    for tile, version in zip(tiles, expected, strict=True):
        np.testing.assert_allclose(tile, 255 * version[number, ..., 0], atol=1)


def test_solar_cells_are_shown_with_the_policy_they_were_trained_with(pairs):
    for setting, given in pairs:
        subject, policy = given["film"].split()
        assert (subject == "cells") == setting.key[0].startswith("solar-cells")
        assert policy == setting.key[explorer.SETTING.index("policy")]


def test_all_that_the_page_loads_is_below_a_megabyte(data):
    files = [*(STATIC / "explorer").iterdir(), *(STATIC / "uplot").iterdir()]
    assert len(explorer.script(data).encode()) + sum(path.stat().st_size for path in files) < 1_000_000


def test_the_chart_library_is_as_the_licence_says():
    version = re.search(r"uPlot \(v([\d.]+)\)", (STATIC / "uplot" / "uPlot.iife.min.js").read_text(encoding="utf-8"))[1]
    assert f"uPlot {version}" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Permission is hereby granted" in (STATIC / "uplot" / "LICENSE").read_text(encoding="utf-8")
