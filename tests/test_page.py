"""The page that trains in the browser: its network against Keras, its augmenter and its schedules against helpers."""

from __future__ import annotations

import base64
import html
import json
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from helpers import arms, stats
from helpers.augment import IDENTITY, PARAMETERS, POLICIES, RandomAffine, named_policy
from helpers.data import load_garments, subset
from helpers.model import small_model
from helpers.tables import FOLDER, read_results
from node import PAGE, run_in_node

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import page_garments  # noqa: E402

STATIC = ROOT / "docs" / "_static"
PAGE_TEXT = (ROOT / "docs" / "explorer.md").read_text(encoding="utf-8")
PARTS = ("kernel", "bias", "dense", "last")  # of the network's weights, in the order of Keras and of the page


@pytest.fixture(scope="module")
def garments():
    return subset(load_garments(), 64, 3)


def flat(weights):
    return np.concatenate([np.ravel(part) for part in weights])


def like(values, network):
    """The page's one array of weights as Keras has them."""
    shapes = [part.shape for part in network.get_weights()]
    ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(np.float32(values), ends), shapes, strict=True)]


# The network and its optimiser


@pytest.mark.trained
def test_updates_of_adam_are_those_of_keras(garments):
    """Each of fifty, taken from Keras's weights, and fifty that the page takes on its own."""
    network = small_model(seed=5)
    optimiser, loss_of = keras.optimizers.Adam(), keras.losses.BinaryCrossentropy()
    rows = np.random.default_rng(0).permuted(np.tile(np.arange(64), (50, 1)), axis=1)[:, :32]
    weights, expected = [flat(network.get_weights())], []
    for row in rows:
        with tf.GradientTape() as tape:
            loss = loss_of(garments.y_train[row, None], network(garments.x_train[row]))
        optimiser.apply(tape.gradient(loss, network.trainable_weights), network.trainable_weights)
        expected.append(float(loss))
        weights.append(flat(network.get_weights()))
    found = run_in_node(
        """
        const norm = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]));
        const [led, free] = [0, 1].map(() => network.trainer(floats(given.weights[0])));
        return given.batches.map(([images, labels], i) => {
          const [before, after] = [given.weights[i], given.weights[i + 1]];
          led.weights.set(before);
          const batch = [floats(images), floats(labels)];
          const losses = { led: led.update(...batch), free: free.update(...batch) };
          return { ...losses, off: norm(after, led.weights) / norm(after, before) };
        });
        """,
        weights=weights, batches=[[garments.x_train[row], garments.y_train[row]] for row in rows],
    )  # fmt: skip
    led, off, free = (np.array([update[name] for update in found]) for name in ("led", "off", "free"))
    # One step differs by float32 sums (losses 2e-7, ways 1e-5). Adam divides by small numbers, so that on its own the
    # page parts from Keras slowly: 1e-6 after ten steps, 1e-4 after fifty.
    np.testing.assert_allclose(led, expected, rtol=1e-5)
    # Where rounding turns one ReLU or one maximum (seen with four threads), a step is 1.1e-3 off, and Adam's moments
    # carry that on for a while: so half of the steps must be close, and none further off than twice that.
    assert np.median(off) < 1e-4 and off.max() < 2.2e-3
    np.testing.assert_allclose(free[:10], expected[:10], rtol=1e-4)
    np.testing.assert_allclose(free[-1], expected[-1], rtol=1e-3)


@pytest.fixture(scope="module")
def gradients():
    """Those of a batch by Keras and by the page: noise, in which no two of four neighbours are equal."""
    rng = np.random.default_rng(1)
    images, labels = rng.random((32, 28, 28, 1), np.float32), np.arange(32) % 2
    network = small_model(seed=2)
    with tf.GradientTape() as tape:
        loss = keras.losses.BinaryCrossentropy()(labels[:, None], network(images))
    expected = [part.numpy() for part in tape.gradient(loss, network.trainable_weights)]
    found = run_in_node(
        """
        const gradient = new Float64Array(network.SIZE);
        const [weights, images, labels] = [given.weights, given.images, given.labels].map(floats);
        network.lossAndGradient(weights, images, labels, network.memory(), gradient);
        return Array.from(gradient);
        """,
        weights=flat(network.get_weights()), images=images, labels=labels,
    )  # fmt: skip
    return dict(zip(PARTS, zip(expected, like(found, network), strict=True), strict=True))


