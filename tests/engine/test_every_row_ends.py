"""From any stored row and any truth at the cloud: with a cloud that works and time, the row comes to an end.

Rows are put into the database as they are, whoever left them so: a crash, a bug, a restored backup.
"""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.ends import assert_at_an_end, assert_one_machine_each, live_calmly, live_to_the_end
from tests.scripted_cloud import BUNDLE_ID, FAILURES, ITEM_FAULTS
from tests.scripted_desk import ScriptedDesk, make_template
from webapp.clouds.base import Order
from webapp.domain.actions import refusal
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.engine.run import installation_uid
from webapp.providers.registry import get_provider

CLOUDS = [
    "empty",
    "foreign",
    CloudState.PENDING,
    CloudState.AVAILABLE,
    CloudState.STOPPED,
    CloudState.ERROR,
    CloudState.TERMINATING,
    CloudState.UNKNOWN,
]
"""What is in the row's slot: nothing, somebody else's machine, or ours in this state."""
KNOWS_ITS_MACHINE = {Phase.CREATING, Phase.READY, Phase.STALLED, Phase.LOST, Phase.TERMINATING}
KNOWN_STATE = dict.fromkeys(KNOWS_ITS_MACHINE, CloudState.PENDING) | {Phase.READY: CloudState.AVAILABLE}
WAS_SENT = KNOWS_ITS_MACHINE | {Phase.CREATE_INTENT}


@dataclass(frozen=True, slots=True)
class Shape:
    desired: Desired
    cloud: str
    action: Action | None
    has_failed: bool


def _shapes(phase: Phase) -> list[Shape]:
    """Every request and cloud, with what the entry points allow to be asked in this phase."""
    failures = [False, True] if phase in (Phase.CREATE_INTENT, Phase.TERMINATING) else [False]
    shapes = [
        Shape(*parts) for parts in product(Desired, CLOUDS, [None, Action.RETRY, Action.STOP], failures)
    ]
    return [one for one in shapes if one.action is None or _may_ask(phase, one)]


def _may_ask(phase: Phase, shape: Shape) -> bool:
    reason = refusal(
        shape.action or Action.RETRY,
        desired=shape.desired,
        phase=phase,
        cloud_state=CloudState.AVAILABLE,
        pending=None,
        has_failed=shape.has_failed,
        running_mode="AUTO_STOP",
        rules=get_provider("aws").desktops,
    )
    return reason is None


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(migrated_sqlite, tmp_path_factory.mktemp("scripted") / "template.sqlite3")


@pytest.mark.parametrize("phase", Phase)
def test_every_stored_row_comes_to_an_end(template: Path, tmp_path: Path, phase: Phase) -> None:
    shutil.copy(template, tmp_path / "berth.sqlite3")
    desk = ScriptedDesk(tmp_path / "berth.sqlite3")
    for place, shape in enumerate(_shapes(phase)):
        _store(desk, place, phase, shape)

    live_calmly(desk)

    if phase in WAS_SENT:  # a machine behind any other phase comes from no call that the row knows of
        assert_one_machine_each(desk)
    assert_at_an_end(desk)
    desk.close()


def _store(desk: ScriptedDesk, place: int, phase: Phase, shape: Shape) -> None:
    """One row in this phase and shape, with its machine at the cloud."""
    now, workspace_id = desk.clock.now(), desk.order_for(place)
    row = desk.row(workspace_id)
    claim = f"{installation_uid(desk.engine)}/{row.uid}/1"
    is_ours = shape.cloud not in ("empty", "foreign")
    machine = None
    if shape.cloud != "empty" and phase is not Phase.GONE:
        order = Order(claim if is_ours else "", row.username, BUNDLE_ID, "AUTO_STOP")
        machine = desk.cloud.make(order)
    if machine is not None:
        machine.state = CloudState(shape.cloud) if is_ours else CloudState.AVAILABLE
    known = machine.cloud_workspace_id if machine is not None and is_ours else f"ws-never{place}"
    desk.store(
        workspace_id,
        phase=phase,
        desired=shape.desired,
        requested_action=shape.action,
        action_requested_at=now if shape.action else None,
        cloud_workspace_id=known if phase in KNOWS_ITS_MACHINE else None,
        cloud_state=KNOWN_STATE.get(phase),
        issued_at=now if phase in WAS_SENT else None,
        has_unknown_outcome=phase in WAS_SENT,
        available_at=now if phase in (Phase.READY, Phase.LOST) else None,
        terminated_at=now if phase is Phase.GONE else None,
        error_code="launch_failed" if shape.has_failed else None,
        error_at=now if shape.has_failed else None,
        deadline_at=now + timedelta(minutes=30),
        due_at=now,
    )


OUTCOMES = st.sampled_from([None, None, *ITEM_FAULTS])
FINAL = {"quota", "invalid", "not_found"}
"""Refusals that end an order; after every other outcome the machine is made in the end."""


@pytest.fixture(scope="module")
def ordered_batch(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with as many orders as one call takes; no worker has come yet."""
    path = tmp_path_factory.mktemp("batch") / "berth.sqlite3"
    shutil.copy(template, path)
    desk = ScriptedDesk(path)
    for place in range(25):
        desk.order_for(place)
    desk.close()
    return path


@settings(max_examples=settings().max_examples // 10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    outcomes=st.lists(OUTCOMES, min_size=25, max_size=25),
    call=st.sampled_from([None, None, "lost", "lost_after", "late", "throttled"]),
)
def test_a_batch_with_any_failures_and_a_lost_answer_leaves_the_truth_in_every_row(
    ordered_batch: Path, outcomes: list[str | None], call: str | None
) -> None:
    path = ordered_batch.with_name("example.sqlite3")
    shutil.copy(ordered_batch, path)
    desk = ScriptedDesk(path)
    desk.cloud.is_calm = True
    desk.cloud.item_faults = {f"user.{place}": one for place, one in enumerate(outcomes) if one}
    desk.cloud.create_faults = [call] if call else []

    live_to_the_end(desk)

    assert_one_machine_each(desk)
    assert_at_an_end(desk)
    for row, outcome in zip(desk.rows(), outcomes, strict=True):
        details = (outcome, call, row.error_code, desk.story(row.id))
        is_refused = row.phase is Phase.CREATE_FAILED
        assert is_refused or row.phase is Phase.READY, details
        if outcome not in FINAL:
            assert not is_refused, details
        elif call not in ("lost_after", "late"):  # then the refusal never arrived, and the order goes on
            assert is_refused and row.error_code == FAILURES[outcome].code, details
    desk.close()
    path.unlink()
