"""How the state of a run is said: the same word and tone on every pane."""

from workbench.core.states import RunState
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import tone_color

_TONES = {
    RunState.QUEUED: "",
    RunState.RUNNING: "info",
    RunState.PAUSED: "warning",
    RunState.FINISHED: "good",
    RunState.STOPPED: "",
    RunState.INTERRUPTED: "warning",
    RunState.FAILED: "danger",
    RunState.DIVERGED: "danger",
}


def state_word(state: RunState) -> str:
    """Return the word for a state, in the user's language."""
    words = {
        RunState.QUEUED: tr("waits"),
        RunState.RUNNING: tr("training"),
        RunState.PAUSED: tr("paused"),
        RunState.FINISHED: tr("finished"),
        RunState.STOPPED: tr("stopped"),
        RunState.INTERRUPTED: tr("interrupted"),
        RunState.FAILED: tr("failed"),
        RunState.DIVERGED: tr("diverged"),
    }
    return words[state]


def state_tone(state: RunState) -> str:
    """Return the tone of the state's badge: info, good, warning, danger, or empty for a quiet one."""
    return _TONES[state]


def state_color(state: RunState) -> str:
    """Return the token of the state's colour, the one that its badge has."""
    return tone_color(_TONES[state])
