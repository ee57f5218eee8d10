"""Workbench's own window, off screen: how late its event loop is while it trains, imports and draws."""

import shutil
import threading
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer

from tests.benchmarks.material import FAMILY
from tests.benchmarks.workbench_runs import samples_per_second, settings
from workbench.core.configs import SplitConfig

TICK_S = 0.010


class Windowed:
    """The main window, on its Train pane at first."""

    def __init__(self, home: Path) -> None:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home / "settings"))
        from workbench.gui.app import create_window

        self.home = home
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

    def bring_in(self, folder: str) -> dict[str, object]:
        """Import a folder of pictures as if it were dropped on the window, and have it checked as always.

        Returns:
            Pictures a second from the drop to the end of the import, and how late every tick was until then
            and during the health check that follows, in ms.
        """
        session = self.window.session
        ended: list[tuple[float, object]] = []

        def watch() -> None:
            while (job := session.jobs.find("import")) is None:
                time.sleep(0.002)
            dataset = session.jobs.wait(job.id, 300)
            ended.append((time.perf_counter(), dataset))

        start = time.perf_counter()
        thread = threading.Thread(target=watch)
        self.window.import_data([self.home / folder])
        thread.start()
        late = self._lateness(lambda: bool(ended))
        thread.join()
        taken, dataset = ended[0][0] - start, ended[0][1]
        checked = self._lateness(lambda: session.jobs.find(f"health:{dataset.id}") is None)
        session.datasets.delete(dataset.id)  # else the next one is recognised
        self._spin(0.5)
        return {"speed": dataset.imported.found / taken, "late_ms": late, "checked_ms": checked}

    def check(self, count: int) -> dict[str, object]:
        """Check the health of so many pictures with planted defects, and cancel it on the way.

        Returns:
            Seconds in all and of each check, how late every tick was in ms, memory that it took at its peak
            in MB, seconds until a cancelled one ended, and the samples of each finding.
        """
        from tests.benchmarks import defects

        session, folder = self.window.session, "datasets/planted"
        planted = defects.plant(count)
        defects.write(planted, session.folder.resolve(folder))
        imported = defects.imported(planted)
        dataset = session.store.datasets.add("planted", "", folder, imported, SplitConfig()).id
        self.window.go("data")
        self._spin(1.0)
        begun: dict[str, float] = {}
        memory = psutil.Process().memory_info
        before, peak = memory().rss, [0]
        job, start = session.health.check(dataset), time.perf_counter()

        def done() -> bool:
            begun.setdefault(session.jobs.get(job).text, time.perf_counter())
            peak[0] = max(peak[0], memory().rss)
            return session.jobs.ended(job)

        late = self._lateness(done)
        stops = [*begun.values(), time.perf_counter()][1:]
        took = {text: stop - at for (text, at), stop in zip(begun.items(), stops, strict=True)}
        taken = time.perf_counter() - start
        return {
            "seconds": taken,
            "checks": took,
            "late_ms": late,
            "memory_mb": (peak[0] - before) / 1e6,
            "cancelled_s": [self._cancelled(dataset, share * taken) for share in (0.1, 0.3, 0.5, 0.7, 0.9)],
            "found": {item.code: item.samples for item in session.health.findings(dataset)},
        }

    def _cancelled(self, dataset: int, after_s: float) -> float:
        """Return how long a check still works after it was cancelled."""
        jobs = self.window.session.jobs
        job = self.window.session.health.check(dataset)
        self._spin(after_s)
        jobs.cancel(job)
        start = time.perf_counter()
        while not jobs.ended(job):
            self._spin(0.005)
        return time.perf_counter() - start

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
            if ticks[0] % 4 == 0 and done():
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
