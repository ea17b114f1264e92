"""TensorFlow starts before any test module imports it, as in the first cell of a notebook."""

import functools
import sys

from series import start_tensorflow

start_tensorflow()
from helpers import augment, data  # noqa: E402

# Pages import the file as if it lay beside their script.
sys.modules["augment"] = augment
data.read_results = functools.cache(data.read_results)
