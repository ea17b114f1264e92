"""The loaders, what they refuse, the subsets, and the script that builds the embedded file."""

import functools
import hashlib
import importlib.util
import os
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from elpv_dataset.utils import load_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data
from helpers.data import GARMENTS_SHA256, Data, load_garments, load_solar_cells, subset
from refusals import refusal

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("build_garments", ROOT / "data" / "build_garments.py")
build_garments = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build_garments)
garments, cells = functools.cache(load_garments), functools.cache(load_solar_cells)


# What is loaded

BOTH = {  # data set: one image's shape, images of class 0 and 1 in training, and in validation
    garments: ((28, 28, 1), [6000, 6000], [1000, 1000]),
    cells: ((32, 32, 1), [1123, 519], [385, 196]),
}


@pytest.mark.parametrize("load", BOTH, ids=["garments", "cells"])
def test_shapes_types_ranges_and_classes_are_as_promised_and_no_image_occurs_twice(load):
    shape, *counts = BOTH[load]
    loaded = load()
    for images, labels, count in ((*loaded[:2], counts[0]), (*loaded[2:], counts[1])):
        assert images.shape == (sum(count), *shape) and images.dtype == np.float32
        assert 0 <= images.min() < 0.1 and 0.9 < images.max() <= 1
        assert labels.dtype == np.int64 and np.bincount(labels).tolist() == count
    images = [*loaded.x_train, *loaded.x_val]
    assert len({image.tobytes() for image in images}) == len(images)


def test_solar_cells_of_64_pixels_hold_more_than_those_of_32():
    def within_four(images):
        means = images.reshape(581, 32, 2, 32, 2, 1).mean(axis=(2, 4))
        return means, (images - np.repeat(np.repeat(means, 2, axis=1), 2, axis=2)).std()

    means, fine = within_four(load_solar_cells(64).x_val)
    np.testing.assert_allclose(means, cells().x_val, atol=0.2)  # the same photographs
    assert fine > 1.3 * within_four(tf.image.resize(cells().x_val, (64, 64)).numpy())[1]


def test_labels_belong_to_the_photographs_and_blocks_stay_together():
    photographs, probability, _ = load_dataset()
    means = photographs.mean(axis=(1, 2)) / 255
    # Block 0 is the first of validation, blocks 1 to 3 are the first of training.
    for first, last, images, labels in ((0, 60, *cells()[2:]), (60, 240, *cells()[:2])):
        sure = [i for i in range(first, last) if probability[i] in (0, 1)]
        np.testing.assert_array_equal(labels[: len(sure)], probability[sure])
        np.testing.assert_allclose(images[: len(sure)].mean(axis=(1, 2, 3)), means[sure], atol=0.01)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "elpv_dataset.utils", None)
    assert "pip install elpv-dataset" in refusal(load_solar_cells, 7, kind=ModuleNotFoundError)  # a size not yet read


# A file that is not as it should be


def small_arrays():
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (6, 28, 28, 1), "uint8"), "y_train": np.array([0, 1] * 3, "uint8"),
        "x_val": rng.integers(0, 256, (4, 28, 28, 1), "uint8"), "y_val": np.array([0, 1] * 2, "uint8"),
    }  # fmt: skip


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "pair.npz"
    np.savez_compressed(path, **small_arrays())
    return path


def assert_refused(path, *words, digest=None, kind=ValueError):
    said = refusal(load_garments, path, digest, kind=kind)
    assert all(word in said for word in (str(path), "expected", "git checkout data/garments.npz", *words)), said


def test_a_sound_file_loads_and_what_is_parsed_is_what_was_hashed(path, monkeypatch):
    expected = small_arrays()["x_val"].astype("float32") / 255
    np.testing.assert_array_equal(load_garments(path, None).x_val, expected)
    assert_refused(path, "expected e1fe50bbe3dc", digest=GARMENTS_SHA256)  # another pair is not the embedded one
    content, digest = path.read_bytes(), sha256(path)

    def read_and_exchange(_):
        np.savez_compressed(path, **(small_arrays() | {"x_val": np.zeros((4, 28, 28, 1), "uint8")}))
        return content

    monkeypatch.setattr(data.Path, "read_bytes", read_and_exchange)
    np.testing.assert_array_equal(load_garments(path, digest).x_val, expected)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert_refused(tmp_path / "none.npz", "was not found", kind=FileNotFoundError)
    assert_refused(tmp_path, "is a folder", kind=FileNotFoundError)


def with_a_byte(content, place, change):
    return content[:place] + bytes([change(content[place])]) + content[place + 1 :]


