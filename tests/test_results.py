"""Stored tables: complete, in order, never computed twice, whatever interrupts the writing."""

import csv
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fake_task
import pandas as pd
import pytest

from helpers import model, results, training
from helpers.augment import RandomAffine

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = [
    {
        "dataset": "garments", "n": 32, "arm": arm, "policy": "mild", "model": "article", "updates": 20,
        "rate": "constant", "replicate": replicate,
    }
    for arm in ("none", "copies-2")
    for replicate in range(4)
]  # fmt: skip
DRIVER = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where pytest runs in the background
from helpers import results

if __name__ == "__main__":
    path, settings, in_worker = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3] == "worker"
    results.run_settings(settings, path, results.process_pool(1) if in_worker else None)
"""


@pytest.fixture(autouse=True)
def _environment_as_it_was(monkeypatch):
    """``process_pool`` sets these for its workers."""
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, "0"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


@pytest.fixture
def table(path):
    """A finished table of the fake task."""
    results.run_settings(SETTINGS, path, task=fake_task.quick)
    return path


def curves_of(path):
    return path.with_name(f"{path.stem}-curves.csv")


def both(path):
    return path.read_bytes(), curves_of(path).read_bytes()


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def done_in(path):
    return [(row["arm"], int(row["replicate"])) for row in rows_of(path)]


def wanted(settings):
    return [(setting["arm"], setting["replicate"]) for setting in settings]


def without_seconds(path):
    """The file's text without its last column, the only one that may differ between two runs."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(",seconds")
    return [line.rsplit(",", 1)[0] for line in lines]


class Counted:
    """A task with the list of what it ran."""

    def __init__(self, task=fake_task.quick):
        self.task, self.ran = task, []

    def __call__(self, setting):
        self.ran.append((setting["arm"], setting["replicate"]))
        return self.task(setting)


def message(error):
    """The error's text, which must be short enough to be read."""
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 400  # the paths of temporary folders are long
    return text


# Any executor, any order, nothing twice


@pytest.mark.parametrize(
    "make_executor",
    [lambda: ThreadPoolExecutor(8), lambda: results.process_pool(2)],
    ids=["threads", "processes"],
)
def test_executors_write_the_files_that_one_process_writes(table, tmp_path, make_executor):
    path = tmp_path / "parallel" / "table.csv"
    with make_executor() as executor:
        results.run_settings(SETTINGS, path, executor, fake_task.out_of_order)
    assert both(path) == both(table)


def test_rows_stand_in_the_order_of_the_settings_though_they_finish_in_another(path, monkeypatch):
    appended = []
    monkeypatch.setattr(results, "_sort", lambda *_: appended.extend(done_in(path)))
    with ThreadPoolExecutor(8) as executor:
        results.run_settings(SETTINGS, path, executor, fake_task.out_of_order)
    assert appended != wanted(SETTINGS)
    monkeypatch.undo()
    results.run_settings(SETTINGS, path, task=fake_task.never)
    assert done_in(path) == wanted(SETTINGS)
    names = [row["run"] for row in rows_of(curves_of(path))]
    assert names == [":".join(map(str, s.values())) for s in SETTINGS for _ in range(2)]


def test_a_finished_table_is_not_touched(table):
    before = both(table), table.stat().st_mtime_ns, curves_of(table).stat().st_mtime_ns
    results.run_settings(SETTINGS, table, task=fake_task.never)
    assert (both(table), table.stat().st_mtime_ns, curves_of(table).stat().st_mtime_ns) == before


def test_settings_added_later_are_all_that_runs(table):
    finished = both(table)
    more = [{**setting, "arm": "live"} for setting in SETTINGS[:2]]
    task = Counted()
    results.run_settings([*more, *SETTINGS], table, task=task)
    assert task.ran == wanted(more)
    assert done_in(table) == wanted([*more, *SETTINGS])
    # Rows that are no longer asked for stay, and stand last.
    results.run_settings(SETTINGS, table, task=fake_task.never)
    assert done_in(table) == wanted([*SETTINGS, *more])
    assert all(new.startswith(old) for new, old in zip(both(table), finished, strict=True))


