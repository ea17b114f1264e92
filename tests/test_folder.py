"""load_image_folder: what it reads, what it refuses, and how it splits."""

import os
import re
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

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
    """All pictures of class b (class 0 is there for company)."""
    loaded = load_image_folder(path, **settings)
    pictures = np.concatenate([loaded.x_train, loaded.x_val])
    return pictures[np.concatenate([loaded.y_train, loaded.y_val]) == 1]


def load_one(folder, **settings):
    """The picture of the one file whose mean differs from the greys that are there anyway."""
    pictures = load(folder, **settings)
    means = 255 * pictures.mean((1, 2, 3))
    (place,) = np.flatnonzero(np.abs(means - np.clip(np.round(means), 100, 107)) > 0.01)
    return pictures[place]


def refusal(path, error=ValueError, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning would be red in a notebook
        with pytest.raises(error) as caught:
            load_image_folder(path, **settings)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_shapes_types_ranges_and_labels_in_the_order_of_the_names(folder):
    loaded = load_image_folder(folder, 5, channels=1)
    assert loaded.x_train.shape == (12, 5, 5, 1)
    assert loaded.x_val.shape == (4, 5, 5, 1)
    for images, labels in ((loaded.x_train, loaded.y_train), (loaded.x_val, loaded.y_val)):
        assert (images.dtype, labels.dtype) == (np.float32, np.int64)
        np.testing.assert_array_equal(labels, images[:, 0, 0, 0] > 50 / 255)
        assert labels.mean() == 0.5
    greys = np.concatenate([loaded.x_train, loaded.x_val])[:, 0, 0, 0] * 255
    np.testing.assert_allclose(np.sort(greys), [*range(8), *range(100, 108)], atol=1e-4)
    assert load_image_folder(folder).x_train.shape == (12, 32, 32, 3)
    assert load_image_folder(folder, (4, 7)).x_val.shape == (4, 4, 7, 3)


LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "TIFF": {}, "BMP": {}, "GIF": {}}


@pytest.mark.parametrize("kind", [*LOSSLESS, "JPEG"])
@pytest.mark.parametrize("channels", [1, 3])
def test_formats(folder, kind, channels):
    Image.fromarray(GREY).save(folder / "b" / "picture.dat", kind, **LOSSLESS.get(kind, {"quality": 100}))
    found = load_one(folder, image_size=GREY.shape, channels=channels)
    assert found.shape == (24, 36, channels)
    expected = np.repeat(GREY[..., None] / 255, channels, axis=2)
    np.testing.assert_allclose(found, expected, atol=1e-6 if kind in LOSSLESS else 0.01)


def colour_picture(mode):
    image = Image.new("RGB", (40, 30), COLOUR)
    image.paste((0, 0, 0), (0, 0, 20, 30))
    return image.quantize(4) if mode == "P" else image.convert(mode)  # convert has a palette of its own


@pytest.mark.parametrize(
    ("mode", "kind", "tolerance"),
    [("RGB", "PNG", 1e-6), ("P", "PNG", 0.02), ("P", "GIF", 0.02), ("CMYK", "TIFF", 0.01),
     ("CMYK", "JPEG", 0.03), ("YCbCr", "JPEG", 0.03), ("RGB", "WEBP", 0.05), ("RGBA", "PNG", 1e-6)],
)  # fmt: skip
def test_colours_palettes_and_cmyk(folder, mode, kind, tolerance):
    colour_picture(mode).save(folder / "b" / "picture", kind)
    found = load_one(folder, image_size=(30, 40))
    np.testing.assert_allclose(found[15, 10], 0, atol=tolerance)
    np.testing.assert_allclose(found[15, 30], np.array(COLOUR) / 255, atol=tolerance)
    grey = load_one(folder, image_size=(30, 40), channels=1)[15, 30, 0]
    assert grey == pytest.approx(np.dot(COLOUR, (0.299, 0.587, 0.114)) / 255, abs=tolerance + 0.01)


