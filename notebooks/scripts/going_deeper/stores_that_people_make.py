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
# # Stores that people make
#
# A stored folder is usually shuffled, and often it holds the originals. Some people augment live on top of it, some make it anew from time to time, and many fine-tune a pretrained network with it. This companion to lesson [05](../05_how_many_copies.ipynb) compares each with live. Nothing is trained. **Time:** 3 minutes to read, half a minute to run.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Five stores, against live
#
# Here are stores of 512 garments, trained on for 188 epochs, twenty pairs each. Which of them do you expect to be as good as live?

# %%
import pandas as pd

from helpers import plots
from helpers.compare import differences, summarise
from helpers.show import caption, show_table
from helpers.stats import judge
from helpers.tables import FOLDER


def against_live(runs, arm):
    found = {"store": plots.arm_label(arm)}
    for metric, scale, name in (("val_loss", 1, "loss"), ("val_accuracy", 100, "points")):
        interval, _, word = judge(differences(runs, arm, "live", metric), metric)
        found |= {f"{name} above live": scale * interval.mean, f"in {name} it is": word}
    return found


DIGITS = {"loss above live": 3, "points above live": 1}

# %% tags=["hide-output"]
law = pd.read_csv(FOLDER / "law.csv")
registered = pd.read_csv(FOLDER / "freeze-or-renew.csv")
small = law.query("regime == 3")
three_x = registered.query("row == 8 and model == 'small' and n == 512")
stores = [against_live(small, arm) for arm in ("pool-4", "pool-16", "fresh-4-10", "pool-4+live")]
stores.append(against_live(three_x, "originals+pool-2"))
show_table(pd.DataFrame(stores), digits=DIGITS)
caption("Small network, 512 garments. Four copies made anew every ten epochs are level with live. Live on top of stored copies isn't.")

# %% [markdown]
# ## Live on top of stored copies
#
# The store is there already, so why not augment its pictures live as well? No picture ever comes again. And yet this is *worse* than live on the originals, by 0.041 in loss and 2.3 points, and worse than the four copies alone. It may be the blur, because each picture is resampled twice (lesson [07](../07_modern_pipelines.ipynb)), and a change of a change goes further than the policy allows. If your offline images are copies, train live on the originals alone.
#
# That was seen [afterwards](../../docs/conclusions.md), in one setting of 28 pixels. [Lee and others](https://www.usenix.org/conference/atc21/presentation/lee) (2021) store half-augmented pictures, finish them live, and report comparable accuracy.
#
# ## Copies that are made anew
#
# If live is too slow, make four copies in the background and replace them every ten epochs. Each picture then comes two or three times, and the store is *equivalent* to live in loss and in accuracy. Four copies that stay are worse.
#
# ## "3x", in three settings
#
# The originals and two copies of each, under one shuffle, are what labelling services sell. We [registered](../../data/results/freeze-or-renew.md) that it would be worse than live in loss in three settings, and it was.

# %% tags=["hide-output"]
rows = []
for model, n in (("small", 128), ("small", 512), ("residual", 512)):
    runs = registered.query("row == 8 and model == @model and n == @n")
    rows.append({"network": model, "garments": n, **against_live(runs, "originals+pool-2")})
show_table(pd.DataFrame(rows).drop(columns="store"), digits=DIGITS)
caption("“3x” costs the small network less than a point of accuracy, and the residual network 3.5.")

# %% [markdown]
# ## In a network that was trained before
#
# We trained the residual network on the other eight kinds of garments first, and then for 31 epochs on 512 pullovers and coats. Once all of it learned on (*fine-tuned*), and once only a new last layer did (*frozen*). Where does one copy still harm?

# %% tags=["hide-output"]
rows = []
for network, label in {"residual-tuned": "fine-tuned", "residual-frozen": "frozen"}.items():
    runs = law[law["model"] == network]
    for arm in ("none", "copies-1", "copies-4", "originals+pool-4"):
        rows.append({"network": label, **against_live(runs, arm)})
pretrained = pd.DataFrame(rows)
show_table(pretrained, digits=DIGITS)
caption("Fine-tuned, one copy costs almost four points, and everything else is within a point of live.")

# %% [markdown]
# Fine-tuned, the originals with four copies are 0.6 points more accurate than live, which shows no originals. With frozen features no store is worse than live by the margin in loss. But at our rate the last layer hardly learned anything, and live was less accurate than no augmentation. What came out with a network pretrained on ImageNet is in [Registered](../../docs/results.md#photographs-fine-tuned).

# %%
# The message: what is renewed is level with live, and what is frozen or changed twice isn't.
words = {store["store"]: store["in loss it is"] for store in stores}
assert words["4 copies, new after 10 epochs"] == "equivalent"
assert words["4 copies, shuffled"] == words["live on top of 4 copies"] == "worse"

# %% [markdown]
# ## In practice and limits
#
# Small grey pictures, and two small networks. The design of fixed sets of copies is that of [Geiping and others](https://arxiv.org/abs/2210.06441) (2023). [Muennighoff and others](https://arxiv.org/abs/2305.16264) (2023) ask the same of repeated text.
