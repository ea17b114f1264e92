"""python augcheck/tests/cases"""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "augcheck" / "src"), str(TESTS)]

import cases  # noqa: E402

cases.write()
