"""Find your symptom: an entry's code runs behind that of the first section, and today's tools print its messages."""

import importlib.util
import re
import warnings
from collections import defaultdict
from pathlib import Path

import keras
import matplotlib
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

PAGE = Path(__file__).resolve().parent.parent / "docs" / "find_your_symptom.md"
TORCH = importlib.util.find_spec("torchvision")
DOCUMENT = Sybil([PythonCodeBlockParser()]).parse(PAGE)
# The blocks of each entry by its heading and tool; what isn't PyTorch's runs behind Keras's first names.
ENTRIES = defaultdict(list)
for block in DOCUMENT.examples():
    heading = re.findall(r"^##+ (.+)$", DOCUMENT.text[: block.start], re.MULTILINE)[-1]
    tool = "PyTorch" if block.parsed.startswith("# PyTorch") else "Keras"
    ENTRIES[heading, tool].append(block)
FIRST = "Paste this first"
# The first column of the table; a message that has backticks of its own stands in two.
ROWS = [
    (two or one).strip()
    for two, one in re.findall(r"^\| (?:``(.+?)``|`(.+?)`)", DOCUMENT.text, re.MULTILINE)
]

# What makes today's tools print a message, by its beginning; `x` are two images, `model` a compiled one.
MESSAGES = {
    "cannot import name": "from keras.preprocessing.image import ImageDataGenerator",
    "Your input ran out": "model.fit(x, x, steps_per_epoch=9, verbose=0)",
    "Argument `validation_split`": "model.fit(tf.data.Dataset.from_tensors((x, x)), validation_split=0.5)",
    "The `factor` argument": "keras.layers.RandomRotation(20)",
    "'images' contains": "map(lambda path: tf.image.resize(tf.io.decode_image(tf.io.read_file(path)), (8, 8)))",
    "'SymbolicTensor' object": "map(lambda image: image.numpy())",
    "tf.function only": "map(lambda image: keras.layers.RandomFlip()(tf.zeros((8, 8, 3)), training=True))",
    "Model doesn't support": """
model = keras.Sequential([keras.layers.RandomRotation(0.1)])
model.compile("sgd", "mse", jit_compile=True)
model.fit(x, x, verbose=0)
""",
    "Arguments `target`": """
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
model.compile(loss="categorical_crossentropy")
model.fit(x, np.array([0, 1]), verbose=0)
""",
    "cannot compute Mul": "keras.layers.MixUp()({'images': x, 'labels': np.array([0, 1])})",
    "Input 'y' of 'Mul'": """
mix = keras.layers.MixUp(dtype="mixed_float16")
both = tf.data.Dataset.from_tensors({"images": x, "labels": np.eye(2, dtype="float32")})
both.map(lambda batch: mix(batch, training=True))
""",
    "Some ops are not": """
flip = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.RandomFlip()])
flip.export("lite", verbose=False)
tf.lite.TFLiteConverter.from_saved_model("lite").convert()
""",
    "Unknown image file": "tf.io.decode_image(b'<html>')",
    "Input tensor should": "v2.Normalize([0.5], [0.5])(torch.zeros(1, 8, 8, dtype=torch.uint8))",
    "stack expects": "torch.stack([torch.zeros(3, 60, 64), torch.zeros(3, 61, 64)])",
    "The size of tensor a": "v2.Normalize([0.5] * 3, [0.5] * 3)(torch.zeros(4, 8, 8))",
    "All bounding boxes": """
flat = {"boxes": torch.tensor([[5.0, 5.0, 5.0, 9.0]]), "labels": torch.tensor([1])}
model = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(None, weights_backbone=None)
model([torch.rand(3, 64, 64)], [flat])
""",
    "exited": """
class Killed(torch.utils.data.Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, i):
        os.kill(os.getpid(), 9)

next(iter(torch.utils.data.DataLoader(Killed(), num_workers=1)))
""",
}


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    """The folder that the page reads: ten cats, and ten dogs that are brighter by 120."""
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    for label, darkest in (("cat", 10), ("dog", 130)):
        Path("train", label).mkdir(parents=True)
        for number in range(10):
            pixels = np.random.default_rng(number).integers(
                darkest, darkest + 100, (40, 50, 3), "uint8"
            )
            Image.fromarray(pixels).save(f"train/{label}/{number}.png")


@pytest.mark.usefixtures("photographs")
@pytest.mark.parametrize(("entry", "tool"), ENTRIES)
def test_code_runs_and_is_right_before_and_after_the_repair(entry, tool):
    if tool == "PyTorch" and not TORCH:
        pytest.skip("torchvision isn't installed")
    DOCUMENT.namespace.clear()
    first = [ENTRIES[FIRST, "Keras"][0], *ENTRIES[FIRST, tool][-1:]]
    for block in first + ENTRIES[entry, tool] * (entry != FIRST):
        block.evaluate()
    if entry == FIRST:
        DOCUMENT.namespace["show"](DOCUMENT.namespace["train"])


@pytest.mark.usefixtures("photographs")
@pytest.mark.parametrize("beginning", MESSAGES)
def test_todays_tools_print_the_message(beginning):
    names = {"keras": keras, "np": np, "tf": tf}
    if "torch" in MESSAGES[beginning]:
        pytest.importorskip("torchvision")
        exec("import os, torch, torchvision\nfrom torchvision.transforms import v2", names)
    (message,) = [line for line in ROWS if line.startswith(beginning)]
    x = np.zeros((2, 8, 8, 3), "float32")
    model = keras.Sequential([keras.layers.Rescaling(1)])
    model.compile(loss="mse")
    path = tf.data.Dataset.from_tensors("train/cat/0.png")
    names |= {"x": x, "model": model, "map": path.map}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            exec(MESSAGES[beginning], names)
        except Exception as error:
            said.append(error)
    assert any(message in str(getattr(one, "message", one)) for one in said), said
