"""What a report tells people to change, carried out on the gallery's wrong pipelines.

The next report finds nothing, and what was wrong is gone as one sees it without the check-up.
"""

import inspect
from typing import NamedTuple

import keras
import numpy as np
import pytest

from augcheck import check_pipeline, gallery
from augcheck.catalogue import NUMBERS


class Repair(NamedTuple):
    """An edit of a pipeline's source, as a report advises it in these words."""

    advice: str
    before: str
    after: str


REPAIRS = {
    "repeats": Repair(
        "Nothing augments yet? Add it.",
        "Batches(lighten(images), labels)",
        "Batches(lighten(images), labels, lighten)",
    ),
    "one draw": Repair(
        "a random number for each image",
        "batch * rng.uniform(0.4, 1))",
        "batch * rng.uniform(0.4, 1, (len(batch), 1, 1, 1)))",
    ),
    "validation moves": Repair(
        "Don't augment validation images",
        "Batches(*validation, lighten)",
        "Batches(*validation)",
    ),
    "sets differ": Repair(
        "both to 0 to 1", "255 * validation[0]", "255 * validation[0] / np.float32(255)"
    ),
    "shared images": Repair(
        "Split the original images first, and augment training afterwards.",
        "wrong = both[order[:192]], both[order[192:]]",
        "wrong = np.concatenate([images[:96], images[:96, :, ::-1]]), images[96:]",
    ),
    "degenerate": Repair("Scale once only", " / 255", ""),
    "order": Repair("Shuffle anew in each epoch", "shuffle=False", "shuffle=True"),
    "labels": Repair(
        "Shuffle images and labels together.",
        "labels[order] if together else labels",
        "labels[order]",
    ),
    "positions": Repair(
        "Make the generator once", "epoch(np.random.default_rng)", "epoch(lambda place: rng)"
    ),
    "augmented twice": Repair(
        "Keep one of the two", "[shape, layers.RandomRotation(0.1), *last]", "[shape, *last]"
    ),
    "stored images": Repair("x = x.copy()", "[stored[i] for", "[stored[i].copy() for"),
}


def wrong_pipeline(name, repair=None):
    """The wrong pipeline of the gallery, as it is or repaired, with names and draws of its own."""
    function = f"{name.replace(' ', '_')}_pair"
    source = inspect.getsource(gallery)
    if repair:
        pair = inspect.getsource(getattr(gallery, function))
        assert repair.before in pair
        source = source.replace(pair, pair.replace(repair.before, repair.after))
    names = {}
    exec(source, names)
    return names[function]()[0], names


def epoch_of(train):
    batches = train() if callable(train) else train
    parts = [(np.asarray(x), np.asarray(y)) for x, y in batches]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def as_set(images):
    return {image.tobytes() for image in images}


def shifts_of(shown, originals):
    """By how much each image was rolled, from the original that it was made from."""
    steps = [(i, j) for i in range(-3, 4) for j in range(-3, 4)]
    known = {np.roll(image, step, (0, 1)).tobytes(): step for image in originals for step in steps}
    return [known[image.tobytes()] for image in shown]


def two_epochs(train):
    return epoch_of(train), epoch_of(train)


def shows_the_fault(name, made, names):
    """Whether a pipeline has the fault, by looking at what it is made of and what it yields."""
    if name == "repeats":
        first, second = two_epochs(made)
        return bool(as_set(first[0]) & as_set(second[0]))
    if name == "one draw":
        return len(np.unique(made.augment(np.ones((16, 1, 1, 1))))) == 1
    if name == "validation moves":
        first, second = two_epochs(made[1])
        return as_set(first[0]) != as_set(second[0])
    if name == "sets differ":
        return made[1][0].max() > 2 * made[0][0].max()
    if name == "shared images":
        train, validation = made
        return bool(as_set([*train, *train[:, :, ::-1]]) & as_set(validation))
    if name == "degenerate":
        return made[0][0].max() < 0.1
    if name == "order":
        first, second = two_epochs(made)
        return np.array_equal(first[1], second[1]) or bool((np.diff(first[1]) >= 0).all())
    if name == "labels":
        shown, classes = epoch_of(made["train"])
        own = {
            image.tobytes(): label
            for image, label in zip(names["images"], names["labels"], strict=True)
        }
        return any(
            own[image.tobytes()] != label for image, label in zip(shown, classes, strict=True)
        )
    if name == "positions":
        first, second = two_epochs(made["train"])
        return shifts_of(first[0], names["images"]) == shifts_of(second[0], names["images"])
    if name == "augmented twice":
        return "RandomRotation" in {type(layer).__name__ for layer in made["model"].layers}
    if name == "stored images":
        stored = inspect.getclosurevars(made).nonlocals["stored"]
        list(made())
        return not np.array_equal(stored, names["images"])
    raise ValueError(f"how to see {name!r} without the check-up is not known; add it here.")


def test_every_finding_has_a_repair():
    assert set(REPAIRS) == set(NUMBERS)


@pytest.mark.parametrize("name", REPAIRS)
def test_what_a_report_advises_repairs_the_pipeline(name):
    keras.utils.set_random_seed(1)
    repair = REPAIRS[name]
    made, names = wrong_pipeline(name)
    finding = check_pipeline(lambda: made)[name]
    assert finding.status == "found" and repair.advice in finding.change
    assert shows_the_fault(name, made, names)
    repaired, names = wrong_pipeline(name, repair)
    report = check_pipeline(lambda: repaired)
    assert not report.found, report
    assert not shows_the_fault(name, repaired, names)
