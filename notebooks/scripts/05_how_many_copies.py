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
# # 05 How many copies?
#
# A labelling service stores your 512 images "3x": each original with two augmented copies. You show your network as many pictures as in a hundred epochs over the 512 images. How often does it look at each of the stored pictures? Work it out before you read on.
#
# **You will** order copies, pay for them in two networks, and bet on what doubling them buys.
#
# **You will learn:**
#
# - what stored copies cost against live,
# - how to find out in your own network whether you have enough,
# - what to keep among the copies.
#
# **You need** lesson [00](00_start_here.ipynb). **Time:** 17 minutes to read, about one to run. Run it cell by cell with Shift+Enter: what you run unfolds, so guess first.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.show import caption, show_table
from helpers.tables import FOLDER, read_results

plots.use_style()

# %% [markdown]
# ## Fill in the order form
#
# A hundred epochs over 512 images show 51,200 pictures, and the store holds 1,536. So each is shown about 33 times. In lesson 00 one copy was shown 256 times, and it was memorised. (On this page an *epoch* goes once through your *images*. If your `fit` goes through the whole store, its epochs are the times shown.)
#
# Now you order. You have 512 images and train for 188 epochs, and another program writes the copies to disk, so live is out of the question. How many copies of each image do you order? Write a number down. With 188 copies every epoch has its own, so that order *is* live.

# %% [markdown]
# ## Draw the curve, then look
#
# We trained the small network of lesson 00 on 512 garments with 1, 2, 4, 8, 16 and 32 copies, and live. We trained the residual network with 1 to 16. **Predict first:** draw accuracy on new garments against the number of copies. How many copies does each network need to come close to live?

# %% tags=["hide-input", "hide-output", "slide"]
from helpers.compare import differences, summarise

study = read_results(FOLDER / "study.csv").query("dataset == 'garments'")
registered = pd.read_csv(FOLDER / "freeze-or-renew.csv").query("n == 512 and policy == 'mild' and draw == 'per image'")
tables = {"small network": summarise(study.query("n == 512")), "residual network": registered.query("row in (2, 6)")}
accuracy = {name: 100 * runs.groupby("arm")["val_accuracy"].mean() for name, runs in tables.items()}
# Sixteen copies come from eight other runs of the residual network, so they are placed by their gap to those runs' live.
law = summarise(read_results(FOLDER / "law.csv").query("model == 'residual' and dataset == 'garments' and n == 512"))
sixteen = 100 * differences(law, "copies-16", "live", "val_accuracy").mean()
accuracy["residual network"]["copies-16"] = accuracy["residual network"]["live"] + sixteen

figure, axes = plt.subplots(1, 2, sharey=True, figsize=(10, 4))
for ax, (name, found) in zip(axes, accuracy.items(), strict=True):
    ks = [k for k in (1, 2, 4, 8, 16, 32) if f"copies-{k}" in found]
    ax.plot(ks, [found[f"copies-{k}"] for k in ks], marker="o", color=plots.arm_style("copies-4")["color"])
    ax.annotate(f"{found['copies-1']:.0f} %", (1, found["copies-1"]), (10, -6), textcoords="offset points")
    for arm, text, above in (("none", "no augmentation", -0.25), ("live", "live", 0.25)):
        color = plots.arm_style(arm)["color"]
        ax.axhline(found[arm], color=color)
        ax.text(38, found[arm] + above, f"{text}, {found[arm]:.0f} %", color=color, ha="right", va="bottom" if above > 0 else "top")
    ax.set(xscale="log", xticks=ks, xticklabels=ks, xlim=(0.85, 40), ylim=(75, 92), xlabel="copies of each image")
    ax.minorticks_off()
    ax.set_title(name)
axes[0].set_ylabel("accuracy on new garments, %")
caption("Against live, one copy costs the small network four points and the residual network eleven. Eight copies still cost the residual network two.")

# %% [markdown]
# ## Copies, or repeats?
#
# Is it the number of copies that counts, or how often each is shown? In one run you can't tell, because more copies are also shown less often. So we trained on 128, 512 and 2,048 images, for 500, 1,000 and 3,000 gradient updates. Each line below is one such setting, and its height is the *gap to live*: how much higher the loss on new garments is.
#
# **Predict first:** drawn against what will the nine lines become one, copies of each image or times shown, which is epochs ÷ copies?

