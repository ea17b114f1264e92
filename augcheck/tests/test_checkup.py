"""The check-up: its detection table, that it changes nothing, and its bounds."""

import csv
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import checkup_cases
from augcheck import CANT_TELL, FOUND, NOT_FOUND, check_pipeline
from augcheck.reading import epochs
from augcheck.reading.sources import Source
from checkup_cases import CASES, SETS, TABLE, Batches, dataset, flow, jitter

# What the check-up can't do, and with which images, each for the reason that its case shows.
NOT_DETECTED = {
    "split after turning and shifting": SETS,
    "the same, live": SETS,
    "width_shift_range that moves up and down": SETS,
    "validation augmented once and stored": SETS,
    "ten epochs over a pool 4 times as large": SETS,
    # In tf.data, where the images from before the map can't be reached.
    "the same, training augmented": ("solar cells",),
    # A texture that was shifted looks like itself.
    "a counter zipped after the shuffle": ("photograph",),
    "the number of the batch as seed": ("photograph",),
    "the place in the epoch as seed": ("photograph",),
    "workers that all start with one seed (pytorch#5059)": ("photograph",),
    # Its squares differ in light as they are.
    "one draw per batch, its function unknown": ("photograph",),
    # Its mean red and blue are nearly the same, 0.32 and 0.34.
    "RGB against BGR": ("photograph",),
}


@pytest.fixture(scope="module")
def garments():
    return checkup_cases.load("garments")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """AutoGraph can't read lambdas that share a line, and says so."""
    tf.autograph.set_verbosity(0)
    tf.get_logger().setLevel("ERROR")


with open(TABLE, encoding="utf-8", newline="") as file:
    ROWS = {(row["bug"], row["kind"]): row for row in csv.DictReader(file)}


# The detection table


# Each mistake in the first kind of pipeline that has it, and each correct pipeline: every finding and every kind, in
# half a minute of computing. tests/slow/check_checkup.py verifies the whole table, a minute for each set of images.
FAST = list({case.name: case for case in reversed(CASES) if case.finding}.values())[::-1]
FAST += [case for case in CASES if not case.finding]


@pytest.mark.parametrize("case", FAST, ids=lambda case: f"{case.name}-{case.kind}")
def test_the_table_holds_what_the_check_up_says_of_garments(case, garments):
    assert checkup_cases.outcome(case, garments) == ROWS[case.name, case.kind]["garments"]


def test_the_table_has_a_row_for_each_case():
    assert list(ROWS) == [(case.name, case.kind) for case in CASES]


def test_no_correct_pipeline_raises_an_alarm():
    correct = [row for row in ROWS.values() if not row["finding"]]
    assert len(correct) >= 12
    assert {row[name] for row in correct for name in SETS} == {"no alarm"}


def test_every_bug_is_detected_but_those_that_are_known_not_to_be():
    undetected = {}
    for row in ROWS.values():
        missed = tuple(name for name in SETS if row["finding"] and row[name] != "detected")
        if missed:
            undetected[row["bug"]] = missed
    assert undetected == NOT_DETECTED


# Repeats, as far as the evidence goes


def value(train, finding="repeats", **options):
    found = check_pipeline(train, **options)[finding]
    return found.status, found.value


POOL = "about {} stored copies of each image come round again"


@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_a_pool_is_told_by_its_number_of_copies(garments, k):
    rng = np.random.default_rng(0)
    x = np.concatenate([checkup_cases.shift(garments.x_train[:64], rng) for _ in range(k)])
    pool = tf.data.Dataset.from_tensor_slices((x, np.tile(garments.y_train[:64], k))).batch(32).repeat()
    assert value(pool, steps_per_epoch=2) == (FOUND, POOL.format(k))
    assert value(pool, steps_per_epoch=2, live=False) == (
        NOT_FOUND,
        POOL.format(k),
    )
    # One shuffle over the whole pool: an epoch is one pass over it.
    arrays = (x, np.tile(garments.y_train[:64], k))
    assert value(arrays) == (NOT_FOUND, "the same pictures in every epoch")


@pytest.mark.parametrize("k", [2, 4])
def test_an_endless_shuffled_pool_is_told_by_its_end(garments, k):
    rng = np.random.default_rng(0)
    x = np.concatenate([checkup_cases.lighten(garments.x_train[:64], rng) for _ in range(k)])
    pool = tf.data.Dataset.from_tensor_slices((x, np.tile(garments.y_train[:64], k)))
    pool = pool.shuffle(len(x), seed=0).batch(32).repeat()
    assert value(pool, steps_per_epoch=2) == (FOUND, POOL.format(k))
    assert value(pool, steps_per_epoch=2, live=False) == (
        NOT_FOUND,
        POOL.format(k),
    )


