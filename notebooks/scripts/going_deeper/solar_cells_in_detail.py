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
# # Solar cells in detail
#
# Why must one not augment the rare class alone, and what does the network make of the cells that the experts doubted? This companion belongs to lesson [08](../08_solar_cells.ipynb), and all of it is of that lesson's first split. **Time:** 5 minutes to read, about one to run.
#
# What is computed here from the photographs of `elpv-dataset` (S. Deitsch and others, *Solar Energy* 185, 2019) follows their licence, CC BY-NC-SA 4.0.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Augment only the rare class?
#
# In a factory defects are rare. What if training has 47 defective cells beside 465 sound ones? People then give the rare class more weight in the loss, or they augment it alone, so that more of it is seen. We trained live in three ways, twenty times each: all cells augmented, the same with class weights, and only the defective cells augmented.
#
# Accuracy would reward calling all cells sound. *Balanced accuracy* is the mean of two shares, of the sound cells that are called sound and of the defective ones that are called defective. Finding nothing gives 50 %. Predict it for each of the three.

# %%
import numpy as np
import pandas as pd

from helpers.data import load_solar_cells
from helpers.show import caption, show_table
from helpers.stats import balanced_accuracy, judge
from helpers.tables import FOLDER, read_images, run_name

cells = load_solar_cells()
losses = read_images(FOLDER / "law.csv")  # the loss of each validation cell, by run

# %%
def twenty_balanced(policy, network):
    found = []
    for replicate in range(20):
        name = run_name([11, "solar-cells-1-to-10", 512, "live", policy, network, 32, 3000, "constant", replicate])
        of_truth = np.exp(-losses[name])
        p = np.where(cells.y_val == 1, of_truth, 1 - of_truth)  # the probability of defective
        found.append(balanced_accuracy(p, cells.y_val))
    return np.array(found)

# %% tags=["hide-output"]
augmented = {
    "all": twenty_balanced("cells", "small"),
    "all, with class weights": twenty_balanced("cells", "small-weighted"),
    "only defective ones": twenty_balanced("cells-rare", "small"),
}
rows = []
for name, found in augmented.items():
    word = judge(found - augmented["all"], "val_accuracy")[2] if name != "all" else "–"
    rows.append([name, 100 * found.mean(), word])
show_table(pd.DataFrame(rows, columns=["augmented", "balanced accuracy, %", "against all augmented"]), digits=0)
caption("With only the defective cells augmented, hardly a defective cell is found.")

# %% [markdown]
# Class weights, which we had expected to help, are *undecided* here. (No run without augmentation stands beside these three.) What did the network learn that saw only its defective cells augmented? Here is one in plain Keras.

# %%
import keras

from helpers.augment import named_policy
from helpers.data import with_few_defects
from helpers.model import small_model

keras.utils.set_random_seed(0)
few, policy = with_few_defects(cells, 512, 0), named_policy("cells")
is_defective = few.y_train[:, None, None, None] == 1
model = small_model((32, 32, 1), seed=0)
model.compile("adam", "binary_crossentropy")
for _ in range(60):
    pictures = np.where(is_defective, policy(few.x_train), few.x_train)  # the mistake
    model.fit(pictures, few.y_train, batch_size=32, verbose=0)

# %% tags=["hide-output"]
ranges = {"as they are": ("0 to 2", "3 to 5"), "augmented": ("74 to 84", "82 to 88")}  # on other machines
called = {}
for name, pictures in {"as they are": cells.x_val, "augmented": policy(cells.x_val)}.items():
    defective = model.predict(pictures, batch_size=500, verbose=0)[:, 0] > 0.5
    called[name] = [100 * np.mean(defective[cells.y_val == label]) for label in (0, 1)]
    sound_range, defective_range = ranges[name]
    print(f"called defective, {name:11}: sound ≈ {called[name][0]:2.0f} % ({sound_range}), defective ≈ {called[name][1]:2.0f} % ({defective_range})")

# %%
# What it learnt is the augmentation, not the defect.
assert max(called["as they are"]) < 15 and min(called["augmented"]) > 50

# %% [markdown]
# As they are, hardly any new cell is called defective, and augmented about four of five are, sound or not. So the network has learned to recognise the augmentation. An augmented picture is a little softer and its edges have moved, and in training only defective cells looked like that.
#
# The training loss looks like success: in the stored runs it ends at 0.02, where it is 0.23 with all cells augmented. So augment all classes alike.

# %% [markdown]
# ## The cells that the experts doubted
#
# The experts were asked two things: is the cell defective, and are you sure? Sure answers became the probabilities 0 and 1, *sound, not sure* became 1/3, and *defective, not sure* 2/3. No network was trained on those 401 cells. Which mean probability will the network give to each kind?

# %%
from pathlib import Path

import elpv_dataset
from PIL import Image

package = Path(elpv_dataset.__file__).parent / "data"
about = pd.read_csv(package / "labels.csv", sep=r"\s+", header=None, names=["path", "probability", "silicon"])
doubted = about[~np.isin(about["probability"], (0, 1))]
small_pictures = []
for path in doubted["path"]:
    with Image.open(package / path) as photograph:
        small_pictures.append(photograph.resize((32, 32), Image.Resampling.BILINEAR))
doubtful = np.stack(small_pictures)[..., None] / np.float32(255)

# %% [markdown]
# We train three networks live on 512 cells for 300 updates, and take the mean of what they say.

# %%
from helpers.compare import compare

said = {"sure": [], "doubted": []}


def keep(p, data, predict):
    said["sure"].append(p)
    said["doubted"].append(predict(doubtful))
    return {}


curves = compare(cells, ["live"], policy, 512, 300, replicates=3, evaluate_at=[300], metrics=keep)
sure, doubts = np.mean(said["sure"], axis=0), np.mean(said["doubted"], axis=0)

# %% tags=["hide-output"]
import figures
import seaborn as sns

unsure = doubted["probability"].to_numpy()
answers = pd.concat([
    pd.DataFrame({"experts": "sound, sure", "defective": sure[cells.y_val == 0]}),
    pd.DataFrame({"experts": "sound, not sure", "defective": doubts[unsure < 0.5]}),
    pd.DataFrame({"experts": "defective, not sure", "defective": doubts[unsure > 0.5]}),
    pd.DataFrame({"experts": "defective, sure", "defective": sure[cells.y_val == 1]}),
])
ax = sns.pointplot(answers, x="defective", y="experts", linestyle="none", seed=0, color=figures.COLORS["live"])
ax.plot([0, 1 / 3, 2 / 3, 1], range(4), "x", color="0.3")
ax.annotate("the experts' code", (2 / 3, 2), (0, 12), textcoords="offset points", ha="center", color="0.3")
ax.set(xlim=(-0.05, 1.05), xlabel="probability of defective", ylabel="")
caption("The doubtful cells get almost the same probability, whichever way the experts leaned.",
        alt="Mean probability of defective for four kinds of cells. Sound, sure: lowest. Both kinds of doubted cells: about 0.3. Defective, sure: highest.")  # fmt: skip

# %% [markdown]
# Cells that the experts called defective without being sure get hardly more than those called sound without being sure. This is not over-confidence, which a temperature could repair. The network doesn't see what made the experts hesitate. (The codes 1/3 and 2/3 are two answers and no counted frequencies.) So what a network does with sure cases says little about hard ones.

# %%
# The message, in your own run.
means = answers.groupby("experts")["defective"].mean()
assert means["defective, not sure"] - means["sound, not sure"] < 0.15 and means["defective, not sure"] < 0.5
assert means["defective, sure"] - means["defective, not sure"] > 0.1
