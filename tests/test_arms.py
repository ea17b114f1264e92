"""What each arm shows, that a name has one spelling, and that stored pictures are the drawn ones."""

import hashlib
import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import arguments
from helpers.arms import (
    BATCH,
    FORMS,
    Arm,
    Batches,
    drawn_batches,
    make_batches,
    parse_arm,
    schedule,
    stored_batches,
)
from helpers.augment import IDENTITY, named_policy
from refusals import message

N, UPDATES = 64, 20  # 2 batches an epoch, 10 epochs
EPOCHS = 10
EVERY_KIND = [
    "none", "copies-3", "originals+3", "pool-3", "originals+pool-3", "fresh-2-4", "pool-3+live",
    "live", "live-3/4",
]  # fmt: skip
SHUFFLED = ["pool-3", "originals+pool-3", "pool-3+live"]
SYNCHRONOUS = [name for name in EVERY_KIND if name not in SHUFFLED]  # one picture a source and epoch
POLICY = named_policy("wide")

WHOLE = st.integers(1, 40)
ARMS = st.one_of(
    st.sampled_from([Arm("none"), Arm("live")]),
    st.tuples(st.sampled_from(["copies", "originals", "pool", "originals+pool", "pool+live"]), WHOLE).map(
        lambda kind_and_copies: Arm(*kind_and_copies)
    ),
    st.tuples(WHOLE, st.integers(0, 40)).map(lambda pair: Arm("fresh", pair[0], epochs=sum(pair))),
    st.fractions(Fraction(1, 60), Fraction(59, 60), max_denominator=60).map(lambda p: Arm("live", p=p)),
)
REPLICATES = st.integers(0, 50)


def by_epoch(plan, n=N):
    """Source numbers and versions, (epochs, n)."""
    return plan.source.reshape(-1, n), plan.version.reshape(-1, n)


def pictures(source, version):
    return list(zip(source.ravel().tolist(), version.ravel().tolist(), strict=True))


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first[:2], second[:2], strict=True))


# Names


@given(ARMS)
def test_a_name_is_read_as_the_arm_that_wrote_it(arm):
    assert parse_arm(arm.name) == arm


@given(
    st.text("copiesrgnalvfhu0123456789+-/_ ", max_size=16)
    | st.from_regex(r"(live|pool|copies)[-+]\d{1,2}", fullmatch=True)
)
def test_a_text_is_the_name_of_its_arm_or_refused(text):
    try:
        arm = parse_arm(text)
    except ValueError:
        return
    assert arm.name == text


@pytest.mark.parametrize(
    ("name", "arm"),
    [
        ("none", Arm("none")),
        ("copies-4", Arm("copies", 4)),
        ("originals+16", Arm("originals", 16)),
        ("pool-4", Arm("pool", 4)),
        ("originals+pool-4", Arm("originals+pool", 4)),
        ("fresh-4-10", Arm("fresh", 4, epochs=10)),
        ("pool-4+live", Arm("pool+live", 4)),
        ("live", Arm("live")),
        ("live-4/5", Arm("live", p=Fraction(4, 5))),
    ],
)
def test_names_of_arms(name, arm):
    assert parse_arm(name) == arm


@pytest.mark.parametrize(
    "name",
    [
        "", "static", "none-4", "none-", "copies", "copies-0", "copies-04", "copies-1.5", "copies-1_0",
        "copies+4", "copies--4", "copies-4 ", "copies-４", "originals-4", "originals+-1", "originals+0",
        "pool-x", "pool+4", "originals-pool-4", "originals+pool+4", "originals+pool-0", "fresh-4",
        "fresh-4-3", "fresh-0-3", "fresh+4-10", "fresh-4-10+live", "pool-4-live", "pool+live", "pool-0+live",
        "pool-4+live-1/2", "copies-4+live", "Live", "live-", "live+1/2", "live-0", "live-1", "live-1/1",
        "live-2/4", "live-6/5", "live-0/5", "live-0/0", "live-0.5", "live\n", None, 4, ("live",),
    ],
)  # fmt: skip
def test_other_names_are_refused(name):
    for use in (parse_arm, lambda name: schedule(name, N, UPDATES)):
        with pytest.raises(ValueError) as error:
            use(name)
        assert message(error).startswith(f"arm is {name!r}; expected {FORMS}, with whole numbers")


# Every schedule


