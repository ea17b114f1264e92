"""The page for those who come with a symptom: each block of its Keras code runs and does what it says, and so do the
files to copy. Its PyTorch is run by tests/slow/check_torch.py, its numbers are in tests/test_numbers.py.
"""

import io
import math
import re
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import temperature
import tensorflow as tf
from keras import layers
from matplotlib.cbook import get_sample_data
from PIL import Image
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers.data import load_garments

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "find_your_symptom.md").read_text(encoding="utf-8")
CODE = re.compile(r"```python\n# (Keras|PyTorch)\b([^\n]*\n.+?)```", re.DOTALL)
ANSWERS = dict(re.findall(r'^### "([^"\n]+)"\n(.+?)(?=^##|\Z)', PAGE, re.MULTILINE | re.DOTALL))
KERAS = {question: code for question, answer in ANSWERS.items() for name, code in CODE.findall(answer)
         if name == "Keras"}  # fmt: skip


def pictures(n=16, size=12):
    return np.random.default_rng(0).uniform(40, 200, (n, size, size, 3)).astype("float32")


def run(question, **names):
    """What the code of an answer leaves behind."""
    names = {
        "keras": keras, "layers": layers, "np": np, "tf": tf, "Path": Path,
        "augment": layers.RandomTranslation(0.4, 0.4, seed=0),
    } | names  # fmt: skip
    exec(f"#{KERAS[question]}", names)
    return names


def files(folder, labels, picture):
    """Ten pictures of each label below a folder."""
    for label in labels:
        Path(folder, label).mkdir(parents=True)
        for number in range(10):
            keras.utils.save_img(f"{folder}/{label}/{number}.png", picture(label, number), scale=False)


def noise(label, number):
    return np.random.default_rng(number).integers(0, 255, (10, 20, 3), "uint8")


def single(images, labels=None):
    return tf.data.Dataset.from_tensor_slices((images, np.arange(len(images)) if labels is None else labels))


def by_label(dataset):
    """The pictures of a pass, by their label."""
    found = {}
    for x, y in dataset.as_numpy_iterator():
        found |= dict(zip(np.atleast_1d(y).tolist(), x if np.ndim(y) else [x], strict=True))
    return found


def moves(dataset):
    """Whether two passes show every image, and none of them twice alike."""
    first, second = by_label(dataset), by_label(dataset)
    assert first.keys() == second.keys()
    return not any(np.allclose(first[label], second[label], atol=0.01) for label in first)


def same(first, second):
    return np.allclose(np.asarray(first), np.asarray(second), atol=1e-3)


def export(question):
    model = keras.Sequential([keras.Input((12, 12, 3)), layers.RandomTranslation(0.4, 0.4), layers.Dropout(0.5)])
    run(question, model=model)
    assert same(tf.saved_model.load("exported").serve(pictures(4)), pictures(4))


def saved(question):
    x = pictures(3).round()

    def written(change):
        """Of the second picture, the original and sixteen copies."""
        run(question, train=single(x, [1, 0, 1]), names=["cat", "dog"], augment=lambda image, training: change(image))
        paths = [f"augmented/cat/1-{copy}.png" for copy in range(17)]
        return np.stack([keras.utils.img_to_array(keras.utils.load_img(path)) for path in paths])

    np.testing.assert_array_equal(written(lambda image: image - 10), [x[1], *[x[1] - 10] * 16])  # nothing stretched
    np.testing.assert_array_equal(written(lambda image: image + 150)[1], np.minimum(x[1] + 150, 255))  # no overflow
    assert len(list(Path("augmented").rglob("*.png"))) == 51 == 17 + len(list(Path("augmented/dog").iterdir()))


def cached(question):
    train = run(question, train=single(pictures()))["train"]
    assert moves(train) and len(next(iter(train))[0]) == 16


def seeded(question):
    tf.random.set_seed(0)
    for x in (pictures(), pictures().astype("uint8")):  # as files are read, too
        changed = run(question, train=single(x))["train"]
        assert moves(changed)
        spread = [[np.ptp(seen - x[label]), np.ptp(seen - x[label][:, ::-1])]
                  for label, seen in by_label(changed).items()]  # fmt: skip
        assert np.min(spread, axis=1).max() < 1e-3, "one brightness for all of a picture"
        assert 0 < np.mean(np.argmin(spread, axis=1)) < 1, "some are mirrored"


def split(question):
    files("images", ("cat", "dog"), noise)
    names = run(question)
    parts = (names["train"], names["validation"])
    (train, validation), (later, again) = ([np.concatenate([x for x, _ in part]) for part in parts] for _ in range(2))
    assert (len(train), len(validation)) == (16, 4)
    assert all(any(same(a, b) for b in again) for a in validation)
    assert not any(same(a, b) for a in train for b in later)


