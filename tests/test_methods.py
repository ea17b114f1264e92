"""What each method shows, that a name has one spelling, and that stored pictures are the drawn ones."""

import hashlib
import itertools
from fractions import Fraction

import keras
import numpy as np
import pytest

from helpers.augment import IDENTITY, RandomAffine
from helpers.methods import (
    Method,
    make_batches,
    parse_method,
    schedule,
)
from helpers.policies import POLICIES
from refusals import refusal
from training_runs import shown

N, UPDATES, EPOCHS = 64, 20, 10  # 2 batches an epoch
# They show each source once an epoch.
SYNCHRONOUS = ["none", "copies-3", "originals+3", "live", "live-3/4"]
POLICY = RandomAffine(**POLICIES["article"])

METHODS = {
    "none": Method("none"),
    "copies-12": Method("copies", 12),
    "originals+2": Method("originals", 2),
    "live": Method("live", p=1),
    "live-4/5": Method("live", p=Fraction(4, 5)),
}


def pairs(source, version):
    return list(zip(source.ravel().tolist(), version.ravel().tolist(), strict=True))


def same(first, second):
    """Whether two schedules show the same."""
    return all(map(np.array_equal, first[:2], second[:2]))


# Names

NO_NAMES = [
    "",
    "none-4",
    "copies-0",
    "copies-04",
    "copies-4 ",
    "copies-４",
    "originals-4",
    "fresh-4-10",
    "pool-4",
    "originals+pool-4",
    "live-1/1",
    "live-3/2",
    "live-2/4",
    "live\n",
    4,
]


def test_every_kind_has_one_spelling_and_all_else_is_refused():
    assert {name: parse_method(name) for name in METHODS} == METHODS
    for name in NO_NAMES:
        said = refusal(schedule, name, N, UPDATES)
        assert said.startswith(f"method is {name!r}; expected none, copies-K"), name
    for n in (16, 0, True, -32):
        said = refusal(schedule, "live", n, UPDATES)
        assert f"n is {n}; expected a multiple of the batch size 32" in said
    assert "updates is 0; expected 1 or more" in refusal(schedule, "live", N, 0)


# Every schedule


@pytest.mark.parametrize(
    ("name", "replicate", "digest"),
    [
        ("none", 0, "d61ec22b"),
        ("copies-4", 3, "5a3f0cdd"),
        ("originals+3", 3, "e7728005"),
        ("live-1/2", 3, "6d06346f"),
    ],
)
def test_schedules_are_those_of_the_stored_results(name, replicate, digest):
    plan = schedule(name, 128, 40, replicate)
    numbers = b"".join(part.astype("<i4").tobytes() for part in plan[:2])
    assert hashlib.sha256(numbers).hexdigest()[:8] == digest, "compute data/results anew"


@pytest.mark.parametrize("name", METHODS)
def test_a_run_of_any_length_begins_as_a_longer_one(name):
    for batch, n, updates in ((1, 1, 7), (8, 16, 1), (8, 40, 23)):
        plan, long = (schedule(name, n, u, 4, batch) for u in (updates, updates + 9))
        assert plan.source.shape == plan.version.shape == (updates, batch)
        assert same(plan, (long.source[:updates], long.version[:updates]))


def test_methods_share_the_order_of_sources_and_each_epoch_and_replicate_has_another():
    first, *others = (schedule(name, N, UPDATES, replicate=1).source for name in SYNCHRONOUS)
    assert all((order == first).all() for order in others)
    epochs = first.reshape(EPOCHS, N)
    assert (np.sort(epochs, axis=1) == np.arange(N)).all()  # every source once an epoch
    assert (epochs[0] != epochs[1]).mean() > 0.8


# Each kind


def test_as_many_copies_as_epochs_is_live_which_repeats_nothing_and_one_less_is_not():
    live = schedule("live", N, UPDATES, 7)
    static = schedule("copies-10", N, UPDATES, 7)
    fewer = schedule("copies-9", N, UPDATES, 7)
    assert same(static, live) and not same(fewer, live)
    assert len(set(pairs(*live[:2]))) == live.source.size and live.version.min() == 1
    assert (fewer.version.reshape(EPOCHS, N) == 1 + np.arange(EPOCHS)[:, None] % 9).all()
    assert not schedule("none", N, UPDATES).version.any()


