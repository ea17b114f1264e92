"""Runs the PyTorch of docs/find_your_symptom.md with real workers and prints, as JSON, whether each does what it says:
a check prints True before the repair and False after it.

tests/slow/check_torch.py calls it with an interpreter that has torch and torchvision. What also needs albumentations,
kornia, scikit-learn or Keras runs where they are. It needs no TensorFlow.
"""

import json
import os
import re
import shutil  # noqa: F401 (for the code below)
import sys
import tempfile
import time  # noqa: F401
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np
import torch
import torchvision
from PIL import Image  # noqa: F401
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset  # noqa: F401
from torchvision import tv_tensors  # noqa: F401
from torchvision.transforms import v2  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("tests", "helpers", "augcheck/src")
sys.path[:0] = [str(ROOT / folder) for folder in FOLDERS]

from symptom_page import (  # noqa: E402
    FIRST_STEPS,
    PYTORCH_MESSAGES,
    as_printed,
    code_of,
    entries,
    message_of,
    patients,  # noqa: F401
    phone,  # noqa: F401
    run,
    says,
)

# What an entry needs beside the names of the first block; ``block`` is its code
BEFORE = {
    "Masks or boxes": """
rows, columns = np.mgrid[:64, :64]
y = ((rows - 24) ** 2 + (columns - 36) ** 2 < 144).astype("uint8")
if "albumentations" not in block:
    y = torch.from_numpy(y[None])
x = y * np.float32(1)
if "two images" in block:
    y = y.float()
phone()
""",
    "Augment only the rare": """
data = TensorDataset(torch.rand(400, 3, 8, 8), torch.arange(400) // 370)
data.targets = data.tensors[1].tolist()
""",
    "First augment": "patients(globals())",
    "Input 0": """
torchvision.utils.save_image(torch.rand(3, 60, 50), "train/dog/9.png")
""",
    "The size of tensor": """
Image.new("RGBA", (50, 40)).save("train/cat/9.png")
""",
    "Unknown image": """
Path("train/dog/page.png").write_text("<html>")
""",
    "EXIF": "phone()",
    "Validation accuracy is": """
model, plain, train = torch.nn.Identity(), *(DataLoader([(torch.eye(2)[1], label)]) for label in (1, 0))
""",
    "The GPU waits": """
data = Again(512, lambda i: time.sleep(0.01) or torch.zeros(3))
loop = lambda batches: [time.sleep(0.4) for _ in batches]

# In place of YOLO: five batches, each of which is waited for unless the images are cached
class Model:
    def __init__(self):
        self.called = {"on_train_batch_start": [], "on_train_batch_end": []}

    def add_callback(self, event, function):
        self.called[event].append(function)

    def train(self, cache=False, **settings):
        for _ in range(5):
            if not cache:
                time.sleep(0.2)
            for event, functions in self.called.items():
                for function in functions:
                    function(self)
                if event == "on_train_batch_start":
                    time.sleep(0.1)

model = Model()
""",
    FIRST_STEPS: """
printed, model, loss = [], network(torch.nn.ReLU()), torch.nn.CrossEntropyLoss()
def print(*values):
    printed.append(values)
""",
}

PILLOWS_OWN = Image.open

