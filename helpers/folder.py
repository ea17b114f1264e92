"""Your own images: a folder with two subfolders, one for each class, read as ``Data``.

Why not Keras's ``image_dataset_from_directory``? It splits by place in the list, so that two files of one image may
stand on both sides, stops at the first damaged file, and leaves photographs of phones lying on their side.
"""

import atexit
import datetime
import hashlib
import io
import numbers
import shutil
import tempfile
import warnings
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.data import Data, load_garments, subset

IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
# Names of the parts of a data set, which are no classes.
PARTS = ("train", "training", "val", "valid", "validation", "test", "testing")
# Their printed form, from which a group is hashed, is the same in every run.
WRITTEN_ALIKE = (str, bytes, numbers.Number, PurePath, datetime.date, type(None))


class UsableFile(NamedTuple):
    """An image file of a class; its digest is that of its bytes, and its group's hash decides on its side."""

    label: int
    name: str
    digest: str
    pixels: np.ndarray
    group: str
    alone: bool  # a group of its own, unless its bytes are in another


def load_image_folder(
    path: str | Path,
    image_size: int = 32,
    channels: int = 3,
    skip_unusable: bool = False,
    group: Callable[[PurePosixPath], Hashable] | None = None,
) -> Data:
    """Your own images: a folder with two subfolders, class 0 and class 1 in the order of their names.

    A file counts as an image by its content, not by its name. Images are turned upright (EXIF), laid on white where
    they are transparent, and stretched to a square; of an animation the first frame is read. Folders inside a class
    are searched, and names that begin with a dot are passed over. Of each class a quarter of the groups is kept for
    validation, by a hash. Without ``group``, files of equal bytes are one: different images of one thing may then
    stand on both sides.

    Args:
        path: the folder; ``~`` is your home.
        image_size: height and width in pixels, 1 to 4,096.
        channels: 1 (grey) or 3 (colour).
        skip_unusable: leave out the files that can't be used, and print their names.
        group: from a file's path below the folder, class first, to what all files that belong together share, such as
            a patient's number: a text, a number, a path, a date, or a tuple of these. A group may lie in both classes.
            The path itself says that a file is a group of its own, with those of equal bytes.

    Returns:
        Images and labels, each part sorted by class: with ``shuffle=False``, ``fit`` shows one class after the other.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: names up to 20 files that can't be used: empty, damaged, no image, opaque grey of more than 8
            bits, in both classes or two groups, or beyond Pillow's limit of 89 million pixels, which would fill the
            memory.
    """
    # Pillow would refuse a wrong size, too, but file by file, as if the files were at fault.
    if image_size not in range(1, 4097):
        raise ValueError(f"image_size is {image_size}; expected whole pixels from 1 to 4,096.")
    if channels not in (1, 3):
        raise ValueError(f"channels is {channels}; expected 1 (grey) or 3 (colour).")
    root = Path(path).expanduser()
    folders = _class_folders(root)
    files: dict[str, list[UsableFile]] = {}  # by digest
    unusable: dict[str, str] = {}
    for label, folder in enumerate(folders):
        for file in _visible_files(folder):
            name = file.relative_to(root).as_posix()
            try:
                content = file.read_bytes()
                pixels = _pixels(content, int(image_size), channels)
            except UnidentifiedImageError:  # whose own words have an address in them
                unusable[name] = f"not one of {', '.join(IMAGE_FORMATS)}, or damaged"
                continue
            except Exception as error:  # damaged bytes make Pillow raise a dozen kinds
                unusable[name] = str(error) or type(error).__name__
                continue
            # Hashed as in the first version, so that splits last.
            digest = hashlib.sha256(b"0 " + content).hexdigest()
            key = digest
            alone = True
            if group is not None:
                place = PurePosixPath(name)
                together = group(place)
                key = _hash_of_group(together, name)
                alone = together == place
            file_read = UsableFile(label, name, digest, pixels, key, alone)
            files.setdefault(digest, []).append(file_read)
    usable: list[UsableFile] = []
    for same in files.values():
        # That of the files that have one together with others, else the first file's own.
        groups = {one.group for one in same if not one.alone} or {same[0].group}
        names = [one.name for one in same]
        if len({one.label for one in same}) > 1:
            unusable |= dict.fromkeys(names, "the same bytes are in both classes")
        elif len(groups) > 1:
            unusable |= dict.fromkeys(names, "the same bytes are in two groups")
        else:
            usable += [one._replace(group=min(groups)) for one in same]
    if unusable:
        _report(root, unusable, skip_unusable)
    return _split(usable, [folder.name for folder in folders])


