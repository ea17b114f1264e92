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
# # 09 Your own images
#
# This is a project: do it once yourself, fairly. You bring a folder with pictures of two classes. You leave with a verdict on live and static augmentation that someone else could check, and with one page that says so.
#
# **You will** write down a plan before the first run, check your pipeline, train eight pairs, draw one figure and report what came out, whatever it is.
#
# **You will learn:**
#
# - how to turn a question about augmentation into a plan that can fail,
# - how to go from a folder of pictures to a fair comparison and a verdict,
# - what a report has to say so that someone else can check it.
#
# **You need** lessons [00](00_start_here.ipynb) to [02](02_a_fair_comparison.ipynb), [04](04_overfitting_curves.ipynb) to [06](06_when_live_is_not_live.ipynb) and [08](08_solar_cells.ipynb), and 400 pictures or more (about 1,400 for eight pairs that share none). **Time:** 15 minutes to read and less than one to run as it stands, then two to four hours with your own pictures.
#
# As it stands, the notebook runs on a small folder of garments that it writes itself. Run it once so, to see where you are going. Then change the lines marked `# yours`, and run it again.

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
import hashlib
import json
import tempfile

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image

from helpers import plots
from helpers.data import load_garments, subset
from helpers.show import show_table

plots.use_style()


def write_demo(place):
    """Garments as files, in a folder for each class."""
    some = subset(load_garments(), 1200)
    for number, (picture, label) in enumerate(zip(some.x_train, some.y_train, strict=True)):
        folder = place / ["pullover", "coat"][label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.uint8(np.round(255 * picture[..., 0]))).save(folder / f"{number:04}.png")


scratch = tempfile.TemporaryDirectory()  # removed when the kernel stops
demo = Path(scratch.name) / "clothes"
write_demo(demo)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What counts
#
# | | points | full marks | what costs points |
# | --- | --- | --- | --- |
# | fairness | 25 | same updates, same share of originals between static and live, pairs, plan written before the first run | epochs compared with epochs, a plan that grew afterwards |
# | pipeline checked | 20 | each finding of the check-up repaired or explained, splits by object | a report that nobody read |
# | figure | 20 | all pairs or their intervals, the margin, both halves, a caption with the point | only means, two axes that differ |
# | honest verdict | 25 | one of the four words, at the margin and at half of it, expectation kept beside it | *better* where it says *undecided* |
# | limits | 10 | what your pictures, network and length of training can't tell | "more data would help" |
#
# A verdict of *undecided* can earn all 100 points, and a large win can earn few.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. The folder
#
# One folder, and in it two folders, one for each class, numbered 0 and 1 by the alphabet. (So a coat is 0 in the demonstration, and 1 in the other lessons.) Files are images by their content, not by their name, and the loader lists what it can't use. It keeps a quarter for validation.

# %%
from helpers.folder import load_image_folder

folder = demo  # yours: such as "~/pictures/leaves"
image_size, channels = 28, 1  # yours: 32 or 64, and 3 for colour
data = load_image_folder(folder, image_size=image_size, channels=channels)
print(f"{len(data.x_train)} to train on, {len(data.x_val)} for validation, class 1 is {data.y_val.mean():.0%} of them")

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two rows of six small pictures from the folder, the first six training pictures of class 0 and of class 1. In the demonstration these are coats and pullovers."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
names = sorted(place.name for place in Path(folder).expanduser().iterdir() if place.is_dir() and not place.name.startswith("."))
rows = [data.x_train[data.y_train == label][:6] for label in (0, 1)]
plots.show_images(rows, [f"{label}: {name}" for label, name in enumerate(names)], [""] * 6)

# %% [markdown]
# *Look at your pictures as the network gets them. Can you still tell the two classes apart?*
#
# Files of equal bytes stay on one side of the split, but the loader can't know that two pictures show the same leaf. If they do, or come from one patient, camera or day, split by these yourself. Then build `data = Data(x_train, y_train, x_val, y_val)` (from `helpers.data`, images from 0 to 1).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. A trivial rule
#
# Lesson [08](08_solar_cells.ipynb) taught us to try one first. What does brightness alone reach, and what does calling everything by the larger class?

