"""The start of every notebook: `from series import prepare`, then `prepare()`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_prepared = False


def prepare() -> None:
    """Find `helpers` and `augcheck`, start TensorFlow quietly and without a GPU, and set the style of figures."""
    sys.path[:0] = [str(ROOT), str(ROOT / "augcheck/src")]
    start_tensorflow()  # before anything else imports Keras
    from helpers import plots

    plots.use_style()


def start_tensorflow() -> None:
    """Start TensorFlow without its start-up messages and without GPUs; to be called before Keras is imported.

    A GPU adds up in another order from run to run, so that no two runs are equal to the last bit, and brings nothing
    at this size. Called too late, it prints what it could not do; under another backend of Keras it raises a
    RuntimeError.
    """
    global _prepared
    if _prepared:
        return
    # Wins over ~/.keras/keras.json.
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
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
    # TensorFlow and XLA write time-stamped lines when first used, which would be stored as red output: both are used
    # once here, while what C++ writes to stderr is dropped.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    saved = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        import tensorflow as tf

        tf.config.set_visible_devices([], "GPU")  # has to come before the first use
        tf.function(lambda: tf.zeros(()), jit_compile=True, autograph=False)()
    finally:
        os.dup2(saved, 2)
        os.close(saved)
    _prepared = True
