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
# # A law for repeated pictures?
#
# Version 0.2 of this series had a formula for what stored copies cost. We registered a test that it could fail, and it came out *weakened*: one constant did as well ([the record](../../data/results/registrations.md#the-law-of-repeated-pictures)). What took its place are [rules that need no run of the copies in question](../../docs/conclusions.md#what-do-stored-copies-cost).
#
# This companion to lesson [05](../05_how_many_copies.ipynb) keeps what those runs say without a formula. Nothing is trained. **Time:** 2 minutes to read, half a minute to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import pandas as pd

from helpers import plots
from helpers.compare import differences
from helpers.show import Claims, show_table
from helpers.stats import judge
from helpers.tables import FOLDER

# %% [markdown]
# ## What people really make
#
# A stored folder is usually shuffled and often holds the originals. The registered runs have such stores, too, scored apart. Here are those of 512 garments.

# %% tags=["hide-input"]
law = pd.read_csv(FOLDER / "law.csv")


def against_live(runs, arm):
    """The gap of an arm to live, its verdict, and both again in points of accuracy."""
    found = []
    for metric, unit in (("val_loss", 1), ("val_accuracy", 100)):
        interval, _, word = judge(differences(runs, arm, "live", metric), metric)
        found += [unit * interval.mean, word]
    return found


COLUMNS = ["loss above live", "in loss it is", "points above live", "in accuracy it is"]
small = law[law["regime"] == 3]
arms = ["pool-4", "pool-16", "originals+pool-4", "fresh-4-10", "pool-4+live"]
stores = pd.DataFrame([against_live(small, arm) for arm in arms], columns=COLUMNS, index=pd.Index(map(plots.arm_label, arms), name="store"))
show_table(stores, digits={"loss above live": 3, "points above live": 1})

# %% [markdown]
# **Live on top of four stored copies** is *worse* than live on the originals, by 0.041 in loss and over two points. It is one setting of 28 pixels, and it may be the blur, because each picture is resampled twice (lesson [07](../07_modern_pipelines.ipynb)). [Lee and others](https://www.usenix.org/conference/atc21/presentation/lee) (2021) store half-augmented pictures, finish them live, and report comparable accuracy. **Four copies made anew after ten epochs** are equivalent to live.
#
# ## In a network that was trained before
#
# We trained the residual network on the other eight kinds of garments first, and then for 31 epochs on 512 pullovers and coats. Once all of it learned on (*fine-tuned*), and once only a new last layer did (*frozen*).

# %% tags=["hide-input"]
rows, pretrained = [], {}
for network, label in {"residual-tuned": "fine-tuned", "residual-frozen": "frozen"}.items():
    runs = law[law["model"] == network]
    for arm in ("none", "copies-1", "copies-4", "originals+pool-4"):
        pretrained[network, arm] = against_live(runs, arm)
        rows.append([label, plots.arm_label(arm), *pretrained[network, arm]])
show_table(pd.DataFrame(rows, columns=["network", "trained with", *COLUMNS]), digits={"loss above live": 3, "points above live": 1})

# %% [markdown]
# Fine-tuned, one copy in place of each image costs almost four points against live, and the originals with four copies are 0.6 points more accurate than it. With frozen features no pool is worse than live by the margin, but at our rate the last layer hardly learned anything.
#
# ## In practice and limits
#
# These are small networks on small grey pictures, one setting each.
#
# The design of fixed sets of copies is that of [Geiping and others](https://arxiv.org/abs/2210.06441) (2023). [Muennighoff and others](https://arxiv.org/abs/2305.16264) (2023) ask the same of repeated text.
#
# ## What this page claims, checked

# %% tags=["hide-input"]
def words_of(found):
    return [found[1], found[3]]


claims = Claims()
live_on_top, renewed = (words_of(stores.loc[plots.arm_label(arm)].tolist()) for arm in ("pool-4+live", "fresh-4-10"))
claims.check("live on top of 4 copies: worse than live in loss and accuracy, by more than two points",
             live_on_top == ["worse"] * 2 and bool(stores.loc["live on top of 4 copies", "points above live"] < -2))
claims.check("4 copies made anew: equivalent to live in both", renewed == ["equivalent"] * 2)
claims.check("fine-tuned: one copy is worse than live in both, by 3.5 to 4 points",
             words_of(pretrained["residual-tuned", "copies-1"]) == ["worse"] * 2 and -4 < pretrained["residual-tuned", "copies-1"][2] < -3.5)
claims.check("fine-tuned: originals and 4 copies are equivalent in loss and better in accuracy",
             words_of(pretrained["residual-tuned", "originals+pool-4"]) == ["equivalent", "better"])
claims.check("frozen: in loss the pools are equivalent to live",
             {pretrained["residual-frozen", arm][1] for arm in ("copies-1", "copies-4", "originals+pool-4")} == {"equivalent"})
