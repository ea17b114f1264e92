"""The page that trains in the browser, in Chromium: guess, train, reveal, nudge, link; by keyboard, as a file, on a
small phone in the dark, and with workers that fail. What it shows is what the same scripts give in Node."""

import json
import re

import numpy as np
import pytest
from book import BOOK, ROOT, serious_faults, watched

from helpers.data import load_garments, subset
from node import run_in_node

pytest_plugins = ["browser", "book"]
PAGE = "docs/explorer.html"
SCREENSHOTS = ROOT / "screenshots" / "book"
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
  const [mirrored, moved] = nudges.map((after) => ({ after, before: answers.map(words.answer),
    said: after.map(words.answer), share: after.filter((p, i) => p > 0.5 !== answers[i] > 0.5).length / 500 }));
  return { scores, answers, mirrored, moved };
});
"""


@pytest.fixture(scope="module")
def in_node():
    """Scores and counted nudges of the short runs."""
    data = subset(load_garments(), 512)
    part = slice(64, 96)  # what the third seed takes
    found = run_in_node(
        IN_NODE, arms=list(ARMS), images=data.x_train[part], labels=data.y_train[part],
        fresh=data.x_val[:500], freshLabels=data.y_val[:500],
    )  # fmt: skip
    return dict(zip(ARMS, found, strict=True))


KINDS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "reduced_motion": "reduce",
        "has_touch": True,
    },
    "projector at 150 %": {"viewport": {"width": 853, "height": 480}},
}  # fmt: skip


@pytest.fixture(params=["desktop"])
def page(browser, address, request):
    """The page with the link of a short run."""
    context = browser.new_context(**KINDS[request.param])
    page = watched(context, address)
    page.kind = request.param
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
def test_the_button_is_seen_without_scrolling(page):
    box = page.locator("#page-train").bounding_box()
    assert box["y"] + box["height"] < page.viewport_size["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("page", ["desktop", "phone"], indirect=True)
def test_guess_train_reveal_nudge_and_link(page, in_node, axe, address):
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if page.kind == "phone" else "light")
    train(page, "copies-1")
    parts = ("shown", "own", "fresh")
    expected = [[f"{100 * in_node[arm]['scores'][part]['accuracy']:.1f} %" for part in parts] for arm in ARMS]
    assert percents(page) == expected
    scores = {arm: in_node[arm]["scores"] for arm in ARMS}
    said = run_in_node(
        "return [words.verdict('copies-1', given.scores), words.worst(given.scores, 'fresh')];", scores=scores
    )
    assert [page.locator(f"#page-{name}").inner_text() for name in ("said", "worst")] == said
    assert page.locator("#page-twenty, #page-stored").filter(visible=True).count() == 0  # not the course's
    ends = [f"{name} {row[1]}" for name, row in zip(ARMS.values(), expected, strict=True)]
    described = plain(page.locator("#page-chart").get_attribute("aria-label"))
    assert described.endswith(f"in the end {ends[0]}, {ends[1]} and {ends[2]}.")
    assert page.get_by_role("checkbox", name="mirrored").is_checked()  # the nudge that the page begins with
    wait_for_answers(page, in_node, "mirrored")
    page.screenshot(path=SCREENSHOTS / f"page-{page.kind}-reveal.png", full_page=True)

    slider = page.get_by_role("slider", name="move right")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")  # half a pixel each
    wait_for_answers(page, in_node, "moved")
    assert slider.get_attribute("aria-valuetext") == "2 pixels"
    if page.kind == "phone":  # what is moved and what comes of it are seen together
        top, bottom = (page.locator(part).bounding_box() for part in ("#page-garment", "#page-turned"))
        assert bottom["y"] + bottom["height"] - top["y"] < 400

    page.locator("#page-more summary").click()
    lines = page.locator("#page-more pre").inner_text()
    assert lines in (ROOT / "docs/explorer.md").read_text(encoding="utf-8")  # as they are written, and tested
    assert serious_faults(page, axe) == []
    other = page.context.new_page()
    other.goto(page.locator("#page-link").input_value())
    sent = plain(other.locator("#page-said").inner_text())
    assert "guessed 1 copy" in sent and all(end in sent for end in ends)
    assert other.locator("#page-guesses input:checked").count() == 0  # the guess is the visitor's own


def wait_for_answers(page, in_node, nudge):
    """Until the table has each network's answer to the first pullover and the share of answers that changed."""
    found = [in_node[arm][nudge] for arm in ARMS]
    chosen = first_pullover(in_node)
    expected = [f"{each['before'][chosen]} {each['said'][chosen]} {100 * each['share']:.1f}\u00a0%" for each in found]
    page.wait_for_function(
        "expected => JSON.stringify([...document.querySelectorAll('#page-answers tbody tr')]"
        ".map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent).join(' '))) === expected",
        arg=json.dumps(expected, ensure_ascii=False, separators=(",", ":")),
    )


