# %% [markdown]
# # Assignment 3: Check a pipeline
#
# You will move an old policy to Keras layers, build two instruments that look at what a pipeline shows, and use them on five pipelines that all train without a message. One of the five is sound.
#
# **You need** lessons 00, 02, 06 and [07](https://github.com/OWNER/NAME/blob/REFERENCE/notebooks/07_modern_pipelines.ipynb). **Time:** 60 to 90 minutes, of which the computer takes less than one. **Points:** 8. The last question is marked by a person.

# %%
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from augcheck import check_pipeline
from helpers.augment import RandomAffine
from helpers.data import subset

FAULTS = ["sound", "frozen", "dark", "leaked", "validation moves"]

# %% tags=["variant"]
# variant.toml

# %%
ROTATION = 6 + SEED  # degrees
part = subset(garments, IMAGES, SEED)  # your training garments
held_out = garments.x_val[SEED::10], garments.y_val[SEED::10]  # every tenth garment for validation

# %% [markdown]
# How blurred are pictures? This is the lesson's measure: the mean squared step from a pixel to its neighbour. The *sharpness* of changed images is theirs divided by that of the originals, so the originals have 1.

# %%
def steps(images):
    return np.mean(np.diff(images, axis=1) ** 2) + np.mean(np.diff(images, axis=2) ** 2)


# %% [markdown] tags=["question"]
# ## 1. Predict
#
# In question 2 you will write a policy (a mirror, a turn, a zoom) as a stack of Keras layers. It resamples each picture twice, and `RandomAffine` does the same changes in one resampling. Which sharpness do you expect of the pictures of either? Nobody marks whether you were right. Leave it as it is afterwards.

# %% tags=["solution"]
expected_stack = 0.5  # SOLUTION
expected_once = 0.6  # SOLUTION

# %% tags=["test"]
for name, value in [("expected_stack", expected_stack), ("expected_once", expected_once)]:
    assert value is not ..., f"{name} is still to come."
    assert 0 < value < 2, f"{name} is {value}, expected a number near or below 1."

# %% [markdown] tags=["question"]
# ## 2. Move a policy
#
# The old code says `ImageDataGenerator(rotation_range=ROTATION, zoom_range=0.1, horizontal_flip=True)`. Write it as a `keras.Sequential` of three Keras layers, a flip, a rotation and a zoom, in this order, with the same ranges, the same filling at the borders, and width and height zoomed separately.

# %% tags=["solution"]
# BEGIN SOLUTION NO PROMPT
stack = keras.Sequential([
    layers.RandomFlip("horizontal", seed=1),
    layers.RandomRotation(ROTATION / 360, fill_mode="nearest", seed=2),
    layers.RandomZoom(0.1, 0.1, fill_mode="nearest", seed=3),
])
# END SOLUTION
""" # BEGIN PROMPT
stack = ...
""" # END PROMPT

# %% tags=["test"]
assert stack is not ..., "stack is still to come: a keras.Sequential of three layers."
found = [type(layer).__name__ for layer in stack.layers]
assert found == ["RandomFlip", "RandomRotation", "RandomZoom"], f"found the layers {found}."

# %% tags=["hidden"]
flip, turn, zoom = stack.layers
assert flip.mode == "horizontal", f"the flip is {flip.mode}."
assert np.allclose(turn.factor, ((-6 - SEED) / 360, (6 + SEED) / 360)), f"the rotation's factor is {turn.factor}: 1 is a full turn."
assert np.allclose(zoom.height_factor, 0.1) or np.allclose(zoom.height_factor, (-0.1, 0.1)), f"the zoom's height factor is {zoom.height_factor}."
assert zoom.width_factor is not None, "without a width factor, the zoom keeps the aspect."
assert turn.fill_mode == zoom.fill_mode == "nearest", f"the borders are filled by {turn.fill_mode} and {zoom.fill_mode}."

# %% [markdown]
# What came out, beside what you predicted:

