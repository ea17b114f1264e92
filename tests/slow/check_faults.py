"""Live made static in a copy of the project: the lessons that show the difference must fail there.

The kernels of lessons import from the copy.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIVE_IS_STATIC = {
    "helpers/arms.py": ("np.where(augmented, 1 + epoch, 0)", "np.where(augmented, 1, 0)"),
    "helpers/augment.py": ("self.seed_generator.next())", "(0, 0))"),
}


@pytest.mark.parametrize("lesson", ["00_start_here", "01_static_versus_live", "05_how_many_copies"])
def test_a_lesson_notices_that_live_is_static(lesson, tmp_path):
    copy = tmp_path / "series"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv*", ".git", "build", "*.part"))
    for file, (old, new) in LIVE_IS_STATIC.items():
        text = (copy / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} does not hold once: {old}"
        (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--nbval", f"notebooks/{lesson}.ipynb"]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert run.returncode == 1 and " failed" in run.stdout, run.stdout[-3000:] + run.stderr[-3000:]
