"""TensorFlow starts before any test module imports it, as in the first cell of a notebook."""

from helpers.setup import prepare

prepare()
