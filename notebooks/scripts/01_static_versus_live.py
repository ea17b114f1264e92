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
# # 01 Static versus live
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/01_static_versus_live.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/01_static_versus_live.ipynb)
#
# After this lesson you will be able to
#
# - train with a pool made beforehand and with live augmentation, and say what each shows the model;
# - compare two ways of training with paired replicates, and say what a single run can't tell;
# - recognise two confounds: unequal numbers of updates, and unequal shares of original images;
# - quote the measured answer to the article's first claim, with its interval and its limits.
#
# You need notebook 00 and a first acquaintance with `model.fit`. It takes about one minute on two cores.

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
# ## The article's three examples, made to run
#
# The article (see notebook 00) compares a *pool*, images made beforehand by `ImageDataGenerator`, with the same generator used live, and says to judge both on validation images that are not augmented. We do so with 128 garments and a mild *policy*, as the set of ranges is called. (In Keras 3 the class is deprecated; this import still works.)

# %%
import numpy as np
import pandas as pd
from helpers.data import load_garments, subset
from tensorflow.keras.preprocessing.image import ImageDataGenerator

mild = {"rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
        "zoom_range": 0.05, "horizontal_flip": True}  # fmt: skip
datagen = ImageDataGenerator(**mild)
garments = load_garments()
few = subset(garments, 128)

# %% [markdown]
# **Example 1, static.** One epoch of `flow` is four batches of 32. We collect them into arrays: one augmented copy of each garment, made once.

# %%
flow = datagen.flow(few.x_train, few.y_train, batch_size=32, seed=0)
batches = [next(flow) for _ in range(4)]
x_static = np.concatenate([images for images, labels in batches])
y_static = np.concatenate([labels for images, labels in batches])
print(x_static.shape, x_static.dtype)

# %% [markdown]
# **Examples 2 and 3, live and validated.** The same network, with the same initial weights, trains on the static copy and on the generator. Both see 50 epochs of 128 images, that is 200 updates.

# %%
from helpers.model import small_model


def validation_loss(seed, x, y=None):  # a generator is x alone and knows its batch size
    model = small_model(seed=seed)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=50, verbose=0)
    return model.evaluate(garments.x_val, garments.y_val, verbose=0)[0]


for seed in (0, 1):
    static_loss = validation_loss(seed, x_static, y_static)
    live_loss = validation_loss(seed, datagen.flow(few.x_train, few.y_train, batch_size=32, seed=10 + seed))
    print(f"seed {seed}: static ≈ {static_loss: .2f}, live ≈ {live_loss: .2f}")

# %% [markdown]
# Two seeds, two differences. Can they be trusted? Before we count more of them, let us look at what the two ways show the model.

# %% [markdown]
# ## What each epoch shows
#
# How many *different* images has the model seen after each epoch? We don't assume it, we count: the bytes of every image go into a set. An *epoch* shows one image of each garment (here 128) in every arm; a pool of four copies is read one copy an epoch, over and over. (`fit` would call one pass over the whole pool an epoch.)

# %%
import itertools


def distinct_images(batches, epochs=12):
    seen, counts = set(), []
    for _ in range(epochs):
        for images, _ in itertools.islice(batches, 4):
            seen.update(image.tobytes() for image in images)
        counts.append(len(seen))
    return counts


# %%
live = datagen.flow(few.x_train, few.y_train, batch_size=32, seed=2)
four_copies = [next(live) for _ in range(4 * 4)]
distinct = {
    "copies-1": distinct_images(itertools.cycle(batches)),
    "copies-4": distinct_images(itertools.cycle(four_copies)),
    "live": distinct_images(live),
}
assert distinct["copies-1"] == [128] * 12
assert distinct["copies-4"] == [128, 256, 384] + [512] * 9
assert distinct["live"] == [128 * epoch for epoch in range(1, 13)]

# %% mystnb={"image": {"alt": "Different images seen against epochs: one copy stays at 128, four copies stop growing at 512 after four epochs, live adds 128 in every epoch."}}
import matplotlib.pyplot as plt
from helpers import plots

plots.use_style()
figure, ax = plt.subplots(figsize=(7, 3))
for arm, counts in distinct.items():
    ax.plot(range(1, 13), counts, marker="o", **plots.arm_style(arm))
ax.set(xlabel="epochs", ylabel="different images seen", ylim=(0, 1600))
plots.label_ends(ax, {arm: counts[-1] for arm, counts in distinct.items()})

