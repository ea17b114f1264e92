"""What holds wherever pytest is started: how notebooks are compared, and what is run on request only."""

from __future__ import annotations

import base64
import importlib.util
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from nbval.plugin import IPyNbCell
from PIL import Image, ImageFilter

# Collected when a path names them.
ON_REQUEST = ("notebooks/going_deeper", "notebooks/solutions")
# Left out where the package lacks that it needs; `make test-backends` has it.
NEEDS = {"notebooks/going_deeper/in_pytorch.ipynb": "torchvision"}
# A number after the sign of approximation: on another machine its last digit may differ by one, from the third decimal
# on by two. Where it moves more, the range that it stays in is printed after it: "\u2248 95 % (91 to 99)".
APPROXIMATE = re.compile(
    r"\u2248 *([-+]?\d+(?:\.(\d+))?)(?: %)?(?: *\((-?[\d.]+) to (-?[\d.]+)\))?"
)
PICTURES = ("image/png", "image/jpeg")
# By how many grey levels of 255 a place of a figure may be darker or lighter. Other threads, arithmetic and releases
# of matplotlib came to 3, and one line of twenty that was two points lower to 7. An interval that moves by 2 % of the
# axis comes to 8, by 5 % to 24. Intervals of lesson 09's runs of 200 updates stayed at 0 without oneDNN and with the
# arithmetic of SSE 4.1.
SHADE = 5
# The same for a cell with the tag `trained`, whose points are means over few answers after thousands of updates:
# another processor moved them by 20, and upside down such a figure is off by 55. It wouldn't notice an interval.
SHADE_TRAINED = 30

if "PYTEST_XDIST_WORKER" in os.environ:
    # Processes of several threads each wait for one another; kernels and their TensorFlow inherit this.
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"


def pytest_configure(config: pytest.Config) -> None:
    # nbval resolves the file against the working folder; here it is found from everywhere.
    if not config.option.nbval_sanitize_with:
        config.option.nbval_sanitize_with = str(config.rootpath / "tests" / "sanitize.cfg")
    IPyNbCell.compare_outputs = also_sizes_and_pictures(IPyNbCell.compare_outputs)


def also_sizes_and_pictures(compare: Callable[..., bool]) -> Callable[..., bool]:
    """nbval's comparison, which skips pictures and what follows the sign of approximation, and then these."""

    def compare_all(self: Any, test: list, ref: list, skip_compare: Any = None) -> bool:
        if not compare(self, test, ref, skip_compare):
            return False
        for fresh, stored in zip(approximate_numbers(test), approximate_numbers(ref), strict=True):
            if not alike(fresh, stored):
                numbers = f"stored \u2248 {stored.number}, now \u2248 {fresh.number}"
                self.comparison_traceback.append(f"{numbers}: too far apart")
                return False
        trained = "trained" in self.cell.metadata.get("tags", [])
        shade = SHADE_TRAINED if trained else SHADE
        unlike = unlike_pictures(pictures(test), pictures(ref), shade)
        if unlike:
            self.comparison_traceback.append(unlike)
        return not unlike

    return compare_all


class Approximate(NamedTuple):
    """A number after the sign, its decimals and the ends of its range, as they are printed; or empty texts."""

    number: str
    decimals: str
    low: str
    high: str


def approximate_numbers(outputs: list) -> list[Approximate]:
    """All numbers after the sign; in texts first, then in tables."""
    texts = [output.get("text", "") for output in outputs]
    for kind in ("text/plain", "text/html"):
        texts += [output.get("data", {}).get(kind, "") for output in outputs]
    return [Approximate(*groups) for groups in APPROXIMATE.findall("\n".join(texts))]


