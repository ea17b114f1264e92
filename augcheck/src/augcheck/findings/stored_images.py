"""Does a pipeline write into the images that it stores?"""

from __future__ import annotations

import numpy as np

from augcheck.context import Context
from augcheck.frameworks import graphs_of, is_a
from augcheck.reading.sources import ARRAYS, BATCHES
from augcheck.result import PROCESSES, Finding, cant_tell, not_found, wrong

NUMBER, ABOUT = "AUG13", "stored images that stay as they are"
FEWEST = 20  # images that changed in the first epoch
BATCHES_OF = 3  # as many as so many batches: a buffer that each batch is written into holds fewer
SURE = 6.0  # standard errors by which they are farther from what they were after the last epoch than after the first
FARTHER = 1.1  # and how many times as far, at the least
CHANGE = "Copy an image before you change it, for instance x = x.copy()."
OF_PYTHON = {"PyFunc", "EagerPyFunc"}  # operations of TensorFlow's by which a step calls Python

EXPLANATION = f"""The pipeline writes into the images that it stores, so changes pile up from epoch to epoch.

What it does:
    Compares arrays and tensors that the pipeline holds near at hand, up to 256 MB, with copies from before it was
    read: in objects, lists, closures and the global variables that a function names. Found means that at least
    {FEWEST} stored images, and {BATCHES_OF} batches of them, changed in the first epoch, and at the end are
    {FARTHER:g} times as far from what they were as after it, by {SURE:g} standard errors. Afterwards they are put
    back.

Why it matters:
    Each epoch augments what the epoch before has left: pictures fade, fill with noise or leave the frame, and every
    picture is new, so that nothing else shows it. A slice of an array is no copy of it.

What it can't tell:
    Arrays that it can't reach: larger ones, tensors on a graphics card, and those that workers or processes hold,
    that Python functions inside tf.data use, or that a method names as a global variable. An image that is only
    mirrored in its place is no finding."""


def stored_images(context: Context) -> Finding:
    train, stored = context.train, context.stored
    if train.source.kind in (ARRAYS, BATCHES):
        return not_found("Arrays and lists run no code.")
    if train.source.in_processes:
        return cant_tell(PROCESSES, "Each process holds the images itself.")
    for first, last in stored.moved():
        n, farther = len(first), last - first
        if n < max(FEWEST, BATCHES_OF * max(train.sizes)):
            continue
        errors = farther.mean() / (farther.std() / np.sqrt(n) + 1e-12)
        times = last.mean() / first.mean()
        if errors > SURE and times > FARTHER:
            how = (
                f"{n:,} stored images changed as they were read, and after {len(train.given)} epochs they are "
                f"≈ {times:.1f} times as far from what they were as after the first."
            )
            value = "the pipeline writes into the images that it stores, so changes pile up from epoch to epoch"
            return wrong(value, how, CHANGE)
    data = train.source.data
    if is_a(data, "tensorflow.data.Dataset"):
        kinds = {step.type for graph in graphs_of(data) for step in graph.get_operations()}
        if not kinds & OF_PYTHON:
            return not_found("Nobody can write into a tensor of tf.data's.")
    if stored.n < FEWEST:
        how = "The pipeline holds no images in arrays that can be reached."
        return cant_tell("no stored images are within reach", how)
    return not_found(
        f"{stored.n:,} stored images are as they were, or as near to it as after one epoch."
    )
