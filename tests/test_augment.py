"""RandomAffine against ImageDataGenerator and SciPy, its draws, and its life as a layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers.augment import FILL_MODES, IDENTITY, PARAMETERS, POLICIES, RandomAffine, named_policy
from refusals import refusal

TOLERANCE = 1e-3
ROUNDING = 1e-5  # of positions, by another compiled program; what stays on the grid comes out bit for bit
CVAL = 0.3
STRONG = {
    "rotation_range": 180, "width_shift_range": 1, "height_shift_range": 0.5, "shear_range": 60,
    "zoom_range": (0.3, 3), "horizontal_flip": True, "vertical_flip": True,
}  # fmt: skip
# One shape for all tests that need no other: XLA compiles each anew.
SHAPE = (6, 12, 10, 1)


def random_images(*shape):
    return np.random.default_rng(1).random(shape, "float32")


def parameters(**columns):
    row = IDENTITY.copy()
    for name, value in columns.items():
        row[PARAMETERS.index(name)] = value
    return row


def resampling_cases():
    """Each kind of map alone, where that leaves no row or column exactly on the border, and mixtures."""
    rng = np.random.default_rng(2)
    lower = [-180, -0.4, -0.4, -60, 0.5, 0.5, 0, 0]
    upper = [180, 0.4, 0.4, 60, 2, 2, 0, 0]
    mixtures = rng.uniform(lower, upper, (12, 8)).astype("float32")
    mixtures[:, 6:] = rng.integers(0, 2, (12, 2))
    alone = [
        parameters(rotation=33),
        parameters(shift_width=0.11, shift_height=-0.23),
        parameters(shear=-25),
        parameters(zoom_width=1.37, zoom_height=0.61),
    ]
    return np.stack([*alone, *mixtures])


def sampling_map(shape, row):
    """Matrix and offset of p + R (t + S Z F (q - p)), coordinates in the order (x, y), in float64."""
    height, width = shape[:2]
    rotation, shift_x, shift_y, shear, zoom_x, zoom_y, flip_x, flip_y = row.astype(float)
    rotation, shear = np.deg2rad([rotation, shear])
    p = np.array([width - 1, height - 1]) / 2
    t = np.array([shift_x * width, shift_y * height])
    r = np.array([[np.cos(rotation), -np.sin(rotation)], [np.sin(rotation), np.cos(rotation)]])
    s = np.array([[1, -np.sin(shear)], [0, np.cos(shear)]])
    matrix = r @ s @ np.diag([zoom_x, zoom_y]) @ np.diag([1 - 2 * flip_x, 1 - 2 * flip_y])
    return matrix, p + r @ t - matrix @ p


def scipy_reference(image, row, fill_mode):
    matrix, offset = sampling_map(image.shape, row)
    mode = "grid-wrap" if fill_mode == "wrap" else fill_mode
    channels = [
        # SciPy's coordinates come in the order (row, column).
        ndimage.affine_transform(c, matrix[::-1, ::-1], offset[::-1], order=1, mode=mode, cval=CVAL)
        for c in np.moveaxis(image.astype(float), -1, 0)
    ]
    return np.stack(channels, axis=-1)


def generator_reference(image, row, fill_mode):
    height, width = image.shape[:2]
    rotation, shift_x, shift_y, shear, zoom_x, zoom_y, flip_x, flip_y = row.tolist()
    generator = ImageDataGenerator(fill_mode=fill_mode, cval=CVAL)
    change = {"theta": rotation, "tx": shift_x * width, "ty": shift_y * height, "shear": shear, "zx": zoom_x,
              "zy": zoom_y, "flip_horizontal": flip_x, "flip_vertical": flip_y}  # fmt: skip
    return generator.apply_transform(image, change)


def on_the_border(shape, row):
    """Output pixels that sample within TOLERANCE of the picture's border, where 'constant' jumps."""
    height, width = shape[:2]
    matrix, offset = sampling_map(shape, row)
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    source = grid @ matrix.T + offset
    distance = np.minimum(np.abs(source), np.abs(source - [width - 1, height - 1]))
    return (distance < TOLERANCE).any(axis=-1)


