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
# # 06 When live is not live
#
# A pipeline can be static, black or leaking, and still train. Nothing warns you, because a network learns from whatever it is shown.
#
# **You will** look for the live one among four short pipelines, meet eight mistakes that train without a warning, and see what most of them cost.
#
# **You will learn:**
#
# - how augmentation gets frozen or stays off,
# - which mistakes show in the pictures, and which only in the validation set,
# - what to look at first when two of your pipelines disagree.
#
# **You need** lessons [00](00_start_here.ipynb) and [02](02_a_fair_comparison.ipynb), and the package `elpv-dataset`, which the requirements include. **Time:** 20 minutes to read, about one to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.show import caption, show_table

plots.use_style()

# %% [markdown]
# ## Which of these is live?
#
# Here are 128 garments, the mild policy of lesson 00, and three functions that augment.

# %%
import keras
import tensorflow as tf

from helpers.augment import RandomAffine
from helpers.data import load_garments, subset

garments = load_garments()
few = subset(garments, 128, replicate=5)
x, y = few.x_train, few.y_train
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %%
class Jitter(keras.layers.Layer):
    def call(self, images, training=False):
        return policy(images) if training else images


jitter = Jitter()


def augment(images, labels):
    return policy(images), labels


def augment_by_layer(images, labels):
    return jitter(images), labels


def crop(pair, number):  # a 28-pixel part of the image, in a frame of 40 pixels; the number is the seed
    image, label = pair
    framed = tf.image.resize_with_crop_or_pad(image, 40, 40)
    return tf.image.stateless_random_crop(framed, (28, 28, 1), seed=[number, number]), label

# %% [markdown]
# Each of these pipelines means to show a new version of every garment in every epoch. Which of them do? Write down what the others show instead.

# %%
def pipelines(originals):
    numbered = tf.data.Dataset.zip(originals, tf.data.Dataset.counter())  # each image has a number of its own
    return {
        "A": originals.shuffle(128, seed=0).batch(32).map(augment).cache(),
        "B": originals.cache().shuffle(128, seed=0).batch(32).map(augment),
        "C": numbered.shuffle(128, seed=0).map(crop).batch(32),
        "D": originals.shuffle(128, seed=0).batch(32).map(augment_by_layer),
    }

# %% tags=["hide-input", "hide-output"]
GARMENT = 94  # one with letters on it: its label is 7 here, all others have 0
marked = tf.data.Dataset.from_tensor_slices((x, 7 * (np.arange(128) == GARMENT)))
followed = {}
for name, pipeline in pipelines(marked).items():
    batches = [batch for _ in range(6) for batch in pipeline]
    found = [images.numpy()[labels.numpy() == 7] for images, labels in batches]
    followed[name] = np.concatenate([x[[GARMENT]], *found])
plots.show_images(list(followed.values()), list(followed), ["original", *(f"epoch {e}" for e in range(1, 7))])
caption("Only B is live. A and C are frozen, and D never started.")

# %% [markdown]
# One epoch doesn't show it: you need two to see A and C, and the original beside them to see D.
#
# B is live in spite of `seed=0`. A seed that is given once starts a stream of draws, and each call takes the next ones. (`map` traces `augment` once, but the random operations in it run for each batch.) Only a seed that is handed over again at each call can freeze: see C.
#
# ## Frozen by `cache()`
#
# `cache()` keeps what comes before it. In A the first epoch stores the augmented pictures, and every later epoch reads the store. A tutorial on segmentation did so until [a reader noticed](https://github.com/tensorflow/tensorflow/issues/47755). This is what `fit` says about A.

# %%
from helpers.model import small_model