def first_pullover(in_node):
    """Of those that all networks get right, the first whose mirror image divides them."""
    classes = subset(load_garments(), 512).y_val[:500]
    before = np.array([in_node[arm]["answers"] for arm in ARMS]) > 0.5
    after = np.array([in_node[arm]["mirrored"]["after"] for arm in ARMS]) > 0.5
    divided = after.any(axis=0) & ~after.all(axis=0)
    right = np.flatnonzero((classes == 0) & ~before.any(axis=0))
    return right[divided[right].argmax()]


def test_nothing_is_trained_before_a_guess_and_the_keyboard_is_enough(page):
    assert "empty axes" in page.locator("#page-chart").get_attribute("aria-label").lower()
    page.locator("#page-train").click()
    assert page.locator("#page-said").inner_text().startswith("Guess first")
    page.locator("#page-guess-none").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.locator("#page-guess-copies-1").is_checked()
    for name in ("Stop", "Train"):
        page.keyboard.press("Enter")
        assert page.locator("#page-train").inner_text() == name


def film_pixels(page):
    return page.locator("#page-films canvas").evaluate_all("all => all.map(canvas => canvas.toDataURL())")


def test_films_move_and_can_be_paused_and_each_training_has_a_seed_of_its_own(page):
    before = film_pixels(page)
    page.wait_for_timeout(1500)
    assert [a == b for a, b in zip(before, film_pixels(page), strict=True)] == [True, True, False]  # only live changes
    page.locator("#page-more summary").click()
    for seed in (3, 4):
        page.locator("#page-guess-live").check()
        page.locator("#page-train").click()
        page.locator("#page-reveal").wait_for(timeout=TRAINED)
        assert page.get_by_role("spinbutton", name="seed").input_value() == str(seed)
        assert f"seed={seed}&" in page.locator("#page-link").input_value()
    page.locator("#page-pause").click()
    paused = film_pixels(page)
    page.wait_for_timeout(1500)
    assert film_pixels(page) == paused


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_films_stand_still_where_motion_is_not_wanted(page):
    before = film_pixels(page)
    page.wait_for_timeout(1500)
    assert film_pixels(page) == before and page.locator("#page-pause").inner_text() == "Move the films"


def test_it_works_as_a_file_without_a_network_and_then_has_no_link_to_send(browser):
    context = browser.new_context(offline=True)
    page = watched(context, "file://")
    page.goto((BOOK / PAGE).as_uri() + SHORT)
    train(page, "live")
    assert len(percents(page)) == 3 and page.faults == [] and page.locator("#page-share").is_hidden()
    page.locator("#page-garment").scroll_into_view_if_needed()
    box = page.locator("#page-garment").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 116, box["y"] + 92, steps=4)  # 8 points are a pixel
    page.mouse.up()
    assert page.locator("#page-right").input_value() == "2" and page.locator("#page-down").input_value() == "-1"
    context.close()


@pytest.mark.parametrize(
    "broken",
    [
        "window.Worker = class { constructor() { throw new Error('workers are forbidden'); } };",
        "window.Worker = class { terminate() {} postMessage() { setTimeout(() => this.onerror(new ErrorEvent('error', "
        "{ message: 'out of memory' }))); } };",
    ],
    ids=["at the start", "later"],
)  # fmt: skip
def test_a_worker_that_fails_answers_in_words(browser, address, broken):
    context = browser.new_context()
    page = watched(context, address)
    page.add_init_script(broken)
    page.goto(address + PAGE + SHORT)
    page.locator("#page-guess-live").check()
    page.locator("#page-train").click()
    page.get_by_text("could not be trained").wait_for()
    said = page.locator("#page-said").inner_text()
    assert re.search(r"could not be trained: (workers are forbidden|out of memory)\.", said)
    assert page.locator("#page-reveal").is_hidden() and page.faults == []
    context.close()


def test_without_javascript_there_is_a_sentence(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + PAGE)
    assert page.get_by_text("Training it here needs JavaScript").is_visible()
    context.close()