def assert_resamples_like(reference, shape, fill_mode):
    rows = resampling_cases()
    images = random_images(len(rows), *shape)
    result = RandomAffine(fill_mode=fill_mode, cval=CVAL).apply(images, rows).numpy()
    expected = np.stack([reference(*pair, fill_mode) for pair in zip(images, rows, strict=True)])
    deviation = np.abs(result - expected).max(axis=-1)
    if fill_mode == "constant":
        jumps = np.stack([on_the_border(shape, row) for row in rows])
        assert jumps.mean() < 0.02
        deviation[jumps] = 0
    assert deviation.max() <= TOLERANCE


# SciPy's 'wrap', which ImageDataGenerator uses, has period n - 1: it merges the first and the last
# pixel. RandomAffine repeats all n pixels ('grid-wrap'), so that mode is compared with SciPy below.
@pytest.mark.parametrize("fill_mode", ["nearest", "constant", "reflect"])
@pytest.mark.parametrize("size", [27, 28])
def test_square_images_come_out_as_from_image_data_generator(size, fill_mode):
    assert_resamples_like(generator_reference, (size, size, 1), fill_mode)


@pytest.mark.parametrize(
    ("shape", "fill_mode"),
    [(shape, mode) for shape in [(20, 40, 3), (21, 13, 1)] for mode in FILL_MODES]
    + [((27, 27, 1), "wrap"), ((28, 28, 1), "wrap")],
)
def test_images_come_out_as_from_the_formula_in_float64(shape, fill_mode):
    assert_resamples_like(scipy_reference, shape, fill_mode)


@pytest.mark.parametrize(("size", "n"), [(28, 512), (28, 2000), (65, 256), (128, 64)])
def test_no_pixel_of_a_million_takes_the_wrong_neighbour(size, n):
    # Where a position lies on a pixel, a neighbour and a distance that were rounded apart miss by 1.
    layer = RandomAffine(20, 0.2, 0.2, zoom_range=0.2, horizontal_flip=True)
    stripes = np.tile(np.arange(size, dtype="float32")[:, None] % 2, (n, size, 1, 1))
    position = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1)
    for clock in range(6):
        drawn = layer.draw(n, (0, clock)).numpy()
        maps = [sampling_map((size, size), row) for row in drawn]
        columns = np.stack([position @ matrix[0] + offset[0] for matrix, offset in maps]).clip(0, size - 1)
        expected = 1 - np.abs(columns % 2 - 1)  # from an even to an odd column the value rises to 1
        assert np.abs(layer.apply(stripes, drawn)[..., 0] - expected).max() < TOLERANCE


@pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap"])
def test_quarter_turns_move_pixels_onto_pixels(fill_mode):
    # In float32 their sources lie a hair outside the picture, where the neighbour lookup can slip.
    images = random_images(4, 28, 28, 1)
    rows = np.stack([parameters(rotation=angle) for angle in (90, 180, 270, -90)])
    expected = np.stack([np.rot90(image, k) for image, k in zip(images, (1, 2, 3, 3), strict=True)])
    result = RandomAffine(fill_mode=fill_mode).apply(images, rows)
    np.testing.assert_allclose(result, expected, atol=1e-4)


def columns_of(layer, n=20_000):
    return dict(zip(PARAMETERS, layer.draw(n, (1, 2)).numpy().T, strict=True))