@pytest.mark.parametrize(
    ("name", "replicate", "digest"),
    [
        ("none", 0, "d61ec22b"), ("none", 3, "9d93ba46"), ("copies-4", 3, "5a3f0cdd"), ("originals+3", 0, "b0780e79"),
        ("originals+3", 3, "e7728005"), ("live-1/2", 0, "be3244c2"), ("live-1/2", 3, "6d06346f"),
        ("fresh-2-4", 3, "d19757d3"), ("pool-2", 0, "52a03d25"), ("pool-2", 3, "0af93fed"),
        ("originals+pool-8", 3, "da57bf82"),
    ],
)  # fmt: skip
def test_schedules_are_those_of_the_stored_results(name, replicate, digest):
    plan = schedule(name, 128, 40, replicate)
    numbers = b"".join(part.astype("<i4").tobytes() for part in plan[:2])
    assert hashlib.sha256(numbers).hexdigest()[:8] == digest, "compute data/results anew"


@settings(max_examples=60, deadline=None)
@given(
    arm=ARMS,
    batch=st.sampled_from([1, 8, 32]),
    batches=st.integers(1, 5),
    updates=st.integers(1, 40),
    replicate=REPLICATES,
)
def test_every_arm_has_exactly_the_updates_asked_for_and_shows_each_image_equally_often(
    arm, batch, batches, updates, replicate
):
    n = batch * batches
    plan = schedule(arm.name, n, updates, replicate, batch)
    assert plan.source.shape == plan.version.shape == (updates, batch)
    assert plan.source.min() >= 0
    assert plan.source.max() < n
    assert plan.version.min() >= (0 if arm.kind in ("none", "originals", "originals+pool", "live") else 1)
    if arm.kind in ("copies", "pool", "pool+live", "originals", "originals+pool"):
        assert plan.version.max() <= arm.copies
    assert (plan.on_top is not None) == (arm.kind == "pool+live")
    times = np.bincount(plan.source.ravel(), minlength=n)
    most_often = 1
    if "pool" in arm.kind:  # how often a pass over the pool shows an image
        most_often = arm.copies + (arm.kind == "originals+pool")
    assert times.max() - times.min() <= most_often


@settings(max_examples=40, deadline=None)
@given(arm=ARMS, updates=st.integers(1, 20), more=st.integers(1, 20), replicate=REPLICATES)
def test_a_longer_run_begins_as_the_shorter_one(arm, updates, more, replicate):
    short, long = (schedule(arm.name, N, u, replicate) for u in (updates, updates + more))
    for a, b in zip(short, long, strict=True):
        assert a is b is None or np.array_equal(a, b[:updates])


@settings(max_examples=40, deadline=None)
@given(arm=ARMS, replicate=REPLICATES)
def test_a_schedule_is_always_the_same_and_each_replicate_has_its_own(arm, replicate):
    first, again, other = (schedule(arm.name, N, UPDATES, r) for r in (replicate, replicate, replicate + 1))
    assert same(first, again)
    assert (first.source != other.source).mean() > 0.9


@pytest.mark.parametrize("name", SYNCHRONOUS)
def test_every_source_comes_exactly_once_an_epoch(name):
    source, _ = by_epoch(schedule(name, N, UPDATES))
    assert (np.sort(source, axis=1) == np.arange(N)).all()


def test_arms_share_the_order_of_sources_and_each_epoch_has_another():
    orders = [schedule(name, N, UPDATES, replicate=1).source for name in SYNCHRONOUS]
    assert all((order == orders[0]).all() for order in orders)
    first, second = by_epoch(schedule("none", N, UPDATES))[0][:2]
    assert (first != second).mean() > 0.8


# Each kind


def test_none_shows_originals_only():
    assert not schedule("none", N, UPDATES).version.any()


@pytest.mark.parametrize("k", [1, 3, 4])
def test_copies_show_copy_after_copy_and_never_an_original(k):
    _, version = by_epoch(schedule(f"copies-{k}", N, UPDATES))
    assert (version == 1 + np.arange(EPOCHS)[:, None] % k).all()


@settings(max_examples=20, deadline=None)
@given(epochs=st.integers(2, 12), more=st.integers(0, 9), replicate=REPLICATES)
def test_as_many_copies_as_epochs_is_live_and_one_less_is_not(epochs, more, replicate):
    live, static, fewer = (
        schedule(name, N, 2 * epochs, replicate)
        for name in ("live", f"copies-{epochs + more}", f"copies-{epochs - 1}")
    )
    assert same(static, live)
    assert not same(fewer, live)


def test_live_never_repeats_a_picture_nor_shows_an_original():
    plan = schedule("live", N, UPDATES)
    assert len(set(pictures(*plan[:2]))) == plan.source.size
    assert plan.version.min() == 1


