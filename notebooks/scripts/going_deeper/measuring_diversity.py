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
# # Measuring diversity
#
# This companion belongs to lesson [03](../03_diversity_within_a_batch.ipynb), which measures diversity by one distance. Would another measure have found that live batches are more diverse after all? Here are two more, a distance between features and the Vendi score, and neither does. At the end we place whole policies by two numbers from the literature. **Time:** 6 minutes to read, half a minute to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
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


examples = [vendi_score(np.ones((4, 4))), vendi_score(np.eye(4))]
print("four alike: {:.1f}, all different: {:.1f}".format(*examples))

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

# %% tags=["hide-input"]
figure, axes = plt.subplots(1, 3, figsize=(10, 3.5))
names = {32: "32 garments", 8: "8 garments, 4 draws", 1: "1 garment, 32 draws"}
for ax, (number, matrix) in zip(axes, matrices.items(), strict=True):
    picture = ax.imshow(matrix, vmin=-1, vmax=1, cmap="PuOr")
    ax.set(xticks=[], yticks=[], title=f"{names[number]}\nscore {scores[number]:.1f}")
    ax.grid(visible=False)
figure.colorbar(picture, ax=axes, label="similarity", ticks=[-1, 0, 1])
plt.show()

# %% [markdown]
# *Blocks on the diagonal are clusters. A mean distance would average them away, but the score counts them.*
#
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

# %% tags=["hide-input"]
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
#
# ## Within a batch, by three measures
#
# Now the question itself, for five methods on eight sets of garments. Copies come in order, copy after copy, and 16 shuffled copies stand for what people do.

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

# %% tags=["hide-input"]
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
# Whether augmentation makes a batch more diverse at all depends on the measure. Unaugmented pictures lie farther apart in features, and yet they amount to fewer different pictures by their Vendi score.
#
# ## Affinity and diversity of a policy
#
# So far the policy was fixed. [Gontijo-Lopes and others](https://arxiv.org/abs/2002.08973) (2021) place a policy by two numbers. *Affinity* is the accuracy of a network trained on unaugmented images, taken on augmented validation images and divided by that on unaugmented ones. It falls as a policy leads away from the data. Their *diversity* is no distance but a ratio of losses: the training loss with augmentation over that without. It says how much harder the policy makes the task.
#
# Our training loss without augmentation falls towards zero, so that ratio grows without limit. The authors propose to take it early, and we use updates 51 to 100. For affinity we train four networks on unaugmented images. Five policies, from the flip alone to the article's wide one: which will have the lowest loss on new garments?

# %%
POLICIES = {"flip": "flip only", "mild": "mild", "half": "half", "three-quarters": "3/4", "wide": "wide"}
table = read_results(FOLDER / "policies.csv")  # 20 runs each, 400 updates, 128 garments
table["arm"] = table["policy"].map(POLICIES).where(table["arm"] == "live", "none")
runs = summarise(table)
early = table[table["update"] == 100].pivot(index="replicate", columns="arm", values="shown_loss")
placed = runs.groupby("arm")[["val_loss", "val_accuracy"]].mean()
placed["early diversity"] = early.div(early["none"], axis=0).mean()

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

# %% tags=["hide-input"]
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
#
# By affinity alone the flip would win, and by diversity alone the wide policy. In loss mild is best, because it keeps most of the affinity and yet asks for more than the flip. In accuracy mild is *worse* than the flip. The winner depends on the metric, too.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
claims = Claims()
claims.check("four alike count as 1, four different pictures as 4", np.allclose(examples, [1, 4]))
claims.check("32 garments count for more than 8, and 8 for more than one", bool(scores[32] > scores[8] + 1 > scores[1] + 2))
claims.check("128 draws count as fewer than 9 by the cosine and the wide kernel, as more than 100 by the narrow one",
             bool(counts[-1] == 128 and max(by_kernel["cosine"][-1], by_kernel["w = 1"][-1]) < 9 and by_kernel["w = 1/10"][-1] > 100))
claims.check("by each measure 1 and 16 copies in order lie within 4 % of live",
             all(-4 < relative[arm, name].low < relative[arm, name].high < 4
                 for arm in ("copies-1", "copies-16") for name in measures))
claims.check("so do 16 shuffled copies, within 7 %",
             all(-7 < relative["pool-16", name].low < relative["pool-16", name].high < 7 for name in measures))
claims.check("unaugmented batches are more diverse by features and less by Vendi score",
             bool(relative["none", "features"].low > 4 and relative["none", "Vendi score"].high < -4))
claims.check("from the flip to the wide policy affinity falls and early diversity rises",
             bool(placed["affinity"].is_monotonic_decreasing and placed["early diversity"].is_monotonic_increasing))
def mild_against(other, metric):
    return judge(differences(runs, "mild", other, metric), metric)[2]


others = [name for name in POLICIES.values() if name != "mild"]
claims.check("mild is better than each other policy in loss, and worse than the flip in accuracy",
             {mild_against(other, "val_loss") for other in others} == {"better"} and mild_against("flip only", "val_accuracy") == "worse")
