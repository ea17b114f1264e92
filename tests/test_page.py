"""The page that trains in the browser: its network against Keras, its augmenter and its schedules against helpers."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path

import keras
import numpy as np
import page_garments
import pandas as pd
import pytest

from helpers import methods, stats
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model
from helpers.policies import POLICIES, named_policy
from node import PAGE, run_in_node

ROOT = Path(__file__).resolve().parent.parent
PAGE_TEXT = (ROOT / "docs" / "explorer.md").read_text(encoding="utf-8")
TASK = """
const [images, labels, fresh, freshLabels] = given.data.map(floats);
const task = { seed: 7, strength: 1, images, labels, fresh, freshLabels };
"""


@pytest.fixture(scope="module")
def garments():
    return subset(load_garments(), 64, 3)


def run(script, data, **given):
    """A script with the ``task`` of these garments, and with some of their validation images as new ones."""
    parts = [data.x_train, data.y_train, data.x_val[:100], data.y_val[:100]]
    return run_in_node(TASK + script, data=parts, **given)


def like(values, network):
    """The page's one array of weights as Keras has them."""
    shapes = [part.shape for part in network.get_weights()]
    ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(np.split(np.float32(values), ends), shapes, strict=True)]


def test_a_seed_fixes_the_first_weights_which_all_methods_share_and_are_drawn_as_by_keras(garments):
    script = """
    const first = (method, seed) => Array.from(training.start({ ...task, method, seed }).model.weights);
    return [first("none", 7), first("copies-1", 7), first("none", 8)];
    """
    one, shared, other = run(script, garments)
    network = small_model(seed=0)
    for expected, drawn in zip(network.get_weights(), like(one, network), strict=True):
        assert np.abs(drawn).max() == pytest.approx(np.abs(expected).max(), rel=0.02)
        assert np.std(drawn) == pytest.approx(np.std(expected), rel=0.15, abs=1e-12)
    assert one == shared and (np.array(one) != np.array(other))[np.array(one) != 0].all()


CHANGES = ("rotation", "shiftX", "shiftY", "shear", "zoomX", "zoomY", "mirror", "upside down")  # as in PARAMETERS


def test_pictures_are_those_of_random_affine(garments):
    drawn = RandomAffine(90, 0.6, 0.6, zoom_range=(0.5, 2), horizontal_flip=True, seed=0).draw(64, (1, 2)).numpy()
    expected = RandomAffine().apply(garments.x_train, drawn).numpy()
    script = """
    const target = new Float32Array(images.length);
    given.changes.forEach((change, i) => augment.apply(images, i, change, target, i));
    return Array.from(target);
    """
    found = run(script, garments, changes=[dict(zip(CHANGES, row, strict=True)) for row in drawn.tolist()])
    np.testing.assert_allclose(np.reshape(found, expected.shape), expected, atol=1e-5)


def test_draws_fill_the_ranges_of_the_mild_policy_as_far_as_its_strength():
    mild = POLICIES["mild"]
    draws = """
    const of = (i) => schedule.drawOf(Math.floor(i / 1000), Math.floor(i / 40) % 25, i % 40); // seed, image, version
    return Array.from({ length: 2000 }, (_, i) => augment.draw(of(i), given.strength));
    """
    ranges = {"rotation": (0, mild["rotation_range"]), "shiftX": (0, mild["width_shift_range"]),
              "shiftY": (0, mild["height_shift_range"]), "zoomX": (1, mild["zoom_range"]),
              "zoomY": (1, mild["zoom_range"])}  # fmt: skip
    for strength in (1, 2):
        drawn = pd.DataFrame(run_in_node(draws, strength=strength)).astype(float)
        for name, (middle, reach) in ranges.items():
            off = (drawn[name] - middle) / (strength * reach)
            assert np.abs(off).max() <= 1 and np.ptp(off) > 1.98 and abs(off.mean()) < 0.1
        assert 0.45 < drawn["mirror"].mean() < 0.55
        assert np.abs(drawn.corr() - np.eye(6)).to_numpy().max() < 0.1


@pytest.mark.parametrize("method", ["none", "copies-4", "originals+2", "live", "live-1/2"])
def test_versions_are_those_of_the_arms(method):
    n, epochs = 32, 20
    plan = methods.schedule(method, n, epochs, 4)
    starts = np.zeros(n, int)
    if method.startswith("originals"):
        starts[plan.source[0]] = plan.version[0]
    chances = np.where(plan.version > 0, 0.0, 0.99)  # what the draws of live-1/2 came to
    found = run_in_node(
        """
        const rules = schedule.parse(given.method);
        const { starts, chances } = given;
        return given.sources.map((row, e) => row.map((i, b) => schedule.version(rules, e, starts[i], chances[e][b])));
        """,
        method=method, sources=plan.source, starts=starts, chances=chances,
    )  # fmt: skip
    np.testing.assert_array_equal(found, plan.version)


