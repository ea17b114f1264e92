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
# # Solutions to lesson 01: Static versus live
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/solutions/01_static_versus_live.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/solutions/01_static_versus_live.ipynb)
#
# Worked answers to the exercises of lesson 01, which you need to have read. Try them yourself first. It takes about one minute on two cores.

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

# %%
import numpy as np
from helpers.augment import RandomAffine
from helpers.data import load_garments
from exercises import check
from helpers.tables import FOLDER, read_results
from helpers.stats import paired_interval
from helpers.arms import schedule
from helpers.compare import compare, differences, report, summarise

garments = load_garments()
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
evaluations = [368, 376, 384, 392, 400]

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: The originals join the pool
#
# With 128 garments and 400 updates, how does live compare with originals + 4 copies at equal clean share? Set `answer` to the verdict that you expect. Then train `pair` with `compare` on eight replicates, see the verdict with `report`, put it into `answer` and run the cell again. What changes if you take plain live instead?

# %%
arms = ["originals+4", "live-4/5", "live"]
curves = compare(garments, arms, policy, n=128, updates=400, replicates=8, evaluate_at=evaluations)
runs = summarise(curves)
pair = ("live-4/5", "originals+4")
answer = report(runs, [pair], stored=False)[pair]
check("01.1", answer)
assert answer == "equivalent"

# %% [markdown]
# And plain live, which never shows an original, against the same pool? No verdict here: on another machine the lower end might cross zero.

# %%
interval = paired_interval(differences(runs, "live", "originals+4"))
print("live minus originals+4 ≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}]".format(*interval))
share = paired_interval(differences(runs, "live", "live-4/5"))
print("live minus live-4/5    ≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}]".format(*share))
assert interval.mean > 0.005 and share.low > 0.005

# %% [markdown]
# At equal clean share the two are equivalent. Plain live comes out *higher* than the pool, by about as much as it lies above live with a fifth of the images clean. Whoever compares it with originals + 4 sees the missing originals and takes them for an effect of endless variety. With 128 garments and 400 updates they matter by ≈ 0.016; at n = 512 and 3,000 updates it was 0.006.

# %% [markdown]
# ### Exercise 2: A fair partner
#
# Write `partner`, which takes the name of a static arm, copies-K or originals+K with any K, and returns the name of the live arm that shows originals just as often. The starter is right for one of the two kinds. (In Python, `"originals+4".split("+")` gives the two parts of a name.)

# %%
def partner(arm):
    kind, _, copies = arm.partition("+")
    return f"live-{copies}/{int(copies) + 1}" if kind == "originals" else "live"


print({arm: partner(arm) for arm in ("copies-4", "originals+4")})
check("01.2", partner)

# %%
for arm in ("copies-4", "originals+1", "originals+4", "originals+9"):
    shares = [np.mean(schedule(name, n=128, updates=400).version == 0) for name in (arm, partner(arm))]
    print(f"{arm:12} {shares[0]:4.0%}   {partner(arm):9} {shares[1]:4.0%}")
    assert abs(shares[0] - shares[1]) < 0.02

# %% [markdown]
# The original takes one turn of a clock of K + 1, so it is shown 1/(K + 1) of the time, and live has to augment the rest: p = K/(K + 1). Copies only never show it, whatever K. Writing 1/K is the usual slip, as if the original were one of the K copies.

# %% [markdown]
# ### Exercise 3: When does live overtake?
#
# After 500 updates live was worse than no augmentation, after 3,000 better. When does it overtake? `main` holds 20 replicates of both, evaluated at the updates below. Say first what you will call overtaking. Then take the interval of the paired differences at each evaluation. Do the scaled loss and the accuracy (`val_loss_scaled`, `val_accuracy`) give the same answer?

# %% [markdown]
# One answer among others. We call it overtaking when the whole interval lies on live's side of zero, and stays there at every later evaluation; the margin is a second, stricter question.

# %%
stored = read_results(FOLDER / "static-versus-live.csv")
main = stored[(stored["policy"] == "mild") & (stored["model"] == "small") & (stored["rate"] == "constant")]
moments = sorted(main["update"].unique())
METRICS = {"val_loss": "loss", "val_loss_scaled": "scaled loss", "val_accuracy": "accuracy"}
live_leads = {}
for metric in METRICS:
    sign = 1 if metric == "val_accuracy" else -1  # so that more is better for live
    at = [sign * differences(main[main["update"] == moment], "live", "none", metric) for moment in moments]
    live_leads[metric] = [paired_interval(d) for d in at]

# %%
overtaken = {}
for metric, name in METRICS.items():
    behind = [moment for moment, lead in zip(moments, live_leads[metric], strict=True) if lead.high < 0]
    not_ahead = [moment for moment, lead in zip(moments, live_leads[metric], strict=True) if lead.low <= 0]
    overtaken[metric] = min(moment for moment in moments if moment > not_ahead[-1])
    print(f"{name:12} live surely behind up to {behind[-1]:,} updates, ahead from {overtaken[metric]:,} on")
assert overtaken == {"val_loss": 1500, "val_loss_scaled": 2000, "val_accuracy": 2000}

# %% mystnb={"image": {"alt": "Lead of live over no augmentation against updates, in loss, scaled loss and accuracy: all three start below zero; the mean crosses it before 1,000 updates in loss, and for good between 1,000 and 2,000 in the other two."}}
import matplotlib.pyplot as plt
from helpers import plots

plots.use_style()
figure, axes = plt.subplots(1, 3, figsize=(9, 2.8))
for ax, (metric, name) in zip(axes, METRICS.items(), strict=True):
    mean, low, high = np.array(live_leads[metric]).T
    ax.axhline(0, color=plots.GREY, linewidth=1)
    ax.plot(moments, mean, color=plots.BLUE)
    ax.fill_between(moments, low, high, color=plots.BLUE, alpha=0.18, lw=0)
    ax.set(title=name, xlabel="gradient updates")
axes[0].set_ylabel("lead of live over none")
plt.show()

# %% [markdown]
# *Lead of live over no augmentation against updates, in loss, scaled loss and accuracy: all three start below zero; the mean crosses it before 1,000 updates in loss, and for good between 1,000 and 2,000 in the other two.*
#
# Loss puts live ahead one evaluation earlier than the other two do: `none` grows too sure of itself before it falls behind in its decisions. Between the last evaluation that is not ahead and the first that is, the table has nothing, so an honest answer is a stretch, not a number. And 63 intervals are many looks: one alone that excludes zero would be thin evidence.
