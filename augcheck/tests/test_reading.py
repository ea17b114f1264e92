"""What can be read: every kind of pipeline that people have, how much of it, and what is refused in one sentence."""

import sys
import time
import tracemalloc
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from augcheck import CANT_TELL, FOUND, NOT_FOUND, check_pipeline
from augcheck.measures.copies import NearCopies
from augcheck.reading import augmentation, epochs, images
from augcheck.reading.labels import coded
from augcheck.reading.sources import ARRAYS, Source, Stream
from cases.common import Rows, slices
from pipelines import Batches, Sized, in_batches, lighten, pictures

X, Y = pictures(128, k=3, shape=(12, 8, 3))
VALIDATION = pictures(64, 1, k=3, shape=(12, 8, 3))
Z, GREY = X[:32], X.mean(3)
KEPT = []


# Kinds


@pytest.mark.parametrize("change", [None, lighten])
def test_whatever_gives_batches_again_and_again_is_read(change):
    for kind, how, steps in (
        (Batches, {}, None),
        (Sized, {}, None),
        (Batches, {"endless": True}, 8),
    ):
        report = check_pipeline(kind(X, Y, change, **how), steps_per_epoch=steps)
        assert report.found == ([] if change else ["repeats"])
        assert report["labels"].status == (CANT_TELL if change else NOT_FOUND)
        assert (
            "an iterable" in report.notes[0]
            and "9 epochs, each 128 images in 8 batches" in report.notes[0]
        )
    started_again = check_pipeline(
        lambda: iter(Batches(X, Y, lighten, endless=True)), steps_per_epoch=8
    )
    assert not started_again.found and "9 epochs, each 128 images" in started_again.notes[0]


@pytest.mark.parametrize(
    ("given", "note"),
    [
        (list(in_batches(X, Y, 32)), "a list of batches, 9 epochs, each 128 images in 4 batches."),
        ((X, Y), "a pair of arrays, 9 epochs, each 128 images in 4 batches."),
        ([GREY[:64], GREY[64:]], "a list of batches, 9 epochs, each 128 images"),
        (GREY[:100], "each 100 images in 4 batches"),  # four in the last
        ([(X[:32], Y[:32]), (X[:0], Y[:0])], "each 32 images in 1 batch, and 1 empty"),
        ((X, np.array([*Y, None])[:-1]), "each 128 images"),  # of dtype object
        (lambda: (X, Y.tolist()), "a pair of arrays, 9 epochs, each 128 images"),
        (lambda: (Batches(X, Y), VALIDATION), "an iterable (Batches)"),
        (
            lambda: {"train": Batches(X, Y), "live": True, "ignore": {"order": "known"}},
            "an iterable (Batches)",
        ),
    ],
)
def test_what_is_given_is_read_as_it_is_meant(given, note):
    assert note in check_pipeline(given).notes[0]


def test_images_of_any_shape_are_read_also_without_labels():
    x = np.random.default_rng(0).random((112, 13, 31, 4), np.float32)
    assert not check_pipeline((x[:64], np.arange(64) % 3), (x[64:], np.arange(48) % 3)).found
    report = check_pipeline(x[..., :5, :1])
    assert not report.found
    assert sorted(report.with_status(NOT_FOUND)) == [
        "degenerate",
        "order",
        "repeats",
        "stored images",
    ]


def test_dictionaries_are_read_by_usual_keys_or_those_given():
    usual = Batches(X, Y, make=lambda x, y: {"pixel_values": x, "labels": y})
    assert check_pipeline(usual)["labels"].status == NOT_FOUND
    made = Batches(
        X, Y, make=lambda x, y: {"image": x, "image_2": x, "class": y, "label": y, "grade": y}
    )
    assert check_pipeline(made, keys=("image_2", "grade"))["labels"].status == NOT_FOUND
    assert check_pipeline(made, keys=("image_2", None))["labels"].status == CANT_TELL
    inputs = [({"scan": x}, y) for x, y in in_batches(X, Y)]
    assert check_pipeline(inputs, keys=("scan",))["labels"].status == NOT_FOUND
    for keys, words in [(None, "say keys="), (("image", "kind"), "without 'kind'")]:
        with pytest.raises(ValueError, match=f"^train yields a dictionary of [^\n]+{words}"):
            check_pipeline(made, keys=keys)


