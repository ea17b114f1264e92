"""RandomAffine against ImageDataGenerator and SciPy, its draws, and its life as a layer."""

import ast
import functools
import inspect
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage, stats
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers import augment
from helpers.augment import FILL_MODES, IDENTITY, RandomAffine
from helpers.policies import POLICIES
from refusals import refusal

TOLERANCE = 1e-3
CVAL = 0.3
STRONG = {
    "rotation_range": 180,
    "width_shift_range": 1,
    "height_shift_range": 0.5,
    "shear_range": 60,
    "zoom_range": (0.3, 3),
    "horizontal_flip": True,
    "vertical_flip": True,
}
# One shape for all tests that need no other: XLA compiles each anew.
SHAPE = (6, 12, 10, 1)


def random_images(*shape):
    return np.random.default_rng(1).random(shape, "float32")


# What apply does


def some_parameters():
    """Mixtures of all maps, and a quarter turn, whose sources lie a hair outside the picture."""
    rng = np.random.default_rng(2)
    lowest = [-180, -0.4, -0.4, -60, 0.5, 0.5, 0, 0]
    highest = [180, 0.4, 0.4, 60, 2, 2, 0, 0]
    rows = rng.uniform(lowest, highest, (13, 8))
    rows[:, 6:] = rng.integers(0, 2, (13, 2))
    rows[0] = [90, 0, 0, 0, 1, 1, 0, 0]
    return rows.astype("float32")


def sampling_map(shape, row):
    """Matrix and offset of p + R (t + S Z F (q - p)), coordinates in the order (x, y), in float64."""
    row = row.astype(float)
    size = np.array([shape[1], shape[0]])
    rotation, shear = np.deg2rad(row[[0, 3]])
    shifts, zooms, flips = row[1:3], row[4:6], row[6:8]
    p = (size - 1) / 2
    t = shifts * size
    r = np.array([[np.cos(rotation), -np.sin(rotation)], [np.sin(rotation), np.cos(rotation)]])
    s = np.array([[1, -np.sin(shear)], [0, np.cos(shear)]])
    matrix = r @ s @ np.diag(zooms) @ np.diag(1 - 2 * flips)
    return matrix, p + r @ t - matrix @ p


def by_scipy(image, row, fill_mode):
    matrix, offset = sampling_map(image.shape, row)
    options = {"order": 1, "mode": fill_mode.replace("wrap", "grid-wrap"), "cval": CVAL}
    channels = np.moveaxis(image.astype(float), -1, 0)
    # SciPy's coordinates come in the order (row, column).
    transform = functools.partial(
        ndimage.affine_transform, matrix=matrix[::-1, ::-1], offset=offset[::-1], **options
    )
    return np.stack([transform(channel) for channel in channels], axis=-1)


def by_generator(image, row, fill_mode):
    height, width = image.shape[:2]
    names = ("theta", "tx", "ty", "shear", "zx", "zy", "flip_horizontal", "flip_vertical")
    change = dict(zip(names, row * [1, width, height, 1, 1, 1, 1, 1], strict=True))
    return ImageDataGenerator(fill_mode=fill_mode).apply_transform(image, change)


# With SciPy's "wrap", which the generator uses, the first and the last pixel are one.
@pytest.mark.parametrize(
    ("reference", "shape", "fill_mode"),
    [
        (by_generator, (28, 28, 1), "nearest"),
        *((by_scipy, (21, 40, 3), mode) for mode in FILL_MODES[1:]),
    ],
)
def test_images_come_out_as_from_image_data_generator_and_from_the_formula(
    reference, shape, fill_mode
):
    rows = some_parameters()
    images = random_images(len(rows), *shape)
    result = RandomAffine(fill_mode=fill_mode, cval=CVAL).apply(images, rows).numpy()
    expected = np.stack([reference(*pair, fill_mode) for pair in zip(images, rows, strict=True)])
    deviation = np.abs(result - expected).max(axis=-1)
    # Where a source lies on the border, 'constant' jumps.
    assert (deviation > TOLERANCE).mean() <= (0.02 if fill_mode == "constant" else 0)


def test_outside_of_an_image_begins_at_its_outermost_pixels():
    """Moved by half a pixel, either way along either axis, one side is filled, also where it lies half outside."""
    layer, rows = RandomAffine(fill_mode="constant", cval=5), np.tile(IDENTITY, (4, 1))
    rows[[0, 1, 2, 3], [1, 1, 2, 2]] = np.array([0.5, -0.5, 0.5, -0.5]) / 8
    filled = layer.apply(np.zeros((4, 8, 8, 1), "float32"), rows).numpy()[..., 0] == 5
    right, left, bottom, top = filled
    assert right[:, -1].all() and left[:, 0].all() and bottom[-1].all() and top[0].all()
    assert filled.sum() == 4 * 8


