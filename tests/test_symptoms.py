"""The page for those who come with a symptom: each of its Keras blocks runs, each check prints True before the repair
and False after it. Its PyTorch is run by tests/slow/check_torch.py, its numbers are in tests/test_numbers.py.
"""

import contextlib
import importlib.metadata
import itertools
import math
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from symptom_page import (
    BACKEND_MESSAGES,
    FIRST_STEPS,
    KERAS_MESSAGES,
    LOGGED_MESSAGES,
    MESSAGES,
    PYTORCH_MESSAGES,
    as_printed,
    code_of,
    entries,
    message_of,
    patients,
    phone,
    run,
    says,
)

ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator
ROOT = Path(__file__).resolve().parent.parent
# What its check prints is a matter of time, and of no other load: make check-waits
TIMED = "The GPU waits"
KERAS_WORKERS = "Keras workers: workers=, use_multiprocessing"


def files(folder, labels, picture, each=10):
    """Pictures of each label below a folder."""
    for label in labels:
        Path(folder, label).mkdir(parents=True)
        for number in range(each):
            path = f"{folder}/{label}/{number}.png"
            keras.utils.save_img(path, picture(label, number), scale=False)


def noise(label, number):
    """Dogs are brighter than the others."""
    picture = np.random.default_rng(number).integers(30, 110, (40, 50, 3), "uint8")
    if label == "dog":
        picture += np.uint8(110)
    return picture


def by_label(dataset):
    """The pictures of a pass, by their label."""
    found = {}
    for x, y in dataset.as_numpy_iterator():
        if np.ndim(y) == 0:  # not a batch
            x, y = [x], [y]
        for picture, label in zip(x, y, strict=True):
            found[int(label)] = picture
    return found


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    for part in ("train", "validation"):
        files(folder / part, ("cat", "dog"), noise)
    return folder


@pytest.fixture(scope="module")
def first_names(photographs):
    """What the first block of the page leaves behind; its data sets read from the folder where they are used."""
    names = {}
    with contextlib.chdir(photographs):
        keras.utils.set_random_seed(1)
        exec(code_of(FIRST_STEPS, "Keras")[1][0], names)
    return names


@pytest.fixture
def names(first_names, photographs, tmp_path, monkeypatch):
    """The same names, in a folder of pictures of a test's own."""
    monkeypatch.chdir(shutil.copytree(photographs, tmp_path / "photographs"))
    keras.utils.set_random_seed(1)
    yield dict(first_names)
    keras.mixed_precision.set_global_policy("float32")


def compiled(*stack, rate=0.01):
    model = keras.Sequential([keras.Input((64, 64, 3)), *stack])
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def by_means():
    return layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")


def small(*middle, rate=0.01):
    last = by_means()
    return compiled(layers.Rescaling(1 / 255), layers.Conv2D(4, 3, 2), *middle, *last, rate=rate)


def by_brightness():
    """A model that is right about every dog."""
    model = compiled(*by_means())
    weights, bias = np.array([[0, 1]] * 3, "float32"), np.array([0, -360], "float32")
    model.layers[-1].set_weights([weights, bias])
    return model


# What an entry needs beside the names of the first block


def a_backbone(names):
    stack = [layers.Conv2D(4, 3, 4), layers.BatchNormalization(), layers.GlobalAveragePooling2D()]
    backbone = keras.Sequential(stack)
    names |= {"backbone": backbone, "model": compiled(backbone, layers.Dense(2, "softmax"))}
    backbone.trainable = False


def a_backbone_without_training(names):
    """As Keras's guide has it: called with training=False, and unfrozen behind the last layer's training."""
    a_backbone(names)
    inputs = keras.Input((64, 64, 3))
    features = names["backbone"](inputs, training=False)
    names["model"] = keras.Model(inputs, layers.Dense(2, "softmax")(features))


def few_rare(names):
    pictures = np.random.default_rng(0).uniform(0, 255, (40, 8, 8, 3)).astype("float32")
    names["images"] = tf.data.Dataset.from_tensor_slices((pictures, [1] * 3 + [0] * 37))


