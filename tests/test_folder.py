"""load_image_folder: what it reads, what it refuses, and how it splits."""

import os
import re
import warnings

import numpy as np
import pytest
from PIL import Image

import refusals
from helpers import folder as module
from helpers.folder import load_image_folder

GREY, COLOUR = np.mgrid[0:24, 0:36].sum(0).astype("uint8") * 4, (200, 40, 90)


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


def load(path, **settings):
    """All pictures of class b (class 0 is there for company); a warning would be red in a notebook."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = load_image_folder(path, **settings)
    pictures = np.concatenate([loaded.x_train, loaded.x_val])
    return pictures[np.concatenate([loaded.y_train, loaded.y_val]) == 1]


def load_one(folder, **settings):
    """The picture of the one file whose mean differs from the greys that are there anyway."""
    pictures = load(folder, **settings)
    means = 255 * pictures.mean((1, 2, 3))
    (place,) = np.flatnonzero(np.abs(means - np.clip(np.round(means), 100, 107)) > 0.01)
    return pictures[place]


def refusal(path, kind=ValueError, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return refusals.refusal(load_image_folder, path, kind=kind, **settings)


def greys(loaded, part="x_train x_val"):
    images = np.concatenate([getattr(loaded, name) for name in part.split()])
    return np.sort(np.round(255 * images[:, 0, 0, 0])).astype(int).tolist()


ALL = [*range(8), *range(100, 108)]


def test_shapes_types_ranges_and_labels_in_the_order_of_the_names(folder):
    loaded = load_image_folder(folder, 5, channels=1)
    assert (loaded.x_train.shape, loaded.x_val.shape) == ((12, 5, 5, 1), (4, 5, 5, 1))
    for images, labels in (loaded[:2], loaded[2:]):
        assert (images.dtype, labels.dtype) == (np.float32, np.int64)
        np.testing.assert_array_equal(labels, images[:, 0, 0, 0] > 50 / 255)
        assert labels.mean() == 0.5
    assert greys(loaded) == ALL
    assert load_image_folder(folder).x_train.shape == (12, 32, 32, 3)
    for size, shape in (((4, 7), (4, 7)), (np.int64(5), (5, 5)), (np.array([5, 7]), (5, 7)), ([5, 7], (5, 7))):
        assert load_image_folder(folder, size, validation=np.float32(0.5)).x_val.shape == (8, *shape, 3)


# What is read

RED = Image.new("RGB", (36, 24), COLOUR)
RED.paste((0, 0, 0), (0, 0, 18, 24))
SEEN = np.asarray(RED) / 255
DEEP = np.linspace(0, 65535, GREY.size).reshape(GREY.shape)
LOSSLESS = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}
READ = {  # image, format, what comes of it, tolerance
    **{kind: (Image.fromarray(GREY), kind, GREY / 255, 1e-6) for kind in ("PNG", "WEBP", "TIFF", "BMP", "GIF")},
    "JPEG": (Image.fromarray(GREY), "JPEG", GREY / 255, 0.01),
    "bits": (Image.fromarray(GREY > 80), "PNG", GREY > 80, 0),
    "16 bits": (Image.fromarray(DEEP.astype("uint16")), "PNG", DEEP // 1 / 65535, 1e-6),
    "16 bits, TIFF": (Image.fromarray(DEEP.astype("uint16")), "TIFF", DEEP // 1 / 65535, 1e-6),
    "16 bits in 32": (Image.fromarray(DEEP.astype("int32")), "TIFF", DEEP // 1 / 65535, 1e-6),
    "colour": (RED, "PNG", SEEN, 1e-6), "opaque": (RED.convert("RGBA"), "PNG", SEEN, 1e-6),
    "palette": (RED.quantize(4), "PNG", SEEN, 0.02), "palette, GIF": (RED.quantize(4), "GIF", SEEN, 0.02),
    "CMYK": (RED.convert("CMYK"), "TIFF", SEEN, 0.01), "CMYK, JPEG": (RED.convert("CMYK"), "JPEG", SEEN, 0.03),
    "YCbCr": (RED.convert("YCbCr"), "JPEG", SEEN, 0.03),
}  # fmt: skip


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", READ)
def test_formats_and_modes(folder, name, channels):
    image, kind, expected, tolerance = READ[name]
    image.save(folder / "b" / "picture.dat", kind, **LOSSLESS.get(kind, {}))
    found = load_one(folder, image_size=GREY.shape, channels=channels)
    assert found.shape == (24, 36, channels)
    if expected.ndim == 2:
        expected = np.repeat(expected[..., None], channels, axis=2)
    elif channels == 1:
        expected = np.dot(expected, (0.299, 0.587, 0.114))[..., None]
        tolerance += 0.01
    inner = np.s_[4:-4, 4:14] if kind == "JPEG" else np.s_[:]  # of JPEG's blocks not the edge of colour
    np.testing.assert_allclose(found[inner], expected[inner], atol=tolerance)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("L", "PNG"), ("P", "GIF"), ("RGBA", "WEBP"), ("RGBA", "TIFF")],
)
def test_transparent_parts_are_white_not_what_hides_beneath(folder, mode, kind):
    """Left half see-through over hidden black, right half COLOUR (or grey 90)."""
    shown = {"RGBA": (*COLOUR, 255), "LA": (90, 255), "P": 1, "L": 90}[mode]
    image = Image.new(mode, (40, 30), (0,) * len(shown) if mode in ("LA", "RGBA") else 0)
    image.paste(shown, (20, 0, 40, 30))
    if mode == "P":
        image.putpalette([0, 0, 0, *COLOUR])
    image.save(folder / "b" / "ghost", kind, **({} if mode in ("LA", "RGBA") else {"transparency": 0}))
    found = load_one(folder, image_size=(30, 40))
    np.testing.assert_allclose(found[15, 5], 1, atol=0.03)
    np.testing.assert_allclose(found[15, 35], np.array(COLOUR if mode in ("RGBA", "P") else [90] * 3) / 255, atol=0.05)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 8])
def test_pictures_are_turned_as_exif_says(folder, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(GREY).save(folder / "b" / "turned", kind, exif=exif.tobytes(), **LOSSLESS.get(kind, {}))
    turned = {1: GREY, 3: GREY[::-1, ::-1], 5: GREY.T, 6: np.rot90(GREY, -1), 8: np.rot90(GREY)}[orientation]
    found = load_one(folder, image_size=turned.shape, channels=1)
    np.testing.assert_allclose(found[..., 0], turned / 255, atol=0.02)


def test_odd_files_that_can_be_read_are_read_without_a_warning(folder):
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00"  # says that an entry follows, and ends
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    for options in ({"format": "JPEG", "exif": exif}, {"format": "MPO", "save_all": True, "append_images": frames[1:]}):
        frames[0].save(folder / "b" / "odd.jpg", quality=100, **options)
        found = load_one(folder, image_size=GREY.shape, channels=1)  # a phone's two frames: the first
        np.testing.assert_allclose(found[..., 0], GREY / 255, atol=0.02)


def test_large_pictures_are_averaged_and_small_ones_enlarged(folder):
    stripes = np.zeros((600, 900), "uint8")
    stripes[::2] = 201  # a plain subsample would be all 0 or all 201
    Image.fromarray(stripes).save(folder / "b" / "large.png")
    np.testing.assert_allclose(load_one(folder, image_size=16, channels=1), 100.5 / 255, atol=0.01)
    (folder / "b" / "large.png").unlink()
    Image.fromarray(np.array([[0, 255]], "uint8")).save(folder / "b" / "small.png")
    small = load_one(folder, image_size=(3, 40), channels=1)
    assert (small[:, 0] == 0).all() and (small[:, -1] == 1).all()


# What can't be used


def spoil(folder):
    """One of each kind of unusable file in class a, with what is said of it."""
    place, noise = folder / "a", np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype("uint8")
    none, damage = "not one of JPEG, PNG, WEBP, TIFF, BMP, GIF, or damaged", ".{8,}"  # Pillow's words differ
    reasons = {}
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"):
        Image.fromarray(noise).save(place / f"cut.{kind}", kind)
        whole = (place / f"cut.{kind}").read_bytes()
        (place / f"cut.{kind}").write_bytes(whole[: int(0.6 * len(whole))])
        reasons[f"cut.{kind}"] = damage
    flipped = bytearray((place / "000.png").read_bytes())
    flipped[-16] ^= 255  # inside the last data chunk or its checksum
    for name, content, reason in (
        ("flipped.png", bytes(flipped), damage), ("empty.png", b"", "empty"), ("notes.txt", b"not an image", none),
        ("fake.jpg", b"\xff\xd8\xff" + bytes(500), none), ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", none),
        ("phone.jpg", b"\0\0\0\x18ftypheic" + bytes(500), none + ": convert HEIC or AVIF"),
    ):  # fmt: skip
        (place / name).write_bytes(content)
        reasons[name] = reason
    Image.fromarray(np.ones((4, 4), "float32")).save(place / "float.tif")
    Image.fromarray(np.full((4, 4), 70_000, "int32")).save(place / "deep.tif")
    os.mkfifo(place / "pipe.png")
    reasons |= {"float.tif": "floating-point", "deep.tif": "more than 16 bits", "pipe.png": "not a file"}
    for name, target in (("link.png", "elsewhere.png"), ("gone.png", "nowhere.png"), ("linked", "others")):
        (place / name).symlink_to(folder.parent / target)
        reasons[name] = "a link, not followed"
    return reasons


def test_unusable_files_are_named_in_one_message_or_skipped_and_counted(folder, capfd):
    Image.new("L", (4, 4), 33).save(folder.parent / "elsewhere.png")
    save(folder.parent / "others", count=3, first=40)
    reasons = spoil(folder)
    said = refusal(folder)
    assert f"can't use {len(reasons)} of {len(reasons) + 16} files: " in said and "skip_unusable=True" in said
    for name, reason in reasons.items():
        assert re.search(rf"'a/{re.escape(name)}' \({reason}[^;]*\)", said), (name, said)
    assert "0x" not in said  # no address of an object
    loaded = load_image_folder(folder, 4, channels=1, skip_unusable=True)
    printed, stderr = capfd.readouterr()
    assert printed == "skipped" + said.split("can't use")[1].rsplit(". Remove", 1)[0] + "\n" and stderr == ""
    assert greys(loaded) == ALL


def test_a_message_names_twenty_files_and_counts_all(folder):
    for i in range(20):
        (folder / "a" / f"empty{i}").touch()
    assert "…" not in refusal(folder)
    (folder / "a" / "more").touch()
    said = refusal(folder)
    assert "can't use 21 of 37 files" in said and said.count("(empty)") == 20 and "; …. Remove" in said


def test_a_file_without_permission_is_named(folder, monkeypatch):
    def read_bytes(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module.Path, "read_bytes", read_bytes)
    assert "'a/000.png' ([Errno 13] Permission denied)" in refusal(folder)


@pytest.mark.parametrize("pixels", [90_000_000, 250_000_000])
def test_a_decompression_bomb_is_refused_before_it_unfolds(folder, pixels, monkeypatch):
    # The limit is lowered rather than the file made large: what is tested is that both the warning
    # (above the limit) and the error (above twice the limit) of Pillow lead to a refusal.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS // 10_000)
    Image.new("1", (100, pixels // 1_000_000)).save(folder / "b" / "bomb.png")
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("the bomb was unfolded"))
    monkeypatch.setattr(module, "progress", lambda files, total, label: [(1, folder / "b" / "bomb.png")])
    assert re.search(r"'b/bomb.png' \(Image size \(\d+ pixels\) exceeds limit of \d+", refusal(folder))


# Folders


def test_hidden_things_and_what_lies_beside_the_classes_are_passed_over_and_folders_inside_are_searched(folder):
    (folder / "b" / ".DS_Store").write_text("x")
    (folder / ".git").mkdir()
    save(folder / "b" / ".ipynb_checkpoints", count=1, first=200)
    (folder / "readme.txt").write_text("about these pictures")
    assert len(load(folder)) == 8
    save(folder / "b" / "day 2" / "camera.png", count=2, first=200)
    folder.rename(folder.parent / ".cache")  # a hidden folder above hides nothing
    assert len(load(folder.parent / ".cache")) == 10


@pytest.mark.parametrize("names", [[], ["a"], ["a", "b", "c"]], ids=str)
def test_other_than_two_classes(tmp_path, names):
    for name in names:
        save(tmp_path / name)
    assert f"{tmp_path} has {len(names)} subfolders ({', '.join(names) or 'none'})" in refusal(tmp_path)


def test_links_are_not_followed_but_mentioned(folder, capfd):
    (folder / "latest").symlink_to(folder / "a")
    assert "can't use 1 of 17 files: 'latest' (a link, not followed)" in refusal(folder)
    assert len(load(folder, skip_unusable=True)) == 8
    assert "'latest' (a link, not followed)" in capfd.readouterr().out
    (folder / "latest").unlink()
    (folder / "b").rename(folder.parent / "b")
    (folder / "b").symlink_to(folder.parent / "b")
    assert "has 1 subfolders (a); expected two" in refusal(folder)


@pytest.mark.parametrize(
    ("parts", "first"),
    [("train val", "train"), ("Train Validation", "Train"), ("TRAINING test", "TRAINING"),
     ("test train valid", "train"), ("cats train val", "train"), ("test val", "test")],
)  # fmt: skip
def test_the_parts_of_a_split_are_not_taken_for_classes(tmp_path, parts, first):
    for number, part in enumerate(parts.split()):
        save(tmp_path / part / "cats", first=20 * number)
        save(tmp_path / part / "dogs", first=20 * number + 10)
    said = refusal(tmp_path)
    assert "look like parts of a data set" in said and f"pass {tmp_path / first} if" in said
    assert len(load(tmp_path / first)) == 8


def test_the_parts_of_a_split_may_be_links_and_one_class_may_be_called_train(folder):
    for name, target in (("train", "a"), ("val", "b")):
        (folder / name).symlink_to(folder / target)
    assert "train, val, which look like parts" in refusal(folder)
    for name in ("train", "val"):
        (folder / name).unlink()
    (folder / "b").rename(folder / "train")
    assert len(load(folder)) == 8


def test_no_folder_and_a_tilde(folder, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder.parent))
    assert len(load("~/photos")) == 8
    assert f"{folder.parent / 'none'} was not found" in refusal("~/none", FileNotFoundError)
    assert "~nobody-of-this-name" in refusal("~nobody-of-this-name/photos", FileNotFoundError)
    assert "is a file" in refusal(folder / "a" / "000.png", FileNotFoundError)


ODD = {
    "image_size": (0, (4, -1), 32.5, (32, 32, 3), (32,), "32", None, True, float("nan"), (8, 8.5), ("8", "8"), []),
    "channels": (4, 0, 2, 3.0, "3", None, True),
    "validation": (0, 1, -1, 1.5, float("nan"), "0.25", None, True),
    "skip_unusable": ("no", None, 1),
}


@pytest.mark.parametrize("name", ODD)
def test_a_bad_argument_is_named_before_any_file_is_read(tmp_path, name):
    for value in ODD[name]:
        assert refusal(tmp_path / "no folder at all", **{name: value}).startswith(f"{name} is {value!r}; expected ")


# The split


@pytest.mark.parametrize(("count", "validation"), [(0, 0.25), (1, 0.25), (2, 0.1)])
def test_an_empty_class_or_too_few_images_for_a_split(folder, count, validation):
    for path in sorted((folder / "b").iterdir())[count:]:
        path.unlink()
    save(folder / "a" / "more", count=40, first=20)
    said = refusal(folder, validation=validation)
    assert f"class 'b' has {count} different images" in said and f"{validation:.0%}" in said


def test_the_split_depends_on_bytes_and_seed_not_on_names(folder):
    first = load_image_folder(folder)
    for path in list(folder.rglob("*.png")):
        path.rename(path.with_name(f"{hash(path.name) % 9999:04}{path.stem}.jpg"))
    for one, two in zip(first, load_image_folder(folder), strict=True):
        np.testing.assert_array_equal(one, two)
    other = [greys(load_image_folder(folder, seed=seed), "x_val") for seed in range(6)]
    assert len({tuple(side) for side in other}) > 2 and {len(side) for side in other} == {4}
    assert len(greys(load_image_folder(folder, validation=0.5), "x_val")) == 8


def test_copies_of_a_file_stay_on_one_side_and_in_both_classes_are_refused(folder):
    for path in list((folder / "b").iterdir()):
        for copy in range(4):
            (folder / "b" / f"{copy}{path.name}").write_bytes(path.read_bytes())
    for seed in range(5):
        loaded = load_image_folder(folder, channels=1, seed=seed)
        assert len(greys(loaded)) == 8 + 40 and loaded.y_val.sum() == 2 * 5
        assert not set(greys(loaded, "x_train")) & set(greys(loaded, "x_val"))
    (folder / "b" / "same.png").write_bytes((folder / "a" / "003.png").read_bytes())
    said = refusal(folder)
    assert all(f"'{name}' (the same bytes are in both classes)" in said for name in ("a/003.png", "b/same.png"))
    assert len(greys(load_image_folder(folder, skip_unusable=True))) == 7 + 40
