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
# # 08 Leaving ImageDataGenerator
#
# `ImageDataGenerator` still works, but its documentation has shrunk to one word, DEPRECATED. So you move to Keras's own layers, with the same ranges. Will your network be shown the same images? And will two live runs with one seed show the same?
#
# **You will** change a photograph in three ways at two sizes, put together a pipeline to copy, and show again what earlier epochs showed. You need lessons [01](01_static_versus_live.ipynb) and [07](07_when_live_is_not_live.ipynb). **Time:** 17 minutes to read, less than one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## The same numbers mean other things
#
# Here is the policy of lesson 01 for the old generator, and for `RandomAffine`, which takes its geometric arguments. It is [one file](../helpers/augment.py) that you may copy beside your script.

# %%
from helpers.augment import RandomAffine
from tensorflow.keras.preprocessing.image import ImageDataGenerator

mild = {
    "rotation_range": 5,
    "width_shift_range": 0.05,
    "height_shift_range": 0.05,
    "zoom_range": 0.05,
    "horizontal_flip": True,
}
generator = ImageDataGenerator(**mild)
affine = RandomAffine(**mild, seed=0)

# %% [markdown]
# Keras has one layer for each kind of change. A rotation is a fraction of the full circle there, so `RandomRotation(5)` would turn an image by any angle. The height comes before the width. And what lies outside the image is filled with its reflection, unless you ask for the nearest pixel.

# %%
from keras import layers

stack = layers.Pipeline(
    [  # a list of layers, for a map of tf.data
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(5 / 360, fill_mode="nearest"),
        layers.RandomTranslation(0.05, 0.05, fill_mode="nearest"),
        layers.RandomZoom(0.05, 0.05, fill_mode="nearest"),
    ]
)

# %% [markdown]
# The [migration table](../docs/migration.md) has every other argument, with its trap.
#
# ## Which images are equal?
#
# We give all three tools the same turn, shift and zoom. They change one photograph at two sizes, that of our garments and one that is usual for photographs. (It is of Grace Hopper, by the U.S. Navy, public domain, and comes with matplotlib.)

# %%
import matplotlib.pyplot as plt
import tensorflow as tf
from matplotlib.cbook import get_sample_data


def resized(images, size):
    return tf.image.resize(images, (size, size), method="area").numpy()


photograph = plt.imread(get_sample_data("grace_hopper.jpg"))[:512] / 255
small, large = resized(photograph, 28), resized(photograph, 224)

# %%
fixed = layers.Pipeline(
    [  # shifts and zoom have the other sign here
        layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),
        layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),
        layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
    ]
)


def changed(image):
    old = {"theta": 4, "tx": 0.05 * len(image), "zx": 0.96, "zy": 0.96}
    new = [4, 0.05, 0, 0, 0.96, 0.96, 0, 0]  # as in PARAMETERS of augment.py
    return {
        "original": image,
        "generator": generator.apply_transform(image, old),
        "RandomAffine": affine.apply(image[None], [new])[0],
        "Keras layers": fixed(image[None], training=True)[0],
    }

# %% [markdown]
# Which two of the three will be equal? In what will the third one differ, and at which size will you see it? Guess, then unfold.

# %% tags=["hide-output"]
import figures
from helpers.plots import caption

at_28, at_224 = changed(small), changed(large)
rows = {"28 pixels": at_28.values(), "224 pixels": at_224.values()}
figures.rows_of_images(
    rows,
    columns=at_28,
    tile=2,
    alt="A portrait in two rows, as it is and changed by three tools, turned and shifted alike. At 28 pixels the generator and RandomAffine are equal, and the Keras layers are blurred. At 224 pixels all look sharp.",
)
caption(
    "The generator and RandomAffine make the same image, and the layers a blurred one. At 224 pixels you hardly see that."
)

# %% [markdown]
# ## Why do the layers blur?
#
# A moved image needs values from between the old pixels. Computing them is called *resampling*, and usually it takes a mean of the nearest pixels. Here is an edge that is moved by half a pixel, three times.

# %%
import numpy as np

edge = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])
for moves in range(4):
    print(f"moved {moves} times:", *edge)
    edge = (edge[:-1] + edge[1:]) / 2  # half-way between two old pixels

# %% [markdown]
# Each move takes means of means, and the edge becomes a slope. Three layers resample three times, because each hands a finished image to the next. The generator and `RandomAffine` work out turn, shift and zoom together, and resample once. A slope is a few pixels wide at any size, which is much of 28 and little of 224.
#
# What does it cost? We trained the small network live on 512 garments, twenty times with each tool. By how many points of accuracy are the layers behind `RandomAffine` after 500 updates, and after 3,000? Guess both.
#
# <details><summary>Answer</summary>
#
# By 3.1 points, and later still by 1.2. They were behind in all twenty pairs, both times. Between the generator and `RandomAffine` there was no difference that we would care about.
#
# </details>
#
# ## A pipeline to copy
#
# So where images are small, take one transform that turns, shifts and zooms together. It acts in the `map`, the fourth of five links: **cache, shuffle, batch, map, prefetch**.

