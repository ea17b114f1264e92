"""Attacks on the findings: a name, what the check-up should say, and a pipeline with pictures made for it.

What it should say: the name of a finding, a colon, and its status, of what is found "wrong" or "wasteful"; "quiet" is
anything but found. Words in quotation marks occur in its text. "sound" means that nothing at all is found.
"""

import itertools

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from cases import as_jpeg, flow, photograph, slices
from made import (
    BATCH,
    Batches,
    Workers,
    alike,
    buffered,
    counter,
    each,
    flip,
    grey,
    in_batches,
    lighten,
    noise,
    oversampled,
    pictures,
    shift,
)

X, Y = pictures(480)
V, W = pictures(160, 1)
ARRAYS = X, Y
VALIDATION = V, W
THREE = np.arange(480) % 3

ROWS = {}  # by name, what is expected and what makes the arguments


def row(name, expected, make):
    assert name not in ROWS, name
    ROWS[name] = expected, make


def arrays(train, validation=VALIDATION, **more):
    return lambda: {"train": train, "validation": validation, **more}


def shuffled(change=None, x=X, y=Y, options=(), **how):
    """A pipeline in a new order in each epoch, and further arguments of the check-up."""
    return lambda: {"train": Batches(x, y, change, **how), **dict(options)}


STORED = {"live": False}


def with_model(model, train=ARRAYS, **more):
    return lambda: {"train": train, "model": model(), **more}


def linear(*front, units=1, activation=None, loss=None, shape=X.shape[1:]):
    def make():
        model = keras.Sequential([keras.Input(shape), *front, layers.Flatten(), layers.Dense(units, activation)])
        if loss is not None:
            model.compile(loss=loss)
        return model

    return make


# Repeats


def tutorial(**more):
    """Keras's tutorial on transfer learning, which augments in the model."""
    return lambda: {"train": slices(X, Y).cache().shuffle(480).batch(BATCH).prefetch(2), **more}


def frozen_layer(**more):
    def make():
        layer = layers.RandomRotation(0.1)
        data = slices(X, Y).map(lambda x, y: (layer(x, training=True), y)).cache().shuffle(480).batch(BATCH)
        return {"train": data, "augment": layer, **more}

    return make


class Growing(Batches):
    """Brightness whose range grows from epoch to epoch."""

    def changed(self, x, y, start):
        return lighten(x, self.rng, 1, 1 + 0.05 * (1 + self.epoch)), y


def pool(k, shuffle=False, **more):
    """Copies one after the other, or shuffled together, without an end: an epoch is as long as one of them."""
    rng = np.random.default_rng(0)
    x, y = np.concatenate([shift(X[:64], rng, 2) for _ in range(k)]), np.tile(Y[:64], k)
    x = x + np.random.default_rng(1).normal(0, 1e-3, (len(x), 1, 1, 1)) * shuffle
    data = slices(x, y).shuffle(len(x), seed=0) if shuffle else slices(x, y)
    return lambda: {"train": data.batch(32).repeat(), "steps_per_epoch": 2, **more}


REPLACED = lambda rng, n: rng.integers(0, n, n)  # noqa: E731
LOOP = np.random.default_rng(3)


def in_the_loop(x):
    return lighten(np.asarray(x), LOOP)


def own_generator():
    return iter(Batches(X, Y, lighten))


LONG = pictures(2048, 3, shape=(8, 8, 1))


def part(change, buffer, n=1024, sized=False, endless=False, **more):
    """A set of which the first part of two epochs is read, behind a shuffle buffer."""
    x, y = (part[:n] for part in LONG)

    def make():
        data = Batches(x, y, change, rows=buffered(buffer), sized=sized)
        if endless:  # a generator with a seed of its own, which starts again when it is called again
            data = lambda: iter(Batches(x, y, change, rows=buffered(buffer), endless=True))  # noqa: E731
        return {"train": data, "max_images": 512, **more}

    return make


CLEAN_BATCHES = list(in_batches(X, Y))
for _k in (2, 3, 5, 8):
    row(f"{_k} copies in turn", f"repeats: wasteful 'about {_k} stored copies'", pool(_k))
row("copies in turn that are meant", "repeats: not found 'about 3 stored copies'", pool(3, **STORED))
for _k in (2, 4):
    row(f"{_k} copies shuffled together", f"repeats: wasteful 'about {_k} stored copies'", pool(_k, shuffle=True))
row("live where static was meant", "repeats: wasteful 'none were meant'", shuffled(lighten, options=STORED))
row("frozen", "repeats: wrong 'augmentation is off, frozen, or comes later'", shuffled())
row("frozen, and meant", "repeats: not found 'the same pictures'", shuffled(options=STORED))
row(
    "augment returns its images", "repeats: wrong 'Look into the augmentation'",
    shuffled(options={"augment": lambda x: x * 1.0}),
)  # fmt: skip
row("a list of batches, augmented once", "repeats: wrong 'augmented once and stored'", lambda: {"train": CLEAN_BATCHES})
row("a list of batches, augmented in the loop", "repeats: not found; shared images: not found",
    arrays(CLEAN_BATCHES, augment=in_the_loop))  # fmt: skip