# %% tags=["hide-input", "hide-output"]
KS = np.array([1, 2, 4, 8, 16, 32])
shades, dots = {128: "#0b3d2e", 512: "#2f8f6b", 2048: "#95cdb2"}, {500: "o", 1000: "s", 3000: "^"}
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(10, 4.6))
gaps = {}
for n in shades:
    for updates in dots:
        runs = summarise(study[(study["n"] == n) & (study["update"] <= updates)])
        gaps[n, updates] = np.array([differences(runs, f"copies-{k}", "live").mean() for k in KS])
        for ax, x in zip(axes, [KS, updates * 32 / n / KS], strict=True):
            ax.plot(x, gaps[n, updates], dots[updates] + "-", color=shades[n], markersize=6, linewidth=1)
ticks = [KS, [3, 10, 25, 50, 100, 250, 750]]
for ax, at, title in zip(axes, ticks, ["copies of each image", "times shown = epochs ÷ copies"], strict=True):
    ax.set(xscale="log", yscale="log", xlabel=title, ylim=(0.003, 0.8), xticks=at, xticklabels=at)
    ax.minorticks_off()
axes[1].set_xlim(2.5, 900)
axes[0].set(yticks=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5], yticklabels=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5])
axes[0].set_title("gap to live, in loss")
for (n, shade), (updates, dot) in zip(shades.items(), dots.items(), strict=True):
    axes[0].plot([], [], color=shade, linewidth=4, label=f"{n:,} images")
    axes[0].plot([], [], dot, color="0.3", label=f"{updates:,} updates")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
caption("Against the times shown, the nine lines nearly become one.")

# %% [markdown]
# So a copy is neither good nor bad. It wears out: the more often it is shown, the better it is memorised.

# %% [markdown]
# ## Replace the images, or add to them?
#
# Your disk has room for two pictures of each image. Do you store two copies, or the original and one copy? Decide, then unfold.

# %% tags=["hide-input", "hide-output", "slide"]
arms = {"none": "no augmentation", "copies-2": "2 copies", "originals+1": "original + 1 copy", "live": "live"}
ends = {n: summarise(study[study["n"] == n]) for n in (128, 512, 2048)}
table = pd.DataFrame({n: 100 * runs.groupby("arm")["val_accuracy"].mean()[list(arms)] for n, runs in ends.items()})
show_table(table.rename(index=arms).T.rename_axis("images"), digits=1)
caption("Accuracy on new garments, %. Keep the originals: in the same memory they are better than a second copy.")

# %% [markdown]
# Copies are a little off from what the network will meet, and originals are not. So keep them in the store. (With 2,048 images there is little to win either way: live is level with no augmentation.)
#
# Leaving some pictures unchanged can help live, too. A quarter was harmless, and sometimes a point: in loss it was better than full live in three of six settings that we registered, and equivalent in the others ([Choosing a policy](going_deeper/choosing_a_policy.ipynb)).

# %% [markdown]
# ## Bet on the halving
#
# How do you know in your own network whether you have enough copies? Double them once and look. If two copies in place of one gained a lot, then four will gain again. We found a rough rule of thumb:
#
# > **What the last doubling gained is about what live would still add.**
#
# It needs no live run, which helps where another program writes the copies. Try it where nobody has: 96 garments for 100 epochs, eight pairs of runs. `compare` trains each of the methods on the same images, from the same initial weights. (In code, four copies are called `copies-4`.)

# %% tags=["slide-with"]
from helpers.augment import RandomAffine
from helpers.compare import compare
from helpers.data import load_garments

augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
n, updates = 96, 300
bet = compare(
    load_garments(), ["copies-1", "copies-2", "copies-4", "live"], augment, n, updates,
    replicates=8, evaluate_at=[280, 290, 300],
)
loss = summarise(bet).groupby("arm")["val_loss"].mean()
for k in (1, 2, 4):
    print(f"copies: {k}, loss on new garments ≈ {loss[f'copies-{k}']:.2f}")

# %% [markdown]
# **Your bet:** by how much will live be below four copies, and below two? Write both down, then unfold.

# %% tags=["hide-input", "hide-output", "slide"]
rows = []
for k in (2, 4):
    rows.append([f"{k} copies", loss[f"copies-{k // 2}"] - loss[f"copies-{k}"], loss[f"copies-{k}"] - loss["live"]])
show_table(pd.DataFrame(rows, columns=["with", "the last doubling gained", "live adds"]), approximate=True)
caption("After the first doubling the rule promised too much here, and after the second it was about right.")

