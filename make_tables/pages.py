"""The tables in pages that hold numbers of stored rows, written between ``<!-- table: NAME -->`` and ``<!-- end -->``.

``make tables`` writes them. NAME is a key of ``TABLES``, ``predicted QUESTION: MEASURES`` for the labelled lines of a
registered question, or ``judged QUESTION`` for all contrasts of question 8, 9 or 10.
"""

import re
from collections.abc import Callable, Iterable

import pandas as pd

from helpers.data import RESULTS
from helpers.plots import method_label
from helpers.stats import measure_of, paired_verdict, verdict
from make_tables import registered, verdicts
from make_tables.verdicts import pairs, read, select

ROOT = RESULTS.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), RESULTS / "tables.md"]
BLOCK = re.compile(r"(<!-- table: (.+?) -->\n)(.*?)(\n<!-- end -->)", re.DOTALL)

# Whom live is compared with, in words, and which live has the same share of originals.
AGAINST = {
    "none": ("no augmentation", "live"),
    "copies-1": ("1 copy instead of each image", "live"),
    "copies-4": ("4 copies instead of each image", "live"),
    "copies-16": ("16 copies instead of each image", "live"),
    "originals+1": ("originals + 1 copy", "live-1/2"),
    "originals+4": ("originals + 4 copies", "live-4/5"),
    "originals+16": ("originals + 16 copies", "live-16/17"),
}
TASKS = {
    ("garments", 128): "garments, 128",
    ("garments", 512): "garments, 512",
    ("garments", 2048): "garments, 2,048",
    ("dress-shirt", 512): "dress and shirt, 512",
    ("solar-cells", 128): "cells, 128",
    ("solar-cells", 512): "cells, 512",
}
# Columns and rows of question 0, and the differences that it registered.
ARTICLE = {
    "none": "no augmentation",
    "copies-1": "1 copy",
    "copies-4": "4 copies, as written",
    "copies-4-equal": "4 copies, equal updates",
    "live": "live",
}
ARTICLE_CONTRASTS = [
    ("copies-1", "none"),
    ("copies-1", "live"),
    ("copies-4", "live"),
    ("copies-4-equal", "live"),
    ("live", "none"),
    ("copies-4", "none"),
]
PAIRS = {"cats-dogs": "cats and dogs", "garments": "pullovers and coats"}
QUESTIONS = {
    "0": "0 the article's own code",
    "4": "4 coverage, variety or repeats?",
    "1": "1 originals + 8",
    "2": "2 photographs, fine-tuned",
    "3": "3 colour, from scratch",
    "addition": "the addition, 12,000 images",
    "5": "5 the advice: sixteen copies",
    "6": "6 fine-tuning, nothing tuned before",
    "7": "7 one copy of many images",
    "8": "8 label more, or augment?",
    "9": "9 length and return",
    "10": "10 how strong?",
}
MEASURES = {
    "test_accuracy": "accuracy",
    "new_accuracy": "accuracy",
    "new_loss": "loss",
    "new_scaled_loss": "loss after scaling",
    "test_scaled_loss": "loss after scaling",
    "lost_accuracy": "accuracy that a flip costs",
    "changed_mirror": "answers that a flip changes",
    "mild_accuracy": "accuracy on changed images",
    "changed_shared_4": "answers changed in the four states",
    "changed_others": "in the others",
}
# The five splits of the solar cells, as their companion calls them, with the rows of each.
SPLITS = {"our split": "study dataset=solar-cells n=512"} | {
    f"quarter {k + 1}": f"law regime=7 dataset=solar-cells-without-{k}" for k in range(4)
}
CLASSES = [
    *("t-shirt", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "boot"),
]


# A table is lines of cells


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(value: float, measure: str, plus: str = "") -> str:
    """Losses with three digits, shares in points with one; with a true minus sign, and none where it is zero.

    ``plus`` is the sign of what is above zero.
    """
    scale, digits = (1, 3) if "loss" in measure else (100, 1)
    text = f"{round(scale * value, 9):{plus}.{digits}f}"  # versions of NumPy differ in the last bit of a tie
    return text.replace("-", "−") if float(text) else text.strip("+-")


def entry(d: pd.Series, metric: str, plus: str = "") -> str:
    """Mean ± half of the 95 % interval of paired differences, and the verdict."""
    interval, _, word = paired_verdict(d, metric)
    half = interval.high - interval.mean
    return f"{number(interval.mean, metric, plus)} ± {number(half, metric)} {word}"


