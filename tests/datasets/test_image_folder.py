import os
import random
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.conftest import Load, codes, enormous_png, picture, reasons
from workbench.core.configs import ImportConfig
from workbench.core.errors import DataError
from workbench.core.states import Severity, Task
from workbench.datasets.base import kinds

unix = pytest.mark.skipif(os.name == "nt", reason="needs the right to make links")


def test_a_folder_of_grey_pictures_becomes_one_array_with_labels(good_folder: Path, load: Load) -> None:
    imported, samples = load("image_folder", good_folder)
    assert imported.schema.task is Task.CLASSIFICATION
    assert imported.schema.classes == ("cats", "dogs")
    assert imported.schema.input_shape == (1, 6, 8)
    assert imported.class_counts == (12, 12)
    assert (imported.count, imported.found, imported.duplicates) == (24, 24, 0)
    assert samples.x.dtype == np.uint8
    assert samples.y.dtype == np.int64
    for index, name in enumerate(samples.names):
        original = np.asarray(Image.open(good_folder / name))
        assert np.array_equal(samples.x[index, 0], original)
        assert imported.schema.classes[samples.y[index]] == name.split("/")[0]


def test_samples_come_in_natural_order_whatever_the_disk_lists_first(good_folder: Path, load: Load) -> None:
    _, samples = load("image_folder", good_folder)
    assert list(samples.names[:12]) == [f"cats/{number}.png" for number in range(12)]
    assert samples.names[-1] == "dogs/11.png"


def test_the_same_content_is_recognised_and_one_pixel_makes_the_difference(
    good_folder: Path, load: Load
) -> None:
    first, _ = load("image_folder", good_folder)
    again, _ = load("image_folder", good_folder)
    assert first.sha256 == again.sha256
    pixels = np.asarray(Image.open(good_folder / "cats" / "3.png")).copy()
    pixels[0, 0] ^= 1
    Image.fromarray(pixels).save(good_folder / "cats" / "3.png")
    assert load("image_folder", good_folder)[0].sha256 != first.sha256


def test_no_file_that_is_no_picture_stops_the_import_or_is_dropped_in_silence(
    good_folder: Path, load: Load
) -> None:
    cats = good_folder / "cats"
    whole = picture(good_folder.parent / "whole.jpg", 7, (64, 64), "RGB").read_bytes()
    png = (cats / "1.png").read_bytes()
    (cats / "empty.png").write_bytes(b"")
    (cats / "text.png").write_text("I am a picture, believe me")
    (cats / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (cats / "cut.png").write_bytes(png[: len(png) - 12])
    (cats / "head.png").write_bytes(png[:30])
    (cats / "notes.txt").write_text("remember")
    enormous_png(cats / "enormous.png", 50_000)
    enormous_png(cats / "large.png", 11_000)
    imported, _ = load("image_folder", good_folder)
    why = reasons(imported)
    assert imported.count == 24
    assert set(why) == {
        f"cats/{name}"
        for name in (
            "empty.png",
            "text.png",
            "cut.jpg",
            "cut.png",
            "head.png",
            "notes.txt",
            "enormous.png",
            "large.png",
        )
    }
    assert "empty" in why["cats/empty.png"]
    assert "not a picture" in why["cats/text.png"]
    assert "damaged or cut off" in why["cats/cut.jpg"]
    assert "damaged or cut off" in why["cats/cut.png"]
    assert "2,500 megapixels" in why["cats/enormous.png"]
    assert "121 megapixels" in why["cats/large.png"]
    assert "skipped" in codes(imported)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".bmp", ".tif", ".webp"])
