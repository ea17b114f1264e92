"""The store of runs: one file a run, complete tables in order, nothing twice, whatever interrupts it."""

import contextlib
import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fake_task
from experiments import store
from helpers.tables import FOLDER, curves_path, read_results, run_name
from refusals import message

SETTINGS = [
    {
        "dataset": "garments", "n": 32, "arm": arm, "policy": "mild", "model": "small", "updates": 20,
        "rate": 1 / 3, "replicate": replicate,
    }
    for arm in ("none", "live-4/5")
    for replicate in range(4)
]  # fmt: skip
DRIVER = """
import json, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where pytest runs in the background
sys.path[:0] = [sys.argv[3], sys.argv[4]]
import fake_task
from experiments import store

if __name__ == "__main__":
    path, settings = Path(sys.argv[1]), json.loads(sys.argv[2])
    executor = store.process_pool(1) if sys.argv[5] == "worker" else None
    store.run_missing(settings, path, fake_task.slow, executor)
"""


@pytest.fixture(autouse=True)
def _environment_as_it_was(monkeypatch):
    """``process_pool`` sets these for its workers."""
    for name in store.ONE_THREAD:
        monkeypatch.setenv(name, os.environ.get(name, "0"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def fill(path, wanted=SETTINGS, task=fake_task.quick, executor=None):
    """Run what is missing, and collect it."""
    store.run_missing(wanted, path, task, executor)
    store.collect(wanted, path)
    return path


@pytest.fixture
def table(path):
    """A finished table of the fake task."""
    return fill(path)


def both(path):
    return path.read_bytes(), curves_path(path).read_bytes()


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def done_in(path):
    return [(row["arm"], int(row["replicate"])) for row in rows_of(path)]


def files_of(path):
    return sorted(path.with_suffix(".runs").glob("*.json"))


def pairs(wanted):
    return [(setting["arm"], setting["replicate"]) for setting in wanted]


class Counted:
    """A task with the list of what it ran."""

    def __init__(self, task=fake_task.quick):
        self.task, self.ran = task, []

    def __call__(self, setting):
        self.ran.append((setting["arm"], setting["replicate"]))
        return self.task(setting)


# One file a run


def test_each_run_has_a_file_of_its_own_until_it_is_collected(path):
    seen = []

    def task(setting):
        seen.append(len(files_of(path)))
        return fake_task.quick(setting)

    store.run_missing(SETTINGS, path, task)
    assert seen == list(range(8))  # each is stored before the next begins
    files = files_of(path)
    names = {run_name(setting.values()) for setting in SETTINGS}
    assert {run_name(json.loads(file.read_text())["setting"].values()) for file in files} == names
    assert not path.exists()
    store.collect(SETTINGS, path)
    assert done_in(path) == pairs(SETTINGS)
    assert files_of(path) == []


def test_a_runs_file_appears_whole_or_not_at_all(path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        store.run_missing(SETTINGS[:1], path, fake_task.quick)
    monkeypatch.undo()
    (left,) = path.with_suffix(".runs").iterdir()
    assert left.suffix == ".part"  # written in full under another name, which counts as nothing
    assert store.missing(SETTINGS[:1], path) == SETTINGS[:1]
    fill(path, SETTINGS[:1])
    assert done_in(path) == pairs(SETTINGS[:1])


# Any executor, any order, nothing twice


@pytest.fixture(scope="module")
def workers():
    """Two worker processes."""
    with pytest.MonkeyPatch.context() as patch:
        for name in store.ONE_THREAD:
            patch.setenv(name, "2")
        with store.process_pool(2) as executor:
            yield executor


def test_processes_write_the_files_that_one_process_writes(table, tmp_path, workers):
    path = fill(tmp_path / "parallel" / "table.csv", SETTINGS, fake_task.out_of_order, workers)
    assert both(path) == both(table)


def test_workers_have_one_thread_each(path, workers):
    fill(path, SETTINGS[:1], fake_task.threads, workers)  # the executor was left open
    (row,) = rows_of(path)
    assert [row[name] for name in store.ONE_THREAD] == ["1.00000"] * 3


def test_a_finished_table_is_not_touched(table):
    before = both(table), table.stat().st_mtime_ns
    assert store.missing(SETTINGS, table) == []
    store.run_missing(SETTINGS, table, fake_task.never)
    assert (both(table), table.stat().st_mtime_ns) == before
    store.collect(SETTINGS, table)
    assert both(table) == before[0]


def test_settings_added_later_are_all_that_runs(table):
    finished = both(table)
    more = [{**setting, "arm": "live"} for setting in SETTINGS[:2]]
    task = Counted()
    fill(table, [*more, *SETTINGS], task)
    assert task.ran == pairs(more)
    assert done_in(table) == pairs([*more, *SETTINGS])
    # Rows that are no longer asked for stay, and stand last.
    fill(table, SETTINGS, fake_task.never)
    assert done_in(table) == pairs([*SETTINGS, *more])
    assert all(new.startswith(old) for new, old in zip(both(table), finished, strict=True))


def test_a_run_that_another_process_finishes_meanwhile_is_not_run_again(path):
    task = Counted()

    def first_two(setting):
        if not task.ran:  # as if another process had done the second meanwhile
            store.run_missing(SETTINGS[1:2], path, fake_task.quick)
        return task(setting)

    store.run_missing(SETTINGS[:3], path, first_two)
    assert task.ran == pairs([SETTINGS[0], SETTINGS[2]])


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(1)], ids=["one process", "executor"])
def test_a_task_that_raises_leaves_what_is_finished(path, executor):
    with pytest.raises(RuntimeError, match="replicate 2 always breaks"):
        store.run_missing(SETTINGS, path, fake_task.broken, executor)
    if executor is None:
        assert len(files_of(path)) == 2
    left = store.missing(SETTINGS, path)
    task = Counted()
    fill(path, SETTINGS, task)
    assert task.ran == pairs(left)
    assert done_in(path) == pairs(SETTINGS)


def test_rows_under_the_names_of_version_0_1_are_not_run_again(path):
    old = [{**SETTINGS[0], "policy": "article", "model": "article", "replicate": r} for r in range(3)]
    today = [{**setting, "policy": "wide", "model": "small"} for setting in old]
    fill(path, old)
    before = both(path)
    assert store.missing(today, path) == []
    store.collect(today[::-1], path)  # in the order that is asked for, with the bytes that they have
    assert [row["replicate"] for row in rows_of(path)] == ["2", "1", "0"]
    store.collect(today, path)
    assert both(path) == before
    assert set(read_results(path)["policy"]) == {"wide"}


def test_nothing_to_run_writes_nothing(path):
    fill(path, [])
    store.collect(SETTINGS, path)
    assert list(path.parent.iterdir()) == []


# Interrupted


def stopped_in_the_middle(path, where, number):
    """A process that fills the table, signalled once two runs are stored: status, errors, its children."""
    arguments = [str(path), json.dumps(SETTINGS), str(FOLDER.parents[1]), str(Path(__file__).parent), where]
    command = [sys.executable, "-B", "-c", DRIVER, *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=FOLDER.parents[1])
    workers = []
    try:
        while process.poll() is None and len(files_of(path)) < 2:
            time.sleep(0.005)
        workers = children(process.pid)
        process.send_signal(number)
        _, errors = process.communicate()
    finally:
        process.kill()
    return process.returncode, errors, workers


def children(pid):
    """The processes that a process started, where the system tells."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    return [Path(f"/proc/{child}") for child in file.read_text().split()] if file.exists() else []


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_and_interrupted_runs_resume_to_the_table_of_an_undisturbed_one(tmp_path):
    killed, interrupted = (tmp_path / name / "table.csv" for name in ("killed", "interrupted"))
    with ThreadPoolExecutor(2) as both_at_once:
        first = both_at_once.submit(stopped_in_the_middle, killed, "worker", signal.SIGKILL)
        second = both_at_once.submit(stopped_in_the_middle, interrupted, "alone", signal.SIGINT)
    status, _, workers = first.result()
    assert status == -signal.SIGKILL
    status, errors, _ = second.result()
    assert status != 0
    assert "KeyboardInterrupt" in errors

    whole = both(fill(tmp_path / "whole" / "table.csv"))
    for path in (killed, interrupted):
        left = store.missing(SETTINGS, path)
        assert len(SETTINGS) - len(left) in (2, 3)  # all that were finished count
        task = Counted()
        fill(path, SETTINGS, task)
        assert task.ran == pairs(left)
        assert both(path) == whole
    while any(worker.exists() for worker in workers):  # for ever, if the killed one's worker, which nobody feeds, stays
        time.sleep(0.05)


READS_AND_WRITES = [(store, "_read_run"), (store, "read_text"), (store, "read_images"), (store, "_replace"),
                    (store, "_alone_in"), (os, "replace"), (Path, "unlink")]  # fmt: skip


@contextlib.contextmanager
def before_step(number, happens):
    """Something happens before the number-th file is read, written or removed; yields how many steps were made."""
    made = []

    def counted(function):
        def call(*arguments, **options):
            made.append(function)
            if len(made) == number:
                happens()
            return function(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in READS_AND_WRITES:
            patch.setattr(owner, name, counted(getattr(owner, name)))
        yield made


def killed():
    raise KeyboardInterrupt


def steps_of_a_collection(path, already, task):
    """How many steps the collection of the runs beyond the first makes."""
    fill(path, SETTINGS[:already], task)
    store.run_missing(SETTINGS, path, task)
    with before_step(0, killed) as made:
        store.collect(SETTINGS, path)
    return len(made)


@pytest.mark.parametrize("task", [fake_task.quick, fake_task.with_images], ids=["curves", "images"])
@pytest.mark.parametrize("already", [0, 3])
def test_a_collection_killed_at_any_step_loses_no_run_and_leaves_a_table_that_can_be_read(tmp_path, task, already):
    whole = tmp_path / "whole" / "table.csv"
    steps = steps_of_a_collection(whole, already, task)
    assert steps > 2 * len(SETTINGS)
    for step in range(1, steps + 1):
        path = tmp_path / str(step) / "table.csv"
        fill(path, SETTINGS[:already], task)
        store.run_missing(SETTINGS, path, task)
        with before_step(step, killed), pytest.raises(KeyboardInterrupt):
            store.collect(SETTINGS, path)
        if path.exists():
            assert len(set(read_results(path)["replicate"])) >= min(already, 1)
        assert store.missing(SETTINGS, path) == []
        fill(path, SETTINGS, fake_task.never)
        assert both(path) == both(whole)
        assert files_of(path) == [] and store.read_digests(path.parent) == store.read_digests(whole.parent)
        if task is fake_task.with_images:
            found, expected = (store.read_images(table) for table in (path, whole))
            assert found.keys() == expected.keys()


def test_a_second_collection_at_any_step_of_the_first_loses_no_run(tmp_path):
    whole = tmp_path / "whole" / "table.csv"
    for step in range(1, steps_of_a_collection(whole, 3, fake_task.with_images) + 1):
        path = tmp_path / str(step) / "table.csv"
        fill(path, SETTINGS[:3], fake_task.with_images)
        store.run_missing(SETTINGS[:6], path, fake_task.with_images)
        second = threading.Thread(target=fill, args=(path, SETTINGS, fake_task.with_images))

        def meanwhile(second=second):
            second.start()
            second.join(0.05)  # enough where nothing holds it up

        with before_step(step, meanwhile) as made:
            store.collect(SETTINGS, path)
        if len(made) >= step:
            second.join(10)
        assert not second.is_alive()
        fill(path, SETTINGS, fake_task.with_images if len(made) < step else fake_task.never)
        assert both(path) == both(whole), step
        assert store.read_images(path).keys() == store.read_images(whole).keys()


def test_files_are_noted_with_the_digests_that_they_have(table):
    fill(table.with_name("other.csv"), SETTINGS[:2], fake_task.with_images)
    noted = store.read_digests(table.parent)
    assert sorted(noted) == ["other-curves.csv", "other-images.npz", "other.csv", "table-curves.csv", "table.csv"]
    for name, digest in noted.items():
        assert hashlib.sha256((table.parent / name).read_bytes()).hexdigest() == digest


# Losses per image


def test_losses_per_image_are_kept_whatever_their_number(path):
    fill(path, SETTINGS[:3], fake_task.with_images)
    fill(path, SETTINGS, fake_task.with_images)
    images = store.read_images(path)
    assert set(images) == {run_name(setting.values()) for setting in SETTINGS}
    for setting in SETTINGS:
        found = images[run_name(setting.values())]
        assert found.dtype == np.float16
        np.testing.assert_array_equal(found, fake_task.with_images(setting)["images"])
    with np.load(path.with_name("table-images.npz"), allow_pickle=False) as file:
        assert sorted(file) == ["losses_5", "losses_6", "names_5", "names_6"]


# Refused


def test_values_that_could_not_be_read_again_are_refused_and_the_table_stays(table):
    before = both(table)

    def task(setting):
        result = fake_task.quick(setting)
        return result | {"summary": result["summary"] | {"val_loss": -1.0}}

    with pytest.raises(ValueError) as error:
        fill(table, [*SETTINGS, {**SETTINGS[0], "arm": "live"}], task)
    assert message(error).startswith(f"{table}, line 10: found ")
    assert "expected a possible number for val_loss" in message(error)
    assert both(table) == before


def test_a_damaged_file_of_a_run_is_named(path):
    store.run_missing(SETTINGS, path, fake_task.quick)
    file = files_of(path)[3]
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(ValueError) as error:
        store.collect(SETTINGS, path)
    assert message(error) == f"{file} is damaged; remove it to compute that run again."
    assert not path.exists()
    file.unlink()
    fill(path)
    assert done_in(path) == pairs(SETTINGS)


@pytest.mark.parametrize("which", [Path, curves_path], ids=["runs", "curves"])
def test_a_damaged_table_is_refused_and_stays(table, which):
    file = which(table)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[2] = lines[2].rsplit(",", 1)[0] + ",much\n"
    file.write_text("".join(lines), encoding="utf-8")
    before = both(table)
    with pytest.raises(ValueError) as error:
        fill(table, SETTINGS, fake_task.never)
    assert message(error).startswith(f"{file}, line 3: found ")
    assert both(table) == before


def test_a_task_with_other_columns_than_the_table_is_refused_and_the_table_stays(table):
    before = both(table)

    def task(setting):
        result = fake_task.quick(setting)
        return result | {"summary": result["summary"] | {"memory": 1.0}}

    with pytest.raises(ValueError) as error:
        fill(table, [{**SETTINGS[0], "arm": "live"}, *SETTINGS], task)
    assert message(error).startswith(f"{table} has the columns dataset, n, arm")
    assert message(error).endswith("memory. Move it away to start a new table.")
    assert both(table) == before


# Read


def test_results_are_read_as_they_were_computed(path):
    wanted = [
        {**setting, "arm": arm}
        for arm in ("copies-4", "originals+16", "live-4/5", "pool-4+live")
        for setting in SETTINGS[:2]
    ]
    table = read_results(fill(path, wanted))
    expected = [{**setting, **record} for setting in wanted for record in fake_task.quick(setting)["records"]]
    # The column updates of the settings and the column update of the records are two.
    pd.testing.assert_frame_equal(table, pd.DataFrame(expected), atol=6e-6, rtol=0, check_dtype=False)
