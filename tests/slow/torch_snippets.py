"""Runs the PyTorch of docs/find_your_symptom.md with real workers and prints, as JSON, whether each does what it says:
a check prints True before the repair and False after it.

tests/slow/check_torch.py calls it with an interpreter that has torch and torchvision. What also needs albumentations,
kornia, scikit-learn or Keras runs where they are. It needs no TensorFlow.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np
import torch
import torchvision
from torch.utils.data import Dataset, Subset, TensorDataset

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests", "docs/snippets", "helpers", "augcheck/src")]

from symptom_page import ENTRIES, FIRST_STEPS, code_of, entries, over_confident, patients, run, says  # noqa: E402


def start():
    """What the first block of the page leaves behind, in a folder of images."""
    os.chdir(tempfile.mkdtemp())
    torch.manual_seed(0)
    for part in ("train", "validation"):
        for label in ("cat", "dog"):
            Path(part, label).mkdir(parents=True)
            for number in range(10):
                image = torch.rand(3, 40, 50) / 2 + (label == "dog") / 2
                torchvision.utils.save_image(image, f"{part}/{label}/{number}.png")
    names = {}
    exec(code_of(FIRST_STEPS, "PyTorch")[1][0], names)
    x, y = next(iter(names["plain"]))
    return names | {"x": x, "y": y, "x_train": x.numpy(), "y_train": y.numpy(), "path": "train/cat/0.png", "workers": 0}


class Again(Dataset):
    """Images, augmented anew each time."""

    def __init__(self, times, augment, read):
        self.times, self.augment, self.read = times, augment, read

    def __len__(self):
        return self.times

    def __getitem__(self, i):
        return self.read(self.augment, i), i


def turned():
    """As an augmenter of albumentations turns it."""
    import albumentations

    image = np.random.default_rng(0).integers(0, 256, (24, 24, 3), "uint8")
    turn = albumentations.Compose([albumentations.Rotate(180, p=1)])
    return Again(32, turn, lambda augment, i: augment(image=image)["image"].copy())


def flipped():
    """Other images, flipped or not."""
    import albumentations

    images = np.random.default_rng(0).integers(0, 256, (32, 24, 24, 3), "uint8")
    flip = albumentations.Compose([albumentations.HorizontalFlip(p=0.5)])
    return Again(32, flip, lambda augment, i: augment(image=images[i])["image"].copy())


def network(*middle):
    last = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 2)]
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), *middle, *last)


def trained(norm):
    """For one epoch, so that the averages of batch norm lag behind."""
    model = network(norm, torch.nn.ReLU())
    optimizer, loss = torch.optim.Adam(model.parameters(), 0.1), torch.nn.CrossEntropyLoss()
    for _ in range(2):
        for x, y in zip(BRIGHTER.split(16), LABELS.split(16), strict=True):
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()
    return model


LABELS = torch.arange(128) % 2
BRIGHTER = torch.rand(128, 3, 12, 12, generator=torch.Generator().manual_seed(0)) / 2
BRIGHTER[:, 0] += LABELS[:, None, None] / 4


# What an entry needs beside the names of the first block


def for_masks(names):
    names["y"] = (names["x"][0, :1] > names["x"][0].median()).to(torch.uint8)
    names["x"] = names["y"].float()


def for_albumentations(names):
    names["y"] = (names["x_train"][0, 0] > np.median(names["x_train"][0, 0])).astype("uint8")
    names["x"] = names["y"].astype("float32")


def few_dogs(names):
    names["data"] = TensorDataset(torch.rand(400, 3, 8, 8), torch.arange(400) // 370)
    names["data"].targets = names["data"].tensors[1].tolist()


FIXTURES = {
    "Masks or boxes": for_masks, "Validation loss goes up": over_confident, "Augment only the rare": few_dogs,
    "Which class is 0": lambda names: shutil.rmtree("validation/cat"),
    "Accuracy collapses": lambda names: names.update(model=network(torch.nn.BatchNorm2d(4))),
    "Test-time": lambda names: names.update(model=network(torch.nn.BatchNorm2d(4))),
    "Expected more": lambda names: names.update(data=TensorDataset(torch.rand(33, 3, 8, 8), torch.zeros(33))),
    "A single photograph": lambda names: names.update(from_training=names["x"][:1]),
    "First augment": patients,
    "model.eval()": lambda names: names.update(
        loss=torch.nn.CrossEntropyLoss(), model=trained(torch.nn.BatchNorm2d(4)),
        plain=torch.utils.data.DataLoader(TensorDataset(BRIGHTER, LABELS), 32),
        train=torch.utils.data.DataLoader(TensorDataset(BRIGHTER, LABELS), 32),
    ),
}  # fmt: skip


# What an entry needs between its code and its check


def with_norm(names):
    if "norm" in names:
        torch.manual_seed(0)
        names["model"] = trained(names["norm"])


# What else the repaired code does


def frozen(names):
    model = names["model"]
    before = model[1].running_mean.clone()
    model(names["x"]).sum().backward()
    return torch.equal(before, model[1].running_mean) and model[0].weight.grad is not None


def as_pretrained(names):
    images, plain = names["data"], names["validation_data"]
    moves = [bool((part[0][0] != part[0][0]).any()) for part in (images, plain)]
    return moves == [True, False] and images[0][0].shape == (3, 224, 224) and plain[0][0].min() < 0


def seeds_a_subset(names):
    title = next(title for title in ENTRIES if title.startswith("Workers make"))
    (check,), (own, of_albumentations) = code_of(title, "PyTorch")

    def repeats(data):
        loader = torch.utils.data.DataLoader(data, 8, num_workers=4, worker_init_fn=names["reseed"])
        return says(check, names | {"train": loader}) != [False]

    run(own, names)
    if repeats(Subset(names["own_draws"], range(20))):
        return False
    run(of_albumentations, names)
    return not repeats(Subset(turned(), range(32))) and not repeats(flipped())


def replayed(names):
    """With any number of workers, and in a process that begins with a later epoch."""
    shown = []
    for workers in (0, 1, 4):
        names["workers"] = workers
        shown.append([names["show"](epoch) for epoch in (0, 1)])
    names |= {"workers": 0, "data": Again(20, names["augment"], lambda augment, i: augment(names["x"][0]))}
    own_draws = len(names["show"](0)) == 20
    alike = shown[0] == shown[1] == shown[2] and not shown[0][0] & shown[0][1]
    return own_draws and alike and replayed_by_keras(names)


def replayed_by_keras(names):
    if "version" not in names:
        return True  # no Keras here

    def shown(epoch, workers):
        loader = torch.utils.data.DataLoader(numbered, batch_size=7, shuffle=True, num_workers=workers)
        return names["versions"]([names["version"](x, ids, epoch).contiguous()] for x, ids in loader)

    numbered = TensorDataset(names["x"], torch.arange(len(names["x"])))
    first, *others = [shown(3, workers) for workers in (0, 1, 4)]
    return others == [first, first] and not first & (shown(4, 0) | names["versions"](names["plain"]))


def reads_once(names):
    stored = names["train"].dataset
    return stored.rows[0][0].dtype == torch.uint8 and next(iter(names["train"]))[0].max() <= 1


def passes_arrays_on(names):
    """An array as it is, and of two plain tensors the second."""
    flip, image = names["v2"].RandomHorizontalFlip(1.0), names["x"]
    changed, second = flip(image, image)
    return np.array_equal(flip(image.numpy()), image) and torch.equal(second, image) and not torch.equal(changed, image)


def makes_nan(names):
    normalised = torch.tensor([-1.0, -0.5, 0.0]).view(3, 1, 1)
    return bool(names["v2"].ColorJitter(hue=(0.05, 0.05))(normalised).isnan().any())


def drops_a_label(names):
    if "A" not in names:
        return True  # no albumentations here
    image, boxes = np.zeros((64, 64, 3), "uint8"), [[0, 0, 8, 8], [20, 20, 30, 30]]
    cropped = names["crop"](image=image, bboxes=boxes, labels=[1, 2])
    return len(names["target"]["labels"]) == 0 and list(cropped["labels"]) == [2]


def told_anew(names):
    """Workers that start with each epoch know what was set before it."""
    plain = names["Scheduled"]()
    loader = torch.utils.data.DataLoader(plain, batch_size=32, num_workers=2)
    brightest = float(next(iter(loader))[0].max())
    plain.strength = 0.0
    return brightest > 0 == float(next(iter(loader))[0].max())


def filled(names):
    outside = names["v2"].RandomAffine((20, 20), fill={names["tv_tensors"].Mask: 255})
    target = outside(names["tv_tensors"].Mask(names["mask"])).long()
    loss = torch.nn.CrossEntropyLoss(ignore_index=255)(torch.zeros(1, 4, 64, 64), target)
    return 255 in target and abs(float(loss) - np.log(4)) < 1e-4


AFTER = {
    "NaN, white": makes_nan, "All bounding boxes": drops_a_label, "persistent_workers": told_anew, "Masks get": filled,
    "Augmentation seems to do nothing": passes_arrays_on,
    "Accuracy collapses": frozen, "Only a few hundred": as_pretrained, "Workers make": seeds_a_subset,
    "Live and replayable": replayed, "Cached or preloaded": reads_once,
    "Augment only the rare": lambda names: 0.4 < float(torch.cat([y for _, y in names["train"]] ).float().mean()) < 0.6,
    "Expected more": lambda names: names["norm"](torch.rand(1, 64, 4, 4)).shape == (1, 64, 4, 4),
    "random_split": lambda names: [len(names["versions"](names[part])) for part in ("train", "validation")] == [16, 4],
    "Left and right": lambda names: {
        (label, bool(shown[0, 32, 16] > shown[0, 32, 48]))
        for shown, label in [names["live"](torch.linspace(0, 1, 64).expand(3, 64, 64), 0) for _ in range(64)]
    } == {(0, False), (1, True)},
}  # fmt: skip


def of(table, title, names):
    return next((table[beginning](names) for beginning in table if title.startswith(beginning)), True)


def holds(title):
    """Whether each check prints True before the repair and False after it; None if a package isn't installed."""
    names = start()
    checks, blocks = code_of(title, "PyTorch")
    prepare = with_norm if title.startswith("model.eval()") else None
    held = []
    try:
        of(FIXTURES, title, names)
        for block in blocks:
            if title.startswith("Masks") and "albumentations" in block:
                for_albumentations(names)
            try:
                held.append(run(block, names, checks, prepare) in ([], [[True], [False]]))
            except ModuleNotFoundError:
                held.append(None)
        held.append(bool(of(AFTER, title, names)))
    except ModuleNotFoundError:
        held.append(None)
    return None if None in held and False not in held else all(held)


