"""What a refusal says."""

import pytest


def refusal(call, *arguments, kind=(ValueError, TypeError), **settings):
    """The one line with which a call refuses its arguments."""
    with pytest.raises(kind) as error:
        call(*arguments, **settings)
    said = str(error.value)
    assert "\n" not in said
    return said
