"""A person who is kept out of a desktop: what the person meets, and what no look undoes."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox import demo_azure as demo
from tests.clouds.azure.stage import AzureStage
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import FollowUp, MachineRef

PERSON, OTHER = "leo@demo.example", "mina@demo.example"
DESK = MachineRef("vm1", PERSON, was_usable=True)
KEPT_OUT = replace(DESK, is_suspended=True)


@pytest.fixture(autouse=True)
def desktop(azure_stage: AzureStage) -> None:
    azure_stage.control.set_people(list(demo.DEMO_PEOPLE))
    tags = {"berth-claim": "install/row1/1", "berth-pool": demo.DEMO_HOST_POOL, "berth-user": PERSON}
    azure_stage.control.make_machine("vm1", username=PERSON, tags=tags)


def refusal(work: Callable[[], object]) -> CloudError:
    with pytest.raises(CloudError) as raised:
        work()
    return raised.value


def sessions(stage: AzureStage) -> list[object]:
    [host] = [one for one in stage.control.parts() if one["kind"] == "host"]
    return list(host["sessions"])


def test_the_person_is_signed_out_and_does_not_get_in_again(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    assert azure_stage.control.sign_in("vm1", PERSON) == ""

    driver.suspends.suspend(DESK)

    assert sessions(azure_stage) == []
    assert azure_stage.control.sign_in("vm1", PERSON)
    assert azure_stage.control.sign_in("vm1", OTHER)
    driver.suspends.resume(DESK)
    assert azure_stage.control.sign_in("vm1", PERSON) == ""


def test_both_are_changed_in_one_call_and_only_if_they_are_not_so(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    for work in (driver.suspends.suspend, driver.suspends.resume):
        before = len(azure_stage.control.ledger(operation="sessionHosts.update"))
        for _ in range(2):
            work(DESK)
        assert len(azure_stage.control.ledger(operation="sessionHosts.update")) == before + 1


def test_an_answer_that_was_lost_is_asked_for_again(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.open_session("vm1", PERSON)
    for operation in ("sessionHosts.update", "userSessions.delete"):
        azure_stage.control.add_fault("drop_after", operation=operation)
        assert refusal(lambda: driver.suspends.suspend(DESK)).failure.trouble is Trouble.UNKNOWN

    driver.suspends.suspend(DESK)

    assert sessions(azure_stage) == [] and azure_stage.control.sign_in("vm1", PERSON)


def test_no_look_gives_a_suspended_desktop_back(driver: AzureAvd, azure_stage: AzureStage) -> None:
    driver.suspends.suspend(DESK)

    seen = driver.look([KEPT_OUT])["vm1"]

    assert (seen.state, seen.word, seen.follow_ups) == (CloudState.AVAILABLE, "Suspended", ())


def test_a_record_that_does_not_know_of_it_gives_the_desktop_back(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    """A backup was restored from before, or it was adopted: the record says who may use it."""
    driver.suspends.suspend(DESK)

    seen = driver.look([DESK])["vm1"]
    assert seen.follow_ups == (FollowUp.ASSIGN,)
    assert driver.do_follow_ups(DESK, seen.follow_ups) is None

    assert azure_stage.control.sign_in("vm1", PERSON) == ""


def test_a_suspended_desktop_is_no_failed_launch_for_who_does_not_know_it(driver: AzureAvd) -> None:
    driver.suspends.suspend(DESK)

    [listed] = driver.list_directory()
    [in_slot] = driver.look_in_slot(MachineRef("", PERSON))

    assert listed.was_in_use and in_slot.was_in_use
    assert in_slot.username == PERSON
    assert (listed.state, listed.follow_ups) == (CloudState.AVAILABLE, ()), "no inventory wakes it"


def test_an_adopted_desktop_without_our_tags_is_found_in_its_slot_by_its_id(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.make_machine("adopted", username=OTHER)
    driver.suspends.suspend(MachineRef("adopted", OTHER, was_usable=True))

    [found] = driver.look_in_slot(MachineRef("adopted", OTHER))

    assert found.was_in_use


def test_a_desktop_that_was_never_given_to_its_person_is_not_given_while_suspended(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_session_host("vm1", assigned_user="")
    new = replace(KEPT_OUT, was_usable=False)

    seen = driver.look([new])["vm1"]

    assert (seen.state, seen.follow_ups) == (CloudState.AVAILABLE, ())
    driver.suspends.resume(new)
    assert azure_stage.control.sign_in("vm1", PERSON) == ""


def test_what_is_not_in_the_pool_needs_no_suspension_and_cannot_be_resumed(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.delete_by_hand("vm1", parts=["host"])

    driver.suspends.suspend(DESK)

    assert refusal(lambda: driver.suspends.resume(DESK)).failure.code == "host_removed"


def test_a_desktop_of_somebody_else_by_now_is_not_taken_away(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_session_host("vm1", assigned_user=OTHER)

    assert refusal(lambda: driver.suspends.resume(DESK)).failure.code == "assigned_to_other"

    assert azure_stage.control.sign_in("vm1", OTHER) == ""


@pytest.mark.parametrize(
    ("people", "has_another", "code"),
    [([OTHER], False, "person_not_in_tenant"), (list(demo.DEMO_PEOPLE), True, "assignment_failed")],
)
def test_a_person_who_is_gone_or_has_another_desktop_is_named_as_the_reason(
    driver: AzureAvd, azure_stage: AzureStage, people: list[str], has_another: bool, code: str
) -> None:
    driver.suspends.suspend(DESK)
    azure_stage.control.set_people(people)
    if has_another:
        azure_stage.control.make_machine("vm2", username=PERSON)

    assert refusal(lambda: driver.suspends.resume(DESK)).failure.code == code
