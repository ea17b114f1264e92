"""Illustrations and figures of stored results, one function a figure, which draws, and computes at most means
and their intervals.

The cell that calls a figure shows it by ``plt.show()``, and has its alternative text in the cell's metadata.
"""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from helpers import plots
from helpers.stats import paired_interval

# The methods of a lesson, by the names that its text uses.
METHODS = ("none", "copies-1", "copies-4", "live")
COLORS = {plots.method_label(method): plots.method_color(method) for method in METHODS}


def one_image_through_epochs(versions: np.ndarray) -> None:
    """Which version of an image each epoch shows, a row a method; what was seen before in its row is stamped.

    Args:
        versions: (epochs, height, width, channels), floats in [0, 1].
    """
    epochs = len(versions)
    shown = {
        "1 copy": [0] * epochs,
        "4 copies": [epoch % 4 for epoch in range(epochs)],
        "live": list(range(epochs)),
    }
    rows = {name: versions[order] for name, order in shown.items()}
    columns = [f"epoch {epoch + 1}" for epoch in range(epochs)]
    rows_of_images(rows, columns)
    figure = plt.gcf()
    figure.set_size_inches(1.35 * epochs, 1.4 * len(rows))
    lines = np.reshape(figure.axes, (3, epochs))
    for line, (name, order) in zip(lines, shown.items(), strict=True):
        line[0].yaxis.label.set_color(COLORS[name])
        for epoch, ax in enumerate(line):
            if order[epoch] in order[:epoch]:
                ax.spines[:].set(visible=True, color="lightgrey", linewidth=1)
                _stamp_seen(ax)
            else:
                ax.spines[:].set(visible=True, color=COLORS[name], linewidth=3)


def _stamp_seen(ax: Axes) -> None:
    ax.images[0].set_alpha(0.25)
    ax.text(
        0.5,
        0.5,
        "seen",
        transform=ax.transAxes,
        rotation=25,
        ha="center",
        va="center",
        fontsize=15,
        weight="bold",
    )


def copy_and_original(
    copy: np.ndarray, original: np.ndarray, coat: Sequence[float], is_coat: bool
) -> None:
    """A copy beside its original, with what one network says of each.

    Args:
        copy, original: (height, width, channels), floats in [0, 1].
        coat: the probability of a coat that the network gives the copy and the original.
        is_coat: what the garment is.
    """
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 3.6))
    panels = zip(
        axes, (copy, original), ("its copy", "its original"), coat, strict=True
    )
    for ax, image, title, share in panels:
        ax.imshow(image, vmin=0, vmax=1)
        name, sure = ("coat", share) if share > 0.5 else ("pullover", 1 - share)
        ax.set_title(f"{title}: “{name}, {100 * sure:.0f} %”", loc="center")
        ax.axis("off")
    truth = "It is a coat." if is_coat else "It is a pullover."
    figure.text(0.5, 0.02, truth, ha="center", fontsize=13)


def rows_of_images(
    rows: Mapping[str, Collection],
    columns: Collection[str] = (),
    notes: Mapping[str, str] | None = None,
    tile: float = 1.3,
    framed: bool = False,
) -> None:
    """Rows of images, with a name at the left of each row, and where there is one a note at its right.

    Args:
        rows: images, each (height, width, channels), shown from 0 to 1, by the name of the row.
        columns: what stands above each column.
        notes: by the name of the row.
        tile: width of an image, in inch.
        framed: whether a thin line stands around each image, so that a white one is seen.
    """
    count = len(next(iter(rows.values())))
    notes = notes or {}
    beside = 0.13 * max(map(len, rows))  # inch, of names and notes
    if notes:
        beside += 1.3
    size = (tile * count + beside, (tile + 0.05) * len(rows))
    _, axes = plt.subplots(len(rows), count, figsize=size, squeeze=False)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=True):
            ax.imshow(np.clip(image, 0, 1), vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=framed, color="0.8")
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=15)
        line[-1].annotate(
            notes.get(name, ""),
            (1.08, 0.5),
            xycoords="axes fraction",
            va="center",
            fontsize=15,
            annotation_clip=False,
        )
    for ax, column in zip(axes[0], columns, strict=False):
        ax.set_title(column, loc="center", fontsize=15)


def clustered_batches(batches: Mapping[str, np.ndarray], tested: pd.DataFrame) -> None:
    """Images of batches, and at their right what each kind of batch costs, in points of accuracy.

    Args:
        batches: (columns, height, width, channels), floats in [0, 1], by the kind of batch.
        tested: columns run, method, batches and accuracy in per cent; of each method one kind has no fault.
    """
    faults = {
        "buffer of 8": "shuffled",
        "side by side": "shuffled",
        "one draw": "one draw each",
    }
    accuracy = tested.pivot(index="run", columns="batches", values="accuracy")
    notes = {}
    for fault, right in faults.items():
        mean, low, _ = paired_interval(accuracy[fault] - accuracy[right])
        points = f"{mean:.1f}".replace("-", "−")
        notes[fault] = f"{points} points\n± {mean - low:.1f}"
    rows_of_images(batches, notes=notes)


