"""The registered runs of *freeze or renew*: what each setting means, and how points are judged."""

import numpy as np
import pandas as pd
import pytest

from experiments.freeze_or_renew import points, policies, runs, settings, verdicts
from helpers.arms import schedule
from helpers.augment import PARAMETERS
from helpers.data import load_garments, subset
from helpers.stats import judge, paired_interval


@pytest.fixture(scope="module")
def registered():
    return pd.DataFrame(settings.settings())


def test_a_residual_run_decays_its_weights_and_its_rate_to_zero(registered):
    setting = registered[registered["model"] == "residual"].iloc[0].to_dict()
    optimiser = runs._builder(setting)((28, 28, 1), seed=0).optimizer
    assert type(optimiser).__name__ == "AdamW"
    assert optimiser.weight_decay == 0.004
    rate = optimiser.get_config()["learning_rate"]["config"]
    assert (rate["initial_learning_rate"], rate["decay_steps"], rate["alpha"]) == (0.001, setting["updates"], 0)


def test_the_fourfold_rate_is_the_rate_of_the_optimiser(registered):
    setting = registered[registered["rate"] == 0.004].iloc[0].to_dict()
    optimiser = runs._builder(setting)((28, 28, 1), seed=0).optimizer
    assert type(optimiser).__name__ == "Adam"
    assert float(optimiser.learning_rate) == pytest.approx(0.004)


def test_whole_pixels_move_and_stay_sharp():
    policy = policies.WholePixels(28)
    image = np.random.default_rng(0).random((1, 28, 28, 1), "float32")
    images = np.repeat(image, 200, axis=0)
    drawn = policy.draw(200, (3, 1)).numpy()
    shifts = drawn[:, [PARAMETERS.index("shift_width"), PARAMETERS.index("shift_height")]] * 28
    np.testing.assert_allclose(shifts, np.round(shifts), atol=1e-5)
    assert set(np.unique(np.round(shifts))) == {-1, 0, 1}
    shown = policy.apply(images, drawn).numpy()
    # Away from the edge every value is one of the image's own.
    assert np.isin(shown[:, 2:-2, 2:-2].round(5), image.round(5)).all()
    assert 0.4 < drawn[:, PARAMETERS.index("flip_horizontal")].mean() < 0.6
    assert (drawn[:, PARAMETERS.index("rotation")] == 0).all()


def test_blur_spreads_a_point_without_moving_it():
    point = np.zeros((1, 9, 9, 1), "float32")
    point[0, 4, 4] = 1
    blurred = policies.Blur().apply(point, np.array([[0.5, 0.2]], "float32")).numpy()[0, ..., 0]
    rows, columns = blurred.sum(axis=1), blurred.sum(axis=0)
    place = np.arange(9) - 4
    assert rows @ place == pytest.approx(0, abs=1e-6)
    assert rows @ place**2 == pytest.approx(0.5 * 0.5)
    assert columns @ place**2 == pytest.approx(0.2 * 0.8)
    flat = np.full((1, 9, 9, 1), 0.3, "float32")
    np.testing.assert_allclose(policies.Blur().apply(flat, np.array([[0.5, 0.5]], "float32")), flat, atol=1e-6)


def test_one_draw_serves_every_image_and_every_seed_of_a_replicate():
    policy = policies.policy_of("mild", "one for all", 28)
    first, later = policy.draw(5, (7, 0)).numpy(), policy.draw(3, (7, 12)).numpy()
    assert (first == first[0]).all()
    assert (later == first[0]).all()
    assert (policy.draw(1, (8, 0)).numpy() != first[0]).any()


def test_changed_answers_of_a_network_that_looks_at_one_column():
    """It says yes where the left half is brighter, so every mirrored picture turns the answer over."""
    images = np.random.default_rng(1).random((50, 28, 28, 1)).astype("float32") / 10
    images[:25, :, 2:12] += 0.5
    images[25:, :, 16:26] += 0.5

    def predict(x):
        return (x[:, :, :14].mean(axis=(1, 2, 3)) > x[:, :, 14:].mean(axis=(1, 2, 3))).astype("float32")

    shares = runs.changed_answers(predict, images)
    assert shares["changed_mirror"] == 1
    assert shares["changed_pixel"] == shares["changed_turn"] == shares["changed_zoom"] == 0


def test_a_short_run_has_every_column_and_its_last_epoch(monkeypatch):
    setting = next(s for s in settings.settings() if s["arm"] == "copies-1" and s["n"] == 128) | {"updates": 20}
    monkeypatch.setattr(runs, "EVALUATED", (10,))
    results = runs.run(setting)
    assert [record["update"] for record in results["records"]] == [10, 18, 19, 20]
    assert 0.5 < results["summary"]["final_own_accuracy"] <= 1
    assert list(results["summary"])[-2:] == ["threads", "seconds"]
    changed = {f"changed_{name}" for name in ("mirror", "pixel", "two_pixels", "turn", "zoom")}
    assert changed < set(results["summary"])