def test_black_and_white(folder):
    Image.fromarray(GREY > 80).save(folder / "b" / "mask.png")
    np.testing.assert_array_equal(load_one(folder, image_size=GREY.shape, channels=1)[..., 0], GREY > 80)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_keep_their_grey_values(folder, kind, channels):
    deep = np.linspace(0, 65535, 24 * 36).reshape(24, 36).astype("uint16")
    Image.fromarray(deep).save(folder / "b" / f"deep.{kind.lower()}")
    found = load_one(folder, image_size=(24, 36), channels=channels)
    np.testing.assert_allclose(found, np.repeat(deep[..., None] / 65535, channels, axis=2), atol=1e-6)


def test_sixteen_bits_in_thirty_two(folder):
    deep = np.linspace(0, 65535, 24 * 36).reshape(24, 36).astype("int32")
    Image.fromarray(deep).save(folder / "b" / "deep.tif")
    found = load_one(folder, image_size=(24, 36), channels=1)
    np.testing.assert_allclose(found[..., 0], deep / 65535, atol=1e-6)


def transparent(mode):
    """Left half see-through over hidden black, right half COLOUR (or grey 90)."""
    if mode in ("LA", "RGBA"):
        opaque = (*COLOUR, 255) if mode == "RGBA" else (90, 255)
        image = Image.new(mode, (40, 30), (0,) * len(opaque))
        image.paste(opaque, (20, 0, 40, 30))
        return image, {}
    image = Image.new(mode, (40, 30), 0)
    image.paste(1 if mode == "P" else 90, (20, 0, 40, 30))
    if mode == "P":
        image.putpalette([0, 0, 0, *COLOUR])
    return image, {"transparency": 0}


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("L", "PNG"), ("P", "GIF"), ("RGBA", "WEBP"),
     ("RGBA", "TIFF")],
)  # fmt: skip
def test_transparent_parts_are_white_not_what_hides_beneath(folder, mode, kind):
    image, options = transparent(mode)
    image.save(folder / "b" / "ghost", kind, **options)
    found = load_one(folder, image_size=(30, 40))
    np.testing.assert_allclose(found[15, 5], 1, atol=0.03)
    expected = np.array(COLOUR if mode in ("RGBA", "P") else [90] * 3) / 255
    np.testing.assert_allclose(found[15, 35], expected, atol=0.05)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_exif_says(folder, kind, orientation):
    image = Image.fromarray(GREY)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}.get(kind, {})
    image.save(folder / "b" / "turned", kind, exif=exif.tobytes(), **options)
    turns = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
             6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}  # fmt: skip
    if orientation > 1:
        image = image.transpose(Image.Transpose[turns[orientation]])
    found = load_one(folder, image_size=image.size[::-1], channels=1)
    np.testing.assert_allclose(found[..., 0], np.asarray(image) / 255, atol=0.02)


def test_a_damaged_exif_block_is_no_reason_to_warn(folder):
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00"  # says that an entry follows, and ends
    Image.fromarray(GREY).save(folder / "b" / "odd.jpg", quality=100, exif=exif)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_one(folder, image_size=GREY.shape).shape == (24, 36, 3)


def test_a_phone_jpeg_of_two_frames_gives_the_first(folder):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(folder / "b" / "phone.jpg", "MPO", save_all=True, append_images=frames[1:], quality=100)
    found = load_one(folder, image_size=GREY.shape, channels=1)
    np.testing.assert_allclose(found[..., 0], GREY / 255, atol=0.02)


def test_very_large_pictures_are_averaged_and_very_small_ones_enlarged(folder):
    stripes = np.zeros((6000, 9000), "uint8")
    stripes[::2] = 201  # a plain subsample would be all 0 or all 201
    Image.fromarray(stripes).save(folder / "b" / "large.png")
    np.testing.assert_allclose(load_one(folder, image_size=16, channels=1), 100.5 / 255, atol=0.01)
    (folder / "b" / "large.png").unlink()
    Image.fromarray(np.array([[0, 255]], "uint8")).save(folder / "b" / "small.png")
    small = load_one(folder, image_size=(3, 40), channels=1)
    assert (small[:, 0] == 0).all()
    assert (small[:, -1] == 1).all()


