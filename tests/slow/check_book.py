"""The book (`make book`) served on loopback and read in a real browser, on a desktop and on a phone.

Nothing outside may be asked for: the book must be whole without a network. Screenshots are left in
``screenshots/book/``. That links lead somewhere and every page is in the contents Sphinx has checked.
Of the page that trains in the browser what the workers compute is compared with Keras in tests/test_page.py.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from helpers.data import load_garments, subset

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "build" / "book"
PAGES = sorted(
    p.relative_to(BOOK).as_posix() for p in BOOK.rglob("*.html") if "_static" not in p.parts
)
SCREENSHOTS = ROOT / "screenshots" / "book"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}

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
def test_page_loads_whole_fits_the_screen_and_has_no_serious_fault(
    page, address, serious_faults, name, size
):
    page.set_viewport_size(SIZES[size])
    page.goto(address + name, wait_until="load")
    picture = SCREENSHOTS / size / Path(name).with_suffix(".png")
    page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert serious_faults(page) == []
    assert page.evaluate(ANSWERS_SEEN) == {"seen_at_once": 0, "never_seen": 0}


def test_search_finds_symptoms_first(page, address):
    symptoms = ["validation accuracy higher than training", "cache", "same picture every epoch"]
    for symptom in symptoms:
        page.goto(f"{address}search.html?q={symptom}")
        first = page.locator("#search-results li > a").first
        assert "find_your_symptom" in first.get_attribute("href", timeout=20_000), symptom
    # The next search breaks off what the last one still fetches.
    page.faults = [fault for fault in page.faults if not fault.startswith("failed")]


# The page that trains: guess, train, reveal, nudge, link; on a desktop, on a phone in the dark, as a file, and with
# workers that fail

PAGE = "docs/explorer.html"
METHODS = {"none": "no augmentation", "copies-1": "1 copy", "live": "live"}
SHORT = "#seed=3&n=32&strength=1&updates=500&none=&copies-1=&live=&guess="
TRAINED = 240_000  # milliseconds that three networks may take on a busy machine
# Keeps what each network's worker was sent, and what it said last.
HEARD = """
window.heard = [];
window.Worker = class extends Worker {
  constructor(address) {
    super(address);
    this.about = {};
    window.heard.push(this.about);
    this.addEventListener("message", ({ data }) => Object.assign(this.about, data));
  }
  postMessage(message) {
    Object.assign(this.about, message);
    super.postMessage(message);
  }
};
"""
# Whether all were asked for this nudge, have answered, and the table has the share of answers that it changed.
NUDGED = """nudge => window.heard.every(({ nudge: asked, nudged, answers }, network) => {
  const changed = answers.filter((p, garment) => p > 0.5 !== nudged?.[garment] > 0.5).length;
  const told = document.querySelectorAll("#page-answers tbody td:last-child")[network]?.textContent;
  return JSON.stringify(asked) === JSON.stringify(nudge) && told === `${(100 * changed / 500).toFixed(1)}\u00a0%`;
})"""


def opened(page, address):
    """The link of a short run."""
    page.goto(address + PAGE + SHORT, wait_until="load")
    page.locator("#page-films canvas").first.wait_for()


def train(page, guess):
    page.locator(f"#page-guess-{guess}").check()
    page.locator("#page-train").click()
    page.locator("#page-reveal").wait_for(timeout=TRAINED)
    for answer in ("#page-fresh", "#page-try"):  # a guess comes before each
        assert page.locator(f"{answer} table").is_hidden()
        page.locator(f"{answer} > summary").click()


def percents(page):
    """The numbers of the reveal by method: shown, own, new. Each keeps its unit beside it, by a space of its own."""
    rows = page.locator("#page-scores tbody tr").all_inner_texts()
    return [re.findall(r"[\d.]+ %", row.replace("\u00a0", " ")) for row in rows]


@pytest.mark.parametrize("on_a_phone", [False, True])
def test_guess_train_reveal_nudge_and_link(page, address, serious_faults, on_a_phone):
    if on_a_phone:
        page.set_viewport_size({"width": 360, "height": 740})
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.add_init_script(HEARD)
    opened(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.locator("#page-train").click()
    assert page.locator("#page-said").inner_text().startswith("Guess first")
    train(page, "copies-1")
    heard, data = page.evaluate("window.heard"), subset(load_garments(), 512)
    for method, task in zip(METHODS, (about["task"] for about in heard), strict=True):
        assert [task[name] for name in ("method", "seed", "strength", "updates")] == [
            method,
            3,
            1,
            500,
        ]
        np.testing.assert_allclose(list(task["images"]), data.x_train[64:96].ravel(), atol=1e-6)
        np.testing.assert_array_equal(list(task["freshLabels"]), data.y_val[:500])
    scores = [
        [about["scores"][part]["accuracy"] for part in ("shown", "own", "fresh")] for about in heard
    ]
    expected = [[f"{100 * share:.1f} %" for share in row] for row in scores]
    assert percents(page) == expected
    nudge = {"right": 0, "down": 0, "turn": 0, "mirror": True}
    page.wait_for_function(NUDGED, arg=nudge)  # which it begins with
    slider = page.get_by_role("slider", name="move right")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")  # half a pixel each
    page.wait_for_function(NUDGED, arg=nudge | {"right": 2})
    page.locator("#page-more summary").click()
    assert serious_faults(page) == []
    link = page.locator("#page-link").input_value()
    page.goto("about:blank")
    page.goto(link)
    # Who receives the link guesses first, unswayed.
    assert "%" not in page.locator("#page").inner_text()
    assert page.locator("#page-guesses input:checked").count() == 0
    train(page, "live")
    sent = page.locator("#page-said").inner_text().replace("\u00a0", " ")
    assert "guessed 1 copy" in sent
    assert all(
        f"{name} {row[1]}" in sent for name, row in zip(METHODS.values(), expected, strict=True)
    )


def test_of_the_films_only_live_changes(page, address):
    opened(page, address)
    films = page.locator("#page-films canvas")
    shown = [films.evaluate_all("all => all.map(canvas => canvas.toDataURL())")]
    page.wait_for_timeout(1500)
    shown.append(films.evaluate_all("all => all.map(canvas => canvas.toDataURL())"))
    assert [before == after for before, after in zip(*shown, strict=True)] == [True, True, False]


def test_it_works_as_a_file_without_a_network_and_then_has_no_link_to_send(page):
    page.context.set_offline(True)
    page.goto((BOOK / PAGE).as_uri() + SHORT)
    train(page, "live")
    assert len(percents(page)) == 3 and page.locator("#page-share").is_hidden()


def test_a_worker_that_fails_answers_in_words(page, address):
    page.add_init_script(
        "window.Worker = class { constructor() { throw new Error('workers are forbidden'); } };"
    )
    opened(page, address)
    page.locator("#page-guess-live").check()
    page.locator("#page-train").click()
    page.get_by_text("could not be trained: workers are forbidden.").wait_for()
    assert page.locator("#page-reveal").is_hidden()
