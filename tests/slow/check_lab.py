"""`make lab` in a copy of the project: it opens on notebook 01, and saving there saves the text twin."""

import json
import urllib.request


def request(address, method="GET", body=None):
    headers = {"Authorization": "token secret", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, headers, method=method)) as answer:
        return json.load(answer)


def test_lab_opens_on_notebook_01_and_keeps_the_pair_in_step(lab):
    folder, address = lab
    server, page = address.split("?")[0].split("/lab/tree/")
    assert page == "notebooks/01_static_versus_live.ipynb"
    contents = f"{server}/api/contents/{page}"
    notebook = request(f"{contents}?content=1")["content"]
    notebook["cells"][0]["source"] += "\n\nAdded in JupyterLab."
    request(contents, "PUT", {"type": "notebook", "format": "json", "content": notebook})
    twin = folder / "notebooks" / "scripts" / "01_static_versus_live.py"
    assert "# Added in JupyterLab." in twin.read_text(encoding="utf-8")
