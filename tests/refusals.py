"""What a refusal says."""

import pytest


def message(error):
    """The text of an error that pytest caught, which must be one line."""
    text = str(error.value)
    assert "\n" not in text
    return text


def refusal(call, *arguments, kind=(ValueError, TypeError), **settings):
    """The one line with which a call refuses its arguments."""
    with pytest.raises(kind) as error:
        call(*arguments, **settings)
    return message(error)
