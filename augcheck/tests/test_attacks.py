"""What fresh pipelines showed of version 0.1: false alarms, misses and crashes, each as its shortest pipeline."""

import keras
import matplotlib.cbook
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from augcheck import CANT_TELL, FOUND, NOT_FOUND, WASTEFUL, check_pipeline

BATCH = 16


def pictures(n, seed=0, k=2):
    """Pictures with large structures, dark at the edge, whose class shows in a corner."""
    draws = np.random.default_rng(seed)
    window = np.hanning(16).astype("float32")[:, None]
    x = np.repeat(np.repeat(draws.random((n, 4, 4, 3), np.float32), 4, 1), 4, 2) * (window * window.T)[..., None]
    y = draws.integers(0, k, n)
    x[np.arange(n), 2 * y % 16, :4] += 0.2
    return 0.1 + 0.5 * x, y


X, Y = pictures(480)
VALIDATION = pictures(160, 1)


def in_batches(x, y):
    for start in range(0, len(x), BATCH):
        yield x[start : start + BATCH], y[start : start + BATCH]


class Batches:
    """Shuffled anew in each epoch; each batch changed by ``change(x, y, rng)``."""

    def __init__(self, x=X, y=Y, change=lambda x, y, rng: (x, y), seed=0):
        self.x, self.y, self.change, self.rng = x, y, change, np.random.default_rng(seed)

    def rows(self):
        return self.rng.permutation(len(self.x))

    def __iter__(self):
        rows = self.rows()
        for x, y in in_batches(self.x[rows], self.y[rows]):
            yield self.change(x, y, self.rng)


def lighten(x, y, rng):
    return (x * rng.uniform(0.7, 1, (len(x), 1, 1, 1))).astype("float32"), y


def shift(x, y, rng):
    return np.stack([np.roll(image, rng.integers(-3, 4, 2), (0, 1)) for image in x]), y


# Rows of the table of attacks


@pytest.mark.parametrize("seed", range(6))
def test_2_batches_that_are_shuffled_as_a_whole_are_no_positions(seed):
    """batch(16).cache().shuffle(1000).map(augment): an image comes back to its place once in 30 epochs."""
    rng = np.random.default_rng(seed)
    stored = list(in_batches(X, Y))

    def epoch():
        for i in rng.permutation(len(stored)):
            yield lighten(*stored[i], rng)

    assert "positions" not in check_pipeline(epoch).found


def test_a_light_that_grows_through_each_epoch_is_no_positions():
    """Neighbouring places are as much alike as the same place of two epochs: nothing is drawn again."""
    images = 0.3 * X / X.max() + 0.1
    rng = np.random.default_rng(0)

    def epoch():
        light = np.linspace(0.7, 1.3, len(images)) + rng.normal(0, 0.02, len(images))
        rows = rng.permutation(len(images))
        for x, y in in_batches(images[rows] * light[:, None, None, None], Y[rows]):
            yield x.astype("float32"), y

    assert "positions" not in check_pipeline(epoch).found


def test_2_a_counter_behind_such_a_shuffle_is_still_found():
    rng = np.random.default_rng(0)
    stored = list(in_batches(X, Y))

    def epoch():
        for place, i in enumerate(rng.permutation(len(stored))):
            yield shift(*stored[i], np.random.default_rng(place))

    assert "positions" in check_pipeline(epoch).found


def in_the_loop(x):
    return lighten(np.asarray(x), None, LOOP)[0]


LOOP = np.random.default_rng(3)


def test_3_a_list_of_clean_batches_is_read_through_augment():
    report = check_pipeline(list(in_batches(X, Y)), VALIDATION, augment=in_the_loop)
    assert "repeats" not in report.found
    assert report["shared images"].status == NOT_FOUND


def test_3_an_augmentation_in_the_training_loop_can_be_declared():
    unclear = check_pipeline(Batches(), augment=in_the_loop)
    assert not unclear.found and 'augment_in="loop"' in unclear["repeats"].change
    report = check_pipeline(Batches(), VALIDATION, augment=in_the_loop, augment_in="loop")
    assert not report.found and report["repeats"].status == NOT_FOUND


class Oversampled(Batches):
    """The rare class is drawn over and over, so that batches are balanced."""

    def rows(self):
        rare, common = (np.flatnonzero(self.y == k) for k in (1, 0))
        return self.rng.permutation(np.r_[common, self.rng.choice(rare, len(common))])


