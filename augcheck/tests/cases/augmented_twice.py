"""Augmented in the pipeline and in the model."""

from keras import layers

from cases.common import X, Y, case, dataset, flow, mirrored, network

TURN, FLIPS = layers.RandomRotation(0.02, seed=0), layers.RandomFlip("horizontal")
MOVE, ZOOM = layers.RandomTranslation(0.1, 0.1), layers.RandomZoom(0.1)


def turns(d):
    return network(d, layers.RandomRotation(0.02, seed=1))


def ranges(layer, **ranges):
    """ImageDataGenerator with some ranges, before a model with a layer."""
    return lambda d: {
        "train": flow((255 * X[:48], Y[:48]), **ranges),
        "model": network(d, layer),
        "max_images": 96,
    }


case(
    "turned in the map and in the model",
    "augmented twice: wasteful 'RandomRotation'",
    lambda d: {"train": dataset(d.train, lambda x: TURN(x, training=True)), "model": turns(d)},
    "tf.data",
)
case(
    "turned in the map and in the model",
    "augmented twice: wasteful",
    lambda d: {"augment": TURN, "model": turns(d)},
    "arrays",
)
case(
    "flipped in the map, turned in the model",
    "sound; augmented twice: can't tell",
    lambda d: {"train": dataset(d.train, mirrored), "model": turns(d)},
    "tf.data",
)
for _range, _value, _layer in [
    ("horizontal_flip", True, FLIPS),
    ("vertical_flip", True, FLIPS),
    ("rotation_range", 9, TURN),
    ("width_shift_range", 0.2, MOVE),
    ("height_shift_range", 0.2, MOVE),
    ("zoom_range", 0.2, ZOOM),
    ("shear_range", 9, layers.RandomShear(0.1)),
    ("brightness_range", (0.5, 1.5), layers.RandomBrightness(0.1)),
]:
    case(f"{_range} and its layer", "augmented twice: wasteful", ranges(_layer, **{_range: _value}))
case(
    "flow that flips, a zoom in the model",
    "augmented twice: can't tell",
    ranges(ZOOM, horizontal_flip=True),
)
case("flow alone, a turn in the model", "augmented twice: not found", ranges(TURN))
