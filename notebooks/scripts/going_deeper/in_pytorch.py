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
# # Static or live, in PyTorch
#
# > *Your `Dataset` can augment its images once, in `__init__`, or whenever one is asked for, in `__getitem__`. Will the network notice?*
#
# **You will** train one network on each, then on the images as they are, and find out which of the two your own pipeline does. You need to have written a `Dataset` and a training loop. **Time:** 18 minutes to read with every line of code, and one or two to run. Write a guess down before you open its answer.
#
# This is lesson [01](../01_static_versus_live.ipynb) of a [series in Keras](../../README.md), in PyTorch. You need nothing else of the series: the file runs alone, with `torch`, `torchvision` and `matplotlib`, also on Colab.
#
# ## The images
#
# We train on 128 pullovers and coats from Fashion-MNIST, 28 pixels wide, and test on 2,000 new ones. A clone of the series has their file. Alone, the next cell downloads Fashion-MNIST, which is 30 MB. Either way they are the images of lesson 01.

# %%
import os

import numpy as np
import torch
from torchvision.datasets import FashionMNIST


def garments(part):
    file = "../../data/garments.npz"
    if os.path.exists(file):
        images, labels = np.load(file)[f"x_{part}"][..., 0], np.load(file)[f"y_{part}"]
    else:
        all_ten = FashionMNIST("fashion-mnist", train=part == "train", download=True)
        two = np.isin(all_ten.targets, [2, 4])
        images, labels = all_ten.data.numpy()[two], all_ten.targets.numpy()[two] == 4
    return torch.tensor(images[:, None] / 255).float(), torch.tensor(labels).float()


# %%
all_x, all_y = garments("train")  # a pullover is 0, a coat is 1
new_x, new_y = garments("val")

rng = np.random.default_rng((128, 0))  # chooses the 128 of lesson 01
pullovers = rng.permutation(np.flatnonzero(all_y == 0))[:64]
coats = rng.permutation(np.flatnonzero(all_y == 1))[:64]
chosen = np.concatenate([pullovers, coats])
x, y = all_x[chosen], all_y[chosen]

# %% [markdown]
# ## What may change in an image?
#
# The ranges are lesson 01's. `v2.RandomAffine` differs in that it shifts by whole pixels, here by one at most, and fills what comes in from outside with black.

# %%
from torchvision.transforms import v2

affine = v2.RandomAffine(
    degrees=5,
    translate=(0.05, 0.05),
    scale=(0.95, 1.05),
    interpolation=v2.InterpolationMode.BILINEAR,
)
augment = v2.Compose([v2.RandomHorizontalFlip(), affine])

# %% [markdown]
# ## Once, or whenever it is asked for?
#
# **Static** (offline) augmentation stores changed images before training, here one *copy* in place of each image. **Live** (online) augmentation makes a new version of each image in every epoch. Both are `Plain` but for one method, and the whole difference is where `augment` stands.

# %%
from torch.utils.data import DataLoader, Dataset


class Plain(Dataset):
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


# %%
class Static(Plain):
    def __init__(self, x, y):
        super().__init__(torch.stack([augment(image) for image in x]), y)


class Live(Plain):
    def __getitem__(self, i):
        return augment(self.x[i]), self.y[i]


torch.manual_seed(0)
sets = {"1 copy": Static(x, y), "live": Live(x, y)}

# %% [markdown]
# We ask each of them eight times for the same pullover. The upper row is one copy's, and the lower one is live's.

# %%
import matplotlib.pyplot as plt
from matplotlib_inline.backend_inline import set_matplotlib_formats
from torchvision.utils import make_grid

set_matplotlib_formats("retina")  # sharp on every screen
shown = [sets["1 copy"][7][0] for epoch in range(8)]
shown += [sets["live"][7][0] for epoch in range(8)]
plt.figure(figsize=(9, 2.4))
plt.imshow(make_grid(shown, nrow=8, pad_value=1)[0], cmap="gray")
plt.axis("off")
plt.show()

# %% [markdown]
# One copy shows the same picture in every epoch. Does your own data set? Ask it a few times for the same image. (With a flip alone, live gives the same one every other time.)

# %%
for name, data in sets.items():
    print(f"{name} gives the same again: {torch.equal(data[7][0], data[7][0])}")

# %% [markdown]
# ## Two networks
#
# One convolution, and a plain loop of 256 epochs, which are 1,024 updates. The last digit of a loss depends on the machine.

# %%
from torch import nn


def network():
    torch.manual_seed(0)  # the same start for all
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 13 * 13, 1),
        nn.Flatten(0),  # one logit for each image
    )


# %%
criterion = nn.BCEWithLogitsLoss()