def test_draws_are_uniform_over_their_ranges_and_independent():
    drawn = columns_of(RandomAffine(**STRONG))
    ends = [(-180, 180), (-1, 1), (-0.5, 0.5), (-60, 60), (0.3, 3), (0.3, 3)]
    for name, (low, high) in zip(PARAMETERS, ends, strict=False):
        share = (drawn[name] - low) / (high - low)
        assert -1e-6 <= share.min() < 0.001 and 0.999 < share.max() <= 1 + 1e-6, name
        # Five standard errors of the mean and of the standard deviation of 20,000 draws.
        assert abs(share.mean() - 0.5) < 0.0102 and abs(share.std() - 12**-0.5) < 0.005, name
    for name in PARAMETERS[6:]:
        assert set(drawn[name]) == {0, 1} and abs(drawn[name].mean() - 0.5) < 0.018
    assert np.abs(np.corrcoef(list(drawn.values())) - np.eye(len(PARAMETERS))).max() < 0.04


def test_a_draw_depends_on_replicate_epoch_and_row_alone():
    layer, twin = RandomAffine(**STRONG, seed=1), RandomAffine(**STRONG, seed=2)
    rows = layer.draw(5, (3, 4)).numpy()
    layer.draw(5, (9, 9))
    np.testing.assert_array_equal(layer.draw(5, (3, 4)), rows)
    np.testing.assert_array_equal(twin.draw(5, (3, 4)), rows)
    np.testing.assert_array_equal(layer.draw(4_000, (3, 4))[:5], rows)
    np.testing.assert_array_equal(layer.draw(tf.constant(5), tf.constant([3, 4])), rows)
    for other in ((3, 5), (2, 4), (4, 3)):
        assert (layer.draw(5, other).numpy()[:, :6] != rows[:, :6]).all()


def test_draws_are_those_of_the_stored_results():
    expected = [
        [-92.416519, 0.967013, -0.279583, -3.849579, 2.389416, 2.555692, 0, 1],
        [-2.860901, 0.972464, 0.205588, 29.527473, 0.698104, 1.158158, 1, 1],
    ]
    drawn = RandomAffine(**STRONG).draw(2, (3, 4))
    np.testing.assert_allclose(drawn, expected, rtol=1e-5, err_msg="compute data/results anew")


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("fill_mode", FILL_MODES)
def test_identity_and_double_flip_change_no_bit(fill_mode, dtype):
    images = (random_images(*SHAPE) * 255).astype(dtype)
    layer = RandomAffine(fill_mode=fill_mode, cval=CVAL)
    np.testing.assert_array_equal(layer.apply(images, np.tile(IDENTITY, (len(images), 1))), images)
    for name, axis in (("flip_horizontal", 2), ("flip_vertical", 1)):
        flip = np.tile(parameters(**{name: 1}), (len(images), 1))
        flipped = layer.apply(images, flip)
        np.testing.assert_array_equal(flipped, np.flip(images, axis))
        np.testing.assert_array_equal(layer.apply(flipped, flip), images)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_values_stay_within_their_range_though_the_dtype_rounds_them(dtype):
    # Rounded to single precision, 0.7 becomes smaller and 0.8 larger.
    images = np.where(random_images(*SHAPE) < 0.5, 0.7, 0.8).astype(dtype)
    for fill_mode in FILL_MODES:
        layer = RandomAffine(**STRONG, fill_mode=fill_mode, cval=0.75)
        for epoch in range(10):
            result = layer.apply(images, layer.draw(len(images), (0, epoch))).numpy()
            assert result.dtype == images.dtype
            assert images.min() <= result.min() < result.max() <= images.max()


@pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap"])
def test_constant_images_stay_exactly_constant(fill_mode):
    values = np.array([0.1, 0.3, 1 / 3, 0.7, 0.9, 1], "float32")
    images = np.broadcast_to(values[:, None, None, None], SHAPE)
    layer = RandomAffine(**STRONG, fill_mode=fill_mode)
    for epoch in range(20):
        np.testing.assert_array_equal(layer.apply(images, layer.draw(len(images), (0, epoch))), images)


def test_uint8_images_are_rounded():
    images = (random_images(*SHAPE) * 255).astype("uint8")
    layer = RandomAffine(**STRONG)
    rows = layer.draw(len(images), (0, 0))
    result = layer.apply(images, rows)
    assert result.dtype == tf.uint8
    expected = np.round(layer.apply(images.astype("float32"), rows))  # another program, so halves may round up
    off = np.abs(result.numpy().astype(float) - expected)
    assert off.max() <= 1 and (off > 0).mean() < 0.01