def slow_files(names):
    slow = names["images"].map(lambda x, y: (tf.numpy_function(waiting, [x], "float32"), y))
    names["images"] = slow.map(lambda x, y: (tf.ensure_shape(x, (64, 64, 3)), y))
    names["network"] = names["model"] = compiled(pause(0.12), *by_means())


def waiting(x, seconds=0.24):
    time.sleep(seconds)
    return x


def pause(seconds):
    """A layer that takes so long for each image."""

    def wait(images):
        return waiting(images, seconds * len(images))

    def call(x):
        return tf.ensure_shape(tf.numpy_function(wait, [x], "float32"), x.shape)

    return layers.Lambda(call)


def masks(names):
    """Discs, each at a place of its own."""
    x, y = np.random.default_rng(0).uniform(16, 48, (2, 20, 1, 1))
    rows, columns = np.mgrid[:64, :64]
    names["y"] = ((rows - y) ** 2 + (columns - x) ** 2 < 144).astype("int32")[..., None]
    names["x"] = names["y"].astype("float32")


def overflowing(names):
    names["augment"] = lambda image, training: image + 200


def moving_and_dropping(names):
    last = layers.Flatten(), layers.Dense(2)
    names["model"] = compiled(layers.RandomTranslation(0.4, 0.4), layers.Dropout(0.5), *last)


def a_small_model(names):
    names["model"] = small()


def always_right(names):
    names["model"] = by_brightness()
    names["history"] = SimpleNamespace(history={"accuracy": [0.6]})


def a_page_for_an_image(names):
    Path("train/dog/page.png").write_text("<html>", encoding="utf-8")


def phone_too(names):
    phone()


def on_jax(names):
    """The check asks for the backend; that the map fails there is in tests/slow/check_backends.py."""
    asked = SimpleNamespace(backend=lambda: "jax")
    names["keras"] = SimpleNamespace(backend=asked, Sequential=keras.Sequential)


FIXTURES = {
    "Cannot convert": on_jax,
    "Unknown image": a_page_for_an_image,
    "EXIF": phone_too,
    "Frozen backbone": a_backbone,
    "Unfreezing": a_backbone_without_training,
    "Input 0": a_small_model,
    "A saved model": a_small_model,
    "Augment only the rare": few_rare,
    "The GPU waits": slow_files,
    "Masks or boxes": masks,
    "First augment": patients,
    "save_to_dir": overflowing,
    "Are augmentation layers active": moving_and_dropping,
    "evaluate is good": always_right,
    "Validation accuracy is": always_right,
}


# Names with which a check prints True, and names with which it doesn't, without a repair in code or beside it


def one_hot_or_not(names):
    def flow(labels):
        return {"train": ImageDataGenerator().flow(np.zeros((2, 8, 8, 3)), labels)}

    return flow([[1, 0]] * 2), flow([[0], [1]])


def from_one_or_from_255(names):
    def first(scale):
        generator = ImageDataGenerator(brightness_range=(1, 1), rescale=1 / scale)
        return {"changed": generator.flow(names["x_train"] * scale)[0]}

    return first(1 / 255), first(1)


def far_or_not(names):
    return {"turn": layers.RandomRotation(23 / 360)}, {"turn": layers.RandomRotation(12 / 360)}


def plain_or_live(names):
    return {"train": names["plain"]}, {}


def versions_or_not(names):
    def paths(second):
        return {"original_of": lambda path: path[:3], "paths": ["a/1.png", second]}

    return paths("a/1_aug0.png"), paths("b/1.png")


def upside_down_or_not(names):
    def changed(layer):
        return {"live": lambda x, y: (layer(x, training=True), y)}

    return changed(layers.RandomFlip("vertical")), changed(layers.RandomTranslation(0.1, 0.1))


def gone_or_not(names):
    old = SimpleNamespace(image=SimpleNamespace(ImageDataGenerator=ImageDataGenerator))
    return {}, {"keras": SimpleNamespace(preprocessing=old)}


CASES = {
    "cannot import": gone_or_not,
    "Augment only the rare": one_hot_or_not,
    "NaN": from_one_or_from_255,
    "Augmentation makes": far_or_not,
    "How many images": plain_or_live,
    "A 3x data set": versions_or_not,
    "Left and right": upside_down_or_not,
}


# What else the repaired code does


