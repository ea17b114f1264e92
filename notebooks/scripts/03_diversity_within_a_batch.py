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

# %% [markdown]
# # 03 Diversity within a batch
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/03_diversity_within_a_batch.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/03_diversity_within_a_batch.ipynb)
#
# After this lesson you will be able to
#
# - measure how diverse a set of pictures is, by distances, by the Vendi score and by counting, and say what each measure depends on;
# - say what live augmentation changes within a batch, and what across epochs;
# - recognise ways of making batches that do cluster, and what they cost;
# - place an augmentation policy by its affinity and its diversity.
#
# You need notebooks 00 and 01. It takes a minute and a half on two cores.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series; on Colab, fetch it. Then start TensorFlow quietly and without a GPU: networks as small as
# ours gain nothing from one, and it adds up in another order in each run, so equal runs would differ.
import subprocess
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    options = ["--quiet", "--depth=1", "--branch=main", "--config=advice.detachedHead=false"]
    subprocess.run(["git", "clone", *options, "https://github.com/YOUR_ACCOUNT/static-versus-live", root], check=True)
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% [markdown]
# ## The claim
#
# The article says that live augmentation "naturally creates more diversity *within* each training batch", while static batches show "some level of clustering". That can be measured. We keep to the task of lessons 00 and 01: 128 garments, the mild policy, batches of 32.

# %%
import keras
import numpy as np
import pandas as pd
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset

garments = load_garments()
few = subset(garments, 128)
mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)

# %% [markdown]
# What a run is shown stands in a `schedule`. Row u is the batch of update u: 32 *sources* (which garment) and 32 *versions* (0 is the original, v its copy number v). Four updates make an epoch. Here are four copies of each garment, read copy after copy:

# %%
from helpers.arms import schedule

plan = schedule("copies-4", n=128, updates=400)
print("sources in the first batch ", *plan.source[0, :10], "…")
print("versions in updates 0 to 19", *plan.version[:20, 0])

# %% [markdown]
# ## Measure 1: distance
#
# How far apart are two members of a batch of B pictures, on average? With $a_i$ the pixels of picture i written as one vector,
#
# $$\bar d = \frac{2}{B(B-1)}\sum_{i<j}\lVert a_i-a_j\rVert ,$$
#
# a case of Rao's coefficient (C. R. Rao, *Diversity and dissimilarity coefficients*, 1982). Pixels are a rough yardstick: a small shift changes many of them.

# %% [markdown]
# So we also compare *features*, what a trained network has computed before its last layers. We train one on 2,048 garments that no run below uses, drop its two dense layers and leave the rest *frozen*, that is, as it is: 1,600 numbers a picture. Another network or layer would give other numbers.

# %%
from helpers.model import deeper_model

others = [subset(garments, 128, replicate) for replicate in range(60, 76)]
x_other = np.concatenate([part.x_train for part in others])
y_other = np.concatenate([part.y_train for part in others])
keras.utils.set_random_seed(0)
classifier = deeper_model(seed=0)
classifier.compile(optimizer="adam", loss="binary_crossentropy")
classifier.fit(x_other, y_other, batch_size=64, epochs=5, verbose=0)
frozen = keras.Sequential(classifier.layers[:-2])


def features(pictures):
    return frozen.predict(pictures, batch_size=128, verbose=0)


# %% [markdown]
# Three pairs: two draws of one pullover, two pullovers, a pullover and a coat. Which is farthest apart? (`draw` makes the random turns, shifts, zooms and flips, `apply` carries them out. A distance in pixels is in units of grey value, black 0 and white 1.)

# %%
from scipy.spatial.distance import pdist


def mean_pairwise_distance(points):
    return pdist(points.reshape(len(points), -1)).mean()


draws = mild.apply(few.x_train[[0] * 32], mild.draw(32, seed=(0, 1))).numpy()
pairs = {"two draws": draws[:2], "two pullovers": few.x_train[[0, 2]], "pullover, coat": few.x_train[[0, 1]]}
in_pixels = {name: mean_pairwise_distance(pair) for name, pair in pairs.items()}
in_features = {name: mean_pairwise_distance(features(pair)) for name, pair in pairs.items()}
for name in pairs:
    print(f"{name:16} pixels ≈ {in_pixels[name]: 5.1f}   features ≈ {in_features[name]: 5.1f}")
assert in_features["two draws"] < in_features["two pullovers"]

# %% mystnb={"image": {"alt": "Three pairs of pictures, one above the other: two draws of one pullover, two pullovers, a pullover and a coat."}}
import matplotlib.pyplot as plt
from helpers import plots

plots.use_style()
columns = ["two\ndraws", "two\npullovers", "pullover,\ncoat"]
plots.show_images(list(zip(*pairs.values(), strict=True)), ["", ""], columns)

# %% [markdown]
# *Three pairs of pictures, one above the other: two draws of one pullover, two pullovers, a pullover and a coat.*
#
# Two draws of one garment are different pictures, too: in pixels they lie more than half as far apart as two pullovers do.

# %%
assert in_pixels["two draws"] > in_pixels["two pullovers"] / 2

# %% [markdown]
# ## Measure 2: the Vendi score
#
# A mean distance can't tell two tight clusters from an even spread. The *Vendi score* (D. Friedman and A. B. Dieng, *The Vendi Score*, 2023) answers another question: how many *different* pictures does a set amount to? It starts from a *kernel*, a rule that gives each two pictures a similarity, 1 for a picture and itself.

