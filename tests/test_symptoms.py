"""The page for those who come with a symptom, and the migration page: their code runs and does what they say."""

import re
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = (DOCS / "find_your_symptom.md").read_text(encoding="utf-8")
MIGRATION = (DOCS / "migration.md").read_text(encoding="utf-8")
ANSWERS = dict(re.findall(r"^### (.+)\n((?:(?!#).*\n?)+)", PAGE, re.MULTILINE))
CODE = re.compile(r"```python\n(.+?)```", re.DOTALL)


def test_the_pytorch_code_resizes_before_it_augments_and_normalises_both():
    """PyTorch is not installed: a name of its modules stands for itself, and Compose for the order of its steps."""
    (code,) = [code for code in CODE.findall(PAGE) if "DataLoader" in code]

    def flat(steps):
        return [name for step in steps for name in (step if isinstance(step, list) else [step])]

    v2 = SimpleNamespace(
        Compose=flat, ToImage=lambda: "image", Resize=lambda size: "resize", Normalize=lambda mean, std: "normalise",
        ToDtype=lambda dtype, scale: "floats" if scale else "unscaled",
    )  # fmt: skip
    names = {"v2": v2, "torch": SimpleNamespace(float32="float32"), "augment": "augment", "mean": [0.5], "std": [0.5]}
    names |= {"ImageFolder": lambda folder, transform: transform, "DataLoader": lambda data, **options: options}
    exec(code, names)
    assert names["train"] == ["image", "resize", "augment", "floats", "normalise"]
    assert names["validation"] == ["image", "resize", "floats", "normalise"]
    assert names["loader"]["shuffle"]


def moved_by_fit(model, layer, images):
    """How far a fit moves the mean that a batch normalisation keeps."""
    before = layer.moving_mean.numpy()
    model.compile("sgd", "mse")
    model.fit(images, model(images, training=False).numpy(), verbose=0)
    return np.abs(layer.moving_mean.numpy() - before).max()


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
def test_the_code_for_transfer_learning_augments_in_training_only_and_keeps_the_backbone():
    (code,) = [code for code in CODE.findall(PAGE) if "backbone" in code]
    augment, backbone = keras.layers.RandomFlip("horizontal", seed=0), keras.layers.BatchNormalization()
    names = {"keras": keras, "augment": augment, "backbone": backbone}
    exec(code, names)
    model = keras.Model(names["inputs"], names["features"])
    images = np.random.default_rng(0).uniform(0, 255, (8, 224, 224, 3)).astype("float32")
    expected = images / 127.5 - 1  # what the network asks for; this backbone changes it by its epsilon
    np.testing.assert_allclose(model(images, training=False), expected, atol=0.01)
    assert not np.allclose(model(images, training=True), expected, atol=0.01)
    assert not np.allclose(model(images), expected, atol=0.01)  # the page warns of this call
    assert moved_by_fit(model, backbone, images) == 0


def test_training_false_alone_does_not_keep_batch_normalisation():
    inputs, layer = keras.Input((4,)), keras.layers.BatchNormalization()
    model = keras.Model(inputs, layer(inputs, training=False))
    assert moved_by_fit(model, layer, np.random.default_rng(0).random((8, 4), "float32")) > 0


def by_label(dataset):
    pictures = {}
    for x, labels in dataset.as_numpy_iterator():
        pictures |= dict(zip(labels.tolist(), x, strict=True))
    return pictures


def test_the_pipeline_of_the_migration_page_is_live_and_leaves_validation_alone():
    (code,) = [code for code in CODE.findall(MIGRATION) if "RandomRotation" in code]
    images = np.random.default_rng(0).random((64, 28, 28, 1), "float32")
    names = {"keras": keras, "layers": keras.layers, "tf": tf}
    names["train"] = names["validation"] = tf.data.Dataset.from_tensor_slices((images, np.arange(64)))
    exec(code, names)
    first, second = (by_label(names["train"]) for _ in range(2))
    assert first.keys() == second.keys() == set(range(64))
    assert not any(np.allclose(first[label], second[label], atol=1e-3) for label in first)
    np.testing.assert_array_equal(list(by_label(names["validation"]).values()), images)


def test_the_list_at_the_top_has_every_answer_in_order():
    listed = re.findall(r"\[([^\]]+)\]\(#[\w-]+\)", PAGE.partition("\n## ")[0])
    assert listed == [question.strip('"') for question in ANSWERS]
