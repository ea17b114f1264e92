"""The migration table (docs/migration.md), row by row: ImageDataGenerator's arguments and their equivalents."""

import inspect
import os
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

DOCS = Path(__file__).resolve().parent.parent / "docs"
sys.path.insert(0, str(DOCS / "snippets"))

from random_affine import RandomAffine  # noqa: E402

PAGE = (DOCS / "migration.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
SIZE = 21
CENTRE = SIZE // 2


def noise(n=4, channels=1):
    return np.random.default_rng(0).random((n, 12, 10, channels), "float32")


def dot(row=CENTRE, column=CENTRE + 6):
    """A black picture with one white pixel."""
    image = np.zeros((1, SIZE, SIZE, 1), "float32")
    image[0, row, column] = 1
    return image


def place(image):
    """Row and column of the centre of brightness."""
    picture = np.asarray(image).reshape(SIZE, SIZE)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    return np.array([(picture * axis).sum() for axis in (rows, columns)]) / picture.sum()


def generated(image, fill_mode="constant", **transform):
    return ImageDataGenerator(fill_mode=fill_mode).apply_transform(image[0].copy(), transform)


def test_the_table_has_a_row_for_every_argument_and_names_a_test_that_exists():
    table = [line.split("|")[1:-1] for line in PAGE.splitlines() if "| `test_" in line]
    arguments = [name for row in table for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(arguments) == sorted(inspect.signature(ImageDataGenerator).parameters)
    named = {re.search(r"`(test_\w+)`", row[-1]).group(1) for row in table}
    here = {name for name in globals() if name.startswith("test_")} - {inspect.currentframe().f_code.co_name}
    assert named == {name for name in here if "the_page" not in name}


def test_rotation():
    # Degrees against a fraction of the full turn; both turn the same way.
    modern = layers.RandomRotation((30 / 360, 30 / 360), fill_mode="constant")(dot())
    np.testing.assert_allclose(place(modern), place(generated(dot(), theta=30)), atol=0.01)
    assert layers.RandomRotation(0.1).factor == (-0.1, 0.1)
    assert layers.RandomRotation(1).factor == (-1, 1)  # any angle


def test_shifts():
    # ImageDataGenerator exchanges the two; 1.0 and more are pixels, and whole numbers leave out the last.
    moved = ImageDataGenerator(width_shift_range=0.3, fill_mode="constant").random_transform(dot()[0], seed=1)
    assert abs(place(moved)[1] - (CENTRE + 6)) < 1e-4 and abs(place(moved)[0] - CENTRE) > 0.5
    in_pixels, whole = ImageDataGenerator(width_shift_range=1.0), ImageDataGenerator(width_shift_range=2)
    assert max(abs(in_pixels.get_random_transform((28, 28, 1), s)["ty"]) for s in range(50)) < 1
    assert {whole.get_random_transform((28, 28, 1), s)["ty"] for s in range(50)} == {-1, 0, 1}
    # RandomTranslation: height first, a fraction, and a positive one moves the picture down or right.
    down = layers.RandomTranslation((4 / SIZE, 4 / SIZE), 0.0, fill_mode="constant")(dot())
    np.testing.assert_allclose(place(down), [CENTRE + 4, CENTRE + 6], atol=1e-4)
    # So the old number goes first in RandomTranslation to move as before.
    as_before = layers.RandomTranslation(0.3, 0.0, fill_mode="constant", seed=1)(dot())
    assert abs(place(as_before)[1] - (CENTRE + 6)) < 1e-3 < abs(place(as_before)[0] - CENTRE)
    sampled_below = RandomAffine(fill_mode="constant").apply(dot(), [[0, 0, 4 / SIZE, 0, 1, 1, 0, 0]])
    np.testing.assert_allclose(place(sampled_below), [CENTRE - 4, CENTRE + 6], atol=1e-4)  # the other way
    sideways = place(RandomAffine(width_shift_range=0.3, fill_mode="constant", seed=1)(dot()))  # not exchanged
    assert abs(sideways[0] - CENTRE) < 1e-3 and abs(sideways[1] - (CENTRE + 6)) > 0.5


def test_brightness():
    image = noise(1)
    black = ImageDataGenerator(brightness_range=(0.5, 0.5)).random_transform(image[0])
    assert black.max() == 0 < image.max()
    darker = ImageDataGenerator(brightness_range=(0.5, 0.5)).random_transform(255 * image[0])
    np.testing.assert_allclose(darker, 127.5 * image[0], atol=2)  # a factor; it passes through whole numbers
    brighter = layers.RandomBrightness((0.2, 0.2), value_range=(0, 1))(image)
    np.testing.assert_allclose(brighter, np.minimum(image + 0.2, 1), atol=1e-6)  # an addition
    unscaled = layers.RandomBrightness((0.2, 0.2))(image)
    np.testing.assert_allclose(unscaled, image + 51, atol=1e-4)


def test_shear():
    line = np.zeros((1, SIZE, SIZE, 1), "float32")
    line[0, :, CENTRE] = 1

    def columns(image):
        return (np.asarray(image).reshape(SIZE, SIZE) * np.arange(SIZE)).sum(axis=1)

    # Degrees about the middle row ...
    theirs = columns(generated(line, "nearest", shear=np.degrees(np.arcsin(0.2))))
    np.testing.assert_allclose(theirs[[0, CENTRE, -1]] - CENTRE, [-2, 0, 2], atol=1e-3)
    affine = RandomAffine().apply(line, [[0, 0, 0, np.degrees(np.arcsin(0.2)), 1, 1, 0, 0]])
    np.testing.assert_allclose(columns(affine), theirs, atol=0.01)
    # ... against a fraction about the top row, which moves the picture sideways too.
    modern = columns(layers.RandomShear((0.2, 0.2), fill_mode="nearest", seed=0)(line))
    np.testing.assert_allclose(np.abs(modern[[0, CENTRE, -1]] - CENTRE), [0, 2, 4], atol=1e-3)
    assert np.abs(columns(generated(line, "nearest", shear=0.2)) - CENTRE).max() < 0.05  # 0.2 is 0.2 degrees


def test_zoom():
    # A factor of the sampling grid, 1.25 makes things smaller; the layer counts from 0: 0.25.
    far = dot(CENTRE + 5, CENTRE + 5)
    modern = layers.RandomZoom((0.25, 0.25), (0.25, 0.25), fill_mode="constant")(far)
    np.testing.assert_allclose(place(generated(far, zx=1.25, zy=1.25)), CENTRE + 5 / 1.25, atol=1e-3)
    np.testing.assert_allclose(place(modern), CENTRE + 5 / 1.25, atol=1e-3)
    draw = ImageDataGenerator(zoom_range=0.4).get_random_transform((28, 28, 1), seed=0)
    assert draw["zx"] != draw["zy"]
    height = layers.RandomZoom(0.4, seed=0).get_random_transformation(noise())
    np.testing.assert_array_equal(height["height_zoom"], height["width_zoom"])
    both = layers.RandomZoom(0.4, 0.4, seed=0).get_random_transformation(noise())
    assert (np.asarray(both["height_zoom"]) != np.asarray(both["width_zoom"])).all()
    pair = ImageDataGenerator(zoom_range=[0.5, 1.0])
    theirs = [pair.get_random_transform((28, 28, 1), seed)["zx"] for seed in range(200)]
    drawn = layers.RandomZoom((-0.5, 0), (-0.5, 0), seed=0).get_random_transformation(noise(200))
    for factors in (theirs, drawn["height_zoom"], drawn["width_zoom"]):
        np.testing.assert_allclose([np.min(factors), np.max(factors)], [0.5, 1], atol=0.02)


def test_channel_shift():
    # One number is added to all channels, then clipped to the picture's own range.
    image = noise(1, channels=3)
    expected = np.clip(image[0] + 0.3, image.min(), image.max())
    np.testing.assert_allclose(generated(image, channel_shift_intensity=0.3), expected, atol=1e-6)
    modern = layers.RandomBrightness((0.3, 0.3), value_range=(0, 1))(image)[0]
    np.testing.assert_allclose(np.minimum(modern, image.max()), expected, atol=1e-6)


def test_fill_mode():
    assert inspect.signature(ImageDataGenerator).parameters["fill_mode"].default == "nearest"
    assert RandomAffine().fill_mode == "nearest"
    for layer in (layers.RandomRotation, layers.RandomTranslation, layers.RandomZoom, layers.RandomShear):
        assert inspect.signature(layer).parameters["fill_mode"].default == "reflect"
    # "wrap" repeats all pixels in the layers and in RandomAffine; in SciPy's the outer two are one.
    image = np.arange(SIZE, dtype="float32")[None, None, :, None].repeat(SIZE, 1)
    modern = layers.RandomTranslation(0.0, (3 / SIZE, 3 / SIZE), fill_mode="wrap")(image)
    affine = RandomAffine(fill_mode="wrap").apply(image, [[0, -3 / SIZE, 0, 0, 1, 1, 0, 0]])
    for wrapped in (modern, affine):
        np.testing.assert_allclose(wrapped[0, 0, :3, 0], [18, 19, 20], atol=1e-3)
    np.testing.assert_allclose(generated(image, "wrap", tx=-3)[0, :3, 0], [17, 18, 19], atol=1e-3)


def test_cval():
    white = np.ones((1, SIZE, SIZE, 1), "float32")
    theirs = ImageDataGenerator(fill_mode="constant", cval=0.3).apply_transform(white[0], {"ty": 2})
    modern = layers.RandomTranslation(
        (-2 / SIZE, -2 / SIZE), 0.0, fill_mode="constant", fill_value=0.3
    )(white)  # fmt: skip
    np.testing.assert_allclose(modern[0], theirs, atol=1e-5)
    assert theirs.min() == pytest.approx(0.3)


def test_flips():
    images = noise(64)
    assert layers.RandomFlip().mode == "horizontal_and_vertical"
    for mode, axis in (("horizontal", 2), ("vertical", 1)):
        result = np.asarray(layers.RandomFlip(mode, seed=0)(images))
        flipped = (result == np.flip(images, axis)).all(axis=(1, 2, 3))
        assert 16 < flipped.sum() < 48  # about half
        np.testing.assert_array_equal(result[~flipped], images[~flipped])


def test_rescale():
    images = 255 * noise()
    flow = ImageDataGenerator(rescale=1 / 255).flow(images.copy(), batch_size=4, shuffle=False)
    np.testing.assert_allclose(layers.Rescaling(1 / 255)(images), next(flow), atol=1e-6)
    # As a layer of the model it acts on validation images too; a generator without rescale does not.
    model = keras.Sequential([keras.Input((12, 10, 1)), layers.Rescaling(1 / 255)])
    assert model.predict(images, verbose=0).max() <= 1
    assert next(ImageDataGenerator().flow(images.copy(), batch_size=4)).max() > 1


def test_preprocessing_function():
    # It sees one augmented picture (rank 3), before rescale.
    seen = []

    def note(image):
        seen.append(image.copy())
        return image

    datagen = ImageDataGenerator(rescale=1 / 255, width_shift_range=0.3, preprocessing_function=note)
    images = 255 * noise()
    result = next(datagen.flow(images.copy(), batch_size=4, shuffle=False, seed=0))
    assert np.shape(seen) == (4, 12, 10, 1)
    assert (np.array(seen) != images).any() and np.max(seen) > 1
    np.testing.assert_allclose(np.array(seen) / 255, result, atol=1e-6)
    dataset = tf.data.Dataset.from_tensor_slices(images).batch(4).map(lambda batch: batch / 255)
    assert next(iter(dataset)).shape == (4, 12, 10, 1)  # after batch, a map sees rank 4


def test_featurewise():
    train, new = noise(50, channels=3), noise(4, channels=3) * 2
    datagen = ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True)
    with pytest.warns(UserWarning, match="hasn't been fit"):
        datagen.standardize(new.copy())
    datagen.fit(train)
    layer = layers.Normalization()
    layer.adapt(train)
    np.testing.assert_allclose(layer(new), datagen.standardize(new.copy()), atol=1e-4)


def test_samplewise():
    images = noise(channels=3)
    datagen = ImageDataGenerator(samplewise_center=True, samplewise_std_normalization=True)
    expected = np.stack([datagen.standardize(image.copy()) for image in images])
    np.testing.assert_allclose(tf.image.per_image_standardization(images), expected, atol=1e-4)
    by_layer = layers.LayerNormalization((1, 2, 3), center=False, scale=False, epsilon=1e-12)
    np.testing.assert_allclose(by_layer(images), expected, atol=1e-4)
    default = layers.LayerNormalization((1, 2, 3), center=False, scale=False)
    deviation = ImageDataGenerator(samplewise_std_normalization=True).standardize(images[0].copy())
    np.testing.assert_allclose(deviation, expected[0], atol=1e-4)  # it centres, too
    centred = ImageDataGenerator(samplewise_center=True).standardize(images[0].copy())
    np.testing.assert_allclose(centred, images[0] - tf.reduce_mean(images[0]), atol=1e-4)
    assert np.abs(centred - expected[0]).max() > 0.1
    assert np.abs(default(images) - expected).max() > 1e-3  # its epsilon, 0.001, is added to the variance
    # standardize takes one picture; of a batch it would take the mean over all.
    assert np.abs(datagen.standardize(images.copy()) - expected).max() > 0.01


def test_zca():
    images = noise(200)
    datagen = ImageDataGenerator(featurewise_center=True, zca_whitening=True, zca_epsilon=0.1)
    datagen.fit(images)
    flat = images.reshape(200, -1) - images.mean()
    u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
    matrix = (u * np.sqrt(200) / (s + 0.1)) @ u.T  # epsilon is added to the singular values
    whiten = layers.Dense(120, use_bias=False, trainable=False)
    whiten.build((None, 120))
    whiten.set_weights([matrix])
    expected = datagen.standardize(images.copy()).reshape(200, -1)
    np.testing.assert_allclose(whiten(flat), expected, atol=1e-3)


def test_data_format():
    images = noise()
    channels_first = layers.RandomFlip("horizontal", seed=0, data_format="channels_first")
    first = channels_first(images.transpose(0, 3, 1, 2))
    last = layers.RandomFlip("horizontal", seed=0)(images)
    np.testing.assert_array_equal(np.transpose(first, (0, 2, 3, 1)), last)


def test_validation_split():
    images, labels = noise(10), np.arange(10) % 2
    datagen = ImageDataGenerator(width_shift_range=0.3, validation_split=0.2)
    flow = datagen.flow(images, labels, subset="validation", batch_size=2, shuffle=False, seed=0)
    shown, shown_labels = next(flow)
    np.testing.assert_array_equal(shown_labels, labels[:2])  # the first rows; fit takes the last
    assert (shown != images[:2]).any(axis=(1, 2, 3)).all()  # augmented!
    clean = ImageDataGenerator(validation_split=0.2)  # a second one, without augmentation, takes the same rows
    again, same_labels = next(clean.flow(images, labels, subset="validation", batch_size=2, shuffle=False))
    np.testing.assert_array_equal(again, images[:2])
    np.testing.assert_array_equal(same_labels, shown_labels)


def test_interpolation_order():
    assert inspect.signature(ImageDataGenerator).parameters["interpolation_order"].default == 1
    stripes = (np.arange(SIZE, dtype="float32") % 2)[None, None, :, None].repeat(SIZE, 1)
    half = (0.5 / SIZE, 0.5 / SIZE)
    bilinear = layers.RandomTranslation(0.0, half)(stripes)[0, :, 2:-2]
    nearest = layers.RandomTranslation(0.0, half, interpolation="nearest")(stripes)[0, :, 2:-2]
    np.testing.assert_allclose(bilinear, 0.5, atol=1e-3)
    np.testing.assert_allclose(generated(stripes, tx=0.5)[:, 2:-2], 0.5, atol=1e-3)
    assert set(np.unique(nearest)) == {0, 1}
    with pytest.raises((ValueError, NotImplementedError)):
        layers.RandomTranslation(0.0, half, interpolation="bicubic")


def test_dtype():
    images = (255 * noise()).astype("uint8")
    assert next(ImageDataGenerator().flow(images, batch_size=4)).dtype == "float32"
    assert layers.RandomFlip()(images).dtype == "float32"
    assert layers.RandomFlip(dtype="uint8")(images).dtype == "uint8"
    assert RandomAffine(rotation_range=5)(images).dtype == "float32"


# flow_from_directory


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("photographs")
    for label in ("ant", "bee", "cow"):
        (path / label).mkdir()
        for number in range(10):
            image = np.random.default_rng(number).integers(0, 255, (10, 20, 3), "uint8")
            keras.utils.save_img(path / label / f"{number}.png", image, scale=False)
    keras.utils.save_img(path / "ant" / "10.tif", image, file_format="tiff", scale=False)
    return path


def old(folder, split=None, **options):
    return ImageDataGenerator(validation_split=split or 0).flow_from_directory(folder, **options)


def new(folder, **options):
    return keras.utils.image_dataset_from_directory(folder, verbose=False, **options)


def labels_of(dataset):
    return np.concatenate([y for _, y in dataset])


def test_the_page_has_every_argument_of_flow_from_directory():
    table = PAGE.partition("## flow_from_directory")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(["self", *named]) == sorted(inspect.signature(ImageDataGenerator.flow_from_directory).parameters)
    theirs = inspect.signature(keras.utils.image_dataset_from_directory).parameters
    here = [row[1] if "the same" not in row[1] else row[0] for row in rows if "a loop" not in row[1]]
    assert {name for cell in here for name in re.findall(r"`(\w+)`", cell)} <= {*theirs, "None"}


def test_what_the_page_says_of_flow_from_directory(folder):
    theirs = inspect.signature(ImageDataGenerator.flow_from_directory).parameters
    ours = inspect.signature(keras.utils.image_dataset_from_directory).parameters
    assert [theirs[name].default for name in ("interpolation", "class_mode", "shuffle")] == [
        "nearest", "categorical", True
    ]  # fmt: skip
    assert [ours[name].default for name in ("interpolation", "label_mode", "shuffle")] == ["bilinear", "int", True]
    flow = old(folder, target_size=(8, 6))
    x, y = next(iter(new(folder, image_size=(8, 6))))
    assert (flow.samples, len(x)) == (31, 30)  # TIFF
    assert next(flow)[0].shape[1:] == x.shape[1:] == (8, 6, 3)
    assert next(flow)[0].dtype == x.dtype == "float32" and 1 < x.numpy().max() <= 255
    assert next(flow)[1].shape[1:] == (3,) and y.dtype == "int32" and y.shape == (30,)
    alone = next(iter(new(folder, image_size=(8, 6), label_mode=None)))
    assert next(old(folder, target_size=(8, 6), class_mode=None)).shape[1:] == alone.shape[1:] == (8, 6, 3)
    two = ["cow", "bee"]
    flow, data = old(folder, classes=two, class_mode="binary"), new(folder, class_names=two, label_mode="binary")
    assert flow.class_indices == {"cow": 0, "bee": 1} and data.class_names == two
    assert next(flow)[1].shape == (20,) and next(iter(data))[1].shape == (20, 1)
    assert next(iter(new(folder).batch(2)))[0].shape.rank == 5
    assert next(iter(new(folder, batch_size=None)))[0].shape.rank == 3


def test_what_the_page_says_of_what_a_data_set_loses(folder):
    batched, single = new(folder), new(folder, batch_size=None)
    assert batched.class_names == single.class_names == ["ant", "bee", "cow"]
    for lost in (batched.map(lambda x, y: (x, y)), batched.unbatch(), batched.cache()):
        assert not hasattr(lost, "class_names")
    with pytest.raises(TypeError, match="unknown"):
        len(batched.unbatch().cache().shuffle(30).batch(16))
    assert len(single.cache().shuffle(30).batch(16)) == 2
    picture = next(iter(new(folder, image_size=(224, 224), batch_size=None)))[0]
    assert f"{picture.numpy().nbytes / 1e6:.1f} MB for a colour picture of 224 × 224" in PAGE
    assert f"so {5000 * picture.numpy().nbytes / 1e9:.0f} GB for 5,000" in PAGE
    assert tf.cast(picture, "uint8").numpy().nbytes == picture.numpy().nbytes / 4


def test_what_the_page_says_of_subsets(folder):
    kept = [Path(name) for name in old(folder, 0.2, subset="validation").filenames]
    assert len(kept) == 6
    assert [path.parent.name for path in kept] == ["ant"] * 2 + ["bee"] * 2 + ["cow"] * 2
    split = {"validation_split": 0.2, "subset": "validation"}
    with pytest.raises(ValueError, match="seed"):
        new(folder, **split)
    assert set(labels_of(new(folder, **split, shuffle=False))) == {2}  # all of the last class
    shuffled = {Path(path).relative_to(folder) for path in new(folder, **split, seed=1).file_paths}
    assert len(shuffled) == 6 and shuffled != set(kept)
    training = {**split, "subset": "training", "seed": 1}
    in_order, mixed = (new(folder, **split, **order).file_paths for order in ({"shuffle": False}, {"seed": 1}))
    in_training = set(new(folder, **training).file_paths)
    assert in_training & set(in_order) and not in_training & set(mixed)


def test_the_page_reads_data_frames(folder):
    frame = pd.DataFrame({"filename": ["bee/3.png", "bee/2.png", "ant/0.png"], "class": ["cow", "bee", "ant"]})
    names = run("from_frame", training_frame=frame, pd=pd, os=os)
    flow = ImageDataGenerator().flow_from_dataframe(frame, str(folder), class_mode="sparse", shuffle=False)
    pictures, numbers = next(iter(names["from_frame"](frame, folder, names["names"]).batch(3)))
    np.testing.assert_array_equal(numbers, next(flow)[1])
    assert pictures.shape == (3, 224, 224, 3) and pictures.dtype == "float32" and pictures.numpy().max() > 1
    # A frame that lacks a class keeps the numbers, and one with another or a missing label is refused.
    cows = names["from_frame"](frame[:1], folder, names["names"])
    assert [int(number) for _, number in cows] == [2]
    for label in ("dog", None):
        with pytest.raises(ValueError, match="no such class"):
            names["from_frame"](frame.assign(**{"class": label}), folder, names["names"])


def test_what_the_page_says_of_aspect_ratios(folder):
    size = {"shuffle": False, "batch_size": 1}
    (flow,), _ = next(old(folder, target_size=(10, 10), keep_aspect_ratio=True, **size))
    (cropped,), _ = next(iter(new(folder, image_size=(10, 10), crop_to_aspect_ratio=True, **size)))
    (padded,), _ = next(iter(new(folder, image_size=(10, 10), pad_to_aspect_ratio=True, **size)))
    picture = keras.utils.img_to_array(keras.utils.load_img(folder / "ant" / "0.png"))
    np.testing.assert_array_equal(flow, picture[:, 5:15])
    np.testing.assert_array_equal(cropped, picture[:, 5:15])
    assert not padded[0].numpy().any() and padded[5].numpy().any()


# The code below the tables


def run(word, **names):
    """What the code that holds a word leaves behind."""
    (code,) = [code for code in CODE if word in code]
    names = {"keras": keras, "layers": layers, "tf": tf} | names
    exec(code, names)
    return names


def by_label(dataset):
    pictures = {}
    for x, labels in dataset.as_numpy_iterator():
        pictures |= dict(zip(labels.tolist(), x, strict=True))
    return pictures


AUGMENTERS = {
    "one layer": lambda: run("from random_affine")["augment"],
    "stack": lambda: run("RandomRotation")["augment"],
}


@pytest.mark.parametrize("name", AUGMENTERS)
def test_the_page_has_a_pipeline_that_is_live_and_leaves_validation_alone(name, folder, tmp_path, monkeypatch):
    (tmp_path / "images").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    names = run("model.fit", model=model, augment=AUGMENTERS[name]())
    assert names["names"] == ["ant", "bee", "cow"] and len(model.history.epoch) == 20

    def frames(part):
        return np.concatenate([x for x, _ in names[part]])

    first, second = frames("train"), frames("train")
    assert len(first) == len(second) == 24
    assert not any(np.allclose(a, b, atol=0.01) for a in first for b in second)
    seen = frames("validation")
    np.testing.assert_array_equal(seen, frames("validation"))
    files = new(folder, image_size=(224, 224), shuffle=False, batch_size=None)
    originals = [x.numpy() for x, _ in files]
    assert len(seen) == 6 and all(any(np.array_equal(a, b) for b in originals) for a in seen)


def test_the_page_multiplies_where_random_brightness_adds():
    tf.random.set_seed(0)
    images = np.random.default_rng(0).uniform(70, 150, (64, 6, 6, 1)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices((images, np.arange(64))).batch(64)
    names = run("brighten", train=data)
    factors = by_label(names["train"])
    factors = np.stack([factors[label] for label in range(64)]) / images
    one_each = factors.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(factors, one_each[:, None, None, None].repeat(6, 1).repeat(6, 2), rtol=1e-4)
    assert 0.69 < one_each.min() < 0.8 and 1.2 < one_each.max() < 1.31
    assert np.asarray(names["brighten"](images + 100)).max() <= 255
    again = by_label(names["train"])
    assert not any(np.allclose(again[label], factors[label] * images[label], rtol=1e-3) for label in range(64))
    added = np.asarray(layers.RandomBrightness(0.2, seed=0)(images))
    assert np.ptp((added - images)[0]) < 1e-3 < np.ptp((added / images)[0])  # an addition


def test_the_page_says_what_a_pipeline_trains():
    x = np.full((8, 6, 6, 1), 100, "float32")
    noise = [layers.GaussianNoise(1), layers.Dropout(0.5)]
    assert not np.allclose(layers.Pipeline(noise)(x), x)
    assert np.allclose(keras.Sequential(noise)(x), x)
    for stack in (layers.Pipeline, keras.Sequential):
        moving = stack([layers.RandomTranslation(0.4, 0.4, fill_mode="constant")])
        assert not np.allclose(moving(x), x)
        model = keras.Sequential([keras.Input((6, 6, 1)), moving])
        assert np.allclose(model.predict(x, verbose=0), x)
    data = tf.data.Dataset.from_tensor_slices((x, np.arange(8))).batch(4)
    names = run("layers.Dropout", train=data, validation=data)
    np.testing.assert_array_equal(list(by_label(names["validation"]).values()), x)
    assert not np.allclose(list(by_label(names["train"]).values()), x)