def test_only_training_augments():
    images = random_images(*SHAPE)
    layer = RandomAffine(**STRONG)
    model = keras.Sequential([keras.Input(SHAPE[1:]), layer])
    for untouched in (layer(images, training=False), model(images, training=False), model.predict(images, verbose=0)):
        np.testing.assert_array_equal(untouched, images)
    for augmented in (layer(images), layer(images, training=True), model(images, training=True)):
        assert (augmented.numpy() != images).any(axis=(1, 2, 3)).all()


def white_image_model():
    """On white images its loss is the mean brightness, which shifts against black lower."""
    model = keras.Sequential([
        keras.Input(SHAPE[1:]),
        RandomAffine(width_shift_range=1, fill_mode="constant", seed=3),
        keras.layers.Flatten(),
        keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(1 / 120)),
    ])
    model.compile(keras.optimizers.SGD(0.0), loss=lambda _, brightness: brightness)
    return model


def test_fit_augments_anew_in_every_epoch_and_evaluation_never():
    white, labels = np.ones(SHAPE, "float32"), np.zeros(SHAPE[0])
    history = white_image_model().fit(white, labels, epochs=3, validation_data=(white, labels), verbose=0).history
    assert max(history["loss"]) < 0.95 and len(set(history["loss"])) == 3
    np.testing.assert_allclose(history["val_loss"], 1, rtol=1e-5)


def test_images_of_a_batch_and_repeated_calls_draw_differently_and_layers_of_one_seed_alike():
    copies = np.repeat(random_images(1, *SHAPE[1:]), SHAPE[0], axis=0)
    one, same, other = (RandomAffine(**STRONG, seed=seed) for seed in (5, 5, 6))
    twice = np.concatenate([one(copies), one(copies)])
    assert len(np.unique(twice, axis=0)) == 2 * SHAPE[0]
    np.testing.assert_allclose(np.concatenate([same(copies), same(copies)]), twice, atol=ROUNDING)
    assert (np.concatenate([other(copies), other(copies)]) != twice).any(axis=(1, 2, 3)).all()


def test_tf_data_augments_a_partial_last_batch():
    images = random_images(*SHAPE)
    batches = tf.data.Dataset.from_tensor_slices(images).batch(4).map(RandomAffine(**STRONG))
    passes = [[*images.reshape(6, -1)], *([*np.concatenate(list(batches)).reshape(6, -1)] for _ in range(2))]
    assert [len(batch) for batch in batches] == [4, 2] and len({row.tobytes() for rows in passes for row in rows}) == 18


@pytest.mark.parametrize(("dtype", "channels"), [("float32", 1), ("float32", 4), ("uint8", 3)])
def test_a_single_image_keeps_shape_and_dtype(dtype, channels):
    image = (random_images(12, 10, channels) * 255).astype(dtype)
    layer = RandomAffine(**STRONG)
    augmented = layer(image)
    assert augmented.shape == image.shape
    assert augmented.dtype == dtype
    assert (augmented.numpy() != image).any()
    unbatched = tf.data.Dataset.from_tensors(image).map(layer)
    assert next(iter(unbatched)).shape == image.shape


@pytest.fixture
def _mixed_precision():
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    yield
    keras.mixed_precision.set_dtype_policy(before)


@pytest.mark.usefixtures("_mixed_precision")
def test_mixed_precision_rounds_no_image():
    images = random_images(*SHAPE)
    np.testing.assert_array_equal(RandomAffine()(images, training=True), images)
    losses = white_image_model().fit(np.ones_like(images), np.zeros(SHAPE[0]), verbose=0).history["loss"]
    assert 0 < losses[0] < 0.95