@pytest.mark.parametrize("k", [1, 3, 4])
def test_every_version_of_every_source_is_shown_once_a_cycle_in_another_order_each_time(k):
    versions = range(k + 1)
    plan = schedule(f"originals+{k}", N, updates=2 * 2 * len(versions))
    first, second = map(pairs, np.split(plan.source, 2), np.split(plan.version, 2))
    assert sorted(first) == sorted(second) == list(itertools.product(range(N), versions))
    assert first != second


def test_partly_live_shows_the_stated_share_of_originals_and_else_what_live_shows():
    plan, full = (schedule(name, 512, updates=320) for name in ("live-16/17", "live"))
    clean = plan.version == 0
    assert clean.mean() == pytest.approx(1 / 17, abs=5 * np.sqrt(16 / 17**2 / clean.size))
    assert (plan.version[~clean] == full.version[~clean]).all()


@pytest.mark.parametrize("name", SYNCHRONOUS)
def test_no_batch_shows_an_image_twice(name):
    assert all(len(set(batch)) == 32 for batch in schedule(name, 128, 40).source.tolist())


# Pictures


ARRAYS = np.random.default_rng(0).random((N, 8, 8, 1), np.float32), np.arange(N) % 2


@pytest.mark.parametrize("name", SYNCHRONOUS)
def test_an_arm_shows_the_versions_of_its_schedule_and_only_live_draws_them(name):
    replicate = 3
    plan = schedule(name, N, UPDATES, replicate)
    # Only the name says which of the two it is.
    stored = make_batches(*ARRAYS, plan._replace(name="none"), POLICY)
    drawn = make_batches(*ARRAYS, plan._replace(name="live"), POLICY)
    chosen = make_batches(*ARRAYS, plan, POLICY)
    for version in np.unique(plan.version):
        expected = np.tile(IDENTITY, (N, 1))
        if version > 0:
            expected = POLICY.draw(N, (replicate, version - 1)).numpy()
        there = plan.version == version
        assert (drawn.parameters[there] == expected[plan.source[there]]).all()
    for one, other in zip(shown(stored, POLICY), shown(drawn, POLICY), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(drawn.labels[drawn.rows], ARRAYS[1][plan.source])
    assert stored.parameters is None
    draws = name in ("live", "live-3/4")
    assert (chosen.parameters is not None) == draws
    assert len(chosen.images) == N * (1 if draws else len(np.unique(plan.version)))


def test_live_shows_new_pictures_and_copies_are_drawn_anew_however_many_there_are():
    images, labels = (part[:32] for part in ARRAYS)
    epochs = 1025
    plan = schedule("live", 32, epochs)
    assert np.unique(plan.version).tolist() == list(range(1, epochs + 1))
    copies = schedule("copies-1025", 32, epochs)
    assert same(copies, plan)
    live = make_batches(images, labels, plan, POLICY)
    first_image = live.parameters[live.rows == 0]
    assert len(np.unique(first_image, axis=0)) == epochs
    few = copies._replace(source=plan.source[:4], version=plan.version[[0, 64, 256, 1024]])
    stored = make_batches(images, labels, few, POLICY)
    assert len(np.unique(stored.images[::32], axis=0)) == 4


@pytest.mark.parametrize("name", ["live", "copies-2"])
def test_a_schedule_for_other_images_is_refused(name):
    images, labels = ARRAYS
    plan = schedule(name, 2 * N, UPDATES)
    assert refusal(make_batches, images, labels, plan, POLICY).startswith(
        f"found {N} images and {N} labels; expected {2 * N} of each"
    )
    short = schedule(name, N, UPDATES)
    said = refusal(make_batches, images, labels[1:], short, POLICY)
    assert said.startswith(f"found {N} images and {N - 1} labels")


def test_a_policy_asked_for_again_after_the_same_seed_changes_pictures_in_the_same_way():
    made = []
    for seed in (0, 0, 1):
        keras.utils.set_random_seed(seed)
        made.append(np.asarray(RandomAffine(**POLICIES["mild"])(ARRAYS[0])))
    assert np.array_equal(made[0], made[1]) and not np.array_equal(made[0], made[2])
