"""What `make slides` makes in a real browser, at 16:9 and as PDFs: nothing cut off or covered, and so many pages.

Every slide is left as a picture in ``screenshots/slides/``.
"""

import contextlib
import io
import re
from pathlib import Path

import keras
import numpy as np
import pytest
import session
import sheets

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


def test_on_paper_every_step_of_every_slide_is_one_page_that_it_fits(page, tmp_path):
    page.goto((SLIDES / "slides.html").as_uri())
    found = page.locator("section.present").all()
    faults = {number: faults_of(slide) for number, slide in enumerate(found, 1)}
    assert not {number: fault for number, fault in faults.items() if fault}
    session.print_pdf(session.find_browser(), SLIDES / "slides.html", tmp_path / "slides.pdf")
    assert len(found) > 30 and pages_of(tmp_path / "slides.pdf") == len(found)


def pages_of(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


@pytest.mark.parametrize(
    ("name", "pages"),
    [("worksheet", 2), ("answers", 1), ("strips", 1), ("cards", 5), ("handout", 2)],
)
def test_a_sheet_has_so_many_pages_of_paper(name, pages, tmp_path):
    pdf = tmp_path / "sheet.pdf"
    session.print_pdf(session.find_browser(), SLIDES / f"{name}.html", pdf)
    assert pages_of(pdf) == pages


def test_the_handout_s_program_runs_and_augments_live(monkeypatch):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 28, 28), np.uint8)
    data = (images, rng.integers(0, 10, 40))
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: (data, data))
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(sheets.WHOLE.replace("epochs=10", "epochs=1, verbose=0"), names)
    totals = [np.sum([batch.numpy().sum() for batch, _ in names["train"]]) for _ in range(2)]
    assert totals[0] != totals[1], "a shift loses other pixels in every epoch"