@pytest.mark.trained
@pytest.mark.parametrize("part", PARTS)
def test_the_gradient_of_each_part_is_that_of_keras(gradients, part):
    expected, found = gradients[part]  # sums of float32 in another order: up to 1e-6 of the largest
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


def test_initial_weights_are_drawn_as_by_keras():
    network = small_model(seed=0)
    found = run_in_node("return Array.from(network.initialWeights(random.stream(1, 0)));")
    for expected, drawn in zip(network.get_weights(), like(found, network), strict=True):
        assert np.abs(drawn).max() == pytest.approx(np.abs(expected).max(), rel=0.02)
        assert np.std(drawn) == pytest.approx(np.std(expected), rel=0.15, abs=1e-12)
    assert found != run_in_node("return Array.from(network.initialWeights(random.stream(2, 0)));")


# The augmenter


def as_changes(parameters):
    names = {"rotation": "rotation", "shift_width": "shiftX", "shift_height": "shiftY", "zoom_width": "zoomX",
             "zoom_height": "zoomY", "flip_horizontal": "mirror"}  # fmt: skip
    columns = {page: parameters[:, PARAMETERS.index(name)] for name, page in names.items()}
    return [{page: float(column[i]) for page, column in columns.items()} for i in range(len(parameters))]


def at_the_edges():
    changes = (
        {}, {"flip_horizontal": 1}, {"shift_width": 2 / 28}, {"shift_height": -1 / 28}, {"shift_width": -0.6},
        {"shift_width": 1, "shift_height": 1}, {"rotation": 45}, {"rotation": -90}, {"zoom_width": 2, "zoom_height": 2},
        {"zoom_width": 0.5, "flip_horizontal": 1, "rotation": 15, "shift_height": 0.3},
    )  # fmt: skip
    rows = np.tile(IDENTITY, (len(changes), 1))
    for row, change in zip(rows, changes, strict=True):
        for name, value in change.items():
            row[PARAMETERS.index(name)] = value
    return rows


@pytest.mark.parametrize("parameters", ["mild", "wide without shear", "edges"])
def test_pictures_are_those_of_random_affine(garments, parameters):
    if parameters == "edges":
        drawn = at_the_edges()
    else:
        drawn = named_policy(parameters.split()[0]).draw(64, (1, 2)).numpy()
        drawn[:, PARAMETERS.index("shear")] = 0
    images = garments.x_train[: len(drawn)]
    expected = RandomAffine().apply(images, drawn).numpy()
    found = run_in_node(
        """
        const images = floats(given.images);
        const target = new Float32Array(images.length);
        given.changes.forEach((change, i) => augment.apply(images, i, change, target, i));
        return Array.from(target);
        """,
        images=images, changes=as_changes(drawn),
    )  # fmt: skip
    np.testing.assert_allclose(np.reshape(found, expected.shape), expected, atol=1e-5)


@pytest.mark.parametrize("strength", [0.5, 1, 2])
def test_draws_fill_the_ranges_of_the_mild_policy(strength):
    mild = POLICIES["mild"]
    draws = run_in_node(
        """
        const drawn = [];
        for (let i = 0; i < 2000; i++) drawn.push(augment.draw(schedule.drawOf(1, i, 1), given.strength));
        return drawn;
        """,
        strength=strength,
    )  # fmt: skip
    ranges = {"rotation": (0, mild["rotation_range"]), "shiftX": (0, mild["width_shift_range"]),
              "shiftY": (0, mild["height_shift_range"]), "zoomX": (1, mild["zoom_range"]),
              "zoomY": (1, mild["zoom_range"])}  # fmt: skip
    columns = {name: np.array([draw[name] for draw in draws]) for name in (*ranges, "mirror")}
    for name, (middle, reach) in ranges.items():
        low, high = middle - strength * reach, middle + strength * reach
        assert low <= columns[name].min() and columns[name].max() <= high
        assert np.ptp(columns[name]) > 0.99 * (high - low)
        assert columns[name].mean() == pytest.approx(middle, abs=0.1 * strength * reach)
    assert 0.45 < columns["mirror"].mean() < 0.55
    together = np.corrcoef(list(columns.values()))
    assert np.abs(together - np.eye(len(columns))).max() < 0.1


