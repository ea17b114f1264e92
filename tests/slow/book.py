"""The book on loopback, and a page that collects what goes wrong, for the checks that read it in a browser."""

import functools
import http.server
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from browser import missing

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "build" / "book"


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
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm") or missing("`apt-get install npm` installs what fetches axe-core")
    command = [npm, "install", "--silent", "--no-save", "--prefix", folder, "axe-core@4"]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        missing("npm could not fetch axe-core")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def page(browser, address):
    """A page in which nothing may go wrong, and that asks for nothing outside."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"script: {error}"))
    page.on("console", lambda line: line.type == "error" and page.faults.append(f"console: {line.text}"))
    page.on("requestfailed", lambda request: page.faults.append(f"failed: {request.url}"))
    page.on("response", lambda r: r.status >= 400 and page.faults.append(f"{r.status}: {r.url}"))
    inside = (address, "file:", "data:", "blob:")
    page.on("request", lambda r: r.url.startswith(inside) or page.faults.append(f"outside: {r.url}"))
    yield page
    assert page.faults == []
    context.close()


def serious_faults(page, axe):
    """What axe-core finds serious or worse in a page: the rule and the elements."""
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in serious]
