# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,slideshow,mystnb,jupyter,cellView,-all
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

# %% [markdown] slideshow={"slide_type": "slide"}
# # 06 When live is not live
#
# A pipeline can be static, black or leaking, and still train. Nothing warns you, because a network learns from whatever it is shown. So look at what it is shown before you look at a curve.
#
# **You will** guess from pictures or code what is wrong with nine pipelines, let a program examine them, and see what most of the mistakes cost.
#
# **You will learn:**
#
# - how augmentation gets frozen, stays off, turns black or is stretched, without an error,
# - how to let `check_pipeline` examine a pipeline of your own, and what it can't see,
# - what to ask first when two of your pipelines disagree.
#
# **You need** lessons [00](00_start_here.ipynb) to [04](04_overfitting_curves.ipynb), and the package `elpv-dataset`, which the requirements include. **Time:** 40 minutes to read, half a minute to run.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series. Then start TensorFlow quietly and without a GPU: networks as small as ours gain nothing
# from one, and it adds up in another order in each run, so equal runs would differ.
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    raise FileNotFoundError(
        "The rest of the series is not here, and this notebook knows no address to fetch it from: open it in a clone "
        "of the series, or take it from a copy in which `make links REPO=owner/name` was run."
    )
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
import tempfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from IPython.display import display
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers import plots
from helpers.augment import POLICIES, RandomAffine
from helpers.compare import differences, summarise
from helpers.data import load_garments, load_solar_cells, subset
from helpers.model import small_model
from helpers.show import show_table
from helpers.stats import judge, paired_interval
from helpers.tables import FOLDER, read_results

plots.use_style()

# %% [markdown]
# ## A pipeline that does what it says
#
# Where two trainings disagree, look for a mistake before you look for a theory. Here is a pipeline without one. It keeps the garments in memory, shuffles them anew in each epoch, and then augments them batch by batch.

# %%
garments = load_garments()
few = subset(garments, 128, replicate=5)
validation = garments.x_val[:200], garments.y_val[:200]  # 200 are enough for a check-up
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)


def augment(images, labels):
    return policy(images), labels