# The schedule


@pytest.mark.parametrize(
    "arm", ["none", "copies-1", "copies-2", "copies-4", "copies-16", "originals+2", "live", "live-1/2"]
)
def test_versions_are_those_of_the_arms(arm):
    n, epochs = 32, 20
    plan = arms.schedule(arm, n, epochs, 4)
    starts = np.zeros(n, int)
    if arm.startswith("originals"):
        starts[plan.source[0]] = plan.version[0]
    chances = np.where(plan.version > 0, 0.0, 0.99)  # what the draws of live-1/2 came to
    found = run_in_node(
        """
        const rules = schedule.parse(given.arm);
        const { starts, chances } = given;
        return given.sources.map((row, e) => row.map((i, b) => schedule.version(rules, e, starts[i], chances[e][b])));
        """,
        arm=arm, sources=plan.source, starts=starts, chances=chances,
    )  # fmt: skip
    np.testing.assert_array_equal(found, plan.version)


def test_an_epoch_has_every_image_once_in_an_order_that_all_methods_share():
    found = run_in_node(
        """
        const all = (arm, seed) => [0, 1, 2, 3].map((epoch) => schedule.epochOf(arm, 512, epoch, seed));
        const [none, half, originals] = ["none", "live-1/2", "originals+2"].map((arm) => all(arm, 1));
        return { none, half, originals, other: all("none", 2) };
        """
    )
    orders = {name: [epoch["sources"] for epoch in epochs] for name, epochs in found.items()}
    assert orders["none"] == orders["half"] == orders["originals"]
    different = {tuple(order) for order in orders["none"] + orders["other"]}
    assert len(different) == 8 and all(sorted(order) == list(range(512)) for order in different)
    for epoch in found["half"]:
        assert 0.4 < np.mean(np.array(epoch["versions"]) > 0) < 0.6
    for epoch in found["originals"]:
        assert np.bincount(epoch["versions"]).tolist() in ([171, 171, 170], [170, 171, 171], [171, 170, 171])


@pytest.mark.parametrize("arm", ["copies-0", "copies-", "live-2/1", "pool-4", "", "none; alert(1)"])
def test_an_unknown_method_is_an_error(arm):
    said = "try { schedule.parse(given.arm); return null; } catch (error) { return error.message; }"
    assert run_in_node(said, arm=arm) == f"unknown method {arm}"


# A run: what it is shown, and what it is evaluated on

RECORD = """
const shown = [];
const recording = { ...network, trainer: (weights) => ({ ...network.trainer(weights),
  update: (images, labels) => { shown.push([Array.from(images), Array.from(labels)]); } }) };
const [images, labels] = [floats(given.images), floats(given.labels)];
const run = trainingTools(random, augment, recording, schedule).start({
  arm: given.arm, seed: 7, strength: 1, images, labels, fresh: images, freshLabels: labels });
for (let i = 0; i < given.updates; i++) run.update();
return { shown, sources: [0, 1, 2, 3].map((epoch) => schedule.epochOf(given.arm, 64, epoch, 7).sources) };
"""


def shown_by(arm, garments):
    """Four epochs: pictures by image, (4, 64, 28, 28, 1), after the labels were compared."""
    found = run_in_node(RECORD, arm=arm, images=garments.x_train, labels=garments.y_train, updates=8)
    pictures = np.float32([images for images, _ in found["shown"]]).reshape(4, 64, 28, 28, 1)
    labels = np.array([labels for _, labels in found["shown"]]).reshape(4, 64)
    sorted_pictures = np.empty_like(pictures)
    for epoch, sources in enumerate(found["sources"]):
        np.testing.assert_array_equal(labels[epoch], garments.y_train[sources])
        sorted_pictures[epoch, sources] = pictures[epoch]
    return sorted_pictures


