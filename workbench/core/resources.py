"""Where the files that ship with the program lie: in the wheel and in a checkout alike."""

from pathlib import Path


def resource(name: str) -> Path:
    """Return the path of a shipped file, such as `styles/workbench.qss`."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "resources"
    return (installed if installed.is_dir() else package.parent / "resources") / name
