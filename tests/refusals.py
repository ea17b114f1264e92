"""What a refusal says."""


def message(error):
    """The text of an error that pytest caught, which must be one line."""
    text = str(error.value)
    assert "\n" not in text
    return text