def test_channels_first_is_read_as_the_same_images():
    first = Batches(X, Y, make=lambda x, y: (np.moveaxis(x, 3, 1), y))
    report, other = (check_pipeline(train, (X[:64], Y[:64])) for train in (first, Batches(X, Y)))
    assert report["shared images"] == other["shared images"] and other.found == [
        "repeats",
        "shared images",
    ]
    assert "(3, 12, 8) against (12, 8, 3)" in report["sets differ"].how


def test_a_function_may_return_two_sets_and_bounds():
    report = check_pipeline(lambda: ((X, Y), VALIDATION))
    assert not report.found and [note[:5] for note in report.notes] == ["train", "valid"]
    bounded = {"train": Batches(X, Y), "max_images": 128, "max_seconds": 1e5}
    assert "read 2 times up to 64 of an unknown number" in check_pipeline(lambda: bounded).notes[0]
    # The command always says both, by default as large as usual.
    assert "each 128 images" in check_pipeline(lambda: bounded, max_images=256).notes[0]
    with pytest.raises(ValueError, match="max_images is 1; expected"):
        check_pipeline(lambda: bounded | {"max_images": 1})


# Tensors of another framework


class Tensor:
    """What of torch.Tensor is used, of one that lies on a graphics card until it is fetched."""

    def __init__(self, numbers):
        self.numbers, self.shape, self.dtype = numbers, numbers.shape, "torch.float32"
        self.detach, self.cpu = lambda: self, lambda: numbers

    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


class DataLoader(Batches):
    def __init__(self, x, y, change=None):
        super().__init__(x, y, change, make=self.collate)

    def collate(self, x, y):
        KEPT.append("drawn")
        return Tensor(np.moveaxis(x, 3, 1)), Tensor(y)


@pytest.fixture
def torch(monkeypatch):
    """A stand-in that holds the names which are looked up, and a random state."""
    data = types.SimpleNamespace(DataLoader=DataLoader)
    fake = types.SimpleNamespace(
        Tensor=Tensor, utils=types.SimpleNamespace(data=data), from_numpy=Tensor
    )
    fake.get_rng_state, fake.set_rng_state = (
        lambda: len(KEPT),
        lambda state: KEPT.__delitem__(slice(state, None)),
    )
    monkeypatch.setitem(sys.modules, "torch", fake)
    KEPT.clear()


@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize(
    ("place", "status"), [("image", NOT_FOUND), ("batch", FOUND), (None, CANT_TELL)]
)
def test_tensors_are_read_wherever_they_lie_and_an_augmentation_gets_what_the_loader_gives_it(
    place, status
):
    rng, shapes = np.random.default_rng(0), set()

    def augment(image):
        shapes.add(image.shape)
        return Tensor(image.numbers * rng.uniform(0.8, 1))

    stored = DataLoader(X, Y)
    report = check_pipeline(stored, stored)
    assert "train: DataLoader, 9 epochs, each 128 images" in report.notes[0]
    assert report.found == ["repeats", "shared images"] and not KEPT
    two = X[..., :2]  # channels, which no other kind of image has
    assert "shared images" in check_pipeline(DataLoader(two, Y), (two[:64, :, ::-1], Y[:64])).found
    report = check_pipeline(DataLoader(X, Y, lighten), augment=augment, augment_in=place)
    assert ((3, 12, 8) in shapes) == (place == "image")
    assert report["one draw"].status == status and report["repeats"].status == NOT_FOUND


def one_image(image):
    height, _, _ = image.shape
    return image * np.random.default_rng().uniform(0.5, 1, (height, 1, 1))


def too_late(images):
    KEPT.append(1)
    if len(KEPT) > 2:
        raise ValueError(f"no crop of {len(images)}\nin the third batch")
    return images[:, 2:-2, 2:-2]


