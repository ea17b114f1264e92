"""Exercises and their solutions in step, and checks that tell right from wrong."""

import functools
import re
from functools import partial

import links
import nbformat
import numpy as np
import pytest
from scipy import stats

from exercises import CHECKS, check
from helpers.augment import RandomAffine
from helpers.data import load_garments

CALL = re.compile(r'\bcheck\("([\w.]+)"')


def test_each_exercise_of_a_notebook_has_its_check_and_is_answered_right_in_the_solutions():
    asked, answered = set(), set()
    for path in links.notebooks():
        for cell in nbformat.read(path, as_version=4).cells:
            if path.parent.name != "solutions":
                asked |= set(CALL.findall(cell.source))
            for output in cell.get("outputs", []):
                answered |= set(
                    re.findall(r"^(\w+): right\.", output.get("text", ""), re.MULTILINE)
                )
    assert asked == answered == set(CHECKS)
    with pytest.raises(ValueError, match="Unknown exercise 'mixup'; expected one of"):
        check("mixup", 3)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_no_answer_and_nonsense_get_one_sentence(name, capsys):
    large = 10**400
    nonsense = ["what?", float("nan"), np.zeros(3), np.full((64, 32), None), True, large]
    for answer in (*nonsense, lambda *_: None, lambda *_: large):
        check(name, answer, **settings(name))
        printed = capsys.readouterr().out
        assert re.fullmatch(rf"{re.escape(name)}: .+[.?]\n", printed) and "right." not in printed
    if name in {exercise for exercise, answer, _ in TABLE if callable(answer)}:
        check(name, lambda *given: missing)  # noqa: F821
        assert "raises NameError: name 'missing'" in capsys.readouterr().out
        check(name, lambda *given: ...)
        assert capsys.readouterr().out == f"{name}: still to come.\n"
    check(name, None)
    assert capsys.readouterr().out == f"{name}: still to come.\n"


def sure(p):
    return np.maximum(p, 1 - p).mean()


def right(p, labels):
    return ((p > 0.5) == labels).mean()


def above_live(table, k, first="originals+4", second="live-4/5"):
    return table[first] - table[second]


def partner(epoch, ids, turn=lambda epoch, ids: (epoch + ids) % 5 == 0):
    return np.where(turn(epoch, ids), -1, epoch)


def student(first, second, t):
    """The paired interval with this t in place of the right one."""
    d = first - second
    half = t * stats.sem(d)
    return d.mean() - half, d.mean() + half


def dealt(make, labels=np.tile, late=False, validation=8, change=lambda x: x):
    """A split of 40 images, its training pictures made by make(images, copy from 0 to 15), with mistakes."""

    def split_pool(x, y):
        order = np.random.default_rng(0).permutation(40)
        train, val = order[validation:], order[:validation]
        if late:
            train = order
        pool = np.concatenate([make(x[train], k) for k in range(16)])
        return (pool, labels(y[train], 16)), (change(x[val]), y[val])

    return split_pool


def moved(x, k):
    return np.roll(x, k + 1, axis=1 if k < 8 else 2)


def settings(name):
    """Those of the lesson, where an answer follows from them."""
    if name == "changed_garments":
        return {"new_x": garments()}
    return {"n": 128, "epochs": 256} if name == "updates" else {}


@functools.cache
def garments():
    return load_garments().x_val


