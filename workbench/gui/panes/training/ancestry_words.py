"""What was changed from one run to the next, in words: `learning rate 0.001 → 0.0001`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from workbench.core.configs import SplitConfig, TrainConfig
from workbench.gui.panes.training.details import setting_words
from workbench.gui.translate import tr
from workbench.services.ancestry import Change

if TYPE_CHECKING:
    from workbench.core.registry import Choice

ARROW = "→"


class ChangeWords:
    """Knows the names of settings, models and datasets.

    Args:
        families: Classes of the model families by name, as far as they are loaded.
        choices: Names and titles of what can be chosen, by registry.
        datasets: Names of the datasets by id.
    """

    def __init__(
        self,
        families: "Mapping[str, type[Choice]]",
        choices: Mapping[str, Sequence[tuple[str, str]]],
        datasets: Mapping[int, str],
    ) -> None:
        self._families = families
        self._choices = choices
        self._datasets = datasets

    def of(self, change: Change, family: str) -> str:
        """Return the words for one change of a run of that model family."""
        before, after = self._value(change, change.before, family), self._value(change, change.after, family)
        return f"{self._title(change, family)} {before} {ARROW} {after}"

    def _title(self, change: Change, family: str) -> str:
        if change.part == "data":
            return tr("data")
        if change.part == "model":
            return tr("model")
        info = self._info(change, family)
        title = (info.title if info is not None else None) or change.name.replace("_", " ")
        # Not an abbreviation's first letter.
        return title[:1].lower() + title[1:] if not title[1:2].isupper() else title

    def _value(self, change: Change, value: Any, family: str) -> str:
        if value is None:
            return tr("none")
        if change.part == "data":
            return self._datasets.get(value, str(value))
        if change.part == "model":
            known = self._families.get(value)
            return known.title if known is not None else str(value)
        info = self._info(change, family)
        extra = info.json_schema_extra if info is not None else None
        registry = extra.get("registry") if isinstance(extra, dict) else None
        titles = dict(self._choices.get(str(registry), ()))
        return titles.get(str(value)) or setting_words(value)

    def _info(self, change: Change, family: str) -> Any:
        models: dict[str, type[BaseModel] | None] = {
            "train": TrainConfig,
            "split": SplitConfig,
            "family_fields": self._families.get(family),
        }
        model = models.get(change.part)
        return model.model_fields.get(change.name) if model is not None else None
