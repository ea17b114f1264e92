"""Thresholds and small print: each is tested a little on both sides, so that no other number would do."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from augcheck import CANT_TELL, FOUND, NOT_FOUND, Report, check_pipeline
from augcheck.reading.labels import coded

BATCH = 16
RNG = np.random.default_rng(0)


def pictures(n, seed=0):
    coarse = np.random.default_rng(seed).random((n, 4, 4, 1), np.float32)
    return np.repeat(np.repeat(coarse, 4, 1), 4, 2)


def sets_differ(train, validation):
    return check_pipeline(train, validation)["sets differ"].value


# Leaks, all of them


@pytest.mark.parametrize("noise", [0, 0.002])
def test_a_leak_is_found_wherever_it_lies_in_large_sets(noise):
    train, validation = pictures(1500), pictures(1300, 1)
    validation[1200:1260] = train[1400:1460] + np.random.default_rng(2).normal(0, noise, (60, 16, 16, 1))
    found = check_pipeline(train, validation)["shared images"]
    assert found.status == FOUND and found.value.startswith("near copies" if noise else "validation images")
    pairs = sorted(zip(found.indices["validation"], found.indices["train"], strict=True))
    assert pairs == list(zip(range(1200, 1260), range(1400, 1460), strict=True))
    report = json.loads(Report({"shared images": found}, []).to_json())
    assert len(report["findings"][0]["indices"]["train"]) == 60  # all, not the few that a text names


@pytest.mark.parametrize("mirrored", [np.s_[:, ::-1], np.s_[:, :, ::-1], np.s_[:, ::-1, ::-1]])
@pytest.mark.parametrize("shape", [(16, 16), (16, 12)])
def test_leaks_are_found_mirrored_either_way(mirrored, shape):
    x = pictures(96)[:, :, : shape[1]]
    for other in (x[mirrored], 0.5 * x[mirrored] - 1):
        assert check_pipeline(x, other)["shared images"].value == "validation images are also in training"
    noisy = x[mirrored] + RNG.normal(0, 0.002, x.shape)
    assert check_pipeline(x, noisy)["shared images"].value == "near copies of validation images are in training"


# Numbers that are none


@pytest.mark.parametrize("name", ["training", "validation"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_one_number_that_is_none_is_found_in_either_set(name, value):
    train, validation = pictures(64), pictures(64, 1)
    {"training": train, "validation": validation}[name][3, 0, 0] = value
    found = check_pipeline(train, validation)["degenerate"]
    assert found[:2] == (FOUND, "images hold NaN or infinity") and name in found.how
    assert found.indices == {{"training": "train"}.get(name, name): [3]}


# Thresholds


@pytest.mark.parametrize(("share", "found"), [(0.5 + 0.13, False), (0.5 + 0.17, True)])
def test_the_share_of_a_class(share, found):
    n = 2000
    y = np.arange(n) % 2
    other = (np.arange(n) < share * n).astype(int)
    assert (
        sets_differ((pictures(n), y), (pictures(n, 1), other)) == "classes have other shares in validation"
    ) == found


@pytest.mark.parametrize(("shift", "found"), [(0.85, False), (1.15, True)])
def test_the_shift_of_the_mean(shift, found):
    x, other = pictures(200), pictures(200, 1)
    assert ("different ranges" in sets_differ(x, other + shift * x.std())) == found


@pytest.mark.parametrize(("ratio", "found"), [(1.45, False), (1.75, True)])
def test_the_ratio_of_the_spreads(ratio, found):
    x, other = pictures(200), pictures(200, 1)
    assert ("different ranges" in sets_differ(x, other.mean() + ratio * (other - other.mean()))) == found


@pytest.mark.parametrize(("width", "found"), [(0.022, False), (0.018, True)])
def test_the_range_of_images_that_were_scaled_twice(width, found):
    x = pictures(64)
    x = width * (x - x.min()) / (x.max() - x.min())
    assert (check_pipeline(x)["degenerate"].status == FOUND) == found


@pytest.mark.parametrize(("ratio", "found"), [(90, False), (115, True), (255, True), (570, True), (700, False)])
def test_the_ratio_of_two_ranges_within_a_set(ratio, found):
    x = np.concatenate([pictures(64), pictures(32, 1) / ratio])
    assert (check_pipeline(x)["degenerate"].status == FOUND) == found


@pytest.mark.parametrize(("rolled", "found"), [(0.073, True), (0.091, False)])
def test_how_far_images_move_from_epoch_to_epoch(rolled, found):
    """Rolled by a share r of an epoch, they move by 2 r (1 - r) of it: here by 0.9 and 1.1 of the threshold."""
    x, y, epochs = pictures(640), np.arange(640) % 2, []

    def epoch():
        order = np.roll(np.arange(640), round(640 * rolled) * len(epochs[:1]))
        epochs.append(1)
        for start in range(0, 640, BATCH):
            yield x[order[start : start + BATCH]], y[order[start : start + BATCH]]

    assert ("hardly moves" in check_pipeline(epoch, live=False)["order"].value) == found


class Ordered:
    """Batches in a new order; a part of each batch is of one class, or looks alike."""

    def __init__(self, x, y):
        self.x, self.y, self.rng = x, y, np.random.default_rng(0)

    def __iter__(self):
        for i in self.rng.permutation(len(self.x) // BATCH):
            rows = self.rng.permutation(np.arange(i * BATCH, (i + 1) * BATCH))
            yield self.x[rows], self.y[rows]


@pytest.mark.parametrize(("alike", "batches", "found"), [(0.15, 150, False), (0.35, 150, True), (0.235, 1000, False)])
def test_clusters_of_a_class(alike, batches, found):
    """Of 16 images of a batch this share follows the batch's own class: the variance grows with its square."""
    n = batches * BATCH
    rng = np.random.default_rng(0)
    own = np.repeat(rng.integers(0, 2, batches), BATCH)
    y = np.where(rng.random(n) < alike, own, rng.integers(0, 2, n))
    report = check_pipeline(Ordered(pictures(n), y), live=False, max_images=2 * n)
    assert (report["order"].value == "poorly shuffled, one class fills most of a batch") == found