# What else the repaired code does
AFTER = {
    "Augment only the rare": """
assert 0.4 < float(torch.cat([y for _, y in train]).float().mean()) < 0.6
seen = {"common": torch.full((8, 3, 64, 64), 0.8), "change": v2.RandomRotation((20, 30))}
for answer, told in (
    (lambda images: (images[:, 0, 0, 0] == 0).long().numpy(), True),
    (lambda images: (images[:, 0, 32, 32] > 0.9).long().numpy(), False),
):
    assert says(checks[1], globals() | seen | {"answer": answer}) == [told]
""",
    "Ultralytics classify": """
image = Image.fromarray(IMAGES[0])
first = trainer.build_dataset("train").torch_transforms.transforms[0]
assert any(not np.array_equal(first(image), image) for _ in range(9)), "not turned"
assert "Rotation" not in str(trainer.build_dataset("validation", mode="val").torch_transforms)
Image.open = PILLOWS_OWN  # which Ultralytics replaces
""",
    "Masks or boxes": """
import albumentations
code = code_of("Masks or boxes don't move with the image", "PyTorch")[1][0]
augment = v2.RandomAffine(20, translate=(0.2, 0.2), interpolation=v2.InterpolationMode.BILINEAR)
x, y = y.float(), y.to(torch.uint8)
assert run(code, globals() | {"x": x, "y": y, "augment": augment}, checks) == [[True], [False]]
""",
    "Masks get": """
drawn = Image.fromarray(mask[0].numpy())
assert torch.equal(turn(tv_tensors.Mask(drawn)), moved_mask)
outside = v2.RandomAffine((20, 20), fill={tv_tensors.Mask: 255})
target = outside(tv_tensors.Mask(mask)).long()
loss = torch.nn.CrossEntropyLoss(ignore_index=255)(torch.zeros(1, 4, 64, 64), target)
assert 255 in target and abs(float(loss) - np.log(4)) < 1e-4
""",
    "All bounding boxes": """
import albumentations
assert len(target["labels"]) == 0
kept, gone, beyond = [0.5, 0.5, 0.9, 0.9], [0, 0, 0.01, 0.01], [0.95, 0.5, 0.11, 0.5]
cropped = crop(image=np.zeros((64, 64, 3), "uint8"), bboxes=[kept, gone], labels=[1, 2])
assert list(cropped["labels"]) == [1]
flip = lambda **how: A.Compose([A.HorizontalFlip(p=1)], bbox_params=A.BboxParams("yolo", ["labels"], **how))
whole = {"image": np.zeros((64, 64, 3), "uint8"), "bboxes": np.array([beyond]), "labels": [1]}
np.testing.assert_allclose(flip(clip=True)(**whole)["bboxes"], [[0.0525, 0.5, 0.105, 0.5]], atol=1e-6)
""",
    "Normalize": """
assert torch.equal(validation_data[0][0], normalize(validation.dataset[0][0]))
""",
    "Your input": """
import keras

class Counted(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        counts.append(0)

    def on_train_batch_end(self, batch, logs=None):
        counts[-1] += 1

network = keras.Sequential([keras.Input((3, 64, 64)), keras.layers.Flatten(), keras.layers.Dense(2)])
network.compile("sgd", "sparse_categorical_crossentropy")
whole = DataLoader(data, batch_size=4, shuffle=True)
for loader, steps, batches in ((whole, 100, [5, 5]), (whole, None, [5, 5]), (train, None, [100, 100])):
    counts = []
    network.fit(loader, epochs=2, steps_per_epoch=steps, verbose=0, callbacks=[Counted()])
    assert counts == batches
""",
    "Only some images": """
image = np.zeros((8, 8, 3), "uint8")
for transform, share in ((Brighter(), 0.5), (change, 1)):
    drawn = A.Compose([transform], p=1)
    changed = [int(drawn(image=image)["image"].max()) for _ in range(200)]
    assert abs(np.mean(changed) - share) < 0.15
always = (A.Resize(8, 8), A.Normalize(), A.RandomCrop(8, 8), A.CenterCrop(8, 8))
assert {other.p for other in always} == {1} and A.HorizontalFlip().p == 0.5
""",
    "albumentations is": """
whole = plain_data.loader(plain_data.samples[0][0])
size = whole.size[::-1]
boxes = tv_tensors.BoundingBoxes([[4, 4, 40, 36]], format="XYXY", canvas_size=size)
mask = np.zeros(size, "uint8")
mask[4:36, 4:40] = 3
for _ in range(20):
    target = {"boxes": boxes, "labels": torch.tensor([1]), "masks": tv_tensors.Mask(mask[None])}
    image, target = change(whole, target)
    assert image.shape == (3, 64, 64) and image.max() <= 1 and set(np.unique(target["masks"])) <= {0, 3}
    for (left, top, right, bottom), drawn in zip(target["boxes"].round().int(), target["masks"]):
        assert (drawn[top + 2 : bottom - 2, left + 2 : right - 2] == 3).all()
""",
    "The GPU waits": """
from ultralytics.utils.callbacks.base import default_callbacks
assert {"on_train_batch_start", "on_train_batch_end"} <= default_callbacks.keys()
eight = torch.rand(1, 3, 224, 224).repeat(8, 1, 1, 1)
assert len(versions([[on_gpu(eight)]])) > 6, "one draw for all"
assert max(Image.open(path).size[0] for path in Path("small").rglob("*.png")) <= 512
Image.open = PILLOWS_OWN  # which Ultralytics replaces
""",
    "Expected a float": "assert 0.4 < A.Normalize(mean=0, std=1)(image=image)['image'].max() <= 1",
    "Augmentation seems to do nothing": """
flip = v2.RandomHorizontalFlip(1.0)  # passes an array as it is, and of two plain tensors the second
changed, second = flip(x, x)
assert np.array_equal(flip(x.numpy()), x) and torch.equal(second, x) and not torch.equal(changed, x)
held_out = rest.indices
torch.manual_seed(137)  # as after a restart
blocks = code_of("Augmentation seems to do nothing", "PyTorch")[1]
(after_random_split,) = [code for code in blocks if "after random_split" in code]
exec(after_random_split, globals())
assert rest.indices == held_out
""",
    "Ultralytics: augment": """
import torchvision
from ultralytics.data.augment import classify_augmentations

def transform(settings):
    names = {"hflip": "fliplr", "erasing": "erasing", "auto_augment": "auto_augment"}
    names |= {name: name for name in ("hsv_h", "hsv_s", "hsv_v")}
    arguments = {name: settings[setting] for name, setting in names.items()}
    return classify_augmentations(64, scale=(1 - settings["scale"], 1), **arguments)

image = Image.fromarray(IMAGES[0])
still = transform(settings)
assert all(torch.equal(still(image), still(image)) for _ in range(9))
Image.open = PILLOWS_OWN  # which Ultralytics replaces
""",
    "to_pil_image": """
assert np.array_equal(np.asarray(shown).transpose(2, 0, 1), image)
saved = np.asarray(v2.functional.to_pil_image(image.float())).transpose(2, 0, 1)
assert np.abs(saved - np.float32(image)).mean() > 50, "colours are as they were"
assert torch.equal(v2.ToDtype(torch.float32, scale=True)(image.float()), image.float())
assert v2.functional.adjust_brightness(image.float(), 1.0).max() == 1
""",
    "Ultralytics: my": """
from types import SimpleNamespace
from ultralytics.data.augment import Albumentations, v8_transforms
from ultralytics.utils import DEFAULT_CFG_DICT

settings = SimpleNamespace(**DEFAULT_CFG_DICT | {"augmentations": augmentations})
live = v8_transforms(SimpleNamespace(data={}, use_keypoints=False, cache=None), 64, settings)
(drawn,) = [change for change in live.transforms if isinstance(change, Albumentations)]
assert "RandomRain" in str(drawn.transform) and "MedianBlur" not in str(drawn.transform)
Image.open = PILLOWS_OWN  # which Ultralytics replaces
""",
    "The size of tensor": """
assert on_white("train/cat/9.png").getpixel((0, 0)) == (255, 255, 255)
""",
    "At least one": "assert x.shape == (3, 40, 50)",
    "Left and right": """
ramp, shown = torch.linspace(0, 1, 64).expand(3, 64, 64), set()
for _ in range(64):
    image, label = live(ramp, 0)
    shown.add((label, bool(image[0, 32, 16] > image[0, 32, 48])))
assert shown == {(0, False), (1, True)}
for flip, told in ((v2.RandomVerticalFlip(), True), (v2.RandomRotation(10), False)):
    upside_down = lambda image, label: (flip(image), label)
    assert says(checks[0], globals() | {"live": upside_down}) == [told]
""",
    "Cached or preloaded": """
assert train.dataset.rows[0][0].dtype == torch.uint8 and next(iter(train))[0].max() <= 1
""",
    "random_split": "assert [len(versions(part)) for part in (train, validation)] == [16, 4]",
    "Workers make": """
(check,), (_, own, of_albumentations) = code_of("Workers make the same random pictures (albumentations)", "PyTorch")
def repeats(data):
    loader = DataLoader(data, 8, num_workers=4, worker_init_fn=reseed)
    return says(check, globals() | {"train": loader}) != [False]
exec(own)
assert not repeats(Subset(own_draws, range(20)))
exec(of_albumentations)
assert not repeats(Subset(turned(), range(32)))
assert not repeats(by_albumentations(IMAGES, "HorizontalFlip", p=0.5))
first, again = (torch.manual_seed(0) and versions(train) for _ in range(2))
assert first == again != versions(train)
""",
    # With any number of workers, and in a process that begins with a later epoch.
    "Live and replayable": """
shown = []
for workers in (0, 1, 4):
    shown.append([show(epoch) for epoch in (0, 1)])
assert shown[0] == shown[1] == shown[2] and not shown[0][0] & shown[0][1]
workers, data = 0, Again(20, lambda i: augment(x[0]))
assert len(show(0)) == 20  # own draws

import keras
numbered = TensorDataset(x, torch.arange(len(x)))
def by_keras(epoch, workers):
    loader = DataLoader(numbered, batch_size=7, shuffle=True, num_workers=workers)
    return versions([version(x, ids, epoch).contiguous()] for x, ids in loader)
first, *others = [by_keras(3, workers) for workers in (0, 1, 4)]
assert others == [first, first] and not first & (by_keras(4, 0) | versions(plain))
""",
    FIRST_STEPS: """
(at_start, chance), (learnt,) = printed[1:3]
assert abs(at_start - chance) < 0.3 and learnt < at_start and "WRONG" not in str(printed[3][0])
""",
}

