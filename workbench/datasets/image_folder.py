"""Pictures in folders: one sub-folder a class, perhaps within one folder a part of the split."""

import hashlib
import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, FirstSample, Progress, WatchedProgress, no_progress
from workbench.core.errors import DataError
from workbench.core.files import atomic_write
from workbench.core.records import Finding, Imported, Preview, Schema, Skipped
from workbench.core.states import Severity, Task
from workbench.datasets.attributes import MOST_GROUPS, Attribute
from workbench.datasets.base import Encoded, Samples, kinds
from workbench.datasets.columns import Coded
from workbench.datasets.decoder import Order
from workbench.datasets.decoding import Decoded, DecoderPool
from workbench.datasets.file_samples import LABELS, NAMES, FileSamples
from workbench.datasets.health import EXAMPLES, class_findings, plural, skipped_finding, value_findings
from workbench.datasets.listed_files import LabelledFiles
from workbench.datasets.names import write_file_names
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import AS_GIVEN, GIVEN, class_folders, part_of
from workbench.datasets.picture_files import PICTURE_SUFFIXES, PictureFiles, find_pictures, shown
from workbench.datasets.picture_import import (
    FIRST_SIDE,
    ColourFoundError,
    OtherSizeFoundError,
    Pass,
    PictureWriter,
    first_look,
    first_order,
    scaling_order,
)
from workbench.datasets.side_columns import write_columns
from workbench.datasets.targets import new_labels

_LAYOUT = "put the pictures of each class into a sub-folder that is named after the class"
_FIRST = 24
_PICTURES = "pictures.npy"
_BLOCK_BYTES = 1 << 24


