"""Every whole number that a function takes: odd ones are refused by name, those of NumPy are taken."""

import numpy as np
import pytest

from helpers.augment import RandomAffine
from helpers.compare import compare
from helpers.data import Data, load_solar_cells, load_solar_cells_fold, subset
from helpers.folder import load_image_folder
from helpers.methods import schedule
from refusals import refusal

GREY = np.zeros((64, 4, 4, 1), "float32")
PICTURES = Data(GREY, np.arange(64) % 2, GREY[:2], np.arange(2))
HIGHEST_SEED = 2**31 - 1


def trained(**given):
    settings = {"n": 32, "updates": 1, "replicates": 1} | given
    return compare(PICTURES, "none", RandomAffine(), **settings)


def planned(**given):
    settings = {"n": 64, "updates": 2} | given
    return schedule("live", **settings)


WHOLE = [  # function, argument, lowest and highest
    (planned, "n", 1, None),
    (planned, "updates", 1, None),
    (planned, "batch", 1, None),
    (planned, "replicate", 0, None),
    (lambda n: subset(PICTURES, n), "n", 2, 64),
    (lambda replicate: subset(PICTURES, 8, replicate), "replicate", 0, None),
    (load_solar_cells, "image_size", 1, 300),
    (load_solar_cells_fold, "fold", 0, 3),
    (RandomAffine, "seed", 0, HIGHEST_SEED),
    (lambda ids: RandomAffine().draw(ids, (0, 0)), "ids", 0, None),
    (lambda image_size: load_image_folder("there is none", image_size), "image_size", 1, 4096),
    (trained, "n", 1, None),
    (trained, "updates", 1, None),
]
IDS = [str(number) for number in range(len(WHOLE))]


@pytest.mark.parametrize(("call", "name", "lowest", "highest"), WHOLE, ids=IDS)
def test_what_is_no_whole_number_in_its_range_is_refused_by_name(call, name, lowest, highest):
    odd = [2.0, True, lowest - 1]
    if highest is not None:
        odd.append(highest + 1)
    if call is not RandomAffine:  # where None is a seed at random
        odd.append(None)
    for value in odd:
        said = refusal(call, **{name: value})
        assert said.startswith(f"{name} is ") and "expected a whole number" in said, (name, value)


def test_whole_numbers_of_numpy_and_the_ends_of_a_range_are_taken():
    assert schedule("live", 1, 1, 0, 1).source.tolist() == [[0]]
    assert RandomAffine().draw(0, (0, HIGHEST_SEED)).shape == (0, 8)
    assert RandomAffine(seed=0).seed == 0
    assert RandomAffine(seed=np.int64(HIGHEST_SEED)).seed == HIGHEST_SEED
    assert RandomAffine(seed=None).seed is None
    assert [len(subset(PICTURES, n).y_train) for n in (2, np.int64(64))] == [2, 64]
