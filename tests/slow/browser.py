"""Chromium for the slow checks: where it lacks, they are skipped, or with BROWSER_REQUIRED=1 fail."""

import os
import shutil

import pytest

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


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
