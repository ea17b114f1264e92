"""What a check-up reads and refuses, what it costs, and that it stops when it is told to."""

import tracemalloc

import numpy as np
import pytest
from pairs import Batches, V, W, X, Y, lighten

from augcheck import NOT_FOUND, FoundError, check_pipeline
from augcheck.reading import progress


@pytest.mark.parametrize(
    ("train", "words"),
    [
        ("folder", "train is a str; expected a pair of arrays"),
        ([], "train is an empty list"),
        (iter([(X, Y)]), "which can be read only once"),
        ([("a", "b")], "train yields a str"),
        ([X[0]], "Is batch\\(\\) missing"),
        ([(X, Y), (X[:, :8], Y)], "resize them to one size"),
        ((X, Y[:3]), "192 images and 3 labels"),
        ([{"a": X, "b": Y}], "say keys="),
    ],
)
def test_what_is_no_pipeline_is_refused_in_one_sentence(train, words):
    with pytest.raises((TypeError, ValueError), match=words):
        check_pipeline(train)


@pytest.mark.parametrize(
    "form",
    [
        lambda x, y: {"image": x, "label": y},
        lambda x, y: (np.moveaxis(x, 3, 1), np.eye(2)[y]),
        lambda x, y: (x.mean(3), y[:, None]),
        lambda x, y: (np.round(255 * x).astype("uint8"), y),
    ],
)
def test_forms_of_batches(form):
    def epoch():
        return (form(*batch) for batch in Batches(X, Y, lighten))

    report = check_pipeline(epoch, lambda: (form(*batch) for batch in Batches(V, W)))
    assert not report.found and report["sets differ"].status == NOT_FOUND


def test_an_endless_pipeline_needs_the_length_of_an_epoch():
    def endless():
        while True:
            yield from Batches(X, Y)

    report = check_pipeline(endless)
    assert "steps_per_epoch" in report["repeats"].change
    assert check_pipeline(endless, steps_per_epoch=12, model=False).found == ["repeats"]


def test_nothing_is_written_into_what_is_given():
    x, y = X.copy(), Y.copy()
    x.setflags(write=False)
    state = str(np.random.get_state())
    check_pipeline((x, y), (V, W), augment=lambda images: images.__imul__(np.random.rand()))
    assert (x == X).all() and str(np.random.get_state()) == state


def test_what_is_expected_can_be_ignored_and_the_rest_raises():
    report = check_pipeline(Batches(X, Y), model=False)
    assert report.raise_if_found(ignore={"repeats": "on purpose"}) is report
    with pytest.raises(FoundError, match="augcheck found: repeats"):
        report.raise_if_found()


def test_ctrl_c_ends_the_reading_and_what_was_read_is_judged():
    class Interrupted(Batches):
        epochs = 0

        def __iter__(self):
            self.epochs += 1
            for number, batch in enumerate(super().__iter__()):
                if self.epochs == 4 and number == 5:
                    raise KeyboardInterrupt
                yield batch

    data = Interrupted(X, Y)
    report = check_pipeline(data, model=False)
    assert report.found == ["repeats"] and "3 epochs" in report.notes[0] and data.epochs == 4


def test_progress_is_told_at_a_console_and_nowhere_else(monkeypatch, capsys):
    monkeypatch.setattr(progress, "AFTER", -1.0)
    check_pipeline((X, Y))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    check_pipeline((X, Y))
    assert "train: epoch 1, 32 images (Ctrl-C: enough)" in capsys.readouterr().err


def test_large_images_take_little_memory_beside_their_batches():
    image = np.random.default_rng(0).random((1, 512, 512, 3), np.float32)

    def epoch():
        for number in range(24):
            yield np.repeat(image, 8, 0) * np.float32(1 - number / 100), np.arange(8) % 2

    tracemalloc.start()
    check_pipeline(epoch, augment=lambda x: x * np.random.rand(len(x), 1, 1, 1), augment_in="loop")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**29 + 3 * 8 * image.nbytes
