"""The loaders, what they refuse, the subsets, and the script that builds the embedded file."""

import functools
import gzip
import hashlib
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import data
from helpers.data import (
    GARMENTS_SHA256,
    Data,
    load_garments,
    load_solar_cells,
    load_solar_cells_fold,
    subset,
)
from refusals import refusal

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("build_garments", ROOT / "data" / "build_garments.py")
build_garments = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build_garments)
garments = functools.cache(load_garments)


@functools.cache
def photographs():
    """Those of the solar cells, which `make check-solutions` installs; read once, also for the loader."""
    utils = pytest.importorskip("elpv_dataset.utils")
    utils.load_dataset = functools.cache(utils.load_dataset)
    return utils.load_dataset()


def cells():
    photographs()
    return load_solar_cells()


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


def test_labels_belong_to_the_photographs_and_blocks_stay_together():
    images, probability, _ = photographs()
    means = images.mean(axis=(1, 2)) / 255
    # Block 0 is the first of validation, blocks 1 to 3 are the first of training.
    for first, last, images, labels in ((0, 60, *cells()[2:]), (60, 240, *cells()[:2])):
        sure = [i for i in range(first, last) if probability[i] in (0, 1)]
        np.testing.assert_array_equal(labels[: len(sure)], probability[sure])
        np.testing.assert_allclose(images[: len(sure)].mean(axis=(1, 2, 3)), means[sure], atol=0.01)


def test_each_quarter_of_the_cells_is_validation_once_and_the_others_train():
    photographs()
    splits = [load_solar_cells_fold(quarter) for quarter in range(4)]
    for i, split in enumerate(splits):
        others = zip(*(other[2:] for other in splits[:i] + splits[i + 1 :]), strict=True)
        for own, their in zip(split[:2], others, strict=True):
            np.testing.assert_array_equal(own, np.concatenate(their))
    assert "fold is 4; expected 0, 1, 2 or 3" in refusal(load_solar_cells_fold, 4)
    assert [split.x_val.shape for split in splits] == [(n, 32, 32, 1) for n in (589, 563, 510, 561)]


# A file that is not as it should be


