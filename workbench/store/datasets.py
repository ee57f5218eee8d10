"""Rows of datasets: one a version."""

from typing import Any

from sqlalchemy import func, insert, select, update

from workbench.core.configs import PrepareConfig, SplitConfig
from workbench.core.errors import UserError
from workbench.core.records import Dataset, Imported
from workbench.store.database import Database
from workbench.store.rows import NamedRows
from workbench.store.tables import datasets, utc_now


class DatasetRows(NamedRows[Dataset]):
    """Reads and changes datasets. Versions of one dataset share its name."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, datasets, Dataset, "dataset")

    def add(
        self,
        name: str,
        source: str,
        folder: str,
        imported: Imported,
        split: SplitConfig,
        **of_parent: Any,
    ) -> Dataset:
        """Insert a dataset as the next version of its name.

        Args:
            name: What the user calls it.
            source: Where it was imported from.
            folder: Where its files lie, relative to the project folder.
            imported: What the import found.
            split: How it is divided.
            of_parent: What a version has besides: `parent_id`, `change`, and what it takes over.
        """
        with self._database.write() as connection:
            version = connection.scalar(select(func.max(datasets.c.version)).where(datasets.c.name == name))
            row_id = connection.execute(
                insert(datasets)
                .values(
                    name=name,
                    version=(version or 0) + 1,
                    source=source,
                    folder=folder,
                    sha256=imported.sha256,
                    imported=imported,
                    split=split,
                    created_at=utc_now(),
                    **of_parent,
                )
                .returning(datasets.c.id)
            ).scalar_one()
            return self._one(connection, row_id)

    def by_name(self, name: str) -> Dataset | None:
        """Return the newest version of that name outside the bin."""
        return self._newest(self._select().where(datasets.c.name == name).order_by(datasets.c.version.desc()))

    def rename(self, dataset_id: int, name: str) -> Dataset:
        """Rename a dataset in all its versions, those in the bin included.

        Raises:
            UserError: Another dataset has that name.
        """
        with self._database.write() as connection:
            old = self._one(connection, dataset_id)
            if name != old.name:
                if connection.scalar(select(datasets.c.id).where(datasets.c.name == name).limit(1)):
                    raise UserError(
                        f"There is a dataset called {name} already, here or in the bin: choose another name."
                    )
                connection.execute(update(datasets).where(datasets.c.name == old.name).values(name=name))
            return self._one(connection, dataset_id)

    def set_source(self, dataset_id: int, source: str, imported: Imported) -> Dataset:
        """Replace where the dataset was imported from, and what the import knows of that place."""
        return self._change(dataset_id, source=source, imported=imported)

    def set_split(self, dataset_id: int, split: SplitConfig) -> Dataset:
        """Replace how the dataset is divided; runs keep the split that they were trained on."""
        return self._change(dataset_id, split=split)

    def describe(self, dataset_id: int, **words: str) -> Dataset:
        """Replace `source`, `licence` or `owner`."""
        return self._change(dataset_id, **words)

    def set_preparation(self, dataset_id: int, preparation: PrepareConfig | None) -> Dataset:
        """Replace what new runs on the dataset begin with."""
        return self._change(dataset_id, preparation=preparation)
