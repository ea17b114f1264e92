"""Loaders: each returns one flat ``Data`` tuple, checked before it is handed out."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers.progress import progress

GARMENTS = Path(__file__).resolve().parent.parent / "data" / "garments.npz"
GARMENTS_SHA256 = "e1fe50bbe3dc9d15131e416d2011e57a070e43098ed84569ad80447f3338756c"
FASHION_CLASSES = (
    "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
)  # fmt: skip
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
_RESTORE = (
    "restore it with `git checkout data/garments.npz` or `python data/build_garments.py` (which also "
    "builds another pair: --pair, --output)"
)


class Data(NamedTuple):
    """Images and labels of a two-class problem.

    Attributes:
        x_train, x_val: float32 (n, height, width, channels), values in [0, 1].
        y_train, y_val: int64 (n,), 0 or 1.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


def load_garments(path: str | Path = GARMENTS, sha256: str | None = GARMENTS_SHA256) -> Data:
    """Fashion-MNIST pullovers (0) and coats (1), 28x28x1, from the file in the repository.

    Args:
        path: an .npz file as ``data/build_garments.py`` writes it.
        sha256: hexadecimal digest the file must have; None for a pair you built yourself.

    Returns:
        12,000 training images and 2,000 validation images, half of each class.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file is truncated or altered, or holds other arrays than expected.
    """
    path = Path(path)
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "was not found"
        raise FileNotFoundError(f"{path} {found}, expected an .npz file; {_RESTORE}.")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if sha256 is not None and digest != sha256:
        raise ValueError(
            f"{path} has {len(content):,} bytes and SHA-256 {digest[:12]}…, expected {sha256[:12]}…: "
            f"the file is truncated or altered; {_RESTORE}."
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            if set(file) != set(Data._fields):
                raise ValueError(f"arrays {sorted(file)}")
            arrays = Data(*(file[name] for name in Data._fields))
    except Exception as error:  # damaged bytes make zipfile and NumPy raise a dozen kinds
        raise ValueError(
            f"{path}: found {error or 'an empty file'}, expected an .npz file of plain arrays "
            f"{sorted(Data._fields)}; {_RESTORE}."
        ) from None
    for x, y in (arrays[:2], arrays[2:]):
        sound = x.dtype == y.dtype == np.uint8 and y.ndim == 1 and x.shape == (*y.shape, 28, 28, 1)
        if not sound or set(y.tolist()) != {0, 1}:
            raise ValueError(
                f"{path}: found images {x.dtype} {x.shape} with labels {y.dtype} {y.shape} from "
                f"{np.unique(y)[:9].tolist()}, expected uint8 (n, 28, 28, 1) with uint8 (n,) from [0, 1]; "
                f"{_RESTORE}."
            )
    return _as_data(*arrays)


def load_fashion_pair(a: str | int, b: str | int) -> Data:
    """Any two classes of Fashion-MNIST through ``keras.datasets``; downloads 30 MB at first use.

    Args:
        a, b: class 0 and class 1, by name (see ``FASHION_CLASSES``) or number.

    Returns:
        12,000 training and 2,000 validation images, 28x28x1.

    Raises:
        ValueError: unknown or equal classes.
        ConnectionError: the files are not there yet and can't be downloaded.
    """
    pair = [fashion_class(a), fashion_class(b)]
    if pair[0] == pair[1]:
        raise ValueError(f"both classes are {FASHION_CLASSES[pair[0]]!r}; expected two different ones.")
    last = "fashion-mnist/t10k-images-idx3-ubyte.gz"
    splits = _download("Fashion-MNIST", "30 MB", keras.datasets.fashion_mnist, last)
    return _select(splits, pair)


def load_cats_and_dogs() -> Data:
    """CIFAR-10 cats (0) and dogs (1), 32x32x3; downloads 170 MB at first use.

    Keras unpickles the files of this set, after it has checked the archive's hash.

    Returns:
        10,000 training and 2,000 validation images.

    Raises:
        ConnectionError: the files are not there yet and can't be downloaded.
    """
    splits = _download("CIFAR-10", "170 MB", keras.datasets.cifar10, "cifar-10-batches-py-target")
    return _select(splits, [3, 5])


def load_solar_cells(image_size: int = 32) -> Data:
    """Solar cells in electroluminescence light, sound (0) or defective (1), from ``elpv-dataset``.

    Only cells that the experts were sure about (defect probability 0 or 1). The package does not
    say which cells come from one module, but neighbours in its numbering look alike: so whole
    blocks of 60 numbers go to one side, the first of every four to validation.

    Args:
        image_size: height and width in pixels, 1 to 300; the photographs have 300.

    Returns:
        1,642 training images, 519 of them defective, and 581 validation images, 196 of them
        defective, image_size x image_size x 1.

    Raises:
        ModuleNotFoundError: the package is not installed.
        ValueError: image_size out of range.
    """
    if not 1 <= image_size <= 300:
        raise ValueError(f"image_size is {image_size}; expected 1 to 300 pixels.")
    try:
        from elpv_dataset.utils import load_dataset
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "the solar cells come with the package elpv-dataset, which is not installed; "
            "`pip install elpv-dataset`, or use load_garments(), which needs no package."
        ) from None
    photographs, probability, _ = load_dataset()
    small = [
        Image.fromarray(photograph).resize((image_size, image_size), Image.Resampling.BILINEAR)
        for photograph in photographs
    ]
    images, labels = np.stack(small)[..., None], probability == 1
    certain = np.isin(probability, (0, 1))
    validation = np.arange(len(labels)) // 60 % 4 == 0
    train, val = certain & ~validation, certain & validation
    return _as_data(images[train], labels[train], images[val], labels[val])


