"""Loaders on tiny files, and the images that a replicate trains on."""

import functools
import io
import itertools
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from experiments import datasets, repeat
from experiments.datasets import Images, load, training_set
from helpers.data import RESULTS
from refusals import refusal

SIZES = {"cifar10": (2000, 1000, 10), "fashion": (6000, 1000, 10), "coat-shirt": (6000, 1000, 2)}


def make_zip(path, names, side):
    """Photographs of one colour each: forty times the place in ``names`` is their red."""
    with zipfile.ZipFile(path, "w") as file:
        for red, name in enumerate(names):
            content = io.BytesIO()
            Image.new("RGB", (side, side), (40 * red, 0, 0)).save(content, "JPEG", quality=100)
            file.writestr(name, content.getvalue())
        file.writestr("README.txt", "no photograph")


# By the data set: its file, and photographs in the order in which they come out, each with what is known of it: its
# place in the zip, label, group, and whether it was read before.
ZIPS = {
    "cifar10": (
        "cifar10.zip",
        {
            "test/cat/0000.jpg": (1, 0, 0, True),
            "train/cat/0000.jpg": (2, 0, 1, False),
            "train/dog/0000.jpg": (3, 1, 2, False),
            "train/dog/0001.jpg": (0, 1, 3, False),
        },
    ),
    "sign-digits": (
        "sign-digits-100.zip",
        {
            "0/IMG_9.jpg": (1, 0, 0, False),
            "1/IMG_10.jpg": (2, 1, 0, False),
            "9/IMG_11.jpg": (3, 9, 0, False),
            "0/IMG_12.jpg": (0, 0, 0, False),
            "4/IMG_13.jpg": (4, 4, 0, False),
        },
    ),
}


@pytest.mark.parametrize("name", ZIPS)
def test_photographs_come_in_the_order_of_their_names_with_class_and_group(name, tmp_path):
    file, known = ZIPS[name]
    places = {photograph: place for photograph, (place, *_) in known.items()}
    assert file in refusal(load.__wrapped__, name, tmp_path, kind=FileNotFoundError)
    make_zip(tmp_path / file, sorted(places, key=places.get), 20)
    found = load.__wrapped__(name, tmp_path)
    assert found.pixels.shape == (len(known), 20, 20, 3) and found.pixels.dtype == np.uint8
    red = found.pixels[:, 5, 5, 0] / 40
    np.testing.assert_allclose(red, list(places.values()), atol=0.1)  # JPEG
    rest = zip(found.labels, found.group, found.read_before, strict=True)
    assert list(rest) == [tuple(others) for _, *others in known.values()]
    assert [path.name for path in tmp_path.iterdir()] == [file]


def test_garments_are_all_classes_or_a_pair_and_test_files_are_told(monkeypatch, tmp_path):
    files = {
        "train-labels-idx1-ubyte": [6, 4, 0, 4],
        "t10k-labels-idx1-ubyte": [4, 9, 6],
        "train-images-idx3-ubyte": np.arange(4 * 784).reshape(4, 28, 28),
        "t10k-images-idx3-ubyte": np.zeros((3, 28, 28)),
    }
    monkeypatch.setattr(datasets, "source_folder", lambda given: tmp_path)
    monkeypatch.setattr(datasets, "read_idx", lambda _, name: np.array(files[name]).astype("uint8"))
    pair, whole = load.__wrapped__("coat-shirt"), load.__wrapped__("fashion")
    assert pair.labels.tolist() == [1, 0, 0, 0, 1]
    assert pair.read_before.tolist() == [False] * 3 + [True] * 2
    np.testing.assert_array_equal(pair.pixels[:3], whole.pixels[[0, 1, 3]])
    assert whole.labels.tolist() == [6, 4, 0, 4, 4, 9, 6] and whole.pixels.shape == (7, 28, 28, 1)


ALL = list(range(10))


@pytest.mark.parametrize(
    ("digits", "sizes"),
    [
        (ALL + ALL, [10, 10]),
        (ALL + [*range(9), 8, 9, 0, 1], [10, 13]),  # 8 again: too large a group leaks nothing
        (ALL + [5, 0, 1, 2] + ALL, [10, 4, 10]),
    ],
)
def test_a_student_shows_the_digits_once(digits, sizes):
    groups = np.repeat(range(len(sizes)), sizes)
    np.testing.assert_array_equal(datasets.students(digits), groups)


@functools.cache
def synthetic(name):
    """As many images as the real set has, which show nothing."""
    if name in SIZES:
        new, old, classes = SIZES[name]
        kinds = np.arange(classes)
        labels = np.concatenate([np.repeat(kinds, new), np.repeat(kinds, old)])
        read_before = np.arange(len(labels)) >= new * classes
        group = np.arange(len(labels))
    else:
        sizes = np.random.default_rng(0).choice([10, 10, 10, 10, 9, 13], 205)
        group = np.repeat(np.arange(205), sizes)
        labels, read_before = np.arange(len(group)) % 10, np.zeros(len(group), bool)
    return Images(np.zeros((len(labels), 1, 1, 1), np.uint8), labels, group, read_before)


def test_training_sets_are_disjoint_in_every_stored_replicate():
    tables = [RESULTS / f"{name}.csv" for name in repeat.TABLES if name != "article"]
    columns = ["dataset", "n", "replicate"]
    rows = pd.concat([pd.read_csv(path, usecols=columns) for path in tables])
    cells = rows[columns].drop_duplicates()
    assert set(cells["dataset"]) == set(datasets.RESERVED)
    trained = {}
    for cell in cells.itertuples(index=False):
        data = synthetic(cell.dataset)
        rows = training_set(data, cell.n, cell.replicate, datasets.RESERVED[cell.dataset])
        assert len(set(rows)) == len(rows) == cell.n and not data.read_before[rows].any()
        most = 4 if cell.dataset == "sign-digits" else 1
        assert np.ptp(np.bincount(data.labels[rows])) <= most
        trained[cell] = set(data.group[rows])
    for one, other in itertools.combinations(trained, 2):
        one_is_a_pilot = (one.replicate >= datasets.PILOTS) != (other.replicate >= datasets.PILOTS)
        if one.dataset == other.dataset and (one.n == other.n or one_is_a_pilot):
            shared = trained[one] & trained[other]
            assert not shared, "two replicates share a group, or one with a pilot"
    reserved = datasets.RESERVED["coat-shirt"]
    said = refusal(training_set, synthetic("coat-shirt"), 512, 99, reserved)
    assert "replicate is 99; there are 2" in said
