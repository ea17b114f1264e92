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
# # Solutions to lesson 06: How strong, how many?
#
# Try the exercises of [lesson 06](../06_how_strong_how_many.ipynb) yourself first.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Only the coats

# %%
import numpy as np
from exercises import check
from helpers.augment import ARTICLE, RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

garments = load_garments()
few = subset(garments, 128)
x, y = few.x_train, few.y_train
policy = RandomAffine(**ARTICLE, seed=0)
is_coat = (y == 1)[:, None, None, None]  # as images have four axes


def shown(epoch):
    versions = policy.version(x, np.arange(128), epoch).numpy()
    return np.where(is_coat, versions, x)


model = small_model(seed=0)
model.compile("adam", "binary_crossentropy")
for epoch in range(100):
    model.fit(shown(epoch), y, batch_size=32, verbose=0)


# %% tags=["nbval-ignore-output"]
def called_coat(images):
    return 100 * np.mean(model.predict(images, verbose=0) > 0.5)


new_x, new_y = garments.x_val, garments.y_val
called_coats = called_coat(policy(new_x[new_y == 0], training=True))

check("coats_changed", called_coats)
print(f"changed pullovers: {called_coats:.0f} % called coats")
print(f"coats as they are: {called_coat(new_x[new_y == 1]):.0f} % called coats")

# %% [markdown]
# The network learnt that what is tilted or cut off is a coat. So it calls nearly every changed pullover a coat, and misses most coats as they are, which are the ones that it will meet. If one class is rare, show it more often, and augment all classes alike.

# %% [markdown]
# ## Exercise 2: What the originals save

# %%
import pandas as pd
from helpers.data import RESULTS

stored = pd.read_csv(RESULTS / "lessons/copies-and-originals.csv")
table = stored.pivot(index="replicate", columns="method", values="val_loss")
partner = {1: "live-1/2", 4: "live-4/5", 16: "live-16/17"}


def above_live(table, k):
    return table[f"originals+{k}"] - table[partner[k]]


check("above_live", above_live)
beside = {k: above_live(table, k).mean() for k in partner}
alone = {k: (table[f"copies-{k}"] - table["live"]).mean() for k in partner}
pd.DataFrame({"copies alone": alone, "beside originals": beside}).round(3)

# %% [markdown]
# The originals take one place on the disk. Beside a single copy they save three quarters of the difference, beside sixteen copies next to nothing. If you keep plain live as the partner, you mix in what a share of originals does to live itself.

# %%
assert called_coats > 90
assert alone[1] - beside[1] > 0.6 * alone[1]
assert alone[16] - beside[16] < 0.005
