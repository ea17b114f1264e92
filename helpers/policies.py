"""The policies of the series by their names: how images are changed."""

from typing import Any

POLICIES: dict[str, dict[str, Any]] = {  # arguments of RandomAffine and of ImageDataGenerator
    "mild": {
        "rotation_range": 5,
        "width_shift_range": 0.05,
        "height_shift_range": 0.05,
        "zoom_range": 0.05,
        "horizontal_flip": True,
    },
    "article": {  # the ranges of the article that this series began with
        "rotation_range": 20,
        "width_shift_range": 0.2,
        "height_shift_range": 0.2,
        # Degrees, as is the rotation: hardly any.
        "shear_range": 0.2,
        "zoom_range": 0.2,
        "horizontal_flip": True,
    },
    "flip": {"horizontal_flip": True},
    "half": {  # of the article's ranges
        "rotation_range": 10,
        "width_shift_range": 0.1,
        "height_shift_range": 0.1,
        "shear_range": 0.1,
        "zoom_range": 0.1,
        "horizontal_flip": True,
    },
}
