"""The book (`make book`) served on loopback and read in a real browser, on a desktop and on a phone.

Nothing outside may be asked for: the book must be whole without a network. Screenshots are left in
``screenshots/book/``. That links lead somewhere and every page is in the contents Sphinx has checked.
"""

from pathlib import Path

import pytest
from book import BOOK, ROOT, serious_faults

PAGES = sorted(p.relative_to(BOOK).as_posix() for p in BOOK.rglob("*.html") if "_static" not in p.parts)
SCREENSHOTS = ROOT / "screenshots" / "book"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
pytest_plugins = ["browser", "book"]

# How many folded answers are seen as the page comes, and how many aren't after a click on each.
ANSWERS_SEEN = """() => {
    const answers = [...document.querySelectorAll("article details")].filter(e => !e.closest("[hidden]"));
    const seen = () => answers.filter(e => e.querySelector(":scope > :not(summary)").checkVisibility()).length;
    const folded = seen();
    answers.forEach(e => e.querySelector("summary").click());
    return {seen_at_once: folded, never_seen: answers.length - seen()};
}"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_page_loads_whole_fits_the_screen_and_has_no_serious_fault(page, address, axe, name, size):
    page.set_viewport_size(SIZES[size])
    page.goto(address + name, wait_until="load")
    formulas = page.locator("article .math")
    if formulas.count():
        formulas.last.locator("mjx-container").wait_for()
    picture = SCREENSHOTS / size / Path(name).with_suffix(".png")
    page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert formulas.count() == page.locator("article .math mjx-container").count()
    assert page.locator("[data-mjx-error]").count() == 0
    assert serious_faults(page, axe) == []
    for text in page.locator(".cell_output img").evaluate_all("all => all.map(img => img.alt)"):
        assert len(text) > 20
    assert page.evaluate(ANSWERS_SEEN) == {"seen_at_once": 0, "never_seen": 0}


def test_search_finds_symptoms_first(page, address):
    for symptom in ("validation accuracy higher than training", "cache", "same picture every epoch"):
        page.goto(f"{address}search.html?q={symptom}")
        first = page.locator("#search-results li > a").first
        assert "find_your_symptom" in first.get_attribute("href", timeout=20_000), symptom
    # The next search breaks off what the last one still fetches.
    page.faults = [fault for fault in page.faults if not fault.startswith("failed")]
