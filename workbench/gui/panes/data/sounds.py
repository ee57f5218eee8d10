"""Recordings of a dataset: a list, and the selected one as waveform and log-mel picture, to be heard."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.core.states import Modality
from workbench.gui import background
from workbench.gui.item_models.records import Column
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.sample_list import SampleLine, SampleList, label_column, label_word
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel
from workbench.gui.widgets.sound_player import SoundPlayer
from workbench.gui.widgets.sound_view import SoundView

if TYPE_CHECKING:
    from workbench.services.sounds import Sound


class SoundList(SampleList):
    """Recordings with their label. `failed` carries why one cannot be shown."""

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._detail = _SoundDetail()
        self.view, self.play = self._detail.view, self._detail.play
        columns: list[Column[SampleLine]] = [
            Column(tr("Recording"), lambda line: line.words[0], stretch=True, least=96),
            label_column(),
        ]
        super().__init__(Modality.AUDIO, columns, self._detail, parent)

    def lines(self, look: Look, places: Any) -> list[SampleLine]:
        """Return name and label of recordings."""
        return [
            SampleLine(
                int(place),
                (look.samples.names[int(place)], label_word(look, int(place), self.new)),
                int(place) in self.new,
            )
            for place in places
        ]

    def show_sample(self, look: Look, place: int) -> None:
        """Draw a recording, away from the window's thread."""
        from workbench.services.sounds import read_sound

        schema, samples = look.dataset.schema, look.samples
        background.query(
            lambda: read_sound(samples, schema, place),
            self._detail.show_sound,
            self.failed.emit,
            owner=self,
            key="sound",
        )


class _SoundDetail(QWidget):
    """One recording: its picture, and a button to hear it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = SoundView()
        self._sound: Sound | None = None
        self._player = SoundPlayer(self)
        self._player.playing_changed.connect(self._show_playing)
        self._player.moved.connect(self.view.set_heard)
        self._player.failed.connect(self._show_silence)
        self.play = QPushButton()
        restyle(self.play, quiet=True)
        self.play.clicked.connect(self._on_play)
        self._note = ElidedLabel(role="small")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.play)
        row.addWidget(self._note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.view, 1)
        column.addLayout(row)
        self._show_playing(False)
        self.play.setEnabled(False)

    def show_sound(self, sound: "Sound") -> None:
        """Show another recording; what is heard stops."""
        self._player.stop()
        self._sound = sound
        self.view.set_sound(sound.wave, sound.rate, sound.picture)
        quiet = self._player.silence
        loudest = tr("loudest at {share} of full scale", share=number_format.percent(sound.loudest))
        words = [tr("silent") if sound.silent else loudest, quiet]
        self._note.setText(" · ".join(filter(None, words)))
        self.play.setEnabled(not quiet and not sound.silent)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop: nobody would find the button that does."""
        self._player.stop()
        super().hideEvent(event)

    def _show_silence(self, why: str) -> None:
        self._note.setText(why)
        self.play.setEnabled(False)

    def _on_play(self) -> None:
        if self._player.playing:
            self._player.stop()
        elif self._sound is not None:
            self._player.play(self._sound.wave, self._sound.rate)

    def _show_playing(self, playing: bool) -> None:
        if not playing:
            self.view.set_heard(None)
        text = tr("Stop") if playing else tr("Play")
        self.play.setText(text)
        self.play.setAccessibleName(text)
        self.play.setIcon(icon("stop" if playing else "play"))
