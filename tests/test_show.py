"""Tables by the ≈ convention: what is compared and what is not, nothing random, nothing that moves."""

import re

import numpy as np
import pandas as pd
import pytest

from helpers import show
from refusals import refusal
from test_notebooks import sanitise


@pytest.fixture
def shown(monkeypatch):
    """From a frame to the plain text and the HTML of its table."""

    def table(frame, *args, **kwargs):
        found = []
        monkeypatch.setattr(show, "display", found.append)
        assert show.show_table(frame, *args, **kwargs) is None
        return repr(found[0]), found[0]._repr_html_()

    return table


def frame(loss=0.123, images=1024, arm="live"):
    return pd.DataFrame({"arm": [arm, "none"], "loss": [loss, 0.5], "images": [images, 64]})


def test_plain_text_and_html_show_the_same(shown):
    plain, html = shown(frame(), digits=3)
    assert plain == "arm    loss  images\nlive  0.123   1,024\nnone  0.500      64"
    cells = re.findall(r"<(t[hd])[^>]*>([^<]*)</\1>", html)
    assert [text for _, text in cells] == plain.split()
    assert [tag for tag, _ in cells] == ["th"] * 3 + ["td"] * 6
    assert shown(frame().iloc[:0])[0].split() == ["arm", "loss", "images"]


@pytest.mark.parametrize("form", [0, 1], ids=["plain", "html"])
def test_only_numbers_after_the_sign_are_exempt(shown, form):
    def compared(changed, **options):
        return sanitise(shown(frame(), **options)[form]) != sanitise(shown(changed, **options)[form])

    for other in (-0.1, 12.5, 99999.0):  # another sign or width moves nothing
        assert not compared(frame(loss=other), approximate=True)
        assert not compared(frame(loss=other), approximate=["loss"])
        assert compared(frame(loss=other))
        assert compared(frame(loss=other), approximate=["images"])
    assert compared(frame(images=1025), approximate=True)  # whole numbers are exempt only where named
    assert not compared(frame(images=2), approximate=["images"])
    assert compared(frame(loss=np.nan), approximate=True)
    assert compared(frame(arm="love"), approximate=True)


def test_digits_signs_missing_values_and_texts(shown):
    two = pd.DataFrame({"loss": [0.12345], "accuracy": [0.98765]})
    assert shown(two)[0].split()[2:] == ["0.12", "0.99"]
    assert shown(two, digits={"loss": 4})[0].split()[2:] == ["0.1235", "0.99"]
    assert shown(two, True, {"accuracy": 1})[0].split()[2:] == ["≈", "0.12", "≈", "1.0"]
    near = pd.DataFrame({"loss": np.array([-0.0004, 0.0004, -0.0006], np.float32)})
    for approximate in (False, True):  # a rounded zero has no sign
        numbers = shown(near, approximate, digits=3)[0].replace("≈", "").split()
        assert numbers == ["loss", "0.000", "0.000", "-0.001"]
    odd = pd.DataFrame({"a": [None, "x"], "b": [np.nan, 1.0], "c": [True, False], "d": [["one"], None]})
    plain, _ = shown(odd, True)
    assert plain.split("\n")[1].split() == ["–", "–", "True", "['one']"]
    assert plain.split("\n")[2].split() == ["x", "≈", "1.00", "False", "–"]
    _, html = shown(pd.DataFrame({"<b>": ["<script>&" + "long " * 30]}))
    assert "<script>" not in html and "<b>" not in html and "&lt;script&gt;&amp;" + "long " * 30 in html


def test_an_index_becomes_columns_unless_it_numbers_the_rows_and_the_frame_is_left_alone(shown):
    given = frame()
    assert shown(given, True)[0].startswith("arm ")
    pd.testing.assert_frame_equal(given, frame())
    pivoted = frame().pivot_table(index=["arm", "images"], values="loss")
    assert shown(pivoted)[0].split("\n")[0].split() == ["arm", "images", "loss"]


def test_columns_that_are_not_there_are_named():
    for options in ({"approximate": ["los"]}, {"digits": {"los": 2}}):
        assert "no column 'los'; the table has arm, loss, images" in refusal(show.show_table, frame(), **options)
    assert "'arm' holds no numbers" in refusal(show.show_table, frame(), approximate=["arm"])