@pytest.mark.parametrize(
    ("augment", "place", "words"),
    [
        (one_image, None, ""),  # of arrays it gets single images where it can't work with a batch
        (one_image, "loop", "augment= raised ValueError: too many values to unpack"),
        (too_late, "loop", "augment= raised ValueError: no crop of 32"),
        (too_late, "image", "augment= raised ValueError: no crop of 12"),
    ],
)
def test_an_error_of_augment_is_no_end_of_the_report(augment, place, words):
    KEPT.clear()
    report = check_pipeline((X, Y), VALIDATION, augment=augment, augment_in=place)
    assert not report.found and report["sets differ"].status == NOT_FOUND
    for name in ("repeats", "one draw"):
        assert report[name].status == (CANT_TELL if words else NOT_FOUND)
        assert report[name].reason.startswith(words) and "\n" not in str(report[name].reason)
    assert words in str(report)


def one_light(images):
    return images * np.random.default_rng().uniform(0.5, 1)


def lighten_each(images):
    return lighten(images, np.random.default_rng())


# How much is read


def test_no_more_images_are_read_than_allowed():
    read = []

    def change(x, rng):
        read.append(len(x))
        return lighten(x, rng)

    report = check_pipeline(Rows((X, Y), change), max_images=128)
    assert sum(read) <= 128 and "up to 64 of about 128 images" in report.notes[0]
    assert (
        "2 epochs, each 128 images" in check_pipeline((X, Y), (X, Y), max_images=128).notes[0]
    )  # read but once


@pytest.mark.parametrize(("most", "kept"), [(2**27, 64), (2**16, 5), (1, 2)])
def test_of_long_sets_some_images_are_kept_whole_and_none_with_its_batch(monkeypatch, most, kept):
    monkeypatch.setattr(epochs, "KEPT_BYTES", most)
    batches = [np.random.default_rng(i).random((32, 32, 32, 3), np.float32) for i in range(4)]
    source = Source("train", "a list of batches", batches, lambda: iter(batches), batches=4)
    beginning = epochs._Epoch(source, np.asarray, None)
    beginning.read(None, 512, np.inf)
    assert len(beginning.kept) == kept and all(image.base is None for image in beginning.kept)


def test_a_stream_that_is_too_slow_for_its_next_epoch_is_not_judged():
    stream = Stream(lambda: iter(range(10)), 5)
    beginning = iter(stream())
    assert [next(beginning), next(beginning)] == [0, 1]
    assert not stream.turn(deadline=0) and stream.turn(deadline=np.inf)
    assert list(stream()) == [5, 6, 7, 8, 9]
    endless = lambda: iter(Batches(X, Y, endless=True))  # noqa: E731
    report = check_pipeline(endless, steps_per_epoch=8, max_images=64, max_seconds=1e-6)
    assert report["repeats"].status == report["order"].status == CANT_TELL


@pytest.mark.parametrize(("train", "validation", "doubled"), [(3000, 300, 0.25), (300, 1200, 0.45)])
def test_similar_images_are_no_near_copies_however_unequal_the_sets(train, validation, doubled):
    """Images of few dimensions lie near each other; doubles that are split at random are in both sets alike."""
    rng, n = np.random.default_rng(3), train + validation
    few = rng.random((n, 4)).astype("float32")
    twice = rng.random(n) < doubled
    few[twice] = few[rng.integers(0, n, twice.sum())] + rng.normal(0, 1e-3, (twice.sum(), 4))
    x = np.repeat(np.repeat(few.reshape(n, 2, 2, 1), 6, 1), 6, 2) + rng.normal(
        0, 1e-4, (n, 12, 12, 1)
    )
    assert not NearCopies(x[:train], x[train:]).found


