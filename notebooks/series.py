"""The start of every notebook: `from series import prepare`, then `prepare()`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STYLE = {
    "figure.figsize": (8, 3.6),
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "image.cmap": "gray",
}


def prepare(threads: int = 1) -> None:
    """Find `helpers` and `augcheck`, start TensorFlow with seed 0, set the style of figures, and say so.

    Args:
        threads: on how many threads TensorFlow computes. One makes runs repeatable, and is as fast for small networks;
            the environment's TF_NUM_INTRAOP_THREADS wins. A GPU stays visible, and TensorFlow takes it.

    Raises:
        RuntimeError: Keras runs on another backend than TensorFlow.
    """
    sys.path[:0] = [str(ROOT), str(ROOT / "augcheck/src")]
    threads = int(os.environ.get("TF_NUM_INTRAOP_THREADS", threads))
    start_tensorflow(threads)  # before anything else imports Keras
    import keras
    import seaborn as sns
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    keras.utils.set_random_seed(0)
    sns.set_theme(style="whitegrid", font="DejaVu Sans", rc=STYLE)
    set_matplotlib_formats("retina")
    print(
        f"Ready: random numbers start from seed 0, TensorFlow uses {threads} thread(s)."
    )


def start_tensorflow(threads: int = 1) -> None:
    """Start TensorFlow without its start-up messages, on so many threads; to be called before Keras is imported."""
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
        return
    # TensorFlow and XLA write time-stamped lines when first used, which would be stored as red output: both are used
    # once here, while what C++ writes to stderr is dropped.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    saved = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        tf.function(lambda: tf.zeros(()), jit_compile=True, autograph=False)()
    finally:
        os.dup2(saved, 2)
        os.close(saved)