# %% [markdown]
# The similarities of n pictures form a matrix S. The eigenvalues $\lambda_i$ of $S/n$ are shares: none is negative, and they add up to 1. The score is the exponential of their entropy,
#
# $$\mathrm{VS} = \exp\Bigl(-\sum_i \lambda_i\log\lambda_i\Bigr).$$
#
# Four pictures alike have one share of 1 and count as one; two pairs have two shares of a half:

# %%
def vendi_score(similarity):
    shares = np.linalg.eigvalsh(similarity / len(similarity))
    shares = shares[shares > 1e-12]  # 0 log 0 counts as 0
    return np.exp(-np.sum(shares * np.log(shares)))


all_alike, no_likeness = np.ones((4, 4)), np.eye(4)
two_pairs = np.kron(np.eye(2), np.ones((2, 2)))
for name, matrix in [("all alike", all_alike), ("two pairs", two_pairs), ("no likeness", no_likeness)]:
    shares = np.abs(np.linalg.eigvalsh(matrix / 4))
    print(f"{name:12} shares {shares.round(2)}  Vendi score {vendi_score(matrix):.1f}")
assert np.allclose([vendi_score(matrix) for matrix in (all_alike, two_pairs, no_likeness)], [1, 2, 4])

# %% [markdown]
# Our kernel is the *centred cosine*: the cosine of the angle between two features, seen from a centre, the mean feature of 640 of the other garments, augmented. Three sets of 32 pictures: 32 garments drawn once each, 8 garments drawn 4 times, 1 garment drawn 32 times.

# %%
def centred_cosine(seen, centre):
    directions = seen.astype(float) - centre
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions @ directions.T


