"""Pipelines of PyTorch, with its real workers, and of torchvision: prints what is found in each, as JSON.

tests/slow/check_torch.py runs it with an interpreter that has PyTorch. It needs neither Keras nor TensorFlow: what is
not installed is left out.
"""

import contextlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
from augcheck import check_pipeline  # noqa: E402
from pipelines import pictures  # noqa: E402

N, BATCH = 192, 16


def images(n, seed):
    """Images (n, 3, 16, 16) and their classes."""
    x, y = pictures(n, seed)
    return torch.from_numpy(np.moveaxis(x, 3, 1).copy()), torch.from_numpy(y)


X, Y = images(N, 0)
X_VAL, Y_VAL = images(96, 2)


def shifted(integers):
    return lambda image: torch.roll(image, integers(-3, 4, 2).tolist(), (1, 2))


def lightened(image):
    return image * (0.8 + 0.4 * torch.rand(()))


class Live(Dataset):
    """Each image changed by a function, which by itself draws with PyTorch."""

    def __init__(self, x=X, y=Y, change=lightened):
        self.x, self.y, self.change = x, y, change

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.change(self.x[i]), self.y[i]


def own(n=N):
    """Each worker gets a copy of this generator, as it was: every worker draws the same."""
    return Live(X[:n], Y[:n], shifted(np.random.default_rng(0).integers))


class Stream(IterableDataset):
    """A stream that workers split, or don't."""

    def __init__(self, split):
        self.split = split

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rows = torch.randperm(N, generator=torch.Generator().manual_seed(worker.seed - worker.id))
        for i in rows[worker.id :: worker.num_workers] if self.split else torch.randperm(N):
            yield (lightened(X[i]) if self.split else X[i]), Y[i]


def collated(change):
    """A collate function that changes images, or images and labels."""

    def collate(items):
        x, y = default_collate(items)
        return change(x), y

    return collate


def loader(dataset, **options):
    shuffled = not isinstance(dataset, IterableDataset)
    return DataLoader(dataset, BATCH, **{"shuffle": shuffled, "num_workers": 2, **options})


VALIDATION = DataLoader(TensorDataset(X_VAL, Y_VAL), BATCH)


def flip(image):
    return image.flip(-1) if torch.rand(()) < 0.5 else image


def darken(images):
    """One draw, for whatever it gets."""
    return images * (0.5 + torch.rand(()))


def each(images):
    return images * (0.5 + torch.rand((len(images), 1, 1, 1)))


STORED = TensorDataset(X, Y)


def of_torch():
    yield "live", loader(Live()), {}
    yield "live, persistent workers", loader(Live(), persistent_workers=True), {}
    yield (
        "NumPy, seeded by PyTorch",
        loader(Live(change=shifted(np.random.randint))),
        {},
    )  # anew in each epoch
    yield "a stream", loader(Stream(True)), {}
    yield "a stream that workers don't split", loader(Stream(False)), {}
    yield "the generator in each worker", loader(own()), {}
    yield "the generator in each persistent worker", loader(own(), persistent_workers=True), {}
    # Eleven batches: one worker makes six, the other five, and in the second epoch they are out of step.
    yield "workers that get out of step", loader(own(176), persistent_workers=True), {}
    yield "frozen", loader(STORED), {}
    yield "one draw in the dataset", loader(Live(change=flip)), {"augment": flip}
    yield (
        "one draw in the collate function",
        loader(STORED, collate_fn=collated(darken)),
        {"augment": darken},
    )
    yield (
        "one draw in the collate function, unknown",
        loader(STORED, collate_fn=collated(darken)),
        {},
    )
    yield (
        "a draw each in the collate function",
        loader(STORED, collate_fn=collated(each)),
        {"augment": each},
    )
    yield "augmented in the loop", loader(STORED), {"augment": each, "augment_in": "loop"}
    yield "validation augmented", loader(Live()), {"validation": loader(Live(X_VAL, Y_VAL))}
    yield "channels last in validation", loader(Live()), {"validation": pictures(96, 2)}
    # A sampler that draws with replacement, over a set with a rare class.
    keep, keep_val = (
        torch.cat([torch.where(y == 0)[0], torch.where(y == 1)[0][:n]])
        for y, n in ((Y, 12), (Y_VAL, 4))
    )
    sampler = WeightedRandomSampler(torch.where(Y[keep] == 1, (Y[keep] == 0).sum() / 12, 1.0), N)
    rare = {"validation": DataLoader(TensorDataset(X_VAL[keep_val], Y_VAL[keep_val]), BATCH)}
    yield "oversampled, live", DataLoader(Live(X[keep], Y[keep]), BATCH, sampler=sampler), rare
    stored = TensorDataset(X[keep], Y[keep])
    yield "oversampled, stored", DataLoader(stored, BATCH, sampler=sampler), rare | {"live": False}


def of_torchvision():
    from torchvision.transforms import v2

    policy = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomRotation(10)])
    mix = v2.RandomChoice([v2.MixUp(num_classes=2), v2.CutMix(num_classes=2)])
    batch = v2.RandomRotation(20)
    yield (
        "torchvision, live",
        loader(Live(change=policy)),
        {"augment": policy, "augment_in": "image"},
    )
    yield (
        "torchvision, mixed",
        loader(STORED, collate_fn=lambda items: mix(*default_collate(items))),
        {},
    )
    yield (
        "torchvision, one draw a batch",
        loader(STORED, collate_fn=collated(batch)),
        {"augment": batch},
    )


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    found = {}
    for pipelines in (of_torch, of_torchvision):
        with contextlib.suppress(ModuleNotFoundError):
            for name, train, options in pipelines():
                found[name] = check_pipeline(train, **{"validation": VALIDATION, **options}).found
    blur = torch.nn.Conv2d(3, 3, 3, padding=1)
    weights, before = blur.weight.detach().clone(), torch.get_rng_state()
    check_pipeline(loader(Live(), num_workers=0), augment=blur)
    found["a layer that learns is left as it was"] = bool((blur.weight == weights).all())
    found["random state put back"] = bool((torch.get_rng_state() == before).all())
    print(json.dumps(found))


if __name__ == "__main__":
    main()