def test_no_augmentation_is_shown_the_originals(garments):
    np.testing.assert_array_equal(shown_by("none", garments), np.tile(garments.x_train, (4, 1, 1, 1, 1)))


def test_copies_come_again_and_live_does_not(garments):
    one, two, live = (shown_by(arm, garments) for arm in ("copies-1", "copies-2", "live"))
    assert all(np.array_equal(epoch, one[0]) for epoch in one)
    assert np.array_equal(two[0], two[2]) and np.array_equal(two[1], two[3])
    np.testing.assert_array_equal(one[0], two[0])  # the first copy is the same one,
    np.testing.assert_array_equal(live[:2], two[:2])  # and live begins with the two copies.
    pictures = [garments.x_train, *live]
    for i, first in enumerate(pictures):
        for second in pictures[:i]:
            assert (np.abs(first - second).max(axis=(1, 2, 3)) > 0.05).all()


@pytest.mark.trained
@pytest.mark.parametrize("arm", ["none", "copies-1", "live"])
def test_scores_and_nudges_are_those_of_keras_on_the_images_as_they_are(garments, arm):
    fresh = garments.x_val[:100]
    found = run_in_node(
        """
        const images = floats(given.images);
        const run = training.start({ arm: given.arm, seed: 7, strength: 1, images, labels: floats(given.labels),
          fresh: floats(given.fresh), freshLabels: floats(given.freshLabels) });
        for (let i = 0; i < 20; i++) run.update();
        const version = { none: 0, "copies-1": 1, live: 10 }[given.arm];
        const shown = new Float32Array(images.length);
        for (let i = 0; i < 64; i++) training.picture(images, i, version, 7, 1, shown, i);
        return { scores: run.scores(), fresh: run.freshScore(), weights: Array.from(run.model.weights),
          shown: Array.from(shown), nudged: run.answers({ right: 2, mirror: true }), answers: run.answers({}) };
        """,
        arm=arm, images=garments.x_train, labels=garments.y_train, fresh=fresh, freshLabels=garments.y_val[:100],
    )  # fmt: skip
    network = small_model()
    network.set_weights(like(found["weights"], network))
    shown = np.float32(found["shown"]).reshape(64, 28, 28, 1)
    sets = {"shown": (shown, garments.y_train), "own": (garments.x_train, garments.y_train),
            "fresh": (fresh, garments.y_val[:100])}  # fmt: skip
    for name, (images, labels) in sets.items():
        p = network.predict(images, verbose=0)[:, 0]
        # Forward passes in float32 differ by 1e-7, so one answer may lie on either side of a half.
        assert found["scores"][name]["accuracy"] == pytest.approx(np.mean((p > 0.5) == labels), abs=1.01 / len(p))
        assert found["scores"][name]["loss"] == pytest.approx(stats.log_loss(p, labels), rel=1e-5)
    assert found["fresh"] == found["scores"]["fresh"]
    before = network.predict(fresh, verbose=0)[:, 0]
    np.testing.assert_allclose(found["answers"], before, atol=1e-5)
    parameters = np.tile(IDENTITY, (100, 1))
    parameters[:, PARAMETERS.index("shift_width")] = 2 / 28
    parameters[:, PARAMETERS.index("flip_horizontal")] = 1
    after = network.predict(RandomAffine().apply(fresh, parameters).numpy(), verbose=0)[:, 0]
    np.testing.assert_allclose(found["nudged"], after, atol=1e-4)  # pictures differ by 1e-5


def test_a_seed_fixes_the_first_weights_which_all_methods_share_and_another_seed_has_others(garments):
    found = run_in_node(
        """
        const [images, labels] = [floats(given.images), floats(given.labels)];
        const first = (arm, seed) => Array.from(training.start({
          arm, seed, strength: 1, images, labels, fresh: images, freshLabels: labels }).model.weights);
        return [first("none", 7), first("copies-1", 7), first("none", 8)];
        """,
        images=garments.x_train, labels=garments.y_train,
    )  # fmt: skip
    kernels = np.ravel(found[2]) != 0
    assert found[0] == found[1] and (np.ravel(found[0]) != np.ravel(found[2]))[kernels].all()


