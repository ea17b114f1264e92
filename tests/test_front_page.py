"""The front page, its three lines and its picture say what the stored tables say, and links lead somewhere."""

import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import share_figure  # noqa: E402

from helpers.compare import differences, summarise  # noqa: E402
from helpers.stats import judge  # noqa: E402
from helpers.tables import FOLDER, read_results  # noqa: E402

README = (ROOT / "README.md").read_text(encoding="utf-8")
ANSWER = (ROOT / "docs" / "answer.txt").read_text(encoding="utf-8")
SAID_AT = (
    "README.md", "docs/find_your_symptom.md", "docs/teaching/one_slide.md", "notebooks/scripts/05_how_many_copies.py",
)  # fmt: skip
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(path for folder in ("docs", "data", "data/results") for path in sorted(ROOT.glob(f"{folder}/*.md"))),
]
PICTURES = [ROOT / "docs" / name for name in ("share.png", "share-dark.png")]
# Folds of the cells in which one copy was at least as good as no augmentation or live; Conclusions names them.
EXCEPTIONS = {"solar-cells-without-0", "solar-cells-without-3"}


@pytest.mark.parametrize("place", SAID_AT)
def test_the_three_lines_are_the_same_everywhere(place):
    text = (ROOT / place).read_text(encoding="utf-8").replace("\n# ", "\n")
    assert len(ANSWER.splitlines()) == 3
    for line in ANSWER.splitlines():
        assert line in text


def test_the_numbers_of_the_three_lines_are_those_of_the_residual_network():
    table = share_figure.accuracies()
    first, second, _ = ANSWER.splitlines()
    said = [int(number) for number in re.findall(r"(\d+) %", first + second)]
    one_copy = [table.loc["copies-1", place] for place in ("shown_accuracy", "train_accuracy")]
    new = table["val_accuracy"]
    found = [*one_copy, table.loc["live", "train_accuracy"], new["copies-1"], new["none"], new["live"]]
    assert said == [round(value) for value in found]


def all_settings():
    """The summaries of every stored setting with one copy, frozen and fine-tuned networks included."""
    for name in ("study", "static-versus-live", "law", "solar-cells", "image-data-generator", "keras-layers"):
        table = read_results(FOLDER / f"{name}.csv")
        keys = [key for key in ("regime", "dataset", "n", "policy", "model", "rate", "batch") if key in table]
        for values, part in table.groupby(keys):
            if {"copies-1", "live"} <= set(part["arm"]):
                yield dict(zip(keys, values, strict=True)), summarise(part)


def test_live_knows_its_own_originals_better_than_one_copy_in_every_stored_setting():
    found = [differences(runs, "live", "copies-1", "train_accuracy").mean() for _, runs in all_settings()]
    assert len(found) == 34
    assert min(found) > 0


def test_where_one_copy_is_not_the_worst_is_named():
    exceptions, words = set(), []
    for setting, runs in all_settings():
        for other in ("live", "none"):
            if other in set(runs["arm"]):
                difference = differences(runs, "copies-1", other, "val_accuracy")
                words.append(judge(difference, "val_accuracy")[2])
                if difference.mean() >= 0:
                    exceptions.add(setting["dataset"])
    assert exceptions == EXCEPTIONS
    assert "better" not in words


def test_what_is_said_of_pretrained_networks_is_so():
    """With the last layer alone live lost two points to no augmentation; else it was level, and four over one copy."""
    runs = {setting["model"]: runs for setting, runs in all_settings()}
    gained = {
        name: [100 * differences(runs[name], "live", arm, "val_accuracy").mean() for arm in ("none", "copies-1")]
        for name in ("residual-frozen", "residual-tuned")
    }
    assert round(gained["residual-frozen"][0]) == -2
    assert judge(differences(runs["residual-tuned"], "live", "none", "val_accuracy"), "val_accuracy")[2] == "equivalent"
    assert round(gained["residual-tuned"][1]) == 4


def test_the_code_to_copy_leaves_other_pictures_unchanged_in_each_epoch():
    images = np.random.default_rng(0).integers(0, 256, (128, 28, 28, 1), "uint8")
    train = tf.data.Dataset.from_tensor_slices((images, np.zeros(128, "int64"))).batch(32)
    tf.random.set_seed(1)  # with which tf.random.uniform in a map repeats itself in each epoch
    code = re.search(r"```python\n(import tensorflow.*?)```", README, re.DOTALL)
    names = {"train": train}
    exec(code[1], names)
    epochs = [np.concatenate([batch for batch, _ in names["train"]]) for _ in range(3)]
    unchanged = np.array([(shown == images).all(axis=(1, 2, 3)) for shown in epochs])
    assert (np.abs(unchanged.mean(axis=1) - 0.25) < 0.15).all()
    assert (unchanged[0] != unchanged[1]).any() and (unchanged[1] != unchanged[2]).any()


def anchors(path):
    """The places of a page or notebook that a link can name, as the code host and the book make them."""
    text = path.read_text(encoding="utf-8")
    for include in re.findall(r"^```\{include\} (\S+)$", text, re.MULTILINE):
        text += (path.parent / include).read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for link in links:
        if "://" not in link:
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_the_picture_is_small_and_was_drawn_from_the_table_as_it_is(path):
    assert path.stat().st_size < 1_000_000
    with Image.open(path) as picture:
        for key, part in share_figure.provenance().items():
            assert picture.info[key] == part, "run tools/share_figure.py"
        assert picture.info["pixels"] == share_figure.pixels(picture), "not as it was drawn"


def test_the_picture_drawn_anew_looks_like_the_stored_one(tmp_path):
    share_figure.write(share_figure.LIGHT, tmp_path / "share.png")
    with Image.open(tmp_path / "share.png") as new, Image.open(PICTURES[0]) as stored:
        assert new.size == stored.size
        # Made small: versions of Matplotlib set letters a little otherwise.
        off = np.abs(np.subtract(*(np.asarray(one.convert("RGB").reduce(16), int) for one in (new, stored))))
    assert (off.max(axis=2) > 40).mean() < 0.003


def test_the_alternative_text_says_what_the_picture_says():
    (alt,) = re.findall(r'<img src="docs/share.png" alt="([^"]+)"', README)
    said = [int(share) for share in re.findall(r"(\d+)%", alt)]
    assert said == share_figure.accuracies().round().astype(int).to_numpy().ravel().tolist()


@pytest.mark.parametrize(("arm", "versions"), [("none", 1), ("copies-1", 1), ("copies-4", 4), ("live", 94)])
def test_a_target_has_a_dot_for_each_version_and_sizes_for_how_often(arm, versions):
    at, counts = share_figure.places(arm)
    assert at.shape == (versions, 2)
    assert counts.sum() in (93, 94)  # 1,500 updates are 93.75 epochs
    assert (np.abs(at) <= [1.4, 5]).all()
    assert (arm == "none") == (not at.any())
