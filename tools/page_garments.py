#!/usr/bin/env python3
"""The garments of the page that trains in the browser, as one script: page_garments.py FILE.

``docs/conf.py`` calls it when it builds the book. Bytes as base64 in a classic script, since from a file a page may
neither fetch anything nor read the pixels of a picture.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.data import load_garments, subset  # noqa: E402


def script() -> str:
    """``window.pageGarments``: images, labels, and those of new garments."""
    x_train, y_train, x_val, y_val = subset(load_garments(), 512)
    content = {"images": x_train, "labels": y_train}
    content |= {"fresh": x_val[:500], "freshLabels": y_val[:500]}  # which no network is trained on
    return f"window.pageGarments = {json.dumps(content, default=_text)};\n"


def _text(values: np.ndarray) -> str:
    """Images as base64 of bytes, labels as digits."""
    if values.ndim == 1:
        return "".join(map(str, values.tolist()))
    return base64.b64encode(np.round(values * 255).astype(np.uint8).tobytes()).decode("ascii")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(script(), encoding="utf-8")