def test_curve_and_table_end_at_the_mean_of_five_late_evaluations(garments):
    found = run_in_node(
        """
        const task = { arm: "live", seed: 7, strength: 1, images: floats(given.images), labels: floats(given.labels),
          fresh: floats(given.fresh), freshLabels: floats(given.freshLabels) };
        const run = training.start(task);
        const curve = [];
        const scores = run.train(100, (update, accuracy) => curve.push([update, accuracy]));
        const again = training.start(task);
        const late = [];
        for (let update = 1; update <= 100; update++) {
          again.update();
          if ([92, 94, 96, 98, 100].includes(update)) late.push(again.freshScore().accuracy);
        }
        return { scores, curve, late, last: run.scores() };
        """,
        images=garments.x_train,
        labels=garments.y_train,
        fresh=garments.x_val[:100],
        freshLabels=garments.y_val[:100],
    )
    assert [update for update, _ in found["curve"]] == [0, 25, 50, 100]
    assert found["scores"]["fresh"]["accuracy"] == found["curve"][-1][1] == pytest.approx(np.mean(found["late"]))
    assert len(set(found["late"])) > 1
    assert found["scores"]["own"] == found["last"]["own"] and found["scores"]["shown"] == found["last"]["shown"]


def test_the_worker_needs_nothing_but_its_own_text_and_says_what_failed(garments):
    found = run_in_node(
        """
        const vm = require("vm");
        globalThis.Blob = class { constructor(parts) { this.text = parts.join(""); } };
        URL.createObjectURL = (blob) => blob.text;
        globalThis.Worker = class {
          constructor(text) {
            this.self = { postMessage: (data) => this.onmessage({ data }) };
            this.self.self = this.self;
            vm.runInNewContext(`((Math) => { ${text} })(Math)`, this.self); // a global Math is slow
          }
          postMessage(data) {
            try { this.self.onmessage({ data }); }
            catch (error) { this.onerror({ message: error.message, preventDefault() {} }); }
          }
          terminate() { heard.push("stopped"); }
        };
        const task = { strength: 1, updates: 60, images: floats(given.images), labels: floats(given.labels),
          fresh: floats(given.fresh), freshLabels: floats(given.freshLabels) };
        const heard = [];
        const worker = startWorker({ ...task, arm: "live", seed: 7 }, (message) => heard.push(message));
        worker.send({ nudge: { mirror: true } });
        startWorker({ ...task, arm: "lively", seed: 7 }, (message) => heard.push(message));
        const here = training.start({ ...task, arm: "live", seed: 7 });
        return { heard, scores: here.train(60, () => {}) };
        """,
        images=garments.x_train, labels=garments.y_train, fresh=garments.x_val[:100], freshLabels=garments.y_val[:100],
    )  # fmt: skip
    *heard, end, nudged, _, stopped, failed = found["heard"]
    assert [message["update"] for message in heard] == [0, 25, 50, 60]
    assert end["scores"] == found["scores"] and set(end["scores"]) == {"shown", "own", "fresh"}
    assert len(end["answers"]) == 100 and nudged["nudged"] == end["mirrored"] != end["answers"]
    assert (stopped, failed) == ("stopped", {"failed": "unknown method lively"})


def test_networks_of_one_run_share_seed_and_garments_and_another_seed_has_others():
    found = run_in_node(
        """
        const garments = { images: given.images, labels: given.labels, fresh: [9], freshLabels: [1] };
        const of = (arm, seed) => options.task({ ...options.FIRST, n: 32, strength: 2, seed }, arm, garments);
        return [of("none", 1), of("live", 1), of("none", 2), of("none", 17)];
        """,
        images=list(range(1024)), labels=[i % 7 for i in range(512)],
    )  # fmt: skip
    expected = {"seed": 1, "arm": "none", "strength": 2, "updates": 1000, "fresh": [9], "freshLabels": [1],
                "images": list(range(64)), "labels": [i % 7 for i in range(32)]}  # fmt: skip
    first, live, second, last = found
    assert first == expected and live == expected | {"arm": "live"} and last == expected | {"seed": 17}
    assert second["seed"] == 2 and second["images"] == list(range(64, 128))
    assert second["labels"] == [i % 7 for i in range(32, 64)]


