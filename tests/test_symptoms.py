"""The page for those who come with a symptom: each of its Keras blocks runs, each check prints True before the repair
and False after it. Its PyTorch is run by tests/slow/check_torch.py, its numbers are in tests/test_numbers.py.
"""

import math
import os
import re
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import keras
import nbformat
import numpy as np
import pytest
import temperature
import tensorflow as tf
from keras import layers

from helpers.data import load_garments
from symptom_page import FIRST_STEPS, code_of, entries, over_confident, patients, run, says

ROOT = Path(__file__).resolve().parent.parent
TIMED = "The GPU waits"  # what its check prints is a matter of time, and of no other load: make check-waits


def files(folder, labels, picture, each=10):
    """Pictures of each label below a folder."""
    for label in labels:
        Path(folder, label).mkdir(parents=True)
        for number in range(each):
            keras.utils.save_img(
                f"{folder}/{label}/{number}.png", picture(label, number), scale=False
            )


def noise(label, number):
    """Dogs are brighter than the others."""
    picture = np.random.default_rng(number).integers(30, 110, (40, 50, 3), "uint8")
    return picture + np.uint8(110) * (label == "dog")


def by_label(dataset):
    """The pictures of a pass, by their label."""
    found = {}
    for x, y in dataset.as_numpy_iterator():
        found |= dict(zip(np.atleast_1d(y).tolist(), x if np.ndim(y) else [x], strict=True))
    return found


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    for part in ("train", "validation"):
        files(folder / part, ("cat", "dog"), noise)
    return folder


@pytest.fixture
def names(photographs, tmp_path, monkeypatch):
    """What the first block of the page leaves behind, in a folder of pictures."""
    monkeypatch.chdir(shutil.copytree(photographs, tmp_path / "photographs"))
    keras.utils.set_random_seed(1)
    names = {}
    exec(code_of(FIRST_STEPS, "Keras")[1][0], names)
    return names


def compiled(*stack, rate=0.01):
    model = keras.Sequential([keras.Input((64, 64, 3)), *stack])
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def by_means():
    return layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")


def small(*middle, rate=0.01):
    last = by_means()
    return compiled(layers.Rescaling(1 / 255), layers.Conv2D(4, 3, 2), *middle, *last, rate=rate)


def by_brightness():
    """A model that is right about every dog."""
    model = compiled(*by_means())
    model.layers[-1].set_weights(
        [np.array([[0, 1]] * 3, "float32"), np.array([0, -360], "float32")]
    )
    return model


# What an entry needs beside the names of the first block


def a_backbone(names):
    backbone = keras.Sequential(
        [layers.Conv2D(4, 3, 4), layers.BatchNormalization(), layers.GlobalAveragePooling2D()]
    )
    names |= {"backbone": backbone, "model": compiled(backbone, layers.Dense(2, "softmax"))}
    backbone.trainable = False


def few_rare(names):
    pictures = np.random.default_rng(0).uniform(0, 255, (40, 8, 8, 3)).astype("float32")
    names["images"] = tf.data.Dataset.from_tensor_slices((pictures, [1] * 3 + [0] * 37))


def slow_files(names):
    slow = names["images"].map(lambda x, y: (tf.numpy_function(waiting, [x], "float32"), y))
    names["images"] = slow.map(lambda x, y: (tf.ensure_shape(x, (64, 64, 3)), y))
    names["network"] = names["model"] = compiled(pause(0.12), *by_means())


def waiting(x, seconds=0.24):
    time.sleep(seconds)
    return x


def pause(seconds):
    """A layer that takes so long for each image."""
    return layers.Lambda(
        lambda x: tf.ensure_shape(
            tf.numpy_function(lambda x: waiting(x, seconds * len(x)), [x], "float32"), x.shape
        )
    )


def masks(names):
    """Discs, each at a place of its own."""
    x, y = np.random.default_rng(0).uniform(16, 48, (2, 20, 1, 1))
    rows, columns = np.mgrid[:64, :64]
    names["y"] = ((rows - y) ** 2 + (columns - x) ** 2 < 144).astype("int32")[..., None]
    names["x"] = names["y"].astype("float32")


