"""Illustrations and figures of stored results, one function a figure: it draws what it is given, and computes nothing.

Each returns its figure with an alternative text, which ``helpers.show.caption`` passes on.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from helpers import plots
from helpers.arms import parse_arm
from helpers.show import describe

# The methods of a lesson, by the names that its text uses.
COLORS = {
    "no augmentation": plots.arm_style("none")["color"],
    "1 copy": plots.arm_style("copies-1")["color"],
    "4 copies": plots.arm_style("copies-4")["color"],
    "live": plots.arm_style("live")["color"],
}


def epochs_of_one_image(versions: np.ndarray, rows: Mapping[str, Sequence[int]], answer: bool = False) -> Figure:
    """One image through eight epochs, a row a method; the answer stamps what was seen before in its row.

    Args:
        versions: (versions, height, width, channels), floats in [0, 1].
        rows: which version each epoch shows, by the name of the row.
    """
    epochs = len(next(iter(rows.values())))
    figure, axes = plt.subplots(len(rows), epochs, figsize=(1.35 * epochs, 1.4 * len(rows)))
    for line, (name, shown) in zip(axes, rows.items(), strict=True):
        color = COLORS.get(name, "black")
        for epoch, ax in enumerate(line):
            seen = answer and shown[epoch] in shown[:epoch]
            ax.imshow(versions[shown[epoch]], vmin=0, vmax=1, alpha=0.25 if seen else 1)
            if seen:
                ax.text(0.5, 0.5, "seen", rotation=25, ha="center", va="center", fontsize=15, weight="bold",
                        transform=ax.transAxes)  # fmt: skip
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=answer, color="lightgrey" if seen else color, linewidth=1 if seen else 3)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", color=color, fontsize=15)
    for epoch, ax in enumerate(axes[0], start=1):
        ax.set_title(f"epoch {epoch}", loc="center", fontsize=15)
    alt = f"One pullover through {epochs} epochs, a little turned, moved and mirrored, in the rows {', '.join(rows)}."
    return describe(figure, alt + (" What was seen before is stamped." if answer else " Nothing says what repeats."))


def copy_and_original(copy: np.ndarray, original: np.ndarray, coat: Sequence[float]) -> Figure:
    """A copy beside its original, with what one network says of each.

    Args:
        copy, original: (height, width, channels), floats in [0, 1].
        coat: the probability of a coat that the network gives the copy and the original.
    """
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 3.6))
    for ax, image, title, share in zip(axes, (copy, original), ("its copy", "its original"), coat, strict=True):
        ax.imshow(image, vmin=0, vmax=1)
        name, sure = ("coat", share) if share > 0.5 else ("pullover", 1 - share)
        ax.set_title(f"{title}: “{name}, {100 * sure:.0f} %”", loc="center")
        ax.axis("off")
    return describe(figure, "The same garment twice, a little turned or moved in the copy. Above the copy the network "
                    "names one class and is nearly certain, above the original it names the other.")  # fmt: skip


def twenty_runs(accuracy: pd.DataFrame, title: str) -> Figure:
    """A line a run through its accuracies.

    Args:
        accuracy: shares in [0, 1], a row a run, a column a method in the words of ``COLORS``.
    """
    figure, ax = plt.subplots(figsize=(8, 4))
    ax.plot(range(accuracy.shape[1]), 100 * accuracy.to_numpy().T, color="0.75", linewidth=1)
    for place, name in enumerate(accuracy):
        ax.plot([place] * len(accuracy), 100 * accuracy[name], "o", color=COLORS[name])
        mean = 100 * accuracy[name].mean()
        ax.plot([place - 0.14, place + 0.14], [mean, mean], color=COLORS[name], linewidth=4)
        ax.text(place + 0.17, mean, f"{mean:.0f} %", color=COLORS[name], va="center", weight="bold")
    ax.set(xticks=range(accuracy.shape[1]), xticklabels=accuracy, xlim=(-0.4, accuracy.shape[1] - 0.5), title=title)
    ax.grid(visible=False, axis="x")
    means = ", ".join(f"{name} {100 * accuracy[name].mean():.0f} %" for name in accuracy)
    return describe(figure, f"{len(accuracy)} runs, each a line through its accuracies. Means: {means}.")


# Lesson 05


def cost_of_stores(cost: pd.DataFrame) -> Figure:
    """What stored copies cost against live, a panel a network.

    Args:
        cost: points of accuracy below live, a row an arm, a column a network; missing where an arm was not run.
    """
    figure, axes = plt.subplots(1, cost.shape[1], sharey=True, figsize=(5 * cost.shape[1], 4.2))
    for ax, (network, points) in zip(axes, cost.items(), strict=True):
        arms = {name: parse_arm(name) for name in points.dropna().index}
        copies = sorted((arm.copies, points[name]) for name, arm in arms.items() if arm.kind == "copies")
        ax.plot(*zip(*copies, strict=True), "o-", color=COLORS["4 copies"])
        ax.annotate("copies alone", copies[1], (12, -8), textcoords="offset points", color=COLORS["4 copies"])
        for name, arm in arms.items():
            if arm.kind.startswith("originals"):
                ax.plot(arm.copies + 1, points[name], "D", color="black", markersize=9)
                text = "“3x”" if arm.copies == 2 else f"originals + {arm.copies}"
                ax.annotate(
                    text, (arm.copies + 1, points[name]), (-10, 0), textcoords="offset points", ha="right", va="center"
                )
        for name, height in (("live", 0), ("no augmentation", points["none"])):
            ax.axhline(height, color=COLORS[name])
            ax.text(38, height - 0.1, name, color=COLORS[name], ha="right", va="bottom")
        ax.set(xscale="log", xticks=[1, 2, 4, 8, 16, 32], xticklabels=[1, 2, 4, 8, 16, 32], xlim=(0.85, 40))
        ax.set(title=network, xlabel="pictures of each image in the store")
        ax.minorticks_off()
    axes[0].set(ylim=(12.5, -1.2), ylabel="points of accuracy below live")
    return describe(figure, "Points of accuracy below live against the number of copies, a panel a network. The curves "
                    "rise towards live. One copy and two lie below no augmentation, and all lie farther below live in "
                    "the ResNet-8.")  # fmt: skip


def nine_lines(lines: pd.DataFrame) -> Figure:
    """The gap to live of nine settings, against the copies of each image and against the times that each is shown.

    Args:
        lines: a row a setting and store; images, updates, copies of each image, times shown, and gap to live in loss.
    """
    figure, axes = plt.subplots(1, 2, sharey=True, figsize=(10, 4.6))
    shades, ticks = ["#95cdb2", "#2f8f6b", "#0b3d2e"], [[1, 2, 4, 8, 16, 32], [3, 10, 25, 50, 100, 250, 750]]
    for ax, across, at in zip(axes, ("copies of each image", "times shown"), ticks, strict=True):
        sns.lineplot(
            lines, x=across, y="gap to live", hue="images", palette=shades[::-1], style="updates", dashes=False,
            markers=["o", "s", "^"], ax=ax, legend=ax is axes[1],
        )  # fmt: skip
        ax.set(xscale="log", yscale="log", ylim=(0.003, 0.8), xticks=at, xticklabels=at, ylabel="gap to live, in loss")
        ax.minorticks_off()
    axes[1].set(xlim=(2.5, 900))
    axes[0].set(yticks=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5], yticklabels=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5])
    sns.move_legend(axes[1], "center left", bbox_to_anchor=(1, 0.5))
    return describe(figure, "Nine falling lines against the copies of each image lie far apart. Against the times that "
                    "each picture is shown they rise, and nearly all lie on one line.")  # fmt: skip


# Companions


def two_parts(total: pd.Series, scaled: pd.Series) -> Figure:
    """Differences in loss as bars of two parts: what temperature scaling leaves, and what it removes.

    Args:
        total, scaled: differences in loss, before and after scaling, by what is compared.
    """
    figure, ax = plt.subplots(figsize=(9.5, 4))
    ax.barh(total.index, scaled, color="#a33b20", label="less accurate")
    ax.barh(total.index, total - scaled, left=scaled, color="#e9c46a", label="over-confident")
    for height, (whole, left) in enumerate(zip(total, scaled, strict=True)):
        ax.text(whole + 0.01, height, f"{left:z.2f} + {whole - left:.2f}", va="center")
    ax.set(xlabel="difference in loss on new garments", xlim=(0, 1.2 * total.max()))
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.legend(loc="lower right")
    return describe(figure, "Bars of two parts. In time, the difference of one copy is over-confidence alone. Beside "
                    "live both parts are there, early and late.")  # fmt: skip


def under_policies(rows: Mapping[str, np.ndarray]) -> Figure:
    """Pictures of one image, a row a policy.

    Args:
        rows: (pictures, height, width, channels), floats in [0, 1], by the name of the policy.
    """
    columns = len(next(iter(rows.values())))
    figure, axes = plt.subplots(len(rows), columns, figsize=(1.35 * columns, 1.4 * len(rows)))
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        for ax, picture in zip(line, pictures, strict=True):
            ax.imshow(picture, vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=15)
    return describe(figure, f"{columns} pictures of one coat in each of the rows {', '.join(rows)}.")


def augmenters(speeds: pd.DataFrame) -> Figure:
    """Pictures a second of each augmenter.

    Args:
        speeds: a row a size of picture, a column an augmenter.
    """
    looks = {
        "memory copy": ("0.6", ":"), "RandomAffine in the model": (plots.BLUE, "-"), "warpAffine": ("0.2", "--"),
        "albumentations": ("0.2", "-."), "affine_transform": ("0.6", "--"), "Keras layers in the model": ("0.4", "-"),
        "ImageDataGenerator": ("0.4", ":"),
    }  # fmt: skip
    figure, ax = plt.subplots(figsize=(8.5, 4.4))
    for name, (color, dashes) in looks.items():
        ax.plot(speeds.index, speeds[name], marker="o", color=color, linestyle=dashes, label=name)
    ax.set(yscale="log", xlabel="picture", ylabel="pictures a second, one core")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=3)
    return describe(figure, "Pictures a second against their size, on a logarithmic axis, in falling lines. A memory "
                    "copy is fastest, RandomAffine and warpAffine lie together, Keras layers and ImageDataGenerator "
                    "lowest.")  # fmt: skip
