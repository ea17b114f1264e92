"""The book's explorer in Chromium: moved by keyboard, compared with numbers of Python, in the dark, on a phone."""

import re
import sys

import pytest
from book import BOOK, ROOT, serious_faults, watched

sys.path[:0] = [str(ROOT / "tools")]

import conclusion_tables as tables  # noqa: E402

from helpers.compare import differences, summarise  # noqa: E402
from helpers.stats import judge  # noqa: E402

pytest_plugins = ["browser", "book"]
PAGE = "docs/explorer.html"
SCREENSHOTS = ROOT / "screenshots" / "book"
HELD = """
explorerData.settings[0].law[3000]["copies-1"] = [0.2, 0.21];
"""


PHONE = pytest.param("phone", id="phone in the dark")


@pytest.fixture
def page(browser, address, request):
    """The explorer on a desktop; where a test asks for it, on a small phone, in the dark and without motion."""
    kind = getattr(request, "param", "desktop")
    phone = kind == "phone"
    context = browser.new_context(
        viewport={"width": 360, "height": 740} if phone else {"width": 1280, "height": 900},
        color_scheme="dark" if phone else "light",
        reduced_motion="reduce" if phone else "no-preference",
    )
    page = watched(context, address)
    page.phone = phone
    if kind == "held":  # as if the law had held in the first setting
        data = (BOOK / "_static" / "explorer" / "data.js").read_text(encoding="utf-8") + HELD
        page.route("**/explorer/data.js", lambda route: route.fulfill(body=data, content_type="text/javascript"))
    page.goto(address + PAGE, wait_until="load")
    page.locator(".summary p").first.wait_for()
    yield page
    assert page.faults == []
    context.close()


def choose(page, name, wanted):
    """Focus a control and press the down or up key until it shows what is wanted."""
    control = page.locator(f"#explorer-{name}")
    control.focus()
    shown = "e => e.selectedOptions[0].textContent"
    for key in ("Home", *["ArrowDown"] * control.locator("option").count()):
        if control.evaluate(shown) == wanted:
            break
        page.keyboard.press(key)
    assert control.evaluate(shown) == wanted


def residual():
    return summarise(tables.table("law").query("model == 'residual' and dataset == 'garments' and n == 512"))


@pytest.mark.parametrize(
    ("page", "choices", "runs", "pair", "metric"),
    [
        ("desktop", {}, lambda: tables.runs("garments", 512), ("live", "copies-1"), "val_loss"),
        (
            "phone",
            {"n": "128", "arm": "4 copies", "measure": "accuracy on new images"},
            lambda: tables.runs("garments", 128),
            ("live", "copies-4"),
            "val_accuracy",
        ),
        (
            "desktop",
            {"images": "solar cells", "arm": "originals + 1 copy", "updates": "500"},
            lambda: tables.runs("solar-cells", 512, 500),
            ("live-1/2", "originals+1"),
            "val_loss",
        ),
        (
            "desktop",
            {"network": "small network, wide changes", "arm": "no augmentation"},
            lambda: tables.with_none(tables.other_runs(policy="wide")),
            ("live", "none"),
            "val_loss",
        ),
        ("desktop", {"network": "residual network", "arm": "4 copies"}, residual, ("live", "copies-4"), "val_loss"),
    ],
    ids=["at first", "accuracy, on a phone", "cells", "wide", "residual"],
    indirect=["page"],
)
def test_what_is_chosen_by_keyboard_has_the_numbers_and_the_verdict_of_python(page, choices, runs, pair, metric):
    for name, wanted in choices.items():
        choose(page, "metric" if name == "measure" else name, wanted)
    interval, _, word = judge(differences(runs(), *pair, metric), metric)
    scale, digits = (1, 3) if metric == "val_loss" else (100, 1)
    text = page.locator(".summary").inner_text()
    mean, low, high = (tables.signed(scale * value, digits) for value in interval)
    assert f"{mean} [{low}, {high}]" in text
    assert {"equivalent": "The two are equivalent", "undecided": "It is undecided"}.get(word, f"Live is {word}") in text
    levels = runs().groupby("arm")[metric].mean()
    for arm in {*pair, "none"}:
        assert tables.signed(scale * levels[arm], digits) in text
    page.screenshot(path=SCREENSHOTS / f"explorer-{pair[1]}.png", full_page=True)