row("it isn't said where augment acts", "repeats: can't tell 'loop'", shuffled(options={"augment": in_the_loop}))
row("augment acts in the loop", "sound", shuffled(options={"augment": in_the_loop, "augment_in": "loop"}))
row("a tutorial without its model", "repeats: wrong 'If your model augments'", tutorial())
row("a tutorial with its model", "sound", lambda: tutorial(model=linear(layers.RandomRotation(0.1))())())
row("a tutorial with its augmentation", "sound", tutorial(augment=layers.RandomRotation(0.1)))
row("a frozen layer in the map", "repeats: wrong", frozen_layer(augment_in="image"))
row("a frozen layer, it isn't said where", "repeats: can't tell 'augment_in='", frozen_layer())
row("brightness whose range grows", "repeats: not found 'new pictures'", lambda: {"train": Growing(X, Y)})
row(
    "grey now and then", "repeats: wasteful 'hardly an image'",
    shuffled(lambda x, rng: np.where(rng.random(each(len(x))) < 0.015, grey(x), x)),
)  # fmt: skip
row("a flip now and then", "repeats: wasteful 'hardly an image'", shuffled(lambda x, rng: flip(x, rng, 0.01)))
row(
    "frozen, with a remainder that is dropped", "repeats: wrong 'every epoch shows identical images'",
    lambda: {"train": slices(X, Y).shuffle(480).batch(34, drop_remainder=True)},
)  # fmt: skip
row("stored, drawn with replacement", "repeats: wrong", shuffled(rows=REPLACED))
row("the same, and meant", "repeats: not found 'the same pictures'", shuffled(rows=REPLACED, options=STORED))
row("flips, drawn with replacement", "repeats: not found", shuffled(flip, rows=REPLACED))
row("live, drawn with replacement", "repeats: not found", shuffled(lighten, rows=REPLACED))
row("a generator function with a seed", "repeats: wrong; order: wasteful", lambda: {"train": own_generator})
row("100 images of 480", "repeats: can't tell 'steps_per_epoch'", shuffled(options={"max_images": 100}))
for _buffer, _steps in itertools.product((1, 16), (True, False)):
    _more = {"endless": True, "steps_per_epoch": 1024 // BATCH} if _steps else {}
    for _change in (None, noise, flip):
        _name = f"a part, {_change.__name__ if _change else 'frozen'}, buffer {_buffer}{', endless' * _steps}"
        _expected = "repeats: not found; positions: quiet" if _change else "repeats: wrong 'were read, twice'"
        row(_name, _expected, part(_change, _buffer, **_more))
for _change in (None, noise, flip):
    _name = _change.__name__ if _change else "frozen"
    row(f"an endless function that starts again, {_name}", "repeats: can't tell 'Give steps_per_epoch'; sound",
        part(_change, 1024, endless=True))  # fmt: skip
for _buffer in (512, 1024, 2048):
    row(f"flips behind a buffer of {_buffer}", "repeats: not found", part(flip, _buffer, 2048, True, max_images=1024))
row("stored behind a full buffer", "repeats: wrong", part(None, 2048, 2048, True, max_images=1024))


class Unlabelled(Batches):
    def __iter__(self):
        for x, _ in super().__iter__():
            yield x


# One draw


def mixed(x, y, rng):
    share, columns = rng.beta(8, 8), np.eye(2, dtype="float32")[y]
    return share * x + (1 - share) * x[::-1], share * columns + (1 - share) * columns[::-1]


def cut_and_mixed(x, y, rng):
    """Half of each picture comes from the one before."""
    x, y = mixed(x, y, rng)
    return np.concatenate([x[:, :8], np.roll(x[:, 8:], 1, 0)], 1), 0.5 * y + 0.5 * np.roll(y, 1, 0)


def views(order):
    """Some images of a batch, several times each."""
    return lambda x, y, rng: (lighten(x[order], rng), y[order])


def steady(share):
    """Each batch has a brightness: a share of it belongs to its place, the rest is drawn anew."""
    rng = np.random.default_rng(0)
    places = rng.normal(0, 1, 30)

    def epoch():
        for place, rows in enumerate(rng.permutation(480).reshape(30, BATCH)):
            light = np.sqrt(share) * places[place] + np.sqrt(1 - share) * rng.normal()
            yield (X[rows] + light).astype(np.float32), np.arange(BATCH) % 2

    return lambda: {"train": epoch}


row("one draw a batch", "one draw: wasteful 'their classes are mixed'; order: quiet", shuffled(alike))
row("one draw a batch, no labels", "one draw: wasteful", lambda: {"train": Unlabelled(X, Y, alike)})
row("one draw a batch, of which three were read", "order: quiet", shuffled(alike, options={"max_images": 96}))
row("batches of their own light, drawn anew", "one draw: wasteful; order: quiet", steady(0.25))
row("batches of their own light, the same again", "one draw: quiet; order: wrong", steady(0.85))
for _seed in range(2):
    row(f"MixUp, seed {_seed}", "sound", shuffled(mixed, pairs=True, seed=_seed))
    row(f"CutMix and MixUp, seed {_seed}", "sound", shuffled(cut_and_mixed, pairs=True, seed=_seed))
row("many copies in a batch", "order: wrong", shuffled(views(np.repeat([0, 1], 8)), pairs=True))


# Positions


def whole_batches(change):
    """Batches that were made once, and shuffled as a whole."""

    def make():
        rng = np.random.default_rng(0)

        def epoch():
            for place, i in enumerate(rng.permutation(len(CLEAN_BATCHES))):
                x, y = CLEAN_BATCHES[i]
                yield change(x, rng, place), y

        return {"train": epoch}

    return make


def growing_light():
    rng = np.random.default_rng(0)

    def epoch():
        light = np.linspace(0.7, 1.3, 480) + rng.normal(0, 0.02, 480)
        rows = rng.permutation(480)
        yield from in_batches((X[rows] * light[:, None, None, None]).astype("float32"), Y[rows])

    return {"train": epoch}


class Drifting(Workers):
    """Persistent workers, of which one draws more after each epoch, so that they agree in the first only."""

    def __call__(self, epoch, place):
        if place == 0 and epoch:
            self.workers[0].random(7)
        return super().__call__(epoch, place)


EPOCHS, BATCHES = "every epoch repeats the same random changes", "several batches get the same random changes"
for _change in (shift, lighten):
    row(f"a counter that starts again, {_change.__name__}", f"positions: wasteful '{EPOCHS}'",
        shuffled(_change, draws=counter))  # fmt: skip
for _workers, _value in [
    (Workers(0, 0), EPOCHS), (Workers(0, 0, persistent=True), BATCHES), (Workers(0, 1), EPOCHS),
    (Workers(0, 1, persistent=True), ""), (Drifting(0, 0, persistent=True), BATCHES),
]:  # fmt: skip
    _name = f"{type(_workers).__name__} of seeds {_workers.seeds}{', persistent' * _workers.persistent}"
    row(_name, f"positions: wasteful '{_value}'" if _value else "positions: not found", shuffled(shift, draws=_workers))
for _change, _seed in itertools.product((shift, lighten, flip), range(2)):
    row(f"draws that go on, {_change.__name__}, seed {_seed}", "sound", shuffled(_change, seed=_seed))
row("batches shuffled as a whole", "positions: quiet", whole_batches(lambda x, rng, place: lighten(x, rng)))
row("the same, and a counter", "positions: wasteful", whole_batches(lambda x, _, place: shift(x, counter(0, place))))
row("a light that grows through each epoch", "positions: quiet", growing_light)
row("the same order", "order: wasteful 'every epoch has the same order'; positions: can't tell",
    shuffled(lighten, rows=lambda rng, n: np.arange(n)))  # fmt: skip
row("a counter, no labels", "positions: can't tell", lambda: {"train": Unlabelled(X, Y, shift, draws=counter)})
row("draws that go on, no labels", "positions: not found", lambda: {"train": Unlabelled(X, Y, shift)})
row("a small buffer", "positions: quiet", shuffled(shift, rows=buffered(16)))


# Augmented twice


def mapped(layer):
    return slices(X[:48], Y[:48]).shuffle(48).batch(BATCH).map(lambda x, y: (layer(x, training=True), y))


def both(train, *front, **more):
    return lambda: {"train": train, "model": linear(*front)(), "max_images": 96, **more}


turn, other = layers.RandomRotation(0.1), layers.RandomRotation(0.2)
flips = layers.RandomFlip("horizontal")
stack = keras.Sequential([flips, other])
SOME = X[:48], Y[:48]
TWO = "augmented twice: wasteful 'RandomRotation is in the pipeline and again in the model'"
for _name, _train, _front, _more in [
    ("one layer", mapped(turn), turn, {}), ("two layers", mapped(turn), other, {}),
    ("a stack", mapped(stack), other, {}), ("given as augment", SOME, turn, {"augment": stack}),
]:  # fmt: skip
    row(f"turned twice, {_name}", TWO, both(_train, _front, **_more))
for _ranges, _layer in {
    "horizontal_flip": layers.RandomFlip(), "vertical_flip": layers.RandomFlip(), "rotation_range": turn,
    "width_shift_range": layers.RandomTranslation(0.1, 0.1), "height_shift_range": layers.RandomTranslation(0.1, 0.1),
    "zoom_range": layers.RandomZoom(0.1), "shear_range": layers.RandomShear(0.1),
    "brightness_range": layers.RandomBrightness(0.1),
}.items():  # fmt: skip
    _value = {"horizontal_flip": True, "vertical_flip": True, "brightness_range": (0.5, 1.5)}.get(_ranges, 0.2)
    row(
        f"{_ranges} and its layer",
        f"augmented twice: wasteful '{type(_layer).__name__}'",
        lambda ranges=_ranges, value=_value, layer=_layer: both(
            flow(255 * SOME[0], SOME[1], **{ranges: value}), layer
        )(),
    )
row("a flip in the map, a turn in the model", "augmented twice: can't tell", both(mapped(flips), turn))
row("a flip in flow, a turn in the model", "augmented twice: can't tell",
    lambda: both(flow(*SOME, horizontal_flip=True), turn)())  # fmt: skip
row("flow without ranges", "augmented twice: not found", lambda: both(flow(*SOME), turn)())
row("the model alone augments", "augmented twice: not found", both(SOME, turn))
row("the map alone augments", "augmented twice: not found", both(mapped(turn)))
row("the model rescales", "augmented twice: not found", both(mapped(turn), layers.Rescaling(1 / 255)))
row("no model", "augmented twice: can't tell", lambda: {"train": mapped(turn), "max_images": 96})


# Validation moves


def moving(place):
    """One image that differs in the second pass."""

    def make():
        passes = []

        def validation():
            passes.append(1)
            shown = V[:96].copy()
            shown[place] += 0.01 * len(passes)
            yield from in_batches(shown, W[:96], 13)

        return {"train": ARRAYS, "validation": validation}

    return make


for _place in (0, 70, 95):
    row(f"validation image {_place} moves", "validation moves: wrong", moving(_place))
row("validation augmented", "validation moves: wrong 'change each time'", arrays(ARRAYS, Batches(V, W, lighten)))
row("validation shuffled", "validation moves: not found", arrays(ARRAYS, Batches(V, W)))
row("a remainder of validation is dropped", "validation moves: can't tell 'remainder'",
    arrays(ARRAYS, slices(V[:70], W[:70]).shuffle(70).batch(32, drop_remainder=True)))  # fmt: skip
for _change, _expected in ((None, "not found"), (noise, "wrong")):
    row(f"long validation, {'still' if _change is None else 'moving'}", f"validation moves: {_expected}",
        arrays(ARRAYS, Batches(*LONG, _change, sized=True), max_images=1024))  # fmt: skip


# Sets differ


def resized(n):
    return np.asarray(tf.image.resize(V, (n, n))), W


def unbalanced(x, y, n):
    keep = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:n]]
    return x[keep], y[keep]


