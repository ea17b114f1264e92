# %% [markdown]
# # Assignment 2: How many copies?
#
# How often will a picture be shown, does doubling the copies tell what live would add, and is a network with too few copies less accurate or only over-confident? You will answer with a division, with the stored runs and with a bet on a setting that is in no table.
#
# **You need** lessons 00, 02, 04 and [05](https://github.com/OWNER/NAME/blob/REFERENCE/notebooks/05_how_many_copies.ipynb), and for question 6 the companion [Over-confident or less accurate?](https://github.com/OWNER/NAME/blob/REFERENCE/notebooks/going_deeper/over_confident_or_less_accurate.ipynb). **Time:** 60 to 90 minutes, of which the computer takes about one. **Points:** 8. The last question is marked by a person.

# %%
import functools

import numpy as np

from helpers.augment import RandomAffine
from helpers.compare import compare, differences, summarise
from helpers.tables import FOLDER, read_results

augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)  # the policy of the lessons
UPDATES = 400  # of the bet

# %% tags=["variant"]
# variant.toml

# %% [markdown] tags=["question"]
# ## 1. How often is a picture shown?
#
# You make `updates` updates of 32 pictures with a store that holds `copies` of each of `images` images, and the originals, too, if `originals` is True. Write a function that returns how many times each stored picture is shown on average.

# %% tags=["solution"]
def times_shown(images, copies, originals, updates):
    # BEGIN SOLUTION
    epochs = updates * 32 / images
    return epochs / (copies + originals)
    # END SOLUTION


# %% tags=["test"]
found = times_shown(512, 4, False, 3000)
assert found is not None and found is not ..., "times_shown is still to come."
assert abs(found - 46.875) < 1e-6, f"3,000 updates are 187.5 epochs of 512 images, so each of four copies is shown 46.875 times; found {found}."

# %% tags=["hidden"]
for images, copies, updates in rng.integers([50, 1, 90], [900, 33, 4000], (20, 3)).tolist():
    for originals in (True, False):
        expected = updates * 32 / images / (copies + originals)
        given = times_shown(images, copies, originals, updates)
        assert np.isclose(given, expected), f"{images} images, {copies} copies, originals {originals}, {updates} updates: found {given}."

# %% [markdown] tags=["question"]
# ## 2. Fill in the order form
#
# Now the other way round. No picture shall be shown more than `limit` times on average. Return the smallest whole number of copies that will do, beside the originals if `originals` is True. A store has at least one copy.

# %% tags=["solution"]
def order(images, updates, limit, originals):
    # BEGIN SOLUTION
    pictures = int(np.ceil(updates * 32 / images / limit))  # of one image
    return max(1, pictures - originals)
    # END SOLUTION


# %% tags=["test"]
found = order(512, 3000, 16, True)
assert found is not None and found is not ..., "order is still to come."
assert found == 11, f"in 187.5 epochs, 16 times each takes 12 pictures of an image, one of them the original: 11 copies; found {found}."

# %% tags=["hidden"]
for images, updates, limit in rng.integers([50, 90, 2], [900, 4000, 40], (30, 3)).tolist():
    for originals in (True, False):
        given = order(images, updates, limit, originals)
        expected = max(1, math.ceil(updates * 32 / images / limit) - originals)
        assert given == expected, f"{images} images, {updates} updates, limit {limit}, originals {originals}: found {given}."

# %% [markdown]
# ## The stored runs
#
# `runs_of` gives one row for each stored run of garments, cut after so many updates: for 128, 512 and 2,048 images and after 500, 1,000, 2,000 or 3,000 updates. There are runs of live and of 1, 2, 4, 8, 16 and 32 copies.

# %%
study = read_results(FOLDER / "study.csv").query("dataset == 'garments'")


@functools.cache
def runs_of(n, updates):
    return summarise(study[(study["n"] == n) & (study["update"] <= updates)])


print(runs_of(512, 3000).groupby("arm")["val_loss"].mean().loc[["copies-4", "copies-8", "live"]])

# %% [markdown] tags=["question"]
# ## 3. Does doubling tell?
#
# Lesson 05 says: what the last doubling gained is about what live would still add. Write a function that returns both numbers for a store of `k` copies, as means over the pairs: by how much the doubling from half of `k` copies to `k` lowered the loss, and the gap to live that `k` copies still have. `k` is 2, 4, 8, 16 or 32.

