"""How runs do on slices of their splits, computed from stored predictions when somebody asks."""

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from workbench.board.suggestions import from_slice
from workbench.core.errors import UserError
from workbench.core.records import Evaluation
from workbench.core.risks import RiskIdea
from workbench.core.slices import SliceMeasures, slice_name

if TYPE_CHECKING:
    from workbench.datasets.attributes import Groups
    from workbench.services.session import Session


class Slices:
    """Measures by slice of the evaluations of an open project; each is computed once, as none ever changes.

    The first look at a dataset reads all of it: not for the window's thread.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._lock = threading.Lock()
        self._known: dict[int, Sequence[SliceMeasures]] = {}
        self._groups = lru_cache(maxsize=2)(self._find_groups)

    def of(self, evaluation: Evaluation) -> Sequence[SliceMeasures]:
        """Return the slices of an evaluation, those left behind first, then the worst first.

        Raises:
            DataError: The predictions or the data are gone.
            CancelledError: The project is being closed.
        """
        with self._lock:
            if evaluation.id not in self._known:
                self._known[evaluation.id] = self._measured(evaluation)
            return self._known[evaluation.id]

    def known(self, evaluation: Evaluation) -> Sequence[SliceMeasures]:
        """Return the slices of an evaluation; none where its predictions or data are gone."""
        try:
            return self.of(evaluation)
        except UserError:
            return ()

    def idea(self, evaluation: Evaluation, part: SliceMeasures) -> RiskIdea:
        """Return a risk made from a slice on which a run does worse than on the rest."""
        return from_slice(self._session.training.get(evaluation.run_id), evaluation, part)

    def names(self, dataset_id: int) -> list[str]:
        """Return the words by which the slices of a dataset are known."""
        with self._lock:
            groups = self._groups(dataset_id)
        return [slice_name(item.attribute, name) for item in groups for name in item.names]

    def _measured(self, evaluation: Evaluation) -> Sequence[SliceMeasures]:
        from workbench.evaluation.slices import measure_slices

        session = self._session
        run = session.training.get(evaluation.run_id)
        said = session.evaluation.predictions(evaluation)
        groups, schema = self._groups(run.dataset_id), session.datasets.get(run.dataset_id).schema
        return measure_slices(groups, said.index, said.actual.ravel(), said.predicted.ravel(), schema)

    def _find_groups(self, dataset_id: int) -> "Sequence[Groups]":
        from workbench.datasets.attributes import group

        session = self._session
        dataset, samples = session.datasets.get(dataset_id), session.datasets.samples(dataset_id)
        attributes = session.datasets.kind(dataset).attributes(samples, dataset.schema, session.closing)
        return [found for item in attributes if (found := group(item)) is not None]