def by_a_black_corner(images):
    return (np.mean(images[:, :4, :4], axis=(1, 2, 3)) == 0).astype(int)


def by_the_mean(images):
    return (np.mean(images, axis=(1, 2, 3)) > 250).astype(int)


def rare_is_half(names):
    """And the traces of augmentation are found in what a model says of the other class."""
    _, told = code_of("Augment only the rare class?", "Keras")[0]
    turn = layers.RandomRotation((0.05, 0.1), fill_mode="constant")
    common = np.full((8, 64, 64, 3), 200, "float32")
    names |= {"common": common, "change": lambda images: np.asarray(turn(images, training=True))}
    assert says(told, names | {"answer": by_a_black_corner}) == [True]
    assert says(told, names | {"answer": by_the_mean}) == [False]

    batches = list(names["train"].take(13).as_numpy_iterator())
    shown = np.concatenate([x for x, _ in batches])
    drawn = np.concatenate([y for _, y in batches])
    assert len(drawn) == 13 * 32 and 0.4 < np.mean(drawn) < 0.6
    assert len(np.unique(shown[drawn == 1], axis=0)) > 3, "versions of the rare ones"


def whole_epochs(names):
    train = names["train"]
    shown = [np.concatenate([x for x, _ in train]) for _ in range(2)]
    assert len(shown[0]) == len(names["x"]) and train.element_spec[0].dtype == "float32"
    assert next(iter(train))[0].shape[0] == 20, "full batches"


def one_change_a_picture(names):
    kept = names["images"].cache().enumerate()
    images = by_label(kept.map(lambda i, pair: (pair[0], i)))
    changed = by_label(kept.map(lambda i, pair: (names["change"](*pair)[0], i)))
    spread = []
    for i, image in images.items():
        spread.append([np.ptp(changed[i] - image), np.ptp(changed[i] - image[:, ::-1])])
    assert np.min(spread, axis=1).max() < 1e-3, "one brightness for all of a picture"
    assert 0 < np.mean(np.argmin(spread, axis=1)) < 1, "some are mirrored"


def parts_of_a_whole(names):
    parts = [names["versions"](names[part]) for part in ("train", "validation")]
    assert [len(part) for part in parts] == [16, 4] and parts[1] < names["versions"](names["plain"])


def split_alike(names):
    train, validation = (set(names[part].filenames) for part in ("train", "validation"))
    assert validation == {"cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"}
    assert len(train - validation) == 16
    title = "random_split or validation_split: validation is augmented"
    _, blocks = code_of(title, "Keras")
    run(blocks[0], names)
    parts_of_a_whole(names)


def all_saved(names):
    """The first file of a number is the image of that number, also in the next run; no version overflows."""
    (check, _), (code, _) = code_of("save_to_dir: too few or too many files, one folder", "Keras")
    originals = [*sorted(Path("train/cat").iterdir()), *sorted(Path("train/dog").iterdir())]
    for number, path in enumerate(originals):
        saved = f"augmented/{path.parent.name}/{number}_aug"
        assert np.abs(read(f"{saved}0.png") - tf.image.resize(read(path), (64, 64))).max() <= 1
    assert read(f"{saved}16.png").min() == 255, "an overflow"
    again = code.partition("# after")[2]
    with pytest.raises(FileExistsError):
        exec(again, names)
    shutil.copy("augmented/cat/0_aug0.png", "augmented/0_aug17.png")
    assert says(check, names) == [True], "one file too many"
    shutil.rmtree("augmented")
    names["augment"] = lambda image, training: image / 255
    exec(again, names)
    assert says(check, names) == [True], "the copies are black"


def read(path):
    return keras.utils.img_to_array(keras.utils.load_img(path))


def renamed(names):
    ramp = np.linspace(0, 255, 64, dtype="float32")[:, None] * np.ones((64, 64, 1, 3), "float32")
    shown, label = map(np.asarray, names["live"](ramp, np.zeros(64, "int32")))
    assert np.array_equal(shown[:, 0, 0, 0] > shown[:, 0, -1, 0], label) and 0 < label.mean() < 1


