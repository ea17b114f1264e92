"""What a model has in front: augmentation, and never the backbone behind it."""

import keras
import numpy as np
import pytest
from keras import layers

from augcheck import FOUND, NOT_FOUND, check_pipeline
from augcheck.reading.first_layers import FirstLayers

SHAPE = (16, 16, 3)


@pytest.fixture(scope="module")
def sets():
    rng = np.random.default_rng(0)
    parts = [(rng.random((n, *SHAPE), np.float32), np.arange(n) % 2) for n in (96, 64)]
    return {"train": parts[0], "validation": parts[1]}


def in_branches(weights=True):
    """A nested functional model that isn't in a row: what a block of a ResNet is."""
    image = keras.Input(SHAPE)
    left = layers.Conv2D(3, 3, padding="same")(image) if weights else layers.RandomFlip("horizontal")(image)
    return keras.Model(image, layers.Average()([image, left]))


def in_a_row():
    """A nested functional model in a row, whose outputs are as small as those of images scaled twice."""
    image = keras.Input(SHAPE)
    small = keras.initializers.RandomUniform(0, 1e-5)
    return keras.Model(image, layers.Conv2D(3, 3, kernel_initializer=small)(image))


def tiny_sequential():
    small = keras.initializers.RandomUniform(0, 1e-5)
    return keras.Sequential([keras.Input(SHAPE), layers.Conv2D(3, 3, kernel_initializer=small)])


def with_head(backbone, *front, **how):
    image = keras.Input(SHAPE)
    x = image
    for layer in front:
        x = layer(x)
    x = layers.GlobalAveragePooling2D()(backbone(x, **how))
    return keras.Model(image, layers.Dense(1)(x))


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("backbone", [in_branches, in_a_row, tiny_sequential])
def test_a_backbone_is_never_front(backbone, frozen, sets):
    base, flip = backbone(), layers.RandomFlip("horizontal")
    base.trainable = not frozen
    model = with_head(base, flip, training=False) if frozen else with_head(base, flip)
    assert FirstLayers(model).layers == [flip]
    report = check_pipeline(**sets, model=model)
    assert not report.found
    assert report["one draw"].status == NOT_FOUND


def test_a_backbone_of_keras():
    """One of them, frozen: tests/slow/check_backbones.py has more."""
    base = keras.applications.MobileNetV2(alpha=0.35, weights=None, input_shape=(32, 32, 3), include_top=False)
    base.trainable = False
    flip = layers.RandomFlip("horizontal")
    model = keras.Sequential([keras.Input((32, 32, 3)), flip, base, layers.Flatten(), layers.Dense(1)])
    front = FirstLayers(model)
    assert front.layers == [flip]
    assert front.later[0] is base


def test_branches_that_learn_nothing_are_one_layer_of_the_front(sets):
    augmentation = in_branches(weights=False)
    model = with_head(in_branches(), augmentation)
    assert FirstLayers(model).layers == [augmentation]
    report = check_pipeline(**sets, model=model, live=False)
    assert report["repeats"].status == FOUND  # new pictures, seen through the model


def test_layers_with_adapted_or_counted_weights_stay_in_front(sets):
    normalise = layers.Normalization()
    normalise.adapt(sets["train"][0])
    flip = layers.RandomFlip("horizontal")
    assert FirstLayers(with_head(in_branches(), normalise, flip)).layers == [normalise, flip]


def test_nested_stacks_of_augmentation_are_unrolled(sets):
    flip, turn = layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)
    image = keras.Input(SHAPE)
    nested = keras.Model(image, keras.Sequential([flip, turn])(image))
    assert FirstLayers(with_head(in_branches(), nested)).layers == [flip, turn]


