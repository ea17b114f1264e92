"""Findings about places, heads and doubled work: each mistake is found, and correct pipelines stay quiet."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from augcheck import CANT_TELL, FOUND, NOT_FOUND, check_pipeline

BATCH, N = 16, 192
SHAPE = (16, 16, 3)


def images(n, seed=0):
    """Bright in the middle, with large structures, and never as dark or bright as the range allows."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((n, 4, 4, 3), np.float32)
    window = np.hanning(16).astype("float32")[:, None]
    x = np.repeat(np.repeat(coarse, 4, 1), 4, 2) * (window * window.T)[..., None]
    return 0.2 + 0.5 * x * rng.uniform(0.6, 1, (n, 1, 1, 1)).astype("float32")


X, Y = images(N), np.random.default_rng(1).integers(0, 2, N)
VALIDATION = images(96, seed=2), np.random.default_rng(3).integers(0, 2, 96)


def shift(image, rng):
    return np.roll(image, rng.integers(-3, 4, 2), (0, 1))


def lighten(image, rng):
    return image * rng.uniform(0.7, 1.3)


def flip(image, rng):
    return image[:, ::-1] if rng.random() < 0.5 else image


class Shuffled:
    """Batches in a new order in each epoch; ``draws(epoch, place)`` gives the generator for an image there."""

    def __init__(self, draws, change, x=X, y=Y):
        self.draws, self.change, self.x, self.y = draws, change, x, y
        self.order, self.epoch = np.random.default_rng(5), -1

    def __len__(self):
        return len(self.x) // BATCH

    def __iter__(self):
        self.epoch += 1
        rows = self.order.permutation(len(self.x))
        for start in range(0, len(rows), BATCH):
            places = range(start, start + BATCH)
            made = [self.change(self.x[rows[i]], self.draws(self.epoch, i)) for i in places]
            yield np.stack(made).astype("float32"), self.y[rows[start : start + BATCH]]


def counter(epoch, place):
    return np.random.default_rng(place)


def once(epoch, place, rng=np.random.default_rng(0)):  # noqa: B008
    return rng


