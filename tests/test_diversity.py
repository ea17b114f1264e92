"""Measures of diversity against arithmetic by hand, another formula and simulation."""

import numpy as np
import pytest
from scipy.linalg import logm

from helpers.diversity import (
    centred_cosine,
    distinct_so_far,
    mean_pairwise_distance,
    sibling_pairs,
    vendi_score,
)
from helpers.training import schedule


@pytest.fixture
def features():
    return np.maximum(np.random.default_rng(0).normal(0.5, 1, (12, 5, 5, 2)), 0)


def message(error):
    """The error's text, which must be short enough to be read."""
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 200
    return text


# Distances


def test_mean_pairwise_distance_by_hand():
    # A 3-4-5 triangle, written as pictures of 1x2 pixels.
    corners = np.array([[0, 0], [3, 0], [0, 4]]).reshape(3, 1, 2)
    assert mean_pairwise_distance(corners) == pytest.approx((3 + 4 + 5) / 3)


def test_mean_pairwise_distance_leaves_self_pairs_out_and_counts_repeats():
    assert mean_pairwise_distance([[0.0], [1.0]]) == 1
    assert mean_pairwise_distance([[0.0], [0.0], [1.0]]) == pytest.approx(2 / 3)


def test_distances_do_not_overflow_in_uint8():
    assert mean_pairwise_distance(np.array([[0], [255]], np.uint8)) == 255


def test_one_point_has_no_distance():
    with pytest.raises(ValueError) as error:
        mean_pairwise_distance(np.zeros((1, 28, 28, 1)))
    assert "found 1 point" in message(error)


# The Vendi score


@pytest.mark.parametrize("n", [1, 4, 32])
def test_vendi_score_counts_kinds(n):
    assert vendi_score(np.ones((n, n))) == pytest.approx(1)
    assert vendi_score(np.eye(n)) == pytest.approx(n)


def test_vendi_score_weighs_kinds_by_their_shares():
    kinds = np.array([0, 0, 0, 1])
    shares = np.array([3 / 4, 1 / 4])
    expected = np.exp(-np.sum(shares * np.log(shares)))
    assert vendi_score(kinds[:, None] == kinds) == pytest.approx(expected)


def test_vendi_score_is_the_entropy_of_the_matrix(features):
    # The authors' first form: exp(-trace(K/n log K/n)), with a kernel of full rank.
    flat = features.reshape(12, -1)
    k = np.exp(-((flat[:, None] - flat) ** 2).sum(axis=-1) / 100)
    assert 1 < vendi_score(k) < 12
    assert vendi_score(k) == pytest.approx(np.exp(-np.trace(k / 12 @ logm(k / 12)).real))


def test_vendi_score_ignores_repetition_of_the_whole_set(features):
    once = vendi_score(centred_cosine(features, features.mean(axis=0)))
    twice = vendi_score(centred_cosine(np.concatenate([features] * 3), features.mean(axis=0)))
    assert twice == pytest.approx(once)


@pytest.mark.parametrize(
    ("matrix", "found"),
    [
        (np.ones(3), "shape (3,)"),
        (np.ones((2, 3)), "shape (2, 3)"),
        (np.ones((0, 0)), "shape (0, 0)"),
        ([[1, 0.5], [0.4, 1]], "not symmetric"),
        ([[2, 0], [0, 2]], "ones on its diagonal"),
        ([[1, np.nan], [np.nan, 1]], "not symmetric"),
        ([[1, -2], [-2, 1]], "eigenvalue -1"),
    ],
)
def test_vendi_score_refuses_what_is_no_kernel(matrix, found):
    with pytest.raises(ValueError) as error:
        vendi_score(matrix)
    assert found in message(error)


# The centred cosine


def test_centred_cosine_by_hand():
    centre = np.array([[1, 1]])
    seen = np.array([[[2, 0]], [[0, 3]], [[-1, -1]]])  # at right angles, at 135 degrees twice
    k = centred_cosine(centre + seen, centre)
    half = np.sqrt(0.5)
    np.testing.assert_allclose(k, [[1, 0, -half], [0, 1, -half], [-half, -half, 1]], atol=1e-12)


def test_centring_separates_what_all_share(features):
    # One constant added to every feature: nothing changes seen from the centre, nearly all alike from zero.
    shifted, zero = features + 100, np.zeros(features.shape[1:])
    centred = centred_cosine(shifted, shifted.mean(axis=0))
    np.testing.assert_allclose(centred, centred_cosine(features, features.mean(axis=0)), atol=1e-9)
    assert vendi_score(centred) > 5
    assert vendi_score(centred_cosine(shifted, zero)) < 1.1


def test_a_feature_at_the_centre_has_no_direction():
    with pytest.raises(ValueError) as error:
        centred_cosine(np.ones((2, 3)) * [[1], [2]], np.full(3, 2))
    assert "feature 1 equals the centre" in message(error)


def test_features_are_left_as_they_were(features):
    before = features.copy()
    centred_cosine(features, features.mean(axis=0))
    np.testing.assert_array_equal(features, before)


# Siblings


def test_sibling_pairs_by_hand():
    batches = [[5, 6, 7, 8], [5, 5, 7, 8], [5, 5, 5, 8], [5, 5, 8, 8], [5, 5, 5, 5]]
    assert sibling_pairs(batches).tolist() == [0, 1, 3, 2, 6]


@pytest.mark.parametrize("arm", ["none", "copies-1", "copies-16", "originals+3", "live"])
def test_no_siblings_where_an_epoch_shows_each_source_once(arm):
    assert not sibling_pairs(schedule(arm, 128, 40).source).any()


@pytest.mark.parametrize("k", [2, 4, 16])
def test_a_shuffled_pool_has_the_expected_siblings(k):
    # C(32, 2) pairs a batch, each of them siblings with probability (K - 1) / (K n - 1).
    counts = [sibling_pairs(schedule(f"pool-{k}", 64, 2 * k, r).source).mean() for r in range(400)]
    error = np.std(counts, ddof=1) / 20
    assert np.mean(counts) == pytest.approx(496 * (k - 1) / (64 * k - 1), abs=4 * error)
    assert error < 0.15


# Distinct pictures


def test_distinct_pictures_by_hand():
    a, b = np.zeros((2, 2, 1), np.float32), np.ones((2, 2, 1), np.float32)
    assert distinct_so_far([a, a, b, a, b]).tolist() == [1, 1, 2, 2, 2]


def test_the_smallest_change_of_a_pixel_makes_another_picture():
    a = np.full((1, 28, 28, 1), 0.5, np.float32)
    b = a.copy()
    b[0, 27, 27, 0] = np.nextafter(np.float32(0.5), 1)
    assert distinct_so_far(np.concatenate([a, b, a])).tolist() == [1, 2, 2]


def test_views_are_read_as_what_they_show():
    pictures = np.arange(12, dtype=np.float32).reshape(2, 2, 3, 1)
    mirrored = pictures[:, :, ::-1]
    assert distinct_so_far(np.concatenate([mirrored, mirrored.copy()])).tolist() == [1, 2, 2, 2]
    assert distinct_so_far(mirrored[[0, 0, 1]]).tolist() == [1, 1, 2]
