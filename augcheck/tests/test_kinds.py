"""Every kind of pipeline that people have: what is re-iterable, functions, dictionaries, channels first, tensors."""

import sys
import types

import numpy as np
import pytest

from augcheck import CANT_TELL, FOUND, NOT_FOUND, check_pipeline

BATCH, N = 16, 128
X = np.random.default_rng(0).random((N, 12, 10, 3), np.float32)
Y = np.random.default_rng(1).integers(0, 3, N)


RANDOM = {"state": 0}  # of the stand-in for PyTorch
SEEN = set()  # what augment was given; what a function keeps for itself is put back


class Loader:
    """Batches in a new order each time it is iterated, each image lightened anew unless frozen."""

    def __init__(self, frozen=False, make=lambda x, y: (x, y), sized=True, endless=False):
        self.frozen, self.make, self.endless, self.rng = frozen, make, endless, np.random.default_rng(0)
        if sized:
            self.__class__ = Sized

    def __iter__(self):
        while True:
            for rows in self.rng.permutation(N).reshape(-1, BATCH):
                light = 1 if self.frozen else self.rng.uniform(0.8, 1, (BATCH, 1, 1, 1))
                yield self.make((X[rows] * light).astype("float32"), Y[rows])
            if not self.endless:
                return


class Sized(Loader):
    def __len__(self):
        return N // BATCH


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("sized", [True, False])
def test_whatever_gives_batches_again_and_again_is_read(sized, frozen):
    report = check_pipeline(Loader(frozen, sized=sized))
    assert report.found == (["repeats"] if frozen else [])
    assert report["labels"].status == (NOT_FOUND if frozen else CANT_TELL)
    assert " epochs, each 128 images in 8 batches." in report.notes[0]
    assert f"an iterable ({'Sized' if sized else 'Loader'})" in report.notes[0]


