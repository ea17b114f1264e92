"""The migration page: its code runs, in one namespace a block, and does what the page says."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
from tensorflow.keras.preprocessing.image import ImageDataGenerator

PAGE = Path(__file__).resolve().parent.parent / "docs" / "migration.md"
DOCUMENT = Sybil([PythonCodeBlockParser()]).parse(PAGE)


def run(word, **names):
    """What the block that holds a word leaves behind."""
    (block,) = [block for block in DOCUMENT.examples() if word in block.parsed]
    DOCUMENT.namespace.clear()
    DOCUMENT.namespace.update(names)
    block.evaluate()
    return dict(DOCUMENT.namespace)


def images_of(batches):
    return np.concatenate([x for x, _ in batches])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Four pictures of each of three classes, below "images"."""
    monkeypatch.chdir(tmp_path)
    draws = np.random.default_rng(0)
    for label in ("ant", "bee", "cow"):
        path = tmp_path / "images" / label
        path.mkdir(parents=True)
        for number in range(4):
            picture = draws.integers(30, 110, (40, 50, 3), "uint8")
            keras.utils.save_img(path / f"{number}.png", picture, scale=False)
    return tmp_path / "images"


def test_from_frame_numbers_the_classes_as_the_generator_does(folder):
    files = ["bee/3.png", "bee/2.png", "ant/0.png"]
    frame = pd.DataFrame({"filename": files, "class": ["cow", "bee", "ant"]})
    names = run("from_frame", frame=frame)
    in_order = {"class_mode": "sparse", "shuffle": False}
    flow = ImageDataGenerator().flow_from_dataframe(frame, str(folder), **in_order)
    images, numbers = next(iter(names["from_frame"](frame, folder, names["names"]).batch(3)))
    np.testing.assert_array_equal(numbers, next(flow)[1])
    assert images.shape == (3, 224, 224, 3) and images.numpy().max() > 1
    with pytest.raises(ValueError, match="dog"):
        names["from_frame"](frame.assign(**{"class": "dog"}), folder, names["names"])


@pytest.mark.usefixtures("folder")
def test_the_pipeline_is_live_and_leaves_validation_alone():
    model = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(3, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    names = run("model.fit", model=model)
    assert len(model.history.epoch) == 20
    first, second = (images_of(names["train"])[:, ::28, ::28] for _ in range(2))
    assert np.abs(first[:, None] - second).max(axis=(2, 3, 4)).min() > 0.01
    np.testing.assert_array_equal(images_of(names["validation"]), images_of(names["validation"]))
    stack = run("RandomRotation")["augment"]
    assert np.abs(stack(first, training=True) - first).max() > 0.01


def test_brighten_multiplies_each_image_anew():
    images = np.random.default_rng(0).uniform(70, 150, (64, 6, 6, 1)).astype("float32")
    data = tf.data.Dataset.from_tensors((images, np.zeros(64)))
    train = run("brighten", train=data)["train"]
    first, again = images_of(train), images_of(train)
    factors = (first / images).mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(first, factors * images, rtol=1e-4)
    assert 0.69 < factors.min() < 0.8 and 1.2 < factors.max() < 1.31
    assert not np.isclose(first, again, rtol=1e-4).all(axis=(1, 2, 3)).any()


def test_saved_images_are_stretched_unless_told_otherwise(tmp_path):
    image = np.random.default_rng(0).integers(50, 200, (8, 8, 3)).astype("float32")

    def read(path):
        return keras.utils.img_to_array(keras.utils.load_img(path))

    keras.utils.save_img(tmp_path / "whole.png", image, scale=False)
    np.testing.assert_array_equal(read(tmp_path / "whole.png"), image)
    keras.utils.save_img(tmp_path / "stretched.png", image)
    next(ImageDataGenerator().flow(image[None], save_to_dir=tmp_path, save_prefix="flow"))
    for path in (tmp_path / "stretched.png", *tmp_path.glob("flow*.png")):
        assert read(path).min() == 0 and read(path).max() == 255


@pytest.fixture
def half_precision():
    keras.mixed_precision.set_global_policy("mixed_float16")
    yield
    keras.mixed_precision.set_global_policy("float32")


@pytest.mark.usefixtures("half_precision")
def test_mixed_images_have_mixed_labels_and_validation_has_neither():
    x = np.random.default_rng(0).uniform(40, 200, (32, 12, 12, 3)).astype("float32")
    labels = np.arange(32) % 3
    single = tf.data.Dataset.from_tensor_slices((x, labels))
    names = run("MixUp", single=single, validation=single.batch(32))
    (shown, y), (again, _) = next(iter(names["train"])), next(iter(names["train"]))
    assert shown.shape == (32, 12, 12, 3) and not np.allclose(shown, again)
    np.testing.assert_allclose(tf.reduce_sum(y, axis=1), 1, atol=1e-5)
    assert ((y.numpy() > 0.01).sum(axis=1) == 2).any()
    shown, y = next(iter(names["validation"]))
    np.testing.assert_array_equal(shown, x)
    np.testing.assert_array_equal(y, np.eye(3)[labels])
