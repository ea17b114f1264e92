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
# # Solutions to lesson 03: Overfitting curves

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Stop early
#
# Take the row of each run's lowest loss, then the mean of a method.

# %%
import numpy as np
import pandas as pd
from exercises import check
from helpers.data import RESULTS

twenty = pd.read_csv(RESULTS / "lessons/curves.csv")
lowest = twenty.loc[twenty.groupby(["run", "method"])["loss"].idxmin()]
stopped = lowest.groupby("method")["accuracy"].mean()
answer = stopped["no augmentation"] - stopped["1 copy"]
print(f"{answer:.2f} points")
check("stopping", answer)

# %% [markdown]
# ## Exercise 2: How over-confident?
#
# The confidence of a pullover is one minus the probability of a coat.

# %%
def over_confidence(p, labels):
    confidence = np.maximum(p, 1 - p)
    accuracy = np.mean((p > 0.5) == labels)
    return np.mean(confidence) - accuracy


check("over_confidence", over_confidence)
assert 5 < answer < 6
