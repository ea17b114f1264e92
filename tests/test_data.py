"""The loaders, what they refuse, the subsets, and the script that builds the embedded file."""

import hashlib
import importlib.util
import os
import re
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

CARD = Path(__file__).resolve().parent.parent / "data" / "README.md"
SCRIPT = Path(__file__).resolve().parent.parent / "data" / "build_garments.py"
spec = importlib.util.spec_from_file_location("build_garments", SCRIPT)
build_garments = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build_garments)


@pytest.fixture(scope="module")
def garments():
    return load_garments()


def assert_is_data(loaded, shape, n_train, n_val):
    for images, labels, n in (
        (loaded.x_train, loaded.y_train, n_train),
        (loaded.x_val, loaded.y_val, n_val),
    ):
        assert images.shape == (n, *shape)
        assert images.dtype == np.float32
        assert labels.shape == (n,)
        assert labels.dtype == np.int64
        assert np.bincount(labels).tolist() == [n // 2, n // 2]


def test_garments_have_the_promised_shapes_types_and_ranges(garments):
    assert_is_data(garments, (28, 28, 1), 12_000, 2_000)
    for images in (garments.x_train, garments.x_val):
        assert images.min() == 0
        assert images.max() == 1


def test_no_image_occurs_twice_within_or_across_the_splits(garments):
    images = np.concatenate([garments.x_train, garments.x_val])
    assert len({image.tobytes() for image in images}) == 14_000


def small_arrays():
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (6, 28, 28, 1), "uint8"),
        "y_train": np.array([0, 1] * 3, "uint8"),
        "x_val": rng.integers(0, 256, (4, 28, 28, 1), "uint8"),
        "y_val": np.array([0, 1] * 2, "uint8"),
    }


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def small_file(tmp_path):
    path = tmp_path / "pair.npz"
    np.savez_compressed(path, **small_arrays())
    return path


def refusal(path, digest=None, kind=ValueError):
    """The message of a refused file, which must be one line that names file and remedy."""
    with pytest.raises(kind) as error:
        load_garments(path, digest)
    message = str(error.value)
    assert str(path) in message
    assert "expected" in message
    assert "restore it with `git checkout data/garments.npz` or" in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("checked", [True, False])
def test_a_sound_file_loads(small_file, checked):
    loaded = load_garments(small_file, sha256(small_file) if checked else None)
    assert_is_data(loaded, (28, 28, 1), 6, 4)
    np.testing.assert_array_equal(loaded.x_val, small_arrays()["x_val"].astype("float32") / 255)


def test_another_pair_is_not_taken_for_the_embedded_one(small_file):
    with pytest.raises(ValueError, match="expected e1fe50bbe3dc…"):
        load_garments(small_file)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert "was not found, expected an .npz file" in refusal(tmp_path / "none.npz", kind=FileNotFoundError)
    assert "is a folder, expected an .npz file" in refusal(tmp_path, kind=FileNotFoundError)


def emptied(_):
    return b""


