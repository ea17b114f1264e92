"""Are all images of a batch changed alike?"""

from __future__ import annotations

from augcheck.context import Context
from augcheck.frameworks import draws_on_batches
from augcheck.measures import clusters
from augcheck.measures.recurrence import shows_new_images
from augcheck.reading import augmentation
from augcheck.reading.augmentation import PER_BATCH, PER_IMAGE, UNKNOWN
from augcheck.reading.sources import GENERATORS
from augcheck.result import NO_AUGMENTATION, TOO_LITTLE, Finding, cant_tell, not_found, wasteful

NUMBER, ABOUT = "AUG02", "same change per batch"
ALIKE = "all images in a batch get the same random change"
CHANGE = "Draw a random number for each image, not one for the whole batch."

EXPLANATION = f"""All images of a batch are turned by one angle, or lightened by one amount.

What it does:
    Tries the augmentation out by itself, four times on a batch of {augmentation.COPIES} copies of one image.
    Without augment= or model=, batches are compared: whether they differ more than {clusters.CLUSTERED:g} times as
    much as shuffled ones would ({clusters.MIXED:g} times that where images are mixed), though their classes are
    mixed, and no batch looks like the same one of another epoch.

Why it matters:
    A batch moves as one, so it shows less variety than it could.

What it can't tell:
    Without augment= or model=, other draws than strong changes of light or colour. Augmentation that mixes
    different images (MixUp, CutMix) leaves copies of one image alone, and can't be judged.

Wrong:
    batch * rng.uniform(0.7, 1)
Right:
    batch * rng.uniform(0.7, 1, (len(batch), 1, 1, 1))"""


def one_draw(context: Context) -> Finding:
    tried, clusters, given = context.tried, context.clusters, context.augmentation
    if context.untried:
        return context.untried
    if tried is None and context.train.source.kind in GENERATORS.values():
        return not_found("ImageDataGenerator draws for each image.")
    if given is not None and given.single:
        return not_found("Images are augmented one by one, before they are batched.")
    if tried == PER_IMAGE:
        return not_found(f"{augmentation.COPIES} copies of an image came out different.")
    unsteady = False
    if clusters is not None and clusters.steady is False:
        unsteady = shows_new_images(context.train)
    on_batches = draws_on_batches(context.train.source.data)
    unsaid = given is not None and given.place is None
    if tried == PER_BATCH and unsaid and on_batches is False:
        return not_found("The maps that draw get single images, before they are batched.")
    if tried == PER_BATCH and unsaid and not on_batches and not unsteady:
        how = "On a whole batch it draws once, and it wasn't said whether the pipeline gives it single images."
        return cant_tell("give augment_in=", how, 'Say augment_in="image" or "batch".')
    if tried == PER_BATCH:
        how = f"{augmentation.COPIES} copies of one image in a batch came out alike, and otherwise in the next batch."
        return wasteful(ALIKE, how, CHANGE)
    if tried is None and clusters is not None and unsteady:
        mixed = "their classes are mixed, and " if len(context.train.names) > 1 else ""
        how = (
            f"The mean image of each batch differs from batch to batch {clusters.times}. "
            f"It is not the shuffling: {mixed}the differences are new in each epoch."
        )
        return wasteful(ALIKE, how, CHANGE)
    if tried is None:
        return cant_tell(
            NO_AUGMENTATION, "Pictures don't show which of them share a draw.", "Give augment=."
        )
    if tried == UNKNOWN:
        how = "The time allowed was up before the augmentation had been tried often enough."
        return cant_tell(TOO_LITTLE, how, "Raise max_seconds.")
    how = "Tried by itself, the augmentation makes no random change of a single image: none, a fixed one, or a mixture."
    return cant_tell("the augmentation shows no random change of one image", how)
