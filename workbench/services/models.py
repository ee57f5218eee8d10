"""Verbs on models: what fits a dataset, what can be set, a dry batch, and what is found out on request."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken, Progress
from workbench.core.errors import UserError, is_out_of_memory
from workbench.core.models import FamilyCard, ModelCheck
from workbench.core.registry import Choice, Registry
from workbench.core.states import Split

if TYPE_CHECKING:
    from workbench.core.records import Dataset, Schema
    from workbench.services.session import Session
    from workbench.training.data import TrainingData


class ModelService:
    """The model families, for the datasets of an open project."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def cards(self, dataset_id: int) -> list[FamilyCard]:
        """Return the families for a dataset, the best suited first. Loads torch: not for the GUI thread."""
        from workbench.models.recommend import rank

        dataset = self._session.datasets.get(dataset_id)
        return rank(_prepared(dataset), dataset.imported.count)

    def fields(self, family: str) -> type[Choice]:
        """Return the class whose fields are what can be set of a family.

        Raises:
            UserError: There is no such family; the message names the nearest.
        """
        from workbench.models.base import families

        return families.get(family)

    def choices(self) -> dict[str, list[type[Choice]]]:
        """Return what each choice of TrainConfig offers, by registry noun. Loads torch."""
        from workbench.services.targets.base import targets
        from workbench.training.devices import devices
        from workbench.training.losses import losses
        from workbench.training.optimizers import optimizers
        from workbench.training.schedulers import schedules

        registries: tuple[Registry[Any], ...] = (optimizers, schedules, losses, targets)
        found: dict[str, list[type[Choice]]] = {
            registry.noun: [
                registry.get(name) for name in sorted(registry.names(), key=lambda name: name != "auto")
            ]
            for registry in registries
        }
        return found | {"device": devices()}

    def validate(self, dataset_id: int, family: str, fields: Mapping[str, Any], train: TrainConfig) -> None:
        """Check every setting against the dataset, all problems at once.

        Raises:
            UserError: `fields` of the error has one sentence a wrong field.
        """
        from workbench.models.base import families
        from workbench.services.targets.base import targets
        from workbench.training.devices import find_device
        from workbench.training.losses import losses
        from workbench.training.optimizers import optimizers
        from workbench.training.schedulers import schedules

        problems: dict[str, str] = {}
        messages: list[str] = []
        schema = _prepared(self._session.datasets.get(dataset_id))

        def attempt(field: str, check: Any) -> Any:
            try:
                return check()
            except UserError as error:
                messages.append(str(error))
                problems.update(error.fields or {field: str(error)})

        model = attempt("family", lambda: families.build(family, fields))
        attempt("optimizer", lambda: optimizers.build(train.optimizer, train.optimizer_fields))
        attempt("schedule", lambda: schedules.build(train.schedule, train.schedule_fields))
        loss = attempt("loss", lambda: losses.build(train.loss, train.loss_fields))
        if loss is not None and schema.task not in loss.tasks:
            problems["loss"] = f"is not a loss for {schema.task}"
            messages.append(f"{loss.title} is not a loss for {schema.task}: choose another one.")
        attempt("device", lambda: find_device(train.device))
        attempt("target", lambda: targets.build(train.target, train.target_fields).check(train.device))
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
            self._session.preparation.of_one_batch(dataset.preparation),
            steps=-(-len(index) // train.batch_size),
        )

    def find_learning_rate(
        self, dataset_id: int, family: str, fields: Mapping[str, Any], train: TrainConfig
    ) -> int:
        """Queue a learning-rate range test and return its job's id; the job's result is a `RateCurve`.

        Loads torch the first time: not for the window's thread.

        Raises:
            UserError: A setting is wrong; `fields` of the error says which.
        """
        from workbench.training.range_test import find_learning_rate

        return self._submit("Find a learning rate", dataset_id, family, fields, train, find_learning_rate)

    def find_batch_size(
        self, dataset_id: int, family: str, fields: Mapping[str, Any], train: TrainConfig
    ) -> int:
        """Queue a measurement of batch sizes and return its job's id; the job's result is `BatchSizes`.

        Loads torch the first time: not for the window's thread.

        Raises:
            UserError: A setting is wrong; `fields` of the error says which.
        """
        from workbench.training.batch_trials import find_batch_size

        return self._submit("Find a batch size", dataset_id, family, fields, train, find_batch_size)

    def _submit(
        self,
        label: str,
        dataset_id: int,
        family: str,
        fields: Mapping[str, Any],
        train: TrainConfig,
        search: Callable[..., Any],
    ) -> int:
        """Search in the lane of the device, before the runs that wait: somebody looks on.

        Not beside a run at work, which draws from the same random numbers.
        """
        from workbench.services.run_queue import lanes_for

        self.validate(dataset_id, family, fields, train)
        fields = self.fields(family)(**fields).model_dump(mode="json")

        def work(token: CancelToken, progress: Progress) -> Any:
            token.check()
            try:
                return search(family, fields, train, self._data(dataset_id, train), token, progress)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                told = f"Out of memory with batch size {train.batch_size}: choose a smaller one."
                raise UserError(told) from error

        return self._session.jobs.submit(
            lanes_for(train.device)[0], label, work, subject=f"dataset:{dataset_id}"
        )

    def steps_an_epoch(self, run_id: int) -> int:
        """Return how many steps an epoch of a run has; 0 where its data is gone. Loads torch."""
        from workbench.training.stepper import bounds_of, samples_a_step

        run = self._session.training.get(run_id)
        try:
            count = len(self._session.datasets.split_indices(run.dataset_id, run.split)[Split.TRAIN])
        except UserError:
            return 0
        return len(bounds_of(count, samples_a_step(run.train, count))) - 1

    def _data(self, dataset_id: int, train: TrainConfig) -> "TrainingData":
        from workbench.training.data import prepare
        from workbench.training.devices import find_device

        datasets = self._session.datasets
        samples, dataset = datasets.samples(dataset_id), datasets.get(dataset_id)
        return prepare(
            *(samples.x, samples.y, dataset.schema, datasets.split_indices(dataset_id)),
            find_device(train.device),
            dataset.preparation,
        )


def _prepared(dataset: "Dataset") -> "Schema":
    """Return what a model gets of a dataset: its samples after preparation."""
    from workbench.transforms.pipeline import prepared_schema

    return prepared_schema(dataset.preparation, dataset.schema)