def starred(d: pd.Series, metric: str) -> str:
    """An entry, with a star where half the margin gives another verdict."""
    interval, margin, word = paired_verdict(d, metric)
    stricter = verdict(interval, margin / 2, measure_of(metric).lower_is_better)
    star = "" if stricter == word else "\\*"
    return entry(d, metric) + star


# The tables


def live_against(metric: str) -> str:
    """Live minus each other method in all tasks of the study, after 3,000 updates."""
    tasks = [select(read("study"), f"dataset={dataset} n={n}") for dataset, n in TASKS]
    rows = []
    for other, (name, live) in AGAINST.items():
        rows.append([name, *(starred(pairs(task, live, other, metric), metric) for task in tasks)])
    return table(["live minus", *TASKS.values()], rows)


def residual_network() -> str:
    """Live minus others in points of accuracy, residual network, garments."""
    others = [
        (512, "none"),
        (512, "copies-1"),
        (512, "copies-4"),
        (512, "copies-16"),
        (2048, "copies-1"),
    ]
    rows = []
    for n, other in others:
        runs = select(read("law"), f"regime=1 n={n}")
        difference = pairs(runs, "live", other, "val_accuracy")
        name = f"{method_label(other)}, {n:,} garments"
        rows.append([name, starred(difference, "val_accuracy")])
    return table(["live minus", "residual network"], rows)


def solar_splits() -> str:
    """Live and one copy minus no augmentation on five splits of the solar cells."""
    rows = []
    for name, source in SPLITS.items():
        stored, _, setting = source.partition(" ")
        runs = select(read(stored), setting)
        row = [name]
        for method in ("live", "copies-1"):
            for metric in ("val_accuracy", "val_loss"):
                row.append(entry(pairs(runs, method, "none", metric), metric, "+"))
        rows.append(row)
    head = ["minus no augmentation", "live: accuracy", "loss", "1 copy: accuracy", "loss"]
    return table(head, rows)


def article_cells() -> dict[str, pd.DataFrame]:
    """The runs of question 0, by the name of their cell: pair, images and epochs."""
    cells = {}
    for setting, runs in read("article").groupby(["dataset", "epochs", "n"], sort=False):
        dataset, epochs, n = setting
        cells[f"{PAIRS[dataset]}, {int(n):,} images, {epochs} epochs"] = runs
    return cells


def article() -> str:
    """Accuracy on new images of the article's own code, in per cent."""
    rows = []
    for name, runs in article_cells().items():
        means = 100 * runs.groupby("method")["test_accuracy"].mean()
        rows.append([name, *(f"{means[method]:.1f}" for method in ARTICLE)])
    return table(["accuracy, %", *ARTICLE.values()], rows)


def article_winners() -> str:
    """Who won on 512 cats and dogs with the article's code, in per cent, for the front page."""
    cells = article_cells()
    short, long = (
        cells[f"{PAIRS['cats-dogs']}, 512 images, {epochs} epochs"] for epochs in (10, 100)
    )
    shown = [
        ("1", "ten", short, "copies-1"),
        ("4, our choice", "ten", short, "copies-4"),
        ("4", "a hundred", long, "copies-4"),
        ("4", "as many updates as live makes in a hundred", long, "copies-4-equal"),
    ]
    winners = {"better": "the store", "worse": "live", "undecided": "undecided"}
    rows = []
    for copies, passes, runs, method in shown:
        means = 100 * runs.groupby("method")["test_accuracy"].mean()
        said = paired_verdict(pairs(runs, method, "live", "test_accuracy"), "test_accuracy")[-1]
        rows.append([copies, passes, f"{means[method]:.1f}", f"{means['live']:.1f}", winners[said]])
    head = ["copies of each image", "passes over them", "store: accuracy, %", "live", "winner"]
    return table(head, rows)


def article_against_live() -> str:
    """Four copies of the article's code minus live, in points of accuracy and in loss."""
    methods = ("copies-4", "copies-4-equal")
    rows = []
    for name, runs in article_cells().items():
        row = [name]
        for method in methods:
            for metric in ("test_accuracy", "test_loss"):
                row.append(entry(pairs(runs, method, "live", metric), metric, "+"))
        rows.append(row)
    names = [ARTICLE[method] for method in methods]
    columns = [words for name in names for words in (f"{name}: accuracy", "loss")]
    return table(["minus live", *columns], rows)