def sound(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    return data.shuffle(len(x), seed=0).batch(32).map(augment).prefetch(2)

# %% [markdown]
# `check_pipeline` comes from a small package of this repository, which works in any project. It reads a pipeline from outside, as `fit` would, for up to nine epochs. Then it says for twelve kinds of trouble whether it *found* them, and how it knows.

# %%
from augcheck import check_pipeline

report_sound = check_pipeline(sound(few.x_train, few.y_train), validation, augment=policy)
display(report_sound)

# %% [markdown]
# Nothing is found. Where augmented pictures can't tell, the report says what would: here the images from before the augmentation, as a pair of arrays.

# %%
report_arrays = check_pipeline((few.x_train, few.y_train), validation, augment=policy)
print("can't tell:", [name for name, finding in report_arrays.items() if finding.status == "can't tell"])

# %% [markdown]
# What is left asks for a model, or (*positions*) for batches in their order, which the first report had. The page [The check-up](../docs/the_check_up.md#what-a-line-says) says in a line what each name looks for, and how to install it.
#
# ## Which of these is live?
#
# Here is one pullover through six epochs of three pipelines. One is live, one is frozen, and in one the augmentation never started. Decide before you unfold the answer.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three rows, A to C, with a pullover with letters on its chest: the original, then six epochs. In A all seven are the same. In B each epoch is shifted, turned or mirrored in its own way. In C the six epochs are the same, and moved to the right and softer than the original."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
# Folded on purpose: the answers stand in here.
GARMENT = 94  # one with letters on it


def frozen(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0)
    return data.batch(32).map(augment).cache().prefetch(2)


def never_on(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0)
    return data.batch(32).map(lambda images, labels: (tf.image.resize(images, (28, 28)), labels))


def through_epochs(pipeline, epochs=6):
    """The garment's picture in each epoch: its label is 7, all others are 0."""
    data = pipeline(few.x_train, 7 * (np.arange(128) == GARMENT))
    batches = [batch for _ in range(epochs) for batch in data]
    found = np.concatenate([images.numpy()[labels.numpy() == 7] for images, labels in batches])
    return np.concatenate([few.x_train[[GARMENT]], found])


columns = ["original", *(f"epoch {e}" for e in range(1, 7))]
followed = {name: through_epochs(pipeline) for name, pipeline in {"A": never_on, "B": sound, "C": frozen}.items()}
plots.show_images(list(followed.values()), list(followed), columns)

# %% [markdown]
# *All three train without a warning.*
#
# <details><summary>Answer</summary>
#
# B is live. C shows one augmented copy in every epoch, so it is frozen. A shows the original in every epoch, so nothing was ever augmented. You need two epochs to see C, and the original beside them to see A.
#
# </details>
#
# ## Frozen by `cache()`
#
# Augmenting takes time, so it is tempting to keep its results. A tutorial on segmentation did so until [a reader noticed](https://github.com/tensorflow/tensorflow/issues/47755). This is C:

# %% slideshow={"slide_type": "slide"}
def frozen(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0)
    return data.batch(32).map(augment).cache().prefetch(2)


report = check_pipeline(frozen(few.x_train, few.y_train), validation)
print(report["repeats"])

# %% [markdown]
# `cache()` keeps what comes before it. The first epoch stores the augmented pictures, and every later epoch reads the store. So the pipeline has become what the other lessons call *1 copy*, and we know its price. With 128 garments it costs 4.4 points of accuracy against live after 500 updates, and 6.6 after 3,000. Nothing in what `fit` reports says "bug": it looks like overfitting, and is. Only the loss on the clean training images, the third curve of lesson [04](04_overfitting_curves.ipynb), would tell.
#
# The repair is an order: first `cache()`, then shuffle, then augment.
#
# ## Frozen by a counter
#
# TensorFlow's own [tutorial on data augmentation](https://www.tensorflow.org/tutorials/images/data_augmentation) hands each image a number from a counter, to be the seed of its draw. So each image gets "a unique value", it says. What happens in the second epoch?

# %% slideshow={"slide_type": "slide"}
def crop(pair, number):
    image, label = pair
    larger = tf.image.resize_with_crop_or_pad(image, 34, 34)
    return tf.image.stateless_random_crop(larger, (28, 28, 1), seed=[number, number]), label


def counted(x, y):
    pairs = tf.data.Dataset.from_tensor_slices((x, y))
    data = tf.data.Dataset.zip((pairs, tf.data.Dataset.counter()))
    return data.shuffle(len(x), seed=0).map(crop).batch(32)


report_counted = check_pipeline(counted(few.x_train, few.y_train), validation)
print("found:", report_counted.found)

# %% [markdown]
# The values are unique within an epoch. But the counter starts again with each epoch, so every image meets its old seed, and its old crop. (Shuffle *before* you count, and the crops belong to places in the epoch: every first image of an epoch is cropped alike. The report then says *positions*.) The tutorial's second option is the repair: a `tf.random.Generator`, which remembers from epoch to epoch where it stands. Make `rng = tf.random.Generator.from_seed(0)` once, outside of the function, and take `seed=rng.make_seeds(1)[:, 0]` inside it.
#
# ## Never switched on
#
# The same tutorial shows how to augment inside a `map`. Before you read on, say what this one does (`resize_and_rescale` is the tutorial's name):
#
# ```python
# aug_ds = train_ds.map(lambda x, y: (resize_and_rescale(x, training=True), y))
# ```
#
# It resizes and rescales. The random layers are in another model, which this line doesn't call, although the text speaks of "augmented images". This is A, and `training=True` can't switch on what isn't there.
#
# A layer of your own can stay off in another way. `fit` tells the layers of a *model* that it is training. In a `map` nobody does, so this one takes its default:

# %% slideshow={"slide_type": "slide"}
class Jitter(keras.layers.Layer):
    def call(self, images, training=False):
        return policy(images) if training else images


jitter = Jitter()
data = tf.data.Dataset.from_tensor_slices((few.x_train, few.y_train)).shuffle(128, seed=0).batch(32)
off = data.map(lambda images, labels: (jitter(images), labels))
report_off = check_pipeline(off, validation, augment=jitter)
print(report_off["repeats"])

# %% [markdown]
# Given the layer, the check-up tries it out by itself and finds the reason. The mistake costs what no augmentation costs. In the stored runs with 128 garments the loss after 500 updates is almost 0.09 above that of live, while the verdict on accuracy is *undecided*. So anyone who watches accuracy alone might never notice.
#
# ## Is there anything in these pictures?
#
# Here are the same six garments from two generators. The images had been divided by 255 long before, and both authors forgot it. What did each add?

# %%
twice = ImageDataGenerator(rescale=1 / 255, **POLICIES["mild"]).flow(few.x_train, few.y_train, seed=0)
lighter = ImageDataGenerator(brightness_range=(0.7, 1.3)).flow(few.x_train, few.y_train, seed=0)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two rows of six tiles. The upper six are black. The lower six are black as well, but for a few white specks that trace parts of a garment."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
plots.show_images([next(flow)[0][:6] for flow in (twice, lighter)], ["rescale", "brightness"], [""] * 6)

# %% [markdown]
# *Both are what a network was shown. The upper pictures aren't quite black: their values reach 1/255.*
#
# `rescale` divides a second time. `brightness_range` sends each image through whole numbers, so what was 0.7 becomes 0, and only pure white can survive.

# %%
dark_validation = ImageDataGenerator(rescale=1 / 255).flow(*validation, shuffle=False)
report_twice = check_pipeline(twice, dark_validation)
report_lighter = check_pipeline(lighter, validation)
print(report_twice["degenerate"], report_lighter["degenerate"], sep="\n\n")

# %% [markdown]
# What does a network make of such pictures? We train once on garments divided once and once on garments divided twice, each with validation garments to match. For the brightness there is a stored table of twenty longer runs each way, tested on garments as they are. Its row *of 0 to 255* is the right use. Compare within each pair of rows, since the lower two trained longer.

# %%
def trained(divisor):
    model = small_model(seed=0)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(few.x_train / divisor, few.y_train, epochs=50, verbose=0).history
    loss, accuracy = model.evaluate(garments.x_val / divisor, garments.y_val, batch_size=500, verbose=0)
    return [history["accuracy"][-1], accuracy, loss]


once, twice_divided = trained(1), trained(255)

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
ranges = read_results(FOLDER / "flow-ranges.csv")
ranges = summarise(ranges.assign(arm=ranges["policy"]))
lit = ranges.groupby("arm")[["shown_accuracy", "val_accuracy", "val_loss"]].mean()
table = pd.DataFrame([once, twice_divided], index=["divided once", "divided twice"], columns=lit.columns)
table = pd.concat([table, lit.loc[["brightness-of-255", "brightness-of-1"]]])
table.index = pd.Index([*table.index[:2], "brightness, of 0 to 255", "brightness, of 0 to 1"], name="")
table.columns = ["right in training", "right on new garments", "loss on new garments"]
show_table(table, approximate=True)

# %% [markdown]
# Divided twice, the network hardly gets away from 0.69, the loss of guessing, and needs far more updates than it is given. With the specks it is worse off. More than half of its pictures are wholly black and can't be told apart, it learns the others by heart, and all that it learns is about specks. `fit` would report 71 % in training: a hard task, you might think, and look for a larger network.
#
# ## What did saving do?
#
# You want a static pool, and `ImageDataGenerator` offers to write it for you: `save_to_dir`. Here are six photographs of solar cells as they were given to it, and as they came back.

# %%
cells = load_solar_cells()
given = subset(cells, 128).x_train[:6]
with tempfile.TemporaryDirectory() as folder:
    next(ImageDataGenerator().flow(given, batch_size=6, shuffle=False, save_to_dir=folder))
    files = sorted(Path(folder).glob("*.png"))
    images = [keras.utils.load_img(file, color_mode="grayscale") for file in files]
    saved = np.stack([keras.utils.img_to_array(image) for image in images]) / 255

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Six solar cells in two rows. In the upper row, as given, some cells are bright and some are grey. In the lower row, as saved, each reaches from black to white, and cracks and dark corners stand out more."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
plots.show_images([given, saved], ["given", "saved"], [""] * 6)

# %% [markdown]
# *Each picture now reaches from black to white, and which cell was the darker one can't be seen any more.*
#
# (These six photographs are licensed CC BY-NC-SA 4.0, by S. Deitsch and others. Lesson [08](08_solar_cells.ipynb) says what that means.)
#
# Before it saves a picture, `save_to_dir` makes its darkest pixel 0 and its brightest 255. Each picture is stretched by itself, and at validation nobody stretches. Somebody who had trained on such files [reported](https://github.com/keras-team/keras-preprocessing/issues/221) that "the original images fail a lot". Does the check-up see it?

# %%
part = subset(cells, 128)


def stretch(pictures):
    low, high = pictures.min((1, 2, 3), keepdims=True), pictures.max((1, 2, 3), keepdims=True)
    return (pictures - low) / (high - low)


stretched = stretch(part.x_train)
report_saved = check_pipeline((stretched, part.y_train), (part.x_val, part.y_val))
print(report_saved["sets differ"])

# %% [markdown]
# It does, because every training picture reaches from the least to the greatest value of its set, and hardly a validation picture does. With garments it would be silent, since most of them reach from 0 to 1 anyway. So look at some pictures, or print `picture.min()` and `picture.max()`. We trained on four copies of 512 cells that were kept in memory, and on the same four from files, for 1,000 updates and twenty times each. Predict how much that matters.

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
saving = read_results(FOLDER / "save-to-dir.csv")
saving = summarise(saving.assign(arm=saving["policy"]))
costs = {}
for metric, name in [("val_loss", "loss"), ("val_accuracy", "accuracy")]:
    interval, _, word = judge(differences(saving, "save-to-dir", "in-memory", metric), metric)
    means = saving.groupby("arm")[metric].mean()
    costs[name] = {"in memory": means["in-memory"], "saved": means["save-to-dir"], "difference": interval.mean,
                   "from": interval.low, "to": interval.high, "saved is": word}  # fmt: skip
cost_of_saving = pd.DataFrame(costs).T.rename_axis("on new cells")
cost_of_saving = cost_of_saving.astype(dict.fromkeys(cost_of_saving.columns[:5], float))
show_table(cost_of_saving, digits=3)


# %% [markdown]
# Seventeen points are gone. What is left is less than the 66 % that you would get by calling every cell sound. The network learned from cells that all reach from black to white, and then met cells of which none does.
#
# The repair is to save them yourself, with `keras.utils.save_img(path, 255 * picture, scale=False)` for pictures from 0 to 1. Its default, `scale=True`, stretches as well.
#
# ## 97.5 %, and why not
#
# Somebody makes sixteen copies of each of 128 garments, mixes them, and keeps a fifth of the pictures for validation. The deeper network is right on 97.5 % of those. What will it do on new garments? Say a number.

# %% slideshow={"slide_type": "slide"}
def split_pool(x, y, copies=16):
    pool = np.concatenate([policy(x) for copy in range(copies)])
    order = np.random.default_rng(0).permutation(len(pool))
    train, val = order[: len(order) * 4 // 5], order[len(order) * 4 // 5 :]
    labels = np.tile(y, copies)
    return (pool[train], labels[train]), (pool[val], labels[val])


train_pool, val_pool = split_pool(few.x_train, few.y_train)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two rows of six garments. Below each validation picture stands a training picture of the same garment, a little turned or shifted."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
rows = np.random.default_rng(0).permutation(16 * 128) % 128  # the garment of each picture
cut = len(train_pool[0])
twins = [np.flatnonzero(rows[:cut] == garment)[0] for garment in rows[cut : cut + 6]]
plots.show_images([val_pool[0][:6], train_pool[0][twins]], ["validation", "training"], [""] * 6)

# %% [markdown]
# *The validation pictures were never trained on. Their siblings were.*
#
# Each picture held out has about twelve siblings in training. So the network has seen what it is asked, and the validation set *leaks*.

# %%
report_leak = check_pipeline(train_pool, val_pool)
print(report_leak["shared images"])

# %% [markdown]
# A turned copy can lie further from its sibling than from another garment, so the check-up can't know. The repair is to split the garments from *before* the augmentation: first split, then augment.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels, small network and deeper network, with accuracy against updates. In both, three lines: leaky rises highest, to 0.93 with the small network and above 0.97 with the deeper one. New garments as they are reach about 0.84, new garments augmented lie a little below."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
leaks = read_results(FOLDER / "split-after-augmenting.csv").query("n == 128")
LINES = {"leaky_accuracy": ("held out of the pool", "#7b3294"), "val_accuracy": ("new garments", "0.2"),
         "unseen_accuracy": ("new garments, augmented", "#1b7a5a")}  # fmt: skip
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(9, 3.6))
for ax, which in zip(axes, ("small", "deeper"), strict=True):
    for column, (name, colour) in LINES.items():
        values = leaks[leaks["model"] == which].pivot(index="update", columns="replicate", values=column)
        bands = np.array([paired_interval(row) for row in values.to_numpy()])
        ax.plot(values.index, bands[:, 0], color=colour, label=name)
        ax.fill_between(values.index, *bands.T[1:], color=colour, alpha=0.18, linewidth=0)
    ax.set(title=f"{which} network", xlabel="gradient updates")
axes[0].set_ylabel("accuracy")
axes[1].legend(loc="lower right")
plt.show()

# %% [markdown]
# *The answer is 84 % (right panel). Nothing is wrong with the network. Only its mark is wrong, and it gets better the more a network can learn by heart.*
#
# If the new garments are augmented like the pictures held out it is 82.4 %, so the leak is worth fifteen points.
#
# ## Validation augmented
#
# A generator is set up once and used for both sets, as many scripts do:

# %%
datagen = ImageDataGenerator(rescale=1 / 255, **POLICIES["mild"])
train_flow = datagen.flow(255 * few.x_train, few.y_train)
val_flow = datagen.flow(255 * validation[0], validation[1])
report_both = check_pipeline(train_flow, val_flow)
print(report_both["validation moves"])

# %% [markdown]
# The training is sound, but what you are told about it is not. The two lower lines of the last figure show by how much: the same small networks score two to three points less on augmented garments, because those are harder. Give validation a generator of its own, with the `rescale` and nothing else.
#
# ## My two pipelines disagree
#
# One trains better than the other, and you don't know why. Suppose that you have looked at the pictures of each, and each looks sound. Then ask in this order, which starts with what explains most: unequal training, and luck.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "A chart of seven questions from top to bottom, on updates, replicates, validation, epochs, pictures, batches and originals. A no leads to the right, to what to do, a yes to the next question, and seven times yes to a real difference between static and live."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from matplotlib.patches import FancyBboxPatch

QUESTIONS = [
    ("Same number of gradient updates?", "count updates, not epochs (lesson 02)"),
    ("Eight or more pairs, and a verdict of\nbetter or worse?", "nothing to explain yet (lesson 02)"),
    ("Same validation images, never augmented,\nand none of them in training?", "validation moves, sets differ,\nshared images"),
    ("Does each epoch bring what you meant:\nnew pictures, or a pool?", "repeats: cache(), a counter, a layer\nthat is off"),
    ("Do pictures of both look the same,\nside by side?", "degenerate; stretched by save_to_dir;\nother layers (lesson 07)"),
    ("Batches mixed alike, labels right?", "order, labels, one draw (lesson 03)"),
    ("Same share of originals?", "match it (lesson 01)"),
]
figure, ax = plt.subplots(figsize=(8.6, 7.2))
ax.set(xlim=(0, 10), ylim=(-7.5, 0.5))
ax.axis("off")
arrow = {"arrowstyle": "-|>", "color": "0.4", "shrinkA": 0, "shrinkB": 0}
for row, (question, otherwise) in enumerate([*QUESTIONS, ("A real difference between\nstatic and live: lessons 01 to 05", "")]):
    edge = plots.BLUE if otherwise else plots.GREY
    ax.add_patch(FancyBboxPatch((0.1, -row - 0.27), 4.8, 0.54, "round,pad=0.06", facecolor="white", edgecolor=edge))
    ax.text(2.5, -row, question, ha="center", va="center", fontsize=11)
    ax.text(5.9, -row, otherwise, va="center", fontsize=11, color="#9c4a00")
    if otherwise:
        ax.annotate("", (5.75, -row), (5.0, -row), arrowprops=arrow)
        ax.annotate("", (2.5, -row - 0.67), (2.5, -row - 0.34), arrowprops=arrow)
        ax.text(5.35, -row + 0.06, "no", ha="center", va="bottom", fontsize=10, color="0.35")
        ax.text(2.62, -row - 0.5, "yes", va="center", fontsize=10, color="0.35")
plt.show()

# %% [markdown]
# *Counting comes first. What stands in brown are lines of the report, or lessons.*
#
# ## How far can you trust the check-up?
#
# Its tests have 99 broken pipelines and 33 correct ones. With garments it detected 92 of the 99, and raised no false alarm. What it missed were intentions, such as a shift in the wrong direction, and pictures that were augmented once and then stored. The page [The check-up](../docs/the_check_up.md) has the whole list, and says how to use it with a model of your own.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Take-away
#
# 1. Look at one image through several epochs, beside its original, before every training. It takes a minute and finds what is frozen or off.
# 2. What `fit` reports hides these mistakes: frozen looks like overfitting, black like a hard task, leaking like success.
# 3. When two pipelines disagree, count the updates, then the pairs, and only then look for a cause.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quick questions
#
# <details><summary>1. You add `cache()`, epochs get faster, and soon the validation loss rises as in ordinary overfitting. What do you look at first?</summary>
#
# At one image through several epochs. If `cache()` comes after the augmentation, each epoch shows the stored pictures again, and the rise *is* overfitting, to one copy.
#
# </details>
#
# <details><summary>2. `check_pipeline` has found nothing. Does your pipeline do what you mean it to do?</summary>
#
# Perhaps not. A shift in the wrong direction, garments that were stretched and a validation set that was augmented once and stored all go through unseen. The check-up knows what comes out, and not what you meant.
#
# </details>
#
# <details><summary>3. Of a static pool of twelve copies, read one after the other, the report says "new pictures in every epoch". Is it wrong?</summary>
#
# No. It reads nine epochs, and in nine epochs such a pool shows nothing twice. The line says so, "as in a pool of 9 copies or more".
#
# </details>
#
# <details><summary>4. Every image gets a seed of its own, its row number. Is that live?</summary>
#
# No. The row number is the same in every epoch, so the draw is, too. The seed has to know the epoch, as lesson [01](01_static_versus_live.ipynb) does it.
#
# </details>
#
# <details><summary>5. You split a pool of copies into training and validation, and a deeper network scores much better than a small one. What have you learned?</summary>
#
# Little. The deeper one learns garments by heart more easily, and that is what a leaking validation set rewards. On new garments the two are nearly alike.
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

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
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
pipelines = {name: build(few.x_train, few.y_train) for name, build in zip("PQR", builders, strict=True)}

# %%
from exercises import check

for _, labels in pipelines["P"]:
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
# Build a mistake into `mine` that you have made or feared: in units, ranges, seeds, order or labels. Does the check-up see it? Predict what it costs. Then train `mine` and `sound` with plain Keras, on several subsets each, and compare in pairs. A pipeline from a published tutorial will do as well.

# %%
def mine(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    return data.shuffle(len(x), seed=0).batch(32).map(augment).prefetch(2)


print("found:", check_pipeline(mine(few.x_train, few.y_train), validation).found)

# %% [markdown]
# ## In practice and limits
#
# The costs are those of small images, two classes and the small network, and the mistakes are ones that we or others made. Yours may be another one. We read the tutorial in March 2026. The check-up reads at most nine epochs and 25,000 images, so a pool of ten copies looks live to it.
#
# **Next:** [07 Modern pipelines](07_modern_pipelines.ipynb) asks whether today's layers show the same pictures as the old generator.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
claims = Claims(policy=(policy, mild), garments=(len(few.x_train), 128))
claims.check("sound: new pictures in every epoch, and nothing is found",
             report_sound["repeats"].value == "new pictures in every epoch" and not report_sound.found)
claims.check("with the images from before the augmentation nothing is found, and only their places and what asks for a model can't be told",
             not report_arrays.found and [name for name in report_arrays if report_arrays[name].status == "can't tell"]
             == ["positions", "augmented twice", "head", "policy"])
different = {name: len(np.unique(pictures, axis=0)) for name, pictures in followed.items()}
claims.check("the riddle: A shows the original only, B seven different pictures, C one beside the original",
             different == {"A": 1, "B": 7, "C": 2})
claims.check("cache() after the map: repeats and order are found", report.found == ["repeats", "order"])
claims.check("a counter: repeats are found", report_counted.found == ["repeats"])


def with_generator(x, y):
    generator = tf.random.Generator.from_seed(0)
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0)
    return data.map(lambda image, label: crop((image, label), generator.make_seeds(1)[0, 0])).batch(32)


report_generator = check_pipeline(with_generator(few.x_train, few.y_train), validation)
claims.check("a generator: nothing is found", not report_generator.found)
claims.check("a layer that is off: the report says to call it with training=True",
             report_off.found == ["repeats"] and report_off["repeats"].change == "Call it with training=True.")
study = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 128")
early, late = (summarise(study[study["update"] <= end]) for end in (500, 3000))
behind = [100 * differences(ends, "live", "copies-1", "val_accuracy").mean() for ends in (early, late)]
claims.check("stored, one copy: 4.4 points behind live after 500 updates, 6.6 after 3,000",
             [f"{points:.1f}" for points in behind] == ["4.4", "6.6"])
claims.check("stored, no augmentation: loss higher by 0.08 to 0.09 after 500 updates, accuracy undecided",
             bool(0.08 < differences(early, "none", "live").mean() < 0.09)
             and judge(differences(early, "none", "live", "val_accuracy"), "val_accuracy")[2] == "undecided")
claims.check("divided twice: found as degenerate, and as scaled twice",
             report_twice.found == ["degenerate"] and report_twice["degenerate"].value == "scaled twice")
claims.check("a brightness too low: found as degenerate", "degenerate" in report_lighter.found)
claims.check("divided twice: the loss ends above 0.6, and above that of divided once by 0.15",
             bool(twice_divided[2] > 0.6 and twice_divided[2] > once[2] + 0.15))
claims.check("stored, brightness of 0 to 1: 57 % right on new garments against 82 %, and 71 % in training",
             lit.round(2)["val_accuracy"].loc[["brightness-of-1", "brightness-of-255"]].tolist() == [0.57, 0.82]
             and round(lit["shown_accuracy"]["brightness-of-1"], 2) == 0.71)
claims.check("save_to_dir stretches each picture from 0 to 1",
             bool(np.abs(saved - stretched[:6]).max() < 1.01 / 255 and stretched.min() == 0 and stretched.max() == 1))
claims.check("stretched cells: sets differ is found, as each picture stretched; stretched garments: nothing is",
             report_saved.found == ["sets differ"] and "each picture stretched" in report_saved["sets differ"].value
             and not check_pipeline((stretch(few.x_train), few.y_train), validation).found)


def counted_late(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0)
    return tf.data.Dataset.zip((data, tf.data.Dataset.counter())).map(crop).batch(32)


claims.check("a counter behind the shuffle: positions are found",
             check_pipeline(counted_late(few.x_train, few.y_train), validation).found == ["positions"])
claims.check("stored: save_to_dir is worse in both, by 0.15 to 0.20 in loss and 16 to 18 points of accuracy",
             bool(0.15 < costs["loss"]["difference"] < 0.2 and -0.18 < costs["accuracy"]["difference"] < -0.16)
             and costs["loss"]["saved is"] == costs["accuracy"]["saved is"] == "worse")
claims.check("and right less often than calling every cell sound",
             bool(costs["accuracy"]["saved"] < 1 - cells.y_val.mean()))
with tempfile.TemporaryDirectory() as folder:
    keras.utils.save_img(Path(folder, "own.png"), 255 * given[0], scale=False)
    kept = keras.utils.img_to_array(keras.utils.load_img(Path(folder, "own.png"), color_mode="grayscale")) / 255
claims.check("save_img with scale=False keeps the picture", bool(np.abs(kept - given[0]).max() < 1.01 / 255))
reaching = (few.x_train.max(axis=(1, 2, 3)) > 0.999) & (few.x_train.min(axis=(1, 2, 3)) < 0.001)
of_cells = (cells.x_val.max(axis=(1, 2, 3)) > 0.999) & (cells.x_val.min(axis=(1, 2, 3)) < 0.001)
claims.check("most garments reach from black to white, and no new cell does", bool(reaching.mean() > 0.8 and not of_cells.any()))
claims.check("a pool that was split: the check-up can't tell", report_leak["shared images"].status == "can't tell")
pictures_of = np.bincount(rows[:cut], minlength=128)[rows[cut:]]
claims.check("a picture held out has twelve to fourteen siblings in training", bool(12 < pictures_of.mean() < 14))
parts = [(few.x_train[:96], few.y_train[:96]), (few.x_train[96:], few.y_train[96:])]
claims.check("split first: nothing is shared", check_pipeline(*parts, augment=policy)["shared images"].status == "not found")
marks = summarise(leaks[leaks["model"] == "deeper"]).mean(numeric_only=True)
claims.check("stored, deeper network: 97.5 % on the pool, 84.0 % on new garments, 82.4 % on these augmented",
             [round(100 * marks[name], 1) for name in LINES] == [97.5, 84.0, 82.4])
harder = []
for budget in (500, 1000, 3000):
    ends = summarise(leaks[(leaks["model"] == "small") & (leaks["update"] <= budget)])
    harder.append(100 * (ends["val_accuracy"] - ends["unseen_accuracy"]).mean())
claims.check("stored, small network: 2 to 3 points less on augmented new garments, at three budgets",
             bool(min(harder) > 2 and max(harder) < 3))
claims.check("one generator for both sets: validation moves is found", report_both.found == ["validation moves"])
listed = pd.read_csv(FOLDER / "checkup.csv", keep_default_na=False)
claims.check("the check-up was tested on 99 broken pipelines and 33 correct ones, with garments 92 detected and no false alarm",
             [(listed["finding"] != "").sum(), (listed["finding"] == "").sum()] == [99, 33]
             and (listed["garments"] == "detected").sum() == 92
             and bool((listed.loc[listed["finding"] == "", ["garments", "solar cells", "photograph"]] == "no alarm").all(axis=None)))