def unbalanced(x, y, n):
    keep = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:n]]
    return x[keep], y[keep]


def test_5_oversampling_is_no_alarm_and_another_balance_is_calm():
    train, validation = unbalanced(X, Y, 24), unbalanced(*VALIDATION, 8)
    report = check_pipeline(Oversampled(*train), validation, live=False)
    assert report["sets differ"].status == NOT_FOUND and "repeated" in report["sets differ"].how
    twice = tuple(np.concatenate([part, *9 * [part[train[1] == 1]]]) for part in train)
    assert not check_pipeline(twice, validation).found
    other = check_pipeline((X, Y), validation)
    assert "other shares" in other["sets differ"].value and other["sets differ"].severity == WASTEFUL
    assert other.ok


def mixed(x, y, rng):
    share = rng.beta(8, 8)
    columns = np.eye(2, dtype="float32")[y]
    return share * x + (1 - share) * x[::-1], share * columns + (1 - share) * columns[::-1]


def test_6_mixed_columns_against_class_numbers_are_no_other_coding():
    assert "sets differ" not in check_pipeline(Batches(change=mixed), VALIDATION).found
    three = X, np.eye(3)[Y]
    assert "coded differently" in check_pipeline(three, VALIDATION)["sets differ"].value


def test_6_a_class_that_a_part_or_a_small_set_lacks_is_no_other_coding():
    x, y = pictures(480, k=100)
    few = pictures(160, 1, k=100)
    assert "sets differ" not in check_pipeline(Batches(x, y), few, max_images=200, live=False).found
    x, y = pictures(96, k=3)
    small = x[y < 2][:12], y[y < 2][:12]
    assert "sets differ" not in check_pipeline((x, y), small).found
    assert "sets differ" in check_pipeline((x, y), (x[y < 2], y[y < 2])).found


