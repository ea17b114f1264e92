"""What earlier versions denied, invented or choked on: each a pipeline, and what the check-up says of it now."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from augcheck import CANT_TELL, FOUND, NOT_FOUND, check_pipeline
from augcheck.measures.copies import NearCopies
from augcheck.reading.sources import Stream

SHAPE = (12, 12, 3)
BATCH = 16


def smooth(n, seed=0, shape=SHAPE):
    """Images with large structures, as photographs have them."""
    coarse = np.random.default_rng(seed).random((n, 4, 4, shape[2]), np.float32)
    return np.repeat(np.repeat(coarse, shape[0] // 4, 1), shape[1] // 4, 2)


def classes(n, k=2):
    return np.random.default_rng(1).integers(0, k, n)


class Rows(keras.utils.PyDataset):
    """Batches in a new order in each epoch; ``change`` augments them."""

    def __init__(self, x, y, change=lambda x, rng: x, **options):
        super().__init__(**options)
        self.x, self.y, self.change = x, y, change
        self.rng = np.random.default_rng(0)
        self.on_epoch_end()

    def __len__(self):
        return len(self.x) // BATCH

    def __getitem__(self, i):
        rows = self.order[i * BATCH : (i + 1) * BATCH]
        return self.change(self.x[rows], self.rng), self.y[rows]

    def on_epoch_end(self):
        self.order = self.rng.permutation(len(self.x))


def noisy(x, rng):
    return x + rng.normal(0, 0.05, x.shape).astype("float32")


def flow(x, y, **ranges):
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    return ImageDataGenerator(**ranges).flow(x, y, batch_size=BATCH)


# K4, K5: leaks


def caffe(x):
    """As preprocess_input of VGG and ResNet: BGR, less the mean of each channel."""
    return x[..., ::-1] - np.array([103.939, 116.779, 123.68], "float32")


def torch_like(x):
    return (x / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])


@pytest.mark.parametrize("preprocess", [caffe, torch_like, lambda x: x / 127.5 - 1])
def test_a_leak_is_found_behind_preprocessing(preprocess):
    x, y = 255 * smooth(96), classes(96)
    train = flow(x, y, rotation_range=5, preprocessing_function=preprocess)
    report = check_pipeline(train, (preprocess(x[:64]), y[:64]))
    assert report["shared images"][:2] == (FOUND, "validation images are also in training")
    assert report["shared images"].how.startswith("64 of 64 validation images are among the 96 of training")
    other = 255 * smooth(64, seed=5)
    assert check_pipeline(train, (preprocess(other), y[:64]))["shared images"].status == NOT_FOUND


@pytest.mark.parametrize("preprocess", [caffe, torch_like])
def test_a_leak_is_found_between_preprocessed_and_raw_arrays(preprocess):
    x, y = 255 * smooth(96), classes(96)
    report = check_pipeline((x.astype("uint8"), y), (preprocess(np.trunc(x[:64])), y[:64]))
    assert report["shared images"][:2] == (FOUND, "validation images are also in training")


def test_near_copies_of_a_whitened_flow_are_compared_after_whitening():
    x, y = smooth(96), classes(96)
    train = flow(x, y, rotation_range=5, samplewise_center=True)
    near = x[:64] + np.random.default_rng(0).normal(0, 0.02, (64, *SHAPE))
    report = check_pipeline(train, (near - near.mean((1, 2, 3), keepdims=True), y[:64]))
    assert report["shared images"][:2] == (FOUND, "near copies of validation images are in training")


def test_near_copies_are_looked_for_in_all_of_training():
    x = smooth(3000)
    rows = np.random.default_rng(2).permutation(3000)[:300]
    near = x[rows] + np.random.default_rng(0).normal(0, 0.02, (300, *SHAPE))
    half = np.concatenate([near[:150], smooth(150, seed=9)])
    found = check_pipeline((x, classes(3000)), (half, classes(300)))["shared images"]
    assert found[:2] == (FOUND, "near copies of validation images are in training")
    assert found.how.startswith("150 of 300 validation images lie far nearer")


@pytest.mark.parametrize("sizes", [(3000, 300), (300, 300), (300, 1200)])
@pytest.mark.parametrize("likeness", [0.0, 0.5, 0.9])
def test_similar_images_are_no_near_copies_however_unequal_the_sets(sizes, likeness):
    """Images of few dimensions lie near each other; doubles that are split at random are in both sets alike."""
    rng = np.random.default_rng(3)
    n = sum(sizes)
    few = rng.random((n, 4)).astype("float32")
    doubled = rng.random(n) < likeness / 2
    few[doubled] = few[rng.integers(0, n, doubled.sum())] + rng.normal(0, 1e-3, (doubled.sum(), 4))
    x = np.repeat(np.repeat(few.reshape(n, 2, 2, 1), 6, 1), 6, 2) + rng.normal(0, 1e-4, (n, 12, 12, 1))
    near = NearCopies(x[: sizes[0]].reshape(-1, 12, 12, 1), x[sizes[0] :])
    assert not near.found


def test_the_partners_that_are_named_are_those_that_were_copied():
    x = smooth(400)
    near = NearCopies(x, x[[7, 30, 200]].repeat(4, 0) + np.random.default_rng(0).normal(0, 0.01, (12, *SHAPE)))
    assert {j for _, j in near.pairs} <= {7, 30, 200}


def test_what_was_not_read_is_not_said_to_be_clean():
    x, y = smooth(400), classes(400)
    report = check_pipeline(Rows(x, y), (smooth(64, 5), y[:64]), max_images=400, live=False)
    assert "up to 208 images" in report.notes[0]
    assert report["shared images"].status == CANT_TELL


# K6 to K8: order


def balanced(x, y, *steps, seed=None):
    parts = [tf.data.Dataset.from_tensor_slices((x[y == i], y[y == i])).shuffle(len(x)).repeat(2) for i in (0, 1)]
    choice = tf.data.Dataset.range(2).repeat(len(x) // 2)
    if seed is None:
        data = tf.data.Dataset.choose_from_datasets(parts, choice)
    else:
        data = tf.data.Dataset.sample_from_datasets(parts, seed=seed).take(len(x))
    data = data.batch(BATCH)
    for step in steps:
        data = data.map(step)
    return data


def lighter(generator):
    return lambda x, y: (x * generator.uniform((tf.shape(x)[0], 1, 1, 1), 0.9, 1.1), y)


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize("augmented", [False, True])
def test_balanced_batches_are_shuffled(seed, augmented):
    x, y = smooth(128), np.arange(128) % 2
    steps = [lighter(tf.random.Generator.from_seed(0))] if augmented else []
    report = check_pipeline(balanced(x, y, *steps, seed=seed), live=None if augmented else False)
    assert not report.found
    assert report["order"].status == (CANT_TELL if augmented else NOT_FOUND)


# K9: names of classes, processes


def test_names_of_classes_are_found_behind_a_map():
    x, y = smooth(64), classes(64)

    def named(names):
        data = tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH)
        data.class_names = names
        return data.map(lambda x, y: (x / 2, y)).prefetch(2)

    report = check_pipeline(named(["cat", "dog"]), named(["dog", "cat"]), live=False)
    assert report["sets differ"].how.startswith("cat, dog against dog, cat")
    assert check_pipeline(named(["cat", "dog"]), named(["cat", "dog"]), live=False)["sets differ"].status == NOT_FOUND


def test_of_processes_nothing_is_said_that_was_not_seen():
    x, y = smooth(128), classes(128)
    report = check_pipeline(Rows(x, y, noisy, workers=2, use_multiprocessing=True))
    assert report["positions"].status == CANT_TELL
    assert "processes of its own" in report["positions"].how
    frozen = check_pipeline(Rows(x, y, workers=2, use_multiprocessing=True))["repeats"]
    assert frozen.status == CANT_TELL
    assert check_pipeline(Rows(x, y))["repeats"].status == FOUND


# K13: one sentence each


def batches(*parts):
    return [tuple(part) for part in parts]


X = smooth(32)
RAGGED = tf.ragged.constant([[[[1.0]] * 3] * 4, [[[1.0]] * 5] * 4] * 8)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"train": (X, np.arange(32)[:30])}, "train has 32 images and 30 labels"),
        ({"train": X, "max_images": 0}, "max_images is 0; expected a whole number from 2"),
        ({"train": X, "max_images": 9.5}, "max_images is 9.5"),
        ({"train": X, "max_images": True}, "max_images is True"),
        ({"train": X, "max_seconds": 0}, "max_seconds is 0; expected a number of seconds above 0"),
        ({"train": X, "max_seconds": "60"}, "max_seconds is '60'"),
        ({"train": X, "max_seconds": float("nan")}, "max_seconds is nan"),
        ({"train": batches((X, [0] * 32)), "steps_per_epoch": 2.5}, "steps_per_epoch is 2.5; expected a whole number"),
        ({"train": batches((X, [0] * 32)), "steps_per_epoch": -1}, "steps_per_epoch is -1"),
        ({"train": X, "validation": batches((X,)), "validation_steps": 0}, "validation_steps is 0"),
        ({"train": batches((X, np.zeros((32, 2))), (X, np.zeros((32, 3))))}, "labels in some batches otherwise"),
        ({"train": batches((X,), (X[:, :8],))}, "images of (12, 12, 3) and later of (8, 12, 3); resize them"),
        ({"train": batches((X, [[0], [0, 1]] * 16))}, "labels of unequal length"),
        ({"train": batches((X, np.zeros((32, 12, 12))))}, "no masks and no boxes"),
        ({"train": batches((X, {"boxes": [], "classes": []}))}, "no masks and no boxes"),
        ({"train": batches(([X[0], X[1]], [0, 1]))}, "yields a list where images should be"),
        ({"train": batches((X[:0],))}, "yields nothing"),
        ({"train": [()]}, "yields an empty tuple"),
        ({"train": tf.data.Dataset.from_tensors(RAGGED)}, "images of several sizes in one batch"),
        ({"train": tf.data.Dataset.range(9).batch(3)}, "images of shape (3,)"),
        ({"train": (X, X)}, "labels of shape (32, 12, 12, 3)"),
        ({"train": X, "model": keras.Sequential([layers.Flatten(), layers.Dense(1)])}, "not built"),
        ({"train": X, "augment_in": "loop"}, "give augment=, too"),
        ({"train": X, "augment": np.asarray, "augment_in": "gpu"}, "'gpu'; expected 'image', 'batch' or 'loop'"),
        ({"train": X, "augment": "flip"}, "augment is a str; expected a function or a layer"),
        ({"train": iter([X])}, "train is a list_iterator, which can be read only once; expected what it is made from"),
        ({"train": lambda folder: folder}, "train is a function that wants arguments"),
        ({"train": lambda: None}, "train is a NoneType; expected"),
        ({"train": lambda: {"train": X, "valid": X}}, "has valid; expected train"),
        ({"train": lambda: {}}, "has no train"),
        ({"train": "images/"}, "train is a str; expected a pair of arrays"),
        ({"train": {"image": X}}, "train is a dict; expected"),
        ({"train": X[0]}, "train is a ndarray; expected"),
        ({"train": X, "validation": 3}, "validation is a int; expected"),
        ({"train": []}, "train is an empty list; expected"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_in_one_sentence(options, words):
    with pytest.raises((TypeError, ValueError), match="^[^\n]+$") as error:
        check_pipeline(**options)
    assert words in str(error.value)
    assert len(str(error.value)) < 260


def test_empty_batches_are_passed_over():
    report = check_pipeline(batches((X, [0, 1] * 16), (X[:0], [])), live=False)
    assert "32 images in 1 batch" in report.notes[0]


def test_labels_that_are_no_numbers_are_found():
    y = classes(32).astype("float32")
    y[3] = np.nan
    report = check_pipeline((X, y), (smooth(32, 5), classes(32)))
    assert report.found == ["labels"]
    assert report["labels"].how == "≈ 3% of the labels are NaN or infinite."
    assert check_pipeline((X, classes(32)), (smooth(32, 5), y))["sets differ"].status == NOT_FOUND


@pytest.mark.parametrize("k", [2, 5])
def test_averaged_class_numbers_are_no_crash(k):
    y = classes(32, k)
    mixed = 0.3 * y + 0.7 * y[::-1]
    report = check_pipeline((X, mixed), (smooth(32, 5), classes(32, 7)))
    assert report["labels"].status == (NOT_FOUND if k == 2 else CANT_TELL)


# K15: sets larger than what is read


@pytest.mark.parametrize("change", [None, noisy])
def test_a_set_of_known_length_need_not_be_read_to_its_end(change):
    x, y = smooth(2048), classes(2048)
    train = Rows(x, y, change) if change else Rows(x, y)
    report = check_pipeline(train, max_images=1024)
    assert "read 2 times up to 512 images" in report.notes[0]
    assert report["repeats"].status == (NOT_FOUND if change else FOUND)
    assert report["repeats"].how.startswith("Of an epoch of about 2,048 images 512 were read, twice.")


def flip(x, rng):
    return np.where(rng.random((len(x), 1, 1, 1)) < 0.5, x[:, :, ::-1], x)


class Stored:
    """An order that is new in each epoch, as a buffer of so many images leaves it, and a change of each image."""

    def __init__(self, change, buffer, n=1024):
        self.x, self.y, self.change, self.buffer = smooth(n), classes(n), change, buffer
        self.rng = np.random.default_rng(0)

    def __iter__(self):
        yield from self.epoch(self.rng)

    def epoch(self, rng):
        waiting, rest = list(range(self.buffer)), iter(range(self.buffer, len(self.x)))
        order = []
        while waiting:
            order.append(waiting.pop(rng.integers(len(waiting))))
            waiting += [image for image in [next(rest, None)] if image is not None]
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            yield (self.change(self.x[rows], rng) if self.change else self.x[rows]), self.y[rows]

    def endless(self):
        """A generator with a seed of its own, which starts again when it is called again."""
        rng = np.random.default_rng(0)
        while True:
            yield from self.epoch(rng)


@pytest.mark.parametrize("change", [None, noisy, flip])
@pytest.mark.parametrize("buffer", [1, 16])
@pytest.mark.parametrize("with_steps", [True, False])
def test_a_part_is_compared_with_the_same_part_of_the_next_epoch(with_steps, buffer, change):
    """What goes on in an endless stream must not be taken for new, nor a small buffer for new pictures."""
    stored = Stored(change, buffer)
    if with_steps:
        report = check_pipeline(stored.endless, steps_per_epoch=1024 // BATCH, max_images=512)
    else:
        report = check_pipeline(stored, max_images=512)
    assert "read 2 times up to 256 images" in report.notes[0]
    assert report["repeats"].status == (NOT_FOUND if change else FOUND)
    assert report["positions"].status != FOUND


@pytest.mark.parametrize("change", [None, noisy, flip])
def test_of_a_function_that_starts_again_only_news_are_believed(change):
    report = check_pipeline(Stored(change, 1024).endless, max_images=512)
    assert not report.found
    assert report["repeats"].status == CANT_TELL
    assert report["repeats"].change == "Give steps_per_epoch."
    news = Stored(noisy, 1024)
    assert check_pipeline(lambda: news.epoch(news.rng), max_images=512)["repeats"].status == NOT_FOUND


@pytest.mark.parametrize("buffer", [512, 1024, 2048])
def test_flips_behind_a_middling_buffer_are_no_stored_pictures(buffer):
    class Known(Stored):
        def __len__(self):
            return len(self.x) // BATCH

    assert check_pipeline(Known(flip, buffer, 2048), max_images=1024)["repeats"].status == NOT_FOUND
    assert check_pipeline(Known(None, buffer, 2048), max_images=1024)["repeats"].status != NOT_FOUND


def test_a_stream_that_is_too_slow_for_its_next_epoch_is_not_judged():
    stream = Stream(lambda: iter(range(10)), 5)
    first = iter(stream())
    assert [next(first), next(first)] == [0, 1]
    assert not stream.turn(deadline=0)
    assert stream.turn(deadline=np.inf)
    assert list(stream()) == [5, 6, 7, 8, 9]
    report = check_pipeline(Stored(None, 1).endless, steps_per_epoch=1024 // BATCH, max_images=512, max_seconds=1e-6)
    assert report["repeats"].status == report["order"].status == CANT_TELL


@pytest.mark.parametrize("change", [None, noisy])
def test_validation_of_known_length_need_not_be_read_to_its_end(change):
    x, y = smooth(2048), classes(2048)
    validation = Rows(x, y, change) if change else Rows(x, y)
    found = check_pipeline((x, y), validation, max_images=1024)["validation moves"]
    assert found.status == (FOUND if change else NOT_FOUND)


@pytest.mark.parametrize("moving", [0, 70, 95])
def test_one_image_that_moves_in_the_second_pass_is_found_wherever_it_is(moving):
    x, y, passes = smooth(96), classes(96), []

    def validation():
        passes.append(1)
        shown = x.copy()
        shown[moving] += 0.01 * len(passes)
        yield from ((shown[i : i + 13], y[i : i + 13]) for i in range(0, 96, 13))

    assert check_pipeline((smooth(96, 5), y), validation)["validation moves"].status == FOUND


def test_arrays_are_read_once_and_in_full():
    x, y = smooth(96), classes(96)
    report = check_pipeline((x, y), (x, y), max_images=96)
    assert report.notes[0] == "train: a pair of arrays, 2 epochs, each 96 images in 3 batches."