IMAGES = np.random.default_rng(0).integers(0, 256, (32, 24, 24, 3), "uint8")


class Again(Dataset):
    """Images that are made anew each time, by an augmenter that forked workers seed."""

    def __init__(self, length, read, augment=None):
        self.length, self.read, self.augment = length, read, augment

    def __len__(self):
        return self.length

    def __getitem__(self, i):
        return self.read(i), i


def by_albumentations(images, change, **how):
    import albumentations

    augment = albumentations.Compose([getattr(albumentations, change)(**how)])
    return Again(32, lambda i: augment(image=images[i % len(images)])["image"].copy(), augment)


def turned():
    return by_albumentations(IMAGES[:1], "Rotate", limit=180, p=1)


def network(*middle):
    last = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 2)]
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), *middle, *last)


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
    return names


def of(table, title):
    return next((code for beginning, code in table.items() if title.startswith(beginning)), "")


def holds(title):
    """Whether each check prints True before the repair and False after it; None if a package isn't installed."""
    names, held = start(), []
    checks, blocks = code_of(title, "PyTorch")
    for block in blocks:
        names |= {"checks": checks, "block": block}
        prepared = globals() | names  # which the page's own code doesn't see
        try:
            exec(of(BEFORE, title), prepared)
            names |= {name: prepared[name] for name in prepared.keys() - globals().keys()}
            printed = run(block, names, checks)
            held.append(printed in ([], [[True], [False]]))
        except ModuleNotFoundError:
            held.append(None)
    if None in held:
        return False if False in held else None
    try:
        names |= {name: globals()[name] for name in globals().keys() - names.keys()}
        exec(of(AFTER, title), names)
    except ModuleNotFoundError:
        held.append(None)
    except AssertionError:
        held.append(False)
    return None if None in held else False not in held


