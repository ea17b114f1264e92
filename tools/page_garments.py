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

from helpers.data import Data, load_garments, subset  # noqa: E402


def arrays() -> Data:
    """The garments that networks train on, and new ones."""
    x_train, y_train, x_val, y_val = subset(load_garments(), 512)
    return Data(x_train, y_train, x_val[:500], y_val[:500])


def script() -> str:
    """``window.pageGarments``: images, labels, and those of new garments."""
    x_train, y_train, x_val, y_val = arrays()
    content = {
        "images": base64.b64encode(as_bytes(x_train)).decode("ascii"),
        "labels": as_digits(y_train),
        "fresh": base64.b64encode(as_bytes(x_val)).decode("ascii"),
        "freshLabels": as_digits(y_val),
    }
    return f"window.pageGarments = {json.dumps(content)};\n"


def as_bytes(images: np.ndarray) -> bytes:
    return np.round(images * 255).astype(np.uint8).tobytes()


def as_digits(labels: np.ndarray) -> str:
    return "".join(map(str, labels.tolist()))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(script(), encoding="utf-8")
