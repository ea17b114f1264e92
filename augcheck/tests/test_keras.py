"""Pipelines of Keras and tf.data: what a model has in front, and the random states that stay as they were."""

import random

import numpy as np
import pytest
from pairs import V, W, X, Y, lighten

from augcheck import NOT_FOUND, check_pipeline

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
layers = keras.layers
SHAPE = (16, 16, 3)
FLIP = layers.RandomFlip("horizontal", seed=0)


def slices(*parts):
    return tf.data.Dataset.from_tensor_slices(parts)


def turn():
    layer = layers.RandomRotation(0.1, seed=0)
    return lambda x, y: (layer(x, training=True), y)


def crop(x, y):
    return tf.image.random_crop(tf.image.resize_with_crop_or_pad(x, 20, 20), SHAPE), y


def off(x, y, training=False):
    return FLIP(x, training=training), y


def pipelines():
    """As a lesson of the series has them, and what is found."""
    keras.utils.set_random_seed(0)
    data, rows = slices(X, Y), np.argsort(Y)
    apart = tf.data.Dataset.zip((slices(X).shuffle(192), slices(Y).shuffle(192)))
    apart = apart.map(lambda x, y: (x[0], y[0]))
    flip = lambda x, y: (FLIP(x, training=True), y)  # noqa: E731
    return {
        "cached behind the map": (data.shuffle(192).batch(32).map(turn()).cache(), "wrong order"),
        "cached before it": (data.cache().shuffle(192).batch(32).map(turn()), ""),
        "tf.image, seeded": (data.map(crop).shuffle(192).batch(32), "wrong"),
        "not training": (data.shuffle(192).batch(32).map(off), "ask"),
        "small buffer": (slices(X[rows], Y[rows]).shuffle(16).batch(32).map(flip), "order"),
        "labels apart": (apart.batch(32).map(flip), "labels"),
    }


@pytest.mark.parametrize("name", pipelines())
def test_pipelines_of_tf_data(name):
    data, expected = pipelines()[name]
    report = check_pipeline(data, (V, W))
    words = expected.split()
    if words[:1] in (["wrong"], ["ask"]):
        assert report["repeats"].severity == words[0], report
        words[0] = "repeats"
    assert report.found == words, report


def with_head(*front):
    rest = [layers.Conv2D(3, 3), layers.GlobalAveragePooling2D(), layers.Dense(1)]
    return keras.Sequential([keras.Input(SHAPE), *front, *rest])


def functional(*front):
    image = x = keras.Input(SHAPE)
    for layer in front:
        x = layer(x)
    branched = layers.Average()([layers.Conv2D(3, 3, padding="same")(x), x])
    return keras.Model(image, layers.Flatten()(branched))


@pytest.mark.parametrize("made", [with_head, functional])
def test_a_model_is_asked_for_and_then_looked_through(made):
    stored = slices(X, Y).shuffle(192).batch(32)
    assert check_pipeline(stored)["repeats"].severity == "ask"
    assert check_pipeline(stored, model=made())["repeats"].severity == "wrong"
    augments = made(layers.RandomFlip("horizontal"), layers.RandomRotation(0.1))
    report = check_pipeline(stored, (V, W), model=augments)
    assert not report.found and report["one draw"].status == NOT_FOUND


def test_what_a_model_scales_again_is_named():
    twice = check_pipeline((X, Y), (V, W), model=with_head(layers.Rescaling(1 / 255)))
    assert twice.found == ["degenerate"] and "the model's first layers" in twice["degenerate"].how
    with pytest.raises(ValueError, match="the model takes images of"):
        check_pipeline((X[:, :8], Y), model=with_head())
    with pytest.raises(TypeError, match="expected a Keras model"):
        check_pipeline((X, Y), model="resnet")


def test_an_image_data_generator_is_read_with_its_originals():
    image = pytest.importorskip("tensorflow.keras.preprocessing.image")
    pytest.importorskip("scipy")
    flow = image.ImageDataGenerator(rotation_range=20).flow(X, Y, batch_size=32)
    report = check_pipeline(flow, (V, W))
    assert not report.found and report["shared images"].status == NOT_FOUND
    assert "shared images" in check_pipeline(flow, (X[:50], Y[:50])).found


def test_arrays_with_a_layer_are_sound_and_an_idle_one_is_named():
    assert not check_pipeline((X, Y), (V, W), augment=layers.RandomRotation(0.1)).found
    idle = check_pipeline((X, Y), augment=lambda x: x)
    assert "returns its images untouched" in idle["repeats"].how


def states():
    tensors = keras.random.uniform((3,)), tf.random.get_global_generator().state
    numbers = [np.asarray(tensor).tolist() for tensor in tensors]
    return random.getstate(), str(np.random.get_state()), numbers


def test_global_random_states_are_put_back_also_after_an_error():
    def augment(x):
        drawn = random.random() + np.random.random()
        drawn += float(tf.random.get_global_generator().normal(()))
        return x + drawn + keras.random.uniform((len(x), 1, 1, 1))

    def broken(x):
        augment(x)
        raise RuntimeError("no")

    results = []
    for check in (False, True):
        keras.utils.clear_session()
        keras.utils.set_random_seed(3)
        if check:
            check_pipeline((X, Y), augment=augment)
            with pytest.raises(RuntimeError, match="no"):
                check_pipeline(lambda: map(broken, [X]))
        results.append(states())
    assert results[0] == results[1]


@pytest.mark.parametrize("seed", [None, 7])
def test_a_seed_that_the_pipeline_sets_is_not_left_set(seed):
    def seeded():
        keras.utils.set_random_seed(42)
        return slices(X, Y).shuffle(192).map(crop).batch(32)

    continued = []
    for check in (False, True):
        tf.random.set_seed(seed)
        before = float(tf.random.uniform(()))
        if check:
            check_pipeline(seeded)
        continued.append((before, float(tf.random.uniform(()))))
    plain = slices(X, Y).map(crop).batch(192)
    if seed is None:  # a global seed makes a map with tf.image repeat its draws
        assert len({x.numpy().tobytes() for _ in range(3) for x, _ in plain}) == 3
    else:
        assert continued[0] == continued[1]


def test_a_loop_that_augments_is_tried_out():
    batches = slices(X, Y).shuffle(192).batch(32)
    report = check_pipeline(batches, augment=lambda x: lighten(x.numpy()), augment_in="loop")
    assert not report.found and report["one draw"].status == NOT_FOUND
