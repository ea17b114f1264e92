"""Images repeat between epochs, and what looks the same from outside."""

import functools
import itertools

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from cases.common import (
    BATCH,
    DRAWS,
    LONG,
    ODD,
    STORED,
    TURNS,
    N,
    Rows,
    V,
    W,
    X,
    Y,
    as_bytes,
    as_jpeg,
    case,
    dataset,
    flow,
    in_the_loop,
    jittered,
    loader,
    mirrored,
    of_each,
    once,
    shuffled,
    slices,
)
from pipelines import (
    Batches,
    Sized,
    Workers,
    buffered,
    each,
    flip,
    grey,
    in_batches,
    lighten,
    noise,
    pictures,
    quarter,
    shift,
)


def lazy(x, training=False):
    """Augments where it is told so."""
    return jittered(x) if training else x


def reseed(image):
    np.random.seed(0)
    return image


def pool(d, k):
    """Copies one after the other, without an end: an epoch is as long as one of them."""
    rng = np.random.default_rng(0)
    # No two are alike.
    copies = [shift(d.x[:64], rng) + 1e-3 * rng.random((64, 1, 1, 1)) for _ in range(k)]
    apart = [slices(copy, d.y[:64]).shuffle(64) for copy in copies]
    data = functools.reduce(tf.data.Dataset.concatenate, apart)
    return {"train": data.batch(16).repeat(), "steps_per_epoch": 4}


case(
    "cache() after the map",
    "repeats: wrong 'a cache of augmented'",
    lambda d: dataset(d.train, jittered).cache(),
    "tf.data",
)
case(
    "a seed inside the map",
    "repeats: wrong 'a seed that is set again'",
    lambda d: dataset(d.train, lambda x: tf.image.stateless_random_brightness(x, 0.2, seed=(1, 2))),
    "tf.data",
)
case(
    "a generator seeded in every batch",
    "repeats: wrong",
    lambda d: Rows(d.train, shift, False, seed=1),
    "PyDataset",
)
case(
    "NumPy seeded in preprocessing",
    "repeats: wrong 'a seed that is set again'",
    lambda d: flow(d.train, width_shift_range=0.1, preprocessing_function=reseed),
    "flow",
)
case("augmented once, before fit", "repeats: wrong", kind="arrays")(
    lambda d: {"train": (once(d.x), d.y), "live": True}
)
case(
    "three copies in turn",
    "repeats: wasteful 'about 3 stored copies'",
    lambda d: pool(d, 3),
    "tf.data",
)
case(
    "a seed inside the generator",
    "repeats: wrong; order: wasteful",
    lambda d: lambda: iter(loader(d.train, shift)),
    "function",
)
case(
    "a function called without training",
    "repeats: wrong 'training=True'",
    lambda d: {"train": dataset(d.train, lazy), "augment": lazy},
    "tf.data",
)


# tensorflow#47755: the tutorial on segmentation flips in the function that loads an image, and caches what it loads.
def load_image(x, y):
    return tf.cond(DRAWS.uniform(()) > 0.5, lambda: tf.image.flip_left_right(x), lambda: x), y


case(
    "a flip in what is cached (tensorflow#47755)",
    "repeats: wrong 'a cache of augmented images'",
    lambda d: {
        "train": slices(*d.train)
        .map(load_image)
        .cache()
        .shuffle(N)
        .batch(BATCH)
        .repeat()
        .prefetch(2),
        "steps_per_epoch": N // BATCH,
    },
    "tf.data",
)


# TensorFlow's tutorial on data augmentation, with tf.image: images and a counter are zipped and then shuffled. The
# counter starts again with each epoch, so each image has the same seed for ever.
@case(
    "a counter zipped before the shuffle (TensorFlow's tutorial)", "repeats: wrong", kind="tf.data"
)
def _(d):
    counted = tf.data.Dataset.counter()
    both = tf.data.Dataset.zip(slices(*d.train), tf.data.Dataset.zip(counted, counted)).shuffle(N)

    def bright(pair, seed):
        return tf.image.stateless_random_brightness(pair[0], 0.5, seed=seed), pair[1]

    return both.map(bright).batch(BATCH)


@case("live, layers in the map", "sound; augmented twice: can't tell", kind="tf.data")
def _(d):
    stack = keras.Sequential(
        [layers.RandomFlip("horizontal"), layers.RandomBrightness(0.1, (0, 1))]
    )
    return {"train": dataset(d.train, lambda x: stack(x, training=True)), "augment": stack}