def truncated(content):
    return content[: len(content) // 2]


def altered(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def declared_encrypted(content):
    # One bit of the last entry in the zip's directory, which makes zipfile raise RuntimeError.
    flags = content.rindex(b"PK\x01\x02") + 8
    return content[:flags] + bytes([content[flags] | 1]) + content[flags + 1 :]


def without_zip(_):
    return b"The files were moved to another server."


@pytest.mark.parametrize("damage", [emptied, truncated, altered, declared_encrypted, without_zip])
def test_a_damaged_file_is_refused(small_file, damage):
    digest = sha256(small_file)
    small_file.write_bytes(damage(small_file.read_bytes()))
    size, found = small_file.stat().st_size, sha256(small_file)
    expected = f"has {size:,} bytes and SHA-256 {found[:12]}…, expected {digest[:12]}…"
    assert expected in refusal(small_file, digest)
    # Without the checksum the zip's own CRC has to notice.
    assert "expected an .npz file of plain arrays" in refusal(small_file)


def test_what_is_parsed_is_what_was_hashed(small_file, monkeypatch):
    content, digest = small_file.read_bytes(), sha256(small_file)

    def read_and_exchange(path):
        np.savez_compressed(small_file, **(small_arrays() | {"x_val": np.zeros((4, 28, 28, 1), "uint8")}))
        return content

    monkeypatch.setattr(data.Path, "read_bytes", read_and_exchange)
    loaded = load_garments(small_file, digest)
    np.testing.assert_array_equal(loaded.x_val, small_arrays()["x_val"].astype("float32") / 255)


def test_a_single_npy_array_is_refused(tmp_path):
    path = tmp_path / "pair.npz"
    with path.open("wb") as file:
        np.save(file, small_arrays()["x_train"])
    assert "expected an .npz file of plain arrays" in refusal(path)


@pytest.mark.parametrize(
    ("changes", "found", "expected"),
    [
        ({"x_test": np.zeros(1), "x_val": None}, "['x_test', 'x_train', ", "['x_train', 'x_val', "),
        ({"y_val": None}, "arrays ['x_train', 'x_val', 'y_train']", "'y_train', 'y_val']"),
        ({"x_train": np.zeros((6, 28, 28), "uint8")}, "images uint8 (6, 28, 28) with", "(n, 28, 28, 1)"),
        ({"x_train": np.zeros((6, 28, 28, 1))}, "images float64 (6, 28, 28, 1) with", "uint8 (n, 28"),
        ({"y_train": np.array([0, 1] * 3)}, "labels int64 (6,)", "with uint8 (n,)"),
        ({"y_train": np.array([0, 1] * 2, "uint8")}, "(6, 28, 28, 1) with labels uint8 (4,)", "(n,)"),
        ({"y_val": np.array([0, 1, 2, 1], "uint8")}, "from [0, 1, 2]", "from [0, 1]"),
        ({"y_val": np.zeros(4, "uint8")}, "labels uint8 (4,) from [0]", "from [0, 1]"),
    ],
)
def test_other_arrays_are_refused(tmp_path, changes, found, expected):
    path = tmp_path / "pair.npz"
    arrays = {k: v for k, v in (small_arrays() | changes).items() if v is not None}
    np.savez_compressed(path, **arrays)
    message = refusal(path)
    assert found in message.split("expected")[0]
    assert expected in message.split("expected", 1)[1]


class Trap:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_a_pickled_array_is_refused_and_never_unpickled(tmp_path):
    path, sprung = tmp_path / "pair.npz", tmp_path / "sprung"
    np.savez_compressed(path, **(small_arrays() | {"x_train": np.array([Trap(sprung)])}))
    assert "Object arrays cannot be loaded" in refusal(path)
    assert not sprung.exists()


def numbered(garments):
    """Garments with images that are their own row numbers."""
    return garments._replace(x_train=np.arange(len(garments.y_train)))


@pytest.mark.parametrize(("n", "disjoint"), [(128, 93), (2048, 5)])
def test_replicates_share_no_image_until_the_data_are_used_up(garments, n, disjoint):
    rows = [subset(numbered(garments), n, replicate).x_train for replicate in range(disjoint + 1)]
    assert len(np.unique(rows[:-1])) == disjoint * n
    # 12,000 images do not yield one more: the next replicate is a new draw, not a copy of the first.
    assert np.isin(rows[-1], rows[0]).mean() < 0.5


def test_subsets_are_those_of_the_stored_results(garments):
    # The rows that stored runs trained on.
    expected = {
        (128, 0): [1809, 6693, 4239, 11109, 6835, 1091],
        (512, 3): [11068, 7382, 2607, 3520, 8889, 8059],
    }
    for (n, replicate), rows in expected.items():
        assert subset(numbered(garments), n, replicate).x_train[:6].tolist() == rows


def test_a_small_subset_is_no_part_of_a_larger_one(garments):
    small, large = (subset(numbered(garments), n).x_train for n in (128, 1024))
    assert np.isin(small, large).mean() < 0.3  # by chance 0.085


BAD_NUMBERS = [64.0, 127.5, "64", "x", None, float("nan"), True, [64]]


@pytest.mark.parametrize("value", [-1, *BAD_NUMBERS])
def test_a_bad_size_or_replicate_is_refused(garments, value):
    with pytest.raises(ValueError, match=rf"^n is {re.escape(repr(value))}; expected a whole number from 2 to 12,000"):
        subset(garments, value)
    with pytest.raises(ValueError, match=rf"^replicate is {re.escape(repr(value))}; expected a whole number, 0 or mo"):
        subset(garments, 128, value)


def shuffled_data(rare, common, seed):
    """Images that are their own row numbers, classes in a random order."""
    labels = np.random.default_rng(seed).permutation([1] * rare + [0] * common)
    return Data(np.arange(rare + common), labels, np.arange(2), np.array([0, 1]))


@st.composite
def data_and_sizes(draw):
    """Data of any class ratio, and a size for which both classes get at least one image."""
    rare, common = draw(st.integers(1, 40)), draw(st.integers(1, 60))
    total = rare + common
    sizes = [n for n in range(2, total + 1) if 0 < round(n * rare / total) < n]
    return shuffled_data(rare, common, draw(st.integers(0, 9))), draw(st.sampled_from(sizes))


@settings(deadline=None, derandomize=True)
@given(data_and_sizes(), st.integers(0, 50))
def test_every_subset_has_the_class_ratio_and_its_own_labels(data_and_n, replicate):
    everything, n = data_and_n
    part = subset(everything, n, replicate)
    assert len(np.unique(part.x_train)) == len(part.x_train) == n
    np.testing.assert_array_equal(part.y_train, everything.y_train[part.x_train])
    assert abs(part.y_train.mean() - everything.y_train.mean()) <= 0.5 / n + 1e-12
    again = subset(everything, n, replicate)
    np.testing.assert_array_equal(again.x_train, part.x_train)
    assert part.x_val is everything.x_val and part.y_val is everything.y_val


@pytest.fixture(scope="module")
def cells():
    return load_solar_cells()


def test_solar_cells_have_the_promised_shapes_and_classes(cells):
    assert (cells.x_train.shape, cells.x_val.shape) == ((1642, 32, 32, 1), (581, 32, 32, 1))
    assert np.bincount(cells.y_train).tolist() == [1123, 519]
    assert np.bincount(cells.y_val).tolist() == [385, 196]
    for images in (cells.x_train, cells.x_val):
        assert images.dtype == np.float32
        assert 0 <= images.min() < 0.1 and 0.9 < images.max() <= 1
    assert len({image.tobytes() for image in (*cells.x_train, *cells.x_val)}) == 1642 + 581


def test_solar_cells_of_64_pixels_hold_more_than_those_of_32(cells):
    fine = load_solar_cells(64).x_val
    assert fine.shape == (581, 64, 64, 1)
    means = fine.reshape(581, 32, 2, 32, 2, 1).mean(axis=(2, 4))
    np.testing.assert_allclose(means, cells.x_val, atol=0.2)  # the same photographs
    within = fine - np.repeat(np.repeat(means, 2, axis=1), 2, axis=2)
    enlarged = tf.image.resize(cells.x_val, (64, 64)).numpy()
    means = enlarged.reshape(581, 32, 2, 32, 2, 1).mean(axis=(2, 4))
    smooth = enlarged - np.repeat(np.repeat(means, 2, axis=1), 2, axis=2)
    assert within.std() > 1.3 * smooth.std()


def test_labels_belong_to_the_photographs_and_blocks_stay_together(cells):
    photographs, probability, _ = load_dataset()
    means = photographs.mean(axis=(1, 2)) / 255
    first = [i for i in range(60) if probability[i] in (0, 1)]  # block 0, the first of validation
    np.testing.assert_array_equal(cells.y_val[: len(first)], probability[first])
    np.testing.assert_allclose(cells.x_val[: len(first)].mean(axis=(1, 2, 3)), means[first], atol=0.01)
    second = [i for i in range(60, 240) if probability[i] in (0, 1)]  # blocks 1 to 3
    np.testing.assert_array_equal(cells.y_train[: len(second)], probability[second])
    np.testing.assert_allclose(cells.x_train[: len(second)].mean(axis=(1, 2, 3)), means[second], atol=0.01)


def test_a_subset_keeps_the_natural_ratio_and_spreads_the_classes(cells):
    for n, defective, disjoint in ((128, 40, 12), (512, 162, 3)):
        rows = [subset(numbered(cells), n, replicate) for replicate in range(disjoint + 1)]
        assert all(part.y_train.sum() == defective for part in rows)
        assert len(np.unique([part.x_train for part in rows[:-1]])) == disjoint * n
        np.testing.assert_array_equal(rows[1].y_train, cells.y_train[rows[1].x_train])
        gaps = np.diff(np.flatnonzero(rows[0].y_train))
        assert set(gaps.tolist()) <= {3, 4}


def test_a_subset_too_small_for_the_rare_class_is_refused(cells):
    with pytest.raises(ValueError, match="^n is 2; too small to hold both classes"):
        subset(cells._replace(y_train=(np.arange(1642) < 5).astype("int64")), 2)


@pytest.mark.parametrize("image_size", [0, 301, 32.5, "32", None, float("nan"), True, (32, 32)])
def test_a_bad_image_size_is_refused(image_size):
    with pytest.raises(ValueError) as error:
        load_solar_cells(image_size)
    assert str(error.value) == f"image_size is {image_size!r}; expected a whole number from 1 to 300."


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "elpv_dataset.utils", None)
    with pytest.raises(ModuleNotFoundError, match="`pip install elpv-dataset`, or use load_garments"):
        load_solar_cells()


def test_classes_go_by_name_or_number():
    classes = build_garments.FASHION_CLASSES
    assert [build_garments.fashion_class(name) for name in classes] == list(range(10))
    assert [build_garments.fashion_class(str(number)) for number in range(10)] == list(range(10))
    for unknown in ("hat", "10", "-1"):
        with pytest.raises(ValueError, match=rf"^class is '{unknown}'; expected 0 to 9 or one of t-shirt, "):
            build_garments.fashion_class(unknown)


def fake_split(n, shape, label_shape):
    """Images of one grey each, ten times their label: one sees where they came from."""
    labels = (np.arange(n) % 10).astype("uint8")
    images = np.broadcast_to((labels * 10).reshape(n, *(1 for _ in shape)), (n, *shape))
    return images, labels.reshape(label_shape)


def assert_one_grey_a_class(loaded, greys):
    for images, labels in ((loaded.x_train, loaded.y_train), (loaded.x_val, loaded.y_val)):
        for label, grey in enumerate(greys):
            np.testing.assert_array_equal(np.unique(images[labels == label]), np.float32(grey) / 255)


def test_the_recipe_of_the_data_card_makes_the_same_four_arrays(monkeypatch):
    grey = fake_split(60_000, (28, 28), -1), fake_split(10_000, (28, 28), -1)
    colour = fake_split(50_000, (32, 32, 3), (-1, 1)), fake_split(10_000, (32, 32, 3), (-1, 1))
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: grey)
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: colour)
    recipe = CARD.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names = {}
    exec(recipe, names)
    dresses_and_shirts, cats_and_dogs = names["dresses_and_shirts"], names["cats_and_dogs"]
    assert_is_data(dresses_and_shirts, (28, 28, 1), 12_000, 2_000)
    assert_one_grey_a_class(dresses_and_shirts, (30, 60))
    assert_is_data(cats_and_dogs, (32, 32, 3), 10_000, 2_000)
    assert_one_grey_a_class(cats_and_dogs, (30, 50))