def loss_and_accuracy(runs: pd.DataFrame) -> None:
    """Loss and accuracy on new images, a thin line a run, thick their mean, dashed the loss after temperature scaling.

    Args:
        runs: a row an evaluation, columns run, update, loss, loss after temperature scaling, and accuracy in per cent.
    """
    _, axes = plt.subplots(1, 2, figsize=(8.5, 3.8))
    style = {"data": runs, "x": "update", "color": COLORS["1 copy"]}
    scaled = "loss after temperature scaling"
    panels = {
        "loss": (axes[0], "{:.2f}", 16),
        scaled: (axes[0], "{:.2f}", -20),
        "accuracy": (axes[1], "{:.1f} %", 16),
    }
    for measure, (ax, form, above) in panels.items():
        if measure != scaled:
            sns.lineplot(
                y=measure,
                units="run",
                estimator=None,
                linewidth=0.5,
                alpha=0.4,
                ax=ax,
                **style,
            )
            ax.set(title=f"{measure} on new garments", xticks=[0, 1000, 2000, 3000])
        dashes = "--" if measure == scaled else "-"
        sns.lineplot(
            y=measure, errorbar=None, linewidth=3, linestyle=dashes, ax=ax, **style
        )
        mean = runs.groupby("update")[measure].mean()
        early, late = form.format(mean[500]), form.format(mean[3000])
        for end, text in ((500, early), (3000, late)):
            ax.annotate(
                text,
                (end, mean[end]),
                (0, above),
                textcoords="offset points",
                ha="center",
                weight="bold",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
        ax.set(xlabel="gradient updates", ylabel="", xlim=(0, 3400))
    height = runs.groupby("update")[scaled].mean()[1000]
    axes[0].annotate(
        "after temperature\nscaling",
        (1000, height),
        (0, -44),
        fontsize=13,
        textcoords="offset points",
    )
    axes[0].set_ylim(0, 1.75)
    axes[1].set_ylim(50, 100)


def stopping(runs: pd.DataFrame) -> None:
    """Accuracy of each run, a panel a method, with a dot where its loss is lowest; above are both means.

    Args:
        runs: a row an evaluation, columns run, method in the words of ``COLORS``, update, accuracy in per cent, loss.
    """
    lowest = runs.loc[runs.groupby(["method", "run"])["loss"].idxmin()]
    last = runs[runs["update"] == runs["update"].max()]
    methods = [name for name in COLORS if name in set(runs["method"])]
    _, axes = plt.subplots(1, len(methods), sharey=True, figsize=(9, 4))
    for ax, method in zip(axes, methods, strict=True):
        color = COLORS[method]
        sns.lineplot(
            runs[runs["method"] == method],
            x="update",
            y="accuracy",
            units="run",
            estimator=None,
            linewidth=0.8,
            alpha=0.6,
            color=color,
            ax=ax,
        )
        stopped = lowest[lowest["method"] == method]
        ax.plot(stopped["update"], stopped["accuracy"], "o", color=color, markersize=7)
        end = last.loc[last["method"] == method, "accuracy"].mean()
        at_lowest = stopped["accuracy"].mean()
        ax.set_title(f"{method}\ndots {at_lowest:.1f} %, end {end:.1f} %")
        ax.set(xlabel="gradient updates", ylabel="accuracy on new garments, %")


def nine_runs(histories: Mapping[str, Mapping[str, list[float]]]) -> None:
    """Training and validation loss of nine runs, three a row, with their accuracies at the end.

    All are drawn alike, at the epochs of their validation, because a number of epochs would tell which run it is.

    Args:
        histories: what ``fit`` returns, by letter: loss and accuracy of every epoch, val_loss and val_accuracy of
            epochs at equal distances, the last among them.
    """
    figure, axes = plt.subplots(3, 3, figsize=(8, 8))
    for ax, (letter, history) in zip(axes.flat, histories.items(), strict=True):
        validation = history["val_loss"]
        every = len(history["loss"]) // len(validation)
        loss = history["loss"][every - 1 :: every]
        ax.plot(
            loss,
            ":",
            color="0.2",
            linewidth=2,
            label="training, as fit reports it",
        )
        ax.plot(validation, color=COLORS["live"], label="validation")
        trained = f"{100 * history['accuracy'][-1]:.0f} %"
        validated = f"{100 * history['val_accuracy'][-1]:.0f} %"
        ax.set_title(f"{letter}: training {trained},\nvalidation {validated}")
        ax.set_xticks([0, len(validation) - 1], ["first", "last"])
        # Guessing costs 0.69; more in the first epoch, from too high a rate, would hide the others.
        ax.set_ylim(0, 1.08 * max(0.69, *loss[1:], *validation))
    figure.supxlabel("epoch")
    figure.supylabel("loss")
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=2)


def two_parts(total: pd.Series, scaled: pd.Series) -> None:
    """Differences in loss as bars of two parts: what temperature scaling leaves, and what it removes.

    Args:
        total, scaled: differences in loss, before and after scaling, by what is compared.
    """
    _, ax = plt.subplots(figsize=(9.5, 4))
    ax.barh(total.index, scaled, color="#a33b20", label="less accurate")
    removed = total - scaled
    ax.barh(total.index, removed, left=scaled, color="#e9c46a", label="over-confident")
    for height, (whole, left) in enumerate(zip(total, scaled, strict=True)):
        ax.text(whole + 0.01, height, f"{left:z.2f} + {whole - left:.2f}", va="center")
    ax.set(xlabel="difference in loss on new garments", xlim=(0, 1.2 * total.max()))
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.legend(loc="lower right")
