"""The health of datasets: checked in the background, told as findings, mended where there is a fix."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.core.configs import PrepareConfig, StepConfig
from workbench.core.control import CancelToken, Progress
from workbench.core.errors import UserError
from workbench.core.events import DatasetChanged
from workbench.core.records import Dataset, Finding, HealthReport
from workbench.core.states import Severity, Split
from workbench.services.data_check import require_whole

if TYPE_CHECKING:
    from workbench.datasets.checks.base import Subject
    from workbench.datasets.pace import Pace
    from workbench.services.session import Session

_ORDER = (Severity.DANGER, Severity.WARNING, Severity.INFO)
_SHARES = 100  # of one check that are told one by one
_PARTS = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def subject_of(dataset_id: int) -> str:
    """Return what a job says that checks a dataset."""
    return f"health:{dataset_id}"


class HealthService:
    """Checks the datasets of an open project.

    Attributes:
        automatic: Whether each import and each new version is checked by itself; a window wants it.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self.automatic = False

    def follow(self, dataset_id: int) -> None:
        """Check what has just come in, where that is wanted."""
        if self.automatic and not self._session.read_only:
            self.check(dataset_id)

    def check(self, dataset_id: int) -> int:
        """Check a dataset in the background and return the job's id; its result is the HealthReport.

        A check that waits or runs already is that job.
        """
        session = self._session
        session.require_writable()
        dataset, subject = session.datasets.get(dataset_id), subject_of(dataset_id)
        running = session.jobs.find(subject)
        if running is not None:
            return running.id

        def work(token: CancelToken, progress: Progress) -> HealthReport:
            return self.check_now(dataset_id, token, progress)

        return session.jobs.submit("health", f"Check {dataset.name}", work, subject=subject)

    def check_now(self, dataset_id: int, token: CancelToken, progress: Progress) -> HealthReport:
        """Check in the calling thread. For jobs."""
        from workbench.datasets.checks.base import checks
        from workbench.datasets.pace import Pace

        session = self._session
        dataset = session.datasets.get(dataset_id)
        require_whole(session, dataset)
        subject = self._subject(dataset, token)
        asked = [checks.build(name) for name in checks.names()]
        asked = [check for check in asked if dataset.schema.modality in check.modalities]
        pace = Pace(progress)
        found: list[Finding] = []
        for number, check in enumerate(asked):
            token.check()
            subject.tell = _telling(pace, number, len(asked), check.title)
            subject.tell(0.0)
            found += check.find(subject)
        subject.tell(1.0)
        checked = {code for check in asked for code in check.codes} | {item.code for item in found}
        found += [item for item in dataset.imported.findings if item.code not in checked]
        found.sort(key=lambda item: (_ORDER.index(item.severity), -item.count))
        report = HealthReport(dataset_id, datetime.now(UTC), tuple(found), dataset.split)
        session.store.health.put(report)
        session.bus.publish(DatasetChanged(dataset_id))
        return report

    def report(self, dataset_id: int) -> HealthReport | None:
        """Return the last check of a dataset; None where it was not checked yet."""
        return self._session.store.health.get(dataset_id)

    def findings(self, dataset_id: int) -> tuple[Finding, ...]:
        """Return what is known to be wrong: of the last check, else of the import."""
        report = self.report(dataset_id)
        return report.findings if report else self._session.datasets.get(dataset_id).imported.findings

    def finding(self, dataset_id: int, code: str) -> Finding:
        """Return one finding.

        Raises:
            UserError: It is not there any more.
        """
        found = next((item for item in self.findings(dataset_id) if item.code == code), None)
        if found is None:
            raise UserError("This finding is not there any more.")
        return found

    def fixable(self, dataset: Dataset, findings: Sequence[Finding]) -> list[str]:
        """Return the codes of those findings that `fix` can mend."""
        return [item.code for item in findings if item.fix and self._can(dataset, item)]

    def fix(self, dataset_id: int, code: str, chosen: Sequence[int] | None = None) -> int | None:
        """Mend a finding; can be undone.

        Args:
            dataset_id: The version that has it.
            code: The finding.
            chosen: Which of its samples; all of them when not given.

        Returns:
            The job that makes a new version; None where a step of the preparation mends it, at once.

        Raises:
            UserError: It is not there any more, or cannot be mended so.
        """
        found = self.finding(dataset_id, code)
        wanted = set(found.samples if chosen is None else chosen)
        places = [n for n, place in enumerate(found.samples) if place in wanted]
        samples = [found.samples[n] for n in places]
        versions = self._session.versions
        match found.fix:
            case "drop_copies":
                return versions.remove(dataset_id, samples, f"Removed {_counted(samples, 'cop', 'y', 'ies')}")
            case "drop_samples":
                return versions.remove(dataset_id, samples)
            case "move":
                parts = found.fields["parts"]
                moved = {found.samples[n]: _PARTS[parts[n]] for n in places}
                words = f"Moved {_counted(samples, 'cop', 'y', 'ies')} to the split of the original"
                return versions.move(dataset_id, moved, words)
            case "relabel":
                labels = found.fields["labels"]
                return versions.relabel(dataset_id, {found.samples[n]: labels[n] for n in places})
            case "merge_classes":
                return versions.relabel(dataset_id, self._merged(dataset_id, found.fields["classes"]))
            case "drop_columns":
                return versions.drop_columns(dataset_id, found.fields["columns"])
            case "add_step":
                self._add_step(dataset_id, str(found.fields["step"]))
                return None
        raise UserError("There is no fix for this: mend the source and import it again.")

    def _merged(self, dataset_id: int, merged: Mapping[str, str]) -> dict[int, str]:
        """Return the new class of every sample of a class that becomes another."""
        classes = self._session.datasets.get(dataset_id).schema.classes
        names = {classes.index(name): other for name, other in merged.items() if name in classes}
        labels = self._session.datasets.samples(dataset_id).y[:].tolist()
        return {place: names[label] for place, label in enumerate(labels) if label in names}

    def _can(self, dataset: Dataset, finding: Finding) -> bool:
        if finding.fix != "add_step":
            return True
        from workbench.transforms.base import transforms

        step = finding.fields["step"]
        return step in transforms.names() and step not in [item.name for item in _recipe(dataset)]

    def _add_step(self, dataset_id: int, step: str) -> None:
        session, rows = self._session, self._session.store.datasets
        dataset = session.datasets.get(dataset_id)
        before, recipe = dataset.preparation, _recipe(dataset)
        names = [item.name for item in recipe]
        place = names.index("fill_missing") + 1 if "fill_missing" in names else 0
        recipe.insert(place, StepConfig(name=step))
        after = (before or PrepareConfig()).model_copy(update={"recipe": tuple(recipe)})
        session.change(
            f"Prepare {dataset.name} with {step.replace('_', ' ')}",
            lambda: rows.set_preparation(dataset_id, after),
            lambda: rows.set_preparation(dataset_id, before),
            DatasetChanged(dataset_id),
        )

    def _subject(self, dataset: Dataset, token: CancelToken) -> "Subject":
        from workbench.datasets.checks.base import Subject

        datasets = self._session.datasets
        samples = datasets.samples(dataset.id)
        return Subject(
            dataset,
            samples,
            datasets.split_indices(dataset.id),
            lambda start, stop: datasets.rows(dataset.id, start, stop),
            datasets.headings(dataset.id),
            token,
        )


def _telling(progress: "Pace", number: int, count: int, title: str) -> Callable[[float], None]:
    """Return what passes on the share of one check, as that of all of them."""
    return lambda share: progress(round((number + share) * _SHARES), count * _SHARES, title)


def _recipe(dataset: Dataset) -> list[StepConfig]:
    """Return the steps of a dataset's preparation, also where they are the usual ones."""
    from workbench.transforms.pipeline import default_steps

    if dataset.preparation is not None and dataset.preparation.recipe is not None:
        return list(dataset.preparation.recipe)
    return [
        StepConfig(name=step.name, fields=step.model_dump(mode="json"))
        for step in default_steps(dataset.schema)
    ]


def _counted(items: Sequence[object], stem: str, one: str, many: str) -> str:
    return f"{len(items):,} {stem}{one if len(items) == 1 else many}"