class Workers:
    """Two workers that were started with one seed; ``persistent`` ones go on in the next epoch."""

    def __init__(self, persistent, same=True):
        self.persistent, self.same, self.epoch, self.workers = persistent, same, -1, []

    def __call__(self, epoch, place):
        if epoch != self.epoch and not (self.persistent and self.workers):
            self.workers = [np.random.default_rng([0 if self.same else i, 0]) for i in range(2)]
        self.epoch = epoch
        return self.workers[place // BATCH % 2]


# Draws that belong to a place


@pytest.mark.parametrize("change", [shift, lighten])
def test_a_counter_that_starts_again_is_found(change):
    report = check_pipeline(Shuffled(counter, change))
    assert report.found == ["positions"]
    assert report["positions"].value == "every epoch repeats the same random changes in the same order"


@pytest.mark.parametrize(
    ("persistent", "same", "value"),
    [
        (False, True, "every epoch repeats the same random changes in the same order"),
        (True, True, "several batches get the same random changes"),
        (False, False, "every epoch repeats the same random changes in the same order"),
        (True, False, ""),
    ],
)
def test_workers_with_repeated_seeds_are_found(persistent, same, value):
    found = check_pipeline(Shuffled(Workers(persistent, same), shift))["positions"]
    assert found[:2] == (FOUND if value else NOT_FOUND, value)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("change", [shift, lighten, flip])
def test_draws_that_go_on_are_no_places(change, seed):
    rng = np.random.default_rng(seed)
    train = Shuffled(lambda epoch, place: rng, change)
    train.order = np.random.default_rng(seed + 50)
    assert not check_pipeline(train).found


def test_places_are_left_to_the_order_where_that_is_fixed():
    class Fixed(Shuffled):
        def __iter__(self):
            self.order = np.random.default_rng(5)
            return super().__iter__()

    report = check_pipeline(Fixed(once, lighten))
    assert report.found == ["order"]
    assert report["order"].value == "every epoch has the same order"
    assert report["positions"].status == CANT_TELL


def test_without_labels_a_tie_of_places_is_not_explained():
    class Unlabelled(Shuffled):
        def __iter__(self):
            for x, _ in super().__iter__():
                yield x

    assert check_pipeline(Unlabelled(counter, shift))["positions"].status == CANT_TELL
    assert check_pipeline(Unlabelled(once, shift))["positions"].status == NOT_FOUND


class Nearly:
    """Orders in which an image stays near its place, as a small buffer leaves it."""

    def __init__(self):
        self.rng = np.random.default_rng(9)

    def permutation(self, n):
        return np.argsort(np.arange(n) + self.rng.uniform(0, 16, n))


def test_a_small_shuffle_is_no_tie_of_places():
    train = Shuffled(once, shift)
    train.order = Nearly()
    assert check_pipeline(train)["positions"].status != FOUND


# Preprocessed twice, in both sets


MEANS, DEVIATIONS = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
PREPROCESS = {
    "tf": lambda x: x / 127.5 - 1,
    "caffe": lambda x: x[..., ::-1] - np.array([103.939, 116.779, 123.68]),
    "torch": lambda x: (x / 255 - MEANS) / DEVIATIONS,
    "rescale": lambda x: x / 255,
}


@pytest.mark.parametrize("first", ["tf", "torch", "rescale"])
@pytest.mark.parametrize("second", list(PREPROCESS))
def test_preprocessing_twice_in_both_sets_is_found(first, second):
    def twice(x):
        return PREPROCESS[second](PREPROCESS[first](255 * x))

    report = check_pipeline((twice(X), Y), (twice(VALIDATION[0]), VALIDATION[1]))
    assert report.found == ["degenerate"]
    assert report["degenerate"].value == "pixel values were scaled twice, so images have hardly any contrast"


@pytest.mark.parametrize("once", [*PREPROCESS, "none", "bytes", "kelvin", "depth"])
def test_preprocessing_once_is_not(once):
    ways = PREPROCESS | {
        "none": lambda x: x / 255,
        "bytes": lambda x: x.astype("uint8"),
        "kelvin": lambda x: 290 + x / 20,
        "depth": lambda x: 40 * x - 1000,
    }
    sets = [(ways[once](255 * x), y) for x, y in ((X, Y), VALIDATION)]
    assert not check_pipeline(*sets).found


# Augmented in the pipeline and in the model


FEW = X[:48], Y[:48]


def twice(pipeline, *front, **options):
    model = keras.Sequential([keras.Input(SHAPE), *front, layers.Flatten(), layers.Dense(1)])
    return check_pipeline(pipeline, model=model, max_images=96, **options)["augmented twice"]


def mapped(layer):
    data = tf.data.Dataset.from_tensor_slices(FEW).shuffle(N).batch(BATCH)
    return data.map(lambda x, y: (layer(x, training=True), y))


def flow(**ranges):
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    return ImageDataGenerator(**ranges).flow(*FEW, batch_size=BATCH)


def test_the_same_change_in_pipeline_and_model_is_found():
    turn, other = layers.RandomRotation(0.1), layers.RandomRotation(0.2)
    stack = keras.Sequential([layers.RandomFlip("horizontal"), other])
    for found in (
        twice(mapped(turn), turn),
        twice(mapped(turn), other),
        twice(mapped(stack), other),
        twice(flow(rotation_range=10), turn),
        twice(FEW, turn, augment=stack),
    ):
        assert found[:2] == (FOUND, "each image is augmented twice in the same way")
        assert found.how == "RandomRotation is in the pipeline and again in the model: the changes add up."


def test_a_policy_in_two_places_is_not():
    turn, flip_layer = layers.RandomRotation(0.1), layers.RandomFlip("horizontal")
    assert twice(mapped(flip_layer), turn).status == CANT_TELL
    assert twice(flow(horizontal_flip=True), turn).status == CANT_TELL
    assert twice(flow(), turn).status == NOT_FOUND
    assert twice(FEW, turn).status == NOT_FOUND
    assert twice(mapped(turn)).status == NOT_FOUND
    assert check_pipeline(mapped(turn), max_images=96)["augmented twice"].status == CANT_TELL
    assert twice(mapped(turn), layers.Rescaling(1 / 255)).status == NOT_FOUND


# Augmentation that only some classes get


@pytest.mark.parametrize(("changed", "found"), [(3, False), (12, True)])
def test_images_whose_label_changes_are_counted(changed, found):
    """Stored images in a fixed order, of which some have the other label from the second epoch on."""
    other = np.where(np.arange(N) < changed, 1 - Y, Y)
    epochs = []

    def epoch():
        epochs.append(Y if not epochs else other)
        for start in range(0, N, BATCH):
            yield X[start : start + BATCH], epochs[-1][start : start + BATCH]

    finding = check_pipeline(epoch, live=False)["labels"]
    assert (
        finding.how == f"{changed} of {N} images seen more than once came with a different label (up to 2% is allowed)."
    )
    assert (finding.status == FOUND) == found


class SomeClasses:
    """Shuffled images, of which those of the classes named are augmented and the others shown as they are."""

    def __init__(self, augmented, change=lighten, y=Y):
        self.augmented, self.change, self.y, self.rng = augmented, change, y, np.random.default_rng(6)

    def rows(self):
        return self.rng.permutation(N)

    def __iter__(self):
        rows = self.rows()
        for batch in np.split(rows, range(BATCH, len(rows), BATCH)):
            made = [self.change(X[row], self.rng) if self.y[row] in self.augmented else X[row] for row in batch]
            yield np.stack(made).astype("float32"), self.y[batch]


class Balanced(SomeClasses):
    """Stored images: in each epoch all of class 1, and as many of the others, drawn anew."""

    def rows(self):
        rare, others = np.flatnonzero(self.y == 1), np.flatnonzero(self.y == 0)
        return self.rng.permutation(np.concatenate([rare, self.rng.choice(others, len(rare), replace=False)]))


class Oversampled(SomeClasses):
    """Stored images: class 1 over and over, and of the others a few from so many that hardly one comes again."""

    def __iter__(self):
        rare = X[self.y == 1]
        for _ in range(12):
            others = images(BATCH // 2, seed=int(self.rng.integers(2**31)))
            chosen = rare[self.rng.integers(len(rare), size=BATCH // 2)]
            yield np.concatenate([others, chosen]), np.repeat([0, 1], BATCH // 2)


THREE = np.arange(N) % 3


@pytest.mark.parametrize(
    ("y", "augmented", "how"),
    [
        (Y, {1}, "images of class 0 come again, of class 1 ≈ 0%"),
        (THREE, {2}, "images of classes 0, 1 come again, of class 2 ≈ 0%"),
        (np.array(["good", "bad"])[Y], {"bad"}, "images of class good come again, of class bad ≈ 0%"),
    ],
)
def test_augmentation_of_some_classes_alone_is_found(y, augmented, how):
    finding = check_pipeline(SomeClasses(augmented, y=y))["labels"]
    assert finding[:2] == (FOUND, "only some classes are augmented")
    assert how in finding.how


@pytest.mark.parametrize(
    "train",
    [
        SomeClasses({0, 1}),
        SomeClasses({0, 1}, flip),
        SomeClasses(set()),
        Balanced(set(), y=(np.arange(N) % 5 == 1).astype(int)),
        Oversampled(set()),
        SomeClasses({1}, y=(np.arange(N) % 24 == 1).astype(int)),  # eight images are too few to say so
    ],
    ids=["all", "all flipped", "none", "balanced", "oversampled", "few"],
)
def test_classes_that_are_treated_alike_are_not(train):
    assert check_pipeline(train)["labels"].status != FOUND
