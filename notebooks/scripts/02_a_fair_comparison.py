# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,-all
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version,-widgets,-language_info
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 A fair comparison
#
# Train two networks once each, and one of them wins. Would it win again?
#
# **You will** say which result you would have published, train eight pairs of networks, and give a verdict on them.
#
# **You will learn:**
#
# - why one run is an anecdote,
# - how to put an interval around a difference, and say in one of four words what it means,
# - why ten epochs here and ten epochs there can be different amounts of training.
#
# **You need** lesson [00](00_start_here.ipynb). **Time:** 15 minutes to read, about one to run. Run it cell by cell with Shift+Enter: what you run unfolds, so guess first.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.show import caption, show_table

plots.use_style()

# %% [markdown]
# ## Which would you have published?
#
# Do four stored copies help at all? We trained a small network both ways, twenty times each: without augmentation, and with four copies of each of its 128 garments. Each run made 3,000 *gradient updates*, which are steps of the optimiser on one batch of 32. Their results come with the series in a table, `study.csv`, so that you need not wait. In code, no augmentation is called `none`, and four copies are called `copies-4`.

# %%
from helpers.compare import summarise
from helpers.tables import FOLDER, read_results

study = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 128")
twenty = summarise(study)  # one row a run: the mean over its last updates

# %% [markdown]
# Here are the first four pairs. Within a pair, the two networks have the same garments, the same initial weights and the same order. Only the pictures differ.

# %% tags=["hide-input", "slide-before"]
by_pair = twenty.pivot(index="replicate", columns="arm", values=["val_accuracy", "val_loss"])
accuracy, stored_loss = by_pair["val_accuracy"], by_pair["val_loss"]
first_four = (100 * accuracy.head(4)[["none", "copies-4"]]).round(6).rename(columns=plots.arm_label)
first_four["winner"] = first_four.idxmax(axis=1)
first_four.index = pd.Index([1, 2, 3, 4], name="pair")
show_table(first_four.rename_axis(columns=None), digits=1)
caption("Accuracy on new garments, %. Which pair would you have published?")

# %% [markdown]
# With the first pair you would have published that copies help, by almost three points. With the third, that they do harm, by about as much. Nothing in either looks wrong.
#
# **Predict first:** in how many of the twenty pairs do four copies win by accuracy? And in how many by *loss*, which is what training minimises?

# %% tags=["hide-input", "hide-output", "slide"]
def draw_pairs(ax, table, first, second, lower_is_better=True):
    for _, pair in table[[first, second]].iterrows():
        second_wins = (pair[second] < pair[first]) == lower_is_better
        color = plots.arm_style(second if second_wins else first)["color"]
        ax.plot([0, 1], pair, marker="o", markersize=4, linewidth=1.3, color=color)
    ax.set(xticks=[0, 1], xticklabels=[plots.arm_label(first), plots.arm_label(second)], xlim=(-0.25, 1.25))


figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.8))
draw_pairs(axes[0], 100 * accuracy, "none", "copies-4", lower_is_better=False)
draw_pairs(axes[1], stored_loss, "none", "copies-4")
axes[0].set_title("accuracy on new garments, %")
axes[1].set_title("loss on new garments")
caption("A line has the colour of its winner. By accuracy four copies win 9 of 20 pairs, as a coin would. By loss they win 20 of 20.")

# %% [markdown]
# A single pair can't show you whether your headline hangs on your seed. (Why the two measures disagree is a matter for lesson [04](04_overfitting_curves.ipynb).)

# %% [markdown]
# ## Eight pairs
#
# Now your own. You compare live with one copy and with four copies, on 128 garments for 400 updates. A repetition with garments, initial weights and an order of its own is called a *replicate*. `compare` takes eight of them and trains each method on each. It evaluates after the updates that we name, and `summarise` averages those in the last tenth of the training, because the loss jumps from update to update.

# %%
from helpers.augment import RandomAffine
from helpers.compare import compare
from helpers.data import load_garments

augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)  # the policy of lesson 00
n, updates = 128, 400
curves = compare(
    load_garments(), ["copies-1", "copies-4", "live"], augment, n, updates,
    replicates=8, evaluate_at=[38, 40, 152, 160, 350, 368, 376, 384, 392, 400],
)
runs = summarise(curves)
loss = runs.pivot(index="replicate", columns="arm", values="val_loss")

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.8), sharey=True)
draw_pairs(axes[0], loss, "copies-1", "live")
draw_pairs(axes[1], loss, "copies-4", "live")
for ax in axes:
    ax.set_title("loss on new garments")
plt.show()

# %% [markdown]
# *Live beats one copy in every pair. Against four copies most lines fall, but the lines differ in height by more than they fall.*
#
# A line's height says how easy its garments are, and its slope says what the method does. That is why we compare within pairs.

# %% [markdown]
# ## An interval in three lines
#
# Take the difference within each pair, and the mean of the eight. How far may it lie from what a thousand pairs would give? The *paired interval* answers that: in 95 % of such experiments it contains the true mean.

# %% tags=["slide"]
from scipy import stats

d = loss["live"] - loss["copies-4"]

t = stats.t.ppf(0.975, df=len(d) - 1)  # leaves out 2.5 % at either end
half = t * d.std(ddof=1) / np.sqrt(len(d))
low, high = d.mean() - half, d.mean() + half
print(f"live minus 4 copies: ≈ {d.mean():.3f}, from ≈ {low:.3f} to ≈ {high:.3f}")

# %% [markdown]
# Student's *t* is 2.36 here, and not the 1.96 of a bell curve, because eight differences show their own scatter only roughly.
#
# If you forget the pairs and compare eight runs with eight, the interval becomes much wider, because the luck with the garments is back in it.

# %% [markdown] tags=["slide-before"]
# ## Decide beforehand what would matter
#
# With enough pairs any difference shows, even one that nobody would care about. So we fixed before the stored runs what is too small to matter. This *margin* is 0.02 in loss, and 0.01 in accuracy, which is one garment in a hundred. Then there are four words:
#
# 1. The whole interval lies within the margin: ***equivalent***. Whatever difference there is, it does not matter.
# 2. Otherwise, it lies on one side of zero: ***better*** or ***worse***.
# 3. Otherwise: ***undecided***. You need more pairs.
#
# Which word does each of these five get? For a loss, lower is better.

# %% tags=["hide-input", "slide-with"]
from helpers.stats import Interval

five = {
    "A": Interval(-0.004, -0.014, 0.006), "B": Interval(-0.035, -0.055, -0.015), "C": Interval(0.03, 0.008, 0.052),
    "D": Interval(-0.012, -0.035, 0.011), "E": Interval(-0.009, -0.015, -0.003),
}  # fmt: skip
figure, ax = plt.subplots(figsize=(8, 3))
ax.axvspan(-0.02, 0.02, color="0.9")
ax.axvline(0, color="0.5", linewidth=1)
for row, interval in enumerate(five.values()):
    ax.plot([interval.low, interval.high], [row, row], color=plots.BLUE)
    ax.plot(interval.mean, row, "o", color=plots.BLUE, markersize=5)
ax.set(yticks=range(5), yticklabels=list(five), ylim=(4.6, -0.6), xlabel="difference in loss, first minus second")
ax.grid(False)
plt.show()

# %% [markdown]
# *Five intervals. The margin is grey.*
#
# <details><summary>Answer</summary>
#
# A is *equivalent*, B *better*, C *worse*, D *undecided* and E *equivalent*. E leaves out zero, but nothing in it would matter. B is surely left of zero, yet it reaches into the grey, so the true difference may be tiny. *Better* gives a direction and no size, so report the interval with the word.
#
# </details>
#
# `differences` takes the pairs of a table, and `judge` gives their interval, the margin and the word.

# %%
from helpers.compare import differences
from helpers.stats import judge

against = {}
for arm in ["copies-1", "copies-4"]:
    interval, margin, word = judge(differences(runs, "live", arm), "val_loss")
    against[arm] = [*interval, word]

# %% tags=["hide-input", "slide"]
columns = ["difference in loss", "from", "to", "live is"]
verdicts = pd.DataFrame(against, index=columns).T.rename(index=plots.arm_label).rename_axis("live against").infer_objects()
show_table(verdicts, approximate=True, digits=3)

