"""The panes, in the order of the rail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A pane that is made when it is first shown, so that the first window needs none of the others."""

    name: str
    title: str
    icon_name: str
    module: str
    class_name: str


PLACES = (
    Place("home", "Home", "house", "workbench.gui.panes.home", "HomePane"),
    Place("data", "Data", "database", "workbench.gui.panes.data", "DataPane"),
    Place("models", "Models", "cube", "workbench.gui.panes.models", "ModelsPane"),
    Place("train", "Train", "chart-line", "workbench.gui.panes.training", "TrainPane"),
    Place("evaluate", "Evaluate", "grid-four", "workbench.gui.panes.evaluation", "EvaluatePane"),
    Place("board", "Board", "columns", "workbench.gui.panes.board", "BoardPane"),
    Place("risks", "Risks", "warning", "workbench.gui.panes.risks", "RisksPane"),
)