# %%
def brightness(images):
    return images.mean(axis=(1, 2, 3))


best = 0.0
for sign in (1, -1):
    for threshold in np.linspace(-1, 1, 201):
        share_right = np.mean((sign * brightness(data.x_train) > threshold) == data.y_train)
        if share_right > best:
            best, rule = share_right, (sign, threshold)
by_rule = np.mean((rule[0] * brightness(data.x_val) > rule[1]) == data.y_val)
print(f"brightness {by_rule:.0%}, larger class {max(data.y_val.mean(), 1 - data.y_val.mean()):.0%} right")

# %% [markdown]
# ## 3. The plan, before the first run
#
# Fill in this sheet first, and then the code below it. The answers in italics are those of the demonstration.
#
# | | |
# | --- | --- |
# | Question | *Does live augmentation beat none, and one or four copies of these garments?* |
# | Who splits the pictures, and by what | *The loader, by file; no two garments are the same* |
# | Policy, and why each label stays true | *Turns up to 5 degrees, shifts and zoom up to 5 %, mirror images: a coat stays a coat* |
# | Arms, with their share of originals (for a number of copies see lesson [05](05_how_many_copies.ipynb)) | *Live, none, 1 copy instead of each image; live that leaves a fifth as it is against originals + 4 copies* |
# | Images, updates, pairs | *128, 200 and four. (Take eight pairs or more, and 1,000 updates or more. Four are for show.)* |
# | Measure and margin | *Validation loss, 0.02* |
# | What I expect | *Live better than 1 copy, the others undecided, since the runs are short* |
# | What would be too little to matter, and why | *0.02 of loss changed no decision in our pilots* |
# | Date and name | |
#
# The pairs below hold the first of two arms against the second. Where a pool keeps the originals, its partner is live with as many of them (lesson [01](01_static_versus_live.ipynb)).

# %% slideshow={"slide_type": "slide"}
plan = {
    "policy": {"rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05, "zoom_range": 0.05,
               "horizontal_flip": True},  # yours
    "pairs": [["live", "none"], ["live", "copies-1"], ["live-4/5", "originals+4"]],
    "n": 128,  # a multiple of 32; replicates times n beyond your training images share images: say so
    "updates": 200,  # yours: 1,000 or more
    "replicates": 4,  # yours: 8 or more
    "margin": 0.02,
    "expected": ["undecided", "better", "undecided"],  # yours, one for each pair
}  # fmt: skip
registered = hashlib.sha256(json.dumps(plan).encode()).hexdigest()[:8]
print("plan", registered)

# %% [markdown] slideshow={"slide_type": "slide"}
# The eight characters change with every change of the plan. Send them to someone before you go on, and put them into your report. If you have to change the plan later, say so there, and say why.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "One training picture of each class, and beside each five draws of the policy. In the demonstration a coat and a pullover are turned, moved and mirrored a little."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from helpers.augment import RandomAffine

policy = RandomAffine(**plan["policy"], seed=0)
rows = []
for label in (0, 1):
    one = data.x_train[data.y_train == label][:1]
    drawn = policy.apply(np.repeat(one, 5, axis=0), policy.draw(5, seed=(0, label))).numpy()
    rows.append(np.concatenate([one, drawn]))
plots.show_images(rows, names, ["image", *["drawn"] * 5])

# %% [markdown]
# *Could each of these be a new picture of its class? If not, the policy is wrong, whatever the loss says.*

# %% [markdown]
# ## 4. The check-up
#
# Hand it the pipeline that you would train with. This is ours, in plain TensorFlow, and you may replace it by yours. (The runs below draw their pictures from the same policy by `compare`, which has tests of its own. If you write a loop, check the pipeline of that loop.)