def grouped(names):
    assert len(names["train_paths"]) == 32 and len(names["validation_paths"]) == 4
    assert "_aug" not in str(names["validation_paths"])
    original_of = names["original_of"]
    assert original_of("cat/001.png") == original_of("cat/001_aug0.png") == "cat/001"
    assert original_of("dog/001.png") == "dog/001"
    for exported in ("a_cat_jpg.rf.1a2b.jpg", "a_cat_jpg.rf.cc.jpg", "a_cat.JPEG"):
        assert original_of("all/" + exported) == "all/a_cat"
    assert original_of("all/a_cat2_png.rf.1a2b.png") == "all/a_cat2"
    assert names["patient_of"]("covid/p23-4.png") == "p23"
    by_original, by_patient = code_of("First augment, then split? Cross-validation?", "Keras")[1]
    by_folder = by_patient.replace(".stem", ".parent.name")
    classes = [i % 2 for i in range(20)]
    a_group_a_file = {"paths": [f"p-{i % 2}/{i}.png" for i in range(20)], "classes": classes}
    a_group_a_class = {"paths": [f"{i % 2}/p{i}-1.png" for i in range(20)], "classes": classes}
    for code, slices in ((by_patient, a_group_a_file), (by_folder, a_group_a_class)):
        with pytest.raises(AssertionError, match="neither a class nor a file"):
            run(code, slices)
    with pytest.raises(AssertionError, match="no copies"):
        run(by_original.replace("_aug", "_copy"), {})


def replayed(names):
    """One stream for fit, AUTOTUNE or not; arrays with workers, from any epoch on: the same network."""
    epochs = [names["show"](epoch) for epoch in (0, 1)]
    assert not epochs[0] & epochs[1]
    for shown, batch in zip(epochs, names["train"].take(2), strict=True):
        assert names["versions"]([batch]) == shown
    one_by_one = []
    for number, (x, _) in names["numbered"].as_numpy_iterator():
        one_by_one.append([names["affine"].version(x[None], [number], 1)])
    assert names["versions"](one_by_one) == epochs[1], "AUTOTUNE or batches matter"

    names["x_train"] = np.repeat(names["x_train"], 8, 0)
    names["y_train"] = np.repeat(names["y_train"], 8)
    expected, shown = fresh(), []
    for epoch in (1, 2):
        names["live"].epoch = epoch
        batches = [names["live"][batch] for batch in range(5)]
        shown.append(names["versions"](batches))
        for x, y in batches:
            expected.train_on_batch(x, y)
    assert len(shown[0] | shown[1]) == 2 * 160, "a version comes again"

    names["live"] = names["Live"](workers=4)
    model = fresh()
    training = {"initial_epoch": 1, "epochs": 3, "shuffle": False, "verbose": 0}
    model.fit(names["live"], callbacks=[names["follow"]], **training)
    for weight, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-4, atol=1e-6)


def one_hot_too(names):
    checks, _ = code_of("evaluate is good, but predict is bad", "Keras")
    assert says(checks[0], names | {"labels": np.eye(2)[names["labels"]]}) == [False]
    single = {"answers": names["answers"][:, 1:], "labels": names["labels"][:, None]}
    assert says(checks[0], names | single) == [False]


def in_the_model_too(names):
    check = code_of("The GPU waits for augmentation", "Keras")[0][0]
    network = compiled(pause(0.04), *by_means())
    names |= {"train": names["plain"], "network": network}
    models = compiled(pause(0.1), network), network
    assert [says(check, names | {"model": model}) for model in models] == [[True], [False]]


def interpolated_too(names):
    """Turned masks have no other classes, fit takes the pairs, and a turn of the first code is judged alike."""
    assert set(np.unique(names["moved_mask"])) == {0, 1}
    model = keras.Sequential([layers.Conv2D(1, 1)])
    model.compile(loss="mse")
    model.fit(names["pairs"], steps_per_epoch=1, verbose=0)
    checks, (code, *_) = code_of("Masks or boxes don't move with the image", "Keras")
    turning = code.replace('RandomFlip("horizontal")', "RandomRotation(0.1)")
    assert turning != code and run(turning, names, checks) == [[True], [False]]


