"""Your own images: a folder with two subfolders, one for each class, read as ``Data``.

Why not Keras's ``image_dataset_from_directory``? It splits by place in the list, so that two files of one thing may
stand on both sides, and it leaves photographs of phones lying on their side.
"""

import atexit
import hashlib
import io
import shutil
import tempfile
from collections.abc import Callable, Hashable
from pathlib import Path, PurePath, PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from helpers.data import Data, load_garments, subset

# Names of the parts of a data set, which are no classes.
PARTS = {"train", "training", "val", "valid", "validation", "test", "testing"}


def load_image_folder(
    path: str | Path,
    size: int = 32,
    channels: int = 3,
    group: Callable[[PurePosixPath], Hashable] | None = None,
) -> Data:
    """Your own images: a folder with two subfolders, class 0 and class 1 in the order of their names.

    Images are turned upright (EXIF), laid on white where they are transparent, and stretched to a square. Folders
    inside a class are searched, and names that begin with a dot are passed over. Of each class a quarter of the groups
    is kept for validation, by a hash, so that the split is the same on every machine. Files of equal bytes count as
    one group.

    Args:
        path: the folder; ``~`` is your home.
        size: height and width in pixels.
        channels: 1 (grey) or 3 (colour).
        group: from a file's path below the folder, class first, to what all files that belong together share, such as
            a patient's number: a text, a number, a path, or a tuple of these. The path itself says that a file is a
            group of its own.

    Returns:
        Images and labels, each part sorted by class: with ``shuffle=False``, ``fit`` shows one class after the other.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: there are not two classes of three groups or more, a file is no image that Pillow reads, or the
            same bytes are in both classes or in two groups.
    """
    if channels not in (1, 3):
        raise ValueError(f"channels is {channels}; expected 1 (grey) or 3 (colour).")
    root = Path(path).expanduser()
    images, labels, digests, groups = [], [], [], []
    place_of: dict[str, tuple[int, str, str]] = {}  # by digest
    for label, folder in enumerate(_class_folders(root)):
        for file in sorted(folder.rglob("*")):
            name = PurePosixPath(file.relative_to(root).as_posix())
            if file.is_dir() or any(part.startswith(".") for part in name.parts):
                continue
            content = file.read_bytes()
            digest = hashlib.sha256(b"0 " + content).hexdigest()
            together = name if group is None else group(name)
            key = digest if together == name else _hash_of_group(together, name)
            twin_label, twin_key, twin = place_of.setdefault(digest, (label, key, str(name)))
            if (twin_label, twin_key) != (label, key):
                raise ValueError(
                    f"{twin} and {name} have the same bytes, but are in two classes or groups; remove one."
                )
            images.append(_pixels(content, name, size, channels))
            labels.append(label)
            digests.append(digest)
            groups.append(key)
    return _split(np.array(images), np.array(labels), np.array(digests), groups)


def _class_folders(root: Path) -> list[Path]:
    names = sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    if len(names) != 2 or {name.casefold() for name in names} <= PARTS:
        raise ValueError(
            f"{root} has {len(names)} subfolders {names[:9]}; expected two, one for each class. "
            "Of a data set in parts, such as train and test, pass the training part."
        )
    return [root / name for name in names]


def _hash_of_group(group: Hashable, name: PurePosixPath) -> str:
    """Of how it is printed, which must be the same in every run: a set's order isn't, nor is an object's address."""
    parts = group if isinstance(group, tuple) else (group,)
    if not all(isinstance(part, (str, int, float, PurePath)) for part in parts):
        raise ValueError(
            f"group of {name} is {group!r}; expected a text, a number, a path, or a tuple of these."
        )
    return hashlib.sha256(repr(group).encode()).hexdigest()


def _pixels(content: bytes, name: PurePosixPath, size: int, channels: int) -> np.ndarray:
    try:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        if image.mode.startswith(("I", "F")):  # which Pillow would cut off at 255
            raise ValueError("it has more than 8 bits a channel")
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("L" if channels == 1 else "RGB")
    except Exception as error:  # damaged bytes make Pillow raise a dozen kinds
        raise ValueError(f"{name} can't be read ({type(error).__name__}); remove it.") from error
    resized = image.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(resized).reshape(size, size, channels)


def _split(images: np.ndarray, labels: np.ndarray, digests: np.ndarray, groups: list[str]) -> Data:
    """The groups of the smallest hashes for validation, until a quarter of each class's groups is there."""
    classes_of: dict[str, set[int]] = {}
    for key, label in zip(groups, labels.tolist(), strict=True):
        classes_of.setdefault(key, set()).add(label)
    counts = [sum(label in classes for classes in classes_of.values()) for label in (0, 1)]
    if min(counts) < 3:
        raise ValueError(
            f"the classes have {counts[0]} and {counts[1]} different images or groups; expected three or more."
        )
    wanted = [round(count / 4) for count in counts]
    held_out = set()
    for key in sorted(classes_of):
        if all(wanted[label] for label in classes_of[key]):
            held_out.add(key)
            for label in classes_of[key]:
                wanted[label] -= 1
    order = np.lexsort((digests, labels))
    x, y = images[order].astype(np.float32) / 255, labels[order].astype(np.int64)
    val = np.array([key in held_out for key in groups])[order]
    if len(set(y[val])) < 2:
        raise ValueError(
            "a class has no group for validation: too many of its groups lie in both classes."
        )
    return Data(x[~val], y[~val], x[val], y[val])


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