# %%
import tensorflow as tf

from augcheck import check_pipeline


def augmented(images, labels):
    return policy(images, training=True), labels


pipeline = tf.data.Dataset.from_tensor_slices((data.x_train, data.y_train))
pipeline = pipeline.shuffle(len(data.x_train)).batch(32).map(augmented)
report = check_pipeline(pipeline, (data.x_val, data.y_val), augment=policy)

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
checked = pd.DataFrame({name: [finding.status, finding.value] for name, finding in report.items()}, index=["result", "what"]).T
show_table(checked[["result"]].rename_axis("looked for"))
for name in report.found:
    print(f"\n{name}: {report[name]}")

# %% [markdown]
# For each *found*, repair the pipeline or say why it isn't a fault. For each *can't tell*, `print(report)` says what the check-up would need to know. [The check-up](../docs/the_check_up.md#what-a-line-says) says what each line looks for, and lesson [06](06_when_live_is_not_live.ipynb) shows most of the mistakes.

# %% [markdown]
# ## 5. The runs
#
# The code takes everything from the plan. All arms of a replicate share images, first weights and order, and make the same number of updates. Eight pairs of 1,000 updates take some minutes for small pictures, and longer with their pixels.

# %%
from helpers.compare import compare, summarise

arms = sorted({arm for pair in plan["pairs"] for arm in pair})
curves = compare(data, arms, policy, plan["n"], plan["updates"], plan["replicates"])
runs = summarise(curves)

# %% [markdown]
# ## 6. One figure, and the verdicts

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Differences in validation loss for each pair of arms: a small dot for each replicate, and intervals for all validation images and for their two halves, over a grey margin around zero. The verdicts stand at the right, with what was expected. In the demonstration live minus none lies right of the margin, live minus 1 copy reaches far to both sides, and the last pair lies around zero."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from helpers.compare import differences
from helpers.stats import paired_interval, verdict

