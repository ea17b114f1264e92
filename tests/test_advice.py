"""Advice of the pages, tried: what they say of Keras and of copying the augmenter is so in these versions."""

import inspect
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.keras.preprocessing.image import ImageDataGenerator

ROOT = Path(__file__).resolve().parent.parent
SYMPTOMS = (ROOT / "docs" / "find_your_symptom.md").read_text(encoding="utf-8")
MIGRATION = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
BLOCKS = re.compile(r"```python\n(.+?)```", re.DOTALL)


# "Your input ran out of data"


class Listening(keras.Sequential):
    """Notes the number of each batch that it is trained on, by epoch."""

    def train_step(self, data):
        self.seen[-1].append(int(data[0][0, 0]))
        return super().train_step(data)


class Epochs(keras.callbacks.Callback):
    """Begins a list for each epoch, and stops a run that goes on."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.seen.append([])

    def on_train_batch_end(self, batch, logs=None):
        if batch >= 50:
            raise RuntimeError("this epoch does not end")


def fitted(batches, **options):
    model = Listening([keras.Input((1,)), keras.layers.Dense(1)])
    model.seen = []
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(batches, verbose=0, callbacks=[Epochs()], **options)
    return model.seen


def ten_batches():
    for number in range(10):
        yield np.full((4, 1), number, "float32"), np.zeros((4, 1), "float32")


def endless():
    while True:
        yield from ten_batches()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_generator_that_stops_gives_later_epochs_two_batches():
    assert fitted(ten_batches(), epochs=4) == [[*range(10)], [0, 1], [0, 1], [0, 1]]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_endless_generator_needs_the_formula():
    assert fitted(endless(), epochs=3, steps_per_epoch=math.ceil(38 / 4)) == [[*range(10)]] * 3
    with pytest.raises(RuntimeError, match="does not end"):
        fitted(endless(), epochs=3)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_finite_data_set_needs_none():
    numbers = np.arange(10, dtype="float32").repeat(4)[:, None]
    data = tf.data.Dataset.from_tensor_slices((numbers, 0 * numbers)).batch(4)
    assert fitted(data, epochs=3) == [[*range(10)]] * 3


# "preprocess_input and rescale, or only one?"


def prepared(network, images):
    return getattr(keras.applications, network).preprocess_input(images.copy())


def test_preprocess_input_wants_0_to_255_and_no_rescale():
    black_and_white = np.stack([np.zeros((8, 8, 3)), np.full((8, 8, 3), 255)]).astype("float32")
    assert (
        np.ptp(prepared("mobilenet_v2", black_and_white)) == 2 and prepared("mobilenet_v2", black_and_white).min() == -1
    )
    red = np.zeros((1, 8, 8, 3), "float32") + [255, 0, 0]
    blue_first = prepared("resnet50", red)[0, 0, 0]
    np.testing.assert_allclose(blue_first, [0 - 103.939, 0 - 116.779, 255 - 123.68], atol=1e-3)
    np.testing.assert_array_equal(prepared("efficientnet", black_and_white), black_and_white)
    for network in ("mobilenet_v2", "resnet50"):  # with both, all pictures look nearly the same
        both = prepared(network, black_and_white / 255)
        assert np.abs(both[1] - both[0]).max() < 0.01 * np.abs(np.subtract(*prepared(network, black_and_white))).max()
        alone = black_and_white / 255
        assert alone.min() == 0 and alone.max() == 1


@pytest.mark.parametrize(("name", "rescales"), [("EfficientNetB0", True), ("MobileNetV2", False), ("ResNet50", False)])
def test_of_these_networks_only_efficientnet_rescales_inside(name, rescales):
    model = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(32, 32, 3))
    inside = [layer for layer in model.layers if isinstance(layer, keras.layers.Rescaling)]
    assert bool(inside) == rescales


# "Class weights or augmentation for the rare class?"


def test_sample_from_datasets_shows_the_rare_class_as_often():
    rare, common = (tf.data.Dataset.from_tensors(label).repeat() for label in (1, 0))
    mixed = tf.data.Dataset.sample_from_datasets([rare, common], weights=[0.5, 0.5], seed=0)
    assert 0.4 < np.mean(list(mixed.take(500).as_numpy_iterator())) < 0.6


# "Augmented images look blurred", and the migration page


def test_the_augmenter_works_alone_in_an_empty_folder(tmp_path):
    asked = [
        re.search(r"opy ((?:`\w+\.py`(?:, | and )?)+) into a folder `helpers`", page) for page in (SYMPTOMS, MIGRATION)
    ]
    (files,) = {tuple(re.findall(r"`(\w+\.py)`", found[1])) for found in asked}
    (tmp_path / "helpers").mkdir()
    for name in files:
        shutil.copy(ROOT / "helpers" / name, tmp_path / "helpers")
    code = """