def by_colour(n, seed, reverse=False):
    """Two classes that differ in red against blue, each channel of mean 0."""
    x, y = pictures(n, seed)[0], np.arange(n) % 2
    x = x - x.mean((0, 1, 2)) + np.where((y == 1)[:, None, None, None], [0.1, 0, -0.1], [-0.1, 0, 0.1])
    return (x[..., ::-1] if reverse else x), y


def named(names):
    data = slices(X[:64], Y[:64]).batch(BATCH)
    data.class_names = names
    return data.map(lambda x, y: (x / 2, y)).prefetch(2)


COLOURED = 0.1 + 0.5 * np.random.default_rng(8).random((480, 16, 16, 3))
GREY = grey(COLOURED)
SMALL, HUNDRED = pictures(96, k=3), (pictures(480, k=100), pictures(160, 1, k=100))
RARE, RARE_VAL = unbalanced(X, Y, 24), unbalanced(V, W, 8)
RANGES, CODED = "different ranges of values", "labels are coded differently"
ORDER = "colour channels have another order"
for _name, _other, _words in [
    ("other values", (255 * V, W), RANGES), ("less contrast", (V.mean() + 0.4 * (V - V.mean()), W), RANGES),
    ("inverted", (0.6 - V, W), RANGES),
    ("brighter, with the same ends", (np.where(np.median(V) < V, V.max(), V.min()), W), "brightness or contrast"),
    ("another shape", (V[:, :12], W), "another size"), ("smaller", resized(12), "another size"),
    ("channels first", (np.moveaxis(V, 3, 1), W), ORDER), ("columns", (V, np.eye(2)[W]), CODED),
    ("three columns", (V, np.eye(3)[W]), CODED), ("words", (V, W.astype(str)), CODED),
    ("one class", (V[W == 0], W[W == 0]), CODED), ("no labels", (V,), CODED),
    ("exchanged classes", (V, 1 - W), "classes exchanged"),
]:  # fmt: skip
    row(f"validation with {_name}", f"sets differ: wrong '{_words}'", arrays(ARRAYS, _other))
