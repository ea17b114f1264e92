"""Your own images: a folder with two subfolders, one for each class, read as ``Data``."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.arguments import flag, is_number, is_whole, shown, whole_number
from helpers.data import Data
from helpers.progress import progress

IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
PARTS = ("train", "training", "val", "valid", "validation", "test", "testing")  # of a data set, no classes


class Picture(NamedTuple):
    """A file that can be used, under its name in the folder; its digest is that of the seed and its bytes."""

    label: int
    name: str
    digest: str
    pixels: np.ndarray


def load_image_folder(
    path: str | Path,
    image_size: int | tuple[int, int] = 32,
    channels: int = 3,
    validation: float = 0.25,
    seed: int = 0,
    skip_unusable: bool = False,
) -> Data:
    """Your own images: a folder with two subfolders, class 0 and class 1 in the order of their names.

    A file counts as an image by its content, not by its name. Pictures are turned upright (EXIF), laid on white where
    they are transparent, and stretched to image_size; of an animation the first frame is read. Folders inside a class
    are searched, links are not followed, and names that begin with a dot are passed over. Each class is split by a
    hash of the seed and the bytes of its files: names do not matter, and files of equal bytes stay on one side.
    Different pictures of one thing are not recognised.

    Args:
        path: the folder; ``~`` is your home.
        image_size: height and width in pixels, or a pair (height, width).
        channels: 1 (grey) or 3 (colour).
        validation: share of the different images of each class that is kept for validation, between 0 and 1, both
            excluded.
        seed: another one gives another split.
        skip_unusable: leave out the files that can't be used and print their names, up to 20: those that are empty,
            damaged, no image, links, in both classes, or beyond Pillow's limit of 89 million pixels (a small file may
            unfold to fill the memory).

    Returns:
        In each class the shares of training and validation that were asked for, as nearly as files of equal bytes
        allow.
    """
    size = _height_and_width(image_size)
    if not (is_whole(channels) and channels in (1, 3)):
        raise ValueError(f"channels is {shown(channels)}; expected 1 (grey) or 3 (colour).")
    if not (is_number(validation) and 0 < validation < 1):
        raise ValueError(f"validation is {shown(validation)}; expected a number between 0 and 1, both excluded.")
    seed = whole_number("seed", seed)
    skip_unusable = flag("skip_unusable", skip_unusable)

    root = Path(os.path.expanduser(path))
    folders, links = _class_folders(root)
    files = [(label, file) for label, folder in enumerate(folders) for file in _files(folder, root)]
    pictures = []
    unusable = {link.name: "a link, not followed" for link in links}
    for label, file in progress(files, len(files), "images"):
        name = file.relative_to(root).as_posix()
        try:
            content = _content(file)
            pixels = _pixels(content, size, channels)
        except Exception as error:  # damaged bytes make Pillow raise a dozen kinds
            unusable[name] = str(error) or type(error).__name__
        else:
            digest = hashlib.sha256(f"{seed} ".encode() + content).hexdigest()
            pictures.append(Picture(label, name, digest, pixels))
    first, second = ({p.digest for p in pictures if p.label == label} for label in (0, 1))
    for picture in pictures:
        if picture.digest in first & second:
            unusable[picture.name] = "the same bytes are in both classes"
    if unusable:
        found = _listed(unusable, len(files) + len(links))
        if not skip_unusable:
            raise ValueError(f"{root}: can't use {found}. Remove them, or pass skip_unusable=True.")
        print(f"skipped {found}")
    usable = [picture for picture in pictures if picture.name not in unusable]
    return _split(usable, [folder.name for folder in folders], float(validation))


def _height_and_width(image_size: Any) -> tuple[int, int]:
    pair = tuple(image_size) if np.iterable(image_size) else (image_size, image_size)
    if len(pair) != 2 or not all(is_whole(side) and side >= 1 for side in pair):
        raise ValueError(
            f"image_size is {shown(image_size)}; expected a whole number of pixels, 1 or more, or a pair "
            "(height, width)."
        )
    return int(pair[0]), int(pair[1])


def _class_folders(root: Path) -> tuple[list[Path], list[Path]]:
    """The two folders of the classes in the order of their names, and the links to folders beside them."""
    if not root.is_dir():
        found = "is a file" if root.is_file() else "was not found"
        raise FileNotFoundError(f"{root} {found}, expected a folder with two subfolders of images.")
    subfolders = sorted(place for place in root.iterdir() if place.is_dir() and not _hidden(place, root))
    parts = [place.name for place in subfolders if place.name.casefold() in PARTS]
    if len(parts) > 1:
        training = [name for name in parts if name.casefold().startswith("train")]
        raise ValueError(
            f"{root} has the subfolders {', '.join(parts)}, which look like parts of a data set; expected two classes: "
            f"pass {root / (training or parts)[0]} if it has a folder for each (validation images are taken from it)."
        )
    folders = [place for place in subfolders if not place.is_symlink()]
    if len(folders) != 2:
        names = ", ".join(folder.name for folder in folders) or "none"
        raise ValueError(
            f"{root} has {len(folders)} subfolders ({names}); expected two, one for each class (links are not "
            "followed)."
        )
    return folders, [place for place in subfolders if place.is_symlink()]


def _files(folder: Path, root: Path) -> Iterator[Path]:
    """What lies in a folder and in the folders inside it, but for hidden things; links are not followed."""
    for place in sorted(folder.rglob("*")):
        if not _hidden(place, root) and (place.is_symlink() or not place.is_dir()):
            yield place


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _content(file: Path) -> bytes:
    if file.is_symlink():
        raise ValueError("a link, not followed")
    if not file.is_file():
        raise ValueError("not a file")
    content = file.read_bytes()
    if not content:
        raise ValueError("empty")
    return content


def _pixels(content: bytes, size: tuple[int, int], channels: int) -> np.ndarray:
    """The pixels of a file, float32 (*size, channels), 0 to 255."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files that it can read
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = _upright(content)
        if image.mode == "F":
            raise ValueError("floating-point pixels, whose range is not known")
        if image.mode.startswith("I"):
            image = _from_sixteen_bits(image)
        else:
            if image.has_transparency_data:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            image = image.convert("L" if channels == 1 else "RGB")
        pixels = np.asarray(image.resize(size[::-1], Image.Resampling.BILINEAR), np.float32)
    return np.broadcast_to(pixels.reshape(*size, -1), (*size, channels))


