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
# Worked answers to the exercises of lesson [01](../01_static_versus_live.ipynb). Try them yourself first. They take 3 minutes.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Exercise 1: Seen before
#
# You train for 20 epochs on 512 images, with 8 copies that take turns. How many of the pictures that are shown has the network seen before, exactly so?

# %%
from exercises import check

seen_before = (20 - 8) * 512  # the first eight epochs show nothing twice, the other twelve nothing new
check("01.1", seen_before)

# %% [markdown]
# `schedule` says the same. An epoch of 512 pictures makes 16 batches of 32, so 20 epochs make 320 updates.

# %%
import numpy as np
from helpers.methods import schedule

plan = schedule("copies-8", n=512, updates=320)
shown = np.stack([plan.source.ravel(), plan.version.ravel()], axis=1)
different = len(np.unique(shown, axis=0))
print(f"{len(shown):,} pictures shown, {different:,} of them different, so {len(shown) - different:,} seen before")

# %% [markdown]
# A tempting answer is 2,048, because the last four epochs are a third round. But the second round, epochs 9 to 16, shows nothing new either.

# %% [markdown]
# ## Exercise 2: A fair partner
#
# In code, four copies in turn are called `copies-4`. Where the original takes a turn, too, they are `originals+4`, and a fifth of the pictures are originals. The live method that leaves a fifth of its pictures unchanged is `live-4/5`.
#
# Write `partner`, which takes the name of a static method, copies-K or originals+K with any K, and returns the name of the live one that shows originals just as often. (In Python, `"originals+4".split("+")` gives the two parts of a name.)

# %%
def partner(method):
    kind, _, copies = method.partition("+")
    return f"live-{copies}/{int(copies) + 1}" if kind == "originals" else "live"


print({method: partner(method) for method in ("copies-4", "originals+4")})
check("01.2", partner)

# %%
for method in ("copies-4", "originals+1", "originals+4", "originals+9"):
    for name in (method, partner(method)):
        originals = np.mean(schedule(name, n=128, updates=400).version == 0)
        print(f"{name:12} {originals:4.0%} originals")

# %% [markdown]
# The clock of originals + K copies has K + 1 numbers, and one of them is the original. So the original is shown once in K + 1 epochs, and live has to change the other K. Copies alone never show it, whatever K is. Writing 1/K is the usual slip, as if the original were one of the K copies.

# %% [markdown]
# ## Exercise 3: One shuffle over the whole store
#
# `fit` knows nothing of copies that take turns: it shuffles the whole store, as the method `pool-16` does. Will 64 updates of it, as many as sixteen live epochs, give live's weights? If not, what is still equal? Write down what you expect, then look with `schedule`.

# %% [markdown]
# One answer among others. We expected other weights, because the batches hold other pictures. But we expected every picture of the live run to come exactly once here, too.

# %%
def pictures(plan):
    return set(zip(plan.source.ravel().tolist(), plan.version.ravel().tolist(), strict=True))


pool, live = (schedule(method, n=128, updates=64) for method in ("pool-16", "live"))
same_batch = set(pool.source[0]) == set(live.source[0])
print("the same first batch as live?", same_batch)
print("the same set of pictures as live?", pictures(pool) == pictures(live))

# %% [markdown]
# Already the first batch is another, so the weights differ. But what matters is kept: all 2,048 pictures come once, as in live, and only their order is another. So `fit` can train live from a stored array, though the weights won't be identical.

# %%
assert pictures(pool) == pictures(live) and not same_batch
