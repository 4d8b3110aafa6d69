"""The rules of troubleshooting: from facts to causes, one table of situations and what is said."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.cases import each_case
from tests.domain.facts import NOW, failed, healthy
from webapp.domain.diagnosis import findings_of
from webapp.domain.facts import Facts, FailedCheck, ReportedFailure
from webapp.domain.findings import RemedyAction, Severity
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase, State

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
THROTTLED = ReportedFailure(
    "throttled", NOW - MINUTE, cloud_code="ThrottlingException", detail="Rate exceeded"
)


def codes(facts: Facts) -> list[str]:
    return [one.code for one in findings_of(facts)]


def waiting(**changes: Any) -> Facts:
    """An order that is not a desktop yet."""
    basis: dict[str, Any] = {
        "state": State.PENDING,
        "phase": Phase.REQUESTED,
        "cloud_state": None,
        "cloud_word": None,
        "created_at": NOW - MINUTE,
        "deadline_at": NOW + 29 * MINUTE,
        "due_at": NOW,
        "last_event_at": NOW,
    }
    return healthy(**(basis | changes))


def creating(**changes: Any) -> Facts:
    return waiting(
        **(
            {
                "phase": Phase.CREATING,
                "issued_at": NOW - MINUTE,
                "cloud_state": CloudState.PENDING,
                "cloud_word": "PENDING",
                "due_at": NOW + MINUTE,
            }
            | changes
        )
    )


def off(*, days: int, cloud: str = "azure", **changes: Any) -> Facts:
    """Switched off, and left alone."""
    return healthy(
        cloud=cloud,
        state=State.STOPPED,
        cloud_state=CloudState.STOPPED,
        cloud_word="Deallocated",
        off_since=NOW - timedelta(days=days),
        **changes,
    )


def test_a_healthy_workspace_says_so_and_what_was_checked() -> None:
    (found,) = findings_of(healthy())

    assert (found.code, found.severity) == ("no_trouble", Severity.INFO)
    assert len(found.evidence["checked"]) > 3  # type: ignore[arg-type]  # a list
    assert found.evidence["last_look_at"] == NOW - 2 * MINUTE


@each_case(
    ("facts", "expected"),
    [
        (waiting(), ["no_trouble"]),
        (creating(), ["no_trouble"]),
        (healthy(state=State.STOPPED, cloud_state=CloudState.STOPPED, cloud_word="STOPPED"), ["no_trouble"]),
        # The account
        (healthy(account={"is_deleted": True}), ["credential_deleted"]),
        (waiting(account={"blocked_code": "invalid_key", "blocked_until": NOW}), ["invalid_key"]),
        (healthy(account={"blocked_code": "access_denied"}), ["access_denied"]),
        (healthy(account={"status": "failing"}), ["credential_failing"]),
        (healthy(account={"status": "untested"}), ["credential_untested"]),
        (healthy(account={"secret_expires_on": "2026-12-24"}), ["secret_expires_soon"]),
        (healthy(account={"secret_expires_on": "2026-12-25"}), ["no_trouble"]),
        (healthy(account={"secret_expires_on": "2026-11-23"}), ["secret_expired"]),
        (healthy(account={"secret_expires_on": "2026-11-23", "is_deleted": True}), ["credential_deleted"]),
        (
            healthy(account={"alarm_code": "too_many_lost", "alarm_at": NOW}, absent_count=3),
            ["too_many_lost", "not_listed"],
        ),
        (waiting(passing=ReportedFailure("inventory_ahead", NOW), due_at=NOW + MINUTE), ["inventory_ahead"]),
        # Who works
        (waiting(last_event_at=NOW - 16 * timedelta(seconds=1)), ["order_not_sent"]),
        (waiting(due_at=NOW - 2 * MINUTE, last_event_at=NOW - 2 * MINUTE), ["no_worker"]),
        (healthy(due_at=NOW - 2 * MINUTE), ["no_worker"]),
        (healthy(due_at=NOW - HOUR, account={"is_being_reconciled": True}), ["account_busy"]),
        (healthy(due_at=NOW - HOUR, silent=()), ["work_not_taken_up"]),
        (healthy(due_at=NOW - HOUR, silent=("redis",)), ["redis_away"]),
        (healthy(due_at=NOW - HOUR, silent=("scheduler", "worker:reconcile")), ["scheduler_silent"]),
        (healthy(due_at=NOW - HOUR, silent=("worker:reconcile",)), ["no_worker"]),
        (healthy(due_at=NOW - 1.9 * MINUTE), ["no_trouble"]),
        # On its way
        (waiting(passing=THROTTLED, due_at=NOW + MINUTE, attempt=2), ["throttled"]),
        (waiting(phase=Phase.CREATE_INTENT, issued_at=NOW - 3 * MINUTE), ["outcome_unknown"]),
        (waiting(phase=Phase.CREATE_INTENT, issued_at=NOW - MINUTE), ["no_trouble"]),
        (creating(issued_at=NOW - 24 * MINUTE), ["no_trouble"]),
        (creating(issued_at=NOW - 26 * MINUTE), ["slower_than_usual"]),
        (creating(cloud="azure", issued_at=NOW - 44 * MINUTE), ["no_trouble"]),
        (creating(cloud="azure", issued_at=NOW - 46 * MINUTE), ["slower_than_usual"]),
        # In use
        (healthy(cloud="azure", pending=Action.STOP, pending_since=NOW - 6 * MINUTE), ["no_trouble"]),
        (healthy(absent_count=1), ["not_listed"]),
        (healthy(pending=Action.START, pending_since=NOW - 4 * MINUTE), ["no_trouble"]),
        (healthy(pending=Action.START, pending_since=NOW - 6 * MINUTE), ["action_slow"]),
        (healthy(pending=Action.RESTART, pending_since=NOW - 6 * MINUTE), ["no_trouble"]),
        (healthy(pending=Action.RESTART, pending_since=NOW - 11 * MINUTE), ["action_slow"]),
        (
            healthy(
                pending=Action.REBUILD,
                pending_since=NOW - MINUTE,
                cloud_word="UNHEALTHY",
                cloud_state=CloudState.UNHEALTHY,
                state=State.MAINTENANCE,
            ),
            ["rebuilding"],
        ),
        (
            healthy(
                pending=Action.RESTART,
                pending_since=NOW - MINUTE,
                cloud_word="UNHEALTHY",
                cloud_state=CloudState.UNHEALTHY,
                state=State.RESTARTING,
            ),
            ["no_trouble"],
        ),
        (off(days=74), ["no_trouble"]),
        (off(days=75), ["off_for_long"]),
        (off(days=89), ["off_for_long"]),
        (off(days=90), ["off_too_long"]),
        (off(days=400, cloud="aws"), ["no_trouble"]),
        (off(days=80, pending=Action.START, pending_since=NOW - MINUTE), ["no_trouble"]),
        # The end
        (healthy(phase=Phase.TERMINATING, desired=Desired.ABSENT, state=State.TERMINATING), ["ending_slow"]),
        (
            healthy(
                phase=Phase.TERMINATING,
                desired=Desired.ABSENT,
                state=State.TERMINATING,
                last_event_at=NOW - 5 * MINUTE,
            ),
            ["no_trouble"],
        ),
        (healthy(phase=Phase.GONE, desired=Desired.ABSENT, state=State.TERMINATED, due_at=None), ["ended"]),
        (failed("user_not_found", is_replaced=True), ["user_not_found", "replaced"]),
        (failed("user_not_found", error=None), ["unknown_cause"]),
    ],
)
def test_each_situation_has_its_findings(facts: Facts, expected: list[str]) -> None:
    assert codes(facts) == expected


def test_the_same_trouble_is_reported_once_with_what_the_cloud_said() -> None:
    """A machine deleted in the portal: the row has the error, and the cloud's word says it too."""
    reported = ReportedFailure("machine_missing", NOW)

    (found,) = findings_of(
        healthy(
            cloud="azure",
            state=State.ERROR,
            cloud_state=CloudState.ERROR,
            cloud_word="MachineMissing",
            error=reported,
        )
    )

    assert (found.code, found.severity) == ("machine_missing", Severity.ERROR)
    assert found.evidence["since"] == NOW


