"""Loaders on tiny files, and the images that a replicate trains on."""

import functools
import io
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


ZIPS = {  # what is in the zip, in the order in which it comes out as places in the list; labels; group; read before
    "cifar10": (
        "cifar10.zip", ["train/dog/0001.jpg", "test/cat/0000.jpg", "train/cat/0000.jpg", "train/dog/0000.jpg"],
        [1, 2, 3, 0], [0, 0, 1, 1], [0, 1, 2, 3], [True, False, False, False],
    ),
    "sign-digits": (
        "sign-digits-100.zip", ["0/IMG_12.jpg", "0/IMG_9.jpg", "1/IMG_10.jpg", "9/IMG_11.jpg", "4/IMG_13.jpg"],
        [1, 2, 3, 0, 4], [0, 1, 9, 0, 4], [0, 0, 0, 0, 0], [False] * 5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ZIPS)
def test_photographs_come_in_the_order_of_their_names_with_class_and_group(name, tmp_path):
    file, names, order, labels, group, read_before = ZIPS[name]
    assert file in refusal(load.__wrapped__, name, tmp_path, kind=FileNotFoundError)
    make_zip(tmp_path / file, names, 20)
    found = load.__wrapped__(name, tmp_path)
    assert found.pixels.shape == (len(names), 20, 20, 3) and found.pixels.dtype == np.uint8
    np.testing.assert_allclose(found.pixels[:, 5, 5, 0] / 40, order, atol=0.1)  # JPEG
    assert [each.tolist() for each in found[1:]] == [labels, group, read_before]
    assert [path.name for path in tmp_path.iterdir()] == [file]


def test_garments_are_all_classes_or_a_pair_and_test_files_are_told(monkeypatch, tmp_path):
    files = {"train-labels": [6, 4, 0, 4], "t10k-labels": [4, 9, 6]}
    files |= {
        "train-images": np.arange(4 * 784).reshape(4, 28, 28),
        "t10k-images": np.zeros((3, 28, 28)),
    }
    monkeypatch.setattr(datasets, "source_folder", lambda given: tmp_path)
    monkeypatch.setattr(
        datasets,
        "read_idx",
        lambda folder, name: np.array(files[name.rsplit("-", 2)[0]]).astype(np.uint8),
    )
    pair, whole = load.__wrapped__("coat-shirt"), load.__wrapped__("fashion")
    assert (
        pair.labels.tolist() == [1, 0, 0, 0, 1]
        and pair.read_before.tolist() == [False] * 3 + [True] * 2
    )
    np.testing.assert_array_equal(pair.pixels[:3], whole.pixels[[0, 1, 3]])
    assert whole.labels.tolist() == [6, 4, 0, 4, 4, 9, 6] and whole.pixels.shape == (7, 28, 28, 1)


@pytest.mark.parametrize(
    ("digits", "groups"),
    [([*range(10), *range(10)], [0] * 10 + [1] * 10),
     ([*range(10), *range(9), 8, 9, 0, 1], [0] * 10 + [1] * 13),  # 8 again: too large a group leaks nothing
     ([*range(10), 5, 0, 1, 2, *range(10)], [0] * 10 + [1] * 4 + [2] * 10)],
)  # fmt: skip
def test_a_student_shows_the_digits_once(digits, groups):
    assert datasets.students(digits).tolist() == groups


@functools.cache
def synthetic(name):
    """As many images as the real set has, which show nothing."""
    if name in SIZES:
        new, old, classes = SIZES[name]
        labels = np.concatenate(
            [np.repeat(np.arange(classes), new), np.repeat(np.arange(classes), old)]
        )
        read_before = np.arange(len(labels)) >= new * classes
        group = np.arange(len(labels))
    else:
        group = np.repeat(
            np.arange(205), np.random.default_rng(0).choice([10, 10, 10, 10, 9, 13], 205)
        )
        labels, read_before = np.arange(len(group)) % 10, np.zeros(len(group), bool)
    return Images(np.zeros((len(labels), 1, 1, 1), np.uint8), labels, group, read_before)


def test_training_sets_are_disjoint_in_every_stored_replicate():
    tables = [RESULTS / f"{name}.csv" for name in repeat.TABLES if name != "article"]
    columns = ["dataset", "n", "replicate"]
    cells = pd.concat([pd.read_csv(path, usecols=columns) for path in tables])[
        columns
    ].drop_duplicates()
    assert set(cells["dataset"]) == set(datasets.RESERVED)
    trained = {}
    for name, n, replicate in cells.itertuples(index=False):
        data = synthetic(name)
        rows = training_set(data, n, replicate, datasets.RESERVED[name])
        assert len(set(rows)) == len(rows) == n and not data.read_before[rows].any()
        assert np.ptp(np.bincount(data.labels[rows])) <= (4 if name == "sign-digits" else 1)
        trained[name, n, replicate] = set(data.group[rows])
    for (name, n, replicate), groups in trained.items():
        pilot = replicate >= datasets.PILOTS
        for (other, size, number), images in trained.items():
            same = (other, size, number) == (name, n, replicate)
            if other == name and not same and (size == n or pilot != (number >= datasets.PILOTS)):
                assert not groups & images, "two replicates share a group, or one with a pilot"
    said = refusal(training_set, synthetic("coat-shirt"), 512, 99, datasets.RESERVED["coat-shirt"])
    assert "replicate is 99; there are 2" in said
