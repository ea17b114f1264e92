"""Illustrations and figures of stored results, one function a figure, which draws, and computes at most means
and their intervals; ``accuracies`` returns a table instead.

The cell that calls a figure shows it by ``plt.show()``, and has its alternative text in the cell's metadata.
"""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers import plots
from helpers.methods import BATCH
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


def twenty_pairs(pairs: pd.DataFrame, guess: Mapping[str, int | None]) -> None:
    """A line a pair of runs, orange where four copies win and grey elsewhere, with how many pairs they win.

    Args:
        pairs: a row a pair, columns (measure, method): accuracy in per cent and loss, no augmentation and 4 copies.
        guess: of each measure how many pairs four copies win, or None.
    """
    units = {"accuracy": ", %", "loss": ""}
    methods = ["no augmentation", "4 copies"]
    _, axes = plt.subplots(1, 2, figsize=(8.5, 4.2))
    for ax, measure in zip(axes, units, strict=True):
        won = 0
        for pair in pairs[measure][methods].to_numpy():
            none, copies = pair
            # A tie is won by neither.
            wins = copies > none if measure == "accuracy" else copies < none
            won += wins
            color = COLORS["4 copies" if wins else "no augmentation"]
            ax.plot(pair, marker="o", markersize=4, linewidth=1.3, color=color)
        counted = f"4 copies win {won} of {len(pairs)}"
        if guess[measure] is not None:
            counted += f", your guess {guess[measure]}"
        ax.set(
            title=f"{measure} on new garments{units[measure]}\n{counted}",
            xticks=[0, 1],
            xticklabels=methods,
            xlim=(-0.25, 1.25),
        )


def five_intervals() -> None:
    """Five made-up intervals of a difference in loss, one below the other, around the margin."""
    margin = 0.02
    intervals = {  # low, mean and high
        "A": (-0.014, -0.004, 0.006),
        "B": (-0.055, -0.035, -0.015),
        "C": (0.008, 0.03, 0.052),
        "D": (-0.035, -0.012, 0.011),
        "E": (-0.015, -0.009, -0.003),
    }
    _, ax = plt.subplots(figsize=(8, 3))
    ax.axvspan(-margin, margin, color="0.9")
    ax.axvline(0, color="0.5", linewidth=1)
    for row, interval in enumerate(intervals.values()):
        ax.plot(
            interval,
            [row] * 3,
            color=plots.BLUE,
            marker="o",
            markevery=[1],
            markersize=5,
        )
    ax.set_yticks(range(len(intervals)), intervals)
    ax.set_ylim(len(intervals) - 0.4, -0.6)
    ax.set_xlabel("difference in loss, first minus second")
    ax.grid(visible=False)


def cost_of_copies(runs: pd.DataFrame, guess: Sequence[float] | None = None) -> None:
    """Means of what stored copies cost against live, a panel a network.

    Args:
        runs: a row a run; network, method (K copies, 3x or no augmentation) and accuracy minus live, in points.
        guess: of 1, 2, 4, 8, 16 and 32 copies in the first network, in points; drawn dotted.
    """
    versions = [1, 2, 4, 8, 16, 32]
    points = runs.groupby(["network", "method"], sort=False)[
        "accuracy minus live"
    ].mean()
    networks = points.index.unique("network")
    _, axes = plt.subplots(1, len(networks), sharey=True, figsize=(9, 4.2))
    for ax, network in zip(axes, networks, strict=True):
        known = points[network]
        copies = known[known.index.str.contains("cop")]
        ax.plot(
            [int(name.split()[0]) for name in copies.index],
            copies,
            "o-",
            color=COLORS["4 copies"],
        )
        if "3x" in known:
            place = (3, known["3x"])
            ax.plot(*place, "D", color="black", markersize=8)
            ax.annotate("3x", place, (-8, 6), textcoords="offset points", ha="right")
        levels = {"live": (0, "-"), "no augmentation": (known["no augmentation"], "--")}
        for name, (height, line) in levels.items():
            color = COLORS[name]
            ax.axhline(height, color=color, linestyle=line)
            ax.text(36, height + 0.15, name, color=color, ha="right", va="bottom")
        ax.set(title=network, xlabel="versions of each image", xscale="log")
        ax.set_xlim(0.85, 40)
        ax.set_xticks(versions, versions)
        ax.minorticks_off()
    highest, lowest = 1.2, -12.5
    if guess is not None:
        axes[0].plot(versions, guess, "o:", color="black", label="your guess")
        axes[0].legend(loc="lower right")
        highest = max(highest, *guess) + 0.2
        lowest = min(lowest, *guess) - 0.2
    axes[0].set(ylim=(lowest, highest), ylabel="accuracy minus live, points")


def nine_lines(runs: pd.DataFrame, own: pd.DataFrame | None = None) -> None:
    """Mean loss minus live of nine settings, against the versions of each image and the times that each is shown.

    Args:
        runs: a row an evaluation; method (K copies), images, updates of 32 images until then, and loss minus live.
        own: points drawn over the lines; columns versions of each image, times shown, and loss minus live.
    """
    means = (
        runs.groupby(["images", "updates", "method"])["loss minus live"]
        .mean()
        .reset_index()
    )
    copies = means["method"].str.split().str[0].astype(int)
    shown = BATCH * means["updates"] / means["images"] / copies
    _, axes = plt.subplots(1, 2, sharey=True, figsize=(10, 4.6))
    panels = {
        "versions of each image": (copies, [1, 2, 4, 8, 16, 32]),
        "times shown": (shown, [3, 10, 25, 50, 100, 250, 750]),
    }
    for ax, (title, (across, ticks)) in zip(axes, panels.items(), strict=True):
        sns.lineplot(
            means,
            x=across,
            y="loss minus live",
            hue="images",
            palette=["#0b3d2e", "#2f8f6b", "#95cdb2"],
            style="updates",
            dashes=False,
            markers=["o", "s", "^"],
            ax=ax,
            legend=ax is axes[1],
        )
        # A line ends where live's loss is not lower.
        ax.set_yscale("log", nonpositive="mask")
        ax.set(xscale="log", xlabel=title, ylim=(0.004, 0.8))
        ax.set_xticks(ticks, ticks)
        ax.minorticks_off()
        if own is not None:
            ax.plot(
                own[title], own["loss minus live"], "D", color="#d55e00", markersize=11
            )
    axes[1].set(xlim=(2.5, 900))
    heights = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    axes[0].set_yticks(heights, heights)
    sns.move_legend(axes[1], "center left", bbox_to_anchor=(1, 0.5))