seen_other = features(mild.apply(x_other[:640], mild.draw(640, seed=(99, 0))).numpy())
centre = seen_other.mean(axis=0)
matrices = {}
for number in (32, 8, 1):
    repeated = np.repeat(few.x_train[:number], 32 // number, axis=0)
    drawn = mild.apply(repeated, mild.draw(32, seed=(0, 2))).numpy()
    matrices[number] = centred_cosine(features(drawn), centre)
scores = [vendi_score(matrix) for matrix in matrices.values()]
print("Vendi scores ≈ {: .1f}, ≈ {: .1f}, ≈ {: .1f}".format(*scores))
assert scores[0] > scores[1] + 1 > scores[2] + 2

# %% mystnb={"image": {"alt": "Three matrices of similarities between 32 pictures: scattered low values for 32 garments, squares of high values along the diagonal for 8 garments, high values nearly everywhere for one garment."}}
figure, axes = plt.subplots(1, 3, figsize=(8.4, 2.7))
for ax, (number, matrix) in zip(axes, matrices.items(), strict=True):
    picture = ax.imshow(matrix, vmin=-1, vmax=1, cmap="PuOr")
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.set_title({32: "32 garments", 8: "8 garments, 4 draws each", 1: "1 garment, 32 draws"}[number])
figure.colorbar(picture, ax=axes, label="similarity", ticks=[-1, 0, 1])
plt.show()

# %% [markdown]
# *Three matrices of similarities between 32 pictures: scattered low values for 32 garments, squares of high values along the diagonal for 8 garments, high values nearly everywhere for one garment.*

# %% [markdown]
# ## The kernel decides
#
# Another kernel is the *RBF*, $\exp(-\lVert a_i-a_j\rVert^2/2w^2)$, with features in the place of pixels. Its width w sets the distance at which two pictures begin to count as different. We measure w in medians of the distance between two garments, and draw one pullover up to 128 times.

# %%
from scipy.spatial.distance import squareform

median = np.median(pdist(seen_other))


def rbf(seen, width):
    return np.exp(-(squareform(pdist(seen)) ** 2) / (2 * (width * median) ** 2))


seen = features(mild.apply(few.x_train[[0] * 128], mild.draw(128, seed=(0, 3))).numpy())
matrices = {"cosine": centred_cosine(seen, centre)}
for label, width in [("w = 1", 1), ("w = 1/2", 1 / 2), ("w = 1/4", 1 / 4), ("w = 1/10", 1 / 10)]:
    matrices[label] = rbf(seen, width)
counts = [1, 2, 4, 8, 16, 32, 64, 128]
by_kernel = {name: [vendi_score(matrix[:n, :n]) for n in counts] for name, matrix in matrices.items()}

# %% mystnb={"image": {"alt": "Vendi score of one pullover against the number of its live draws, both axes logarithmic: with the cosine and the widest kernel the line flattens below 6, with the narrowest it follows the number of draws."}}
figure, ax = plt.subplots(figsize=(6, 3.4))
shades = [plots.BLUE, "0.72", "0.55", "0.38", "0.15"]
for (name, values), shade, lift in zip(by_kernel.items(), shades, [1.08, 0.85, 1, 0.9, 1.1], strict=True):
    ax.plot(counts, values, marker="o", markersize=4, color=shade)
    ax.annotate(name, (138, values[-1] * lift), color=shade, va="center", fontsize=9, annotation_clip=False)
ax.set(xscale="log", yscale="log", xlabel="live draws of one pullover", ylabel="Vendi score", xlim=(0.9, 135))
ax.set(xticks=[1, 10, 100], xticklabels=[1, 10, 100], yticks=[1, 10, 100], yticklabels=[1, 10, 100])
plt.show()

# %% [markdown]
# *Vendi score of one pullover against the number of its live draws, both axes logarithmic: with the cosine and the widest kernel the line flattens below 6, with the narrowest it follows the number of draws.*
#
# How many different pictures are these 128? Anything from 4 to 128. A Vendi score means nothing without its kernel; from here on it is the cosine unless we say otherwise.

# %%
assert by_kernel["cosine"][-1] < 9 and by_kernel["w = 1"][-1] < 9
assert by_kernel["w = 1/10"][-1] > 115

# %% [markdown]
# ## Measure 3: siblings
#
# Two copies of one source in the same batch we call *siblings*. They need no features, only counting. Of the 32·31/2 = 496 pairs in a batch none are siblings, as long as an epoch shows each garment once. A pool of K copies read through one shuffle is different. Here are siblings from its first batches.

# %%
from helpers.arms import stored_batches

pool_plan = schedule("pool-4", 128, 400)
pool = stored_batches(few.x_train, few.y_train, pool_plan, mild, replicate=0)
siblings = []
for sources, rows in zip(pool_plan.source[:3], pool.rows[:3], strict=True):
    i, j = np.nonzero(np.triu(sources[:, None] == sources, k=1))
    siblings += list(zip(pool.images[rows[i]], pool.images[rows[j]], strict=True))
print(f"{len(siblings)} sibling pairs in the first three batches")

# %% mystnb={"image": {"alt": "Sibling pairs from the first batches of a shuffled pool of four copies, one above the other: the same garment, turned, shifted or flipped differently."}}
plots.show_images(list(zip(*siblings, strict=True)), ["one", "its sibling"], [""] * len(siblings))

# %% [markdown]
# *Sibling pairs from the first batches of a shuffled pool of four copies, one above the other: the same garment, turned, shifted or flipped differently.*

# %% [markdown]
# How many do we expect? Take one picture of the pool: of the Kn − 1 others K − 1 are its siblings. Every one of the C(B, 2) pairs in a batch is a random pair, so the mean is
#
# $$\binom{B}{2}\,\frac{K-1}{Kn-1}.$$
#
# We count them in 100 schedules of 400 updates and take a 99.9 % interval.

# %%
from helpers.diversity import sibling_pairs
from helpers.stats import paired_interval

for k in (1, 4, 16):
    counted = [sibling_pairs(schedule(f"pool-{k}", 128, 400, r).source).mean() for r in range(100)]
    expected = 32 * 31 / 2 * (k - 1) / (k * 128 - 1)
    mean, low, high = paired_interval(counted, confidence=0.999)
    print(f"pool of {k:2}: {mean:.3f} [{low:.3f}, {high:.3f}] sibling pairs a batch, expected {expected:.3f}")
    assert low <= expected <= high

# %% [markdown]
# ## Within a batch
#
# *Predict first.* Seven arms: none; 1, 4 and 16 copies *in clock order*, copy after copy; shuffled pools of 4 and 16 copies (of one copy both are the same); live. Rank their batches by diversity. How far does one frozen copy lie behind live?

# %% [markdown]
# A schedule becomes pictures through `stored_batches`, which builds the pool first, or `drawn_batches`, which draws when a picture is needed; training on either is the same. In both, `rows` says which of the `images` stands where; `parameters`, if any, how it is to be moved.

# %%
def pictures(batches, updates):
    """What a run is shown at these updates, (updates, 32, 28, 28, 1)."""
    rows = batches.rows[updates]
    shown = batches.images[rows.ravel()]
    if batches.parameters is not None:
        shown = mild.apply(shown, batches.parameters[updates].reshape(-1, 8)).numpy()
    return shown.reshape(*rows.shape, 28, 28, 1)


# %%
def diversity(batches):
    """Means over 20 of a run's batches; of the siblings, over all."""
    shown = pictures(batches, range(5, 400, 20))
    seen = features(shown.reshape(-1, 28, 28, 1)).reshape(*shown.shape[:2], -1)
    return {
        "siblings": sibling_pairs(batches.rows % 128).mean(),  # row number modulo n is the garment
        "distance in pixels": np.mean([mean_pairwise_distance(batch) for batch in shown]),
        "distance in features": np.mean([mean_pairwise_distance(batch) for batch in seen]),
        "Vendi score": np.mean([vendi_score(centred_cosine(batch, centre)) for batch in seen]),
    }


# %% [markdown]
# We measure each arm on the eight replicates of lesson 01: other garments, another pool, another order. Batches from one pool are no independent witnesses, so a replicate counts as one number, and the intervals are over replicates.

# %%
from helpers.progress import progress
from helpers.arms import drawn_batches

ARMS = ["none", "copies-1", "copies-4", "copies-16", "pool-4", "pool-16", "live"]
records = []
for replicate in progress(range(8), 8, "replicates"):
    part = subset(garments, 128, replicate)
    for arm in ARMS:
        plan = schedule(arm, 128, 400, replicate)
        batches = drawn_batches(part.x_train, part.y_train, plan, mild, replicate)
        records.append({"arm": arm, "replicate": replicate, **diversity(batches)})
within = pd.DataFrame(records)

# %%
from helpers.compare import differences

MEASURES = ["distance in pixels", "distance in features", "Vendi score"]
live_means = within[within["arm"] == "live"].mean(numeric_only=True)
relative = {
    (arm, measure): paired_interval(100 * differences(within, arm, "live", measure) / live_means[measure])
    for arm in ARMS[:-1]
    for measure in MEASURES
}
print("difference to live in %   pixels              features             Vendi score")
for arm in ARMS[:-1]:
    print(f"{arm:10}", *("≈ {: 5.1f} [≈ {: 5.1f}, ≈ {: 5.1f}]".format(*relative[arm, m]) for m in MEASURES))

# %% mystnb={"image": {"alt": "Diversity of the batches of six arms relative to live, in per cent, by three measures: the static arms lie within a few per cent of live by every measure, and none differs most, up or down depending on the measure."}}
figure, axes = plt.subplots(1, 3, sharey=True, figsize=(8.4, 2.8))
for ax, measure in zip(axes, MEASURES, strict=True):
    ax.axvline(0, color=plots.BLUE)
    for row, arm in enumerate(ARMS[:-1]):
        mean, low, high = relative[arm, measure]
        ax.plot([low, high], [row, row], color=plots.arm_style(arm)["color"])
        ax.plot(mean, row, "o", color=plots.arm_style(arm)["color"], markersize=4)
    ax.set(title=measure, xlim=(-16, 16))
axes[0].set(yticks=range(6), yticklabels=map(plots.arm_label, ARMS[:-1]), ylim=(5.5, -0.5))
figure.supxlabel("relative to live (%)", fontsize=10)
plt.show()

# %% [markdown]
# *Diversity of the batches of six arms relative to live, in per cent, by three measures: the static arms lie within a few per cent of live by every measure, and none differs most, up or down depending on the measure.*

# %%
for measure in MEASURES:
    for arm in ("copies-1", "copies-4", "copies-16"):
        assert -4 < relative[arm, measure].low < relative[arm, measure].high < 4
    for arm in ("pool-4", "pool-16"):
        assert -7 < relative[arm, measure].low < relative[arm, measure].high < 5
assert relative["none", "distance in features"].low > 4 and relative["none", "Vendi score"].high < -4

# %% [markdown]
# One copy, which never changes, makes batches as diverse as live ones. Even a shuffled pool, with its three or four sibling pairs among 496, is at most a few per cent behind. And whether augmentation makes a batch more diverse than *none* depends on the measure: the clean pictures lie farther apart, yet amount to fewer different ones.

# %% [markdown]
# That static and live agree is not luck. In clock order a batch holds 32 different garments, each with a random draw of its own, and so does a live batch: averaged over the draws they must agree. In the first K epochs they are even the same batches:

# %%
live = schedule("live", 128, 400)
for k in (1, 4, 16):
    static = schedule(f"copies-{k}", 128, 400)
    same = ((static.source == live.source) & (static.version == live.version)).all(axis=1)
    print(f"K = {k:2}: the first {same.argmin():2} batches are those of live (4 an epoch)")
    assert same[: 4 * k].all() and not same[4 * k : 8 * k].any()

# %% [markdown]
# So the article's third claim fails as stated. Live augmentation does not make a batch more diverse: a static pool that shows each garment once an epoch has the same diversity within its batches, with a single copy as with sixteen. What does differ, then?

# %% [markdown]
# ## Across epochs
#
# *Predict first.* Follow one garment through 100 epochs and collect all pictures that it was shown as. How many different ones are there after 16 epochs and after 100, for 1, 4, 16 copies and for live? And the Vendi score of the collection: does live ever level off?

# %% [markdown]
# Different pictures are counted by a hash, a fingerprint of their bytes. The Vendi score is taken with the cosine and with a narrow RBF kernel (w = 1/4). Two garments a replicate, eight replicates.

# %%
from helpers.diversity import distinct_so_far

EPOCHS = [1, 2, 4, 8, 16, 24, 32, 48, 64, 80, 100]
CLOCK_ARMS = ["copies-1", "copies-4", "copies-16", "live"]


def follow(shown):
    """The measures of the first e pictures, for each e of EPOCHS."""
    seen, distinct = features(shown), distinct_so_far(shown)
    cosine, narrow = centred_cosine(seen, centre), rbf(seen, 1 / 4)
    for e in EPOCHS:
        scores = {"cosine": vendi_score(cosine[:e, :e]), "narrow": vendi_score(narrow[:e, :e])}
        yield {"epoch": e, "hash": distinct[e - 1], **scores}


# %%
records = []
for replicate in progress(range(8), 8, "replicates"):
    part = subset(garments, 128, replicate)
    for arm in CLOCK_ARMS:
        plan = schedule(arm, 128, 400, replicate)
        batches = stored_batches(part.x_train, part.y_train, plan, mild, replicate)
        for source in (0, 1):
            shown = batches.images[batches.rows[plan.source == source]]  # in the order of the epochs
            records += [{"arm": arm, "replicate": replicate, **row} for row in follow(shown)]
del batches  # the pools of live runs are the large arrays of this notebook
across = pd.DataFrame(records).groupby(["arm", "replicate", "epoch"], sort=False).mean().reset_index()

# %% mystnb={"image": {"alt": "All pictures that one garment was shown as, against epochs, in three panels: by hash static stops at its number of copies and live rises in a straight line; by the Vendi score with the cosine live, too, levels off, between 5 and 6; with a narrow kernel it is still rising at 100 epochs."}}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.4))
titles = {"hash": "different pictures, by hash", "cosine": "Vendi score, cosine", "narrow": "Vendi score, narrow RBF"}
for ax, (measure, title) in zip(axes, titles.items(), strict=True):
    ends = {}
    for arm in CLOCK_ARMS:
        values = across[across["arm"] == arm].pivot(index="epoch", columns="replicate", values=measure)
        bands = np.array([paired_interval(row) for row in values.to_numpy()])
        ax.plot(values.index, bands[:, 0], marker="o", markersize=3, **plots.arm_style(arm))
        ax.fill_between(values.index, *bands.T[1:], color=plots.arm_style(arm)["color"], alpha=0.18, lw=0)
        ends[arm] = bands[-1, 0]
    ax.set(title=title, xlabel="epochs", xlim=(0, 101))
plots.label_ends(axes[2], ends)
plt.show()

# %% [markdown]
# *All pictures that one garment was shown as, against epochs, in three panels: by hash static stops at its number of copies and live rises in a straight line; by the Vendi score with the cosine live, too, levels off, between 5 and 6; with a narrow kernel it is still rising at 100 epochs.*

# %%
at = across.groupby(["arm", "epoch"])[["hash", "cosine", "narrow"]].mean()
print("            after 16 epochs                  after 100 epochs")
print("            hash    cosine    narrow        hash    cosine    narrow")
for arm in CLOCK_ARMS:
    rows = at.loc[arm].loc[[16, 100]].to_numpy()
    print(f"{arm:10}", *("{:6.0f}   ≈ {: 5.1f}   ≈ {: 5.1f}".format(*row) for row in rows), sep="   ")

# %%
assert at["hash"].loc[[(arm, 100) for arm in CLOCK_ARMS]].tolist() == [1, 4, 16, 100]
assert at["cosine"]["live", 100] - at["cosine"]["live", 16] < at["cosine"]["live", 16]
assert at["narrow"]["live", 100] > 2.5 * at["narrow"]["live", 16]
assert abs(at["cosine"]["copies-16", 64] - at["cosine"]["copies-16", 16]) < 0.001

# %% [markdown]
# Here static pools cluster: not in the batch but *in time*, as each wrap of the clock brings the same pictures back. Nothing else tells the clock arms from live, so the gaps of lesson 01 come from here.

# %% [markdown]
# Live never repeats a picture. But with the cosine its first 16 epochs bring more than the 84 that follow, which fits lesson 01, where sixteen copies were equivalent to live. By the narrow kernel the 84 bring three times as much as the 16 before them: ≈ 36 after ≈ 13.

# %% [markdown]
# ## Batches that do cluster
#
# The article isn't wrong about every pool. First: the 16 copies of each garment are stored *side by side* and read without a shuffle. Second: read through `tf.data`'s shuffle, which picks at random from a buffer, but with a *buffer of 8*, smaller than the 16 copies. Both show the pictures of `pool-16` in another order.

# %%
import tensorflow as tf
from helpers.arms import Schedule


def side_by_side(buffer, replicate):
    stored = tf.data.Dataset.range(128 * 16)  # picture i is copy i % 16 of garment i // 16
    if buffer > 1:
        stored = stored.shuffle(buffer, seed=replicate)
    order = next(iter(stored.repeat().batch(400 * 32))).numpy().reshape(400, 32)
    return Schedule(order // 16, 1 + order % 16)


# %% [markdown]
# Third: augmentation is live, but the code draws *once for a whole batch*, so that all its pictures are turned, shifted and flipped alike. Code that draws one random number where it needs 32 does that. Here the draws of `RandomAffine` are repeated 32 times.

# %%
from helpers.arms import Batches


def one_draw(part, replicate):
    draws = mild.draw(400, seed=(replicate, 0)).numpy()  # one for each update
    sources = schedule("live", 128, 400, replicate).source
    return Batches(part.x_train, part.y_train, sources, np.repeat(draws[:, None], 32, axis=1))


def batches_of(plan, part, replicate):
    return drawn_batches(part.x_train, part.y_train, plan, mild, replicate)


WAYS = {
    "live": lambda part, r: batches_of(schedule("live", 128, 400, r), part, r),
    "pool-16": lambda part, r: batches_of(schedule("pool-16", 128, 400, r), part, r),
    "side by side": lambda part, r: batches_of(side_by_side(1, r), part, r),
    "buffer of 8": lambda part, r: batches_of(side_by_side(8, r), part, r),
    "one draw": one_draw,
}

# %% mystnb={"image": {"alt": "Twelve pictures of one batch made in five ways: twelve garments live and from the shuffled pool, one garment twelve times side by side, mostly one garment with the small buffer, and with one draw twelve garments all shifted and tilted alike."}}
rows = [pictures(make(few, 0), [98])[0, :12] for make in WAYS.values()]
plots.show_images(rows, list(WAYS), [""] * 12)

# %% [markdown]
# *Twelve pictures of one batch made in five ways: twelve garments live and from the shuffled pool, one garment twelve times side by side, mostly one garment with the small buffer, and with one draw twelve garments all shifted and tilted alike.*

# %% [markdown]
# *Predict first.* Which of the three costs most in validation loss after 400 updates, and does any cost more than our margin of 0.02? We train each on the eight replicates and measure its batches with the same code as before.

# %%
from helpers.model import small_model
from helpers.compare import summarise
from helpers.training import trainer_for

trainer = trainer_for(small_model, (28, 28, 1), mild)
LATE = [368, 376, 384, 392, 400]
curves, batch_diversity = [], within[within["arm"].isin(["live", "pool-16"])].to_dict("records")  # measured above


def train(arm, make, measure=True):
    for replicate in progress(range(8), 8, arm):
        part = subset(garments, 128, replicate)
        batches = make(part, replicate)
        curve = trainer.run(part, batches, 400, replicate, LATE)
        curves.append(curve.assign(arm=arm, replicate=replicate))
        if measure:
            batch_diversity.append({"arm": arm, "replicate": replicate, **diversity(batches)})


# %%
for arm, make in WAYS.items():
    train(arm, make, measure=arm not in ("live", "pool-16"))

# %%
runs = summarise(pd.concat(curves))
measured = pd.DataFrame(batch_diversity).groupby("arm").mean()
loss = runs.groupby("arm")["val_loss"].mean()
print("               siblings    distance    Vendi score    validation loss")
for arm in WAYS:
    siblings, distance, vendi = measured.loc[arm, ["siblings", "distance in features", "Vendi score"]]
    print(f"{arm:13}{siblings:10.1f}   ≈ {distance: 6.2f}     ≈ {vendi: 7.1f}        ≈ {loss[arm]: 7.3f}")
assert measured.loc["side by side", "siblings"] == 2 * 16 * 15 / 2

# %%
from helpers.compare import report

pairs = [("pool-16", "side by side"), ("pool-16", "buffer of 8"), ("live", "one draw"), ("live", "pool-16")]
found = report(runs, pairs, stored=False)
assert list(found.values()) == ["better", "better", "better", "undecided"]

# %% [markdown]
# Copies side by side cost about 0.03 against the very same pictures well shuffled, and a buffer of 8 hardly less: one smaller than the number of copies is almost no shuffle. One draw for a whole batch, the bug that looks worst, costs less, about 0.013. The mean lies within our margin, but the interval reaches beyond it and excludes zero: live is *better*. Against a shuffled pool of sixteen, about 0.01 behind, it is *undecided* (siblings aren't all that tells the pool from live; lesson 05 trains longer and finds a shuffled pool equivalent to one in order, or better).

# %% [markdown]
# ## The other direction
#
# Some authors put several draws of one image into a batch *on purpose*, and call it *batch augmentation* (E. Hoffer and others, *Augment your batch*, 2020, who enlarge the batch for it) or *repeated augmentation* (M. Berman and others, *MultiGrain*, 2019). S. Fort and others (*Drawing multiple augmentation samples per image during training efficiently decreases test error*, 2021) report better test accuracy for deep residual networks even with equal updates and gradient evaluations.

# %% [markdown]
# We try it at our scale: live, batches of 32 made of 32/m garments with m draws each, 400 updates for every m. *Predict first:* m = 1 is the live arm. Will m = 2, 4, 8 be better or worse?

# %%
def grouped(m, replicate):
    order = schedule("live", 128, 400, replicate).source.ravel()[: 400 * 32 // m]
    epoch = np.arange(len(order)) // 128
    version = 1 + m * np.repeat(epoch, m) + np.tile(np.arange(m), len(order))
    return Schedule(np.repeat(order, m).reshape(400, 32), version.reshape(400, 32))


def all_shown(plan):
    return sorted(zip(plan.source.ravel(), plan.version.ravel(), strict=True))


for m in (1, 2, 4, 8):
    print(f"m = {m}: {sibling_pairs(grouped(m, 0).source).mean():3.0f} sibling pairs in each batch")
assert all_shown(grouped(2, 0)) == all_shown(grouped(4, 0)) == all_shown(live)

# %% [markdown]
# With m = 1, 2 and 4 a run shows the very same 12,800 pictures; only their grouping into batches differs. (With m = 8 it ends in the middle of a round through the garments, and half of them get eight draws more than the others.)

# %%
for m in (2, 4, 8):
    train(f"m = {m}", lambda part, r, m=m: batches_of(grouped(m, r), part, r))
runs = summarise(pd.concat(curves))
found = report(runs, [("live", f"m = {m}") for m in (2, 4, 8)], stored=False)
assert list(found.values()) == ["equivalent", "better", "better"]
slower = paired_interval(differences(runs, "m = 8", "live", "train_loss"))
print("loss on clean training images, m = 8 minus live ≈ {: .2f} [≈ {: .2f}, ≈ {: .2f}]".format(*slower))
assert slower.low > 0.03
score = pd.DataFrame(batch_diversity).groupby("arm")["Vendi score"].mean()
assert score.corr(runs.groupby("arm")["val_loss"].mean()) < -0.7

# %% mystnb={"image": {"alt": "Validation loss above live against the Vendi score of a batch, for eight ways of making batches: on the whole, the fewer different pictures a batch amounts to, the higher the loss, for draws of one garment on purpose as for copies stored side by side."}}
measured = pd.DataFrame(batch_diversity).groupby("arm").mean()["Vendi score"]
figure, ax = plt.subplots(figsize=(6.4, 3.8))
ax.axhline(0, color="0.7", linewidth=1)
for arm in measured.index.drop("live"):
    colour = plots.BLUE if arm[0] in "mo" else plots.arm_style("pool-16")["color"]
    mean, low, high = paired_interval(differences(runs, arm, "live"))
    x = measured[arm] + 0.15 * (arm == "one draw")  # else its interval hides that of m = 4
    ax.plot([x, x], [low, high], color=colour, linewidth=1.2)
    ax.plot(x, mean, "o", color=colour, markersize=5)
    place = {"buffer of 8": (-28, 36), "one draw": (6, -12)}.get(arm, (6, 4))
    ax.annotate(arm, (x, mean), place, textcoords="offset points", color=colour, fontsize=9)
ax.plot(measured["live"], 0, "o", color=plots.BLUE)
ax.annotate("live", (measured["live"], 0), (6, 4), textcoords="offset points", color=plots.BLUE, fontsize=9)
ax.set(xlabel="Vendi score of a batch", ylabel="validation loss above live (nats)")
plt.show()

# %% [markdown]
# *Validation loss above live against the Vendi score of a batch, for eight ways of making batches: on the whole, the fewer different pictures a batch amounts to, the higher the loss, for draws of one garment on purpose as for copies stored side by side.*

# %% [markdown]
# So diversity within a batch goes with the loss here, live or from a pool. It just isn't what tells static from live.

# %% [markdown]
# Two draws are equivalent to one; with four and eight, live with one draw is better. Fort and others found the opposite in deep networks. Ours is small and stops early, and the loss on the training images shows that m = 8 has fitted less: a batch of four garments makes a noisy gradient. More updates may mend it (exercise 3).

# %% [markdown]
# ## Affinity and diversity
#
# So far the policy was fixed. R. Gontijo-Lopes and others (*Tradeoffs in Data Augmentation: An Empirical Study*, 2021) place a policy by two numbers. You met *affinity* in lesson 01: take a model trained on clean images, and divide its accuracy on augmented validation images by that on clean ones. It falls as a policy leaves the world of the data.

# %% [markdown]
# Their *diversity* is no distance: it is the final training loss with augmentation divided by that without, and says how much harder the policy makes the task. But our training loss without augmentation tends to zero, and any ratio to infinity. So we take the ratio early, over updates 51 to 100, and call it *early diversity*.

# %% [markdown]
# The five policies go from the flip alone to the wide ranges of lesson 01; mild is a quarter of those (but for the shear, next to nothing). *Predict first:* which has the highest affinity, which the highest early diversity, and which the lowest validation loss after 400 live updates?

# %% [markdown]
# The runs are stored: live under each policy, and none, 20 replicates of 400 updates. For the affinity we need models trained on clean images, so we train none again, on eight replicates that the table does not hold, and live under mild beside it.

# %%
from helpers.augment import named_policy
from helpers.tables import FOLDER, read_results

POLICIES = {"flip": "flip only", "mild": "mild", "half": "half", "three-quarters": "3/4", "wide": "wide"}
table = read_results(FOLDER / "policies.csv")
table["arm"] = table["policy"].map(POLICIES).where(table["arm"] == "live", "none")
stored = summarise(table)
print(f"{len(stored)} runs: live under {len(POLICIES)} policies, and none")
assert (stored["arm"].value_counts() == 20).all()

# %%
affinity, again = [], []
for replicate in progress(range(20, 28), 8, "none and mild"):
    part = subset(garments, 128, replicate)
    for arm in ("live", "none"):  # the model of none is kept for the affinity
        batches = batches_of(schedule(arm, 128, 400, replicate), part, replicate)
        again.append(trainer.run(part, batches, 400, replicate, LATE).assign(arm=arm, replicate=replicate))
    for name in POLICIES:
        policy = named_policy(name)
        augmented = policy.apply(garments.x_val, policy.draw(2000, seed=(replicate, 0)))
        accuracy = np.mean((trainer.predict(augmented) > 0.5) == garments.y_val)
        affinity.append({"policy": POLICIES[name], "affinity": accuracy / again[-1]["val_accuracy"].iloc[-1]})

# %% [markdown]
# Do these runs differ in *shown* loss as the table predicts, as in lesson 01? They would not under another policy. And the live ones from before, which are mild: the table should hold the very same.

# %%
from helpers.stats import prediction_interval

predicted = prediction_interval(differences(stored, "none", "mild", "shown_loss"), size=8)
found = differences(summarise(pd.concat(again)), "none", "live", "shown_loss").mean()
print("shown loss, none minus mild: [{: .3f}, {: .3f}] predicted,".format(*predicted[1:]), f"now ≈ {found: .3f}")
there = stored[stored["arm"] == "mild"].set_index("replicate")["val_loss"].sort_index().loc[:7]
same = runs[runs["arm"] == "live"].set_index("replicate")["val_loss"].sort_index()
print(f"mild, mean of the same eight: {there.mean():.3f} in the table, now ≈ {same.mean(): .3f}")
assert predicted.low < found < predicted.high < 0 and (same - there).abs().max() < 0.02

# %%
early = table[table["update"] == 100].pivot(index="replicate", columns="arm", values="shown_loss")
late = stored.pivot(index="replicate", columns="arm", values="shown_loss")
placed = stored.groupby("arm")[["val_loss", "val_accuracy"]].mean()
placed["early diversity"] = early.div(early["none"], axis=0).mean()
placed["at the end"] = late.div(late["none"], axis=0).mean()
placed["affinity"] = pd.DataFrame(affinity).groupby("policy")["affinity"].mean()
print(f"{'policy':10}" + "".join(f"{column:>17}" for column in placed))
for name in POLICIES.values():
    print(f"{name:10}" + "".join(f"{value:17.2f}" for value in placed.loc[name].iloc[:4]) + f"{'≈':>11} {placed['affinity'][name]: .2f}")
assert placed["affinity"][list(POLICIES.values())].is_monotonic_decreasing
assert placed["early diversity"][list(POLICIES.values())].is_monotonic_increasing
assert placed["at the end"]["wide"] > 2 * placed["early diversity"]["wide"]

# %% mystnb={"image": {"alt": "Early diversity against affinity for five policies, each with its validation loss: from the flip to the wide policy affinity falls while early diversity rises, and mild, next to the flip in both, has the lowest loss."}}
figure, ax = plt.subplots(figsize=(6, 3.4))
for name in POLICIES.values():
    row = placed.loc[name]
    colour = plots.BLUE if name == "mild" else plots.GREY
    ax.plot(row["affinity"], row["early diversity"], "o", color=colour)
    ax.annotate(f"{name}: {row['val_loss']:.2f}", (row["affinity"], row["early diversity"]), (8, 3),
                textcoords="offset points", color=colour, fontsize=9)  # fmt: skip
ax.set(xlabel="affinity", ylabel="early diversity", xlim=(0.63, 1.08), ylim=(1, 1.85))
plt.show()

# %% [markdown]
# *Early diversity against affinity for five policies, each with its validation loss: from the flip to the wide policy affinity falls while early diversity rises, and mild, next to the flip in both, has the lowest loss.*

# %%
by_loss = report(stored, [("mild", name) for name in POLICIES.values() if name != "mild"])
assert set(by_loss.values()) == {"better"}
print("in accuracy")
in_accuracy = report(stored, [("mild", "flip only")], "val_accuracy")
assert in_accuracy["mild", "flip only"] == "worse"

# %% [markdown]
# By affinity alone the flip would win, by diversity alone the wide policy. In loss mild does: it keeps most of the affinity and yet asks for more than the flip. Neither number ranks the policies by itself, as the authors found. In accuracy mild is *worse* than the flip, by 0.008: the winner depends on the metric, too.

# %% [markdown]
# The column *at the end* takes the same ratio at the end of training. For the wide policy it is near 8, because its denominator, the training loss without augmentation, has fallen to 0.08 and would fall further. An early ratio at least compares tasks that are both still being learnt.

# %%
assert late["none"].mean() < 0.12

# %% [markdown]
# ## Summary
#
# Distances, the Vendi score and sibling counts measure how diverse a set of pictures is. The first two depend on the features, the score on its kernel and centre, too: quote them with the number.
#
# Within a batch, copies in clock order are as diverse as live augmentation, because either way a batch holds different garments, each with a draw of its own; a shuffled pool adds three or four sibling pairs among 496. The article's third claim fails as stated. The difference lies across epochs: a pool stops at K pictures of a garment, live goes on, though with the cosine kernel at a falling rate.
#
# Batches do cluster where copies lie side by side and the shuffle buffer is small (about 0.03 in validation loss here); one draw for a whole batch costs about 0.01, *better* for live by our rule. Four or eight draws of a garment in a batch, on purpose, cost about 0.025 and 0.05 after 400 updates. Of five policies mild has the lowest loss, between the flip (highest affinity) and the wide policy (highest early diversity).
#
# The limits: features of one small network, 128 garments, 400 updates.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. One frozen copy never changes. Are its batches less diverse than live ones?</summary>
#
# No: in Vendi score they differ by about 1 % at most. Either way a batch holds 32 garments, each with a draw of its own; what repeats is the next epoch.
#
# </details>
#
# <details><summary>2. Someone reports a Vendi score of 60 for 128 live draws of one picture. Is that much?</summary>
#
# Nobody can say without the kernel and the features. For one pullover 128 draws counted as anything from about 4 to about 128 pictures, depending on the kernel alone.
#
# </details>
#
# <details><summary>3. Live never repeats a picture. Are 100 epochs worth 100 pictures of a garment, then?</summary>
#
# By hash they are, by the cosine they amount to ≈ 5.3, of which ≈ 3.9 had come by epoch 16. A new picture need not show anything new.
#
# </details>
#
# <details><summary>4. Augmented batches must be more diverse than clean ones. Are they?</summary>
#
# That depends on the measure. Clean batches lie ≈ 10 % farther apart in features than live ones, and yet their Vendi score is ≈ 12 % lower.
#
# </details>
#
# <details><summary>5. The pool lies side by side, but `shuffle(8)` is in the pipeline. Is it shuffled?</summary>
#
# Hardly: 169.3 sibling pairs are left in a batch, of 240 without any shuffle and 3.7 with a full one. A buffer smaller than the number of copies cannot part them.
#
# </details>

# %% [markdown]
# ## Exercises
#
# They go on from the state of this notebook. Worked answers are in [the solutions](solutions/03_diversity_within_a_batch.ipynb).

# %% [markdown]
# ### Exercise 1: Siblings in a larger pool
#
# A shuffled pool of four copies of 128 garments had 2.9 sibling pairs in a batch of 32. How many will it have with 512 garments? Write your prediction down. Then count them with `sibling_pairs` in `schedule("pool-4", 512, 400)`, put the mean over the 400 batches into `answer`, and run the cell again.

# %%
from exercises import check

answer = None  # sibling pairs in a batch, on average
check("03.1", answer)

# %% [markdown]
# ### Exercise 2: No shuffle and no siblings
#
# Sixteen copies of each of 128 garments are stored side by side: picture i is copy i % 16 of garment i // 16. `order` reads them as stored, in 64 batches of 32. Without any random number, rearrange it so that one pass still shows each picture once and no batch holds siblings. Which arm of this lesson have you made?

# %%
order = np.arange(128 * 16).reshape(64, 32)

print("first batch, garments:", *(order // 16)[0])
check("03.2", ...)  # put order in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: Does the harm last?
#
# Eight draws of a garment in a batch cost ≈ 0.05 in validation loss after 400 updates. And after 1,600? Say what you expect, also of the loss on the clean training images. Then train m = 8 and m = 1, which is live, on eight replicates with the plans of `grouped_for`: of each replicate `part = subset(garments, 128, replicate)`, then `batches_of(plan, part, replicate)`, then `trainer.run(part, batches, 1600, replicate, [1472, 1504, 1536, 1568, 1600])`. Judge by the 95 % intervals and the margin.

# %%
def grouped_for(updates, m, replicate):
    order = schedule("live", 128, updates, replicate).source.ravel()[: updates * 32 // m]
    epoch = np.arange(len(order)) // 128
    version = 1 + m * np.repeat(epoch, m) + np.tile(np.arange(m), len(order))
    return Schedule(np.repeat(order, m).reshape(updates, 32), version.reshape(updates, 32))


plan = grouped_for(1600, 8, replicate=0)
print("garments in the first batch:", *plan.source[0])

# %% [markdown]
# Lesson [04](04_overfitting_curves.ipynb) reads the training curves of the same arms.
