"""Every notebook with a widget, up to there, in JupyterLab in a real browser, its controls moved by keyboard.

It leaves screenshots in ``screenshots/``.
"""

import re
from pathlib import Path

import links
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
WIDGET = re.compile(r"^(?:nudge|how_strong)\(", re.MULTILINE)
WITH_WIDGET = [
    path.relative_to(ROOT / "notebooks").as_posix()
    for path in links.notebooks()
    if any(WIDGET.search(cell.source) for cell in nbformat.read(path, as_version=4).cells)
]
CONTROLS = ".noUi-handle, input[type=checkbox]"
ALL_HAVE_RUN = """() => {
    const prompts = [...document.querySelectorAll(".jp-InputPrompt")];
    return !prompts.some(prompt => prompt.innerText.includes("*"));
}"""
CHANGED = """([picture, text, [oldPicture, oldText]]) =>
    picture.src !== oldPicture || text.innerText !== oldText"""


@pytest.mark.parametrize("name", WITH_WIDGET)
def test_each_control_moves_by_keyboard_and_shows_what_it_did(browser, lab, name):
    folder, address = lab
    notebook = nbformat.read(folder / "notebooks" / name, as_version=4)
    last = max(i for i, cell in enumerate(notebook.cells) if WIDGET.search(cell.source))
    notebook.cells = notebook.cells[: last + 1]  # `make test` runs the rest
    expected = sum(len(WIDGET.findall(cell.source)) for cell in notebook.cells)
    # A name of its own, for it has no text twin yet.
    path = (folder / "notebooks" / name).with_stem(f"up_to_the_widget_{Path(name).stem}")
    nbformat.write(notebook, path)
    errors = []
    page = browser.new_page(viewport={"width": 1400, "height": 1400})
    page.on("pageerror", lambda error: errors.append(str(error)))
    place = path.relative_to(folder / "notebooks").as_posix()
    page.goto(address.split("01_static_versus_live.ipynb")[0] + f"{place}?token=secret")
    page.add_style_tag(content=".Toastify { display: none }")  # an offer of news, over the pictures
    run_all_cells(page)
    widgets = page.locator(".jp-OutputArea-output:has(.widget-image)")
    assert widgets.count() == expected
    for number in range(expected):
        drive(page, widgets.nth(number))
        widgets.nth(number).screenshot(path=SCREENSHOTS / f"{Path(name).stem}-{number}.png")
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
    running = page.locator(".jp-InputPrompt").get_by_text("[*]").first
    running.wait_for(timeout=10_000, state="attached")
    page.wait_for_function(ALL_HAVE_RUN, timeout=600_000)


def drive(page, widget):
    """Move each control by a key, and wait for another picture or another text."""
    controls = widget.locator(CONTROLS).all()
    assert controls
    picture = widget.locator("img").element_handle()
    text = widget.locator(".widget-html-content").element_handle()
    for control in controls:
        control.focus()
        before = [picture.get_attribute("src"), text.inner_text()]
        slider = control.get_attribute("role") == "slider"
        page.keyboard.press("End" if slider else " ")
        page.wait_for_function(CHANGED, arg=[picture, text, before], timeout=30_000)
        if slider:  # off the highest value, for the controls that follow
            page.keyboard.press("PageDown")
            page.wait_for_timeout(400)
