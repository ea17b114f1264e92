"""RandomAffine against ImageDataGenerator and SciPy, its draws, and its life as a layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers.augment import FILL_MODES, IDENTITY, PARAMETERS, POLICIES, RandomAffine, named_policy

TOLERANCE = 1e-3
ROUNDING = 1e-5  # of positions, by another compiled program; what stays on the grid comes out bit for bit
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
    return generator.apply_transform(
        image,
        {
            "theta": rotation,
            "tx": shift_x * width,
            "ty": shift_y * height,
            "shear": shear,
            "zx": zoom_x,
            "zy": zoom_y,
            "flip_horizontal": flip_x,
            "flip_vertical": flip_y,
        },
    )


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


def test_draws_are_uniform_over_their_ranges():
    drawn = columns_of(RandomAffine(**STRONG))
    ranges = {
        "rotation": (-180, 180),
        "shift_width": (-1, 1),
        "shift_height": (-0.5, 0.5),
        "shear": (-60, 60),
        "zoom_width": (0.3, 3),
        "zoom_height": (0.3, 3),
    }
    for name, (low, high) in ranges.items():
        share = (drawn[name] - low) / (high - low)
        assert -1e-6 <= share.min() < 0.001, name
        assert 0.999 < share.max() <= 1 + 1e-6, name
        # Five standard errors of the mean and of the standard deviation of 20,000 draws.
        assert abs(share.mean() - 0.5) < 0.0102, name
        assert abs(share.std() - 12**-0.5) < 0.005, name
    for name in ("flip_horizontal", "flip_vertical"):
        assert set(drawn[name]) == {0, 1}
        assert abs(drawn[name].mean() - 0.5) < 0.018


def test_parameters_are_independent_of_each_other():
    correlation = np.corrcoef(list(columns_of(RandomAffine(**STRONG)).values()))
    assert np.abs(correlation - np.eye(len(PARAMETERS))).max() < 0.04


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
    np.testing.assert_array_equal(layer(images, training=False), images)
    np.testing.assert_array_equal(model(images, training=False), images)
    np.testing.assert_array_equal(model.predict(images, verbose=0), images)
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
    model = white_image_model()
    white, labels = np.ones(SHAPE, "float32"), np.zeros(SHAPE[0])
    history = model.fit(white, labels, epochs=3, validation_data=(white, labels), verbose=0).history
    assert max(history["loss"]) < 0.95
    assert len(set(history["loss"])) == 3
    np.testing.assert_allclose(history["val_loss"], 1, rtol=1e-5)


def test_the_images_of_a_batch_and_repeated_calls_draw_differently():
    copies = np.repeat(random_images(1, *SHAPE[1:]), SHAPE[0], axis=0)
    layer = RandomAffine(**STRONG)
    twice = np.concatenate([layer(copies), layer(copies)])
    assert len(np.unique(twice, axis=0)) == 2 * SHAPE[0]


def test_layers_of_one_seed_repeat_each_other():
    images = random_images(*SHAPE)
    one, same, other = (RandomAffine(**STRONG, seed=seed) for seed in (5, 5, 6))
    for _ in range(2):
        expected = one(images)
        np.testing.assert_allclose(same(images), expected, atol=ROUNDING)
        assert (other(images).numpy() != expected.numpy()).any()


def test_tf_data_augments_a_partial_last_batch():
    images = random_images(*SHAPE)
    batches = tf.data.Dataset.from_tensor_slices(images).batch(4).map(RandomAffine(**STRONG))
    first, second = (list(batches) for _ in range(2))
    assert [batch.shape[0] for batch in first] == [4, 2]
    originals = (images[:4], images[4:])
    for original, one, two in zip(originals, first, second, strict=True):
        assert one.shape == original.shape
        assert (one.numpy() != original).any(axis=(1, 2, 3)).all()
        assert (one.numpy() != two.numpy()).any(axis=(1, 2, 3)).all()


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rotation_range": -5}, "rotation_range is -5; expected a number between 0 and 360 (degrees)."),
        ({"width_shift_range": "0.1"}, "width_shift_range is '0.1'; expected a number between 0 and 1"),
        ({"height_shift_range": 1.5}, "height_shift_range is 1.5; expected a number between 0 and 1"),
        ({"shear_range": float("nan")}, "shear_range is nan; expected a number between 0 and 89.9"),
        ({"zoom_range": 1.5}, "zoom_range is 1.5; expected a number from 0 up to but not including 1"),
        ({"zoom_range": (1.2, 0.8)}, "zoom_range is (1.2, 0.8); expected"),
        ({"zoom_range": "ab"}, "zoom_range is 'ab'; expected a number from 0"),
        ({"horizontal_flip": "no"}, "horizontal_flip is 'no'; expected True or False."),
        ({"vertical_flip": 0.5}, "vertical_flip is 0.5; expected True or False."),
        ({"fill_mode": "mirror"}, "fill_mode is 'mirror'; expected one of nearest, constant, reflect, wrap."),
        ({"cval": float("nan")}, "cval is nan; expected a finite number (in the images' units)."),
        ({"seed": 1.5}, "seed is 1.5; expected a whole number from 0 to 2,147,483,647."),
        ({"seed": 2**32 + 5}, "seed is 4294967301; expected a whole number from 0 to 2,147,483,647."),
    ],
)
def test_a_bad_argument_is_named_with_what_was_expected(arguments, message):
    with pytest.raises(ValueError) as error:
        RandomAffine(**arguments)
    assert message in str(error.value)
    assert str(error.value).count(". ") == 0


def refusal(call, *arguments, **settings):
    """The message of the ValueError or TypeError that a call raises, which must be one sentence."""
    with pytest.raises((ValueError, TypeError)) as error:
        call(*arguments, **settings)
    message = str(error.value)
    assert "\n" not in message
    assert "; expected " in message
    assert message.endswith(".")
    assert len(message) < 300
    return message


def test_numbers_of_numpy_are_numbers():
    layer = RandomAffine(
        np.int64(5), np.float32(0.5), shear_range=np.float64(2), zoom_range=np.array([0.5, 2.0]),
        horizontal_flip=np.True_, cval=np.float32(1), seed=np.int64(3),
    )  # fmt: skip
    plain = RandomAffine(5, 0.5, shear_range=2, zoom_range=(0.5, 2), horizontal_flip=True, cval=1, seed=3)
    assert layer.get_config() | {"name": ""} == plain.get_config() | {"name": ""}


@pytest.mark.parametrize("shape", [(12, 10), (2, 6, 12, 10, 1)])
def test_images_of_another_rank_are_refused(shape):
    layer = RandomAffine()
    images = np.zeros(shape, "float32")
    message = f"images have shape {shape}; expected (n, height, width, channels)"
    assert refusal(layer, images).startswith(message)
    assert refusal(layer.apply, images, [IDENTITY]) == message + "."


def zeros_of_two_sizes():
    return [np.zeros((12, 10, 1), "float32"), np.zeros((8, 10, 1), "float32")]


NO_IMAGES = {
    "none": lambda: None,
    "images of two sizes": zeros_of_two_sizes,
    "ragged": lambda: tf.ragged.stack(zeros_of_two_sizes()),
    "images with labels": lambda: (np.zeros(SHAPE, "float32"), np.zeros(SHAPE[0])),
    "objects": lambda: np.array([*zeros_of_two_sizes(), None], dtype=object),
    "complex numbers": lambda: np.zeros(SHAPE, "complex64"),
    "a data set": lambda: tf.data.Dataset.from_tensors(np.zeros(SHAPE)),
}


@pytest.mark.parametrize("kind", NO_IMAGES)
def test_what_is_no_batch_of_images_is_refused(kind):
    layer, images = RandomAffine(), NO_IMAGES[kind]()
    assert refusal(layer, images, training=True).startswith("images ")
    assert refusal(layer, images, training=False).startswith("images ")
    assert refusal(layer.apply, images, np.tile(IDENTITY, (SHAPE[0], 1))).startswith("images ")


def test_a_list_of_images_of_one_size_is_taken():
    images = random_images(*SHAPE)
    layer = RandomAffine(**STRONG)
    rows = layer.draw(len(images), (0, 0))
    np.testing.assert_allclose(layer.apply(list(images), rows), layer.apply(images, rows), atol=ROUNDING)
    np.testing.assert_array_equal(layer(list(images), training=False), images)


def test_grey_images_without_channels_are_not_taken_for_one_picture():
    grey = np.zeros((64, 28, 28), "float32")
    message = refusal(RandomAffine(rotation_range=5), grey)
    assert message == (
        "images have shape (64, 28, 28); expected (n, height, width, channels), or one picture with 1, 3 or "
        "4 channels: pass images[..., None] if they are grey."
    )
    assert "images[..., None]" in refusal(keras.Sequential([RandomAffine()]), grey)


@pytest.mark.parametrize("training", ["no", 0.0, np.zeros(6), [False]])
def test_training_is_true_or_false(training):
    message = refusal(RandomAffine(), random_images(*SHAPE), training=training)
    assert message.startswith("training is ")


def test_pairs_of_images_and_labels_are_not_mapped():
    pairs = tf.data.Dataset.from_tensor_slices((random_images(*SHAPE), np.arange(6))).batch(3)
    with pytest.raises(TypeError, match=r"map pairs with lambda x, y: \(augment\(x\), y\)"):
        pairs.map(RandomAffine(**STRONG))


@pytest.mark.parametrize("n", [-1, 2.0, None, "x", True])
def test_a_bad_number_of_draws_is_refused(n):
    assert refusal(RandomAffine().draw, n, (0, 0)) == f"n is {n!r}; expected a whole number, 0 or more."


@pytest.mark.parametrize(
    "seed",
    [
        None, "x", (0.5, 1), (1, 2, 3), 5, (1, None), (True, False), ("a", "b"),
        (2**32 + 3, 4), (3, 2**31), (-1, 0), (2**64, 0),  # in 32 bits they are others' seeds
    ],
)  # fmt: skip
def test_a_bad_seed_of_draws_is_refused(seed):
    message = refusal(RandomAffine().draw, 3, seed)
    expected = "expected two whole numbers from 0 to 2,147,483,647, such as (replicate, epoch)."
    assert message == f"seed is {seed!r}; {expected}"


@pytest.mark.parametrize(
    "parameters",
    [None, "x", [[0] * 8, [0] * 7], np.full((6, 8), np.nan), np.full((6, 8), np.inf), [["a"] * 8] * 6],
)
def test_bad_parameters_are_refused(parameters):
    assert refusal(RandomAffine().apply, random_images(*SHAPE), parameters).startswith("parameters ")


def test_a_single_parameter_that_is_no_number_is_found():
    rows = np.tile(IDENTITY, (6, 1))
    rows[4, 3] = np.nan
    message = refusal(RandomAffine().apply, random_images(*SHAPE), rows)
    assert message == "parameters are not finite in row 4; expected numbers that draw can return."


@pytest.mark.parametrize("rows", [1, 3])
def test_one_draw_for_several_images_is_refused(rows):
    layer = RandomAffine(rotation_range=5)
    with pytest.raises(ValueError) as error:
        layer.apply(np.zeros((4, 12, 10, 1), "float32"), layer.draw(rows, (0, 0)))
    found = f"parameters have shape ({rows}, 8) for 4 images"
    assert str(error.value) == f"{found}; expected a row of 8 for each."


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
    message = "^policy is 'article'; expected one of mild, wide, cells, flip, half, three-quarters\\.$"
    with pytest.raises(ValueError, match=message):
        named_policy("article")
