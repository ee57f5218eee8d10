"""What the cards of the front page say: words and links out of where the project stands."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from workbench.core.risks import Link
from workbench.core.states import Verdict
from workbench.gui.panes.home.link_row import Line, LineCard, more_line
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

if TYPE_CHECKING:
    from workbench.services.project_view import Happening, Standing, TopRisk

_LACKS = 3
_HAPPENED = 6
_PROPOSALS = 5
_LEVEL_TONES = {"low": "good", "medium": "", "high": "warning", "critical": "danger"}


def show_gate(card: LineCard, standing: "Standing") -> None:
    """Show the stage, and what its gate still lacks."""
    gate = standing.gate
    here = Link("gate", 0, gate.stage.value)
    lacks = gate.lacks
    if not gate.items:
        words, tone = tr("The gate of this stage asks nothing."), ""
    elif lacks:
        words = tr("{count} of {all} criteria are lacking.", count=len(lacks), all=len(gate.items))
        tone = ""
    else:
        words, tone = tr("The gate is met: the project can go on."), "good"
    card.show_words(words, tone, tr(gate.stage.value.capitalize()))
    found = []
    for item in lacks[:_LACKS]:
        is_known = item.judged.verdict is Verdict.NOT_MET
        found.append(
            Line(
                item.title,
                item.judged.link or here,
                icon_name="x-circle" if is_known else "question",
                icon_tone="danger" if is_known else "muted",
                more=item.judged.text,
            )
        )
    if len(lacks) > _LACKS:
        found.append(more_line(len(lacks) - _LACKS, here))
    elif not lacks:
        icon_name, tone = ("check-circle", "good") if gate.items else ("flag", "muted")
        found.append(Line(tr("See the gates"), here, icon_name=icon_name, icon_tone=tone))
    found += [
        Line(
            item.title,
            Link("decision", item.id),
            icon_name="warning",
            icon_tone="warning",
            more=item.reason,
        )
        for item in gate.overrides
    ]
    card.show_lines(found)


def show_goal(card: LineCard, standing: "Standing") -> None:
    """Show the goal, and how near the best run has come."""
    goal, best = standing.goal, standing.best
    where = Link("charter", 1, "goal")
    if goal is None:
        card.show_words(tr("Nobody has said yet what the model has to reach."))
        card.show_lines([Line(tr("Set the goal"), where, icon_name="flag")])
        return
    name = goal.measure.replace("_", " ")
    of = tr("{measure} of {name}", measure=name, name=goal.class_name) if goal.class_name else name
    asked = tr("{measure} on the {split} split", measure=of, split=tr(goal.split.value))
    if best is None:
        card.show_words(tr("No run is measured against it yet."), "", asked)
        target = number_format.measure(goal.target)
        card.show_lines([Line(tr("Target {target}", target=target), where, icon_name="flag")])
        return
    reached = standing.reached
    words = tr("The goal is reached.") if reached else tr("The goal is not reached yet.")
    card.show_words(words, "good" if reached else "", asked)
    text = tr(
        "Best {value}, target {target}",
        value=number_format.measure(best.value),
        target=number_format.measure(goal.target),
    )
    link = Link("run", best.run.id, goal.split.value)
    card.show_lines([Line(f"{text} · {best.run.name}", link, icon_name="trophy", icon_tone="accent")])


def show_risks(card: LineCard, standing: "Standing") -> None:
    """Show the heaviest risks and how they moved since the last review."""
    if not standing.counting:
        card.show_words(tr("No open risk. What could stop the project?"))
        card.show_lines([Line(tr("Note a risk"), Link("risk", 0), icon_name="warning")])
        return
    alarms = []
    if standing.overdue:
        alarms.append(tr("{count} reviews overdue", count=standing.overdue))
    if standing.ownerless:
        alarms.append(tr("{count} without owner", count=standing.ownerless))
    card.show_words(" · ".join(alarms), "danger", tr("{count} open", count=standing.counting))
    found = [_risk(item, is_news=standing.reviewed) for item in standing.risks]
    if standing.counting > len(found):
        found.append(more_line(standing.counting - len(found), Link("risk", 0)))
    card.show_lines(found)


def _risk(item: "TopRisk", *, is_news: bool) -> Line:
    alarms = [] if item.owner else [tr("no owner")]
    if item.overdue:
        alarms.append(tr("review overdue"))
    if item.change is None:
        # Before the first review every risk is.
        moved = tr("new") if is_news else ""
    elif item.change:
        moved = f"{'▲' if item.change > 0 else '▼'} {abs(item.change)}"
    else:
        moved = ""
    is_worse = bool(alarms) or (item.change or 0) > 0
    is_better = (item.change or 0) < 0
    level = tr(item.level)
    return Line(
        item.risk.title,
        Link("risk", item.risk.id),
        note=" · ".join([*alarms, moved] if moved else alarms),
        note_tone="danger" if is_worse else "good" if is_better else "",
        badge=f"{item.risk.score} {level}",
        badge_tone=_LEVEL_TONES[item.level],
        more=tr("Owner: {name}", name=item.owner) if item.owner else "",
    )


def show_happened(card: LineCard, standing: "Standing") -> None:
    """Show what has happened since the last review, and when the next one is."""
    today = date.today()
    since = number_format.day(standing.since)
    note = tr("since {day}", day=since) if standing.reviewed else tr("no review yet, since {day}", day=since)
    words, tone = "", ""
    if standing.review_due is not None and standing.review_due < today:
        words = tr("The review of {day} is overdue.", day=number_format.day(standing.review_due))
        tone = "danger"
    elif standing.review_due is not None:
        words = tr("Next review {day}", day=number_format.day(standing.review_due))
    elif not standing.happened:
        words = tr("Nothing has happened since.")
    card.show_words(words, tone, note)
    found = [_happening(item) for item in standing.happened[:_HAPPENED]]
    card.show_lines([*found, *_rest(standing.happened[_HAPPENED:])])


def _rest(happened: "Sequence[Happening]") -> list[Line]:
    """Return a line for each kind of what is not shown: it leads to where those are."""
    counts = Counter(item.kind for item in happened)
    places = {
        "decision": ("decision", tr("and 1 more decision"), tr("and {count} more decisions")),
        "risk_noted": ("risk", tr("and 1 more risk noted"), tr("and {count} more risks noted")),
        "risk_closed": ("risk", tr("and 1 more risk closed"), tr("and {count} more risks closed")),
        "run": ("run", tr("and 1 more run ended"), tr("and {count} more runs ended")),
    }
    return [
        Line(
            one if counts[kind] == 1 else many.format(count=counts[kind]),
            Link(noun, 0),
            icon_name="dots-three",
        )
        for kind, (noun, one, many) in places.items()
        if counts[kind]
    ]


def _happening(item: "Happening") -> Line:
    icon_name, word = {
        "decision": ("scales", tr("decision")),
        "risk_noted": ("warning", tr("risk noted")),
        "risk_closed": ("check-circle", tr("risk closed")),
        "run": ("chart-line", tr("run ended")),
    }[item.kind]
    return Line(item.title, item.link, note=word, icon_name=icon_name, more=number_format.date_time(item.at))


def show_due(card: LineCard, standing: "Standing") -> None:
    """Show the cards that are due next."""
    today = date.today()
    words = tr("{count} overdue", count=standing.late) if standing.late else ""
    card.show_words(words, "danger")
    found = []
    for item in standing.due:
        assert item.due is not None
        day = number_format.day(item.due)
        is_late = item.due < today
        found.append(
            Line(
                item.title,
                Link("card", item.id),
                note=tr("overdue since {day}", day=day) if is_late else day,
                note_tone="danger" if is_late else "",
                icon_name="columns",
            )
        )
    card.show_lines(found)


def show_proposals(card: LineCard, standing: "Standing") -> None:
    """Show what the watches and the tried mitigations ask."""
    found = [
        Line(
            title or item.text,
            Link("risk", item.risk_id),
            note=f"{item.before[0] * item.before[1]} → {item.after[0] * item.after[1]}",
            icon_name="eye",
            icon_tone="warning",
            more=item.text,
        )
        for item, title in standing.proposals[:_PROPOSALS]
    ]
    rest = len(standing.proposals) - len(found)
    if rest:
        found.append(more_line(rest, Link("risk", 0)))
    card.show_words(tr("Measured numbers have moved risks, or propose to."))
    card.show_lines(found)