originals = tf.data.Dataset.from_tensor_slices((x, y))
model = small_model(seed=0)
model.compile("adam", "binary_crossentropy")
history = model.fit(
    pipelines(originals)["A"], shuffle=False, epochs=250, verbose=0,  # A has shuffled already
    validation_data=(garments.x_val, garments.y_val), validation_batch_size=500, validation_freq=10,
).history

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 3.2))
style = plots.arm_style("copies-1")["color"]
ax.plot(np.arange(1, 251), history["loss"], color=style, linestyle="--")
ax.plot(np.arange(10, 251, 10), history["val_loss"], color=style)
ax.text(254, history["loss"][-1], "training loss", color=style, va="center")
ax.text(254, history["val_loss"][-1], "validation loss", color=style, va="center")
ax.set(xlabel="epochs", xlim=(0, 250), ylim=(0, 0.9))
plt.show()

# %% [markdown]
# *Nothing in its curve says "bug": it looks like overfitting, and is.*
#
# A has become the *1 copy* of lesson 00, and its order is frozen as well. In our stored study (128 garments, twenty runs of each method) 1 copy, shuffled anew, is 4.4 points of accuracy behind live after 500 updates. After 3,000 it is 6.6 points.
#
# The repair is an order: first `cache()`, then shuffle, then augment. That is B.
#
# ## Frozen by a counter
#
# C follows TensorFlow's own [tutorial on data augmentation](https://www.tensorflow.org/tutorials/images/data_augmentation). A counter gives each image "a unique value" for a seed, it says. But the counter starts again with each epoch, so every image meets its old seed and its old crop.
#
# The tutorial's second option is the repair: a generator that is made once, and goes on from epoch to epoch.

# %%
generator = tf.random.Generator.from_seed(0)  # outside of the function


def crop_anew(image, label):
    return crop((image, label), generator.make_seeds(1)[0, 0])


repaired = originals.shuffle(128, seed=0).map(crop_anew).batch(32)

# %% [markdown]
# ## Never switched on
#
# `fit` tells the layers of a *model* that it is training. In a `map` nobody does, so the default of `call` decides. `Jitter` has `training=False` and returns the originals. (Keras's own random layers have `training=True`, and act.) Write `jitter(images, training=True)`.
#
# That costs what no augmentation costs. It is 0.5 points of accuracy behind live after 500 updates, which is *undecided*, and more than two after 3,000. So a frozen copy is worse than no augmentation.
#
# ## Is there anything in these pictures?
#
# Two colleagues use the old generator, each on images that were divided by 255 long before. Both forgot that. What will their networks be shown?

# %%
from tensorflow.keras.preprocessing.image import ImageDataGenerator

twice = ImageDataGenerator(rescale=1 / 255).flow(x, y, seed=0)
lighter = ImageDataGenerator(brightness_range=(0.7, 1.3)).flow(x, y, seed=0)

# %% tags=["hide-input", "hide-output"]
plots.show_images([next(flow)[0][:6] for flow in (twice, lighter)], ["rescale", "brightness"], [""] * 6)
caption("Next to nothing. The upper pictures aren't quite black: their values reach 1/255.")

# %% [markdown]
# `rescale` divided a second time. `brightness_range` keeps whole numbers and cuts off the rest, so a pixel of 0.9 became 0. Only pure white could survive. Does it still train?

# %% tags=["hide-input"]
def loss_on_new_garments(divisor):
    model = small_model(seed=0)
    model.compile("adam", "binary_crossentropy")
    data = tf.data.Dataset.from_tensor_slices((x / divisor, y)).shuffle(128, seed=0)  # the same order in each run
    model.fit(data.batch(32), epochs=50, shuffle=False, verbose=0)
    return model.evaluate(garments.x_val / divisor, garments.y_val, batch_size=500, verbose=0)


once, twice_divided = loss_on_new_garments(1), loss_on_new_garments(255)
print("loss on new garments, after 200 updates:")
print(f"divided once ≈ {once:.2f}, divided twice ≈ {twice_divided:.2f}, by guessing {np.log(2):.2f}")

