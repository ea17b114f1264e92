"""Colour photographs for questions 2 and 3, which are not committed: built from files that you get yourself.

    python -m experiments.sources clothes FOLDER    # a clone of alexeygrigorev/clothing-dataset-small (CC0)
    python -m experiments.sources colour            # keras.datasets.cifar10 (a download of 170 MB)

FOLDER holds PART/CLASS/*.jpg. Written are ``data/clothes.npz`` and ``data/colour.npz``: images, uint8 (n, side, side,
3), labels, the part each came from, and of clothes its group: photographs that show the same garment.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from helpers.tables import FOLDER

SIDES = {"clothes": 160, "colour": 32}
PARTS = ("train", "validation", "test")
ALIKE = 0.98  # correlation of two thumbnails, one of them perhaps mirrored, from which on they show one garment


def read(folder: Path, side: int) -> dict[str, np.ndarray]:
    """All photographs as uint8 (n, side, side, 3) RGB, upright, their aspect not kept, with labels and parts."""
    paths = sorted(path for part in PARTS for path in folder.glob(f"{part}/*/*.jpg"))
    if not paths:
        raise ValueError(f"{folder} holds no PART/CLASS/*.jpg, PART one of {', '.join(PARTS)}.")
    images = []
    for path in paths:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        images.append(np.asarray(upright.resize((side, side), Image.Resampling.LANCZOS)))
    _, labels = np.unique([path.parts[-2] for path in paths], return_inverse=True)
    parts = np.array([PARTS.index(path.parts[-3]) for path in paths])
    return {"images": np.stack(images), "labels": labels.astype(np.int64), "parts": parts}


def groups(images: np.ndarray) -> np.ndarray:
    """A number for each photograph, equal for those whose 16 by 16 thumbnails correlate above ``ALIKE``, in a chain."""
    small = np.stack([np.asarray(Image.fromarray(image).resize((16, 16), Image.Resampling.BOX)) for image in images])
    straight, mirrored = (thumbnails.reshape(len(images), -1) for thumbnails in (small, small[:, :, ::-1]))
    correlations = np.corrcoef(straight, mirrored, dtype=np.float32)[: len(images)]
    alike = np.maximum(correlations[:, : len(images)], correlations[:, len(images) :]) > ALIKE
    group = np.arange(len(images))
    for first, second in np.argwhere(np.triu(alike, 1)):
        group[group == group[second]] = group[first]
    return group


def main() -> None:
    parser = argparse.ArgumentParser("python -m experiments.sources", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=SIDES)
    parser.add_argument("folder", type=Path, nargs="?")
    options = parser.parse_args()
    if options.folder:
        arrays = read(options.folder, SIDES[options.name])
    elif options.name == "colour":
        (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
        parts = np.repeat([PARTS.index("train"), PARTS.index("test")], [len(x), len(x_test)])
        arrays = {"images": np.concatenate([x, x_test]), "labels": np.concatenate([y, y_test])[:, 0], "parts": parts}
    else:
        parser.error("clothes need the folder of the data set.")
    if options.name == "clothes":
        arrays["group"] = groups(arrays["images"])
        contradicted = pd.Series(arrays["labels"]).groupby(arrays["group"]).transform("nunique") > 1
        arrays = {name: values[~contradicted] for name, values in arrays.items()}
        print(f"{len(arrays['labels'])} photographs in {len(np.unique(arrays['group']))} groups")
    path = FOLDER.parent / f"{options.name}.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    print(f"{path}: {arrays['images'].shape}")


if __name__ == "__main__":
    main()