def test_another_file_is_refused_where_a_digest_is_given_and_nothing_is_unpickled(tmp_path):
    path = tmp_path / "pair.npz"
    numbers = np.arange(4, dtype=np.uint8)
    images, labels = numbers[:, None, None, None], numbers % 2
    arrays = {"x_train": images, "y_train": labels, "x_val": images + 51, "y_val": labels}
    np.savez_compressed(path, **arrays)
    whole = path.read_bytes()
    digest = hashlib.sha256(whole).hexdigest()
    said = refusal(load_garments, path)
    for word in (str(path), digest[:12], GARMENTS_SHA256[:12], "git checkout"):
        assert word in said
    for given in (None, digest.upper()):
        assert load_garments(path, given).x_val[0] == np.float32(0.2)
    broken = [whole[: len(whole) // 2], whole[:60] + b"\0\0\0\0" + whole[64:], b"", b"PK"]
    rest = {name: array for name, array in arrays.items() if name != "x_val"}
    for other in ({"x_val": images.astype(object)}, {"x_value": images}):  # pickled; not there
        np.savez_compressed(path, **rest | other)
        broken.append(path.read_bytes())
    for content in broken:
        path.write_bytes(content)
        assert f"{path} holds no pair of garments" in refusal(load_garments, path, None)


# Subsets


def numbered(loaded):
    """Data with images that are their own row numbers."""
    return loaded._replace(x_train=np.arange(len(loaded.y_train)))


@pytest.mark.parametrize(
    ("load", "n", "positive", "disjoint"), [(garments, 2048, 1024, 5), (cells, 512, 162, 3)]
)
def test_replicates_keep_the_ratio_and_share_no_image_until_the_data_are_used_up(
    load, n, positive, disjoint
):
    parts = [subset(numbered(load()), n, replicate) for replicate in range(disjoint + 1)]
    assert len(np.unique([part.x_train for part in parts[:-1]])) == disjoint * n
    # The data do not yield one more: the next replicate is a new draw, not a copy of the first.
    assert np.isin(parts[-1].x_train, parts[0].x_train).mean() < 0.5
    assert all(part.y_train.sum() == positive for part in parts)
    gaps = np.diff(np.flatnonzero(parts[0].y_train))  # the classes are spread
    assert set(gaps.tolist()) <= {n // positive, -(-n // positive)}


def test_subsets_are_those_of_the_stored_results_and_a_small_one_is_no_part_of_a_larger_one():
    small = subset(numbered(garments()), 128).x_train
    third = subset(numbered(garments()), 512, 3).x_train
    other = subset(numbered(cells()), 64, 2).x_train
    large = subset(numbered(garments()), 1024).x_train
    assert small[:6].tolist() == [1809, 6693, 4239, 11109, 6835, 1091]
    assert third[:6].tolist() == [11068, 7382, 2607, 3520, 8889, 8059]
    assert other[:6].tolist() == [1176, 588, 1222, 974, 529, 1442]
    assert np.isin(small, large).mean() < 0.3  # by chance 0.085


@pytest.mark.parametrize("counts", [(1, 40), (7, 7, 7, 20)], ids=str)
def test_every_subset_has_the_class_ratio_and_its_own_labels(counts):
    total, shares = sum(counts), np.array(counts) / sum(counts)
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    everything = Data(np.arange(total), labels, np.arange(2), np.array([0, 1]))
    assert "too small to hold" in refusal(subset, everything, 2)
    for with_gap, found in ((labels + (labels > 0), "[0, 2"), (labels + 1, "[1, 2")):
        said = refusal(subset, everything._replace(y_train=with_gap), total)
        assert said.startswith(f"labels are {found}")
    assert refusal(subset, everything, total + 1).startswith(f"n is {total + 1}; expected 2 to")
    for n in range(-(-total // min(counts)), total + 1):
        part = subset(everything, n, n % 7)
        assert len(np.unique(part.x_train)) == len(part.x_train) == n
        np.testing.assert_array_equal(part.y_train, labels[part.x_train])
        most = 0.5 if len(counts) == 2 else 1
        assert (abs(np.bincount(part.y_train) - n * shares) <= most).all()
        assert part.x_val is everything.x_val and part.y_val is everything.y_val


# The script


def test_the_build_script_refuses_other_originals_and_keeps_the_embedded_file(
    monkeypatch, tmp_path, capsys
):
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(bytes(9)))
    refused = {
        f"--output {tmp_path}/pair.npz": "has",
        "--pair coat hat": "0 to 9 or one of t-shirt",
        "--pair coat coat": "two different",
        "--pair 9 6": "is kept",
    }
    for option, words in refused.items():
        # The source is a folder of ours, so that it overwrites nothing.
        arguments = ["build_garments.py", "--source", str(tmp_path), *option.split()]
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as stop:
            build_garments.main()
        said = stop.value.code
        if said == 2:  # argparse prints, and exits with this
            said = capsys.readouterr().err
        assert words in said


FOLDERS = (build_garments.DEBIAN, build_garments.keras_cache() / "fashion-mnist")
FOUND = next((folder for folder in FOLDERS if len(list(folder.glob("*-ubyte*"))) == 4), None)


@pytest.mark.skipif(
    FOUND is None, reason="the original files of Fashion-MNIST are not on this machine"
)
def test_the_embedded_file_can_be_built_again_bit_for_bit(tmp_path):
    other = tmp_path / "pair.npz.part"
    other.write_text("of another process")
    assert build_garments.build(FOUND, (2, 4), tmp_path / "pair.npz") == GARMENTS_SHA256
    assert other.read_text() == "of another process"
    for path in (tmp_path / "pair.npz", data.GARMENTS):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == GARMENTS_SHA256
