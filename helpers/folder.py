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

    Images are turned upright (EXIF), laid on white where they are transparent, and stretched to a square. Folders inside
    a class are searched, and names that begin with a dot are passed over. Of each class a quarter of the groups is kept
    for validation, by a hash, so that the split is the same on every machine. Files of equal bytes count as one group.

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
    images: list[np.ndarray] = []
    labels: list[int] = []
    digests: list[str] = []
    groups: list[str] = []
    place_of: dict[str, tuple[int, str, str]] = {}  # by digest
    for label, folder in enumerate(_class_folders(root)):
        for file in sorted(folder.rglob("*")):
            name = PurePosixPath(file.relative_to(root).as_posix())
            if file.is_dir() or any(part.startswith(".") for part in name.parts):
                continue
            content = file.read_bytes()
            digest = hashlib.sha256(b"0 " + content).hexdigest()
            own = group is None or group(name) == name
            key = digest if own else _hash_of_group(group(name), name)
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
