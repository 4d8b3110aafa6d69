"""The answer to a create, by trouble: try later, wait for the credential, fail, or as if nothing was sent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cases import each_case
from tests.domain.decisions.rows import NEW, NOW, PACE, ago, columns, due_of, event_of, later, seen
from webapp.domain.decisions.change import NO_ERROR, NO_EVIDENCE
from webapp.domain.decisions.creates import Before, SentCreate, intended
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState, Desired, Phase

INTENT = replace(NEW, phase=Phase.CREATE_INTENT, cloud_state=None, has_unknown_outcome=True)
CANCELLED = replace(INTENT, desired=Desired.ABSENT)


def sent(
    row: RowState = INTENT,
    *,
    was_unknown: bool = False,
    is_first: bool = True,
    jitter: float = 1.0,
    blocked_code: str | None = None,
) -> SentCreate:
    before = Before(was_unknown, None if is_first else NOW - PACE.poll)
    return SentCreate(row, before, PACE, NOW, jitter=jitter, blocked_code=blocked_code)


def summary(decision: Decision) -> str:
    """Phase, doubt, attempt, when it is due and the event; a dash: unchanged, or none."""
    change = decision.change.columns()
    doubt = {True: "doubt", False: "sure"}.get(change.get("has_unknown_outcome"), "-")  # type: ignore[arg-type]
    return (
        f"{change.get('phase', '-')} {doubt} {change.get('attempt', '-')}"
        f" {due_of(decision.change) or '-'} {event_of(decision) or '-'}"
    )


ANSWERS = [
    # Trouble and code; of an order that is new, and of one whose earlier create may have worked.
    (Trouble.UNKNOWN, "answer_lost", "- doubt 2 poll retry_scheduled", "- doubt 2 poll retry_scheduled"),
    (Trouble.THROTTLED, "throttled", "- sure 2 poll retry_scheduled", "- doubt 2 poll retry_scheduled"),
    (
        Trouble.TRANSIENT,
        "resource_unavailable",
        "- sure 2 poll retry_scheduled",
        "- doubt 2 poll retry_scheduled",
    ),
    (Trouble.TRANSIENT, "cloud_unreachable", "requested sure - - -", "create_intent doubt - - -"),
    (
        Trouble.CREDENTIAL,
        "access_denied",
        "requested sure - gap waiting_for_credential",
        "create_intent doubt - gap waiting_for_credential",
    ),
    (
        Trouble.CREDENTIAL,
        "invalid_key",
        "requested sure - gap waiting_for_credential",
        "create_intent doubt - gap waiting_for_credential",
    ),
    (
        Trouble.QUOTA,
        "quota_reached",
        "create_failed sure - never create_failed",
        "- doubt - gap create_failed",
    ),
    (
        Trouble.ABSENT,
        "bundle_not_found",
        "create_failed sure - never create_failed",
        "- doubt - gap create_failed",
    ),
    (
        Trouble.PERMANENT,
        "refused",
        "create_failed sure - never create_failed",
        "- doubt - gap create_failed",
    ),
    (
        Trouble.PERMANENT,
        "user_not_found",
        "requested sure - rest waiting_for_user",
        "create_intent doubt - rest waiting_for_user",
    ),
    (
        Trouble.EXISTS,
        "username_taken",
        "create_failed sure - never create_failed",
        "- doubt - gap create_failed",
    ),
]


@each_case(("trouble", "code", "new", "doubtful"), ANSWERS)
@each_case("was_unknown", [False, True])
def test_a_create_that_failed(
    trouble: Trouble, code: str, new: str, doubtful: str, was_unknown: bool
) -> None:
    failure, create = Failure(code, trouble), sent(was_unknown=was_unknown)

    assert summary(create.failed(failure, at_least_s=0)) == (doubtful if was_unknown else new)
    if trouble is not Trouble.EXISTS:
        assert create.refused(failure, at_least_s=0) == create.failed(failure, at_least_s=0)


def test_the_table_knows_every_trouble() -> None:
    assert {trouble for trouble, *_ in ANSWERS} == set(Trouble)


@pytest.mark.parametrize(
    ("was_unknown", "outcome"),
    [(False, "- sure 2 poll retry_scheduled"), (True, "- doubt - poll retry_scheduled")],
)
def test_a_taken_slot_may_be_our_own_doing_and_is_looked_into(was_unknown: bool, outcome: str) -> None:
    taken = Failure("username_taken", Trouble.EXISTS)

    assert summary(sent(was_unknown=was_unknown, is_first=False).refused(taken, at_least_s=0)) == outcome


@each_case(
    ("attempt", "jitter", "asked_s", "outcome"),
    [
        (1, 1.0, 0, "- sure 2 poll retry_scheduled"),
        (2, 1.0, 0, "- sure 3 gap retry_scheduled"),
        (3, 1.0, 0, "- sure 4 120 retry_scheduled"),
        (3, 1.2, 0, "- sure 4 144 retry_scheduled"),
        (1, 1.0, 31, "- sure 2 31 retry_scheduled"),
        (1, 1.0, 29, "- sure 2 poll retry_scheduled"),
        (4, 1.0, 0, "create_failed sure - never create_failed"),
    ],
)
def test_another_try_comes_after_its_wait_and_there_is_no_fourth(
    attempt: int, jitter: float, asked_s: float, outcome: str
) -> None:
    create = sent(replace(INTENT, attempt=attempt), jitter=jitter)

    assert summary(create.failed(Failure("throttled", Trouble.THROTTLED), at_least_s=asked_s)) == outcome


@pytest.mark.parametrize(
    ("asked_s", "outcome"),
    [
        (0, "requested sure - - -"),
        (10, "requested sure - poll retry_scheduled"),
        (90, "requested sure - 90 retry_scheduled"),
    ],
)
def test_an_order_that_never_left_stays_as_it_was(asked_s: float, outcome: str) -> None:
    assert summary(sent().unsent(at_least_s=asked_s)) == outcome


@pytest.mark.parametrize(
    ("blocked_code", "is_first", "is_news"),
    [
        (None, False, True),
        ("access_denied", False, False),
        ("access_denied", True, True),
        ("invalid_key", False, True),
    ],
)
def test_a_missing_right_is_reported_once(blocked_code: str | None, is_first: bool, is_news: bool) -> None:
    create = sent(is_first=is_first, blocked_code=blocked_code)

    decision = create.failed(Failure("access_denied", Trouble.CREDENTIAL), at_least_s=0)

    assert (event_of(decision) is not None) is is_news


@each_case(("trouble", "code"), [(trouble, code) for trouble, code, *_ in ANSWERS])
@each_case("was_unknown", [False, True])
def test_whoever_was_cancelled_meanwhile_is_ended_now(trouble: Trouble, code: str, was_unknown: bool) -> None:
    create = sent(CANCELLED, was_unknown=was_unknown)
    decisions = [
        create.failed(Failure(code, trouble), at_least_s=90),
        create.refused(Failure(code, trouble), at_least_s=90),
        create.unsent(at_least_s=90),
        create.accepted(seen(CloudState.PENDING)),
    ]

    assert [due_of(one.change) for one in decisions] == ["now"] * 4


def test_an_accepted_order_has_its_machine() -> None:
    decision = sent().accepted(seen(CloudState.AVAILABLE, word="PENDING"))

    assert decision.change.columns() == {
        "phase": Phase.CREATING,
        "cloud_workspace_id": "ws-1",
        "cloud_state": CloudState.PENDING,
        "cloud_word": "PENDING",
        "due_at": later(30),
        **NO_ERROR.columns(),
    }
    assert event_of(decision) == "create_accepted"


@pytest.mark.parametrize(
    ("phase", "was_issued", "is_reset", "is_news"),
    [
        (Phase.REQUESTED, False, True, True),
        (Phase.REQUESTED, True, True, False),
        (Phase.CREATE_INTENT, True, False, True),
    ],
)
def test_the_intent_is_written_before_the_call(
    phase: Phase, was_issued: bool, is_reset: bool, is_news: bool
) -> None:
    row = replace(
        INTENT, phase=phase, issued_at=NOW if was_issued else None, generation=2, password_seed="old"
    )

    decision = intended(row, seed="new", deadline=later(3600) - NOW, pace=PACE, now=NOW)

    assert decision.change.columns() == {
        "phase": Phase.CREATE_INTENT,
        "issued_at": NOW,
        "has_unknown_outcome": True,
        "due_at": later(30),
        "observed_at": NOW,
        "look_requested_at": None,
        **NO_EVIDENCE.columns(),
        **({"deadline_at": later(3600)} if is_reset else {}),
    }
    assert (event_of(decision) == "create_sent") is is_news


def test_an_error_is_kept_with_what_the_cloud_said() -> None:
    failure = Failure("quota_reached", Trouble.QUOTA, "Limit", "25")

    change = sent(was_unknown=True).failed(failure, at_least_s=0).change

    assert columns(change, "error_code", "error_detail", "error_at") == {
        "error_code": "quota_reached",
        "error_detail": "Limit: 25",
        "error_at": NOW,
    }


@pytest.mark.parametrize(
    ("was_unknown", "expected"),
    [(False, "conflict sure - never conflict"), (True, "- doubt 2 poll retry_scheduled")],
)
def test_a_name_that_somebody_else_uses_is_a_conflict_unless_an_earlier_create_may_have_worked(
    was_unknown: bool, expected: str
) -> None:
    taken = Failure("machine_name_taken", Trouble.EXISTS, detail="disk w-os")

    assert summary(sent(was_unknown=was_unknown).refused(taken, at_least_s=0)) == expected


@pytest.mark.parametrize(
    ("lost_before", "outcome"),
    [
        ({"seconds": 10}, "- doubt - poll retry_scheduled"),
        ({"minutes": 5}, "- doubt - 300 retry_scheduled"),
        ({"minutes": 15}, "- doubt - 300 retry_scheduled"),
        ({"minutes": 20}, "- doubt 2 poll retry_scheduled"),
    ],
)
def test_a_taken_slot_after_a_lost_create_is_no_error_until_that_create_has_settled(
    lost_before: dict[str, float], outcome: str
) -> None:
    create = replace(sent(was_unknown=True), before=Before(True, ago(**lost_before)))

    decision = create.refused(Failure("username_taken", Trouble.EXISTS), at_least_s=0)

    outcome = outcome.replace("300 ", "rest ")
    assert summary(decision) == outcome
    if "doubt 2" not in outcome:
        assert decision.change.issued_at == ago(**lost_before), "this create made nothing"
        assert decision.note is not None and "not list it yet" in decision.note.message


@pytest.mark.parametrize(
    ("minutes", "code", "wait"), [(0, "user_replicating", 60), (29, "user_replicating", 60)]
    + [(30, "user_not_found", 300), (None, "user_not_found", 300)],
)  # fmt: skip
def test_our_own_new_user_is_waited_for_half_an_hour_as_one_that_will_come(
    minutes: int | None, code: str, wait: int
) -> None:
    made_at = None if minutes is None else NOW - timedelta(minutes=minutes)
    create = replace(sent(), user_made_at=made_at)

    change, note = create.failed(Failure("user_not_found", Trouble.PERMANENT), at_least_s=0)

    assert note is not None and note.details is not None
    assert (change.columns()["waiting_code"], note.details["code"]) == (code, code)
    assert change.columns()["due_at"] == NOW + timedelta(seconds=wait)
    assert "attempt" not in change.columns()


def test_the_log_says_once_for_what_an_order_waits() -> None:
    create = sent(replace(INTENT, waiting_code="user_not_found"))

    decision = create.failed(Failure("user_not_found", Trouble.PERMANENT), at_least_s=0)

    assert decision.note is None
    assert decision.change.columns()["waiting_code"] == "user_not_found"


def test_an_order_cancelled_meanwhile_does_not_wait_for_its_user() -> None:
    decision = sent(CANCELLED).failed(Failure("user_not_found", Trouble.PERMANENT), at_least_s=0)

    assert decision.change.columns()["due_at"] == NOW