# %%
from helpers.data import load_garments, subset

garments = subset(load_garments(), 512)
x, y = garments.x_train, garments.y_train


def live(images, labels):
    return affine(images, training=True), labels


originals = tf.data.Dataset.from_tensor_slices((x, y))
train = originals.cache().shuffle(512).batch(32)
train = train.map(live, tf.data.AUTOTUNE).prefetch(2)

# %% [markdown]
# Nearly every other order runs, too, without a message.
#
# | link | elsewhere |
# | --- | --- |
# | `cache` first | behind `shuffle` every epoch has the same order, behind `map` the same copies |
# | `shuffle` before `batch`, with room for all images | behind it, whole batches change places |
# | `batch` before `map` | behind it, each image is augmented in a call of its own, which takes longer |
#
# Validation gets no such `map`. A model tells its random layers when it validates. In a `map` nobody does, so there they would change the validation images, too. [Migration](../docs/migration.md#a-whole-pipeline) has the pipeline for folders, and also RandAugment, MixUp and CutMix, which the generator never had.
#
# ## Can a live image be shown again?
#
# A [labelling service](https://docs.roboflow.com/datasets/versions/dataset-versions/image-augmentation) gives three reasons to store copies. The first is reproducibility: you can repeat a run on them, and look again at what the network was shown. A live version is gone.
#
# In the pipeline above that is true. Even a second run with the same seed may show other versions: all batches draw from one stream, and with `AUTOTUNE` they come to it in any order. But live needn't be so. Lesson [07](07_when_live_is_not_live.ipynb) calls *a counter for a seed* a fault, because the counter starts again in each epoch. The repair is the same counter, with the epoch in it.
#
# Training is ***replayable*** if each draw depends on seed, epoch and the image's number, and on nothing else. Then any version can be made again at any time. `affine.version(images, numbers, epoch)` of lesson 02 draws like that, with the augmenter's own seed.

# %%
# Numbers in place of labels, so that we can find an image.
images = tf.data.Dataset.from_tensor_slices((x, np.arange(512)))
numbered = images.cache().enumerate()


def epoch_of(epoch):
    order = numbered.shuffle(512, seed=epoch, reshuffle_each_iteration=False)
    return order.batch(32).map(
        lambda i, pair: (affine.version(pair[0], i, epoch), pair[1]),
        tf.data.AUTOTUNE,
    )


train = epoch_of(0)
for epoch in range(1, 6):
    train = train.concatenate(epoch_of(epoch))  # one stream, for fit

# %% [markdown]
# We let `train` run through its six epochs, and catch coat 55 in each. Afterwards we make each version again, from that coat alone. In how many of the six will it be the same image, to the last bit? Guess, then unfold.

# %% tags=["hide-output"]
shown = [image for image, number in train.unbatch() if number == 55]
again = [affine.version(x[55:56], [55], epoch)[0] for epoch in range(6)]
same = [np.array_equal(*pair) for pair in zip(shown, again, strict=True)]
rows = {"shown": shown, "made again": again}
figures.rows_of_images(
    rows,
    columns=[f"epoch {epoch}" for epoch in range(6)],
    alt="Two rows of one coat in six epochs, a little turned, shifted or flipped, in each epoch otherwise. The rows are the same.",
)
caption(f"The same image in {sum(same)} of 6 epochs.")