# %% [markdown]
# *Different images seen against epochs: one copy stays at 128, four copies stop growing at 512 after four epochs, live adds 128 in every epoch.*

# %% [markdown]
# ## The share of originals
#
# There is a second difference, easily overlooked: how often does an arm show the images *as they are*? We call this its *clean share*. Static pools are made with or without the originals, and live augmentation can leave some images alone (with probability 1 − p). In our tables `originals+4` is the originals and four copies; `live-4/5` augments four images in five.

# %%
from helpers.arms import schedule

for arm in ["none", "copies-4", "originals+1", "originals+4", "live", "live-1/2", "live-4/5"]:
    versions = schedule(arm, n=128, updates=400).version  # 0 is the original, 1, 2, … its copies
    print(f"{arm:12} shows originals {np.mean(versions == 0):4.0%} of the time")

# %% [markdown]
# A comparison of `originals+4` with `live` would change two things at once, the endless variety and the clean share. We compare arms of equal share: copies only with live, and originals + K copies with live at p = K/(K+1).

# %% [markdown]
# ## Predict first
#
# Four copies against live once more, the eight pairs of runs of notebook 00. There the mean difference was undecided. In how many of the eight pairs will live have the lower validation loss, and how far apart will the pairs lie? Write down both before you go on.

# %%
from helpers.augment import RandomAffine
from helpers.compare import compare, differences, report, summarise

policy = RandomAffine(**mild)
evaluations = [368, 376, 384, 392, 400]
curves = compare(garments, ["copies-4", "live"], policy, n=128, updates=400, evaluate_at=evaluations)
runs = summarise(curves)
d = differences(runs, "live", "copies-4")
print(f"live has the lower loss in ≈ {np.sum(d < 0)} of {len(d)} pairs")
assert 0 < np.sum(d < 0) < 8

# %% mystnb={"image": {"alt": "Eight pairs of runs joined by lines, four copies at the left and live at the right: most lines fall, some rise, and the pairs differ from each other more than the two arms do."}}
figure, ax = plt.subplots(figsize=(5, 3.2))
for _, pair in runs.groupby("replicate"):
    ax.plot([0, 1], pair["val_loss"], marker="o", color="0.45", linewidth=1.2)
ax.set(xticks=[0, 1], xticklabels=["4 copies only", "live"], xlim=(-0.3, 1.3), ylabel="validation loss (nats)")
plt.show()

# %% [markdown]
# *Eight pairs of runs joined by lines, four copies at the left and live at the right: most lines fall, some rise, and the pairs differ from each other more than the two arms do.*
#
# With a single pair you might have published either result: it depends on what its replicate drew.

# %% [markdown]
# ## Reading a paired interval
#
# Each line above joins two runs on the same garments, with the same initial weights, order and draws. Its slope lacks most of what they share. The interval of the mean slope is mean ± t · s/√8, where s is the standard deviation of the eight differences and t = 2.365, Student's t for eight values and 95 %. Unpaired, the same numbers say much less.

# %%
from helpers.stats import MARGINS, paired_interval, verdict
from scipy import stats as scipy_stats

paired = paired_interval(d)
table = runs.pivot(index="replicate", columns="arm", values="val_loss")
print(f"t = {scipy_stats.t.ppf(0.975, 7):.3f}")
unpaired = scipy_stats.ttest_ind(table["live"], table["copies-4"], equal_var=False).confidence_interval()
print("paired    ≈ {: .3f} to ≈ {: .3f}".format(*paired[1:]), verdict(paired, MARGINS["val_loss"], lower_is_better=True))
print("unpaired  ≈ {: .3f} to ≈ {: .3f}".format(*unpaired))
assert unpaired.high - unpaired.low > 1.5 * (paired.high - paired.low)

# %% [markdown]
# These intervals speak about new training sets and new seeds, judged on the same 2,000 validation garments; another validation set might shift the differences. That holds for every interval in the series; none is corrected for how many there are.

# %% [markdown]
# ## Static is live with a clock that wraps
#
# Why could the runs share their draws? `RandomAffine` draws from a seed made of the replicate and a clock. Live: the clock is the epoch. Static with K copies only: the clock is the epoch *modulo* K. So a pool with as many copies as there are epochs *is* live augmentation, and the two runs must agree to the last bit.

