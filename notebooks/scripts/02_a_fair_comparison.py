# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,slideshow,mystnb,jupyter,cellView,-all
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

# %% [markdown] slideshow={"slide_type": "slide"}
# # 02 A fair comparison
#
# Train two networks once each, and one of them will win. With other seeds the loser might. A comparison that you can trust gives both the same number of updates, repeats them with several seeds, and looks at the differences in pairs.
#
# **You will** train eight pairs of networks, put an interval around their differences, and see an unfair comparison turn into a fair one.
#
# **You will learn:**
#
# - why a single run is not a result, and how many wins are luck,
# - how to compute a paired interval and give a verdict by a margin that you fixed beforehand,
# - why ten epochs here and ten epochs there can be different amounts of training.
#
# **You need** lessons [00](00_start_here.ipynb) and [01](01_static_versus_live.ipynb). **Time:** 26 minutes to read, about one to run. Choose *Run all* and start at the top while it works.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series. Then start TensorFlow quietly and without a GPU: networks as small as ours gain nothing
# from one, and it adds up in another order in each run, so equal runs would differ.
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    raise FileNotFoundError(
        "The rest of the series is not here, and this notebook knows no address to fetch it from: open it in a clone "
        "of the series, or take it from a copy in which `make links REPO=owner/name` was run."
    )
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from helpers import plots
from helpers.compare import compare, differences, summarise
from helpers.show import show_table
from helpers.stats import Interval, judge, paired_interval, verdict
from helpers.tables import FOLDER, read_results

plots.use_style()

# %% [markdown]
# ## Which would you have published?
#
# Do four copies help against no augmentation at all? We trained both ways twenty times, with 128 garments and 3,000 updates each. Here are the first four pairs, by the share of new garments that they got right. (*Replicate* is the pair's number.)

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
everything = read_results(FOLDER / "study.csv")
study = everything.query("dataset == 'garments' and n == 128 and arm in ['none', 'copies-4']")
twenty = summarise(study).pivot(index="replicate", columns="arm", values=["val_accuracy", "val_loss"])
right, loss_of_twenty = twenty["val_accuracy"], twenty["val_loss"]
first_four = right.head(4).rename(columns=plots.arm_label)
first_four["winner"] = np.where(first_four["4 copies"] > first_four["none"], "4 copies", "none")
show_table(first_four[["none", "4 copies", "winner"]].rename_axis(columns=None), digits=4)

# %% [markdown]
# With pair 0 you would have published that copies help, by almost three points. With pair 2, that they do harm, by about as much. Nothing in either looks wrong.
#
# Predict before you scroll on. In how many of the twenty pairs do four copies win, by right answers? And in how many by *loss*, the number that training minimises?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels with twenty lines each, from none at the left to 4 copies at the right. In the left panel, the share of right answers, nine lines rise and eleven fall, and they cross. In the right panel, the loss, all twenty lines fall."}} slideshow={"slide_type": "slide"} tags=["hide-input", "hide-output"]
def draw_pairs(ax, table, first, second, lower_is_better=True):
    for _, pair in table[[first, second]].iterrows():
        second_wins = (pair[second] < pair[first]) == lower_is_better
        color = plots.arm_style(second if second_wins else first)["color"]
        ax.plot([0, 1], pair, marker="o", markersize=4, linewidth=1.3, color=color)
    ax.set(xticks=[0, 1], xticklabels=[plots.arm_label(first), plots.arm_label(second)], xlim=(-0.2, 1.2))


figure, axes = plt.subplots(1, 2, figsize=(8, 3.8))
draw_pairs(axes[0], right, "none", "copies-4", lower_is_better=False)
draw_pairs(axes[1], loss_of_twenty, "none", "copies-4")
axes[0].set_title("share right on new garments")
axes[1].set_title("loss on new garments")
plt.show()

# %% [markdown]
# *Each line has the colour of its winner. By right answers the four copies win 9 of 20 pairs, as a coin would. By loss they win all 20.*
#
# So by accuracy your result would have depended on your seed, and by loss not, though a single pair looks equally convincing. (Lesson [04](04_overfitting_curves.ipynb) says why the two disagree.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What must a pair share?
#
# The training images, the first weights and the order are all drawn at random. One such draw is a *replicate*. A pair is two ways of training on the same replicate, so what was lucky for one was lucky for the other.
#
# Here is one pair in plain Keras, four copies and live.

# %%
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

garments = load_garments()
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)  # the policy of lesson 00


def train(model, x, y, epochs):
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit(x, y, epochs=epochs, verbose=0)
    return model.evaluate(garments.x_val, garments.y_val, verbose=0)