def test_a_nudge_shows_each_networks_answers_how_sure_it_is_and_the_share_that_changed():
    """The page's table of answers, on elements that keep what they are given."""
    found = run_in_node(
        """
        const parts = {};
        const element = (children) => ({
          children, style: {}, width: 28, addEventListener() {}, setAttribute() {}, append() {},
          replaceChildren(...given) { this.children = given; },
        });
        const part = (name) => (parts[name] ??= element([]));
        const make = (tag, attributes, ...children) => element(children);
        const film = { paint() {}, colourOf: (arm) => arm };
        const nudge = nudgeTools(part, make, augment, words, film);
        const garments = { fresh: new Float32Array(4 * 784), freshLabels: [1, 0, 1, 0] };
        const networks = given.networks.map((network) => ({ ...network, send() {} }));
        nudge.start(garments, networks);
        networks.forEach((network) => nudge.answered(network, network.mirrored));
        const text = (node) => typeof node === "object" ? node.children.map(text).join(" ") : String(node);
        const rows = parts.answers.children[1].children.map((row) => row.children.map(text));
        return { rows, said: parts.turned.textContent };
        """,
        networks=[
            {"arm": "none", "answers": [0.9, 0.2, 0.8, 0.9], "mirrored": [0.1, 0.98, 0.7, 0.1]},
            {"arm": "live", "answers": [0.9, 0.04, 0.8, 0.9], "mirrored": [0.9, 0.3, 0.4, 0.9]},
        ],
    )  # fmt: skip
    rows = [[cell.replace("\u00a0", " ").replace("\n", " ") for cell in row] for row in found["rows"]]
    assert rows == [
        ["no augmentation", "pullover 80 %", "coat 98 %", "75.0 %"],
        ["live", "pullover 96 %", "pullover 70 %", "25.0 %"],
    ]
    assert found["said"] == "Live changes its mind least."




# What it says


def results(**accuracies):
    """arm=(shown, own, fresh) in percent, with _ for what a name may not hold."""
    names = {"one": "copies-1", "none": "none", "live": "live"}
    return {
        names[arm]: {
            part: {"accuracy": value / 100} for part, value in zip(("shown", "own", "fresh"), values, strict=True)
        }
        for arm, values in accuracies.items()
    }


def says(expression, **given):
    """A sentence of the page, with plain spaces."""
    return run_in_node(f"return {expression};", **given).replace("\u00a0", " ")


USUAL = results(none=(100, 100, 82.4), one=(100, 88, 78.0), live=(93, 96, 84.2))


@pytest.mark.parametrize(
    ("guess", "given", "said"),
    [
        ("copies-1", results(none=(100, 100, 82), one=(100, 88, 78), live=(93, 96, 84)),
         "You guessed it. 1 copy is worst."),
        ("live", USUAL, "You guessed live. 1 copy is worst."),
        ("copies-1", results(none=(100, 100, 82.8), one=(100, 89, 83), live=(94, 95, 86)),
         "You may be right. No augmentation or 1 copy is worst: they lie within 2 points."),
        ("live", results(none=(100, 100, 82), one=(100, 89, 80.1), live=(94, 95, 82.1)),
         "You guessed live. 1 copy or no augmentation is worst: they lie within 2 points."),
        ("live", results(none=(100, 100, 81.9), one=(100, 89, 80), live=(94, 95, 80)),
         "Too close to call in one run: all three lie within 2 points."),
        ("live", results(none=(100, 100, 82), one=(100, 89, 80), live=(94, 95, 80)),
         "You may be right. 1 copy or live is worst: they lie within 2 points."),
        ("none", results(none=(100, 100, 82), live=(94, 95, 81)),
         "Too close to call in one run: both lie within 2 points."),
    ],
)  # fmt: skip
def test_the_guess_is_judged_by_the_run_and_chance_is_said_where_it_is_close(guess, given, said):
    assert says("words.verdict(given.guess, given.results)", guess=guess, results=given) == said