# %% [markdown]
# We registered the rule and tried it on 15 stores in new runs. It was typically off by a factor of 1.55, so it says no exact number. But it judged 15 of 15 rightly: whether live would still gain more than a margin of 0.02. (Always saying yes is right about 9.) In accuracy it can fail: with 128 cells what the second copy gained was *undecided*, and live would still add 5.5 points.
#
# If you can run live once, a simpler rule held: K copies cost about a K-th of what one copy costs, in loss. That is typically off by a factor of 1.44, and a residual network pays more.

# %% [markdown]
# ## Your order, answered
#
# Here is what each store costs against live, in points of accuracy. (These are eight other runs of the residual network than on the front page, where no augmentation and live have 83 and 89 %.) "3x", the originals and two copies in one shuffle, cost the residual network 3.5 points.

# %% tags=["hide-input", "slide"]
prices = {"copies-1": "1 copy", "copies-2": "2 copies", "copies-4": "4 copies", "originals+4": "originals + 4 copies", "copies-8": "8 copies", "copies-16": "16 copies"}
cost = pd.DataFrame({name: found["live"] - found.reindex(list(prices)) for name, found in accuracy.items()})
show_table(cost.rename(index=prices).rename_axis("512 garments"), digits=1)

# %% [markdown]
# *A dash was not run.*
#
# **Train live. If you must store, keep the originals and make many copies. How many you need depends on your epochs and your network.**

# %% [markdown]
# ## On your own pipeline
#
# The riddle of lesson 00 works on any classifier with one sigmoid output. Does it know its own originals, and does it ignore the changes of its own policy?

# %%
def know_your_network(model, shown, originals, labels, unseen, policy):
    of_shown, of_originals = (
        100 * np.mean((model.predict(pictures, verbose=0)[:, 0] > 0.5) == labels) for pictures in (shown, originals)
    )
    before = model.predict(unseen, verbose=0) > 0.5
    after = model.predict(policy(unseen, training=True), verbose=0) > 0.5
    changed = 100 * np.mean(before != after)
    return f"shown ≈ {of_shown:3.0f} %, originals ≈ {of_originals:3.0f} %, answers that the policy changes ≈ {changed:3.0f} %"

# %%
import keras

from helpers.model import small_model

x, y, unseen, _ = load_garments()
x, y = x[:512], y[:512]
found = {}
for name, pictures in {"1 copy": augment(x), "live": x}.items():
    keras.utils.set_random_seed(0)  # of the shuffle
    model = small_model(seed=0)
    model = model if name == "1 copy" else keras.Sequential([augment, model])
    model.compile("adam", "binary_crossentropy")
    model.fit(pictures, y, epochs=60, verbose=0)
    shown = pictures if name == "1 copy" else augment(x)
    found[name] = know_your_network(model, shown, x, y, unseen, augment)
    print(f"{name}: {found[name]}")

# %% [markdown]
# Where the second number is well below the first, your network has memorised its copies. Then try one live run.

# %% [markdown]
# ## In practice and limits
#
# Two networks (the residual one is the ResNet-8 of lesson 00), garments of 28 pixels, mild changes. The rules were not tried on large networks or photographs. A pretrained network gained nothing from live while only its last layer was trained.

# %% [markdown] tags=["slide"]
# ## Take-away
#
# 1. **If you augment, make new versions in every epoch.** A ResNet-8 that got one frozen copy of each image was right about 100 % of the copies and 84 % of the images that they came from. With new versions in every epoch (*live*) it was right about 98 % of those images.
# 2. **Never swap your images for one copy each.** That ResNet was right about 78 % of new images, about 83 % without augmentation, and about 89 % live.
# 3. **Must you store? Keep the originals, and make many copies.** Sixteen in place of each image cost at most 1.6 points of accuracy against live, wherever we ran them.
#
# You can stop here: with lesson [00](00_start_here.ipynb) you know what the series says, and how to try it.

# %%
# The message, in your own run: the more versions, the better, and live has the most.
assert loss["live"] < loss["copies-2"] < loss["copies-1"]

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You train for 60 epochs over your images with originals and two copies of each. How often is each picture shown?</summary>
#
# Twenty times. Three pictures take turns, so it is epochs ÷ 3.
#
# </details>
#
# <details><summary>2. You have a quarter of the images and train for as many updates. Do you need fewer copies?</summary>
#
# No, about four times as many. A quarter of the images makes four times the epochs, so each copy is shown four times as often.
#
# </details>
#
# <details><summary>3. Your disk holds 2,000 pictures and you have 1,000 images. Two copies of each?</summary>
#
# Rather the originals and one copy of each.
#
# </details>
#
# <details><summary>4. Going from two copies to four gained next to nothing. Is it worth training live?</summary>
#
# Hardly, by the rule of thumb, if you mean the loss.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/05_how_many_copies.ipynb).