for _name, _other in {
    "labels (n, 1)": (V, W[:, None]), "float64": (V.astype("float64"), W), "its labels mixed up": (V, W[::-1]),
}.items():  # fmt: skip
    row(f"validation with {_name}", "sets differ: not found", arrays(ARRAYS, _other))
row("larger validation", "sets differ: wasteful 'another size'", arrays(ARRAYS, resized(20)))
row("another balance", "sets differ: wasteful 'other shares'", arrays(ARRAYS, RARE_VAL))
row("a rare class drawn over and over", "sets differ: not found",
    arrays(Batches(*RARE, rows=oversampled(RARE[1])), RARE_VAL, live=False))  # fmt: skip
row("a rare class stored ten times", "sound",
    arrays(tuple(np.concatenate([part, *9 * [part[RARE[1] == 1]]]) for part in RARE), RARE_VAL))  # fmt: skip
row("mixed columns against numbers", "sets differ: quiet", arrays(Batches(X, Y, mixed, pairs=True)))
row("classes that a part lacks", "sets differ: quiet",
    arrays(Batches(*HUNDRED[0]), HUNDRED[1], max_images=200, live=False))  # fmt: skip
row("a class that a few lack", "sets differ: quiet", arrays(SMALL, tuple(part[SMALL[1] < 2][:12] for part in SMALL)))
row("a class that all lack", "sets differ: wrong", arrays(SMALL, tuple(part[SMALL[1] < 2] for part in SMALL)))
row("class names behind a map", "sets differ: wrong 'cat, dog against dog, cat'",
    arrays(named(["cat", "dog"]), named(["dog", "cat"]), live=False))  # fmt: skip
