"""What the notebooks share: data, augmenter, models, comparison, statistics, stored results, figures."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator

__version__ = "0.1.0"


@contextlib.contextmanager
def _quiet_file_descriptor_2() -> Iterator[None]:
    """Hold back what C++ writes to stderr; show it after all if the block fails."""
    with tempfile.TemporaryFile() as held, contextlib.ExitStack() as stack:
        saved = os.dup(2)
        stack.callback(os.close, saved)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)


# TensorFlow and XLA write time-stamped lines at their first use, which Jupyter stores as red output
# and which never compare equal: both are used once here, out of sight.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with _quiet_file_descriptor_2():
    import tensorflow as tf

    tf.function(lambda: tf.zeros(()), jit_compile=True)()