def test_settings_may_hold_fractions(path):
    settings = [{"arm": "live", "share": share, "replicate": 0} for share in (0.1, 1 / 3)]
    results.run_settings(settings, path, task=fake_task.quick)
    results.run_settings(settings, path, task=fake_task.never)
    assert [row["share"] for row in rows_of(path)] == ["0.1", str(1 / 3)]


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(1)], ids=["one process", "executor"])
def test_a_task_that_raises_leaves_the_finished_rows(path, executor):
    with pytest.raises(RuntimeError, match="replicate 2 always breaks"):
        results.run_settings(SETTINGS, path, executor, fake_task.broken)
    assert done_in(path) == wanted(SETTINGS[:2])
    task = Counted()
    results.run_settings(SETTINGS, path, task=task)
    assert task.ran == wanted(SETTINGS[2:])


# Interrupted


def stopped_in_the_middle(path, settings, where, number):
    """A process that fills the table, signalled once two rows stand there: its status, what it said."""
    arguments = [sys.executable, "-B", "-c", DRIVER, str(path), json.dumps(settings), where]
    process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    workers = []
    try:
        deadline = time.monotonic() + 100
        while process.poll() is None and not (path.exists() and path.read_bytes().count(b"\n") >= 3):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        workers = children(process.pid)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, errors, workers


