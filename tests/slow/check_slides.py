"""The decks of `make slides` in a real browser at 16:9: nothing cut off, empty, small or fetched.

Every slide is left as a picture in ``screenshots/slides/``.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLIDES = ROOT / "build" / "slides"
DECKS = sorted(
    path.stem for path in SLIDES.glob("*.html") if path.stem not in ("index", "nine_runs", "nine_runs_answers")
)
SCREENSHOTS = ROOT / "screenshots" / "slides"
pytest_plugins = ["browser"]

# How far what a slide shows reaches beyond it, how much of its height it fills, and its smallest letters, in its own
# pixels: the slide is 1280 wide and 720 high.
MEASURES = """() => {
    const slide = Reveal.getCurrentSlide(), frame = slide.getBoundingClientRect(), scale = Reveal.getScale();
    const seen = [...slide.querySelectorAll("h1, h2, p, li, img, pre, td, th")].filter(e => !e.closest("aside"));
    const boxes = seen.map(e => e.getBoundingClientRect());
    const title = slide.querySelector("h1, h2"), box = title.getBoundingClientRect();
    const other = seen.filter(e => e !== title && e.textContent + e.src).map(e => e.getBoundingClientRect());
    const below = b => b.right > box.left && b.left < box.right;
    const words = seen.filter(e => e.textContent.trim() && !e.closest(".credit"));
    return {
        low: Math.max(...boxes.map(box => box.bottom - frame.top)) / scale - 720,
        wide: Math.max(...boxes.map(box => box.right - frame.left)) / scale - 1280,
        high: (box.bottom - Math.min(...other.filter(below).map(b => b.top))) / scale,
        code: Math.max(0, ...[...slide.querySelectorAll("pre")].map(e => e.scrollWidth - e.clientWidth)),
        filled: (Math.max(...other.map(b => b.bottom)) - Math.min(...other.map(b => b.top))) / scale / 720,
        letters: Math.min(...words.map(e => parseFloat(getComputedStyle(e).fontSize))),
    };
}"""


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield context
    context.close()


@pytest.fixture
def page(context):
    """A page that collects what goes wrong in it, as ``page.faults``."""
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"script: {error}"))
    page.on("console", lambda line: line.type == "error" and page.faults.append(f"console: {line.text}"))
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or page.faults.append(f"outside: {r.url}"))
    yield page
    page.close()


def opened(page, name):
    page.goto((SLIDES / f"{name}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_fits_its_screen_and_is_neither_empty_nor_small(page, name):
    opened(page, name)
    faults = {}
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({number}, 0, 99)")  # with all that clicks add
        page.screenshot(path=SCREENSHOTS / name / f"{number + 1:02}.png")
        measured = page.evaluate(MEASURES)
        beyond = max(measured[key] for key in ("low", "wide", "high", "code"))
        if beyond > 1 or measured["filled"] < 1 / 3 or measured["letters"] < 24:
            faults[number + 1] = {key: round(value, 2) for key, value in measured.items()}
    assert not faults
    assert not page.faults


@pytest.mark.parametrize(
    ("selector", "style", "before", "after"),
    [(".fragment:not(.uncover)", "visibility", "hidden", "visible"),
     (".covered img", "clipPath", "inset(0px 50% 9% 0px)", "none")],
    ids=["a caption", "the right half of a figure"],
)  # fmt: skip
def test_what_answers_comes_with_a_click(page, selector, style, before, after):
    opened(page, "1_is_live_better")
    every = "[...document.querySelectorAll('.slides > section')]"
    page.evaluate(f"Reveal.slide({every}.findIndex(s => s.querySelector('{selector}')), 0, -1)")
    found = page.locator("section.present section.present").locator(selector).last
    assert found.evaluate(f"e => getComputedStyle(e).{style}") == before
    page.keyboard.press("ArrowRight")
    assert found.evaluate(f"e => getComputedStyle(e).{style}") == after


def test_the_speaker_window_has_the_step(page, context):
    opened(page, "1_is_live_better")
    with context.expect_page() as window:
        page.keyboard.press("s")
    notes = window.value.locator(".speaker-controls-notes .value")
    notes.get_by_text(re.compile(r"0 to \d+, predict\.")).first.wait_for(timeout=20_000)


@pytest.mark.parametrize("name", ["nine_runs", "nine_runs_answers"])
def test_a_sheet_is_one_page_of_paper(page, name, tmp_path):
    page.goto((SLIDES / f"{name}.html").as_uri())
    page.pdf(path=tmp_path / "sheet.pdf", format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "sheet.pdf").read_bytes())) == 1
