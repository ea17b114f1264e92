"""What longer checks share: Chromium, the book on loopback, and JupyterLab as a reader starts it.

Where a browser lacks, its checks are skipped, or with BROWSER_REQUIRED=1 fail.
"""

import functools
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = "--no-browser --allow-root --port 0 --IdentityProvider.token=secret"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(what):
    message = f"no browser to drive: {what}"
    if os.environ.get("BROWSER_REQUIRED"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing("`pip install playwright` installs what drives it")
    executable = shutil.which("chromium") or missing("`apt-get install chromium` installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address():
    """Where the book (`make book`) is served."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=ROOT / "build" / "book")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(browser, address):
    """A page in which nothing may go wrong, and that asks for nothing outside."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.faults = []
    note = page.faults.append
    inside = (address, "file:", "data:", "blob:")

    def printed(line):
        if line.type == "error":
            note(f"console: {line.text}")

    def asked(request):
        if not request.url.startswith(inside):
            note(f"outside: {request.url}")

    def answered(response):
        if response.status >= 400:
            note(f"{response.status}: {response.url}")

    page.on("pageerror", lambda error: note(f"script: {error}"))
    page.on("console", printed)
    page.on("request", asked)
    page.on("requestfailed", lambda request: note(f"failed: {request.url}"))
    page.on("response", answered)
    yield page
    assert page.faults == []
    context.close()


@pytest.fixture(scope="module")
def serious_faults(tmp_path_factory):
    """A function: what axe-core finds serious or worse in a page for accessibility, by rule and elements."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm") or missing("`apt-get install npm` installs what fetches axe-core")
    command = [npm, "install", "--silent", "--no-save", "--prefix", folder, "axe-core@4"]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
        missing("npm could not fetch axe-core")
    axe = (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def serious(page):
        page.evaluate(axe)
        violations = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        faults = [fault for fault in violations if fault["impact"] in ("serious", "critical")]
        return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults]

    return serious


@pytest.fixture
def lab(tmp_path):
    """The folder of a copy of the project, and the address that JupyterLab prints there."""
    folder = tmp_path / "copy"
    log = tmp_path / "lab.log"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv*", ".git"))
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".venv" / "ready").touch()
    command = ["make", "lab", f"OPTIONS={OPTIONS}"]
    # `make -j --output-sync` would keep the address to itself.
    environment = os.environ | {"MAKEFLAGS": ""}
    with open(log, "w", encoding="utf-8") as stderr:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stderr=stderr, start_new_session=True
        )
    try:
        yield folder, _address(server, log)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def _address(server, log):
    """The printed address, once it answers: JupyterLab prints it a moment before it listens."""
    for _ in range(600):
        ended = server.poll() is not None
        printed = log.read_text(encoding="utf-8")
        found = re.search(r"http://(127\.0\.0\.1):(\d+)\S*", printed)
        if found and _listens(found[1], int(found[2])):
            return found[0]
        assert not ended, printed
        time.sleep(0.2)
    pytest.fail(f"JupyterLab printed no address that answers in two minutes:\n{printed}")


def _listens(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
