"""Each deliberate fault of ``mutations.py`` still has a place to be planted in."""

import pytest

from mutations import COMMANDS, MUTATIONS, ROOT


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_text_that_a_mutation_replaces_stands_once_in_its_file(name):
    mutation = MUTATIONS[name]
    assert (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.old) == 1
    assert mutation.old != mutation.new
    assert set(mutation.killed_by) <= COMMANDS.keys()


def test_the_tests_that_should_notice_are_there():
    for parts in COMMANDS.values():
        assert all((ROOT / part).exists() for part in parts if not part.startswith("-"))