# %% [markdown]
# Divided twice, the network hardly gets away from guessing. With the brightness, in twenty longer stored runs, `fit` reported an accuracy of 71 % in training. A hard task, you might think, and look for a larger network. On new garments, unchanged, it was 57 %. The right use, on images that were not divided, led to 82 %.
#
# ## What did saving do?
#
# `ImageDataGenerator` offers to write stored copies for you. Six photographs of solar cells go in. (By S. Deitsch and others, CC BY-NC-SA 4.0, see lesson [08](08_solar_cells.ipynb).)

# %%
import tempfile

from helpers.data import load_solar_cells

cells = load_solar_cells()
given = subset(cells, 128).x_train[:6]
folder = tempfile.TemporaryDirectory()
in_memory = next(ImageDataGenerator().flow(given, batch_size=6, shuffle=False, save_to_dir=folder.name))

# %% tags=["hide-input"]
from pathlib import Path

def read_back(file):
    return keras.utils.img_to_array(keras.utils.load_img(file, color_mode="grayscale")) / 255


saved = np.stack([read_back(file) for file in sorted(Path(folder.name).glob("*.png"))])
plots.show_images([given, saved], ["given", "saved"], [""] * 6)

# %% [markdown]
# *The same six cells before and after saving. What is lost?*
#
# <details><summary>Answer</summary>
#
# How bright a cell is. `save_to_dir` makes the darkest pixel of each picture 0 and the brightest 255, and nobody does that to validation pictures.
#
# </details>
#
# We trained on four copies of 512 cells, from files and from memory, twenty times each. From files, 17 points of accuracy on new cells are gone. Save pictures yourself, with `keras.utils.save_img(path, 255 * picture, scale=False)`.
#
# ## 97.5 %, and why not
#
# Somebody makes sixteen copies of each of 128 garments, mixes them, and keeps a fifth of the *pictures* for validation. A network with more layers, our *deeper* one, is right about 97.5 % of those. What will its accuracy be on new garments? Write a number down.

# %% tags=["hide-input", "hide-output"]
from helpers.compare import summarise
from helpers.tables import FOLDER, read_results

leaks = read_results(FOLDER / "split-after-augmenting.csv").query("n == 128")
COLUMNS = {"leaky_accuracy": "held out of the copies", "val_accuracy": "new garments", "unseen_accuracy": "new garments, augmented"}
found = {which: summarise(leaks[leaks["model"] == which])[list(COLUMNS)].mean() for which in ("small", "deeper")}
marks = 100 * pd.DataFrame(found).T
show_table(marks.rename(columns=COLUMNS).rename_axis("network, accuracy in %"), digits=1)
caption("84 %. The pictures held out were never trained on, but their siblings were. (Means of twenty runs.)")

# %% [markdown]
# Each picture that was held out has about twelve other copies of the same garment in training, so the validation set *leaks*. First split the garments, then augment.
#
# ## Validation augmented
#
# Many scripts use one generator for both sets. The training is sound, but what you are told about it is not. Augmented garments are harder: our small networks score 2.3 points less on them. Give validation a generator of its own, with the same scaling and nothing else.
#
# ## Let a program look
#
# `check_pipeline`, from a small package of this repository, reads a pipeline from outside, as `fit` would. It works in any project.

# %%
from augcheck import check_pipeline

validation = (garments.x_val[:200], garments.y_val[:200])
reports = {name: check_pipeline(pipeline, validation) for name, pipeline in pipelines(originals).items()}
for name, report in reports.items():
    print(name, report.found)

# %% [markdown]
# A printed report adds the reason and the repair. The check-up also finds the black pictures and the generator used twice. It can't tell about the split, because a turned copy can differ more from its sibling than from another garment. Nor does it know what you meant: a shift in the wrong direction goes through. Its page is [The check-up](../docs/the_check_up.md).