def test_an_epoch_has_every_image_once_in_an_order_that_all_methods_share():
    found = run_in_node(
        """
        const all = (method, seed) => [0, 1, 2, 3].map((epoch) => schedule.epochOf(method, 512, epoch, seed));
        const [none, half, originals] = ["none", "live-1/2", "originals+2"].map((method) => all(method, 1));
        const three = Array.from({ length: 6000 }, (_, i) => random.permutation(3, random.stream(i)));
        return { none, half, originals, other: all("none", 2), three };
        """
    )
    orders = {name: [epoch["sources"] for epoch in found[name]] for name in ("none", "half", "originals", "other")}
    assert orders["none"] == orders["half"] == orders["originals"]
    # Every order of three is as likely; a shuffle that leaves nothing in its place has two of them.
    counts = np.unique(found["three"], axis=0, return_counts=True)[1]
    assert len(counts) == 6 and 900 < counts.min() <= counts.max() < 1100
    different = {tuple(order) for order in orders["none"] + orders["other"]}
    assert len(different) == 8 and all(sorted(order) == list(range(512)) for order in different)
    for half, originals in zip(found["half"], found["originals"], strict=True):
        assert 0.4 < np.mean(np.array(half["versions"]) > 0) < 0.6
        assert sorted(np.bincount(originals["versions"])) == [170, 171, 171]


@pytest.mark.trained
def test_a_run_trains_on_the_batches_of_its_order_and_is_evaluated_as_keras_does(garments):
    found = run(
        """
        const run = training.start({ ...task, method: "live" });
        const first = Array.from(run.model.weights);
        for (let i = 0; i < 10; i++) run.update();
        const shown = new Float32Array(5 * images.length);
        const epochs = [0, 1, 2, 3, 4].map((epoch) => schedule.epochOf("live", 64, epoch, 7));
        epochs.forEach(({ sources, versions }, e) => sources.forEach((source, i) =>
          training.picture(images, source, versions[i], 7, 1, shown, 64 * e + i)));
        return { first, sources: epochs.map((epoch) => epoch.sources), shown: Array.from(shown), scores: run.scores(),
          fresh: run.freshScore(), weights: Array.from(run.model.weights), answers: given.nudges.map(run.answers) };
        """,
        garments,
        nudges=[{}, {"mirror": True, "right": 2}, {"down": -3}, {"turn": 90}],
    )
    network = small_model()
    network.set_weights(like(found["first"], network))
    network.compile(keras.optimizers.Adam(), "binary_crossentropy")
    shown, labels = np.reshape(np.float32(found["shown"]), (10, 32, 28, 28, 1)), garments.y_train[found["sources"]]
    for batch in zip(shown, labels.reshape(10, 32), strict=True):
        network.train_on_batch(*batch)
    for trained, expected in zip(like(found["weights"], network), network.get_weights(), strict=True):
        assert np.abs(trained - expected).mean() < 2e-5  # 1e-7; with a gradient in a neighbouring row 1e-4 to 1e-3
    own = stats.log_loss(network.predict(garments.x_train, verbose=0)[:, 0], garments.y_train)
    assert found["scores"]["own"]["loss"] == pytest.approx(own, rel=4e-4)
    # Evaluated with the page's own weights.
    network.set_weights(like(found["weights"], network))
    fresh, fresh_labels = garments.x_val[:100], garments.y_val[:100]
    sets = {"shown": (shown[8:].reshape(64, 28, 28, 1), labels[4]), "own": (garments.x_train, garments.y_train),
            "fresh": (fresh, fresh_labels)}  # fmt: skip
    for name, (images, answers) in sets.items():
        p = network.predict(images, verbose=0)[:, 0]
        # Forward passes in float32 differ by 1e-7, so one answer may lie on either side of a half.
        assert found["scores"][name]["accuracy"] == pytest.approx(np.mean((p > 0.5) == answers), abs=1.01 / len(p))
        assert found["scores"][name]["loss"] == pytest.approx(stats.log_loss(p, answers), rel=1e-5)
    assert found["fresh"] == found["scores"]["fresh"]
    mirrored, up = fresh[:, :, ::-1], np.concatenate([fresh[:, 3:], fresh[:, [-1] * 3]], axis=1)
    right = np.concatenate([mirrored[:, :, [0] * 2], mirrored[:, :, :-2]], axis=2)
    for said, nudged in zip(found["answers"], (fresh, right, up, np.rot90(fresh, -1, (1, 2))), strict=True):
        np.testing.assert_allclose(said, network.predict(nudged, verbose=0)[:, 0], atol=1e-5)