@case("live, map before batch", "sound", kind="tf.data")
def _(d):
    bright = of_each(lambda x: x + DRAWS.uniform((), -0.1, 0.1))
    train = slices(*d.train).cache().shuffle(N).map(bright).batch(BATCH).prefetch(2)
    return {"train": train, "validation": dataset(d.validation).cache(), "augment": bright}


case("flips only", "sound", lambda d: dataset(d.train, mirrored), "tf.data")
case("endless, length unknown", "sound", lambda d: dataset(d.train, jittered).repeat(), "tf.data")
case(
    "a static pool of three copies in turn",
    "sound",
    lambda d: pool(d, 3) | {"live": False},
    "tf.data",
)
case("no augmentation", "sound", lambda d: d.train, "arrays")
case(
    "a static pool, originals + 3 copies",
    "sound",
    lambda d: (np.concatenate([d.x, *(once(d.x, shift, k) for k in range(3))]), np.tile(d.y, 4)),
    "arrays",
)
case(
    "the article's ranges",
    "sound",
    lambda d: flow(
        d.train, horizontal_flip=True, rotation_range=20, width_shift_range=0.2, zoom_range=0.2
    ),
    "flow",
)
case(
    "brightness on 0 to 255, then rescaled",
    "sound",
    lambda d: flow((255 * d.x, d.y), brightness_range=(0.7, 1.3), rescale=1 / 255),
    "flow",
)
case(
    "shifts",
    "sound",
    lambda d: {"train": Rows(d.train, shift), "validation": Rows(d.validation)},
    "PyDataset",
)
case(
    "workers with seeds of their own",
    "sound",
    lambda d: loader(d.train, shift, draws=Workers(0, 1, epochs=True, size=BATCH)),
    "iterable",
)

# What looks the same from outside
case(
    "width_shift_range that moves up and down",
    "unseen",
    lambda d: flow(d.train, width_shift_range=0.2),
    "flow",
)
case(
    "validation augmented once and stored",
    "unseen",
    lambda d: {"train": Rows(d.train, shift), "validation": (once(d.v, shift), d.w)},
    "arrays",
)
case(
    "ten epochs over a pool 4 times as large",
    "unseen",
    lambda d: (np.concatenate([once(d.x, seed=k) for k in range(4)]), np.tile(d.y, 4)),
    "arrays",
)

# On pictures that are made


def overflowing(x, rng):
    """Bytes that get lighter, and begin again at 0."""
    return (x * rng.uniform(1, 1.6, each(len(x)))).astype("uint16").astype("uint8")


def standardised(x):
    return (x - x.mean()) / x.std()


def standardised_by_batch(x):
    batches = [standardised(x[i : i + BATCH]) for i in range(0, len(x), BATCH)]
    return np.concatenate(batches)


