"""compare against the loop that lesson 05 types, and what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.augment import MILD, RandomAffine
from helpers.compare import compare
from helpers.data import load_garments, subset
from helpers.model import small_model


def one_copy(epoch):
    return 0


def live(epoch):
    return epoch


@pytest.fixture(scope="module")
def garments():
    data = load_garments()
    return data._replace(x_val=data.x_val[:200], y_val=data.y_val[:200])


def typed(data, method, pair, epochs):
    """What lesson 05 types."""
    part = subset(data, 64, pair)
    augment = RandomAffine(**MILD, seed=pair)
    model = small_model(seed=pair)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    for epoch in range(epochs):
        order = np.random.default_rng((pair, epoch)).permutation(64)
        images = augment.version(part.x_train[order], order, method(epoch))
        model.fit(images, part.y_train[order], batch_size=32, shuffle=False, verbose=0)
    return model.evaluate(data.x_val, data.y_val, verbose=0)


def test_it_equals_the_typed_loop(garments):
    methods = {"1 copy": one_copy, "live": live}
    rows = compare(garments, methods, MILD, n=64, updates=12, replicates=2, evaluate_at=[6, 12])
    assert len(rows) == 8
    ends = rows[rows["update"] == 12].set_index(["method", "replicate"])
    for label, method in methods.items():
        for pair in range(2):
            loss, accuracy = typed(garments, method, pair, 6)
            row = ends.loc[(label, pair)]
            np.testing.assert_allclose(row["val_loss"], loss, rtol=1e-3)
            np.testing.assert_allclose(row["val_accuracy"], accuracy, atol=0.006)


def test_a_paired_run_is_that_of_version_06():
    methods = {"none": lambda epoch: None, "copies-2": lambda epoch: epoch % 2, "live": live}
    settings = {"n": 64, "updates": 20, "replicates": 2, "evaluate_at": [10, 20]}
    rows = compare(load_garments(), methods, MILD, **settings)
    stored = pd.read_csv(Path(__file__).with_name("fixtures") / "paired_run.csv")
    stored.columns = stored.columns.str.removeprefix("shown_")
    assert list(rows.columns) == list(stored.columns)
    order = ["replicate", "method", "update"]
    for name in ("loss", "train_loss", "val_loss"):
        found = rows.sort_values(order)[name]
        np.testing.assert_allclose(found, stored.sort_values(order)[name], rtol=1e-3)


def test_methods_of_a_replicate_share_all_but_the_versions(garments):
    def none(epoch):
        return None

    def originals(epoch, ids):
        return np.full(len(ids), -1)

    def also_live(epoch, ids):
        return np.full(len(ids), epoch)

    methods = {"none": none, "originals": originals, "live": live, "also live": also_live}
    rows = compare(garments, methods, MILD, n=64, updates=8, replicates=1, evaluate_at=[8])
    loss = rows.set_index("method")["val_loss"]
    assert loss["none"] == loss["originals"] and loss["live"] == loss["also live"]
    assert loss["none"] != loss["live"]


def test_it_goes_on_where_it_was_stopped(garments, tmp_path):
    path = tmp_path / "runs.csv"  # in which the label "None" is no gap
    settings = {"n": 64, "updates": 4, "evaluate_at": [4], "path": path}
    first = compare(garments, {"None": live}, MILD, replicates=1, **settings)
    calls = []

    def counted(epoch):
        calls.append(epoch)
        return epoch

    both = compare(garments, {"None": counted}, MILD, replicates=2, **settings)
    assert len(both) == len(pd.read_csv(path)) == 2 and set(calls) == {0, 1}
    pd.testing.assert_frame_equal(both.iloc[:1], first, check_exact=True)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"n": 50}, "n is 50"),
        ({"n": 320_000}, "320"),
        ({"methods": {}}, "methods"),
        ({"methods": {"live": 3}}, "live"),
        ({"policy": {"turn": 5}}, "turn"),
        ({"evaluate_at": [5]}, "evaluate_at"),
    ],
)
def test_what_does_not_fit_is_refused_before_training(garments, changed, named):
    settings = {"methods": {"live": live}, "policy": MILD, "n": 64, "updates": 4} | changed
    with pytest.raises(ValueError, match=named):
        compare(garments, **settings)