def test_the_table_has_the_curves_and_the_chart_says_what_it_shows(page):
    page.locator("summary", has_text="The numbers of the curves").click()
    rows = page.locator(".table tbody tr")
    study = tables.table("study").query("dataset == 'garments' and n == 512")
    curves = study.groupby(["arm", "update"])["val_loss"].mean()
    assert rows.count() == study["update"].nunique()
    legend = page.locator(".reading").last
    means = page.locator(".table tfoot td").all_inner_texts()
    assert means == ["0.423", "0.506", "0.286"]
    assert all(f"{mean}" in legend.inner_text() for mean in means)
    assert "(mean of the last five evaluations)" in legend.inner_text()
    page.locator(".chart .u-over").hover(position={"x": 5, "y": 50})
    assert "(single evaluation, at update 50)" in legend.inner_text() and "0.423" not in legend.inner_text()
    last = rows.last.inner_text().replace(" ± ", "±").split()
    assert [last[0], *(value.partition("±")[0] for value in last[1:])] == [
        "3,000", *(f"{curves[arm, 3000]:.3f}" for arm in ("none", "copies-1", "live"))
    ]  # fmt: skip
    assert "1 copy 0.506" in page.locator(".chart").get_attribute("aria-label")


def test_no_choice_leads_to_an_empty_chart(page):
    """Every choice that the controls offer, one after another."""
    found = page.evaluate("""() => {
        const control = name => document.getElementById("explorer-" + name);
        const set = (name, i) => {
            control(name).selectedIndex = i;
            control(name).dispatchEvent(new Event("change"));
        };
        const found = [];
        const walk = names => {
            const [name, ...rest] = names;
            for (let i = 0; i < control(name).options.length; i++) {
                set(name, i);
                if (rest.length) walk(rest);
                else found.push([document.querySelector(".summary").textContent,
                                 document.querySelectorAll(".chart canvas").length,
                                 document.querySelectorAll(".film li").length]);
            }
        };
        walk(["images", "network", "n", "arm", "updates"]);
        return found;
    }""")
    stored = page.evaluate("explorerData.settings.map(s => Object.keys(s.compared).length * s.updates.length)")
    assert len(found) == sum(stored) > 200
    for text, canvases, tiles in found:
        assert (canvases, tiles) == (1, 16) and re.search(r"minus .+ \[.+pairs\. ", text), text
        assert not re.search("NaN|undefined|null", text)
    choose(page, "images", "dresses and shirts")
    lacking = page.locator(".lacking").inner_text()
    assert lacking == (
        "Not stored for dresses and shirts and the small network: 128 and 2,048 training images; "
        "2 copies, 8 copies and 32 copies."
    )


def test_what_was_asked_for_comes_back(page):
    """A choice that is not stored is replaced aloud, and returns where it is stored."""
    choose(page, "arm", "originals + 16 copies")
    page.locator("#explorer-network").select_option("small network, wide changes")
    said = "Shown: 4 copies instead of originals + 16 copies (not stored here)."
    assert page.locator(".summary p").first.inner_text() == said
    page.locator("#explorer-network").select_option("small network")
    assert page.locator("#explorer-arm").input_value() == "originals+16"
    assert "Shown:" not in page.locator(".summary").inner_text()


@pytest.mark.parametrize("page", ["held"], indirect=True)
def test_the_law_is_said_where_it_held(page):
    choose(page, "n", "128")
    said = "The law predicts that static ends 0.210 above live, and the runs say 0.200."
    assert said in page.locator(".summary").inner_text()


@pytest.mark.parametrize("page", ["desktop", PHONE], indirect=True)
def test_it_is_accessible_fits_a_phone_and_follows_the_theme(page, axe):
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if page.phone else "light")
    page.locator("summary", has_text="The numbers of the curves").click()
    assert serious_faults(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    pixels = "() => [...document.querySelector('.chart canvas').getContext('2d').getImageData(0, 0, 2000, 2000).data]"
    ink = "d => { let dark = 0, light = 0; for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 200) "
    ink += "(d[i] + d[i + 1] + d[i + 2] < 384 ? dark++ : light++); return [dark, light]; }"
    dark, light = page.evaluate(f"() => ({ink})(({pixels})())")
    assert (light > dark) == page.phone  # what is drawn is light on the dark page
    assert page.locator("#explorer-still").is_hidden()


def test_without_javascript_there_are_a_sentence_and_a_figure(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + PAGE)
    assert page.get_by_text("This page needs JavaScript").is_visible()
    assert len(page.locator("#explorer-still img").first.get_attribute("alt")) > 100
    context.close()
