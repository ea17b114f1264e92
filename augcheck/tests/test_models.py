"""What a model has in front: augmentation and preprocessing, and never the backbone behind them."""

import keras
import pytest
from keras import layers

from augcheck import NOT_FOUND, check_pipeline
from augcheck.reading.first_layers import FirstLayers, leaves
from pipelines import Batches, lighten, pictures

SHAPE = (16, 16, 3)
SETS = {"train": pictures(96), "validation": pictures(64, 1)}
BYTES = {name: (255 * x, y) for name, (x, y) in SETS.items()}
FEW = keras.initializers.RandomUniform(0, 1e-5)  # outputs as small as images scaled twice


def in_branches(before=lambda x: x, weights=True):
    """A nested functional model that isn't in a row: what a block of a ResNet is."""
    image = keras.Input(SHAPE)
    x = before(image)
    left = layers.Conv2D(3, 3, padding="same")(x) if weights else layers.RandomFlip("horizontal")(x)
    return keras.Model(image, layers.Average()([x, left]))


def in_a_row():
    image = keras.Input(SHAPE)
    return keras.Model(image, layers.Conv2D(3, 3, kernel_initializer=FEW)(image))


def sequential():
    return keras.Sequential([keras.Input(SHAPE), layers.Conv2D(3, 3, kernel_initializer=FEW)])


def with_head(backbone, *front, preprocess=lambda x: x):
    image = x = keras.Input(SHAPE)
    for layer in front:
        x = layer(x)
    x = layers.GlobalAveragePooling2D()(backbone(preprocess(x)))
    return keras.Model(image, layers.Dense(1)(x))


def layers_of(model):
    """The layers with which it begins."""
    every = [layer for step in FirstLayers(model).steps for layer in leaves(step)]
    return [layer for layer in every if not isinstance(layer, layers.InputLayer)]


@pytest.mark.parametrize(
    ("backbone", "frozen"), [(in_branches, True), (in_a_row, False), (sequential, True)]
)
def test_a_backbone_is_never_front(backbone, frozen):
    base, flip = backbone(), layers.RandomFlip("horizontal")
    base.trainable = not frozen
    for model in (
        with_head(base, flip),
        keras.Sequential([keras.Input(SHAPE), flip, base, layers.Flatten()]),
    ):
        assert layers_of(model) == [flip]
        report = check_pipeline(**SETS, model=model)
        assert not report.found and report["one draw"].status == NOT_FOUND


def test_what_learns_nothing_is_front_in_branches_and_in_stacks():
    model = with_head(in_branches(), in_branches(weights=False))
    assert FirstLayers(model).drawing == {"RandomFlip"}
    assert (
        check_pipeline(**SETS, model=model, live=True)["repeats"].status == NOT_FOUND
    )  # seen through the model
    normalise, flip, turn = (
        layers.Normalization(),
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
    )
    normalise.adapt(SETS["train"][0])
    image = keras.Input(SHAPE)
    nested = keras.Model(image, keras.Sequential([flip, turn])(image))
    assert layers_of(with_head(in_branches(), normalise, nested)) == [normalise, flip, turn]
    normalise.trainable = False
    assert layers_of(with_head(in_branches(), normalise)) == [normalise]


def test_a_model_that_branches_itself_is_followed_up_to_there():
    base, flip = in_branches(), layers.RandomFlip("horizontal")
    assert layers_of(keras.Model(base.input, layers.Dense(1)(layers.Flatten()(base.output)))) == []
    image = keras.Input(SHAPE)
    x = flip(image)
    y = layers.Average()([layers.Conv2D(3, 3, padding="same")(x), x])
    assert layers_of(keras.Model(image, [layers.Flatten()(y), y])) == [flip]
    past = layers.Average()([layers.Conv2D(3, 3, padding="same")(x), image])  # a way past the flip
    assert layers_of(keras.Model(image, layers.Flatten()(past))) == []


class Branched(keras.Model):
    def call(self, x):
        return x + 2 * x


def test_a_model_that_can_not_be_followed_is_answered_in_one_sentence():
    branched, two = Branched(), [keras.Input(SHAPE), keras.Input(SHAPE)]
    branched(SETS["train"][0][:2])
    for model in (branched, keras.Model(two, layers.Average()(two))):
        with pytest.raises(
            ValueError,
            match=r"^the model's layers are not in one row; give its augmentation as aug",
        ):
            check_pipeline(**SETS, model=model)


@pytest.mark.parametrize("preprocess", ["mobilenet_v2", "resnet", "inside"])
def test_preprocessing_is_followed(preprocess):
    """As TensorFlow's tutorial on transfer learning does it: augmentation, preprocess_input, the backbone.

    That of ResNet takes the channels apart, and puts them together in reverse. Some backbones rescale by themselves.
    """
    flip, inside = layers.RandomFlip(), preprocess == "inside"
    how = {} if inside else {"preprocess": getattr(keras.applications, preprocess).preprocess_input}
    model = with_head(
        in_branches(layers.Rescaling(1 / 255)) if inside else in_branches(), flip, **how
    )
    assert layers_of(model)[0] is flip
    assert not check_pipeline(**BYTES, model=model).found
    twice = check_pipeline(**SETS, model=model)  # they were scaled to [0, 1] before
    assert (
        twice.found == ["degenerate"]
        and "behind the model's first layers" in twice["degenerate"].how
    )
    assert "scaled twice" in twice["degenerate"].value


@pytest.mark.parametrize("change", [None, lighten])
def test_a_frozen_pipeline_before_a_model_that_augments_is_named(change):
    """What fit is shown is new, so nothing is found; but that the pipeline itself brings nothing new is said."""
    model = with_head(in_a_row(), layers.RandomRotation(0.1))
    repeats = check_pipeline(Batches(*SETS["train"], change), model=model, max_images=200)[
        "repeats"
    ]
    assert repeats.status == NOT_FOUND and ("own pictures come again" in repeats.how) == (
        change is None
    )
