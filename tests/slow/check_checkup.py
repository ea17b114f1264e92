"""The check-up on images that no threshold was chosen with, in front of backbones, and with many images.

What is to be shown of the cases of the detection table was written down before the first run:

1. The stored table holds: every case gives what its three columns say (test_cases.py has the garments).
2. On fresh images (replicates 11 and 12, which nobody has used, and seeds of the same number) all cases are judged in
   each of the three sets. Printed: how many broken pipelines were detected, and the false alarms of the correct ones,
   with the upper end of a 95 % Clopper-Pearson interval. The runs share cases and sets, so they are not independent,
   and the bound is too low by what they share. Success is no false alarm.
"""

import csv
import itertools
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from scipy import stats

from augcheck import check_pipeline

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "augcheck" / "tests")]
import cases  # noqa: E402
from cases import EVIDENCE, SETS  # noqa: E402

FRESH = (11, 12)
# Each with the module that holds its preprocess_input, which does nothing where the backbone rescales by itself.
BACKBONES = {
    "MobileNetV2": "mobilenet_v2",
    "EfficientNetB0": "efficientnet",
    "ResNet50": "resnet",
    "DenseNet121": "densenet",
    "ConvNeXtTiny": "convnext",
    "VGG16": "vgg16",
}
STATUS = Path("/proc/self/status")
MANY = """
import sys
from pathlib import Path

import numpy as np
from tensorflow.python.eager import context

sys.path[:0] = ["augcheck/src", "augcheck/tests"]
from augcheck import check_pipeline
from pipelines import Batches, lighten

def pictures(n):
    coarse = np.random.default_rng(n).integers(0, 255, (n, 8, 8, 3), np.uint8)
    return np.repeat(np.repeat(coarse, 8, 1), 8, 2), np.arange(n) % 2

def memory(name):
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024

images, validation = pictures(25_000), pictures(5_000)
for train in (images, Batches(*images, lighten, size=32)):
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    before = memory("VmRSS")
    check_pipeline(train, validation, max_seconds=600)
    assert memory("VmHWM") - before < 0.5e9, type(train)
assert context._context is None or not context._context._initialized, "TensorFlow was started"
"""


@pytest.mark.parametrize("name", SETS)
def test_the_stored_table_holds(name):
    images = cases.load(name)
    with cases.TABLE.open(encoding="utf-8", newline="") as file:
        stored = {(row["bug"], row["kind"]): row[name] for row in csv.DictReader(file)}
    assert {(case.name, case.kind): cases.outcome(case, images) for case in EVIDENCE} == stored


def test_no_correct_pipeline_raises_an_alarm_on_fresh_images():
    broken, correct = [], []  # what was said of them
    for case, name, replicate in itertools.product(EVIDENCE, SETS, FRESH):
        outcome = cases.outcome(case, cases.load(name, replicate), seed=replicate)
        if case.finding:
            broken.append(outcome)
        else:
            correct.append(outcome)
        if outcome not in ("detected", "no alarm"):
            print(name, replicate, case.kind, case.name, outcome, sep=" | ", flush=True)
    detected = broken.count("detected")
    alarms = len(correct) - correct.count("no alarm")
    upper = stats.binomtest(alarms, len(correct)).proportion_ci(method="exact").high
    print(f"{detected} of {len(broken)} detected")
    print(f"{alarms} of {len(correct)} false alarms, up to {upper:.1%}")
    assert len(correct) >= 100
    assert alarms == 0


def coarse_images(n):
    coarse = np.random.default_rng(n).random((n, 8, 8, 3), np.float32)
    return 255 * np.repeat(np.repeat(coarse, 10, 1), 10, 2), np.arange(n) % 2


@pytest.mark.parametrize("name", BACKBONES)
def test_what_a_backbone_preprocesses_once_is_quiet_and_twice_is_found(name):
    shape = (80, 80, 3)
    settings = {"include_top": False, "input_shape": shape, "pooling": "avg"}
    base = getattr(keras.applications, name)(weights=None, **settings)
    preprocess = getattr(keras.applications, BACKBONES[name]).preprocess_input
    image = keras.Input(shape)
    inside = preprocess(layers.RandomFlip("horizontal", seed=0)(image))
    nested = keras.Model(image, layers.Dense(1)(base(inside, training=False)))
    # as people build it who take base.output
    whole = keras.Model(base.input, layers.Dense(1)(base.output))
    for divisor, found in ((1, []), (255, ["degenerate"])):
        sets = [(x / divisor, y) for x, y in map(coarse_images, (64, 32))]
        report = check_pipeline(*sets, model=nested)
        assert report.found == found and report["one draw"].status == "not found", report
        outside = [(preprocess(x.copy()), y) for x, y in sets]
        assert check_pipeline(*outside, model=whole).found == found
    keras.backend.clear_session()


@pytest.mark.skipif(
    not STATUS.exists(), reason="Only Linux tells a process its largest memory since a moment."
)
def test_many_images_take_half_a_gigabyte_at_most_beside_the_data_and_tensorflow_is_not_started():
    run = subprocess.run([sys.executable, "-c", MANY], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
