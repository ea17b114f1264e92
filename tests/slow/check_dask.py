"""`python -m experiments --dask` against a real scheduler and two workers on loopback."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
PORT = re.compile(r"tcp://127\.0\.0\.1:\d+")
DRIVER = """
import sys
from pathlib import Path
from experiments import run
settings = [s | {"n": 64, "updates": 40} for s in run.grid(arm=["none", "copies-2", "live"])]
run.TABLES = {"tried": [s for s in settings if s["replicate"] < 2]}
run.FOLDER = Path(sys.argv[1])
sys.argv[1:] = ["--dask", sys.argv[2]] if len(sys.argv) > 2 else ["--workers", "1"]
run.main()
"""


@pytest.fixture
def scheduler(tmp_path):
    """The address of a scheduler with two workers of one thread."""
    log = tmp_path / "scheduler.log"
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    processes = [subprocess.Popen([*start, "--no-dashboard"], stderr=log.open("w"))]
    address = wait_for_address(log)
    start = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-dashboard"]
    start += ["--nworkers", "2", "--nthreads", "1"]
    processes.append(subprocess.Popen(start, stderr=(tmp_path / "worker.log").open("w"), cwd=tmp_path))
    yield address
    for process in reversed(processes):
        process.terminate()
        process.wait(30)


def wait_for_address(path):
    for _ in range(300):
        if found := PORT.search(path.read_text()):
            return found[0]
        time.sleep(0.1)
    raise TimeoutError(path.read_text())


def table(folder, *address):
    folder.mkdir()
    subprocess.run([sys.executable, "-c", DRIVER, str(folder), *address], cwd=ROOT, check=True, timeout=300)
    return pd.read_csv(folder / "tried.csv")


def test_the_cluster_gives_the_table_of_this_machine(scheduler, tmp_path):
    here, there = table(tmp_path / "here"), table(tmp_path / "there", scheduler)
    here, there = (runs.drop(columns="seconds") for runs in (here, there))
    pd.testing.assert_frame_equal(here, there, atol=5e-3)
    assert (there["threads"] == 1).all()
    assert len(there) == 6


def test_a_silent_address_is_named():
    command = [sys.executable, "-m", "experiments", "--dask", "tcp://127.0.0.1:9", "static-versus-live"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in run.stderr