@pytest.mark.parametrize("frozen", [True, False])
def test_an_endless_iterable_goes_on_where_an_epoch_ends(frozen):
    loader = Loader(frozen, sized=False, endless=True)
    report = check_pipeline(loader, steps_per_epoch=N // BATCH)
    assert report.found == (["repeats"] if frozen else [])
    unknown = check_pipeline(Loader(frozen, sized=False, endless=True), max_images=1000)["repeats"]
    assert (
        unknown.status == CANT_TELL
        or unknown.value == "every epoch shows identical images: augmentation is off, frozen, or comes later"
    )


def generator(seed, endless=False):
    rng = np.random.default_rng(seed)
    while True:
        for rows in rng.permutation(N).reshape(-1, BATCH):
            yield (X[rows] * rng.uniform(0.8, 1, (BATCH, 1, 1, 1))).astype("float32"), Y[rows]
        if not endless:
            return


def test_generator_functions_are_started_anew_as_fit_would():
    assert not check_pipeline(lambda: generator(None)).found
    assert check_pipeline(lambda: generator(7)).found == ["repeats", "order"]
    endless = check_pipeline(lambda: generator(7, endless=True), steps_per_epoch=N // BATCH)
    assert not endless.found
    assert "a generator function, 9 epochs, each 128 images" in endless.notes[0]


# Dictionaries


@pytest.mark.parametrize("names", [("image", "label"), ("pixel_values", "labels"), ("x", "y")])
def test_dictionaries_with_usual_keys_are_read(names):
    report = check_pipeline(Loader(True, lambda x, y: dict(zip(names, (x, y), strict=True))))
    assert report.found == ["repeats"]
    assert report["labels"].status == NOT_FOUND


def test_dictionaries_with_other_keys_are_read_by_their_names():
    def make(x, y):
        return {"image": x, "image_2": x, "class": y, "label": y, "grade": y}

    assert check_pipeline(Loader(True, make), keys=("image_2", "grade"))["labels"].status == NOT_FOUND
    assert check_pipeline(Loader(True, make), keys=("image_2", None))["labels"].status == CANT_TELL
    for keys, words in [(None, "say keys=(that of images, that of labels)"), (("image", "kind"), "without 'kind'")]:
        with pytest.raises(ValueError, match="^train yields a dictionary of [^\n]+$") as error:
            check_pipeline(Loader(True, make), keys=keys)
        assert words in str(error.value)


# Channels first


def first(x, y):
    return np.moveaxis(x, 3, 1), y


def test_channels_first_is_read_as_the_same_images():
    reports = [check_pipeline(Loader(True, make), (X[:64], Y[:64])) for make in (first, lambda x, y: (x, y))]
    shared = [report["shared images"] for report in reports]
    assert shared[0] == shared[1]
    assert reports[0]["shared images"].status == FOUND
    assert reports[0].found == ["repeats", "sets differ", "shared images"]
    assert reports[0]["sets differ"].value == "colour channels have another order in validation"
    assert reports[0]["sets differ"].how == "images of (3, 12, 10) against (12, 10, 3)."
    assert reports[1].found == ["repeats", "shared images"]


def test_an_augmentation_gets_the_layout_that_the_pipeline_gives():
    rng = np.random.default_rng(0)

    def augment(x):
        SEEN.add(x.shape[1:])
        return np.asarray(x) * rng.uniform(0.8, 1, (len(x), 1, 1, 1))

    SEEN.clear()
    report = check_pipeline(Loader(make=first), augment=augment)
    assert set(SEEN) == {(3, 12, 10)}
    assert report["one draw"].status == NOT_FOUND
    grey = check_pipeline((np.moveaxis(X[..., :1], 3, 1), Y))
    assert not grey.found


# Tensors of another framework


class Tensor:
    """What of torch.Tensor is used."""

    def __init__(self, numbers):
        self.numbers, self.shape, self.dtype = numbers, numbers.shape, "torch.float32"

    def detach(self):
        return self

    def cpu(self):
        return self

    def __array__(self, dtype=None, copy=None):
        return self.numbers


class Cuda(Tensor):
    """One that lies on a graphics card until it is fetched."""

    def cpu(self):
        return Tensor(self.numbers)

    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


class DataLoader(Loader):
    pass


@pytest.fixture
def torch(monkeypatch):
    """A stand-in that holds the names which are looked up, and a random state."""
    RANDOM["state"] = 0
    data = types.SimpleNamespace(DataLoader=DataLoader)
    fake = types.SimpleNamespace(
        Tensor=Tensor,
        utils=types.SimpleNamespace(data=data),
        get_rng_state=lambda: RANDOM["state"],
        set_rng_state=lambda now: RANDOM.update(state=now),
        from_numpy=Tensor,
    )
    monkeypatch.setitem(sys.modules, "torch", fake)
    return fake


@pytest.mark.parametrize("tensor", [Tensor, Cuda])
def test_tensors_are_read_wherever_they_lie(torch, tensor):
    def make(x, y):
        RANDOM["state"] += 1
        return tensor(np.moveaxis(x, 3, 1)), tensor(y)

    loader = DataLoader(True, make, sized=False)
    report = check_pipeline(loader, loader)
    assert "train: DataLoader, 9 epochs, each 128 images" in report.notes[0]
    assert report.found == ["repeats", "shared images"]
    assert RANDOM["state"] == 0


@pytest.mark.parametrize(("place", "status"), [("image", NOT_FOUND), ("batch", FOUND), (None, CANT_TELL)])
def test_an_augmentation_of_a_data_loader_gets_what_the_loader_gives_it(torch, place, status):
    rng = np.random.default_rng(0)

    def augment(image):
        SEEN.add((type(image), image.shape))
        return Tensor(image.numbers * rng.uniform(0.8, 1))

    SEEN.clear()
    loader = DataLoader(False, lambda x, y: (Tensor(np.moveaxis(x, 3, 1)), Tensor(y)), sized=False)
    report = check_pipeline(loader, augment=augment, augment_in=place)
    shapes = {(Tensor, (3, 12, 10))} if place == "image" else {(Tensor, (16, 3, 12, 10)), (Tensor, (32, 3, 12, 10))}
    assert set(SEEN) <= shapes and SEEN
    assert report["one draw"].status == status
    assert report["repeats"].status == NOT_FOUND