def test_no_pixel_of_a_million_takes_the_wrong_neighbour():
    size, n = 28, 512
    # Where a position lies on a pixel, a neighbour and a distance that were rounded apart miss by 1.
    layer = RandomAffine(20, 0.2, 0.2, zoom_range=0.2, horizontal_flip=True)
    stripes = np.tile(np.arange(size, dtype="float32")[:, None] % 2, (n, size, 1, 1))
    position = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1)
    for clock in range(3):
        drawn = layer.draw(n, (0, clock)).numpy()
        maps = [sampling_map((size, size), row) for row in drawn]
        columns = np.stack([position @ matrix[0] + offset[0] for matrix, offset in maps])
        columns = columns.clip(0, size - 1)
        expected = 1 - np.abs(columns % 2 - 1)  # from an even to an odd column the value rises to 1
        assert np.abs(layer.apply(stripes, drawn)[..., 0] - expected).max() < TOLERANCE


def test_the_farthest_positions_are_right_whether_or_not_the_size_is_known():
    layer = RandomAffine(zoom_range=(1, 5), fill_mode="reflect")
    rows = np.array([[0, 1, 0, 0, 5, 1, 0, 0], [0, -1, 0, 89.9, 5, 5, 1, 0]], "float32")
    any_size = [tf.TensorSpec((None, None, None, 1)), tf.TensorSpec((None, 8))]
    unknown = tf.function(layer.apply, input_signature=any_size)
    for width in (1, 36, 37, 12_000):  # 36 is the last that leaves 23 bits
        images = random_images(2, 1, width, 1)
        expected = np.stack([by_scipy(*pair, "reflect") for pair in zip(images, rows, strict=True)])
        for apply in (layer.apply, unknown):
            np.testing.assert_allclose(apply(images, rows), expected, atol=TOLERANCE)


def test_identity_and_flips_change_no_bit():
    images, layer = random_images(*SHAPE), RandomAffine(fill_mode="constant", cval=CVAL)
    np.testing.assert_array_equal(layer.apply(images, np.tile(IDENTITY, (len(images), 1))), images)
    for column, axis in ((6, 2), (7, 1)):
        flip = np.where(np.arange(8) == column, 1, np.tile(IDENTITY, (len(images), 1)))
        np.testing.assert_array_equal(layer.apply(images, flip), np.flip(images, axis))


@pytest.mark.parametrize("dtype", ["float16", "float64", "uint8"])
def test_values_stay_within_those_of_their_image_though_the_dtype_rounds_them(dtype):
    # Rounded to single precision, 0.7 becomes smaller and 0.8 larger; three images are constant.
    images = np.where(random_images(*SHAPE) < 0.5, 0.7, 0.8)
    images[:3] = np.array([0.1, 1 / 3, 0.75])[:, None, None, None]
    images = (images * (255 if dtype == "uint8" else 1)).astype(dtype)
    lowest, highest = images.min(axis=(1, 2, 3)), images.max(axis=(1, 2, 3))
    layer = RandomAffine(**STRONG)
    rows = layer.draw(len(images), (0, 0))
    result = layer.apply(images, rows).numpy()
    assert result.dtype == images.dtype
    assert (lowest <= result.min(axis=(1, 2, 3))).all()
    assert (result.max(axis=(1, 2, 3)) <= highest).all()
    if dtype == "uint8":  # rounded; another program, so halves may round up
        assert (result != np.round(layer.apply(images.astype("float32"), rows))).mean() < 0.01


# What draw does


def test_a_draw_depends_on_replicate_epoch_and_image_alone():
    layer, twin = RandomAffine(**STRONG, seed=1), RandomAffine(**STRONG, seed=2)
    rows = layer.draw(5, (3, 4)).numpy()
    np.testing.assert_array_equal(twin.draw(4_000, (3, 4))[:5], rows)
    np.testing.assert_array_equal(layer.draw([4, 1], (3, 4)), rows[[4, 1]])
    np.testing.assert_array_equal(layer.draw(tf.constant(5), tf.constant([3, 4])), rows)
    for other in ((3, 5), (2, 4), (4, 3)):
        assert (layer.draw(5, other).numpy()[:, :6] != rows[:, :6]).all()


