"""The lifecycle tested as one: real services, the real engine, and a cloud that may do anything at any time.

After every step: only legal transitions, each with its event, `allowed_actions` true, no row without a way
out. At the end the cloud is calm, and every row comes to an end. `--hypothesis-profile=long` tries more.
"""

import shutil
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from tests.engine.ends import assert_at_an_end, assert_one_machine_each, live_calmly
from tests.scripted_cloud import FAULTS, ITEM_FAULTS
from tests.scripted_desk import SECRET, ScriptedDesk, make_template
from webapp.domain.errors import AppError, Conflict
from webapp.domain.lifecycle import SETTLED_WITHOUT_MACHINE, TRANSITIONS, Action, CloudState, Desired, Phase
from webapp.engine import leases
from webapp.engine.reconcile import reconcile
from webapp.models import Workspace
from webapp.services import workspace_actions
from webapp.services.credentials import change_credential
from webapp.services.workspace_actions import delete_workspace, refresh

PLACES = 3
POINTS = ["found", "intent", "created", "refused", "terminating", "terminated", "looked", "power", "powered"]
places = st.integers(0, PLACES - 1)

_WATCH = """
CREATE TABLE watched (id INTEGER PRIMARY KEY, tx INTEGER, row_id INTEGER, before TEXT, after TEXT);
CREATE TRIGGER watch_phase AFTER UPDATE OF phase ON workspaces WHEN OLD.phase != NEW.phase BEGIN
  INSERT INTO watched (tx, row_id, before, after) VALUES (transaction_number(), NEW.id, OLD.phase, NEW.phase);
END;
CREATE TRIGGER watch_event AFTER INSERT ON events WHEN NEW.workspace_id IS NOT NULL BEGIN
  INSERT INTO watched (tx, row_id) VALUES (transaction_number(), NEW.workspace_id);
END
"""
QUIET = {(Phase.REQUESTED, Phase.CREATE_INTENT), (Phase.CREATE_INTENT, Phase.REQUESTED)}
"""An order that waits for its account is tried again and again: its log says so once."""


class Killed(BaseException):
    """The worker is gone."""


