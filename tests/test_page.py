"""The page that trains in the browser: its network against Keras, its augmenter and its schedules against helpers."""

from __future__ import annotations

import base64
import html
import json
import re
import subprocess
from pathlib import Path

import keras
import numpy as np
import page_garments
import pytest
import trainer

from helpers.augment import MILD, RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model
from javascript import PAGE, node, run_in_node

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
    return [
        part.reshape(shape)
        for part, shape in zip(np.split(np.float32(values), ends), shapes, strict=True)
    ]


def test_a_seed_fixes_the_first_weights_which_all_methods_share_and_are_drawn_as_by_keras(garments):
    script = """
    const first = (method, seed) => Array.from(training.start({ ...task, method, seed }).model.weights);
    return [first("none", 7), first("copies-1", 7), first("none", 8)];
    """
    one, shared, other = run(script, garments)
    assert one == shared and np.mean(np.equal(one, other)) < 0.01  # biases are 0
    network = small_model(seed=0)
    for expected, drawn in zip(network.get_weights(), like(one, network), strict=True):
        assert np.abs(drawn).max() == pytest.approx(np.abs(expected).max(), rel=0.02)
        assert np.std(drawn) == pytest.approx(np.std(expected), rel=0.15, abs=1e-12)


# As in IDENTITY.
CHANGES = ("rotation", "shiftX", "shiftY", "shear", "zoomX", "zoomY", "mirror", "upside down")


@pytest.mark.parametrize(
    ("method", "versions"),
    [("none", [0, 0, 0, 0]), ("copies-2", [1, 2, 1, 2]), ("live", [1, 2, 3, 4])],
)
def test_versions_are_those_of_the_methods(method, versions):
    script = """
    const rules = schedule.parse(given.method);
    return [0, 1, 2, 3].map((e) => schedule.version(rules, e, 0, 0));
    """
    assert run_in_node(script, method=method) == versions


def test_an_epoch_has_every_image_once_in_an_order_that_all_methods_share():
    script = """
    const all = (method, seed) => [0, 1, 2, 3].map((epoch) => schedule.epochOf(method, 512, epoch, seed));
    const three = Array.from({ length: 6000 }, (_, i) => random.permutation(3, random.stream(i)));
    return [[all("none", 1), all("live-1/2", 1), all("originals+2", 1), all("none", 2)],
      [all("originals+2", 1), all("originals+2", 2)], three];
    """
    methods, clocks, three = run_in_node(script)
    none, half, originals, other = ([epoch["sources"] for epoch in epochs] for epochs in methods)
    assert none == half == originals and len(np.unique(none + other, axis=0)) == 8
    one, two = ([x for _, x in sorted(zip(*epoch.values(), strict=True))] for epoch, *_ in clocks)
    assert 0.2 < np.mean(np.equal(one, two)) < 0.5, "seeds share a start on the clock by chance"
    assert all(sorted(order) == list(range(512)) for order in none)
    # Every order of three is as likely; a shuffle that leaves nothing in its place has two of them.
    counts = np.unique(three, axis=0, return_counts=True)[1]
    assert len(counts) == 6 and 900 < counts.min() <= counts.max() < 1100
    for half, originals in zip(*methods[1:3], strict=True):
        assert 0.4 < np.mean(np.array(half["versions"]) > 0) < 0.6
        assert sorted(np.bincount(originals["versions"])) == [170, 171, 171]


