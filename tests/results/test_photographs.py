"""The recipe for colour photographs, on an archive of tiny ones."""

import hashlib
import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from experiments import photographs
from experiments.law import edges, points, runs


def archive(names):
    """A gzipped tar of one-coloured photographs; the red of each is its number."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name in names:
            picture = io.BytesIO()
            number = int("".join(filter(str.isdigit, name)) or 0)
            Image.new("RGB", (20, 10), (number, 0, 0)).save(picture, "PNG")
            member = tarfile.TarInfo(name)
            member.size = picture.tell()
            picture.seek(0)
            tar.addfile(member, picture)
    return content.getvalue()


CATS = [f"images/Cat_{chr(97 + breed)}_{number}.jpg" for breed in range(12) for number in (100, 2, 31)]
DOGS = [f"images/dog_{chr(97 + breed)}_{number}.jpg" for breed in range(13) for number in range(1, 11)]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    path = tmp_path_factory.mktemp("photographs") / "photographs.npz"
    photographs.build(archive([*CATS, *DOGS, "images/Cat_a_2.mat"]), path)
    return path


def test_the_last_numbers_of_a_breed_are_for_validation(built, monkeypatch):
    monkeypatch.setattr(edges, "PHOTOGRAPHS", built)
    data = edges.load_photographs()
    assert data.x_train.shape == (12 * 2 + 12 * 7, 64, 64, 3) and data.x_val.shape == (12 + 12 * 3, 64, 64, 3)
    number = np.round(data.x_train[:, 0, 0, 0] * 255), np.round(data.x_val[:, 0, 0, 0] * 255)
    assert set(number[0][data.y_train == 0]) == {2, 31} and set(number[1][data.y_val == 0]) == {100}
    assert set(number[0][data.y_train == 1]) == set(range(1, 8)) and set(number[1][data.y_val == 1]) == {8, 9, 10}
    assert data.x_train.dtype == np.float32 and data.x_train.max() <= 1


def test_only_the_first_twelve_breeds_of_dogs_take_part():
    cats, dogs = photographs._species({name.split("/")[1].rsplit("_", 1)[0]: {} for name in CATS + DOGS})
    assert len(cats) == len(dogs) == 12 and "dog_m" not in dogs


def test_its_cells_can_be_judged_and_are_none_of_the_law():
    settings = photographs.settings()
    assert len(settings) == 80 and {setting["regime"] for setting in settings} == {12}
    cells = points.registered(settings)
    assert [arms["copies-1"] for arms in cells.values()] == [8, 8]
    assert not set(cells) & set(points.registered())


def test_it_trains_in_colour(built, monkeypatch):
    monkeypatch.setattr(edges, "PHOTOGRAPHS", built)
    setting = photographs.settings()[-1] | {"n": 8, "batch": 4, "updates": 4}
    runs.load_dataset.cache_clear()
    try:
        results = runs.run(setting)
    finally:
        runs.load_dataset.cache_clear()
    assert np.isfinite(results["records"][-1]["val_loss"])


def test_what_is_fetched_is_the_archive_or_refused(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.write_bytes(b"an archive")
    monkeypatch.setattr(photographs, "ADDRESS", source.as_uri())
    monkeypatch.setattr(photographs, "ARCHIVE", tmp_path / "images.tar.gz")
    with pytest.raises(Exception, match="corrupted"):
        photographs.fetch()
    monkeypatch.setattr(photographs, "MD5", hashlib.md5(source.read_bytes()).hexdigest())
    assert photographs.fetch().read_bytes() == source.read_bytes()
