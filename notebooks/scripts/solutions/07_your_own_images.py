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
# # Solutions to lesson 07: Your own images
#
# Try the exercises of [lesson 07](../07_your_own_images.ipynb) yourself first.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Which files belong together?

# %%
from exercises import check


def group_of(path):
    return path.name.split("_")[0]


check("groups", group_of)

# %% [markdown]
# The first five letters put plant 12 together with plant 1.

# %% [markdown]
# ## Exercise 2: Fine-tuning

# %%
import pandas as pd
from helpers.data import RESULTS
from helpers.stats import paired_interval, verdict

pairs = pd.read_csv(RESULTS / "lessons/fine-tuning.csv")
table = pairs.pivot(index=["images", "pair"], columns="method", values="accuracy")
gained = table["live"] - table["none"]

answer = {}
for images in ("hands", "CIFAR-10"):
    interval = paired_interval(gained[images])
    answer[images] = verdict(interval, 1, lower_is_better=False)
    print(f"{images}: {interval.low:+.1f} to {interval.high:+.1f}, {answer[images]}")
check("fine_tuning", answer)

# %% [markdown]
# So with 300 photographs of your own nobody can tell you beforehand. Hold out whole groups, fine-tune at a tenth of Adam's usual rate so that the network doesn't forget, and run the pairs. A plan that fits: 240 photographs to train on, `n` of 224, 280 updates, eight pairs, and a margin of about three photographs. The eight runs share nearly all images, so their interval covers the luck of training, and not of the photographs.

# %%
assert answer == {"hands": "better", "CIFAR-10": "undecided"}
