"""Files of a pipeline that can't be read, looked for where reading has raised an error."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from augcheck.frameworks import loaded, steps_of

LONGEST = 30.0  # seconds for the search


def named_files(data: Any, name: str, batches: Iterable[Any]) -> Iterator[Any]:
    """The batches of a pipeline, and where one can't be read, an error that names the broken file, if it is found.

    Raises:
        ValueError: a file is broken.
    """
    batches = iter(batches)
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except Exception as error:
            file = _first_broken(_files_of(data))
            if file is None:
                raise
            raise ValueError(
                f"{name} can't read {file}; expected an image that can be decoded, so replace or remove the file."
            ) from error
        yield batch


def _files_of(data: Any) -> list[str]:
    """Paths that a flow from a folder, image_dataset_from_directory or a PyTorch folder notes."""
    for part in (data, *steps_of(data), getattr(data, "dataset", None)):
        for attribute in ("filepaths", "file_paths"):
            paths = getattr(part, attribute, None)
            if isinstance(paths, list | tuple):
                return [str(path) for path in paths]
        samples = getattr(part, "samples", None)
        if isinstance(samples, list):
            return [str(sample[0]) for sample in samples if isinstance(sample, tuple)]
    return []


def _first_broken(files: list[str]) -> str | None:
    deadline = time.monotonic() + LONGEST
    for file in files:
        if time.monotonic() > deadline:
            return None
        if not _decodes(file):
            return file
    return None


def _decodes(file: str) -> bool:
    """Whether Pillow, or else TensorFlow, can decode an image; true where neither is loaded."""
    pillow = loaded("PIL.Image")
    tensorflow = loaded("tensorflow")
    try:
        if pillow is not None:
            with pillow.open(file) as image:
                image.load()
        elif tensorflow is not None:
            tensorflow.io.decode_image(Path(file).read_bytes())
    except Exception:
        return False
    return True