def tiles(side=32, step=8):
    """Overlapping squares of the photograph that Matplotlib ships: many are nearly alike."""
    with Image.open(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as file:
        large = np.asarray(file.convert("RGB"), "float32") / 255
    corners = [(i, j) for j in range(0, large.shape[1] - side, step) for i in range(0, large.shape[0] - side, step)]
    return np.stack([large[i : i + side, j : j + side] for i, j in corners])


def as_jpeg(x, quality):
    stored = [tf.io.encode_jpeg((255 * image).round().astype("uint8"), quality=quality) for image in x]
    return np.stack([np.asarray(tf.io.decode_jpeg(one), "float32") / 255 for one in stored])


@pytest.mark.parametrize("quality", [90, 60])
def test_7_images_that_were_stored_again_are_found_among_similar_ones(quality):
    x = tiles()
    rows = np.random.default_rng(5).permutation(len(x))
    train, validation = x[rows[:2000]], x[rows[2000:2320]]
    assert check_pipeline(train, validation)["shared images"].status != FOUND
    leaking = np.concatenate([validation[64:], as_jpeg(train[:64], quality)])
    found = check_pipeline(train, leaking)["shared images"]
    assert found.status == FOUND
    right = set(zip(range(256, 320), range(64), strict=True))
    pairs = set(zip(found.indices["validation"], found.indices["train"], strict=True))
    assert len(pairs & right) >= 40 and len(pairs - right) <= 60


class WithReplacement(Batches):
    def rows(self):
        return self.rng.integers(0, len(self.x), len(self.x))


def flip(x, y, rng):
    return np.where(rng.random((len(x), 1, 1, 1)) < 0.5, x[:, :, ::-1], x), y


def test_11_stored_pictures_drawn_with_replacement_are_stored():
    stored = check_pipeline(WithReplacement(), live=False)["repeats"]
    assert stored[:2] == (NOT_FOUND, "the same pictures in every epoch")
    assert check_pipeline(WithReplacement())["repeats"].status == FOUND
    assert check_pipeline(WithReplacement(change=flip))["repeats"].status == NOT_FOUND
    assert check_pipeline(WithReplacement(change=lighten))["repeats"].status == NOT_FOUND


def test_12_two_classes_that_are_exchanged_are_found_without_names():
    train, (x, y) = pictures(480), pictures(400, 1)
    exchanged = 1 - y
    assert check_pipeline(train, (x, exchanged))["sets differ"].value == "classes exchanged"
    assert "sets differ" not in check_pipeline(train, (x, y)).found
    assert "sets differ" not in check_pipeline(train, (x, np.random.default_rng(0).permutation(y))).found
    assert "different ranges" in check_pipeline(train, (0.6 - x, y))["sets differ"].value


def cut(x, y):
    """Half of each picture comes from the one before."""
    return np.concatenate([x[:, :8], np.roll(x[:, 8:], 1, 0)], 1), 0.5 * y + 0.5 * np.roll(y, 1, 0)


@pytest.mark.parametrize("seed", range(8))
def test_13_mixing_is_no_draw_for_a_whole_batch(seed):
    assert not check_pipeline(Batches(change=lambda x, y, rng: cut(*mixed(x, y, rng)), seed=seed)).found
    assert not check_pipeline(Batches(change=mixed, seed=seed)).found


def views(side_by_side):
    def change(x, y, rng):
        several = np.repeat(np.arange(4), 4) if side_by_side else np.tile(np.arange(4), 4)
        return lighten(x[several], y[several], rng)

    return change


@pytest.mark.parametrize("side_by_side", [True, False])
@pytest.mark.parametrize("labelled", [True, False])
def test_14_several_views_of_an_image_in_a_batch_are_a_recipe(side_by_side, labelled):
    change = views(side_by_side)
    train = Batches(change=change if labelled else lambda x, y, rng: change(x, y, rng)[:1])
    assert not check_pipeline(train).found


def test_14_many_copies_in_a_batch_are_not():
    def change(x, y, rng):
        return lighten(x[np.repeat([0, 1], 8)], y[np.repeat([0, 1], 8)], rng)

    assert check_pipeline(Batches(change=change)).found == ["order"]


def test_15_larger_validation_images_are_calm_and_smaller_ones_are_not():
    larger, smaller = (np.asarray(tf.image.resize(VALIDATION[0], (n, n))) for n in (20, 12))
    report = check_pipeline((X, Y), (larger, VALIDATION[1]))
    assert report["sets differ"][:2] == (FOUND, "images have another size in validation") and report.ok
    assert not check_pipeline((X, Y), (smaller, VALIDATION[1])).ok


def test_16_workers_that_drift_apart_are_found_by_their_first_epoch():
    """Two persistent workers with one seed, of which one draws more, so that they agree in the first epoch only."""
    workers = [np.random.default_rng(0), np.random.default_rng(0)]
    order = np.random.default_rng(1)
    epochs = []

    def epoch():
        epochs.append(1)
        rows = order.permutation(len(X))
        for i, (x, y) in enumerate(in_batches(X[rows], Y[rows])):
            yield shift(x, y, workers[i % 2])
        workers[0].random(7)

    def quiet():
        rows = order.permutation(len(X))
        for x, y in in_batches(X[rows], Y[rows]):
            yield shift(x, y, order)

    assert check_pipeline(epoch)["positions"][:2] == (FOUND, "several batches get the same random changes")
    assert check_pipeline(quiet)["positions"].status == NOT_FOUND


def test_17_images_that_all_come_twice_in_an_epoch_are_found():
    class Doubled(Batches):
        def rows(self):
            return np.r_[self.rng.permutation(240), self.rng.permutation(240)]

    found = check_pipeline(Doubled(), live=False)["repeats"]
    assert found[:2] == (FOUND, "each image 2 times in an epoch") and found.severity == WASTEFUL
    assert check_pipeline(Batches(), live=False)["repeats"].status == NOT_FOUND


def test_18_batches_of_their_own_are_not_called_unshuffled_where_one_epoch_was_read():
    def alike(x, y, rng):
        return (x * rng.uniform(0.2, 1)).astype("float32"), y

    assert check_pipeline(Batches(change=alike)).found == ["one draw"]
    late = [0.0]

    def slow(x, y, rng):
        late[0] += 1
        return alike(x, y, rng)

    report = check_pipeline(Batches(change=slow), max_images=96)  # 48 of each epoch: three batches
    assert "order" not in report.found


@pytest.mark.parametrize("labelled", [True, False])
def test_19_images_without_channels_are_taken(labelled):
    grey, y = X.mean(3), Y
    report = check_pipeline((grey, y) if labelled else grey, (VALIDATION[0].mean(3), VALIDATION[1])[: 1 + labelled])
    assert not report.found and "480 images" in report.notes[0]
    assert "480 images" in check_pipeline([grey[:240], grey[240:]], live=False).notes[0]
    data = tf.data.Dataset.from_tensor_slices((grey, y)).batch(32)
    assert "480 images" in check_pipeline(data, live=False).notes[0]
    with pytest.raises(ValueError, match=r"batch\(\) missing"):
        check_pipeline(tf.data.Dataset.from_tensor_slices((grey, y)))
    with pytest.raises(ValueError, match=r"batch\(\) missing"):
        check_pipeline(tf.data.Dataset.from_tensor_slices((X, y)))


# What lost the report, and what was called sound


def test_labels_that_are_smoothed_or_several_are_compared():
    class Apart(Batches):
        def __iter__(self):
            rows = self.rows()
            yield from in_batches(self.x[rows], self.y)  # labels stay where they were

    smoothed = 0.9 * np.eye(2)[Y] + 0.05
    several = np.random.default_rng(0).integers(0, 2, (len(X), 5))
    for y in (smoothed, smoothed[:, 1], several):
        assert check_pipeline(Apart(y=y), live=False)["labels"][:2] == (FOUND, "images and labels are mismatched")
        assert check_pipeline(Batches(y=y), live=False)["labels"].status == NOT_FOUND


def test_a_model_of_feature_maps_and_validation_of_another_size_lose_no_report():
    maps = keras.Sequential([keras.Input(X.shape[1:]), layers.Conv2D(2, 3)])
    report = check_pipeline((X, Y), VALIDATION, model=maps)
    assert report["augmented twice"].status == NOT_FOUND
    dense = keras.Sequential([keras.Input(X.shape[1:]), layers.Flatten(), layers.Dense(1)])
    larger = np.asarray(tf.image.resize(VALIDATION[0], (20, 20)))
    report = check_pipeline((X, Y), (larger, VALIDATION[1]), model=dense)
    assert report.found == ["sets differ"]


def test_float64_and_unlabelled_lists_and_dictionaries_of_inputs_are_read():
    assert "sets differ" not in check_pipeline((X, Y), (VALIDATION[0].astype("float64"), VALIDATION[1])).found
    assert "480 images in 2 batches" in check_pipeline([X[:240], X[240:]], live=False).notes[0]
    named = [({"image": x}, y) for x, y in in_batches(X, Y)]
    assert check_pipeline(named, live=False)["labels"].status == NOT_FOUND
    other = [({"scan": x}, y) for x, y in in_batches(X, Y)]
    assert check_pipeline(other, live=False, keys=("scan",))["labels"].status == NOT_FOUND
    with pytest.raises(ValueError, match="say keys="):
        check_pipeline(other)


def test_quarter_turns_are_leaks():
    turned = np.concatenate([np.rot90(X[:40], 1, (1, 2)), np.rot90(X[40:80], 3, (1, 2)), X[80:120].swapaxes(1, 2)])
    found = check_pipeline((X, Y), (turned, Y[:120]))["shared images"]
    assert found[:2] == (FOUND, "validation images are also in training")
    assert list(found.indices["train"]) == list(range(120))
    noisy = turned + np.random.default_rng(0).normal(0, 0.004, turned.shape)
    assert check_pipeline((X, Y), (noisy, Y[:120]))["shared images"].value.startswith("near copies")


def test_values_scaled_twice_before_a_flat_layer_are_found():
    def network(*front):
        return keras.Sequential([keras.Input(X.shape[1:]), *front, layers.Flatten(), layers.Dense(1)])

    assert check_pipeline((X, Y), model=network(layers.Rescaling(1 / 255))).found == ["degenerate"]
    assert not check_pipeline((255 * X, Y), model=network(layers.Rescaling(1 / 255))).found


# What fresh pipelines showed of version 0.2: each an attack, the finding it is about, its status, and words in it


def again_in(x, share):
    """A share of the images divided by 255 once more."""
    some = np.random.default_rng(1).random(len(x)) < share
    return np.where(some[:, None, None, None], x / 255, x)


def in_grey(x):
    return np.repeat(x.mean(3, keepdims=True), 3, 3)


def tinted(x, y, rng):
    return x * rng.uniform(0.7, 1, (len(x), 1, 1, 3)), y


COLOURED = 0.1 + 0.5 * np.random.default_rng(8).random((480, 16, 16, 3))


def seldom(change, share):
    """A change that few images get."""
    return lambda x, y, rng: (np.where(rng.random((len(x), 1, 1, 1)) < share, change(x), x), y)


class Growing(Batches):
    """Brightness whose range grows from epoch to epoch."""

    width = 0.0

    def __iter__(self):
        self.width += 0.05
        for x, y in super().__iter__():
            yield x * self.rng.uniform(1, 1 + self.width, (len(x), 1, 1, 1)), y


class OneClass(Batches):
    """Of two classes the second alone is augmented."""

    def __iter__(self):
        for x, y in super().__iter__():
            yield np.where((y == 1)[:, None, None, None], self.second(x, y, self.rng)[0], x), y


class OneShifted(OneClass):
    def second(self, x, y, rng):
        return np.stack([np.roll(image, rng.integers(-1, 2, 2), (0, 1)) for image in x]), y


class OneFlipped(OneClass):
    def second(self, x, y, rng):
        return flip(x, y, rng)


def ending_in(activation, loss):
    model = keras.Sequential([keras.Input(X.shape[1:]), layers.Flatten(), layers.Dense(3, activation)])
    model.compile(loss=loss)
    return model


SEVERAL = (np.random.default_rng(2).random((len(X), 3)) < 0.6).astype("float32")
REDDISH = X * np.array([1, 0.8, 0.6]), Y
NORMAL = (REDDISH[0] - REDDISH[0].mean((0, 1, 2))) / REDDISH[0].std((0, 1, 2))


def by_colour(n, seed, reverse=False):
    """Two classes that differ in red against blue, each channel of mean 0."""
    x, y = pictures(n, seed)
    x = x - x.mean((0, 1, 2)) + np.where((y == 1)[:, None, None, None], [0.1, 0, -0.1], [-0.1, 0, 0.1])
    return (x[..., ::-1] if reverse else x), y


SINCE_0_2 = {
    "a quarter of validation scaled again": (
        lambda: {"train": (X, Y), "validation": (again_in(VALIDATION[0], 0.25), VALIDATION[1])},
        "degenerate",
        FOUND,
        "scaled otherwise",
    ),
    "half of validation scaled again": (
        lambda: {"train": (X, Y), "validation": (again_in(VALIDATION[0], 0.5), VALIDATION[1])},
        "degenerate",
        FOUND,
        "scaled otherwise",
    ),
    "a tenth of training scaled again": (
        lambda: {"train": Batches(again_in(X, 0.1), change=lighten)},
        "degenerate",
        FOUND,
        "10% of training",
    ),
    "half of training scaled again": (
        lambda: {"train": Batches(again_in(X, 0.5), change=lighten)},
        "degenerate",
        FOUND,
        "scaled otherwise",
    ),
    "dark pictures among others": (
        lambda: {"train": (X * np.random.default_rng(0).uniform(0.002, 1, (480, 1, 1, 1)), Y)},
        "degenerate",
        NOT_FOUND,
        "",
    ),
    "grey validation": (
        lambda: {"train": (COLOURED, Y), "validation": (in_grey(COLOURED[:160]), Y[:160])},
        "sets differ",
        FOUND,
        "validation is grey",
    ),
    "grey training": (
        lambda: {"train": (in_grey(COLOURED), Y), "validation": (COLOURED[:160], Y[:160])},
        "sets differ",
        FOUND,
        "training is grey",
    ),
    "grey images, tinted in training": (
        lambda: {
            "train": Batches(in_grey(COLOURED), change=tinted),
            "validation": (in_grey(COLOURED[:160]), Y[:160]),
        },
        "sets differ",
        NOT_FOUND,
        "",
    ),
    "classes that differ in colour, in another order of channels": (
        lambda: {"train": by_colour(480, 0), "validation": by_colour(400, 1, reverse=True)},
        "sets differ",
        FOUND,
        "something differs between",
    ),
    "many classes, in another order of channels": (
        lambda: {"train": (NORMAL, np.arange(480) % 8), "validation": (NORMAL[:, :, :, ::-1], np.arange(480) % 8)},
        "sets differ",
        NOT_FOUND,
        "",
    ),
    "several ones before a softmax": (
        lambda: {"train": (X, SEVERAL), "model": ending_in("softmax", "categorical_crossentropy")},
        "labels",
        FOUND,
        "several ones",
    ),
    "several ones before logits of one class": (
        lambda: {
            "train": (X, SEVERAL),
            "model": ending_in(None, keras.losses.CategoricalCrossentropy(from_logits=True)),
        },
        "labels",
        FOUND,
        "several ones",
    ),
    "several ones before a sigmoid": (
        lambda: {"train": (X, SEVERAL), "model": ending_in("sigmoid", "binary_crossentropy")},
        "labels",
        NOT_FOUND,
        "",
    ),
    "one class shifted": (lambda: {"train": OneShifted()}, "labels", CANT_TELL, "images of class 0 come again"),
    "one class flipped": (lambda: {"train": OneFlipped()}, "labels", CANT_TELL, "images of class 0 come again"),
    "brightness whose range grows": (lambda: {"train": Growing()}, "repeats", NOT_FOUND, "new pictures"),
    "grey now and then": (
        lambda: {"train": Batches(COLOURED, change=seldom(in_grey, 0.015))},
        "repeats",
        FOUND,
        "hardly an image changes",
    ),
    "a flip now and then": (
        lambda: {"train": Batches(change=seldom(lambda x: x[:, :, ::-1], 0.01))},
        "repeats",
        FOUND,
        "hardly an image",
    ),
    "frozen, with a remainder that is dropped": (
        lambda: {"train": tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(480).batch(34, drop_remainder=True)},
        "repeats",
        FOUND,
        "every epoch shows identical images",
    ),
}


@pytest.mark.parametrize("name", SINCE_0_2)
def test_since_0_2(name):
    make, finding, status, words = SINCE_0_2[name]
    report = check_pipeline(**make())
    said = report[finding]
    assert said.status == status and words in f"{said.value} {said.how}"
    if "hardly an image" in words:
        assert said.severity == WASTEFUL


def tutorial():
    """Keras's tutorial on transfer learning: augmentation in the model, which isn't given here."""
    return tf.data.Dataset.from_tensor_slices((X, Y)).cache().shuffle(480).batch(BATCH).prefetch(2)


def drawing(x, y):
    return x * tf.random.uniform((), 0.7, 1, x.dtype), y


def written(step, folder):
    data = tf.data.Dataset.from_tensor_slices((X, Y)).map(drawing)
    if step == "save":
        data.save(str(folder))
        data = tf.data.Dataset.load(str(folder))
    else:
        data = data.cache() if step == "cache" else data.snapshot(str(folder))
    return data.map(lambda x, y: (x + 0, y)).shuffle(480).batch(BATCH)


@pytest.mark.parametrize("step", ["cache", "save", "snapshot"])
def test_what_a_map_draws_before_it_is_stored_is_frozen(step, tmp_path):
    found = check_pipeline(written(step, tmp_path))["repeats"]
    assert found.status == FOUND and "augment behind it" in found.change
    assert {"save": "load()"}.get(step, step) in found.change


def test_a_pipeline_that_draws_nothing_says_what_to_pass_and_gives_no_repair():
    found = check_pipeline(tutorial())["repeats"]
    assert found.change.startswith("No map draws random numbers. If your model augments: check_pipeline(…, model=…)")
    image = keras.Input(X.shape[1:])
    model = keras.Model(image, layers.Dense(1)(layers.Flatten()(layers.RandomRotation(0.1)(image))))
    assert not check_pipeline(tutorial(), model=model).found
    assert not check_pipeline(tutorial(), augment=layers.RandomRotation(0.1)).found  # where else than in the loop?


def test_augment_that_the_maps_call_is_frozen_with_them():
    layer = layers.RandomRotation(0.1)
    before = tf.data.Dataset.from_tensor_slices((X, Y)).map(lambda x, y: (layer(x, training=True), y)).cache()
    found = check_pipeline(before.shuffle(480).batch(BATCH), augment=layer)["repeats"]
    assert found.status == FOUND and "draws before cache()" in found.change
    other = check_pipeline(before.shuffle(480).batch(BATCH), augment=layers.RandomFlip())["repeats"]
    assert other.status == CANT_TELL and 'augment_in="loop"' in other.change
