# %% [markdown]
# # Assignment 1: A fair comparison
#
# Your disk has room for two pictures of each image. Do you store two augmented copies, or the original and one copy? You will compare the two as lesson [02](https://github.com/OWNER/NAME/blob/REFERENCE/notebooks/02_a_fair_comparison.ipynb) does, and repair the comparison of a colleague who didn't.
#
# **You need** lessons 00 to 02. **Time:** 60 to 90 minutes, of which the computer takes about one. **Points:** 8. The last question is marked by a person.

# %%
import numpy as np
import pandas as pd
from scipy import stats

from helpers.augment import RandomAffine
from helpers.compare import compare, differences, summarise

augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)  # the policy of the lessons
ARMS = ["copies-2", "originals+1"]  # two copies, or the original and one copy
UPDATES = 400

# %% tags=["variant"]
# variant.toml

# %% [markdown] tags=["question"]
# ## 1. Predict
#
# You will train eight pairs, and judge *originals + 1 copy* against *2 copies* by the loss on new garments, with the margin of 0.02. Which of the four verdicts do you expect for *originals + 1 copy*? And in how many of the eight pairs will it have the lower loss? Nobody marks whether you were right, so decide before you run anything, and leave it as it is afterwards.

# %% tags=["solution"]
expected_verdict = "better"  # SOLUTION
expected_wins = 6  # SOLUTION

# %% tags=["test"]
assert isinstance(expected_verdict, str), "expected_verdict is still to come: one of the four words, in quotes."
assert expected_verdict in ("better", "worse", "equivalent", "undecided"), "expected_verdict is none of the four words."
assert expected_wins in range(9), "expected_wins should be a whole number from 0 to 8."

# %% [markdown] tags=["question"]
# ## 2. How many epochs?
#
# A store holds `copies` of each of `images` images, and the originals, too, if `originals` is True. `fit` goes through the whole store in an epoch, in batches of 32, and the last batch may be smaller. Write a function that returns the smallest whole number of epochs in which it makes at least `updates` updates.

# %% tags=["solution"]
def epochs_of_fit(images, copies, originals, updates):
    # BEGIN SOLUTION
    pictures = images * (copies + originals)
    batches = np.ceil(pictures / 32)
    return int(np.ceil(updates / batches))
    # END SOLUTION


# %% tags=["test"]
found = epochs_of_fit(128, 4, False, 160)
assert found is not None and found is not ..., "epochs_of_fit is still to come."
assert found == 10, f"four copies of 128 images make 16 updates an epoch, so 160 updates take 10 epochs; found {found}."