def test_a_model_that_branches_itself_is_followed_up_to_there(sets):
    base = in_branches()
    head = layers.Dense(1)(layers.Flatten()(base.output))
    front = FirstLayers(keras.Model(base.input, head))
    assert front.layers == []
    flip = layers.RandomFlip("horizontal")
    image = keras.Input(SHAPE)
    x = flip(image)
    x = layers.Average()([layers.Conv2D(3, 3, padding="same")(x), x])
    model = keras.Model(image, layers.Dense(1)(layers.Flatten()(x)))
    front = FirstLayers(model)
    assert front.layers == [flip]
    images = sets["train"][0][:8]
    answers = front.answers(front.unaugmented(images))
    np.testing.assert_allclose(answers, model(images, training=False), rtol=1e-4, atol=1e-5)
    assert check_pipeline(**sets, model=model)["one draw"].status == NOT_FOUND


class Branched(keras.Model):
    def __init__(self):
        super().__init__()
        self.left, self.right = layers.Flatten(), layers.Dense(1)

    def call(self, x):
        return self.right(self.left(x)) + self.right(2 * self.left(x))


def test_a_model_of_two_outputs_is_answered_in_one_sentence(sets):
    base = in_branches()
    head = layers.Dense(1)(layers.Flatten()(base.output))
    with pytest.raises(ValueError, match="^the model's layers are not in one row; give its augmentation as augment=.$"):
        check_pipeline(**sets, model=keras.Model(base.input, [head, base.output]))
    branched = Branched()
    branched(sets["train"][0][:2])
    with pytest.raises(ValueError, match="not in one row"):
        check_pipeline(**sets, model=branched)
    with pytest.raises(TypeError, match="^model is a function; expected a Keras model.$"):
        check_pipeline(**sets, model=lambda x: x)


@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.parametrize("preprocess", ["mobilenet_v2", "resnet"])
def test_preprocessing_written_as_arithmetic_is_followed(preprocess, trainable, sets):
    """As TensorFlow's tutorial on transfer learning does it: augmentation, preprocess_input, the backbone.

    That of ResNet takes the channels apart, and puts them together in reverse.
    """
    base, flip = in_branches(), layers.RandomFlip("horizontal")
    base.trainable = trainable
    image = keras.Input(SHAPE)
    x = getattr(keras.applications, preprocess).preprocess_input(flip(image))
    x = layers.GlobalAveragePooling2D()(base(x, training=False))
    model = keras.Model(image, layers.Dense(1)(x))
    front = FirstLayers(model)
    assert front.layers[0] is flip
    bytes_of = {name: (255 * x, y) for name, (x, y) in sets.items()}
    assert not check_pipeline(**bytes_of, model=model).found
    twice = check_pipeline(**sets, model=model)  # they were scaled to [0, 1] before
    assert twice.found == ["degenerate"]
    assert twice["degenerate"].value == "pixel values were scaled twice, so images have hardly any contrast"


@pytest.mark.parametrize("frozen", [True, False])
def test_a_backbone_that_rescales_by_itself_is_looked_into(frozen, sets):
    image = keras.Input(SHAPE)
    x = layers.Rescaling(1 / 255)(image)
    base = keras.Model(image, layers.Average()([layers.Conv2D(3, 3, padding="same")(x), x]))
    base.trainable = not frozen
    bytes_of = {name: (255 * x, y) for name, (x, y) in sets.items()}
    model = with_head(base, layers.RandomFlip("horizontal"))
    assert not check_pipeline(**bytes_of, model=model).found
    found = check_pipeline(**sets, model=model)["degenerate"]
    assert found[:2] == (FOUND, "pixel values were scaled twice, so images have hardly any contrast")
    assert "behind the model's own preprocessing" in found.how


@pytest.mark.parametrize("frozen", [True, False])
def test_a_frozen_pipeline_before_a_model_that_augments_is_named(frozen, sets):
    """What fit is shown is new, so nothing is found; but that the pipeline itself brings nothing new is said."""
    x, y = (part[:48] for part in sets["train"])
    rng = np.random.default_rng(0)

    def batches():
        for rows in rng.permutation(48).reshape(3, 16):
            yield x[rows] * (1 if frozen else rng.uniform(0.7, 1, (16, 1, 1, 1)).astype("float32")), y[rows]

    model = with_head(in_a_row(), layers.RandomRotation(0.1))
    found = check_pipeline(batches, model=model, max_images=200)["repeats"]
    assert found.status == NOT_FOUND
    assert ("The pipeline's own pictures come again" in found.how) == frozen