def train(model, data):
    optimizer = torch.optim.Adam(model.parameters())
    loader = DataLoader(data, batch_size=32, shuffle=True)
    for epoch in range(256):
        losses = []
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return np.mean(losses)  # in the last epoch


# %% tags=["nbval-ignore-output"]
models = {}
for name, data in sets.items():
    models[name] = network()
    loss = train(models[name], data)
    print(f"{name}: training loss {loss:.2f}")

# %% [markdown]
# By its training loss one copy is far ahead.
#
# ## Who knows the originals?
#
# Neither network has ever been shown one of the 128 *originals*. **Of a hundred originals, how many will each get right?** Type two guesses.

# %%
guess = {"1 copy": None, "live": None}  # in a hundred

# %% tags=["hide-output", "nbval-ignore-output"]
def answers(model, images):
    model.eval()  # changes nothing without dropout and batch norm
    with torch.no_grad():
        return (model(images) > 0).float()


def percent_right(model, images, labels):
    return 100 * (answers(model, images) == labels).float().mean().item()


print("right about the originals, in a hundred:")
knows = {}
for name, model in models.items():
    knows[name] = percent_right(model, x, y)
    print(f"{name}: {knows[name]:.0f}, your guess: {guess[name]}")

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Live knows more of the originals, although its training loss is higher. One copy was shown one version of each garment, and has learnt it by heart. Live was shown 256, all around the original, and what is right for them is mostly right for the original, too.
#
# </details>
#
# ## And new garments?
#
# A third network gets the originals themselves, in every epoch. It is called *no augmentation*.

# %% tags=["nbval-ignore-output"]
models["no augmentation"] = network()
loss = train(models["no augmentation"], Plain(x, y))
print(f"no augmentation: training loss {loss:.2f}")

# %% [markdown]
# **Rank the three by accuracy on the 2,000 new garments.**

# %% tags=["hide-output", "nbval-ignore-output"]
print("right about new garments:")
for name, model in models.items():
    accuracy = percent_right(model, new_x, new_y)
    print(f"{name}: {accuracy:.0f} %")

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Live is first, and one copy last. One copy and no augmentation both know by heart what they were shown. But originals are as upright as new garments, and copies are crooked. So in place of the originals *one copy was worse than nothing*. One run is no result, and with another seed we saw one copy ahead of no augmentation. In lesson [01](../01_static_versus_live.ipynb) it was the worse in most of twenty runs, each on its own garments.
#
# </details>
#
# ## What has each learnt to ignore?
#
# **Of a hundred answers, how many change if each new garment is flipped?** Guess for each of the three.

# %% tags=["hide-output", "nbval-ignore-output"]
print("answers that a flip changes:")
flipped = {}
for name, model in models.items():
    changed = answers(model, new_x) != answers(model, new_x.flip(-1))
    flipped[name] = 100 * changed.float().mean().item()
    print(f"{name}: {flipped[name]:.0f} %")

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Live, a garment came flipped in one epoch and unflipped in the next, so the network learnt to ignore the flip. A copy is flipped or not, and stays so.
#
# </details>
#
# ## Which is yours?
#
# | static, whatever you meant | live |
# | --- | --- |
# | a transform in `__init__`, or tensors that were augmented and saved | a transform in `__getitem__`, as in `ImageFolder(folder, transform=augment)` |
# | `map` of a Hugging Face `Dataset`, which stores what it returns | `set_transform` of the same `Dataset` |
# | a cache of what `__getitem__` returns | a cache of what it reads |
#
# With `num_workers=4` the draws of `torch` differ in each worker and each epoch. But a NumPy generator of your own is copied into all four, which then draw the same (lesson [04](../04_when_live_is_not_live.ipynb)). Given a whole batch, a transform of v2 draws once for all its images ([repair](../../docs/find_your_symptom.md)).
#
# [`check_pipeline`](../../augcheck/README.md) reads your `DataLoader` through several epochs, and names such faults. In a clone of the series, after `pip install ./augcheck`:
#
# ```python
# from augcheck import check_pipeline
#
# print(check_pipeline(DataLoader(sets["1 copy"], batch_size=32)))
# ```
#
# ## Limits
#
# These are few, small, clean images, one small network and one run. Others are in the [results](results.ipynb).
#
# ## Take-away
#
# > **A network memorises what comes again, and learns to ignore what varies.**
#
# With `augment` in `__init__` a garment and its change come again together. Put it in `__getitem__`, and evaluate on new images and on your own originals, since the training loss rewards memorising.

# %%
# The message, in your own run.
assert knows["live"] > knows["1 copy"] and flipped["live"] < flipped["1 copy"] / 2, (
    "Live should know more originals, and change fewer than half as many "
    "answers: look where `augment` stands, or train for longer."
)