# %% [markdown]
# **Live can be repeated, image by image.** Every image of a run can be shown again, now or in the next run, also from a checkpoint on, if the stream begins with the next epoch. And `AUTOTUNE` stays. So reproducibility is no reason to store. The other two are [time and cost](../docs/find_your_symptom.md#should-i-save-images-first-how-many-copies).
#
# In place of copies you keep the seed, the augmenter and the order of the images, which gives them their numbers. So read folders with `shuffle=False`. To train, take `y` in place of `np.arange(512)`, and call `model.fit(train, epochs=6, steps_per_epoch=16)`.
#
# For arrays in place of tf.data, a `keras.utils.PyDataset` makes each batch by `version`, and a callback tells it the epoch ([code](../docs/find_your_symptom.md#live-and-replayable)).
#
# ## And in PyTorch?
#
# There the workers don't know the epoch. So a sampler hands it over together with the image's number, and the data set seeds its draws by both, and by the run's own seed, here 1. Here `data` is your own data set, with the transforms of torchvision, and `DataLoader(Live(), sampler=Epochs(len(data)), batch_size=32)` reads it ([with imports](../docs/find_your_symptom.md#live-and-replayable)).
#
# ```python
# class Epochs(Sampler):
#     """Gives each image's number together with the epoch."""
#
#     def __init__(self, size, epoch=0):
#         self.size, self.epoch = size, epoch
#
#     def __len__(self):
#         return self.size
#
#     def __iter__(self):
#         epoch, self.epoch = self.epoch, self.epoch + 1
#         generator = torch.Generator().manual_seed(epoch)
#         order = torch.randperm(self.size, generator=generator)
#         return iter([(epoch, i) for i in order.tolist()])
#
# class Live(Dataset):
#     def __getitem__(self, place):
#         epoch, i = place
#         seed = np.random.SeedSequence([1, epoch, i]).generate_state(1)
#         with torch.random.fork_rng(devices=[]):
#             torch.manual_seed(int(seed[0]))
#             return data[i]
# ```
#
# Elsewhere: the `stateless_random_…` functions of `tf.image` take a seed of two numbers, made of the run's seed, epoch and image. [Grain](https://google-grain.readthedocs.io/en/latest/tutorials/dataset_basic_tutorial.html) draws by an index that goes on from epoch to epoch.
#
# ## In practice and limits
#
# We trained at 28 pixels only, in grey, with a small network. What the lost texture costs at 224 pixels we have not measured. `RandomAffine` draws the same on any machine. Other libraries may draw otherwise in another version.

# %% [markdown]
# ## Take-away
#
# 1. The same ranges in another tool can make other images. Where images are small, turn, shift and zoom them in one transform.
# 2. Cache, shuffle, batch, map, prefetch, and no map for validation.
# 3. Draw from seed, epoch and image. Then live can be repeated, and reproducibility is no reason to store.

# %%
# The message, in your own run.
blur_28 = np.abs(at_28["Keras layers"] - at_28["RandomAffine"]).mean()
blur_224 = np.abs(at_224["Keras layers"] - at_224["RandomAffine"]).mean()
assert blur_28 > 2 * blur_224, (
    "Three resamplings should change a small image more than a large one: "
    "look at the layers in `fixed`."
)
assert all(same) and len(np.unique(shown, axis=0)) == 6, (
    "Each epoch should show the coat in a new version that can be made "
    "again: does `version` get the image's number and the epoch?"
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Your photographs have 300 pixels, and your augmentation is a stack of layers. Must you replace it?</summary>
#
# Hardly. What it blurs at that size is fine texture. If your classes differ in that, such as by cracks, one transform is safer.
#
# </details>
#
# <details><summary>2. You evaluate the same network twice on your validation set, and get two results. Where do you look?</summary>
#
# At the validation pipeline. A `map` with a random layer draws anew in each pass, because nobody tells it that it isn't training.
#
# </details>
#
# <details><summary>3. Your augmentation is the first layer of the model. Can you show again what epoch 3 showed?</summary>
#
# No. The layer knows neither the epoch nor the numbers of its images, and draws what comes next. Move it into the input pipeline, and draw by `version`.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/08_leaving_imagedatagenerator.ipynb).

# %% [markdown]
# ### Exercise 1: From which size on?
#
# The *sharpness* of images is the mean squared step from one pixel to the next. It is measured after shrinking to 28 pixels, so that we look at all sizes from the same distance. From which of these sizes on does the stack of layers leave nine tenths of the photograph's sharpness? Guess, then measure. Then do it with a photograph of your own. Which of your classes differ in something that is lost?

# %%
from exercises import check


def sharpness(images):
    images = resized(images, 28)
    down, across = np.diff(images, axis=1), np.diff(images, axis=2)
    return np.mean(down**2) + np.mean(across**2)


for size in (28, 56, 112, 168, 224):
    image = resized(photograph, size)
    many = np.repeat(image[None], 64, axis=0)  # for 64 draws
    print(f"{size} pixels: the original has ≈ {sharpness(many):.4f}")
answer = None  # one of the sizes
check("08.1", answer)

# %% [markdown]
# ### Exercise 2: Put the links in order
#
# This pipeline runs, with nearly every link in the wrong place. Fix it, so that originals are read once, mixed anew in every epoch, and augmented afresh in full batches of 32. `prefetch` stays last. The check sends 128 numbered images through your function for three epochs, and names the first thing that goes wrong.

# %%
def pipeline(originals, augment):
    augmented = originals.map(augment).cache()
    return augmented.batch(32).shuffle(4).prefetch(2)


check("08.2", ...)  # put pipeline in place of the dots when it is ready

# %% [markdown]
# **Next:** you split your images once, and one method wins on the validation part. Would it have won on another split, too? In how many of five? Write a number down, then open [Solar cells](going_deeper/solar_cells.ipynb).