# %%
wrapped = compare(garments, ["copies-100", "copies-99", "live"], policy, n=128, updates=400,
                  replicates=1, evaluate_at=[400]).set_index("arm")
losses = wrapped["val_loss"]
print("100 copies, 100 epochs: same run as live?", losses["copies-100"] == losses["live"])
print(" 99 copies, 100 epochs: same run as live?", losses["copies-99"] == losses["live"])
assert losses["copies-100"] == losses["live"] != losses["copies-99"]

# %% [markdown]
# One wrap of the clock in 100 epochs already makes another run. Static and live are not two kinds of augmentation; they are the two ends of one scale, the number of copies.
#
# Is `RandomAffine` a fair stand-in for `ImageDataGenerator`? Here is one picture, turned, shifted and zoomed by both; the tests compare many, with every kind of border.

# %%
angle, shift, zoom = 4.0, 1.4, 0.96
given = {"theta": angle, "tx": shift, "ty": 0, "shear": 0, "zx": zoom, "zy": 1}
theirs = datagen.apply_transform(few.x_train[0], given)
ours = policy.apply(few.x_train[:1], [[angle, shift / 28, 0, 0, zoom, 1, 0, 0]])[0]  # angle, shifts, shear, zooms, flips
print("largest difference of a pixel below 0.001:", np.abs(theirs - ours).max() < 0.001)
assert np.abs(theirs - ours).max() < 0.001

# %% [markdown]
# ## The measured answer
#
# Eight small runs a side could not separate four copies from live. So we trained longer and more often: 512 garments, 3,000 updates, 20 replicates on garments that no other replicate uses. `make results` computes the table from the same helpers. The network is the *small network*, or simply the small one: a convolution, max pooling and one sigmoid unit. Arms, metrics, margins and first comparisons were fixed after small pilots and before the first row; the README beside the table says which.

# %%
from helpers.tables import FOLDER, read_results

stored = read_results(FOLDER / "static-versus-live.csv")
mild_small = stored[(stored["policy"] == "mild") & (stored["model"] == "small")]
main = mild_small[mild_small["rate"] == "constant"]
runs = summarise(main)
print(f"{len(runs)} runs, {runs['arm'].nunique()} arms, {runs['replicate'].nunique()} replicates")

# %% [markdown]
# Before we read a table that someone else made, let us train a part of it again: one copy and live, at 500 updates. Replicate 0 must give the stored losses, but for the machine's rounding. Replicates 20 to 22 are new. In them we look at the *shown* loss, which `fit` reports in training: live's minus that of one copy must fall where the table predicts it, in the 99.9 % *prediction interval* of the difference, mean ± t · s · √(1/3 + 1/20). It would not if live were secretly static, or if the pool had more copies than one.

# %%
from helpers.stats import prediction_interval

early = summarise(main[main["update"] <= 500])
again = summarise(compare(garments, ["copies-1", "live"], policy, n=512, updates=500, replicates=[0, 20, 21, 22],
                          evaluate_at=[460, 470, 480, 490, 500]))  # fmt: skip
for arm in ("copies-1", "live"):
    there, here = (table.query("arm == @arm and replicate == 0")["val_loss"].item() for table in (early, again))
    print(f"{arm:8} replicate 0: table {there:.3f}, now ≈ {here:.3f}")
    assert abs(here - there) < 0.01
predicted = prediction_interval(differences(early, "live", "copies-1", "shown_loss"), size=3)
found = differences(again, "live", "copies-1", "shown_loss")[1:].mean()
print(f"shown loss, live minus copies-1: [{predicted.low:.3f}, {predicted.high:.3f}] predicted, now ≈ {found: .3f}")
assert 0 < predicted.low < found < predicted.high

# %% [markdown]
# Now the main figure. For each number of copies K there are two static arms, K copies only (solid) and originals + K (dashed), and for each a live arm of the same clean share. Before you look: which will matter more, static or live, or the clean share?

# %%
def means(arms, metric):
    table = runs.pivot(index="replicate", columns="arm", values=metric)
    return np.array([paired_interval(table[arm]) for arm in arms]).T


LINES = {  # what each line is called, and its arms at K = 1, 4, 16
    "none": ["none"] * 3,
    "K copies only": ["copies-1", "copies-4", "copies-16"],
    "originals + K copies": ["originals+1", "originals+4", "originals+16"],
    "live": ["live"] * 3,
    "live, same share as\noriginals + K": ["live-1/2", "live-4/5", "live-16/17"],
}