# %% [markdown]
# ## My two pipelines disagree
#
# One trains better than the other, and you don't know why. First rule out unequal training and luck: count the gradient updates of both, then the pairs of runs (lesson [02](02_a_fair_comparison.ipynb)). After that, look at one image through several epochs, beside its original, and go down this table.
#
# | mistake | what `fit` shows | how to see it | cost (garments, unless it says cells) | repair |
# | --- | --- | --- | --- | --- |
# | `cache()` behind the `map` | overfitting | one image, two epochs | 4.4 points of accuracy, later 6.6 | `cache()` first |
# | a counter for a seed | overfitting | one image, two epochs | not measured | `tf.random.Generator` |
# | a layer that is off | overfitting | one image beside its original | 0.5 points, later over two | `training=True` |
# | divided by 255 twice | a loss near 0.69 | the largest value | nearly all that there is to learn | one `rescale` |
# | `brightness_range` on values up to 1 | a hard task | the pictures | 25 points | values of 0 to 255 |
# | `save_to_dir` | a higher training accuracy | smallest and largest value | 17 points (cells) | `save_img(…, scale=False)` |
# | split after augmenting | success | who is on both sides? | you believe 97.5 %, and have 84 % | split first |
# | validation augmented | too little success | validation pictures, twice | you believe 2.3 points too little | a generator of its own |

# %% [markdown]
# ## In practice and limits
#
# The costs are those of small images, two classes and small networks. We read the tutorial in March 2026. The check-up reads nine epochs at most, so it takes ten copies, shown in turn, for live.

# %% [markdown]
# ## Take-away
#
# 1. Before you train, look at one image through several epochs, beside its original. It takes a minute.
# 2. `fit` hides these mistakes: frozen looks like overfitting, black like a hard task, and leaking like success.
# 3. When two pipelines disagree, count the updates, then the pairs, and only then look for a cause.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You add `cache()`, epochs get faster, and soon the validation loss rises. What do you look at first?</summary>
#
# At one image through several epochs. If `cache()` comes after the augmentation, every epoch shows the stored pictures, and the rise is overfitting to one copy.
#
# </details>
#
# <details><summary>2. `check_pipeline` has found nothing. Does your pipeline do what you mean it to do?</summary>
#
# Perhaps not. It sees what comes out, and doesn't know what you meant.
#
# </details>
#
# <details><summary>3. Every image gets a seed of its own, its row number. Is that live?</summary>
#
# No. The row number is the same in every epoch, so the change is, too. The seed has to depend on the epoch as well.
#
# </details>
#
# <details><summary>4. You split a store of copies into training and validation, and a deeper network scores much better than a small one. What have you learned?</summary>
#
# Little. The deeper one memorises garments more easily, and a leaking validation set rewards that. On new garments the two are nearly alike.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/06_when_live_is_not_live.ipynb).

# %% [markdown]
# ### Exercise 1: Three pipelines of a colleague
#
# P, Q and R are three pipelines with a random flip. Two of them have a mistake. Which one would you train with? Look at pictures, and at the labels of several batches and epochs. Let `check_pipeline` read all three only after you have decided.

# %% tags=["hide-input"]
# Folded on purpose: the answers stand in here.
def flip(images, labels):
    return tf.image.random_flip_left_right(images), labels


def first(x, y):
    images, labels = (tf.data.Dataset.from_tensor_slices(part) for part in (x, y))
    data = tf.data.Dataset.zip((images.shuffle(128, seed=1), labels.shuffle(128, seed=2)))
    return data.batch(32).map(flip)


def second(x, y):
    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(128, seed=1).batch(32).map(flip)


def third(x, y):
    rows = np.argsort(y, kind="stable")
    data = tf.data.Dataset.from_tensor_slices((x[rows], y[rows])).shuffle(16, seed=1)
    return data.batch(32).map(flip)


builders = [(first, second, third)[i] for i in np.random.default_rng(5).permutation(3)]
suspects = {name: build(few.x_train, few.y_train) for name, build in zip("PQR", builders, strict=True)}

# %%
from exercises import check

for _, labels in suspects["P"]:
    print("the first labels of a batch of P: ≈", labels.numpy()[:16].sum(), "coats in 16")
answer = None  # "P", "Q" or "R"
check("06.1", answer)

