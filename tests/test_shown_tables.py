"""Tables by the ≈ convention: what is compared and what is not, nothing random, nothing that moves."""

import re

import numpy as np
import pandas as pd
import pytest

from helpers import plots
from refusals import refusal


@pytest.fixture
def shown(monkeypatch):
    """From a frame to the plain text and the HTML of its table."""

    def table(frame, *args, **kwargs):
        displayed = []
        monkeypatch.setattr(plots, "display", lambda data, raw: displayed.append(data))
        assert plots.show_table(frame, *args, **kwargs) is None
        return displayed[0]["text/plain"], displayed[0]["text/html"]

    return table


def frame(loss=0.123, images=1024):
    return pd.DataFrame({"method": ["live", "none"], "loss": [loss, 0.5], "images": [images, 64]})


@pytest.mark.parametrize("form", [0, 1], ids=["plain", "html"])
def test_of_numbers_after_the_sign_alone_another_moves_nothing(shown, form):
    def moves(changed, approximate):
        texts = [shown(table, approximate)[form] for table in (frame(), changed)]
        return (
            len({re.sub(r"≈ *-?[\d.]+", "≈", text) for text in texts}) > 1
            or len(set(map(len, texts))) > 1
        )

    for other in (-0.1, 12.5, 99999.0):  # another sign or width
        assert not moves(frame(loss=other), True) and not moves(frame(loss=other), ["loss"])
        assert moves(frame(loss=other), ["images"])
    assert moves(frame(images=1025), True), "whole numbers are exempt only where named"
    assert not moves(frame(images=2), ["images"])
    assert moves(frame(loss=np.nan), True)


def test_digits_signs_missing_values_and_texts(shown):
    two = pd.DataFrame({"loss": [0.12345], "accuracy": [0.98765]})
    assert shown(two, True, {"accuracy": 1})[0].split()[2:] == ["≈", "0.12", "≈", "1.0"]
    near = pd.DataFrame({"loss": np.array([-0.0004, -0.0006], np.float32)})
    for approximate in (False, True):  # a rounded zero has no sign
        assert shown(near, approximate, digits=3)[0].replace("≈", "").split() == [
            "loss",
            "0.000",
            "-0.001",
        ]
    odd = pd.DataFrame({"a": [None, "x"], "b": [np.nan, 1.0]})
    assert shown(odd, True)[0].split("\n")[1].split() == ["–", "–"]
    _, html = shown(pd.DataFrame({"<b>": ["<script>&"]}))
    assert "<script>" not in html and "<b>" not in html and "&lt;script&gt;&amp;" in html


def test_of_columns_that_are_not_there_the_first_is_named():
    for names in (["seconds", "memory"], ["memory", "seconds"]):
        for options in ({"approximate": names}, {"digits": dict.fromkeys(names, 1)}):
            assert f"no column {names[0]!r}" in refusal(plots.show_table, frame(), **options)
    assert "'method'" in refusal(plots.show_table, frame(), approximate=["method"])
