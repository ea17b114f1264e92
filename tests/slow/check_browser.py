"""Every notebook with an explorer, up to there, in JupyterLab in a real browser, its controls moved by keyboard.

It leaves screenshots in ``screenshots/``.
"""

import statistics
import time
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
pytest_plugins = ["browser"]
EXPLORERS = ("policy_explorer(", "nudge_explorer(")
WITH_EXPLORER = [
    path.relative_to(ROOT / "notebooks").as_posix()
    for path in sorted(ROOT.glob("notebooks/**/*.ipynb"))
    if any(name in path.read_text(encoding="utf-8") for name in EXPLORERS)
]
FOCUSED = "e => e === document.activeElement"
CONTROLS = ".noUi-handle, .widget-toggle-buttons button:nth-of-type(2), input[type=checkbox]"


def write_up_to_the_explorer(source, path):
    """What follows the last explorer is left out: `make test` runs it."""
    notebook = nbformat.read(source, as_version=4)
    last = max(i for i, cell in enumerate(notebook.cells) if any(name in cell.source for name in EXPLORERS))
    notebook.cells = notebook.cells[: last + 1]
    nbformat.write(notebook, path)


def test_there_is_a_notebook_with_an_explorer():
    assert WITH_EXPLORER


@pytest.mark.parametrize("name", WITH_EXPLORER)
def test_each_control_moves_by_keyboard_and_shows_what_it_did(browser, lab, name):
    folder, address = lab
    path = (folder / "notebooks" / name).with_stem(f"up_to_the_explorer_{Path(name).stem}")  # it has no text twin yet
    write_up_to_the_explorer(folder / "notebooks" / name, path)
    expected = sum(path.read_text(encoding="utf-8").count(explorer) for explorer in EXPLORERS)
    errors = []
    page = browser.new_page(viewport={"width": 1400, "height": 1400})
    page.on("pageerror", lambda error: errors.append(str(error)))
    place = path.relative_to(folder / "notebooks").as_posix()
    page.goto(address.split("00_start_here.ipynb")[0] + f"{place}?token=secret")
    page.add_style_tag(content=".Toastify { display: none }")  # an offer of news, over the pictures
    run_all_cells(page)
    explorers = page.locator(".jp-OutputArea-output:has(.widget-image)")
    assert explorers.count() == expected
    for number in range(expected):
        waited = drive(page, explorers.nth(number), f"{Path(name).stem}-{number}")
        print(f"\n{name}: key to picture {1000 * statistics.median(waited):.0f} ms, {len(waited)} moves")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(2000)
    page.close()
    for cell in nbformat.read(path, as_version=4).cells:
        assert cell.get("execution_count", 1), f"not run: {cell.source}"
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr", cell.source
    assert not errors


def run_all_cells(page):
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    waiting = page.locator(".jp-InputPrompt").get_by_text("[*]")
    waiting.first.wait_for(timeout=10_000, state="attached")
    page.wait_for_function(
        "() => ![...document.querySelectorAll('.jp-InputPrompt')].some(e => e.innerText.includes('*'))",
        timeout=600_000,
    )


def drive(page, explorer, name):
    """Go from control to control by Tab, move each, and expect another picture and another text."""
    SCREENSHOTS.mkdir(exist_ok=True)
    explorer.screenshot(path=SCREENSHOTS / f"{name}-start.png")
    controls, play = explorer.locator(CONTROLS).all(), explorer.locator(".widget-play button").first
    assert len(controls) >= 4
    controls[0].focus()
    waited = []
    for number, control in enumerate(controls):
        reach(page, control)
        slider = control.get_attribute("role") == "slider"
        waited.append(press(page, explorer, "End" if slider else " "))
        assert control.evaluate(FOCUSED), "the key moved the focus away"
        explorer.screenshot(path=SCREENSHOTS / f"{name}-{number:02}.png")
        if control.evaluate("e => e.localName") == "button":  # the second of a row; back to the first
            page.keyboard.press("Shift+Tab")
        waited.append(press(page, explorer, "Home" if slider else " "))
        if slider:  # off the lowest value, for the controls that follow
            page.keyboard.press("PageUp")
            page.wait_for_timeout(400)
    if play.count():
        reach(page, play)
        press(page, explorer, " ")
        press(page, explorer, "Shift")  # a key without effect: it goes on by itself
        page.keyboard.press(" ")
    page.wait_for_timeout(1000)
    explorer.screenshot(path=SCREENSHOTS / f"{name}-end.png")
    return waited


def reach(page, control):
    for _ in range(9):  # each button of a row is a stop, and so is the number beside a slider
        if control.evaluate(FOCUSED):
            return
        page.keyboard.press("Tab")
    pytest.fail("a control can't be reached by Tab")


def press(page, explorer, key):
    """Press a key; wait for another picture and another text. Returns the seconds until the picture came."""
    picture = explorer.locator("img").element_handle()
    text = explorer.locator(".widget-html-content").element_handle()
    source, words = picture.get_attribute("src"), text.inner_text()
    started = time.perf_counter()
    page.keyboard.press(key)
    page.wait_for_function("([e, old]) => e.src !== old", arg=[picture, source], timeout=30_000)
    seconds = time.perf_counter() - started
    page.wait_for_function("([e, old]) => e.innerText !== old", arg=[text, words], timeout=30_000)
    return seconds