FIXTURES = {
    "Frozen backbone": a_backbone, "Accuracy collapses": a_backbone, "Augment only the rare": few_rare,
    "Validation loss goes up": over_confident, "The GPU waits": slow_files,
    "Masks or boxes": masks, "First augment": patients,
    "save_to_dir": lambda names: {"augment": lambda image, training: image + 200},
    "Augmented images look blurred": lambda names: {"x": load_garments().x_train[:64]},
    "Are augmentation layers active": lambda names: {
        "model": compiled(layers.RandomTranslation(0.4, 0.4), layers.Dropout(0.5), layers.Flatten(), layers.Dense(2))
    },
    "Which class is 0": lambda names: shutil.rmtree("validation/cat"),
    "Stuck at": lambda names: {"validation": names["validation"].map(lambda x, y: (x / 255, y))},
    "Early stopping": lambda names: {"model": small(rate=0.5)},
    "evaluate is good": lambda names: {"model": by_brightness()},
    "Test-time": lambda names: {"model": by_brightness()},
    "Validation accuracy is": lambda names: {
        "model": by_brightness(), "history": SimpleNamespace(history={"accuracy": [0.6]})
    },
}  # fmt: skip


# What an entry needs between its code and its check


def with_norm(names):
    names["model"] = small(names["norm"], rate=0.1)
    names["history"] = names["model"].fit(names["plain"].repeat(4), epochs=10, verbose=0)


def with_last(names):
    names["model"] = keras.Sequential(
        [keras.Input((64, 64, 3)), layers.GlobalAveragePooling2D(), names["last"]]
    )


PREPARE = {"Validation accuracy jumps": with_norm, "Stuck at": with_last}


# Names where a check prints True, and where it doesn't, without a repair in code or beside it


ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator
CASES = {
    "Augment only the rare": lambda names: [
        {"train": ImageDataGenerator().flow(np.zeros((2, 8, 8, 3)), y)} for y in ([[1, 0]] * 2, [[0], [1]])],
    "NaN": lambda names: [
        {"changed": ImageDataGenerator(brightness_range=(1, 1), rescale=1 / by).flow(names["x_train"] * by)[0]}
        for by in (1 / 255, 1)],
    "Augmentation makes": lambda names: [{"turn": layers.RandomRotation(angle / 360)} for angle in (23, 12)],
    "How many images": lambda names: ({"train": names["plain"]}, {}),
    "A 3x data set": lambda names: [
        {"original_of": lambda path: path[:3], "paths": ["a/1.png", second]} for second in ("a/1_aug0.png", "b/1.png")
    ],
    "A large set": lambda names: (
        {"model": compiled(layers.Cropping2D(((0, 0), (0, 63))), layers.Flatten(), layers.Dense(2)),
         "validation": names["validation"].map(lambda x, y: (x * np.linspace(-1, 1, 64)[:, None], y))},
        {"model": by_brightness()},
    ),
    "mixup": lambda names: ({"train": [(None, np.array([[0.3, 0.7]]))]}, {}),
    "Stuck at": lambda names: [
        {"model": SimpleNamespace(predict=lambda x, verbose, high=high: np.linspace(0.5, high, len(x))[:, None])}
        for high in (0.52, 0.7)
    ],
}  # fmt: skip


# What else the repaired code does


def still_learns(names):
    kernel = names["backbone"].layers[0].kernel.numpy()
    names["model"].fit(names["plain"], verbose=0)
    assert not np.array_equal(names["backbone"].layers[0].kernel, kernel)


def as_pretrained(names):
    ramps = (
        np.linspace([0, 0, 0, 0], [50, 100, 150, 200], 64 * 64 * 3)
        .T.reshape(4, 64, 64, 3)
        .astype("float32")
    )
    seen = keras.Model(names["inputs"], names["features"])
    np.testing.assert_allclose(
        seen(ramps, training=False), ramps.mean(axis=(1, 2)) / 127.5 - 1, atol=1e-3
    )
    assert not np.allclose(seen(ramps, training=True), seen(ramps, training=False), atol=1e-3)


def untrained(**settings):
    """In place of MobileNetV2, whose weights would be downloaded."""
    return keras.Sequential([keras.Input(settings["input_shape"]), layers.GlobalAveragePooling2D()])


