"""Any sequence of steps, undo and watches, in memory and in a real file: nothing on the board breaks."""

import json
import os
import shutil
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace

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
from workbench.core.events import EventBus
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Project
from workbench.core.risks import Proposal, Risk, Watch
from workbench.core.states import Condition, ProposalKind, RiskStatus, RunState
from workbench.services.board import BoardService, Reason
from workbench.services.history import History
from workbench.store.store import Store

SETTINGS = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    report_multiple_bugs=False,
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
RAISED = ProposalKind.RAISED
RUN_IDS = st.sampled_from([1, 1, 2])


@dataclass
class Step:
    """What was done and can be taken back.

    `before` is the board before it; `watched` and `other` say how much watches, and how much anybody else, had
    done when it was done.
    """

    before: BoardState
    watched: int
    other: int
    edits: tuple[Edit, ...] = ()


class Window:
    """Who does and takes back: a history of its own over the one board."""

    def __init__(self) -> None:
        self.history = History(EventBus())
        self.undo: list[Step] = []
        self.redo: list[Step] = []


class BoardMachine(RuleBasedStateMachine):
    """Two windows with undo and redo over one board, and watches that look at numbers which change meanwhile."""

    def __init__(self, place: ProjectFolder) -> None:
        super().__init__()
        self.store = Store(place)
        # What a power cut leaves is for the tests of the store.
        connection = self.store.database._write_engine.raw_connection().driver_connection
        connection.execute("PRAGMA synchronous = OFF")
        self.windows = (Window(), Window())
        self.session = SimpleNamespace(
            store=self.store, read_only=False, bus=EventBus(), require_writable=lambda: None
        )
        self.session.history = self.windows[0].history
        self.board = BoardService(self.session)
        self.watched: list[Edit] = []
        self.others = 0
        self.causes: set[tuple[int | None, str]] = set()
        self.runs = {number: run(number) for number in (1, 2, 3)}
        self.deleted = set[int]()
        self.evaluations = {}
        self.numbers = count(1)
        self.active = 0

    # What every step goes through.

    @property
    def state(self) -> BoardState:
        return self.board.state

    def step(self) -> Step:
        return Step(self.state, len(self.watched), self.others)

    def do(self, steps: list[Edit], window: int | None = None) -> None:
        """Do it in a window, by default the active one; for the other one it happened meanwhile."""
        mine, step = self.windows[self.active if window is None else window], self.step()
        self.session.history = mine.history
        if done := self.board.do("Step", lambda _: steps):
            mine.undo.append(replace(step, edits=tuple(done)))
            mine.redo.clear()
            self.others += 1
            # What one has done itself is no surprise to it.
            for earlier in mine.undo:
                earlier.other += 1

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

    @rule()
    def turn_to_the_other_window(self) -> None:
        self.active = 1 - self.active

    @initialize()
    def begin(self) -> None:
        """Begin with a little of everything, so that short sequences reach what matters."""
        for name in ("To do", "Done"):
            self.do(edits.add_lane(self.state, name))
        self.do(edits.save(self.state, Person(0, "Ada")))
        for owner in (1, None, None):
            self.do(edits.add_card(self.state, Card(0, 1, "Card", owner_id=owner)))
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

    @precondition(lambda self: any(window.undo for window in self.windows))
    @rule(first=st.booleans())
    def undo_last(self, first) -> None:
        self.take_back(self.windows[not first])

    @precondition(lambda self: any(window.redo for window in self.windows))
    @rule(first=st.booleans())
    def redo_last(self, first) -> None:
        self.take_back(self.windows[not first], redo=True)

    @precondition(lambda self: self.windows[0].undo)
    @rule()
    def undo_all_and_redo_all(self) -> None:
        window, state = self.windows[0], self.state
        first, is_quiet = window.undo[0], self.is_quiet(window.undo[0])
        steps = 0
        while window.undo and self.take_back(window):
            steps += 1
        if is_quiet:
            assert as_stored(self.state) == as_stored(first.before)
        for _ in range(steps):
            self.take_back(window, redo=True)
        if is_quiet:
            assert as_stored(self.state) == as_stored(state)

    def is_quiet(self, step: Step) -> bool:
        return step.watched == len(self.watched) and step.other == self.others

    def take_back(self, window: Window, *, redo: bool = False) -> bool:
        """Undo, or redo, the last step of a window: all of it, but for what happened meanwhile.

        What the other window did may leave no way back, such as cards in the only lane; all stays then.
        """
        taken, kept = (window.redo, window.undo) if redo else (window.undo, window.redo)
        if not taken:
            return False
        step, now = taken[-1], self.step()
        is_quiet = self.is_quiet(step)
        try:
            (window.history.redo if redo else window.history.undo)()
        except UserError:
            assert not is_quiet
            assert self.state == now.before
            return False
        taken.pop()
        self.others += 1
        for mine in (*window.undo, *window.redo, now):
            mine.other += 1
        kept.append(now)
        if is_quiet:
            assert as_stored(self.state) == as_stored(step.before)
        for edit in self.watched[step.watched :]:
            self.check_is_kept(edit, now.before)
        self.check_newer_is_kept(step, now.before)
        return True

    def check_newer_is_kept(self, step: Step, before: BoardState) -> None:
        """See that a field has the value that somebody else gave it since."""
        left = {
            (type(edit.after), edit.after.id, item.name): getattr(edit.after, item.name)
            for edit in step.edits
            if edit.before is not None and edit.after is not None
            for item in fields(edit.after)
            if getattr(edit.before, item.name) != getattr(edit.after, item.name)
        }
        for (kind, number, name), value in left.items():
            was, now = (state.of(kind).get(number) for state in (before, self.state))
            if was is not None and now is not None and getattr(was, name) != value:
                assert getattr(now, name) == getattr(was, name)

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
            done = self.board.note(move.label, lambda _, move=move: move.edits, Reason(move.reason))
            assert move.reason
            self.watched += done
            for edit in done:
                self.check_is_new(edit)
        assert watches.look(self.view(), NOW) == []

    # What chance alone seldom brings about.

    @precondition(lambda self: any(item.kind is RAISED for item in self.state.open_proposals()))
    @rule(data=st.data())
    def put_back_and_look_twice_at_the_same(self, data) -> None:
        """Put back what a watch raised; its run goes to the bin and comes back, and its limit to and fro."""
        found = [item for item in self.state.open_proposals() if item.kind is RAISED]
        proposal, there = data.draw(st.sampled_from(found)), set(self.deleted)
        self.do(watches.answer(self.state, proposal, False))
        self.deleted |= set(self.runs)
        self.look()
        self.deleted = there
        self.look()
        watch = self.state.of(Watch).get(proposal.watch_id)
        if watch is not None:
            far = -9.0 if watch.condition is Condition.BELOW else 9.0
            for limit in (far, watch.limit):
                self.do(edits.save(self.state, replace(self.state.get(Watch, watch.id), limit=limit)))
                self.look()

    @precondition(lambda self: self.follower() is not None)
    @rule(data=st.data(), second=st.booleans())
    def raise_between_do_and_undo(self, data, second) -> None:
        """A watch moves a risk to the very value that an edit gave it, which is undone only then.

        The edits are one window's, or one of each: then both undo in either order.
        """
        watch = self.follower()
        self.evaluations[1] = evaluation(next(self.numbers), 1, accuracy=0.99)
        self.look()
        for window, level in ((0, watch.raises_to), (int(second), 1)):
            self.weigh(watch.risk_id, level, window)
        # A background run ends meanwhile.
        self.evaluations[1] = evaluation(next(self.numbers), 1, accuracy=0.1)
        self.look()
        raised = self.state.get(Risk, watch.risk_id).probability
        for first in data.draw(st.permutations([0, int(second)])):
            self.take_back(self.windows[first])
            assert self.state.get(Risk, watch.risk_id).probability == raised
        for first in (0, int(second)):
            self.take_back(self.windows[first], redo=True)
            assert self.state.get(Risk, watch.risk_id).probability == raised

    @precondition(lambda self: self.follower() is not None)
    @rule()
    def raise_between_undo_and_redo(self) -> None:
        """A watch moves a risk to the very value that an undo gave it, which is done again only then."""
        watch, one, other = self.follower(), *self.windows
        self.evaluations[1] = evaluation(next(self.numbers), 1, accuracy=0.99)
        self.look()
        self.weigh(watch.risk_id, watch.raises_to, 0)
        self.weigh(watch.risk_id, 1, 0)
        self.take_back(one)
        self.weigh(watch.risk_id, 1, 1)
        self.evaluations[1] = evaluation(next(self.numbers), 1, accuracy=0.1)
        self.look()
        raised = self.state.get(Risk, watch.risk_id).probability
        for window, redo in ((one, True), (other, False)):
            self.take_back(window, redo=redo)
            assert self.state.get(Risk, watch.risk_id).probability == raised

    @precondition(lambda self: self.has(Risk))
    @rule(data=st.data())
    def weigh_in_both_windows_and_undo_the_first(self, data) -> None:
        """The newer value is the other window's; undo of the older one leaves it."""
        risk_id = self.pick(data, Risk).id
        for window in (0, 1):
            self.weigh(risk_id, self.state.get(Risk, risk_id).probability % 5 + 1, window)
        newer = self.state.get(Risk, risk_id).probability
        self.take_back(self.windows[0])
        assert self.state.get(Risk, risk_id).probability == newer

    def weigh(self, risk_id: int, probability: int, window: int) -> None:
        risk = self.state.get(Risk, risk_id)
        self.do(edits.save(self.state, replace(risk, probability=probability)), window)

    def follower(self) -> Watch | None:
        """Return a watch of the accuracy of run 1 whose risk counts, where that run can be judged."""
        if 1 in self.deleted:
            return None
        risks = self.state.of(Risk)
        return next(
            (
                watch
                for watch in self.state.of(Watch).values()
                if (watch.fact, watch.fields, watch.condition) == FACTS[2][:3]
                and risks[watch.risk_id].status.counts
                and watch.raises_to > 1
                and self.runs[1].state is RunState.FINISHED
            ),
            None,
        )

    def check_is_new(self, edit: Edit) -> None:
        is_new = isinstance(edit.record, Proposal) and edit.before is None
        if is_new and edit.record.kind is RAISED:
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
