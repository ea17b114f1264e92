"""The page for those who come with a symptom: its code runs and does what it says, its numbers are those of the rows.

Its PyTorch is run by tests/slow/check_torch.py.
"""

import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers.augment import RandomAffine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "docs" / "snippets"))

import random_affine  # noqa: E402
import temperature  # noqa: E402

PAGE = (ROOT / "docs" / "find_your_symptom.md").read_text(encoding="utf-8")
MIGRATION = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
CODE = re.compile(r"```python\n(# (?:Keras|PyTorch)\b[^\n]*\n.+?)```", re.DOTALL)
ANSWERS = dict(re.findall(r'^### "([^"\n]+)"\n(.+?)(?=^##|\Z)', PAGE, re.MULTILINE | re.DOTALL))
GROUPS = ["Loss and accuracy look odd", "Saved pictures", "Input pipelines", "How many, how much, which class"]


def code_of(framework):
    """The code of each answer in one framework."""
    found = {}
    for question, answer in ANSWERS.items():
        for code in CODE.findall(answer):
            if code.startswith(f"# {framework}"):
                assert question not in found
                found[question] = code
    return found


KERAS = code_of("Keras")


# The page


def test_the_list_at_the_top_has_four_groups_and_every_answer_in_order():
    top = PAGE.partition("\n## ")[0]
    assert re.findall(r"^\*\*(.+)\*\*$", top, re.MULTILINE) == GROUPS
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[:4] == GROUPS
    assert re.findall(r"^- \[(.+)\]\(#[\w-]+\)$", top, re.MULTILINE) == list(ANSWERS)  # a line for each


def test_all_code_names_its_framework():
    assert len(CODE.findall(PAGE)) == PAGE.count("```python") == PAGE.count("```") // 2


# Its code


def pictures(n=16, size=12):
    return np.random.default_rng(0).uniform(40, 200, (n, size, size, 3)).astype("float32")


def run(question, **names):
    """What the code of an answer leaves behind."""
    names = {
        "keras": keras, "layers": layers, "np": np, "tf": tf, "Path": Path,
        "augment": layers.RandomTranslation(0.4, 0.4, seed=0),
    } | names  # fmt: skip
    exec(KERAS[question], names)
    return names


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


CHECKS = {}


def answers(question):
    def add(check):
        CHECKS[question] = check
        return check

    return add


