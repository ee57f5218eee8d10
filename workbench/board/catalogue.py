"""Ready risks of an AI start-up, each with what may make it smaller and, where there is one, its number."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from workbench.core.errors import UserError
from workbench.core.registry import nearest
from workbench.core.resources import resource
from workbench.core.risks import MitigationIdea, Risk, RiskIdea, Watch
from workbench.core.states import Condition, Response

PRODUCTS = ("images", "speech", "text", "tables")
"""Kinds of products that a risk can belong to."""


@cache
def catalogue() -> tuple[RiskIdea, ...]:
    """Return all ready risks, by category in the order of the file."""
    entries = json.loads(resource("board/catalogue.json").read_text(encoding="utf-8"))
    return tuple(_idea(**entry) for entry in entries)


def idea_of(code: str) -> RiskIdea:
    """Return the ready risk of a code.

    Raises:
        UserError: There is none; the message names the nearest.
    """
    found = {idea.code: idea for idea in catalogue()}
    if code not in found:
        raise UserError(f"There is no ready risk {code!r}. {nearest(code, list(found))}")
    return found[code]


def find(words: str = "", category: str = "", product: str = "") -> list[RiskIdea]:
    """Return the ready risks in which all words occur, in any order and any case.

    Args:
        words: Parts of the title, the sentence or the titles of the mitigations; empty finds all.
        category: One category, or empty for all.
        product: A kind of product; risks of all products belong to it as well. Empty is all.
    """
    wanted = words.casefold().split()
    return [
        idea
        for idea in catalogue()
        if category in ("", idea.risk.category)
        and (not product or not idea.products or product in idea.products)
        and all(word in _searched(idea) for word in wanted)
    ]


def sentence(risk: Risk) -> str:
    """Return cause, event and effect as one sentence; what is not filled in is left out."""
    parts = (("because ", risk.cause), ("", risk.event), ("which " if risk.event else "it ", risk.effect))
    text = ", ".join(f"{lead}{part}" for lead, part in parts if part)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def watch_of(entry: Mapping[str, Any]) -> Watch:
    """Return a watch as it is written in a resource; its ids are 0."""
    return Watch(0, 0, **{**entry, "condition": Condition(entry["condition"])})


def _idea(
    code: str,
    products: list[str],
    response: str,
    mitigations: list[dict[str, Any]],
    watch: dict[str, Any] | None = None,
    **risk: Any,
) -> RiskIdea:
    return RiskIdea(
        code,
        Risk(0, source=code, response=Response(response), **risk),
        tuple(products),
        tuple(MitigationIdea(**entry) for entry in mitigations),
        watch_of(watch) if watch is not None else None,
    )


def _searched(idea: RiskIdea) -> str:
    return "\n".join(_texts(idea)).casefold()


def _texts(idea: RiskIdea) -> Iterator[str]:
    yield from (idea.risk.title, idea.risk.cause, idea.risk.event, idea.risk.effect)
    yield from (mitigation.title for mitigation in idea.mitigations)
