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

TRAINING = 512
NEW = 500  # of the validation images, which no network is trained on


def script() -> str:
    """``window.pageGarments``: images, labels, and those of new garments."""
    data = subset(load_garments(), TRAINING)
    content = {
        "images": _bytes(data.x_train), "labels": _digits(data.y_train),
        "fresh": _bytes(data.x_val[:NEW]), "freshLabels": _digits(data.y_val[:NEW]),
    }  # fmt: skip
    return f"window.pageGarments = {json.dumps(content)};\n"


def _bytes(images: np.ndarray) -> str:
    return base64.b64encode(np.round(images * 255).astype(np.uint8).tobytes()).decode("ascii")


def _digits(labels: np.ndarray) -> str:
    return "".join(map(str, labels.tolist()))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(script(), encoding="utf-8")
