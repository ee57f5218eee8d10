"""Verbs on models: what fits a dataset, what can be set, and a dry batch."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.records import FamilyCard, ModelCheck
from workbench.core.registry import Choice
from workbench.core.states import Split

if TYPE_CHECKING:
    from workbench.services.session import Session


class ModelService:
    """The model families, for the datasets of an open project."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def cards(self, dataset_id: int) -> list[FamilyCard]:
        """Return the families for a dataset, the best suited first. Loads torch: not for the GUI thread."""
        from workbench.models.recommend import rank

        dataset = self._session.datasets.get(dataset_id)
        return rank(dataset.schema, dataset.imported.count)

    def fields(self, family: str) -> type[Choice]:
        """Return the class whose fields are what can be set of a family.

        Raises:
            UserError: There is no such family; the message names the nearest.
        """
        from workbench.models.base import families

        return families.get(family)

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """Return the (name, title) pairs behind each choice of TrainConfig, by registry noun."""
        from workbench.services.targets.base import targets
        from workbench.training.optimizers import optimizers
        from workbench.training.schedulers import schedules

        return {
            "optimizer": [(name, optimizers.get(name).title) for name in optimizers.names()],
            "schedule": [(name, schedules.get(name).title) for name in schedules.names()],
            "compute target": [(name, targets.get(name).title) for name in targets.names()],
        }

    def validate(self, dataset_id: int, family: str, fields: Mapping[str, Any], train: TrainConfig) -> None:
        """Check every setting against the dataset, all problems at once.

        Raises:
            UserError: `fields` of the error has one sentence a wrong field.
        """
        from workbench.models.base import families
        from workbench.services.targets.base import targets
        from workbench.training.devices import find_device
        from workbench.training.optimizers import optimizers
        from workbench.training.schedulers import schedules

        problems: dict[str, str] = {}
        messages: list[str] = []
        schema = self._session.datasets.get(dataset_id).schema

        def attempt(field: str, check: Any) -> Any:
            try:
                return check()
            except UserError as error:
                messages.append(str(error))
                problems.update(error.fields or {field: str(error)})

        model = attempt("family", lambda: families.build(family, fields))
        attempt("optimizer", lambda: optimizers.build(train.optimizer))
        attempt("schedule", lambda: schedules.build(train.schedule))
        attempt("device", lambda: find_device(train.device))
        attempt("target", lambda: targets.build(train.target))
        misfit = model.misfit(schema) if model is not None else ""
        if misfit:
            messages.append(misfit)
            # To blame is the field without which the family fits; none when it never fits such data.
            cures = (
                name
                for name in fields
                if not families.build(family, {k: v for k, v in fields.items() if k != name}).misfit(schema)
            )
            problems[next(cures, "family")] = misfit
        if messages:
            raise UserError(" ".join(messages), problems)

    def check(
        self, dataset_id: int, family: str, fields: Mapping[str, Any], train: TrainConfig
    ) -> ModelCheck:
        """Run one real batch and say what the model is. Takes a moment: not for the GUI thread.

        Raises:
            UserError: A setting is wrong; `fields` of the error says which.
            DataError: The dataset has nothing to learn from.
        """
        from workbench.models.base import families
        from workbench.training.devices import find_device
        from workbench.training.dry_run import dry_run

        self.validate(dataset_id, family, fields, train)
        dataset = self._session.datasets.get(dataset_id)
        samples = self._session.datasets.samples(dataset_id)
        index = self._session.datasets.split_indices(dataset_id)[Split.TRAIN]
        batch = index[: train.batch_size]
        return dry_run(
            families.build(family, fields),
            samples.x[batch],
            samples.y[batch],
            dataset.schema,
            find_device(train.device),
            steps=-(-len(index) // train.batch_size),
        )
