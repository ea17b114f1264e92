"""The front page's links in a clone and in the published book, without an address and with a made-up one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urldefrag, urlsplit

import links
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {"no address": {}, "an address": links.read_setting("a-school/our.course spring-term")}
LINK = re.compile(r"\]\(([^)\s]+)\)")


def known_to_git():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    return set(filter(None, listed.stdout.decode().split("\0")))


@pytest.fixture(scope="module", params=SETTINGS)
def clone(request, tmp_path_factory):
    """A folder in which `make links` wrote a setting and the book was built, and the setting."""
    setting = SETTINGS[request.param]
    folder = tmp_path_factory.mktemp("clone") / "series"
    for name in known_to_git():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    run = [sys.executable, "tools/links.py"]
    if setting:
        run += ["--repo", setting["repository"], "--reference", setting["reference"]]
    subprocess.run(run, cwd=folder, check=True)
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c", "docs", ".", "book"]
    subprocess.run(sphinx, cwd=folder, check=True)
    return folder, setting


def leads_somewhere(target, page, setting):
    """Whether a target of a page is a file there, or an address below which the setting has one."""
    address = urlsplit(target)
    if not address.scheme:
        name = unquote(urldefrag(target).url)
        return not name or Path(os.path.normpath(page.parent / name)).exists()
    if address.netloc == "mybinder.org":
        (notebook,) = parse_qs(address.query)["urlpath"]
        return notebook.removeprefix("lab/tree/") in known_to_git()
    if address.netloc == "colab.research.google.com" and setting:
        start = f"/github/{setting['repository']}/blob/{links.LESSONS}/"
        return f"notebooks/{address.path.removeprefix(start)}" in known_to_git()
    return address.scheme == "https"


def test_in_a_clone_every_link_of_the_front_page_leads_somewhere(clone):
    folder, setting = clone
    page = folder / "README.md"
    targets = LINK.findall(page.read_text("utf-8"))
    assert len(targets) > 10
    assert [t for t in targets if not leads_somewhere(t, page, setting)] == []


def test_in_the_book_every_link_of_the_front_page_leads_somewhere(clone):
    folder, setting = clone
    page = folder / "book" / "index.html"
    article = BeautifulSoup(page.read_text("utf-8"), "html.parser").select_one("article")
    targets = [link["href"] for link in article.select("a[href]")]
    targets += [picture["src"] for picture in article.select("img")]
    assert len(targets) > 10
    assert [t for t in targets if not leads_somewhere(t, page, setting)] == []