row("the same class names", "sets differ: not found", arrays(named(["a", "b"]), named(["a", "b"]), live=False))
row(
    "class names as an array", "sets differ: can't tell", lambda: {"train": ARRAYS, "class_names": np.array(["a", "b"])}
)
row("grey validation", "sets differ: wrong 'validation is grey'", arrays((COLOURED, Y), (GREY[:160], W)))
row("grey training", "sets differ: wrong 'training is grey'", arrays((GREY, Y), (COLOURED[:160], W)))
row("grey images, tinted in training", "sets differ: quiet", arrays(
    Batches(GREY, Y, lambda x, rng: x * rng.uniform(0.7, 1, (len(x), 1, 1, 3))), (GREY[:160], W),
))  # fmt: skip
row("classes of a colour, channels reversed", "sets differ: quiet",
    arrays(by_colour(480, 0), by_colour(400, 1, reverse=True)))  # fmt: skip
row("classes of a colour", "sets differ: quiet", arrays(by_colour(480, 0), by_colour(400, 1)))


# Shared images


MEANS, DEVIATIONS = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
PREPROCESS = {
    "tf": lambda x: x / 127.5 - 1, "caffe": lambda x: x[..., ::-1] - np.array([103.939, 116.779, 123.68], "float32"),
    "torch": lambda x: (x / 255 - MEANS) / DEVIATIONS, "rescale": lambda x: x / 255,
}  # fmt: skip


def tiles(quality):
    """Overlapping squares of a photograph, many nearly alike: 64 of validation are in training, stored again."""
    large = photograph()
    corners = [(i, j) for j in range(0, large.shape[1] - 32, 8) for i in range(0, large.shape[0] - 32, 8)]
    x = np.stack([large[i : i + 32, j : j + 32] for i, j in corners])
    rows = np.random.default_rng(5).permutation(len(x))
    train, validation = x[rows[:2000]], x[rows[2000:2320]]
    if quality:
        validation = np.concatenate([validation[64:], as_jpeg(train[:64], quality)])
    return lambda: {"train": train, "validation": validation}


def leak(train, validation, where, noise=0.0):
    """Images of training in validation, from some place on."""
    validation = validation.copy()
    rows = slice(where, where + 60)
    validation[rows] = train[-60:] + np.random.default_rng(2).normal(0, noise, train[-60:].shape)
    return arrays(train, validation)


def whitened(x):
    x = x + np.random.default_rng(0).normal(0, 0.01, x.shape)
    return x - x.mean((1, 2, 3), keepdims=True)


FIRST = X[:96], Y[:96]
EXACT, NEAR = "validation images are also in training", "near copies of validation images are in training"
for _name, _change in PREPROCESS.items():
    row(f"a leak behind preprocessing, {_name}", "shared images: wrong '64 of 64 validation images are among the 96'",
        lambda change=_change: arrays(flow(255 * FIRST[0], FIRST[1], rotation_range=5, preprocessing_function=change),
                                      (change(255 * X[:64]), Y[:64]))())  # fmt: skip
    row(f"no leak behind preprocessing, {_name}", "shared images: not found",
        lambda change=_change: arrays(flow(255 * FIRST[0], FIRST[1], rotation_range=5, preprocessing_function=change),
                                      (change(255 * V), W))())  # fmt: skip
    row(f"a leak between raw and {_name}", f"shared images: wrong '{EXACT}'",
        arrays(((255 * X).astype("uint8"), Y), (_change(np.trunc(255 * X[:64])), Y[:64])))  # fmt: skip
row("near copies behind whitening", f"shared images: wrong '{NEAR}'",
    lambda: arrays(flow(*FIRST, rotation_range=5, samplewise_center=True), (whitened(X[:64]), Y[:64]))())  # fmt: skip
for _noise, _value in ((0, EXACT), (0.002, NEAR)):
    _large, _others = pictures(1500, 5)[0], pictures(1300, 6)[0]
    row(
        f"a leak in large sets, noise {_noise}", f"shared images: wrong '{_value}'", leak(_large, _others, 1200, _noise)
    )
for _quality in (0, 60, 90):
    row(f"tiles of a photograph, stored again with quality {_quality}",
        f"shared images: wrong '{NEAR}'" if _quality else "shared images: quiet", tiles(_quality))  # fmt: skip
