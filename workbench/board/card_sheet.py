"""The cards of the board as the rows of a sheet."""

from datetime import date

from workbench.board.state import BoardState
from workbench.core.board import Card, Person

Cell = str | int | date | None

HEADINGS = (
    "Id", "Lane", "Title", "Text", "Owner", "Start", "Due", "Milestone", "Estimate in days", "Tags",
    "Checklist", "Depends on", "Links", "Done", "Archived",
)  # fmt: skip


def card_rows(state: BoardState) -> list[list[Cell]]:
    """Return the headings, then every card, lane by lane from top to bottom, those put away last."""
    people, cards = state.of(Person), state.of(Card)
    order = {lane.id: (at, lane.name) for at, lane in enumerate(state.lanes)}
    rows: list[list[Cell]] = [list(HEADINGS)]
    for card in sorted(
        cards.values(),
        key=lambda card: (order[card.lane_id][0], card.archived_at is not None, card.place, card.id),
    ):
        owner = people.get(card.owner_id or 0)
        rows.append(
            [
                *(card.id, order[card.lane_id][1], card.title, card.text, owner.name if owner else None),
                *(card.start, card.due, "yes" if card.milestone else None),
                None if card.estimate_days is None else f"{card.estimate_days:g}",
                ", ".join(card.tags),
                "\n".join(f"[{'x' if item.done else ' '}] {item.text}" for item in card.checklist),
                "\n".join(cards[other].title for other in card.depends_on if other in cards),
                "\n".join(f"{link.noun} {link.id} {link.detail}".strip() for link in card.links),
                card.done_at.astimezone().date() if card.done_at else None,
                card.archived_at.astimezone().date() if card.archived_at else None,
            ]
        )
    return rows