# %% mystnb={"image": {"alt": "After 3,000 updates, K copies only starts far from live at one copy and comes close at sixteen, originals + K starts nearer; in loss, one copy only is the one arm above none."}}
units = {"val_loss": "validation loss (nats)", "val_accuracy": "validation accuracy"}
figure, axes = plt.subplots(1, 2, figsize=(9.4, 3.6))
for ax, (metric, unit) in zip(axes, units.items(), strict=True):
    for label, arms in LINES.items():
        style = plots.arm_style(arms[1])  # the colour of the arm at K = 4
        middle, low, high = means(arms, metric)
        ax.plot([0, 1, 2], middle, marker="o", markersize=4, label=label, **style)
        ax.fill_between([0, 1, 2], low, high, color=style["color"], alpha=0.18, lw=0)
    ax.set(xticks=[0, 1, 2], xticklabels=[1, 4, 16], xlabel="copies K", ylabel=unit)
axes[1].legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=3)
plt.show()

# %% [markdown]
# *After 3,000 updates, K copies only starts far from live at one copy and comes close at sixteen, originals + K starts nearer; in loss, one copy only is the one arm above none.*
#
# Bands are 95 % intervals of each mean, unpaired, and so too wide for comparing arms. For that we take paired differences again, of live minus static at equal clean share: a negative number says that live is lower.

# %%
print("originals never shown")
fixed = report(runs, [("live", f"copies-{k}") for k in (1, 4, 16)])
print("originals shown once in K + 1")
mixed = report(runs, [("live-1/2", "originals+1"), ("live-4/5", "originals+4"), ("live-16/17", "originals+16")])

# %%
assert fixed["live", "copies-1"] == fixed["live", "copies-4"] == mixed["live-1/2", "originals+1"] == "better"
assert fixed["live", "copies-16"] == mixed["live-16/17", "originals+16"] == "equivalent"

# %% [markdown]
# So the article is right about few copies; at sixteen the gain is below our margin, whether or not the originals are shown. And the clean share alone? To see it, hold the number of different pictures fixed: one each (copy or original), or endlessly many (live at several shares).

# %%
one_picture = report(runs, [("copies-1", "none")])
endless = report(runs, [("live-1/2", "live"), ("live-4/5", "live"), ("live-16/17", "live")])
assert one_picture["copies-1", "none"] == "worse"
assert set(endless.values()) == {"equivalent"}

# %% [markdown]
# If the model sees a single picture of each garment, it had better be the garment itself. Where pictures abound, a clean share of up to a half changes the loss by less than our margin, under this mild policy. Adding the originals helps most where copies are few; but it adds a picture too, so this is not the share alone:

# %%
added = report(runs, [("originals+1", "copies-1"), ("originals+4", "copies-4"), ("originals+16", "copies-16")])
assert added["originals+1", "copies-1"] == added["originals+4", "copies-4"] == "better"
assert added["originals+16", "copies-16"] == "equivalent"

# %% [markdown]
# ## How long was the training?
#
# The verdicts above are for 3,000 updates. Here are the same runs read earlier, each time over the last tenth of the updates so far. What would you say of live against none after 500?

# %%
by_budget = {}
for budget in (500, 1000, 3000):
    print(f"{budget} updates")
    so_far = summarise(main[main["update"] <= budget])
    by_budget[budget] = report(so_far, [("live", arm) for arm in ("none", "copies-1", "copies-4", "copies-16")])

# %%
assert [by_budget[budget]["live", "none"] for budget in by_budget] == ["worse", "equivalent", "better"]
assert [by_budget[budget]["live", "copies-4"] for budget in by_budget] == ["equivalent", "equivalent", "better"]

# %% [markdown]
# After 500 updates live is *worse* than no augmentation: it slows the fit, and `none` has not begun to overfit. One copy is behind already; four copies are equivalent to live until 1,000 updates and behind at 3,000. "Live is better" needs a number of updates and of images beside it (notebook 00, at n = 128, saw it after 400).

# %% [markdown]
# ## Does ImageDataGenerator itself agree?
#
# Every run since the prediction used `RandomAffine`. Two arms were run again with `ImageDataGenerator.flow` drawing the pictures, its own shuffling and its own seeds included. How large is the effect there?

# %%
from helpers.stats import judge

