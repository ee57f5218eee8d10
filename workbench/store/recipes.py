"""Rows of recipes: steps of preparation that were saved with a name."""

import builtins

from sqlalchemy import delete, insert, select, update

from workbench.core.configs import PrepareConfig
from workbench.core.records import Recipe
from workbench.core.states import Modality
from workbench.store.database import Database
from workbench.store.rows import columns_of
from workbench.store.tables import recipes, utc_now


class RecipeRows:
    """Reads and changes saved recipes; each name is there once.

    Args:
        database: The open database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, modality: Modality | None = None) -> builtins.list[Recipe]:
        """Return the recipes by name, for one kind of sample alone where it is given."""
        query = select(*columns_of(recipes, Recipe)).order_by(recipes.c.name)
        if modality is not None:
            query = query.where(recipes.c.modality == modality)
        with self._database.read() as connection:
            return [Recipe(**row) for row in connection.execute(query).mappings()]

    def by_name(self, name: str) -> Recipe | None:
        """Return the recipe of that name, if there is one."""
        return next((recipe for recipe in self.list() if recipe.name == name), None)

    def put(self, name: str, modality: Modality, preparation: PrepareConfig) -> Recipe:
        """Save a recipe, in place of one of the same name, and return it."""
        values = {"modality": modality, "preparation": preparation, "created_at": utc_now()}
        with self._database.write() as connection:
            known = connection.scalar(select(recipes.c.id).where(recipes.c.name == name))
            if known is None:
                connection.execute(insert(recipes).values(name=name, **values))
            else:
                connection.execute(update(recipes).where(recipes.c.id == known).values(**values))
            row = connection.execute(select(*columns_of(recipes, Recipe)).where(recipes.c.name == name))
            return Recipe(**row.mappings().one())

    def remove(self, name: str) -> None:
        """Remove a recipe; datasets and runs keep the steps that they have."""
        with self._database.write() as connection:
            connection.execute(delete(recipes).where(recipes.c.name == name))
