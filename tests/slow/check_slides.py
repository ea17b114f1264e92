"""The decks of `make slides` in a real browser at 16:9: nothing cut off, nothing fetched, notes in their window.

Every slide is left as a picture in ``screenshots/slides/``.
"""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLIDES = ROOT / "build" / "slides"
DECKS = sorted(path.stem for path in SLIDES.glob("*.html") if path.stem not in ("index", "cards"))
SCREENSHOTS = ROOT / "screenshots" / "slides"
pytest_plugins = ["browser"]

# How far what a slide shows reaches beyond the slide, in its own pixels.
BEYOND = """() => {
    const slide = Reveal.getCurrentSlide(), frame = slide.getBoundingClientRect(), scale = Reveal.getScale();
    const seen = [...slide.querySelectorAll("h1, h2, p, li, img, pre, tr")].filter(e => !e.closest("aside"));
    const boxes = seen.map(e => e.getBoundingClientRect());
    const low = Math.max(...boxes.map(box => box.bottom)) - frame.top - 720 * scale;
    const wide = Math.max(...boxes.map(box => box.right)) - frame.left - 1280 * scale;
    const title = slide.querySelector("h1, h2"), box = title.getBoundingClientRect();
    if (document.elementFromPoint(box.left + 5, box.top + 5) !== title) return [1000];  // hidden, or off the screen
    const code = [...slide.querySelectorAll("pre")].map(e => e.scrollWidth - e.clientWidth);
    return [low / scale, wide / scale, ...code].map(Math.round);
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


def test_there_are_decks():
    assert len(DECKS) == 11, "run `make slides` first"


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_fits_its_screen(page, name):
    page.goto((SLIDES / f"{name}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    beyond = {}
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({number}, 0, 99)")  # with all that clicks add
        page.screenshot(path=SCREENSHOTS / name / f"{number + 1:02}.png")
        measured = page.evaluate(BEYOND)
        if max(measured) > 0:
            beyond[number + 1] = measured
    assert not beyond
    assert not page.faults


def test_a_caption_comes_with_a_click(page):
    page.goto((SLIDES / "00_start_here.html").as_uri() + "#/1")
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    caption = page.locator("section.present .fragment").last
    assert caption.evaluate("e => getComputedStyle(e).visibility") == "hidden"
    page.keyboard.press("ArrowRight")
    assert caption.evaluate("e => getComputedStyle(e).visibility") == "visible"


def test_the_speaker_window_has_the_notes(page, context):
    page.goto((SLIDES / "00_start_here.html").as_uri() + "#/2")
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    with context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("policy").first.wait_for(timeout=20_000)
