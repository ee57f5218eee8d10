"""The project as one view for facts, gates and watches; read from the store, off the window's thread."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from workbench.board.standing import GoalPoint, Happening, Standing, TopRisk, stand
from workbench.board.trace import Node, Trace, trace
from workbench.board.view import ProjectView
from workbench.core.configs import SplitConfig
from workbench.core.errors import CancelledError, UserError
from workbench.core.records import Dataset, Evaluation, Run
from workbench.core.risks import Link
from workbench.core.states import Modality, Split

if TYPE_CHECKING:
    from workbench.services.session import Session


__all__ = ["GoalPoint", "Happening", "Node", "ProjectView", "ProjectViews", "Standing", "TopRisk", "Trace"]

_CHECK_EVERY = 1024


class ProjectViews:
    """Makes views of an open project. What has to be counted in the data is counted once a split."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._lock = threading.Lock()
        self._shared: dict[tuple[int, SplitConfig], int] = {}
        self._missing: dict[int, Mapping[str, float]] = {}

    def now(self, *, counted: bool = True) -> ProjectView:
        """Return the project as it is now.

        Args:
            counted: Whether the data are read where they were not counted yet, which may take seconds.
        """
        session = self._session
        if counted:
            for dataset in session.datasets.all():
                self._count(dataset)
        with ExitStack() as stack:
            with session.board.lock:
                # The first query says what all others see, and nobody changes the board meanwhile.
                stack.enter_context(session.store.database.read())
                project, state = session.project, session.board.state
            datasets, runs = session.datasets.all(), session.training.all()
            evaluations, decisions = self._evaluations(runs), session.board.decisions()
        return ProjectView(
            project,
            date.today(),
            state,
            datasets,
            runs,
            evaluations,
            decisions,
            {
                dataset.id: self._shared[dataset.id, dataset.split]
                for dataset in datasets
                if (dataset.id, dataset.split) in self._shared
            },
            dict(self._missing),
            session.slices.known,
            session.report_once,
            reports=session.store.health.all(),
        )

    def _evaluations(self, runs: Sequence[Run]) -> dict[tuple[int, Split], Evaluation]:
        """Return the newest evaluations, without those of what a run was before it went on."""
        best = {run.id: run.best_epoch for run in runs}
        return {
            (item.run_id, item.split): item
            for item in self._session.store.evaluations.newest()
            if best.get(item.run_id) in (None, item.epoch)
        }

    @property
    def counted(self) -> bool:
        """Whether all that has to be counted in the data was counted already."""
        return all((item.id, item.split) in self._shared for item in self._session.datasets.all())

    def standing(self, *, counted: bool = True) -> Standing:
        """Return where the project stands. Reads the whole project: not on the window's thread.

        Args:
            counted: Whether the data are read where they were not counted yet, which may take seconds.
        """
        now = datetime.now(UTC)
        return stand(self.now(counted=counted), self._session.board.history("risk"), now)

    def trace(self, link: Link) -> Trace:
        """Return what a thing rests on, and what rests on it. Not on the window's thread."""
        return trace(self.now(), link)

    def _count(self, dataset: Dataset) -> None:
        with self._lock:
            if (dataset.id, dataset.split) in self._shared:
                return
            try:
                self._shared[dataset.id, dataset.split] = self._shared_samples(dataset)
                is_table = dataset.schema.modality is Modality.TABLE
                if is_table and dataset.id not in self._missing:
                    self._missing[dataset.id] = self._missing_shares(dataset)
            except (UserError, CancelledError):
                # Such as a file that is gone: the Data pane says so; here it cannot be told.
                return

    def _shared_samples(self, dataset: Dataset) -> int:
        """Return how many samples have the same content as one of another split."""
        import numpy as np

        x = self._session.datasets.samples(dataset.id).x
        first: dict[bytes, int] = {}
        found = 0
        for number, index in enumerate(self._session.datasets.split_indices(dataset.id).values()):
            for place, row in enumerate(index):
                if place % _CHECK_EVERY == 0:
                    self._session.closing.check()
                content = hashlib.blake2b(np.ascontiguousarray(x[row]).tobytes(), digest_size=16).digest()
                found += first.setdefault(content, number) != number
        return found

    def _missing_shares(self, dataset: Dataset) -> Mapping[str, float]:
        """Return by column the share of values that are missing."""
        import numpy as np

        x = self._session.datasets.samples(dataset.id).x
        counts = np.zeros(x.shape[1])
        for start in range(0, len(x), 65_536):
            self._session.closing.check()
            counts += np.isnan(np.asarray(x[start : start + 65_536])).sum(axis=0)
        names = [column.name for column in dataset.schema.used_columns]
        return dict(zip(names, (counts / max(1, len(x))).tolist(), strict=True))
