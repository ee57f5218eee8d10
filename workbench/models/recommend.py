"""Which family to try first on a dataset, and why."""

from workbench.core.models import FamilyCard
from workbench.core.records import Schema
from workbench.models.base import families


def rank(schema: Schema, count: int) -> list[FamilyCard]:
    """Return a card for each family: the best suited first, those that do not fit last.

    Args:
        schema: What the samples are, after preparation.
        count: How many samples there are.
    """
    scored: list[tuple[float, FamilyCard]] = []
    for name in families.names():
        family = families.build(name)
        misfit = family.misfit(schema)
        score, reason = (-1.0, misfit) if misfit else family.suits(schema, count)
        scored.append((score, FamilyCard(name, family.title, family.text, not misfit, False, reason)))
    scored.sort(key=lambda item: -item[0])
    cards = [card for _, card in scored]
    if cards and cards[0].fits:
        first = cards[0]
        cards[0] = FamilyCard(first.name, first.title, first.text, True, True, first.reason)
    return cards
