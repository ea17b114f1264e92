"""Does a model augment once more what the pipeline has augmented?"""

from __future__ import annotations

from typing import Any

from augcheck.clock import new_share
from augcheck.frameworks import is_a
from augcheck.front import Front, draws
from augcheck.leaks import FEW
from augcheck.reading import Reading
from augcheck.report import CANT_TELL, FOUND, NOT_FOUND, Finding
from augcheck.sources import ARRAYS, FLOW, FOLDER, FRAME
from augcheck.state import steps_of

# What ImageDataGenerator calls what a layer does, too.
RANGES = {
    "RandomFlip": ("horizontal_flip", "vertical_flip"),
    "RandomRotation": ("rotation_range",),
    "RandomTranslation": ("width_shift_range", "height_shift_range"),
    "RandomZoom": ("zoom_range",),
    "RandomShear": ("shear_range",),
    "RandomBrightness": ("brightness_range",),
}


def augmented_twice(a: Reading, front: Front, augment: Any) -> Finding:
    """Whether pipeline and model both draw, and the same kind of change.

    A crop in one and a flip in the other is a policy in two places, and no fault.
    """
    if not front.layers and not front.tail:
        return Finding(CANT_TELL, "", "Give model=.")
    own = [layer for layer in front.layers if draws(layer)]
    if not own:
        return Finding(NOT_FOUND, "", "The model's first layers draw nothing.")
    stored = a.source.kind == ARRAYS and augment is None
    if stored or a.source.kind != ARRAYS and new_share(a.given[1], a.given[0]) <= FEW:
        return Finding(NOT_FOUND, "", "The pipeline brings no new pictures: only the model augments.")
    kinds = {type(layer).__name__ for layer in own}
    both = kinds & _kinds_of_pipeline(a, augment)
    if both:
        how = f"{', '.join(sorted(both))} in the pipeline and in the model."
        return Finding(FOUND, "the same change in both", how, "Take one of them out.")
    how = f"The pipeline brings new pictures, and the model has {', '.join(sorted(kinds))}."
    return Finding(CANT_TELL, "", how, "See that they don't do the same twice.")


def _kinds_of_pipeline(a: Reading, augment: Any) -> set[str]:
    """The classes of the layers with which a pipeline augments, as far as they can be reached."""
    kinds = {type(layer).__name__ for layer in _layers(augment)}
    data = a.source.data
    if a.source.kind in (FLOW, FOLDER, FRAME):
        generator = data.image_data_generator
        for kind, names in RANGES.items():
            if any(_on(getattr(generator, name, None)) for name in names):
                kinds.add(kind)
    if is_a(data, "tensorflow.data.Dataset"):
        functions = [f for step in steps_of(data) for f in getattr(step, "_functions", list)()]
        for function in functions:
            # Operations are called after the layers that they belong to: sequential/random_flip_3/mul.
            scopes = {part for step in function.function.graph.get_operations() for part in step.name.split("/")}
            kinds |= {_class_of(scope) for scope in scopes}
    return kinds


def _on(values: Any) -> bool:
    """Whether a range of ImageDataGenerator changes something."""
    if isinstance(values, list | tuple):
        return any(value != 1 for value in values)
    return bool(values)


def _layers(thing: Any) -> list[Any]:
    if not is_a(thing, "keras.Layer"):
        return []
    return list(thing._flatten_layers())


def _class_of(name: str) -> str:
    """From "random_flip_3" to "RandomFlip"."""
    words = [word for word in name.split("_") if not word.isdigit()]
    return "".join(word.capitalize() for word in words)