def test_accuracy_on_new_garments_is_the_mean_of_five_late_evaluations(garments):
    found = run(
        """
        const ended = training.start({ ...task, method: "live" }).train(50, () => {});
        const here = training.start({ ...task, method: "live" });
        const late = [];
        for (let update = 1; update <= 50; update++) {
          here.update();
          if (update > 45) late.push(here.freshScore().accuracy);
        }
        return { ended: ended.fresh.accuracy, late };
        """,
        garments,
    )
    assert len(set(found["late"])) > 1
    assert found["ended"] == pytest.approx(np.mean(found["late"]))


def test_a_worker_trains_its_task_and_answers_as_its_network_does(garments):
    found = run(
        """
        const heard = [], self = {}, postMessage = (message) => heard.push(message);
        eval(`(${workerMain})`)(); // here, so that it finds these in place of a worker's
        const own = { ...task, method: "copies-1", updates: 4 };
        self.onmessage({ data: { task: own } });
        self.onmessage({ data: { nudge: { right: 2 } } });
        const here = training.start(own);
        const scores = here.train(4, () => {});
        const [answers, mirrored, nudged] = [{}, { mirror: true }, { right: 2 }].map(here.answers);
        const said = heard.filter((message) => !("update" in message));
        return { said, expected: [{ scores, answers, mirrored }, { nudged }] };
        """,
        garments,
    )
    assert found["said"] == found["expected"]
    assert found["said"][0]["answers"] != found["said"][0]["mirrored"] != found["said"][1]["nudged"]


def test_networks_of_one_run_share_seed_and_garments_and_another_seed_has_others():
    found = run_in_node(
        """
        const garments = { images: given.images, labels: given.labels, fresh: [9], freshLabels: [1] };
        const of = (method, seed) => options.task({ ...options.FIRST, n: 32, strength: 2, seed }, method, garments);
        return [of("none", 1), of("live", 1), of("live", 2), of("live", 17)];
        """,
        images=list(range(1024)), labels=[i % 7 for i in range(512)],
    )  # fmt: skip
    for task, method, seed, first in zip(found, ("none", *["live"] * 3), (1, 1, 2, 17), (0, 0, 32, 0), strict=True):
        own = {"images": list(range(2 * first, 2 * first + 64)), "labels": [i % 7 for i in range(first, first + 32)]}
        common = {"strength": 2, "updates": 1000, "fresh": [9], "freshLabels": [1]}
        assert task == {"method": method, "seed": seed, **own, **common}


# What must be in a sentence; nothing at all is "".
SAYS = {
    "words.verdict('copies-1', own(1, 0.88, 0.96))": ("You guessed it.", "1 copy is worst."),
    "words.verdict('copies-1', own(0.828, 0.83, 0.86))": ("may be right", "No augmentation or 1 copy", "2 points"),
    "words.verdict('none', own(1, 0.9, 0.919))": ("You guessed no augmentation.", "1 copy or live is worst"),
    "words.verdict('live', own(0.819, 0.8, 0.8))": ("Too close to call", "all three lie within 2 points"),
    "words.learned('copies-1', scored(1, 0.88))": ("better than their originals",),
    "words.learned('copies-1', scored(1, 0.99))": "",
    "words.learned('live', scored(0.93, 0.96))": ("never shown an original",),
    "words.learned('live', scored(0.99, 0.9))": "",
    "words.least({ none: 0.25, live: 0.09, 'copies-1': 0.29 })": ("Live changes",),
    "words.least({ none: 0.12, live: 0.09, 'copies-1': 0.29 })": ("too close to call",),
    "words.answer(0.04)": ("pullover", "96 %"),
    "words.nudged({ mirror: true, right: -1.5, turn: -5 })": ("mirrored, moved 1.5 pixels to the left", "5° anticlock"),
    "words.opening(options.FIRST)": ("128 garments", "250 times"),
}


def test_it_says_what_the_numbers_say_and_no_more():
    found = run_in_node(
        """
        const all = (accuracy) => ({ own: { accuracy }, fresh: { accuracy } });
        const own = (none, one, live) => ({ none: all(none), "copies-1": all(one), live: all(live) });
        const scored = (shown, own) => ({ shown: { accuracy: shown }, own: { accuracy: own } });
        return given.asked.map((expression) => eval(expression));
        """,
        asked=list(SAYS),
    )
    for (asked, said), text in zip(SAYS.items(), found, strict=True):
        assert all(part in text.replace("\u00a0", " ") for part in said) and bool(said) == bool(text), (asked, text)
    assert found[-1] in PAGE_TEXT  # what is there without JavaScript


