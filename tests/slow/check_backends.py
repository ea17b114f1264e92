"""The code to copy runs on every backend of Keras, with and without mixed precision, and on torchvision. So does the
companion in PyTorch alone, on torchvision's own images; `make test-backends` also compares its outputs.

A backend that is not installed is skipped; `make test-backends` installs all.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers.data import load_garments, subset
from symptom_page import BACKEND_MESSAGES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MIGRATION = (ROOT / "docs/migration.md").read_text(encoding="utf-8")
SET_UP = """
import sys
import keras, numpy as np, tensorflow as tf
from keras import layers

keras.mixed_precision.set_global_policy(sys.argv[2])
images = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), "uint8")
batches = train = tf.data.Dataset.from_tensor_slices((images, np.arange(64))).batch(32)
"""
CHECK = """
first, second = (np.concatenate([np.asarray(x) for x, _ in train]) for _ in range(2))
assert keras.backend.backend() == sys.argv[1] and first.dtype == "float32" and first.max() > 200
# Of 64 pictures a few may be drawn alike: under float16 shifts are coarse.
assert (first != second).any(axis=(1, 2, 3)).mean() > 0.9
model = keras.Sequential([layers.Flatten(), layers.Dense(1, dtype="float32")])
model.compile("sgd", "mse")
model.fit(train, verbose=0)
"""
AUGMENTER = """
sys.path.insert(0, sys.argv[3])
from augment import RandomAffine

layer = RandomAffine(20, 0.2, 0.2, 10, 0.2, True, True, seed=3)
versions = keras.ops.convert_to_numpy(layer.version(images / np.float32(255), range(64), 5))
draws = keras.ops.convert_to_numpy(layer.draw(1000, (3, 5)))
np.savez(sys.argv[3] + "/made.npz", draws=draws, versions=versions)
last = layers.Dense(1, dtype="float32")
model = keras.Sequential([keras.Input((28, 28, 1)), layer, layers.Flatten(), last])
model.compile("sgd", "mse")
model.fit(images, np.zeros(64), verbose=0)
assert np.isfinite(model.predict(images, verbose=0)).all()
"""
TORCHVISION = """
image = torch.randint(0, 256, (3, 28, 28), dtype=torch.uint8)
shown = torch.stack([train_transform(image) for _ in range(40)])
assert shown.dtype == torch.float32 and shown.min() >= 0 and 0.9 < shown.max() <= 1
# Two mirrors and nine whole-pixel places make 18 versions, of which 40 draws show more than four.
assert len(torch.unique(shown, dim=0)) > 4
"""


def snippet(page, word):
    """The one block of Python on a page that has this word."""
    blocks = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    (found,) = (block for block in blocks if word in block)
    return found


PIPELINE = snippet(MIGRATION, "model.fit")
LIVE = PIPELINE[PIPELINE.index("def live") : PIPELINE.index("validation = validation")]
PARTS = [
    SET_UP,
    snippet(README, "import tensorflow"),
    CHECK,
    "train = batches",
    snippet(MIGRATION, "RandomRotation"),
    LIVE,
    CHECK,
]
CODE = "\n".join(PARTS)


def run(code, needs, *arguments, folder=None):
    """In a process of its own, with the backend that it needs: TensorFlow and PyTorch do not share one well."""
    if importlib.util.find_spec(needs) is None:
        pytest.skip(f"{needs} is not installed")
    command = [sys.executable, "-c", code, needs, *arguments]
    environment = os.environ | {"KERAS_BACKEND": needs}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_keras_code_runs_on_every_backend(backend, policy):
    run(CODE, backend, policy)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_augmenter_to_copy_draws_and_makes_the_same_on_every_backend(backend, policy, tmp_path):
    shutil.copy(ROOT / "helpers" / "augment.py", tmp_path)
    made = []
    for each in (backend, "tensorflow"):
        run(SET_UP + AUGMENTER, each, policy, str(tmp_path))
        with np.load(tmp_path / "made.npz") as arrays:
            made.append(dict(arrays))
    np.testing.assert_array_equal(made[0]["draws"], made[1]["draws"])
    np.testing.assert_allclose(made[0]["versions"], made[1]["versions"], atol=1e-5)


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("beginning", BACKEND_MESSAGES)
def test_the_message_of_the_symptom_page_is_printed(beginning, backend):
    code = "import keras, numpy as np, tensorflow as tf\n" + BACKEND_MESSAGES[beginning]
    printed = "from symptom_page import as_printed, message_of\n"
    printed += f"assert as_printed(message_of({beginning!r}), {code!r}, {{}})\n"
    repaired = code.replace("keras.Sequential", "keras.layers.Pipeline")
    run(f"import sys\nsys.path.insert(0, {str(ROOT / 'tests')!r})\n{printed}{repaired}", backend)


def test_the_torchvision_code_makes_new_versions():
    run(snippet(README, "train_transform") + TORCHVISION, "torchvision")


def write_idx(path, array):
    """An array of bytes as a file of Fashion-MNIST, without compression."""
    header = b"\x00\x00\x08" + bytes([array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(header + array.tobytes())


def test_alone_the_companion_in_pytorch_finds_the_images_of_lesson_01(tmp_path):
    """Torchvision downloads nothing where the files lie: pullovers and coats, which are its classes 2 and 4."""
    garments = load_garments()
    raw = tmp_path / "fashion-mnist" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    parts = {"train": garments[:2], "t10k": garments[2:]}
    for name, (images, labels) in parts.items():
        pixels = np.rint(255 * images[..., 0]).astype("uint8")
        write_idx(raw / f"{name}-images-idx3-ubyte", pixels)
        write_idx(raw / f"{name}-labels-idx1-ubyte", (2 + 2 * labels).astype("uint8"))
    path = ROOT / "notebooks" / "going_deeper" / "in_pytorch.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    first, second = [cell.source for cell in cells if cell.cell_type == "code"][:2]
    keep = "np.savez('kept.npz', x=x[:, 0], y=y, new_x=new_x[:, 0], new_y=new_y)"
    run("\n".join([first, second, keep]), "torchvision", folder=tmp_path)
    lesson = subset(garments, 128)
    with np.load(tmp_path / "kept.npz") as kept:
        assert np.array_equal(kept["new_x"], lesson.x_val[..., 0])
        assert np.array_equal(kept["new_y"], lesson.y_val)
        for label in (0, 1):  # in the lesson the classes take turns
            chosen = lesson.x_train[lesson.y_train == label][..., 0]
            assert np.array_equal(kept["x"][kept["y"] == label], chosen)