def article_losses() -> str:
    """The registered differences of the article's code in loss, which nobody predicted."""
    rows = []
    for name, runs in article_cells().items():
        differences = [pairs(runs, *contrast, "test_loss") for contrast in ARTICLE_CONTRASTS]
        rows.append([name, *(entry(d, "test_loss", "+") for d in differences)])
    contrasts = [f"{ARTICLE[first]} minus {ARTICLE[second]}" for first, second in ARTICLE_CONTRASTS]
    return table(["loss", *contrasts], rows)


def each_class() -> str:
    """Question 7: the share of answers that a flip changes, in per cent, in each class."""
    runs = read("one-copy-mirror")
    settings = runs[["n", "updates"]].drop_duplicates().astype(int)
    settings = settings.sort_values(["updates", "n"], ascending=[False, True])
    columns = [("none", "copies-1"), ("copies-1", "none"), ("none", "live"), ("live", "none")]
    rows = []
    for n, updates in settings.itertuples(index=False):
        for kind in CLASSES:
            cell = select(runs, f"n={n} updates={updates} classes={kind}")
            row = [f"{kind}, {n:,} images, {updates:,} updates"]
            for method, beside in columns:
                chosen = select(cell, f"method={method} beside={beside}")
                row.append(number(chosen["changed_mirror"].mean(), "changed_mirror"))
            rows.append(row)
    names = [method_label(method) for method, _ in columns]
    return table(["answers that a flip changes, %", *names], rows)


def scores() -> str:
    """How many predictions of each question came true, and how many of its baselines."""
    head = ["question", "numbers", "in the interval", "scored", "came true"]
    baselines = ["“all equal”", "“the more versions, the better”"]
    kinds = ["scored", "predicted", "all equal", "always yes"]
    rows = []
    for question, title in QUESTIONS.items():
        lines = verdicts.observed(question)
        right = verdicts.scores(lines)
        counts = [str(len(lines)), str(verdicts.in_interval(lines))]
        counts += [str(right.get(kind, "")) for kind in kinds]
        rows.append([title, *counts])
    return table(head + baselines, rows)


def predicted(question: str, measures: list[str]) -> str:
    """The labelled lines of a question that have the first of these measures, and no other than these."""
    lines = verdicts.observed(question).query("label != ''")
    rows = []
    for label, part in lines.groupby("label", sort=False):
        by_measure = part.set_index("measure")
        if measures[0] not in by_measure.index or set(by_measure.index) - set(measures):
            continue
        row = [str(label)]
        for measure in measures:
            stored = measure in by_measure.index
            row += _predicted_and_observed(by_measure.loc[measure]) if stored else ["", ""]
        rows.append(row)
    if not rows:
        found = f"question {question!r} has no labelled line of {measures[0]}"
        raise ValueError(f"{found}; expected one of verdicts.csv.")
    head = ["difference"]
    for measure in measures:
        head += [f"{MEASURES[measure]}: predicted", "observed"]
    return table(head, rows)


def _predicted_and_observed(line: pd.Series) -> list[str]:
    measure = str(line.name)
    mean = number(line["observed"], measure, "+")
    half = number(line["half"], measure)
    return [number(line["predicted"], measure, "+"), f"{mean} ± {half} {line['verdict']}"]


def judged(question: int) -> str:
    """Every contrast of question 8, 9 or 10 in accuracy, and in loss by its paired interval."""
    losses = ("test_loss", "test_scaled_loss")
    contrasts = registered.contrasts(question)
    rows = []
    for contrast, (_, line) in zip(contrasts, registered.judge(question).iterrows(), strict=True):
        row = [registered.label(contrast.task, contrast.name), _judged(line)]
        for measure in losses:
            row.append(entry(registered.by_replicate(question, contrast, measure), measure, "+"))
        rows.append(row)
    return table(["contrast", "accuracy", "loss", "loss after scaling"], rows)


# What question 8 says in Results, with the name of the contrast.
WORTH = {
    "live with 1,536 images minus none with 3,072": "worth",
    "gain with 4,608 images minus that with 512, 40 epochs": "images",
    "gain with 4,608 images, 40 epochs minus 13⅓": "epochs",
    "live with 4,608 images, 40 epochs minus 13⅓": "live, 5760 - 1920 updates, 4608 images",
}