def alike(fresh: Approximate, stored: Approximate) -> bool:
    """Whether a number lies where the stored one may; where that includes zero, no sign may be printed."""
    if stored.low:
        lowest, highest = float(stored.low), float(stored.high)
    else:
        decimals = len(stored.decimals)
        steps = 2.001 if decimals > 2 else 1.001  # a little more: 0.3 - 0.2 exceeds 0.1
        slack = steps * 10.0**-decimals
        lowest, highest = float(stored.number) - slack, float(stored.number) + slack
    shows_sign = stored.number.startswith(("-", "+")) and lowest <= 0 <= highest
    return lowest <= float(fresh.number) <= highest and not shows_sign


def pictures(outputs: list) -> list[Image.Image]:
    """All PNG and JPEG pictures: a fresh one is a PNG, and ``make execute`` stores photographs as JPEG."""
    found = []
    for output in outputs:
        for kind, data in output.get("data", {}).items():
            if kind in PICTURES:
                file = io.BytesIO(base64.b64decode(data))
                found.append(Image.open(file).convert("RGB"))
    return found


def unlike_pictures(fresh: list[Image.Image], stored: list[Image.Image], shade: float) -> str:
    """In what the pictures of a cell differ by more than ``shade`` grey levels, or an empty text.

    Pictures are reduced to 32 columns, and the place counts where they differ most: a mean over a figure doesn't see a
    thin curve that moves. What a move by a fifth of a column explains is allowed, since letters of another width move
    all beside them, and another processor moves the curves of a training.
    """
    if len(fresh) != len(stored):
        return f"stored {len(stored)} pictures, now {len(fresh)}"
    for number, (now, then) in enumerate(zip(fresh, stored, strict=True), start=1):
        if abs(now.width * then.height / (then.width * now.height) - 1) > 0.02:
            sizes = f"stored {then.width} x {then.height} pixels, now {now.width} x {now.height}"
            return f"picture {number}: {sizes}"
        apart = most_apart(now, then)
        if apart > shade:
            found = f"in one place {apart:.0f} grey levels from the stored one"
            return f"picture {number}: {found}, allowed are {shade}"
    return ""


def most_apart(now: Image.Image, then: Image.Image) -> float:
    """Grey levels between two pictures where they differ most, beyond what a move by a fifth of a column explains."""
    size = (32, max(1, round(32 * then.height / then.width)))
    now = now.resize(size, Image.Resampling.BILINEAR)
    then = then.resize(size, Image.Resampling.BILINEAR)
    lightest = then.filter(ImageFilter.MaxFilter(3))
    darkest = then.filter(ImageFilter.MinFilter(3))
    around = np.subtract(lightest, darkest, dtype=float)
    return np.max(np.abs(np.subtract(now, then, dtype=float)) - 0.2 * around)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What lies below the paths that were asked for, and isn't run."""
    lines = []
    for name, package in NEEDS.items():
        # pytest collects a file that is named itself, whatever is ignored.
        wanted = any(within((config.rootpath / name).parent, path) for path in asked(config))
        if wanted and importlib.util.find_spec(package) is None:
            lines.append(f"left out: {name}, which needs {package} (make test-backends)")
    for name in ON_REQUEST:
        folder = config.rootpath / name
        option = "--nbval " if name.startswith("notebooks") else ""
        if option and not config.option.nbval:
            continue
        below = any(within(folder, path) for path in asked(config))
        if below and folder.is_dir() and not named(folder, config):
            lines.append(f"left out: {name}, which `pytest {option}{name}` runs")
    return lines


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    for name, package in NEEDS.items():
        if collection_path == config.rootpath / name and importlib.util.find_spec(package) is None:
            return True
    for name in ON_REQUEST:
        folder = config.rootpath / name
        if within(collection_path, folder) and not named(folder, config):
            return True
    return None


def asked(config: pytest.Config) -> list[Path]:
    start = config.invocation_params.dir
    return [Path(start, argument.split("::")[0]).resolve() for argument in config.args]


def named(folder: Path, config: pytest.Config) -> bool:
    """Whether a path that was asked for is this folder or lies in it."""
    return any(within(path, folder) for path in asked(config))


def within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