for _name, _pose in {
    "upside down": np.s_[:, ::-1], "mirrored": np.s_[:, :, ::-1], "both": np.s_[:, ::-1, ::-1],
}.items():  # fmt: skip
    for _x in (X[:96], X[:96, :, :12]):
        row(f"leaks {_name}, {_x.shape[2]} wide", f"shared images: wrong '{EXACT}'", arrays(_x, 0.5 * _x[_pose] - 1))
        row(f"near copies {_name}, {_x.shape[2]} wide", f"shared images: wrong '{NEAR}'",
            arrays(_x, _x[_pose] + np.random.default_rng(0).normal(0, 0.002, _x.shape)))  # fmt: skip
TURNED = np.concatenate([np.rot90(X[:40], 1, (1, 2)), np.rot90(X[40:80], 3, (1, 2)), X[80:120].swapaxes(1, 2)])
row("quarter turns", "shared images: wrong '120 of 120'", arrays(ARRAYS, (TURNED, Y[:120])))
row("quarter turns with noise", f"shared images: wrong '{NEAR}'",
    arrays(ARRAYS, (TURNED + np.random.default_rng(0).normal(0, 0.002, TURNED.shape), Y[:120])))  # fmt: skip
row("not all was read", "shared images: can't tell", arrays(Batches(X, Y), max_images=400, live=False))


# Degenerate


def again_in(x, share, by=255):
    """A share of the images divided once more."""
    return np.where((np.random.default_rng(1).random(len(x)) < share)[:, None, None, None], x / by, x)


def one_is(number, x):
    x = x.copy()
    x[3, 0, 0] = number
    return x


NUMBER = "images hold NaN or infinity"
for _number in (np.nan, np.inf):
    row(f"{_number} in training", f"degenerate: wrong '{NUMBER}' 'training'; sets differ: not found",
        arrays((one_is(_number, X), Y)))  # fmt: skip
    row(
        f"{_number} in validation",
        f"degenerate: wrong '{NUMBER}' 'validation'",
        arrays(ARRAYS, (one_is(_number, V), W)),
    )
row("blank images", "degenerate: wrong 'blank images'", arrays((np.zeros_like(X), Y), None))
row(
    "two values in both sets",
    "degenerate: not found",
    arrays(((X > 0.3).astype("uint8"), Y), ((V > 0.3).astype("uint8"), W)),
)
row(
    "two values in training",
    "degenerate: wrong 'two values only' 'value_range'",
    arrays(((X > 0.3).astype("uint8"), Y)),
)
for _share, _words in ((0.1, "10% of training"), (0.25, "scaled otherwise"), (0.5, "scaled otherwise")):
    row(
        f"{_share:.0%} of training scaled again",
        f"degenerate: wrong '{_words}'",
        shuffled(lighten, again_in(X, _share)),
    )
    row(
        f"{_share:.0%} of validation scaled again",
        "degenerate: wrong 'of validation'",
        arrays(ARRAYS, (again_in(V, _share), W)),
    )
row("dark pictures among others", "degenerate: not found",
    arrays((X * np.random.default_rng(0).uniform(0.002, 1, each(480)), Y)))  # fmt: skip
TWICE_SCALED = "pixel values were scaled twice"
for _first, _second in itertools.product(("tf", "torch", "rescale"), PREPROCESS):
    row(f"{_first}, then {_second}", f"degenerate: wrong '{TWICE_SCALED}'; sets differ: not found", arrays(
        *((PREPROCESS[_second](PREPROCESS[_first](255 * x)), y) for x, y in (ARRAYS, VALIDATION))))  # fmt: skip
for _name, _change in (PREPROCESS | {
    "bytes": lambda x: x.astype("uint8"), "kelvin": lambda x: 290 + x / 20, "depth": lambda x: 40 * x - 1000,
}).items():  # fmt: skip
    row(f"{_name} once", "sound", arrays(*((_change(255 * x), y) for x, y in (ARRAYS, VALIDATION))))
row("a model rescales what was rescaled", "degenerate: wrong", with_model(linear(layers.Rescaling(1 / 255))))
row("a model rescales", "sound", with_model(linear(layers.Rescaling(1 / 255)), (255 * X, Y)))


# Order


def balanced(augmented, seed=None):
    parts = [slices(X[k == Y][:100], Y[k == Y][:100]).shuffle(100).repeat(2) for k in (0, 1)]
    data = tf.data.Dataset.choose_from_datasets(parts, tf.data.Dataset.range(2).repeat(100))
    if seed is not None:
        data = tf.data.Dataset.sample_from_datasets(parts, seed=seed).take(200)
    if augmented:
        draws = tf.random.Generator.from_seed(0)
        data = data.map(lambda x, y: (x * draws.uniform((), 0.9, 1.1), y))
    return lambda: {"train": data.batch(BATCH), "live": augmented}


for _seed, _augmented in itertools.product((None, 3), (False, True)):
    row(
        f"balanced batches{', drawn' * (_seed is not None)}{', augmented' * _augmented}",
        "sound",
        balanced(_augmented, _seed),
    )
BY_CLASS = np.argsort(Y, kind="stable")
row("sorted, with one infinite pixel", "order: wrong", lambda: {
    "train": slices(one_is(np.inf, X)[BY_CLASS], Y[BY_CLASS]).batch(BATCH), "live": False})  # fmt: skip


