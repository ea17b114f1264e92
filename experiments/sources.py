"""Colour photographs for questions 2 and 3, which are not committed: built from files that you get yourself.

    python -m experiments.sources clothes FOLDER    # a clone of alexeygrigorev/clothing-dataset-small (CC0)
    python -m experiments.sources colour            # keras.datasets.cifar10 (a download of 170 MB)

FOLDER, or a zip of it, holds PART/CLASS/*.jpg. Written are ``data/clothes.npz`` and ``data/colour.npz``: images uint8
(n, side, side, 3), labels, the part each came from, and its group: photographs that show the same garment.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from helpers.tables import FOLDER

SIDES = {"clothes": 160, "colour": 32}
PARTS = ("train", "validation", "test")
ALIKE = 0.98  # correlation of two thumbnails, one of them perhaps mirrored, from which on they show one garment


def files(source: Path) -> Iterator[tuple[str, str, bytes]]:
    """Part, class and content of each photograph, in the order of their names.

    Raises:
        ValueError: there is no photograph in PART/CLASS/.
    """
    found = 0
    if source.is_file():
        with zipfile.ZipFile(source) as archive:
            for name in sorted(archive.namelist()):
                *_, part, kind, file = ["", "", *name.split("/")]
                if part in PARTS and file.lower().endswith((".jpg", ".jpeg", ".png")):
                    found += 1
                    yield part, kind, archive.read(name)
    else:
        for path in sorted(source.glob("*/*/*")):
            if path.parts[-3] in PARTS and path.suffix.lower() in (".jpg", ".jpeg", ".png"):
                found += 1
                yield path.parts[-3], path.parts[-2], path.read_bytes()
    if not found:
        raise ValueError(f"{source} holds no photograph in PART/CLASS/, PART one of {', '.join(PARTS)}.")


def read(source: Path, side: int) -> dict[str, np.ndarray]:
    """All photographs as uint8 (n, side, side, 3) RGB, upright, their aspect not kept, with labels and parts."""
    images, kinds, parts = [], [], []
    for part, kind, content in files(source):
        with Image.open(io.BytesIO(content)) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        images.append(np.asarray(upright.resize((side, side), Image.Resampling.LANCZOS)))
        kinds.append(kind)
        parts.append(PARTS.index(part))
    names, labels = np.unique(kinds, return_inverse=True)
    return {"images": np.stack(images), "labels": labels.astype(np.int64), "parts": np.array(parts), "names": names}


def groups(images: np.ndarray) -> np.ndarray:
    """A number for each photograph, equal for those whose 16 by 16 thumbnails correlate above ``ALIKE``, in a chain."""
    small = np.stack([np.asarray(Image.fromarray(image).resize((16, 16), Image.Resampling.BOX)) for image in images])
    small = small.astype(np.float32)

    def unit(thumbnails: np.ndarray) -> np.ndarray:
        flat = thumbnails.reshape(len(thumbnails), -1)
        flat = flat - flat.mean(axis=1, keepdims=True)
        return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)

    straight, mirrored = unit(small), unit(small[:, :, ::-1])
    alike = np.maximum(straight @ straight.T, straight @ mirrored.T) > ALIKE
    group = np.arange(len(images))
    for first, second in np.argwhere(np.triu(alike, 1)):
        group[group == group[second]] = group[first]
    return group


def without_contradictions(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Without groups that were given two different labels."""
    kept = np.ones(len(arrays["labels"]), bool)
    for group in np.unique(arrays["group"]):
        members = arrays["group"] == group
        kept[members] = len(set(arrays["labels"][members].tolist())) == 1
    return {name: values if name == "names" else values[kept] for name, values in arrays.items()}


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.sources", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=SIDES)
    parser.add_argument("source", type=Path, nargs="?", help="the folder, or a zip of it")
    options = parser.parse_args()
    if options.source is None and options.name == "clothes":
        parser.error("clothes need the folder of the data set; see data/README.md.")
    if options.source is None:
        import keras

        (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
        parts = np.repeat([PARTS.index("train"), PARTS.index("test")], [len(x), len(x_test)])
        arrays = {"images": np.concatenate([x, x_test]), "labels": np.concatenate([y, y_test])[:, 0], "parts": parts}
    else:
        arrays = read(options.source, SIDES[options.name])
    if options.name == "clothes":
        arrays = without_contradictions(arrays | {"group": groups(arrays["images"])})
        print(f"{len(arrays['labels'])} photographs in {len(np.unique(arrays['group']))} groups")
    path = FOLDER.parent / f"{options.name}.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    print(f"{path}: {arrays['images'].shape}")


if __name__ == "__main__":
    main()