# %% tags=["hidden"]
for images, copies, updates in rng.integers([50, 1, 90], [900, 9, 4000], (20, 3)).tolist():
    for originals in (True, False):
        batches = -(-images * (copies + originals) // 32)
        expected = -(-updates // batches)
        given = epochs_of_fit(images, copies, originals, updates)
        assert given == expected, f"{images} images, {copies} copies, originals {originals}, {updates} updates: found {given}."

# %% [markdown] tags=["question"]
# ## 3. Eight pairs
#
# Train both `ARMS` with `compare`: `IMAGES` garments, `UPDATES` updates, `augment`, and the eight replicates that begin with number `SEED` (give `replicates` a `range`). Evaluate after 368, 376, 384, 392 and 400 updates. Put what `compare` returns into `curves`, and one row for each run, its mean over the last tenth of the updates (`summarise`), into `runs`.

# %% tags=["solution"]
curves = compare(garments, ARMS, augment, IMAGES, UPDATES, range(SEED, SEED + 8), evaluate_at=[368, 376, 384, 392, 400])  # SOLUTION
runs = summarise(curves)  # SOLUTION

# %% tags=["test"]
assert hasattr(runs, "columns"), "runs is still to come: a table with one row for each run."
assert len(runs) == 16, f"runs has {len(runs)} rows, expected 16: eight replicates of two methods."
assert set(runs["replicate"]) == set(range(SEED, SEED + 8)), f"runs has replicates {runs['replicate'].min()} to {runs['replicate'].max()}, expected {SEED} to {SEED + 7}."
assert len(curves) == 80, f"curves has {len(curves)} rows, expected 80: five evaluations of sixteen runs."
last = curves[curves["update"] == 400].set_index(["arm", "replicate"])["val_loss"]
mine = runs.set_index(["arm", "replicate"])["val_loss"]
assert not np.allclose(mine, last[mine.index]), "runs holds the last evaluation alone; expected the mean of the last tenth."

# %% tags=["hidden"]
one = SEED + KEY % 8
again = summarise(compare(garments, ["copies-2", "originals+1"], named_policy("mild"), IMAGES, 400, [one], evaluate_at=[368, 376, 384, 392, 400], show_progress=False))
loss = runs.set_index(["arm", "replicate"])["val_loss"]
for row in again.itertuples():
    expected = row.val_loss
    given = loss[row.arm, one]
    assert abs(given - expected) < 0.02, f"{row.arm}, replicate {one}: {given:.3f} in runs, and another loss when it is trained again as asked."

# %% [markdown] tags=["question"]
# ## 4. The verdict
#
# Take the difference in loss within each pair, *originals + 1 copy* minus *2 copies*. Put the number of pairs in which *originals + 1 copy* has the lower loss into `wins`, both ends of the paired 95 % interval into `low` and `high`, and the verdict on *originals + 1 copy* into `verdict_now`. Put the verdict that half the margin would give into `verdict_at_half`. Use the helpers of the lesson or your own three lines. Three decimals are enough for `low` and `high`.

# %% tags=["solution"]
# BEGIN SOLUTION NO PROMPT
from helpers.stats import paired_interval, verdict

d = differences(runs, "originals+1", "copies-2")
interval = paired_interval(d)
# END SOLUTION
wins = int((d < 0).sum())  # SOLUTION
low = interval.low  # SOLUTION
high = interval.high  # SOLUTION
verdict_now = verdict(interval, 0.02, lower_is_better=True)  # SOLUTION
verdict_at_half = verdict(interval, 0.01, lower_is_better=True)  # SOLUTION

# %% tags=["test"]
assert wins is not ..., "wins is still to come."
assert wins in range(9), f"wins is {wins}, expected a whole number from 0 to 8."
assert not any(end is ... for end in (low, high)), "low and high are still to come."
assert low < high, f"low is {low} and high is {high}; expected the lower end first."
assert {verdict_now, verdict_at_half} <= {"better", "worse", "equivalent", "undecided"}, "a verdict is one of the four words."

# %% tags=["hidden"]
d = differences(runs, "originals+1", "copies-2")
right = paired_interval(d)
assert wins == (d < 0).sum(), f"in your runs, originals + 1 copy has another number of wins than {wins}."
assert abs(low - right.low) < 6e-4 and abs(high - right.high) < 6e-4, f"{low:.4f} to {high:.4f} is not the paired 95 % interval of your runs."
assert verdict_now == verdict(right, 0.02, True), f"{verdict_now} is not what the interval says with the margin of 0.02."
assert verdict_at_half == verdict(right, 0.01, True), f"{verdict_at_half} is not what the interval says with half the margin."

# %% [markdown] tags=["question"]
# ## 5. How many pairs are enough?
#
# An interval that is narrower from end to end than the margin can't be undecided: it either excludes zero, or holds zero and lies inside the margin. (Half the interval is not enough: from -0.004 to 0.034 is undecided for a margin of 0.02.) Suppose that further pairs scatter like the ones that you have. Write a function that takes the differences of some pairs and returns the smallest number of pairs, two or more, for which the whole paired 95 % interval, from low to high, is narrower than `margin`. So many are enough wherever the mean lies, and fewer may be.

# %% tags=["solution"]
def pairs_needed(d, margin):
    # BEGIN SOLUTION
    s = np.std(d, ddof=1)
    pairs = 2
    while 2 * stats.t.ppf(0.975, pairs - 1) * s / np.sqrt(pairs) >= margin:
        pairs += 1
    return pairs
    # END SOLUTION


# %% tags=["test"]
found = pairs_needed([0.01, 0.03, -0.02, 0.04], 0.02)
assert found is not None and found is not ..., "pairs_needed is still to come."
assert found != 10, "10 pairs make half the interval narrower than 0.02; expected the whole interval, from low to high."
assert found == 30, f"for the differences 0.01, 0.03, -0.02 and 0.04 and a margin of 0.02 it takes 30 pairs; found {found}."

# %% tags=["hidden"]
for size in (3, 5, 8, 20):
    for margin in (0.01, 0.02, 0.1):
        d = rng.normal(0.01, 0.03, size)
        pairs = np.arange(2, 4000)
        width = 2 * stats.t.ppf(0.975, pairs - 1) * d.std(ddof=1) / np.sqrt(pairs)
        expected = pairs[np.argmax(width < margin)]
        given = pairs_needed(d, margin)
        assert given == expected, f"{size} differences with s = {d.std(ddof=1):.4f}, margin {margin}: found {given}."

# %% [markdown]
# ## A colleague's comparison
#
# A colleague trained live and with four stored copies, "ten epochs each", four times. `fit` went through the whole store in an epoch.

# %%
ten_epochs = 10 * IMAGES // 32  # updates of live
moments = np.linspace(ten_epochs // 10, 4 * ten_epochs, 40).astype(int)
moments = [moment for moment in moments.tolist() if moment != ten_epochs] + [ten_epochs]
of_live = compare(garments, "live", augment, IMAGES, ten_epochs, 4, evaluate_at=[m for m in moments if m <= ten_epochs])
of_copies = compare(garments, "copies-4", augment, IMAGES, 4 * ten_epochs, 4, evaluate_at=sorted(moments))
colleague = pd.concat([of_live, of_copies], ignore_index=True)
ends = pd.concat([summarise(of_live), summarise(of_copies)])
print(f"the colleague's mean difference, live minus 4 copies: ≈ {differences(ends, 'live', 'copies-4').mean():.3f}")

# %% [markdown] tags=["question"]
# ## 6. Make it fair
#
# Nothing has to be trained again. Write a function that takes such a table (`curves` of methods that end after different numbers of updates) and the names of two methods in it. It returns the paired differences in validation loss, first minus second, as `differences` does, but with both cut to the number of updates that both of them made, and averaged over the last tenth of those: the evaluations after more than 0.9 of that number, as `summarise` does it. The table may hold other methods as well.

# %% tags=["solution"]
def fair_differences(curves, first, second):
    # BEGIN SOLUTION
    both = curves[curves["arm"].isin([first, second])]
    common = both.groupby("arm")["update"].max().min()
    return differences(summarise(both[both["update"] <= common]), first, second)
    # END SOLUTION


# %% tags=["solution"]
print(fair_differences(colleague, "live", "copies-4"))

# %% tags=["test"]
found = fair_differences(colleague, "live", "copies-4")
assert found is not None and found is not ..., "fair_differences is still to come."
assert len(found) == 4, f"expected four differences, one for each replicate; found {len(found)}."
assert not np.allclose(found, differences(ends, "live", "copies-4")), "these are the colleague's own differences, after unequal numbers of updates."
small = pd.DataFrame({"arm": [*"aaaabbbbb"], "update": [80, 90, 95, 100, 80, 90, 95, 100, 200], "val_loss": [9.0, 9, 1, 3, 5, 5, 0, 1, 7]})
small = small.assign(val_loss_even=0.0, val_loss_odd=0.0, val_accuracy=0.0)
small = pd.concat([small.assign(replicate=0), small.assign(replicate=1)])
given = fair_differences(small, "a", "b")
assert np.allclose(given, 1.5), f"a ends after 100 updates, so 95 and 100 are the last tenth of both, and each difference is 2 - 0.5; found {list(given)}."

# %% tags=["hidden"]
ends = dict(zip(["a", "b", "c"], (rng.permutation([20, 30, 50]) * 10).tolist(), strict=True))
rows = [(arm, r, u) for arm in ends for r in range(5) for u in range(10, ends[arm] + 1, 10)]
table = pd.DataFrame(rows, columns=["arm", "replicate", "update"])
for column in ("val_loss", "val_loss_even", "val_loss_odd", "val_accuracy"):
    table[column] = rng.random(len(table))
for first, second in (("a", "b"), ("c", "b"), ("a", "c")):
    end = min(ends[first], ends[second])
    late = table[(table["update"] <= end) & (table["update"] > 0.9 * end)]
    mean = late.groupby(["arm", "replicate"])["val_loss"].mean()
    expected = (mean[first] - mean[second]).to_numpy()
    given = fair_differences(table.sample(frac=1, random_state=1), first, second)
    assert np.allclose(given, expected), f"in a made-up table with methods of {ends[first]} and {ends[second]} updates the differences are others."

# %% [markdown] tags=["question", "manual"]
# ## 7. Report it
#
# Write a report on questions 3 to 5 for somebody who has to decide what to store, in about 60 to 120 words. A longer one loses nothing. It says four things:
#
# - what was compared, and what both sides had in common: the images, the number of images, of updates and of pairs;
# - the interval, the margin, the verdict, and the verdict by half the margin;
# - whether your prediction came true, and what `pairs_needed` gives for your eight differences and the margin of 0.02. If eight pairs have decided already, say that, too;
# - one kind of luck that no number of pairs takes out of the interval.

# %% [markdown] tags=["solution"]
# One report among others, with invented numbers:
#
# > On 160 garments we trained with two copies of each image, or with the original and one copy: the same images and 400 updates each, in eight pairs. *Originals + 1 copy* minus *2 copies* is -0.012 in validation loss, with a 95 % interval from -0.021 to -0.003. With the margin of 0.02 *originals + 1 copy* is better, and with half of it, too. I had predicted *better* and eight wins, and it won seven. `pairs_needed` gives 7 for a margin of 0.02, and our eight have decided. All pairs were judged on the same validation images, so the luck in that choice stays.
#
# The rubric, half a point each. Nothing is lost by length.
#
# - **What was compared**: originals + 1 copy against 2 copies of the same images, equal updates, eight pairs, with the number of images and of updates.
# - **The verdict as it came out**: interval, margin, one of the four words, and what half the margin says. *Undecided* earns as much as *better*. A word that the interval doesn't carry ("tends to be better", "no difference") earns nothing.
# - **The prediction**, whether it came true, and the number of `pairs_needed` for 0.02. It is enough wherever the mean lies, and fewer pairs may decide, so "eight have decided already" can stand beside a larger number.
# - **Luck that stays**: the validation images are the same in all pairs. That it is one pair of classes, one network or one policy is a limit and no luck, and earns nothing here.