# %% tags=["solution"]
def doubling(n, updates, k):
    # BEGIN SOLUTION
    runs = runs_of(n, updates)
    gained = differences(runs, f"copies-{k // 2}", f"copies-{k}").mean()
    still = differences(runs, f"copies-{k}", "live").mean()
    return gained, still
    # END SOLUTION


# %% tags=["solution"]
for n in (128, 512):
    for k in (4, 8):
        print(f"{n} garments, 3,000 updates, {k} copies: the doubling gained and live would add", doubling(n, 3000, k))

# %% tags=["test"]
found = doubling(512, 1000, 4)
assert found is not None and found is not ..., "doubling is still to come."
assert len(found) == 2, f"expected two numbers, what the doubling gained and the gap to live; found {found}."
assert found[0] > 0 and found[1] > 0, f"with 4 copies of 512 garments after 1,000 updates both are above zero; found {found}."

# %% tags=["hidden"]
stored = read_results(FOLDER / "study.csv").query("dataset == 'garments'")
for n in (128, 512):
    updates = [500, 1000, 2000, 3000][KEY % 4]
    mean = summarise(stored[(stored["n"] == n) & (stored["update"] <= updates)]).groupby("arm")["val_loss"].mean()
    for k in (2, 4, 8, 16, 32):
        expected = mean[f"copies-{k // 2}"] - mean[f"copies-{k}"], mean[f"copies-{k}"] - mean["live"]
        given = doubling(n, updates, k)
        assert np.allclose(given, expected, atol=6e-4), f"for {n} garments, {updates} updates and {k} copies, one of the two numbers is another."

# %% [markdown] tags=["question"]
# ## 4. Bet
#
# In question 5 you will train 1 copy, 4 copies and live with your `IMAGES` garments for 400 updates, a setting that is in no table. First compute how many times each shows a picture, and find these numbers in the right panel of the lesson's figure with the nine lines. Then write a range for the gap to live of each, in loss, so narrow that you could be wrong. Nobody marks whether you were right. Leave it as it is afterwards.

# %% tags=["solution"]
bet_1_copy = (0.03, 0.12)  # SOLUTION
bet_4_copies = (-0.005, 0.03)  # SOLUTION

# %% tags=["test"]
for name, bet in [("bet_1_copy", bet_1_copy), ("bet_4_copies", bet_4_copies)]:
    assert bet is not ..., f"{name} is still to come: (lowest, highest)."
    assert len(bet) == 2 and bet[0] < bet[1], f"{name} is {bet}, expected (lowest, highest)."
    assert bet[1] - bet[0] <= 0.15, f"{name} is wider than 0.15: could it be wrong?"

# %% [markdown] tags=["question"]
# ## 5. Train it
#
# Use `compare` with `copies-1`, `copies-4` and `live`, `IMAGES` garments, `UPDATES` updates and the eight replicates that begin with number `SEED` (give `replicates` a `range`). Evaluate after 380, 390 and 400 updates. Put one row for each run into `runs`, and the mean gap to live of both stores into `gap_1_copy` and `gap_4_copies`. Three decimals are enough.

# %% tags=["solution"]
arms = ["copies-1", "copies-4", "live"]  # SOLUTION NO PROMPT
runs = summarise(compare(garments, arms, augment, IMAGES, UPDATES, range(SEED, SEED + 8), evaluate_at=[380, 390, 400]))  # SOLUTION
gap_1_copy = differences(runs, "copies-1", "live").mean()  # SOLUTION
gap_4_copies = differences(runs, "copies-4", "live").mean()  # SOLUTION

# %% tags=["test"]
assert hasattr(runs, "columns"), "runs is still to come: a table with one row for each run."
assert len(runs) == 24, f"runs has {len(runs)} rows, expected 24: eight replicates of three methods."
assert set(runs["replicate"]) == set(range(SEED, SEED + 8)), f"runs has replicates {runs['replicate'].min()} to {runs['replicate'].max()}, expected {SEED} to {SEED + 7}."
assert not any(mean is ... for mean in (gap_1_copy, gap_4_copies)), "the two means are still to come."

