"""Any sequence of steps, undo and watches, in memory and in a real file: nothing on the board breaks."""

import json
import os
import shutil
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.board.records import NOW, TODAY, evaluation, project_view, run
from workbench.board import edits, exposure, watches
from workbench.board.state import BoardState, problems
from workbench.core.board import NOUNS, BoardRecord, Card, Edit, Lane, Meeting, Person
from workbench.core.errors import UserError
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Project
from workbench.core.risks import Proposal, Risk, Watch
from workbench.core.states import Condition, ProposalKind, RiskStatus, RunState
from workbench.store.store import Store

SETTINGS = settings(
    max_examples=50,
    stateful_step_count=30,
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
FACTS = [
    ("measure", {}, Condition.BELOW, 0.9),
    ("measure", {"run": "last"}, Condition.BELOW, 0.8),
    ("measure", {"run": "this", "run_id": 1}, Condition.BELOW, 0.9),
    ("failures", {}, Condition.ABOVE, 0.4),
    ("overdue_cards", {}, Condition.ABOVE, 0.0),
    ("of_a_plug_in", {}, Condition.ABOVE, 0.0),
]
LEVELS = st.integers(1, 5)
PLACES = st.integers(0, 6)
VALUES = st.sampled_from([0.3, 0.6, 0.85, 0.95])
DAYS = st.sampled_from([None, date.min, TODAY - timedelta(1), TODAY, date.max])
RUN_IDS = st.sampled_from([1, 1, 2])


@dataclass
class Step:
    """What was done and can be taken back.

    `before` is the board before it, `since` what watches have done after it.
    """

    edits: list[Edit]
    before: BoardState
    since: list[Edit] = field(default_factory=list)


class BoardMachine(RuleBasedStateMachine):
    """A user, undo and redo, and watches that look at numbers which change meanwhile."""

    def __init__(self, place: ProjectFolder) -> None:
        super().__init__()
        self.store = Store(place)
        self.state = BoardState(self.store.board.read())
        self.undo: list[Step] = []
        self.redo: list[Step] = []
        self.causes: set[tuple[int | None, str]] = set()
        self.runs = {number: run(number) for number in (1, 2, 3)}
        self.deleted = set[int]()
        self.evaluations = {}
        self.numbers = count(1)

    # What every step goes through.

    def store_edits(self, steps: list[Edit], who: str = "Ada") -> list[Edit]:
        done, _ = self.store.board.apply(steps, "Step", who)
        self.state = self.state.apply(done)
        return done

    def do(self, steps: list[Edit]) -> None:
        before = self.state
        if steps:
            self.undo.append(Step(self.store_edits(steps), before))
            self.redo.clear()

    def try_to(self, make, *arguments) -> None:
        """Do it, or be told why it cannot be; then nothing has changed."""
        try:
            steps = make(self.state, *arguments)
        except UserError:
            return
        self.do(steps)

    def pick(self, data, kind: type[BoardRecord]) -> BoardRecord:
        return data.draw(st.sampled_from(list(self.state.of(kind).values())))

    def pick_id(self, data, kind: type[BoardRecord]) -> int | None:
        """Draw one that is there, none, or one that never was."""
        return data.draw(st.sampled_from([None, 999, *self.state.of(kind)]))

    def some(self, data, kind: type[BoardRecord]) -> tuple[int, ...]:
        there = list(self.state.of(kind)) or [999]
        return tuple(data.draw(st.lists(st.sampled_from(there), max_size=2, unique=True)))

    def has(self, kind: type[BoardRecord]) -> bool:
        return bool(self.state.of(kind))

    # What a user does.

    @initialize()
    def begin(self) -> None:
        """Begin with a little of everything, so that short sequences reach what matters."""
        for name in ("To do", "Done"):
            self.do(edits.add_lane(self.state, name))
        for _ in range(3):
            self.do(edits.add_card(self.state, Card(0, 1, "Card")))
        self.do(edits.save(self.state, Risk(0, "Risk", probability=2, actions=(1,))))
        self.do(edits.save(self.state, Watch(0, 1, *FACTS[2], raises_to=4)))

    @rule()
    def add_lane(self) -> None:
        self.do(edits.add_lane(self.state, "Lane"))

    @precondition(lambda self: self.has(Lane))
    @rule(data=st.data(), place=PLACES)
    def move_lane(self, data, place) -> None:
        self.do(edits.move_lane(self.state, self.pick(data, Lane).id, place))

    @rule(name=st.sampled_from(["Ada", "Bob"]))
    def add_person(self, name) -> None:
        self.do(edits.save(self.state, Person(0, name)))

    @precondition(lambda self: self.has(Lane))
    @rule(data=st.data(), due=DAYS)
    def add_card(self, data, due) -> None:
        card = Card(0, self.pick(data, Lane).id, "Card", due=due, owner_id=self.pick_id(data, Person))
        self.try_to(edits.add_card, card)

    @precondition(lambda self: self.has(Card) and self.has(Lane))
    @rule(data=st.data(), place=PLACES)
    def move_card(self, data, place) -> None:
        self.do(edits.move_card(self.state, self.pick(data, Card).id, self.pick(data, Lane).id, place))

    @precondition(lambda self: self.has(Card))
    @rule(data=st.data(), close=st.booleans())
    def squeeze_cards(self, data, close) -> None:
        """Put a card where the next one beside it finds no room."""
        card = self.pick(data, Card)
        self.do(edits.save(self.state, replace(card, place=1.0 + 1e-9 * close)))

    @precondition(lambda self: self.has(Card))
    @rule(data=st.data(), archived=st.sampled_from([None, NOW]), is_done=st.sampled_from([None, NOW]))
    def archive_card(self, data, archived, is_done) -> None:
        card = self.pick(data, Card)
        self.do(edits.save(self.state, replace(card, archived_at=archived, done_at=is_done)))

    @precondition(lambda self: self.has(Card))
    @rule(data=st.data(), due=DAYS, start=DAYS)
    def plan_card(self, data, due, start) -> None:
        values = {"depends_on": self.some(data, Card), "owner_id": self.pick_id(data, Person)}
        self.try_to(edits.save, replace(self.pick(data, Card), due=due, start=start, **values))

    @rule(data=st.data(), owner=st.booleans())
    def meet_and_own(self, data, owner) -> None:
        if owner:
            self.try_to(edits.save, replace(self.state.charter, owner_id=self.pick_id(data, Person)))
        else:
            meeting = Meeting(0, "Review", TODAY, actions=self.some(data, Card))
            self.try_to(edits.save, meeting)

    @rule(data=st.data(), probability=LEVELS)
    def add_risk(self, data, probability) -> None:
        risk = Risk(0, "Risk", probability=probability, owner_id=self.pick_id(data, Person))
        self.try_to(edits.save, risk)

    @precondition(lambda self: self.has(Risk))
    @rule(data=st.data(), probability=st.sampled_from([1, 2, 4]))
    def weigh_risk(self, data, probability) -> None:
        self.do(edits.save(self.state, replace(self.pick(data, Risk), probability=probability)))

    @precondition(lambda self: self.has(Risk))
    @rule(data=st.data(), status=st.sampled_from(RiskStatus), impact=LEVELS)
    def treat_risk(self, data, status, impact) -> None:
        values = {"actions": self.some(data, Card), "owner_id": self.pick_id(data, Person)}
        self.try_to(edits.save, replace(self.pick(data, Risk), status=status, impact=impact, **values))

    @precondition(lambda self: self.has(Risk))
    @rule(data=st.data(), fact=st.sampled_from(FACTS), level=LEVELS)
    def watch_number(self, data, fact, level) -> None:
        self.do(edits.save(self.state, Watch(0, self.pick(data, Risk).id, *fact, raises_to=level)))

    @precondition(lambda self: self.has(Watch))
    @rule(data=st.data(), limit=VALUES, level=LEVELS)
    def change_watch(self, data, limit, level) -> None:
        self.do(edits.save(self.state, replace(self.pick(data, Watch), limit=limit, raises_to=level)))

    @precondition(lambda self: self.state.open_proposals())
    @rule(data=st.data(), accepted=st.booleans())
    def answer_proposal(self, data, accepted) -> None:
        proposal = data.draw(st.sampled_from(self.state.open_proposals()))
        self.do(watches.answer(self.state, proposal, accepted))

    @rule(data=st.data(), kind=st.sampled_from([Lane, Card, Person, Meeting, Risk, Watch]))
    def remove(self, data, kind) -> None:
        if self.has(kind):
            self.try_to(edits.remove, self.pick(data, kind))

    # Undo and redo.

    @precondition(lambda self: self.undo)
    @rule()
    def undo_last(self) -> None:
        self.take_back(self.undo, self.redo)

    @precondition(lambda self: self.redo)
    @rule()
    def redo_last(self) -> None:
        self.take_back(self.redo, self.undo)

    @precondition(lambda self: self.undo)
    @rule()
    def undo_all_and_redo_all(self) -> None:
        steps, state = len(self.undo), self.state
        is_quiet = not any(step.since for step in self.undo)
        first = self.undo[0].before
        for _ in range(steps):
            self.take_back(self.undo, self.redo)
        if is_quiet:
            assert as_stored(self.state) == as_stored(first)
        for _ in range(steps):
            self.take_back(self.redo, self.undo)
        if is_quiet:
            assert as_stored(self.state) == as_stored(state)

    def take_back(self, taken: list[Step], kept: list[Step]) -> None:
        step, before = taken.pop(), self.state
        done = self.store_edits(edits.back(self.state, step.edits, edits.fields_of(step.since)))
        kept.append(Step(done, before))
        if not step.since:
            assert as_stored(self.state) == as_stored(step.before)
        for edit in step.since:
            self.check_is_kept(edit, before)

    def check_is_kept(self, edit: Edit, before: BoardState) -> None:
        """See that what a watch did is as it was before the undo, unless its risk has gone altogether."""
        kind, number = type(edit.record), edit.record.id
        was, now = (state.of(kind).get(number) for state in (before, self.state))
        risk_id = number if kind is Risk else edit.record.risk_id
        if was is None or risk_id not in self.state.of(Risk):
            return
        if isinstance(was, Watch) and now is None:
            return
        assert now is not None
        if edit.before is None:
            assert replace(now, watch_id=None) == replace(was, watch_id=None)
        elif edit.after is not None:
            for item in fields(edit.after):
                if getattr(edit.before, item.name) != getattr(edit.after, item.name):
                    assert getattr(now, item.name) == getattr(was, item.name)

    # What happens meanwhile.

    @rule(run_id=RUN_IDS, value=VALUES)
    def evaluate(self, run_id, value) -> None:
        self.evaluations[run_id] = evaluation(next(self.numbers), run_id, accuracy=value)
        self.look()

    @rule(run_id=RUN_IDS, state=st.sampled_from([RunState.FINISHED, RunState.FAILED, RunState.RUNNING]))
    def change_run(self, run_id, state) -> None:
        self.runs[run_id] = replace(self.runs[run_id], state=state)
        self.look()

    @rule(run_id=RUN_IDS)
    def delete_or_restore_run(self, run_id) -> None:
        self.deleted ^= {run_id}
        self.look()

    @rule()
    def look(self) -> None:
        for move in watches.look(self.view(), NOW):
            done = self.store_edits(list(move.edits), who="")
            assert move.reason
            for step in (*self.undo, *self.redo):
                step.since += done
            for edit in done:
                self.check_is_new(edit)
        assert watches.look(self.view(), NOW) == []

    def check_is_new(self, edit: Edit) -> None:
        is_new = isinstance(edit.record, Proposal) and edit.before is None
        if is_new and edit.record.kind is ProposalKind.RAISED:
            cause = (edit.record.watch_id, edit.record.cause)
            assert cause not in self.causes, "a risk was raised twice for one cause"
            self.causes.add(cause)
        if isinstance(edit.record, Risk):
            assert edit.after.probability > edit.before.probability, "a watch lowered a risk by itself"

    def view(self):
        there = [item for number, item in self.runs.items() if number not in self.deleted]
        found = [item for number, item in self.evaluations.items() if number not in self.deleted]
        return replace(project_view(runs=there, evaluations=found), state=self.state)

    # What always holds.

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert problems(self.state) == []

    @invariant()
    def the_file_says_the_same(self) -> None:
        assert as_stored(BoardState(self.store.board.read())) == as_stored(self.state)

    def teardown(self) -> None:
        try:
            self.check_history()
        finally:
            self.store.close()

    def check_history(self) -> None:
        """See that the history alone gives the present risks, and what they weigh."""
        lines = self.store.board.changes(noun="risk")
        risks = {}
        for line in lines:
            if line.after is None:
                del risks[line.item_id]
            else:
                risks.setdefault(line.item_id, {}).update(line.after)
        present = self.state.of(Risk)
        assert risks == {number: json.loads(json.dumps(asdict(risk))) for number, risk in present.items()}
        total = sum(risk.score for risk in present.values() if risk.status.counts)
        days = exposure.over_time(lines)
        assert (days[-1].total if days else 0) == total


def as_stored(state: BoardState):
    """Return all records in their order."""
    return {noun: list(state.of(kind).items()) for noun, kind in NOUNS.items()}


@pytest.fixture
def template(tmp_path):
    """An empty project, to be copied for each sequence."""
    place = ProjectFolder(tmp_path / "template")
    place.root.mkdir()
    Store.create(place, Project("Cells", NOW)).close()
    return place


def test_no_sequence_of_steps_undo_and_watches_breaks_the_board(template, tmp_path):
    numbers = count(1)

    def machine():
        place = ProjectFolder(tmp_path / str(next(numbers)))
        shutil.copytree(template.root, place.root)
        return BoardMachine(place)

    run_state_machine_as_test(machine, settings=SETTINGS)
