"""load_image_folder: what it reads, what it refuses, and how it splits."""

import functools
import hashlib
import re
from datetime import date
from pathlib import PurePosixPath

import numpy as np
import pytest
from PIL import Image

import refusals
from helpers.folder import load_image_folder as load

pytestmark = pytest.mark.filterwarnings("error")  # a warning would be red in a notebook
refusal = functools.partial(refusals.refusal, load)
COLOUR = (200, 40, 90)


def save(folder, count=8, first=0):
    """``count`` different grey PNG files in a new folder."""
    folder.mkdir(parents=True)
    for i in range(first, first + count):
        Image.fromarray(np.full((6, 6), i, "uint8")).save(folder / f"{i:03}.png")


@pytest.fixture
def folder(tmp_path):
    """Class a with the greys 0 to 7, class b with 100 to 107."""
    save(tmp_path / "photos" / "a")
    save(tmp_path / "photos" / "b", first=100)
    return tmp_path / "photos"


def load_one(folder, **settings):
    """The picture of the one file in class b that is not of one grey."""
    loaded = load(folder, image_size=24, **settings)
    pictures = np.concatenate([loaded.x_train, loaded.x_val])
    (place,) = np.flatnonzero(pictures.std(axis=(1, 2, 3)) > 0.01)
    return pictures[place]


def greys(loaded, part="x_train x_val"):
    images = np.concatenate([getattr(loaded, name) for name in part.split()])
    levels = np.sort(255 * images[:, 0, 0, 0])
    np.testing.assert_allclose(levels, np.round(levels), atol=1e-3)  # 0 to 255 became 0 to 1
    return np.round(levels).astype(int).tolist()


