"""Numbers measured on datasets."""

from typing import ClassVar

from pydantic import Field

from workbench.board.facts.base import Fact, facts
from workbench.board.view import Measured, ProjectView
from workbench.core.records import Dataset
from workbench.core.risks import Link
from workbench.core.states import Condition, Severity

_NONE = Measured(None, "There is no dataset yet.", Link("dataset", 0))


class _OfDataset(Fact):
    """A fact of one dataset, by default of the one that the project works with."""

    dataset_id: int = Field(
        0,
        ge=0,
        le=2**31,
        title="Dataset",
        json_schema_extra={"choices": "datasets", "empty": "the one in use"},
        description="Which dataset; default 0: the one that the newest run learnt from.",
    )

    def read(self, view: ProjectView) -> Measured:
        """Return the number."""
        dataset = view.dataset
        if self.dataset_id:
            dataset = next((item for item in view.datasets if item.id == self.dataset_id), None)
            if dataset is None:
                return Measured(None, "The dataset is not there any more.", Link("dataset", 0))
        return _NONE if dataset is None else self._of(view, dataset)

    def _of(self, view: ProjectView, dataset: Dataset) -> Measured:
        raise NotImplementedError

    def _measured(
        self, dataset: Dataset, value: float, text: str, detail: str = "", what: str = "", number: str = ""
    ) -> Measured:
        link = Link("dataset", dataset.id, detail)
        cause = f"dataset {dataset.id}: {what or text}"
        return Measured(value, f"{text} ({dataset.title})", link, cause, number)


@facts.register("findings")
class FindingFact(_OfDataset):
    """How many problems of the data are open."""

    title: ClassVar[str] = "Open findings"
    text: ClassVar[str] = "Problems found in the data that nobody has accepted with a reason."

    severity: Severity = Field(
        Severity.WARNING,
        title="From severity",
        description="The least severity that counts. Default warning.",
    )
    code: str = Field(
        "",
        max_length=64,
        title="Kind",
        json_schema_extra={"choices": "findings", "empty": "every kind"},
        description="One kind of finding, such as class_imbalance. Default every kind.",
    )

    def _of(self, view: ProjectView, dataset: Dataset) -> Measured:
        levels = tuple(Severity)
        found = [
            finding
            for finding in view.open_findings(dataset)
            if levels.index(finding.severity) >= levels.index(self.severity)
            and self.code in ("", finding.code)
        ]
        detail = found[0].code if found else ""
        codes = ", ".join(finding.code for finding in found)
        return self._measured(dataset, len(found), f"{len(found)} open", detail, codes)

    def phrase(self) -> str:
        """Return what it is."""
        return f"open findings {self.code or f'from severity {self.severity}'}"


@facts.register("missing")
class MissingFact(_OfDataset):
    """How much of a table is missing."""

    title: ClassVar[str] = "Share of missing values"
    text: ClassVar[str] = "Of one column, or of the column with the most."

    column: str = Field(
        "",
        max_length=300,
        title="Column",
        json_schema_extra={"choices": "columns", "empty": "the worst"},
        description="One column; default the one with the most missing values.",
    )

    def _of(self, view: ProjectView, dataset: Dataset) -> Measured:
        shares = view.missing.get(dataset.id)
        if shares is None:
            link = Link("dataset", dataset.id)
            return Measured(None, f"{dataset.title} is no table, or not counted yet.", link)
        if self.column and self.column not in shares:
            return Measured(
                None, f"{dataset.title} has no column {self.column}.", Link("dataset", dataset.id)
            )
        worst = self.column or max(shares, key=lambda name: shares[name], default="")
        value = shares.get(worst, 0.0)
        if not worst:
            return self._measured(dataset, value, "0 %")
        number = f"{value:.1%}"
        return self._measured(dataset, value, f"{number} of {worst}", worst, worst, number)

    def phrase(self) -> str:
        """Return what it is."""
        return f"missing values of {self.column or 'the worst column'}"


@facts.register("leak")
class LeakFact(_OfDataset):
    """How many samples lie in two splits."""

    title: ClassVar[str] = "Samples in two splits"
    text: ClassVar[str] = "The same content in training and in validation or test flatters every measure."

    def _of(self, view: ProjectView, dataset: Dataset) -> Measured:
        count = view.shared_samples.get(dataset.id)
        report = view.reports.get(dataset.id)
        if report is not None and report.split == dataset.split:
            # The health check has compared them already.
            count = sum(item.count for item in report.findings if item.code == "split_leak")
        if count is None:
            return Measured(None, f"{dataset.title} is being compared.", Link("dataset", dataset.id))
        text = f"{count} in two splits"
        return self._measured(dataset, count, text, "split_leak" if count else "", text)

    def phrase(self) -> str:
        """Return what it is."""
        return "samples that lie in two splits"


@facts.register("imbalance")
class ImbalanceFact(_OfDataset):
    """How rare the rarest class is."""

    title: ClassVar[str] = "Rarest class"
    text: ClassVar[str] = "Samples of the rarest class over those of the most frequent one."
    wrong: ClassVar[Condition] = Condition.BELOW

    def _of(self, view: ProjectView, dataset: Dataset) -> Measured:
        counts = dataset.imported.class_counts
        if not counts:
            return Measured(None, f"{dataset.title} has no classes.", Link("dataset", dataset.id))
        value = min(counts) / max(counts) if max(counts) else 0.0
        name = dataset.schema.classes[counts.index(min(counts))]
        number = f"{value:.2f}"
        return self._measured(dataset, value, f"{number}: {name}", number=number)

    def phrase(self) -> str:
        """Return what it is."""
        return "share of the rarest class against the most frequent one"


@facts.register("samples")
class SampleFact(_OfDataset):
    """How many samples there are."""

    title: ClassVar[str] = "Samples"
    text: ClassVar[str] = "Of the smallest class, or of all where there are no classes."
    wrong: ClassVar[Condition] = Condition.BELOW

    def _of(self, view: ProjectView, dataset: Dataset) -> Measured:
        value = min(dataset.imported.class_counts, default=dataset.imported.count)
        return self._measured(dataset, value, f"{value:,}")

    def phrase(self) -> str:
        """Return what it is."""
        return "samples of the smallest class"
