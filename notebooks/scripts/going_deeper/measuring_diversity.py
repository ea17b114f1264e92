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
# # Measuring diversity
#
# This companion belongs to lesson [03](../03_diversity_within_a_batch.ipynb), which measures diversity by one distance. Would another measure have found that live batches are more diverse after all? Here are three more: a distance between features, the Vendi score, and counting. At the end we place whole policies by two numbers from the literature. **Time:** 10 minutes to read, half a minute to run.

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
from scipy.spatial.distance import pdist, squareform

from helpers import plots
from helpers.arms import schedule, stored_batches
from helpers.augment import named_policy
from helpers.compare import differences, summarise
from helpers.data import load_garments, subset
from helpers.diversity import sibling_pairs
from helpers.model import deeper_model, small_model
from helpers.show import Claims, show_table
from helpers.stats import judge, paired_interval
from helpers.tables import FOLDER, read_results
from helpers.training import trainer_for

plots.use_style()
garments = load_garments()
few = subset(garments, 128)
mild = named_policy("mild")

# %% [markdown]
# ## Distance between features
#
# Pixels are a rough yardstick, because a small shift changes many of them. *Features* are what a trained network has computed before its last layers. So we train a network on 1,024 garments that no run below uses, drop its two dense layers and freeze the rest. It gives 1,600 numbers for each picture.

# %%
others = [subset(garments, 128, replicate) for replicate in range(60, 68)]
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
# ## The Vendi score: how many different pictures?
#
# A mean distance can't distinguish two tight clusters from an even spread. The [*Vendi score*](https://arxiv.org/abs/2210.02410) (Friedman and Dieng, 2023) answers another question: how many different pictures does a set amount to? It starts from a *kernel*, a rule that gives each two pictures a similarity, which is 1 for a picture and itself. The similarities of n pictures form a matrix. Divided by n, its eigenvalues are shares that add up to 1, and the score is the exponential of their entropy.

# %%
def vendi_score(similarity):
    shares = np.linalg.eigvalsh(similarity / len(similarity))
    shares = shares[shares > 1e-12]  # 0 log 0 counts as 0
    return np.exp(-np.sum(shares * np.log(shares)))


all_alike, no_likeness = np.ones((4, 4)), np.eye(4)
two_pairs = np.kron(np.eye(2), np.ones((2, 2)))  # the first two alike, and the last two
examples = [vendi_score(matrix) for matrix in (all_alike, two_pairs, no_likeness)]
print("four alike: {:.1f}, two pairs: {:.1f}, all different: {:.1f}".format(*examples))

# %% [markdown]
# Our kernel is the cosine of the angle between two features, as seen from the mean feature of 640 other garments. Here are the similarities of 32 pictures, drawn from 32 garments, from 8, and from one.

# %%
def cosine(seen):
    directions = seen.astype(float) - centre
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions @ directions.T