def test_seed_image_and_version_each_change_a_picture_and_the_same_three_make_it_again(garments):
    script = """
    const twice = new Float32Array(2 * 784); // one garment in two places
    for (const start of [0, 784]) twice.set(images.subarray(0, 784), start);
    return given.cases.map(([source, version, seed]) => {
      const target = new Float32Array(784);
      training.picture(twice, source, version, seed, 1, target, 0);
      return Array.from(target);
    });
    """
    cases = [(0, 1, 7), (1, 1, 7), (0, 2, 7), (0, 1, 8), (0, 1, 7)]
    *pictures, again = run(script, garments, cases=cases)
    assert again == pictures[0]
    assert len(np.unique(pictures, axis=0)) == 4


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
          weights: Array.from(run.model.weights), answers: given.nudges.map(run.answers) };
        """,
        garments,
        nudges=[{}, {"mirror": True, "right": 2}, {"down": -3}, {"turn": 90}],
    )
    network = small_model()
    network.set_weights(like(found["first"], network))
    network.compile(keras.optimizers.Adam(), "binary_crossentropy")
    shown, labels = (
        np.reshape(np.float32(found["shown"]), (10, 32, 28, 28, 1)),
        garments.y_train[found["sources"]],
    )
    for batch in zip(shown, labels.reshape(10, 32), strict=True):
        network.train_on_batch(*batch)
    for trained, expected in zip(
        like(found["weights"], network), network.get_weights(), strict=True
    ):
        assert (
            np.abs(trained - expected).mean() < 2e-5
        )  # 1e-7; with a gradient in a neighbouring row 1e-4 to 1e-3
    network.set_weights(like(found["weights"], network))  # evaluated with the page's own
    own, (fresh, fresh_labels) = garments[:2], (part[:100] for part in garments[2:])
    last = shown[8:].reshape(64, 28, 28, 1), labels[4]
    sets = {"shown": last, "own": own, "fresh": (fresh, fresh_labels)}
    for name, (images, answers) in sets.items():
        p = network.predict(images, verbose=0)[:, 0]
        # Forward passes in float32 differ by 1e-7, so one answer may lie on either side of a half.
        assert found["scores"][name]["accuracy"] == pytest.approx(
            np.mean((p > 0.5) == answers), abs=1.01 / len(p)
        )
        assert found["scores"][name]["loss"] == pytest.approx(
            keras.losses.binary_crossentropy(answers, p).numpy(), rel=1e-5
        )
    mirrored, up = fresh[:, :, ::-1], np.concatenate([fresh[:, 3:], fresh[:, [-1] * 3]], axis=1)
    right = np.concatenate([mirrored[:, :, [0] * 2], mirrored[:, :, :-2]], axis=2)
    for said, nudged in zip(
        found["answers"], (fresh, right, up, np.rot90(fresh, -1, (1, 2))), strict=True
    ):
        np.testing.assert_allclose(said, network.predict(nudged, verbose=0)[:, 0], atol=1e-5)


def test_a_worker_trains_and_answers_as_its_network_does_and_tells_the_mean_of_five_late_accuracies(
    garments,
):
    said, scores, answers, late = run(
        """
        const said = [], late = [], self = {};
        const postMessage = (message) => "update" in message || said.push(message);
        eval(`(${workerMain})`)(); // here, so that it finds these in place of a worker's
        self.onmessage({ data: { task: { ...task, method: "live", updates: 50 } } });
        self.onmessage({ data: { nudge: { right: 2 } } });
        const here = training.start({ ...task, method: "live" });
        for (let update = 1; update <= 50; update++) {
          here.update();
          if (update > 45) late.push(here.freshScore().accuracy);
        }
        return [said, here.scores(), [{}, { mirror: true }, { right: 2 }].map(here.answers), late];
        """,
        garments,
    )
    assert len(set(late)) > 1 and scores["fresh"].pop("accuracy") == late[-1]
    assert said[0]["scores"]["fresh"].pop("accuracy") == pytest.approx(np.mean(late))
    assert said == [
        {"scores": scores, "answers": answers[0], "mirrored": answers[1]},
        {"nudged": answers[2]},
    ]
    assert answers[0] != answers[1] != answers[2]


def test_networks_of_one_run_share_seed_and_garments_and_another_seed_has_others():
    script = """
    const garments = { images: given.images, labels: given.labels, fresh: [9], freshLabels: [1] };
    return given.runs.map(([method, seed]) => options.task({ ...options.FIRST, n: 32, seed }, method, garments));
    """
    runs = {("none", 1): 0, ("live", 1): 0, ("live", 2): 32, ("live", 17): 0}  # its first garment
    numbers = np.arange(1024)
    found = run_in_node(script, images=numbers, labels=numbers[:512] % 7, runs=list(runs))
    for task, ((method, seed), first) in zip(found, runs.items(), strict=True):
        own = {
            "images": numbers[2 * first :][:64].tolist(),
            "labels": (numbers[first:][:32] % 7).tolist(),
        }
        common = {"strength": 1, "updates": 1000, "fresh": [9], "freshLabels": [1]}
        assert task == {"method": method, "seed": seed, **own, **common}


# What must be in a sentence; nothing at all is "".
SAYS = {
    "words.verdict('copies-1', own(1, 0.88, 0.96))": ("You guessed it.", "1 copy is worst."),
    "words.verdict('copies-1', own(0.828, 0.83, 0.86))": (
        "may be right",
        "No augmentation or 1 copy",
        "2 points",
    ),
    "words.verdict('none', own(1, 0.9, 0.919))": (
        "You guessed no augmentation.",
        "1 copy or live is worst",
    ),
    "words.verdict('live', own(0.819, 0.8, 0.8))": (
        "Too close to call",
        "all three lie within 2 points",
    ),
    "words.learned('copies-1', scored(1, 0.88))": ("better than their originals",),
    "words.learned('copies-1', scored(1, 0.99))": "",
    "words.learned('live', scored(0.93, 0.96))": ("never shown an original",),
    "words.learned('live', scored(0.99, 0.9))": "",
    "words.least({ none: 0.25, live: 0.09, 'copies-1': 0.29 })": ("Live changes",),
    "words.least({ none: 0.12, live: 0.09, 'copies-1': 0.29 })": ("too close to call",),
    "words.answer(0.04)": ("pullover", "96 %"),
    "words.nudged({ mirror: true, right: -1.5, turn: -5 })": (
        "mirrored, moved 1.5 pixels to the left",
        "5° anticlock",
    ),
    "words.opening(options.FIRST)": ("128 garments", "250 times"),
}


def test_it_says_what_the_numbers_say_and_no_more():
    script = """
    const all = (accuracy) => ({ own: { accuracy }, fresh: { accuracy } });
    const own = (none, one, live) => ({ none: all(none), "copies-1": all(one), live: all(live) });
    const scored = (shown, own) => ({ shown: { accuracy: shown }, own: { accuracy: own } });
    return given.asked.map((expression) => eval(expression));
    """
    found = run_in_node(script, asked=list(SAYS))
    for (asked, said), text in zip(SAYS.items(), found, strict=True):
        assert all(part in text.replace("\u00a0", " ") for part in said) and bool(said) == bool(
            text
        ), (asked, text)
    assert found[-1] in PAGE_TEXT  # what is there without JavaScript


def test_the_lines_of_keras_train_both_networks_as_the_page_does():
    code = html.unescape(re.search(r"<pre.*?>(.+?)</pre>", PAGE_TEXT, re.DOTALL)[1])
    assert "epochs=250" in code  # 1,000 updates of 32
    found = {}
    exec(code.replace("epochs=250", "epochs=1"), found)
    assert found["augment"].get_config() | {"name": ""} == RandomAffine(**MILD).get_config() | {
        "name": ""
    }
    for network in (found["one_copy"], found["live"]):
        assert network.count_params() == 5729 and network.optimizer.iterations == 4
    assert found["augment"] in found["live"].layers


def test_a_link_carries_settings_guess_and_result_and_what_there_is_not_is_ignored():
    own = {"n": 256, "strength": 2, "updates": 500, "seed": 77}
    script = "return btoa('constructor -3 NaN 101 <b>');"
    kept = run_in_node(script)
    odd = {
        "#seed=0&n=100000&updates=1e9&strength=-4&none=<b>&live=NaN&kept=%C3%A9": {
            "methods": ["none", "live"]
        },
        f"#seed=1.5&n=12&updates=&copies-99=4&toString=1&live=-3&kept={kept}": {},
    }
    script = """
    const results = { none: { own: { accuracy: 1 } }, live: { own: { accuracy: 0.962 } } };
    const link = options.write({ ...options.FIRST, ...given.own, guess: "live" }, results);
    const sent = [link, "#seed=3"].map((address) => options.sent(options.read(address)));
    return [options.FIRST, link, sent, [link, "#elsewhere", ...given.odd].map(options.read)];
    """
    first, address, said, found = run_in_node(script, own=own, odd=list(odd))
    link, none, *ignored = found
    sent, nothing = said
    assert nothing == "" and not re.search("guess|96|100", address.replace("seed=77", ""))
    assert link["settings"] == first | own and none is None
    assert re.search(r"guessed live .*no augmentation 100\.0\s%.* live 96\.2\s%", sent)
    assert ignored == [
        {"settings": first | settings, "results": {}, "guess": None} for settings in odd.values()
    ]


# In place of the browser's: a canvas keeps the pictures that were drawn on it, by their place.
BROWSER = """
const parts = {}, nothing = () => {};
const element = () => ({
  heard: {}, style: {}, drawn: {}, append: nothing, scrollIntoView: nothing,
  replaceChildren(...rows) { this.rows = rows; },
  addEventListener(name, listen) { this.heard[name] = listen; },
  setAttribute(name, value) { if (name === "id") parts[value] = this; },
  getContext() {
    const putImageData = (small) => (this.drawn.picture = [...small.data].filter((_, i) => i % 4 === 0));
    return { putImageData, drawImage: (source, left) => (this.drawn[left] = source.drawn.picture) };
  },
});
const ImageData = class { constructor(side) { this.data = new Uint8ClampedArray(4 * side * side); } };
const document = { createElement: element, getElementById: (id) => (parts[id] ??= element()) };
"""


def test_a_film_moves_on_by_one_picture_an_epoch_and_only_live_has_new_ones(garments):
    script = """
    const made = [];
    document.createElement = () => (made.push(element()), made.at(-1));
    const { film } = eval(`(${filmTools})`)(augment, schedule, training, words);
    return ["none", "copies-1", "live"].map((method) => {
      const [first, { show }] = [made.length, film(method, images, 5, 1)];
      return [8, 9].map((epoch) => (show(epoch), { ...made[first].drawn }));
    });
    """
    original = np.round(255 * garments.x_train[5]).ravel().tolist()
    for method, shown in zip(
        ("none", "copies-1", "live"), run(BROWSER + script, garments), strict=True
    ):
        now, next_epoch = ([film[left] for left in sorted(film, key=int)] for film in shown)
        assert len(now) == 8 and now[1:] == next_epoch[:-1], method
        assert len(np.unique(now, axis=0)) == (8 if method == "live" else 1), method
        assert (now[0] == original) == (method == "none")


def test_answers_to_a_nudged_garment_stand_beside_those_to_the_garment_as_it_is():
    script = """
    const make = (tag, attributes, ...inside) => ({ ...element(), ...attributes, inside });
    const asked = [], send = (message) => asked.push(message), film = { colourOf: String, paint() {} };
    const answers = [0.9, 0.1, 0.2, 0.3];
    const networks = [{ method: "none", answers, mirrored: [0.9, 0.1, 0.8, 0.3], send },
                      { method: "live", answers, mirrored: answers, send }];
    const nudge = nudgeTools(document.getElementById, make, augment, words, film);
    nudge.start({ fresh: new Float32Array(4 * 784), freshLabels: [1, 0, 0, 0] }, networks);
    nudge.answered(networks[0], [0.1, 0.1, 0.8, 0.3]);
    nudge.answered(networks[1], [0.9, 0.1, 0.2, 0.9]);
    const text = (node) => (node.inside ? node.inside.map(text).join("|") : node);
    const rows = parts.answers.rows[1].inside;
    const marked = rows.map(({ inside }) => inside.findIndex((cell) => cell.class === "turned"));
    return [asked, rows.map(text), marked, parts.turned.textContent];
    """
    asked, rows, marked, least = run_in_node(BROWSER + script)
    assert asked == [{"nudge": {"right": 0, "down": 0, "turn": 0, "mirror": True}}] * 2
    # The pullover in front is the one whose mirror image divides the networks.
    first, second = [re.findall(r"pullover|coat|[\d.]+(?=\s%)", row) for row in rows]
    assert first == ["pullover", "80", "coat", "80", "50.0"]
    assert second == ["pullover", "80", "pullover", "80", "25.0"]
    assert marked == [2, -1] and least.startswith("Live")


VISIT = """
const tasks = [], charts = [], form = { n: "128", strength: "1", updates: "1000", seed: "7" };
const window = { pageGarments: { images: "", labels: "01", fresh: "", freshLabels: "" } };
const location = { hash: "#seed=7", href: "", protocol: "" }, matchMedia = () => ({}), setInterval = nothing;
const FormData = class { get(name) { return form[name]; } getAll() { return ["none", "live"]; } };
const MutationObserver = class { observe() {} }, ResizeObserver = MutationObserver;
const filmTools = () => ({ film: () => ({ figure: element(), show() {} }), colourOf: String, FRAMES: 8 });
const chartTools = () => ({ show: (chart) => charts.push(chart) }), nudgeTools = () => ({ start() {} });
const startWorker = (task, listen) => (tasks.push({ ...task, listen }), { stop() {} });
eval(given.view);
const score = { accuracy: 0.9 }, scores = { shown: score, own: score, fresh: score };
return given.choices.map((values) => {
  Object.assign(form, values);
  if (Object.keys(values).length) parts["page-settings"].heard.change();
  parts["page-guess-live"].heard.change();
  parts["page-guess"].heard.submit({ preventDefault() {} });
  const { seed } = tasks.at(-1), { past } = charts.at(-1);
  tasks.forEach(({ listen }) => listen({ scores }));
  return [seed, past.length];
});
"""


def test_runs_of_other_settings_leave_the_chart_and_a_seed_is_the_next_one_or_the_one_that_is_typed():
    choices = [{"seed": "7"}, {}, {"seed": "42"}, {"n": "512"}, {}]
    view = (PAGE / "view.js").read_text(encoding="utf-8")
    assert run_in_node(BROWSER + VISIT, view=view, choices=choices) == [
        [7, 0],
        [8, 2],
        [42, 4],
        [42, 0],
        [43, 2],
    ]


def test_garments_are_those_of_the_course_and_the_new_ones_are_in_no_training():
    content = json.loads(
        page_garments.script().removeprefix("window.pageGarments = ").removesuffix(";\n")
    )
    data = subset(load_garments(), 512)
    for name, labels, expected, classes in (
        ("images", "labels", *data[:2]),
        ("fresh", "freshLabels", *data[2:]),
    ):
        found = np.frombuffer(base64.b64decode(content[name]), np.uint8).reshape(-1, 28, 28, 1)
        np.testing.assert_allclose(found / 255, expected[: len(found)], atol=1e-6)
        assert [int(digit) for digit in content[labels]] == classes[: len(found)].tolist() and len(
            found
        ) >= 500


# One file


@pytest.fixture(scope="module")
def one_file_page():
    return trainer.page({})


def test_the_page_as_one_file_fits_a_mail_and_names_nothing_that_would_be_fetched(one_file_page):
    assert len(one_file_page.encode()) <= 800_000
    markup = re.sub(r"<(script|style)>.*?</\1>", "", one_file_page, flags=re.DOTALL)
    assert re.findall(r'(?:src|srcset|href)="(?!data:)[^"]*"', markup) == []
    assert "default-src 'none'" in markup and "connect-src" not in markup
    assert not re.search(r"@import|url\((?!data:)", one_file_page)
    for script in trainer.SCRIPTS:
        assert (PAGE / f"{script}.js").read_text(encoding="utf-8") in one_file_page
    for name in ("page-opening", "page-guess", "page-share", "page-settings"):
        assert f'id="{name}"' in markup


def test_a_messenger_finds_words_and_with_an_address_a_picture(one_file_page):
    described = re.findall(r'<meta (?:name|property)="([\w:]+)"', one_file_page)
    assert {"description", "og:title", "og:description"} <= set(described)
    assert "og:image" not in described
    linked = trainer.page({"repository": "Me/fork", "reference": "main"})
    (picture,) = re.findall(r'"og:image" content="([^"]+)"', linked)
    assert picture == f"https://me.github.io/fork/_static/{trainer.PICTURE}"
    assert 'window.pageAddress = "https://me.github.io/fork/docs/explorer.html"' in linked
    assert (ROOT / "docs" / trainer.PICTURE).stat().st_size <= 100_000


def test_its_garments_are_unpacked_as_those_of_the_book():
    program = f"""
    const window = {{}}, document = null;
    const startPage = () => process.stdout.write(JSON.stringify(window.pageGarments));
    {trainer.garments()}
    {trainer.UNPACK}
    """
    done = subprocess.run([node(), "-"], input=program, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected = page_garments.script().removeprefix("window.pageGarments = ").rstrip(";\n")
    assert json.loads(done.stdout) == json.loads(expected)
