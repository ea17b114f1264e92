"""Ten faults in the science, each planted in a copy of the project: tests must fail there, and lessons that show it.

A fault is noticed by each of the files named with it; the kernels of lessons import from the copy.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARMS, AUGMENT, COMPARE, STATS = (f"helpers/{name}.py" for name in ("arms", "augment", "compare", "stats"))
RUN = "trainer.run(part, batches, updates, replicate, "
FAULTS = {  # what is replaced in which files by what, and who notices
    "live is static": (
        [(ARMS, "np.where(augmented, 1 + epoch, 0)", "np.where(augmented, 1, 0)"),
         (AUGMENT, "self.seed_generator.next())", "(0, 0))")],
        "tests/test_arms.py tests/test_augment.py 00_start_here 01_static_versus_live 05_how_many_copies",
    ),
    "K is ignored": (
        [(ARMS, "1 + epoch % copies", "1 + epoch")], "tests/test_arms.py 02_a_fair_comparison",
    ),
    "validation is augmented": (
        [(COMPARE, f"curve = {RUN}", "part = part._replace(x_val=policy.apply(part.x_val, policy.draw("
          f"len(part.x_val), (replicate, 0))).numpy()) if policy else part\n        curve = {RUN}")],
        "tests/test_compare.py",
    ),
    "a pair starts from two sets of weights": (
        [(COMPARE, RUN, RUN.replace("replicate", "replicate + 100 * (name == 'live')"))], "tests/test_compare.py",
    ),
    "one draw for a batch": (
        [(AUGMENT, "self.draw(tf.shape(images)[0], self.seed_generator.next())",
          "tf.repeat(self.draw(1, self.seed_generator.next()), tf.shape(images)[0], axis=0)")],
        "tests/test_augment.py 04_overfitting_curves",
    ),
    "random streams are one": ([(ARMS, "_PURPOSES.index(purpose))", "0)")], "tests/test_arms.py"),
    "originals are dropped": (
        [(ARMS, "version = (epoch + start[order]) % (copies + 1)", "version = 1 + (epoch + start[order]) % copies")],
        "tests/test_arms.py",
    ),
    "the share is ignored": ([(ARMS, "< float(arm.p)", "< 1")], "tests/test_arms.py"),
    "labels do not follow": (
        [(ARMS, "np.tile(y, len(versions))", "np.repeat(y, len(versions))")], "tests/test_arms.py",
    ),
    "intervals are too narrow": (
        [(STATS, "np.sqrt(len(d))", "np.sqrt(len(d) + 1)"),
         (STATS, "np.sqrt(1 / size + 1 / len(v))", "np.sqrt(1 / size)")],
        "tests/test_stats.py",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy") / "series"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv*", ".git", "build", "*.part"))
    return folder


CASES = [(fault, noticed) for fault, (_, names) in FAULTS.items() for noticed in names.split()]


@pytest.mark.parametrize(("fault", "noticed"), CASES, ids=[f"{fault}: {noticed}" for fault, noticed in CASES])
def test_a_planted_fault_is_noticed(copy, fault, noticed):
    kept = {}
    for file, old, new in FAULTS[fault][0]:
        text = (copy / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} does not hold once: {old}"
        kept.setdefault(file, text)
        (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    path = [noticed] if noticed.endswith(".py") else ["--nbval", f"notebooks/{noticed}.ipynb"]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *path]
    try:
        run = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    finally:
        for file, text in kept.items():
            (copy / file).write_text(text, encoding="utf-8")
    assert run.returncode == 1 and " failed" in run.stdout, run.stdout[-3000:] + run.stderr[-3000:]
