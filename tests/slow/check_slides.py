"""The deck of `make slides` in a real browser at 16:9 and as a PDF: nothing cut off, covered or fetched.

Every slide is left as a picture in ``screenshots/slides/``.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLIDES = ROOT / "build" / "slides"
DECK = SLIDES / "is_live_better.html"
SCREENSHOTS = ROOT / "screenshots" / "slides"

# How far what a slide shows reaches beyond it or over its title, in its own pixels: it is 1280 wide and 720 high.
MEASURES = """slide => {
    const frame = slide.getBoundingClientRect(), scale = frame.width / 1280;
    const seen = [...slide.querySelectorAll("h1, h2, p, li, img, pre, td, th")].filter(e => !e.closest("aside"));
    const boxes = seen.map(e => e.getBoundingClientRect());
    const title = slide.querySelector("h1, h2"), below = seen.filter(e => e !== title);
    const top = Math.min(...below.map(e => e.getBoundingClientRect().top));
    return {
        high: title ? (title.getBoundingClientRect().bottom - top) / scale : 0,
        low: Math.max(...boxes.map(box => box.bottom - frame.top)) / scale - 720,
        wide: Math.max(...boxes.map(box => box.right - frame.left)) / scale - 1280,
        code: Math.max(0, ...[...slide.querySelectorAll("pre")].map(e => e.scrollWidth - e.clientWidth)),
    };
}"""
needs_deck = pytest.mark.skipif(
    not DECK.exists(), reason="`make slides` made no deck, because npm is missing or failed"
)


def faults_of(slide):
    """What of a slide doesn't fit, in pixels."""
    measured = slide.evaluate(MEASURES)
    return {side: round(pixels, 2) for side, pixels in measured.items() if pixels > 1}


@needs_deck
def test_every_slide_fits_its_screen(page):
    page.goto(DECK.as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    faults = {}
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({number}, 0, 99)")  # with all that clicks add
        page.screenshot(path=SCREENSHOTS / f"{number + 1:02}.png")
        faults[number + 1] = faults_of(page.locator("section.present:not(.stack)"))
    assert not {number: found for number, found in faults.items() if found}


@needs_deck
def test_as_a_pdf_every_step_of_every_slide_is_one_page_that_it_fits(page, tmp_path):
    page.goto(f"{DECK.as_uri()}?print-pdf")
    page.locator(".pdf-page").last.wait_for()
    slides = page.locator(".pdf-page > section").all()
    faults = {number: faults_of(slide) for number, slide in enumerate(slides, 1)}
    assert not {number: found for number, found in faults.items() if found}
    page.pdf(path=tmp_path / "deck.pdf", prefer_css_page_size=True)
    assert len(slides) > 30 and pages_of(tmp_path / "deck.pdf") == len(slides)


def pages_of(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


@pytest.mark.parametrize(
    ("name", "pages"), [("nine_runs", 1), ("nine_runs_answers", 1), ("handout", 2)]
)
def test_a_sheet_has_so_many_pages_of_paper(page, name, pages, tmp_path):
    page.goto((SLIDES / f"{name}.html").as_uri())
    page.pdf(path=tmp_path / "sheet.pdf", format="A4", prefer_css_page_size=True)
    assert pages_of(tmp_path / "sheet.pdf") == pages
