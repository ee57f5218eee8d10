"""Pictures in one folder, and a list that says the label of each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Preview
from workbench.datasets.base import kinds
from workbench.datasets.image_folder import ImageFolder
from workbench.datasets.listed_files import LabelledFiles, ListedFiles, has_list, new_files
from workbench.datasets.picture_files import PICTURE_SUFFIXES, PictureFiles


@kinds.register("picture_list")
class PictureList(ImageFolder):
    """A folder of pictures with a CSV, TSV or JSON lines file that names each picture and its class.

    The list lies in the folder; what it names may lie deeper, but never outside. Pictures are read, scaled
    and kept as in a folder per class.
    """

    title = "Pictures with a list of labels"

    def sniff(self, source: Path) -> float:
        """Return 0.95 where a list at the top of the folder, or the file itself, names pictures beside it."""
        return 0.95 if has_list(source, PICTURE_SUFFIXES) else 0.0

    def inspect(self, source: Path, config: ImportConfig, token: CancelToken | None = None) -> Preview:
        """Return classes and the first rows of the list, and which column says what."""
        listed = ListedFiles.of(source, config, token or CancelToken(), PICTURE_SUFFIXES)
        return listed.preview(self.name, ("picture", "pictures"))

    def find_files(self, source: Path, config: ImportConfig, token: CancelToken) -> LabelledFiles:
        """Return the pictures that the list names, with their labels."""
        labelled = ListedFiles.of(source, config, token, PICTURE_SUFFIXES).labelled()
        if not labelled.files.relative:
            raise DataError(
                f"No row of the list names a picture in {source.name}: choose the column that does."
            )
        return labelled

    def find_new_files(self, source: Path, details: Mapping[str, Any], token: CancelToken) -> PictureFiles:
        """Return new pictures, which may come with a list like the one of the others, or alone."""
        listed = new_files(source, details, token, PICTURE_SUFFIXES)
        return super().find_new_files(source, details, token) if listed is None else listed
