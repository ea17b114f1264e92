"""Your own images: a folder with two subfolders, one for each class, read as ``Data``.

Why not Keras's ``image_dataset_from_directory``? It splits by place in the list, so that two files of one image may
stand on both sides, stops at the first damaged file, and leaves photographs of phones lying on their side.
"""

import hashlib
import io
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.arguments import is_whole, shown, whole_number
from helpers.data import Data

IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
PARTS = ("train", "training", "val", "valid", "validation", "test", "testing")  # of a data set, no classes


class UsableFile(NamedTuple):
    """An image file of a class; its digest is that of its bytes."""

    label: int
    name: str
    digest: str
    pixels: np.ndarray


def load_image_folder(
    path: str | Path, image_size: int = 32, channels: int = 3, skip_unusable: bool = False
) -> Data:
    """Your own images: a folder with two subfolders, class 0 and class 1 in the order of their names.

    A file counts as an image by its content, not by its name. Images are turned upright (EXIF), laid on white where
    they are transparent, and stretched to a square; of an animation the first frame is read. Folders inside a class
    are searched, and names that begin with a dot are passed over. Of each class a quarter is kept for validation, by a
    hash of the bytes of its files: files of equal bytes stay on one side, different images of one thing may not.

    Args:
        path: the folder; ``~`` is your home.
        image_size: height and width in pixels, 1 to 4,096.
        channels: 1 (grey) or 3 (colour).
        skip_unusable: leave out the files that can't be used, and print their names.

    Raises:
        ValueError: names up to 20 files that can't be used: empty, damaged, no image, opaque grey of more than 8
            bits, in both classes, or beyond Pillow's limit of 89 million pixels, which would fill the memory.
    """
    side = whole_number("image_size", image_size, 1, 4096)
    if not (is_whole(channels) and channels in (1, 3)):
        raise ValueError(f"channels is {shown(channels)}; expected 1 (grey) or 3 (colour).")
    root = Path(path).expanduser()
    folders = _class_folders(root)
    files, unusable = [], {}
    for label, folder in enumerate(folders):
        for file in sorted(folder.rglob("*")):
            if not file.is_file() or any(part.startswith(".") for part in file.relative_to(folder).parts):
                continue
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
                files.append(UsableFile(label, name, digest, pixels))
    first, second = ({file.digest for file in files if file.label == label} for label in (0, 1))
    unusable |= {file.name: "the same bytes are in both classes" for file in files if file.digest in first & second}
    if unusable:
        listed = "; ".join(f"{name!r} ({reason})" for name, reason in list(unusable.items())[:20])
        counted = f"{len(unusable)} files: {listed}{'; …' if len(unusable) > 20 else ''}"
        if not skip_unusable:
            raise ValueError(f"{root}: can't use {counted}. Remove them, or pass skip_unusable=True.")
        print(f"skipped {counted}")
    return _split([file for file in files if file.name not in unusable], [folder.name for folder in folders])


def _class_folders(root: Path) -> list[Path]:
    if not root.is_dir():
        raise FileNotFoundError(f"{root} is no folder; expected one with two subfolders of images.")
    names = sorted(place.name for place in root.iterdir() if place.is_dir() and not place.name.startswith("."))
    if len(names) != 2 or all(name.casefold() in PARTS for name in names):
        raise ValueError(
            f"{root} has {len(names)} subfolders ({', '.join(names) or 'none'}); expected two, one for each class. "
            "Of a data set in parts, such as train and test, pass the training part: validation is taken from it."
        )
    return [root / name for name in names]


def _pixels(content: bytes, side: int, channels: int) -> np.ndarray:
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


def _split(files: list[UsableFile], classes: list[str]) -> Data:
    """Of each class the smallest hashes for validation, the others for training."""
    held_out: set[str] = set()
    for label, name in enumerate(classes):
        digests = sorted({file.digest for file in files if file.label == label})
        if len(digests) < 3:
            raise ValueError(f"class {name!r} has {len(digests)} different images; expected three or more.")
        held_out.update(digests[: round(len(digests) / 4)])
    files = sorted(files, key=lambda file: (file.label, file.digest))
    images = np.array([file.pixels for file in files], np.float32) / 255
    labels = np.array([file.label for file in files], np.int64)
    val = np.array([file.digest in held_out for file in files])
    return Data(images[~val], labels[~val], images[val], labels[val])
