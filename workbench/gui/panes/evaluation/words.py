"""Words that several parts of the Evaluate pane use."""

from workbench.core.records import Evaluation
from workbench.gui.modalities import split_title
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format


def source_words(evaluation: Evaluation) -> str:
    """Return which split and which checkpoint an evaluation is of."""
    return tr(
        "{split} · checkpoint of epoch {epoch}",
        split=split_title(evaluation.split).lower(),
        epoch=evaluation.epoch,
    )


def tab_words(behind: int) -> str:
    """Return the title of the slices, with how many of them lie behind."""
    return tr("Slices ({count})", count=number_format.count(behind)) if behind else tr("Slices")