def subset(data: Data, n: int, replicate: int = 0) -> Data:
    """A training subset of n images, classes in the ratio of all; the validation images stay.

    Replicates 0, 1, 2 … share no training image until a class is used up, then the images are
    shuffled anew. The same n and replicate always give the same images in the same order.

    Raises:
        ValueError: n too small to hold both classes or larger than the data; replicate negative.
    """
    classes = [np.flatnonzero(data.y_train == label) for label in (0, 1)]
    if n != int(n) or not 2 <= n <= len(data.y_train):
        raise ValueError(f"n is {n}; expected a whole number from 2 to {len(data.y_train):,}.")
    if replicate < 0:
        raise ValueError(f"replicate is {replicate}; expected 0 or more.")
    positive = round(n * len(classes[1]) / len(data.y_train))
    counts = [int(n) - positive, positive]
    if min(counts) == 0:
        raise ValueError(f"n is {n}; too small to hold both classes in the ratio of the data.")
    turn, place = divmod(replicate, min(len(c) // k for c, k in zip(classes, counts, strict=True)))
    rng = np.random.default_rng((int(n), turn))
    chosen = [
        rng.permutation(indices)[place * count : (place + 1) * count]
        for indices, count in zip(classes, counts, strict=True)
    ]
    # Both classes spread evenly: 0, 1, 0, 1 … where they are equal.
    spread = np.concatenate([(np.arange(count) + 0.5) / count for count in counts])
    rows = np.concatenate(chosen)[np.argsort(spread, kind="stable")]
    return data._replace(x_train=data.x_train[rows], y_train=data.y_train[rows])


def fashion_class(name: str | int) -> int:
    """The number of a Fashion-MNIST class given by name or number.

    Raises:
        ValueError: there is no such class.
    """
    if name in FASHION_CLASSES:
        return FASHION_CLASSES.index(name)
    if str(name) in map(str, range(10)):
        return int(name)
    raise ValueError(f"class is {name!r}; expected 0 to 9 or one of {', '.join(FASHION_CLASSES)}.")


def keras_cache() -> Path:
    """Where ``keras.datasets`` keeps its files; Keras tells it by no public name."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def _as_data(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> Data:
    x_train, x_val = (images.astype(np.float32) / 255 for images in (x_train, x_val))
    return Data(x_train, y_train.astype(np.int64), x_val, y_val.astype(np.int64))


def _select(splits: tuple, pair: list[int]) -> Data:
    arrays = []
    for images, labels in splits:
        keep = np.isin(labels, pair).ravel()
        images = images if images.ndim == 4 else images[..., None]
        arrays += [images[keep], labels.ravel()[keep] == pair[1]]
    return _as_data(*arrays)


def _download(name: str, size: str, module, last: str) -> tuple:
    # Keras makes folders before it downloads: only the file that comes last shows that all are there.
    if not (keras_cache() / last).exists():
        print(f"{name} is not on this machine yet: downloading {size} through keras.datasets.")
    try:
        return module.load_data()
    except Exception as error:  # keras raises a bare Exception when a download fails
        raise ConnectionError(
            f"{name} could not be downloaded ({type(error).__name__}); connect to the internet, "
            "or use load_garments(), which needs no connection."
        ) from None


def load_image_folder(
    path: str | Path,
    image_size: int | tuple[int, int] = 32,
    channels: int = 3,
    validation: float = 0.25,
    seed: int = 0,
    skip_unusable: bool = False,
) -> Data:
    """Your own images: a folder with two subfolders, class 0 and class 1 in the order of their names.

    A file counts as an image by its content, not by its name. Pictures are turned upright (EXIF), laid
    on white where they are transparent, and stretched to image_size; of an animation the first frame
    is read. Folders inside a class are searched, links are not followed, and names that begin with a
    dot are passed over. Each class is split by a hash of the seed and the bytes of its files: names do
    not matter, and files of equal bytes stay on one side. Different pictures of one thing are not
    recognised.

    Args:
        image_size: height and width in pixels, or a pair (height, width).
        channels: 1 (grey) or 3 (colour).
        validation: share of the different images of each class that is kept for validation.
        seed: another one gives another split.
        skip_unusable: leave out the files that can't be used and print their names, up to 20.

    Raises:
        FileNotFoundError: no such folder.
        ValueError: not two subfolders; files that are empty, damaged, no image, too large (a
            decompression bomb) or in both classes; a class too small to split; a bad argument.
    """
    size = tuple(np.broadcast_to(image_size, 2).tolist())
    if min(size) < 1 or channels not in (1, 3):
        raise ValueError(f"image_size is {image_size}, channels {channels}; expected 1 or more, and 1 or 3.")
    root = Path(path)
    if not root.is_dir():
        found = "is a file" if root.is_file() else "was not found"
        raise FileNotFoundError(f"{path} {found}, expected a folder with two subfolders of images.")
    folders = sorted(f for f in root.iterdir() if f.is_dir() and not (_hidden(f, root) or f.is_symlink()))
    if len(folders) != 2:
        names = ", ".join(folder.name for folder in folders) or "none"
        raise ValueError(f"{path} has {len(folders)} subfolders ({names}); expected two, one for each class.")
    files = [
        (label, file)
        for label, folder in enumerate(folders)
        for file in sorted(folder.rglob("*"))
        if not _hidden(file, root) and (file.is_symlink() or not file.is_dir())
    ]
    classes, unusable = ({}, {}), {}  # per class, from hash to the files that have it
    for label, file in progress(files, len(files), "images"):
        name = file.relative_to(root).as_posix()
        try:
            digest, picture = _read_picture(file, size, channels, seed)
        except Exception as error:  # damaged bytes make Pillow raise a dozen kinds
            unusable[name] = str(error) or type(error).__name__
        else:
            classes[label].setdefault(digest, []).append((name, picture))
    for digest in sorted(classes[0].keys() & classes[1].keys()):
        for name, _ in classes[0].pop(digest) + classes[1].pop(digest):
            unusable[name] = "the same bytes are in both classes"
    if unusable:
        listed = [f"{name!r} ({reason})" for name, reason in unusable.items()]
        found = f"{len(unusable)} of {len(files)} files: {'; '.join(listed[:20])}{'; …' * (len(listed) > 20)}"
        if not skip_unusable:
            raise ValueError(f"{path}: can't use {found}. Remove them, or pass skip_unusable=True.")
        print(f"skipped {found}")
    sides = ([], [])  # training, validation
    for label, (folder, pictures) in enumerate(zip(folders, classes, strict=True)):
        held_out = round(validation * len(pictures))
        if not 0 < held_out < len(pictures):
            raise ValueError(
                f"class {folder.name!r} has {len(pictures)} different images; with {validation:.0%} for "
                "validation, expected enough for at least one on either side."
            )
        for place, digest in enumerate(sorted(pictures)):
            sides[place < held_out].extend((picture, label) for _, picture in pictures[digest])
    return _as_data(*(np.array(part) for side in sides for part in zip(*side, strict=True)))


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _read_picture(file: Path, size: tuple[int, int], channels: int, seed: int) -> tuple[str, np.ndarray]:
    """The hash that decides the split, and the pixels, float32 (*size, channels), 0 to 255."""
    if file.is_symlink() or not file.is_file():
        raise ValueError("a link, not followed" if file.is_symlink() else "not a file")
    content = file.read_bytes()
    if not content:
        raise ValueError("empty")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files that it can read
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            Image.open(io.BytesIO(content), formats=IMAGE_FORMATS).verify()  # checksums, where there are any
            image = ImageOps.exif_transpose(Image.open(io.BytesIO(content), formats=IMAGE_FORMATS))
        except UnidentifiedImageError:
            raise ValueError(f"not one of {', '.join(IMAGE_FORMATS)}, or damaged") from None
        if image.mode == "F":
            raise ValueError("floating-point pixels, whose range is not known")
        if image.mode.startswith("I"):  # 16 bits, some of them in 32
            pixels = np.asarray(image, np.float32)
            if pixels.min() < 0 or pixels.max() > 65535:
                raise ValueError("more than 16 bits a pixel")
            image = Image.fromarray(pixels / 257)
        else:
            if image.has_transparency_data:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            image = image.convert("L" if channels == 1 else "RGB")
        pixels = np.asarray(image.resize(size[::-1], Image.Resampling.BILINEAR), np.float32)
    pixels = np.broadcast_to(pixels.reshape(*size, -1), (*size, channels))
    return hashlib.sha256(f"{seed} ".encode() + content).hexdigest(), pixels
