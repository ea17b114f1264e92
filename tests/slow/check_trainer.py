"""The page that trains as one file (`tools/trainer.py`), opened from the disk as somebody does who got it by mail.

By keys alone, on a narrow and on a wide screen, without a network. What the networks compute is compared with Keras in
tests/test_page.py. The same page in the book, also where somebody sent a link, is driven by check_book.py.
"""

import re
from pathlib import Path

import pytest
import trainer

FILE = (Path(__file__).resolve().parents[2] / "build" / "trainer.html").as_uri()
SHORT = "#seed=3&n=32&strength=1&updates=500&none=&copies-1=&live="
TRAINED = 240_000  # milliseconds that three networks may take on a busy machine
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1200, "height": 800}}
FOCUSED = "() => document.activeElement.id || document.activeElement.parentElement.id"
PERCENT = re.compile(r"\d+(?:\.\d+)?\s%")


@pytest.fixture
def address():
    """Nothing is served: what the page asks for lies in its own file."""
    return FILE


def tab_to(page, name):
    """Press Tab until the element of this name has the focus."""
    for _ in range(40):
        if page.evaluate(FOCUSED) == f"page-{name}":
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no key leads to {name}")


def train_by_keys(page):
    """Guess the second method, train, and open what is folded."""
    tab_to(page, "guess-none")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    tab_to(page, "train")
    page.keyboard.press("Enter")
    page.locator("#page-reveal").wait_for(timeout=TRAINED)
    for name in ("fresh", "try"):
        assert page.locator(f"#page-{name} table").is_hidden()
        tab_to(page, name)
        page.keyboard.press("Enter")
        page.locator(f"#page-{name} table").wait_for()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("size", SIZES)
def test_from_a_file_it_trains_by_keys_alone(page, serious_faults, size):
    asked = []
    page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
    page.set_viewport_size(SIZES[size])
    page.context.set_offline(True)
    page.goto(FILE + SHORT)
    page.locator("#page-films canvas").first.wait_for()
    assert fits(page) and serious_faults(page) == []
    train_by_keys(page)
    assert "copy" in page.locator("#page-said").inner_text()
    shown = [
        len(PERCENT.findall(row)) for row in page.locator("#page-scores tbody tr").all_inner_texts()
    ]
    assert shown == [3, 3, 3]
    tab_to(page, "right")
    before = page.locator("#page-answers").inner_text()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.getElementById('page-answers').innerText !== before", arg=before
    )
    assert page.locator("#page-share").is_hidden()  # nobody else has this file under this address
    assert fits(page) and serious_faults(page) == []
    # What the page holds itself isn't asked for.
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [FILE]


def test_of_a_published_copy_the_link_to_send_is_that_of_its_page(page, tmp_path):
    """The same file, made where an address is known; who opens what it sends guesses first."""
    setting = {"repository": "a-school/our.course", "reference": "main"}
    (tmp_path / "trainer.html").write_text(trainer.page(setting), encoding="utf-8")
    page.goto((tmp_path / "trainer.html").as_uri() + SHORT)
    page.locator("#page-films canvas").first.wait_for()
    train_by_keys(page)
    home, _, settings = page.locator("#page-link").input_value().partition("#")
    assert home == "https://a-school.github.io/our.course/docs/explorer.html"
    page.goto(f"{FILE}#{settings}")
    page.reload()
    page.get_by_text("Somebody sent you this. Guess first").wait_for()
    assert not PERCENT.search(page.locator("#page").inner_text())


def test_an_older_browser_is_told_so(page):
    page.add_init_script("delete window.DecompressionStream")
    page.goto(FILE)
    page.get_by_text("a browser of 2023 or later").wait_for()
    assert page.locator("#page").is_hidden()
