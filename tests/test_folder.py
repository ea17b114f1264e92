"""load_image_folder: what it reads, what it refuses, and how it splits."""

import numpy as np
import pytest
from PIL import Image

from helpers.folder import load_image_folder


def save(folder, greys, name="{:03}.png"):
    """Grey PNG files of one value each, in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for grey in greys:
        Image.fromarray(np.full((6, 6), grey, "uint8")).save(folder / name.format(grey))


@pytest.fixture
def folder(tmp_path):
    """Class a with the greys 0 to 7, class b with 100 to 107."""
    save(tmp_path / "photos" / "a", range(8))
    save(tmp_path / "photos" / "b", range(100, 108))
    return tmp_path / "photos"


def greys(images):
    return set(np.round(255 * images[:, 0, 0, 0]).astype(int).tolist())


def test_shapes_types_labels_and_a_quarter_for_validation(folder):
    data = load_image_folder(folder, size=5, channels=1)
    for images, labels, count in ((*data[:2], 12), (*data[2:], 4)):
        assert images.shape == (count, 5, 5, 1)
        assert images.dtype == np.float32 and labels.dtype == np.int64
        np.testing.assert_array_equal(labels, images[:, 0, 0, 0] > 50 / 255)
        assert labels.mean() == 0.5
    assert greys(data.x_train) | greys(data.x_val) == {*range(8), *range(100, 108)}
    assert not greys(data.x_train) & greys(data.x_val)


def test_the_split_is_the_same_again_and_depends_on_bytes_not_on_names(folder, tmp_path):
    first = load_image_folder(folder, size=5, channels=1)
    save(tmp_path / "renamed" / "a", range(8), "z{}.png")
    save(tmp_path / "renamed" / "b", range(100, 108), "y{}.png")
    again = load_image_folder(tmp_path / "renamed", size=5, channels=1)
    assert greys(again.x_val) == greys(first.x_val)


def test_a_group_stays_on_one_side(folder):
    data = load_image_folder(
        folder, size=5, channels=1, group=lambda path: (path.parts[0], int(path.stem) // 2)
    )
    pairs = {grey // 2 for grey in greys(data.x_train)}
    assert not pairs & {grey // 2 for grey in greys(data.x_val)}


def test_photographs_are_turned_as_exif_says_and_transparent_parts_are_white(folder):
    picture = Image.new("RGB", (20, 20), "white")
    picture.paste("black", (0, 0, 20, 10))  # the upper half, which lies on the right after a turn
    exif = Image.Exif()
    exif[274] = 6
    picture.save(folder / "b" / "200.png", exif=exif)
    Image.new("RGBA", (6, 6), (0, 0, 0, 0)).save(folder / "b" / "201.png")
    data = load_image_folder(folder, size=4)
    images = np.concatenate([data.x_train, data.x_val])
    turned = images[images.std(axis=(1, 2, 3)) > 0.2]
    assert len(turned) == 1 and turned[0, :, -1].mean() < 0.2 < turned[0, :, 0].mean()
    assert (images.min(axis=(1, 2, 3)) == 1).sum() == 1


def test_what_cannot_be_used_is_named(folder, tmp_path):
    (folder / "a" / "broken.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"broken\.png"):
        load_image_folder(folder)
    (folder / "a" / "broken.png").unlink()
    save(folder / "b", [3])
    with pytest.raises(ValueError, match=r"003\.png"):
        load_image_folder(folder)
    with pytest.raises(FileNotFoundError):
        load_image_folder(tmp_path / "nothing")
    save(tmp_path / "one" / "a", range(8))
    with pytest.raises(ValueError, match="two"):
        load_image_folder(tmp_path / "one")
    with pytest.raises(ValueError, match="channels is 2"):
        load_image_folder(folder, channels=2)