def test_a_file_cut_anywhere_is_skipped_or_whole_and_never_half(
    suffix: str, good_folder: Path, load: Load
) -> None:
    whole = picture(good_folder.parent / f"whole{suffix}", 7, (40, 40), "RGB").read_bytes()
    for share in range(5, 95, 10):
        (good_folder / "dogs" / f"cut{share}{suffix}").write_bytes(whole[: len(whole) * share // 100])
    imported, _ = load("image_folder", good_folder)
    assert imported.count == 24
    assert len(imported.skipped) == 9


def test_the_content_says_what_a_file_is_not_its_name(good_folder: Path, load: Load) -> None:
    pixels = Image.open(good_folder / "cats" / "0.png")
    for name, kind in (
        ("a.jpg", "PNG"),
        ("b.png", "BMP"),
        ("c.txt", "GIF"),
        ("d", "TIFF"),
        ("e.png", "WEBP"),
    ):
        target = good_folder / "birds" / name
        target.parent.mkdir(exist_ok=True)
        changed = np.asarray(pixels).copy()
        changed[0, 0] = len(name) * 10 + ord(name[0])
        Image.fromarray(changed).save(target, format=kind, **({"lossless": True} if kind == "WEBP" else {}))
    imported, samples = load("image_folder", good_folder)
    assert imported.class_counts[0] == 5
    assert not imported.skipped
    assert np.array_equal(samples.x[0, 0, 1:], np.asarray(pixels)[1:])


def test_every_mode_is_read_as_a_person_would_see_it(tmp_path: Path, load: Load) -> None:
    folder = tmp_path / "modes" / "all"
    folder.mkdir(parents=True)
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(folder / "0 clear.png")
    Image.new("RGB", (8, 8), (0, 128, 0)).convert("P").save(folder / "1 palette.png")
    Image.fromarray(np.full((8, 8), 257 * 100, np.uint16)).save(folder / "2 deep.png")
    Image.fromarray(np.full((8, 8), 257 * 101, np.uint16)).save(folder / "3 deep.tif")
    Image.new("LA", (8, 8), (0, 128)).save(folder / "4 half.png")
    Image.new("1", (8, 8), 0).save(folder / "5 black.png")
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(folder / "6 print.tif")
    Image.fromarray(np.full((8, 8), 0.5, np.float32)).save(folder / "7 share.tif")
    frames = [Image.new("RGB", (8, 8), (0, 0, value)) for value in (255, 10)]
    frames[0].save(folder / "8 moving.gif", save_all=True, append_images=frames[1:])
    imported, samples = load("image_folder", tmp_path / "modes")
    assert not imported.skipped
    middle = samples.x[:, :, 4, 4].tolist()
    assert middle[0] == [255, 255, 255]
    assert middle[1] == pytest.approx([0, 128, 0], abs=30)
    assert middle[2] == [100, 100, 100]
    assert middle[3] == [101, 101, 101]
    assert middle[4] == pytest.approx([127, 127, 127], abs=1)
    assert middle[5] == [0, 0, 0]
    assert middle[6] == [255, 0, 0]
    assert middle[7] == pytest.approx([128, 128, 128], abs=1)
    assert middle[8] == [0, 0, 255]


def test_a_turned_photograph_stands_upright(tmp_path: Path, load: Load) -> None:
    upright = np.zeros((8, 8), np.uint8)
    upright[0] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    target = tmp_path / "photos" / "class" / "turned.png"
    target.parent.mkdir(parents=True)
    Image.fromarray(np.rot90(upright)).save(target, exif=exif)
    _, samples = load("image_folder", tmp_path / "photos")
    assert np.array_equal(samples.x[0, 0], upright)


def test_one_colour_picture_at_the_very_end_makes_all_of_them_colour(tmp_path: Path, load: Load) -> None:
    for number in range(200):
        picture(tmp_path / "p" / "grey" / f"{number}.png", number)
    picture(tmp_path / "p" / "last" / "z.png", 999, mode="RGB")
    imported, samples = load("image_folder", tmp_path / "p")
    assert imported.schema.input_shape == (3, 6, 8)
    assert np.array_equal(samples.x[0, 0], samples.x[0, 2])
    assert not np.array_equal(samples.x[-1, 0], samples.x[-1, 2])


def test_pictures_of_several_sizes_are_scaled_to_their_median_square(tmp_path: Path, load: Load) -> None:
    for number in range(200):
        picture(tmp_path / "p" / "a" / f"{number}.png", number, (20, 20))
    picture(tmp_path / "p" / "b" / "odd one.png", 999, (50, 30))
    imported, samples = load("image_folder", tmp_path / "p")
    assert imported.schema.input_shape == (1, 20, 20)
    assert imported.details["scaled"] == 1
    assert "scaled" in codes(imported)
    assert samples.x.shape == (201, 1, 20, 20)


def test_large_photographs_are_capped_and_a_chosen_size_is_obeyed(tmp_path: Path, load: Load) -> None:
    for number in range(3):
        picture(tmp_path / "p" / "a" / f"{number}.jpg", number, (900, 700), "RGB")
    assert load("image_folder", tmp_path / "p")[0].schema.input_shape == (3, 224, 224)
    imported, samples = load("image_folder", tmp_path / "p", picture_size=32)
    assert imported.schema.input_shape == (3, 32, 32)
    assert 100 < samples.x.mean() < 155


def test_copies_in_a_class_come_in_once_and_across_classes_are_told(good_folder: Path, load: Load) -> None:
    shutil.copy(good_folder / "cats" / "0.png", good_folder / "cats" / "copy.png")
    Image.open(good_folder / "cats" / "1.png").convert("RGB").save(good_folder / "cats" / "same pixels.bmp")
    shutil.copy(good_folder / "cats" / "2.png", good_folder / "dogs" / "cat.png")
    shutil.copy(good_folder / "cats" / "2.png", good_folder / "dogs" / "cat again.png")
    imported, samples = load("image_folder", good_folder)
    assert imported.duplicates == 3
    assert imported.count == 25
    conflict = next(finding for finding in imported.findings if finding.code == "conflicting_labels")
    assert conflict.severity is Severity.DANGER
    assert set(conflict.examples) == {"cats/2.png", "dogs/cat again.png"}
    assert "cats/2.png" in samples.names


def test_names_in_any_script_and_with_any_sign_are_kept(tmp_path: Path, load: Load) -> None:
    names = ["猫/小猫 1.png", "狗/<b>bold<b>.png", "狗/<img src=x>.png", "ß/ü.png"]
    if os.name != "nt":
        names.append("猫/two\nlines.png")
    for seed, name in enumerate(names):
        picture(tmp_path / "p" / name, seed)
    imported, samples = load("image_folder", tmp_path / "p")
    assert set(samples.names) == set(names)
    assert set(imported.schema.classes) == {"猫", "狗", "ß"}


@unix
def test_a_name_that_is_no_unicode_is_imported_and_shown_by_its_codes(good_folder: Path, load: Load) -> None:
    try:
        shutil.copy(good_folder / "cats" / "0.png", os.fsencode(good_folder / "dogs") + b"/\xff\xfe.png")
    except OSError:
        pytest.skip("this disk takes Unicode names only")
    _, samples = load("image_folder", good_folder)
    assert r"dogs/\xff\xfe.png" in samples.names


def test_hidden_files_and_system_junk_are_not_counted(good_folder: Path, load: Load) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", ".hidden.png"):
        (good_folder / "cats" / name).write_bytes(b"junk")
    picture(good_folder / "__MACOSX" / "cats" / "0.png", 5)
    picture(good_folder / ".git" / "0.png", 6)
    imported, _ = load("image_folder", good_folder)
    assert (imported.found, imported.count) == (24, 24)
    assert imported.schema.classes == ("cats", "dogs")


def test_files_beside_the_classes_and_in_folders_inside_them_are_accounted_for(
    good_folder: Path, load: Load
) -> None:
    picture(good_folder / "cats" / "more" / "deep" / "20.png", 500)
    (good_folder / "README.txt").write_text("about")
    (good_folder / "birds").mkdir()
    imported, samples = load("image_folder", good_folder)
    assert "cats/more/deep/20.png" in samples.names
    assert reasons(imported) == {"README.txt": "lies beside the class folders, so it has no class"}
    assert imported.schema.classes == ("cats", "dogs")
    assert "empty_class" in codes(imported)


@unix
def test_links_are_not_followed_out_of_the_folder_nor_in_circles(good_folder: Path, load: Load) -> None:
    secret = picture(good_folder.parent / "secret" / "s.png", 77)
    (good_folder / "cats" / "out.png").symlink_to(secret)
    (good_folder / "cats" / "all").symlink_to(secret.parent)
    (good_folder / "elsewhere").symlink_to(secret.parent)
    (good_folder / "cats" / "circle").symlink_to(good_folder)
    (good_folder / "cats" / "nowhere.png").symlink_to(good_folder / "cats" / "gone.png")
    (good_folder / "cats" / "itself").symlink_to("itself")
    (good_folder / "dogs" / "inside.png").symlink_to(good_folder / "dogs" / "0.png")
    imported, _ = load("image_folder", good_folder)
    why = reasons(imported)
    assert set(why) == {
        "cats/out.png",
        "cats/all",
        "elsewhere",
        "cats/circle",
        "cats/nowhere.png",
        "cats/itself",
    }
    assert "leads out" in why["cats/out.png"]
    assert "leads out" in why["elsewhere"]
    assert "link to a folder" in why["cats/circle"]
    assert "not there" in why["cats/nowhere.png"]
    assert imported.duplicates == 1


@unix
def test_a_pipe_that_calls_itself_a_picture_does_not_hang_the_import(good_folder: Path, load: Load) -> None:
    os.mkfifo(good_folder / "cats" / "pipe.png")
    imported, _ = load("image_folder", good_folder)
    assert "regular file" in reasons(imported)["cats/pipe.png"]


@unix
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(good_folder: Path, load: Load) -> None:
    (good_folder / "cats" / "0.png").chmod(0)
    (good_folder / "dogs").chmod(0)
    try:
        imported, _ = load("image_folder", good_folder)
    finally:
        (good_folder / "dogs").chmod(0o755)
    assert "may not be read" in reasons(imported)["cats/0.png"]
    assert "dogs" in reasons(imported)


def test_sources_that_hold_no_classes_are_refused_in_one_sentence(tmp_path: Path, load: Load) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    flat = picture(tmp_path / "flat" / "a.png", 1).parent
    (tmp_path / "texts" / "class").mkdir(parents=True)
    (tmp_path / "texts" / "class" / "a.txt").write_text("no picture")
    for folder, words in ((empty, "no files"), (flat, "directly in"), (tmp_path / "texts", "No picture")):
        with pytest.raises(DataError, match=words) as error:
            load("image_folder", folder)
        assert "\n" not in str(error.value)
    with pytest.raises(DataError, match="not a folder"):
        load("image_folder", tmp_path / "gone")


def test_one_class_and_a_class_with_one_sample_are_imported_and_told(tmp_path: Path, load: Load) -> None:
    picture(tmp_path / "p" / "only" / "1.png", 1)
    imported, _ = load("image_folder", tmp_path / "p")
    severities = {finding.code: finding.severity for finding in imported.findings}
    assert severities["one_class"] is Severity.DANGER
    assert severities["small_class"] is Severity.WARNING


def test_new_pictures_are_scaled_like_the_old_ones_and_labelled_where_the_folder_says(
    good_folder: Path, load: Load
) -> None:
    imported, samples = load("image_folder", good_folder)
    kind = kinds.build("image_folder")
    again = kind.encode(good_folder, imported.schema, imported.details)
    assert np.array_equal(again.samples.x, samples.x)
    assert np.array_equal(again.samples.y, samples.y)
    other = picture(good_folder.parent / "new" / "colour.jpg", 3, (100, 30), "RGB")
    one = kind.encode(other, imported.schema, imported.details)
    assert one.samples.x.shape == (1, 1, 6, 8)
    assert one.samples.y.tolist() == [-1]
    assert list(one.samples.names) == ["colour.jpg"]


def test_progress_is_told_a_few_times_a_second_and_ends_at_the_total(good_folder: Path, load: Load) -> None:
    calls: list[tuple[float, int, int]] = []
    load(
        "image_folder",
        good_folder,
        progress=lambda done, total, _: calls.append((time.monotonic(), done, total)),
    )
    assert calls[-1][1:] == (24, 24)
    seconds = calls[-1][0] - calls[0][0]
    assert len(calls) <= 4 * seconds + 4


def test_the_preview_counts_without_opening_a_file(good_folder: Path) -> None:
    preview = kinds.build("image_folder").inspect(good_folder, ImportConfig())
    assert (preview.count, preview.classes) == (24, ("cats", "dogs"))


def test_a_damaged_picture_of_any_format_never_stops_the_import(good_folder: Path, load: Load) -> None:
    chance = random.Random(0)
    for suffix in (".png", ".jpg", ".gif", ".bmp", ".tif", ".webp"):
        whole = picture(good_folder.parent / f"whole{suffix}", 7, (40, 40), "RGB").read_bytes()
        for number in range(40):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 8)):
                damaged[chance.randrange(min(len(damaged), 200))] = chance.randrange(256)
            (good_folder / "dogs" / f"damaged {number}{suffix}").write_bytes(damaged)
    imported, _ = load("image_folder", good_folder, picture_size=16)
    assert imported.found == 24 + 240
    assert imported.count >= 24
    assert "made the picture decoder crash" not in set(reasons(imported).values())
