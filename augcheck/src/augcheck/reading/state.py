"""Random states, which a check-up leaves as they are."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from augcheck.frameworks import loaded


@contextlib.contextmanager
def random_states_kept() -> Iterator[None]:
    """Put back the random states of Python, NumPy, Keras, TensorFlow and PyTorch.

    A framework that has drawn nothing yet is not started for it.
    """
    keras = loaded("keras.src.backend.common.global_state")
    ops = loaded("tensorflow.python.ops.stateful_random_ops")
    torch = loaded("torch")
    # No public name leads to Keras's global seed, nor tells whether TensorFlow has a generator yet.
    seeds = keras.get_global_attribute("global_seed_generator") if keras else None
    generator = getattr(ops, "global_generator", None)
    with contextlib.ExitStack() as undo:  # runs all steps, also where one of them fails
        undo.callback(random.setstate, random.getstate())
        undo.callback(np.random.set_state, np.random.get_state())
        if keras:
            undo.callback(keras.set_global_attribute, "global_seed_generator", seeds)
        if ops:
            undo.callback(setattr, ops, "global_generator", generator)
        undo.enter_context(_global_seed_kept())
        for drawing in filter(None, (seeds, generator)):
            undo.callback(drawing.state.assign, np.array(drawing.state.numpy()))
        if hasattr(torch, "get_rng_state"):
            undo.callback(torch.set_rng_state, torch.get_rng_state())
        if hasattr(torch, "cuda") and torch.cuda.is_initialized():
            undo.callback(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())
        yield


@contextlib.contextmanager
def _global_seed_kept() -> Iterator[None]:
    """Put back TensorFlow's global seed, and the generator that gives an operation its own seed beside it.

    Inside, operations get their seeds from a generator apart. If they took those that the program would draw next, the
    program would later find operations that have drawn already.
    """
    before = _tensorflow()
    seed = getattr(before, "_seed", None)
    generator = getattr(before, "_rng", None)  # none until a seed is set
    apart = None
    if generator is not None:
        apart = random.Random(str(generator.getstate()))
        before._rng = apart
    try:
        yield
    finally:
        after = _tensorflow()  # the pipeline may have been the first to load TensorFlow
        if getattr(after, "_rng", None) is not apart:
            # The pipeline has set a seed. Setting another one forgets the operations that have drawn with it.
            loaded("tensorflow").random.set_seed(seed)
        if generator is not None:
            after._rng = generator


def _tensorflow() -> Any:
    """What holds TensorFlow's global seed, which no public name leads to; None if nothing has been run yet."""
    module = loaded("tensorflow.python.eager.context")
    return module.context_safe() if module else None
