"""Keras and TensorFlow, where the reader has loaded them: this package imports neither."""

from __future__ import annotations

import sys
from typing import Any


def loaded(name: str) -> Any:
    """The module of that name if somebody has imported it, else None."""
    return sys.modules.get(name)


def is_a(thing: object, *paths: str) -> bool:
    """Whether a thing is an instance of one of these classes, given by names such as "keras.Layer"."""
    for path in paths:
        module, *names = path.split(".")
        found = loaded(module)
        for name in names:
            found = getattr(found, name, None)
        if isinstance(found, type) and isinstance(thing, found):
            return True
    return False