# %% [markdown]
# ### Exercise 1: Ten times at most
#
# You keep the originals and train for 120 epochs over your images. No picture shall be shown more than ten times. How many copies of each image do you store beside the originals, at least?

# %%
from exercises import check

copies = ...  # a whole number
check("05.1", copies)

# %% [markdown]
# ### Exercise 2: What the originals save
#
# `above_live` gives the gap of K copies to live. Change it to that of originals + K copies, compared with live that shows *the same share of originals*: `live-4/5` for K = 4, where four of five pictures are augmented. What do the originals save?

# %%
def above_live(runs, k):
    """Gap to live in loss: paired differences, one a replicate."""
    return differences(runs, f"copies-{k}", "live")


for k in (1, 4, 16):
    print(f"{k:2} copies of 512 garments: {above_live(ends[512], k).mean():.3f} above live")
check("05.2", ...)  # put above_live in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: Does the order matter?
#
# Until now the copies took turns: the first of every image, then the second. A folder is shuffled instead (`pool-4`, `pool-16` in the table). Write down whether you expect a difference in loss and in accuracy, and why. Then compare them with `copies-4` and `copies-16`.

# %%
for k in (4, 16):
    for metric in ("val_loss", "val_accuracy"):
        print(f"{k:2} copies, shuffled minus in turns, {metric}: {differences(ends[128], f'pool-{k}', f'copies-{k}', metric).mean():.3f}")

# %% [markdown]
# **Next:** [06 When live is not live](06_when_live_is_not_live.ipynb) shows how live augmentation stops without anybody noticing.
#
# ## What this page claims, checked

# %% tags=["hide-input", "hide-output"]
import re

from helpers.show import Claims
from helpers.stats import judge

small, residual = accuracy["small network"], accuracy["residual network"]
mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
better = [judge(differences(runs, "originals+1", "copies-2"), "val_loss")[2] for runs in ends.values()]
bet_gap = loss["copies-4"] - loss["live"], loss["copies-2"] - loss["copies-4"]

claims = Claims(n=(n, 96), updates=(updates, 300), policy=(augment, mild))
claims.check("stored: 1 copy costs the small network 4 to 5 points against live, the residual one 10 to 12",
             bool(4 < small["live"] - small["copies-1"] < 5 and 10 < residual["live"] - residual["copies-1"] < 12))
claims.check("stored: in both networks 1 copy is less accurate than no augmentation",
             bool(small["copies-1"] < small["none"] and residual["copies-1"] < residual["none"]))
claims.check("stored: 16 copies cost either network between 0.2 and 0.8 points",
             bool(all(0.2 < a["live"] - a["copies-16"] < 0.8 for a in (small, residual))))
claims.check("stored: the original and 1 copy are better than 2 copies in loss with 128, 512 and 2,048 images",
             dict(zip((128, 512, 2048), better, strict=True)) == dict.fromkeys((128, 512, 2048), "better"))
registered = pd.read_csv(FOLDER / "freeze-or-renew.csv")
setting = ["row", "dataset", "n", "model", "rate", "batch"]
gained = registered.query("row in (3, 7)").pivot_table(index=setting, columns="arm", values="val_accuracy")
gained = 100 * (gained["live-3/4"] - gained["live"])
claims.check("registered: a quarter unchanged is above full live in mean accuracy in all 6 settings, in the residual network by 1 point",
             bool(len(gained) == 6 and (gained > 0).all() and round(gained.xs("residual", level="model").item()) == 1))
three_x = differences(registered.query("row == 8 and model == 'residual'"), "originals+pool-2", "live", "val_accuracy").mean()
shown_here, originals_here, _ = (int(share) for share in re.findall(r"≈ +(\d+) %", found["1 copy"]))
claims.check("trained here: one copy knows its copies better than their originals", shown_here > originals_here + 1)
claims.check("registered: 3x, the originals and 2 copies, costs the residual network 3.5 points", round(-100 * three_x, 1) == 3.5)
claims.check("stored: 8 copies cost the residual network two points (1.5 to 2.5) against live",
             bool(1.5 < residual["live"] - residual["copies-8"] < 2.5))
claims.check("the bet: the doubling from 2 to 4 copies and live's gain over 4 copies differ by less than 0.06",
             bool(abs(bet_gap[0] - bet_gap[1]) < 0.06))
claims.check("the bet: 1 copy is above 4 copies by more than 0.05", bool(loss["copies-1"] - loss["copies-4"] > 0.05))