def damaged(path, kind, keep=0.6, **options):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype("uint8")
    Image.fromarray(noise).save(path, kind, **options)
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])


def spoil(folder):
    """One of each kind of unusable file in class a, with what is said of it."""
    place = folder / "a"
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"):
        damaged(place / f"cut.{kind.lower()}", kind)
    damaged(place / "headless.jpg", "JPEG", keep=0.001)
    flipped = bytearray((place / "000.png").read_bytes())
    flipped[-16] ^= 255  # inside the last data chunk or its checksum
    (place / "flipped.png").write_bytes(flipped)
    (place / "empty.png").write_bytes(b"")
    (place / "notes.txt").write_text("not an image")
    (place / "fake.jpg").write_bytes(b"\xff\xd8\xff" + bytes(500))
    (place / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    Image.new("L", (4, 4)).save(place / "print.eps")
    Image.fromarray(np.ones((4, 4), "float32")).save(place / "float.tif")
    Image.fromarray(np.full((4, 4), 70_000, "int32")).save(place / "deep.tif")
    (place / "link.png").symlink_to(folder.parent / "elsewhere.png")
    (place / "gone.png").symlink_to(folder.parent / "nowhere.png")
    (place / "linked").symlink_to(folder.parent / "others")
    os.mkfifo(place / "pipe.png")
    none = "not one of JPEG, PNG, WEBP, TIFF, BMP, GIF, or damaged"
    damage = ".{8,}"  # Pillow's words, which differ from version to version
    return {
        "cut.jpeg": damage, "cut.png": damage, "cut.webp": damage, "cut.tiff": damage, "cut.gif": damage,
        "cut.bmp": damage, "flipped.png": damage, "headless.jpg": none, "empty.png": "empty",
        "notes.txt": none, "fake.jpg": none, "drawing.svg": none, "print.eps": none,
        "float.tif": "floating-point", "deep.tif": "more than 16 bits", "link.png": "a link, not followed",
        "gone.png": "a link, not followed", "linked": "a link, not followed", "pipe.png": "not a file",
    }  # fmt: skip


def test_unusable_files_are_named_in_one_message_or_skipped_and_counted(folder, capfd):
    Image.new("L", (4, 4), 33).save(folder.parent / "elsewhere.png")
    save(folder.parent / "others", count=3, first=40)
    reasons = spoil(folder)
    message = refusal(folder)
    assert f": can't use {len(reasons)} of {len(reasons) + 16} files: " in message
    assert message.endswith(". Remove them, or pass skip_unusable=True.")
    for name, reason in reasons.items():
        assert re.search(rf"'a/{re.escape(name)}' \({reason}[^;]*\)", message), (name, message)
    assert "0x" not in message  # no address of an object
    loaded = load_image_folder(folder, 4, channels=1, skip_unusable=True)
    printed, stderr = capfd.readouterr()
    assert printed == "skipped" + message.split("can't use")[1].rsplit(". Remove", 1)[0] + "\n"
    assert stderr == ""
    greys = np.sort(255 * np.concatenate([loaded.x_train, loaded.x_val])[:, 0, 0, 0])
    np.testing.assert_allclose(greys, [*range(8), *range(100, 108)], atol=1e-4)


def test_a_message_names_twenty_files_and_counts_all(folder):
    for i in range(30):
        (folder / "a" / f"empty{i}").touch()
    message = refusal(folder)
    assert "can't use 30 of 46 files" in message
    assert message.count("(empty)") == 20
    assert "; …. Remove" in message


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
    message = refusal(folder)
    assert re.search(r"can't use 1 of 17 files: 'b/bomb.png' \(Image size \(\d+ pixels\) exceeds limit of \d+", message)


def test_hidden_files_folders_and_what_lies_beside_the_classes_are_passed_over(folder):
    (folder / "b" / ".DS_Store").write_text("x")
    (folder / ".git").mkdir()
    save(folder / "b" / ".ipynb_checkpoints", count=1, first=200)
    (folder / "readme.txt").write_text("about these pictures")
    assert len(load(folder)) == 8


def test_folders_inside_a_class_are_searched(folder):
    save(folder / "b" / "day 2" / "camera.png", count=2, first=200)
    assert len(load(folder)) == 10


def test_a_hidden_folder_above_does_not_hide_the_images(folder):
    folder.rename(folder.parent / ".cache")
    assert len(load(folder.parent / ".cache")) == 8


@pytest.mark.parametrize(("names", "found"), [([], "0 subfolders (none)"), (["a"], "1 subfolders (a)"),
                                              (["a", "b", "c"], "3 subfolders (a, b, c)")])  # fmt: skip
def test_other_than_two_classes(tmp_path, names, found):
    for name in names:
        save(tmp_path / name)
    assert refusal(tmp_path) == f"{tmp_path} has {found}; expected two, one for each class (links are not followed)."


def test_a_class_behind_a_link_is_no_class(folder):
    (folder / "b").rename(folder.parent / "b")
    (folder / "b").symlink_to(folder.parent / "b")
    assert "has 1 subfolders (a); expected two" in refusal(folder)


def test_a_link_beside_the_classes_is_mentioned(folder, capfd):
    (folder / "latest").symlink_to(folder / "a")
    message = refusal(folder)
    assert "can't use 1 of 17 files: 'latest' (a link, not followed)" in message
    assert len(load(folder, skip_unusable=True)) == 8
    assert "'latest' (a link, not followed)" in capfd.readouterr().out


@pytest.mark.parametrize(
    "parts",
    [("train", "val"), ("Train", "Validation"), ("TRAINING", "test"), ("test", "train", "valid"),
     ("cats", "train", "val"), ("test", "val")],
)  # fmt: skip
def test_the_parts_of_a_split_are_not_taken_for_classes(tmp_path, parts):
    for number, part in enumerate(parts):
        save(tmp_path / part / "cats", first=20 * number)
        save(tmp_path / part / "dogs", first=20 * number + 10)
    found = sorted(part for part in parts if part != "cats")
    first = next((part for part in found if part.lower().startswith("train")), found[0])
    assert refusal(tmp_path) == (
        f"{tmp_path} has the subfolders {', '.join(found)}, which look like parts of a data set; expected "
        f"two classes: pass {tmp_path / first} if it has a folder for each (validation images are taken "
        "from it)."
    )
    assert len(load(tmp_path / first)) == 8


def test_the_parts_of_a_split_may_be_links(folder):
    (folder / "train").symlink_to(folder / "a")
    (folder / "val").symlink_to(folder / "b")
    assert "has the subfolders train, val, which look like parts" in refusal(folder)


def test_one_class_may_be_called_train(folder):
    (folder / "b").rename(folder / "train")
    assert len(load(folder)) == 8


@pytest.mark.parametrize(("there", "found"), [(False, "was not found"), (True, "is a file")])
def test_no_folder(tmp_path, there, found):
    path = tmp_path / "photos"
    if there:
        path.touch()
    message = f"{path} {found}, expected a folder with two subfolders of images."
    assert refusal(path, FileNotFoundError) == message


def test_a_tilde_is_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    assert len(load("~/photos")) == 8
    assert refusal("~/none", FileNotFoundError).startswith(f"{folder.parent / 'none'} was not found")
    assert refusal("~nobody-of-this-name/photos", FileNotFoundError).startswith("~nobody-of-this-name")


@pytest.mark.parametrize(("count", "validation"), [(0, 0.25), (1, 0.25), (2, 0.1)])
def test_an_empty_class_or_too_few_images_for_a_split(folder, count, validation):
    for path in sorted((folder / "b").iterdir())[count:]:
        path.unlink()
    save(folder / "a" / "more", count=40, first=20)
    assert refusal(folder, validation=validation) == (
        f"class 'b' has {count} different images; with {validation:.0%} for validation, "
        "expected enough for at least one on either side."
    )


SIZES = "a whole number of pixels, 1 or more, or a pair (height, width)"
SHARES = "a number between 0 and 1, both excluded"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("image_size", value, SIZES) for value in
     (0, (4, -1), 32.5, (32, 32, 3), (32,), "32", None, True, float("nan"), (8, 8.5), ("8", "8"), [])]
    + [("channels", value, "1 (grey) or 3 (colour)") for value in (4, 0, 2, 3.0, "3", None, True)]
    + [("validation", value, SHARES) for value in (0, 1, -1, 1.5, float("nan"), "0.25", None, True)]
    + [("seed", value, "a whole number") for value in (None, "x", 0.5)]
    + [("skip_unusable", value, "True or False") for value in ("no", None, 1)],
)  # fmt: skip
def test_a_bad_argument_is_named_before_any_file_is_read(tmp_path, name, value, expected):
    message = refusal(tmp_path / "no folder at all", **{name: value})
    assert message == f"{name} is {value!r}; expected {expected}."