def five_steps():
    names = start() | {"model": network(torch.nn.ReLU()), "loss": torch.nn.CrossEntropyLoss()}
    printed = []
    exec(code_of(FIRST_STEPS, "PyTorch")[1][1], names | {"print": lambda *values: printed.append(values)})
    (at_start, chance), (learnt,) = printed[1:3]
    return abs(at_start - chance) < 0.3 and learnt < at_start and "WRONG" not in str(printed[3][0])


def mixed():
    page = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
    names = start()
    names |= {"data": TensorDataset(names["x"], torch.arange(20) % 3), "names": ["ant", "bee", "cow"]}
    exec(re.search(r"```python\n(# PyTorch\n.+?)```", page, re.DOTALL)[1], names)
    x, y = next(iter(names["loader"]))
    right = y.shape == (20, 3) and torch.allclose(y.sum(1), torch.ones(20))
    (check,), _ = code_of("mixup or CutMix: training accuracy is low", "PyTorch")
    seen = [says(check, names | {"y": labels}) for labels in (y, torch.eye(3))] == [[True], [False]]
    return bool(right and x.shape == names["x"].shape and seen)


if __name__ == "__main__":
    torchvision.models.mobilenet_v2 = lambda weights, made=torchvision.models.mobilenet_v2: made()  # no download
    titles = [title for title in entries("PyTorch") if code_of(title, "PyTorch")[1]]
    only = sys.argv[1:]
    results = {title: holds(title) for title in titles if not only or title.startswith(tuple(only))}
    if not only:
        results |= {FIRST_STEPS: five_steps(), "MixUp in docs/migration.md": mixed()}
    print(json.dumps(results))
