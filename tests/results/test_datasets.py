"""Loaders on tiny files, and the parts that a replicate's images are divided into."""

import functools
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from experiments import datasets, settings
from experiments.datasets import Images, divide, load
from refusals import refusal

SIZES = {"cifar10": (2000, 1000, 10), "fashion": (6000, 1000, 10), settings.PAIR: (6000, 1000, 2)}


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
    files |= {"train-images": np.arange(4 * 784).reshape(4, 28, 28), "t10k-images": np.zeros((3, 28, 28))}
    monkeypatch.setattr(datasets, "source_folder", lambda given: tmp_path)
    monkeypatch.setattr(
        datasets, "read_idx", lambda folder, name: np.array(files[name.rsplit("-", 2)[0]]).astype(np.uint8)
    )
    pair, whole = load.__wrapped__("coat-shirt"), load.__wrapped__("fashion")
    assert pair.labels.tolist() == [1, 0, 0, 0, 1] and pair.read_before.tolist() == [False] * 3 + [True] * 2
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
        labels = np.concatenate([np.repeat(np.arange(classes), new), np.repeat(np.arange(classes), old)])
        read_before = np.arange(len(labels)) >= new * classes
        group = np.arange(len(labels))
    elif name == "sign-digits":
        group = np.repeat(np.arange(205), np.random.default_rng(0).choice([10, 10, 10, 10, 9, 13], 205))
        labels, read_before = np.arange(len(group)) % 10, np.zeros(len(group), bool)
    else:
        labels, group = np.repeat([0, 1], (193, 204)), np.arange(397)
        read_before = np.zeros(397, bool)
    return Images(np.zeros((len(labels), 1, 1, 1), np.uint8), labels, group, read_before)


@pytest.fixture
def nothing_near(monkeypatch):
    monkeypatch.setattr(datasets, "near", lambda images, others: np.zeros(len(images), bool))


def registered():
    return [setting for make in settings.QUESTIONS.values() for setting in make()]


def test_parts_are_disjoint_in_every_replicate_of_every_question(nothing_near):
    cells = {tuple(setting[key] for key in ("dataset", "n", "replicate")) for setting in registered()}
    trained = {}
    for name, n, replicate in sorted(cells):
        data = synthetic(name)
        part = divide(data, n, replicate, datasets.RESERVED.get(name, datasets.RESERVED_OF_A_PAIR))
        pilot = replicate >= datasets.PILOTS
        assert len(part.train) == n and not data.read_before[part.train].any() and not data.read_before[part.test].any()
        assert data.read_before[part.lengths].all() and len(part.test) > 200
        groups = [set(data.group[rows]) for rows in part]
        assert sum(map(len, groups)) == len(set().union(*groups)), "a group is on two sides"
        if data.read_before.any() or not pilot:
            counts = np.bincount(data.labels[part.train])
            assert np.ptp(counts) <= (4 if name == "sign-digits" else 1)
        trained[name, n, replicate] = groups[0]
        others = [images for key, images in trained.items() if key[0] == name and (key[2] >= datasets.PILOTS) != pilot]
        assert not groups[0] & set().union(*others), "a pilot trains on what is tested"
    for name, n in {cell[:2] for cell in cells}:
        sets = [images for key, images in trained.items() if key[:2] == (name, n) and key[2] < datasets.PILOTS]
        assert sum(map(len, sets)) == len(set().union(*sets)), "two replicates share a group"


def test_no_pilot_image_is_tested_and_no_set_is_made_up(nothing_near):
    data, reserved = synthetic("cifar10"), datasets.RESERVED["cifar10"]
    pilots = np.concatenate([divide(data, 2048, datasets.PILOTS + k, reserved).train for k in range(3)])
    assert len(set(pilots)) == 2048  # the ninth set, with three seeds
    assert not set(pilots) & set(divide(data, 512, 3, reserved).test)
    assert len(divide(data, 512, 3, reserved).test) == 20_000 - 512 - reserved
    assert "there are 8 disjoint sets" in refusal(divide, data, 2048, 8, reserved)


@pytest.mark.parametrize("channels", [1, 3])
def test_an_image_that_nearly_equals_one_of_the_training_set_is_in_no_part(channels):
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, channels), np.uint8)
    images[1::2] = np.clip(images[::2].astype(int) + 4, 0, 255)
    images[39, 0, 0] = images[38, 0, 0]
    found = datasets.near(images[1::2], images[:20])
    assert found.tolist() == [True] * 10 + [False] * 10
    part = divide(Images(images, np.arange(40) // 2 % 2, np.arange(40), np.zeros(40, bool)), 8, 0, 8)
    assert not set(part.train // 2) & set(np.concatenate(part[1:]) // 2)


def test_settings_are_runs_once_each_with_rates_that_pilots_chose():
    assert settings.lot(sorted(settings.ELIGIBLE), settings.SEED) == settings.PAIR
    found = registered()
    assert len({tuple(setting.items()) for setting in found}) == len(found)
    assert {tuple(setting) for setting in found} == {settings.KEYS}
    sizes = {name: len(make()) for name, make in settings.QUESTIONS.items()}
    assert sizes == {
        "advice-pilots": 28, "advice": 20 * 6 + 12 * 5 + 8 * 5 + 2 * 12 * 2, "fine-tuning-pilots": 36,
        "fine-tuning": (10 + 12) * 3, "one-copy-pilots": 18, "one-copy": 4 * 8 * 3,
    }  # fmt: skip
