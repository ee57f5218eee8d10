"""What the window does on a starter, without a window: import, train, evaluate, and the confusion matrix."""

from pathlib import Path

from workbench.cli.app import carried_out
from workbench.cli.console import Console
from workbench.cli.drawing import number, plain
from workbench.cli.follow import Interrupts, follow, reported
from workbench.cli.judging import tell_evaluation
from workbench.cli.projects import tell_import
from workbench.cli.training import carry
from workbench.core.errors import UserError
from workbench.core.records import Dataset, Evaluation

_STARTER = "digits"


def tour(project: Path | None, starter: str | None) -> int:
    """Do the window's main job on a starter and print what it would show; returns the exit code.

    Args:
        project: Where the project lies; made from the starter when it is not there.
        starter: The starter; digits when not given.
    """
    return carried_out(
        lambda interrupts: _tour(project, starter, Console(as_json=False), interrupts), Console(as_json=False)
    )


def _tour(project: Path | None, starter: str | None, console: Console, interrupts: Interrupts) -> int:
    from workbench.services.projects import begin_starter, open_starter

    name = starter or _STARTER
    console.note(f"No display was found, so the {name} starter runs here on the command line.")
    with interrupts.deferred():
        session = open_starter(name, project)
    with reported(session), interrupts.deferred():
        if session.project.starter != name:
            raise UserError(
                f"{session.folder.root} was not made from the {name} starter: "
                "work on it with the commands that `workbench --help` lists."
            )
        dataset: Dataset = follow(session, begin_starter(session), console, interrupts)
        tell_import(console, dataset)
        card = session.models.cards(dataset.id)[0]
        console.say(f"\nTraining {card.title}. {card.reason}")
        run_id = session.training.start(dataset.id, card.name)
        code = carry(session, run_id, console, interrupts)
        if code:
            return code
        evaluation: Evaluation = follow(session, session.evaluation.evaluate(run_id), console, interrupts)
        tell_evaluation(console, evaluation)
        accuracy = number(evaluation.metrics["accuracy"])
        console.say(
            f"\nAccuracy on the test split: {accuracy}. The project lies in {plain(session.folder.root)}."
        )
    return 0