def alike(names):
    train = np.concatenate([x for x, _ in names["train"]])
    validation = np.concatenate([x for x, _ in names["validation"]])
    assert min(train.min(), validation.min()) > -1.001
    assert abs(train.mean() - validation.mean()) < 0.1
    title = next(title for title in entries("Keras") if title.startswith("Normalize"))
    (check,), _ = code_of(title, "Keras")
    never_divided = (names["x_train"] - 0.485) / 0.229
    assert says(check, names | {"x": never_divided}) == [True]


def labels_stay_with_images(names):
    """Dogs are bright; and the buffer is also judged of records and of images of any size."""
    for x, label in names["train"].unbatch():
        assert (np.mean(x) > 127) == label
    (check,), _ = code_of("Out of memory in shuffle or cache", "Keras")

    def told(shuffled):
        (large,) = says(check, names | {"shuffled": shuffled})
        return large

    def records(length):
        path = f"{length}.tfrecord"
        with tf.io.TFRecordWriter(path) as file:
            for _ in range(3):
                file.write(bytes(length))
        return tf.data.TFRecordDataset(path)

    def of_any_size(pixels):
        spec = tf.TensorSpec((None, None, 3)), tf.TensorSpec((), "int32")
        pairs = [(np.zeros((pixels + more, pixels, 3), "float32"), 1) for more in range(3)]
        return tf.data.Dataset.from_generator(lambda: pairs, output_signature=spec)

    assert told(records(600_000)) and not told(records(5_000))
    assert told(of_any_size(224)) and not told(of_any_size(32))
    texts = tf.data.Dataset.from_tensor_slices([["name.png"] * 32])
    assert not told(texts) and told(texts.map(lambda names: tf.strings.join([names] * 1_000)))


def edges_of_all_sides(names):
    (check, of_white), _ = code_of("Streaks or mirrored edges at the borders", "Keras")
    unfilled = layers.RandomRotation(0.1, fill_mode="constant")
    assert says(of_white, names | {"move": unfilled}) == [True]
    mirrored = layers.Pipeline([layers.RandomFlip(), layers.RandomTranslation(0.0, 0.1)])
    streaks = layers.RandomTranslation(0.0, 0.2, fill_mode="nearest")
    black = layers.RandomRotation(10 / 360, fill_mode="constant")
    grey = layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=128)
    (of_a_generator,) = re.findall(r"^# an old generator: (move = .+)$", check, re.MULTILINE)
    old = {"np": np, "generator": ImageDataGenerator(height_shift_range=0.2)}
    exec(of_a_generator, old)
    for move, told in (
        (mirrored, True),
        (streaks, True),
        (old["move"], True),
        (black, False),
        (grey, False),
    ):
        assert says(check, names | {"move": move}) == [told], move


def fresh():
    keras.utils.set_random_seed(0)
    model = small()
    model.run_eagerly = True  # of few batches, making a program of it takes longest
    return model


def answers_as_it_did(names):
    """Also with new layers, whose weights are those of the file alone."""
    trained = names["model"].predict(names["x"], verbose=0)
    (block,) = code_of("A saved model doesn't load: Lambda", "Keras")[1]
    again = block.partition("# after")[2].replace('model.save("old.keras")', "")
    names["network"] = keras.models.clone_model(names["network"])
    exec("# after" + again, names)
    np.testing.assert_allclose(names["model"].predict(names["x"], verbose=0), trained, atol=1e-4)


def read_as_it_was_written(names):
    read = names["decode"](names["stored"])
    assert np.array_equal(read, tf.cast(names["x"][0], "uint8"))


def never_mixed(names):
    """Whole numbers, one-hot labels and averaged class numbers: none is told to be right by being mixed."""
    (told, _), _ = code_of("mixup or CutMix: training accuracy is low", "Keras")
    averaged = np.array([0.3, 1.7])
    for labels in (np.arange(3), np.eye(3), averaged, np.outer([0.2, 0.8], [1, 2])):
        assert says(told, names | {"train": [(None, labels)]}) == [False]
    assert says(told, names) == [True]