def _upright(content: bytes) -> Image.Image:
    try:
        Image.open(io.BytesIO(content), formats=IMAGE_FORMATS).verify()  # checksums, where there are any
        return ImageOps.exif_transpose(Image.open(io.BytesIO(content), formats=IMAGE_FORMATS))
    except UnidentifiedImageError:
        # The formats of phones' cameras begin so; films do, too.
        hint = ": convert HEIC or AVIF to JPEG first" if content[4:8] == b"ftyp" else ""
        raise ValueError(f"not one of {', '.join(IMAGE_FORMATS)}, or damaged{hint}") from None


def _from_sixteen_bits(image: Image.Image) -> Image.Image:
    """A grey image of 16 bits a pixel, some of them kept in 32, with floats from 0 to 255."""
    pixels = np.asarray(image, np.float32)
    if np.min(pixels) < 0 or np.max(pixels) > 65535:
        raise ValueError("more than 16 bits a pixel")
    return Image.fromarray(pixels / 257)  # 65535 / 257 = 255


def _listed(unusable: dict[str, str], count: int) -> str:
    """The first twenty of the files that can't be used, each with its reason."""
    listed = [f"{name!r} ({reason})" for name, reason in unusable.items()]
    more = "; …" if len(listed) > 20 else ""
    return f"{len(unusable)} of {count} files: {'; '.join(listed[:20])}{more}"


def _split(pictures: list[Picture], folders: list[str], validation: float) -> Data:
    """Of each class the smallest hashes for validation, the others for training."""
    held_out: set[str] = set()
    for label, folder in enumerate(folders):
        digests = sorted({picture.digest for picture in pictures if picture.label == label})
        count = round(validation * len(digests))
        if not 0 < count < len(digests):
            raise ValueError(
                f"class {folder!r} has {len(digests)} different images; with {validation:.0%} for validation, "
                "expected enough for at least one on either side."
            )
        held_out.update(digests[:count])
    ordered = sorted(pictures, key=lambda picture: (picture.label, picture.digest))
    train = [picture for picture in ordered if picture.digest not in held_out]
    val = [picture for picture in ordered if picture.digest in held_out]
    return Data(*_arrays(train), *_arrays(val))


def _arrays(pictures: list[Picture]) -> tuple[np.ndarray, np.ndarray]:
    images = np.array([picture.pixels for picture in pictures], np.float32) / 255
    return images, np.array([picture.label for picture in pictures], np.int64)