def test_the_accounts_trouble_comes_first_and_explains_the_desktops() -> None:
    found = findings_of(
        failed("user_not_found", account={"blocked_code": "cloud_unreachable", "blocked_until": NOW + HOUR})
    )

    assert [one.code for one in found] == ["cloud_unreachable", "user_not_found"]
    assert [one.severity for one in found] == [Severity.WARNING, Severity.ERROR], "the account's comes first"
    assert found[0].summary.startswith("All work in this cloud account is on hold.")


def test_within_a_group_the_gravest_comes_first() -> None:
    found = findings_of(
        healthy(
            state=State.ERROR,
            error=ReportedFailure("cloud_error_state", NOW),
            absent_count=2,
            cloud_state=CloudState.ERROR,
            cloud_word="ERROR",
        )
    )

    assert [one.severity for one in found] == [Severity.ERROR, Severity.WARNING]


def test_orders_that_are_held_are_distinguished_from_an_account_that_waits() -> None:
    (held,) = findings_of(healthy(account={"blocked_code": "access_denied", "blocked_until": None}))

    assert held.summary.startswith("New orders in this cloud account are on hold.")
    assert held.severity is Severity.ERROR


def test_an_order_that_waits_for_its_account_says_it_once() -> None:
    account = {"blocked_code": "access_denied", "blocked_until": None}
    reported = ReportedFailure("access_denied", NOW, cloud_code="AccessDeniedException")

    assert codes(waiting(account=account, passing=reported)) == ["access_denied"]