def test_shapes_types_ranges_and_labels_in_the_order_of_the_names(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    loaded = load("~/photos", image_size=5, channels=1)
    for images, labels, count in ((*loaded[:2], 12), (*loaded[2:], 4)):
        assert images.shape == (count, 5, 5, 1)
        assert images.dtype == np.float32 and labels.dtype == np.int64
        np.testing.assert_array_equal(labels, images[:, 0, 0, 0] > 50 / 255)
        assert labels.mean() == 0.5
    assert greys(loaded) == [*range(8), *range(100, 108)]


def test_transparent_parts_are_white_not_what_hides_beneath(folder):
    """Left half see-through over hidden black, right half COLOUR, in a palette."""
    image = Image.new("P", (24, 24), 0)
    image.paste(1, (12, 0, 24, 24))
    image.putpalette([0, 0, 0, *COLOUR])
    image.save(folder / "b" / "ghost", "GIF", transparency=0)
    left, right = load_one(folder)[12, [3, 20]]
    np.testing.assert_allclose(left, [1, 1, 1], atol=0.05)
    np.testing.assert_allclose(right, np.array(COLOUR) / 255, atol=0.05)


def test_photographs_are_turned_as_exif_says_and_of_several_frames_the_first_is_read(folder):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = np.zeros((24, 24), "uint8")
    picture[:8, :12] = 255
    other = Image.linear_gradient("L").resize((24, 24))
    options = {
        "format": "MPO",
        "save_all": True,
        "append_images": [other],
        "exif": exif.tobytes(),
        "quality": 100,
    }
    Image.fromarray(picture).save(folder / "b" / "turned.jpg", **options)
    found = load_one(folder, channels=1)[..., 0]
    np.testing.assert_allclose(found, np.rot90(picture, -1) / 255, atol=0.02)


def test_unusable_files_are_named_in_one_message_or_skipped(folder, capfd):
    place = folder / "a"
    (place / "notes.txt").write_text("not an image")
    Image.fromarray(np.full((4, 4), 70_000, "int32")).save(place / "deep.tif")
    Image.fromarray(np.ones((4, 4), "float32")).save(place / "float.tif")
    flipped = bytearray((place / "000.png").read_bytes())
    flipped[-16] ^= 255  # inside the last data chunk or its checksum
    (place / "flipped.png").write_bytes(flipped)
    Image.effect_noise((60, 60), 50).save(place / "cut.jpg")
    (place / "cut.jpg").write_bytes((place / "cut.jpg").read_bytes()[:2000])
    said = refusal(folder)
    assert "can't use 5 files" in said and capfd.readouterr() == ("", "")
    deep, damaged = "more than 8 bits", ".{8,}"
    reasons = {
        "notes.txt": "not one of JPEG",
        "deep.tif": deep,
        "float.tif": deep,
        "flipped.png": damaged,
        "cut.jpg": damaged,
    }
    for name, reason in reasons.items():
        assert re.search(rf"'a/{re.escape(name)}' \({reason}[^;]*\)", said), (name, said)
    loaded = load(folder, image_size=4, channels=1, skip_unusable=True)
    assert capfd.readouterr().out.startswith("skipped 5 files: ")
    assert greys(loaded) == [*range(8), *range(100, 108)]


def test_a_decompression_bomb_is_refused_where_pillow_only_warns(folder, monkeypatch):
    Image.new("1", (100, 150)).save(folder / "a" / "000.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    said = refusal(folder)
    assert "1 files: 'a/000.png' (Image size (15000 pixels) exceeds limit of 10000" in said


def test_hidden_things_and_what_lies_beside_the_classes_are_passed_over_and_folders_inside_are_searched(
    folder,
):
    (folder / "b" / ".DS_Store").write_text("x")
    save(folder / "b" / ".ipynb_checkpoints", count=1, first=200)
    (folder / ".git").mkdir()
    (folder / "readme.txt").write_text("about these pictures")
    assert len(greys(load(folder))) == 16
    save(folder / "b" / "day 2" / "camera.png", count=2, first=200)
    folder.rename(folder.parent / ".cache")  # a hidden folder above hides nothing
    assert len(greys(load(folder.parent / ".cache"))) == 18


def test_other_than_a_folder_of_two_classes_is_refused_and_one_class_may_be_called_train(folder):
    assert "0 subfolders (none)" in refusal(folder / "a")
    assert "none" in refusal(folder / "none", kind=FileNotFoundError)
    assert refusal(folder, channels=4).startswith("channels is 4; expected ")
    for size in (0, 32.5, 4097):
        assert refusal(folder, image_size=size).startswith(f"image_size is {size}; expected ")
    save(folder / "c")
    assert "3 subfolders (a, b, c)" in refusal(folder)
    (folder / "c").rename(folder.parent / "c")
    (folder / "a").rename(folder / "TRAINING")
    assert len(greys(load(folder))) == 16
    (folder / "b").rename(folder / "test")
    assert "pass the training part" in refusal(folder)


def test_classes_stand_in_the_order_of_their_names_also_where_paths_are_sorted_without_case(
    folder, monkeypatch
):
    (folder / "b").rename(folder / "B")

    def as_on_windows(one, other):
        return str(one).lower() < str(other).lower()

    monkeypatch.setattr(type(folder), "__lt__", as_on_windows)
    loaded = load(folder)
    assert loaded.y_val.tolist() == [0, 0, 1, 1] and loaded.x_val[0].mean() > 0.3


def test_a_class_needs_three_different_images(folder):
    for path in sorted((folder / "b").iterdir())[3:]:
        path.unlink()
    assert load(folder).y_val.tolist() == [0, 0, 1]
    for count in (2, 0):
        for path in sorted((folder / "b").iterdir())[count:]:
            path.unlink()
        assert f"class 'b' has {count} different images" in refusal(folder)


def test_the_split_depends_on_bytes_not_on_names(folder):
    first = load(folder)
    grey_of = {}
    for path in folder.glob("a/*"):
        digest = hashlib.sha256(b"0 " + path.read_bytes()).hexdigest()
        grey_of[digest] = int(path.stem)
    smallest = sorted(grey_of)[:2]
    assert greys(first, "x_val")[:2] == sorted(grey_of[digest] for digest in smallest)
    for path in list(folder.rglob("*.png")):
        path.rename(path.with_name(f"{hash(path.name) % 9999:04}{path.stem}.jpg"))
    for one, two in zip(first, load(folder), strict=True):
        np.testing.assert_array_equal(one, two)


def test_copies_of_a_file_stay_on_one_side_and_in_both_classes_are_refused(folder):
    for path in list((folder / "b").iterdir()):
        for copy in range(4):
            (folder / "b" / f"{copy}{path.name}").write_bytes(path.read_bytes())
    loaded = load(folder)
    assert len(greys(loaded)) == 8 + 40 and loaded.y_val.sum() == 2 * 5
    assert not set(greys(loaded, "x_train")) & set(greys(loaded, "x_val"))
    (folder / "b" / "same.png").write_bytes((folder / "a" / "003.png").read_bytes())
    said = refusal(folder)
    for name in ("a/003.png", "b/same.png"):
        assert f"'{name}' (the same bytes are in both classes)" in said
    assert len(greys(load(folder, skip_unusable=True))) == 7 + 40


def test_a_group_stays_on_one_side_also_when_it_lies_in_both_classes(folder):
    save(folder / "b" / "more", first=108)
    patients = {level: level % 100 // 2 for level in (*range(8), *range(100, 108))}
    patients |= {level: level - 104 for level in range(108, 116)}  # which have no image in class a
    for path in list(folder.rglob("*.png")):
        place = folder / path.relative_to(folder).parts[0] / f"patient{patients[int(path.stem)]}"
        place.mkdir(exist_ok=True)
        path.rename(place / path.name)

    def patient(path):
        return path.parts[1]

    loaded = load(folder, group=patient)
    train = {patients[level] for level in greys(loaded, "x_train")}
    val = {patients[level] for level in greys(loaded, "x_val")}
    assert len(train) == 9 and len(val) == 3 and not train & val
    assert loaded.y_val.tolist() == [0, 0, 1, 1, 1, 1]
    said = refusal(folder, group=lambda path: path.parts[0])
    assert "class 'a' has 1 different images or groups" in said
    content = (folder / "a" / "patient0" / "000.png").read_bytes()
    (folder / "a" / "patient3" / "same.png").write_bytes(content)
    said = refusal(folder, group=patient)
    for name in ("a/patient0/000.png", "a/patient3/same.png"):
        assert f"'{name}' (the same bytes are in two groups)" in said
    assert len(greys(load(folder, skip_unusable=True, group=patient))) == 23


def test_files_that_are_groups_of_their_own_stay_together_where_their_bytes_are_equal(folder):
    for path in list((folder / "b").iterdir()):
        (folder / "b" / f"again{path.name}").write_bytes(path.read_bytes())
    loaded = load(folder, group=lambda path: path)
    assert len(greys(loaded)) == 8 + 16 and loaded.y_val.sum() == 2 * 2
    assert not set(greys(loaded, "x_train")) & set(greys(loaded, "x_val"))


def test_a_file_of_its_own_joins_the_group_of_its_bytes_whether_it_is_read_before_or_after(folder):
    content = (folder / "b" / "100.png").read_bytes()
    for name in ("0.png", "z.png"):
        (folder / "b" / name).write_bytes(content)

    def group(path):
        return "of 100 and 101" if path.name in ("100.png", "101.png") else path

    loaded = load(folder, group=group)
    assert len(greys(loaded)) == 8 + 10
    sides = [{100, 101} & set(greys(loaded, side)) for side in ("x_train", "x_val")]
    assert sorted(map(len, sides)) == [0, 2]


def test_a_group_that_is_not_written_alike_in_every_run_is_refused(folder):
    for group in (7, 0.5, "leaf7", PurePosixPath("leaf7"), date(2026, 1, 31), ("leaf", 7), None):
        said = refusal(folder, group=lambda path, group=group: group)
        assert "class 'a' has 1 different images or groups" in said
    for group in (frozenset({"leaf", "7"}), object(), ("leaf", frozenset()), lambda: "leaf"):
        said = refusal(folder, group=lambda path, group=group: group)
        assert said.startswith(f"group of 'a/000.png' is {group!r}; expected a text, a number")
