"""Pipelines of PyTorch, with its real workers: prints what the check-up finds in each, as JSON.

tests/slow/check_torch.py runs it with an interpreter that has PyTorch. It needs neither Keras nor TensorFlow.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
from augcheck import check_pipeline  # noqa: E402

N, BATCH = 192, 16


def images(n, seed):
    """(n, 3, 16, 16) with something bright in the middle, so that a shift shows."""
    coarse = torch.from_numpy(np.random.default_rng(seed).random((n, 3, 4, 4), np.float32))
    window = torch.hann_window(16, periodic=False)
    return 0.1 + 0.8 * coarse.repeat_interleave(4, 2).repeat_interleave(4, 3) * window[:, None] * window


X, Y = images(N, 0), torch.from_numpy(np.random.default_rng(1).integers(0, 2, N))
X_VAL, Y_VAL = images(96, 2), torch.from_numpy(np.random.default_rng(3).integers(0, 2, 96))


def shifted(image, integers):
    return torch.roll(image, integers(-3, 4, 2).tolist(), (1, 2))


class Own(Dataset):
    """Each worker gets a copy of this generator, as it was: every worker draws the same."""

    def __init__(self, x=X, y=Y):
        self.x, self.y, self.rng = x, y, np.random.default_rng(0)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return shifted(self.x[i], self.rng.integers), self.y[i]


class Seeded(Own):
    """PyTorch seeds NumPy in each worker, anew in each epoch."""

    def __getitem__(self, i):
        return shifted(self.x[i], np.random.randint), self.y[i]


class OfTorch(Own):
    def __getitem__(self, i):
        return self.x[i] * (0.8 + 0.4 * torch.rand(())), self.y[i]


class Named(OfTorch):
    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return {"pixel_values": x, "labels": y}


class Stream(IterableDataset):
    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        start, step = (worker.id, worker.num_workers) if worker else (0, 1)
        for i in torch.randperm(N, generator=torch.Generator().manual_seed(worker.seed if worker else 0))[start::step]:
            yield X[i] * (0.8 + 0.4 * torch.rand(())), Y[i]


class Frozen(Dataset):
    def __init__(self):
        self.pictures = [shifted(x, np.random.default_rng(i).integers) for i, x in enumerate(X)]

    def __len__(self):
        return N

    def __getitem__(self, i):
        return self.pictures[i], Y[i]


class Alike:
    """One draw for a batch, in the collate function."""

    def __call__(self, items):
        x, y = torch.utils.data.default_collate(items)
        return x * (0.5 + torch.rand(())), y


def loader(dataset, workers=2, **options):
    return DataLoader(dataset, BATCH, shuffle=not isinstance(dataset, IterableDataset), num_workers=workers, **options)


VALIDATION = DataLoader(TensorDataset(X_VAL, Y_VAL), BATCH)


def flip(image):
    return image.flip(-1) if torch.rand(()) < 0.5 else image


CASES = {
    "live": (OfTorch(), {}),
    "live, no workers": (OfTorch(), {"workers": 0}),
    "live, persistent workers": (OfTorch(), {"persistent_workers": True}),
    "NumPy, seeded by PyTorch": (Seeded(), {}),
    "dictionaries": (Named(), {}),
    "a stream": (Stream(), {}),
    "the generator in each worker": (Own(), {}),
    "the generator in each persistent worker": (Own(), {"persistent_workers": True}),
    "frozen": (Frozen(), {}),
    "one draw for a batch": (TensorDataset(X, Y), {"collate_fn": Alike()}),
}


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    found = {}
    for name, (dataset, options) in CASES.items():
        found[name] = check_pipeline(loader(dataset, **options), VALIDATION).found
    flips = check_pipeline(loader(OfTorch()), augment=flip)
    found["one draw, tried out"] = flips["one draw"].status
    found["not shuffled"] = check_pipeline(DataLoader(OfTorch(), BATCH), VALIDATION).found
    moving = loader(OfTorch(X_VAL, Y_VAL))
    found["validation augmented"] = check_pipeline(loader(OfTorch()), moving).found
    both = DataLoader(TensorDataset(torch.cat([X_VAL[:48], X[:48]]), torch.cat([Y_VAL[:48], Y[:48]])), BATCH)
    found["half of validation in training"] = check_pipeline(loader(TensorDataset(X, Y)), both, live=False).found
    found["channels last in validation"] = check_pipeline(
        loader(OfTorch()), (X_VAL.movedim(1, 3).numpy(), Y_VAL.numpy())
    ).found
    blur = torch.nn.Conv2d(3, 3, 3, padding=1)
    weights = blur.weight.detach().clone()
    check_pipeline(loader(OfTorch()), augment=blur)
    found["a layer that learns is left as it was"] = bool((blur.weight == weights).all())
    before = torch.get_rng_state()
    seen = loader(OfTorch(), workers=0)
    check_pipeline(seen)
    found["random state put back"] = bool((torch.get_rng_state() == before).all())
    print(json.dumps(found))


if __name__ == "__main__":
    main()
