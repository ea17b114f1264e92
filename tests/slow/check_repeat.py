"""A stored row of each version, trained again; none of these needs photographs."""

import pytest
import repeat

# Rows that train for seconds: live under the mild policy, one copy in a state, four stored copies, flips of cells.
ROWS = [("policies", "52"), ("coverage", "290"), ("article", "258"), ("strength", "411")]


@pytest.mark.parametrize(("table", "row"), ROWS)
def test_a_stored_row_comes_out_again(table, row):
    """On another processor rounding grows while a network trains: a hundredth of the answers may then differ."""
    stored = repeat.stored_row(table, row)
    again = repeat.train(repeat.unpack(repeat.version_of(table)), table, row, None)
    print(table, row, *repeat.compared(stored, again), sep="\n")
    accuracies = [name for name in again if name.endswith("accuracy") and name in stored]
    assert accuracies
    for name in accuracies:
        assert again[name] == pytest.approx(float(stored[name]), abs=0.01), name