# Labels


class Apart(Batches):
    """Labels stay where they were."""

    def changed(self, x, y, start):
        return super().changed(x, self.y[start : start + len(x)], start)


class Counted(Batches):
    """Images in a fixed order, of which the first so many have another label from the second epoch on."""

    wrong = 0

    def changed(self, x, y, start):
        other = (np.arange(start, start + len(x)) < self.wrong) & (self.epoch > 0)
        return x, np.where(other, 1 - y, y)


def relabelled(n):
    return lambda: {"train": type("Some", (Counted,), {"wrong": n})(X, Y, rows=lambda rng, n: np.arange(n)), **STORED}


def only(classes, change=lighten, y=Y, rows=None):
    """Images of some classes are augmented, and the others shown as they are."""

    def some(x, labels, rng):
        return np.where(np.isin(labels, classes)[:, None, None, None], change(x, rng), x).astype("float32"), labels

    return lambda: {"train": Batches(X, y, some, pairs=True, rows=rows)}


def undersampled(rng, n):
    """In each epoch all of the rare class, and as many of the others, drawn anew."""
    rare, others = np.flatnonzero(FIFTH == 1), np.flatnonzero(FIFTH == 0)
    return rng.permutation(np.concatenate([rare, rng.choice(others, len(rare), replace=False)]))


