"""What can go wrong with a training besides the user's own doing, and what is worth another try."""

import signal
from enum import StrEnum

from workbench.core.errors import UserError, is_out_of_memory


class Cause(StrEnum):
    """Why a worker is gone, or had to go."""

    NOT_STARTED = "could not be started"
    CRASHED = "crashed"
    KILLED = "was ended by the system"
    OUT_OF_MEMORY = "was ended for lack of memory"
    HUNG = "stopped answering"


class WorkerLostError(UserError):
    """The worker process ended, or had to be ended, before the training did.

    What it told before is kept, so the run can go on from its last checkpoint.

    Args:
        cause: What happened.
        detail: More about it, such as the name of the signal; empty when there is no more.
        printed: The last lines that the process printed, for the report.
    """

    def __init__(self, cause: Cause, detail: str = "", printed: str = "") -> None:
        super().__init__(f"The training process {cause}{f' ({detail})' if detail else ''}.")
        self.cause = cause
        self.detail = detail
        if printed:
            self.add_note(f"The process printed at last:\n{printed}")


class WorkerFaultError(Exception):
    """A fault of ours inside the worker; its traceback is a note of this error.

    Args:
        message: The error there, with its type.
        report: Its traceback, and what the process printed.
        passing: Whether another try may do better.
    """

    def __init__(self, message: str, report: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing
        self.add_note(report)


# What a GPU says of itself when a computation was lost.
_GPU_FAULTS = (
    "CUDA error",
    "CUDNN_STATUS",
    "CUBLAS_STATUS",
    "device-side assert",
    "HIP error",
    "MPS backend",
)


def is_passing(error: BaseException) -> bool:
    """Return whether a second try in a fresh process may go well: a crash, a hang, a fault of the GPU."""
    if isinstance(error, WorkerLostError):
        return error.cause in (Cause.CRASHED, Cause.HUNG, Cause.NOT_STARTED)
    if isinstance(error, WorkerFaultError):
        return error.passing
    if not isinstance(error, RuntimeError) or is_out_of_memory(error):
        return False
    return type(error).__name__ == "AcceleratorError" or any(word in str(error) for word in _GPU_FAULTS)


def cause_of(exit_code: int, memory_kills: int) -> tuple[Cause, str]:
    """Return why a process ended on its own, and in which words.

    Args:
        exit_code: As subprocess has it: negative is the number of a signal.
        memory_kills: How many processes the system ended for lack of memory since this one began.
    """
    if exit_code >= 0:
        return Cause.CRASHED, f"exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    if name != "SIGKILL":
        return Cause.CRASHED, name
    return (Cause.OUT_OF_MEMORY, "") if memory_kills else (Cause.KILLED, name)


def memory_kills() -> int:
    """Return how many processes this machine has ended for lack of memory; 0 where it does not say."""
    try:
        with open("/proc/vmstat", encoding="ascii") as file:  # noqa: PTH123 - no path of a project
            return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
    except OSError:
        return 0
