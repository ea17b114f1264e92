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
# # 09 Your own images
#
# A project: do it once yourself, fairly. You bring a folder with pictures of two classes, and leave with two sentences about them that someone else could check.
#
# **You will** write a plan before the first run, check your pipeline, train pairs and report what came out, whatever it is.
#
# **You will learn:**
#
# - how to turn a question about augmentation into a plan that can fail,
# - how to go from a folder of pictures to a verdict,
# - what a report has to say.
#
# **You need** lessons [00](00_start_here.ipynb) to [02](02_a_fair_comparison.ipynb), [05](05_how_many_copies.ipynb), [06](06_when_live_is_not_live.ipynb) and [08](08_solar_cells.ipynb), and 400 pictures or more. (With 400 the eight pairs share images, so their intervals are too narrow. With about 1,400 they share none.) **Time:** 14 minutes to read and about one to run as it stands, then two to four hours with your own pictures.
#
# As it stands, the notebook runs on garments, in a small folder that it writes itself. Then change the lines marked `# yours`.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
from pathlib import Path

import hashlib
import json
import tempfile

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image

from helpers import plots
from helpers.data import load_garments, subset
from helpers.show import show_table

plots.use_style()


def write_demo(place):
    """Garments as files, in a folder for each class."""
    some = subset(load_garments(), 1400)
    for number, (picture, label) in enumerate(zip(some.x_train, some.y_train, strict=True)):
        folder = place / ["pullover", "coat"][label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.uint8(np.round(255 * picture[..., 0]))).save(folder / f"{number:04}.png")


scratch = tempfile.TemporaryDirectory()  # removed when the kernel stops
demo = Path(scratch.name) / "clothes"
write_demo(demo)

# %% [markdown]
# ## What counts
#
# | | points | full marks | what costs points |
# | --- | --- | --- | --- |
# | fairness | 25 | same updates, same share of originals between static and live, pairs, plan with its reasons before the first run | epochs compared with epochs, a plan that grew afterwards |
# | pipeline checked | 20 | each finding of the check-up repaired or explained, splits by object | a report that nobody read |
# | figure | 20 | all pairs or their intervals, the margin, a caption with the point | only means, two axes that differ |
# | honest verdict | 25 | one of the four words, expectation kept beside it | *better* where it says *undecided* |
# | limits | 10 | what your pictures, split, network and length of training can't tell | "more data would help" |
#
# *Undecided* can earn all 100 points, and a large win few.

# %% [markdown]
# ## 1. The folder
#
# One folder, and in it a folder for each of two classes, numbered 0 and 1 by the alphabet. The loader lists the files that it can't use, and keeps a quarter for validation.

# %%
from helpers.folder import load_image_folder

folder = demo  # yours: such as "~/pictures/leaves"
image_size, channels = 28, 1  # yours: 32 or 64, and 3 for colour
data = load_image_folder(folder, image_size=image_size, channels=channels)
print(f"{len(data.x_train)} to train on, {len(data.x_val)} for validation, class 1 is {data.y_val.mean():.0%} of them")

# %% tags=["hide-input"]
names = sorted(place.name for place in Path(folder).expanduser().iterdir() if place.is_dir() and not place.name.startswith("."))
rows = [data.x_train[data.y_train == label][:6] for label in (0, 1)]
plots.show_images(rows, [f"{label}: {name}" for label, name in enumerate(names)], [""] * 6)

# %% [markdown]
# *Look at your pictures as the network gets them. Can you still tell the two classes apart?*
#
# The loader can't know that two pictures show the same leaf. If they do, or come from one patient or camera, put the files of each group into one of two folders, read both with the loader, and join what each returns to `data = Data(x_train, y_train, x_val, y_val)` (from `helpers.data`, images from 0 to 1). Do it again with another split at the end.

# %% [markdown]
# ## 2. A trivial rule
#
# Try one first, as lesson [08](08_solar_cells.ipynb) says. How accurate is brightness alone, and how accurate is calling everything by the larger class?

# %%
def brightness(images):
    return images.mean(axis=(1, 2, 3))


