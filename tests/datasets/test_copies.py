"""Copies are told by the pixels that are kept and the upright size of the picture (docs/decisions/0011)."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.conftest import Load, picture

SIZE = (40, 30)


def shown(folder: Path) -> Image.Image:
    """Write a colour picture into a class of its own folder and return it."""
    with Image.open(picture(folder / "cats" / "1.png", 7, SIZE, "RGB")) as image:
        return image.copy()


@pytest.mark.parametrize("name", ["2.bmp", "2.tif", "2.gif", "2 smaller file.png"])
def test_the_same_picture_in_another_format_is_a_copy(tmp_path: Path, load: Load, name: str) -> None:
    grey = name.endswith("gif")  # a palette of 256 holds every grey, not every colour
    image = shown(tmp_path).convert("L") if grey else shown(tmp_path)
    image.save(tmp_path / "cats" / "1.png")
    image.save(tmp_path / "cats" / name)
    picture(tmp_path / "dogs" / "1.png", 8, SIZE, "RGB")
    imported, samples = load("image_folder", tmp_path)
    assert (imported.count, imported.duplicates) == (2, 1)
    assert list(samples.names) == ["cats/1.png", "dogs/1.png"]


def test_a_grey_picture_saved_in_colours_is_a_copy_of_the_grey_one(tmp_path: Path, load: Load) -> None:
    with Image.open(picture(tmp_path / "cats" / "1.png", 7, SIZE)) as image:
        image.convert("RGB").save(tmp_path / "cats" / "2.png")
    picture(tmp_path / "dogs" / "1.png", 8, SIZE, "RGB")
    imported, _ = load("image_folder", tmp_path)
    assert (imported.count, imported.duplicates) == (2, 1)


def test_pictures_that_look_alike_once_scaled_but_had_another_size_are_both_kept(
    tmp_path: Path, load: Load
) -> None:
    for number, side in enumerate((16, 32, 32)):
        path = tmp_path / "cats" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (side, side), 90).save(path)
    picture(tmp_path / "dogs" / "1.png", 8, SIZE)
    imported, samples = load("image_folder", tmp_path, picture_size=8)
    assert list(samples.names) == ["cats/0.png", "cats/1.png", "dogs/1.png"]
    assert np.array_equal(samples.x[0], samples.x[1])
    assert imported.duplicates == 1


def test_what_is_cropped_away_makes_no_difference_and_one_kept_pixel_does(tmp_path: Path, load: Load) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (20, 60), np.uint8)
    border, centre = pixels.copy(), pixels.copy()
    border[:, :8] ^= 255
    centre[10, 30] ^= 255
    (tmp_path / "cats").mkdir()
    for name, values in (("1", pixels), ("2 border", border), ("3 centre", centre)):
        Image.fromarray(values).save(tmp_path / "cats" / f"{name}.png")
    picture(tmp_path / "dogs" / "1.png", 8, SIZE)
    imported, samples = load("image_folder", tmp_path, picture_size=20)
    assert list(samples.names) == ["cats/1.png", "cats/3 centre.png", "dogs/1.png"]
    assert imported.duplicates == 1


def test_a_picture_that_lies_and_says_so_is_a_copy_of_the_one_that_stands(tmp_path: Path, load: Load) -> None:
    upright = shown(tmp_path)
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned clockwise by a quarter before it is shown
    lying.save(tmp_path / "cats" / "2.png", exif=turned)
    lying.save(tmp_path / "cats" / "3.png")
    picture(tmp_path / "dogs" / "1.png", 8, SIZE, "RGB")
    imported, samples = load("image_folder", tmp_path, picture_size=16)
    assert list(samples.names) == ["cats/1.png", "cats/3.png", "dogs/1.png"]
    assert imported.duplicates == 1


def test_copies_far_from_each_other_are_told_and_the_rest_is_the_same_dataset(
    tmp_path: Path, load: Load
) -> None:
    for number in range(200):
        picture(tmp_path / "cats" / f"{number}.png", number)
    picture(tmp_path / "dogs" / "1.png", 1000)
    alone, _ = load("image_folder", tmp_path)
    for number in (0, 50, 199):
        content = (tmp_path / "cats" / f"{number}.png").read_bytes()
        (tmp_path / "cats" / f"{300 + number}.png").write_bytes(content)
        (tmp_path / "cats" / f"{600 + number}.png").write_bytes(content)
    imported, samples = load("image_folder", tmp_path)
    assert (imported.count, imported.duplicates) == (201, 6)
    assert list(samples.names[:200]) == [f"cats/{number}.png" for number in range(200)]
    assert imported.sha256 == alone.sha256, "it is the same, whatever was left out on the way"
