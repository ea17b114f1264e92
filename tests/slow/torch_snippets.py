"""Runs the PyTorch of docs/find_your_symptom.md with real workers and prints, as JSON, whether each does what it says.

tests/slow/check_torch.py calls it with an interpreter that has torch and torchvision. It needs neither Keras nor
TensorFlow.
"""

import json
import os
import random
import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
import torchvision
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, WeightedRandomSampler, default_collate
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "find_your_symptom.md").read_text(encoding="utf-8")
ANSWERS = re.findall(r'^### "([^"\n]+)"\n(.+?)(?=^##|\Z)', PAGE, re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"```python\n(# PyTorch\b[^\n]*\n.+?)```", re.DOTALL)
CODE = {question: code for question, answer in ANSWERS for code in BLOCK.findall(answer)}
SHIFT = v2.RandomAffine(0, translate=(0.4, 0.4))
X = torch.rand(32, 3, 12, 12, generator=torch.Generator().manual_seed(0))


def run(question, **names):
    """What the code of an answer leaves behind."""
    modules = {"torch": torch, "np": np, "random": random, "v2": v2}
    imported = (DataLoader, Subset, WeightedRandomSampler, default_collate, ImageFolder)
    names = modules | {each.__name__: each for each in imported} | {"augment": SHIFT} | names
    exec(CODE[question], names)
    return names


class Draws(Dataset):
    """The number that an augmenter draws for each image."""

    def __init__(self):
        self.rng = np.random.default_rng(0)
        self.augment = SimpleNamespace(set_random_state=self.set_state)

    def set_state(self, rng, _):
        self.rng = rng

    def __len__(self):
        return 64

    def __getitem__(self, i):
        return torch.tensor(float(self.rng.random()))


def repeats(loader):
    """Whether draws come again within an epoch, and from one epoch to the next."""
    first, second = (np.concatenate([batch.numpy() for batch in loader]) for _ in range(2))
    return [len(np.unique(first)) < len(first), np.intersect1d(first, second).size > 0]


def workers():
    """They repeat as they come, and draw anew as the page seeds them, also of a data set within a Subset."""
    question = "Workers make the same random pictures (albumentations)"
    copied = repeats(DataLoader(Draws(), batch_size=8, num_workers=2))
    seeded = [repeats(run(question, data=data)["loader"]) for data in (Draws(), Subset(Draws(), range(64)))]
    return copied == [True, True] and seeded == [[False, False]] * 2


def folder(path, cat=10, dog=10):
    for label, each in {"cat": cat, "dog": dog}.items():
        Path(path, label).mkdir(parents=True)
        for i in range(each):
            torchvision.utils.save_image(torch.rand(3, 20, 20), f"{path}/{label}/{i}.png")


def differ(first, second):
    return not torch.equal(torch.as_tensor(first), torch.as_tensor(second))


def moves(data):
    return bool(np.mean([differ(data[i][0], data[i][0]) for i in range(len(data))]) > 0.9)


def validation_alone():
    folder("images")
    found = run("random_split or validation_split: my validation images are augmented, too")
    train, validation = found["train"], found["validation"]
    apart = set(train.indices).isdisjoint(validation.indices) and len(train) == 16 and len(validation) == 4
    loader = DataLoader(train, batch_size=4, num_workers=2)
    first, second = (torch.cat([x for x, _ in loader]) for _ in range(2))
    return apart and moves(train) and not moves(validation) and differ(first, second)


def mixed():
    question, data = "mixup or CutMix: where, and why is training accuracy low?", TensorDataset(X, torch.arange(32) % 3)
    x, y = next(iter(run(question, data=data, names=["ant", "bee", "cow"])["loader"]))
    right = y.shape == (32, 3) and torch.allclose(y.sum(1), torch.ones(32))
    return x.shape == X.shape and right and bool(((y > 0.001) & (y < 0.999)).any())


def fine_tuned():
    for path in ("train", "validation"):
        folder(path)
    weights = torchvision.models.ResNet18_Weights.DEFAULT
    found = run("Only a few hundred images. Fine-tuning: how many copies?", weights=weights)
    shape = found["train"][0][0].shape == found["validation"][0][0].shape == (3, 224, 224)
    return shape and moves(found["train"]) and not moves(found["validation"])


def frozen():
    backbone = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    model = torch.nn.Sequential(backbone, torch.nn.Flatten(), torch.nn.LazyLinear(2))
    before = backbone[1].running_mean.clone()
    run("Accuracy collapses after unfreezing", model=model, nn=torch.nn)
    model(X).sum().backward()
    still = torch.equal(before, backbone[1].running_mean) and backbone[0].weight.grad is not None
    model.train()
    model(X)
    return still and differ(before, backbone[1].running_mean)


def rare():
    os.chdir(tempfile.mkdtemp())
    folder("train", cat=360, dog=40)
    resize = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    found = run("Class weights, or augment only the rare class?", resize=resize)
    return moves(found["data"]) and 0.4 < float(torch.cat([y for _, y in found["loader"]]).float().mean()) < 0.6


CHECKS = {
    "random_split or validation_split: my validation images are augmented, too": validation_alone,
    "Workers make the same random pictures (albumentations)": workers,
    "mixup or CutMix: where, and why is training accuracy low?": mixed,
    "Only a few hundred images. Fine-tuning: how many copies?": fine_tuned,
    "Accuracy collapses after unfreezing": frozen,
    "Class weights, or augment only the rare class?": rare,
}


if __name__ == "__main__":
    os.chdir(tempfile.mkdtemp())
    assert CHECKS.keys() == CODE.keys(), CHECKS.keys() ^ CODE.keys()
    found = {question: check() for question, check in CHECKS.items()}
    print(json.dumps(found))
