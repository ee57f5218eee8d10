"""Verbs on preparation: edit the recipe of a dataset, see what it does, save it with a name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.core.configs import PrepareConfig, StepConfig
from workbench.core.errors import DataError, UserError
from workbench.core.events import DatasetChanged
from workbench.core.records import Dataset, Recipe, Run
from workbench.core.registry import Choice, nearest
from workbench.services.prepared_view import PreparedView, view_of

if TYPE_CHECKING:
    from workbench.core.records import Schema
    from workbench.services.session import Session

_ORDER = (
    "Missing values",
    "Outliers",
    "Encode categories",
    "Scale numbers",
    "Construct columns",
    "Select columns",
    "Project",
    "Pictures",
    "Balance classes",
)
Steps = tuple[StepConfig, ...]


def recipe_words(preparation: PrepareConfig | None) -> str:
    """Return a recipe in words, such as `Fill missing → One hot`; loads nothing."""
    if preparation is None or preparation.recipe is None:
        return "usual steps"
    names = [step_words(step.name) for step in preparation.recipe if step.on]
    return " → ".join(names) if names else "no step"


def step_words(name: str) -> str:
    """Return the name of a step as it is read."""
    return name.replace("_", " ").capitalize()


class PreparationService:
    """How the datasets of an open project are prepared for models."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def choices(self) -> "list[type[Choice]]":
        """Return the steps that there are, those of one heading together. Loads torch the first time."""
        from workbench.transforms.base import transforms

        found = [transforms.get(name) for name in transforms.names()]
        # In the order in which data is usually prepared; what a plug-in brings comes behind.
        return sorted(
            found, key=lambda step: _ORDER.index(step.group) if step.group in _ORDER else len(_ORDER)
        )

    def misfit(self, schema: "Schema", before: Sequence[StepConfig], name: str) -> str:
        """Return why a step cannot be taken after others, in one sentence; empty when it can."""
        from workbench.transforms.base import transforms
        from workbench.transforms.pipeline import prepared_schema

        try:
            schema = prepared_schema(PrepareConfig(recipe=tuple(before)), schema)
        except (UserError, IndexError):
            return ""
        return transforms.build(name).misfit(schema)

    def recipe(self, dataset: Dataset) -> Steps:
        """Return the steps of a dataset, the usual ones where none were chosen. Loads torch."""
        chosen = dataset.preparation.recipe if dataset.preparation is not None else None
        return chosen if chosen is not None else self.usual(dataset.schema)

    def usual(self, schema: "Schema") -> Steps:
        """Return the steps that such samples are prepared with where nobody chose others."""
        from workbench.transforms.pipeline import default_steps

        return tuple(
            StepConfig(name=step.name, fields=step.model_dump(mode="json")) for step in default_steps(schema)
        )

    def set_recipe(self, dataset_id: int, recipe: Steps | None, label: str = "") -> None:
        """Replace the steps that new runs begin with; None is the usual ones. Can be undone.

        Args:
            dataset_id: The dataset.
            recipe: The steps, right or wrong; a run with wrong ones is refused when it is started.
            label: What was done, for the list of what can be undone.
        """
        dataset = self._session.datasets.get(dataset_id)
        before = dataset.preparation
        kept = before or PrepareConfig()
        after: PrepareConfig | None = kept.model_copy(update={"recipe": recipe})
        if after == PrepareConfig():
            after = None
        if after == before:
            return
        write = self._session.store.datasets.set_preparation
        self._session.change(
            label or f"Preparation of {dataset.name}",
            lambda: write(dataset_id, after),
            lambda: write(dataset_id, before),
            DatasetChanged(dataset_id),
        )

    def view(self, dataset_id: int, recipe: Steps, at: int) -> "PreparedView":
        """Return what a step makes of some training samples. Loads torch; not for the window's thread.

        Args:
            dataset_id: The dataset.
            recipe: The steps, also while they are not saved yet.
            at: Which step to look at.
        """
        from workbench.core.states import Split

        datasets = self._session.datasets
        dataset, samples = datasets.get(dataset_id), datasets.samples(dataset_id)
        train = datasets.split_indices(dataset_id)[Split.TRAIN]
        return view_of(samples, train, dataset.schema, recipe, at)

    def complete(self, dataset: Dataset, preparation: PrepareConfig | None) -> PrepareConfig | None:
        """Return a preparation with every setting of its steps, as a run keeps it.

        Raises:
            UserError: A step is not known, a setting is wrong, or a step cannot be taken there.
        """
        if preparation is None or preparation.recipe is None:
            return preparation
        from workbench.transforms.base import transforms
        from workbench.transforms.pipeline import check_steps, left_over, prepared_schema, steps_of

        about = f"The preparation of {dataset.name} is not right yet."
        problems = check_steps(steps_of(preparation, dataset.schema), dataset.schema)
        if problems:
            place, problem = next(iter(problems.items()))
            step = [step for step in preparation.recipe if step.on][place]
            title = transforms.get(step.name).title
            raise DataError(f"{about} {title}: {problem}")
        if problem := left_over(prepared_schema(preparation, dataset.schema)):
            raise DataError(f"{about} {problem}")
        full = tuple(
            step.model_copy(
                update={"fields": transforms.build(step.name, step.fields).model_dump(mode="json")}
            )
            for step in preparation.recipe
        )
        return preparation.model_copy(update={"recipe": full})

    def as_begun(self, run: Run) -> PrepareConfig:
        """Return what makes a new run prepare its samples as this one does."""
        return run.preparation or PrepareConfig()

    def of_run(self, run: Run) -> PrepareConfig:
        """Return how the samples of a run are prepared, step by step, the usual ones too. Loads torch."""
        made = self.as_begun(run)
        if made.recipe is not None:
            return made
        usual = self.usual(self._session.datasets.get(run.dataset_id).schema)
        return made.model_copy(update={"recipe": usual})

    def of_one_batch(self, preparation: PrepareConfig | None) -> PrepareConfig | None:
        """Return a preparation for a single batch, from which no sample may be left out and none be made."""
        if preparation is None or preparation.recipe is None:
            return preparation
        from workbench.transforms.base import RowStep, transforms

        steps = tuple(
            step for step in preparation.recipe if not issubclass(transforms.get(step.name), RowStep)
        )
        return preparation.model_copy(update={"recipe": steps})

    def saved(self, dataset: Dataset) -> list[Recipe]:
        """Return the recipes that were saved from such data, by name."""
        return self._session.store.recipes.list(dataset.schema.modality)

    def save(self, dataset_id: int, name: str) -> None:
        """Save the steps of a dataset with a name, in place of those of that name. Can be undone.

        Raises:
            UserError: The name is empty, or belongs to a recipe for other data.
        """
        session = self._session
        name, dataset, rows = (
            session.checked_name(name),
            session.datasets.get(dataset_id),
            session.store.recipes,
        )
        before, modality = rows.by_name(name), dataset.schema.modality
        if before is not None and before.modality is not modality:
            raise UserError(
                f"{name} is a recipe for {before.modality} data: choose another name.", {"name": "is taken"}
            )
        made = PrepareConfig(recipe=self.recipe(dataset))
        session.change(
            f"Save recipe {name}",
            lambda: rows.put(name, modality, made),
            lambda: rows.put(name, modality, before.preparation) if before else rows.remove(name),
            DatasetChanged(dataset_id),
        )

    def remove(self, dataset_id: int, name: str) -> None:
        """Remove a saved recipe; datasets and runs keep their steps. Can be undone."""
        rows, known = self._session.store.recipes, self.find(name)
        self._session.change(
            f"Remove recipe {name}",
            lambda: rows.remove(name),
            lambda: rows.put(name, known.modality, known.preparation),
            DatasetChanged(dataset_id),
        )

    def find(self, name: str) -> Recipe:
        """Return the recipe of that name.

        Raises:
            UserError: There is none; the message names the nearest.
        """
        rows = self._session.store.recipes
        found = rows.by_name(name)
        if found is None:
            raise UserError(
                f"There is no recipe {name!r}. {nearest(name, [item.name for item in rows.list()])}"
            )
        return found
