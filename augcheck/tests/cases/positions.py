"""Draws that belong to a place."""

import keras
import numpy as np
import tensorflow as tf

from cases.common import (
    BATCH,
    NO_LABELS,
    N,
    Rows,
    case,
    dataset,
    loader,
    of_each,
    once,
    shuffled,
    slices,
)
from pipelines import Workers, buffered, counter, flip, lighten, shift


def brightened(x):
    return tf.image.random_brightness(x, 0.3)


@case(
    "tf.image in a map, with set_random_seed",
    "positions: wasteful 'set_random_seed'",
    kind="tf.data",
)
def _(d):
    keras.utils.set_random_seed(1)
    return slices(*d.train).shuffle(N).map(of_each(brightened)).batch(BATCH)


case(
    "augmented once, with steps that leave a batch over",
    "repeats: wrong",
    lambda d: {
        "train": dataset((once(d.x), d.y), shuffle=False),
        "steps_per_epoch": len(d.y) // BATCH - 1,
    },
)
# Keras's fit goes on in training where the last epoch stopped, and starts validation anew.
case(
    "repeated nine times, with steps",
    "positions: not found; validation moves: not found",
    lambda d: {
        "train": dataset(d.train, lambda x: tf.image.random_brightness(x, 0.3)).repeat(9),
        "steps_per_epoch": 15,
        "validation": dataset(d.validation, shuffle=False).repeat(),
        "validation_steps": 2,
    },
)
# pytorch#5059: workers are forked anew in each epoch, and each starts with NumPy's random state of the parent. Here
# without processes; torch_pipelines.py has real workers. AlbumentationsX#266: Compose has a generator of its own, which
# workers copy and never seed. So an image gets what its place in the batches of its worker gets in every epoch. Of the
# photograph that isn't seen: a texture that was shifted looks like itself.
for _name, _change in {
    "workers that all start with one seed (pytorch#5059)": shift,
    "a Compose that workers never seed (AlbumentationsX#266)": lambda x, rng: shift(
        flip(x, rng), rng
    ),
}.items():
    case(
        _name,
        "positions: wasteful",
        lambda d, change=_change: loader(d.train, change, draws=Workers(0, 0, size=BATCH)),
        "iterable",
    )


def whole_batches(rng, n):
    """Rows of batches that were made once and are shuffled as a whole."""
    return (16 * rng.permutation(n // 16)[:, None] + np.arange(16)).ravel()


class Drifting(Workers):
    """Persistent workers, of which one draws more after each epoch, so that they agree in the first only."""

    def __call__(self, epoch, place):
        if place == 0 and epoch:
            self.workers[0].random(7)
        return super().__call__(epoch, place)


def growing(x, place):
    """Lighter from place to place."""
    return x * (0.7 + place / 800)


SEVERAL_BATCHES = "positions: wasteful 'several batches'"
case(
    "a counter that starts again",
    "positions: wasteful 'every epoch'",
    shuffled(lighten, draws=counter),
)
case(
    "workers that go on, of one seed",
    SEVERAL_BATCHES,
    shuffled(shift, draws=Workers(0, 0, persistent=True)),
)
case(
    "the same, soon out of step",
    SEVERAL_BATCHES,
    shuffled(shift, draws=Drifting(0, 0, persistent=True)),
)
case(
    "workers that go on",
    "positions: not found",
    shuffled(shift, draws=Workers(0, 1, persistent=True)),
)
case("flips that go on", "sound", lambda d: loader(d.train, flip), "iterable")
case("batches shuffled as a whole", "positions: quiet", shuffled(lighten, rows=whole_batches))
case(
    "the same, and a counter",
    "positions: wasteful",
    shuffled(shift, rows=whole_batches, draws=counter),
)
case(
    "a light that grows in an epoch",
    "positions: quiet",
    shuffled(growing, draws=lambda epoch, place: place),
)
case("a counter, no labels", "positions: can't tell", shuffled(shift, draws=counter, **NO_LABELS))
case(
    "processes of their own",
    "positions: can't tell 'processes'; repeats: not found",
    lambda d: Rows(d.train, lighten, workers=2, use_multiprocessing=True),
)
case("a small buffer", "positions: quiet", shuffled(shift, rows=buffered(16)))
