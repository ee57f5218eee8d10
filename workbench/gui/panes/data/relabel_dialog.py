"""The samples whose label is doubted, each with the class that it is probably of."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QWidget

from workbench.core.errors import UserError
from workbench.core.records import Finding
from workbench.core.states import Modality
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.rows import Rows
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.labels import tip
from workbench.gui.widgets.picture_grid import as_image

_PLACE = Qt.ItemDataRole.UserRole
_MOST = 300
_EDGE = 64


class RelabelDialog(FormDialog):
    """Lets the user tick what is to be relabelled. `chosen` carries the numbers of the samples.

    Args:
        look: The dataset.
        rows: Returns samples as text.
        finding: The doubted labels, with the proposed ones in its fields.
        parent: The pane.
    """

    chosen = Signal(list)

    def __init__(self, look: Look, rows: Rows | None, finding: Finding, parent: QWidget | None) -> None:
        shown = min(len(finding.samples), _MOST)
        about = tr(
            "Tick what the model is right about: these get the proposed class in a new version. The surest "
            "stand first."
        )
        super().__init__(tr("Look and relabel"), about, tr("Relabel"), parent)
        self.resize(640, 560)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Doubted labels"))
        self.list.setUniformItemSizes(True)
        if look.dataset.schema.modality is Modality.PICTURE:
            self.list.setIconSize(QSize(_EDGE, _EDGE))
        for place, proposal in list(zip(finding.samples, finding.fields["labels"], strict=False))[:shown]:
            self.list.addItem(_item(look, rows, place, proposal))
        self.list.itemChanged.connect(lambda _item: self._count())
        all_button = QPushButton(tr("Tick all"))
        all_button.setAccessibleName(tr("Tick all"))
        all_button.setProperty("quiet", True)
        all_button.clicked.connect(self._tick_all)
        row = QHBoxLayout()
        row.addWidget(all_button)
        row.addStretch(1)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(row)
        self._count()

    def places(self) -> list[int]:
        """Return the numbers of the ticked samples."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [int(item.data(_PLACE)) for item in items if item.checkState() is Qt.CheckState.Checked]

    def save(self) -> None:
        """Hand on what is ticked."""
        places = self.places()
        if not places:
            raise UserError(tr("Tick at least one sample."))
        self.chosen.emit(places)

    def _tick_all(self) -> None:
        items = [self.list.item(row) for row in range(self.list.count())]
        all_ticked = all(item.checkState() is Qt.CheckState.Checked for item in items)
        for item in items:
            item.setCheckState(Qt.CheckState.Unchecked if all_ticked else Qt.CheckState.Checked)

    def _count(self) -> None:
        count = len(self.places())
        text = tr("Relabel {count} samples", count=number_format.count(count))
        if count < 2:
            text = tr("Relabel 1 sample") if count else tr("Relabel")
        self.action.setText(text)
        self.action.setAccessibleName(text)


def _item(look: Look, rows: Rows | None, place: int, proposal: str) -> QListWidgetItem:
    given = look.bars[int(look.samples.y[place])]
    words = tr("{given} → {proposed}", given=given, proposed=proposal)
    name = look.samples.names[place]
    if look.dataset.schema.modality is Modality.PICTURE:
        item = QListWidgetItem(_icon(look.samples.x[place]), f"{words}\n{name}")
    else:
        cells = " · ".join(rows(place, place + 1)[0][:8]) if rows is not None else ""
        item = QListWidgetItem(f"{words}\n{name}: {cells}")
    item.setToolTip(tip(f"{words} · {name}"))
    item.setData(_PLACE, place)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Unchecked)
    return item


def _icon(pixels: Any) -> QIcon:
    edges = QSize(_EDGE, _EDGE)
    picture = QPixmap.fromImage(as_image(pixels))
    smooth = Qt.TransformationMode.SmoothTransformation
    keep = Qt.AspectRatioMode.KeepAspectRatio
    is_small = max(picture.width(), picture.height()) < _EDGE
    return QIcon(
        picture.scaled(edges, keep, Qt.TransformationMode.FastTransformation if is_small else smooth)
    )