# %% [markdown]
# Against one copy eight pairs are plenty. Against four copies they are not, although live won six of the eight. A coin does as well one time in seven.
#
# And the twenty pairs from the beginning? By loss four copies are *better* than no augmentation. By accuracy they are *equivalent*: single pairs swing by three points, but the interval of the mean, from −0.9 to 0.8 points, lies within the margin.

# %% [markdown] tags=["slide"]
# ## Ten epochs each: is that fair?
#
# Tutorials like to train "ten epochs each". For `fit`, an epoch goes once through what it is given. Four stored copies of 128 garments are 512 pictures. In ten epochs that makes 160 updates. Live gets 128 pictures an epoch, which makes 40. What will you find?
#
# We need no new runs for that. Ours were evaluated after 40 and 160 updates, so we cut them there.

# %%
after_40 = summarise(curves[curves["update"] <= 40])
after_160 = summarise(curves[curves["update"] <= 160])
ten_epochs = pd.concat([after_40[after_40["arm"] == "live"], after_160[after_160["arm"] == "copies-4"]])

# %% tags=["hide-input", "hide-output", "slide"]
tables = {"ten epochs each": (40, 160, ten_epochs), "40 updates each": (40, 40, after_40), "160 updates each": (160, 160, after_160)}
judged = {name: judge(differences(table, "live", "copies-4"), "val_loss") for name, (_, _, table) in tables.items()}
rows = [[*tables[name][:2], interval.mean, word] for name, (interval, _, word) in judged.items()]
columns = ["updates of live", "of 4 copies", "difference in loss", "live is"]
show_table(pd.DataFrame(rows, index=pd.Index(tables, name=""), columns=columns), approximate=True)
caption("Counted in epochs, live looks much worse, but it made a quarter of the updates. With equally many the two are equivalent. The difference was the length of the training.")

# %% [markdown]
# ## In practice and limits
#
# Eight pairs are few, and often all you can afford. About one interval in twenty misses the true mean, and this series shows many. The interval holds the luck with garments and seeds, but not that with the validation images, which all pairs share. To check someone else's table, see [Checking a published table](going_deeper/checking_a_published_table.ipynb).

# %% [markdown]
# ## Take-away
#
# 1. One run is an anecdote. Train each method with several seeds, and compare within pairs that share all but the method.
# 2. Give each method the same number of gradient updates, because epochs differ in length.
# 3. Fix the margin before you look. Then report the interval, and one of four words.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Live has the lower loss in six of eight pairs. Is it better?</summary>
#
# That is too little to say. A fair coin shows six or more heads in eight throws one time in seven. Compute the paired interval.
#
# </details>
#
# <details><summary>2. Zero is not in interval E. Why do we say equivalent, and what may we not say of B?</summary>
#
# All of E lies within ±0.02, and we said beforehand that so small a difference does not matter. B is better, but we may not say that it is better by enough to matter.
#
# </details>
#
# <details><summary>3. Why is the interval in pairs narrower than the one for two groups?</summary>
#
# Some replicates have easier garments, which helps both methods. The difference within a pair takes that away.
#
# </details>
#
# <details><summary>4. You store 1,000 pictures for one network and 4,000 for another, and train each for 20 epochs. What have you compared?</summary>
#
# Mostly the length of the training, because the second network makes four times as many updates. Give it 5 epochs instead.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/02_a_fair_comparison.ipynb).

# %% [markdown]
# ### Exercise 1: Keep the originals
#
# You store the originals and four copies of each of 128 garments, which is called `originals+4`. An original is shown one time in five. So the fair partner is live that leaves every fifth picture unchanged, `live-4/5`. Set `answer` to the word that you expect. Then train `pair` with `compare` for 400 updates on eight replicates, judge it by loss, and put the word that you found into `answer`. What changes if you take plain live instead?

# %%
from exercises import check

pair = ("live-4/5", "originals+4")
answer = None  # "better", "worse", "equivalent" or "undecided", of the first of the pair
check("02.1", answer)

# %% [markdown]
# ### Exercise 2: Your own paired interval
#
# Write `interval`, which takes the losses of two methods, one number a replicate and in the same order, and returns both ends of the paired 95 % interval of first minus second. It must work for any number of replicates. The starter compares two groups.