@pytest.mark.parametrize("question", KERAS)
def test_the_keras_code_of_an_answer_runs_and_does_what_it_says(question, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    CHECKS[question]()


@answers("Validation loss goes up, but accuracy stays flat")
def _():
    names = run("Validation loss goes up, but accuracy stays flat")
    x = np.random.default_rng(0).normal(size=(400, 3)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", names["smooth"], metrics=["accuracy"])
    y = keras.utils.to_categorical(x.argmax(axis=1), 3)
    past = model.fit(x, y, validation_data=(x, y), epochs=6, verbose=0, callbacks=[names["keep"]]).history
    kept = keras.saving.load_model("best.keras").evaluate(x, y, verbose=0)[1]
    assert kept == pytest.approx(max(past["val_accuracy"]), abs=1.01 / 400)  # one answer on either side


@answers("Are augmentation layers active in predict or export?")
def _():
    model = keras.Sequential([keras.Input((12, 12, 3)), layers.RandomTranslation(0.4, 0.4), layers.Dropout(0.5)])
    run("Are augmentation layers active in predict or export?", model=model)
    x = pictures(4)
    model.export("as_it_is", verbose=False)
    assert same(tf.saved_model.load("exported").serve(x), x)
    assert not same(tf.saved_model.load("as_it_is").serve(x), x)
    assert same(model.predict(x, verbose=0), x) and same(model(x, training=False), x)
    assert not same(model(x), x)
    model.compile(loss="mse")
    assert model.evaluate(x, x, verbose=0) == 0
    model.save("model.keras")
    assert same(keras.saving.load_model("model.keras").predict(x, verbose=0), x)
    flip = keras.Sequential([keras.Input((12, 12, 3)), layers.RandomFlip("horizontal", seed=0)])
    flip.export("flip", verbose=False)
    assert not same(tf.saved_model.load("flip").serve(x), x)


@answers("save_to_dir: too few files, one folder for all classes")
def _():
    x = pictures(3).round()

    def darker(image, training):
        return image - 10

    question = "save_to_dir: too few files, one folder for all classes"
    run(question, train=single(x, [1, 0, 1]), names=["cat", "dog"], augment=darker)
    written = sorted(path.as_posix() for path in Path("augmented").rglob("*.png"))
    assert written == [f"augmented/{name}" for name in sorted(
        f"{folder}/{number}-{copy}.png"
        for number, folder in enumerate(("dog", "cat", "dog")) for copy in range(9)
    )]  # fmt: skip
    saved = [keras.utils.img_to_array(keras.utils.load_img(f"augmented/cat/1-{copy}.png")) for copy in range(9)]
    np.testing.assert_array_equal(saved[0], x[1])  # the original and eight copies, their contrast unstretched
    np.testing.assert_array_equal(saved[1:], [x[1] - 10] * 8)
    run(question, train=single(x, [1, 0, 1]), names=["cat", "dog"], augment=lambda image, training: image + 150)
    white = keras.utils.img_to_array(keras.utils.load_img("augmented/cat/1-1.png"))
    np.testing.assert_array_equal(white, np.minimum(x[1] + 150, 255))  # not wrapped round to black
    with pytest.raises(TypeError):  # labels that are one-hot
        run(question, train=single(x, np.eye(2)[[1, 0, 1]]), names=["cat", "dog"], augment=darker)


@answers("Augmented images look blurred")
def _():
    names = run("Augmented images look blurred")
    assert not same(names["augment"](pictures()), pictures())


@answers("Cached, and suddenly perfect")
def _():
    names = run("Cached, and suddenly perfect", train=single(pictures()))
    assert moves(names["train"])
    assert len(next(iter(names["train"]))[0]) == 16
    cached = single(pictures()).map(lambda x, y: (names["augment"](x, training=True), y)).cache()
    assert not moves(cached)


@answers("The same augmentation in every epoch")
def _():
    tf.random.set_seed(0)
    for x in (pictures(), pictures().astype("uint8")):  # as files are read, too
        changed = run("The same augmentation in every epoch", train=single(x))["train"]
        assert moves(changed)
        mirrored = []
        for label, picture in by_label(changed).items():
            off = [picture - x[label], picture - x[label][:, ::-1]]
            mirrored.append(int(np.ptp(off[1]) < np.ptp(off[0])))
            assert min(np.ptp(off[0]), np.ptp(off[1])) < 1e-3 and np.abs(off[mirrored[-1]]).max() < 25.1
        assert 0 < np.mean(mirrored) < 1
    layer = layers.RandomTranslation(0.4, 0.4, seed=1)
    assert moves(single(pictures()).map(lambda x, y: (layer(x, training=True), y)))
    for change in (tf.image.random_flip_left_right, lambda x: x * tf.random.uniform(())):
        frozen = single(pictures()).map(lambda x, y, change=change: (change(x), y))
        first, second = by_label(frozen), by_label(frozen)
        assert all(same(first[label], second[label]) for label in first)


def folder_of_pictures(path, each=10):
    for label in ("cat", "dog"):
        (path / label).mkdir(parents=True)
        for number in range(each):
            image = np.random.default_rng(number).integers(0, 255, (10, 12, 3), "uint8")
            keras.utils.save_img(path / label / f"{number}.png", image, scale=False)


@answers("random_split: my validation images are augmented, too")
def _():
    folder_of_pictures(Path("images"))
    names = run("random_split: my validation images are augmented, too")

    def frames(dataset):
        return np.concatenate([x for x, _ in dataset.as_numpy_iterator()])

    assert [len(frames(names[part])) for part in ("train", "validation")] == [16, 4]

    first, second = frames(names["validation"]), frames(names["validation"])
    assert all(any(same(a, b) for b in second) for a in first)
    first, second = frames(names["train"]), frames(names["train"])
    assert not any(same(a, b) for a in first for b in second)


@answers("mixup or CutMix: where, and why is training accuracy low?")
def _():
    question, labels = "mixup or CutMix: where, and why is training accuracy low?", np.arange(16) % 3
    parts = {"train": single(pictures(), labels), "validation": single(pictures(), labels)}
    names = run(question, **parts, names=["ant", "bee", "cow"])
    (x, y), (again, _) = next(iter(names["train"])), next(iter(names["train"]))
    assert x.shape == (16, 12, 12, 3) and not same(x, again) and y.shape == (16, 3)
    np.testing.assert_allclose(tf.reduce_sum(y, axis=1), 1, atol=1e-5)
    assert ((y.numpy() > 0.01).sum(axis=1) == 2).any()
    x, y = next(iter(names["validation"]))
    assert same(x, pictures()) and same(y, np.eye(3)[labels])
    for part in ("train", "validation"):  # a class that is missing from the names
        with pytest.raises(tf.errors.InvalidArgumentError):
            list(run(question, **parts, names=["ant", "bee"])[part])


def transfer(backbone, layer):
    augment = layers.RandomFlip("horizontal", seed=0)
    names = run("How many copies for fine-tuning?", augment=augment, backbone=backbone)
    layer.trainable = False
    return keras.Model(names["inputs"], names["features"])


def moved_by_fit(model, layer, images):
    """How far a fit moves the mean that a batch normalisation keeps."""
    before = layer.moving_mean.numpy()
    model.compile("sgd", "mse")
    model.fit(images, model(images, training=False).numpy(), verbose=0)
    return np.abs(layer.moving_mean.numpy() - before).max()


@answers("How many copies for fine-tuning?")
def _():
    backbone = layers.BatchNormalization()
    model = transfer(backbone, backbone)
    images = np.random.default_rng(0).uniform(0, 255, (8, 224, 224, 3)).astype("float32")
    expected = images / 127.5 - 1  # what the network asks for; this backbone changes it by its epsilon
    np.testing.assert_allclose(model(images, training=False), expected, atol=0.01)
    assert not np.allclose(model(images, training=True), expected, atol=0.01)


def test_trainable_freezes_batch_normalisation_and_the_guides_training_false_does_not():
    frozen, alone = layers.BatchNormalization(), layers.BatchNormalization()
    images = np.random.default_rng(0).uniform(0, 255, (8, 224, 224, 3)).astype("float32")
    assert moved_by_fit(transfer(frozen, frozen), frozen, images) == 0
    model = transfer(lambda x: alone(x, training=False), frozen)  # training=False without trainable=False
    assert moved_by_fit(model, alone, images) > 0


@answers("Class weights, or augment only the rare class?")
def _():
    labels = np.array([1] * 2 + [0] * 14)
    for given in (labels, labels[:, None]):  # as label_mode "int" and "binary" give them
        mixed = run("Class weights, or augment only the rare class?", train=single(pictures(), given))["train"]
        shown, drawn = (np.concatenate(parts) for parts in zip(*mixed.take(13).as_numpy_iterator(), strict=True))
        assert len(drawn) == 13 * 32
        assert 0.4 < np.mean(drawn) < 0.6
        assert len(np.unique(shown, axis=0)) == len(shown)  # the rare ones, too


@answers("I augmented offline. Also online?")
def _():
    train = run("I augmented offline. Also online?", train=single(pictures()),
                generated=single(pictures(4), np.arange(16, 20)))["train"]  # fmt: skip
    batches = [(x.numpy(), y.numpy()) for x, y in train.take(40)]
    labels = np.concatenate([y for _, y in batches])
    # A share of 1,280 draws of a quarter lies within five standard deviations, 0.06.
    assert set(labels) == set(range(20)) and abs(np.mean(labels >= 16) - 0.25) < 0.06
    shown = np.concatenate([x for x, _ in batches])[labels == 17]
    assert len(np.unique(shown, axis=0)) == len(shown)  # augmented live


def test_every_check_is_of_code_on_the_page():
    assert CHECKS.keys() == KERAS.keys()


# random_affine.py: one file, the same pictures as helpers/augment.py makes


def smooth(n=16):
    return np.asarray(tf.image.resize(np.random.default_rng(0).random((n, 5, 5, 3), "float32"), (20, 14), "bicubic"))


EVERYTHING = {"shear_range": 10, "zoom_range": 0.2, "horizontal_flip": True, "vertical_flip": True}


@pytest.mark.parametrize("fill_mode", ["nearest", "reflect"])
def test_the_one_file_makes_the_pictures_of_the_series(fill_mode):
    ours = RandomAffine(20, 0.2, 0.1, **EVERYTHING, fill_mode=fill_mode)
    draws = ours.draw(16, (0, 1))
    theirs = random_affine.RandomAffine(fill_mode=fill_mode)
    np.testing.assert_allclose(theirs.apply(smooth(), draws), ours.apply(smooth(), draws), atol=1e-4)


def test_the_one_file_draws_in_the_same_ranges_for_each_image():
    seen = []
    layer = random_affine.RandomAffine(20, 0.2, 0.1, **EVERYTHING)
    layer.apply = lambda images, draws: seen.append(np.asarray(draws)) or images
    layer(np.zeros((2000, 4, 4, 1), "float32"))
    ours = np.asarray(RandomAffine(20, 0.2, 0.1, **EVERYTHING).draw(2000, (0, 1)))
    for summary in (np.min, np.max, np.mean):
        off = summary(seen[0], axis=0) - summary(ours, axis=0)
        assert (np.abs(off) < 0.05 * np.ptp(ours, axis=0)).all()
    assert len(np.unique(seen[0], axis=0)) == 2000


def test_the_one_file_augments_in_training_and_in_a_map_and_can_be_saved(tmp_path):
    layer = random_affine.RandomAffine(20, 0.2, 0.1, **EVERYTHING, seed=0)
    assert moves(single(smooth()).batch(5).map(lambda x, y: (layer(x, training=True), y)))
    assert moves(single(smooth()).map(lambda x, y: (layer(x, training=True), y)))  # single pictures
    model = keras.Sequential([keras.Input((20, 14, 3)), layer])
    assert same(model.predict(smooth(), verbose=0), smooth())
    model.save(tmp_path / "model.keras")
    assert keras.saving.load_model(tmp_path / "model.keras").layers[0].get_config() == layer.get_config()


def test_the_one_file_works_alone_in_an_empty_folder(tmp_path):
    names = {Path(link).name for link in re.findall(r"\]\((snippets/\w+\.py)\)", PAGE + MIGRATION)}
    assert names == {"random_affine.py", "temperature.py"}
    shutil.copy(ROOT / "docs" / "snippets" / "random_affine.py", tmp_path)
    code = (
        KERAS["Augmented images look blurred"]
        + """
import numpy as np, random_affine
images = np.random.default_rng(0).random((4, 28, 28, 1), "float32")
assert not np.allclose(augment(images), images, atol=0.01)
print(random_affine.__file__)
"""
    )
    (tmp_path / "script.py").write_text(code, encoding="utf-8")
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout


# temperature.py


def four_times_too_sure(classes):
    logits = np.random.default_rng(0).normal(size=(400, classes)).astype("float32")
    odds = np.random.default_rng(1).gumbel(size=logits.shape)
    return 4 * logits, (logits + odds).argmax(axis=1)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_temperature_of_logits_is_that_of_their_softmax(classes):
    logits, labels = four_times_too_sure(classes)
    found = temperature.best_temperature(logits, labels)
    assert 3 < found < 5.5
    assert temperature.best_temperature(np.asarray(keras.ops.softmax(logits)), labels) == found


def test_the_temperature_is_that_of_the_lowest_cross_entropy_of_keras():
    logits, labels = four_times_too_sure(3)
    loss = {
        by: float(np.mean(keras.losses.sparse_categorical_crossentropy(labels, logits / by, from_logits=True)))
        for by in np.geomspace(0.2, 10, 100)
    }
    assert temperature.best_temperature(logits, labels) == min(loss, key=loss.get)
    assert temperature.best_temperature(logits, labels.astype("float32")) == min(loss, key=loss.get)  # as flow gives


def test_the_temperature_of_a_sigmoid_is_that_of_the_softmax_of_two():
    logits, labels = four_times_too_sure(2)
    sigmoid = 1 / (1 + np.exp(-np.diff(logits)))
    for answers, right in ((sigmoid, labels), (sigmoid[:, 0], labels), (sigmoid, labels[:, None])):
        assert temperature.best_temperature(answers, right) == temperature.best_temperature(logits, labels)


def test_what_has_no_temperature_is_refused():
    logits, labels = four_times_too_sure(2)
    one = np.diff(logits)
    for answers, right in ((one, labels), (one[:, 0], labels), (logits, np.eye(2)[labels]), (logits, labels[:9])):
        with pytest.raises(ValueError, match="one column for each class"):
            temperature.best_temperature(answers, right)


# What it says of Keras


class Listening(keras.Sequential):
    """Notes the number of each batch that it is trained on, by epoch."""

    def train_step(self, data):
        self.seen[-1].append(int(data[0][0, 0]))
        return super().train_step(data)


class Epochs(keras.callbacks.Callback):
    """Begins a list for each epoch, and stops a run that goes on."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.seen.append([])

    def on_train_batch_end(self, batch, logs=None):
        if batch >= 50:
            raise RuntimeError("this epoch does not end")


def fitted(batches, **options):
    model = Listening([keras.Input((1,)), keras.layers.Dense(1)])
    model.seen = []
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(batches, verbose=0, callbacks=[Epochs()], **options)
    return model.seen


def ten_batches():
    for number in range(10):
        yield np.full((4, 1), number, "float32"), np.zeros((4, 1), "float32")


def endless():
    while True:
        yield from ten_batches()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_generator_that_stops_gives_later_epochs_two_batches():
    assert fitted(ten_batches(), epochs=4) == [[*range(10)], [0, 1], [0, 1], [0, 1]]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_endless_generator_needs_the_formula():
    assert fitted(endless(), epochs=3, steps_per_epoch=math.ceil(38 / 4)) == [[*range(10)]] * 3
    with pytest.raises(RuntimeError, match="does not end"):
        fitted(endless(), epochs=3)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_finite_data_set_and_flow_need_none():
    numbers = np.arange(10, dtype="float32").repeat(4)[:, None]
    data = tf.data.Dataset.from_tensor_slices((numbers, 0 * numbers)).batch(4)
    assert fitted(data, epochs=3) == [[*range(10)]] * 3
    flow = ImageDataGenerator().flow(pictures(), np.arange(16), batch_size=4)
    assert [len(flow), *{len(x) for x, _ in (flow[0], flow[3])}] == [4, 4]


def prepared(network, images):
    return getattr(keras.applications, network).preprocess_input(images.copy())


def test_preprocess_input_wants_0_to_255_and_no_rescale():
    black_and_white = np.stack([np.zeros((8, 8, 3)), np.full((8, 8, 3), 255)]).astype("float32")
    mobile = prepared("mobilenet_v2", black_and_white)
    assert np.ptp(mobile) == 2 and mobile.min() == -1
    red = np.zeros((1, 8, 8, 3), "float32") + [255, 0, 0]
    for network in ("resnet50", "vgg16"):
        blue_first = prepared(network, red)[0, 0, 0]
        np.testing.assert_allclose(blue_first, [0 - 103.939, 0 - 116.779, 255 - 123.68], atol=1e-3)
    np.testing.assert_array_equal(prepared("efficientnet", black_and_white), black_and_white)
    for network in ("mobilenet_v2", "resnet50", "vgg16"):  # with both, all pictures look nearly the same
        both = prepared(network, black_and_white / 255)
        assert np.abs(both[1] - both[0]).max() < 0.01 * np.abs(np.subtract(*prepared(network, black_and_white))).max()


@pytest.mark.parametrize(("name", "rescales"), [("EfficientNetB0", True), ("MobileNetV2", False), ("ResNet50", False)])
def test_of_these_networks_only_efficientnet_rescales_inside(name, rescales):
    model = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(32, 32, 3))
    inside = [layer for layer in model.layers if isinstance(layer, keras.layers.Rescaling)]
    assert bool(inside) == rescales


def test_random_rotation_of_a_fifth_turns_by_up_to_72_degrees():
    assert 360 * layers.RandomRotation(0.2).factor[1] == 72


def test_flow_overwrites_its_own_files(tmp_path):
    np.random.seed(0)
    flow = ImageDataGenerator().flow(pictures(1, 4), batch_size=1, save_to_dir=tmp_path)
    for _ in range(400):
        next(flow)
    assert 380 < len(list(tmp_path.iterdir())) < 400


def test_a_pass_of_flow_ends_in_a_short_batch(tmp_path):
    flow = ImageDataGenerator().flow(pictures(100, 4), batch_size=32, save_to_dir=tmp_path)
    made = [len(next(flow)) for _ in range(len(flow))]
    assert made == [32, 32, 32, 4] and len(list(tmp_path.iterdir())) == 100
    passes, batches = divmod(313, 4)
    assert f"about {round(100 * passes + 32 * batches, -2):,} in 313" in PAGE


def test_the_labels_of_a_shuffled_set_fit_the_answers_of_the_same_pass():
    code = re.search(r"`(pairs = .+?)`", ANSWERS["evaluate is good, but predict is bad. Which class is 0?"])[1]
    x = np.arange(64, dtype="float32")[:, None]
    validation = single(x).shuffle(64).batch(8)
    model = keras.Sequential([keras.Input((1,)), layers.Rescaling(2)])
    names = {"model": model, "validation": validation}
    exec(code, names)
    labels, answers = map(np.concatenate, zip(*names["pairs"], strict=True))
    np.testing.assert_array_equal(answers[:, 0], 2 * labels)
    separately = np.concatenate([y for _, y in validation])
    assert (model.predict(validation, verbose=0)[:, 0] != 2 * separately).any()


def test_keras_3_prints_nothing_of_a_while_loop(capfd):
    layer = layers.RandomRotation(0.1)
    list(single(pictures()).map(lambda x, y: (layer(x, training=True), y)))
    assert "while_loop" not in "".join(capfd.readouterr())