@pytest.mark.parametrize(("share", "steady"), [(0.25, False), (0.85, True)])
def test_batches_that_look_like_those_of_other_epochs(share, steady):
    """Each batch has a brightness: a part of it belongs to its place, the rest is drawn anew."""
    rng = np.random.default_rng(0)
    places = rng.normal(0, 1, 20)
    x, y = pictures(20 * BATCH), np.arange(20 * BATCH) % 2

    def epoch():
        order = rng.permutation(len(x)).reshape(20, BATCH)
        for place, rows in enumerate(order):
            light = np.sqrt(share) * places[place] + np.sqrt(1 - share) * rng.normal()
            yield (x[rows] + light).astype(np.float32), y[rows]

    report = check_pipeline(epoch)
    assert report.found == (["order"] if steady else ["one draw"])


@pytest.mark.parametrize(("stored", "status"), [(245, CANT_TELL), (317, NOT_FOUND)])
def test_enough_images_come_twice_before_labels_are_compared(stored, status):
    """Of an epoch of 400 so many are stored, and the others are new in each of nine epochs: 15 and 30 % come twice."""
    x, rng = pictures(400), np.random.default_rng(0)

    def epoch():
        rows = rng.permutation(400)
        light = np.where(rows < stored, 1, rng.uniform(0.5, 1, 400))[:, None, None, None]
        for start in range(0, 400, BATCH):
            yield (x[rows] * light)[start : start + BATCH].astype(np.float32), rows[start : start + BATCH] % 2

    assert check_pipeline(epoch)["labels"].status == status


# Labels


@pytest.mark.parametrize(
    ("y", "classes", "soft"),
    [
        ([0.1, 0.6, 0.55, 0.4, 0.9], [0, 1, 1, 0, 1], True),
        ([0.05, 0.95, 0.95, 0.05], [0, 1, 1, 0], False),
        ([[0.4, 0.6], [0.8, 0.2]], [1, 0], True),
        ([[0.05, 0.95], [0.95, 0.05]], [1, 0], False),
        ([[0, 1], [1, 0]], [1, 0], False),
    ],
)
def test_classes_of_labels_that_lie_between_them(y, classes, soft):
    coding = coded(np.array(y))
    assert coding.classes.tolist() == classes and coding.soft == soft and not coding.several


# What a generator calls what a layer does


@pytest.mark.parametrize(
    ("ranges", "name", "options"),
    [
        ({"horizontal_flip": True}, "RandomFlip", ()),
        ({"vertical_flip": True}, "RandomFlip", ()),
        ({"rotation_range": 5}, "RandomRotation", (0.1,)),
        ({"width_shift_range": 0.1}, "RandomTranslation", (0.1, 0.1)),
        ({"height_shift_range": 0.1}, "RandomTranslation", (0.1, 0.1)),
        ({"zoom_range": 0.2}, "RandomZoom", (0.1,)),
        ({"shear_range": 5}, "RandomShear", (0.1,)),
        ({"brightness_range": (0.5, 1.5)}, "RandomBrightness", (0.1,)),
    ],
)
def test_every_range_of_image_data_generator_is_recognised(ranges, name, options):
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    x, y = np.repeat(255 * pictures(48), 3, 3), np.arange(48) % 2
    train = ImageDataGenerator(**ranges).flow(x, y, batch_size=16)
    model = keras.Sequential(
        [keras.Input(x.shape[1:]), getattr(layers, name)(*options), layers.Flatten(), layers.Dense(1)]
    )
    found = check_pipeline(train, model=model, max_images=96)["augmented twice"]
    assert found.status == FOUND and name in found.how
    off = ImageDataGenerator()
    other = check_pipeline(off.flow(x, y, batch_size=16), model=model, max_images=96)["augmented twice"]
    assert other.status != FOUND
