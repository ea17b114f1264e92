"""What docs/migration.md and docs/find_your_symptom.md say of Keras and of ImageDataGenerator, as installed.

The formulas of the migration page are taken from its table.
"""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

DOCS = Path(__file__).resolve().parents[2] / "docs"
MIGRATION = (DOCS / "migration.md").read_text(encoding="utf-8")
SIZE, CONSTANT = 21, {"fill_mode": "constant"}


def noise(n=4, channels=1):
    return np.random.default_rng(0).random((n, 12, 10, channels), "float32")


def places(images):
    """Row and column of the centre of brightness of each picture."""
    pictures = np.asarray(images).reshape(-1, SIZE, SIZE)
    axes = np.mgrid[:SIZE, :SIZE]
    return np.stack([(pictures * axis).sum(axis=(1, 2)) / pictures.sum(axis=(1, 2)) for axis in axes])


# Migration: old against new


@pytest.mark.parametrize(
    ("argument", "value", "names"),
    [
        ("rotation_range", 30, {"r": 30}),
        ("width_shift_range", 0.2, {"height": 0.2, "width": 0.0}),  # the generator exchanges the two
        ("height_shift_range", 0.2, {"height": 0.0, "width": 0.2}),
        ("zoom_range", 0.3, {"z": 0.3}),
    ],
)
def test_the_code_of_the_table_moves_a_point_over_the_range_of_the_old_argument(argument, value, names):
    (cell,) = [line.split("|")[2] for line in MIGRATION.splitlines() if re.match(rf"\| .*`{argument}`.* \|", line)]
    code = re.search(r"`(Random\w+\(.+?\))[`;]", cell)[1]
    point = np.zeros((1, SIZE, SIZE, 1), "float32")
    point[0, SIZE // 2 + 3, SIZE // 2 + 5] = 1
    layer = eval(f"layers.{code[:-1]}, **constant)", {"layers": layers, "np": np, "constant": CONSTANT, **names})
    modern = places(layer(point.repeat(400, 0)))
    generator = ImageDataGenerator(**{argument: value}, **CONSTANT)
    old = places([generator.random_transform(point[0], seed=seed) for seed in range(400)])
    for extreme in (np.min, np.max):
        np.testing.assert_allclose(extreme(modern, axis=1), extreme(old, axis=1), atol=0.2)


def test_shear_is_a_fraction_about_the_top():
    line = np.zeros((1, SIZE, SIZE, 1), "float32")
    line[0, :, SIZE // 2] = 1

    def moved(image):
        columns = (np.asarray(image).reshape(SIZE, SIZE) * np.arange(SIZE)).sum(axis=1)
        return columns[[0, SIZE // 2, -1]] - SIZE // 2

    degrees = np.degrees(np.arcsin(0.2))
    old = ImageDataGenerator().apply_transform(line[0].copy(), {"shear": degrees})
    np.testing.assert_allclose(moved(old), [-2, 0, 2], atol=1e-3)
    modern = layers.RandomShear((np.sin(np.deg2rad(degrees)),) * 2, fill_mode="nearest", seed=0)(line)
    np.testing.assert_allclose(np.abs(moved(modern)), [0, 2, 4], atol=1e-3)


def test_a_seed_is_needed_where_a_shuffled_folder_is_split(tmp_path):
    """Without shuffling validation is the last class."""
    for label in ("ant", "bee", "cow"):
        (tmp_path / label).mkdir()
        for number in range(10):
            keras.utils.save_img(tmp_path / label / f"{number}.png", noise(1, 3)[0])
    split = {"directory": tmp_path, "validation_split": 0.2, "subset": "validation", "verbose": False}
    with pytest.raises(ValueError, match="seed"):
        keras.utils.image_dataset_from_directory(**split)
    in_order = keras.utils.image_dataset_from_directory(**split, shuffle=False)
    assert {int(label) for _, labels in in_order for label in labels} == {2}


# Symptoms


def test_preprocess_input_wants_0_to_255_and_no_rescale():
    black_and_white = np.stack([np.zeros((8, 8, 3)), np.full((8, 8, 3), 255)]).astype("float32")
    for network, low, high in (("mobilenet_v2", -1, 1), ("resnet50", -123.68, 151.06), ("vgg16", -123.68, 151.06)):
        prepare = getattr(keras.applications, network).preprocess_input
        once, both = prepare(black_and_white.copy()), prepare(black_and_white / 255)
        np.testing.assert_allclose([once.min(), once.max()], [low, high], atol=0.01)
        assert np.abs(both[1] - both[0]).max() < 0.01 * np.ptp(once)  # all pictures look nearly the same


def test_trainable_freezes_batch_normalisation_and_the_guides_training_false_does_not():
    def moved(trainable, **call):
        normalise = layers.BatchNormalization(trainable=trainable)
        inputs = keras.Input((4,))
        model = keras.Model(inputs, normalise(inputs, **call))
        model.compile("sgd", "mse")
        before = normalise.moving_mean.numpy()
        model.fit(np.ones((8, 4)), np.ones((8, 4)), verbose=0)
        return np.abs(normalise.moving_mean.numpy() - before).max()

    assert moved(False) == 0 < moved(True, training=False)
