"""Widgets side by side take the height of their rows, also when they come late."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.gui.widgets.flow_layout import FlowLayout


def test_the_height_follows_widgets_that_are_exchanged(qtbot):
    window, inner = QWidget(), QWidget()
    qtbot.addWidget(window)
    flow = FlowLayout(inner)
    column = QVBoxLayout(window)
    column.addWidget(inner)
    column.addStretch(1)
    window.resize(300, 300)
    window.show()
    for count in (3, 0, 12, 1):
        while (item := flow.takeAt(0)) is not None:
            item.widget().hide()
            item.widget().deleteLater()
        for number in range(count):
            label = QLabel(f"a word {number}")
            flow.addWidget(label)
            label.show()
        wanted = flow.heightForWidth(300)
        assert (wanted > 0) is (count > 0)
        qtbot.waitUntil(lambda wanted=wanted: inner.height() == wanted, timeout=5000)
