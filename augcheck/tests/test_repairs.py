"""What a report tells people to change, carried out on the gallery's wrong pipelines: the next report finds nothing."""

import inspect
from typing import NamedTuple

import keras
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
    """The wrong pipeline of the gallery, as it is or repaired, with draws of its own."""
    function = f"{name.replace(' ', '_')}_pair"
    source = inspect.getsource(gallery)
    if repair:
        pair = inspect.getsource(getattr(gallery, function))
        assert repair.before in pair
        source = source.replace(pair, pair.replace(repair.before, repair.after))
    names = {}
    exec(source, names)
    return names[function]()[0]


def test_every_finding_has_a_repair():
    assert set(REPAIRS) == set(NUMBERS)


@pytest.mark.parametrize("name", REPAIRS)
def test_what_a_report_advises_repairs_the_pipeline(name):
    keras.utils.set_random_seed(1)
    repair = REPAIRS[name]
    made = wrong_pipeline(name)
    finding = check_pipeline(lambda: made)[name]
    assert finding.status == "found" and repair.advice in finding.change
    repaired = wrong_pipeline(name, repair)
    report = check_pipeline(lambda: repaired)
    assert not report.found, report
