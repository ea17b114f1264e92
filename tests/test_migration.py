"""The migration page: its code runs and does what it says.

What it says of Keras and of ImageDataGenerator is in tests/slow/check_migration.py.
"""

import re
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)


def run(word, **names):
    """What the code that holds a word leaves behind."""
    (code,) = [code for code in CODE if word in code and "# PyTorch" not in code]
    exec(code.replace("epochs=20", "epochs=2"), names)
    return names


def in_order(dataset):
    """The pictures of a pass over batches in the order of their labels."""
    pictures, labels = zip(*dataset, strict=True)
    return np.concatenate(pictures)[np.argsort(np.concatenate(labels))]


def frames(dataset):
    return np.concatenate([x for x, _ in dataset])


def contents(dataset):
    return {x.tobytes() for x in frames(dataset)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("photographs")
    for label in ("ant", "bee", "cow"):
        (path / label).mkdir()
        for number in range(4):
            noise = np.random.default_rng(number).integers(30, 110, (40, 50, 3))
            keras.utils.save_img(path / label / f"{number}.png", noise, scale=False)
    return path


def test_from_frame_numbers_the_classes_as_the_generator_does(folder):
    files = ["bee/3.png", "bee/2.png", "ant/0.png"]
    frame = pd.DataFrame({"filename": files, "class": ["cow", "bee", "ant"]})
    names = run("from_frame", training_frame=frame)
    in_order = {"class_mode": "sparse", "shuffle": False}
    flow = ImageDataGenerator().flow_from_dataframe(frame, str(folder), **in_order)
    dataset = names["from_frame"](frame, folder, names["names"])
    pictures, numbers = next(iter(dataset.batch(3)))
    np.testing.assert_array_equal(numbers, next(flow)[1])
    assert pictures.shape == (3, 224, 224, 3)
    assert pictures.dtype == "float32"
    assert pictures.numpy().max() > 1
    with pytest.raises(ValueError, match="no such class"):
        names["from_frame"](frame.assign(**{"class": "dog"}), folder, names["names"])


def test_the_pipeline_is_live_and_leaves_validation_alone(folder, tmp_path, monkeypatch):
    run("RandomRotation")
    (tmp_path / "images").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    stack = [layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax")]
    model = keras.Sequential(stack)
    model.compile(loss="sparse_categorical_crossentropy")
    names = run("model.fit", model=model)
    assert names["names"] == ["ant", "bee", "cow"] and len(model.history.epoch) == 2
    first, second = (frames(names["train"])[:, ::28, ::28] for _ in range(2))
    assert np.abs(first[:, None] - second).max(axis=(2, 3, 4)).min() > 0.01
    read = {"image_size": (224, 224), "shuffle": False, "verbose": False}
    stored = contents(keras.utils.image_dataset_from_directory(folder, **read))
    seen, again = contents(names["validation"]), contents(names["validation"])
    assert seen == again < stored


def test_the_order_keeps_whole_numbers_and_draws_a_crop_for_each_image(
    folder, tmp_path, monkeypatch
):
    (tmp_path / "images").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)  # two of many crops are alike once in some sixty runs
    names = run("crop_to_aspect_ratio")
    assert names["small"].element_spec[0].dtype == "uint8"
    assert names["train"].element_spec[0].shape.as_list() == [None, 224, 224, 3]
    first, second = (frames(names["train"]) for _ in range(2))
    assert len(first) == 12 and first.max() > 100
    # no version comes again, whichever image it is of
    assert (
        np.abs(first[:, None, ::28, ::28] - second[None, :, ::28, ::28]).max(axis=(2, 3, 4)).min()
        > 0.01
    )
    one = next(iter(names["small"]))[0]
    twelve = tf.data.Dataset.from_tensors((one, 0)).repeat(12)
    shown = frames(twelve.map(lambda x, y: (names["crop"](x, training=True), y)).batch(12))
    assert len(np.unique(shown, axis=0)) > 6, "one crop for all"


def saved_and_read(name, image, **how):
    keras.utils.save_img(name, image, **how)
    return keras.utils.img_to_array(keras.utils.load_img(name))


def test_saved_images_want_the_range_that_the_table_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    image = np.random.default_rng(0).integers(50, 200, (8, 8, 3)).astype("float32")
    np.testing.assert_array_equal(saved_and_read("whole.png", image, scale=False), image)
    assert saved_and_read("black.png", image / 255, scale=False).max() <= 1
    stretched = saved_and_read("stretched.png", image)
    assert stretched.min() == 0 and stretched.max() == 255
    next(ImageDataGenerator().flow(image[None], save_to_dir=".", save_prefix="flow"))
    (path,) = tmp_path.glob("flow*.png")
    stretched = keras.utils.img_to_array(keras.utils.load_img(path))
    assert stretched.min() == 0 and stretched.max() == 255


def test_brighten_multiplies_each_picture_anew():
    images = np.random.default_rng(0).uniform(70, 150, (64, 6, 6, 1)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices((images, np.arange(64))).batch(64)
    names = run("brighten", train=data)
    first, again = in_order(names["train"]), in_order(names["train"])
    factors = (first / images).mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(first, factors * images, rtol=1e-4)
    assert 0.69 < factors.min() < 0.8 and 1.2 < factors.max() < 1.31
    assert not np.isclose(first, again, rtol=1e-4).all(axis=(1, 2, 3)).any()


def test_the_pipeline_with_noise_is_told_what_is_training():
    x = np.full((8, 6, 6, 1), 100, "float32")
    data = tf.data.Dataset.from_tensor_slices((x, np.arange(8))).batch(4)
    names = run("layers.Dropout", train=data, validation=data)
    np.testing.assert_array_equal(in_order(names["validation"]), x)
    assert not np.allclose(in_order(names["train"]), x)


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
    names = run("MixUp", train=single, validation=single, names=["ant", "bee", "cow"])
    (shown, y), (again, _) = next(iter(names["train"])), next(iter(names["train"]))
    assert shown.shape == (32, 12, 12, 3) and not np.allclose(shown, again)
    np.testing.assert_allclose(tf.reduce_sum(y, axis=1), 1, atol=1e-5)
    assert ((y.numpy() > 0.01).sum(axis=1) == 2).any()
    shown, y = next(iter(names["validation"]))
    np.testing.assert_array_equal(shown, x)
    np.testing.assert_array_equal(y, np.eye(3)[labels])


def test_randaugment_does_what_the_page_says_of_its_ranges():
    ramp = np.linspace(0, 255, 144, dtype="float32").reshape(12, 12, 1).repeat(3, axis=-1)
    drawn = layers.RandAugment(value_range=(0, 255), factor=0.1).random_posterization
    assert min(len(np.unique(np.round(drawn(ramp, training=True)))) for _ in range(20)) == 2
    assert len(layers.RandAugment._AUGMENT_LAYERS) == 11
    assert layers.RandAugment(factor=0.5).random_rotation.factor[1] == 0.5
