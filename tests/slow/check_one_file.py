"""Each lesson in one file runs alone in an empty folder, offline: the quick tests run lesson 04."""

import links
import one_file
import pytest
from nbclient import NotebookClient

OTHERS = [path for path in links.lessons() if not path.name.startswith("04")]


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_it_runs_to_its_end(path, tmp_path, monkeypatch):
    for proxy in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # where nothing answers
    resources = {"metadata": {"path": tmp_path}}
    NotebookClient(one_file.one_file(path, {}), timeout=1200, resources=resources).execute()
