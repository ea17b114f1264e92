"""The page that trains in the browser, in Chromium: guess, train, reveal, nudge, link; on a desktop, on a phone in the
dark, as a file, and with workers that fail. What it shows is what the same scripts give in Node."""

import json
import re

import pytest
from book import BOOK, serious_faults, watched

from helpers.data import load_garments, subset
from node import run_in_node

pytest_plugins = ["browser", "book"]
PAGE = "docs/explorer.html"
ARMS = {"none": "no augmentation", "copies-1": "1 copy", "live": "live"}
SHORT = "#seed=3&n=32&strength=1&updates=500&none=&copies-1=&live=&guess="
TRAINED = 240_000  # milliseconds that three networks may take on a busy machine
IN_NODE = """
const task = { seed: 3, strength: 1, images: floats(given.images), labels: floats(given.labels),
  fresh: floats(given.fresh), freshLabels: floats(given.freshLabels) };
return given.arms.map((arm) => {
  const run = training.start({ ...task, arm });
  const scores = run.train(500, () => {});
  const answers = run.answers({});
  const nudges = [{ mirror: true }, { mirror: true, right: 2 }].map(run.answers);
  const shares = nudges.map((after) => after.filter((p, i) => p > 0.5 !== answers[i] > 0.5).length / 500);
  return { scores, shares };
});
"""


@pytest.fixture(scope="module")
def in_node():
    """Scores and counted nudges of the short runs, arm by arm."""
    data = subset(load_garments(), 512)
    part = slice(64, 96)  # what the third seed takes
    return run_in_node(
        IN_NODE, arms=list(ARMS), images=data.x_train[part], labels=data.y_train[part],
        fresh=data.x_val[:500], freshLabels=data.y_val[:500],
    )  # fmt: skip


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
def test_guess_train_reveal_nudge_and_link(page, in_node, axe):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.locator("#page-train").click()
    assert page.locator("#page-said").inner_text().startswith("Guess first")
    train(page, "copies-1")
    parts = ("shown", "own", "fresh")
    expected = [[f"{100 * found['scores'][part]['accuracy']:.1f} %" for part in parts] for found in in_node]
    assert percents(page) == expected
    wait_for_shares(page, [found["shares"][0] for found in in_node])  # the mirror is the nudge that it begins with
    slider = page.get_by_role("slider", name="move right")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")  # half a pixel each
    wait_for_shares(page, [found["shares"][1] for found in in_node])
    page.locator("#page-more summary").click()
    assert serious_faults(page, axe) == []
    other = page.context.new_page()
    other.goto(page.locator("#page-link").input_value())
    sent = plain(other.locator("#page-said").inner_text())
    assert "guessed 1 copy" in sent
    assert all(f"{name} {row[1]}" in sent for name, row in zip(ARMS.values(), expected, strict=True))
    assert other.locator("#page-guesses input:checked").count() == 0  # the guess is the visitor's own


def wait_for_shares(page, shares):
    """Until the table has the share of answers that the nudge changed, of each network."""
    page.wait_for_function(
        "expected => JSON.stringify([...document.querySelectorAll('#page-answers tbody td:last-child')]"
        ".map(cell => cell.textContent)) === expected",
        arg=json.dumps([f"{100 * share:.1f}\u00a0%" for share in shares], ensure_ascii=False, separators=(",", ":")),
    )


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