def test_a_list_of_batches_is_read_as_it_is(garments):
    train = list(dataset(garments.x_train, garments.y_train, jitter).as_numpy_iterator())
    report = check_pipeline(train, [(garments.x_val,)])
    assert report.found == ["repeats", "sets differ", "order"]
    assert report.notes[0] == "train: a list of batches, 9 epochs, each 128 images in 4 batches."
    assert check_pipeline(train * 2, steps_per_epoch=4).notes[0] == report.notes[0]


def test_live_is_found_where_static_was_meant(garments):
    train = dataset(garments.x_train, garments.y_train, jitter)
    assert value(train, live=False) == (FOUND, "new pictures in every epoch, where none were meant")
    assert value(train) == (NOT_FOUND, "new pictures in every epoch")


def test_an_endless_dataset_needs_the_length_of_an_epoch(garments):
    train = dataset(garments.x_train, garments.y_train, jitter).repeat()
    report = check_pipeline(train)
    assert report["repeats"].status == CANT_TELL
    assert report["repeats"].change == "Give steps_per_epoch."
    assert value(train, steps_per_epoch=4) == (NOT_FOUND, "new pictures in every epoch")
    frozen = dataset(garments.x_train, garments.y_train, jitter).cache().repeat()
    assert value(frozen) == (FOUND, "every epoch shows identical images: augmentation is off, frozen, or comes later")


def test_the_global_seed_freezes_ops_of_tensorflow_in_a_map(garments):
    def bright(x, y):
        return tf.image.random_brightness(x, 0.2), y

    keras.utils.set_random_seed(0)
    train = dataset(garments.x_train, garments.y_train, bright, shuffle=False)
    assert value(train)[0] == FOUND
    layer = layers.RandomFlip()
    assert value(dataset(garments.x_train, garments.y_train, lambda x, y: (layer(x), y)))[0] == NOT_FOUND


# It changes nothing


def states():
    return (
        random.getstate(),
        str(np.random.get_state()),
        np.asarray(keras.random.uniform((3,))).tolist(),
        tf.random.get_global_generator().state.numpy().tolist(),
    )


def test_global_random_states_are_put_back(garments):
    def augment(x):
        random.random()
        np.random.random()
        tf.random.get_global_generator().normal(())
        return x + keras.random.uniform((len(x), 1, 1, 1))

    results = []
    for check in (False, True):
        keras.utils.set_random_seed(3)
        keras.random.uniform(())
        if check:
            check_pipeline((garments.x_train, garments.y_train), augment=augment)
        results.append(states())
    assert results[0] == results[1]


def test_an_unused_global_seed_of_keras_stays_unused(garments):
    results = []
    for check in (False, True):
        keras.utils.clear_session()
        keras.utils.set_random_seed(3)
        if check:
            check_pipeline((garments.x_train, garments.y_train), augment=lambda x: x + keras.random.uniform(()))
        results.append(np.asarray(keras.random.uniform((3,))).tolist())
    assert results[0] == results[1]


def test_seeds_of_layers_are_put_back_wherever_they_are(garments):
    x, y = garments.x_train, garments.y_train
    in_map, in_model, in_function = (layers.RandomRotation(0.1, seed=i) for i in range(3))
    stack = keras.Sequential([in_model])

    def augment(images):
        return in_function(images)

    model = checkup_cases.network(garments, stack)
    seeds = [layer.variables[0].numpy().copy() for layer in (in_map, in_model, in_function)]
    check_pipeline(dataset(x, y, lambda x, y: (in_map(x), y)), augment=augment, model=model)
    for seed, layer in zip(seeds, (in_map, in_model, in_function), strict=True):
        np.testing.assert_array_equal(seed, layer.variables[0])


def test_iterators_of_image_data_generator_go_on_as_if_nothing_had_been(garments):
    batches = []
    for check in (False, True):
        np.random.seed(0)
        iterator = flow(garments.x_train, garments.y_train, rotation_range=5)
        next(iterator)
        if check:
            check_pipeline(iterator, iterator)
        batches.append([next(iterator)[0] for _ in range(5)])
    np.testing.assert_array_equal(*batches)


def test_states_are_put_back_after_an_error(garments):
    def broken(x):
        np.random.random()
        raise RuntimeError("no")

    before = str(np.random.get_state())
    with pytest.raises(RuntimeError, match="no"):
        check_pipeline((garments.x_train, garments.y_train), augment=broken)
    assert str(np.random.get_state()) == before


def test_weights_and_moving_averages_stay(garments):
    model = checkup_cases.network(garments, layers.RandomFlip(), layers.BatchNormalization())
    before = model.get_weights()
    check_pipeline((garments.x_train, garments.y_train), model=model)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


# Bounds


