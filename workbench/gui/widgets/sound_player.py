"""Lets a recording be heard through the program that the system plays sound with."""

import shutil
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from workbench.gui.translate import tr

# What is there on each system without anything of ours; QtMultimedia would bring hundreds of megabytes.
_PLAYERS = {"darwin": (("afplay",),), "win32": (("powershell", "-NoProfile", "-Command"),)}
_OTHERS = (("pw-play",), ("paplay",), ("aplay", "-q"))


class SoundPlayer(QObject):
    """Plays one recording at a time. `playing_changed` tells when it begins and ends."""

    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process = QProcess(self)
        self._process.stateChanged.connect(self._on_state)

    @property
    def playing(self) -> bool:
        """Whether something is being played."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    @property
    def silence(self) -> str:
        """Why nothing can be heard on this machine, in a few words; empty where it can."""
        return "" if _player() else tr("no sound here: no program that plays it was found")

    def play(self, samples: Any, rate: int) -> None:
        """Play samples, (n,) int16, at so many a second; what is being played stops."""
        self.stop()
        found = _player()
        if found is None:
            return
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "sound.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.astype("<i2").tobytes())
        program, *arguments = found
        last = f"(New-Object Media.SoundPlayer '{path}').PlaySync()" if sys.platform == "win32" else str(path)
        self._process.start(program, [*arguments, last])

    def stop(self) -> None:
        """Stop what is being played."""
        if self.playing:
            self._process.kill()
            self._process.waitForFinished(1000)

    def _on_state(self, state: QProcess.ProcessState) -> None:
        if state is QProcess.ProcessState.NotRunning and self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        if state is not QProcess.ProcessState.Starting:
            self.playing_changed.emit(state is QProcess.ProcessState.Running)


def _player() -> list[str] | None:
    """Return the program that plays a file, with its arguments; None where there is none."""
    for program, *arguments in _PLAYERS.get(sys.platform, _OTHERS):
        found = shutil.which(program)
        if found:
            return [found, *arguments]
    return None
