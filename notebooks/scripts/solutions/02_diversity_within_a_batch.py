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
# # Solutions to lesson 02: Diversity within a batch

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Seen before

# %%
from exercises import check

# The first eight epochs show nothing twice, and the other twelve nothing new.
seen_before = (20 - 8) * 512
check("seen_before", seen_before)

# %% [markdown]
# ## Exercise 2: Shuffled without a random number

# %%
import numpy as np

# A column a copy: all garments in copy 0, then all in copy 1, and so on.
order = np.arange(128 * 16).reshape(128, 16).T.reshape(64, 32)

print("first batch, garments:", *(order // 16)[0])
check("siblings", order)

# %% [markdown]
# This is static augmentation with sixteen copies, one an epoch.

# %%
assert all(len(set(batch)) == 32 for batch in (order // 16).tolist())