@pytest.mark.parametrize("place", ["replicate", "epoch", "image"])
def test_no_draw_comes_again_after_many_epochs_replicates_or_images(place):
    layer = RandomAffine(**STRONG)
    numbers = [0, *(2**power for power in range(31))]
    if place == "image":
        rows = layer.draw(numbers, (0, 0)).numpy()
    else:
        seeds = [(0, number) if place == "epoch" else (number, 0) for number in numbers]
        rows = np.concatenate([layer.draw(1, seed) for seed in seeds])
    assert len(np.unique(rows[:, :6], axis=0)) == len(numbers)


def test_no_version_comes_again_after_many_epochs():
    image, layer = random_images(1, *SHAPE[1:]), RandomAffine(**STRONG, seed=1)
    epochs = (0, 1, 64, 256, 1024, 4096)
    versions = np.concatenate([layer.version(image, [0], epoch) for epoch in epochs])
    assert len(np.unique(versions, axis=0)) == len(epochs)


def test_draws_are_uniform_and_independent_of_one_another():
    layer = RandomAffine(1, 1, 1, 1, (0.5, 1.5), True, True)
    drawn = np.stack([[layer.draw(1000, (r, e)) for e in range(20)] for r in range(2)])
    drawn = drawn.astype(float)
    for column, (low, width) in enumerate([(-1, 2)] * 4 + [(0.5, 1)] * 2):
        assert stats.kstest(drawn[..., column].ravel(), "uniform", (low, width)).pvalue > 0.001
    most = 4 / (drawn.size / 8) ** 0.5
    assert np.abs(drawn[..., 6:].mean(axis=(0, 1, 2)) - 0.5).max() < most / 2
    assert np.abs(np.corrcoef(drawn.reshape(-1, 8).T) - np.eye(8)).max() < most
    # Replicates, epochs and images
    for axis, step in ((0, 1), (1, 1), (2, 1), (2, 8)):
        first = np.delete(drawn, slice(-step, None), axis).reshape(-1, 8)
        second = np.delete(drawn, slice(step), axis).reshape(-1, 8)
        both = np.corrcoef(first.T, second.T)[:8, 8:]
        assert np.abs(np.diag(both)).max() < 4 / len(first) ** 0.5


def test_a_version_of_an_image_is_the_same_in_every_batch_and_order_eager_traced_compiled_and_in_tf_data():
    images, layer = random_images(40, *SHAPE[1:]), RandomAffine(**STRONG, seed=3)
    other, versions = (layer.apply(images, layer.draw(40, (3, epoch))).numpy() for epoch in (4, 5))
    assert (other != versions).any(axis=(1, 2, 3)).all()
    ways = [layer.version]
    for xla in (False, True):
        ways.append(tf.function(layer.version, jit_compile=xla, reduce_retracing=True))
    order = np.random.default_rng(0).permutation(40)
    batches = tf.data.Dataset.from_tensor_slices((images[order], order)).batch(13)  # the last has 1
    passes = [batches.map(lambda x, ids: layer.version(x, ids, 5), tf.data.AUTOTUNE)]
    for version in ways:
        passes.append([version(x, ids, tf.constant(5)) for x, ids in batches])
    for shown in passes:
        np.testing.assert_array_equal(np.concatenate(list(shown)), versions[order])


def test_the_file_can_be_copied():
    nodes = list(ast.walk(ast.parse(inspect.getsource(augment))))
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    beyond = {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names}
    assert beyond == {"keras", "numpy", "tensorflow"}  # TensorFlow where it is Keras's backend


# Sums of four draws, weighted; a tenth more of any range moves them by 0.02 or more.
POLICY_SUMS = {
    "mild": 132.6855,
    "article": -1.8223,
    "flip": 178,
    "half": 88.0888,
}


def test_a_named_policy_draws_what_it_drew_in_version_0_5():
    weights = 1 + np.arange(32).reshape(4, 8)
    found = {}
    for name, ranges in POLICIES.items():
        drawn = RandomAffine(**ranges).draw(4, (3, 2)).numpy()
        found[name] = float((drawn * weights).sum())
    assert found == pytest.approx(POLICY_SUMS, abs=1e-3)  # float32, summed in any order


# A layer's life


