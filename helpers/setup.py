"""Prepare a notebook: TensorFlow started quietly, on the processor alone."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator

_prepared = False


def prepare() -> None:
    """Start TensorFlow without its start-up messages and without GPUs; to be called before Keras is imported.

    A GPU adds up in another order from run to run, which would break equality to the last bit, and brings nothing at
    this size: so it is hidden from TensorFlow, also where Colab offers one. Other libraries still see it. Messages are
    dropped while TensorFlow starts, and at no other time.

    Called too late, it prints in a sentence what it could not do; called again, it does nothing. Under another backend
    of Keras than TensorFlow it raises a RuntimeError.
    """
    global _prepared
    if _prepared:
        return
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # wins over ~/.keras/keras.json
    if "keras" in sys.modules:
        backend = sys.modules["keras"].backend.backend()
    if backend != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {backend}, but the series needs TensorFlow: set KERAS_BACKEND=tensorflow, "
            "restart the kernel and run this cell first."
        )
    if "tensorflow" in sys.modules:
        print(
            "TensorFlow was imported before prepare(), so its messages and GPUs could not be hidden: "
            "restart the kernel and run this cell first."
        )
        return
    # TensorFlow and XLA write time-stamped lines when first used, which Jupyter stores as red output and which never
    # compare equal: both are used once here, out of sight.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _quiet_file_descriptor_2():
        import tensorflow as tf

        tf.config.set_visible_devices([], "GPU")  # has to come before the first use
        tf.function(lambda: tf.zeros(()), jit_compile=True)()
    logging.getLogger("tensorflow").addFilter(_is_not_about_shapes)
    _prepared = True


def _is_not_about_shapes(record: logging.LogRecord) -> bool:
    """The augmenter is traced once for each fill mode and shape, on purpose; TensorFlow would warn of the fifth."""
    return "<function resample" not in record.getMessage()


@contextlib.contextmanager
def _quiet_file_descriptor_2() -> Iterator[None]:
    """Drop what C++ writes to stderr."""
    saved = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
