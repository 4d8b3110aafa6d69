"""Start, stop, restart, rebuild and restore: what the cloud's answer means, and when the action is over."""

from dataclasses import replace
from typing import Any

import pytest

from tests.cases import each_case
from tests.domain.decisions.rows import HEALTHY, NOW, PACE, ago, columns, due_of, event_of, later, seen
from webapp.domain.decisions import power
from webapp.domain.decisions.change import NO_ACTION
from webapp.domain.decisions.observations import observed
from webapp.domain.errors import Failure, Trouble
from webapp.domain.hours.duty import HoursDuty
from webapp.domain.lifecycle import POWER_ACTIONS, SENT_ONCE, Action, CloudState

POLL_S, LIMIT_S, UNSEEN_S, REBUILD_S = 30, 20 * 60, 10 * 60, 2 * 3600
_S = CloudState


def decide(
    action: Action, before: CloudState, shown: CloudState, *, since_s: float, **facts: Any
) -> tuple[str | None, dict[str, object], bool]:
    """The event, what is written of the error, and whether the action is over."""
    row = replace(
        HEALTHY,
        requested_action=action,
        action_sent_at=ago(seconds=since_s),
        cloud_state=before,
        ip_address=facts.pop("known_ip", "10.0.0.1"),
    )
    decision = observed(row, seen(shown, **facts), pace=PACE, now=NOW)
    is_over = decision.change.columns().items() >= NO_ACTION.columns().items()
    return event_of(decision), columns(decision.change, "error_code"), is_over