flow_runs = summarise(read_results(FOLDER / "image-data-generator.csv"))
by_flow = differences(flow_runs, "live", "copies-1")
by_affine = differences(runs, "live", "copies-1")
for name, values in [("ImageDataGenerator", by_flow), ("RandomAffine", by_affine),
                     ("first minus second", by_flow - by_affine)]:  # fmt: skip
    interval, _, word = judge(values, "val_loss")
    print(f"{name:18} live minus copies-1 " + "{: .3f} [{: .3f}, {: .3f}] ".format(*interval), word)
for values in (by_flow, by_affine):
    assert paired_interval(values).high < -0.15
assert word == "undecided"

# %% [markdown]
# Both say that one frozen copy costs about 0.2 in validation loss. Whether the two estimates differ is *undecided*: the runs allow no difference, and one of 0.08.

# %% [markdown]
# ## A confound: epochs are not updates
#
# The article trains every arm for ten epochs of `fit`. But ten passes over a pool four times as large are four times as many gradient updates: with 128 garments, live gets 40 and the pool of four copies 160. What would you have concluded? (Sixteen replicates: the runs are short.)

# %%
late = [37, 38, 39, 40, 148, 151, 154, 157, 160]  # in the last tenth of 40 updates, and of 160
ten = compare(garments, ["copies-4", "live"], policy, n=128, updates=160, replicates=16, evaluate_at=late)
short, long = (summarise(ten[ten["update"] <= updates]) for updates in (40, 160))
ten_passes = pd.concat([long[long["arm"] == "copies-4"], short[short["arm"] == "live"]])
found = []
for title, table in [("ten passes each: live 40 updates, copies 160", ten_passes),
                     ("40 updates each", short), ("160 updates each", long)]:  # fmt: skip
    print(title)
    found += report(table, [("live", "copies-4")], stored=False).values()

# %%
assert found == ["worse", "equivalent", "equivalent"]

# %% [markdown]
# Count passes, and static seems far better; count gradient updates, and at this small budget the two are equivalent.

# %% [markdown]
# ## The policy
#
# The article's ranges are wider: ±20° of rotation, ±20 % shifts and zoom, and a shear of 0.2, which `ImageDataGenerator` takes as *degrees*. How far does a shear of 0.2° move the pixels at the border of a 28×28 image?

# %%
print(f"at most {14 * np.sin(np.deg2rad(0.2)):.3f} of a pixel")
assert 14 * np.sin(np.deg2rad(0.2)) < 0.05

# %% [markdown]
# Next to nothing; radians or a fraction may have been meant. The other ranges are another matter. We call the article's policy *wide*; here is one coat under both.

