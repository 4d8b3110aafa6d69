"""A move is sent once; what is refused, seen or not seen afterwards decides what becomes of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.domain.decisions.rows import HEALTHY, NOW, PACE, columns, event_of, seen
from webapp.domain.access import Access
from webapp.domain.decisions import moves
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.needs import Need, need_at, need_of
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState, Desired, Phase

BUNDLE = {"bundle_id": "wsb-new", "bundle_name": "New", "price_currency": "USD"}
ASKED = BUNDLE | {"month_price_minor": 4000, "month_fee_minor": 1000}
BEFORE = ASKED | {"machine": "ws-old", "bundle_id": "wsb-old", "bundle_name": "Old"}


def test_a_desktop_in_use_that_somebody_wants_moved_needs_it_before_routine_looks() -> None:
    wanted = replace(HEALTHY, move={"bundle_id": "wsb-new"})

    assert need_of(wanted) is Need.MOVE and Need.POWER < Need.MOVE < Need.LOOK_ASKED
    assert need_of(replace(wanted, desired=Desired.ABSENT)) is Need.TERMINATE
    assert need_of(replace(wanted, phase=Phase.LOST)) is not Need.MOVE


def test_who_must_be_kept_out_is_kept_out_before_a_move_is_sent() -> None:
    early = replace(HEALTHY, move=ASKED, starts_at=NOW + timedelta(days=1))

    assert need_at(early, NOW) is Need.LOOK
    assert need_at(replace(early, access_ended_at=NOW, cloud_state=CloudState.STOPPED), NOW) is Need.MOVE
    assert need_at(replace(early, move_sent_at=NOW), NOW) is Need.MOVE  # its confirmation keeps out too


def test_the_intent_counts_as_a_create_because_a_machine_may_come_of_it() -> None:
    assert columns(moves.intended(NOW), "move_sent_at", "issued_at") == {
        "move_sent_at": NOW,
        "issued_at": NOW,
    }


def test_the_new_id_and_the_old_one_are_written_together_with_bundle_and_price() -> None:
    written = moves.moved(ASKED, BEFORE, target_id="ws-new", pace=PACE, now=NOW).change.columns()

    assert (written["cloud_workspace_id"], written["moved_from"]) == ("ws-new", BEFORE)
    assert (written["bundle_id"], written["month_price_minor"]) == ("wsb-new", 4000)
    assert written["move"] is None and written["move_sent_at"] is None


def refused(asked: dict[str, Any], failure: Failure) -> Decision:
    return moves.refused(asked, failure, at_least_s=0, jitter=1, pace=PACE, now=NOW)


def test_what_is_refused_is_repeated_later_and_later_and_for_some_hours_only() -> None:
    busy, asked, waits = Failure("resource_unavailable", Trouble.TRANSIENT), ASKED, []
    for _ in range(12):
        written = refused(asked, busy).change.columns()
        asked = written["move"]
        waits.append(written["due_at"] - NOW)

    assert waits[:3] == [timedelta(seconds=seconds) for seconds in (30, 60, 120)]
    assert waits[-1] == moves.LONGEST_WAIT and asked["asked_at"] == NOW.isoformat()

    old = asked | {"asked_at": (NOW - moves.ASKED_FOR).isoformat()}
    late = refused(old, busy)
    assert late.change.columns()["move"] is None and event_of(late) == "move_failed"
    assert moves.is_late(old, NOW) and not moves.is_late(asked, NOW)


@pytest.mark.parametrize(
    ("trouble", "is_open", "is_sent"),
    [(Trouble.UNKNOWN, True, True), (Trouble.TRANSIENT, True, False), (Trouble.PERMANENT, False, False)],
)
def test_what_may_have_begun_is_not_sent_again_and_what_has_not_may_be(
    trouble: Trouble, is_open: bool, is_sent: bool
) -> None:
    failure = Failure("resource_unavailable", trouble)

    written = refused(ASKED, failure).change.columns()

    assert (written.get("move", ASKED) is not None) is is_open and ("move_sent_at" not in written) is is_sent


def test_an_answer_that_was_lost_is_waited_for_longer_than_the_cloud_takes() -> None:
    early = moves.unconfirmed(sent_at=NOW - timedelta(minutes=60), pace=PACE, now=NOW)
    late = moves.unconfirmed(sent_at=NOW - moves.CONFIRMED_AFTER, pace=PACE, now=NOW)

    assert "move" not in early.change.columns() and event_of(early) is None
    assert late.change.columns()["move"] is None and event_of(late) == "move_failed"


PROVEN = replace(
    HEALTHY,
    moved_at=NOW - moves.CONFIRMED_AFTER,
    absent_count=2,
    absent_first_at=NOW - timedelta(minutes=3),
    absent_last_at=NOW - timedelta(minutes=2),
)
"""Moved long ago, and the listing of now is the third one without the new machine."""


def test_a_move_that_is_given_up_is_undone_only_when_the_old_machine_is_usable_again() -> None:
    busy = moves.given_up(PROVEN, BEFORE, seen(CloudState.MAINTENANCE), pace=PACE, now=NOW)
    back = moves.given_up(PROVEN, BEFORE, seen(CloudState.STOPPED), pace=PACE, now=NOW)

    assert "cloud_workspace_id" not in busy.change.columns()
    assert back.change.columns()["bundle_name"] == "Old" and back.change.columns()["moved_from"] is None


@pytest.mark.parametrize(
    "facts",
    [
        {"absent_count": 0, "absent_first_at": None, "absent_last_at": None},
        {"absent_count": 1},
        {"absent_last_at": NOW - timedelta(seconds=10)},
        {"moved_at": NOW - moves.CONFIRMED_AFTER + timedelta(minutes=1)},
        {"issued_at": NOW - timedelta(minutes=1)},
    ],
)
def test_a_move_is_not_given_up_without_proof_or_too_early(facts: dict[str, Any]) -> None:
    decision = moves.given_up(replace(PROVEN, **facts), BEFORE, seen(CloudState.STOPPED), pace=PACE, now=NOW)

    assert "cloud_workspace_id" not in decision.change.columns() and event_of(decision) is None
    assert columns(decision.change, "due_at", "observed_at") == {
        "due_at": NOW + PACE.poll,
        "observed_at": NOW,
    }


@pytest.mark.parametrize("code", ["terminated_outside", "launch_failed"])
def test_what_is_found_under_another_id_goes_on_if_nobody_here_ended_it(code: str) -> None:
    ending = replace(HEALTHY, phase=Phase.TERMINATING, cloud_state=CloudState.TERMINATING, error_code=code)

    alive = moves.moved_outside(ending, seen(CloudState.PENDING), pace=PACE, now=NOW)
    dying = moves.moved_outside(ending, seen(CloudState.TERMINATING), pace=PACE, now=NOW)

    assert columns(alive.change, "phase", "cloud_workspace_id", "error_code") == {
        "phase": Phase.READY,
        "cloud_workspace_id": "ws-1",
        "error_code": None,
    }
    assert "phase" not in dying.change.columns() and "cloud_workspace_id" not in dying.change.columns()


def test_an_order_in_time_needs_nothing_until_then() -> None:
    waiting = replace(
        HEALTHY,
        phase=Phase.REQUESTED,
        cloud_state=None,
        starts_at=NOW + timedelta(days=9),
        make_at=NOW + timedelta(days=7),
    )

    assert waiting.access(NOW) is Access.NOT_YET
    assert need_at(waiting, NOW) is Need.REST
    assert need_at(waiting, NOW + timedelta(days=7)) is Need.CREATE
    assert need_at(replace(waiting, starts_at=None), NOW) is Need.CREATE
    assert need_at(replace(waiting, desired=Desired.ABSENT), NOW) is Need.CLOSE


LEFT = replace(HEALTHY, moved_from=BEFORE, moved_at=NOW - timedelta(minutes=5), ends_at=NOW)
"""Its move is under way, and its contract has just ended."""


@pytest.mark.parametrize(
    ("changes", "is_watched"),
    [
        ({}, True),
        ({"phase": Phase.TERMINATING}, True),
        ({"moved_at": NOW - moves.CONFIRMED_AFTER}, False),
        ({"moved_at": NOW - moves.CONFIRMED_AFTER, "absent_count": 1}, True),
        ({"ends_at": None}, False),
        ({"ends_at": None, "starts_at": NOW + timedelta(days=1)}, True),
        ({"desired": Desired.ABSENT}, False),
        ({"moved_from": None, "moved_at": None, "absent_count": 1}, False),
    ],
)
def test_the_machine_from_before_is_watched_while_it_may_come_back_and_its_person_is_to_be_kept_out(
    changes: dict[str, Any], is_watched: bool
) -> None:
    found = moves.former_machine(replace(LEFT, **changes), NOW)

    assert found == ("ws-old" if is_watched else None)
