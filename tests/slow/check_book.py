"""The book (`make book`) served on loopback and read in a real browser, on a desktop and on a phone.

Nothing outside may be asked for: the book must be whole without a network. Screenshots are left in
``screenshots/book/``.
"""

import functools
import http.server
import shutil
import subprocess
import threading
from pathlib import Path
from urllib.parse import urldefrag

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "build" / "book"
PAGES = sorted(p.relative_to(BOOK).as_posix() for p in BOOK.rglob("*.html") if "_static" not in p.parts)
NOTEBOOKS = [
    path
    for part in ("*.ipynb", "going_deeper/*.ipynb", "solutions/*.ipynb")
    for path in sorted((ROOT / "notebooks").glob(part))
]
SCREENSHOTS = ROOT / "screenshots" / "book"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
pytest_plugins = ["browser"]

# What lies outside the page and can't be scrolled to.
CUT_OFF = """() => [...document.querySelectorAll("article *, footer *")].filter(e => {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || box.right <= innerWidth + 1) return false;
    for (let p = e; p; p = p.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth)
            return false;
    return !e.closest("mjx-assistive-mml");
}).map(e => e.outerHTML.slice(0, 100))"""


@pytest.fixture(scope="module")
def address():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=BOOK))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """The source of axe-core, which looks for faults of accessibility."""
    from browser import missing

    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm") or missing("`apt-get install npm` installs what fetches axe-core")
    command = [npm, "install", "--silent", "--no-save", "--prefix", folder, "axe-core@4"]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        missing("npm could not fetch axe-core")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=SIZES)
def context(browser, request):
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    context.name = request.param
    yield context
    context.close()


@pytest.fixture
def page(context, address):
    """A page that collects what goes wrong in it, as ``page.faults``."""
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"script: {error}"))
    page.on("console", lambda line: line.type == "error" and page.faults.append(f"console: {line.text}"))
    page.on("requestfailed", lambda request: page.faults.append(f"failed: {request.url}"))
    page.on("response", lambda r: r.status >= 400 and page.faults.append(f"{r.status}: {r.url}"))
    page.on("request", lambda r: r.url.startswith(address) or page.faults.append(f"outside: {r.url}"))
    yield page
    page.close()


def page_of(notebook):
    return notebook.relative_to(ROOT).with_suffix(".html").as_posix()


def test_every_notebook_is_a_page_and_the_contents_have_them_in_order(page, address):
    page.goto(address)
    links = page.locator(".bd-sidebar-primary nav a").evaluate_all("links => links.map(a => a.href)")
    expected = [address + page_of(notebook) for notebook in NOTEBOOKS]
    assert [link for link in links if "/notebooks/" in link] == expected


@pytest.mark.parametrize("name", PAGES)
def test_page_loads_whole_fits_the_screen_and_has_no_serious_fault(page, context, address, axe, name):
    page.goto(address + name, wait_until="networkidle")
    picture = SCREENSHOTS / context.name / Path(name).with_suffix(".png")
    page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[context.name][0]
    assert page.evaluate(CUT_OFF) == []
    formulas = page.locator("article .math")
    assert formulas.count() == page.locator("article .math mjx-container").count()
    assert page.locator("[data-mjx-error]").count() == 0
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    assert not [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in serious]
    assert not page.faults


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_figures_have_alternative_texts_and_answers_fold(page, address, notebook):
    page.goto(address + page_of(notebook))
    for text in page.locator(".cell_output img").evaluate_all("all => all.map(img => img.alt)"):
        assert len(text) > 20
    for answer in page.locator("article details").all():
        hidden = answer.locator(":scope > :not(summary)").first
        assert not hidden.is_visible()
        answer.locator("summary").click()
        assert hidden.is_visible()


def test_wide_tables_scroll_on_a_phone(page, context, address):
    """That none is cut off the other test says; here the widest, all of them printed, must move."""
    if context.name != "phone":
        pytest.skip("for the phone")
    page.goto(address + "notebooks/01_static_versus_live.html")
    moved = page.locator(".cell_output pre").evaluate_all(
        "all => all.filter(e => { e.scrollLeft = 50; return e.scrollLeft === 50; }).length"
    )
    assert moved > 3


def test_search_finds_a_word_of_a_companion(page, address):
    page.goto(address)
    page.locator(".search-button__button:visible").first.click()
    page.locator("dialog input[type=search]").fill("Vendi score")
    page.keyboard.press("Enter")
    page.locator("#search-results li a[href*='measuring_diversity']").first.wait_for(timeout=20_000)
    assert not page.faults


def test_internal_links_lead_somewhere(browser, address):
    page, links, targets = browser.new_page(), {}, {}
    for name in PAGES:
        page.goto(address + name)
        links[name] = page.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
        targets[address + name] = set(page.locator("[id]").evaluate_all("all => all.map(e => e.id)"))
    targets[address] = targets[address + "index.html"]
    page.close()
    for name, hrefs in links.items():
        for href in hrefs:
            url, anchor = urldefrag(href)
            if url.startswith(address) and url in targets:
                assert not anchor or anchor in targets[url], f"{name}: no {anchor} in {url}"
            elif url.startswith(address):
                assert (BOOK / url.removeprefix(address)).is_file(), f"{name}: {href}"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_launch_buttons_lead_where_the_badges_lead(browser, address, notebook, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import links

    page = browser.new_page()
    page.goto(address + page_of(notebook))
    found = page.locator(".dropdown-launch-buttons a").evaluate_all("all => all.map(a => a.href)")
    page.close()
    setting = links.read_setting((ROOT / "repository.txt").read_text(encoding="utf-8"))
    badges = links.badges(setting, notebook.relative_to(ROOT).as_posix())
    assert len(found) == 2
    for link in found:
        assert f"({link})" in badges
