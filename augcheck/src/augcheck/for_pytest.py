"""Each finding as a test case of pytest."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from augcheck.catalogue import NUMBERS, Ignore, ignored
from augcheck.check import check_pipeline
from augcheck.report import FoundError, Report
from augcheck.result import CANT_TELL, FOUND, WASTEFUL


def parametrize_with_checks(
    factory: Callable[[], Any], ignore: Ignore = (), strict: bool = False, **options: Any
) -> Any:
    """A decorator that makes a test function with the argument ``check`` one test case for each finding.

    The pipeline is made and read once, by the first case. A case fails where its finding is found, is skipped where it
    can't tell, and is an expected failure where it is found and ignored, with the reason::

        @parametrize_with_checks(make, ignore={"order": "sorted on purpose"})
        def test_my_pipeline(check):
            check()

    Args:
        factory: makes the pipeline, see ``check_pipeline``.
        ignore: findings that are expected, by name or number, with the reasons; also those that the function names.
        strict: whether what is wasteful fails, too; else it is an expected failure.
        options: further arguments of ``check_pipeline``.

    Raises:
        ValueError: no finding has a name or number that ``ignore`` names.
    """
    import pytest

    report = functools.cache(
        functools.partial(check_pipeline, factory, ignore=ignored(ignore), **options)
    )
    checks = [functools.partial(_check, name, report, strict) for name in NUMBERS]
    return pytest.mark.parametrize(
        "check", checks, ids=[name.replace(" ", "_") for name in NUMBERS]
    )


def _check(name: str, report: Callable[[], Report], strict: bool) -> None:
    import pytest

    __tracebackhide__ = True  # pytest then shows the test, and not these lines
    finding = report()[name]
    if finding.status == CANT_TELL:
        pytest.skip(" ".join(filter(None, [finding.how, finding.change])))
    if finding.status == FOUND:
        if name in report().ignored:
            pytest.xfail(report().ignored[name])
        if finding.severity == WASTEFUL and not strict:
            pytest.xfail(f"wasteful: {finding.value}")
        raise FoundError(f"augcheck found: {name}\n{finding}")