def test_the_lines_of_keras_train_both_networks_as_the_page_does():
    code = html.unescape(re.search(r"<pre.*?>(.+?)</pre>", PAGE_TEXT, re.DOTALL)[1])
    assert "epochs=250" in code  # 1,000 updates of 32
    found = {}
    exec(code.replace("epochs=250", "epochs=1"), found)
    assert found["augment"].get_config() | {"name": ""} == named_policy("mild").get_config() | {"name": ""}
    for network in (found["one_copy"], found["live"]):
        assert network.count_params() == 5729 and network.optimizer.iterations == 4
    assert found["augment"] in found["live"].layers


def test_a_link_carries_settings_guess_and_result_and_what_there_is_not_is_ignored():
    odd = [
        "#seed=0&n=100000&updates=1e9&strength=-4&guess=<b>&none=<b>&live=NaN",
        "#seed=1.5&n=12&updates=&guess=constructor&copies-99=4&toString=1&live=-3",
    ]
    found = run_in_node(
        """
        const settings = { ...options.FIRST, seed: 77, n: 256, strength: 2, updates: 500, guess: "live" };
        const link = options.read(options.write(settings, given.results));
        return { link, sent: options.sent(link), none: options.read("#where-it-comes-from"), first: options.FIRST,
          odd: given.odd.map(options.read) };
        """,
        results={method: {"own": {"accuracy": got}} for method, got in (("none", 1), ("live", 0.962))}, odd=odd,
    )  # fmt: skip
    first = found["first"]
    assert found["link"]["settings"] == first | {"seed": 77, "n": 256, "strength": 2, "updates": 500}
    sent = found["sent"].replace("\u00a0", " ")
    assert "guessed live" in sent and "no augmentation 100.0 %" in sent and "live 96.2 %" in sent
    assert found["none"] is None
    expected = [first | {"methods": ["none", "live"]}, first]
    assert found["odd"] == [{"settings": settings, "results": {}, "guess": None} for settings in expected]


# In place of the browser's: a canvas keeps the pictures that were drawn on it, by their place.
CANVAS = """
const element = () => ({ setAttribute() {}, append() {}, addEventListener() {}, replaceChildren() {} });
const ImageData = class { constructor(side) { this.data = new Uint8ClampedArray(4 * side * side); } };
const canvas = () => {
  const drawn = {};
  const context = {
    putImageData(small) { drawn.picture = [...small.data].filter((_, i) => i % 4 === 0); },
    drawImage(source, left) { drawn[left] = source.drawn.picture; },
  };
  return { ...element(), drawn, getContext: () => context };
};
const document = { createElement: (tag) => (tag === "canvas" ? canvas() : element()) };
"""


def test_a_film_moves_on_by_one_picture_an_epoch_and_only_live_has_new_ones(garments):
    films = run(
        CANVAS + """
        const canvases = [], made = document.createElement;
        document.createElement = (tag) => { const one = made(tag); if (one.drawn) canvases.push(one); return one; };
        const { film } = eval(`(${filmTools})`)(augment, schedule, training, words);
        return ["none", "copies-1", "live"].map((method) => {
          canvases.length = 0;
          const { show } = film(method, images, 5, 1);
          return [8, 9].map((epoch) => { show(epoch); return { ...canvases[0].drawn }; });
        });
        """,
        garments,
    )
    for method, shown in zip(("none", "copies-1", "live"), films, strict=True):
        now, next_epoch = ([film[left] for left in sorted(film, key=int)] for film in shown)
        assert len(now) == 8 and now[1:] == next_epoch[:-1], method
        assert len(np.unique(now, axis=0)) == (8 if method == "live" else 1), method
        original = np.round(255 * garments.x_train[5]).ravel().astype(int).tolist()
        assert (now[0] == original) == (method == "none")