def in_fit_alone_a_flow_ends(names):
    """With any number of steps it shows what the page says; a for loop over a flow goes on."""

    class Counted(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            counts.append(0)

        def on_train_batch_end(self, batch, logs=None):
            counts[-1] += 1

    read = {"target_size": (64, 64), "class_mode": "sparse", "batch_size": 4}
    flow = ImageDataGenerator().flow_from_directory("train", **read)
    model = small()
    for steps, batches in ((None, [5, 5]), (20, [5, 5]), (4, [4, 1])):
        counts = []
        model.fit(flow, epochs=2, steps_per_epoch=steps, verbose=0, callbacks=[Counted()])
        assert counts == batches
    assert sum(1 for _ in itertools.islice(flow, 30)) == 30


def in_float32(names):
    """The map's images and labels; the other layers that the page names stop and are mended alike."""
    x, y = next(iter(names["train"]))
    assert x.dtype == y.dtype == "float32"
    assert layers.Dense(1).compute_dtype == "float16", "the model keeps its own"
    batch = names["plain"].map(lambda x, y: {"images": x, "labels": tf.one_hot(y, 2)})

    def mapped(change):
        return batch.map(lambda both: change(both, training=True))

    for name in ("CutMix", "RandomErasing", "RandomGaussianBlur", "RandomElasticTransform"):
        layer = getattr(layers, name)
        with pytest.raises(ValueError, match="Unsupported dtype"):
            mapped(layer())
        mapped(layer(dtype="float32"))


def frozen_is_in_place(names):
    norm = names["backbone"].layers[1]
    assert not norm.trainable and names["backbone"].layers[0].trainable


def on_the_phone(names):
    """What the two repairs export, TFLite converts, to a network that answers as predict does."""
    x, model = names["x"].numpy(), moving_and_fixed()
    names |= {"model": model}
    _, blocks = code_of("Are augmentation layers active in predict or export?", "Keras")
    for block in blocks[:2]:
        exec(block.partition("# after")[2].partition("\n")[2], names)
        converted = tf.lite.TFLiteConverter.from_saved_model("exported").convert()
        network = tf.lite.Interpreter(model_content=converted)
        network.resize_tensor_input(network.get_input_details()[0]["index"], x.shape)
        network.allocate_tensors()
        network.set_tensor(network.get_input_details()[0]["index"], x)
        network.invoke()
        said = network.get_tensor(network.get_output_details()[0]["index"])
        np.testing.assert_allclose(said, model.predict(x, verbose=0), atol=1e-4)


def moving_and_fixed():
    return compiled(
        layers.RandomFlip(), layers.RandomRotation(0.1), layers.Rescaling(1 / 255), *by_means()
    )


AFTER = {
    "Your input": in_fit_alone_a_flow_ends,
    "Mixed precision": in_float32,
    "Unfreezing": frozen_is_in_place,
    "Are augmentation layers": on_the_phone,
    "Input to reshape": read_as_it_was_written,
    "A saved model": answers_as_it_did,
    "mixup": never_mixed,
    "Augment only the rare": rare_is_half,
    "Cached or preloaded": whole_epochs,
    "The same augmentation": one_change_a_picture,
    "random_split": split_alike,
    "Left and right": renamed,
    "take and skip": parts_of_a_whole,
    "save_to_dir": all_saved,
    "First augment": grouped,
    "evaluate is good": one_hot_too,
    "Out of memory": labels_stay_with_images,
    "The GPU waits": in_the_model_too,
    "Masks or boxes": interpolated_too,
    "Normalize": alike,
    "Streaks": edges_of_all_sides,
}


def split(paths, classes=None, groups=None):
    """In place of scikit-learn's, which isn't installed: every fifth group (of each class) is held out."""
    if groups is None:
        groups = paths
    if classes is None:
        classes = [0] * len(groups)
    groups, classes = np.asarray(groups), np.asarray(classes)
    held_out = np.zeros(len(groups), bool)
    for label in set(classes):
        fifth = np.unique(groups[classes == label])[::5]
        held_out |= (classes == label) & np.isin(groups, fifth)
    yield np.flatnonzero(~held_out), np.flatnonzero(held_out)


def splitter(*_, **__):
    return SimpleNamespace(split=split)


SPLITTERS = dict.fromkeys(["GroupShuffleSplit", "ShuffleSplit", "StratifiedGroupKFold"], splitter)


def of(table, title):
    return next((table[start] for start in table if title.startswith(start)), None)


@pytest.mark.parametrize("beginning", KERAS_MESSAGES)
def test_keras_prints_the_message(beginning):
    names = {"keras": keras, "np": np, "tf": tf}
    assert as_printed(message_of(beginning), KERAS_MESSAGES[beginning], names)


def test_each_message_of_the_page_is_one_that_a_test_makes_a_tool_print():
    beginnings = [*KERAS_MESSAGES, *LOGGED_MESSAGES, *BACKEND_MESSAGES, *PYTORCH_MESSAGES]
    assert sorted(MESSAGES) == sorted(map(message_of, beginnings))


def test_processes_of_keras_repeat_draws_and_numbered_ones_do_not(photographs, tmp_path):
    """In a process of its own, with a time limit: workers that are forked from TensorFlow may freeze."""
    shutil.copytree(photographs, tmp_path / "photographs")
    code = """
from symptom_page import FIRST_STEPS, code_of, run

if __name__ == "__main__":
    names = {}
    exec(code_of(FIRST_STEPS, "Keras")[1][0], names)
    names["x_train"] = names["x_train"][:1].repeat(12, axis=0)
    names["y_train"] = names["y_train"][:12]
    checks, blocks = code_of(TITLE, "Keras")
    print([run(block, names, checks) for block in blocks])
"""
    program = tmp_path / "program.py"
    program.write_text(code.replace("TITLE", repr(KERAS_WORKERS)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, program],
        cwd=tmp_path / "photographs",
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.splitlines()[-1:] == [str([[[True], [False]]] * 2)], done.stderr[-2000:]


@pytest.mark.parametrize("title", [title for title in entries("Keras") if title != KERAS_WORKERS])
def test_a_check_prints_true_before_the_repair_and_false_after_it(title, names, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", SimpleNamespace(**SPLITTERS))
    checks, blocks = code_of(title, "Keras")
    runs_only = title.startswith(TIMED) and "CHECK_WAITS" not in os.environ
    if runs_only:
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
    if fixture := of(FIXTURES, title):
        fixture(names)
    if cases := of(CASES, title):
        broken, right = cases(names)
        assert says(checks[0], names | broken) == [True]
        assert says(checks[0], names | right) == [False]
    # Of twenty epochs of "Live and replayable" three are looked at.
    blocks = [block.replace("range(1, 20)", "range(1, 3)") for block in blocks]
    printed = [run(block, names, checks) for block in blocks]
    if runs_only:
        assert all(len(said) == 1 for lines in printed for said in lines)
        return
    for block, lines in zip(blocks, printed, strict=True):
        if "# before" in block:
            assert lines == [[True], [False]], block
        else:
            assert lines == [], block
    if after := of(AFTER, title):
        after(names)


def test_the_five_steps_run_and_say_what_they_should(names, capsys):
    names["model"] = small(rate=0.1)  # so that a quarter of the epochs will do
    _, (_, steps) = code_of(FIRST_STEPS, "Keras")
    exec(steps.replace("epochs=200", "epochs=50"), names)
    said = capsys.readouterr().out
    numbers = re.search(r"\[([\d.]+), .*?\] ([\d.]+)\n([\d.e-]+)\n", said).groups()
    loss, chance, learnt = map(float, numbers)
    assert abs(loss - chance) < 0.3
    assert learnt < 0.1 < math.log(2)
    assert "repeats" not in said.partition("passed")[0]


@pytest.mark.parametrize(
    ("heading", "module", "distribution", "fault"),
    [
        ("albumentations is no longer maintained", "albumentations", "AlbumentationsX", True),
        ("albumentations is no longer maintained", "albumentations", "albumentations", False),
        ("cv2: The function is not implemented", "cv2", "opencv-python-headless", True),
        ("cv2: The function is not implemented", "cv2", "opencv-python", False),
    ],
)
def test_a_check_asks_which_package_is_imported(heading, module, distribution, fault, monkeypatch):
    def distributions():
        return {module: [distribution]}

    monkeypatch.setattr(importlib.metadata, "packages_distributions", distributions)
    (check,), _ = code_of(heading, "PyTorch")
    assert says(check, {}) == [fault]