@pytest.mark.parametrize("image_size", [np.int64(5), np.array([5, 7]), [5, 7]])
def test_sizes_of_numpy_are_sizes(folder, image_size):
    loaded = load_image_folder(folder, image_size, validation=np.float32(0.5))
    assert loaded.x_val.shape == (8, *np.broadcast_to(image_size, 2), 3)


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_pictures_of_a_phone_are_to_be_converted(folder, brand):
    (folder / "a" / "phone.jpg").write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(500))
    assert "GIF, or damaged: convert HEIC or AVIF to JPEG first)" in refusal(folder)


def side_of(loaded):
    """The grey of every validation picture."""
    return sorted(np.round(255 * loaded.x_val[:, 0, 0, 0]).astype(int).tolist())


def test_the_split_depends_on_bytes_and_seed_not_on_names(folder):
    first = load_image_folder(folder)
    for path in list(folder.rglob("*.png")):
        path.rename(path.with_name(f"{hash(path.name) % 9999:04}{path.stem}.jpg"))
    second = load_image_folder(folder)
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)
    other = [side_of(load_image_folder(folder, seed=seed)) for seed in range(6)]
    assert len({tuple(side) for side in other}) > 2
    assert {len(side) for side in other} == {4}
    assert len(side_of(load_image_folder(folder, validation=0.5))) == 8


