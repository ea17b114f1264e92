"""Pipelines of torchvision, albumentations, Grain, HDF5 and Keras on PyTorch: prints what is found in each, as JSON.

tests/slow/check_torch.py runs it with an interpreter that has PyTorch; what else is missing there is left out.
"""

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, default_collate

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
from augcheck import check_pipeline  # noqa: E402

N, BATCH = 192, 16


def pictures(n, seed):
    """(n, 16, 16, 3) as bytes, bright in the middle, and a class for each."""
    draws = np.random.default_rng(seed)
    window = np.hanning(16)[:, None]
    x = np.repeat(np.repeat(draws.random((n, 4, 4, 3)), 4, 1), 4, 2) * (window * window.T)[..., None]
    return (40 + 180 * x).astype(np.uint8), draws.integers(0, 2, n)


X, Y = pictures(N, 0)
VALIDATION = pictures(96, 1)


class Images(Dataset):
    def __init__(self, change, x=X, y=Y):
        self.change, self.x, self.y = change, x, y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.change(self.x[i]), self.y[i]


def tensor(image):
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(image, 2, 0))).float() / 255


def loader(change, **options):
    return DataLoader(Images(change), BATCH, shuffle=True, num_workers=2, **options)


CLEAN = DataLoader(Images(tensor, *VALIDATION), BATCH)


def of_torchvision():
    from torchvision.transforms import v2

    def image(picture):
        return torch.from_numpy(np.moveaxis(picture, 2, 0).copy())

    scale = v2.ToDtype(torch.float32, scale=True)
    policy = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomRotation(10), scale])
    mix = v2.RandomChoice([v2.MixUp(num_classes=2), v2.CutMix(num_classes=2)])
    live = loader(lambda picture: policy(image(picture)))
    yield "torchvision, live", check_pipeline(live, CLEAN).found
    yield "torchvision, live, tried out", check_pipeline(live, CLEAN, augment=policy, augment_in="image").found
    mixing = loader(tensor, collate_fn=lambda items: mix(*default_collate(items)))
    yield "torchvision, mixed", check_pipeline(mixing, CLEAN).found
    batch = v2.RandomRotation(20)
    turned = loader(tensor, collate_fn=lambda items: (batch(default_collate(items)[0]), default_collate(items)[1]))
    yield "torchvision, one draw a batch", check_pipeline(turned, augment=batch, augment_in="batch").found


def of_albumentations():
    import albumentations

    policy = albumentations.Compose([albumentations.HorizontalFlip(), albumentations.ShiftScaleRotate(p=1)])
    repeating = loader(lambda picture: tensor(policy(image=picture)["image"]))
    yield "albumentations 2.0.8, its workers never seeded", check_pipeline(repeating).found


def of_grain():
    import grain

    class Turn(grain.transforms.RandomMap):
        def random_map(self, item, rng):
            return np.roll(item[0], rng.integers(-3, 4, 2), (0, 1)), item[1]

    pairs = grain.MapDataset.source(list(zip(X, Y, strict=True))).shuffle(seed=0)
    live = pairs.repeat().seed(0).random_map(Turn()).batch(BATCH)
    yield "Grain, one stream", check_pipeline(live.to_iter_dataset(), VALIDATION, steps_per_epoch=N // BATCH).found
    again = pairs.seed(0).random_map(Turn()).batch(BATCH)
    yield "Grain, started again", check_pipeline(again.to_iter_dataset(), VALIDATION).found


def of_hdf5():
    import h5py

    with tempfile.TemporaryDirectory() as folder, h5py.File(Path(folder, "images.h5"), "w") as file:
        file["x"], file["y"] = X, Y
        yield "HDF5, as arrays", check_pipeline((file["x"], file["y"]), VALIDATION).found
        rng = np.random.default_rng(0)

        def epoch():
            for rows in np.array_split(rng.permutation(N), N // BATCH):
                rows = np.sort(rows)
                light = rng.uniform(0.7, 1, (BATCH, 1, 1, 1))
                yield (file["x"][rows] * light).astype(np.uint8), file["y"][rows]

        yield "HDF5, live", check_pipeline(epoch, VALIDATION).found


def of_keras():
    import keras
    from keras import layers

    def network(*front):
        model = keras.Sequential([keras.Input((16, 16, 3)), *front, layers.Flatten(), layers.Dense(1, "sigmoid")])
        model.compile(loss="bce")
        return model

    x, y = X / np.float32(255), Y
    validation = VALIDATION[0] / np.float32(255), VALIDATION[1]
    flip = layers.RandomFlip("horizontal")
    yield "Keras on PyTorch, sound", check_pipeline((x, y), validation, model=network(flip)).found
    scaling = network(flip, layers.Rescaling(1 / 255))
    yield "Keras on PyTorch, scaled twice", check_pipeline((x, y), validation, model=scaling).found


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    found = {}
    for pipelines in (of_torchvision, of_albumentations, of_grain, of_hdf5, of_keras):
        with contextlib.suppress(ModuleNotFoundError):
            found |= dict(pipelines())
    print(json.dumps(found))


if __name__ == "__main__":
    main()