def children(pid):
    """The processes that a process started, where the system tells."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    return [Path(f"/proc/{child}") for child in file.read_text().split()] if file.exists() else []


def test_killed_and_interrupted_runs_resume_to_the_table_of_an_undisturbed_one(tmp_path):
    settings = [{**setting, "replicate": replicate} for replicate in range(6) for setting in SETTINGS[::4]]
    killed, interrupted, whole = (tmp_path / f"{name}.csv" for name in ("killed", "interrupted", "whole"))
    with ThreadPoolExecutor(2) as both_at_once:
        first = both_at_once.submit(stopped_in_the_middle, killed, settings, "worker", signal.SIGKILL)
        second = both_at_once.submit(stopped_in_the_middle, interrupted, settings, "alone", signal.SIGINT)
        results.run_settings(settings, whole)
    status, _, workers = first.result()
    assert status == -signal.SIGKILL
    status, errors, _ = second.result()
    assert status != 0
    assert "KeyboardInterrupt" in errors

    for path in (killed, interrupted):
        survivors = rows_of(path)
        assert 2 <= len(survivors) < len(settings)
        task = Counted(results.run_setting)
        results.run_settings(settings, path, task=task)
        assert task.ran == wanted(settings)[len(survivors) :]
        assert rows_of(path)[: len(survivors)] == survivors  # with the seconds that they took
        assert curves_of(path).read_bytes() == curves_of(whole).read_bytes()
        assert without_seconds(path) == without_seconds(whole)
    # Nobody feeds the killed one's worker any more; it must not stay.
    assert not any(worker.exists() for worker in workers)


@pytest.mark.parametrize("lost", [1, 5, 30, 200])
@pytest.mark.parametrize("which", [lambda path: path, curves_of], ids=["runs", "curves"])
def test_a_write_cut_in_the_middle_is_mended(table, which, lost):
    finished = both(table)
    # The row that counts is written last: what cuts the curves leaves no row of that run.
    rows = table.read_bytes().splitlines(keepends=True)
    if which(table) != table:
        table.write_bytes(b"".join(rows[:-2]))
    which(table).write_bytes(which(table).read_bytes()[:-lost])
    left = max(table.read_bytes().count(b"\n") - 1, 0)
    task = Counted()
    results.run_settings(SETTINGS, table, task=task)
    assert both(table) == finished
    assert task.ran == wanted(SETTINGS)[left:]


def test_a_write_cut_anywhere_in_the_first_run_is_mended(path):
    one = SETTINGS[:1]
    results.run_settings(one, path, task=fake_task.quick)
    runs, curves = both(path)
    cuts = [(b"", curves[:size]) for size in range(0, len(curves), 7)]
    cuts += [(runs[:size], curves) for size in range(0, len(runs), 7)]
    for cut in cuts:
        path.write_bytes(cut[0])
        curves_of(path).write_bytes(cut[1])
        results.run_settings(one, path, task=fake_task.quick)
        assert both(path) == (runs, curves), cut


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_run_counts_only_when_both_files_have_it(path, monkeypatch, writes):
    append, left = results._append, iter(range(writes))

    def append_until_killed(*arguments):
        if next(left, None) is None:
            raise KeyboardInterrupt
        append(*arguments)

    monkeypatch.setattr(results, "_append", append_until_killed)
    with pytest.raises(KeyboardInterrupt):
        results.run_settings(SETTINGS, path, task=fake_task.quick)
    monkeypatch.undo()
    task = Counted()
    results.run_settings(SETTINGS, path, task=task)
    assert task.ran == wanted(SETTINGS)[writes // 2 :]
    assert done_in(path) == wanted(SETTINGS)
    assert len(rows_of(curves_of(path))) == 2 * len(SETTINGS)


def test_curves_of_a_run_killed_between_the_two_writes_are_not_doubled(table):
    finished = both(table)
    rows = table.read_bytes().splitlines(keepends=True)
    table.write_bytes(b"".join(rows[:-1]))
    task = Counted()
    results.run_settings(SETTINGS, table, task=task)
    assert task.ran == wanted(SETTINGS[-1:])
    assert both(table) == finished


def test_curves_written_twice_are_kept_once(table):
    finished = both(table)
    curves = curves_of(table)
    lines = curves.read_text(encoding="utf-8").splitlines(keepends=True)
    curves.write_text("".join([*lines, *lines[1:3]]), encoding="utf-8")
    results.run_settings(SETTINGS, table, task=Counted())
    assert both(table) == finished


def test_no_settings_write_nothing(path):
    results.run_settings([], path)
    assert not path.exists()


# Refused


def damage(path, line, change):
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[line - 1] = change(lines[line - 1])
    path.write_text("".join(lines), encoding="utf-8")


DAMAGES = {
    "a word for a number": lambda line: line.rsplit(",", 1)[0] + ",much\n",
    "too few values": lambda line: line.rsplit(",", 1)[0] + "\n",
    "too many values": lambda line: line.rstrip("\n") + ",1\n",
    "nan": lambda line: line.rsplit(",", 1)[0] + ",nan\n",
    "a missing number": lambda line: line.rsplit(",", 1)[0] + ",\n",
    "an empty line": lambda line: "\n",
}


@pytest.mark.parametrize("change", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("which", [lambda path: path, curves_of], ids=["runs", "curves"])
def test_an_unreadable_row_is_refused_by_file_and_line(table, which, change):
    damage(which(table), 3, change)
    before = both(table)
    for read in (lambda: results.run_settings(SETTINGS, table, task=fake_task.never),
                 lambda: results.read_results(table)):  # fmt: skip
        with pytest.raises(ValueError) as error:
            read()
        assert message(error).startswith(f"{which(table)}, line 3: found ")
    assert both(table) == before


@pytest.mark.parametrize("which", [lambda path: path, curves_of], ids=["runs", "curves"])
@pytest.mark.parametrize("content", ["a,b,c\n1,2,3\n", "a,b,c\n", "some note"])
def test_a_file_with_other_columns_is_refused_and_stays(table, which, content):
    which(table).write_text(content, encoding="utf-8")
    before = both(table)
    for read in (lambda: results.run_settings(SETTINGS, table, task=fake_task.never),
                 lambda: results.read_results(table)):  # fmt: skip
        with pytest.raises(ValueError) as error:
            read()
        assert message(error).startswith(f"{which(table)} has the columns {content[:4].strip(',')[:1]}")
    assert both(table) == before


def test_a_task_with_other_columns_than_the_table_is_refused_and_the_row_stays_out(table):
    before = table.read_bytes()

    def task(setting):
        summary, records = fake_task.quick(setting)
        return {**summary, "memory": 1.0}, records

    with pytest.raises(ValueError) as error:
        results.run_settings([{**SETTINGS[0], "arm": "live"}, *SETTINGS], table, task=task)
    assert message(error).startswith(f"{table} has the columns dataset, n, arm")
    assert "this run gives" in message(error)
    assert table.read_bytes() == before


def test_a_run_without_curves_is_refused(table):
    damage(curves_of(table), 2, lambda line: "")
    damage(curves_of(table), 2, lambda line: "")
    before = both(table)
    with pytest.raises(ValueError) as error:
        results.run_settings(SETTINGS, table, task=fake_task.never)
    lost = ":".join(map(str, SETTINGS[0].values()))
    assert message(error).startswith(f"{curves_of(table)} lacks the run {lost}, which {table.name} has")
    assert both(table) == before


# Read


def test_results_are_read_as_they_were_computed(path):
    settings = [
        {**setting, "arm": arm}
        for arm in ("copies-4", "originals+16", "live-4/5", "live-16/17")
        for setting in SETTINGS[:2]
    ]
    results.run_settings(settings, path, task=fake_task.quick)
    table = results.read_results(path)
    expected = [
        {**setting, **record}
        for setting in settings
        for record in fake_task.quick(setting)[1]
    ]  # fmt: skip
    # The column updates of the settings and the column update of the records are two.
    pd.testing.assert_frame_equal(table, pd.DataFrame(expected), atol=6e-6, rtol=0, check_dtype=False)
    assert list(table.columns[: len(results.SETTINGS)]) == list(results.SETTINGS)
    for column in ("n", "updates", "replicate", "update"):
        assert pd.api.types.is_integer_dtype(table[column]), column
    assert training.differences(table[table["update"] == 20], "copies-4", "live-4/5").shape == (2,)


def test_half_written_rows_are_not_read(table):
    expected = results.read_results(table)
    with open(curves_of(table), "a", encoding="utf-8") as file:
        file.write("garments:32:none:mild:arti")
    pd.testing.assert_frame_equal(results.read_results(table), expected)


def test_a_missing_table_is_named(table):
    curves_of(table).unlink()
    for path in (table, table.with_name("none.csv")):
        with pytest.raises(FileNotFoundError) as error:
            results.read_results(path)
        assert message(error).startswith(f"{path} or {path.stem}-curves.csv was not found; `make results`")


def test_files_that_disagree_or_are_empty_are_refused(table):
    whole = both(table)
    rows = whole[0].splitlines(keepends=True)
    headers = [content.splitlines(keepends=True)[0] for content in whole]
    for runs, curves in [(b"".join(rows[:-1]), whole[1]), (whole[0], headers[1]), headers, (b"", b"")]:
        table.write_bytes(runs)
        curves_of(table).write_bytes(curves)
        with pytest.raises(ValueError) as error:
            results.read_results(table)
        assert message(error).startswith(f"{table} and {curves_of(table).name} are empty or hold different")


# The runs themselves


def test_a_run_is_the_comparison_with_the_named_parts():
    setting = {**SETTINGS[0], "arm": "live-4/5", "policy": "article", "model": "deeper", "rate": "decay"}
    setting |= {"n": 64, "replicate": 3}
    summary, records = results.run_setting(setting)
    policy = RandomAffine(**results.POLICIES["article"])
    curves = training.compare(
        results.load_dataset("garments"), ["live-4/5"], policy, n=64, updates=20, replicates=[3],
        build=model.deeper_model, decay=True, show_progress=False,
        evaluate_at=results.table_updates(20),
    )  # fmt: skip
    expected = training.summarise(curves).iloc[0].drop(["arm", "replicate"]).to_dict()
    assert summary.pop("seconds") > 0
    assert summary == expected
    assert records == curves.drop(columns=["arm", "replicate"]).to_dict("records")


@pytest.mark.parametrize("updates", [100, 400, 1000, 3000])
def test_every_budget_ends_with_five_evaluations_in_its_last_tenth(updates):
    found = results.table_updates(updates)
    assert found == sorted(set(found))
    assert found[-1] == updates
    for budget in {min(budget, updates) for budget in (500, 1000, updates)}:
        assert sum(0.9 * budget < update <= budget for update in found) == 5


@pytest.fixture(scope="module")
def make_results():
    return runpy.run_path(str(ROOT / "data" / "results" / "make_results.py"), run_name="make_results")


def test_an_unknown_table_is_refused_in_a_sentence(make_results, monkeypatch, capsys):
    monkeypatch.setattr(results, "run_settings", lambda *_: pytest.fail("started a table"))
    monkeypatch.setattr(sys, "argv", ["make_results.py", "static-vs-live"])
    with pytest.raises(SystemExit) as stop:
        make_results["main"]()
    assert stop.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    names = ", ".join(make_results["TABLES"])
    assert last == f"make_results.py: error: no table 'static-vs-live'; expected one of {names}."


def test_ranking_adds_two_columns_to_a_run_and_changes_no_other(make_results):
    plain, ranked = results.run_setting(SETTINGS[0])[0], make_results["run_with_ranking"](SETTINGS[0])[0]
    new = {"val_average_precision", "val_balanced_accuracy"}
    assert ranked.keys() - plain.keys() == new
    assert all(ranked[name] == plain[name] for name in plain if name != "seconds")


def test_tables_ask_for_each_run_once_and_by_names_that_exist(make_results):
    for name, settings in make_results["TABLES"].items():
        keys = [tuple(setting.values()) for setting in settings]
        assert len(set(keys)) == len(keys), name
        for setting in settings:
            assert tuple(setting) == results.SETTINGS
            training.schedule(setting["arm"], setting["n"], updates=1)  # refuses other names
            assert setting["dataset"] in results.DATASETS
            assert setting["policy"] in {**results.POLICIES, **make_results["FLOW_RANGES"]}
            assert setting["model"] in model.MODELS
            assert setting["rate"] in ("constant", "decay")