# %%
once = RandomAffine(ROTATION, zoom_range=0.1, horizontal_flip=True, seed=0)
for name, augmenter in {"the stack": stack, "RandomAffine": once}.items():
    if callable(augmenter):
        drawn = np.asarray(augmenter(part.x_train, training=True))
        print(f"sharpness of {name}: ≈ {steps(drawn) / steps(part.x_train):.2f}")

# %% [markdown] tags=["question"]
# ## 3. The first instrument: what is new?
#
# Write a function that takes the pictures of two epochs, two float arrays of shape (n, height, width, channels) in any order, and returns which share of the second epoch's pictures did not appear in the first, from 0 to 1. A picture is the same if every pixel is equal.

# %% tags=["solution"]
def share_new(first, second):
    # BEGIN SOLUTION
    seen = {picture.tobytes() for picture in first}
    return np.mean([picture.tobytes() not in seen for picture in second])
    # END SOLUTION


# %% tags=["test"]
found = share_new(part.x_train[:8], part.x_train[6:10])
assert found is not None and found is not ..., "share_new is still to come."
assert abs(found - 0.5) < 1e-9, f"of the pictures 6 to 9, two are among 0 to 7, so 0.5 is new; found {found}."

# %% tags=["hidden"]
for size, new in ((40, 13), (64, 0), (50, 50), (33, 1)):
    first = rng.random((size, 5, 4, 1)).astype(np.float32)
    second = first[rng.permutation(size)].copy()
    second[rng.permutation(size)[:new], 2, 3, 0] += np.float32(0.001)
    expected = new / size
    given = share_new(first, second)
    assert abs(given - expected) < 1e-9, f"{new} of {size} pictures are new by a thousandth in one pixel: found {given}."
repeated = np.concatenate([first[:1]] * 3 + [first[:1] + 1])
assert abs(share_new(first, repeated) - 0.25) < 1e-9, "a picture that comes three times in the second epoch counts three times."

# %% [markdown] tags=["question"]
# ## 4. The second instrument: what is on both sides?
#
# Write a function that takes training and validation images (as they are before any augmentation) and returns how many of the validation images are in training, as they are or mirrored left to right.

# %% tags=["solution"]
def in_both(train, validation):
    # BEGIN SOLUTION
    known = {picture.tobytes() for pictures in (train, train[:, :, ::-1]) for picture in pictures}
    return sum(picture.tobytes() in known for picture in validation)
    # END SOLUTION


# %% tags=["test"]
some = part.x_train
found = in_both(some[:8], np.concatenate([some[6:10], some[:1, :, ::-1]]))
assert found is not None and found is not ..., "in_both is still to come."
assert found == 3, f"of these five images two are in training and one is there mirrored, which makes 3; found {found}."

# %% tags=["hidden"]
for _ in range(4):
    train = rng.random((60, 6, 5, 1)).astype(np.float32)
    same, mirrored, upside_down, other = rng.integers(1, 9, 4)
    rows = rng.permutation(60)
    parts = [train[rows[:same]], train[rows[20:20 + mirrored], :, ::-1], train[rows[40:40 + upside_down], ::-1]]
    validation = np.concatenate([*parts, rng.random((other, 6, 5, 1)).astype(np.float32)])
    validation = validation[rng.permutation(len(validation))]
    expected = same + mirrored
    given = in_both(train, validation)
    assert given == expected, f"{same} are in training, {mirrored} mirrored, {upside_down} upside down, {other} are new: found {given}."

# %% [markdown]
# ## Five pipelines
#
# `pipeline("A")` to `pipeline("E")` return three things: the training set and the validation set as `fit` gets them, and the training images from before the augmentation. The makers are folded. If you unfold them you have the answer, and will have to say in question 7 how the pictures show it all the same.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
# Folded on purpose: the answers stand in here.
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
LETTERS = dict(zip("ABCDE", np.random.default_rng((IMAGES, SEED)).permutation(5).tolist(), strict=True))