def mixed(question):
    labels = np.arange(16) % 3
    parts = {"train": single(pictures(), labels), "validation": single(pictures(), labels)}
    names = run(question, **parts, names=["ant", "bee", "cow"])
    (x, y), (again, _) = next(iter(names["train"])), next(iter(names["train"]))
    assert x.shape == (16, 12, 12, 3) and not same(x, again)
    np.testing.assert_allclose(tf.reduce_sum(y, axis=1), 1, atol=1e-5)
    assert ((y.numpy() > 0.01).sum(axis=1) == 2).any()
    x, y = next(iter(names["validation"]))
    assert same(x, pictures()) and same(y, np.eye(3)[labels])


def fine_tuned(question):
    backbone = layers.BatchNormalization()  # it changes what it is given by its epsilon
    names = run(question, augment=layers.RandomFlip("horizontal", seed=0), backbone=backbone)
    model = keras.Model(names["inputs"], names["features"])
    images = np.random.default_rng(0).uniform(0, 255, (8, 224, 224, 3)).astype("float32")
    expected = images / 127.5 - 1  # what the network asks for
    np.testing.assert_allclose(model(images, training=False), expected, atol=0.01)
    assert not np.allclose(model(images, training=True), expected, atol=0.01)


def rare(question):
    labels = np.array([1] * 2 + [0] * 14)
    for given in (labels, labels[:, None]):  # as label_mode "int" and "binary" give them
        train = run(question, train=single(pictures(), given))["train"]
        shown, drawn = (np.concatenate(parts) for parts in zip(*train.take(13).as_numpy_iterator(), strict=True))
        assert len(drawn) == 13 * 32 and 0.4 < np.mean(drawn) < 0.6
        assert len(np.unique(shown, axis=0)) == len(shown)  # the rare ones, too


def unfrozen(question):
    backbone = keras.Sequential([layers.Conv2D(4, 3), layers.BatchNormalization()])
    model = keras.Sequential([keras.Input((12, 12, 3)), backbone, layers.Flatten(), layers.Dense(2, "softmax")])
    backbone.trainable = False
    run(question, backbone=backbone, model=model)
    kernel, mean = backbone.layers[0].kernel.numpy(), backbone.layers[1].moving_mean.numpy()
    model.fit(pictures(), np.arange(16) % 2, verbose=0)
    assert not np.array_equal(backbone.layers[0].kernel, kernel) and same(backbone.layers[1].moving_mean, mean)


def in_range(question):
    x = pictures() / 255
    changed = np.asarray(run(question)["augment"](x, training=True))
    assert changed.min() >= 0 and changed.max() <= 1 and not same(changed, x)
    assert np.median(changed.std(axis=(1, 2, 3))) > 0.05  # neither black nor white


def unshuffled(question):
    files("images", ("ant", "bee"), lambda label, number: np.full((9, 9, 3), number + 51 * (label == "bee")))
    model = keras.Sequential([keras.Input((256, 256, 3)), layers.GlobalAveragePooling2D()])
    names = run(question, model=model, generator=ImageDataGenerator(validation_split=0.2))
    np.testing.assert_array_equal(names["labels"], [0, 0, 1, 1])
    np.testing.assert_allclose(names["answers"][:, 0], [0, 1, 51, 52], atol=0.01)


def grouped(question):
    def splitter(n_splits, test_size, random_state):
        """In place of scikit-learn's, which isn't installed: a share of the groups is held out."""

        def split(names, groups):
            drawn = np.random.default_rng(random_state).permutation(np.unique(groups))
            held_out = np.isin(groups, drawn[: math.ceil(test_size * len(drawn))])
            yield np.flatnonzero(~held_out), np.flatnonzero(held_out)

        return SimpleNamespace(split=split)

    def left_behind(names, group_of):
        printed = []
        given = {"names": names, "re": re, "Path": Path, "GroupShuffleSplit": splitter}
        given["print"] = lambda *said: printed.append(said)
        exec("#" + KERAS[question].replace("group_of = original_of", f"group_of = {group_of}"), given)
        sides = [[names[i] for i in given[side]] for side in ("train", "validation")]
        assert sorted(sides[0] + sides[1]) == sorted(names)
        return given, sides, printed

    slices = [f"patient{patient}/slice{number}.png" for patient in range(100) for number in range(10)]
    _, sides, printed = left_behind(slices, "patient_of")
    train, validation = ({name.split("/")[0] for name in side} for side in sides)
    assert len(validation) == 20 and not train & validation, "patients on both sides"
    assert printed == [(f"patient{number}", slices[10 * number : 10 * number + 10]) for number in (0, 1, 10)]
    with pytest.raises(AssertionError, match="each file is a group of its own"):
        left_behind(slices, "original_of")
    files = ["cat/001.png", "cat/001_aug0.png", "dog/001.png"]
    found, _, printed = left_behind(files, "original_of")
    assert found["groups"] == ["cat/001", "cat/001", "dog/001"]
    assert printed == [("cat/001", files[:2]), ("dog/001", files[2:])]
    exported = ["all/a_cat_jpg.rf.1a2b.jpg", "all/a_cat_jpg.rf.cc.jpg", "all/a_cat.JPEG", "all/a_cat2_png.rf.1a2b.png"]
    assert left_behind(exported, "original_of")[0]["groups"] == ["all/a_cat"] * 3 + ["all/a_cat2"]


