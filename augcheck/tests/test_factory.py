"""The test cases that ``augcheck.for_pytest`` makes."""

import pytest

from augcheck import FoundError, parametrize_with_checks
from augcheck.catalogue import NUMBERS
from pipelines import Batches, in_batches, pictures

X, Y = pictures(128, shape=(12, 12, 1))
MADE = []


def make():
    MADE.append(1)
    return Batches(X, Y)


def ordered():
    return list(in_batches(X, Y, 64))


def cases(factory, **options):
    mark = parametrize_with_checks(factory, **options)
    assert mark.kwargs["ids"] == [name.replace(" ", "_") for name in NUMBERS]
    return dict(zip(NUMBERS, mark.args[1], strict=True))


def test_a_case_fails_passes_is_skipped_or_is_expected_to_fail():
    MADE.clear()
    ignoring = cases(make, ignore={"AUG01": "a static pool on purpose"}, strict=True)
    with pytest.raises(pytest.xfail.Exception, match="a static pool on purpose"):
        ignoring["repeats"]()
    with pytest.raises(pytest.skip.Exception, match="Give model="):
        ignoring["augmented twice"]()
    assert ignoring["order"]() is None
    assert len(MADE) == 1  # the first case reads it for all
    with pytest.raises(FoundError, match="augcheck found: repeats") as error:
        cases(make)["repeats"]()
    assert error.traceback[-1].ishidden(error)  # so that pytest shows the test
    with pytest.raises(pytest.xfail.Exception, match="wasteful: every epoch has the same order"):
        cases(ordered)["order"]()
    with pytest.raises(
        (FoundError, pytest.xfail.Exception)
    ) as error:  # an expected failure would pass for one
        cases(ordered, strict=True)["order"]()
    assert error.type is FoundError
    with pytest.raises(pytest.xfail.Exception, match="sorted on purpose"):
        cases(lambda: {"train": ordered(), "ignore": {"order": "sorted on purpose"}})["order"]()
    with pytest.raises(ValueError, match="there is no finding 'ordre'"):
        parametrize_with_checks(make, ignore=["ordre"])
