"""The page that trains in the browser, in Chromium: guess, train, reveal, nudge, link; on a desktop, on a phone in the
dark, as a file, and with workers that fail. What is computed is compared with Keras in tests/test_page.py."""

import re

import pytest
from book import BOOK, serious_faults, watched

pytest_plugins = ["browser", "book"]
PAGE = "docs/explorer.html"
ARMS = ("no augmentation", "1 copy", "live")
SHORT = "#seed=3&n=32&strength=1&updates=500&none=&copies-1=&live=&guess="
TRAINED = 240_000  # milliseconds that three networks may take on a busy machine
KINDS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "reduced_motion": "reduce",
        "has_touch": True,
    },
}  # fmt: skip


@pytest.fixture(params=["desktop"])
def page(browser, address, request):
    """The page with the link of a short run."""
    context = browser.new_context(**KINDS[request.param])
    page = watched(context, (address, "blob:"))
    page.goto(address + PAGE + SHORT, wait_until="load")
    page.locator("#page-films canvas").first.wait_for()
    yield page
    assert page.faults == []
    context.close()


def train(page, guess):
    page.locator(f"#page-guess-{guess}").check()
    page.locator("#page-train").click()
    page.locator("#page-reveal").wait_for(timeout=TRAINED)
    for answer in ("#page-fresh", "#page-try"):  # a guess comes before each
        assert page.locator(f"{answer} table").is_hidden()
        page.locator(f"{answer} > summary").click()


def percents(page):
    """The numbers of the reveal by method: shown, own, new."""
    return [re.findall(r"[\d.]+ %", plain(row.inner_text())) for row in page.locator("#page-scores tbody tr").all()]


def plain(text):
    """Numbers keep their unit beside them: that space is no plain one."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("page", KINDS, indirect=True)
def test_guess_train_reveal_nudge_and_link(page, axe):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.locator("#page-train").click()
    assert page.locator("#page-said").inner_text().startswith("Guess first")
    train(page, "copies-1")
    shown = percents(page)
    assert [len(row) for row in shown] == [3, 3, 3]
    assert shown[0][0] == shown[0][1] != shown[2][0]  # without augmentation the originals are what is shown
    mirrored = changed_answers(page)  # the mirror is the nudge that it begins with
    slider = page.get_by_role("slider", name="move right")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")  # half a pixel each
    page.get_by_text("moved 2 pixels to the right").first.wait_for()
    page.wait_for_function("before => [...document.querySelectorAll('#page-answers tbody td:last-child')]"
                           ".every((cell, i) => cell.textContent !== before[i])", arg=mirrored)  # fmt: skip
    page.locator("#page-more summary").click()
    assert serious_faults(page, axe) == []
    other = page.context.new_page()
    other.goto(page.locator("#page-link").input_value())
    sent = plain(other.locator("#page-said").inner_text())
    assert "guessed 1 copy" in sent
    assert all(f"{name} {row[1]}" in sent for name, row in zip(ARMS, shown, strict=True))
    assert other.locator("#page-guesses input:checked").count() == 0  # the guess is the visitor's own


def changed_answers(page):
    """The share of answers that the nudge changed, of each network, as it stands in the table."""
    return page.locator("#page-answers tbody td:last-child").all_text_contents()


def test_each_training_has_a_seed_of_its_own_and_of_the_films_only_live_changes(page):
    def films():
        return page.locator("#page-films canvas").evaluate_all("all => all.map(canvas => canvas.toDataURL())")

    before = films()
    page.wait_for_timeout(1500)
    assert [a == b for a, b in zip(before, films(), strict=True)] == [True, True, False]
    page.locator("#page-more summary").click()
    for seed in (3, 4):
        page.locator("#page-guess-live").check()
        page.locator("#page-train").click()
        page.locator("#page-reveal").wait_for(timeout=TRAINED)
        assert page.get_by_role("spinbutton", name="seed").input_value() == str(seed)
        assert f"seed={seed}&" in page.locator("#page-link").input_value()


def test_it_works_as_a_file_without_a_network_and_then_has_no_link_to_send(browser):
    context = browser.new_context(offline=True)
    page = watched(context, ("file:", "blob:"))
    page.goto((BOOK / PAGE).as_uri() + SHORT)
    train(page, "live")
    assert len(percents(page)) == 3 and page.faults == [] and page.locator("#page-share").is_hidden()
    context.close()


def test_a_worker_that_fails_answers_in_words(browser, address):
    context = browser.new_context()
    page = watched(context, (address, "blob:"))
    page.add_init_script("window.Worker = class { constructor() { throw new Error('workers are forbidden'); } };")
    page.goto(address + PAGE + SHORT)
    page.locator("#page-guess-live").check()
    page.locator("#page-train").click()
    page.get_by_text("could not be trained: workers are forbidden.").wait_for()
    assert page.locator("#page-reveal").is_hidden() and page.faults == []
    context.close()