def test_what_was_learnt_is_said_only_where_the_numbers_say_so():
    def learned(arm, scores):
        return says("words.learned(given.arm, given.scores)", arm=arm, scores=scores[arm])

    assert learned("copies-1", USUAL).endswith("it learnt the pictures.")
    assert learned("copies-1", results(one=(100, 99, 90))) == ""
    assert learned("live", USUAL) == "Live was never shown an original, and is right about 96.0 % of them."
    assert learned("live", results(live=(99, 90, 80))) == learned("none", USUAL) == ""


def test_who_changes_least_is_said_beyond_chance():
    def least(**shares):
        return says("words.least(given.shares)", shares=shares)

    assert least(none=0.25, live=0.09, **{"copies-1": 0.29}) == "Live changes its mind least."
    assert least(none=0.04, live=0.08) == "No augmentation changes its mind least."
    assert "too close to call" in least(none=0.12, live=0.09, **{"copies-1": 0.29})
    assert least(none=0, live=0) == ""  # nothing is nudged


def test_a_nudge_is_described():
    nudges = [{}, {"mirror": True, "right": -1.5, "turn": -5}, {"right": 1, "down": 2}]
    assert run_in_node("return given.nudges.map(words.nudged);", nudges=nudges) == [
        "as it is",
        "mirrored, moved 1.5 pixels to the left and turned by 5° anticlockwise",
        "moved 1 pixel to the right and moved 2 pixels down",
    ]


def test_the_twenty_runs_are_the_stored_ones():
    curves = read_results(FOLDER / "study.csv")
    late = curves.query("dataset == 'garments' and n == 128 and rate == 'constant' and 900 < update <= 1000")
    runs = late.groupby(["arm", "replicate"])["val_accuracy"].mean().unstack("arm")[["none", "copies-1", "live"]]
    text = says("words.TWENTY_RUNS.accuracy")
    assert re.findall(r"[\d.]+(?= %)", text) == [f"{100 * value:.1f}" for value in runs.mean()]
    assert len(runs) == 20 and (runs.idxmin(axis=1) == "copies-1").sum() == 18
    assert "twenty runs" in text and "1,000 updates" in text and "worst in eighteen" in text
    limits = re.search(r"deviation of ([\d.]+) .+ ([\d.]+) with 1 copy and ([\d.]+) live", PAGE_TEXT).groups()
    assert list(limits) == [f"{100 * value:.1f}" for value in runs.std()]


def test_the_stored_mirror_is_that_of_twenty_runs():
    rows = pd.read_csv(FOLDER / "freeze-or-renew.csv")
    rows = rows.query("row == 1 and n == 128 and policy == 'mild' and draw == 'per image'")
    by_arm = rows.groupby("arm")["changed_mirror"].agg(["mean", "size"]).loc[["none", "copies-1", "live"]]
    text = says("words.TWENTY_RUNS.mirror")
    assert re.findall(r"[\d.]+(?= %)", text) == [f"{100 * value:.1f}" for value in by_arm["mean"]]
    assert set(by_arm["size"]) == {20} and (rows["updates"] == 3000).all() and "twenty runs of each with 3,000" in text


def test_the_advice_to_train_on_has_the_stored_numbers():
    curves = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 512 and rate == 'constant'")
    ahead = []
    for updates in (1000, 3000):
        late = curves.query(f"{0.9 * updates} < update <= {updates}").groupby("arm")["val_accuracy"].mean()
        ahead.append(100 * (late["live"] - late["none"]))
    said = [float(number) for number in re.findall(r"by ([\d.]+) points", says("words.TRAIN_ON"))]
    assert said == pytest.approx([-ahead[0], ahead[1]], abs=0.05)


def test_the_opening_counts_the_epochs():
    found = run_in_node("return [words.opening(options.FIRST), words.opening({ n: 512, updates: 3000 })];")
    assert "128 garments" in found[0] and "250 times" in found[0]
    assert "512 garments" in found[1] and "188 times" in found[1]
    assert found[0] in PAGE_TEXT  # what is there without JavaScript


