"""Does a model augment once more what the pipeline has augmented?"""

from __future__ import annotations

from augcheck.context import Context
from augcheck.reading.sources import ARRAYS
from augcheck.result import NO_MODEL, Finding, cant_tell, not_found, wasteful

NUMBER, ABOUT = "AUG11", "augmentation in pipeline and model"

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
    both = first_layers.drawing & context.kinds_of_layers
    if both:
        how = f"{', '.join(sorted(both))} is in the pipeline and again in the model: the changes add up."
        change = "Keep one of the two, and take the other out."
        return wasteful("each image is augmented twice in the same way", how, change)
    how = f"The pipeline brings new pictures, and the model has {', '.join(sorted(first_layers.drawing))}."
    reason = "the changes in the pipeline have no names to compare"
    return cant_tell(reason, how, "See that they don't do the same twice.")
