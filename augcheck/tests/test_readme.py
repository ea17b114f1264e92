"""The README, which the book includes, says what the program, its findings and the stored table say.

python augcheck/tests/test_readme.py     # writes what is not written by hand
"""

import contextlib
import csv
import inspect
import io
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "augcheck" / "src"))
import pytest  # noqa: E402

from augcheck import check_pipeline  # noqa: E402
from augcheck.catalogue import table  # noqa: E402
from augcheck.command import main  # noqa: E402

README = ROOT / "augcheck" / "README.md"
TEXT = README.read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
SETS = ("garments", "solar cells", "photograph")
with (ROOT / "data" / "results" / "checkup.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
BROKEN, CORRECT = (
    [row for row in ROWS if bool(row["finding"]) == broken] for broken in (True, False)
)


def printed():
    """What the command prints for the first pipeline of the page."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("pipeline.py").write_text(CODE[0], encoding="utf-8")
        sys.modules.pop("pipeline", None)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            main(["pipeline:make"])
    return out.getvalue()


def totals():
    """How many broken pipelines were detected, and how many correct ones raised an alarm."""
    lines = []
    for rows, name, word in (
        (BROKEN, "broken pipelines detected", "detected"),
        (CORRECT, "correct pipelines with an alarm", "false"),
    ):
        counts = [str(sum(row[one].startswith(word) for row in rows)) for one in SETS]
        lines.append(f"| {name}, of {len(rows)} | {' | '.join(counts)} |\n")
    return "".join(lines)


def written(text, pattern, new):
    """A text with the one place that a pattern matches made anew."""
    made, places = re.subn(pattern, lambda _: new, text, flags=re.DOTALL | re.MULTILINE)
    assert places == 1, pattern
    return made


def readme(text):
    text = written(text, r"(?<=```\n)WRONG.*?(?=```)", printed())
    text = written(text, r"^\| (\| found means|AUG01).*?(?=\n## )", table())
    return written(text, r"^\| broken pipelines detected, of .*?(?=\| detected on)", totals())


def test_what_is_not_written_by_hand_is_as_this_writes_it():
    assert readme(TEXT) == TEXT, "run python augcheck/tests/test_readme.py"


def test_arguments_options_and_keys_are_those_of_the_program(capsys):
    given = set(inspect.signature(check_pipeline).parameters)
    named = set(re.findall(r"`(\w+)=", TEXT))
    assert named <= given and given - named == {"train", "validation"}
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help", "--version"}
    assert (
        set(re.findall(r"--[a-z-]+", "".join(re.findall(r"^\| `--.*", TEXT, re.MULTILINE))))
        == options
    )
    (half,) = re.findall(r"more than ([\d,]+) images \(half", TEXT)
    assert (
        2 * int(half.replace(",", ""))
        == inspect.signature(check_pipeline).parameters["max_images"].default
    )


def test_the_example_with_a_training_loop_is_live():
    names = {}
    exec(CODE[0] + CODE[1], names)
    assert check_pipeline(names["make"]).found == ["repeats"]
    report = check_pipeline(names["whole"])
    assert not report.found and report["one draw"].status == "not found"


def test_the_limit_of_the_rate_is_that_of_so_many_runs():
    (runs,) = re.findall(r"None of (\d+) seeded runs", TEXT)
    (pipelines,) = re.findall(r"if only their (\d+) pipelines are", TEXT)
    assert (int(pipelines), int(runs)) == (
        len(CORRECT),
        2 * len(SETS) * len(CORRECT),
    )  # two replicates a set
    assert f"| detected on fresh images, of {2 * len(BROKEN)} |" in TEXT
    for n in (
        runs,
        pipelines,
    ):  # the highest rate at which none of n is still seen in 2.5 % of the cases
        assert f"{1 - 0.025 ** (1 / int(n)):.1%}".replace("%", " %") in TEXT


if __name__ == "__main__":
    README.write_text(readme(TEXT), encoding="utf-8")