def test_only_training_augments_each_image_and_call_anew_and_layers_of_one_seed_alike():
    copies = np.repeat(random_images(1, *SHAPE[1:]), SHAPE[0], axis=0)
    one, same, other = (RandomAffine(**STRONG, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one(copies, training=False), copies)
    predicted = keras.Sequential([one]).predict(copies, verbose=0)
    np.testing.assert_array_equal(predicted, copies)
    twice, again, others = (
        np.concatenate([layer(copies), layer(copies)]) for layer in (one, same, other)
    )
    assert len(np.unique(twice, axis=0)) == 2 * SHAPE[0]
    np.testing.assert_array_equal(again, twice)
    assert (others != twice).any(axis=(1, 2, 3)).all()


def test_tf_data_augments_a_partial_last_batch_and_single_images():
    images, layer = (random_images(*SHAPE) * 255).astype("uint8"), RandomAffine(**STRONG)
    one_by_one = tf.data.Dataset.from_tensor_slices(images)
    in_batches, single = one_by_one.batch(4).map(layer), one_by_one.map(layer)
    passes = [*in_batches, *in_batches, np.stack(list(single))]
    shown = np.concatenate([images, *passes])
    assert shown.dtype == np.uint8 and len(np.unique(shown, axis=0)) == 4 * len(images)


def test_mixed_precision_rounds_no_image_and_settings_survive_saving():
    images = random_images(*SHAPE)
    mixed = RandomAffine(dtype="mixed_float16")
    np.testing.assert_array_equal(mixed(images, training=True), images)
    layer = RandomAffine(**STRONG, fill_mode="constant", cval=CVAL, seed=7)
    loaded = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert loaded.get_config() == layer.get_config()
    np.testing.assert_array_equal(loaded(images), layer(images))
    model = keras.Sequential([keras.Input(SHAPE[1:]), layer, keras.layers.GlobalAveragePooling2D()])
    model.compile("adam", "mse", jit_compile=True)  # "auto" asks for it on a GPU
    assert np.isfinite(model.fit(images, np.zeros(len(images)), verbose=0).history["loss"][0])


# What is refused

ODD = {
    "rotation_range": [361, -0.5],
    "width_shift_range": ["0.1", -0.5],
    "height_shift_range": [1.5],
    "shear_range": [float("nan"), -0.5],
    "zoom_range": [(1, 5.1), 1, (1.2, 0.8), (0, 1), (1, 1, 1), None],
    "horizontal_flip": ["no"],
    "vertical_flip": [0.5],
    "fill_mode": ["mirror"],
    "cval": [float("inf")],
}
NO_IDS = [-1, 2.0, [[1]], None, 2**31]
NO_SEEDS = [None, (0.5, 1), (1, 2, 3), (2**32 + 3, 4), (-1, 0)]  # in 32 bits two are others' seeds
NO_IMAGES = [np.zeros((12, 10)), (np.zeros(SHAPE), np.zeros(6)), np.zeros(SHAPE, "complex64")]
NO_PARAMETERS = {
    "str": "x",
    "draw can return": [*[IDENTITY] * 4, np.nan * IDENTITY],
    "a row of 8": [IDENTITY] * 3,
    "fractions of": [*[IDENTITY] * 4, 15 * IDENTITY],
}


def test_bad_arguments_are_named():
    for name, values in ODD.items():
        for value in values:
            said = refusal(RandomAffine, **{name: value})
            assert said.startswith(f"{name} is {value!r}; expected ")
    layer, images = RandomAffine(), random_images(*SHAPE)
    for ids in NO_IDS:
        said = refusal(layer.draw, ids, (0, 0))
        assert said.startswith(f"ids is {ids!r}; expected a whole number")
    assert "give the layer a seed" in refusal(layer.version, images, range(6), 0)
    for seed in NO_SEEDS:
        said = refusal(layer.draw, 3, seed)
        assert said.startswith(f"seed is {seed!r}; expected two whole numbers")
    for none in NO_IMAGES:
        assert refusal(layer, none).startswith("images ")
        assert refusal(layer.apply, none, [IDENTITY] * 6).startswith("images ")
    for word, parameters in NO_PARAMETERS.items():
        said = refusal(layer.apply, images[:5], parameters)
        assert said.startswith("parameters ") and word in said
    assert "images[..., None] if they are grey" in refusal(layer, np.zeros((64, 28, 28), "float32"))
    for channels in (1, 3, 4):
        assert layer(np.zeros((5, 4, channels)), training=False).shape == (5, 4, channels)
    pairs = tf.data.Dataset.from_tensor_slices((images, np.arange(6))).batch(3)
    # AutoGraph puts it among lines of its own.
    with pytest.raises(TypeError, match=r"map pairs with lambda x, y: \(augment\(x\), y\)"):
        pairs.map(layer)