best = 0.0
for sign in (1, -1):
    for threshold in np.linspace(-1, 1, 201):
        share_right = np.mean((sign * brightness(data.x_train) > threshold) == data.y_train)
        if share_right > best:
            best, rule = share_right, (sign, threshold)
by_rule = np.mean((rule[0] * brightness(data.x_val) > rule[1]) == data.y_val)
print(f"brightness {by_rule:.0%}, larger class {max(data.y_val.mean(), 1 - data.y_val.mean()):.0%} right")

# %% [markdown]
# ## 3. The plan, before the first run
#
# Fill it in before you train anything, with the reasons and with what you expect.
#
# A pair holds the first method against the second. In code `none` is no augmentation, `copies-1` is 1 copy in place of each image, and `originals+4` is originals + 4 copies. Its fair partner is `live-4/5` (live, 20 % unchanged): both show as many originals.

# %%
plan = {  # yours, from the first line to the last
    "question": "Does live augmentation beat no augmentation, and 1 copy or originals + 4 copies of these garments?",
    "split": "by file, a quarter for validation; no two garments are the same",
    "policy": {"rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05, "zoom_range": 0.05,
               "horizontal_flip": True},
    "why each label stays true": "a coat that is moved, turned by 5 degrees or mirrored is still a coat",
    "pairs": [["live", "none"], ["live", "copies-1"], ["live-4/5", "originals+4"]],
    "expected": ["undecided", "better", "undecided"],  # one for each pair
    "images": 128,  # a multiple of 32
    "updates": 200,  # for show; 3,000 or more, until no augmentation has memorised (its training loss is near 0)
    "replicates": 8,  # pairs; 8 or more
    "measures": "validation loss, and how many answers the policy changes",
    "margin": 0.02,  # in validation loss
    "why this margin": "a difference of 0.02 changed no decision in our pilots",
}  # fmt: skip

# %% [markdown]
# Change one word of the plan, its reasons included, and the eight characters change. Send them to someone before you go on. If you change the plan later, say so in your report, and why.

# %%
registered = hashlib.sha256(json.dumps(plan).encode()).hexdigest()[:8]
print("plan", registered)

# %% tags=["hide-input"]
from helpers.augment import RandomAffine

policy = RandomAffine(**plan["policy"], seed=0)
rows = []
for label in (0, 1):
    one = data.x_train[data.y_train == label][:1]
    drawn = policy.apply(np.repeat(one, 5, axis=0), policy.draw(5, seed=(0, label))).numpy()
    rows.append(np.concatenate([one, drawn]))
plots.show_images(rows, names, ["image", *["drawn"] * 5])

# %% [markdown]
# *Could each of these be a new picture of its class? If not, the policy is wrong, whatever the loss says.*

# %% [markdown]
# ## 4. The check-up
#
# Hand it the pipeline that you would train with. This is ours, in plain TensorFlow.

# %%
import tensorflow as tf

from augcheck import check_pipeline


def augmented(images, labels):
    return policy(images, training=True), labels


pipeline = tf.data.Dataset.from_tensor_slices((data.x_train, data.y_train))
pipeline = pipeline.shuffle(len(data.x_train)).batch(32).map(augmented)
report = check_pipeline(pipeline, (data.x_val, data.y_val), augment=policy)

# %% tags=["hide-input"]
checked = pd.DataFrame({name: [finding.status, finding.value] for name, finding in report.items()}, index=["result", "what"]).T
show_table(checked[["result"]].rename_axis("looked for"))
for name in report.found:
    print(f"\n{name}: {report[name]}")

# %% [markdown]
# Repair what it found, or say why it isn't a fault. `print(report.to_text(full=True))` says what it would need to know for the rest, and [The check-up](../docs/the_check_up.md#what-a-line-says) what each line looks for.

# %% [markdown]
# ## 5. The runs
#
# The second measure is from lessons 00 and 05: how many answers on validation pictures change when the policy moves the picture?

# %%
from helpers.compare import compare, summarise

moved = policy.apply(data.x_val, policy.draw(len(data.x_val), seed=(1, 0))).numpy()