def run_build(monkeypatch, *arguments):
    """The script's exit in this process: SystemExit's argument is what Python prints."""
    monkeypatch.setattr(sys, "argv", ["build_garments.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        build_garments.main()
    return stop.value.code


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_the_build_script_refuses_other_originals(monkeypatch, tmp_path, suffix):
    original = tmp_path / f"train-labels-idx1-ubyte{suffix}"
    content = bytes([0, 0, 8, 1, 0, 0, 0, 2, 2, 4])
    original.write_bytes(build_garments.gzip.compress(content) if suffix else content)
    message = run_build(monkeypatch, "--source", tmp_path, "--output", tmp_path / "pair.npz")
    found, expected = hashlib.sha256(content).hexdigest(), build_garments.CHECKSUMS[original.stem]
    assert message == f"{original} has SHA-256 {found}, expected {expected}; fetch it again."


def with_an_impossible_block(content):
    # After gzip's ten bytes of header: deflate has no blocks of type 3, and zlib raises its own error.
    return content[:10] + b"\xff" + content[11:]


@pytest.mark.parametrize("damage", [emptied, truncated, without_zip, with_an_impossible_block])
def test_the_build_script_refuses_a_damaged_archive(monkeypatch, tmp_path, damage):
    original = tmp_path / "train-labels-idx1-ubyte.gz"
    original.write_bytes(damage(build_garments.gzip.compress(bytes(1000))))
    message = run_build(monkeypatch, "--source", tmp_path, "--output", tmp_path / "pair.npz")
    assert message.startswith(f"{original} ")
    assert message.endswith("fetch it again.")
    assert "\n" not in message


def test_the_build_script_downloads_to_where_it_reads(monkeypatch, tmp_path):
    monkeypatch.setattr(build_garments, "DEBIAN", tmp_path / "no package")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "datasets" / "fashion-mnist"
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: folder.mkdir(parents=True))
    message = run_build(monkeypatch, "--output", tmp_path / "pair.npz")
    assert message.startswith(f"{folder} has no train-labels-idx1-ubyte.gz; ")


# --source is an empty folder, so that a script that forgets to refuse still overwrites nothing.
@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("coat", "hat"), "class is 'hat'; expected 0 to 9 or one of t-shirt, trouser, "),
        (("coat", "coat"), "the two classes are the same; expected two different ones."),
        (("dress", "shirt"), "name another file with --output: data/garments.npz is kept for pullover"),
        (("coat", "pullover"), "name another file with --output: data/garments.npz is kept for pullover"),
    ],
)
def test_the_build_script_refuses_other_classes(monkeypatch, tmp_path, capsys, pair, message):
    assert run_build(monkeypatch, "--source", tmp_path, "--pair", *pair) == 2
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert last_line.startswith(f"build_garments.py: error: {message}")


FOLDERS = (build_garments.DEBIAN, build_garments.keras_cache() / "fashion-mnist")
ORIGINALS = next((folder for folder in FOLDERS if len(list(folder.glob("*-ubyte*"))) == 4), None)


@pytest.mark.skipif(ORIGINALS is None, reason="the original files of Fashion-MNIST are not on this machine")
def test_the_embedded_file_can_be_built_again_bit_for_bit(tmp_path):
    for name in ("one.npz", "two.npz"):
        assert build_garments.build(ORIGINALS, (2, 4), tmp_path / name) == GARMENTS_SHA256
        assert sha256(tmp_path / name) == GARMENTS_SHA256
    assert sha256(data.GARMENTS) == GARMENTS_SHA256