@kinds.register("image_folder")
class ImageFolder(FileSamples):
    """One sub-folder a class; PNG, JPEG, WebP, BMP, TIFF and the first frame of GIF.

    Where the sub-folders are `train`, `validation` and `test`, the classes are the folders in them, and the
    split is the one that they give.

    Pictures that all have one size up to 512 pixels keep it. Otherwise each is scaled until it covers a
    square of the median side (224 at most) and cropped around its centre, as torchvision's and timm's
    evaluation transforms and fastai's `Resize` do: shapes keep their proportions and no invented border
    is learnt. The originals are only ever read.
    """

    title = "Picture folder"
    array = _PICTURES

    def sniff(self, source: Path) -> float:
        """Return 0.9 for a folder with a picture in a class folder, 0.3 for any other folder."""
        if not source.is_dir():
            return 0.0
        try:
            for folder in map(Path, class_folders(source)):
                if any(
                    f.suffix.casefold() in PICTURE_SUFFIXES for f in itertools.islice(folder.iterdir(), 50)
                ):
                    return 0.9
        except OSError:
            return 0.3
        return 0.3

    def inspect(self, source: Path, config: ImportConfig, token: CancelToken | None = None) -> Preview:
        """Return classes and number of files, without opening any."""
        files = _found(source, token or CancelToken())
        count = sum(label >= 0 for label in files.labels)
        title = f"{plural(count, 'file', 'files')} in {plural(len(files.classes), 'class', 'classes')}"
        title += f", {AS_GIVEN}" if files.gives_split else ""
        return Preview(self.name, title, count, classes=tuple(files.classes))

    def load(
        self, source: Path, into: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Imported:
        """Decode every picture once into `pictures.npy`, `labels.npy` and `names.arrow`."""
        pace = Pace(progress)
        pace(0, 0, "Looking for pictures")
        with DecoderPool(token) as pool:
            pool.warm_up()
            labelled = self.find_files(source, config, token)
            files, skipped = labelled.files, labelled.files.skipped
            found = len(files.relative) + len(skipped)
            result, order, pixels_sha256 = _decode(pool, files, into / _PICTURES, config, progress)
        skipped = skipped + result.skipped
        used = sorted({files.labels[place] for place in result.kept})
        classes = tuple(files.classes[label] for label in used)
        labels = np.searchsorted(used, [files.labels[place] for place in result.kept]).astype(np.int64)
        names = [shown(files.relative[place]) for place in result.kept]
        names_sha256 = write_file_names(into / NAMES, names, labels, classes, token)
        columns_sha256, kept_columns = write_columns(into, labelled.columns, result.kept, token)
        y, schema, of_labels = _learnt(labelled, used, labels, order, result)
        labels_sha256 = atomic_write(into / LABELS, lambda file: np.save(file, y, allow_pickle=False))
        counts = tuple(int(n) for n in np.bincount(y, minlength=len(classes))) if schema.classes else ()
        return Imported(
            kind=self.name,
            schema=schema,
            count=len(names),
            found=found,
            duplicates=result.duplicates,
            skipped=tuple(skipped),
            findings=(*of_labels, *_findings(result, order), *skipped_finding(skipped, "file")),
            class_counts=counts,
            sha256=hashlib.sha256(
                f"{pixels_sha256}{labels_sha256}{names_sha256}{columns_sha256}".encode()
            ).hexdigest(),
            details={"scaled": result.scaled, **labelled.details, **kept_columns},
        )

    def find_files(self, source: Path, config: ImportConfig, token: CancelToken) -> LabelledFiles:
        """Return the files in the class folders; those beside them are skipped.

        Raises:
            DataError: There are none.
            CancelledError: The token was cancelled.
        """
        files = _found(source, token)
        files.skipped += _take_strays(files)
        return LabelledFiles(files, None, {GIVEN: ""} if files.gives_split else {})

    def find_new_files(self, source: Path, details: Mapping[str, Any], token: CancelToken) -> PictureFiles:
        """Return new pictures to predict; `details` are those of the dataset that was learnt from.

        Raises:
            DataError: There are none.
        """
        return _new_files(source, token)

    def attributes(self, samples: Samples, schema: Schema, token: CancelToken) -> Iterator[Attribute]:
        """Yield the folder inside that of the class, where there are a few, and how bright a picture is."""
        folders = [_within_class(name, schema.classes) for name in samples.names[:]]
        names = sorted({*folders})
        if 1 < len(names) <= MOST_GROUPS:
            codes = {name: float(code) for code, name in enumerate(names)}
            places = np.array([codes[folder] for folder in folders])
            yield Attribute("folder", places, tuple(name or "none" for name in names))
        yield Attribute("brightness", _brightness(samples.x, token))

    def encode(
        self,
        source: Path,
        schema: Schema,
        details: Mapping[str, Any],
        token: CancelToken | None = None,
        progress: Progress = no_progress,
    ) -> Encoded:
        """Return the pictures of a file or folder, scaled as in training; copies are kept.

        A label is known where a picture lies in a folder that is named like a class.
        """
        channels, height, width = schema.input_shape
        token = token or CancelToken()
        files = self.find_new_files(source, details, token)
        # Unnamed and gone with the last reference: new data is never kept.
        with DecoderPool(token) as pool, tempfile.TemporaryFile() as file:
            order = Order(height, width, channels)
            writer = PictureWriter(pool, files, order, Pace(progress), copies=True, colour=True)
            writer.write(file)
            file.flush()
            kept = writer.result.kept
            x = np.memmap(file, np.uint8, "r", writer.start, (len(kept), channels, height, width))
        words = [files.classes[k] if (k := files.labels[place]) >= 0 else "" for place in kept]
        coded = Coded.by_text(pa.chunked_array([pa.array(words, pa.large_string())]))
        y = new_labels(coded, len(words), schema)
        names = [shown(files.relative[place]) for place in kept]
        return Encoded(Samples(x, y, names), (*files.skipped, *writer.result.skipped))


def _within_class(name: str, classes: Sequence[str]) -> str:
    """Return the folders between that of the class and the file."""
    folders = name.split("/")[:-1]
    in_part = len(folders) > 1 and part_of(folders[0]) is not None and folders[1] in classes
    return "/".join(folders[2:] if in_part else folders[1:])


def _brightness(pictures: NDArray[np.uint8], token: CancelToken) -> NDArray[np.float32]:
    """Return (n,) mean of all pixels, 0 black to 1 white."""
    many = max(1, _BLOCK_BYTES // max(1, int(np.prod(pictures.shape[1:]))))
    means = np.empty(len(pictures), np.float32)
    for start in range(0, len(pictures), many):
        token.check()
        means[start : start + many] = pictures[start : start + many].mean(axis=(1, 2, 3)) / 255
    return means


def _found(source: Path, token: CancelToken) -> PictureFiles:
    if not source.is_dir():
        raise DataError(
            f"{source} is not a folder: choose a folder with one sub-folder of pictures per class."
        )
    files = find_pictures(source, token)
    if not files.relative and not files.skipped:
        raise DataError(f"There are no files in {source}: {_LAYOUT}, then import the folder again.")
    if not any(label >= 0 for label in files.labels):
        if any(_looks_like_picture(name) for name in files.relative):
            raise DataError(
                f"The pictures lie directly in {source}, so their classes are not known: {_LAYOUT}."
            )
        raise DataError(f"There are no pictures in the sub-folders of {source}: {_LAYOUT}.")
    return files


def _looks_like_picture(name: str) -> bool:
    return os.path.splitext(name)[1].casefold() in PICTURE_SUFFIXES  # noqa: PTH122 - a million times


def _take_strays(files: PictureFiles) -> list[Skipped]:
    """Take the files beside the class folders out of `files` and say why."""
    strays = [name for name, label in zip(files.relative, files.labels, strict=True) if label < 0]
    files.relative = [n for n, label in zip(files.relative, files.labels, strict=True) if label >= 0]
    files.labels = [label for label in files.labels if label >= 0]
    return [Skipped(shown(name), "lies beside the class folders, so it has no class") for name in strays]


def _decode(
    pool: DecoderPool, files: PictureFiles, path: Path, config: ImportConfig, progress: Progress
) -> tuple[Pass, Order, str]:
    """Decode all files; what the first pictures did not show, such as colour, starts the pass anew."""
    pace = Pace(progress)
    paths = files.paths
    seen = first_look(pool, paths)
    _show(files, seen, progress)
    order, native = first_order(pool, paths, seen.values(), config.picture_size)
    while True:
        writer = PictureWriter(pool, files, order, pace, native=native)
        try:
            digest = atomic_write(path, writer.write, writer.sha256)
        except ColourFoundError:
            order = order._replace(channels=3)
        except OtherSizeFoundError:
            order, native = scaling_order(pool, paths, order.channels), False
        else:
            return writer.result, order, digest


def _show(files: PictureFiles, seen: Mapping[int, Decoded], progress: Progress) -> None:
    """Show a few pictures from all over the source to whoever watches the import."""
    if isinstance(progress, WatchedProgress):
        chosen = list(seen.items())[:: -(-len(seen) // _FIRST) or 1]
        samples = [
            FirstSample(
                files.classes[files.labels[place]],
                FIRST_SIDE,
                np.frombuffer(answer.pixels, np.uint8).reshape(3, -1).T.tobytes(),
            )
            for place, answer in chosen
        ]
        progress.show(tuple(samples))


def _learnt(
    labelled: LabelledFiles, used: Sequence[int], labels: NDArray[np.int64], order: Order, result: Pass
) -> tuple[NDArray[Any], Schema, list[Finding]]:
    """Return (n,) classes or values, the schema, and what is wrong with the labels."""
    shape = (order.channels, order.height, order.width)
    if labelled.values:
        values = np.array([labelled.values[label] for label in used], np.float32)[labels]
        result.conflicts.clear()  # two values of the same picture are no contradiction of classes
        schema = Schema(Task.REGRESSION, shape, (), labelled.target)
        return values, schema, value_findings(labelled.target or "", values)
    names = labelled.files.classes
    classes = tuple(names[label] for label in used)
    counts = tuple(int(n) for n in np.bincount(labels, minlength=len(classes)))
    findings = class_findings(classes, counts)
    kept = set(used)
    if empty := [name for label, name in enumerate(names) if label not in kept]:
        text = (
            f"{plural(len(empty), 'folder has', 'folders have')} no picture that could be imported, so there "
            "is no such class: add pictures, or leave it as it is."
        )
        findings.append(Finding("empty_class", Severity.WARNING, len(empty), text, tuple(empty[:EXAMPLES])))
    return labels, Schema(Task.CLASSIFICATION, shape, classes, labelled.target), findings


def _findings(result: Pass, order: Order) -> list[Finding]:
    findings = []
    if result.conflicts:
        text = (
            f"{len(result.conflicts):,} pictures have exactly the same content but lie in different classes, "
            "which no model can learn: keep each in its right class only, then import again."
        )
        examples = tuple(result.conflicts[:EXAMPLES])
        findings.append(Finding("conflicting_labels", Severity.DANGER, len(result.conflicts), text, examples))
    if result.duplicates:
        text = (
            f"{plural(result.duplicates, 'picture was', 'pictures were')} left out, being an exact copy of "
            "another one in the same class, so that no copy can be in two splits."
        )
        findings.append(Finding("duplicates", Severity.INFO, result.duplicates, text, tuple(result.copies)))
    if result.scaled:
        text = (
            f"{plural(result.scaled, 'picture was', 'pictures were')} scaled to cover "
            f"{order.width}×{order.height} and cropped around the centre: "
            "bring them to one size first to keep them whole."
        )
        findings.append(Finding("scaled", Severity.INFO, result.scaled, text))
    return findings


def _new_files(source: Path, token: CancelToken) -> PictureFiles:
    if source.is_dir():
        files = find_pictures(source, token)
    elif source.exists():
        files = PictureFiles(source.parent.resolve(), relative=[source.name], labels=[-1])
    else:
        raise DataError(f"{source} does not exist: choose a picture or a folder of pictures.")
    if not files.relative:
        raise DataError(f"There are no pictures in {source}: choose a picture or a folder of pictures.")
    return files
