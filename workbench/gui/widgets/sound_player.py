"""Lets a recording be heard through the program that the system plays sound with."""

import shutil
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, QProcess, QTimer, Signal

from workbench.gui.translate import tr

# What is there on each system without anything of ours; QtMultimedia would bring hundreds of megabytes.
_PLAYERS = {"darwin": (("afplay",),), "win32": (("powershell", "-NoProfile", "-Command"),)}
_OTHERS = (("pw-play",), ("paplay",), ("aplay", "-q"))
_MOVES_EVERY_MS = 40


class SoundPlayer(QObject):
    """Plays one recording at a time.

    Attributes:
        playing_changed: Tells when it begins and ends.
        moved: Carries the seconds that were played, a few times a second.
        failed: Carries in a few words why nothing can be heard: the system has a program, but no sound.
    """

    playing_changed = Signal(bool)
    moved = Signal(float)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._path = Path()
        self._left: list[list[str]] = []
        self._process = QProcess(self)
        self._process.started.connect(self._on_started)
        self._process.finished.connect(lambda code, _status: self._on_end(code == 0))
        self._process.errorOccurred.connect(self._on_error)
        self._since = QElapsedTimer()
        self._clock = QTimer(self)
        self._clock.setInterval(_MOVES_EVERY_MS)
        self._clock.timeout.connect(lambda: self.moved.emit(self._since.elapsed() / 1000))

    @property
    def playing(self) -> bool:
        """Whether something is being played."""
        return self._folder is not None

    @property
    def silence(self) -> str:
        """Why nothing can be heard on this machine, in a few words; empty where it can."""
        return "" if _players() else tr("no sound here: no program that plays it was found")

    def play(self, samples: Any, rate: int) -> None:
        """Play samples, (n,) int16, at so many a second; what is being played stops."""
        self.stop()
        self._left = _players()
        if not self._left:
            return
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "sound.wav"
        with wave.open(str(self._path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.astype("<i2").tobytes())
        self.playing_changed.emit(True)
        self._begin()

    def stop(self) -> None:
        """Stop what is being played."""
        if self.playing:
            self._over()
            self._process.kill()
            self._process.waitForFinished(1000)

    def _begin(self) -> None:
        if not self.playing:
            return  # stopped in the meantime
        program, *arguments = self._left.pop(0)
        windows = f"(New-Object Media.SoundPlayer '{self._path}').PlaySync()"
        last = windows if sys.platform == "win32" else str(self._path)
        self._process.start(program, [*arguments, last])

    def _on_started(self) -> None:
        self._since.start()
        self._clock.start()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        # All other errors end in `finished`.
        if error is QProcess.ProcessError.FailedToStart:
            self._on_end(False)

    def _on_end(self, well: bool) -> None:
        self._clock.stop()
        if not self.playing:
            return  # it was stopped
        if not well and self._left:
            # Not from within the signal: the process is not quite at its end there.
            QTimer.singleShot(0, self, self._begin)
            return
        self._over()
        if not well:
            self.failed.emit(tr("no sound here: this machine has no loudspeaker that can be used"))

    def _over(self) -> None:
        self._clock.stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self.playing_changed.emit(False)


def _players() -> list[list[str]]:
    """Return the programs that may play a file, each with its arguments, the most usual one first."""
    offered = _PLAYERS.get(sys.platform, _OTHERS)
    return [[found, *arguments] for name, *arguments in offered if (found := shutil.which(name))]