def prints(beginning):
    """Whether PyTorch or albumentations prints the page's message."""
    try:
        code = PYTORCH_MESSAGES[beginning]
        return as_printed(message_of(beginning), code, globals().copy())
    except ModuleNotFoundError:
        return None


def mixed():
    page = (ROOT / "docs" / "migration.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(# PyTorch\n.+?)```", page, re.DOTALL)[1]
    names = start()
    names["data"] = TensorDataset(names["x"], torch.arange(20) % 3)
    names["names"] = ["ant", "bee", "cow"]
    exec(code, names)
    x, y = next(iter(names["loader"]))
    whole = torch.allclose(y.sum(1), torch.ones(20))
    (check, _), _ = code_of("mixup or CutMix: training accuracy is low", "PyTorch")
    said_of_mixed = says(check, names | {"train": [(x, y)]})
    said_of_single = says(check, names | {"train": [(x, torch.eye(3))]})
    shapes = x.shape == names["x"].shape and y.shape == (20, 3)
    return whole and shapes and said_of_mixed == [True] and said_of_single == [False]


untrained = torchvision.models.mobilenet_v2  # before it is replaced below


def not_downloaded(weights):
    return untrained()


if __name__ == "__main__":
    torchvision.models.mobilenet_v2 = not_downloaded
    titles = [title for title in entries("PyTorch") if code_of(title, "PyTorch")[1]]
    only = tuple(sys.argv[1:])
    results = {}
    for title in [*titles, FIRST_STEPS]:
        if not only or title.startswith(only):
            results[title] = holds(title)
    results["MixUp in docs/migration.md"] = mixed()
    for beginning in PYTORCH_MESSAGES:
        if not only or beginning.startswith(only):
            results[beginning] = prints(beginning)
    print(json.dumps(results))