@pytest.mark.parametrize("k", [1, 3, 4])
@pytest.mark.parametrize(("form", "first_version"), [("originals+{}", 0), ("originals+pool-{}", 0), ("pool-{}", 1)])
def test_every_version_of_every_source_is_shown_once_a_cycle_in_another_order_each_time(form, first_version, k):
    versions = range(first_version, k + 1)
    plan = schedule(form.format(k), N, updates=2 * 2 * len(versions))
    cycles = zip(np.split(plan.source, 2), np.split(plan.version, 2), strict=True)
    first, second = (pictures(*cycle) for cycle in cycles)
    assert sorted(first) == sorted(second) == list(itertools.product(range(N), versions))
    assert first != second


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("form", ["originals+{}", "originals+pool-{}"])
def test_originals_are_spread_evenly_over_the_batches(form, k):
    clean = (schedule(form.format(k), 512, updates=16 * (k + 1)).version == 0).mean(axis=1)
    share = 1 / (k + 1)
    assert clean.mean() == pytest.approx(share)
    # With one common clock a batch would hold all originals or none.
    spread = np.sqrt(share * (1 - share) / BATCH)
    assert abs(clean - share).max() < 5 * spread


def test_originals_under_one_shuffle_may_follow_each_other_soon_and_on_the_clock_not():
    by_clock, shuffled = (by_epoch(schedule(f"originals+{form}", N, UPDATES))[0] for form in ("4", "pool-4"))
    assert all(len(set(epoch)) == N for epoch in by_clock.tolist())
    assert all(len(set(epoch)) < N for epoch in shuffled.tolist())


@pytest.mark.parametrize("share", ["1/2", "4/5", "16/17"])
def test_partly_live_shows_the_stated_share_of_originals_and_else_what_live_shows(share):
    plan, full = (schedule(name, 512, updates=320) for name in (f"live-{share}", "live"))
    p = float(Fraction(share))
    clean = plan.version == 0
    assert clean.mean() == pytest.approx(1 - p, abs=5 * np.sqrt(p * (1 - p) / clean.size))
    assert (plan.version[~clean] == full.version[~clean]).all()
    # Drawn image by image, not batch by batch, and anew each epoch.
    by_source = np.bincount(plan.source[clean], minlength=512) / 20
    assert clean.mean(axis=1).std() < 2 * np.sqrt(p * (1 - p) / BATCH)
    assert by_source.std() < 2 * np.sqrt(p * (1 - p) / 20)


def test_a_pool_mixes_copies_within_a_batch_and_makes_siblings():
    plan = schedule("pool-3", N, UPDATES)
    assert all(len(set(row)) == 3 for row in plan.version.tolist())
    assert any(len(set(row)) < BATCH for row in plan.source.tolist())


@settings(max_examples=30, deadline=None)
@given(k=st.integers(1, 5), more=st.integers(0, 6), pools=st.integers(1, 4))
def test_a_fresh_pool_is_made_every_e_epochs_and_shown_copy_after_copy(k, more, pools):
    epochs = k + more
    source, version = by_epoch(schedule(f"fresh-{k}-{epochs}", N, updates=2 * epochs * pools))
    static = by_epoch(schedule(f"copies-{k}", N, updates=2 * epochs))[1]
    for pool, shown in enumerate(np.split(version, pools)):
        assert (shown - pool * k == static).all()  # K copies of its own, in the order of copies-K
    if k == epochs:
        assert same((source, version), by_epoch(schedule("live", N, 2 * epochs * pools)))


def test_live_on_a_pool_shows_the_pool_with_a_draw_that_is_new_in_every_epoch():
    plan, pool = schedule("pool-3+live", N, UPDATES), schedule("pool-3", N, UPDATES)
    assert same(plan, pool)
    assert (plan.on_top.reshape(EPOCHS, N) == 4 + np.arange(EPOCHS)[:, None]).all()


# Wrong arguments


@pytest.mark.parametrize("n", [16, 100])
def test_a_number_of_images_that_leaves_a_remainder_is_refused(n):
    with pytest.raises(ValueError) as error:
        schedule("live", n, UPDATES)
    assert message(error) == f"n is {n}; expected a multiple of the batch size 32."


@pytest.mark.parametrize("name", ["n", "updates", "batch", "replicate"])
@pytest.mark.parametrize("value", [-1, 64.0, "64", None, True, np.float32(64), [64]])
def test_what_is_no_whole_number_is_refused(name, value):
    with pytest.raises(ValueError) as error:
        schedule("live", **({"n": N, "updates": UPDATES} | {name: value}))
    lowest = 0 if name == "replicate" else 1
    assert message(error) == f"{name} is {arguments.shown(value)}; expected a whole number, {lowest} or more."
    if lowest:
        with pytest.raises(ValueError, match=f"^{name} is 0; expected a whole number, 1 or more"):
            schedule("live", **({"n": N, "updates": UPDATES} | {name: 0}))


