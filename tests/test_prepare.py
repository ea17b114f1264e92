"""helpers.setup: TensorFlow is started quietly and without GPUs, and nothing else is changed.

A stand-in for TensorFlow notes what is asked of it and writes to file descriptor 2, as the real one does.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STAND_IN = """
import os
os.write(2, b"start-up message\\n")
asked = []
class config:
    set_visible_devices = lambda devices, kind: asked.append((devices, kind))
def function(body, jit_compile):
    asked.append("first use")
    os.write(2, b"message of XLA\\n")
    return body
zeros = lambda shape: None
"""
TOO_LATE = "TensorFlow was imported before prepare()"


def python(code, **environment):
    given = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS_", "TF_"))}
    given |= {"PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True)


@pytest.fixture
def stand_in(tmp_path):
    (tmp_path / "tensorflow.py").write_text(STAND_IN, encoding="utf-8")
    return os.pathsep.join([str(tmp_path), str(ROOT)])


def test_importing_helpers_starts_nothing():
    code = "import helpers, helpers.setup, sys; print({'tensorflow', 'keras', 'numpy'} & set(sys.modules))"
    run = python(code)
    assert (run.stdout, run.stderr) == ("set()\n", "")


def test_gpus_are_hidden_before_the_first_use_and_messages_dropped_while_tensorflow_starts_alone(stand_in):
    code = "import os; from helpers.setup import prepare; prepare(); os.write(2, b'a real error'); prepare(); "
    run = python(code + "import tensorflow; print(tensorflow.asked)", PYTHONPATH=stand_in)
    assert (run.stdout, run.stderr, run.returncode) == ("[([], 'GPU'), 'first use']\n", "a real error", 0)


def test_stderr_is_restored_where_tensorflow_lacks(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('no such thing')", encoding="utf-8")
    run = python("from helpers.setup import prepare; prepare()", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert "ImportError: no such thing" in run.stderr


def test_called_too_late_it_says_so_in_one_sentence_and_changes_nothing(stand_in):
    code = "import tensorflow; from helpers.setup import prepare; prepare(); print(tensorflow.asked)"
    said, asked = python(code, PYTHONPATH=stand_in).stdout.splitlines()
    assert said.startswith(TOO_LATE) and said.count(".") == 1
    assert asked == "[]"


def test_another_backend_is_refused_in_one_sentence(stand_in):
    run = python("from helpers.setup import prepare; prepare()", PYTHONPATH=stand_in, KERAS_BACKEND="jax")
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("RuntimeError: Keras runs on jax, but the series needs")


def test_with_the_real_tensorflow_nothing_is_written_and_a_backend_named_in_a_file_loses(tmp_path):
    (tmp_path / "keras.json").write_text('{"backend": "jax"}', encoding="utf-8")
    code = "from helpers.setup import prepare; prepare(); import keras; print(keras.backend.backend()); prepare()"
    run = python(code, KERAS_HOME=str(tmp_path))
    assert (run.stdout, run.stderr) == ("tensorflow\n", "")