# %% tags=["hidden"]
one = SEED + KEY % 8
again = summarise(compare(garments, ["copies-1", "live"], named_policy("mild"), IMAGES, 400, [one], evaluate_at=[380, 390, 400], show_progress=False))
loss = runs.set_index(["arm", "replicate"])["val_loss"]
for row in again.itertuples():
    expected = row.val_loss
    given = loss[row.arm, one]
    assert abs(given - expected) < 0.02, f"{row.arm}, replicate {one}: {given:.3f} in runs, and another loss when it is trained again as asked."
for given, arm in ((gap_1_copy, "copies-1"), (gap_4_copies, "copies-4")):
    expected = differences(runs, arm, "live").mean()
    assert abs(given - expected) < 6e-4, f"the mean gap of {arm} to live in your runs is another than {given}."

# %% [markdown] tags=["question"]
# ## 6. Over-confident or less accurate?
#
# `runs` also holds `val_loss_scaled`, the loss after temperature scaling. As the companion does, split the mean difference in loss of two methods, first minus second: what scaling removes is *over-confident*, and what it leaves is *less accurate*. Write a function that returns the two, in this order. Then look at what your runs say.

# %% tags=["solution"]
def split(runs, first, second):
    # BEGIN SOLUTION
    less_accurate = differences(runs, first, second, "val_loss_scaled").mean()
    return differences(runs, first, second).mean() - less_accurate, less_accurate
    # END SOLUTION


# %% tags=["solution"]
for arm in ("copies-1", "copies-4"):
    print(arm, "against live, over-confident and less accurate:", split(runs, arm, "live"))

# %% tags=["test"]
found = split(runs, "copies-1", "live")
assert found is not None and found is not ..., "split is still to come."
assert len(found) == 2, f"expected two numbers, over-confident and less accurate; found {found}."

# %% tags=["hidden"]
rows = [(arm, r) for arm in ("copies-1", "copies-2", "live", "none") for r in range(6)]
table = pd.DataFrame(rows, columns=["arm", "replicate"])
table["val_loss"], table["val_loss_scaled"] = rng.random((2, len(table)))
means = table.groupby("arm")[["val_loss", "val_loss_scaled"]].mean()
for first, second in (("copies-1", "live"), ("none", "copies-2"), ("live", "none")):
    total, scaled = means.loc[first] - means.loc[second]
    expected = total - scaled, scaled
    given = split(table, first, second)
    assert np.allclose(given, expected), f"in a made-up table, the two parts of {first} minus {second} are other numbers."

# %% [markdown] tags=["question", "manual"]
# ## 7. Advise
#
# A colleague has as many garments as you and the same small network, wants to make 1,500 updates, and asks for four copies in place of the originals. Advise in about 60 to 120 words. A longer letter loses nothing. It says four things:
#
# - how many times each picture would be shown, and what you expect of that;
# - what to order instead, and how your colleague finds out whether it is enough;
# - from both numbers of `split` for your runs, whether one copy made the network over-confident or less accurate, and what temperature scaling would give back;
# - whether your two bets came true, and for which network or policy your advice would not hold.

# %% [markdown] tags=["solution"]
# One answer among others, with invented numbers and for 160 garments:
#
# > 1,500 updates are 300 epochs, so each of four copies would be shown 75 times. In the figure of lesson 05 copies shown so often lie about 0.07 above live, so I expect it to be worse. Order the originals and as many copies as the disk holds. What the last doubling gained is about what live would still add, a rule of thumb that was seen afterwards, with small networks and mild changes. In my runs one copy lost 0.08 to live, 0.05 of it over-confident and 0.03 less accurate: temperature scaling would give back the 0.05. My bet on one copy held, and the one on four was too low. In a residual network four copies cost more.
#
# The rubric, half a point each. Nothing is lost by length.
#
# - **The count**: 1,500 × 32 ÷ images ÷ 4 times as a number, and what follows from it by the lesson's figure, where the gap to live rises with the times shown.
# - **The order**: originals and many copies, or live if it costs nothing. It names the rule of thumb as one that was seen afterwards.
# - **Over-confident or less accurate, from the runs**: both numbers of `split`, and that scaling gives back the first and not the second. An answer that goes by the words of the lesson and against its own numbers earns nothing.
# - **The bet and the limit**: whether both ranges held the runs, and that a residual network loses more with as many copies, or that large networks and photographs were not tried. One such limit is enough.

