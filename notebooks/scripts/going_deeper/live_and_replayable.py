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
# # Live and replayable
#
# A [labelling service](https://docs.roboflow.com/datasets/versions/dataset-versions/image-augmentation) gives three reasons to store copies. The first is reproducibility: you can repeat a run, and look again at what the network was shown. A live version is gone, it seems.
#
# This companion of lesson [08](../08_leaving_imagedatagenerator.ipynb) augments live in such a way that every version can be made again. **Time:** 11 minutes to read, less than one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Why does a second run show other versions?
#
# In the pipeline of lesson 08 all batches draw from one stream of random numbers. With `AUTOTUNE` several batches are made at the same time, and they come to the stream in any order. So what an image gets depends on who came first, and even a run with the same seed may show other versions.
#
# In lesson [07](../07_when_live_is_not_live.ipynb) an image's number was its seed. That can be repeated, but it shows the same version in every epoch. What was missing is the epoch.
#
# Training is ***replayable*** if each draw depends on three numbers and on nothing else: the seed of the run, the epoch and the image's number. Then batches, processes and earlier draws make no difference.
#
# ## A draw by seed, epoch and image
#
# `affine.version(images, numbers, epoch)` of lesson [02](../02_diversity_within_a_batch.ipynb) draws like that. The seed of the run is the augmenter's own. We give each of 512 images its number, and write a pipeline for one epoch.

# %%
import numpy as np
import tensorflow as tf
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.policies import POLICIES

x, y, new_x, new_y = subset(load_garments(), 512)
affine = RandomAffine(**POLICIES["mild"], seed=1)  # of this run

labels = np.arange(512)  # so that we can find an image; to train, take y
originals = tf.data.Dataset.from_tensor_slices((x, labels))
numbered = originals.cache().enumerate()  # image 0, 1, 2 …


# %%
def epoch_of(epoch):
    def live(numbers, pairs):
        images, labels = pairs
        return affine.version(images, numbers, epoch), labels

    # another order in each epoch, and the same order again if asked for again
    order = numbered.shuffle(512, seed=epoch, reshuffle_each_iteration=False)
    return order.batch(32).map(live, tf.data.AUTOTUNE)


train = epoch_of(0)
for epoch in range(1, 6):
    train = train.concatenate(epoch_of(epoch))  # one stream, for fit

# %% [markdown]
# `model.fit(train, epochs=6, steps_per_epoch=16)` would read this stream.
#
# ## What was coat 55 shown as?
#
# We let `train` run through its six epochs, and catch coat 55 in each. Afterwards we make each version again, from that coat alone. The upper row was caught, and the lower one was made again.

# %%
import figures
import matplotlib.pyplot as plt

shown = [image for image, number in train.unbatch() if number == 55]
again = [affine.version(x[55:56], [55], epoch)[0] for epoch in range(6)]
columns = [f"epoch {epoch}" for epoch in range(6)]
figures.rows_of_images({"shown": shown, "made again": again}, columns=columns)
plt.show()

# %%
same = []
for one, other in zip(shown, again, strict=True):
    same.append(np.array_equal(one, other))
print("the same image, to the last bit, in", sum(same), "of 6 epochs")


# %% [markdown]
# **Live can be repeated, image by image.** A run can also go on from a checkpoint, if the stream begins with the next epoch. And `AUTOTUNE` stays. So reproducibility is no reason to store. The service's other two are [time and cost](../../docs/find_your_symptom.md#should-i-save-images-first-how-many-copies).
#
# In place of copies you keep the seed, the augmenter and the order of the images, which gives them their numbers. So read folders with `shuffle=False`.
#
# For arrays in place of tf.data, a `keras.utils.PyDataset` makes each batch by `version`, and a callback tells it the epoch ([code](../../docs/find_your_symptom.md#live-and-replayable)).
#
# ## Three numbers, and a seed of two
#
# The `stateless_random_…` functions of `tf.image` take a seed of two numbers, and we have three. `tf.random.fold_in` mixes a further number into a seed. With it pipeline C of lesson 07 is live.

# %%
def crop(image, number, epoch):
    seed = tf.random.fold_in((1, epoch), number)  # run 1
    framed = tf.image.resize_with_crop_or_pad(image, 36, 36)
    return tf.image.stateless_random_crop(framed, (28, 28, 1), seed)


epoch_0, epoch_1 = crop(x[55], 55, 0), crop(x[55], 55, 1)
print("another version in epoch 1:", not np.array_equal(epoch_0, epoch_1))
print("epoch 0 again:", np.array_equal(epoch_0, crop(x[55], 55, 0)))

# %% [markdown]
# ## Workers and ranks
#
# Workers load the images of one training process. On several GPUs there are several training processes, which are called *ranks*. Each of them gets a part of the images and a copy of everything else. In lesson 07 two workers with copies of one generator drew the same angles. Here four processes have a copy of the augmenter, and each takes every fourth image of the epoch's order.

# %%
import copy

order = np.random.default_rng(3).permutation(512)  # of epoch 3
made = np.empty_like(x)
for process in range(4):
    own = copy.deepcopy(affine)  # what it gets
    numbers = order[process::4]
    made[numbers] = own.version(x[numbers], numbers, epoch=3)
alone = affine.version(x, np.arange(512), epoch=3)
print("what four make is what one makes:", np.array_equal(made, alone))

# %% [markdown]
# The copies do no harm, because nothing is left in them that a draw could depend on.
#
# ## And in PyTorch?
#
# There the transforms draw from a generator of the worker's, and the workers don't know the epoch. Two small classes do what `version` does.
#
# A sampler, `Epochs`, hands out the epoch together with each image's number ([its code, with all imports](../../docs/find_your_symptom.md#live-and-replayable)).
#
# The data set makes a seed of the run's seed, here 1, the epoch and the number, because `SeedSequence` mixes any number of numbers into one. With this seed it draws, and then gives the generator back as it was. In it, `data` is your own data set with the transforms of torchvision.
#
# ```python
# class Live(Dataset):
#     def __getitem__(self, place):
#         epoch, i = place
#         seed = np.random.SeedSequence([1, epoch, i]).generate_state(1)
#         with torch.random.fork_rng(devices=[]):
#             torch.manual_seed(int(seed[0]))
#             return data[i]
# ```

# %% [markdown]
# `DataLoader(Live(), sampler=Epochs(len(data)), batch_size=32, num_workers=4)` reads it, with any number of workers. To go on from a checkpoint, give `Epochs` the next epoch.
#
# With several ranks, each takes its share of the same order: the last line of `Epochs` gets `order.tolist()[rank::ranks]`, and its length is divided by `ranks`. Drop the images that are left over, so that all ranks have equally many.
#
# [Grain](https://google-grain.readthedocs.io/en/latest/tutorials/dataset_basic_tutorial.html), which loads data for JAX, draws by an index that goes on from epoch to epoch.
#
# ## Limits
#
# The *images* can be repeated, and not every network: a GPU may add up in another order. `RandomAffine` draws the same on any machine. Other libraries may draw otherwise in another version.

# %%
# The message, in your own run.
assert all(same) and len(np.unique(shown, axis=0)) == 6, (
    "Each epoch should show the coat in a new version that can be made "
    "again: does `version` get the image's number and the epoch?"
)
assert np.array_equal(made, alone), "Four processes should make what one makes."

# %% [markdown]
# ## A quick question
#
# <details><summary>Your augmentation is the first layer of the model. Can you show again what epoch 3 showed?</summary>
#
# No. The layer knows neither the epoch nor the numbers of its images, and draws what comes next. Move it into the input pipeline, and draw by `version`.
#
# </details>
