"""A stored row again: the archives of programs, and the command that runs them."""

import csv
import io
import lzma
import re
import sys
import tarfile

import pack_programs
import pandas as pd
import pytest
import repeat

ROW = {"dataset": "garments", "method": "live", "replicate": "7", "test_loss": "0.25000"}
ROW |= {"seconds": "3.00000"}
TESTED = {"dataset": "garments", "method": "live", "replicate": "7", "test_accuracy": "0.87500"}
PROGRAM = """
import importlib.metadata, json, pathlib, sys
results, table, row, output, *data = sys.argv[1:]
measured = {"test_loss": 0.2501, "test_accuracy": 0.875, "seconds": 9.0, "epochs": 4}
measured["tensorflow"] = importlib.metadata.version("tensorflow")
if table == "fails":
    sys.exit("this row can't be trained")
assert pathlib.Path("data", "garments.npz").exists()
pathlib.Path(output).write_text(json.dumps(measured))
"""


@pytest.mark.parametrize("number", repeat.TABLES)
def test_an_archive_holds_what_a_row_needs_and_packs_to_the_same_bytes(
    number, tmp_path, monkeypatch
):
    monkeypatch.setattr(repeat, "WORK", tmp_path)
    monkeypatch.setattr(repeat, "SHARED", ())
    folder = repeat.unpack(number)
    for name in ("README.md", "repeat_row.py", "constraints.txt", "experiments", "helpers"):
        assert (folder / name).exists(), name
    assert {
        name
        for name in repeat.LIBRARIES
        if f"\n{name}==" in (folder / "constraints.txt").read_text()
    }
    stored = lzma.decompress((repeat.PROGRAMS / f"{number}.tar.xz").read_bytes())
    assert pack_programs.packed(folder) == stored


def test_every_table_of_closed_runs_has_its_programs():
    page = (repeat.RESULTS / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([\w-]+)\.csv` \| [\d,]+ \|", page, re.MULTILINE))
    packed = [name for tables in repeat.TABLES.values() for name in tables]
    assert sorted(packed) == sorted(listed)
    assert {path.name for path in repeat.PROGRAMS.iterdir()} == {
        f"{n}.tar.xz" for n in repeat.TABLES
    }


@pytest.fixture
def small(tmp_path, monkeypatch):
    """One version with two tables of one row, whose program trains nothing."""
    results = tmp_path / "results"
    programs = results / "programs"
    programs.mkdir(parents=True)
    for name, row in (("short", ROW), ("fails", ROW), ("short-tested", TESTED)):
        with open(results / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, row)
            table.writeheader()
            table.writerow(row)
    source = tmp_path / "source"
    (source / "data").mkdir(parents=True)
    (source / "data" / "note.txt").write_text("a folder for what is shared")
    (source / "repeat_row.py").write_text(PROGRAM)
    (source / "constraints.txt").write_text(
        "keras==0.0.1\n" + locked("tensorflow", "numpy", "scipy")
    )
    (programs / "0.1.tar.xz").write_bytes(lzma.compress(pack_programs.packed(source)))
    monkeypatch.setattr(repeat, "ROOT", tmp_path)
    monkeypatch.setattr(repeat, "RESULTS", results)
    monkeypatch.setattr(repeat, "PROGRAMS", programs)
    monkeypatch.setattr(repeat, "WORK", tmp_path / "build")
    monkeypatch.setattr(repeat, "TABLES", {"0.1": ("short", "fails")})
    monkeypatch.setattr(repeat, "SHARED", ("garments.npz",))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "garments.npz").write_bytes(b"images")
    return programs


def locked(*names):
    return "".join(f"{name}=={repeat.installed(name)}\n" for name in names)


def said(monkeypatch, *arguments):
    """The one line with which the command refuses."""
    monkeypatch.setattr(sys, "argv", ["repeat", *arguments])
    with pytest.raises(SystemExit) as error:
        repeat.main()
    return str(error.value)


def test_a_row_is_shown_beside_what_its_programs_say_now(small, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["repeat", "short", "0"])
    repeat.main()
    shown = capsys.readouterr().out
    columns = [line.split() for line in shown.splitlines() if line.startswith("test_")]
    assert columns[0] == ["test_loss", "0.25000", "0.25010", "0.00010"]
    assert columns[1] == ["test_accuracy", "0.87500", "0.87500", "0"]
    assert "replicate 7" in shown and "version 0.1" in shown and "keras 0.0.1" in shown
    assert "numpy" not in shown and "1 of 2 columns agree" in shown and "1 of the others" in shown


def test_programs_find_the_version_of_tensorflow_where_its_package_has_another_name(
    small, monkeypatch
):
    monkeypatch.setattr(repeat, "installed", lambda name: "0.0.7")
    assert repeat.train(repeat.unpack("0.1"), "short", "0", None)["tensorflow"] == "0.0.7"


def test_what_the_programs_end_with_is_passed_on(small, monkeypatch):
    assert "this row can't be trained" in said(monkeypatch, "fails", "0")


@pytest.mark.parametrize(
    ("table", "row", "found"),
    [
        ("nothing", "0", "TABLE is 'nothing'; expected one of short, fails."),
        ("short", "1", "ROW is '1'; expected 0 to 0"),
        ("short", "-1", "ROW is '-1'; expected 0 to 0"),
        ("short", "", "ROW is ''; expected 0 to 0"),
    ],
)
def test_an_unknown_table_or_row_is_refused(table, row, found, small, monkeypatch):
    refused = said(monkeypatch, "--", table, row)
    assert refused.startswith(found) and "\n" not in refused


def test_missing_photographs_are_named(monkeypatch, tmp_path):
    row = str(pd.read_csv(repeat.RESULTS / "article.csv")["dataset"].eq("cats-dogs").idxmax())
    assert "expected DATA=FOLDER, one with cifar10.zip" in said(monkeypatch, "article", row)
    refused = said(monkeypatch, "article", row, "--data", str(tmp_path))
    assert f"{tmp_path} has no cifar10.zip" in refused
    (tmp_path / "cifar10.zip").touch()
    refused = said(monkeypatch, "length-and-return", "0", "--data", str(tmp_path))
    assert f"{tmp_path} has no cifar10-rest.zip; expected" in refused


def test_nothing_is_unpacked_beside_its_folder(small):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:xz") as archive:
        archive.addfile(tarfile.TarInfo("../beside.txt"))
    (small / "0.1.tar.xz").write_bytes(content.getvalue())
    with pytest.raises(tarfile.OutsideDestinationError):
        repeat.unpack("0.1")
