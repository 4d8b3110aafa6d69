"""What a refusal of a directory means for the order whose user it was to make."""

from dataclasses import replace

import pytest

from tests.cases import each_case
from tests.domain.decisions.rows import HEALTHY, NOW
from webapp.domain.decisions.users import TAKEN, user_made, user_refused
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Desired, Phase

ORDER = replace(HEALTHY, phase=Phase.REQUESTED, cloud_state=None, issued_at=None, available_at=None)


@each_case(
    ("failure", "code", "wait_s"),
    [
        (Failure("throttled", Trouble.THROTTLED), "throttled", 60),
        (Failure("directory_unavailable", Trouble.TRANSIENT), "directory_unavailable", 60),
        (Failure("answer_lost", Trouble.UNKNOWN), "answer_lost", 60),
        (Failure("access_denied", Trouble.CREDENTIAL), "user_rights_missing", 300),
        (Failure("directory_data_disabled", Trouble.PERMANENT), "directory_data_disabled", 300),
        (Failure("users_made_elsewhere", Trouble.PERMANENT), "users_made_elsewhere", 300),
    ],
)
def test_an_order_waits_for_what_passes_or_what_people_can_change(
    failure: Failure, code: str, wait_s: int
) -> None:
    change, note = user_refused(ORDER, failure, now=NOW)

    assert change.columns()["waiting_code"] == code
    assert (change.columns()["due_at"] - NOW).total_seconds() == wait_s  # type: ignore[operator]
    assert "phase" not in change.columns() and "attempt" not in change.columns()
    assert note is not None and note.event == "waiting_for_user"
    assert user_refused(replace(ORDER, waiting_code=code), failure, now=NOW).note is None


@pytest.mark.parametrize("failure", [TAKEN, Failure("invalid_request", Trouble.PERMANENT)])
def test_an_order_whose_create_may_have_worked_is_not_given_up_for_its_user(failure: Failure) -> None:
    in_doubt = replace(ORDER, phase=Phase.CREATE_INTENT, issued_at=NOW, has_unknown_outcome=True)

    change, _ = user_refused(in_doubt, failure, now=NOW)

    assert "phase" not in change.columns() and change.columns()["waiting_code"] == failure.code


@pytest.mark.parametrize("failure", [TAKEN, Failure("invalid_request", Trouble.PERMANENT)])
def test_what_can_never_work_fails_the_order(failure: Failure) -> None:
    change, note = user_refused(ORDER, failure, now=NOW)

    assert change.columns()["phase"] is Phase.CREATE_FAILED
    assert change.columns()["error_code"] == failure.code
    assert note is not None and note.event == "create_failed"


def test_the_directory_may_ask_for_a_longer_wait() -> None:
    change, _ = user_refused(ORDER, Failure("throttled", Trouble.THROTTLED), now=NOW, at_least_s=110)

    assert (change.columns()["due_at"] - NOW).total_seconds() == 110  # type: ignore[operator]


def test_a_cancelled_order_waits_for_nothing() -> None:
    cancelled = replace(ORDER, desired=Desired.ABSENT)

    change, _ = user_refused(cancelled, Failure("throttled", Trouble.THROTTLED), now=NOW)

    assert change.columns()["due_at"] == NOW


def test_a_user_that_is_there_ends_the_wait() -> None:
    change, note = user_made("ada.byron", was_lost=False)

    assert change.columns() == {"waiting_code": None}
    assert note is not None and "ada.byron" in note.message