def changed_answers(p, data, predict):
    """At each evaluation: the share of answers that change. p: the answers on the pictures as they are."""
    return {"val_changed": np.mean((p > 0.5) != (predict(moved) > 0.5))}


arms = sorted({arm for pair in plan["pairs"] for arm in pair})
curves = compare(data, arms, policy, plan["images"], plan["updates"], plan["replicates"], metrics=changed_answers)
runs = summarise(curves)

# %% [markdown]
# ## 6. One figure, and the verdicts
#
# **Predict first:** after 200 updates and with eight pairs, is live already ahead of no augmentation in loss? And do its answers already change less often?

# %% tags=["hide-input", "hide-output"]
from helpers.compare import differences
from helpers.show import caption
from helpers.stats import paired_interval, verdict

labels = [f"{plots.arm_label(first)}\nminus {plots.arm_label(second)}" for first, second in plan["pairs"]]
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(10.5, 1.3 + 1.1 * len(labels)))
found = {"val_loss": [], "val_changed": []}
for ax, (metric, intervals) in zip(axes, found.items(), strict=True):
    ax.axvline(0, color="0.5", linewidth=1)
    for row, (first, second) in enumerate(plan["pairs"]):
        d = (100 if metric == "val_changed" else 1) * differences(runs, first, second, metric)
        intervals.append(paired_interval(d))
        ax.plot(d, [row - 0.16] * len(d), ".", color="0.6", markersize=6)
        ax.plot(intervals[-1][1:], [row, row], color=plots.BLUE)
        ax.plot(intervals[-1].mean, row, "o", color=plots.BLUE)
    ax.grid(visible=False)
