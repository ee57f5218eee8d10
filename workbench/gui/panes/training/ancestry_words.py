"""What was changed from one run to the next, in words: `learning rate 0.001 → 0.0001`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.records import Run
from workbench.gui.panes.training.details import setting_words
from workbench.gui.translate import tr
from workbench.gui.widgets.form_fields import Choices, extra_of
from workbench.services.ancestry import Change, owner_of

if TYPE_CHECKING:
    from workbench.core.registry import Choice

ARROW = "→"


class ChangeWords:
    """Knows the names of settings, models and datasets.

    Args:
        families: Classes of the model families by name, as far as they are loaded.
        choices: Classes of what can be chosen, by registry.
        datasets: Names of the datasets by id.
    """

    def __init__(
        self, families: "Mapping[str, type[Choice]]", choices: Choices, datasets: Mapping[int, str]
    ) -> None:
        self._families = families
        self._choices = choices
        self._datasets = datasets

    def of(self, change: Change, run: Run) -> str:
        """Return the words for one change that led to a run."""
        if change.part == "data":
            title, names = tr("data"), self._datasets
            before, after = (names.get(value, str(value)) for value in (change.before, change.after))
        elif change.part == "model":
            title = tr("model")
            before, after = self._family(change.before), self._family(change.after)
        else:
            info = self._info(change, run)
            title = (info.title if info is not None else None) or change.name.replace("_", " ")
            before, after = self._value(change.before, info), self._value(change.after, info)
        # Not an abbreviation's first letter.
        title = title[:1].lower() + title[1:] if not title[1:2].isupper() else title
        return f"{title} {before} {ARROW} {after}"

    def _family(self, name: str) -> str:
        known = self._families.get(name)
        return known.title if known is not None else name

    def _value(self, value: Any, info: FieldInfo | None) -> str:
        extra = extra_of(info) if info is not None else {}
        if value is None:
            return str(extra.get("empty") or tr("none"))
        classes = self._choices.get(str(extra.get("registry")), ())
        chosen = next((cls for cls in classes if cls.name == value), None)
        if chosen is not None:
            return chosen.title
        return setting_words(value, info)

    def _info(self, change: Change, run: Run) -> FieldInfo | None:
        model: type[BaseModel] | None = None
        if change.part in ("train", "split"):
            model = TrainConfig if change.part == "train" else SplitConfig
        elif change.part == "family_fields":
            model = self._families.get(run.family)
        elif owner := owner_of(change.part):
            registry = extra_of(TrainConfig.model_fields[owner]).get("registry")
            name = getattr(run.train, owner)
            model = next((cls for cls in self._choices.get(str(registry), ()) if cls.name == name), None)
        return model.model_fields.get(change.name) if model is not None else None