def test_a_failed_check_of_the_credential_is_evidence() -> None:
    check = FailedCheck("workspaces:CreateWorkspaces", "Denied.", "Add workspaces:CreateWorkspaces.")
    (found,) = findings_of(healthy(account={"status": "failing", "failed_checks": (check,)}))

    assert found.evidence["failed_checks"] == [
        "workspaces:CreateWorkspaces: Denied. Add workspaces:CreateWorkspaces."
    ]


def test_a_worker_that_died_while_the_account_waited_is_found_too() -> None:
    account = {"blocked_code": "invalid_key", "blocked_until": NOW - HOUR}

    assert codes(waiting(due_at=NOW - 2 * HOUR, account=account)) == ["no_worker", "invalid_key"]


def test_a_wait_says_which_attempt_it_is_and_when_the_next_one_comes() -> None:
    (found,) = findings_of(waiting(passing=THROTTLED, due_at=NOW + MINUTE, attempt=3))

    assert found.severity is Severity.WARNING
    assert found.evidence["attempt"] == 3
    assert found.evidence["next_attempt_at"] == NOW + MINUTE
    assert found.evidence["cloud_code"] == "ThrottlingException"


def test_only_what_can_be_pressed_now_is_offered() -> None:
    possible = frozenset({RemedyAction.ORDER_AGAIN})

    (found,) = findings_of(failed("user_not_found", possible=possible))

    assert [one.action for one in found.remedies] == [RemedyAction.ORDER_AGAIN]


@each_case("phase", Phase)
@each_case("was_usable", [True, False])
def test_a_remedy_that_deletes_files_says_so_on_its_button(phase: Phase, was_usable: bool) -> None:
    basis = healthy(phase=phase) if phase is Phase.GONE else failed("workspace_lost", phase=phase)
    facts = replace(basis, was_usable=was_usable)
    ending = [
        remedy
        for found in findings_of(facts)
        for remedy in found.remedies
        if remedy.action in (RemedyAction.ORDER_AGAIN, RemedyAction.TERMINATE)
    ]

    assert ending
    for remedy in ending:
        assert remedy.has_data_loss is (facts.has_machine and was_usable)
        assert ("deletes" in remedy.label) is remedy.has_data_loss


def test_every_finding_is_made_of_sentences() -> None:
    situations = [
        healthy(),
        healthy(account={"is_deleted": True}),
        healthy(account={"status": "untested"}),
        healthy(account={"status": "failing"}),
        healthy(due_at=NOW - HOUR),
        healthy(absent_count=1),
        healthy(due_at=NOW - HOUR, account={"is_being_reconciled": True}),
        healthy(due_at=NOW - HOUR, silent=()),
        healthy(due_at=NOW - HOUR, silent=("redis",)),
        healthy(due_at=NOW - HOUR, silent=("scheduler",)),
        waiting(last_event_at=NOW - MINUTE),
        creating(issued_at=NOW - HOUR),
        waiting(phase=Phase.CREATE_INTENT, issued_at=NOW - HOUR),
        healthy(phase=Phase.GONE),
        healthy(pending=Action.START, pending_since=NOW - HOUR),
        healthy(phase=Phase.TERMINATING, desired=Desired.ABSENT),
        failed("refused", is_replaced=True),
        failed("refused", error=None),
        healthy(cloud_word="ODD", cloud_state=CloudState.UNKNOWN),
        off(days=80),
        off(days=100),
    ]
    for found in (one for facts in situations for one in findings_of(facts)):
        for text in (found.summary, found.explanation):
            assert text[0].isupper() and text.endswith((".", "?")), text


def test_nothing_is_offered_when_nothing_can_be_pressed() -> None:
    for facts in (healthy(possible=frozenset()), failed("quota_reached", possible=frozenset())):
        assert [one.remedies for one in findings_of(facts)] == [()]
