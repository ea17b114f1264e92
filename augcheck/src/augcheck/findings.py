"""check_pipeline: read an input pipeline from outside, and report what is wrong as far as that shows."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from helpers import pipelines
from helpers.pipelines import ARRAYS, COPIES, FLOW, FOLDER, Front, Reading

FOUND, NOT_FOUND, CANT_TELL = "found", "not found", "can't tell"

MOST_EPOCHS = 9  # pools of up to 8 copies are seen to come round

# Thresholds, fixed before the detection table of tests/test_checkup.py was made.
FEW = 0.02  # a smaller share counts as none: real sets hold a few doubles
SPREAD_RATIO = 1.6  # of standard deviations: [-1, 1] over [0, 1] is 2, mixing two images at most 1.41
MEAN_SHIFT = 1.0  # in standard deviations of a pixel
CLASS_SHARE = 0.15  # difference in the share of a class, if also four standard errors
TINY = 0.02  # largest value of a set: [0, 1] scaled again is at most 1/255 = 0.004
CLUSTERED = 2.0  # variance between batches over that if shuffled, if also 1.5 times all of 199 shuffles
DISPLACED = 0.15  # mean way of an image from one epoch to the next, in epochs: shuffling gives 1/3
ENOUGH = 0.2  # share of the different images that must come twice before their labels are compared
NEAR = 0.5  # a near copy lies within half of the way to any other image (8x8 pixels, contrast taken out)
NEAR_EXCESS = 4.0  # standard errors by which near copies in training outnumber those in validation
AFFINITY = 0.8  # between lesson 01's mild policy (0.91), which helped, and its wide one (0.68)


class Finding(NamedTuple):
    """One line of a report.

    Attributes:
        status: "found", "not found" or "can't tell".
        value: what it is, in a few words, or empty.
        how: how the check-up knows.
        change: what to change or to look at, or empty.
    """

    status: str
    value: str = ""
    how: str = ""
    change: str = ""

    def __str__(self) -> str:
        head = self.status.upper() if self.status == FOUND else self.status
        return "\n".join(filter(None, [head + (self.value and f": {self.value}"), self.how, self.change]))


NO_VALIDATION = Finding(CANT_TELL, "", "No validation set was given.")


class Report(dict):
    """Findings by name: ``report["repeats"].status``. Shows itself as text or as an HTML table.

    Attributes:
        notes: what was read of each set.
        found: the names of what was found.
    """

    def __init__(self, findings: dict[str, Finding], notes: list[str]) -> None:
        super().__init__(findings)
        self.notes = notes
        self.found = [name for name, finding in findings.items() if finding.status == FOUND]

    def __repr__(self) -> str:
        lines = [f"{name:17} {finding}".replace("\n", "\n" + 18 * " ") for name, finding in self.items()]
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self) -> str:
        rows = "<tr><th>looked for</th><th>result</th><th>how it knows</th><th>what to change</th></tr>"
        for name, (status, value, *texts) in self.items():
            weight = "bold" if status == FOUND else "normal"
            cells = [html.escape(text) for text in (name, status + (value and f": {value}"), *texts)]
            style = f'<td style="text-align: left; font-weight: {weight}">'
            rows += f"<tr>{''.join(style + cell + '</td>' for cell in cells)}</tr>"
        return f"<table>{rows}</table>{'<br>'.join(map(html.escape, self.notes))}"


def check_pipeline(
    train,
    validation=None,
    *,
    augment: Callable | None = None,
    model: keras.Model | None = None,
    live: bool | None = None,
    class_names: Iterable[str] | None = None,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    max_images: int = 25_000,
    max_seconds: float = 60,
) -> Report:
    """Read a pipeline for two to nine epochs, and report what is wrong with what it yields.

    It changes nothing: the random states of Python, NumPy and Keras, seeds of layers, and attributes
    of a PyDataset are put back. Only tf.data's shuffles and TensorFlow's own random ops move on, and
    a cache() that was empty is filled.

    Args:
        train: a batched ``tf.data.Dataset``, an iterator of ``ImageDataGenerator.flow`` or
            ``flow_from_directory``, another ``keras.utils.PyDataset``, or a pair of arrays (images,
            labels). Images are (n, height, width, channels), of any type of number. Labels, which
            may be missing, are (n,), (n, 1) or (n, classes).
        validation: the same for validation.
        augment: the function or layer with which ``train`` augments, from images, or images and
            labels. It is tried out by itself; a pair of arrays is read through it.
        model: layers in a row. Where it begins with augmentation layers, ``train`` is read through
            them. If it is trained, it allows the finding "policy".
        live: whether every epoch is meant to bring new pictures. Default: yes, except for a pair of
            arrays without augmentation.
        class_names: the classes in the order that you count on.
        steps_per_epoch, validation_steps: batches an epoch; needed for endless datasets.
        max_images, max_seconds: at most so much of each set is read. Of each image a fingerprint,
            8x8 pixels and a few numbers stay in memory, and 512 images whole.

    Raises:
        TypeError: a set is of no kind named above.
        ValueError: a set yields something else than batches of images, or the model can't be followed.
    """
    with pipelines.preserved_state(train, validation, augment, model):
        source, front = pipelines.as_source("train", train, steps_per_epoch), Front(model)
        through = augment is not None and source.kind == ARRAYS
        move, still = front.move, front.still
        finish = None if model is None else front.finish
        if augment is not None:
            move, still, finish = pipelines.Augmentation(augment, source), np.asarray, model
        show = (lambda x: front.move(move(x))) if through else front.move
        a, b = Reading(source, max_images, max_seconds, show, most=MOST_EPOCHS), None
        if validation is not None:
            other = pipelines.as_source("validation", validation, validation_steps)
            b = Reading(other, max_images, max_seconds)
        if augment is not None and not through:
            move.labels = a.labels
        trial = pipelines.try_out(move, still, a.images)
        augments = augment is not None or trial != "nothing" or front.seeded
        live = live if live is not None else augments or source.kind != ARRAYS
        originals = pipelines.originals_of(a, max_seconds)
        if np.isin(a.given[1], a.given[0]).all() and (through or (augments and augment is None)):
            originals = a  # what was read is augmented later
        findings = {
            "repeats": _repeats(a, live, trial if augments else None),
            "one draw": _one_draw(a, trial if augments else None, getattr(move, "single", False)),
            "validation moves": _validation_moves(b, front) if b else NO_VALIDATION,
            "sets differ": _sets_differ(a, b, class_names),
            "shared images": _shared_images(originals or a, b, originals is not None) if b else NO_VALIDATION,
            "degenerate": _degenerate(a, b, originals),
            "order": _order(a),
            "labels": _labels(a),
            "policy": _policy(b, finish, move if augments else None, still),
        }
    return Report(findings, [part.note for part in (a, b) if part])


# Findings


def _repeats(a: Reading, live: bool, trial: str | None) -> Finding:
    n, epochs = len(a.shown[0]), len(a.shown)
    new = [_new(a.shown[i], np.concatenate(a.shown[:i])) for i in range(1, epochs)]
    back = 1 - np.mean([_new(later, earlier) for earlier, later in itertools.pairwise(a.shown)])
    # A pool read copy after copy comes round; one read through a shuffle brings new pictures until
    # it ends, where live augmentation with few variants brings fewer and fewer.
    rounds = (
        k for k in range(1, epochs) if all(_new(a.shown[i], a.shown[i - k]) <= FEW for i in range(k, epochs))
    )
    k = next(rounds, 0)
    ends = new[-1] <= FEW and sum(FEW < share < 1 - FEW for share in new) <= 1
    static, copies = k > 0 or ends, k or round(len(np.unique(np.concatenate(a.shown))) / n)
    if k == 1:
        value = "the same pictures in every epoch"
        how = f"The {n:,} pictures of the first epoch came again in each of the other {epochs - 1}."
    elif static:
        value = f"a pool of about {copies} copies"
        how = f"The last of {epochs} epochs brought no picture that had not come before."
    elif back > FEW:
        value = "few variants"
        how = f"≈ {back:.0%} of an epoch's pictures were in the epoch before; flips alone make half."
    else:
        value = "new pictures in every epoch"
        how = f"{'Hardly a' if back else 'No'} picture came again, as in a pool of {epochs} copies or more."
    if not a.whole and k != 1:
        change = "Raise max_images and max_seconds." if a.source.ends else "Give steps_per_epoch."
        return Finding(
            CANT_TELL, value, f"{how} But an epoch may be longer than the {n:,} images read.", change
        )
    if static != live:
        return Finding(NOT_FOUND, value, how)
    if not live:
        return Finding(FOUND, value, how + " You said live=False.", "Store the pictures, and read the store.")
    change = "Augment after cache(), with a new draw each time. If you want a static pool, say live=False."
    if trial in ("nothing", "training"):
        how += " Tried by itself, the augmentation returns its images untouched."
        change = {"training": "Call it with training=True.", "nothing": "Look into the augmentation."}[trial]
    return Finding(FOUND, value, how, change)


def _new(images: np.ndarray, before: np.ndarray) -> float:
    """Share of the images that are not among those before."""
    return np.mean(~np.isin(images, before))


def _one_draw(a: Reading, trial: str | None, single: bool) -> Finding:
    if trial is None and a.source.kind in (FLOW, FOLDER):
        return Finding(NOT_FOUND, "", "ImageDataGenerator draws for each image.")
    if single and trial is not None:
        return Finding(NOT_FOUND, "", "The map comes before batch().")
    if trial == "per image":
        return Finding(NOT_FOUND, "", f"{COPIES} copies of an image came out different.")
    if trial == "per batch":
        how = f"{COPIES} copies of an image in a batch came out alike, and different from call to call."
        return Finding(FOUND, "a batch is changed as one", how, "Draw as many numbers as there are images.")
    how = {
        None: "Pictures don't show which of them share a draw.",
        "fixed": "Tried by itself, the augmentation makes the same change each time.",
        "mixing": "Tried by itself, it mixes different images, and leaves copies of one alone.",
    }.get(trial, "Tried by itself, the augmentation returns its images untouched.")
    return Finding(CANT_TELL, "", how, "" if trial else "Give augment=.")


def _validation_moves(b: Reading, front: Front) -> Finding:
    if front.restless:
        how = "The model's first layers change images with training=False, too."
        return Finding(FOUND, "the model augments", how, "Let these layers act in training only.")
    first, second = b.given
    new, more = _new(second, first), len(np.setdiff1d(second, first))
    if more == 0:
        return Finding(NOT_FOUND, "", f"Both passes showed the same {len(first):,} images.")
    how = f"≈ {new:.0%} of the images of the second pass were not in the first."
    if not b.whole:
        change = "Raise max_images and max_seconds." if b.source.ends else "Give validation_steps."
        return Finding(CANT_TELL, "", how + " Passes may be longer than what was read.", change)
    if more < b.sizes[0] and set(b.sizes) == {b.sizes[0]}:
        return Finding(CANT_TELL, "", how + " batch() may drop a remainder.", "Drop no remainder.")
    return Finding(FOUND, "augmented, or drawn anew", how, "Validate on images as they are.")


def _sets_differ(a: Reading, b: Reading | None, class_names: Iterable[str] | None) -> Finding:
    found = [*_class_orders([a, b] if b else [a], class_names), *(_differences(a, b) if b else [])]
    if found:
        values, hows, changes = (list(dict.fromkeys(column)) for column in zip(*found, strict=True))
        return Finding(FOUND, ", ".join(values), "; ".join(hows) + ".", " ".join(changes))
    if b is None:
        return NO_VALIDATION
    kinds = a.images.dtype, b.images.dtype
    if (kinds[0].kind == "f") != (kinds[1].kind == "f"):
        how = f"{kinds[0]} against {kinds[1]}, harmless if the model converts them."
        return Finding(CANT_TELL, "type of numbers", how)
    return Finding(NOT_FOUND, "", "Shape, values, colours and labels agree.")


def _class_orders(sets: list[Reading], class_names: Iterable[str] | None) -> Iterator[tuple[str, str, str]]:
    orders = [[] if class_names is None else list(class_names)]
    for data in (part.source.data for part in sets):
        indices = getattr(data, "class_indices", None) or {}
        orders.append(sorted(indices, key=indices.get) or list(getattr(data, "class_names", None) or []))
    known = [", ".join(map(str, order)) for order in orders if order]
    if len(set(known)) > 1:
        yield "order of the classes", " against ".join(known), "Give all the same list of classes."


def _differences(a: Reading, b: Reading) -> Iterator[tuple[str, str, str]]:
    shapes = a.images.shape[1:], b.images.shape[1:]
    if shapes[0] != shapes[1]:
        turned = shapes[0] == (shapes[1][2], *shapes[1][:2]) or shapes[1] == (shapes[0][2], *shapes[0][:2])
        value = "order of the channels" if turned else "shape"
        yield value, f"images of {shapes[0]} against {shapes[1]}", "Read both with the same code."
    else:
        means = [part.stats[:, 2].mean() for part in (a, b)]
        # The variance of all pixels: that of the images' means, and the mean of that within an image.
        narrow, wide = sorted(np.sqrt(p.stats[:, 2].var() + np.mean(p.stats[:, 3] ** 2)) for p in (a, b))
        if wide > SPREAD_RATIO * narrow or abs(means[0] - means[1]) > MEAN_SHIFT * wide:
            ends = []
            for part, mean in zip((a, b), means, strict=True):
                low, high = np.round([part.stats[:, 0].min(), part.stats[:, 1].max()], 2)
                ends.append(f"{low:g} to {high:g}, mean ≈ {mean:.2f}")
            yield "range of values", ", against ".join(ends), "Rescale and normalise both alike."
        colours = [part.thumbnails.mean((0, 1, 2)) for part in (a, b)]
        straight, reverse = (np.abs(colours[0] - other).max() for other in (colours[1], colours[1][::-1]))
        if straight > 0.1 * wide and reverse < straight / 4:
            yield "order of the channels", "mean colours agree in reverse order", "Read both as RGB."
    if a.coding != b.coding:
        yield "coding of the labels", f"{a.coding} against {b.coding}", "Code both alike."
    elif a.names != b.names and not (a.soft or b.soft):
        how = f"classes {a.names[:5]} against {b.names[:5]}"
        yield "coding of the labels", how, "Code both alike, with every class in both."
    elif a.classes:
        counts = np.array([np.bincount(part.classes[0], minlength=len(a.names)) for part in (a, b)])
        total = counts.sum(1, keepdims=True)
        shares = counts / total
        errors = np.sqrt((shares * (1 - shares) / total).sum(0))
        gaps = np.abs(shares[0] - shares[1])
        if (gaps > np.maximum(CLASS_SHARE, 4 * errors)).any():
            name, (left, right) = a.names[gaps.argmax()], shares[:, gaps.argmax()]
            how = f"class {name} has ≈ {left:.0%} against ≈ {right:.0%}"
            yield "balance of the classes", how, "Split by class, unless it is meant."


def _shared_images(a: Reading, b: Reading, sure: bool) -> Finding:
    """``sure``: a was read before it was augmented."""
    known, n = set(a.invariants) - {None}, len(b.invariants)
    shared = sum(image in known for image in b.invariants)
    how = f"{shared:,} of {n:,} validation images are in training as they are, mirrored or rescaled"
    change = "Split by source image first, then augment training."
    if shared > FEW * n:
        return Finding(FOUND, "the same images", how + ".", change)
    near, excess = _near_copies(a.thumbnails, b.thumbnails)
    if near > FEW and excess > NEAR_EXCESS:
        how = f"≈ {near:.0%} of validation images lie far nearer to one in training than to any of their own."
        return Finding(FOUND, "near copies", how, change)
    if sure and a.whole and b.whole:
        return Finding(NOT_FOUND, "", how + ", and there are no near copies.")
    change = "Compare the images from before the augmentation (as a pair of arrays)."
    return Finding(CANT_TELL, "", how + "; turned or shifted copies can't be recognised.", change)


def _near_copies(t: np.ndarray, v: np.ndarray) -> tuple[float, float]:
    """Share of v with a near copy in t; by how many standard errors it exceeds that with one in v."""
    n, rng = min(len(t), len(v), pipelines.KEPT), np.random.default_rng(0)
    if t.shape[1:] != v.shape[1:] or n < 8:
        return 0.0, 0.0
    t, v = (part[rng.permutation(len(part))[:n]] for part in (t, v))
    turned = np.stack([t, v, v[:, ::-1], v[:, :, ::-1], v[:, ::-1, ::-1]]).reshape(5, n, -1)
    turned = turned - turned.mean(2, keepdims=True)
    t, v, *others = turned / (np.linalg.norm(turned, axis=2, keepdims=True) + 1e-9)
    to_t, to_v = (np.min([cdist(part, other) for part in (v, *others)], axis=0) for other in (t, v))
    np.fill_diagonal(to_v, np.inf)
    to_t, to_v = to_t.min(1), to_v.min(1)
    in_t, in_v = np.sum(to_t < NEAR * to_v), np.sum(to_v < NEAR * to_t)
    return in_t / n, (in_t - in_v) / np.sqrt(max(in_t + in_v, 1))


def _degenerate(a: Reading, b: Reading | None, originals: Reading | None) -> Finding:
    found, sets = [], {"training": a.shown_stats} | ({"validation": b.stats} if b else {})
    shades = [part.stats[:, 5].mean() <= 0.5 for part in (b, originals) if part]
    for name, stats in sets.items():
        low, high, _, _, finite, two = stats.T
        if not finite.all():
            found.append(("NaN or infinity", f"in ≈ {1 - finite.mean():.0%} of {name}", "Look for 0/0."))
        if (constant := np.mean(low == high)) > FEW:
            found.append(("constant images", f"≈ {constant:.0%} of {name}", "Look at them."))
        if two.mean() > 0.5 and any(shades):
            change = "brightness_range needs images of 0 to 255 and rescale=1/255."
            found.append(("two values only", f"≈ {two.mean():.0%} of {name} have no shades", change))
        if 0 < high.max() < TINY:
            found.append(("scaled twice", f"no value of {name} exceeds {high.max():.2g}", "Rescale once."))
    if not found:
        return Finding(NOT_FOUND, "", "No NaN, no constant images, values of a usual size.")
    values, hows, changes = (list(dict.fromkeys(column)) for column in zip(*found, strict=True))
    return Finding(FOUND, ", ".join(values), "; ".join(hows) + ".", " ".join(changes))


def _order(a: Reading) -> Finding:
    n, size = len(a.given[0]), a.sizes[0]
    change = "Shuffle anew in each epoch, with a buffer as large as the set."
    if a.source.kind == ARRAYS:
        return Finding(NOT_FOUND, "", "fit shuffles arrays.")
    taken = a.sizes.count(size) * size
    if taken > 2 * size > 2:
        labels = np.eye(len(a.names))[a.classes[0]] if a.classes else np.zeros((n, 1))
        looks = {"one class dominates a batch": labels, "batches of similar images": a.thumbnails}
        for value, x in looks.items():
            ratio, chance = _clustering(x[:taken].reshape(taken // size, size, -1))
            if ratio > max(CLUSTERED, 1.5 * chance):
                how = f"Batches differ ≈ {ratio:.1f} times as much as shuffled ones would."
                return Finding(FOUND, value, how, change)
    if a.classes and np.bincount(a.classes[0]).max() < n - 8 and len({c.tobytes() for c in a.classes}) == 1:
        return Finding(FOUND, "no new shuffle", "The labels come in the same order every time.", change)
    places = [{image: i for i, image in enumerate(epoch.tolist())} for epoch in a.given]
    ways = [abs(later[i] - place) for later in places[1:] for i, place in places[0].items() if i in later]
    if len(ways) > n / 2 and np.mean(ways) < DISPLACED * n:
        how = f"An image moves by ≈ {np.mean(ways) / n:.0%} of an epoch from one to another; shuffled, 33 %."
        return Finding(FOUND, "shuffle too small", how, change)
    if a.classes is None and not ways:
        return Finding(CANT_TELL, "", "There are no labels, and no image comes twice.")
    return Finding(NOT_FOUND, "", "Batches are mixed like shuffled ones, and the order changes.")


def _clustering(x: np.ndarray) -> tuple[float, float]:
    """Variance of batch means over that of shuffled batches, and the largest of 199 shuffles."""
    rng, rows = np.random.default_rng(0), (x - x.mean((0, 1))).reshape(-1, x.shape[2])
    expected = (rows**2).sum() / len(rows) / x.shape[1] + 1e-12

    def ratio(rows: np.ndarray) -> float:
        return float((rows.reshape(x.shape).mean(1) ** 2).sum() / (len(x) - 1) / expected)

    return ratio(rows), max(ratio(rng.permutation(rows)) for _ in range(199))


def _labels(a: Reading) -> Finding:
    if a.classes is None:
        return Finding(CANT_TELL, "", "There are no labels.")
    if a.soft:
        return Finding(NOT_FOUND, "", "Labels lie between the classes, as when images are mixed.")
    blank = a.given[0][a.stats[:, 0] == a.stats[:, 1]]
    labels = pd.Series(np.concatenate(a.classes)).groupby(np.concatenate(a.given)).agg(["size", "nunique"])
    again = labels[(labels["size"] > 1) & ~labels.index.isin(blank)]
    few = len(again) < ENOUGH * len(labels)
    if few or a.stats[:, 5].mean() > 0.5:  # images of two values may be alike by chance
        return Finding(CANT_TELL, "", "Too few images came twice to compare their labels.")
    share = np.mean(again["nunique"] > 1)
    how = f"≈ {share:.0%} of the images that came twice had different labels."
    if share > FEW:
        return Finding(FOUND, "labels vary for one image", how, "Shuffle images and labels together.")
    return Finding(NOT_FOUND, "", how)


def _policy(b: Reading | None, finish: Callable | None, move: Callable | None, still: Callable) -> Finding:
    if finish is None or move is None or b is None or b.classes is None or len(b.names) < 2:
        return Finding(
            CANT_TELL, "", "It takes a trained model, augmentation and labelled validation images."
        )
    truth = b.classes[0][list(b.places)]

    def right(images: np.ndarray) -> np.ndarray:
        out = np.asarray(finish(images, training=False))
        middle = 0.5 if out.min() >= 0 and out.max() <= 1 else 0  # a probability, or else a logit
        return (out.argmax(1) if out.shape[1] > 1 else out[:, 0] > middle) == truth

    clean, augmented = right(still(b.images)), right(move(b.images))
    chance = np.bincount(truth).max() / len(truth)
    if clean.mean() < chance + 2 * np.sqrt(chance * (1 - chance) / len(truth)):
        return Finding(CANT_TELL, "", f"The model, right on ≈ {clean.mean():.0%}, isn't better than chance.")
    affinity = augmented.mean() / clean.mean()
    error = np.std(augmented - affinity * clean) / np.sqrt(len(truth)) / clean.mean()
    how = f"Affinity, accuracy on augmented by clean validation images, is ≈ {affinity:.2f}; limit {AFFINITY}"
    if affinity + 2 * error < AFFINITY:
        return Finding(FOUND, "too strong", how, "Narrow the ranges, or leave a share of the images clean.")
    return Finding(NOT_FOUND if affinity - 2 * error > AFFINITY else CANT_TELL, "", how)
