"""What only garbage still holds is destroyed on the window's thread, whoever makes the next object."""

import threading

from PySide6.QtCore import QObject

from workbench.gui.garbage import GarbageCollector


class Holder(QObject):
    """An object of Qt that only a cycle of Python holds; notes the thread in which it goes."""

    def __init__(self, gone):
        super().__init__()
        self.itself, self.gone = self, gone

    def __del__(self):
        self.gone.append(threading.current_thread())


def test_a_thread_that_makes_many_objects_collects_no_widget(qtbot, qapp):
    gone = []
    for _ in range(1000):
        Holder(gone)
    busy = threading.Thread(target=lambda: [[[] for _ in range(1000)] for _ in range(100)])
    busy.start()
    busy.join()
    assert not gone, "it was destroyed in a thread that it does not belong to"
    qtbot.waitUntil(lambda: len(gone) == 1000)
    assert set(gone) == {threading.main_thread()}


def test_there_is_one_collector_however_many_windows_are_opened(user, home, qapp):
    for _ in range(2):
        user.open()
        user.close()
    assert len(qapp.findChildren(GarbageCollector)) == 1
