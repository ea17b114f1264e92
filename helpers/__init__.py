"""What the notebooks share: a core to read in half an hour, and instruments to look up when they are used.

The core, in this order:

1. ``data``: the images, and subsets of them (up to ``load_image_folder``, which reads folders of your own).
2. ``augment``: a random affine map for each image (what follows ``RandomAffine`` is its resampling).
3. ``model``: the two classifiers.
4. ``training``: what an arm shows and when, the training loop, the paired comparison.
5. ``stats``: intervals, verdicts, and losses that do not depend on training for too long.
6. ``diversity``: siblings in a batch and different pictures, counted.
7. ``plots``: one look for all figures.

The instruments: ``results`` stores long runs and resumes them; ``checkup`` finds bugs in a pipeline, which
``pipelines`` reads; ``widgets`` are the explorers, ``progress`` the progress bar, ``exercises`` the answers.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

__version__ = "0.1.0"


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


# TensorFlow and XLA write time-stamped lines at their first use, which Jupyter stores as red output
# and which never compare equal: both are used once here, out of sight.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with _quiet_file_descriptor_2():
    import tensorflow as tf

    tf.function(lambda: tf.zeros(()), jit_compile=True)()