def test_the_lines_of_keras_train_both_networks_as_the_page_does():
    code = html.unescape(re.search(r"<pre.*?>(.+?)</pre>", PAGE_TEXT, re.DOTALL)[1])
    assert "epochs=250" in code  # 1,000 updates of 32
    found = {}
    exec(code.replace("epochs=250", "epochs=1"), found)
    assert found["augment"].get_config() | {"name": ""} == named_policy("mild").get_config() | {"name": ""}
    for network in (found["one_copy"], found["live"]):
        assert network.count_params() == 5729 and network.optimizer.iterations == 4
    assert found["augment"] in found["live"].layers


# The link


def test_a_link_carries_settings_guess_and_result():
    found = run_in_node(
        """
        const settings = { ...options.FIRST, seed: 77, n: 256, strength: 2, updates: 500, guess: "live" };
        const link = options.read(options.write(settings, given.results));
        return { link, sent: options.sent(link), none: options.read("#where-it-comes-from"), first: options.FIRST };
        """,
        results=USUAL,
    )  # fmt: skip
    expected = found["first"] | {"seed": 77, "n": 256, "strength": 2, "updates": 500}
    assert found["link"]["settings"] == expected and found["none"] is None
    assert found["sent"].replace("\u00a0", " ") == (
        "The sender guessed live and got no augmentation 82.4 %, 1 copy 78.0 % and live 84.2 %."
    )


@pytest.mark.parametrize(
    "link",
    [
        "#seed=0&n=100000&updates=1e9&strength=-4&guess=<b>&none=<b>&live=NaN",
        "#seed=1.5&n=12&updates=&guess=constructor&copies-99=4&toString=1&live=-3",
        "#seed=&none=%00&__proto__=1",
    ],
)
def test_a_link_that_asks_for_what_there_is_not_gets_the_first_settings(link):
    found = run_in_node("return { ...options.read(given.link), first: options.FIRST };", link=link)
    arms_shown = found["settings"].pop("arms")
    found["first"].pop("arms")
    assert found["settings"] == found["first"] and found["guess"] is None and found["results"] == {}
    assert set(arms_shown) <= {"none", "copies-1", "live"} and len(arms_shown) >= 2


# The files


def test_garments_are_those_of_the_course_and_the_new_ones_are_in_no_training():
    content = json.loads(page_garments.script().removeprefix("window.pageGarments = ").removesuffix(";\n"))
    data = subset(load_garments(), 512)
    for images, labels, expected, classes in (
        ("images", "labels", data.x_train, data.y_train), ("fresh", "freshLabels", data.x_val[:500], data.y_val[:500]),
    ):  # fmt: skip
        found = np.frombuffer(base64.b64decode(content[images]), np.uint8).reshape(-1, 28, 28, 1)
        np.testing.assert_allclose(found / 255, expected, atol=1e-6)
        assert [int(digit) for digit in content[labels]] == classes.tolist()


def test_all_that_the_page_loads_is_below_a_megabyte_and_a_half_and_nothing_comes_from_outside():
    files = [*PAGE.iterdir(), *(STATIC / "uplot").iterdir()]
    assert len(page_garments.script()) + sum(path.stat().st_size for path in files) < 1_500_000
    for path in PAGE.iterdir():
        assert "//" not in re.sub(r"^\s*//.*|\s// .*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE), path


def test_the_book_loads_each_script_once():
    named = re.search(r"PAGE_SCRIPTS = \((.+?)\)", (ROOT / "docs" / "conf.py").read_text(encoding="utf-8"), re.DOTALL)[
        1
    ]
    assert sorted(re.findall(r'"(\w+)"', named)) == sorted(["garments", *(path.stem for path in PAGE.glob("*.js"))])


def test_the_chart_library_is_as_the_licence_says():
    version = re.search(r"uPlot \(v([\d.]+)\)", (STATIC / "uplot" / "uPlot.iife.min.js").read_text(encoding="utf-8"))[1]
    assert f"uPlot {version}" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Permission is hereby granted" in (STATIC / "uplot" / "LICENSE").read_text(encoding="utf-8")