def test_whole_numbers_of_numpy_are_taken():
    plan = schedule("live", np.int64(N), np.int32(UPDATES), np.int64(3), np.uint8(16))
    assert same(plan, schedule("live", N, UPDATES, 3, 16))


# Pictures


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    return rng.random((N, 8, 8, 1), np.float32), np.arange(N) % 2


def shown(batches, policy=POLICY):
    """The pictures of all batches, (updates, batch, height, width, channels), and their labels."""
    images = batches.images[batches.rows]
    if batches.parameters is not None:
        flat = policy.apply(images.reshape(-1, *images.shape[2:]), batches.parameters.reshape(-1, 8))
        images = flat.numpy().reshape(images.shape)
    return images, batches.labels[batches.rows]


@pytest.mark.parametrize("replicate", [0, 3])
@pytest.mark.parametrize("name", [name for name in EVERY_KIND if name != "pool-3+live"])
def test_stored_pictures_are_the_drawn_ones(arrays, name, replicate):
    plan = schedule(name, N, UPDATES, replicate)
    stored, drawn = (make(*arrays, plan, POLICY, replicate) for make in (stored_batches, drawn_batches))
    # Batches of two sizes are two compiled programs, which may round positions otherwise; originals are not resampled.
    np.testing.assert_allclose(shown(stored)[0], shown(drawn)[0], atol=0 if name == "none" else 1e-5)
    np.testing.assert_array_equal(shown(stored)[1], shown(drawn)[1])
    assert stored.parameters is None
    np.testing.assert_array_equal(shown(drawn)[1], arrays[1][plan.source])  # each with its own label


@pytest.mark.parametrize("name", EVERY_KIND)
def test_an_arms_batches_are_made_in_the_way_that_needs_less_memory(arrays, name):
    plan = schedule(name, N, UPDATES)
    batches = make_batches(name, *arrays, plan, POLICY, 0)
    make = drawn_batches if name in ("live", "live-3/4", "fresh-2-4") else stored_batches
    expected = make(*arrays, plan, POLICY, 0)
    for a, b in zip(batches[:3], expected[:3], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)  # pictures resampled twice
    assert (batches.parameters is None) == (expected.parameters is None)
    versions = {"copies-3": 3, "originals+3": 4, "pool-3": 3, "originals+pool-3": 4, "pool-3+live": 3}
    assert len(batches.images) == N * versions.get(name, 1)


@pytest.mark.parametrize("replicate", [0, 3])
@pytest.mark.parametrize("name", ["live", "copies-2", "originals+3", "fresh-2-4"])
def test_a_version_is_drawn_from_replicate_and_version_alone(arrays, name, replicate):
    plan = schedule(name, N, UPDATES, replicate)
    batches = drawn_batches(*arrays, plan, POLICY, replicate)
    for version in np.unique(plan.version):
        expected = np.tile(IDENTITY, (N, 1))
        if version:
            expected = POLICY.draw(N, (replicate, version - 1)).numpy()
        there = plan.version == version
        assert (batches.parameters[there] == expected[plan.source[there]]).all()


def test_live_on_a_pool_draws_on_the_stored_copies_and_repeats_no_picture(arrays):
    plan, pool = schedule("pool-3+live", N, UPDATES), schedule("pool-3", N, UPDATES)
    batches, stored = (stored_batches(*arrays, p, POLICY, 5) for p in (plan, pool))
    np.testing.assert_allclose(batches.images[batches.rows], shown(stored)[0], atol=1e-5)  # resampled twice
    np.testing.assert_array_equal(shown(batches)[1], shown(stored)[1])
    assert len(np.unique(shown(batches)[0].reshape(-1, 64), axis=0)) == plan.source.size
    for epoch, drawn in enumerate(batches.parameters.reshape(EPOCHS, N, 8)):
        expected = POLICY.draw(N, (5, 3 + epoch)).numpy()
        np.testing.assert_array_equal(drawn, expected[plan.source.reshape(EPOCHS, N)[epoch]])
    with pytest.raises(ValueError, match="^this arm draws on top of stored copies; use stored_batches.$"):
        drawn_batches(*arrays, plan, POLICY, 5)


def test_originals_alone_need_no_policy(arrays):
    batches = make_batches("none", *arrays, schedule("none", N, UPDATES), None, 0)
    assert isinstance(batches, Batches)
    np.testing.assert_array_equal(batches.images, arrays[0])