def rare_is_half(names):
    shown, drawn = (
        np.concatenate(parts)
        for parts in zip(*names["train"].take(13).as_numpy_iterator(), strict=True)
    )
    assert len(drawn) == 13 * 32 and 0.4 < np.mean(drawn) < 0.6
    assert len(np.unique(shown[drawn == 1], axis=0)) > 3, "versions of the rare ones"


def whole_epochs(names):
    train = names["train"]
    shown = [np.concatenate([x for x, _ in train]) for _ in range(2)]
    assert len(shown[0]) == len(names["x"]) and train.element_spec[0].dtype == "float32"
    assert next(iter(train))[0].shape[0] == 20, "full batches"


def one_change_a_picture(names):
    kept = names["images"].cache().enumerate()
    images = by_label(kept.map(lambda i, pair: (pair[0], i)))
    changed = by_label(kept.map(lambda i, pair: (names["change"](*pair)[0], i)))
    spread = [
        [np.ptp(changed[i] - images[i]), np.ptp(changed[i] - images[i][:, ::-1])] for i in images
    ]
    assert np.min(spread, axis=1).max() < 1e-3, "one brightness for all of a picture"
    assert 0 < np.mean(np.argmin(spread, axis=1)) < 1, "some are mirrored"


def parts_of_a_whole(names):
    parts = [names["versions"](names[part]) for part in ("train", "validation")]
    assert [len(part) for part in parts] == [16, 4] and parts[1] < names["versions"](names["plain"])


def split_alike(names):
    train, validation = (set(names[part].filenames) for part in ("train", "validation"))
    assert (
        validation == {"cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"}
        and len(train - validation) == 16
    )
    run(
        code_of(
            "random_split or validation_split: my validation images are augmented, too", "Keras"
        )[1][0],
        names,
    )
    parts_of_a_whole(names)


def all_saved(names):
    """The first file of a number is the image of that number, also in the next run; no version overflows."""
    (check,), (code,) = code_of("save_to_dir: too few or too many files, one folder", "Keras")
    originals = [
        path for label in ("cat", "dog") for path in sorted(Path("train", label).iterdir())
    ]
    for number, path in enumerate(originals):
        saved = f"augmented/{path.parent.name}/{number}_aug"
        assert np.abs(read(f"{saved}0.png") - tf.image.resize(read(path), (64, 64))).max() <= 1
    assert read(f"{saved}16.png").min() == 255, "an overflow"
    with pytest.raises(FileExistsError):
        exec(code.partition("# after")[2], names)
    Path("augmented/0_aug17.png").touch()
    assert says(check, names) == [True], "one file too many"


def read(path):
    return keras.utils.img_to_array(keras.utils.load_img(path))


def renamed(names):
    ramp = np.linspace(0, 255, 64, dtype="float32")[:, None] * np.ones((64, 64, 1, 3), "float32")
    shown, label = map(np.asarray, names["live"](ramp, np.zeros(64, "int32")))
    assert np.array_equal(shown[:, 0, 0, 0] > shown[:, 0, -1, 0], label) and 0 < label.mean() < 1


def grouped(names):
    assert len(names["train_paths"]) == 32 and len(names["validation_paths"]) == 4
    assert "_aug" not in str(names["validation_paths"])
    group = [
        names["original_of"](name) for name in ("cat/001.png", "cat/001_aug0.png", "dog/001.png")
    ]
    assert (
        group == ["cat/001", "cat/001", "dog/001"]
        and names["patient_of"]("covid/p23-4.png") == "p23"
    )
    exported = [
        "all/a_cat_jpg.rf.1a2b.jpg",
        "all/a_cat_jpg.rf.cc.jpg",
        "all/a_cat.JPEG",
        "all/a_cat2_png.rf.1a2b.png",
    ]
    assert [names["original_of"](name) for name in exported] == ["all/a_cat"] * 3 + ["all/a_cat2"]
    by_original, by_patient = code_of("First augment, then split? Cross-validation?", "Keras")[1]
    for path in (
        "{}/p{}-1.png",
        "p-{}/{}.png",
    ):  # the function gives each file a group of its own, or each class
        slices = {
            "paths": [path.format(i % 2, i) for i in range(20)],
            "classes": [i % 2 for i in range(20)],
        }
        with pytest.raises(AssertionError, match="neither a class nor a file"):
            run(
                by_patient.replace(".stem", ".parent.name") if path[0] == "p" else by_patient,
                slices,
            )
    with pytest.raises(AssertionError, match="no copies"):
        run(by_original.replace("_aug", "_copy"), {})