def test_partners_that_are_named_are_those_that_were_copied():
    """Wherever they lie in large sets."""
    train, validation = pictures(1500, 5, shape=(8, 8, 1))[0], pictures(1300, 6, shape=(8, 8, 1))[0]
    validation[1200:1260] = train[1400:1460] + np.random.default_rng(2).normal(
        0, 0.002, (60, 8, 8, 1)
    )
    indices = check_pipeline(train, validation)["shared images"].indices
    pairs = set(zip(indices["validation"], indices["train"], strict=True))
    assert pairs >= set(zip(range(1200, 1260), range(1400, 1460), strict=True)) and len(pairs) <= 66


def test_classes_of_labels_that_lie_between_them():
    for first, second, soft in [(0.4, 0.9, True), (0.05, 0.95, False), (0, 1, False)]:
        coding = coded(np.array([[second, 1 - second], [1 - first, first], [first, 1 - first]]))
        assert coding.classes.tolist() == [0, 0, 1] and coding.soft == soft and not coding.several
    for y, soft in (([0.1, 0.6, 0.55, 0.4], True), ([0.05, 0.95, 0.95, 0.05], False)):
        assert (
            coded(np.array(y)).classes.tolist() == [0, 1, 1, 0] and coded(np.array(y)).soft == soft
        )


# What trying out takes


def peak_of(call):
    """The most memory that is taken at once beside what was there before, in bytes."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("change", [np.negative, np.array, one_light, lighten_each])
def test_trying_out_takes_little_memory_of_large_images(change, monkeypatch):
    """Two pictures of 2,000 pixels a side, and half a gigabyte: here a twentieth of the sides."""
    monkeypatch.setattr(augmentation, "MOST_BYTES", augmentation.MOST_BYTES // 400)
    monkeypatch.setattr(images, "LARGE", images.LARGE // 400)
    large = np.random.default_rng(0).random((2, 100, 100, 3))
    source = Source("train", ARRAYS, (large,), lambda: [large])
    given = augmentation.Augmentation(change, source, None)
    peak = peak_of(lambda: augmentation.try_out(given, np.asarray, large))
    assert peak < 2**29 / 400


def test_nothing_is_tried_out_where_nothing_was_given_that_augments(monkeypatch):
    monkeypatch.setattr(augmentation, "_of_copies", None)
    assert check_pipeline((X, Y), VALIDATION)["one draw"].status == CANT_TELL


def test_trying_out_ends_with_the_time_allowed(monkeypatch):
    now, called = [0.0], []

    def slow(images):
        now[0] += 1
        called.append(len(images))
        return images * (1 + now[0])

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    report = check_pipeline(Batches(X, Y), augment=slow, augment_in="batch", max_seconds=2)
    assert len(called) == 2 and report["one draw"].status == CANT_TELL
    assert "max_seconds" in report["one draw"].change


# One sentence each


RAGGED = tf.ragged.constant([[[[1.0]] * 3] * 4, [[[1.0]] * 5] * 4] * 8)


def unread():
    KEPT.append(1)
    yield Z, Y[:32]


class Sparse:
    """What of SciPy's sparse arrays is looked at."""

    shape = (32, 2)

    def toarray(self):
        return np.zeros(self.shape)


FOR_ANOTHER_SIZE = keras.Sequential([keras.Input((9, 8, 3)), layers.Flatten(), layers.Dense(1)])
OBJECTS = np.empty(32, object)
OBJECTS[:] = list(Z)