from helpers.augment import RandomAffine
import numpy as np
images = np.random.default_rng(0).random((4, 28, 28, 1), "float32")
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
assert not np.allclose(augment(images), images, atol=0.01)
import helpers, sys
print(list(helpers.__path__))
"""
    (tmp_path / "script.py").write_text(code, encoding="utf-8")
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "helpers") in done.stdout


def migrated(train, validation):
    names = {"keras": keras, "layers": keras.layers, "tf": tf, "train": train, "validation": validation}
    (code,) = [code for code in BLOCKS.findall(MIGRATION) if "RandomRotation" in code]
    exec(code, names)
    return [x.shape for x, _ in names["train"]], [x.shape for x, _ in names["validation"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("photographs")
    for label in ("cat", "dog"):
        (path / label).mkdir()
        for number in range(20):
            image = np.random.default_rng(number).integers(0, 255, (10, 12, 3), "uint8")
            keras.utils.save_img(path / label / f"{number}.png", image, scale=False)
    return path


def test_the_migrated_pipeline_takes_single_images_and_not_batches(folder):
    read = keras.utils.image_dataset_from_directory
    single, batched = (read(folder, image_size=(28, 28), batch_size=size, verbose=False) for size in (None, 32))
    with pytest.raises(ValueError):
        migrated(batched, batched)
    for data in (single, batched.unbatch()):
        assert migrated(data, data) == ([(32, 28, 28, 3), (8, 28, 28, 3)],) * 2


def test_folders_are_read_with_other_defaults(folder):
    old = inspect.signature(ImageDataGenerator.flow_from_directory).parameters
    new = inspect.signature(keras.utils.image_dataset_from_directory).parameters
    assert [old[name].default for name in ("interpolation", "class_mode")] == ["nearest", "categorical"]
    assert [new[name].default for name in ("interpolation", "label_mode")] == ["bilinear", "int"]
    _, labels = next(iter(keras.utils.image_dataset_from_directory(folder, verbose=False)))
    assert labels.dtype == tf.int32 and labels.shape == (32,)


def test_brightness_range_multiplies_and_the_code_of_the_page_does():
    (code,) = [code for code in BLOCKS.findall(MIGRATION) if "brighten" in code]
    names = {"tf": tf}
    exec(code, names)
    tf.random.set_seed(0)
    images = np.random.default_rng(0).uniform(0.3, 0.6, (64, 6, 6, 1)).astype("float32")
    factors = np.asarray(names["brighten"](images)) / images
    one_each = factors.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(factors, one_each[:, None, None, None].repeat(6, 1).repeat(6, 2), rtol=1e-4)
    assert 0.69 < one_each.min() < 0.8 and 1.2 < one_each.max() < 1.31
    assert np.asarray(names["brighten"](images + 0.3)).max() <= 1
    added = np.asarray(keras.layers.RandomBrightness(0.2, value_range=(0, 1), seed=0)(images))
    assert np.ptp((added - images)[0]) < 1e-5 < np.ptp((added / images)[0])  # an addition