def test_the_layer_is_saved_and_loaded_with_its_model(tmp_path):
    images = random_images(*SHAPE)
    settings = STRONG | {"fill_mode": "constant", "cval": CVAL, "seed": 7, "name": "augment"}
    model = keras.Sequential([keras.Input(SHAPE[1:]), RandomAffine(**settings), keras.layers.Flatten()])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.layers[0]) is RandomAffine
    assert loaded.layers[0].get_config() == model.layers[0].get_config()
    np.testing.assert_array_equal(loaded.predict(images, verbose=0), model.predict(images, verbose=0))
    np.testing.assert_allclose(loaded(images, training=True), model(images, training=True), atol=ROUNDING)


# What is refused


ODD = [
    ({"rotation_range": -5}, "rotation_range is -5; expected a number between 0 and 360 (degrees)"),
    ({"rotation_range": 361}, "rotation_range"), ({"width_shift_range": "0.1"}, "width_shift_range is '0.1'; expected"),
    ({"width_shift_range": 1.5}, "0 and 1 (fraction)"), ({"height_shift_range": 1.5}, "0 and 1 (fraction)"),
    ({"shear_range": float("nan")}, "shear_range is nan"), ({"shear_range": 90}, "0 and 89.9 (degrees)"),
    *(({"zoom_range": zoom}, f"zoom_range is {zoom!r}; expected a number from 0 up to but not including 1, or a pair")
      for zoom in (1.5, 1, (1.2, 0.8), (0, 1), (1, 5.1), "ab", (1, 1, 1), (True, 2), None)),
    ({"horizontal_flip": "no"}, "True or False"), ({"vertical_flip": 0.5}, "True or False"),
    ({"fill_mode": "mirror"}, "fill_mode is 'mirror'; expected one of nearest, constant"),
    ({"cval": float("nan")}, "cval is nan"), ({"cval": float("inf")}, "finite"), ({"cval": "0"}, "cval is '0'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), ODD)
def test_a_bad_argument_is_named_with_what_was_expected(arguments, said):
    assert said in refusal(RandomAffine, **arguments)


def test_numbers_of_numpy_are_numbers_and_the_ends_of_a_range_taken():
    layer = RandomAffine(
        np.int64(5), np.float32(0.5), shear_range=np.float64(2), zoom_range=np.array([0.5, 2.0]),
        horizontal_flip=np.True_, cval=np.float32(1), seed=np.int64(3),
    )  # fmt: skip
    plain = RandomAffine(5, 0.5, shear_range=2, zoom_range=(0.5, 2), horizontal_flip=True, cval=1, seed=3)
    assert layer.get_config() | {"name": ""} == plain.get_config() | {"name": ""}
    RandomAffine(360, 1, 1, 89.9, (0.1, 5))
    assert RandomAffine(zoom_range=(1, 1)).zoom_range == (1, 1)


def zeros_of_two_sizes():
    return [np.zeros((12, 10, 1), "float32"), np.zeros((8, 10, 1), "float32")]


NO_IMAGES = {
    "none": lambda: None, "images of two sizes": zeros_of_two_sizes, "no channels": lambda: np.zeros((12, 10)),
    "ragged": lambda: tf.ragged.stack(zeros_of_two_sizes()), "five": lambda: np.zeros((2, 6, 12, 10, 1)),
    "with labels": lambda: (np.zeros(SHAPE, "float32"), np.zeros(6)), "complex": lambda: np.zeros(SHAPE, "complex64"),
    "objects": lambda: np.array([*zeros_of_two_sizes(), None], dtype=object),
    "a data set": lambda: tf.data.Dataset.from_tensors(np.zeros(SHAPE)),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_IMAGES)
def test_what_is_no_batch_of_images_is_refused(kind):
    layer, images = RandomAffine(), NO_IMAGES[kind]()
    assert refusal(layer, images, training=True).startswith("images ")
    assert refusal(layer, images, training=False).startswith("images ")
    assert refusal(layer.apply, images, np.tile(IDENTITY, (SHAPE[0], 1))).startswith("images ")


def test_what_is_no_image_at_all_or_grey_without_channels_says_what_to_pass():
    for layer in (RandomAffine(rotation_range=5), keras.Sequential([RandomAffine()])):
        assert "images[..., None] if they are grey" in refusal(layer, np.zeros((64, 28, 28), "float32"))
    images = random_images(*SHAPE)
    for training in ("no", 0.0, np.zeros(6), [False]):
        assert refusal(RandomAffine(), images, training=training).startswith("training is ")
    pairs = tf.data.Dataset.from_tensor_slices((images, np.arange(6))).batch(3)
    with pytest.raises(TypeError, match=r"map pairs with lambda x, y: \(augment\(x\), y\)"):  # in AutoGraph's lines
        pairs.map(RandomAffine(**STRONG))
    np.testing.assert_array_equal(RandomAffine()(list(images), training=False), images)  # a list of one size is taken


NO_SEEDS = [
    None, "x", (0.5, 1), (1, 2, 3), 5, (1, None), (True, False), ("a", "b"),
    (2**32 + 3, 4), (3, 2**31), (-1, 0), (2**64, 0),  # in 32 bits they are others' seeds
]  # fmt: skip
ROW = IDENTITY.copy()
ROW[3] = np.nan
NO_PARAMETERS = [
    (None, ""), ("x", ""), ([[0] * 8, [0] * 7], ""), ([["a"] * 8] * 6, ""),
    (np.full((6, 8), np.inf), "not finite in row 0"),
    (np.stack([*[IDENTITY] * 4, ROW, IDENTITY]), "not finite in row 4"), ([IDENTITY], "(1, 8) for 6 images"),
    ([IDENTITY] * 3, "a row of 8 for each"), (np.zeros((6, 7)), "(6, 7)"),
]  # fmt: skip


def test_bad_seeds_and_parameters_are_refused():
    layer, images = RandomAffine(rotation_range=5), random_images(*SHAPE)
    for seed in NO_SEEDS:
        assert refusal(layer.draw, 3, seed).startswith(f"seed is {seed!r}; expected two whole numbers")
    for parameters, said in NO_PARAMETERS:
        found = refusal(layer.apply, images, parameters)
        assert found.startswith("parameters ") and said in found


# Written by hand: the widest rotation, shifts, shear and change of size, and whether left-right and top-bottom mirror.
MEANING = {
    "mild": (5, 0.05, 0.05, 0, 0.05, True, False),
    "wide": (20, 0.2, 0.2, 0.2, 0.2, True, False),
    "cells": (5, 0.05, 0.05, 0, 0, True, True),
    "flip": (0, 0, 0, 0, 0, True, False),
    "half": (10, 0.1, 0.1, 0.1, 0.1, True, False),
    "three-quarters": (15, 0.15, 0.15, 0.15, 0.15, True, False),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_named_policy_draws_from_its_ranges_and_is_made_once(name):
    assert named_policy(name) is named_policy(name)
    drawn = columns_of(named_policy(name))
    rotation, width, height, shear, zoom, left_right, top_bottom = MEANING[name]
    ranges = {"rotation": rotation, "shift_width": width, "shift_height": height, "shear": shear}
    for column, widest in ranges.items():
        assert np.abs(drawn[column]).max() == pytest.approx(widest, rel=0.01), column
        assert abs(drawn[column].mean()) <= 0.02 * widest, column
    for column in ("zoom_width", "zoom_height"):
        assert drawn[column].max() - 1 == pytest.approx(zoom, rel=0.01), column
        assert 1 - drawn[column].min() == pytest.approx(zoom, rel=0.01), column
    assert drawn["flip_horizontal"].mean() == pytest.approx(0.5 * left_right, abs=0.02)
    assert drawn["flip_vertical"].mean() == pytest.approx(0.5 * top_bottom, abs=0.02)


def test_an_unknown_policy_is_refused():
    assert "policy is 'article'; expected one of mild, wide" in refusal(named_policy, "article")