def worth_of_live() -> str:
    """Question 8: its primary contrasts and what live's own accuracy gains from longer training."""
    lines = registered.judge(8).set_index(["task", "contrast"])
    rows = []
    for contrast in registered.contrasts(8):
        for words in (words for words, name in WORTH.items() if name == contrast.name):
            row = [f"{words}, {registered.TASKS[contrast.task]}"]
            row.append(_judged(lines.loc[contrast.task, contrast.name]))
            for measure in ("test_loss", "test_scaled_loss"):
                row.append(entry(registered.by_replicate(8, contrast, measure), measure, "+"))
            rows.append(row)
    return table(["difference", "accuracy", "loss", "loss after scaling"], rows)


def sixteen_copies() -> str:
    """Question 9: what sixteen copies gain on live's ten epochs, and its two parts, in points."""
    lines = registered.judge(9).set_index(["task", "contrast"])
    rows = []
    for pair in registered.ARTICLE_PAIRS:
        row = [registered.TASKS[pair]]
        row += [
            _judged(lines.loc[pair, f"{part}, 16"]) for part in ("as written", "length", "return")
        ]
        rows.append(row)
    return table(["sixteen copies", "as written minus live", "length", "return"], rows)


def strongest_changes() -> str:
    """Question 10: the article's ranges, live, minus no augmentation at the lengths that validation chose."""
    rows = []
    for contrast in registered.contrasts(10):
        if not contrast.name.endswith("chosen lengths"):
            continue
        lines = registered.judge(10).set_index(["task", "contrast"])
        row = [", ".join(registered.TASKS[part] for part in contrast.task.split(", "))]
        row.append(_judged(lines.loc[(contrast.task, contrast.name)]))
        for measure in ("test_loss", "test_scaled_loss"):
            row.append(entry(registered.by_replicate(10, contrast, measure), measure, "+"))
        rows.append(row)
    head = ["the article's ranges minus none", "accuracy", "loss", "loss after scaling"]
    return table(head, rows)


def strongest_changes_in_short() -> str:
    """What the article's ranges gained live, in points of accuracy, a row a source, for the front page."""
    lines = registered.judge(10).set_index(["task", "contrast"])
    chosen = lines.xs("article - none, chosen lengths", level="contrast")
    rows = []
    for task in ("pullovers-coats", "cats-dogs", "solar-cells"):
        row = [registered.TASKS[task]]
        for network in ("small", "residual"):
            name = f"{task}, {network}"
            row.append(_judged(chosen.loc[name]) if name in chosen.index else "not tried")
        rows.append(row)
    return table(["512 images of", "network with one convolution", "ResNet-8"], rows)


def _judged(line: pd.Series) -> str:
    """Mean ± half of the interval of an accuracy, and the word."""
    mean = number(line["observed"], "test_accuracy", "+")
    half = number(line["half"], "test_accuracy")
    return f"{mean} ± {half} {registered.WORDS.get(line['word'], line['word'])}"


TABLES: dict[str, Callable[[], str]] = {
    "live against all, loss": lambda: live_against("val_loss"),
    "live against all, accuracy": lambda: live_against("val_accuracy"),
    "live in the residual network": residual_network,
    "solar cells, five splits": solar_splits,
    "the article's code": article,
    "the article's code, who won": article_winners,
    "the article's code against live": article_against_live,
    "the article's code, losses": article_losses,
    "question 7, each class": each_class,
    "question 8, label more or augment": worth_of_live,
    "question 9, sixteen copies": sixteen_copies,
    "question 10, the article's ranges": strongest_changes,
    "question 10, for the front page": strongest_changes_in_short,
    "scores": scores,
}


def filled(text: str) -> str:
    """A page with its tables made again."""
    return BLOCK.sub(lambda block: block[1] + _make(block[2]) + block[4], text)


def _make(name: str) -> str:
    if name in TABLES:
        return TABLES[name]()
    if name.startswith("judged "):
        return judged(int(name.removeprefix("judged ")))
    question, _, measures = name.removeprefix("predicted ").partition(": ")
    return predicted(question, measures.split(", "))


def write() -> None:
    """All tables of the pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text), encoding="utf-8")
