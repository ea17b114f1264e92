"""Does a model augment once more what the pipeline has augmented?"""

from __future__ import annotations

from augcheck.context import Context
from augcheck.frameworks import graphs_of
from augcheck.reading.first_layers import leaves
from augcheck.reading.sources import ARRAYS
from augcheck.result import NO_MODEL, Finding, cant_tell, not_found, wasteful

NUMBER, ABOUT = "AUG11", "augmentation in pipeline and model"

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

EXPLANATION = """The pipeline and the model's first layers both make the same kind of change.

What it does:
    Compares the random layers with which the model begins with the layers and settings of the pipeline. One kind of
    change in both is enough. A crop in one and a flip in the other is a policy in two places, and no fault.

Why it matters:
    Two rotations of up to 10 degrees are one of up to 20: the policy is stronger than it reads.

What it can't tell:
    Anything without model=. A function of your own has no name that could be compared: where both draw, and nothing
    is known to be the same, it can't tell."""


def augmented_twice(context: Context) -> Finding:
    first_layers = context.first_layers
    if context.model is None:
        return cant_tell(NO_MODEL, "It takes a model.", "Give model=.")
    if not first_layers.drawing:
        return not_found("The model's first layers draw nothing.")
    stored = context.train.source.kind == ARRAYS or context.given_again
    if stored and not context.later:
        return not_found("The pipeline brings no new pictures: only the model augments.")
    both = first_layers.drawing & kinds_of_pipeline(context)
    if both:
        how = f"{', '.join(sorted(both))} is in the pipeline and again in the model: the changes add up."
        change = "Keep one of the two, and take the other out."
        return wasteful("each image is augmented twice in the same way", how, change)
    how = f"The pipeline brings new pictures, and the model has {', '.join(sorted(first_layers.drawing))}."
    reason = "the changes in the pipeline have no names to compare"
    return cant_tell(reason, how, "See that they don't do the same twice.")


def kinds_of_pipeline(context: Context) -> set[str]:
    """The classes of the layers with which a pipeline augments, as far as they can be reached."""
    kinds = {
        type(layer).__name__ for layer in leaves(getattr(context.augmentation, "function", None))
    }
    data = context.train.source.data
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
