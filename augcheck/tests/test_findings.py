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


# Stretched


def stretched(x):
    low, high = (edge(axis=(1, 2, 3), keepdims=True) for edge in (x.min, x.max))
    return (x - low) / (high - low)


def test_pictures_stretched_on_both_sides_or_full_by_nature_are_not():
    for x, x_val in [(stretched(X), stretched(VALIDATION[0])), (X, VALIDATION[0]), (X, stretched(VALIDATION[0]))]:
        assert "stretched" not in check_pipeline((x, Y), (x_val, VALIDATION[1]))["sets differ"].value
    some = X.copy()
    some[::2] = stretched(X[::2])
    assert "stretched" not in check_pipeline((some, Y), VALIDATION)["sets differ"].value


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


# Labels against head and loss


def network(units, activation=None, loss=None, *front):
    model = keras.Sequential([keras.Input(SHAPE), *front, layers.Flatten(), layers.Dense(units, activation)])
    if loss is not None:
        model.compile(loss=loss)
    return model


def head(y, *arguments):
    return check_pipeline((X, y), model=network(*arguments))["head"]


NUMBERS, COLUMNS, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
LOGITS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
TEN = np.arange(N) % 10
AS_COLUMNS = np.eye(10)[TEN]


@pytest.mark.parametrize(
    ("y", "arguments", "value"),
    [
        (TEN, (1, "sigmoid", BINARY), "labels are no 0 and 1"),  # keras#13006: stuck, class_mode="binary"
        (TEN, (1, "sigmoid"), "labels are no 0 and 1"),
        (2 * Y - 1, (1, "sigmoid", BINARY), "labels are no 0 and 1"),
        (2 * Y - 1, (1, "sigmoid", "bce"), "labels are no 0 and 1"),
        (Y + 1, (2, "softmax", NUMBERS), "labels go beyond the model's outputs"),
        (TEN, (9, "softmax", NUMBERS), "labels go beyond the model's outputs"),
        (TEN, (10, "softmax", COLUMNS), "the loss wants columns, and labels are class numbers"),
        (TEN, (10, "softmax", "cce"), "the loss wants columns, and labels are class numbers"),
        (AS_COLUMNS, (10, "softmax", NUMBERS), "the loss wants class numbers, and labels are columns"),
        (AS_COLUMNS, (1, "sigmoid", BINARY), "labels and outputs differ in number"),
        (AS_COLUMNS, (2, "softmax", COLUMNS), "labels and outputs differ in number"),
        (Y, (1, "softmax", BINARY), "the model answers 1 for every image"),
        (Y, (1, None, BINARY), "the loss takes logits for probabilities"),
        (TEN, (10, None, keras.losses.SparseCategoricalCrossentropy()), "the loss takes logits for probabilities"),
        (TEN, (10, "softmax", LOGITS), "the loss takes probabilities for logits"),
        (Y, (1, "sigmoid", keras.losses.BinaryCrossentropy(from_logits=True)), "the loss takes probabilities"),
        (TEN.astype(str), (10, "softmax", NUMBERS), "labels are words"),
    ],
)  # fmt: skip
def test_labels_that_the_head_does_not_fit_are_found(y, arguments, value):
    found = head(y, *arguments)
    assert found.status == FOUND and found.value.startswith(value)


@pytest.mark.parametrize(
    ("y", "arguments"),
    [
        (Y, (1, "sigmoid", BINARY)),
        (Y.astype("float32"), (1, "sigmoid", keras.losses.BinaryCrossentropy())),
        (Y, (1, None, keras.losses.BinaryCrossentropy(from_logits=True))),
        (0.9 * Y + 0.05, (1, "sigmoid", BINARY)),
        (Y, (2, "softmax", NUMBERS)),
        (Y, (10, "softmax", NUMBERS)),
        (TEN, (10, None, LOGITS)),
        (AS_COLUMNS, (10, "softmax", COLUMNS)),
        (AS_COLUMNS, (10, "softmax", "cce")),
        (Y, (1, "sigmoid", "bce")),
        (AS_COLUMNS, (10, "sigmoid", BINARY)),
        (0.9 * AS_COLUMNS + 0.01, (10, "softmax", COLUMNS)),
        (TEN, (1, None, "mse")),
        (2 * Y - 1, (1, "tanh", "hinge")),
        (100 * X.mean((1, 2, 3)), (1, None, "mae")),
        (Y, (1, "sigmoid", keras.losses.BinaryFocalCrossentropy())),
        (TEN, (10, "softmax", lambda truth, out: out)),
        (Y, (1, None)),
    ],
)
def test_labels_that_fit_are_not(y, arguments):
    assert head(y, *arguments).status == NOT_FOUND


def test_a_head_takes_a_model_with_one_row_of_outputs():
    assert check_pipeline((X, Y))["head"].status == CANT_TELL
    model = keras.Sequential([keras.Input(SHAPE), layers.Conv2D(1, 3)])
    assert check_pipeline((X, Y), model=model)["head"].status == CANT_TELL


# Right less often than by chance


def fitted(x, y, units=1, front=()):
    """A linear model that is right on most of these images."""
    model = network(units, "sigmoid" if units == 1 else "softmax", None, *front)
    flat = x.reshape(len(x), -1)
    flat = np.c_[flat, np.ones(len(x))]
    targets = 2.0 * y[:, None] - 1 if units == 1 else np.eye(units)[y]
    weights = np.linalg.solve(flat.T @ flat + 1e-3 * np.eye(flat.shape[1]), flat.T @ targets)
    model.layers[-1].set_weights([weights[:-1], weights[-1]])
    return model


def told_apart(n, seed, k=2):
    """Images whose class shows."""
    x, y = images(n, seed), np.random.default_rng(seed).integers(0, k, n)
    x[np.arange(n), 5 * y, :4] += 0.25
    return x, y


@pytest.mark.parametrize("k", [2, 3])
def test_classes_numbered_otherwise_in_validation_are_found(k):
    train, (x, y) = told_apart(N, 0, k), told_apart(96, 1, k)
    model = fitted(*train, units=1 if k == 2 else k)
    report = check_pipeline(train, (x, (y + 1) % k), model=model)
    assert report.found == ["sets differ", "policy"]
    assert report["sets differ"].value == "classes exchanged"
    assert report["policy"].value == "the model is worse than guessing on validation"
    assert not check_pipeline(train, (x, y), model=model).found


@pytest.mark.parametrize("seed", range(8))
def test_an_untrained_model_raises_no_alarm(seed):
    """It may be right far less often than by chance, and in both sets."""
    keras.utils.set_random_seed(seed)
    train, validation = told_apart(N, 0), told_apart(96, 1)
    assert not check_pipeline(train, validation, model=network(1, "sigmoid")).found


def test_a_model_that_is_wrong_in_both_sets_raises_no_alarm():
    train, validation = told_apart(N, 0), told_apart(96, 1)
    against = network(1, "sigmoid")
    against.layers[-1].set_weights([-w for w in fitted(*train).layers[-1].get_weights()])
    assert not check_pipeline(train, validation, model=against).found


# Augmented in the pipeline and in the model


FEW = X[:48], Y[:48]


def twice(pipeline, *front, **options):
    model = network(1, None, None, *front)
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
