"""The law of repeated pictures on colour photographs, cats against dogs: for a machine with a connection.

    python -m experiments.photographs [--archive FILE] [--workers N]

Fetches the Oxford-IIIT Pet images once (792 MB; Parkhi et al., 2012; CC BY-SA 4.0), trains what ``photographs.csv``
lacks in data/results, and prints the verdicts. What is expected is registered there; nobody has run it yet.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import tarfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from experiments import store
from experiments.law import edges, points, regimes, runs, verdicts
from helpers.tables import FOLDER, read_results

ADDRESS = "https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz"
ARCHIVE = FOLDER.parent / "oxford-iiit-pet-images.tar.gz"
MD5 = "5c4f3ee8e5d25df40f4fd59a7f44e54c"  # which torchvision expects of the same file
TABLE = FOLDER / "photographs.csv"
SIDE = 64
BREEDS = 12  # of each species: all that cats have, and of the dogs the first in the alphabet
TRAINING_SHARE = 0.7  # of a breed; photographs of one animal have neighbouring numbers


def fetch() -> Path:
    """The archive, downloaded where it is not there. Raises an Exception of Keras where it can't be, or is another."""
    return Path(keras.utils.get_file(ARCHIVE.name, ADDRESS, file_hash=MD5, cache_dir=ARCHIVE.parent, cache_subdir=""))


def build(content: bytes, output: Path) -> None:
    """Write the photographs of an archive as 64 by 64 pixels: uint8 (n, 64, 64, 3), cats 0 and dogs 1.

    The first 70 % of a breed, in the order of its numbers, are for training, the others for validation.
    """
    breeds: dict[str, dict[int, np.ndarray]] = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            named = re.fullmatch(r"images/(\w+)_(\d+)\.jpg", member.name)
            file = archive.extractfile(member) if named else None
            if named and file:
                with Image.open(file) as photograph:  # some are PNG or GIF in spite of their names
                    small = photograph.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
                breeds.setdefault(named[1], {})[int(named[2])] = np.asarray(small)
    parts: dict[str, list] = {"x_train": [], "y_train": [], "x_val": [], "y_val": []}
    for label, names in enumerate(_species(breeds)):
        for name in names:
            images = [image for _, image in sorted(breeds[name].items())]
            first = round(TRAINING_SHARE * len(images))
            for side, chosen in (("train", images[:first]), ("val", images[first:])):
                parts[f"x_{side}"] += chosen
                parts[f"y_{side}"] += [label] * len(chosen)
    arrays: dict[str, Any] = {name: np.array(values, np.uint8) for name, values in parts.items()}
    partial = output.with_name(output.name + ".part")
    with open(partial, "wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(partial, output)


def _species(breeds: dict) -> tuple[list[str], list[str]]:
    """The breeds of cats, whose names begin with a capital, and the first breeds of dogs."""
    cats = [name for name in sorted(breeds) if name[0].isupper()]
    dogs = [name for name in sorted(breeds) if name[0].islower()]
    return cats[:BREEDS], dogs[:BREEDS]


def settings() -> list[dict]:
    """The residual network as in regime 1 and the small one as in regime 5, the arms of the formula."""
    chosen = ["none", *regimes.FOUR_ARMS]
    residual = {"model": "residual", "updates": 1500, "rate": "cosine"}
    return [
        setting
        for network in (residual, {"model": "small"})
        for setting in regimes.grid(12, chosen, replicates=8, dataset="photographs", **network)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, help="images.tar.gz, if you have it already")
    parser.add_argument("--workers", type=int, help="processes; default: one a core")
    options = parser.parse_args()
    if not edges.PHOTOGRAPHS.exists():
        build((options.archive or fetch()).read_bytes(), edges.PHOTOGRAPHS)
    with store.process_pool(options.workers) as executor:
        store.run_missing(settings(), TABLE, runs.run, executor)
    store.collect(settings(), TABLE)
    found = verdicts.table_of_cells(read_results(TABLE), points.registered(settings()))
    print(found[["model", "points", "typical", "median", "verdict"]].to_string(index=False))


if __name__ == "__main__":
    main()