# %%
def interval(first, second):
    return stats.ttest_ind(first, second, equal_var=False).confidence_interval()


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("02.2", ...)  # put interval in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: When does live overtake?
#
# With 512 garments, live is behind no augmentation after 500 updates and better after 3,000. When does it overtake? `curves_512` holds the twenty replicates of both, evaluated after the updates that the cell prints. Say first what you will call overtaking. Then take the paired interval at each of them, as the cell does for the first. Does accuracy (a fourth argument, `"val_accuracy"`) give the same answer?

# %%
from helpers.stats import paired_interval

table = read_results(FOLDER / "study.csv")
curves_512 = table.query("dataset == 'garments' and n == 512 and arm in ['none', 'live']")
moments = sorted(curves_512["update"].unique())
print(len(moments), "evaluations, after updates", *moments)
one = curves_512[curves_512["update"] == moments[0]]
print("from{1: .3f} to{2: .3f}".format(*paired_interval(differences(one, "live", "none"))))

# %% [markdown]
# **Next:** [03 Diversity within a batch](03_diversity_within_a_batch.ipynb) asks whether live batches are more diverse.
#
# ## What this page claims, checked

# %% tags=["hide-input", "hide-output"]
from helpers.arms import schedule
from helpers.show import Claims
from helpers.stats import verdict


def different_pictures(arm):
    plan = schedule(arm, n, updates)
    return len(np.unique(plan.version * n + plan.source))


live_wins = {arm: int((loss["live"] < loss[arm]).sum()) for arm in ("copies-1", "copies-4")}
of_twenty = {metric: judge(differences(twenty, "copies-4", "none", metric), metric)[2] for metric in ("val_accuracy", "val_loss")}
groups = stats.ttest_ind(loss["live"], loss["copies-4"], equal_var=False).confidence_interval()
words_of_five = [verdict(interval, 0.02, lower_is_better=True) for interval in five.values()]
unfair, after_40_updates, after_160_updates = judged.values()
# The stored runs of these eight replicates began in the same way, so ours must repeat them.
again = curves.merge(study, on=["arm", "replicate", "update"], suffixes=("", "_stored")).query("update == 350")
off = (again["val_loss"] - again["val_loss_stored"]).abs()

claims = Claims(n=(n, 128), updates=(updates, 400))
claims.check("stored: 4 copies win 9 of 20 pairs by accuracy and 20 of 20 by loss",
             bool((accuracy["copies-4"] > accuracy["none"]).sum() == 9 and (stored_loss["copies-4"] < stored_loss["none"]).sum() == 20))
claims.check("stored: there they are equivalent by accuracy and better by loss",
             of_twenty == {"val_accuracy": "equivalent", "val_loss": "better"})
claims.check("in 400 updates live shows 12,800 pictures and repeats no picture, and 4 copies show 512",
             (different_pictures("live"), different_pictures("copies-4")) == (updates * 32, 4 * n) == (12800, 512))
claims.check("after 350 updates our 24 runs are those of the stored table, to 0.02 in loss",
             bool(len(again) == 24 and 350 in again["update"].to_numpy() and off.max() < 0.02))
claims.check("the three lines give the paired interval, with t = 2.36",
             bool(np.allclose(paired_interval(d), [d.mean(), low, high]) and round(t, 2) == 2.36))
claims.check("two groups give an interval wider by half and more", bool(groups.high - groups.low > 1.5 * (high - low)))
claims.check("the five words", words_of_five == ["equivalent", "better", "worse", "undecided", "equivalent"])
claims.check("live is better than 1 copy, in all pairs or all but one", verdicts["live is"].iloc[0] == "better" and live_wins["copies-1"] >= 7)
claims.check("live against 4 copies is undecided, with 5 to 7 pairs won", verdicts["live is"].iloc[1] == "undecided" and 5 <= live_wins["copies-4"] <= 7)
claims.check("ten epochs each: live is worse by more than 0.08", bool(unfair[2] == "worse" and unfair[0].low > 0.08))
claims.check("equally many updates: equivalent", after_40_updates[2] == after_160_updates[2] == "equivalent")
