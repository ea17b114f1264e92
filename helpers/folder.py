"""Your own images: a folder with two subfolders, one for each class, read as ``Data``.

Why not Keras's ``image_dataset_from_directory``? It splits by place in the list, so that two files of one picture may
stand on both sides, stops at the first damaged file, and leaves photographs of phones lying on their side.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.arguments import flag, is_whole, shown, whole_number
from helpers.data import Data

IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
PARTS = ("train", "training", "val", "valid", "validation", "test", "testing")  # of a data set, no classes


class Picture(NamedTuple):
    """A file that can be used; its digest is that of its bytes."""

    label: int
    name: str
    digest: str
    pixels: np.ndarray


def load_image_folder(
    path: str | Path, image_size: int = 32, channels: int = 3, skip_unusable: bool = False
) -> Data:
    """Your own images: a folder with two subfolders, class 0 and class 1 in the order of their names.

    A file counts as an image by its content, not by its name. Pictures are turned upright (EXIF), laid on white where
    they are transparent, and stretched to a square; of an animation the first frame is read. Folders inside a class
    are searched, and names that begin with a dot are passed over. Of each class a quarter is kept for validation, by a
    hash of the bytes of its files: names do not matter, and files of equal bytes stay on one side. Different pictures
    of one thing are not recognised.

    Args:
        path: the folder; ``~`` is your home.
        image_size: height and width in pixels, 1 to 4,096.
        channels: 1 (grey) or 3 (colour).
        skip_unusable: leave out the files that can't be used, and print their names.

    Returns:
        In each class three quarters for training, as nearly as files of equal bytes allow.

    Raises:
        ValueError: names up to 20 files that can't be used: empty, damaged, no image, opaque grey of more than 8
            bits (of other 16-bit pictures the upper 8 are read), in both classes, or beyond Pillow's limit of 89
            million pixels (a small file may unfold to fill the memory).
    """
    side = whole_number("image_size", image_size, 1, 4096)
    if not (is_whole(channels) and channels in (1, 3)):
        raise ValueError(f"channels is {shown(channels)}; expected 1 (grey) or 3 (colour).")
    skip_unusable = flag("skip_unusable", skip_unusable)
    root = Path(path).expanduser()
    folders = _class_folders(root)
    pictures, unusable = [], {}
    for label, folder in enumerate(folders):
        for file in _files(folder):
            name = file.relative_to(root).as_posix()
            try:
                content = file.read_bytes()
                pixels = _pixels(content, side, channels)
            except UnidentifiedImageError:  # whose own words have an address in them
                unusable[name] = f"not one of {', '.join(IMAGE_FORMATS)}, or damaged"
            except Exception as error:  # damaged bytes make Pillow raise a dozen kinds
                unusable[name] = str(error) or type(error).__name__
            else:
                digest = hashlib.sha256(b"0 " + content).hexdigest()  # as the first version did, so splits last
                pictures.append(Picture(label, name, digest, pixels))
    first, second = ({p.digest for p in pictures if p.label == label} for label in (0, 1))
    for picture in pictures:
        if picture.digest in first & second:
            unusable[picture.name] = "the same bytes are in both classes"
    if unusable:
        listed = "; ".join(f"{name!r} ({reason})" for name, reason in list(unusable.items())[:20])
        found = f"{len(unusable)} files: {listed}{'; …' if len(unusable) > 20 else ''}"
        if not skip_unusable:
            raise ValueError(f"{root}: can't use {found}. Remove them, or pass skip_unusable=True.")
        print(f"skipped {found}")
    usable = [picture for picture in pictures if picture.name not in unusable]
    return _split(usable, [folder.name for folder in folders])


def _class_folders(root: Path) -> list[Path]:
    """The two folders of the classes in the order of their names."""
    if not root.is_dir():
        raise FileNotFoundError(f"{root} is no folder; expected one with two subfolders of images.")
    names = sorted(place.name for place in root.iterdir() if place.is_dir() and not place.name.startswith("."))
    if len(names) != 2 or all(name.casefold() in PARTS for name in names):
        raise ValueError(
            f"{root} has {len(names)} subfolders ({', '.join(names) or 'none'}); expected two, one for each class. "
            "Of a data set in parts, such as train and test, pass the training part: validation is taken from it."
        )
    return [root / name for name in names]


def _files(folder: Path) -> list[Path]:
    """All files of a folder and of the folders inside it, but for hidden ones."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def _pixels(content: bytes, side: int, channels: int) -> np.ndarray:
    """The pixels of a file, uint8 (side, side, channels)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files that it can read
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.open(io.BytesIO(content), formats=IMAGE_FORMATS).verify()  # checksums, where there are any
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content), formats=IMAGE_FORMATS))
        if image.mode.startswith(("I", "F")):  # which Pillow would cut off at 255
            raise ValueError("more than 8 bits a channel")
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("L" if channels == 1 else "RGB").resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(image).reshape(side, side, channels)


def _split(pictures: list[Picture], folders: list[str]) -> Data:
    """Of each class the smallest hashes for validation, the others for training."""
    held_out: set[str] = set()
    for label, folder in enumerate(folders):
        digests = sorted({picture.digest for picture in pictures if picture.label == label})
        count = round(len(digests) / 4)
        if count == 0:
            raise ValueError(f"class {folder!r} has {len(digests)} different images; expected three or more.")
        held_out.update(digests[:count])
    ordered = sorted(pictures, key=lambda picture: (picture.label, picture.digest))
    images = np.array([picture.pixels for picture in ordered], np.float32) / 255
    labels = np.array([picture.label for picture in ordered], np.int64)
    val = np.array([picture.digest in held_out for picture in ordered])
    return Data(images[~val], labels[~val], images[val], labels[val])
