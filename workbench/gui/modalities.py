"""What samples are called and how they are shown, by what one of them is."""

from workbench.core.states import Modality, Split
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

ICONS = {
    Modality.PICTURE: "image",
    Modality.TABLE: "table",
    Modality.TEXT: "article",
    Modality.AUDIO: "microphone",
}


def samples_title(modality: Modality) -> str:
    """Return the word for samples, as a title."""
    return {
        Modality.PICTURE: tr("Pictures"),
        Modality.TABLE: tr("Rows"),
        Modality.TEXT: tr("Texts"),
        Modality.AUDIO: tr("Recordings"),
    }[modality]


def counted(modality: Modality, count: int) -> str:
    """Return how many samples there are, such as `1 text` or `2,127 texts`."""
    if count == 1:
        return {
            Modality.PICTURE: tr("1 picture"),
            Modality.TABLE: tr("1 row"),
            Modality.TEXT: tr("1 text"),
            Modality.AUDIO: tr("1 recording"),
        }[modality]
    number = number_format.count(count)
    return {
        Modality.PICTURE: tr("{count} pictures", count=number),
        Modality.TABLE: tr("{count} rows", count=number),
        Modality.TEXT: tr("{count} texts", count=number),
        Modality.AUDIO: tr("{count} recordings", count=number),
    }[modality]


def split_title(split: Split) -> str:
    """Return the name of a split."""
    return {Split.TEST: tr("Test"), Split.VALIDATION: tr("Validation"), Split.TRAIN: tr("Training")}[split]