def cutmix(x, rng):
    """The left half of another image in each, whose label counts for nothing."""
    mixed = lighten(x, rng)
    mixed[:, :, : x.shape[2] // 2] = mixed[rng.permutation(len(x)), :, : x.shape[2] // 2]
    return mixed


def cropped_anywhere(x, rng):
    corners = rng.integers(0, 5, (len(x), 2))
    pairs = zip(x, corners, strict=True)
    return np.stack([image[top : top + 12, left : left + 12] for image, (top, left) in pairs])


for _name, _build in {
    "bytes that overflow": lambda d: Batches(*as_bytes(d.train), overflowing),
    "validation standardised by batch": lambda d: {
        "train": Batches(standardised(d.x), d.y, noise),
        "validation": (standardised_by_batch(d.v), d.w),
    },
    "labels one place off": lambda d: (d.x, np.roll(d.y, 1)),
    "cutmix without labels": lambda d: Batches(*d.train, cutmix),
    "another crop in validation": lambda d: {
        "train": Batches(*d.train, cropped_anywhere),
        "validation": (d.v[:, :12, :12], d.w),
    },
}.items():
    case(_name, "unseen", _build)


def drawn(rng, n):
    """Rows of an epoch that are drawn with replacement."""
    return rng.integers(0, n, n)


def passes(times):
    """Rows of an epoch that is so many passes through the set."""
    return lambda rng, n: np.concatenate([rng.permutation(n) for _ in range(times)])


def moved_or_not(x, rng):
    return np.where(rng.random(each(len(x))) < 0.5, np.roll(x, 1, 2), x)


def part(change, endless, buffer=16, **more):
    """A set of 1,024 images, of which the first half of two epochs is read, behind a shuffle buffer."""

    def start():
        return Batches(
            LONG[0][:1024], LONG[1][:1024], change, rows=buffered(buffer), endless=endless
        )

    # Without an end it has a seed of its own, which starts again when it is called again.
    return {"train": (lambda: iter(start())) if endless else start(), "max_images": 512, **more}


case("8 copies in turn", "repeats: wasteful 'about 8 stored copies'", lambda d: pool(d, 8))
case("frozen, and meant", "sound", lambda d: {"train": loader(d.train), **STORED}, "iterable")
case(
    "augment returns its images",
    "repeats: wrong 'untouched'",
    shuffled(more={"augment": lambda x: x * 1.0}),
)
case(
    "it isn't said where augment acts",
    "repeats: can't tell 'loop'",
    shuffled(more={"augment": in_the_loop}),
)
case(
    "augmented in the loop",
    "sound",
    lambda d: {"train": loader(d.train), "augment": in_the_loop, "augment_in": "loop"},
    "iterable",
)
case(
    "class 1, in the loop",
    "repeats: not found; shared images: not found",
    {
        "train": (X, ODD),
        "validation": (V, W),
        "augment": lambda x, y: np.where(np.asarray(y)[..., None, None], in_the_loop(x), x),
    },
)
case("a tutorial with its augmentation", "sound", kind="tf.data")(
    lambda d: {  # Keras's, on transfer learning
        "train": slices(d.x[:96], d.y[:96]).cache().shuffle(96).batch(32).prefetch(2),
        "augment": TURNS,
    }
)
case(
    "frozen, with a remainder that is dropped",
    "repeats: wrong 'Nearly all'",
    lambda d: slices(*d.train).shuffle(480).batch(34, drop_remainder=True),
)
SMALL, BOTH = X[:64], np.concatenate([X[:32], X[:32, :, ::-1]])
for _name, _x, _change, _most, _status in [
    ("flips", SMALL, flip, 25_000, "not found"),
    ("flips, of which a half is read", SMALL, flip, 1600, "not found"),
    ("moved or not", SMALL, moved_or_not, 25_000, "not found"),
    ("frozen", SMALL, None, 25_000, "wrong"),
    ("mirrored copies stored", BOTH, None, 25_000, "wrong"),
]:
    case(
        f"25 passes an epoch, {_name}",
        f"repeats: {_status}",
        {"train": Sized(_x, Y[:64], _change, rows=passes(25)), "max_images": _most},
    )
DRAWN = "repeats: wasteful 'a stored set, or a few versions of each image'"
case("stored, drawn with replacement", DRAWN, shuffled(rows=drawn))
case(
    "7 passes an epoch, moved by 2 at most",
    "repeats: not found",
    {
        "train": Batches(SMALL, Y[:64], functools.partial(shift, most=2), rows=passes(7)),
        "max_images": 25_000,
    },
)
case(
    "flips, drawn with replacement",
    "sound",
    lambda d: loader(d.train, flip, rows=drawn),
    "iterable",
)
case(
    "one image in a hundred changes",
    "repeats: not found",
    shuffled(lambda x, rng: np.where(rng.random(each(len(x))) < 0.01, noise(x, rng), x)),
)
case(
    "100 images of 480", "repeats: can't tell 'steps_per_epoch'", shuffled(more={"max_images": 100})
)
case("twice the set", "repeats: wrong", {"train": lambda: in_batches(X, Y), "max_images": 960})
for _change, _endless in itertools.product((None, flip), (True, False)):
    case(
        f"a part, {_change.__name__ if _change else 'frozen'}{', endless' if _endless else ''}",
        "repeats: not found; positions: quiet" if _change else "repeats: wrong 'were read, twice'",
        part(_change, _endless, **{"steps_per_epoch": 64} if _endless else {}),
    )
case(
    "an endless function that starts again",
    "sound; repeats: can't tell 'steps'",
    part(flip, True, buffer=1024),
)
for _change, _status in ((flip, "not found"), (None, "wrong")):
    _train = Sized(*LONG, _change, rows=buffered(2048))
    case(
        f"behind a full buffer, {_status}",
        f"repeats: {_status}",
        {"train": _train, "max_images": 1024},
    )


# Of a set without an end that is shuffled and repeated, an epoch is as long as somebody says.
def endless(change=None):
    stored = slices(*pictures(600, shape=(8, 8, 1))).shuffle(600).repeat().batch(24)
    return stored if change is None else stored.map(of_each(change))


ALL_READ = {"max_images": 25_000}
NO_STEPS = "repeats: can't tell 'give steps_per_epoch='; order: quiet"
case("endless, stored, of unknown length", NO_STEPS, lambda d: endless())
case("endless, flipped, of unknown length", NO_STEPS, lambda d: endless(mirrored))
case(
    "endless, stored, of which a part is read",
    "repeats: wrong 'were read, twice'",
    lambda d: {"train": endless(), "steps_per_epoch": 36, "max_images": 1000},
)
case(
    "endless, stored, 36 of 25 steps",
    "repeats: wrong",
    lambda d: {"train": endless(), "steps_per_epoch": 36, **ALL_READ},
)
case(
    "endless, flipped, 20 of 25 steps",
    "repeats: not found",
    lambda d: {"train": endless(mirrored), "steps_per_epoch": 20, **ALL_READ},
)


# A few versions of each image, none the mirror image of another: as a cache in each worker leaves them


PLACES = itertools.count()


def in_turn(draws, n, most):
    """One version for all images of a batch, as workers take turns."""
    return np.full(n, next(PLACES) % most)


def at_random(draws, n, most):
    return draws.integers(0, most, n)


def versions(most, change, which, x=X, y=Y, size=BATCH):
    """Stored versions of each image, of which each epoch shows one: ``which(draws, n, most)`` says of n images."""
    rng = np.random.default_rng(3)
    store = np.stack([change(x, rng) for _ in range(most)])

    def shown(rows, draws):
        return store[which(draws, len(rows), most), rows]

    return {"train": Batches(np.arange(len(x)), y, shown, size=size), "max_images": 25_000}


def flipped_and_lightened(x, rng):
    return lighten(flip(x, rng), rng)


def flipped_and_moved(x, rng):
    """Of 98 outcomes, so that a few images have the same version twice."""
    return shift(flip(x, rng), rng)


IN_WORKERS = "repeats: wrong 'stored versions of each image' 'a cache in each worker'"
AT_RANDOM = "repeats: wasteful 'versions of each image' 'a cache in each worker'"
for _most, _change in ((2, flipped_and_moved), (6, flipped_and_lightened)):
    case(
        f"{_most} workers, each with a cache, {_change.__name__}",
        IN_WORKERS,
        versions(_most, _change, in_turn),
    )
case(
    "two workers with caches, two epochs",
    IN_WORKERS,
    versions(2, flipped_and_lightened, in_turn) | {"max_images": 960},
)
for _most in (2, 4):
    case(
        f"{_most} stored versions, drawn at random",
        AT_RANDOM,
        versions(_most, flipped_and_lightened, at_random),
    )
case(
    "9 stored versions, drawn at random",
    "repeats: not found 'drawn at random'",
    versions(9, flipped_and_lightened, at_random),
)


def moved_sideways(x, rng):
    """Shifts by whole pixels, of 17 outcomes."""
    steps = rng.integers(-8, 9, len(x))
    return np.stack([np.roll(image, step, 1) for image, step in zip(x, steps, strict=True)])


case(
    "live, moved sideways by 8 pixels at most",
    "repeats: not found 'drawn at random'",
    {"train": Batches(X, Y, moved_sideways), "max_images": 25_000},
)


def greyed(x, rng, share=0.2):
    """So many images without colours."""
    return np.where(rng.random(each(len(x))) < share, grey(x), x)


def half_turn(x, rng):
    return np.where(rng.random(each(len(x))) < 0.5, x[:, ::-1, ::-1], x)


def up_or_down(x, rng):
    return np.where(rng.random(each(len(x))) < 0.5, x[:, ::-1], x)


case(
    "one image in five without colours",
    "repeats: not found 'drawn at random'",
    {"train": Batches(X, Y, greyed), "max_images": 25_000},
)
case(
    "flipped, and one in two without colours",
    "repeats: not found",
    {
        "train": Batches(X, Y, lambda x, rng: greyed(flip(x, rng), rng, 0.5)),
        "max_images": 25_000,
    },
)
BYTES, _ = as_bytes((X, Y))
ODD_SIDES = np.pad(X, ((0, 0), (1, 0), (2, 1), (0, 0)), "edge")
# Each pose alone, and each way in which images are stored
for _name, _x, _change in [
    ("flipped, standardised", standardised(X), flip),
    ("up or down, bytes", BYTES, up_or_down),
    ("half turns, odd sides", ODD_SIDES, half_turn),
    ("quarter turns", X, quarter),
    ("flipped, stored as JPEG", X, lambda x, rng: as_jpeg(flip(x, rng), 90, subsampling=0)),
]:
    case(
        _name,
        "repeats: not found 'mirror images or quarter turns'",
        {"train": Batches(_x, Y, _change), "max_images": 4 * 480},
    )
