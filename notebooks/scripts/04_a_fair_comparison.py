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
# # 04 A fair comparison
#
# You train two networks, once each, and one of them comes out almost three points more accurate. How sure are you that it would win again? Write a number down.
#
# **You will** say which result you would have published, train eight pairs of networks, and give a verdict on them. You need lesson [01](01_static_versus_live.ipynb). **Time:** 16 minutes to read, about one to run. Run it cell by cell with Shift+Enter, and guess before you run an answer.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Which would you have published?
#
# Do four stored copies help at all? We trained a small network both ways, twenty times each: without augmentation, and with four copies of each of its 128 garments. (In code they are `none` and `copies-4`.) Each run made 3,000 *gradient updates*, which are steps of the optimiser on one batch of 32. The results lie in a table, so you need not wait.

# %%
from helpers.compare import summarise
from helpers.plots import method_label
from helpers.data import RESULTS, read_results

study = read_results(RESULTS / "study.csv").query("dataset == 'garments' and n == 128")
twenty = summarise(study)  # one row a run: the mean over its last updates
twenty["label"] = twenty["method"].map(method_label)  # "copies-4" becomes "4 copies"

# %% [markdown]
# Here are the first four pairs. Within a *pair*, two networks have the same garments, the same initial weights and the same order. Only the pictures differ.

# %% tags=["slide-before"]
from helpers.plots import caption, show_table

both = ["no augmentation", "4 copies"]
accuracy = (100 * twenty.pivot(index="replicate", columns="label", values="val_accuracy")[both]).round(6)
first_four = accuracy.head(4).set_axis([1, 2, 3, 4]).rename_axis("pair")
show_table(first_four.assign(winner=first_four.idxmax(axis=1)), digits=1)
caption("Accuracy on new garments, %. Which pair would you have published?")

# %% [markdown]
# With the first pair you would have published that copies help, by almost three points. With the third, that they do harm, by as much. Nothing in either looks wrong.
#
# **Predict first:** in how many of the twenty pairs do four copies win by accuracy? And in how many by *loss*, which is what training minimises? Guess, then unfold.

# %% tags=["hide-output", "slide"]
import figures

stored_loss = twenty.pivot(index="replicate", columns="label", values="val_loss")[both]
figures.twenty_pairs(accuracy, stored_loss)
caption("A line has the colour of its winner. By accuracy four copies win 9 of 20 pairs, as a coin would. By loss they win 20 of 20.")

# %% [markdown]
# A single pair can't show you whether your headline hangs on your seed. (Lesson [03](03_overfitting_curves.ipynb) explains why loss and accuracy disagree.)

# %% [markdown]
# ## Eight pairs
#
# Now your own: live, one copy and four copies, on 128 garments. A repetition with garments, initial weights and an order of its own is a *replicate*, and `compare` trains each method on each of eight. It evaluates after the updates that we name, and `summarise` averages the last tenth of the updates, because the loss jumps from update to update.

# %%
from helpers.augment import RandomAffine
from helpers.compare import compare
from helpers.data import load_garments

augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)  # the policy of lesson 01
n = 128
updates = 400
curves = compare(
    load_garments(), ["copies-1", "copies-4", "live"], augment, n, updates,
    replicates=8, evaluate_at=[38, 40, 152, 160, 368, 376, 384, 392, 400],
)
runs = summarise(curves)
runs["label"] = runs["method"].map(method_label)

# %%
import seaborn as sns

ax = sns.lineplot(runs, x="label", y="val_loss", units="replicate", estimator=None, color="0.7")
sns.scatterplot(runs, x="label", y="val_loss", hue="label", palette=figures.COLORS, legend=False, zorder=2)
ax.set(xlabel="", ylabel="loss on new garments")
caption("Live is below one copy in all eight pairs. From four copies to live most lines fall, but they differ in height by more than they fall.", alt="Eight lines from 1 copy over 4 copies to live. All fall to 4 copies, some steeply. From there to live all but one fall a little.")

# %% [markdown]
# A line's height says how easy its garments are, and its slope says what the method does. That is why we compare within pairs.

# %% [markdown]
# ## An interval in three lines
#
# Take the difference within each pair, and the mean of the eight. A thousand pairs would give another mean. The *paired interval* says where to expect it, and is right in 95 % of such experiments.

# %% tags=["slide"]
import numpy as np
from scipy import stats

loss = runs.pivot(index="replicate", columns="method", values="val_loss")
d = loss["live"] - loss["copies-4"]

t = stats.t.ppf(0.975, df=len(d) - 1)  # leaves out 2.5 % at either end
half = t * d.std(ddof=1) / np.sqrt(len(d))
low, high = d.mean() - half, d.mean() + half
print(f"live minus 4 copies: ≈ {d.mean():.3f}, from ≈ {low:.3f} to ≈ {high:z.2f}; live wins {(d < 0).sum()} of {len(d)} pairs")

# %% [markdown]
# `d.std` says how far single differences lie apart. Their mean varies less, by the root of their number. The factor *t* is taken from Student's distribution: 2.36 for eight pairs and close to 1.96 for very many, because a few differences show only roughly how much they vary.

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

# %% tags=["slide-with"]
five = {  # mean, low and high
    "A": (-0.004, -0.014, 0.006),
    "B": (-0.035, -0.055, -0.015),
    "C": (0.03, 0.008, 0.052),
    "D": (-0.012, -0.035, 0.011),
    "E": (-0.009, -0.015, -0.003),
}
figures.intervals(five, margin=0.02)
caption("Five intervals. The margin is grey.")