def test_copies_of_a_file_stay_on_one_side(folder):
    for path in list((folder / "b").iterdir()):
        for copy in range(4):
            (folder / "b" / f"{copy}{path.name}").write_bytes(path.read_bytes())
    for seed in range(5):
        loaded = load_image_folder(folder, channels=1, seed=seed)
        assert len(loaded.x_train) + len(loaded.x_val) == 8 + 40
        greys = [set(part[:, 0, 0, 0].tolist()) for part in (loaded.x_train, loaded.x_val)]
        assert not greys[0] & greys[1]
        assert loaded.y_val.sum() == 2 * 5


def test_one_file_in_both_classes_is_named_twice(folder):
    (folder / "b" / "same.png").write_bytes((folder / "a" / "003.png").read_bytes())
    message = refusal(folder)
    for name in ("a/003.png", "b/same.png"):
        assert f"'{name}' (the same bytes are in both classes)" in message
    loaded = load_image_folder(folder, skip_unusable=True)
    assert len(loaded.x_train) + len(loaded.x_val) == 15


def test_the_notebook_way_in_pillow_gives_the_same(folder):
    """Against another route: Pillow's own fit of the opened file, upright already."""
    Image.fromarray(GREY).save(folder / "b" / "picture.png")
    expected = ImageOps.fit(Image.fromarray(GREY), (18, 12), Image.Resampling.BILINEAR)
    found = load_one(folder, image_size=(12, 18), channels=1)
    np.testing.assert_allclose(found[..., 0], np.asarray(expected) / 255, atol=1e-6)
