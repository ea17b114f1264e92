"""The questions for Moodle: each has one right answer, and what a lesson computes is the one that is marked."""

import re
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from exercises import CHECKS
from helpers.augment import MILD, RandomAffine
from helpers.data import load_garments
from helpers.stats import Interval, verdict

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "data" / "results" / "lessons"
QUESTION = re.compile(r"::(\w+)::([^{}]+)\{([^{}]+)\}")
ANSWER = re.compile(r"^ *([=~])((?:\\.|[^#\n])+)", re.MULTILINE)


def bank():
    """Name, words, and answers with their marks."""
    text = (ROOT / "docs" / "teaching" / "questions.gift").read_text("utf-8")
    return {
        name: (words, ANSWER.findall(answers)) for name, words, answers in QUESTION.findall(text)
    }


def right(name):
    _, answers = bank()[name]
    (marked,) = [words for mark, words in answers if mark == "="]
    return marked.strip()


def test_each_question_has_one_right_answer_and_others():
    text = (ROOT / "docs" / "teaching" / "questions.gift").read_text("utf-8")
    loose = re.sub(r"^//.*|::\w+::|\\:", "", text, flags=re.MULTILINE)
    assert ":" not in loose, "a colon needs a stroke before it: other systems refuse the file"
    assert len(bank()) == text.count("::") // 2, "a question of this form is missing"
    for name, (_, answers) in bank().items():
        assert len(answers) >= 3 and right(name), name


def versions_shown(data, epochs):
    """How many different images come first in so many epochs."""
    return len(np.unique([next(iter(data)).numpy() for _ in range(epochs)], axis=0))


@pytest.mark.parametrize(("place", "shown"), [("before", 10), ("after", 1)])
def test_cache_is_marked_where_live_stays_live(place, shown):
    noise = keras.layers.GaussianNoise(0.1, seed=0)
    data = tf.data.Dataset.from_tensors(np.ones((1, 4), "float32"))
    data = data.cache() if place == "before" else data
    data = data.map(lambda images: noise(images, training=True))
    data = data if place == "before" else data.cache()
    assert versions_shown(data, 10) == shown
    assert right("Q9") == "before the augmentation" and right("M13") == "one"


def test_what_the_lessons_tables_say_is_marked():
    twenty = pd.read_csv(TABLES / "twenty-runs.csv").pivot(
        index="run", columns="method", values="accuracy"
    )
    worse = twenty["no augmentation"] - twenty["1 copy"]
    assert (worse > 0).all() and round(worse.mean(), 1) == 5.6 and right("Q1").startswith("lower")
    curves = pd.read_csv(TABLES / "curves.csv").query("method == '1 copy'")
    mean = curves.groupby("update")[["loss", "accuracy"]].mean()
    assert (
        mean.loss[1024] > 1.6 * mean.loss[256] and abs(mean.accuracy[1024] - mean.accuracy[256]) < 2
    )
    assert right("Q7") == "is over-confident"

    split = pd.read_csv(TABLES / "split-after-augmenting.csv").mean(numeric_only=True)
    assert split["accuracy on what was held out"] > split["accuracy on new images"] + 10
    assert right("Q10") == "too high"
    strong = pd.read_csv(TABLES / "strengths.csv").pivot_table(
        index=["images", "network"], columns="policy", values="accuracy"
    )
    gain = strong["article"] - strong["none"]
    assert gain.min() < -3 and gain.max() > 3 and right("M5").startswith("win, lose")


def test_what_lesson_02_computes_is_marked():
    augment, images, ids = RandomAffine(**MILD, seed=0), load_garments().x_train[:32], np.arange(32)
    epochs = [np.asarray(augment.version(images, ids, epoch)) for epoch in range(16)]
    store = epochs[:8]
    shown = [store[epoch % len(store)] for epoch in range(16)]
    same = [np.array_equal(*pair) for pair in zip(shown, epochs, strict=True)]
    assert same == [True] * 8 + [False] * 8 and right("Q3") == "equal"
    diversity = [np.abs(batch[:, None] - batch).mean() for batch in (shown[12], epochs[12])]
    assert 0.9 < diversity[0] / diversity[1] < 1.1 and right("Q2") == "neither"


def test_what_lesson_03_asserts_is_marked():
    lesson = (ROOT / "notebooks" / "scripts" / "03_overfitting_curves.py").read_text("utf-8")
    assert "own(run) > last(run)[0]" in lesson
    assert right("Q6").startswith("neither") and right("M10").startswith("on augmented images")


def test_numbers_that_follow_from_arithmetic_are_marked():
    updates = {n: 20 * n / 32 for n in (1000, 4000)}
    assert updates[4000] == 4 * updates[1000] and right("Q4") == "mostly the length of the training"
    times_shown = {n: 1000 * 32 / (10 * n) for n in (128, 512)}  # 1,000 updates, ten copies of each
    assert times_shown[128] == 4 * times_shown[512] and right("M12") == "four times as often"
    by_chance = sum((28, 8, 1)) / 2**8  # six, seven or eight of eight
    assert by_chance > 0.05 and right("Q5") == "nothing yet"
    found = verdict(Interval(-0.5, -6, 5), 2, lower_is_better=False)
    assert right("M8") == f"it is {found}"


@pytest.mark.parametrize("topic", CHECKS)
def test_the_lecturer_s_snippet_says_what_is_wrong_with_any_exercise(topic):
    page = (ROOT / "docs" / "for-lecturers.md").read_text("utf-8")
    snippet = re.search(r"```python\n(from exercises.+?)```", page, re.DOTALL)[1]
    names = {"topic": topic, "answer": "a guess", "new_x": np.zeros((4, 28, 28, 1))}
    with pytest.raises(AssertionError, match="."):
        exec(snippet, names)