def ahead_of(rule: str, accuracy: pd.DataFrame) -> None:
    """How far methods are ahead of a rule, a line a split, with paired intervals and the margin of one point.

    Args:
        rule: its column.
        accuracy: in per cent, a row a split and run (the levels of the index), a column a method in the words of
            ``COLORS``.
    """
    splits = list(accuracy.index.unique("split"))
    methods = [name for name in accuracy if name != rule]
    _, ax = plt.subplots(figsize=(8, 0.8 * len(splits) + 0.8))
    ax.axvspan(-1, 1, color="0.92")
    ax.axvline(0, color="0.5", linewidth=1)
    for place, method in enumerate(methods):
        ahead = (accuracy[method] - accuracy[rule]).groupby("split", sort=False)
        for row, (_, points) in enumerate(ahead):
            mean, low, high = paired_interval(points)
            height = row + 0.24 * (place - (len(methods) - 1) / 2)
            color = COLORS[method]
            label = method if row == 0 else ""  # one a method
            ax.plot([low, high], [height, height], color=color)
            ax.plot(mean, height, "os"[place], color=color, label=label)
    ax.set_yticks(range(len(splits)), splits)
    ax.set_ylim(len(splits) - 0.5, -0.5)
    ax.set_title(f"accuracy minus {rule}, points")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(visible=False)
    ax.legend(loc="lower left")


def live_minus(
    points: Mapping[str, np.ndarray],
    margin: float,
    guess: Sequence[float] | None = None,
) -> None:
    """How far live is ahead of other methods: a grey dot a pair of runs, with mean and paired interval.

    Args:
        points: of accuracy, live minus another method, one a pair, by the name of that method.
        margin: in points, grey.
        guess: a number a method, drawn as a cross.
    """
    table = pd.DataFrame(points)
    _, ax = plt.subplots(figsize=(8, 0.9 * len(points) + 0.9))
    ax.axvspan(-margin, margin, color="0.92", zorder=0)
    sns.stripplot(table, orient="h", color="0.6", jitter=False, ax=ax)
    sns.pointplot(
        table,
        orient="h",
        linestyle="none",
        errorbar=_paired_ends,
        color="black",
        ax=ax,
    )
    if guess is not None:
        ax.plot(guess, range(len(guess)), "kx", markersize=14)
    ax.set(xlabel="accuracy: live minus …, points", ylabel="")


def _paired_ends(points: pd.Series) -> tuple[float, float]:
    _, low, high = paired_interval(points)
    return low, high


def ahead_by_updates(runs: pd.DataFrame, at: int) -> None:
    """How far live is ahead of no augmentation and of 1 copy as training goes on, with paired intervals.

    Args:
        runs: a row an evaluation; columns run, method in the words of ``COLORS``, update, and accuracy in per cent.
        at: a number of updates that is marked.
    """
    accuracy = runs.pivot_table("accuracy", ["update", "run"], "method")
    _, ax = plt.subplots(figsize=(8, 4.2))
    ax.axhspan(-1, 1, color="0.92")
    ax.axvline(at, color="0.5", linewidth=1, linestyle=":")
    for name in ("no augmentation", "1 copy"):
        points = (accuracy["live"] - accuracy[name]).rename("points")
        table = points.reset_index()
        sns.lineplot(
            table,
            x="update",
            y="points",
            errorbar=_paired_ends,
            err_kws={"alpha": 0.15, "linewidth": 0},
            color=COLORS[name],
            marker="o",
            markeredgewidth=0,
            ax=ax,
        )
        last = points.groupby("update").mean().iloc[-1]
        ax.annotate(
            name,
            (1.01, last),
            xycoords=("axes fraction", "data"),
            color=COLORS[name],
            va="center",
        )
    ticks = sorted(table["update"].unique())[::2]
    ax.set(
        xscale="log",
        xlabel="gradient updates",
        ylabel="",
        title="accuracy: live minus …, points",
    )
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()


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


def accuracies(runs: pd.DataFrame, settings: list[str], column: str) -> pd.DataFrame:
    """Mean accuracy with half of its 95 % interval, as "84.2 ± 0.9"; NaN where not run.

    Args:
        runs: a row a run; accuracy in per cent, the columns that name a setting, and the one that becomes columns.
            Rows and columns come in the order of their first run.
    """
    cells = runs.groupby([*settings, column], sort=False)["accuracy"].agg(_with_half)
    # Up to pandas 2.2 unstack(sort=False) puts values into wrong rows.
    in_order = pd.MultiIndex.from_frame(runs[settings].drop_duplicates())
    return cells.unstack(column).reindex(index=in_order, columns=runs[column].unique())


def _with_half(accuracy: pd.Series) -> str:
    """Their mean and half of its interval."""
    mean, low, _ = paired_interval(accuracy)
    return f"{mean:.1f} ± {mean - low:.1f}"