def oversampled_stream():
    """A rare class over and over, and of the others a few from so many that hardly one comes again."""
    rng, rare = np.random.default_rng(0), X[Y == 1][:100]

    def epoch():
        for _ in range(30):
            others = pictures(BATCH // 2, int(rng.integers(2**31)))[0]
            yield np.concatenate([others, rare[rng.integers(100, size=BATCH // 2)]]), np.repeat([0, 1], BATCH // 2)

    return {"train": epoch}


def new_and_stored(stored):
    """Of an epoch so many images are stored, and the others are new in each of nine."""

    def change(x, y, rng):
        return lighten(x, rng, 0.5, 1), y

    return lambda: {"train": Half(X[:400], np.arange(400) % 2, stored)}


class Half(Batches):
    def __init__(self, x, y, stored):
        super().__init__(x, y)
        self.stored = stored

    def __iter__(self):
        rows = self.order.permutation(len(self.x))
        new = lighten(self.x[rows], self.rng, 0.5, 1)
        yield from in_batches(np.where((rows < self.stored)[:, None, None, None], self.x[rows], new), self.y[rows])


SMOOTHED, FIFTH = 0.9 * np.eye(2)[Y] + 0.05, (np.arange(480) % 5 == 1).astype(int)
SEVERAL = (np.random.default_rng(2).random((480, 3)) < 0.6).astype("float32")
MISMATCHED = "labels: wrong 'images and labels are mismatched'"
for _name, _y in {"smoothed": SMOOTHED, "smoothed numbers": SMOOTHED[:, 1], "several": SEVERAL, "plain": Y}.items():
    row(f"labels apart, {_name}", MISMATCHED, lambda y=_y: {"train": Apart(X, y), **STORED})
    row(f"labels beside their images, {_name}", "labels: not found", shuffled(y=_y, options=STORED))
row("labels apart, live", "labels: can't tell 'too few'", lambda: {"train": Apart(X, Y, lighten)})
row("8 labels change", "labels: not found '8 of 480 images'", relabelled(8))
row("24 labels change", "labels: wrong '24 of 480 images'", relabelled(24))
ONLY, AGAIN = "only some classes are augmented", "come again"
row("class 1 augmented alone", f"labels: wrong '{ONLY}' 'images of class 0 come again, of class 1 ≈ 0%'", only([1]))
row(
    "class 2 of three",
    f"labels: wrong '{ONLY}' 'images of classes 0, 1 come again, of class 2 ≈ 0%'",
    only([2], y=THREE),
)
row("a class with a name", "labels: wrong 'images of class good come again, of class bad ≈ 0%'",
    only(["bad"], y=np.array(["good", "bad"])[Y]))  # fmt: skip
row(
    "class 1 shifted alone",
    "labels: quiet",
    only([1], lambda x, rng: shift(x, rng, 1)),
)
row("class 1 flipped alone", "labels: quiet", only([1], flip))
row("all classes augmented", "labels: quiet 'too few'", only([0, 1]))
row("all classes flipped", "labels: not found", only([0, 1], flip))
row("no class augmented", "labels: not found", only([]))
row("others undersampled", "labels: quiet", only([], y=FIFTH, rows=undersampled))
row("a rare class drawn again and again", "labels: quiet", oversampled_stream)
row("eight images of a class", "labels: quiet", only([1], y=(np.arange(480) % 60 == 1).astype(int)))
row("15 % of the images come twice", "labels: can't tell", new_and_stored(245))
row("30 % of the images come twice", "labels: not found", new_and_stored(317))
row("NaN as a label", "labels: wrong '1% of the labels are NaN'; sets differ: not found",
    arrays((X, np.where(np.arange(480) < 5, np.nan, Y))))  # fmt: skip
for _k in (2, 5):
    row(f"averaged numbers of {_k} classes", "labels: quiet", lambda k=_k: {
        "train": (X, 0.3 * (np.arange(480) % k) + 0.7 * (np.arange(480)[::-1] % k))})  # fmt: skip
CROSS = keras.losses.CategoricalCrossentropy(from_logits=True)
for _name, _ends, _status in [
    ("softmax", ("softmax", "categorical_crossentropy"), "wrong 'several ones'"), ("logits", (None, CROSS), "wrong"),
    ("a sigmoid", ("sigmoid", "binary_crossentropy"), "not found"),
]:  # fmt: skip
    row(f"several ones before {_name}", f"labels: {_status}",
        with_model(linear(units=3, activation=_ends[0], loss=_ends[1]), (X, SEVERAL)))  # fmt: skip


# Thresholds, each a tenth below and above


def clustered(share, batches):
    """Batches of which this share of the images is of the batch's own class: the variance grows with its square."""
    rng, n = np.random.default_rng(0), batches * BATCH
    own = np.repeat(rng.integers(0, 2, batches), BATCH)
    y = np.where(rng.random(n) < share, own, rng.integers(0, 2, n))
    x = rng.random((n, 8, 8, 1), np.float32)

    def rows(rng, n):
        return rng.permuted(rng.permutation(np.arange(n).reshape(-1, BATCH)), axis=1).ravel()

    return lambda: {"train": Batches(x, y, rows=rows), "live": False, "max_images": 2 * n}


def rolled(share):
    """From the second epoch on rolled by a share r of an epoch: images move by 2 r (1 - r) of it."""
    epochs = []

    def rows(rng, n):
        epochs.append(1)
        return np.roll(np.arange(n), round(n * share) * (len(epochs) > 1))

    return lambda: {"train": Batches(*LONG, rows=rows), "live": False, "max_images": 4 * len(LONG[0])}


def balance(share):
    n = 2000
    return arrays((LONG[0][:n], np.arange(n) % 2), (LONG[0][:n] + 1e-3, (np.arange(n) < share * n).astype(int)))


def one_in(x, k):
    """A class of one in k images, the last of which the other set lacks."""
    return arrays((x, (np.arange(len(x)) < len(x) / k) + 0), (V, np.zeros(160, int)))


def some_exchanged(share):
    return arrays(
        pictures(2000, 4), (lambda x, y: (x, np.where(np.arange(2000) < 2000 * share, 1 - y, y)))(*pictures(2000, 7))
    )


def some_blank(share):
    return arrays(
        (np.where((np.arange(2000) < share * 2000)[:, None, None, None], 0, LONG[0][:2000]), LONG[1][:2000]), None
    )


def some_shared(share):
    others = pictures(1000, 9, shape=(8, 8, 1))[0]
    return arrays(LONG[0], np.concatenate([LONG[0][: round(1000 * share)], others[round(1000 * share) :]]))


def wide(width):
    return arrays((width * (LONG[0] - LONG[0].min()) / np.ptp(LONG[0]), LONG[1]), None)


def mixed_by(ratio):
    return arrays((again_in(X, 0.3, ratio), Y))


SPREAD, MEAN = X.std(), X.mean()
for _name, _finding, _make, _quiet, _found in [
    ("the share of a class", "sets differ: wasteful", balance, 0.5 + 0.9 * 0.15, 0.5 + 1.1 * 0.15),
    ("the images of a class that is lacking", "sets differ: wrong", lambda k: one_in(X, k), 160 / 7.2, 160 / 8.8),
    ("the share that is exchanged", "sets differ: wrong", some_exchanged, 0.725, 0.775),
    ("the mean, in spreads", "sets differ: wrong", lambda far: arrays((X, None), (X + far * SPREAD,)), 0.9, 1.1),
    ("the spread", "sets differ: wrong", lambda times: arrays((X,), (MEAN + times * (X - MEAN),)), 1.44, 1.76),
    ("the range of images", "degenerate: wrong", wide, 0.022, 0.018),
    ("the ratio of two ranges", "degenerate: wrong", mixed_by, 0.9 * 102, 1.1 * 102),
    ("the same, beyond", "degenerate: wrong", mixed_by, 1.1 * 637, 0.9 * 637),
    ("blank images", "degenerate: wrong", some_blank, 0.018, 0.022),
    ("shared images", "shared images: wrong", some_shared, 0.018, 0.022),
    ("how far images move", "order: wasteful", rolled, 0.091, 0.073),
    ("one class in a batch, of 150", "order: wrong", lambda share: clustered(share, 150), 0.15, 0.35),
    ("one class in a batch, of 1,000", "order: wrong", lambda share: clustered(share, 1000), 0.235, 0.285),
    ("the images of a class that is augmented", "labels: wrong",
     lambda n: only([1], y=(np.arange(480) < n).astype(int)), 18, 22),
]:  # fmt: skip
    row(f"{_name}, {_quiet:.4g}", f"{_finding.partition(':')[0]}: quiet", lambda make=_make, at=_quiet: make(at)())
    row(f"{_name}, {_found:.4g}", _finding, lambda make=_make, at=_found: make(at)())
