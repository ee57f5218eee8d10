"""The states things can be in, and which may follow which."""

from enum import StrEnum


class Task(StrEnum):
    """What a model has to learn."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


class Modality(StrEnum):
    """What one sample is."""

    PICTURE = "picture"
    TABLE = "table"
    TEXT = "text"
    AUDIO = "audio"


class Split(StrEnum):
    """The three disjoint parts of a dataset."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"


class LogLevel(StrEnum):
    """How much a line of a run's log matters, from the least to the most."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def and_above(self) -> "tuple[LogLevel, ...]":
        """This level and those that matter more."""
        levels = tuple(LogLevel)
        return levels[levels.index(self) :]


class Stage(StrEnum):
    """Where a project is in its life."""

    INITIATION = "initiation"
    DEVELOPMENT = "development"
    TESTING = "testing"
    DEPLOYMENT = "deployment"
    OPERATIONS = "operations"


class RunState(StrEnum):
    """Where a run is. `may_become` says what may follow."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DIVERGED = "diverged"

    @property
    def active(self) -> bool:
        """Whether a worker has, or will have, the run in its hands."""
        return self in (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED)

    @property
    def resumable(self) -> bool:
        """Whether the run can go on from its last checkpoint."""
        return self in (RunState.STOPPED, RunState.INTERRUPTED, RunState.FAILED)

    def may_become(self, other: "RunState") -> bool:
        """Return whether a run in this state may go to `other`."""
        return other in _NEXT_RUN_STATES[self]


_ENDS = frozenset(
    {RunState.FINISHED, RunState.STOPPED, RunState.INTERRUPTED, RunState.FAILED, RunState.DIVERGED}
)
_NEXT_RUN_STATES: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.STOPPED, RunState.INTERRUPTED, RunState.FAILED}),
    RunState.RUNNING: _ENDS | {RunState.PAUSED},
    RunState.PAUSED: _ENDS | {RunState.RUNNING},
    RunState.FINISHED: frozenset(),
    RunState.STOPPED: frozenset({RunState.QUEUED}),
    RunState.INTERRUPTED: frozenset({RunState.QUEUED}),
    RunState.FAILED: frozenset({RunState.QUEUED}),
    RunState.DIVERGED: frozenset(),
}


class JobState(StrEnum):
    """Where a background job is."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class RiskStatus(StrEnum):
    """Where a risk is."""

    OPEN = "open"
    MITIGATING = "mitigating"
    ACCEPTED = "accepted"
    OCCURRED = "occurred"
    CLOSED = "closed"

    @property
    def counts(self) -> bool:
        """Whether the risk still weighs on the project: accepted is not closed."""
        return self is not RiskStatus.CLOSED


class Response(StrEnum):
    """What is done about a risk."""

    AVOID = "avoid"
    MITIGATE = "mitigate"
    TRANSFER = "transfer"
    ACCEPT = "accept"


class Condition(StrEnum):
    """On which side of its limit a watched number is wrong."""

    BELOW = "below"
    ABOVE = "above"


class Verdict(StrEnum):
    """What is known of a gate's criterion or of a watch."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class ProposalKind(StrEnum):
    """What a watch, or a mitigation that was tried, asks the user to decide about a risk."""

    RAISED = "raised"
    LOWER = "lower"
    RESIDUAL = "residual"


class DecisionKind(StrEnum):
    """What was decided."""

    GATE_PASSED = "gate_passed"
    GATE_OVERRIDDEN = "gate_overridden"
    RISK_ACCEPTED = "risk_accepted"
    FINDING_ACCEPTED = "finding_accepted"
    RUN_RELEASED = "run_released"
    GOAL_CHANGED = "goal_changed"
    OTHER = "other"