def augment(images, labels):
    return policy(images), labels


def pipeline(letter):
    fault = FAULTS[LETTERS[letter]]
    x, y, (x_val, y_val) = part.x_train, part.y_train, held_out
    if fault == "leaked":
        order = np.random.default_rng(SEED).permutation(2 * len(x))
        x, y = np.concatenate([x, x[:, :, ::-1]])[order], np.tile(y, 2)[order]
        x, y, x_val, y_val = x[:IMAGES], y[:IMAGES], x[IMAGES:], y[IMAGES:]
    if fault == "dark":
        x, x_val = x / 255, x_val / 255
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=SEED).batch(32).map(augment)
    validation = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(32)
    if fault == "frozen":
        data = data.cache()
    if fault == "validation moves":
        validation = validation.map(augment)
    return data.prefetch(2), validation.prefetch(2), x


# %%
def pictures(dataset):
    """The pictures of one epoch, as an array."""
    return np.concatenate([images.numpy() for images, labels in dataset])


train, validation, before = pipeline("A")
print("A shows", pictures(train).shape, "in an epoch and validates with", pictures(validation).shape)

# %% [markdown] tags=["question"]
# ## 5. Diagnose them
#
# Use your instruments, look at the values, and use `check_pipeline(train, validation, augment=policy)` as in lesson 06. Put one of the words of `FAULTS` behind each letter. Each word occurs once.

# %% tags=["solution"]
# BEGIN SOLUTION NO PROMPT
diagnosis = {}
for letter in "ABCDE":
    train, validation, before = pipeline(letter)
    held, held_again = pictures(validation), pictures(validation)
    if share_new(pictures(train), pictures(train)) == 0:
        diagnosis[letter] = "frozen"
    elif pictures(train).max() < 0.01:
        diagnosis[letter] = "dark"
    elif in_both(before, held) > 0:
        diagnosis[letter] = "leaked"
    elif share_new(held, held_again) > 0:
        diagnosis[letter] = "validation moves"
    else:
        diagnosis[letter] = "sound"
# END SOLUTION
""" # BEGIN PROMPT
diagnosis = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ...}
""" # END PROMPT
print(diagnosis)

# %% tags=["test"]
assert isinstance(diagnosis, dict) and set(diagnosis) == set("ABCDE"), "diagnosis should have the letters A to E."
assert ... not in diagnosis.values(), "some letters are still to come."
assert sorted(diagnosis.values()) == sorted(FAULTS), f"each of {FAULTS} should occur once."

# %% tags=["hidden"]
names = ["sound", "frozen", "dark", "leaked", "validation moves"]
numbers = np.random.default_rng((IMAGES, SEED)).permutation(5).tolist()
expected = {letter: names[number] for letter, number in zip("ABCDE", numbers, strict=True)}
wrong = sum(diagnosis[letter] != expected[letter] for letter in "ABCDE")
assert not wrong, f"{wrong} of the five pipelines have another fault than you say."

# %% [markdown] tags=["question"]
# ## 6. Repair one
#
# A colleague's pipeline looks like this, and runs:
#
# ```python
# data = tf.data.Dataset.from_tensor_slices((x, y)).batch(32).shuffle(4)
# data = data.map(lambda images, labels: (augment(images), labels)).cache()
# ```
#
# Write it anew. In every epoch all images are shuffled together, anew each time. Batches of 32 are full, and what is left over at the end of an epoch is dropped. `augment` gets whole batches of images and is called afresh in every epoch. Labels stay with their images. `prefetch` comes last.

# %% tags=["solution"]
def repaired(x, y, augment):
    # BEGIN SOLUTION
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache().shuffle(len(x)).batch(32, drop_remainder=True)
    return data.map(lambda images, labels: (augment(images), labels)).prefetch(2)
    # END SOLUTION


