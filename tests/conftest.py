"""TensorFlow starts before any test module imports it, as in the first cell of a notebook."""

import functools
import sys

from elpv_dataset import utils

from helpers.setup import prepare

prepare()
from helpers import augment, data  # noqa: E402

# Pages import the file as if it lay beside their script.
sys.modules["augment"] = augment
# The package decodes its 2,624 photographs in four seconds, and would for each test that loads them.
utils.load_dataset = functools.cache(utils.load_dataset)
data.read_results = functools.cache(data.read_results)