OUT_OF_MEMORY = Failure("resource_unavailable", Trouble.TRANSIENT)
MOVED: dict[str, Any] = {"ip_address": "10.0.0.2"}
CASES: list[tuple[Action, CloudState, CloudState, float, dict[str, Any], str | None, str | None]] = [
    # Action, state before, state now, seconds since it was sent, more; the event, the error's code.
    (Action.STOP, _S.AVAILABLE, _S.STOPPED, 1, {}, "stop_done", None),
    (Action.STOP, _S.AVAILABLE, _S.STOPPING, 1, {}, None, None),
    (Action.STOP, _S.STOPPING, _S.STOPPING, LIMIT_S, {}, None, None),
    (Action.STOP, _S.STOPPING, _S.STOPPING, LIMIT_S + 1, {}, "stop_failed", "action_timeout"),
    (Action.STOP, _S.AVAILABLE, _S.STOPPED, LIMIT_S + 1, {}, "stop_done", None),
    (Action.START, _S.STOPPED, _S.AVAILABLE, 1, {}, "start_done", None),
    (Action.START, _S.STARTING, _S.UNHEALTHY, 1, {}, "start_done", None),
    (Action.START, _S.STOPPED, _S.STARTING, 1, {}, None, None),
    (Action.START, _S.STOPPED, _S.STOPPED, 1, {}, None, None),
    (Action.START, _S.STOPPED, _S.STOPPED, LIMIT_S + 1, {}, "start_failed", "action_timeout"),
    (
        Action.START,
        _S.STOPPED,
        _S.STOPPED,
        1,
        {"failure": OUT_OF_MEMORY},
        "start_failed",
        "resource_unavailable",
    ),
    (Action.STOP, _S.AVAILABLE, _S.UNHEALTHY, 1, {"failure": OUT_OF_MEMORY}, None, None),
    (Action.RESTART, _S.RESTARTING, _S.AVAILABLE, 1, {}, "restart_done", None),
    (Action.RESTART, _S.RESTARTING, _S.RESTARTING, 1, {}, None, None),
    (Action.RESTART, _S.AVAILABLE, _S.AVAILABLE, 3 * POLL_S - 1, {}, None, None),
    (Action.RESTART, _S.AVAILABLE, _S.AVAILABLE, 3 * POLL_S, {}, "restart_done", None),
    (Action.RESTART, _S.AVAILABLE, _S.UNHEALTHY, 3 * POLL_S, {}, "restart_done", None),
    (Action.RESTART, _S.AVAILABLE, _S.AVAILABLE, 3 * POLL_S, {"is_busy": True}, None, None),
    (Action.RESTART, _S.RESTARTING, _S.AVAILABLE, 60, {"is_busy": True}, None, None),
    (Action.RESTART, _S.AVAILABLE, _S.STOPPED, LIMIT_S + 1, {}, "restart_failed", "action_timeout"),
    (Action.REBUILD, _S.MAINTENANCE, _S.AVAILABLE, 1, {}, "rebuild_done", None),
    (Action.REBUILD, _S.MAINTENANCE, _S.STOPPED, 1, {}, "rebuild_done", None),
    (Action.REBUILD, _S.MAINTENANCE, _S.UNHEALTHY, 1, {}, "rebuild_done", None),
    (Action.REBUILD, _S.MAINTENANCE, _S.MAINTENANCE, REBUILD_S, {}, None, None),
    (Action.REBUILD, _S.MAINTENANCE, _S.MAINTENANCE, REBUILD_S + 1, {}, "rebuild_failed", "action_timeout"),
    (Action.REBUILD, _S.MAINTENANCE, _S.ERROR, 1, {}, "rebuild_failed", "cloud_error_state"),
    (Action.REBUILD, _S.AVAILABLE, _S.AVAILABLE, 1, MOVED, "rebuild_done", None),
    (Action.REBUILD, _S.AVAILABLE, _S.STARTING, 1, MOVED, None, None),
    (Action.REBUILD, _S.AVAILABLE, _S.AVAILABLE, 1, {**MOVED, "known_ip": None}, None, None),
    (Action.REBUILD, _S.AVAILABLE, _S.AVAILABLE, UNSEEN_S, {}, None, None),
    (Action.REBUILD, _S.AVAILABLE, _S.AVAILABLE, UNSEEN_S + 1, {}, "rebuild_failed", "action_unseen"),
    (Action.REBUILD, _S.AVAILABLE, _S.STARTING, UNSEEN_S + 1, {}, None, None),
    (Action.REBUILD, _S.AVAILABLE, _S.STARTING, REBUILD_S + 1, {}, "rebuild_failed", "action_timeout"),
    (Action.RESTORE, _S.MAINTENANCE, _S.AVAILABLE, 1, {}, "restore_done", None),
    (Action.RESTORE, _S.MAINTENANCE, _S.STOPPED, 1, {}, "restore_done", None),
    (Action.RESTORE, _S.MAINTENANCE, _S.UNHEALTHY, 1, {}, "restore_done", None),
    (Action.RESTORE, _S.MAINTENANCE, _S.MAINTENANCE, REBUILD_S, {}, None, None),
    (Action.RESTORE, _S.MAINTENANCE, _S.MAINTENANCE, REBUILD_S + 1, {}, "restore_failed", "action_timeout"),
    (Action.RESTORE, _S.MAINTENANCE, _S.ERROR, 1, {}, "restore_failed", "cloud_error_state"),
    # Another address says nothing: whether a restore gives one is not known.
    (Action.RESTORE, _S.AVAILABLE, _S.AVAILABLE, UNSEEN_S, MOVED, None, None),
    (Action.RESTORE, _S.AVAILABLE, _S.AVAILABLE, UNSEEN_S + 1, MOVED, "restore_failed", "restore_unseen"),
]


@each_case(("action", "before", "shown", "since_s", "facts", "event", "code"), CASES)
def test_an_action_is_over_when_its_end_was_seen_or_its_time_is_up(
    action: Action,
    before: CloudState,
    shown: CloudState,
    since_s: float,
    facts: dict[str, Any],
    event: str | None,
    code: str | None,
) -> None:
    assert decide(action, before, shown, since_s=since_s, **facts) == (
        event,
        {"error_code": code} if code else {},
        event is not None,
    )


def test_the_cases_cover_every_action() -> None:
    assert {case[0] for case in CASES} == set(POWER_ACTIONS)


# What the cloud answers


@pytest.mark.parametrize("action", POWER_ACTIONS)
def test_an_accepted_action_is_watched_from_now(action: Action) -> None:
    decision = power.accepted(action, pace=PACE, now=NOW)

    assert decision.change.columns() == {"action_sent_at": NOW, "due_at": later(POLL_S)}
    assert event_of(decision) == f"{action}_sent"