seen_other = features(mild.apply(x_other[:640], mild.draw(640, seed=(99, 0))).numpy())
centre = seen_other.mean(axis=0)
matrices = {}
for number in (32, 8, 1):
    repeated = np.repeat(few.x_train[:number], 32 // number, axis=0)
    matrices[number] = cosine(features(mild.apply(repeated, mild.draw(32, seed=(0, 2))).numpy()))
scores = {number: vendi_score(matrix) for number, matrix in matrices.items()}

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three matrices of similarities between 32 pictures. For 32 garments the values are scattered and mostly low. For 8 garments squares of high values line up along the diagonal. For one garment nearly all values are high."}} tags=["hide-input"]
figure, axes = plt.subplots(1, 3, figsize=(10, 3.3))
names = {32: "32 garments", 8: "8 garments, 4 draws each", 1: "1 garment, 32 draws"}
for ax, (number, matrix) in zip(axes, matrices.items(), strict=True):
    picture = ax.imshow(matrix, vmin=-1, vmax=1, cmap="PuOr")
    ax.set(xticks=[], yticks=[], title=names[number])
    ax.grid(visible=False)
figure.colorbar(picture, ax=axes, label="similarity", ticks=[-1, 0, 1])
plt.show()

# %% [markdown]
# *Blocks on the diagonal are clusters. A mean distance would average them away, but the score counts them.*

# %%
table = pd.DataFrame({"pictures": names.values(), "Vendi score": scores.values()})
show_table(table, approximate=True, digits=1)

# %% [markdown]
# ## The kernel decides
#
# Another kernel, the *RBF*, falls with the distance between two features. Its width w sets the distance at which two pictures begin to count as different. We measure w in medians of the distance between two garments, and draw one pullover up to 128 times.

# %%
median = np.median(pdist(seen_other))


def rbf(seen, width):
    return np.exp(-(squareform(pdist(seen)) ** 2) / (2 * (width * median) ** 2))


seen = features(mild.apply(few.x_train[[0] * 128], mild.draw(128, seed=(0, 3))).numpy())
kernels = {"cosine": cosine(seen), "w = 1": rbf(seen, 1), "w = 1/4": rbf(seen, 1 / 4), "w = 1/10": rbf(seen, 1 / 10)}
counts = [1, 2, 4, 8, 16, 32, 64, 128]
by_kernel = {name: [vendi_score(matrix[:n, :n]) for n in counts] for name, matrix in kernels.items()}

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Vendi score of one pullover against the number of its draws, both axes logarithmic. With the cosine and with the widest kernel the line flattens below 9. With the narrowest kernel it follows the number of draws up to more than 100."}} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 3.8))
shades = [plots.BLUE, "0.45", "0.3", "0.1"]
for (name, values), shade, lift in zip(by_kernel.items(), shades, [1.12, 0.85, 1, 1], strict=True):
    ax.plot(counts, values, marker="o", markersize=4, color=shade)
    ax.annotate(name, (138, values[-1] * lift), color=shade, va="center", annotation_clip=False)
ax.set(xscale="log", yscale="log", xlabel="draws of one pullover", ylabel="Vendi score", xlim=(0.9, 135))
ax.set(xticks=[1, 10, 100], xticklabels=[1, 10, 100], yticks=[1, 10, 100], yticklabels=[1, 10, 100])
plt.show()

# %% [markdown]
# *How many different pictures are 128 draws? Anything from 4 to 128, depending on the kernel alone.*
#
# So a Vendi score means nothing without its kernel and its features. Quote them with the number. From here on the kernel is the cosine.

# %% [markdown]
# ## Counting siblings
#
# Two copies of one garment in a batch are *siblings*, and to count them needs no features. As long as an epoch shows each garment once there are none. A pool of K copies under one shuffle is different. Of the Kn − 1 other pictures K − 1 are siblings of a given one, and a batch of B has B(B − 1)/2 pairs, so we expect
#
# $$\frac{B(B-1)}{2}\,\frac{K-1}{Kn-1}.$$

# %%
rows = []
for copies in (1, 4, 16):
    counted = [sibling_pairs(schedule(f"pool-{copies}", 128, 400, r).source).mean() for r in range(50)]
    mean, low, high = paired_interval(counted, confidence=0.999)
    expected = 496 * (copies - 1) / (copies * 128 - 1)
    rows.append({"copies": copies, "counted": mean, "from": low, "to": high, "expected": expected})
siblings = pd.DataFrame(rows)
show_table(siblings)

# %% [markdown]
# Adding copies hardly matters. With 512 garments instead of 128 there would be a quarter as many (exercise 1 of the lesson).

# %% [markdown]
# ## Within a batch, by three measures
#
# Now the question itself, for five ways of showing pictures, on eight sets of garments. Copies come in clock order, that is, copy after copy, and a shuffled pool of 16 stands for what people do.

# %%
ARMS = ["none", "copies-1", "copies-16", "pool-16", "live"]


def diversity(shown):
    seen = features(shown.reshape(-1, 28, 28, 1)).reshape(*shown.shape[:2], -1)
    return {
        "pixels": np.mean([pdist(batch.reshape(32, -1)).mean() for batch in shown]),
        "features": np.mean([pdist(batch).mean() for batch in seen]),
        "Vendi score": np.mean([vendi_score(cosine(batch)) for batch in seen]),
    }


# %%
records = []
for replicate in range(8):
    part = subset(garments, 128, replicate)
    for arm in ARMS:
        plan = schedule(arm, 128, 128, replicate)
        batches = stored_batches(part.x_train, part.y_train, plan, mild, replicate)
        shown = batches.images[batches.rows[5::10]]  # 13 batches from all over the run
        records.append({"arm": arm, "replicate": replicate, **diversity(shown)})
within = pd.DataFrame(records)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Diversity of the batches of four arms relative to live, in per cent, by three measures. The three static arms lie within a few per cent of live by every measure. None lies about ten per cent above by features and about ten per cent below by Vendi score."}} tags=["hide-input"]
measures = ["pixels", "features", "Vendi score"]
live = within[within["arm"] == "live"][measures].mean()
relative = {
    (arm, name): paired_interval(100 * differences(within, arm, "live", name) / live[name])
    for arm in ARMS[:-1] for name in measures
}
figure, axes = plt.subplots(1, 3, sharey=True, figsize=(10, 2.9))
for ax, name in zip(axes, measures, strict=True):
    ax.axvline(0, color=plots.BLUE)
    for row, arm in enumerate(ARMS[:-1]):
        mean, low, high = relative[arm, name]
        ax.plot([low, high], [row, row], color=plots.arm_style(arm)["color"])
        ax.plot(mean, row, "o", color=plots.arm_style(arm)["color"], markersize=5)
    ax.set(title=name, xlim=(-18, 18))
axes[0].set(yticks=range(4), yticklabels=[plots.arm_label(arm) for arm in ARMS[:-1]], ylim=(3.5, -0.5))
figure.supxlabel("relative to live (%)", fontsize=11)
plt.show()

# %% [markdown]
# *By every measure a batch of frozen copies is as diverse as a live one.*
#
# Whether augmentation makes a batch more diverse than *none* depends on the measure. Clean pictures lie farther apart in features, and yet they amount to fewer different pictures by their Vendi score.

# %% [markdown]
# ## Across epochs
#
# By counting, live shows a hundred different pictures of a garment in a hundred epochs. How many do they amount to? The draws are the same as in the lesson, so the first sixteen of live are those of sixteen copies. By the cosine the number grows ever more slowly, and by a narrow kernel it hardly slows down.

# %%
records = []
for replicate in range(8):
    pullover = subset(garments, 128, replicate).x_train[[0] * 100]
    seen = features(mild.apply(pullover, mild.draw(100, seed=(replicate, 0))).numpy())
    for epochs in (4, 16, 100):
        scores_now = {"cosine": vendi_score(cosine(seen[:epochs])), "narrow RBF": vendi_score(rbf(seen[:epochs], 1 / 4))}
        records.append({"different pictures": epochs, **scores_now})
across = pd.DataFrame(records).groupby("different pictures").mean()
show_table(across, approximate=True, digits=1)

# %% [markdown]
# So a new picture need not show anything new. By the cosine the first 16 pictures bring more than the 84 that follow, which fits the finding that sixteen copies are nearly as good as live. By the narrow kernel it is the other way round.

# %% [markdown]
# ## Affinity and diversity of a policy
#
# So far the policy was fixed. [Gontijo-Lopes and others](https://arxiv.org/abs/2002.08973) (2021) place a policy by two numbers. *Affinity* is the accuracy of a network trained on clean images, taken on augmented validation images and divided by that on clean ones. It falls as a policy leaves the world of the data. Their *diversity* is no distance but a ratio of losses: the training loss with augmentation over that without. It says how much harder the policy makes the task.
#
# Our training loss without augmentation falls towards zero, so that ratio grows without limit. The authors propose to take it early, and we use updates 51 to 100. Five policies, from the flip alone to the article's wide one: which will have the lowest loss on new garments?

# %%
POLICIES = {"flip": "flip only", "mild": "mild", "half": "half", "three-quarters": "3/4", "wide": "wide"}
table = read_results(FOLDER / "policies.csv")  # 20 runs each, 400 updates, 128 garments
table["arm"] = table["policy"].map(POLICIES).where(table["arm"] == "live", "none")
runs = summarise(table)
early = table[table["update"] == 100].pivot(index="replicate", columns="arm", values="shown_loss")
late = runs.pivot(index="replicate", columns="arm", values="shown_loss")
placed = runs.groupby("arm")[["val_loss", "val_accuracy"]].mean()
placed["early diversity"] = early.div(early["none"], axis=0).mean()
placed["at the end"] = late.div(late["none"], axis=0).mean()

# %% [markdown]
# Affinity needs networks trained on clean images, so we train four.

# %%
trainer = trainer_for(small_model, (28, 28, 1), mild)
records = []
for replicate in range(20, 24):
    part = subset(garments, 128, replicate)
    batches = stored_batches(part.x_train, part.y_train, schedule("none", 128, 400, replicate), mild, replicate)
    clean = trainer.run(part, batches, 400, replicate, [400])["val_accuracy"].iloc[-1]
    for name, label in POLICIES.items():
        policy = named_policy(name)
        augmented = policy.apply(garments.x_val, policy.draw(2000, seed=(replicate, 0)))
        accuracy = np.mean((trainer.predict(augmented) > 0.5) == garments.y_val)
        records.append({"policy": label, "affinity": accuracy / clean})
placed["affinity"] = pd.DataFrame(records).groupby("policy")["affinity"].mean()
placed = placed.loc[list(POLICIES.values())].rename(columns={"val_loss": "loss", "val_accuracy": "accuracy"})
show_table(placed.rename_axis("policy"), approximate=["affinity"])

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Early diversity against affinity for five policies, each with its loss on new garments. From the flip to the wide policy affinity falls while early diversity rises. Mild, next to the flip in both, has the lowest loss."}} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 3.6))
for name in POLICIES.values():
    row = placed.loc[name]
    colour = plots.BLUE if name == "mild" else plots.GREY
    ax.plot(row["affinity"], row["early diversity"], "o", color=colour)
    ax.annotate(f"{name}: {row['loss']:.2f}", (row["affinity"], row["early diversity"]), (8, 3),
                textcoords="offset points", color=colour)  # fmt: skip
ax.set(xlabel="affinity", ylabel="early diversity", xlim=(0.63, 1.08), ylim=(1, 1.85))
plt.show()

# %% [markdown]
# *Neither number ranks the policies by itself. The best loss lies between the highest affinity and the highest diversity.*

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
contests = [(other, "val_loss") for other in POLICIES.values() if other != "mild"] + [("flip only", "val_accuracy")]
verdicts = []
for other, metric in contests:
    (mean, low, high), _, word = judge(differences(runs, "mild", other, metric), metric)
    what = {"val_loss": "loss", "val_accuracy": "accuracy"}[metric]
    verdicts.append({"mild minus": other, "in": what, "mean": mean, "from": low, "to": high, "mild is": word})
show_table(pd.DataFrame(verdicts), digits=3)

# %% [markdown]
# By affinity alone the flip would win, and by diversity alone the wide policy. In loss mild is best, because it keeps most of the affinity and yet asks for more than the flip. In accuracy mild is *worse* than the flip. The winner depends on the metric, too.
#
# The column *at the end* shows why the ratio should be taken early: for the wide policy it is near 8, only because the loss without augmentation has become so small.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
claims = Claims()
claims.check("four alike, two pairs and four different pictures count as 1, 2 and 4", np.allclose(examples, [1, 2, 4]))
claims.check("32 garments count for more than 8, and 8 for more than one", bool(scores[32] > scores[8] + 1 > scores[1] + 2))
claims.check("128 draws count as fewer than 9 by the cosine and the wide kernel, as more than 100 by the narrow one",
             bool(counts[-1] == 128 and max(by_kernel["cosine"][-1], by_kernel["w = 1"][-1]) < 9 and by_kernel["w = 1/10"][-1] > 100))
claims.check("siblings are as many as expected", bool(siblings["expected"].between(siblings["from"], siblings["to"]).all()))
claims.check("by each measure 1 and 16 copies in clock order lie within 4 % of live",
             all(-4 < relative[arm, name].low < relative[arm, name].high < 4
                 for arm in ("copies-1", "copies-16") for name in measures))
claims.check("so does a shuffled pool of 16, within 7 %",
             all(-7 < relative["pool-16", name].low < relative["pool-16", name].high < 7 for name in measures))
claims.check("clean batches are more diverse by features and less by Vendi score",
             bool(relative["none", "features"].low > 4 and relative["none", "Vendi score"].high < -4))
claims.check("by the cosine 16 pictures bring more than the 84 that follow, by the narrow kernel less",
             bool(across["cosine"][16 + 84] < 2 * across["cosine"][16] and across["narrow RBF"][16 + 84] > 2 * across["narrow RBF"][16]))
claims.check("from the flip to the wide policy affinity falls and early diversity rises",
             bool(placed["affinity"].is_monotonic_decreasing and placed["early diversity"].is_monotonic_increasing))
claims.check("mild is better than each other policy in loss, and worse than the flip in accuracy",
             [row["mild is"] for row in verdicts] == ["better"] * 4 + ["worse"])
claims.check("at the end the ratio of the wide policy is more than twice the early one",
             bool(placed["at the end"]["wide"] > 2 * placed["early diversity"]["wide"]))