RIGHT = "right."
TABLE = [  # exercise, an answer, what is said of it
    ("updates", 256, "right for 128 images an epoch"),
    ("updates", 48, "768 updates, expected 1,024"),
    ("interval", lambda a, b: stats.ttest_1samp(a - b, 0).confidence_interval(), RIGHT),
    (
        "interval",
        lambda a, b: stats.ttest_ind(a, b, equal_var=False).confidence_interval(),
        "two groups",
    ),
    ("interval", partial(student, t=stats.t.ppf(0.975, 7)), "look at t, and at ddof"),
    ("siblings", np.arange(2048).reshape(128, 16).T.reshape(64, 32), RIGHT),
    ("siblings", np.arange(2048).reshape(64, 32), "copies of 2 garments"),
    ("siblings", np.tile(16 * np.arange(32), (64, 1)), "shows each of the numbers"),
    ("stopping", 5.39, RIGHT),
    ("stopping", 5.57, "the gap at the end"),
    ("stopping", -5.39, "minus no augmentation"),
    ("over_confidence", lambda p, labels: sure(p) - right(p, labels), RIGHT),
    (
        "over_confidence",
        lambda p, labels: p.mean() - right(p, labels),
        "p is the probability of a coat",
    ),
    (
        "over_confidence",
        lambda p, labels: np.where(labels, p, 1 - p).mean() - right(p, labels),
        "does not know the truth",
    ),
    ("over_confidence", lambda p, labels: right(p, labels) - sure(p), "expected 0.3"),
    ("pipelines", "p", RIGHT),
    ("pipelines", "Q", "the labels of its first batches"),
    ("pipelines", "R", "follow one image"),
    ("split", dealt(moved), RIGHT),
    ("split", dealt(moved, late=True), "on both sides"),
    ("split", dealt(moved, labels=np.repeat), "lost their labels"),
    ("split", dealt(moved, change=lambda x: moved(x, 0)), "a validation image is augmented"),
    ("split", dealt(moved, validation=4), "8 sources for validation"),
    ("same_share", partner, RIGHT),
    ("same_share", lambda epoch, ids: np.full(40, epoch), "never shows an original"),
    ("same_share", lambda epoch, ids: (epoch + ids) % 5 - 1, "as in a store"),
    (
        "same_share",
        partial(partner, turn=lambda epoch, ids: epoch % 4 + 0 * ids == 0),
        "four times",
    ),
    ("coats_changed", 97, RIGHT),
    ("coats_changed", 0.97, "that is a share"),
    ("coats_changed", 12, "so few?"),
    ("above_live", above_live, RIGHT),
    ("above_live", partial(above_live, second="live"), "shows no originals"),
    ("above_live", partial(above_live, first="copies-4"), "the originals are missing"),
    ("above_live", lambda runs, k: -above_live(runs, k), "expected originals + k"),
    ("groups", lambda path: path.name.split("_")[0], RIGHT),
    ("groups", lambda path: path.name[:5], "are of two plants"),
    ("groups", lambda path: path.stem, "are of one plant"),
    ("fine_tuning", {"hands": "better", "CIFAR-10": "Undecided"}, RIGHT),
    ("fine_tuning", {"hands": "better", "CIFAR-10": "better"}, "leave out zero"),
    ("fine_tuning", {"hands": "undecided", "CIFAR-10": "better"}, "hands: pair the runs"),
    ("fine_tuning", {"hands": "better", "CIFAR-10": None}, "still to come"),
    ("sharpness", 112, RIGHT),
    ("sharpness", 56, "less than nine tenths"),
    ("sharpness", 224, "is it the first"),
]


@pytest.mark.parametrize(("name", "answer", "said"), TABLE)
def test_known_mistakes_get_their_hints_and_right_answers_their_reason(name, answer, said, capsys):
    is_said(name, answer, said, capsys)


def is_said(name, answer, said, capsys):
    check(name, answer, **settings(name))
    printed = capsys.readouterr().out
    assert said in printed
    assert ("right." in printed) is (said == RIGHT)


def test_augmented_images_are_told_from_others(capsys):
    changed = RandomAffine(5, 0.05, 0.05, horizontal_flip=True, seed=1)(garments())
    answers = [
        (changed, RIGHT),
        (np.asarray(changed), RIGHT),
        (garments(), "call `augment` yourself"),
        (garments()[:, :, ::-1], "or only flipped"),
        (np.concatenate([changed[:1000], garments()[1000:]]), "many are as they were"),
        (np.asarray(changed)[::-1], "in their order"),
        (changed[:128], "found shape (128, 28, 28, 1), expected (2000, 28, 28, 1)"),
    ]
    for answer, said in answers:
        is_said("changed_garments", answer, said, capsys)


# What is right, of all that could be: the words, or the numbers with the smallest and the largest.
WORDS = {"pipelines": {"P"}}
NUMBERS = {
    "updates": (range(1, 2049), {64}),
    "seen_before": (range(0, 20 * 512 + 1, 4), {12 * 512}),
    "stopping": ([tenth / 10 for tenth in range(-200, 201)], {5.3, 5.5}),
    "coats_changed": (range(101), {90, 100}),
    "sharpness": (range(28, 225), {57, 112}),
}


def accepted(name, answers, capsys):
    """Those of the answers that the check calls right."""
    right = []
    for answer in answers:
        check(name, answer, **settings(name))
        if RIGHT in capsys.readouterr().out:
            right.append(answer)
    return right


@pytest.mark.parametrize("name", WORDS)
def test_no_other_word_is_right(name, capsys):
    words = ["better", "worse", "equivalent", "undecided", "P", "Q", "R"]
    assert set(accepted(name, words, capsys)) == WORDS[name]


@pytest.mark.parametrize("name", NUMBERS)
def test_no_number_outside_of_what_is_right_is_accepted(name, capsys):
    tried, ends = NUMBERS[name]
    right = accepted(name, tried, capsys)
    assert {min(right), max(right)} == ends