class OddLength(Batches):
    def __len__(self):
        return len(self.x) / self.size


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((Z, np.arange(32)[:30]), "32 images and 30 labels"),
        ({"train": Z, "max_images": 1}, "max_images is 1"),
        ({"train": Z, "max_seconds": 0}, "max_seconds is 0"),
        ({"train": Z, "validation": [(Z,)], "validation_steps": 0}, "validation_steps is 0"),
        ([(Z, np.zeros((32, 2))), (Z, np.zeros((32, 3)))], "labels in some batches otherwise"),
        ([(Z,), (Z[:, :6],)], "(12, 8, 3) and later of (6, 8, 3)"),
        ([(Z, [[0], [0, 1]] * 16)], "labels of unequal length"),
        ([(Z, np.zeros((32, 12, 12)))], "no masks and no boxes"),
        ([([Z[0], Z[1]], [0, 1])], "yields a list where images should be"),
        ([(Z[:0],)], "yields nothing"),
        (tf.data.Dataset.from_tensors(RAGGED), "images of several sizes in one batch"),
        (slices(X, Y), "batch() missing"),
        ((Z, Z), "labels of shape (32, 12, 8, 3)"),
        ((np.array(["a.png"] * 32), Y[:32]), "text such as"),
        ([(OBJECTS, Y[:32])], "array of objects"),
        ([(Z, Sparse())], "a sparse Sparse; expected (n,)"),
        (OddLength(X, Y), "__len__ of train (OddLength) returns 8.0; expected a whole number"),
        (
            {"train": (Z, Y[:32]), "model": FOR_ANOTHER_SIZE},
            "takes images of (9, 8, 3), but train yields (12, 8, 3)",
        ),
        ({"train": Z, "model": keras.Sequential([layers.Flatten(), layers.Dense(1)])}, "not built"),
        ({"train": Z, "model": len}, "model is a builtin_function_or_method"),
        ({"train": unread, "augment_in": "loop"}, "give augment="),
        ({"train": unread, "keys": "image"}, "keys is 'image'"),
        ([(Z, np.array([*Y[:31], None]))], "labels of type object and shape (32,)"),
        (
            {"train": Z, "augment": np.asarray, "augment_in": "gpu"},
            "'gpu'; expected 'image', 'batch' or 'loop'",
        ),
        (iter([Z]), "a list_iterator, which can be read only once"),
        (
            {"train": lambda: ((X, Y), VALIDATION), "validation": VALIDATION},
            "validation is given twice",
        ),
        ({"train": lambda: {"train": Z, "live": True}, "live": False}, "live is given twice"),
        (
            {"train": (X, Y), "steps_per_epoch": 1},
            "steps_per_epoch is 1, but train is a pair of arrays",
        ),
        ({"train": Batches(X, Y), "validation": VALIDATION, "validation_steps": 2}, "leave it out"),
        (lambda: {"train": Z, "valid": Z}, "has valid; expected train"),
        ({"train": Z, "validation": 3}, "validation is a int"),
        ([], "train is an empty list"),
        (lambda: {"train": unread, "ignore": ["ordre"]}, "there is no finding 'ordre'"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(options, words):
    KEPT.clear()
    with pytest.raises((TypeError, ValueError), match="^[^\n]+$") as error:
        check_pipeline(**options if isinstance(options, dict) else {"train": options})
    said = str(error.value)  # a list of all findings may be longer
    assert words in said and len(said.partition("; expected one of")[0]) < 260 and not KEPT


def decoded(path):
    return tf.io.decode_jpeg(tf.io.read_file(path), 3)


@pytest.mark.parametrize("kind", ["flow", "dataset"])
def test_a_broken_file_is_named(kind, tmp_path):
    (tmp_path / "a").mkdir()
    for i in range(4):
        keras.utils.save_img(tmp_path / "a" / f"{i}.jpg", Z[i])
    broken = tmp_path / "a" / "2.jpg"
    broken.write_bytes(broken.read_bytes()[:200])
    if kind == "flow":
        data = ImageDataGenerator().flow_from_directory(tmp_path, (12, 8))
    else:
        data = keras.utils.image_dataset_from_directory(tmp_path, image_size=(12, 8))
    with pytest.raises(ValueError, match=r"^train can't read .*2\.jpg; expected an image"):
        check_pipeline(data)


def test_an_error_that_is_no_file_s_stays_as_it_is():
    def broken():
        yield Z, Y[:32]
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        check_pipeline(broken)


@keras.saving.register_keras_serializable("augcheck")
class Failing(layers.Layer):
    def call(self, images):
        raise RuntimeError("no such colour")


def test_the_cause_that_keras_passes_on_is_said():
    report = check_pipeline((Z, Y[:32]), augment=Failing())
    assert "no such colour" in report["one draw"].reason
    assert "\x1b" not in report["one draw"].reason
