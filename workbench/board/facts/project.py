"""Numbers of the project itself: cost, dates, cards and risks."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from workbench.board.facts.base import Fact, facts
from workbench.board.view import Measured, ProjectView
from workbench.core.board import Card
from workbench.core.risks import Link, Risk


@facts.register("cost")
class CostFact(Fact):
    """What training has cost."""

    title: ClassVar[str] = "Cost against the budget"
    text: ClassVar[str] = "What training has cost so far, as a share of the budget."

    def read(self, view: ProjectView) -> Measured:
        """Return the share in [0, ∞)."""
        spent, budget = view.spent(), view.charter.budget
        link = Link("charter", 1, "budget")
        if spent is None:
            return Measured(None, "The price of an hour is not set.", Link("run", 0, "price"))
        if not budget:
            return Measured(None, "The project has no budget yet.", link)
        currency = view.project.currency
        text = f"{spent:,.2f} of {budget:,.2f} {currency}".rstrip()
        return Measured(spent / budget, text, link, f"{spent:.2f} of {budget:.2f}")

    def phrase(self) -> str:
        """Return what it is."""
        return "cost so far as a share of the budget"


@facts.register("review_age")
class ReviewAgeFact(Fact):
    """How long ago the risks were reviewed."""

    title: ClassVar[str] = "Days since the last review"
    text: ClassVar[str] = "Counted from the last meeting that was a review, or from the project's beginning."
    unit: ClassVar[str] = "days"

    def read(self, view: ProjectView) -> Measured:
        """Return days."""
        last = view.reviewed_at()
        day = last.astimezone().date() if isinstance(last, datetime) else last
        days = (view.today - day).days
        return Measured(days, f"{days} days, since {day:%Y-%m-%d}", Link("meeting", 0), f"since {day}")

    def phrase(self) -> str:
        """Return what it is."""
        return "days since the last review"


@facts.register("overdue_cards")
class OverdueFact(Fact):
    """How much is late."""

    title: ClassVar[str] = "Overdue cards"
    text: ClassVar[str] = "Cards whose due date has passed and that are not done."

    tag: str = Field(
        "",
        max_length=64,
        title="Tag",
        json_schema_extra={"choices": "tags", "empty": "all cards"},
        description="Only cards with this tag. Default all cards.",
    )

    def read(self, view: ProjectView) -> Measured:
        """Return a count."""
        late = [
            card
            for card in view.state.of(Card).values()
            if card.overdue(view.today) and (not self.tag or self.tag in card.tags)
        ]
        link = Link("card", late[0].id if late else 0)
        return Measured(len(late), f"{len(late)} overdue", link, f"cards {sorted(c.id for c in late)}")

    def phrase(self) -> str:
        """Return what it is."""
        return f"overdue cards{f' with the tag {self.tag}' if self.tag else ''}"


@facts.register("owner_load")
class OwnerLoadFact(Fact):
    """How much hangs on one person."""

    title: ClassVar[str] = "Share of the work on one person"
    text: ClassVar[str] = "Of all open cards and risks with an owner, the share of whoever has the most."

    def read(self, view: ProjectView) -> Measured:
        """Return the share in [0, 1]."""
        counts: dict[int, int] = {}
        items: list[Card | Risk] = [risk for risk in view.state.of(Risk).values() if risk.status.counts]
        cards = view.state.of(Card).values()
        items += [card for card in cards if card.done_at is None and card.archived_at is None]
        for item in items:
            if item.owner_id is not None:
                counts[item.owner_id] = counts.get(item.owner_id, 0) + 1
        if not counts:
            return Measured(None, "No card and no risk has an owner.", Link("person", 0))
        most = max(counts, key=lambda owner: counts[owner])
        total = sum(counts.values())
        text = f"{counts[most]} of {total}"
        return Measured(counts[most] / total, text, Link("person", most), f"person {most}: {text}")

    def phrase(self) -> str:
        """Return what it is."""
        return "share of the work on one person"