def _class_folders(root: Path) -> list[Path]:
    subfolders = [place.name for place in root.iterdir() if place.is_dir()]
    names = sorted(name for name in subfolders if not name.startswith("."))
    if len(names) != 2 or all(name.casefold() in PARTS for name in names):
        raise ValueError(
            f"{root} has {len(names)} subfolders ({', '.join(names) or 'none'}); expected two, one for each class. "
            "Of a data set in parts, such as train and test, pass the training part: validation is taken from it."
        )
    return [root / name for name in names]


def _visible_files(folder: Path) -> Iterator[Path]:
    """All files below a folder, in order, but for hidden ones and those in hidden folders."""
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden:
            yield file


def _hash_of_group(group: object, name: str) -> str:
    """The same in every run: a set is printed in the order of its hashes, and most objects with an address."""
    parts = list(group) if isinstance(group, tuple) else [group]
    if not all(isinstance(part, WRITTEN_ALIKE) for part in parts):
        raise ValueError(
            f"group of {name!r} is {group!r}; expected a text, a number, a path, a date, "
            "or a tuple of these, which are printed alike in every run."
        )
    return hashlib.sha256(repr(group).encode()).hexdigest()


def _report(root: Path, unusable: dict[str, str], skip_unusable: bool) -> None:
    """Refuse the files that can't be used, or print that they are left out; at most 20 with their reasons."""
    named = [f"{name!r} ({reason})" for name, reason in unusable.items()]
    listed = "; ".join(named[:20])
    if len(named) > 20:
        listed += "; …"
    counted = f"{len(unusable)} files: {listed}"
    if not skip_unusable:
        raise ValueError(f"{root}: can't use {counted}. Remove them, or pass skip_unusable=True.")
    print(f"skipped {counted}")


def _pixels(content: bytes, side: int, channels: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files that it can read
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        # Checksums, where there are any; a verified image has to be opened again.
        Image.open(io.BytesIO(content), formats=IMAGE_FORMATS).verify()
        opened = Image.open(io.BytesIO(content), formats=IMAGE_FORMATS)
        image = ImageOps.exif_transpose(opened)
        if image.mode.startswith(("I", "F")):  # which Pillow would cut off at 255
            raise ValueError("more than 8 bits a channel")
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("L" if channels == 1 else "RGB")
        image = image.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(image).reshape(side, side, channels)


def _split(files: list[UsableFile], classes: list[str]) -> Data:
    """The groups of the smallest hashes for validation, until a quarter of each class's groups is there."""
    labels_of: dict[str, set[int]] = {}
    for file in files:
        labels_of.setdefault(file.group, set()).add(file.label)
    wanted = []
    for label, name in enumerate(classes):
        count = sum(label in labels for labels in labels_of.values())
        if count < 3:
            raise ValueError(
                f"class {name!r} has {count} different images or groups; expected three or more."
            )
        wanted.append(round(count / 4))
    held_out: set[str] = set()
    for group in sorted(labels_of):
        if all(wanted[label] for label in labels_of[group]):
            held_out.add(group)
            for label in labels_of[group]:
                wanted[label] -= 1
    files = sorted(files, key=lambda file: (file.label, file.digest))
    images = np.array([file.pixels for file in files], np.float32) / 255
    labels = np.array([file.label for file in files], np.int64)
    val = np.array([file.group in held_out for file in files])
    if len(set(labels[val])) < 2:
        raise ValueError(
            "a class has no group for validation: too many of its groups lie in both classes."
        )
    return Data(images[~val], labels[~val], images[val], labels[val])


def example_folder() -> Path:
    """A folder of 1,400 garments as PNG files, two classes, to try the loader on; it is removed when Python ends.

    The names of its classes begin with their numbers, because the loader numbers classes in the order of their names.
    """
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    garments = subset(load_garments(), 1400)
    for number, (image, label) in enumerate(zip(garments.x_train, garments.y_train, strict=True)):
        file = folder / ["0 pullover", "1 coat"][label] / f"{number:04}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray((255 * image[..., 0]).round().astype("uint8")).save(file)
    return folder
