#!/usr/bin/env python3
"""Build data/garments.npz, or the file of another pair, from the original Fashion-MNIST files.

    python data/build_garments.py                             # pullover against coat
    python data/build_garments.py --pair dress shirt --output dress-shirt.npz
    python data/build_garments.py --source RESULTS             # the four IDX files, gzipped or not

Without --source the files come from Debian's package dataset-fashion-mnist where it is installed,
else from keras.datasets (a download of 30 MB).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers.data import GARMENTS  # noqa: E402

FASHION_CLASSES = (
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
)
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
# SHA-256 of the uncompressed files: Debian's package compresses them anew.
CHECKSUMS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def fashion_class(name: str) -> int:
    """The number of a class given by its name or number.

    Raises:
        ValueError: there is no such class.
    """
    if name in FASHION_CLASSES:
        return FASHION_CLASSES.index(name)
    if name in map(str, range(10)):
        return int(name)
    raise ValueError(f"class is {name!r}; expected 0 to 9 or one of {', '.join(FASHION_CLASSES)}.")


def keras_cache() -> Path:
    """Where ``keras.datasets`` keeps its files; Keras tells it by no public name."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def read_idx(folder: Path, name: str) -> np.ndarray:
    """One IDX file as uint8: images (n, 28, 28) or labels (n,). Exits on a wrong checksum."""
    path = folder / f"{name}.gz"
    if not path.exists():
        path = folder / name
    if not path.exists():
        sys.exit(f"{folder} has no {name}.gz; expected the four original files of Fashion-MNIST.")
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        sys.exit(f"{path} can't be decompressed ({error}); fetch it again.")
    digest = hashlib.sha256(content).hexdigest()
    if digest != CHECKSUMS[name]:
        sys.exit(f"{path} has SHA-256 {digest}, expected {CHECKSUMS[name]}; fetch it again.")
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def source_folder(given: Path | None) -> Path:
    """The folder given, else Debian's, else keras's cache after a download."""
    if given is not None:
        return given
    if DEBIAN.is_dir():
        return DEBIAN
    import keras

    keras.datasets.fashion_mnist.load_data()
    return keras_cache() / "fashion-mnist"


def build(folder: Path, pair: tuple[int, int], output: Path) -> str:
    """Write the pair's file and return its SHA-256. The images keep the order of the originals."""
    arrays: dict[str, Any] = {}
    for part, prefix in (("train", "train"), ("val", "t10k")):
        labels = read_idx(folder, f"{prefix}-labels-idx1-ubyte")
        keep = np.isin(labels, pair)
        arrays[f"x_{part}"] = read_idx(folder, f"{prefix}-images-idx3-ubyte")[keep][..., None]
        arrays[f"y_{part}"] = (labels[keep] == pair[1]).astype(np.uint8)
    temporary = output.with_name(f"{output.name}.{os.getpid()}.part")
    with open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(temporary, output)
    return hashlib.sha256(output.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, metavar="RESULTS", help="where the IDX files lie")
    parser.add_argument(
        "--pair",
        nargs=2,
        default=("pullover", "coat"),
        metavar="CLASS",
        help="class 0 and class 1: " + ", ".join(FASHION_CLASSES),
    )
    parser.add_argument("--output", type=Path, help="default: data/garments.npz")
    options = parser.parse_args()
    try:
        pair = (fashion_class(options.pair[0]), fashion_class(options.pair[1]))
    except ValueError as error:
        parser.error(str(error))
    if pair[0] == pair[1]:
        parser.error("the two classes are the same; expected two different ones.")
    output = options.output or GARMENTS
    if output.resolve() == GARMENTS and pair != (fashion_class("pullover"), fashion_class("coat")):
        parser.error(
            "name another file with --output: data/garments.npz is kept for pullover and coat."
        )
    digest = build(source_folder(options.source), pair, output)
    print(f"{output}  {output.stat().st_size:,} bytes  SHA-256 {digest}")


if __name__ == "__main__":
    main()