# %%
few = subset(garments, 128, replicate=0)
pool = np.concatenate([augment(few.x_train) for copy in range(4)])
static = train(small_model(seed=0), pool, np.tile(few.y_train, 4), epochs=10)
live = train(keras.Sequential([augment, small_model(seed=0)]), few.x_train, few.y_train, epochs=40)
print(f"loss on new garments: 4 copies ≈ {static: .3f}, live ≈ {live: .3f}")

# %% [markdown]
# Both have the same garments and first weights. Both also make 160 updates: `fit` takes batches of 32, so an epoch of the pool is 16 updates and a live epoch 4. Two things are not shared. `fit` shuffles each by itself, and `augment` draws other changes for the live network than for the pool. So this pair still holds luck of two kinds.

# %% [markdown]
# ## Eight pairs
#
# A loop over eight replicates makes it an experiment. From here on we use `compare`, from lesson 01. Unlike `fit` above, it shows all ways the garments in the same order, and the copies are those that live draws first. We add a third way, one copy, and train for 400 updates. As the loss jumps from update to update, `summarise` averages the evaluations in the last tenth.

# %%
arms = ["copies-1", "copies-4", "live"]
n, updates = 128, 400
evaluations = [38, 40, 152, 160, 368, 376, 384, 392, 400]
curves = compare(garments, arms, augment, n, updates, replicates=8, evaluate_at=evaluations)
runs = summarise(curves)  # the mean of the last five
loss = runs.pivot(index="replicate", columns="arm", values="val_loss")

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels of eight lines each. From 1 copy to live all eight lines fall, some steeply. From 4 copies to live most lines fall a little and some rise, and the lines lie further from each other than their two ends do."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), sharey=True)
draw_pairs(axes[0], loss, "copies-1", "live")
draw_pairs(axes[1], loss, "copies-4", "live")
for ax in axes:
    ax.set_title("loss on new garments")
plt.show()

# %% [markdown]
# *Live beats one copy in every pair. Against four copies most lines fall, but the lines differ in height by more than they fall.*
#
# Some replicates have easy garments, and there both networks do well. So a line's height tells of its garments and its slope of the training, which is why we compare in pairs.

# %% [markdown]
# ## An interval in three lines
#
# Take the difference within each pair, and the mean of the eight. How far might it be from what a thousand pairs would give? The *paired interval* answers that. In 95 % of such experiments it contains the true mean.

# %% slideshow={"slide_type": "slide"}
d = loss["live"] - loss["copies-4"]
half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
low, high = d.mean() - half, d.mean() + half

# %% [markdown]
# The second line divides the scatter of the differences by the root of their number, and multiplies it by Student's *t*, which is 2.36 for eight pairs. More pairs, or pairs that agree more, make the interval narrower.
#
# What if we forget the pairs, and compare two groups?

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
groups = stats.ttest_ind(loss["live"], loss["copies-4"], equal_var=False).confidence_interval()
ways = pd.DataFrame(
    [[d.mean(), half], [d.mean(), (groups.high - groups.low) / 2]],
    index=pd.Index(["in pairs", "as two groups"], name="live minus 4 copies"),
    columns=["mean difference", "plus or minus"],
)
show_table(ways, approximate=True, digits=3)

# %% [markdown]
# The mean is the same, but the interval is much wider, because the luck with the garments is back in it.

