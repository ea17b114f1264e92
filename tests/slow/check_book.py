"""The book (`make book`) served on loopback and read in a real browser, on a desktop and on a phone.

Nothing outside may be asked for: the book must be whole without a network. Screenshots are left in
``screenshots/book/``.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from book import BOOK, ROOT, serious_faults, watched
from bs4 import BeautifulSoup

PAGES = sorted(p.relative_to(BOOK).as_posix() for p in BOOK.rglob("*.html") if "_static" not in p.parts)
NOTEBOOKS = [
    path
    for part in ("*.ipynb", "going_deeper/*.ipynb", "solutions/*.ipynb")
    for path in sorted((ROOT / "notebooks").glob(part))
]
SCREENSHOTS = ROOT / "screenshots" / "book"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
pytest_plugins = ["browser", "book"]

# What lies outside the page and can't be scrolled to.
# What is folded in a report of the check-up is unfolded for the look.
CUT_OFF = """() => {
const folded = [...document.querySelectorAll("article .cell_output details:not([open])")];
folded.forEach(e => e.open = true);
const found = [...document.querySelectorAll("article *, footer *")].filter(e => {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || box.right <= innerWidth + 1) return false;
    for (let p = e; p; p = p.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth)
            return false;
    return !e.closest("mjx-assistive-mml");
}).map(e => e.outerHTML.slice(0, 100));
folded.forEach(e => e.open = false);
return found;
}"""

# Pictures that are wider or higher than they are: what a browser shows against what the file holds.
DISTORTED = """() => [...document.querySelectorAll("article img")].filter(e => {
    const shown = e.clientWidth / e.clientHeight, stored = e.naturalWidth / e.naturalHeight;
    return e.clientWidth > 50 && e.complete && Math.abs(shown / stored - 1) > 0.05;
}).map(e => e.alt.slice(0, 100))"""

# How many folded answers can be seen as the page comes, and how many can't after a click on each. Those of the page
# that trains are hidden until it has trained.
ANSWERS_SEEN = """() => {
    const answers = [...document.querySelectorAll("article details")].filter(e => !e.closest("[hidden]"));
    const seen = () => answers.filter(e => e.querySelector(":scope > :not(summary)").checkVisibility()).length;
    const folded = seen();
    answers.forEach(e => e.querySelector("summary").click());
    return {seen_at_once: folded, never_seen: answers.length - seen()};
}"""


@pytest.fixture(scope="module", params=SIZES)
def context(browser, request):
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    context.name = request.param
    yield context
    context.close()


@pytest.fixture
def page(context, address):
    page = watched(context, address)
    yield page
    page.close()


def page_of(notebook):
    return notebook.relative_to(ROOT).with_suffix(".html").as_posix()


def test_every_notebook_is_a_page_and_the_contents_have_them_in_order(page, address):
    page.goto(address)
    links = page.locator(".bd-sidebar-primary nav a").evaluate_all("links => links.map(a => a.href)")
    expected = [address + page_of(notebook) for notebook in NOTEBOOKS]
    assert [link for link in links if "/notebooks/" in link] == expected
    entries = page.locator(".bd-sidebar-primary nav a[href*='notebooks/0']").all_text_contents()
    minutes = re.findall(r"^\| \[\d\d [^|]*\|[^|]*\| (\d+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [re.search(r"\((\d+) min\)", entry)[1] for entry in entries] == minutes


@pytest.mark.parametrize("name", PAGES)
def test_page_loads_whole_fits_the_screen_and_has_no_serious_fault(page, context, address, axe, name):
    page.goto(address + name, wait_until="load")
    formulas = page.locator("article .math")
    if formulas.count():
        formulas.last.locator("mjx-container").wait_for()
    picture = SCREENSHOTS / context.name / Path(name).with_suffix(".png")
    page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[context.name][0]
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(DISTORTED) == []
    assert formulas.count() == page.locator("article .math mjx-container").count()
    assert page.locator("[data-mjx-error]").count() == 0
    assert serious_faults(page, axe) == []
    for text in page.locator(".cell_output img").evaluate_all("all => all.map(img => img.alt)"):
        assert len(text) > 20
    assert page.evaluate(ANSWERS_SEEN) == {"seen_at_once": 0, "never_seen": 0}
    assert not page.faults


def test_wide_lines_scroll_on_a_phone(page, context, address):
    """That nothing is cut off the other test says; here all that is wider than a phone must move."""
    if context.name != "phone":
        pytest.skip("for the phone")
    page.goto(address + "notebooks/01_static_versus_live.html")
    moved = page.locator(".cell_output pre, .cell_input pre").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => { e.scrollLeft = 1; return e.scrollLeft > 0; })"
    )
    assert moved and all(moved)


def test_search_finds_a_word_of_a_companion(page, address):
    page.goto(address)
    page.locator(".search-button__button:visible").first.click()
    page.locator("dialog input[type=search]").fill("Vendi score")
    page.keyboard.press("Enter")
    page.locator("#search-results li a[href*='measuring_diversity']").first.wait_for(timeout=20_000)
    assert not page.faults


@pytest.mark.parametrize("context", ["desktop"], indirect=True)
def test_the_icons_that_are_left_are_those_that_the_pages_show(page, address):
    """The build drops the others; one that lacks is drawn as a blinking question mark."""
    page.goto(address + "notebooks/00_start_here.html")
    page.locator("svg.svg-inline--fa").first.wait_for(state="attached")
    shown = page.locator("svg.svg-inline--fa").evaluate_all(
        "all => all.map(e => [e.dataset.icon, e.querySelector('animate') === null])"
    )
    expected = {"magnifying-glass", "moon"}
    if (ROOT / "repository.txt").read_text(encoding="utf-8").strip():  # an address that buttons can lead to
        expected |= {"github", "rocket"}
    assert expected <= {name for name, _ in shown}
    assert all(drawn for _, drawn in shown), shown
    assert (BOOK / "_static" / "scripts" / "fontawesome.js").stat().st_size < 300_000


@pytest.mark.parametrize("context", ["desktop"], indirect=True)
def test_search_finds_symptoms_first(page, address):
    for symptom in ("validation accuracy higher than training", "cache", "same picture every epoch"):
        page.goto(f"{address}search.html?q={symptom}")
        first = page.locator("#search-results li > a").first
        assert "find_your_symptom" in first.get_attribute("href", timeout=20_000), symptom
    # The next search breaks off what the last one still fetches.
    assert not [fault for fault in page.faults if not fault.startswith("failed")]


@pytest.fixture(scope="module")
def parsed():
    """Each page of the book as it is stored, by its address within the book."""
    return {name: BeautifulSoup((BOOK / name).read_bytes(), "html.parser") for name in PAGES}


def loaded(name, page):
    """The files that a page of the book asks for at once."""
    links = [tag["src"] for tag in page.select("script[src], img[src]")]
    links += [tag["href"] for tag in page.select("link[rel=stylesheet]")]
    files = {unquote(urljoin(f"/{name}", link).partition("?")[0]) for link in links if "://" not in link}
    return [BOOK / name, *(BOOK / file.removeprefix("/") for file in files)]


def test_a_lesson_weighs_less_than_two_megabytes(parsed):
    weights = {name: sum(file.stat().st_size for file in loaded(name, page)) for name, page in parsed.items()}
    lessons = {name: weights[name] for name in weights if name.startswith("notebooks/0")}
    assert len(lessons) == 10 and max(lessons.values()) < 2_000_000, lessons


def test_internal_links_lead_somewhere(parsed):
    anchors = {name: {tag["id"] for tag in page.find_all(id=True)} for name, page in parsed.items()}
    for name, page in parsed.items():
        for link in page.find_all("a", href=True):
            url, anchor = urldefrag(urljoin(f"http://book/{name}", link["href"]))
            if not url.startswith("http://book/"):
                continue
            target = unquote(url.removeprefix("http://book/")) or "index.html"
            if target in anchors:
                assert not anchor or unquote(anchor) in anchors[target], f"{name}: no {anchor} in {target}"
            else:
                assert (BOOK / target).is_file(), f"{name}: {link['href']}"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_launch_buttons_lead_where_the_badges_lead(parsed, notebook, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import links

    found = [link["href"] for link in parsed[page_of(notebook)].select(".dropdown-launch-buttons a")]
    setting = links.read_setting((ROOT / "repository.txt").read_text(encoding="utf-8"))
    badges = links.badges(setting, notebook.relative_to(ROOT).as_posix()) if setting else ""
    assert len(found) == (2 if setting else 0)
    for link in found:
        assert f"({link})" in badges