@pytest.mark.parametrize("arm", ["none", "copies-4", "originals+4", "live", "live-1/2", "live-3/4", "originals+pool-4"])
def test_repeats_and_share_are_those_of_the_schedule(arm):
    """Counted in a real schedule of 100 epochs."""
    n, epochs = 64, 100
    plan = schedule(arm, n, n * epochs // 32, replicate=0)
    picture = plan.version.astype(np.int64).ravel() * n + plan.source.ravel()
    _, index, counts = np.unique(picture, return_inverse=True, return_counts=True)
    assert (counts[index].mean() - 1) / (epochs - 1) == pytest.approx(points.repeats(arm, epochs), abs=0.01)
    assert (plan.version > 0).mean() == pytest.approx(points.augmented(arm), abs=0.02)


def world(c=0.2, d=0.08, base=0.3, noise=0.0):
    """Rows of every registered run whose loss is exactly the additive formula's."""
    rng, rows = np.random.default_rng(0), []
    for setting in settings.settings():
        epochs = setting["updates"] * setting["batch"] / setting["n"]
        loss = base + c * points.repeats(setting["arm"], epochs) + d * points.augmented(setting["arm"])
        mirror = {"none": 0.11, "copies-1": 0.105, "copies-4": 0.06, "copies-16": 0.03, "live": 0.02}
        drawn = loss + noise * rng.standard_normal() + 1e-4 * setting["replicate"]
        changed = mirror.get(setting["arm"], 0.05) + 1e-3 * rng.standard_normal()
        rows.append(setting | {
            "val_loss": drawn, "val_loss_even": drawn, "val_loss_odd": drawn, "val_accuracy": 0.9 - drawn / 10,
            "shown_loss": 0.3 / (1 + epochs * points.repeats(setting["arm"], epochs)), "changed_mirror": changed,
            "changed_pixel": changed, "final_new_accuracy": 0.85, "final_new_loss": drawn, "final_alike_loss": drawn,
        })
    return pd.DataFrame(rows)


def test_the_additive_formula_holds_in_a_world_made_by_it():
    word, found = verdicts.three_runs(world())
    assert word == "held"
    np.testing.assert_allclose(found["additive"], found["found"], atol=1e-3)


def test_the_additive_formula_is_no_better_where_everything_is_like_live():
    flat = world()
    flat["val_loss"] = 0.3 + np.random.default_rng(1).normal(0, 0.01, len(flat))
    assert verdicts.three_runs(flat)[0] != "held"


def test_stored_copies_are_judged_by_decisions_before_factors():
    words, scores = verdicts.stored_copies(world())
    assert words["first"] == "held"
    assert scores.set_index(["judged", "rule"]).loc[("first", "first"), "typical"] < 1.1


def test_a_rule_that_decides_worse_than_nothing_is_broken():
    rows = world(c=0.002)
    rows.loc[rows["arm"] == "copies-1", "val_loss"] += 1  # one copy alone is far off, so gap(1)/K cries wolf
    assert verdicts.stored_copies(rows)[0]["first"] == "broken"


def test_mismatch_is_held_where_its_parts_are_there_and_broken_where_one_draw_is_harmless():
    assert verdicts.mismatch(mismatched(one_draw=0.1))[0] == "held"
    assert verdicts.mismatch(mismatched(one_draw=0.0))[0] == "broken"
    assert verdicts.mismatch(mismatched(one_draw=0.1, whole=0.0))[0] == "no better than the baseline"


def mismatched(one_draw, whole=0.08):
    """A world in which each change of one copy has its own cost."""
    rows = world()
    one_copy = rows["arm"] == "copies-1"
    cost = {"mild": whole, "pixels": 0.04, "blur": 0.03, "flip": 0.0}
    rng = np.random.default_rng(4)
    costs = rows["policy"].map(cost).where(rows["draw"] == "per image", one_draw)
    costs += 1e-3 * rng.standard_normal(len(rows))
    base = rows["replicate"] * 1e-4 + 0.5
    rows["val_loss"] = np.where(one_copy, base + costs, base)
    rows["final_new_loss"] = rows["final_alike_loss"] = base
    return rows


def test_misses_and_false_alarms_are_counted_apart():
    found = pd.Series([0.1, 0.01, 0.05, 0.0])
    predicted = pd.Series([0.1, 0.03, 0.01, 0.0])
    score = points.compare_with(found, predicted)
    assert (score.points, score.misses, score.false_alarms) == (3, 1, 1)
    assert score.typical == pytest.approx(3)  # factors 1, 3, 5


def test_a_prediction_that_is_not_positive_is_outside_every_factor():
    score = points.compare_with(pd.Series([0.1, 0.1, 0.1]), pd.Series([-0.1, -0.1, 0.1]))
    assert score.typical == np.inf


def test_the_share_is_held_where_three_runs_choose_better_than_fixed_ones():
    assert verdicts.share(world(c=0.2, d=0.1))[0] in ("held", "no better than the baseline")
    reversed_world = world(c=0.2, d=0.1)
    is_live = reversed_world["arm"].str.startswith("live-")
    reversed_world.loc[is_live, "val_loss_odd"] += 0.1  # unchanged originals hurt after all
    assert verdicts.share(reversed_world)[0] == "broken"


def test_three_x_is_held_where_it_is_worse_than_both_everywhere():
    assert verdicts.three_x(world(noise=0.001))[0] == "held"
    equal = world(noise=0.0005)
    equal["val_loss"] = 0.3 + 1e-3 * np.random.default_rng(2).standard_normal(len(equal))
    assert verdicts.three_x(equal)[0] == "no better than the baseline"


def test_what_is_ignored_is_judged_against_errors():
    assert verdicts.ignored(world())[0] == "held"
    same = world()
    same["changed_mirror"] = 0.1 + 1e-3 * np.random.default_rng(3).standard_normal(len(same))
    assert verdicts.ignored(same)[0] == "no better than the baseline"


def test_a_setting_that_lacks_a_run_is_not_read(tmp_path):
    rows = world()
    lacking = rows.drop(rows[(rows["row"] == 1) & (rows["n"] == 128)].index[0])
    path = tmp_path / "freeze-or-renew.csv"
    lacking.to_csv(path, index=False)
    read = points.read_runs(path)
    assert not ((read["row"] == 1) & (read["n"] == 128)).any()
    assert ((read["row"] == 1) & (read["n"] == 512)).any()


# What Conclusions says of the stored rows


@pytest.fixture(scope="module")
def stored():
    return points.read_runs()


def test_what_is_ignored_held_in_the_small_network(stored):
    assert verdicts.ignored(stored)[0] == "held"


def test_mismatch_is_weakened_by_whole_pixels_with_few_garments(stored):
    word, found = verdicts.mismatch(stored)
    assert word == "weakened"
    pixels = found[(found["policy"] == "pixels")].set_index("n")
    assert pixels.loc[128, "loss_low"] < 0 < pixels.loc[512, "loss_low"]
    assert (pixels["accuracy_high"] < 0).all()


@pytest.mark.parametrize(("arm", "word"), [("live-3/4", "better"), ("live-1/2", "equivalent")])
def test_a_quarter_unchanged_beats_live_in_the_residual_network_and_a_half_does_not(stored, arm, word):
    part = verdicts.setting(stored, 3)
    for metric in ("val_loss", "val_accuracy"):
        difference = verdicts.paired(part, metric, arm=arm) - verdicts.paired(part, metric, arm="live")
        assert judge(difference.to_numpy(), metric)[2] == word


def test_one_copy_flinches_more_than_no_augmentation_in_the_residual_network(stored):
    part = verdicts.setting(stored, 2)
    for change in ("changed_mirror", "changed_pixel"):
        difference = verdicts.paired(part, change, arm="copies-1") - verdicts.paired(part, change, arm="none")
        assert paired_interval(difference).low > 0


def test_the_verdicts_are_those_of_the_conclusions(stored):
    assert len(stored) == len(settings.settings()) == 1957
    assert verdicts.three_runs(stored)[0] == "weakened"
    words, scores = verdicts.stored_copies(stored)
    assert words == {"first": "held", "halving": "weakened"}
    assert round(scores.set_index(["judged", "rule"]).loc[("halving", "halving"), "typical"], 1) == 1.5
    assert verdicts.share(stored)[0] == "no better than the baseline"
    word, found = verdicts.three_x(stored)
    assert word == "held"
    residual = found[(found["model"] == "residual") & (found["against"] == "live")]
    assert round(-100 * residual["val_accuracy"].item(), 1) == 3.5


@pytest.mark.parametrize(("arm", "counts"), [("live-3/4", (3, 3, 0)), ("live-1/2", (1, 3, 1))])
def test_of_six_settings_a_quarter_is_better_in_three_and_a_half_is_worse_in_one(stored, arm, counts):
    words = []
    for _, part in stored[stored["row"].isin([3, 7])].groupby(points.CELL):
        losses = part.pivot(index="replicate", columns="arm", values="val_loss")
        words.append(judge((losses[arm] - losses["live"]).to_numpy(), "val_loss")[2])
    assert tuple(words.count(word) for word in ("better", "equivalent", "worse")) == counts


def test_disjoint_replicates_share_no_image_in_the_subsets():
    """Subsets are cut from one shuffled training set, which begins anew when it is used up."""
    garments = load_garments()
    runs = pd.DataFrame([{"model": "small", "n": n, "replicate": r} for n in (512, 2048) for r in range(20, 40)])
    for n, part in points.disjoint(runs).groupby("n"):
        images = np.concatenate([subset(garments, n, replicate).x_train for replicate in part["replicate"]])
        assert len(np.unique(images.reshape(len(images), -1), axis=0)) > 0.99 * len(images)  # a few garments are twins
        assert len(part) == {512: 17, 2048: 5}[n]
    assert set(points.without_pilots(runs)["replicate"]) == set(range(26, 40))