def test_no_more_images_are_read_than_allowed(garments):
    read = []

    def change(x, rng):
        read.append(len(x))
        return checkup_cases.shift(x, rng)

    report = check_pipeline(Batches(garments.x_train, garments.y_train, change), max_images=128)
    assert sum(read) <= 128
    assert report["repeats"].status == NOT_FOUND  # the first parts of two epochs are near copies of one another
    assert "up to 64 images" in report.notes[0]


@pytest.mark.parametrize(("most", "kept"), [(2**27, 64), (2**16, 5), (1, 2)])
def test_of_long_sets_some_images_are_kept_whole_and_none_with_its_batch(monkeypatch, most, kept):
    monkeypatch.setattr(epochs, "KEPT_BYTES", most)
    batches = [np.random.default_rng(i).random((32, 32, 32, 3), np.float32) for i in range(4)]
    source = Source("train", "a list of batches", batches, lambda: iter(batches), batches=4)
    first = epochs._FirstEpoch()
    for x in source.epoch():
        first.add(x, x)
    assert len(first.kept) == kept and all(image.base is None for image in first.kept)
    assert len(epochs.read(source, 512, 60).images) == kept


# Each part of "sets differ", each degenerate image


def test_what_differs_is_named(garments):
    x, y = garments.x_train, garments.y_train
    for other, expected in [
        ((255 * x, y), "training and validation have different ranges of values"),
        ((x[:, :20], y), "images have another size in validation"),
        ((np.moveaxis(x, 3, 1), y), "colour channels have another order in validation"),
        ((x, keras.utils.to_categorical(y)), "labels are coded differently in training and validation"),
        ((x, y.astype(str)), "labels are coded differently in training and validation"),
        ((x[y == 0], y[y == 0]), "labels are coded differently in training and validation"),
        ((255 * x[:, :20], y[:, None]), "images have another size in validation"),
        ((x, None), "labels are coded differently in training and validation"),
    ]:
        other = other if other[1] is not None else (other[0],)
        assert value((x, y), "sets differ", validation=other) == (FOUND, expected)
    assert value((x, y[:, None]), "sets differ", validation=(x[:64], y[:64])) == (NOT_FOUND, "")
    assert value((x, y), "sets differ", validation=(x.astype("float64"), y)) == (NOT_FOUND, "")


def test_degenerate_images_are_named(garments):
    x = garments.x_train.copy()
    x[3, 0, 0] = np.nan
    assert value((x, garments.y_train), "degenerate") == (FOUND, "images hold NaN or infinity")
    assert value((np.zeros_like(x), garments.y_train), "degenerate") == (FOUND, "blank images")
    binary = (garments.x_train > 0.5).astype("uint8")
    assert value((binary, garments.y_train), "degenerate", validation=(binary, garments.y_train))[0] == NOT_FOUND
    both = check_pipeline((binary, garments.y_train), (garments.x_val, garments.y_val))["degenerate"]
    assert both[:2] == (FOUND, "images have two values only")


def test_one_infinite_pixel_spoils_no_other_finding(garments):
    x, order = garments.x_train.copy(), np.argsort(garments.y_train, kind="stable")
    x[3, 0, 0] = np.inf
    train = dataset(x[order], garments.y_train[order], shuffle=False)
    report = check_pipeline(train, (garments.x_val, garments.y_val), live=False)
    assert report["degenerate"][:2] == (FOUND, "images hold NaN or infinity")
    assert report["sets differ"].status == NOT_FOUND
    assert report["order"].status == FOUND


def test_class_names_may_be_an_array_or_numbers(garments):
    for names in (np.array(["pullover", "coat"]), [0, 1]):
        report = check_pipeline((garments.x_train, garments.y_train), class_names=names)
        assert report["sets differ"].status == CANT_TELL


def test_a_dropped_remainder_is_no_augmented_validation(garments):
    validation = tf.data.Dataset.from_tensor_slices((garments.x_val[:70], garments.y_val[:70]))
    validation = validation.shuffle(70).batch(32, drop_remainder=True)
    assert value((garments.x_train,), "validation moves", validation=validation)[0] == CANT_TELL


def test_sets_may_come_without_labels_or_alone(garments):
    report = check_pipeline(garments.x_train)
    assert not report.found
    assert {name for name, finding in report.items() if finding.status == NOT_FOUND} == {
        "repeats", "degenerate", "order",
    }  # fmt: skip
    assert report["labels"].status == report["validation moves"].status == CANT_TELL


def test_colour_images_of_other_sizes():
    rng = np.random.default_rng(0)
    for shape in ((40, 64, 3), (5, 9, 1), (8, 8, 4), (13, 31, 3)):
        x = rng.random((64, *shape), np.float32)
        assert not check_pipeline((x, np.arange(64) % 3), (rng.random((48, *shape)), np.arange(48) % 3)).found