def test_answers_to_a_nudged_garment_stand_beside_those_to_the_garment_as_it_is():
    found = run_in_node(
        CANVAS + """
        const parts = {}, make = (tag, attributes, ...inside) => ({ ...element(), ...attributes, inside });
        const keep = { width: 56, replaceChildren(...rows) { this.rows = rows; } };
        const part = (name) => (parts[name] ??= { ...element(), ...keep });
        const asked = [], send = (message) => asked.push(message), film = { colourOf: String, paint() {} };
        const network = (method, answers, mirrored) => ({ method, answers, mirrored, send });
        const networks = [network("none", [0.9, 0.1, 0.2, 0.3], [0.9, 0.1, 0.8, 0.3]),
                          network("live", [0.9, 0.1, 0.2, 0.3], [0.9, 0.1, 0.2, 0.3])];
        const nudge = nudgeTools(part, make, augment, words, film);
        nudge.start({ fresh: new Float32Array(4 * 784), freshLabels: [1, 0, 0, 0] }, networks);
        nudge.answered(networks[0], [0.1, 0.1, 0.8, 0.3]);
        nudge.answered(networks[1], [0.9, 0.1, 0.2, 0.9]);
        const text = (node) => (node.inside ? node.inside.map(text).join("|") : node);
        const rows = parts.answers.rows[1].inside;
        const marked = rows.map(({ inside }) => inside.findIndex((cell) => cell.class === "turned"));
        return { asked, rows: rows.map(text), marked, least: parts.turned.textContent };
        """
    )
    assert found["asked"] == [{"nudge": {"right": 0, "down": 0, "turn": 0, "mirror": True}}] * 2
    rows = [re.sub(r"\s", " ", row) for row in found["rows"]]
    # The pullover in front is the one whose mirror image divides the networks.
    assert rows == ["no augmentation|pullover 80 %|coat 80 %|50.0 %", "live|pullover 80 %|pullover 80 %|25.0 %"]
    assert found["marked"] == [2, -1] and found["least"] == "Live changes its mind least."


VISIT = """
const parts = {}, tasks = [], charts = [], form = { n: "128", strength: "1", updates: "1000", seed: "7" };
const element = () => ({
  heard: {}, style: {}, append() {}, replaceChildren() {}, scrollIntoView() {},
  addEventListener(name, listen) { this.heard[name] = listen; },
  setAttribute(name, value) { if (name === "id") parts[value] = this; },
});
const document = { getElementById: (id) => (parts[id] ??= element()), createElement: element };
const window = { pageGarments: { images: "", labels: "01", fresh: "", freshLabels: "" } };
const location = { hash: "#seed=7", href: "", protocol: "" }, matchMedia = () => ({}), setInterval = () => {};
const FormData = class { get(name) { return form[name]; } getAll() { return ["none", "live"]; } };
const MutationObserver = class { observe() {} }, ResizeObserver = MutationObserver;
const filmTools = () => ({ film: () => ({ figure: element(), show() {} }), colourOf: String, FRAMES: 8 });
const chartTools = () => ({ show: (chart) => charts.push(chart) }), nudgeTools = () => ({ start() {} });
const startWorker = (task, listen) => (tasks.push({ ...task, listen }), { stop() {} });
eval(given.view);
const choose = (values) => { Object.assign(form, values); parts["page-settings"].heard.change(); };
const scores = Object.fromEntries(["shown", "own", "fresh"].map((name) => [name, { accuracy: 0.9 }]));
const end = () => tasks.forEach(({ listen }) => listen({ scores }));
const train = () => {
  parts["page-guess-live"].heard.change();
  parts["page-guess"].heard.submit({ preventDefault() {} });
  return [tasks.at(-1).seed, charts.at(-1).past.length];
};
"""


def test_runs_of_other_settings_leave_the_chart_and_a_seed_is_the_next_one_or_the_one_that_is_typed():
    found = run_in_node(
        VISIT + """
        choose({});
        const seen = [train()];
        end();
        seen.push(train());
        choose({ seed: "42" });
        end();
        seen.push(train());
        end();
        choose({ n: "512" });
        seen.push(train());
        end();
        return [...seen, train()];
        """,
        view=(PAGE / "view.js").read_text(encoding="utf-8"),
    )  # fmt: skip
    assert found == [[7, 0], [8, 2], [42, 4], [42, 0], [43, 2]]


def test_garments_are_those_of_the_course_and_the_new_ones_are_in_no_training():
    content = json.loads(page_garments.script().removeprefix("window.pageGarments = ").removesuffix(";\n"))
    data = subset(load_garments(), 512)
    for images, labels, expected, classes in (
        ("images", "labels", data.x_train, data.y_train), ("fresh", "freshLabels", data.x_val[:500], data.y_val[:500]),
    ):  # fmt: skip
        found = np.frombuffer(base64.b64decode(content[images]), np.uint8).reshape(-1, 28, 28, 1)
        np.testing.assert_allclose(found / 255, expected, atol=1e-6)
        assert [int(digit) for digit in content[labels]] == classes.tolist()