said = [verdict(interval, plan["margin"], lower_is_better=True) for interval in found["val_loss"]]
for row, (word, expected) in enumerate(zip(said, plan["expected"], strict=True)):
    axes[1].annotate(f"in loss: {word}\nexpected: {expected}", (1.03, row), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
axes[0].axvspan(-plan["margin"], plan["margin"], color="0.92", zorder=0)
axes[0].set(yticks=range(len(labels)), yticklabels=labels, ylim=(len(labels) - 0.5, -0.5))
axes[0].set_title("validation loss (grey: margin)")
axes[1].set_title("answers that change, points")
caption("Yours: say the point. In the demonstration, live is behind in loss, and its answers already change less often.")

# %% [markdown]
# In loss we had expected something else for all three pairs. The expectations stay in the figure, and in the report.
#
# ## What can you say now?
#
# Your two results, with their intervals:

# %% tags=["hide-input"]
first, second = plan["pairs"][0]
one, other = plots.arm_label(first), plots.arm_label(second)
share = 100 * runs.groupby("arm")["val_changed"].mean()
changed, lost = found["val_changed"][0], found["val_loss"][0]
print(f"The policy changes ≈ {share[first]:2.0f} % of the answers of {one}, and ≈ {share[second]:2.0f} % of those of {other}.")
print(f"The difference is ≈ {changed.mean:.1f} points, from ≈ {changed.low:.1f} to ≈ {changed.high:.1f}.")
print(f"In validation loss, {one} minus {other} is ≈ {lost.mean:.3f}, from ≈ {lost.low:.3f} to ≈ {lost.high:.3f}.")
print(f"(After {plan['updates']} updates, {plan['replicates']} pairs, {plan['images']} images, plan {registered}.)")
unchanged = hashlib.sha256(json.dumps(plan).encode()).hexdigest()[:8] == registered
print(f"The plan is {'still the one' if unchanged else 'no longer the one'} that was registered.")

# %% [markdown]
# **By its answers, live already ignores more of the policy.** Eight short pairs decide it, with the whole interval on one side of zero. What is renewed is being ignored.
#
# **In loss it is behind, and 200 updates can't decide who ends lower.** No augmentation hasn't had the time to memorise. In lesson [00](00_start_here.ipynb) it had, and live won. Nor can eight pairs distinguish live from 1 copy in loss. Both are reasons for another plan, and none for changing this one.

# %% [markdown]
# ## 7. The report, one page
#
# Copy this cell, and fill it in.
#
# > **Question.** *One sentence.*
# >
# > **Pictures.** *Where from, how many of each class, which licence. How accurate the larger class and brightness alone are.*
# >
# > **Pipeline.** *What the check-up found, and what I did about it. What it couldn't tell.*
# >
# > **Plan** *(eight characters, date).* *All of it, as it was registered. What I expected.*
# >
# > **Result.** *The figure with its caption.*
# >
# > **What I can say.** *Two sentences with their intervals. For each pair one of: equivalent (the interval lies within the margin), else better or worse (it leaves out zero), else undecided. Where I was wrong.*
# >
# > **Limits.** *What these pictures, this one split, this network and this length of training can't tell.*
# >
# > **What would change my mind.** *One sentence.*

# %% [markdown]
# ## Before you hand it in
#
# - Would your verdict survive by accuracy (`val_accuracy`, margin 0.01), or with each run stopped in time (`val_loss_stopped`)?
# - Does it say *equivalent* only where the whole interval lies inside the margin?
# - Do the replicates share images, because replicates × images are more than you have to train on? Then the intervals are too narrow.
# - Would another split say the same (lesson 08)?
# - Have you looked at the pictures that the network gets wrong?

# %% [markdown]
# ## In practice and limits
#
# `compare` trains a network with one convolution. `build=` takes a function that makes another. For more than two classes, transfer learning or PyTorch keep the plan, the pairs and the check-up, and write the loop yourself.
#
# ## Where the course ends
#
# It began with an article that gave three reasons for live augmentation and measured none. *New pictures in every epoch*: true, and it matters once stored pictures have been shown too often (lesson [05](05_how_many_copies.ipynb)). *Less memory*: true, in gigabytes ([What a pool costs](going_deeper/what_a_pool_costs.ipynb)). *More diverse batches*: false (lesson [03](03_diversity_within_a_batch.ipynb)). You can now meet any such claim with a plan, with pairs, and with a verdict that you didn't choose.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
from helpers.show import Claims

by_pair = {tuple(pair): differences(runs, *pair) for pair in plan["pairs"]}
in_loss = dict(zip(by_pair, said, strict=True))
two_draws = [policy(np.repeat(data.x_val[:1], 2, axis=0), training=True).numpy() for _ in range(2)]
claims = Claims(folder=(folder, demo), plan=(registered, "1fcee806"))
claims.check("1,050 garments to train on and 350 for validation, half of each class",
             bool((len(data.x_train), len(data.x_val)) == (1050, 350) and data.y_train.mean() == data.y_val.mean() == 0.5))
claims.check("brightness is right for less than 65 % of them", bool(by_rule < 0.65))
claims.check("the check-up finds nothing in this pipeline", report.found == [])
claims.check("and it does find a pipeline that caches its augmented pictures",
             lambda: "repeats" in check_pipeline(pipeline.take(4).cache()).found)
claims.check("all arms made the same updates, on every replicate", bool((curves.groupby(["arm", "replicate"])["update"].max() == plan["updates"]).all()))
claims.check("the layer draws a change for each picture of a batch, and anew in the next",
             bool(np.abs(two_draws[0][0] - two_draws[0][1]).max() > 0.05 and np.abs(two_draws[0] - two_draws[1]).max(axis=(1, 2, 3)).min() > 0.05))
claims.check("8 pairs can't distinguish live from 1 copy in loss, though the runs differ on each replicate",
             lambda: bool(len(by_pair["live", "copies-1"]) == 8 and np.abs(by_pair["live", "copies-1"]).min() > 0 and in_loss["live", "copies-1"] == "undecided"))
claims.check("after 200 updates live is behind no augmentation in loss, by more than the margin",
             lambda: bool(by_pair["live", "none"].mean() > plan["margin"] and curves["update"].max() == 200))
claims.check("and the policy changes fewer of its answers, by more than 2 points, than of no augmentation and of 1 copy",
             bool(max(interval.mean for interval in found["val_changed"][:2]) < -2 and max(interval.high for interval in found["val_changed"][:2]) < 0))
claims.check("the plan is the registered one", unchanged)
