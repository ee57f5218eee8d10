"""What a command line asks for: a command, or the window. Reads nothing but the words."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COMMANDS = (
    *("new", "import", "datasets", "health", "models", "train", "resume"),
    *("runs", "metrics", "log", "evaluate", "predict", "risks", "gates", "doctor"),
)


@dataclass(frozen=True, slots=True)
class WindowRequest:
    """The window is wanted.

    Args:
        project: The project to open; None is the last one, or the starter's own.
        starter: Starter that the project is made from where it is not there yet.
    """

    project: Path | None = None
    starter: str | None = None


def window_request(arguments: Sequence[str]) -> WindowRequest | None:
    """Return what the window has to show; None where a command, or help, is asked for.

    Args:
        arguments: The command line without the program's name.
    """
    words = list(arguments)
    starter: str | None = None
    for place, word in enumerate(words):
        if word in COMMANDS:
            return None
        if word == "--starter" and place + 1 < len(words):
            starter = words[place + 1]
            del words[place : place + 2]
            break
        if word.startswith("--starter=") and word != "--starter=":
            starter = word.removeprefix("--starter=")
            del words[place]
            break
    if len(words) > 1 or any(word.startswith("-") for word in words):
        return None
    if words and not _may_be_a_folder(words[0]):
        return None
    return WindowRequest(Path(words[0]) if words else None, starter)


def no_display() -> bool:
    """Return whether a window cannot be shown here. Only Linux has machines without a display."""
    wanted = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform.startswith("linux") and not any(os.environ.get(name) for name in wanted)


def _may_be_a_folder(word: str) -> bool:
    """Return whether a lone word is a place, not a misspelt command."""
    return word not in COMMANDS and (Path(word).exists() or not word.isalpha())
