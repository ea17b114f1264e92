"""Each finding says of a broken pipeline what is wrong, and nothing of its mended twin."""

import numpy as np
import pytest
from pairs import PAIRS, SIZE, Batches, V, W, X, Y, lighten, pictures, rng, shift

from augcheck import CANT_TELL, FOUND, NOT_FOUND, check_pipeline, explain
from augcheck.catalogue import NUMBERS, named
from augcheck.measures.batches_again import batches_again


@pytest.mark.parametrize(("expected", "words", "broken", "mended"), PAIRS)
def test_a_broken_pipeline_and_its_mended_twin(expected, words, broken, mended):
    name, severity = expected.split(": ")
    report = check_pipeline(**broken)
    assert report.found[0] == name, report
    assert report[name].severity == severity
    for word in words.split("; "):
        assert word in str(report[name])
    assert report.ok == (severity == "wasteful")
    assert not check_pipeline(**mended).found


def test_every_finding_has_a_pair_and_a_page():
    assert {expected.split(": ")[0] for expected, *_ in PAIRS} == set(NUMBERS)
    for name, number in NUMBERS.items():
        page = explain(number)
        assert page.startswith(f"{number} {name}") and "Wrong:" in page and "Right:" in page
    assert named("same_change-per batch") == "one draw"
    with pytest.raises(ValueError, match="there is no finding 'AUG10'"):
        named("AUG10")


def test_a_question_is_answered_by_saying_what_follows():
    frozen = Batches(X, Y)
    asked = check_pipeline(frozen)
    assert asked["repeats"].severity == "ask" and str(asked).startswith("ASK: ")
    assert check_pipeline(frozen, model=False)["repeats"].severity == "wrong"
    assert not check_pipeline(frozen, live=False).found
    told = check_pipeline(frozen, augment=lighten, augment_in="loop")
    assert told["repeats"].status == NOT_FOUND and "own pictures come again" in told["repeats"].how


def test_stored_copies_that_come_in_turn_are_found():
    stored = [lighten(X) for _ in range(4)]
    epochs = iter(range(99))

    def epoch():
        now = stored[next(epochs) % 4]
        yield from Batches(now, Y)

    assert "about 4 stored copies" in check_pipeline(epoch)["repeats"].value


def test_caches_in_two_workers_are_found():
    stores = [lighten(X), lighten(X)]

    def epoch():
        rows = rng.permutation(len(X)).reshape(-1, SIZE)
        for number, now in enumerate(rows):
            yield stores[number % 2][now], Y[now]

    assert "each came from one of 2 stores" in check_pipeline(epoch)["repeats"].how


def test_a_dark_frame_is_no_other_range():
    dark = np.round(255 * V).astype("uint8")
    dark[::4] = rng.integers(0, 2, dark[::4].shape)
    report = check_pipeline((np.round(255 * X).astype("uint8"), Y), (dark, W))
    assert "different ranges" not in report["degenerate"].value


def test_nan_and_blank_images_are_named_by_number():
    broken = V.copy()
    broken[3, 0, 0, 0] = np.nan
    broken[10:20] = 0
    report = check_pipeline((X, Y), (broken, W))["degenerate"]
    assert "NaN" in report.value and "blank images" in report.value
    assert report.indices["validation"] == [3, *range(10, 20)]


def test_shuffled_pictures_hardly_ever_look_like_batches_that_come_again(monkeypatch):
    seen = []
    monkeypatch.setattr("augcheck.findings.order.batches_again", lambda part: seen.append(part))
    for seed in range(20):
        x, y = pictures(96, seed, side=8)
        check_pipeline(Batches(x, y, shift), max_images=200)
    assert not any(map(batches_again, seen)) and len(seen) == 20


@pytest.mark.parametrize("few", [40, 400])
def test_of_a_part_nothing_is_said_that_the_rest_may_refute(few):
    report = check_pipeline(Batches(X, Y), Batches(V, W), max_images=few)
    assert report["repeats"].status == (CANT_TELL if few == 40 else FOUND)