# %% [markdown]
# ### Exercise 2: Split first
#
# Change `split_pool` so that no garment is on both sides: a fifth of the *garments* for validation, as they are, and sixteen copies of each other garment, without the originals, for training. Labels must follow their pictures. `check` tries your function on forty made-up garments.

# %%
def split_pool(x, y, copies=16):
    pool = np.concatenate([policy(x) for copy in range(copies)])
    order = np.random.default_rng(0).permutation(len(pool))
    train, val = order[: len(order) * 4 // 5], order[len(order) * 4 // 5 :]
    labels = np.tile(y, copies)
    return (pool[train], labels[train]), (pool[val], labels[val])


check("06.2", ...)  # put split_pool in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: A mistake of your own
#
# Build a mistake into `mine` that you have made or feared: in units, ranges, seeds, order or labels. Does the check-up see it? Predict what it costs. Then train with it and without it, in plain Keras and on several subsets each, and compare in pairs. A pipeline from a published tutorial will do as well.

# %%
def mine(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    return data.shuffle(len(x), seed=0).batch(32).map(augment).prefetch(2)


print("found:", check_pipeline(mine(few.x_train, few.y_train), validation).found)

# %% [markdown]
# **Next:** [07 Modern pipelines](07_modern_pipelines.ipynb) asks whether today's layers show the same pictures as the old generator.
#
# ## What this page claims, checked

# %% tags=["hide-input", "hide-output"]
from helpers.compare import differences
from helpers.show import Claims
from helpers.stats import judge


def stretch(pictures):
    low, high = pictures.min((1, 2, 3), keepdims=True), pictures.max((1, 2, 3), keepdims=True)
    return (pictures - low) / (high - low)


study = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 128")
early, late = (summarise(study[study["update"] <= end]) for end in (500, 3000))
behind = [100 * differences(ends, "live", "copies-1", "val_accuracy").mean() for ends in (early, late)]
ranges = read_results(FOLDER / "flow-ranges.csv")
lit = summarise(ranges.assign(arm=ranges["policy"])).groupby("arm")[["shown_accuracy", "val_accuracy"]].mean()
saving = read_results(FOLDER / "save-to-dir.csv")
saving = summarise(saving.assign(arm=saving["policy"]))
of_saving = judge(differences(saving, "save-to-dir", "in-memory", "val_accuracy"), "val_accuracy")
sources = np.random.default_rng(0).permutation(16 * 128) % 128  # the garment of each picture, mixed
held_out = sources[len(sources) * 4 // 5 :]
siblings = np.bincount(sources[: len(sources) * 4 // 5], minlength=128)[held_out]
behind += [100 * differences(ends, "live", "none", "val_accuracy").mean() for ends in (early, late)]
frozen = [judge(differences(ends, "copies-1", "none", "val_accuracy"), "val_accuracy")[2] for ends in (early, late)]
datagen = ImageDataGenerator(rescale=1 / 255, rotation_range=5, width_shift_range=0.05, horizontal_flip=True)
train_flow = datagen.flow(255 * x, y, seed=0)
val_flow = datagen.flow(255 * garments.x_val[:200], garments.y_val[:200], seed=0)
shuffled = tf.data.Dataset.range(128).shuffle(128, seed=0)
mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)


# %% tags=["hide-input"]
claims = Claims(policy=(policy, mild), garments=(len(x), 128))
different = {name: len(np.unique(pictures, axis=0)) for name, pictures in followed.items()}
claims.check("the riddle, with the original: A shows 2 different pictures, B 7, C 2, and D 1", different == {"A": 2, "B": 7, "C": 2, "D": 1})
claims.check("repeats are found in A, C and D; in B nothing is found",
             [name for name in reports if "repeats" in reports[name].found] == ["A", "C", "D"] and not reports["B"].found)
claims.check("in B each picture of a batch and each call has a draw of its own", len(np.unique([*policy(x[[GARMENT] * 8]), *policy(x[[GARMENT] * 8])], axis=0)) == 16)
claims.check("given the policy, nothing is found in B either", not check_pipeline(pipelines(originals)["B"], validation, augment=policy).found)
claims.check("A overfits: the validation loss ends 0.05 above its lowest point, the training loss below 0.1",
             bool(history["val_loss"][-1] > min(history["val_loss"]) + 0.05 and history["loss"][-1] < 0.1))
claims.check("with a generator in place of the counter nothing is found", not check_pipeline(repaired, validation).found)
claims.check("shuffle with a seed has another order in the next epoch", list(shuffled.as_numpy_iterator()) != list(shuffled.as_numpy_iterator()))
claims.check("Keras's own random layers act where nobody says that it is training", not np.array_equal(keras.layers.RandomRotation(0.1)(x), x))
claims.check("with training=True the layer draws anew in each call", not np.array_equal(jitter(x, training=True), jitter(x, training=True)))
claims.check("stored, 1 copy: 4.4 points of accuracy behind live after 500 updates, 6.6 after 3,000", [f"{points:.1f}" for points in behind[:2]] == ["4.4", "6.6"])
claims.check("stored, no augmentation: 0.5 points behind live after 500 updates, which is undecided, and more than two (2.3 to 2.8) after 3,000",
             f"{behind[2]:.1f}" == "0.5" and bool(2.3 < behind[3] < 2.8)
             and judge(differences(early, "none", "live", "val_accuracy"), "val_accuracy")[2] == "undecided")
claims.check("stored: 1 copy is worse in accuracy than no augmentation after 500 and after 3,000 updates", frozen == ["worse", "worse"])
claims.check("divided twice: the loss ends above 0.6, and above that of divided once by 0.15", bool(twice_divided > 0.6 and twice_divided > once + 0.15))
claims.check("stored, brightness of 0 to 1: accuracy of 57 % on new garments against 82 %, and 71 % in training",
             bool((100 * lit["val_accuracy"].loc[["brightness-of-1", "brightness-of-255"]]).round().tolist() == [57, 82])
             and round(100 * lit["shown_accuracy"]["brightness-of-1"]) == 71)
claims.check("save_to_dir stretches each picture, and in memory it is as given", bool(np.abs(saved - stretch(given)).max() < 1.01 / 255) and np.array_equal(in_memory, given))
claims.check("stored: save_to_dir costs 17 points of accuracy, which is worse", bool(round(-100 * of_saving[0].mean) == 17) and of_saving[2] == "worse")
shown = saving.groupby("arm")["shown_accuracy"].mean()
claims.check("and the training accuracy is higher by 1 to 4 points", bool(1 < 100 * (shown["save-to-dir"] - shown["in-memory"]) < 4))
own = Path(folder.name, "own.png")
keras.utils.save_img(own, 255 * given[0], scale=False)
kept = read_back(own)
claims.check("save_img with scale=False keeps the picture", bool(np.abs(kept - given[0]).max() < 1.01 / 255))
claims.check("stored, deeper network: 97.5 % on the copies held out, 84 % on new garments",
             [f"{marks.loc['deeper', name]:.3g}" for name in ("leaky_accuracy", "val_accuracy")] == ["97.5", "84"])
claims.check("stored, small network: 2.3 points less on augmented new garments",
             f"{marks.loc['small', 'val_accuracy'] - marks.loc['small', 'unseen_accuracy']:.1f}" == "2.3")
claims.check("a picture held out has twelve to fourteen siblings in training", bool(12 < siblings.mean() < 14))
copies = np.concatenate([policy(x) for _ in range(16)])
claims.check("the check-up finds black pictures and a validation set that moves, and can't tell who is on both sides",
             "degenerate" in check_pipeline(twice, (x / 255, y)).found and "degenerate" in check_pipeline(lighter, validation).found
             and check_pipeline(train_flow, val_flow).found == ["validation moves"]
             and check_pipeline((copies[:1024], np.tile(y, 8)), (copies[1024:1424], np.tile(y, 4)[:400]))["shared images"].status == "can't tell")