@pytest.mark.parametrize(("asked_s", "due"), [(0, "poll"), (29, "poll"), (90, "90")])
def test_an_action_that_never_left_is_sent_soon_and_not_before_the_cloud_asks(
    asked_s: float, due: str
) -> None:
    decision = power.unsent(at_least_s=asked_s, pace=PACE, now=NOW)

    assert columns(decision.change, "action_sent_at") == {"action_sent_at": None}
    assert (event_of(decision), due_of(decision.change)) == ("action_postponed", due)


ENDED, POSTPONED, WATCHED = "{}_failed", "action_postponed", None
ANSWERS = [
    # Trouble, code; what it means for what is sent once, and for what may be sent twice.
    (Trouble.UNKNOWN, "answer_lost", WATCHED, POSTPONED),
    (Trouble.TRANSIENT, "resource_unavailable", POSTPONED, POSTPONED),
    (Trouble.THROTTLED, "throttled", POSTPONED, POSTPONED),
    (Trouble.CREDENTIAL, "invalid_key", POSTPONED, POSTPONED),
    (Trouble.CREDENTIAL, "access_denied", ENDED, ENDED),
    (Trouble.QUOTA, "quota_reached", ENDED, ENDED),
    (Trouble.EXISTS, "username_taken", ENDED, ENDED),
    (Trouble.ABSENT, "not_found", ENDED, ENDED),
    (Trouble.PERMANENT, "not_supported", ENDED, ENDED),
]


@each_case(("trouble", "code", "once", "twice"), ANSWERS)
@each_case("action", POWER_ACTIONS)
def test_a_refusal_ends_the_action_or_is_tried_again(
    action: Action, trouble: Trouble, code: str, once: str | None, twice: str | None
) -> None:
    failure = Failure(code, trouble, "Code", "detail")
    row = replace(HEALTHY, requested_action=action)

    decision = power.refused(row, action, failure, at_least_s=0, jitter=1.1, pace=PACE, now=NOW)

    event = once if action in SENT_ONCE else twice
    written = {
        ENDED: NO_ACTION.columns()
        | {"error_code": code, "error_detail": "Code: detail", "error_at": NOW, "due_at": NOW},
        POSTPONED: {"action_sent_at": None, "due_at": later(33)},
        WATCHED: {"due_at": later(POLL_S)},
    }[event]
    assert decision.change.columns() == written
    assert event_of(decision) == (event.format(action) if event else None)


@pytest.mark.parametrize("duty", [HoursDuty.STOP, HoursDuty.IDLE])
def test_a_stop_by_hours_that_is_refused_for_good_leaves_them_nothing_to_do(duty: HoursDuty) -> None:
    failure = Failure("invalid_state", Trouble.PERMANENT)
    row = replace(HEALTHY, requested_action=Action.STOP, hours_json={}, hours_duty=duty)

    decision = power.refused(row, Action.STOP, failure, at_least_s=0, jitter=1.0, pace=PACE, now=NOW)

    assert decision.change.columns()["hours_duty"] is None


def test_a_stop_by_hours_that_does_not_finish_leaves_them_nothing_to_do() -> None:
    row = replace(
        HEALTHY,
        requested_action=Action.STOP,
        action_sent_at=ago(seconds=LIMIT_S + 1),
        hours_json={},
        hours_duty=HoursDuty.IDLE,
    )

    decision = power.outcome_of(row, seen(CloudState.STOPPING), pace=PACE, now=NOW)

    assert decision.change.columns()["hours_duty"] is None


def test_the_table_knows_every_trouble() -> None:
    assert {trouble for trouble, *_ in ANSWERS} == set(Trouble)


def test_the_cloud_may_ask_for_a_longer_wait() -> None:
    failure = Failure("throttled", Trouble.THROTTLED)

    decision = power.refused(HEALTHY, Action.STOP, failure, at_least_s=90, jitter=1.0, pace=PACE, now=NOW)

    assert due_of(decision.change) == "90"