class Lifecycle(RuleBasedStateMachine):
    template: Path
    directory: Path
    numbers = count()
    known_shapes: ClassVar[set[tuple[object, ...]]] = set()
    """Rows that are alike in this have the same buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.path = self.directory / f"{next(self.numbers)}.sqlite3"
        shutil.copy(self.template, self.path)
        self.desk = ScriptedDesk(self.path)
        self.seen_until = 0
        self._number_transactions()

    def _number_transactions(self) -> None:
        """Let triggers note in which transaction a phase changed and an event was written."""
        numbers = count(1)
        self.transaction = 0

        @event.listens_for(self.desk.database, "begin")
        def on_begin(connection) -> None:  # type: ignore[no-untyped-def]
            self.transaction = next(numbers)

        @event.listens_for(self.desk.database, "connect")
        def on_connect(connection, _record) -> None:  # type: ignore[no-untyped-def]
            connection.create_function("transaction_number", 0, lambda: self.transaction)

        self.desk.database.dispose()
        with self.desk.sessions.begin() as session:
            for statement in _WATCH.split(";\nCREATE"):
                session.execute(text(statement if "CREATE" in statement[:8] else f"CREATE{statement}"))

    def rows(self) -> list[Workspace]:
        """What people can see: what is deleted and over is on no page."""
        rows = self.desk.rows()
        return [row for row in rows if not (row.is_deleted and row.phase in SETTLED_WITHOUT_MACHINE)]

    def _row(self, place: int) -> Workspace | None:
        """The newest row of the person in this place."""
        mine = [row for row in self.rows() if row.username == f"user.{place}"]
        return mine[-1] if mine else None

    def _machine(self, place: int) -> str | None:
        row = self._row(place)
        shown = row is not None and row.cloud_workspace_id in self.desk.cloud.machines
        return row.cloud_workspace_id if row is not None and shown else None

    # What people do

    @initialize()
    def begin(self) -> None:
        self.order(place=0)
        self.desk.work()

    @rule(place=places)
    def order(self, place: int) -> None:
        try:
            self.desk.order_for(place)
        except AppError as refusal:
            codes = {"workspace_exists", "username_taken", "credential_not_usable"}
            assert refusal.code in codes, refusal.code

    @rule(place=places, action=st.sampled_from(Action))
    def press(self, place: int, action: Action) -> None:
        if row := self._row(place):
            self._press(row.id, action)

    def _press(self, workspace_id: int, action: Action) -> None:
        try:
            self.desk.press(workspace_id, action)
        except Conflict as refusal:
            assert refusal.code in {"action_not_allowed", "workspace_exists"}

    @rule(place=places)
    def delete(self, place: int) -> None:
        if row := self._row(place):
            desk = self.desk
            delete_workspace(desk.context, row.id, company_id=desk.provider.company_id or 0, actor=desk.actor)

    @rule(place=places)
    def refresh(self, place: int) -> None:
        if row := self._row(place):
            try:
                refresh(self.desk.context, row.id, company_id=self.desk.provider.company_id or 0)
            except AppError as refusal:
                self.desk.session.rollback()
                is_over_meanwhile = row.is_deleted and refusal.http_status == 404
                assert refusal.http_status == 503 or is_over_meanwhile

    @rule()
    def enter_a_new_key(self) -> None:
        desk = self.desk
        desk.cloud.is_key_good = True
        credential = desk.credential()
        change_credential(
            desk.context,
            desk.credential_id,
            company_id=desk.provider.company_id or 0,
            name=credential.name,
            fields=credential.public_fields | SECRET,
        )

    # What workers and time do

    @rule()
    def workers_come(self) -> None:
        self.desk.work()

    @rule()
    def notifications_are_lost(self) -> None:
        self.desk.notifier.notifications.clear()

    @rule(seconds=st.sampled_from([1, 20, 65, 65, 130, 400, 1300]))
    def time_passes(self, seconds: int) -> None:
        self.desk.clock.pause(seconds)
        self.desk.sweep()

    @rule(seconds=st.sampled_from([30, 700, 2000]))
    def everybody_sleeps(self, seconds: int) -> None:
        self.desk.clock.pause(seconds)

    @rule(point=st.sampled_from(POINTS), place=places, action=st.sampled_from([None, *Action]))
    def a_worker_dies_or_is_overtaken_by_a_press(self, point: str, place: int, action: Action | None) -> None:
        """`action` None: it dies at the point, and its lease stays behind."""
        row = self._row(place)

        def happen(name: str) -> None:
            if name == point and action is None:
                raise Killed
            if name == point and row is not None and action is not None:
                self._press(row.id, action)

        with pytest.MonkeyPatch.context() as patch:
            if action is None:
                patch.setattr(leases.Lease, "release", lambda _lease: None)
            try:
                reconcile(self.desk.make_engine(crashpoint=happen), self.desk.credential_id)
            except Killed:
                return

    # What the cloud does

    @rule(fault=st.sampled_from(FAULTS))
    def the_next_call_fails(self, fault: str) -> None:
        if len(self.desk.cloud.faults) < 2:
            self.desk.cloud.faults.append(fault)

    @rule(place=places, fault=st.sampled_from(ITEM_FAULTS))
    def an_item_fails(self, place: int, fault: str) -> None:
        self.desk.cloud.item_faults[self._machine(place) or f"user.{place}"] = fault

    @rule()
    def the_key_is_revoked(self) -> None:
        self.desk.cloud.is_key_good = False

    @rule(lag_s=st.sampled_from([0, 240]))
    def listings_lag(self, lag_s: int) -> None:
        self.desk.cloud.lag_s = lag_s

    @rule(place=places)
    def a_machine_becomes_available(self, place: int) -> None:
        self.a_machine_changes(place, CloudState.AVAILABLE)

    @rule(place=places, state=st.sampled_from([one for one in CloudState if one is not CloudState.PENDING]))
    def a_machine_changes(self, place: int, state: CloudState) -> None:
        machine = self.desk.cloud.machines.get(self._machine(place) or "")
        if machine and machine.state is not CloudState.TERMINATING:
            machine.state = state

    @rule(place=places)
    def a_machine_is_removed(self, place: int) -> None:
        if cloud_id := self._machine(place):
            self.desk.cloud.remove(cloud_id)

    @rule(place=places)
    def a_machine_vanishes_or_comes_back(self, place: int) -> None:
        machine = self.desk.cloud.machines.get(self._machine(place) or "")
        if machine:
            machine.is_hidden = not machine.is_hidden

    @rule(place=places)
    def somebody_else_takes_or_leaves_the_slot(self, place: int) -> None:
        cloud = self.desk.cloud
        theirs = [one for one in cloud.slot(f"user.{place}") if one.claim is None]
        if theirs:
            cloud.remove(theirs[0].cloud_workspace_id)
        else:
            cloud.make_foreign(f"user.{place}")

    # What is always true

    @invariant()
    def every_promise_is_kept(self) -> None:
        self.every_transition_is_legal_and_has_its_event()
        self.the_log_has_every_change_of_the_public_state()
        self.allowed_actions_are_true()
        self.no_row_is_left_without_a_way_out()
        assert_one_machine_each(self.desk)

    def every_transition_is_legal_and_has_its_event(self) -> None:
        with self.desk.sessions.begin() as session:
            found = session.execute(
                text("SELECT id, tx, row_id, before, after FROM watched WHERE id > :id"),
                {"id": self.seen_until},
            ).all()
        events = Counter((one.tx, one.row_id) for one in found if one.after is None)
        steps = [one for one in found if one.after is not None]
        assert max(Counter((one.tx, one.row_id) for one in steps).values(), default=1) == 1
        for one in steps:
            before, after = Phase(one.before), Phase(one.after)
            assert after in TRANSITIONS[before], f"{before} → {after}"
            written = events[one.tx, one.row_id]
            assert written == 1 or (written == 0 and (before, after) in QUIET), (
                f"{before} → {after}: {written} events"
            )
        self.seen_until = max((one.id for one in found), default=self.seen_until)

    def the_log_has_every_change_of_the_public_state(self) -> None:
        for row in self.rows():
            logged = self.desk.events(row.id)
            for earlier, later in zip(logged, logged[1:], strict=False):
                assert earlier.to_state == later.from_state, self.desk.story(row.id)
            assert logged[-1].to_state == row.state, (row.state, self.desk.story(row.id))

    def allowed_actions_are_true(self) -> None:
        """Press every button of every row in a shape not met before, and take it back."""
        shapes = {_shape(row): row for row in self.rows()}
        rows = [row for shape, row in shapes.items() if shape not in self.known_shapes]
        if not rows:
            return
        with self.desk.database.connect() as connection, connection.begin() as transaction:
            for row in rows:
                for action in Action:
                    can_press = self._has_effect(connection, row, action)
                    details = (action, row.allowed_actions, row.phase, row.desired, row.requested_action)
                    assert can_press == (action.value in row.allowed_actions), details
            transaction.rollback()
        self.known_shapes.update(shapes)

    def _has_effect(self, connection: Connection, row: Workspace, action: Action) -> bool:
        savepoint = connection.begin_nested()
        session = Session(connection, join_transaction_mode="create_savepoint")
        context = replace(self.desk.context, session=session, notifier=UnavailableNotifier())
        try:
            pressed = workspace_actions.press(
                context, row.id, action, company_id=row.company_id, actor=self.desk.actor
            )
            return pressed.version > row.version
        except Conflict as refusal:
            return refusal.code == "workspace_exists"  # its place was taken: only the press can know
        finally:
            session.close()
            savepoint.rollback()

    def no_row_is_left_without_a_way_out(self) -> None:
        for row in self.rows():
            if row.phase is Phase.GONE:
                continue
            is_asked = row.desired is Desired.ABSENT or row.requested_action is not None
            if row.phase in (Phase.CREATE_FAILED, Phase.CONFLICT) and not is_asked:
                assert {"retry", "terminate"} <= set(row.allowed_actions)
            else:
                assert row.due_at is not None, (row.phase, row.desired, self.desk.story(row.id))

    def teardown(self) -> None:
        """With a calm cloud and time everything comes to its end, and then can be ended for good."""
        try:
            live_calmly(self.desk)
            assert_at_an_end(self.desk)
            self.every_promise_is_kept()
            for row in self.rows():
                self.desk.press(row.id, Action.TERMINATE)
            live_calmly(self.desk)
            assert {row.phase for row in self.rows()} <= {Phase.GONE}
            assert [one for one in self.desk.cloud.machines.values() if one.claim] == []
        finally:
            self.desk.close()
            self.path.unlink()


def _shape(row: Workspace) -> tuple[object, ...]:
    return (row.phase, row.desired, row.cloud_state, row.requested_action, row.error_code, row.is_deleted)


class UnavailableNotifier:
    def notify(self, *_: object) -> None: ...

    def notify_due(self, *_: object) -> None: ...

    def is_other_pressed(self, *_: object) -> bool:
        return False


@pytest.mark.timeout(7200)
def test_the_lifecycle_keeps_its_promises_whatever_happens(
    migrated_sqlite: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Five lives of forty steps; twice as many with --whole."""
    Lifecycle.template = make_template(migrated_sqlite, tmp_path / "template.sqlite3")
    Lifecycle.directory = tmp_path
    profile = settings()
    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=profile.max_examples // (10 if pytestconfig.getoption("--whole") else 20),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
