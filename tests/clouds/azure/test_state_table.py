"""The decision table, row by row: docs/evidence/azure_avd.md#decision-table.

Rows 1, 2 and 4 also depend on what was requested: `test_on_azure.py` of the engine has them.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.cases import each_case
from webapp.clouds.azure_avd.judging import FIRST_GRACE, JOIN_GRACE, START_GRACE, Judgement, judge
from webapp.clouds.azure_avd.parts import DeploymentPart, HostPart, MachinePart, Parts
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import FollowUp, MachineRef

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NAME, PERSON = "wabcdefghij1", "sam@example.com"
NEW, USED = MachineRef(NAME, PERSON), MachineRef(NAME, PERSON, was_usable=True)
SECOND = timedelta(seconds=1)
UNREACHABLE = (
    "Unavailable",
    "Shutdown",
    "Disconnected",
    "NoHeartbeat",
    "SxSStackListenerNotReady",
    "Upgrading",
    "FSLogixNotHealthy",
)


def deployed(ago: timedelta = timedelta(minutes=1), *, state: str = "Succeeded") -> DeploymentPart:
    return DeploymentPart(state, NOW - ago, None)


def machine(power: str | None = "running", provisioning: str = "Succeeded") -> MachinePart:
    return MachinePart(power, provisioning, made_at=NOW - timedelta(hours=3))


def host(status: str = "Available", *, ago: timedelta = timedelta(minutes=1), **changes: object) -> HostPart:
    """A host whose status is so old, with a fresh heartbeat."""
    made = HostPart(NAME, status, NOW - ago, NOW - min(ago, timedelta(seconds=20)), PERSON, ())
    return replace(made, **changes)  # type: ignore[arg-type]  # by name


def judged(known: MachineRef = USED, **parts: object) -> Judgement:
    return judge(Parts(NAME, **parts), known, NOW)  # type: ignore[arg-type]  # by name


def test_2_a_machine_that_is_being_deleted_is_ending_whatever_else_is_true() -> None:
    found = judged(machine=machine(provisioning="Deleting"), host=host(), deployment=deployed())

    assert found.state is CloudState.TERMINATING


@each_case("state", ["Accepted", "Running", "Creating", "Created", "Updating", "Ready", "NotSpecified"])
def test_3_a_deployment_at_work_is_pending(state: str) -> None:
    found = judged(NEW, deployment=deployed(state=state), machine=machine("starting", "Creating"))

    assert (found.state, found.word) == (CloudState.PENDING, "Deploying")


@pytest.mark.parametrize("state", ["Failed", "Canceled"])
def test_5_a_deployment_that_failed_says_why(state: str) -> None:
    failure = Failure("quota_reached", Trouble.QUOTA, "QuotaExceeded")

    found = judged(NEW, deployment=DeploymentPart(state, NOW, failure), machine=machine())

    assert (found.state, found.failure) == (CloudState.ERROR, failure)


@each_case("deployment", [deployed(), None])
@each_case("left", [{"host": host()}, {"has_nic": True}, {"has_disk": True}])
def test_6_parts_without_their_machine_are_an_error(
    deployment: DeploymentPart | None, left: dict[str, object]
) -> None:
    found = judged(deployment=deployment, **left)

    assert found.state is CloudState.ERROR
    assert found.failure is not None and found.failure.code == "machine_missing"


@pytest.mark.parametrize("power", ["deallocating", "stopping"])
def test_7_a_machine_that_goes_down_is_stopping(power: str) -> None:
    assert judged(machine=machine(power), host=host()).state is CloudState.STOPPING


@each_case("status", ["Available", *UNREACHABLE])
def test_8_a_deallocated_machine_is_stopped_whatever_its_host_says(status: str) -> None:
    found = judged(machine=machine("deallocated"), host=host(status, ago=timedelta(days=3)))

    assert (found.state, found.follow_ups) == (CloudState.STOPPED, ())


def test_9_a_machine_that_was_shut_down_from_inside_is_stopped_and_has_to_be_switched_off() -> None:
    found = judged(machine=machine("stopped"), host=host("Shutdown"))

    assert (found.state, found.follow_ups) == (CloudState.STOPPED, (FollowUp.SWITCH_OFF,))


@pytest.mark.parametrize("power", ["starting", "creating"])
@pytest.mark.parametrize(("known", "state"), [(USED, CloudState.STARTING), (NEW, CloudState.PENDING)])
def test_10_a_machine_that_comes_up_is_starting_or_still_pending(
    power: str, known: MachineRef, state: CloudState
) -> None:
    assert judged(known, machine=machine(power)).state is state


@pytest.mark.parametrize("status", ["Unavailable", "Shutdown", "Disconnected"])
def test_11_a_machine_that_is_updated_while_its_host_is_away_restarts(status: str) -> None:
    found = judged(machine=machine(provisioning="Updating"), host=host(status))

    assert found.state is CloudState.RESTARTING


@each_case("status", ["Available", "NeedsAssistance", "UpgradeFailed"])
@each_case("known", [NEW, USED])
def test_12_a_host_that_can_be_connected_to_is_available(status: str, known: MachineRef) -> None:
    found = judged(known, machine=machine(), host=host(status))

    assert (found.state, found.word) == (CloudState.AVAILABLE, status)


@each_case("age", [timedelta(minutes=6), timedelta(hours=2), timedelta(days=6), None])
@each_case("known", [NEW, USED])
def test_12_a_host_that_rests_is_available_whatever_the_age_of_its_heartbeat(
    known: MachineRef, age: timedelta | None
) -> None:
    parts = {"machine": machine(), "host": host(heartbeat_at=None if age is None else NOW - age)}

    assert judged(known, **parts).state is CloudState.AVAILABLE
    assert judged(known, **parts, deployment=deployed(FIRST_GRACE * 2)).state is CloudState.AVAILABLE


@pytest.mark.parametrize(("known", "state"), [(USED, CloudState.STARTING), (NEW, CloudState.PENDING)])
def test_12_a_host_without_a_person_is_given_to_it_first(known: MachineRef, state: CloudState) -> None:
    found = judged(known, machine=machine(), host=host(assigned_user=""))

    assert (found.state, found.follow_ups) == (state, (FollowUp.ASSIGN,))


@pytest.mark.parametrize(("known", "state"), [(USED, CloudState.UNHEALTHY), (NEW, CloudState.PENDING)])
def test_12_a_host_of_somebody_else_is_neither_available_nor_taken_away(
    known: MachineRef, state: CloudState
) -> None:
    found = judged(known, machine=machine(), host=host(assigned_user="other@example.com"))

    assert (found.state, found.follow_ups) == (state, ())
    assert found.failure is not None and found.failure.code == "assigned_to_other"


def test_12_names_of_people_know_no_letter_case() -> None:
    found = judged(machine=machine(), host=host(assigned_user="Sam@Example.com"))

    assert found.state is CloudState.AVAILABLE


def test_12_the_record_of_the_deployment_is_removed_once_the_desktop_is_in_use() -> None:
    found = judged(NEW, machine=machine(), host=host(), deployment=deployed())

    assert (found.state, found.follow_ups) == (CloudState.AVAILABLE, (FollowUp.TIDY,))


@each_case("status", UNREACHABLE)
def test_13_a_host_that_was_usable_has_ten_minutes_to_come_back(status: str) -> None:
    before = judged(machine=machine(), host=host(status, ago=START_GRACE, heartbeat_at=None))
    after = judged(machine=machine(), host=host(status, ago=START_GRACE + SECOND, heartbeat_at=None))

    assert (before.state, after.state) == (CloudState.STARTING, CloudState.ERROR)


@each_case("status", UNREACHABLE)
def test_13_what_was_off_has_ten_minutes_since_it_came_up_whatever_its_host_said_before(status: str) -> None:
    unavailable = host(status, ago=timedelta(hours=3), heartbeat_at=None)

    def seen(last: CloudState, since: timedelta) -> CloudState:
        return judged(
            replace(USED, state=last, state_s=since.total_seconds()), machine=machine(), host=unavailable
        ).state

    assert seen(CloudState.STOPPED, timedelta(hours=3)) is CloudState.STARTING
    assert seen(CloudState.STARTING, START_GRACE) is CloudState.STARTING
    assert seen(CloudState.STARTING, START_GRACE + SECOND) is CloudState.ERROR
    assert seen(CloudState.AVAILABLE, SECOND) is CloudState.ERROR


@each_case("status", UNREACHABLE)
def test_13_where_azure_dates_nothing_our_record_says_how_long_it_lasts(status: str) -> None:
    undated = host(status, status_at=None, heartbeat_at=NOW - timedelta(days=2))

    def seen(last: CloudState | None, since: timedelta) -> CloudState:
        known = replace(USED, state=last, state_s=since.total_seconds())
        return judged(known, machine=machine(), host=undated).state

    assert seen(CloudState.AVAILABLE, timedelta(days=9)) is CloudState.STARTING
    assert seen(None, timedelta(0)) is CloudState.STARTING
    assert seen(CloudState.STARTING, START_GRACE + SECOND) is CloudState.ERROR
    assert seen(CloudState.ERROR, SECOND) is CloudState.ERROR


@each_case("status", [one for one in UNREACHABLE if one != "NoHeartbeat"])
def test_16_a_host_that_reports_trouble_is_not_healthy_because_its_heart_beats(status: str) -> None:
    unavailable = host(status, ago=START_GRACE + SECOND, heartbeat_at=NOW - SECOND)

    assert judged(machine=machine(), host=unavailable).state is CloudState.ERROR


def test_16_a_host_that_comes_back_after_ninety_days_has_lost_its_registration() -> None:
    known = replace(USED, state=CloudState.STARTING, state_s=(START_GRACE + SECOND).total_seconds())
    unavailable = host("Unavailable", ago=timedelta(days=91), heartbeat_at=NOW - timedelta(days=91))

    found = judged(known, machine=machine(), host=unavailable)

    assert found.failure is not None
    assert (found.state, found.failure.code) == (CloudState.ERROR, "registration_expired")


@pytest.mark.parametrize("power", ["deallocated", "stopped"])
def test_8_what_is_off_before_it_was_ready_is_still_pending_and_switched_on(power: str) -> None:
    found = judged(NEW, machine=machine(power), host=host(assigned_user=""), deployment=deployed())

    assert (found.state, found.follow_ups) == (CloudState.PENDING, (FollowUp.SWITCH_ON,))


@each_case("status", UNREACHABLE)
def test_13_a_new_host_has_an_hour_after_its_deployment(status: str) -> None:
    before = judged(NEW, machine=machine(), host=host(status), deployment=deployed(FIRST_GRACE))
    after = judged(NEW, machine=machine(), host=host(status), deployment=deployed(FIRST_GRACE + SECOND))

    assert (before.state, after.state) == (CloudState.PENDING, CloudState.ERROR)


@pytest.mark.parametrize(
    "host",
    [
        host("NotJoinedToDomain"),
        host("DomainTrustRelationshipLost"),
        host("Unavailable", failed_checks=("DomainJoinedCheck",)),
        host("Unavailable", failed_checks=("AADJoinedHealthCheck",)),
        host("Unavailable", failed_checks=("AADJoinedHealthCheck", "DomainJoinedCheck")),
    ],
)
def test_14_a_machine_that_did_not_join_is_tried_once_more_under_another_name(host: HostPart) -> None:
    before = judged(NEW, machine=machine(), host=host, deployment=deployed(JOIN_GRACE))
    after = judged(NEW, machine=machine(), host=host, deployment=deployed(JOIN_GRACE + SECOND))

    assert before.state is CloudState.PENDING
    assert after.state is CloudState.ERROR
    assert after.failure is not None
    assert (after.failure.code, after.failure.trouble.is_transient, after.failure.retries) == (
        "join_failed",
        True,
        1,
    )


@pytest.mark.parametrize(
    ("passed", "failed"),
    [("AADJoinedHealthCheck", "DomainJoinedCheck"), ("DomainJoinedCheck", "AADJoinedHealthCheck")],
)
def test_14_one_of_two_directories_is_joined_and_the_other_is_not_meant(passed: str, failed: str) -> None:
    joined = host("Unavailable", passed_checks=(passed,), failed_checks=(failed,))

    found = judged(NEW, machine=machine(), host=joined, deployment=deployed(FIRST_GRACE + SECOND))

    assert found.failure is not None
    assert (found.failure.code, found.failure.detail) == ("host_unreachable", f"Failed checks: {failed}.")


def test_15_a_machine_that_never_registered_is_an_error_after_an_hour() -> None:
    before = judged(NEW, machine=machine(), deployment=deployed(FIRST_GRACE))
    after = judged(NEW, machine=machine(), deployment=deployed(FIRST_GRACE + SECOND))

    assert (before.state, before.word) == (CloudState.PENDING, "Registering")
    assert after.state is CloudState.ERROR
    assert after.failure is not None and after.failure.code == "never_registered"


@pytest.mark.parametrize("last", [CloudState.AVAILABLE, CloudState.STARTING, CloudState.ERROR])
def test_15_a_host_that_was_in_use_and_is_gone_was_removed_and_that_is_said_at_once(last: CloudState) -> None:
    found = judged(replace(USED, state=last), machine=MachinePart("running", "Succeeded", made_at=NOW))

    assert (found.state, found.word) == (CloudState.ERROR, "HostRemoved")
    assert found.failure is not None and found.failure.code == "host_removed"
    listed = judged(USED, machine=MachinePart("running", "Succeeded", made_at=NOW))
    assert (listed.state, listed.word) == (CloudState.STARTING, "Registering"), "a listing knows no record"


def test_16_the_failed_checks_are_named() -> None:
    found = judged(
        machine=machine(),
        host=host(
            "Unavailable",
            ago=timedelta(hours=1),
            heartbeat_at=None,
            failed_checks=("SxSStackListenerCheck", "UrlsAccessibleCheck"),
        ),
    )

    assert found.state is CloudState.ERROR
    assert found.failure is not None
    assert found.failure.code == "host_unreachable"
    assert found.failure.detail == "Failed checks: SxSStackListenerCheck, UrlsAccessibleCheck."


def test_17_a_machine_whose_last_change_failed_is_available_with_a_warning() -> None:
    found = judged(machine=machine(provisioning="Failed"), host=host())

    assert (found.state, found.word) == (CloudState.AVAILABLE, "ProvisioningFailed")


@pytest.mark.parametrize("power", [None, "unknown", "hibernated"])
def test_18_a_power_state_that_nobody_knows_says_nothing(power: str | None) -> None:
    found = judged(machine=machine(power), host=host())

    assert (found.state, found.word) == (CloudState.UNKNOWN, "")


@pytest.mark.parametrize("status", ["NotRegistered", ""])
def test_18_a_status_of_tomorrow_or_none_says_nothing(status: str) -> None:
    assert judged(machine=machine(), host=host(status)) == Judgement(CloudState.UNKNOWN, "")
