"""The deliberate faults of ``mutations.py``: their files and tests are there; `make mutations` plants them."""

import sys

import pytest

import mutations
from mutations import COMMANDS, MUTATIONS, ROOT, Mutation


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_changes_a_file_that_is_there_and_names_checks_that_are_there(name):
    mutation = MUTATIONS[name]
    assert (ROOT / mutation.file).is_file()
    assert mutation.old != mutation.new
    assert set(mutation.killed_by) <= COMMANDS.keys()


def test_the_tests_that_should_notice_are_there():
    for parts in COMMANDS.values():
        assert all((ROOT / part).exists() for part in parts if not part.startswith("-"))


def test_a_fault_that_has_no_place_any_more_is_named_and_counts(monkeypatch, capsys):
    monkeypatch.setattr(mutations, "MUTATIONS", {"K ignored": Mutation("helpers/arms.py", "no such code", "")})
    monkeypatch.setattr(sys, "argv", ["mutations.py"])
    with pytest.raises(SystemExit) as ended:
        mutations.main()
    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert "K ignored" in said and "helpers/arms.py does not hold once" in said and "1 not planted" in said
