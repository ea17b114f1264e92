"""Pipelines of PyTorch, with its real workers: prints what the check-up finds in each, as JSON.

tests/slow/check_torch.py runs it with an interpreter that has PyTorch. It needs neither Keras nor TensorFlow.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, WeightedRandomSampler

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


def darken(images):
    """One draw, for whatever it gets."""
    return images * (0.5 + torch.rand(()))


def darken_each(images):
    return images * (0.5 + torch.rand((len(images), 1, 1, 1)))


class Collated:
    """A collate function that augments the batch."""

    def __init__(self, augment):
        self.augment = augment

    def __call__(self, items):
        x, y = torch.utils.data.default_collate(items)
        return self.augment(x), y


class Transformed(Own):
    """A dataset that augments each image, as torchvision's do."""

    def __init__(self, transform):
        super().__init__()
        self.transform = transform

    def __getitem__(self, i):
        return self.transform(self.x[i]), self.y[i]


class Unsplit(IterableDataset):
    """Each worker gives all images."""

    def __iter__(self):
        for i in torch.randperm(N):
            yield X[i], Y[i]


def mix(items):
    """MixUp with columns, in a collate function."""
    x, y = torch.utils.data.default_collate(items)
    columns, share = torch.nn.functional.one_hot(y, 2).float(), torch.rand(())
    return share * x + (1 - share) * x.flip(0), share * columns + (1 - share) * columns.flip(0)


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
    "mixed in the collate function": (TensorDataset(X, Y), {"collate_fn": mix}),
    "a stream that workers don't split": (Unsplit(), {}),
    # Eleven batches: one worker makes six, the other five, and in the second epoch they are out of step.
    "workers that get out of step": (Own(X[:176], Y[:176]), {"persistent_workers": True}),
}


def sampled():
    """Samplers that draw with replacement, over a set with a rare class."""
    keep = torch.cat([torch.where(Y == 0)[0], torch.where(Y == 1)[0][:12]])
    keep_val = torch.cat([torch.where(Y_VAL == 0)[0], torch.where(Y_VAL == 1)[0][:4]])
    weights = torch.where(Y[keep] == 1, (Y[keep] == 0).sum() / 12, 1.0)
    rare, found = DataLoader(TensorDataset(X_VAL[keep_val], Y_VAL[keep_val]), BATCH), {}
    stored, live = TensorDataset(X[keep], Y[keep]), OfTorch(X[keep], Y[keep])
    for name, dataset in (("stored", stored), ("live", live)):
        train = DataLoader(dataset, BATCH, sampler=WeightedRandomSampler(weights, N))
        found[f"oversampled, {name}"] = check_pipeline(train, rare, live=name == "live").found
    return found


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    found = {}
    for name, (dataset, options) in CASES.items():
        found[name] = check_pipeline(loader(dataset, **options), VALIDATION).found
    found["one draw, nothing known"] = check_pipeline(loader(OfTorch()), augment=flip)["one draw"].status
    for name, place in (("one draw, of images", "image"), ("one draw, of batches", "batch")):
        found[name] = check_pipeline(loader(OfTorch()), augment=flip, augment_in=place)["one draw"].status
    found["one draw in the dataset"] = check_pipeline(loader(Transformed(flip)), augment=flip).found
    for name, change in (("one draw", darken), ("a draw each", darken_each)):
        collating = loader(TensorDataset(X, Y), collate_fn=Collated(change))
        found[f"{name} in the collate function"] = check_pipeline(collating, augment=change, augment_in="batch").found
    clean = loader(TensorDataset(X, Y))
    found["augmented in the loop"] = check_pipeline(clean, VALIDATION, augment=darken_each, augment_in="loop").found
    found["one draw in the loop"] = check_pipeline(clean, VALIDATION, augment=darken, augment_in="loop").found
    found |= sampled()
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