CHECKS = {
    "NaN, white or black pictures after RandomBrightness or RandAugment": in_range,
    "Validation loss goes up, but accuracy stays flat": run,
    "Are augmentation layers active in predict or export? Mine seem to do nothing": export,
    "evaluate is good, but predict is bad. Which class is 0?": unshuffled,
    "First augment, then split? Cross-validation?": grouped,
    "save_to_dir: too few files, one folder for all classes": saved,
    "Augmented images look blurred": run,
    "Cached or preloaded, and suddenly perfect: cache, snapshot, Dataset.save": cached,
    "The same augmentation in every epoch": seeded,
    "random_split or validation_split: my validation images are augmented, too": split,
    "mixup or CutMix: where, and why is training accuracy low?": mixed,
    "Accuracy collapses after unfreezing": unfrozen,
    "Only a few hundred images. Fine-tuning: how many copies?": fine_tuned,
    "Class weights, or augment only the rare class?": rare,
}


@pytest.mark.parametrize("question", sorted(CHECKS.keys() | KERAS.keys()))
def test_the_keras_code_of_an_answer_runs_and_does_what_it_says(question, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    CHECKS[question](question)


def test_the_labels_of_a_shuffled_set_fit_the_answers_of_the_same_pass():
    code = re.search(r"`(pairs = .+?)`", ANSWERS["evaluate is good, but predict is bad. Which class is 0?"])[1]
    validation = single(np.arange(64, dtype="float32")[:, None]).shuffle(64).batch(8)
    names = {"model": keras.Sequential([keras.Input((1,)), layers.Rescaling(2)]), "validation": validation}
    exec(code, names)
    labels, answers = map(np.concatenate, zip(*names["pairs"], strict=True))
    np.testing.assert_array_equal(answers[:, 0], 2 * labels)


def test_a_mask_moves_with_its_image():
    code = re.search(r"`(augment\(\{.+?\))`", ANSWERS["Masks, boxes, TTA, Roboflow, YOLO"])[1]
    y = np.random.default_rng(0).integers(0, 5, (8, 12, 12, 1), "uint8")
    changed = eval(code, {"augment": layers.RandomFlip(), "x": y.astype("float32"), "y": y})
    np.testing.assert_array_equal(changed["segmentation_masks"], changed["images"])
    assert not np.array_equal(changed["images"], y)


def grey_levels(picture):
    """By how many grey levels a JPEG of Pillow's default quality is off on average; uint8, as Pillow takes it."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "jpeg")
    return np.abs(np.asarray(Image.open(file), float) - picture).mean()


def test_a_jpeg_moves_pixels_as_far_as_the_page_says():
    answer = ANSWERS["Saved images look different, or train worse than flow"]
    said = re.search(r"moved by (\S+) of 255 grey levels on average, and one of a turned photograph by (\S+)\.", answer)
    garments = (255 * load_garments().x_train[:500, :, :, 0]).round().astype("uint8")
    photograph = Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False))
    turned = np.asarray(photograph.rotate(7, Image.Resampling.BILINEAR).crop((60, 60, 450, 540)))
    found = np.mean([grey_levels(garment) for garment in garments]), grey_levels(turned)
    np.testing.assert_allclose(found, [float(number) for number in said.groups()], atol=0.1)


def test_the_temperature_is_that_of_the_lowest_cross_entropy_whatever_form_the_answers_have():
    logits = np.random.default_rng(0).normal(size=(400, 2)).astype("float32")
    labels = (logits + np.random.default_rng(1).gumbel(size=logits.shape)).argmax(axis=1)
    logits *= 4  # too sure
    tried = np.geomspace(0.2, 10, 100)
    losses = [keras.losses.sparse_categorical_crossentropy(labels, logits / by, from_logits=True) for by in tried]
    best = tried[np.argmin(np.mean(losses, axis=1))]
    sigmoid = 1 / (1 + np.exp(-np.diff(logits)))
    cases = [(logits, labels), (np.asarray(keras.ops.softmax(logits)), labels.astype("float32")),
             (sigmoid[:, 0], labels), (sigmoid, labels[:, None])]  # fmt: skip
    assert [temperature.best_temperature(*case) for case in cases] == [best] * len(cases)
    for answers, right in ((np.diff(logits)[:, :1], labels), (logits, np.eye(2)[labels]), (logits, labels[:9])):
        with pytest.raises(ValueError, match="one column for each class"):
            temperature.best_temperature(answers, right)