def replayed(names):
    """One stream for fit, AUTOTUNE or not; arrays with any number of workers, from any epoch on: the same network."""
    epochs = [names["show"](epoch) for epoch in (0, 1)]
    batches = list(names["train"].take(2))
    assert [names["versions"]([batch]) for batch in batches] == epochs and not epochs[0] & epochs[1]
    numbered = list(names["numbered"].as_numpy_iterator())
    one_by_one = [[names["affine"].version(x[None], [number], 1)] for number, (x, _) in numbered]
    assert names["versions"](one_by_one) == epochs[1], "AUTOTUNE or batches matter"
    names["x_train"], names["y_train"] = (
        np.repeat(names["x_train"], 8, 0),
        np.repeat(names["y_train"], 8),
    )
    expected, shown = fresh(), []
    for names["live"].epoch in (1, 2):
        batches = [names["live"][batch] for batch in range(5)]
        shown.append(names["versions"](batches))
        for x, y in batches:
            expected.train_on_batch(x, y)
    assert len(shown[0] | shown[1]) == 2 * 160, "a version comes again"
    for workers in (0, 4):
        names["live"], model = names["Live"](workers=workers), fresh()
        model.fit(
            names["live"],
            initial_epoch=1,
            epochs=3,
            shuffle=False,
            callbacks=[names["follow"]],
            verbose=0,
        )
        for weight, other in zip(model.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_allclose(weight, other, rtol=1e-4, atol=1e-6)


def one_hot_too(names):
    checks, _ = code_of("evaluate is good, but predict is bad", "Keras")
    assert says(checks[0], names | {"labels": np.eye(2)[names["labels"]]}) == [False]
    single = {"answers": names["answers"][:, 1:], "labels": names["labels"][:, None]}
    assert says(checks[0], names | single) == [False]


def in_the_model_too(names):
    check = code_of("The GPU waits for augmentation", "Keras")[0][0]
    network = compiled(pause(0.04), *by_means())
    names |= {"train": names["plain"], "network": network}
    models = compiled(pause(0.1), network), network
    assert [says(check, names | {"model": model}) for model in models] == [[True], [False]]


def interpolated_too(names):
    """Turned masks have no other classes, fit takes the pairs, and a turn of the first code is judged alike."""
    assert set(np.unique(names["moved_mask"])) == {0, 1}
    model = keras.Sequential([layers.Conv2D(1, 1)])
    model.compile(loss="mse")
    model.fit(names["pairs"], steps_per_epoch=1, verbose=0)
    checks, (code, _) = code_of("Masks or boxes don't move with the image", "Keras")
    turning = code.replace('RandomFlip("horizontal")', "RandomRotation(0.1)")
    assert turning != code and run(turning, names, checks) == [[True], [False]]


def nothing_popped(names):
    model = compiled(*by_means())
    model.layers.pop()
    assert model.output_shape == (None, 2)


def alike(names):
    x, validation = (
        np.concatenate([x for x, _ in names[part]]) for part in ("train", "validation")
    )
    assert (
        x.min() > -1.001 and validation.min() > -1.001 and abs(x.mean() - validation.mean()) < 0.1
    )


def fresh():
    keras.utils.set_random_seed(0)
    return small()


AFTER = {
    "Accuracy collapses": still_learns, "Only a few hundred": as_pretrained, "Augment only the rare": rare_is_half,
    "Cached or preloaded": whole_epochs, "The same augmentation": one_change_a_picture,
    "random_split": split_alike, "Left and right": renamed, "take and skip": parts_of_a_whole, "save_to_dir": all_saved,
    "First augment": grouped, "Live and replayable": replayed, "evaluate is good": one_hot_too,
    "Augmentation makes it worse": lambda names: abs(names["validation_flow"][0][0].mean()) < 0.2,
    "Out of memory": lambda names: all((np.mean(x) > 127) == label for x, label in names["train"].unbatch()),
    "The GPU waits": in_the_model_too, "Masks or boxes": interpolated_too, "Stuck at": nothing_popped,
    "Normalize": alike,
}  # fmt: skip


def split(names, classes=None, groups=None):
    """In place of scikit-learn's, which isn't installed: every fifth group (of each class) is held out."""
    groups = np.asarray(names if groups is None else groups)
    classes = np.zeros(len(groups)) if classes is None else np.asarray(classes)
    fifths = {label: np.unique(groups[classes == label])[::5] for label in set(classes)}
    held_out = [group in fifths[label] for group, label in zip(groups, classes, strict=True)]
    yield np.flatnonzero(np.invert(held_out)), np.flatnonzero(held_out)


SPLITTERS = dict.fromkeys(
    ["GroupShuffleSplit", "ShuffleSplit", "StratifiedGroupKFold"],
    lambda *_, **__: SimpleNamespace(split=split),
)


def of(table, title):
    return next((table[start] for start in table if title.startswith(start)), None)


@pytest.mark.parametrize("title", entries("Keras"))
def test_a_check_prints_true_before_the_repair_and_false_after_it(title, names, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", SimpleNamespace(**SPLITTERS))
    monkeypatch.setattr(keras.applications, "MobileNetV2", untrained)
    checks, blocks = code_of(title, "Keras")
    runs_only = title.startswith(TIMED) and "CHECK_WAITS" not in os.environ
    if title.startswith(TIMED):
        monkeypatch.setattr(ImageDataGenerator, "random_transform", lambda self, x: waiting(x))
    if runs_only:
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
    names |= (of(FIXTURES, title) or dict.copy)(names) or {}
    if of(CASES, title):
        assert [says(checks[0], names | case) for case in of(CASES, title)(names)] == [
            [True],
            [False],
        ]
    printed = [run(block, names, checks, of(PREPARE, title)) for block in blocks]
    if runs_only:
        assert all(len(says) == 1 for lines in printed for says in lines)
        return
    assert [lines for lines in printed if lines] == [[[True], [False]]] * sum(
        "# before" in block for block in blocks
    )
    if of(AFTER, title):
        assert of(AFTER, title)(names) in (None, True)


def test_the_five_steps_run_and_say_what_they_should(names, capsys):
    names["model"] = small(rate=0.1)  # so that a quarter of the epochs will do
    exec(code_of(FIRST_STEPS, "Keras")[1][1].replace("epochs=200", "epochs=50"), names)
    said = capsys.readouterr().out
    loss, chance, learnt = map(
        float, re.search(r"\[([\d.]+), .*?\] ([\d.]+)\n([\d.e-]+)\n", said).groups()
    )
    assert (
        abs(loss - chance) < 0.3
        and learnt < 0.1 < math.log(2)
        and "repeats" not in said.partition("passed")[0]
    )


def test_the_temperature_is_that_of_the_lowest_cross_entropy_whatever_form_the_answers_have():
    logits = np.random.default_rng(0).normal(size=(400, 2)).astype("float32")
    labels = (logits + np.random.default_rng(1).gumbel(size=logits.shape)).argmax(axis=1)
    logits *= 4  # too sure
    tried = np.geomspace(0.2, 10, 100)
    losses = [
        keras.losses.sparse_categorical_crossentropy(labels, logits / by, from_logits=True)
        for by in tried
    ]
    best = tried[np.argmin(np.mean(losses, axis=1))]
    sigmoid = 1 / (1 + np.exp(-np.diff(logits)))
    cases = [(logits, labels), (np.asarray(keras.ops.softmax(logits)), labels.astype("float32")),
             (sigmoid[:, 0], labels), (sigmoid, labels[:, None])]  # fmt: skip
    assert [temperature.best_temperature(*case) for case in cases] == [best] * len(cases)
    for answers, right in (
        (np.diff(logits)[:, :1], labels),
        (logits, np.eye(2)[labels]),
        (logits, labels[:9]),
    ):
        with pytest.raises(ValueError, match="one column for each class"):
            temperature.best_temperature(answers, right)


def test_lesson_07_shows_the_replayable_pytorch_of_the_page():
    cells = nbformat.read(
        ROOT / "notebooks" / "07_leaving_imagedatagenerator.ipynb", as_version=4
    ).cells
    (shown,) = re.findall(
        r"```python\n(.+?)```", "\n".join(cell.source for cell in cells), re.DOTALL
    )
    assert any(shown in code for code in code_of("Live and replayable", "PyTorch")[1])
