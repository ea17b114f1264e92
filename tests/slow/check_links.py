"""Every link of the front page leads somewhere useful on a code host, in a clone, and in the book.

Tried without an address and with a made-up one. What an address leads to is looked for where it would come from: the
book that is published, files that git knows, and the branch that the workflow *links* fills.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urldefrag, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

from test_pages import anchors
from test_setup import NOTEBOOKS, check_addresses, links, programs

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {"no address": {}, "an address": links.read_setting("a-school/our.course spring-term")}
LINK = re.compile(r"\[((?:!\[[^]]*\]\([^)]*\)|[^][])+)\]\(([^)\s]+)\)")
PICTURE = re.compile(r'!\[[^]]*\]\(([^)\s]+)\)|<(?:img|source)[^>]* (?:src|srcset)="([^"]+)"')
# What has no page of its own in the book comes as a file.
FILES = {"CITATION.cff", "LICENSE"}


class Copy(NamedTuple):
    """A clone in which `make links` wrote a setting, what git would know of it, and its book."""

    folder: Path
    known: set[str]
    setting: dict[str, str]
    book: Path


def copy_what_git_knows(folder):
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    names = set(filter(None, listed.stdout.split("\0")))
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return names


@pytest.fixture(scope="module", params=SETTINGS)
def copy(request, tmp_path_factory):
    setting = SETTINGS[request.param]
    folder = tmp_path_factory.mktemp("clone") / "series"
    known = copy_what_git_knows(folder)
    run = [sys.executable, "tools/links.py"]
    if setting:
        run += ["--repo", setting["repository"], "--reference", setting["reference"]]
    subprocess.run(run, cwd=folder, check=True)
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c", "docs", ".", "book"]
    subprocess.run(sphinx, cwd=folder, check=True)
    return Copy(folder, known, setting, folder / "book")


def links_of(page):
    """Words and target of all links of a Markdown page, code left out."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return LINK.findall(text)


# Each of these says in words what is wrong with a target, or nothing.


def fault_in_files(target, page, copy):
    """Of a relative target on a code host, and in a clone: a file that git knows, and a heading of a page."""
    name, anchor = urldefrag(target)
    place = os.path.relpath(page.parent / unquote(name), copy.folder) if name else page.name
    if place not in copy.known:
        return "git knows no such file"
    path = copy.folder / place
    if anchor and path.suffix != ".md":
        return "a code host has no anchors in such a file"
    if anchor and anchor not in anchors(path):
        return "no such heading"
    return ""


def fault_in_book(target, page, copy):
    """Of a target of a page of the book: a page of it with that anchor, or a file that has no page."""
    name, anchor = urldefrag(target)
    path = Path(os.path.normpath(page.parent / unquote(name))) if name else page
    if copy.book not in path.parents or not path.is_file():
        return "the book has no such file"
    if path.suffix != ".html":
        return "" if path.name in FILES else "a file in place of a page"
    if anchor and soup_of(path).find(id=anchor) is None:
        return "the page has no such anchor"
    return ""


def fault_in_address(target, copy):
    """Of a whole address: one that belongs to the setting leads to something that is there."""
    address = urlsplit(target)
    if address.scheme != "https":
        return "neither a relative link nor https"
    if not copy.setting:
        return ""
    repository, reference = copy.setting.values()
    site = f"{links.published(copy.setting)}/"
    if target.startswith(site):
        return fault_in_book(target.removeprefix(site), copy.book / "index.html", copy)
    if address.netloc == "mybinder.org":
        (notebook,) = parse_qs(address.query)["urlpath"]
        start, name = f"/v2/gh/{repository}/{reference}", notebook.removeprefix("lab/tree/")
        return "" if address.path == start and name in copy.known else "Binder finds no such file"
    if address.netloc == "colab.research.google.com":
        start = f"/github/{repository}/blob/{links.LESSONS}/"
        name = f"notebooks/{address.path.removeprefix(start)}"
        fits = address.path.startswith(start) and name in copy.known
        return "" if fits else "no lesson in one file"
    return ""


def faults(targets, fault, *given):
    found = {}
    for target in targets:
        said = fault_in_address(target, given[-1]) if "://" in target else fault(target, *given)
        if said:
            found[target] = said
    return found


