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
# # Solutions to lesson 01: Static versus live
#
# Worked answers to the exercises of lesson [01](../01_static_versus_live.ipynb). Try them yourself first. They take 4 minutes to read and less than one to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import numpy as np

from exercises import check
from helpers.arms import schedule
from helpers.show import Claims

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Seen before
#
# You train for 20 epochs on 512 images, with 8 copies that take turns. How many of the pictures that are shown has the network seen before, exactly so?

# %%
seen_before = (20 - 8) * 512  # the first eight epochs show nothing twice, the other twelve nothing new
check("01.1", seen_before)

# %% [markdown]
# `schedule` says the same. An epoch of 512 pictures makes 16 batches of 32, so 20 epochs make 320 updates.

# %%
plan = schedule("copies-8", n=512, updates=320)
shown = np.stack([plan.source.ravel(), plan.version.ravel()], axis=1)
different = len(np.unique(shown, axis=0))
print(f"{len(shown):,} pictures shown, {different:,} of them different, so {len(shown) - different:,} seen before")

# %% [markdown]
# A tempting answer is 2,048, because the last four epochs are a third round. But the second round, epochs 9 to 16, shows nothing new either.

# %% [markdown]
# ### Exercise 2: A fair partner
#
# Write `partner`, which takes the name of a static method, copies-K or originals+K with any K, and returns the name of the live one that shows originals just as often. (In Python, `"originals+4".split("+")` gives the two parts of a name.)

# %%
def partner(arm):
    kind, _, copies = arm.partition("+")
    return f"live-{copies}/{int(copies) + 1}" if kind == "originals" else "live"


print({arm: partner(arm) for arm in ("copies-4", "originals+4")})
check("01.2", partner)

# %%
shares = {}
for arm in ("copies-4", "originals+1", "originals+4", "originals+9"):
    versions = [schedule(name, n=128, updates=400).version for name in (arm, partner(arm))]
    shares[arm] = [np.mean(v == 0) for v in versions]
    print(f"{arm:12} {shares[arm][0]:4.0%}   {partner(arm):9} {shares[arm][1]:4.0%}")

# %% [markdown]
# The clock of originals + K copies has K + 1 numbers, and one of them is the original. So the original is shown once in K + 1 epochs, and live has to change the other K. Copies alone never show it, whatever K is. Writing 1/K is the usual slip, as if the original were one of the K copies.

# %% [markdown]
# ### Exercise 3: One shuffle over the whole store
#
# `fit` knows nothing of copies that take turns: it shuffles the whole store, as the arm `pool-16` does. Will 64 updates of it, as many as sixteen live epochs, give live's weights? If not, what is still equal? Write down what you expect, then look with `schedule`.

# %% [markdown]
# One answer among others. We expected other weights, because the batches hold other pictures. But we expected every picture of the live run to come exactly once here, too.

# %%
def pictures(arm):
    plan = schedule(arm, n=128, updates=64)
    return set(zip(plan.source.ravel().tolist(), plan.version.ravel().tolist(), strict=True))


plan = schedule("pool-16", n=128, updates=64)
same_batch = np.array_equal(np.sort(plan.source[0]), np.sort(schedule("live", n=128, updates=64).source[0]))
twice = np.mean([len(np.unique(batch)) < 32 for batch in plan.source])
print("the same first batch as live?", same_batch)
print("the same set of pictures as live?", pictures("pool-16") == pictures("live"))
print(f"{twice:.0%} of the batches show some garment more than once")

# %% [markdown]
# Already the first batch is another, so the weights differ. But what matters is kept: all 2,048 pictures come once, as in live, and only their order is another. So `fit` can train live from a stored array, though the weights won't be identical.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
claims = Claims()
claims.check("20 epochs of 512 images and 8 copies show 6,144 pictures again",
             len(shown) == 20 * 512 and len(shown) - different == 6144)
claims.check("each partner shows originals as often, within 0.02",
             all(abs(static - live) < 0.02 for static, live in shares.values()))
claims.check("the first batch of the shuffled store holds other garments than live's", not same_batch)
claims.check("but the shuffled store shows the same pictures, each once",
             pictures("pool-16") == pictures("live") and len(pictures("pool-16")) == 2048)
claims.check("in more than 90 % of the batches some garment comes more than once", bool(twice > 0.9))