# %% tags=["test"]
found = repaired(part.x_train[:80], part.y_train[:80], policy)
assert found is not None and found is not ..., "repaired is still to come."
shapes = [images.shape[0] for images, labels in found]
assert shapes == [32, 32], f"80 images make two full batches of 32, and the other 16 are dropped; found batches of {shapes}."

# %% tags=["hidden"]
size = 200 + KEY % 23
x = np.broadcast_to(np.arange(size, dtype=np.float32)[:, None, None, None], (size, 2, 2, 1)).copy()
calls, ranks = itertools.count(), set()


def counted(images, training=True):
    ranks.add(images.shape.rank)
    moved = tf.numpy_function(lambda pictures: pictures + np.float32(next(calls) / 1024), [images], tf.float32)
    return tf.ensure_shape(moved, images.shape)


counted = tf.autograph.experimental.do_not_convert(counted)  # a doctest has no source that AutoGraph could read
dataset = repaired(x, np.arange(size), counted)
epochs = [[(np.asarray(a), np.asarray(b)) for a, b in itertools.islice(dataset, 99)] for _ in range(3)]
assert all([len(a) for a, b in epoch] == [32] * (size // 32) for epoch in epochs), f"{size} images don't come as {size // 32} full batches."
shown = np.array([[a[:, 0, 0, 0] for a, b in epoch] for epoch in epochs])
labels = np.array([[b for a, b in epoch] for epoch in epochs])
assert ranks == {4}, "augment should get whole batches, and be called at all."
assert (np.floor(shown) == labels).all(), "labels don't stay with their images."
assert not np.isin(shown[1], shown[0]).any(), "pictures of the first epoch come again in the second."
assert all(len(np.unique(epoch)) == epoch.size for epoch in labels), "an image comes twice in an epoch."
assert (labels[0] != labels[1]).any(), "every epoch has the order of the first."
assert (np.ptp(labels, axis=2) > 90).all(), "the members of a batch are neighbours."

# %% [markdown] tags=["question", "manual"]
# ## 7. Write to the owner of the leaked one
#
# The owner of the leaked pipeline reports a splendid validation accuracy. Write back in about 60 to 120 words. A longer letter loses nothing. It says four things:
#
# - what is wrong, and by which of your numbers one can see it;
# - why looking at the training pictures as `fit` gets them does not show it;
# - in which order split and augmentation belong, and what will happen to the accuracy;
# - what a check-up that finds nothing does not prove, and how your two predictions of question 1 turned out.

# %% [markdown] tags=["solution"]
# One letter among others, with invented numbers:
#
# > 75 of your 160 validation images are in training, as they are or mirrored: `in_both(before, validation)` counts them. What `fit` gets doesn't show it, because those pictures are augmented anew, and none is equal to a validation image in every pixel. Look at the images from before. Split first, by source image, and augment only the training part afterwards. The accuracy will probably be lower, and it will be honest. By the way, a check-up that finds nothing doesn't prove that a pipeline is as you meant it: a slightly turned copy in validation, or the wrong policy, would pass. I had expected a sharpness of 0.5 and 0.6, and it was 0.4 and 0.6.
#
# The rubric, half a point each. Nothing is lost by length.
#
# - **The evidence as a number**: so many of the validation images are in training, as they are or mirrored, by `in_both`. "The report says leaked" or "the code shows it" earns nothing.
# - **Why it hides**: training is read augmented, so no picture is equal to a validation image. One has to look at the images from before, as `before` or a pair of arrays for `check_pipeline`.
# - **The repair**: split by source image first, then augment training only. The accuracy will be lower, or at least be an honest number. Whoever quotes lesson 06, where 97.5 % became 84 %, as an example has the half point. To promise such a fall for this pipeline is more than its runs say.
# - **The limit and the predictions**: a check-up that finds nothing is no proof that the pipeline does what was intended (a turned or cropped copy in validation, the wrong policy). Both predictions are compared with what came out.

