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
# # Solutions to lesson 05: How strong?
#
# Worked answers to the exercises of notebook 05, which you need to have read. Try them yourself first. Two networks are trained, in less than a minute.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: How far from your images?
#
# *Affinity* is the accuracy of a network that was trained without augmentation on *changed* new images, divided by that on new images as they are. Compute it in three lines for the article's policy. Then put in a policy of your own.

# %%
import numpy as np

from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

n = 128
garments = load_garments()
x, y = subset(garments, n)[:2]
new_x, new_y = garments.x_val, garments.y_val

# %%
def policy(strength):
    return RandomAffine(
        rotation_range=20 * strength,
        width_shift_range=0.2 * strength,
        height_shift_range=0.2 * strength,
        shear_range=0.2 * strength,
        zoom_range=0.2 * strength,
        horizontal_flip=True,
        seed=0,
    )

# %%
model = small_model(seed=0)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, batch_size=32, epochs=100, verbose=0)

# %%
from exercises import check

changed = policy(1)(new_x)
accuracy = [model.evaluate(images, new_y, verbose=0)[1] for images in (changed, new_x)]
affinity = accuracy[0] / accuracy[1]

check("05.1", affinity)
print(f"affinity ≈ {affinity:.2f}")

# %% [markdown]
# A policy of your own goes in the place of `policy(1)`. Affinity says how far a policy leads away from what this network has learnt, and not whether training with it helps.
#
# One part of the claim can be measured without any network, which is where a garment stands. How many versions in a hundred have their middle further to one side than every new garment?

# %%
def middle(images):
    brightness = np.asarray(images)[..., 0].sum(axis=1)  # of each column of pixels
    return brightness @ np.arange(28) / brightness.sum(axis=1)


least, most = middle(new_x).min(), middle(new_x).max()
for strength in (0, 0.25, 0.5, 1):
    versions = middle(policy(strength).version(new_x, np.arange(2000), 0))
    outside = (versions < least) | (versions > most)
    print(f"strength {strength}: ≈ {100 * outside.mean():.0f} in a hundred")

# %% [markdown]
# At a quarter hardly any, and at the whole of the article's ranges more than half. So these versions show a network garments where it will never meet one.

# %% [markdown]
# ## Exercise 2: Only the coats
#
# Coats are rare, somebody says, so only they are augmented. What else could the network learn from that? Train it, with `shown(epoch)` changed so that coats come as live versions and pullovers as they are. Then change all new *pullovers* by the same policy. Of a hundred of these, how many does it call coats?

# %%
is_coat = (y == 1)[:, None, None, None]  # as images have four axes


def shown(epoch):
    versions = policy(1).version(x, np.arange(n), epoch).numpy()
    return np.where(is_coat, versions, x)


model = small_model(seed=0)
model.compile("adam", "binary_crossentropy")
for epoch in range(100):
    model.fit(shown(epoch), y, batch_size=32, verbose=0)

# %%
def called_coat(images):
    return 100 * np.mean(model.predict(images, verbose=0) > 0.5)


pullovers, coats = new_x[new_y == 0], new_x[new_y == 1]
called_coats = called_coat(policy(1)(pullovers))

check("05.2", called_coats)
print(f"changed pullovers: ≈ {called_coats:.0f} % (94 to 100) called coats")
print(f"coats as they are: ≈ {called_coat(coats):.0f} % (20 to 45) called coats")

# %% [markdown]
# The network learnt that what is tilted or cut off is a coat. So it calls nearly every changed pullover a coat, and misses most coats as they are, which are the ones that it will meet. If one class is rare, show it more often, and augment all classes alike.

# %%
assert affinity < 0.85 and called_coats > 90