def soup_of(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def test_on_a_code_host_and_in_a_clone(copy):
    page = copy.folder / "README.md"
    targets = [target for _, target in links_of(page)]
    pictures = [first or second for first, second in PICTURE.findall(page.read_text("utf-8"))]
    own = [picture for picture in pictures if "://" not in picture]  # the others are badges
    assert len(targets) > 30 and len(own) > 2
    assert faults(targets + own, fault_in_files, page, copy) == {}


def test_on_the_published_site(copy):
    """Each link of the page in Markdown is there under its words, badges alone excepted."""
    page = copy.book / "index.html"
    article = soup_of(page).select_one("article")
    shown = [link for link in article.select("a") if "headerlink" not in link.get("class", [])]
    targets = [link["href"] for link in shown]
    targets += [picture["src"] for picture in article.select("img")]
    pictures = {target for target in targets if target.startswith("_images/")}
    assert faults(set(targets) - pictures, fault_in_book, page, copy) == {}
    assert all((copy.book / picture).is_file() for picture in pictures) and pictures
    words = [link.get_text() for link in shown]
    for said, target in links_of(copy.folder / "README.md"):
        assert said.startswith("![") or said.replace("`", "") in words, target


def test_the_page_that_trains_is_reached_from_each_place(copy):
    """On a code host and in a clone by its address, or by a picture and a command that makes it."""
    (target,) = [t for said, t in links_of(copy.folder / "README.md") if "in your browser" in said]
    pictured = copy.folder / links.PICTURED
    text = pictured.read_text("utf-8").partition('<div id="page" ')[0]
    if copy.setting:
        page = "https://a-school.github.io/our.course/docs/explorer.html"
        assert target == page and page in [link for _, link in links_of(pictured)]
    else:
        assert target == links.PICTURED
    for name in re.findall(r"!\[[^]]+\]\(([^)]+)\)", text):
        assert fault_in_files(name, pictured, copy) == ""
    commands = re.findall(r"`make ([\w-]+)`", text)
    made = re.findall(r"^([\w-]+):", (copy.folder / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert commands and set(commands) <= set(made) and "![" in text
    front = soup_of(copy.book / "index.html").select("article a")
    (link,) = [link["href"] for link in front if "in your browser" in link.get_text()]
    assert link == "docs/explorer.html"
    trains = soup_of(copy.book / link)
    scripts = [script["src"].partition("?")[0] for script in trains.select("script[src]")]
    own = [name for name in scripts if "/page/" in name]
    assert own and all((copy.book / "docs" / name).is_file() for name in own)
    assert trains.find(id="page-train")


def test_the_first_push_of_a_copy_writes_its_address_and_the_next_the_lessons_that_it_names(
    tmp_path,
):
    """The jobs of the workflow links, on a bare repository for the code host and a fresh clone for each; its owner
    accepts what they propose."""
    # The runner installs into a Python of its own; here that is the Python of the tests, which has everything.
    python = f'case "$*" in "-m pip install "*) exit ;; esac\nexec "{sys.executable}" "$@"'
    environment = programs(tmp_path / "bin", {"python": python, "gh": ""})
    environment |= {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    origin, runner, artifacts = tmp_path / "origin", tmp_path / "runner", tmp_path / "artifacts"
    workflow = ROOT / ".github" / "workflows" / "links.yml"
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]

    def git(*arguments, cwd=tmp_path):
        command = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org", *arguments]
        run = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, cwd=cwd
        )
        return run.stdout.strip()

    def artifact(step):
        """What a step uploads or downloads, and its path in the runner's folder."""
        asked = step["with"]
        return artifacts / asked["name"], runner / asked.get("path", ".")

    def run_job(job, repository):
        """A job in a fresh clone: what it says to later steps and jobs."""
        output = tmp_path / "output"
        output.write_text("")
        names = {
            "GITHUB_REPOSITORY": repository,
            "GITHUB_REF_NAME": "spring-term",
            "GITHUB_SHA": git("rev-parse", "spring-term", cwd=origin),
            "GITHUB_OUTPUT": str(output),
        }
        shutil.rmtree(runner, ignore_errors=True)
        git("clone", "--quiet", "--depth=1", origin.as_uri(), "runner")
        for step in jobs[job]["steps"]:
            condition = step.get("if", "").removeprefix("steps.patch.outputs.")
            if condition and f"{condition}=true" not in output.read_text():
                continue
            if "run" in step:
                command = ["bash", "-e", "-c", step["run"]]
                subprocess.run(command, cwd=runner, env=environment | names, check=True)
            elif "upload-artifact" in step["uses"]:
                kept, path = artifact(step)
                shutil.rmtree(kept, ignore_errors=True)
                kept.mkdir(parents=True)
                copied = [path] if path.is_file() else path.iterdir()
                for file in copied:
                    shutil.copy(file, kept)
            elif "download-artifact" in step["uses"]:
                kept, path = artifact(step)
                shutil.copytree(kept, path, dirs_exist_ok=True)
        return output.read_text().split()

    def push(repository):
        """All jobs that a push starts; what they propose is accepted. The branches' commits then."""
        said = run_job("links", repository)
        for job in ("propose", "one-file"):
            needed = jobs[job]["if"].removeprefix("needs.links.outputs.")
            assert needed in jobs["links"]["outputs"]
            if f"{needed}=true" in said:
                run_job(job, repository)
                if job == "propose":
                    git("update-ref", "refs/heads/spring-term", "refs/heads/links", cwd=origin)
        shown = git("for-each-ref", "--format=%(refname:short) %(objectname)", cwd=origin)
        return dict(line.split() for line in shown.splitlines())

    work = tmp_path / "work"
    copy_what_git_knows(work)
    git("init", "--quiet", "--initial-branch=spring-term", "work")
    git("add", ".", cwd=work)
    git("commit", "--quiet", "--message=A copy", cwd=work)
    git("clone", "--quiet", "--bare", "work", "origin")

    first = push("a-school/our.course")
    check_addresses(runner, links.read_setting("a-school/our.course spring-term"), NOTEBOOKS)
    assert links.LESSONS not in first
    second = push("a-school/our.course")
    assert second["spring-term"] == first["spring-term"]
    there = git("ls-tree", "--name-only", links.LESSONS, cwd=origin).splitlines()
    for name in NOTEBOOKS:
        lesson = links.LESSON.fullmatch(name)
        assert not lesson or lesson[1] in there, name
    third = push("a-school/our.course")  # the branch is there already
    assert set(third) == set(second) and third["spring-term"] == first["spring-term"]
    assert push("another/name")["spring-term"] != first["spring-term"]