PARTS = {"all": ("val_loss", plots.BLUE, "o"), "even half": ("val_loss_even", "0.55", "^"), "odd half": ("val_loss_odd", "0.15", "v")}
labels = [f"{plots.arm_label(first)}\nminus {plots.arm_label(second)}" for first, second in plan["pairs"]]
rows = []
figure, ax = plt.subplots(figsize=(9, 1.2 + 1.3 * len(labels)))
ax.axvspan(-plan["margin"], plan["margin"], color="0.92")
ax.axvline(0, color="0.5", linewidth=1)
for place, (first, second) in enumerate(plan["pairs"]):
    found = []
    for shift, (part, (metric, color, marker)) in zip([-0.25, 0.05, 0.25], PARTS.items(), strict=True):
        d = differences(runs, first, second, metric)
        interval = paired_interval(d)
        ax.plot(interval[1:], [place + shift] * 2, color=color)
        ax.plot(interval.mean, place + shift, marker, color=color, label=part if place == 0 else None)
        found.append(verdict(interval, plan["margin"], lower_is_better=True))
        if part == "all":
            ax.plot(d, [place + shift - 0.13] * len(d), ".", color="0.6", markersize=5)
            numbers = [*interval, found[0], verdict(interval, plan["margin"] / 2, lower_is_better=True)]
    rows.append([*numbers, *found[1:], plan["expected"][place]])
    said = f"{found[0]}\n(half the margin: {numbers[-1]})\nhalves: {found[1]}, {found[2]}\nexpected: {plan['expected'][place]}"
    ax.annotate(said, (1.02, place), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
ax.set(yticks=range(len(labels)), yticklabels=labels, ylim=(len(labels) - 0.5, -0.6), xlabel="difference in validation loss (grey: the margin)")
ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
ax.grid(False)
plt.show()

# %% [markdown]
# *Write your caption here: what does the figure say? (In the demonstration: after 200 updates live is still behind no augmentation, and four pairs can't distinguish it from one copy.)*
#
# We had expected something else, for all three. The expectations stay in the plan and in the figure, and the report has to say that they failed. The last verdict changes at half the margin and by one half of the images, and the report has to say that, too. Lesson [02](02_a_fair_comparison.ipynb) suggests why live is behind: so early, it often is. More pairs or longer training would be a new plan.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
columns = ["mean", "from", "to", "verdict", "at half the margin", "even half", "odd half", "expected"]
verdicts = pd.DataFrame(rows, index=[label.replace("\n", " ") for label in labels], columns=columns)
show_table(verdicts.iloc[:, :3].rename_axis("loss"), approximate=True, digits=3)
unchanged = hashlib.sha256(json.dumps(plan).encode()).hexdigest()[:8] == registered
print(f"The plan is {'still' if unchanged else 'no longer'} the one that was registered as {registered}.")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. The report, one page
#
# Copy this cell, and fill it in.
#
# > **Question.** *One sentence.*
# >
# > **Pictures.** *Where from, how many of each class, how split, which licence. What the larger class and brightness alone reach.*
# >
# > **Pipeline.** *What the check-up found, and what I did about it. What it couldn't tell.*
# >
# > **Plan** *(eight characters, date).* *Arms, policy, images, updates, pairs, margin. What I expected.*
# >
# > **Result.** *The figure with its caption.*
# >
# > **Verdict.** *For each pair one of: better, worse, equivalent, undecided, read at the margin, at half of it, and by each half of the validation images. Where I was wrong.*
# >
# > **Limits.** *What these pictures, this network and this length of training can't tell. Which luck is not in the intervals.*
# >
# > **What would change my mind.** *One sentence.*

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Before you hand it in
#
# - Would your verdict survive if you stopped each run in time (`val_loss_stopped` in `runs`), or judged by accuracy (`val_accuracy`, margin 0.01)? Say by which measure it holds.
# - Does it say *equivalent* only where the whole interval lies inside the margin?
# - Is what you expected still there, also where it failed?
# - Do the replicates share images? They do if replicates times images are more than your training images, and then the intervals are too narrow.
# - Have you looked at the pictures that the network gets wrong?

# %% [markdown]
# ## In practice and limits
#
# `compare` trains a network with one convolution on small pictures, which is enough for a fair comparison and not for a product. `build=` takes a function that makes another Keras network. It handles two classes. For more, for transfer learning or PyTorch keep the plan, the pairs and the check-up, and write the loop yourself. The validation images serve for every choice here, so no number of yours is a test score.
#
# Here the course ends. It began with an article that gave reasons and no numbers, and you can now meet any such claim with a plan, with pairs, and with a verdict that you didn't choose.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

rows_of = {tuple(pair): row for pair, row in zip(plan["pairs"], rows, strict=True)}
by_pair = {tuple(pair): differences(runs, *pair) for pair in plan["pairs"]}
claims = Claims(folder=(folder, demo), plan=(registered, "dca103e7"))
claims.check("900 garments to train on and 300 for validation, half of each class",
             bool((len(data.x_train), len(data.x_val)) == (900, 300) and data.y_train.mean() == data.y_val.mean() == 0.5))
claims.check("brightness is right for less than 65 % of them", bool(by_rule < 0.65))
claims.check("the check-up finds nothing in this pipeline", report.found == [])
claims.check("and it does find a pipeline that caches its augmented pictures",
             lambda: "repeats" in check_pipeline(pipeline.take(4).cache()).found)
claims.check("all arms made the same updates, on every replicate", bool((curves.groupby(["arm", "replicate"])["update"].max() == plan["updates"]).all()))
claims.check("live and 1 copy are different runs on every replicate, and too few to be decided",
             lambda: bool(np.abs(by_pair["live", "copies-1"]).min() > 0 and rows_of["live", "copies-1"][3] == "undecided"))
claims.check("after 200 updates live is behind none, by more than the margin", lambda: bool(by_pair["live", "none"].mean() > plan["margin"]))
claims.check("the plan is the registered one", unchanged)