# %% [markdown]
# ## Decide beforehand what would matter
#
# With enough runs any difference will show, even one that nobody would care about. So after small pilots, but before the first of the stored runs, we said how small is too small. This *margin* is 0.02 in loss and 0.01 in accuracy, which is one garment in a hundred. That leaves four verdicts.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Five example intervals around a grey band from -0.02 to 0.02 with a line at zero. A, equivalent, lies inside the band around zero. B, better, lies left of zero and leaves the band. C, worse, lies right of zero and leaves the band. D, undecided, is wide, contains zero and leaves the band. E, equivalent, lies inside the band, left of zero."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
def draw_intervals(intervals, words, margin=0.02, ax=None):
    """One horizontal interval (mean, low, high) a row, its word at the right, and the margin in grey."""
    ax = ax or plt.subplots(figsize=(8, 0.45 * len(intervals) + 0.9))[1]
    ax.axvspan(-margin, margin, color="0.9")
    ax.axvline(0, color="0.5", linewidth=1)
    for row, (mean, start, end) in enumerate(intervals.values()):
        ax.plot([start, end], [row, row], color=plots.BLUE)
        ax.plot(mean, row, "o", color=plots.BLUE, markersize=5)
        ax.annotate(words[row], (1.02, row), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
    ax.set(yticks=range(len(intervals)), yticklabels=list(intervals), ylim=(len(intervals) - 0.4, -0.6))
    ax.grid(False)
    return ax


five = {
    "A": Interval(-0.004, -0.014, 0.006), "B": Interval(-0.035, -0.055, -0.015), "C": Interval(0.03, 0.008, 0.052),
    "D": Interval(-0.012, -0.035, 0.011), "E": Interval(-0.009, -0.015, -0.003),
}  # fmt: skip
ax = draw_intervals(five, [verdict(interval, 0.02, lower_is_better=True) for interval in five.values()])
ax.set_xlabel("difference in loss, first minus second (grey: the margin)")
plt.show()

# %% [markdown]
# *Inside the grey band the two are equivalent, even where zero is left out (E). Otherwise zero decides: for a loss, left of it the first is better, right of it worse, and across it we don't know.*
#
# *Better* gives the direction only: B reaches into the grey, so the difference may still be too small to matter. *Undecided* means that you need more pairs. *Equivalent* is a finding: any difference is smaller than what we care about.

# %% slideshow={"slide_type": "slide"}
against = {}
for arm in ["copies-1", "copies-4"]:
    interval, margin, word = judge(differences(runs, "live", arm), "val_loss")  # the three lines, and the margin
    against[plots.arm_label(arm)] = [*interval, word]

columns = ["difference in loss", "from", "to", "live is"]
verdicts = pd.DataFrame(against, index=columns).T.rename_axis("live against").infer_objects()
show_table(verdicts, approximate=True, digits=3)

# %% [markdown]
# Against one copy eight pairs are plenty. Against four copies they are not enough, although live won most. Even six wins in eight are little: a coin does as well one time in seven, while it wins all eight only one time in 256. (After 1,000 updates, live won all of our twenty.)
#
# And the twenty pairs with which we began? A margin is a choice, and someone else might have halved it. So we also ask what half of it would say.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
of_twenty = {"accuracy": (right["copies-4"] - right["none"], 0.01, False),
             "loss": (loss_of_twenty["copies-4"] - loss_of_twenty["none"], 0.02, True)}  # fmt: skip
began = pd.DataFrame(
    [
        [gap.mean(), *(verdict(paired_interval(gap), m, lower) for m in (margin, margin / 2))]
        for gap, margin, lower in of_twenty.values()
    ],
    index=pd.Index(of_twenty, name="4 copies against none"),
    columns=["difference", "4 copies are", "at half the margin"],
)
show_table(began, digits=3)

# %% [markdown]
# By loss copies are better. By accuracy the verdict hangs on the margin, and a report should say so.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Ten epochs each: is that fair?
#
# Tutorials like to train "ten epochs each": 160 updates for `fit` over all four copies, and 40 for live. What will you find? Our runs were evaluated there too, so we cut them short.

# %%
after_40 = summarise(curves[curves["update"] <= 40])  # the mean of updates 38 and 40
after_160 = summarise(curves[curves["update"] <= 160])  # of 152 and 160
unfair = pd.concat([after_40[after_40["arm"] == "live"], after_160[after_160["arm"] == "copies-4"]])

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
tables = {"ten epochs each": (40, 160, unfair), "40 updates each": (40, 40, after_40), "160 updates each": (160, 160, after_160)}
judged = {name: judge(differences(table, "live", "copies-4"), "val_loss") for name, (_, _, table) in tables.items()}
rows = [[*tables[name][:2], interval.mean, word] for name, (interval, _, word) in judged.items()]
columns = ["updates of live", "of 4 copies", "difference in loss", "live is"]
show_table(pd.DataFrame(rows, index=pd.Index(tables, name=""), columns=columns), approximate=True, digits=3)

# %% [markdown]
# Counted in epochs, live looks much worse, but it made only a quarter of the updates. When both make the same number, they are equivalent, even at half the margin: this early there is nothing to see yet. The "result" was the length of the training.

# %% [markdown]
# ## What the long runs say
#
# We also trained twenty pairs with 512 garments for 3,000 updates. That is a new question, not a finer answer to the old one. Which ways does live beat, by loss? Where a static way keeps the originals, its partner is live that shows originals as often.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Intervals of the loss of live minus that of seven static ways. 1 copy is near -0.22, none near -0.14, originals + 1 copy near -0.05, 4 copies near -0.035 and originals + 4 copies near -0.02; all five read better. 16 copies and originals + 16 copies lie inside the grey margin and read equivalent, better at half the margin."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
stored = read_results(FOLDER / "static-versus-live.csv")
main = summarise(stored.query("policy == 'mild' and model == 'small' and rate == 'constant'"))
# live-4/5 changes four pictures in five and leaves one as it is.
partners = {"copies-1": "live", "none": "live", "originals+1": "live-1/2", "copies-4": "live",
            "originals+4": "live-4/5", "copies-16": "live", "originals+16": "live-16/17"}  # fmt: skip
long_runs = {plots.arm_label(arm): paired_interval(differences(main, partners[arm], arm)) for arm in partners}
words = {name: verdict(interval, 0.02, lower_is_better=True) for name, interval in long_runs.items()}
at_half = {name: verdict(interval, 0.01, lower_is_better=True) for name, interval in long_runs.items()}
notes = [word if word == at_half[name] else f"{word} ({at_half[name]} at half the margin)" for name, word in words.items()]
ax = draw_intervals(long_runs, notes)
ax.set_xlabel("loss of live minus that of the way at the left (grey: the margin)")
plt.show()

# %% [markdown]
# *Live is better than none and than few copies. Against sixteen the whole interval lies inside the margin.*
#
# One copy without originals is even worse than none. Against originals + 4 copies live is better, but perhaps by too little to matter, and judged by accuracy the two are equivalent. With sixteen copies half the margin would say *better*, as line E would if its band were narrower.
#
# All this is for 512 garments after 3,000 updates. After 500, live still had a higher loss than none; with 128, in lesson 00, it was already ahead.

# %% [markdown]
# ## Whose luck is in the interval?
#
# The interval covers the luck with training images and seeds. It does not cover the luck with the validation images, which were the same all along. So ask each *half* of them: the images of even number, and those of odd number.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Intervals of the loss of live minus none on solar cells. All validation images give about -0.03, better, the even half about 0, equivalent, and the odd half about -0.05, better."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
cells = summarise(everything.query("dataset == 'solar-cells' and n == 512"))
metrics = {"all images": "val_loss", "even half": "val_loss_even", "odd half": "val_loss_odd"}
halves = {part: judge(differences(cells, "live", "none", metric), metric) for part, metric in metrics.items()}
half_words = [word for _, _, word in halves.values()]
ax = draw_intervals({part: interval for part, (interval, _, _) in halves.items()}, half_words)
ax.set_xlabel("loss of live minus none on solar cells (grey: the margin)")
plt.show()

# %% [markdown]
# *On solar cells, the two halves disagree.*
#
# With the garments they agree. The solar cells are photographs from lesson [08](08_solar_cells.ipynb), again 512 and 3,000 updates. A fair report shows both halves.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Take-away
#
# 1. One run is an anecdote. Repeat each way with several seeds, and compare in pairs that share all but the one thing you ask about.
# 2. Give every way the same number of gradient updates, because epochs have different lengths.
# 3. Fix the margin before you look. Give one of the four verdicts, and say if half the margin would change it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quick questions
#
# <details><summary>1. Live has the lower loss in six of eight pairs. Is it better?</summary>
#
# That is too few to say. A fair coin shows six or more heads in eight throws one time in seven. Compute the paired interval, and if it contains zero and leaves the margin, the answer is *undecided*.
#
# </details>
#
# <details><summary>2. Zero is not in interval E of the verdict figure. Why do we say equivalent?</summary>
#
# The whole interval lies within ±0.02. There probably is a difference, but we said beforehand that one so small would not matter.
#
# </details>
#
# <details><summary>3. Why is the interval in pairs narrower than the one for two groups?</summary>
#
# Some replicates have easier garments, which helps both ways of training. The difference within a pair takes that away, while comparing groups leaves it in.
#
# </details>
#
# <details><summary>4. You train two pools for 20 epochs each. One has 1,000 pictures, the other 4,000. What have you compared?</summary>
#
# Mostly the length of the training, because the second network makes four times as many updates. Give it 5 epochs instead.
#
# </details>
#
# <details><summary>5. After a hundred pairs your interval is tiny. Which luck is still not in it?</summary>
#
# That of the validation images, because all hundred pairs were judged on the same ones. Ask each half of them, or take others.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/02_a_fair_comparison.ipynb).

# %% [markdown]
# ### Exercise 1: The originals join the pool
#
# With 128 garments and 400 updates, how do originals + 4 copies compare with live? The pool shows an original one time in five, so its fair partner is live that changes four pictures in five, which is called `live-4/5`. Set `answer` to the verdict that you expect. Then train `pair` with `compare` on eight replicates, judge it by loss, put the verdict into `answer` and run the cell again. What changes if you take plain live instead?

# %%
from exercises import check

pair = ("live-4/5", "originals+4")
answer = None  # "better", "worse", "equivalent" or "undecided", of the first of the pair
check("02.1", answer)

# %% [markdown]
# ### Exercise 2: Your own paired interval
#
# Write `interval`, which takes the losses of two ways of training, one number a replicate and in the same order, and returns both ends of the paired 95 % interval of first minus second. It must work for any number of replicates. The starter compares two groups.

# %%
def interval(first, second):
    return stats.ttest_ind(first, second, equal_var=False).confidence_interval()


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("02.2", ...)  # put interval in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: When does live overtake?
#
# With 512 garments, live was behind no augmentation after 500 updates and better after 3,000. When does it overtake? `curves_512` holds the twenty replicates of both at the updates below. Say first what you will call overtaking. Then take the paired interval at each of them, as the cell does for the first. Does the accuracy (a fourth argument, `"val_accuracy"`) give the same answer?

# %%
curves_512 = everything.query("dataset == 'garments' and n == 512 and arm in ['none', 'live']")
moments = sorted(curves_512["update"].unique())
print(len(moments), "evaluations, after updates", *moments)
one = curves_512[curves_512["update"] == moments[0]]
print("from{1: .3f} to{2: .3f}".format(*paired_interval(differences(one, "live", "none"))))

# %% [markdown]
# ## In practice and limits
#
# Eight pairs are few, and often all you can afford, so say *undecided* when they don't decide. We show many intervals, and about one in twenty misses the true mean. We don't correct for that. The verdicts are for one pair of classes and a small network. How to check someone else's table is told in [Checking a published table](going_deeper/checking_a_published_table.ipynb).
#
# **Next:** [03 Diversity within a batch](03_diversity_within_a_batch.ipynb) asks whether live batches are more diverse.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# What the checks below need.
in_accuracy = differences(main, "live-4/5", "originals+4", "val_accuracy")
after_500 = stored.query("policy == 'mild' and model == 'small' and rate == 'constant' and update <= 500")
early = paired_interval(differences(summarise(after_500), "live", "none"))
one_copy = paired_interval(differences(main, "copies-1", "none"))
live_wins = {arm: int((loss["live"] < loss[arm]).sum()) for arm in ("copies-1", "copies-4")}
ten_epochs, after_40_updates, after_160_updates = judged.values()
equally_many = [verdict(interval, m, True) for interval, _, _ in (after_40_updates, after_160_updates) for m in (0.02, 0.01)]
of_garments = [judge(differences(main, "live", "none", metric), metric)[2] for metric in metrics.values()]

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

claims = Claims(n=(n, 128), updates=(updates, 400))
claims.check("in the stored pairs 4 copies win 9 of 20 by accuracy and 20 of 20 by loss",
             bool((right["copies-4"] > right["none"]).sum() == 9 and (loss_of_twenty["copies-4"] < loss_of_twenty["none"]).sum() == 20))
claims.check("there they are equivalent by accuracy (undecided at half the margin) and better by loss",
             began.iloc[:, 1:].to_numpy().tolist() == [["equivalent", "undecided"], ["better", "better"]])
claims.check("the three lines give the paired interval", np.allclose(paired_interval(d), [d.mean(), low, high]))
claims.check("two groups give an interval wider by half and more", bool(groups.high - groups.low > 1.5 * (high - low)))
claims.check("live is better than 1 copy, in all pairs or all but one", verdicts["live is"].iloc[0] == "better" and live_wins["copies-1"] >= 7)
claims.check("live against 4 copies is undecided, with most pairs won", verdicts["live is"].iloc[1] == "undecided" and 4 < live_wins["copies-4"] < 8)
claims.check("ten epochs each: live is worse by more than 0.08", bool(ten_epochs[2] == "worse" and ten_epochs[0].low > 0.08))
claims.check("equally many updates: equivalent, also at half the margin", {*equally_many} == {"equivalent"})
claims.check("in the long runs live is better than all but the ways with sixteen copies, which are equivalent",
             [name for name in words if words[name] != "better"] == ["16 copies", "originals + 16 copies"])
claims.check("1 copy is worse than none there; live's lead over originals + 4 copies may lie within the margin",
             verdict(one_copy, 0.02, True) == "worse" and long_runs["originals + 4 copies"].high > -0.02)
claims.check("by accuracy originals + 4 copies are equivalent to live, and after 500 updates live is worse than none",
             (verdict(paired_interval(in_accuracy), 0.01, False), verdict(early, 0.02, True)) == ("equivalent", "worse"))
claims.check("the halves of the garments agree, those of the solar cells do not", of_garments == ["better"] * 3 and half_words == ["better", "equivalent", "better"])
