"""Small pictures behind a finding, as PNG files within a page, made without any library for images."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from augcheck.reading.images import finite

LARGEST = 96  # pixels of a side: a larger picture is thinned


def data_address(image: np.ndarray) -> str:
    """The address of a picture that a page holds itself, for the src of an img."""
    return "data:image/png;base64," + base64.b64encode(png(_as_bytes(image))).decode("ascii")


def png(pixels: np.ndarray) -> bytes:
    """A PNG file of (height, width, 1 or 3), uint8."""
    high, wide, channels = pixels.shape
    colour = {1: 0, 3: 2}[channels]
    header = struct.pack(">IIBBBBB", wide, high, 8, colour, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)  # each row begins with its filter: none
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    file = b"\x89PNG\r\n\x1a\n"
    for kind, content in chunks:
        file += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return file


def _as_bytes(image: np.ndarray) -> np.ndarray:
    """Thinned to LARGEST, and to bytes: 0 to 1 and 0 to 255 as they are meant, everything else stretched."""
    step = -(-max(image.shape[:2]) // LARGEST)
    values = finite(np.asarray(image)[::step, ::step].astype(np.float64))
    if values.shape[2] != 3:
        values = values[:, :, :3] if values.shape[2] == 4 else values.mean(2, keepdims=True)
    low, high = values.min(), values.max()
    whole = np.issubdtype(image.dtype, np.integer)
    if low >= 0 and high <= 1 and not whole:
        values = 255 * values
    elif low < 0 or high > 255:
        values = 255 * (values - low) / max(high - low, 1e-12)
    return np.round(values).astype(np.uint8)