# %% mystnb={"image": {"alt": "One coat under eight draws of each policy: the mild one moves it a little, the wide one tilts it, cuts it off at the border and smears its edge."}}
wide = RandomAffine(20, 0.2, 0.2, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
coat = np.repeat(few.x_train[123 : 123 + 1], 8, axis=0)
rows = [drawn.apply(coat, drawn.draw(8, seed=(0, 0))).numpy() for drawn in (policy, wide)]
plots.show_images(rows, ["mild", "wide"], [""] * 8)

# %% [markdown]
# *One coat under eight draws of each policy: the mild one moves it a little, the wide one tilts it, cuts it off at the border and smears its edge.*

# %% [markdown]
# Validation garments are never tilted or cut. How far does a policy take images from where a model is at home? After Gontijo-Lopes and others (*Tradeoffs in Data Augmentation*, 2021) we measure its *affinity*: train on clean images, and divide the accuracy on augmented validation images by that on clean ones (here with n = 128 and 200 updates).

# %%
from helpers.arms import drawn_batches
from helpers.training import Trainer

def right_on(pictures):
    """Accuracy on pictures of the validation garments, in their order."""
    return np.mean((trainer.predict(pictures) > 0.5) == garments.y_val)


trainer, affinity = Trainer(), {"mild": [], "wide": []}
for replicate in range(4):
    part, plan = subset(garments, 128, replicate), schedule("none", 128, 200, replicate)
    clean = drawn_batches(part.x_train, part.y_train, plan, policy, replicate)
    curve = trainer.run(part, clean, updates=200, replicate=replicate, evaluate_at=[200])
    on_clean = curve["val_accuracy"].item()  # as the trainer measured it, on validation images
    assert abs(right_on(garments.x_val) - on_clean) < 0.002
    for name, drawn in [("mild", policy), ("wide", wide)]:
        augmented = drawn.apply(garments.x_val, drawn.draw(2000, seed=(replicate, 0)))
        affinity[name].append(right_on(augmented) / on_clean)

# %%
for name, values in affinity.items():
    print(f"affinity of the {name} policy ≈ {np.mean(values): .2f}, mean of four models")
assert np.mean(affinity["mild"]) - np.mean(affinity["wide"]) > 0.1

# %% [markdown]
# The wide policy trains for pictures that never come. What that costs may come from the shift itself (low affinity), the missing originals, a model too small, or a budget too short. The table varies the last three under the same policy: half of the images left clean, a deeper network (two convolutions and a hidden layer), and six times the updates. If they help, the shift does not doom the policy by itself.

# %%
def accuracy(policy_name, model, arm, budget):
    part = stored[(stored["policy"] == policy_name) & (stored["model"] == model) & (stored["arm"] == arm)]
    part = part[(part["rate"] == "constant") & (part["update"] <= budget)]
    return summarise(part).set_index("replicate")["val_accuracy"]


ROWS = [("mild", "none"), ("mild", "live"), ("wide", "live"), ("wide", "live-1/2")]
print(f"{'validation accuracy':28}{'small network':>16}{'deeper network':>22}")
print(f"{'updates':28}{'500':>8}{'3,000':>8}{'500':>14}{'3,000':>8}")
for policy_name, arm in ROWS:
    cells = [accuracy(policy_name, m, arm, b).mean() for m in ("small", "deeper") for b in (500, 3000)]
    label = plots.arm_label(arm) + ("" if arm == "none" else f" ({policy_name})")
    print(f"{label:28}" + "{:8.3f}{:8.3f}{:14.3f}{:8.3f}".format(*cells))

# %% [markdown]
# All three help. With the small network clean images help most (they lessen the shift, too): with half of the images clean, the wide policy is equivalent to no augmentation by 3,000 updates. A deeper network given enough updates comes close without them.

# %%
for first, second in [(("wide", "small", "live"), ("mild", "small", "none")),
                      (("wide", "small", "live-1/2"), ("mild", "small", "none")),
                      (("wide", "deeper", "live"), ("mild", "deeper", "none"))]:  # fmt: skip
    interval = paired_interval(accuracy(*first, 3000) - accuracy(*second, 3000))
    print(f"{first[1]:7} network, wide {first[2]:8} minus none", "{: .3f} [{: .3f}, {: .3f}]".format(*interval),
          verdict(interval, MARGINS["val_accuracy"], lower_is_better=False))  # fmt: skip

# %%
small, deeper = (accuracy("wide", model, "live", 3000) for model in ("small", "deeper"))
half = accuracy("wide", "small", "live-1/2", 3000)
none = accuracy("mild", "small", "none", 3000)
assert paired_interval(none - small).low > 0.1
assert paired_interval(half - none).low > -0.01
assert paired_interval(deeper - small).low > 0.1
assert paired_interval(deeper - accuracy("wide", "deeper", "live", 500)).low > 0.1

# %% [markdown]
# ## Does it last?
#
# At a constant learning rate the gap between none and live grows with the training, as we saw. So we read the main comparison under four conditions: as above; with the rate *decayed* to zero; *stopped* at the best of the evaluations; and *scaled*, which means that the inputs of the sigmoid are divided by one number, the temperature, that takes over-confidence out. Stopping point and temperature are chosen on one half of the validation images and read on the other, both ways round.

# %%
decayed = summarise(mild_small[mild_small["rate"] == "decay"])
conditions = {
    "constant rate": (runs, "val_loss"),
    "rate decayed": (decayed, "val_loss"),
    "stopped": (runs, "val_loss_stopped"),
    "scaled": (runs, "val_loss_scaled"),
}
pairs = {"none": "live", "copies-1": "live", "copies-4": "live", "copies-16": "live",
         "originals+1": "live-1/2", "originals+4": "live-4/5", "originals+16": "live-16/17"}  # fmt: skip
intervals = {
    (condition, static): paired_interval(differences(table, live, static, metric))
    for condition, (table, metric) in conditions.items()
    for static, live in pairs.items()
}

# %% mystnb={"image": {"alt": "Live (of equal clean share, but for none) minus each arm in validation loss, under four conditions: the differences shrink from the first panel to the others, one copy only and none keep the largest, and those to sixteen copies lie inside the margin in all four."}}
figure, axes = plt.subplots(1, 4, sharex=True, sharey=True, figsize=(9, 3))
for ax, condition in zip(axes, conditions, strict=True):
    ax.axvspan(-0.02, 0.02, color="0.9")
    for row, static in enumerate(pairs):
        mean, low, high = intervals[condition, static]
        ax.plot([low, high], [row, row], color=plots.BLUE)
        ax.plot(mean, row, "o", color=plots.BLUE, markersize=4)
    ax.set_title(condition)
axes[0].set(yticks=range(len(pairs)), yticklabels=map(plots.arm_label, pairs), ylim=(len(pairs) - 0.5, -0.5))
figure.supxlabel("live (of equal share, but for none) minus the arm at the left, loss (nats); grey: the margin", fontsize=10)
plt.show()

# %% [markdown]
# *Live (of equal clean share, but for none) minus each arm in validation loss, under four conditions: the differences shrink from the first panel to the others, one copy only and none keep the largest, and those to sixteen copies lie inside the margin in all four.*

# %% [markdown]
# Scaling removes about three quarters of the gap between none and live at a constant rate (of 0.137 it leaves 0.030), so most of it is over-confidence; stopping does as much, and decay more than half. What is left is still more than our margin.

# %%
for condition in conditions:
    word = verdict(intervals[condition, "none"], MARGINS["val_loss"], lower_is_better=True)
    print(f"live minus none, {condition:14}" + "{: .3f} [{: .3f}, {: .3f}] ".format(*intervals[condition, "none"]), word)
    assert intervals[condition, "none"].high < -0.02 and intervals[condition, "copies-1"].high < -0.02
    assert max(abs(end) for end in intervals[condition, "copies-16"]) < 0.02
assert intervals["rate decayed", "none"].mean > intervals["constant rate", "none"].mean / 2
for condition in ("stopped", "scaled"):
    assert 0.15 < intervals[condition, "none"].mean / intervals["constant rate", "none"].mean < 0.35
assert round(intervals["scaled", "none"].mean, 3) == -0.030

# %% [markdown]
# ## Verdict
#
# The article's first claim, that live augmentation generalises better, for this task and the mild policy; n = 512, 3,000 updates, 20 paired replicates. Differences in validation loss at the constant rate, and the verdict on live under each condition (*equivalent*: within ±0.02).

# %%
print(f"{'live against':24}{'difference':26}" + "".join(f"{condition:>14}" for condition in conditions))
words = {}
for static in pairs:
    for condition in conditions:
        interval = intervals[condition, static]
        words[condition, static] = verdict(interval, MARGINS["val_loss"], lower_is_better=True)
    first = intervals["constant rate", static]
    row = f"{plots.arm_label(static):24}{first.mean: .3f} [{first.low: .3f}, {first.high: .3f}]  "
    print(row + "".join(f"{words[condition, static]:>14}" for condition in conditions))

# %%
for condition in conditions:
    assert words[condition, "none"] == words[condition, "copies-1"] == words[condition, "copies-4"] == "better"
    assert words[condition, "copies-16"] == words[condition, "originals+16"] == "equivalent"
assert words["constant rate", "originals+1"] == "better" and words["stopped", "originals+1"] == "equivalent"

# %% [markdown]
# And in validation accuracy at the constant rate, margin 0.01; here a positive difference favours live:

# %%
in_accuracy = report(runs, [(live, static) for static, live in pairs.items()], "val_accuracy")
assert in_accuracy["live", "none"] == in_accuracy["live", "copies-1"] == "better"
assert in_accuracy["live", "copies-16"] == in_accuracy["live-4/5", "originals+4"] == "equivalent"

# %% [markdown]
# One warning about size. With the deeper network four copies fall ten times as far behind at a constant rate; scaled (the last line), by 0.029 against the small one's 0.021.

# %%
deeper_runs = summarise(stored[(stored["model"] == "deeper") & (stored["policy"] == "mild")])
for_deeper = report(deeper_runs, [("live", "none"), ("live", "copies-4")])
print("scaled")
scaled_deeper = report(deeper_runs, [("live", "copies-4")], "val_loss_scaled")
assert for_deeper["live", "none"] == for_deeper["live", "copies-4"] == scaled_deeper["live", "copies-4"] == "better"
assert differences(deeper_runs, "live", "copies-4").mean() < 7 * differences(runs, "live", "copies-4").mean()
assert differences(deeper_runs, "live", "copies-4", "val_loss_scaled").mean().round(3) == -0.029
assert round(intervals["scaled", "copies-4"].mean, 3) == -0.021

# %% [markdown]
# ## Summary
#
# A static pool shows the model K pictures of each garment, live augmentation a new one in every epoch; with as many copies as epochs the two are the same run. A fair comparison matches updates and clean share and takes differences within replicates; at n = 128 a single run can't tell four copies from live. Counting passes over a larger pool as epochs makes static look better.
#
# After 3,000 updates at n = 512 live is better than no augmentation, than one copy only and, by about the margin once the rate is decayed, training stopped or the output scaled, than four. It is equivalent to sixteen copies, and under those three conditions to originals + 4 copies. With 512 garments endlessness beyond sixteen copies adds little to the small network; a single copy without the original costs much. After 500 updates live was worse than no augmentation.
#
# The limits: one pair of classes, small images, one mild policy for the verdicts, one validation set. Sixteen copies, the originals in a pool and the decayed rate were run with the small network only; the deeper one saw no augmentation, four copies and live. The next lessons take up diversity within a batch, the curves, and the number of copies.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Live had the lower loss in ≈ 6 of 8 pairs. Doesn't that show that it is better?</summary>
#
# A fair coin shows six or more heads in eight throws one time in seven. The paired interval, ≈ −0.025 to ≈ 0.003, contains zero and reaches beyond the margin: undecided.
#
# </details>
#
# <details><summary>2. Ten passes each, and live's loss was ≈ 0.12 higher than that of four copies. What was wrong?</summary>
#
# A pass over four copies is four times as many updates, so live had 40 of them and the pool 160. With 40 each, or 160 each, the two were equivalent.
#
# </details>
#
# <details><summary>3. Live minus sixteen copies is −0.007 [−0.011, −0.003], without zero. Why isn't live better?</summary>
#
# Because the whole interval lies within ±0.02. A difference there probably is, but we said beforehand that one so small would not count.
#
# </details>
#
# <details><summary>4. After 3,000 updates live is 0.137 lower in loss than none. Does it sort garments that much better?</summary>
#
# No. After temperature scaling 0.030 is left: most of the gap is `none` being too sure of itself. In accuracy live is ahead by 0.014.
#
# </details>
#
# <details><summary>5. A pool has as many copies as training has epochs. How much worse is it than live?</summary>
#
# Not at all: its clock never wraps, so it is the same run, to the last bit. Being stored costs memory, not accuracy.
#
# </details>

# %% [markdown]
# ## Exercises
#
# They go on from the state of this notebook. Worked answers are in [the solutions](solutions/01_static_versus_live.ipynb).

# %% [markdown]
# ### Exercise 1: The originals join the pool
#
# With 128 garments and 400 updates, how does live compare with originals + 4 copies at equal clean share? Set `answer` to the verdict that you expect. Then train `pair` with `compare` on eight replicates, see the verdict with `report`, put it into `answer` and run the cell again. What changes if you take plain live instead?

# %%
from exercises import check

pair = ("live-4/5", "originals+4")
answer = None  # "better", "worse", "equivalent" or "undecided", of the first arm
check("01.1", answer)

# %% [markdown]
# ### Exercise 2: A fair partner
#
# Write `partner`, which takes the name of a static arm, copies-K or originals+K with any K, and returns the name of the live arm that shows originals just as often. The starter is right for one of the two kinds. (In Python, `"originals+4".split("+")` gives the two parts of a name.)

# %%
def partner(arm):
    return "live"


print({arm: partner(arm) for arm in ("copies-4", "originals+4")})
check("01.2", ...)  # put partner in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: When does live overtake?
#
# After 500 updates live was worse than no augmentation, after 3,000 better. When does it overtake? `main` holds 20 replicates of both, evaluated at the updates below. Say first what you will call overtaking. Then take the interval of the paired differences at each evaluation. Do the scaled loss and the accuracy (`val_loss_scaled`, `val_accuracy`) give the same answer?

# %%
moments = sorted(main["update"].unique())
print(len(moments), "evaluations, after updates", *moments)

# %% [markdown]
# Lesson [03](03_diversity_within_a_batch.ipynb) takes up another claim of the article: that live batches are more diverse.
