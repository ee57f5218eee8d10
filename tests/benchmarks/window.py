"""Workbench's own window, off screen: how late its event loop is while it trains and draws."""

import shutil
import threading
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer

from tests.benchmarks.material import FAMILY
from tests.benchmarks.workbench_runs import samples_per_second, settings

TICK_S = 0.010


class Windowed:
    """The main window on its Train pane."""

    def __init__(self, home: Path) -> None:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home / "settings"))
        from workbench.gui.app import create_window

        shutil.copytree(home / "project", home / "windowed")
        self.window = create_window(home / "windowed")
        self._until(lambda: self.window.session is not None)
        self.window.go("train")
        # What the window loads after its first paint belongs to starting, not to training.
        import torch  # noqa: F401

        self._spin(2.0)

    def run(self, kind: str) -> dict[str, object]:
        """Train while the window lives; return samples a second and how late every tick was, in ms."""
        session = self.window.session
        started: list[int] = []
        dataset = session.datasets.find(kind).id
        thread = threading.Thread(
            target=lambda: started.append(session.training.start(dataset, FAMILY[kind], {}, settings(kind)))
        )
        thread.start()
        self._until(lambda: bool(started))
        thread.join()
        self.window.go("train", run_id=started[0])
        late = self._lateness(lambda: session.training.job(started[0]) is None)
        run = session.training.get(started[0])
        return {"speed": samples_per_second(session, run), "late_ms": late}

    def idle(self) -> list[float]:
        """Return how late the ticks of the resting window are, in ms."""
        end = time.perf_counter() + 2
        return self._lateness(lambda: time.perf_counter() > end)

    def close(self) -> None:
        self.window.close_without_asking()
        self._spin(0.5)

    def _lateness(self, done) -> list[float]:
        late: list[float] = []
        loop, timer = QEventLoop(), QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(int(TICK_S * 1000))
        last = [time.perf_counter()]
        ticks = [0]

        def tick() -> None:
            now = time.perf_counter()
            late.append(max(0.0, now - last[0] - TICK_S) * 1000)
            last[0] = now
            ticks[0] += 1
            if ticks[0] % 20 == 0 and done():
                loop.quit()

        timer.timeout.connect(tick)
        timer.start()
        loop.exec()
        timer.stop()
        return late

    def _until(self, done, seconds: float = 60) -> None:
        end = time.perf_counter() + seconds
        while not done():
            if time.perf_counter() > end:
                raise TimeoutError("the window did not get ready")
            self._spin(0.02)

    def _spin(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        loop.exec()
