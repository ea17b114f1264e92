"""Faults in the science, each planted in a copy of the project: the lessons that show it must fail there.

The kernels of lessons import from the copy.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIVE_IS_STATIC = {
    "helpers/methods.py": ("np.where(augmented, 1 + epoch, 0)", "np.where(augmented, 1, 0)"),
    "helpers/augment.py": ("self.seed_generator.next())", "(0, 0))"),
}
VERSION_IS_STATIC = {
    "helpers/augment.py": ("self.draw(ids, (self.seed, epoch))", "self.draw(ids, (self.seed, 0))"),
}
K_IS_IGNORED = {"helpers/methods.py": ("1 + epoch % copies", "1 + epoch")}
ONE_DRAW_FOR_A_BATCH = {
    "helpers/augment.py": (
        "self.draw(ops.shape(images)[0], self.seed_generator.next())",
        "ops.repeat(self.draw(1, self.seed_generator.next()), ops.shape(images)[0], axis=0)",
    ),
}
NOTICED = [
    (LIVE_IS_STATIC, "01_static_versus_live"),
    (VERSION_IS_STATIC, "02_diversity_within_a_batch"),
    (LIVE_IS_STATIC, "06_how_many_copies"),
    (K_IS_IGNORED, "04_a_fair_comparison"),
    (ONE_DRAW_FOR_A_BATCH, "03_overfitting_curves"),
]


@pytest.mark.parametrize(("fault", "lesson"), NOTICED)
def test_a_lesson_notices_a_planted_fault(fault, lesson, tmp_path):
    copy = tmp_path / "series"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv*", ".git", "build", "*.part"))
    for file, (old, new) in fault.items():
        text = (copy / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} does not hold once: {old}"
        (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--nbval", f"notebooks/{lesson}.ipynb"]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    printed = run.stdout[-3000:] + run.stderr[-3000:]
    assert run.returncode == 1, printed
    assert " failed" in run.stdout, printed