# %% [markdown]
# <details><summary>Answer</summary>
#
# A is *equivalent*, B *better*, C *worse*, D *undecided* and E *equivalent*. E leaves out zero, but nothing in it would matter. B is surely left of zero, yet it reaches into the grey, so the true difference may be tiny. *Better* gives a direction and no size, so report the interval with the word.
#
# </details>
#
# `differences` takes the pairs of a table, and `paired_verdict` gives their interval, the margin and the word.

# %% tags=["slide"]
from helpers.compare import differences
from helpers.stats import paired_verdict

interval, margin, word = paired_verdict(differences(runs, "live", "copies-1"), "val_loss")
print(f"live against 1 copy: {word}, ≈ {interval.mean:.2f}, from ≈ {interval.low:.2f} to ≈ {interval.high:.2f}")

# %% [markdown]
# Against one copy eight pairs are plenty. Against four copies live won seven of eight, and yet that interval ends so near zero that the word may be *better* on one processor and *undecided* on another. Train more pairs before you say either.
#
# And the twenty pairs from the beginning? By loss four copies are *better* than no augmentation. By accuracy they are *equivalent*: single pairs swing by three points, but the interval of the mean goes from −0.9 to 0.8 points.

# %% [markdown] tags=["slide"]
# ## Ten epochs each: is that fair?
#
# Tutorials like to train "ten epochs each". For `fit`, an epoch goes once through what it is given. Four stored copies of 128 garments are 512 pictures, so ten epochs make 160 updates. Live gets 128 pictures an epoch, which makes 40. What will you find?
#
# We need no new runs. Ours were evaluated after 40 and 160 updates, so we cut them there.

# %%
import pandas as pd

after_40 = summarise(curves[curves["update"] <= 40])
after_160 = summarise(curves[curves["update"] <= 160])
ten_epochs = pd.concat([after_40.query("method == 'live'"), after_160.query("method == 'copies-4'")])

# %% tags=["hide-output", "slide"]
words = {}
for name, cut in {"ten epochs each": ten_epochs, "40 updates each": after_40, "160 updates each": after_160}.items():
    interval, margin, words[name] = paired_verdict(differences(cut, "live", "copies-4"), "val_loss")
    print(f"{name}: live minus 4 copies ≈ {interval.mean:z.2f} in loss, so live is {words[name]}")
caption("Counted in epochs, live looks much worse, but it made a quarter of the updates. With equally many the two are equivalent.")

# %% [markdown]
# Why doesn't live win here? Repeats hurt once a network has memorised them, and in 160 updates each of the four copies came only ten times. In the comparison above, one copy had been shown a hundred times after 400 updates, and there live was ahead.

# %% [markdown]
# ## In practice and limits
#
# Eight pairs are few, and often all you can afford. About one interval in twenty misses the true mean. An interval holds the luck with garments and seeds, but not that with the validation images, which all pairs share.

# %% [markdown]
# ## Take-away
#
# 1. One run is an anecdote. Train each method with several seeds, and compare within pairs that share all but the method.
# 2. Give each method the same number of gradient updates, because epochs differ in length.
# 3. Fix the margin before you look. Then report the interval, and one of four words.

# %%
# The message, in your own run.
assert list(words.values()) == ["worse", "equivalent", "equivalent"], (
    "Live should be worse after ten epochs each, and equivalent after "
    "equal updates: other pairs or another margin may say otherwise."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You forget the pairs, and compare eight runs of live with eight of four copies. What happens to the interval?</summary>
#
# It becomes much wider. Some replicates have easier garments, which helps both methods. The difference within a pair takes that away, and two groups put it back in.
#
# </details>
#
# <details><summary>2. You store 1,000 pictures for one network and 4,000 for another, and train each for 20 epochs. What have you compared?</summary>
#
# Mostly the length of the training, because the second network makes four times as many updates. Give it 5 epochs instead.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/04_a_fair_comparison.ipynb).

# %% [markdown]
# ### Exercise 1: Keep the originals
#
# You store the originals and four copies of each of 128 garments, which is called `originals+4`. An original is shown one time in five. So the fair partner is live that leaves every fifth picture unchanged, `live-4/5`. Set `answer` to the word that you expect. Then train `pair` with `compare` for 400 updates on eight replicates, judge it by loss, and put the word that you found into `answer`. What changes if you take plain live instead?

# %%
from exercises import check

pair = ("live-4/5", "originals+4")
answer = None  # "better", "worse", "equivalent" or "undecided", of the first of the pair
check("04.1", answer)

# %% [markdown]
# ### Exercise 2: Your own paired interval
#
# Write `interval`, which takes the losses of two methods, one number a replicate and in the same order, and returns both ends of the paired 95 % interval of first minus second. It must work for any number of replicates. The starter compares two groups.

# %%
def interval(first, second):
    return stats.ttest_ind(first, second, equal_var=False).confidence_interval()


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("04.2", ...)  # put interval in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: When does live overtake?
#
# With 512 garments, live is behind no augmentation after 500 updates and better after 3,000. When does it overtake? `curves_512` holds the twenty replicates of both, evaluated after the updates that the cell prints. Say first what you will call overtaking. Then take the paired interval at each of them, as the cell does for the first. Does accuracy (a fourth argument, `"val_accuracy"`) give the same answer?

# %%
from helpers.stats import paired_interval

table = read_results(RESULTS / "study.csv")
curves_512 = table.query("dataset == 'garments' and n == 512 and method in ['none', 'live']")
moments = sorted(curves_512["update"].unique())
print(len(moments), "evaluations, after updates", *moments)
one = curves_512[curves_512["update"] == moments[0]]
print("from{1: .3f} to{2: .3f}".format(*paired_interval(differences(one, "live", "none"))))

# %% [markdown]
# **Next:** you must store copies, and can't train live. How many do you order? Write a number down, then open [05 How many copies?](05_how_many_copies.ipynb).
