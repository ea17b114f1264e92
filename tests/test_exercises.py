"""Exercises and their solutions in step, and checks that tell right from wrong."""

import functools
import re
from fractions import Fraction
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pytest
from scipy import stats

from exercises import CHECKS, check
from helpers.augment import RandomAffine
from helpers.data import load_garments
from helpers.policies import POLICIES
from refusals import refusal

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "09_your_own_images"  # the reader's own pictures have no worked answers
LESSONS = [path for path in sorted(ROOT.glob("notebooks/*.ipynb")) if path.stem != PROJECT]
COMPANIONS = sorted(ROOT.glob("notebooks/going_deeper/*.ipynb"))
CALL = re.compile(r'\bcheck\("(\w+\.[123])"')


def cells(path):
    return nbformat.read(path, as_version=4).cells


def test_every_check_belongs_to_a_lesson_and_is_answered_right_in_its_solutions():
    asked, printed = [], ""
    for path in [*LESSONS, *COMPANIONS]:
        found = CALL.findall("\n".join(cell.source for cell in cells(path)))
        asked += found
        for cell in cells(ROOT / "notebooks" / "solutions" / path.name) if found else []:
            for output in cell.get("outputs", []):
                printed += output.get("text", "")
    assert set(asked) == set(CHECKS)
    assert all(f"{name}: right." in printed for name in asked)
    assert "Unknown exercise '99.1'; expected one of" in refusal(check, "99.1", 3)


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


def above_live(runs, k, first="originals+4", second="live-4/5"):
    table = runs.pivot(index="replicate", columns="method", values="val_loss")
    return table[first] - table[second]


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


def same(x, k):
    return np.roll(x, 1, axis=1)


def inspected(p, labels, share):
    found = np.cumsum(labels[np.argsort(-p)])
    return (np.argmax(found >= share * labels.sum()) + 1) / len(labels)


def settings(name):
    """Those of the lesson, where an answer follows from them."""
    if name == "01.2":
        return {"new_x": garments()}
    return {"n": 128, "epochs": 256} if name == "01.1" else {}


@functools.cache
def garments():
    return load_garments().x_val


RIGHT = "right."
TABLE = [  # exercise, an answer, what is said of it
    ("01.1", 256, "right for 128 images an epoch"),
    ("01.1", 48, "768 updates, expected 1,024"),
    ("04.1", "Equivalent", RIGHT),
    ("04.1", "undecided", "compare both ends"),
    ("04.2", lambda a, b: stats.ttest_1samp(a - b, 0).confidence_interval(), RIGHT),
    (
        "04.2",
        lambda a, b: stats.ttest_ind(a, b, equal_var=False).confidence_interval(),
        "two groups",
    ),
    ("04.2", partial(student, t=1.96), "1.96"),
    ("04.2", partial(student, t=stats.t.ppf(0.975, 7)), "for five pairs, expected"),
    ("02.2", np.arange(2048).reshape(128, 16).T.reshape(64, 32), RIGHT),
    ("02.2", np.arange(2048).reshape(64, 32), "240.0 sibling pairs"),
    ("02.2", np.tile(16 * np.arange(32), (64, 1)), "shows each of the numbers"),
    ("03.1", 0.15, RIGHT),
    ("03.2", lambda p, labels: sure(p) - right(p, labels), RIGHT),
    ("03.2", lambda p, labels: p.mean() - right(p, labels), "p is the probability of a coat"),
    (
        "03.2",
        lambda p, labels: np.where(labels, p, 1 - p).mean() - right(p, labels),
        "does not know the truth",
    ),
    ("03.2", lambda p, labels: right(p, labels) - sure(p), "found -0.3 for"),
    ("05.1", 0.68, RIGHT),
    ("05.1", 1.46, "that is the inverse"),
    ("05.1", 68.4, "expected a ratio"),
    ("05.2", 97, RIGHT),
    ("05.2", 0.97, "that is a share"),
    ("05.2", 12, "change them first"),
    ("06.1", 20, "twenty-one versions take turns"),
    ("06.2", above_live, RIGHT),
    ("06.2", partial(above_live, second="live"), "shows no originals"),
    ("06.2", partial(above_live, first="copies-4"), "the originals are missing"),
    ("06.2", lambda runs, k: -above_live(runs, k), "another difference"),
    ("07.1", "p", RIGHT),
    ("07.1", "Q", "the labels of its first batches"),
    ("07.1", "R", "follow one image"),
    ("07.2", dealt(moved), RIGHT),
    ("07.2", dealt(same), "the sixteen images of a source are the same"),
    ("07.2", dealt(moved, late=True), "on both sides"),
    ("07.2", dealt(moved, labels=np.repeat), "lost their labels"),
    ("07.2", dealt(moved, change=lambda x: moved(x, 0)), "a validation image is augmented"),
    ("07.2", dealt(moved, validation=4), "4 of 40 sources are for validation"),
    ("07.2", dealt(lambda x, k: moved(x, k) if k else x), "training holds originals"),
    ("08.1", 168, RIGHT),
    ("08.1", 112, "less than nine tenths"),
    ("08.1", 224, "is it the first"),
    ("08.2", lambda x, f: x.cache().shuffle(128).batch(32).map(f).prefetch(2), RIGHT),
    (
        "08.2",
        lambda x, f: iter(x.cache().shuffle(128).batch(32).map(f)),
        "not like the first: return a data set",
    ),
    (
        "08.2",
        lambda x, f: x.cache().shuffle(128).map(f).batch(32).prefetch(2),
        "one image at a time",
    ),
    (
        "08.2",
        lambda x, f: x.shuffle(128).batch(32).map(f).cache().prefetch(2),
        "come again in the next",
    ),
    (
        "08.2",
        lambda x, f: x.cache().batch(32).shuffle(4).map(f).prefetch(2),
        "what does the shuffle see",
    ),
    (
        "08.2",
        lambda x, f: x.shuffle(128).cache().batch(32).map(f).prefetch(2),
        "the order of the first",
    ),
    ("08.2", lambda x, f: x.shuffle(128).batch(32).map(f).prefetch(2), "read again"),
    ("08.2", lambda x, f: x.cache().shuffle(128).batch(32).prefetch(2), "never called"),
    ("cells.1", Fraction(465, 510), RIGHT),
    ("cells.1", 0.85, "so little?"),
    ("cells.2", inspected, RIGHT),
    ("cells.2", lambda p, labels, share: share, "the share asked for"),
    ("cells.2", lambda p, labels, share: inspected(p, labels, share) - 1 / 40, "is wrong for"),
    (
        "cells.2",
        lambda p, labels, share: inspected(-p, labels, share),
        "the least suspicious cells first",
    ),
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
    changed = RandomAffine(**POLICIES["mild"], seed=1)(garments())
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
        is_said("01.2", answer, said, capsys)


# What is right, of all that could be: the words, or the numbers with the smallest and the largest.
WORDS = {"04.1": {"equivalent", "better"}, "07.1": {"P"}}
NUMBERS = {
    "01.1": (range(1, 2049), {64}),
    "02.1": (range(0, 20 * 512 + 1, 4), {12 * 512}),
    "03.1": ([percent / 100 for percent in range(101)], {0.08, 0.3}),
    "05.1": ([percent / 100 for percent in range(201)], {0.6, 0.8}),
    "05.2": (range(101), {90, 100}),
    "06.1": (range(1, 401), {19}),
    "08.1": (range(28, 225), {113, 168}),
    "cells.1": ([thousandth / 1000 for thousandth in range(1001)], {0.905, 0.915}),
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