DAMAGES = {
    "emptied": lambda content: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "altered": lambda content: with_a_byte(content, len(content) // 2, lambda byte: byte ^ 1),
    # One bit of the last entry in the zip's directory, which makes zipfile raise RuntimeError.
    "encrypted": lambda content: with_a_byte(content, content.rindex(b"PK\x01\x02") + 8, lambda byte: byte | 1),
    "no zip": lambda content: b"The files were moved to another server.",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused(path, damage):
    digest = sha256(path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert_refused(path, f"{path.stat().st_size:,} bytes", sha256(path)[:12], digest[:12], digest=digest)
    assert_refused(path, "an .npz file of plain arrays")  # without the checksum the zip's own CRC has to notice


ODD_ARRAYS = [
    ({"x_test": np.zeros(1), "x_val": None}, "'x_test'"), ({"y_val": None}, "['x_train', 'x_val', 'y_train']"),
    ({"x_train": np.zeros((6, 28, 28), "uint8")}, "uint8 (6, 28, 28)"),
    ({"x_train": np.zeros((6, 28, 28, 1))}, "float64 (6, 28, 28, 1)"),
    ({"y_train": np.array([0, 1] * 3)}, "int64 (6,)"), ({"y_train": np.array([0, 1] * 2, "uint8")}, "uint8 (4,)"),
    ({"y_val": np.array([0, 1, 2, 1], "uint8")}, "[0, 1, 2]"), ({"y_val": np.zeros(4, "uint8")}, "from [0]"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "found"), ODD_ARRAYS)
def test_other_arrays_are_refused(path, changes, found):
    arrays = {name: array for name, array in (small_arrays() | changes).items() if array is not None}
    np.savez_compressed(path, **arrays)
    assert_refused(path, found)


class Trap:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_a_pickled_or_single_array_is_refused_and_never_unpickled(path, tmp_path):
    sprung = tmp_path / "sprung"
    np.savez_compressed(path, **(small_arrays() | {"x_train": np.array([Trap(sprung)])}))
    assert_refused(path, "Object arrays")
    assert not sprung.exists()
    with path.open("wb") as file:
        np.save(file, small_arrays()["x_train"])
    assert_refused(path, "an .npz file of plain arrays")


# Subsets


def numbered(loaded):
    """Data with images that are their own row numbers."""
    return loaded._replace(x_train=np.arange(len(loaded.y_train)))


@pytest.mark.parametrize(
    ("load", "n", "positive", "disjoint"),
    [(garments, 128, 64, 93), (garments, 2048, 1024, 5), (cells, 128, 40, 12), (cells, 512, 162, 3)],
)
def test_replicates_keep_the_ratio_and_share_no_image_until_the_data_are_used_up(load, n, positive, disjoint):
    parts = [subset(numbered(load()), n, replicate) for replicate in range(disjoint + 1)]
    assert len(np.unique([part.x_train for part in parts[:-1]])) == disjoint * n
    # The data do not yield one more: the next replicate is a new draw, not a copy of the first.
    assert np.isin(parts[-1].x_train, parts[0].x_train).mean() < 0.5
    assert all(part.y_train.sum() == positive for part in parts)
    gaps = np.diff(np.flatnonzero(parts[0].y_train))  # the classes are spread
    assert set(gaps.tolist()) <= {n // positive, -(-n // positive)}


def test_subsets_are_those_of_the_stored_results_and_a_small_one_is_no_part_of_a_larger_one():
    def rows(n, replicate=0):
        return subset(numbered(garments()), n, replicate).x_train

    assert rows(128)[:6].tolist() == [1809, 6693, 4239, 11109, 6835, 1091]
    assert rows(512, 3)[:6].tolist() == [11068, 7382, 2607, 3520, 8889, 8059]
    assert np.isin(rows(128), rows(1024)).mean() < 0.3  # by chance 0.085


@st.composite
def data_and_sizes(draw):
    """Data of any class ratio in a random order, and a size for which both classes get at least one image."""
    rare, common = draw(st.integers(1, 40)), draw(st.integers(1, 60))
    total = rare + common
    labels = np.random.default_rng(draw(st.integers(0, 9))).permutation([1] * rare + [0] * common)
    sizes = [n for n in range(2, total + 1) if 0 < round(n * rare / total) < n]
    return Data(np.arange(total), labels, np.arange(2), np.array([0, 1])), draw(st.sampled_from(sizes))


@settings(deadline=None, derandomize=True)
@given(data_and_sizes(), st.integers(0, 50))
def test_every_subset_has_the_class_ratio_and_its_own_labels(data_and_n, replicate):
    everything, n = data_and_n
    part, again = (subset(everything, n, replicate) for _ in range(2))
    assert len(np.unique(part.x_train)) == len(part.x_train) == n
    np.testing.assert_array_equal(part.y_train, everything.y_train[part.x_train])
    assert abs(part.y_train.mean() - everything.y_train.mean()) <= 0.5 / n + 1e-12
    np.testing.assert_array_equal(again.x_train, part.x_train)
    assert part.x_val is everything.x_val and part.y_val is everything.y_val


def test_a_subset_too_small_for_the_rare_class_is_refused():
    rare = cells()._replace(y_train=(np.arange(1642) < 5).astype("int64"))
    assert "too small to hold" in refusal(subset, rare, 2)


# The recipe of the card, and the script


def fake_split(n, shape, label_shape):
    """Images of one grey each, ten times their label: one sees where they came from."""
    labels = (np.arange(n) % 10).astype("uint8")
    images = np.broadcast_to((labels * 10).reshape(n, *(1 for _ in shape)), (n, *shape))
    return images, labels.reshape(label_shape)


def test_the_recipe_of_the_data_card_makes_the_same_four_arrays(monkeypatch):
    grey = fake_split(60_000, (28, 28), -1), fake_split(10_000, (28, 28), -1)
    colour = fake_split(50_000, (32, 32, 3), (-1, 1)), fake_split(10_000, (32, 32, 3), (-1, 1))
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: grey)
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: colour)
    names = {}
    exec((ROOT / "data" / "README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0], names)
    for name, shape, n, greys in (
        ("dresses_and_shirts", (28, 28, 1), 12_000, (30, 60)), ("cats_and_dogs", (32, 32, 3), 10_000, (30, 50)),
    ):  # fmt: skip
        loaded = names[name]
        for images, labels, size in ((*loaded[:2], n), (*loaded[2:], 2_000)):
            assert images.shape == (size, *shape) and np.bincount(labels).tolist() == [size // 2] * 2
            for label, grey in enumerate(greys):
                np.testing.assert_array_equal(np.unique(images[labels == label]), np.float32(grey) / 255)


def run_build(monkeypatch, *arguments):
    """The script's exit in this process: SystemExit's argument is what Python prints."""
    monkeypatch.setattr(sys, "argv", ["build_garments.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        build_garments.main()
    return stop.value.code


COMPRESSED = build_garments.gzip.compress(bytes(1000))
ORIGINALS = {  # of train-labels: what lies there, and what is said
    "other bytes": ("", bytes([0, 0, 8, 1, 0, 0, 0, 2, 2, 4]), "has SHA-256"),
    "other bytes, compressed": (".gz", COMPRESSED, "has SHA-256"),
    "emptied": (".gz", b"", ""),
    "truncated": (".gz", COMPRESSED[:20], "can't be decompressed"),
    "no archive": (".gz", b"The files were moved to another server.", "can't be decompressed"),
    # After gzip's ten bytes of header: deflate has no blocks of type 3, and zlib raises its own error.
    "an impossible block": (".gz", with_a_byte(COMPRESSED, 10, lambda _: 255), "can't be decompressed"),
}


@pytest.mark.parametrize("kind", ORIGINALS)
def test_the_build_script_refuses_other_originals(monkeypatch, tmp_path, kind):
    suffix, content, said = ORIGINALS[kind]
    original = tmp_path / f"train-labels-idx1-ubyte{suffix}"
    original.write_bytes(content)
    found = run_build(monkeypatch, "--source", tmp_path, "--output", tmp_path / "pair.npz")
    assert found.startswith(f"{original} {said}") and found.endswith("fetch it again.")


def test_the_build_script_downloads_to_where_it_reads(monkeypatch, tmp_path):
    monkeypatch.setattr(build_garments, "DEBIAN", tmp_path / "no package")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "datasets" / "fashion-mnist"
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: folder.mkdir(parents=True))
    said = run_build(monkeypatch, "--output", tmp_path / "pair.npz")
    assert said.startswith(f"{folder} has no train-labels-idx1-ubyte.gz; ")


# --source is an empty folder, so that a script that forgets to refuse still overwrites nothing.
@pytest.mark.parametrize(
    ("pair", "said"),
    [("coat hat", "expected 0 to 9 or one of t-shirt"), ("coat coat", "two different"),
     ("dress shirt", "--output: data/garments.npz is kept"), ("coat pullover", "data/garments.npz is kept")],
)  # fmt: skip
def test_the_build_script_takes_classes_by_name_or_number_and_refuses_others(monkeypatch, tmp_path, capsys, pair, said):
    classes = build_garments.FASHION_CLASSES
    assert [build_garments.fashion_class(name) for name in (*classes, *"0123456789")] == [*range(10)] * 2
    assert run_build(monkeypatch, "--source", tmp_path, "--pair", *pair.split()) == 2
    assert said in capsys.readouterr().err.splitlines()[-1]


FOLDERS = (build_garments.DEBIAN, build_garments.keras_cache() / "fashion-mnist")
FOUND = next((folder for folder in FOLDERS if len(list(folder.glob("*-ubyte*"))) == 4), None)


@pytest.mark.skipif(FOUND is None, reason="the original files of Fashion-MNIST are not on this machine")
def test_the_embedded_file_can_be_built_again_bit_for_bit(tmp_path):
    for name in ("one.npz", "two.npz"):
        assert build_garments.build(FOUND, (2, 4), tmp_path / name) == sha256(tmp_path / name) == GARMENTS_SHA256
    assert sha256(data.GARMENTS) == GARMENTS_SHA256
