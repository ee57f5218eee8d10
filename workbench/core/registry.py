"""Registries: each choosable thing is one described, frozen model under a name."""

import difflib
import importlib
import pkgutil
import re
import threading
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.errors import UserError
from workbench.core.states import Task


class Choice(BaseModel):
    """Something the user picks by name and sets by its fields.

    Form, command-line flag, search space and the JSON in a run's row all come from the fields:
    every one has a title, a default and bounds. `text` says in a sentence or two what it is, `tasks` for
    which of them it can be chosen, `group` the heading under which it is offered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    text: ClassVar[str] = ""
    group: ClassVar[str] = ""
    tasks: ClassVar[tuple[Task, ...]] = tuple(Task)


T = TypeVar("T", bound=Choice)


class Registry(Generic[T]):
    """Name -> class. Imports the modules of its package on first use, then plug-ins by entry point.

    Args:
        noun: What is registered, in the singular, for messages.
        package: Package or module whose import registers the built-in classes.
    """

    def __init__(self, noun: str, package: str) -> None:
        self.noun = noun
        self._package = package
        self._classes: dict[str, type[T]] = {}
        self._lock = threading.RLock()
        self._loading = self._loaded = False

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Return a class decorator that registers the class under `name`."""

        def add(cls: type[T]) -> type[T]:
            if name in self._classes:
                raise ValueError(f"{self.noun} {name!r} is registered twice")
            cls.name = name
            cls.title = cls.title or name.replace("_", " ").capitalize()
            self._classes[name] = cls
            return cls

        return add

    def names(self) -> list[str]:
        """Return all registered names, in order of registration."""
        self._load()
        return list(self._classes)

    def get(self, name: str) -> type[T]:
        """Return the class of that name.

        Raises:
            UserError: There is none; the message names the nearest.
        """
        self._load()
        if name not in self._classes:
            raise UserError(f"There is no {self.noun} {name!r}. {nearest(name, self._classes)}")
        return self._classes[name]

    def build(self, name: str, fields: Mapping[str, Any] | None = None) -> T:
        """Return an instance with these fields, the others at their defaults.

        Raises:
            UserError: Unknown name or wrong fields; `fields` of the error has each problem.
        """
        return validated(self.get(name), fields or {})

    def _load(self) -> None:
        if self._loaded:
            return
        # Who asks while another thread imports waits for it; who asks from within an import does not.
        with self._lock:
            if self._loaded or self._loading:
                return
            self._loading = True
            try:
                module = importlib.import_module(self._package)
                for info in pkgutil.iter_modules(getattr(module, "__path__", [])):
                    importlib.import_module(f"{self._package}.{info.name}")
                for entry in entry_points(group=f"workbench.{self.noun.replace(' ', '_')}"):
                    entry.load()
            finally:
                self._loading, self._loaded = False, True


M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], fields: Mapping[str, Any]) -> M:
    """Return `model(**fields)` with every problem told at once, by field title.

    Raises:
        UserError: `fields` of the error maps each wrong field to one sentence.
    """
    try:
        return model(**fields)
    except ValidationError as error:
        problems = {str(item["loc"][0]) if item["loc"] else "": _sentence(item) for item in error.errors()}
        titles = {name: info.title or name for name, info in model.model_fields.items()}
        text = "; ".join(f"{titles.get(name, name)}: {problem}" for name, problem in problems.items())
        raise UserError(text, problems) from error


def nearest(word: str, words: Mapping[str, object] | list[str]) -> str:
    """Return a sentence that names what was probably meant, or all there is."""
    close = difflib.get_close_matches(word, list(words), n=3, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"There are: {', '.join(words)}." if words else "There are none yet."


_SENTENCES = {
    "extra_forbidden": "is not a setting here",
    "finite_number": "has to be a finite number",
    "float_parsing": "has to be a number",
    "float_type": "has to be a number",
    "int_from_float": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "int_type": "has to be a whole number",
    "string_type": "has to be chosen",
    "string_pattern_mismatch": "is not written as it has to be",
}


def _alternatives(pattern: str) -> str:
    """Return the words that a pattern of alternatives allows, such as `auto, cpu or cuda:1`; else nothing."""
    body = re.fullmatch(r"\^\((.*)\)\$", pattern)
    words = body[1].replace(r"(:\d+)?", "|").split("|") if body else []
    words = [word for word in words if word]
    if not words or not all(word.isalnum() for word in words):
        return ""
    if r"(:\d+)?" in pattern:
        words.append(f"{words[-1]}:1")
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _sentence(item: Any) -> str:
    context = item.get("ctx", {})
    match item["type"]:
        case "greater_than_equal":
            return f"has to be at least {context['ge']:g}"
        case "greater_than":
            return f"has to be more than {context['gt']:g}"
        case "less_than_equal":
            return f"has to be at most {context['le']:g}"
        case "less_than":
            return f"has to be less than {context['lt']:g}"
        case "literal_error":
            return f"has to be {context['expected']}"
        case "string_too_long":
            return f"has to have at most {context['max_length']} characters"
        case "string_pattern_mismatch" if words := _alternatives(context["pattern"]):
            return f"has to be {words}"
        case "value_error":
            return str(context["error"])
        case _:
            told = str(item["msg"])
            return _SENTENCES.get(item["type"], told[0].lower() + told[1:])
