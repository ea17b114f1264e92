"""What the table of docs/migration.md makes of the arguments of ImageDataGenerator, as installed: its formulas run."""

import re
from pathlib import Path

import numpy as np
import pytest
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

ROOT = Path(__file__).resolve().parents[2]
MIGRATION = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
SIZE = 21
CONSTANT = {"fill_mode": "constant"}


def places(images):
    """Row and column of the centre of brightness of each picture."""
    pictures = np.asarray(images).reshape(-1, SIZE, SIZE)
    brightness = pictures.sum(axis=(1, 2))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    row = (pictures * rows).sum(axis=(1, 2)) / brightness
    column = (pictures * columns).sum(axis=(1, 2)) / brightness
    return np.stack([row, column])


@pytest.mark.parametrize(
    ("argument", "value", "names"),
    [
        ("rotation_range", 30, {"r": 30}),
        # the generator exchanges the two
        ("width_shift_range", 0.2, {"height": 0.2, "width": 0.0}),
        ("height_shift_range", 0.2, {"height": 0.0, "width": 0.2}),
        ("zoom_range", 0.3, {"z": 0.3}),
    ],
)
def test_the_code_of_the_table_moves_a_point_over_the_range_of_the_old_argument(
    argument, value, names
):
    named = re.compile(rf"\| .*`{argument}`.* \|")
    (line,) = [line for line in MIGRATION.splitlines() if named.match(line)]
    modern_equivalent = line.split("|")[2]
    code = re.search(r"`(Random\w+\(.+?\))[`;]", modern_equivalent)[1]
    point = np.zeros((1, SIZE, SIZE, 1), "float32")
    point[0, SIZE // 2 + 3, SIZE // 2 + 5] = 1
    names = {"layers": layers, "np": np, "constant": CONSTANT, **names}
    layer = eval(f"layers.{code[:-1]}, **constant)", names)
    modern = places(layer(point.repeat(400, 0)))
    generator = ImageDataGenerator(**{argument: value}, **CONSTANT)
    old = places([generator.random_transform(point[0], seed=seed) for seed in range(400)])
    for extreme in (np.min, np.max):
        np.testing.assert_allclose(extreme(modern, axis=1), extreme(old, axis=1), atol=0.2)


def test_shear_is_a_fraction_about_the_top():
    line = np.zeros((1, SIZE, SIZE, 1), "float32")
    line[0, :, SIZE // 2] = 1

    def moved(image):
        columns = (np.asarray(image).reshape(SIZE, SIZE) * np.arange(SIZE)).sum(axis=1)
        return columns[[0, SIZE // 2, -1]] - SIZE // 2

    degrees = np.degrees(np.arcsin(0.2))
    old = ImageDataGenerator().apply_transform(line[0].copy(), {"shear": degrees})
    np.testing.assert_allclose(moved(old), [-2, 0, 2], atol=1e-3)
    (factor,) = re.findall(r"`RandomShear\((.+?)\)`", MIGRATION)
    factor = eval(factor, {"np": np, "s": degrees})
    modern = layers.RandomShear((factor, factor), fill_mode="nearest", seed=0)(line)
    np.testing.assert_allclose(np.abs(moved(modern)), [0, 2, 4], atol=1e-3)


def test_the_generator_turns_what_is_not_square_about_another_point_than_the_middle():
    point = np.zeros((SIZE, 2 * SIZE, 1), "float32")
    point[SIZE - 1, SIZE // 2] = 1  # half of the height across, half of the width down
    turned = ImageDataGenerator(**CONSTANT).apply_transform(point.copy(), {"theta": 90})
    row, column = np.unravel_index(turned.argmax(), turned.shape[:2])
    assert abs(row - (SIZE - 1)) <= 1 and abs(column - SIZE // 2) <= 1
