"""Which Keras layers, or settings of ImageDataGenerator, a pipeline augments with."""

from __future__ import annotations

from typing import Any

from augcheck.frameworks import graphs_of
from augcheck.reading.first_layers import leaves

# What ImageDataGenerator calls what a layer does, too.
RANGES = {
    "RandomFlip": ("horizontal_flip", "vertical_flip"),
    "RandomRotation": ("rotation_range",),
    "RandomTranslation": ("width_shift_range", "height_shift_range"),
    "RandomZoom": ("zoom_range",),
    "RandomShear": ("shear_range",),
    "RandomBrightness": ("brightness_range",),
}
OFF = (None, False, [1, 1], (1, 1))  # what each of these is where it changes nothing; 0 is False


def kinds_of_layers(function: Any, data: Any) -> set[str]:
    """The classes of the layers with which a pipeline augments, as far as they can be reached.

    Args:
        function: what was given as augment=, or None.
        data: the pipeline.
    """
    kinds = {type(layer).__name__ for layer in leaves(function)}
    generator = getattr(data, "image_data_generator", None)
    for kind, names in RANGES.items():
        if any(getattr(generator, name, None) not in OFF for name in names):
            kinds.add(kind)
    for graph in graphs_of(data):
        # Operations are called after the layers that they belong to: sequential/random_flip_3/mul.
        for scope in {part for step in graph.get_operations() for part in step.name.split("/")}:
            # From "random_flip_3" to "RandomFlip".
            kinds.add("".join(word.capitalize() for word in scope.split("_") if not word.isdigit()))
    return kinds
