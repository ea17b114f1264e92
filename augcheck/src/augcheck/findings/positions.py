"""Do random draws belong to the place in an epoch, or in a batch, and not to the image?"""

from __future__ import annotations

from augcheck.context import Context
from augcheck.measures.place_correlation import (
    ALIKE,
    FEWEST,
    SURE,
    correlation_across_batches,
    correlation_across_epochs,
    correlation_of_labels,
)
from augcheck.reading.sources import ARRAYS
from augcheck.result import (
    FOUND,
    PROCESSES,
    REPAIR_FIRST,
    TOO_LITTLE,
    Finding,
    cant_tell,
    not_found,
    wasteful,
)

NUMBER, ABOUT = "AUG10", "same change sequence each epoch"
ACROSS_EPOCHS = "every epoch repeats the same random changes in the same order"
ACROSS_BATCHES = "several batches get the same random changes"
CHANGE = (
    "Make the generator once, outside the epoch and the map, or put epoch, image and worker into the seed. In tf.data "
    "take a tf.random.Generator or a Keras layer: set_random_seed makes tf.image repeat its draws in a map. In PyTorch "
    "draw with torch, or seed with torch.initial_seed() in each worker and epoch."
)

EXPLANATION = f"""Random draws belong to places in an epoch or batch: a counter or seed starts again, workers share one.

What it does:
    Compares small versions of the images (8 by 8 pixels) at the same place of two epochs, or of neighbouring
    batches, with those at neighbouring places. Found means more alike by {SURE:g} standard errors, and by
    {ALIKE} in correlation. It takes {FEWEST} images.

Why it matters:
    The same changes come again in every epoch, or in several batches at once: there is less variety than it seems,
    and new pictures hide it.

What it can't tell:
    Changes that don't show in 8 by 8 pixels. A pair of arrays has no places, and processes of their own
    (use_multiprocessing=True) draw otherwise than here. Where the order of the images is the same in every epoch,
    it can't tell, and the finding "order" says so."""


def positions(context: Context) -> Finding:
    train = context.train
    if train.source.kind == ARRAYS:
        return cant_tell(
            "arrays have no order of their own", "A pair of arrays has no places: fit shuffles it."
        )
    if context.given_again:
        return not_found("The set brings no new pictures, so nothing is drawn.")
    if train.source.in_processes:
        how = "fit reads it in processes of its own (use_multiprocessing=True), which may all draw alike."
        change = "Set use_multiprocessing=False, or seed by epoch, image and process."
        return cant_tell(PROCESSES, how, change)
    if train.n < FEWEST:
        return cant_tell(TOO_LITTLE, f"It takes {FEWEST} images.")
    if not train.aligned or train.called_anew:
        how = "It takes two epochs from where they begin."
        return cant_tell("it doesn't show where an epoch begins", how, "Give steps_per_epoch.")
    epochs, batches = (
        correlation_across_epochs(train, batches_again=False),
        correlation_across_batches(train),
    )
    explained = len(train.names) < 2 or correlation_of_labels(train).seen
    if epochs.seen and not explained:
        how = (
            "The order of the images is new, but image number k of each epoch gets the same change: across two epochs, "
            "images at the same place are more alike than images at neighbouring places, far beyond chance "
            f"({epochs.sure})."
        )
        return wasteful(ACROSS_EPOCHS, how, CHANGE)
    if batches.seen:
        how = (
            "Images at the same place of neighbouring batches are more alike than others, far beyond chance "
            f"({batches.sure}), as where several workers draw the same numbers."
        )
        return wasteful(ACROSS_BATCHES, how, CHANGE)
    if epochs.seen or correlation_across_epochs(train).seen:
        how = "Images at the same place are alike, and perhaps the same: see order."
        repair = context.finding("order").status == FOUND
        return cant_tell(REPAIR_FIRST if repair else "places may hold the same images again", how)
    return not_found(
        "Images at the same place of two epochs, or batches, are no more alike than others."
    )
