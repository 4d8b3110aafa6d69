"""A stop by the hours that keeps what is open, and the ordinary stop that follows where it could not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.decisions.rows import HEALTHY, NOW, PACE, ago, seen
from webapp.domain.decisions import hibernating
from webapp.domain.decisions.observations import observed
from webapp.domain.errors import Failure, Trouble
from webapp.domain.hours.duty import Hibernation, HoursDuty
from webapp.domain.lifecycle import Action, CloudState

ASKED, FAILED = Hibernation.ASKED, Hibernation.FAILED
STOPPING = replace(HEALTHY, requested_action=Action.STOP, hours_json={}, hours_duty=HoursDuty.STOP)
SENT = replace(STOPPING, hibernation=ASKED, action_sent_at=ago(minutes=5))
BROKEN = Failure("hibernation_failed", Trouble.PERMANENT, "VMHibernateFailed")


def test_only_a_stop_by_the_hours_is_one_and_only_once() -> None:
    assert hibernating.may_hibernate(STOPPING)
    assert hibernating.may_hibernate(replace(STOPPING, hours_duty=HoursDuty.IDLE, hibernation=ASKED))
    assert not hibernating.may_hibernate(replace(STOPPING, hibernation=FAILED))
    assert not hibernating.may_hibernate(replace(STOPPING, hours_duty=None)), "a person's own stop"


@pytest.mark.parametrize(
    ("state", "facts", "minutes"),
    [
        (CloudState.AVAILABLE, {"resize_failure": BROKEN}, 2),
        (CloudState.AVAILABLE, {}, 10),
        (CloudState.STOPPING, {}, 20),
    ],
)
def test_one_that_failed_or_is_not_seen_is_followed_by_a_stop(
    state: CloudState, facts: dict[str, object], minutes: int
) -> None:
    row = replace(SENT, action_sent_at=ago(minutes=minutes))

    change, note = observed(row, seen(state, **facts), pace=PACE, now=NOW)

    assert note is not None and note.event == "hibernation_failed"
    assert (change.hibernation, change.action_sent_at, change.due_at) == (FAILED, None, NOW)
    assert change.columns().get("requested_action", Action.STOP) is Action.STOP


def test_one_that_is_under_way_is_waited_for() -> None:
    for observation in (
        seen(CloudState.STOPPING),
        seen(CloudState.AVAILABLE),
        seen(CloudState.AVAILABLE, is_busy=True, resize_failure=BROKEN),
    ):
        assert hibernating.outcome_of(SENT, observation, pace=PACE, now=NOW) is None


def test_one_that_is_done_stays_known_until_the_desktop_runs() -> None:
    change, note = observed(SENT, seen(CloudState.STOPPED), pace=PACE, now=NOW)
    assert note is not None and note.event == "stop_done"
    assert "hibernation" not in change.columns()
    off = replace(HEALTHY, hibernation=ASKED, cloud_state=CloudState.STOPPED)

    change, _ = observed(off, seen(CloudState.AVAILABLE), pace=PACE, now=NOW)

    assert change.hibernation is None


def test_where_the_hours_want_it_on_meanwhile_no_stop_follows() -> None:
    row = replace(SENT, hours_duty=HoursDuty.START)

    change, _ = hibernating.not_hibernated(row, BROKEN, now=NOW)

    assert (change.requested_action, change.hibernation) == (None, FAILED)


def test_what_passes_is_tried_again_for_a_while() -> None:
    def again(trouble: Trouble, minutes: int) -> bool:
        failure = Failure("operation_in_progress", trouble)
        return hibernating.is_tried_again(failure, requested_at=NOW - timedelta(minutes=minutes), now=NOW)

    assert again(Trouble.TRANSIENT, 5) and again(Trouble.THROTTLED, 5)
    assert not again(Trouble.TRANSIENT, 20)
    assert again(Trouble.CREDENTIAL, 20)
    assert not again(Trouble.PERMANENT, 0) and not again(Trouble.QUOTA, 0)
