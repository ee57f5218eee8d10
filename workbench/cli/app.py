"""The commands, and what their exit codes mean.

0 done · 1 the input or the data is at fault, or the run failed or diverged · 2 wrong usage · 3 our own
fault · 4 the project cannot be opened · 130 interrupted, and the run can be resumed.
"""

import tempfile
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from workbench import __version__
from workbench.cli import board, health, judging, projects, training
from workbench.cli.console import Console
from workbench.cli.follow import CannotOpenError, FaultError, Interrupts
from workbench.cli.request import COMMANDS
from workbench.core.errors import CancelledError, UserError
from workbench.core.files import atomic_write
from workbench.core.host_memory import share_one_arena
from workbench.core.registry import nearest


class WrongUsageError(Exception):
    """The words of the command line make no command; the message says which."""


# What the command line library raises on wrong words; it has no public name of its own.
_WrongUsage: type[Exception] = typer.BadParameter.__mro__[1]

_app = typer.Typer(
    name="workbench",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    subcommand_metavar="[PROJECT] | COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _register in (projects.register, health.register, training.register, judging.register, board.register):
    _register(_app)


@_app.callback(invoke_without_command=True)
def _root(
    starter: Annotated[
        str | None, typer.Option(metavar="NAME", help="Open the window on a project made from a starter.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Workbench: from raw data to a model that a team can trust.

    Without a command the window opens, on PROJECT or on the last one.
    """
    if version:
        Console(as_json=False).say(f"workbench {__version__}")


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code. Never a traceback.

    Args:
        arguments: The command line without the program's name.
    """
    share_one_arena()
    command = next((f" {word}" for word in arguments if word in COMMANDS), "")

    def work(interrupts: Interrupts) -> object:
        try:
            _refuse_unknown(arguments)
            return _app(list(arguments), prog_name="workbench", obj=interrupts, standalone_mode=False)
        except _WrongUsage as error:
            message = error.format_message() if isinstance(error, typer.BadParameter) else str(error)
            message = message.removeprefix("Invalid value: ").rstrip(".")
            message += "" if message.endswith("?") else "."
            raise WrongUsageError(f"{message} See workbench{command} --help.") from error

    return carried_out(work, Console(as_json="--json" in arguments))


def carried_out(work: Callable[[Interrupts], object], console: Console) -> int:
    """Do some work that signals can interrupt; what goes wrong becomes a line and an exit code.

    Args:
        work: Returns the exit code; anything else is 0.
        console: Where faults are told.
    """
    interrupts = Interrupts()
    try:
        with interrupts.installed():
            code = work(interrupts)
    except WrongUsageError as error:
        return _failed(console, 2, str(error))
    except CannotOpenError as error:
        return _failed(console, 4, str(error))
    except FaultError as error:
        return _failed(console, 3, str(error))
    except UserError as error:
        return _failed(console, 1, str(error), error.fields)
    except (CancelledError, KeyboardInterrupt):
        return _failed(console, 130, "Interrupted; what was saved before is whole.")
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence and a report, no traceback
        return _failed(console, 3, _report(error))
    return code if isinstance(code, int) else 0


def _failed(console: Console, code: int, message: str, fields: dict[str, str] | None = None) -> int:
    console.error(message)
    more = {"fields": fields} if fields else {}
    console.result(error=message, exit_code=code, **more)
    return code


def _refuse_unknown(arguments: Sequence[str]) -> None:
    first = arguments[0] if arguments else ""
    if first and not first.startswith("-") and first not in COMMANDS:
        raise typer.BadParameter(
            f"There is no project or command {first!r}. {nearest(first, list(COMMANDS))}"
        )


def _report(error: Exception) -> str:
    """Write a report where no project is open to hold it, and return the sentence that names it."""
    path = Path(tempfile.gettempdir()) / f"workbench-fault-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt"
    text = f"Workbench {__version__}\n\n{''.join(traceback.format_exception(error))}"
    try:
        atomic_write(path, text.encode(errors="backslashreplace"))
    except UserError:
        return f"Something went wrong in Workbench itself ({type(error).__name__}: {error})."
    return f"Something went wrong in Workbench itself. The report is {path}."
