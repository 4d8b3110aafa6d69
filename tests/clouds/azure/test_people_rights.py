"""The test's lines about the directory's people, and what the facts say about who makes them."""

from collections.abc import Callable

import pytest

from sandbox import demo_azure as demo
from tests.clouds.azure.stage import AzureStage
from tests.clouds.azure.test_people import APP_GROUP, GROUP_2
from webapp.clouds import reports
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.azure_avd.people_rights import PERMISSIONS
from webapp.clouds.people import NewDirectoryUser
from webapp.providers.azure_avd.directory_users import NO_GROUP, NO_MEMBERSHIP, NO_RIGHTS, UNREADABLE

LEAST = ("User.Invite.All", "User.Read.All", "GroupMember.ReadWrite.All")


def line(report: reports.TestReport, name: str) -> reports.Check:
    return next(one for one in report.checks if one.name == name)


def facts_of(driver: AzureAvd) -> reports.DirectoryFacts:
    facts = driver.test().directory
    assert facts is not None
    return facts


def test_with_every_consent_berth_makes_people_and_says_so(driver: AzureAvd) -> None:
    report = driver.test()

    for permission in PERMISSIONS:
        found = line(report, f"permission:{permission.name}")
        assert (found.is_ok, found.is_essential) == (True, False)
    assert "Berth desktops" in line(report, "people_group").message
    assert line(report, "users").is_ok
    assert report.directory is not None
    assert (report.directory.makes_users, report.directory.users_made_elsewhere) == (True, "")
    assert driver.directory() == report.directory


@pytest.mark.parametrize(
    ("permissions", "reason"),
    [
        (LEAST, ""),
        (("Directory.ReadWrite.All",), ""),
        (("User.ReadWrite.All", "GroupMember.ReadWrite.All"), ""),
        (("User.ReadWrite.All",), NO_MEMBERSHIP),
        (("User.Invite.All", "GroupMember.ReadWrite.All"), NO_RIGHTS),
        (("User.Read.All", "GroupMember.ReadWrite.All"), NO_RIGHTS),
        ((), NO_RIGHTS),
    ],
)
def test_what_is_not_consented_to_never_fails_the_test_and_names_who_makes_people_instead(
    driver: AzureAvd, azure_stage: AzureStage, permissions: tuple[str, ...], reason: str
) -> None:
    azure_stage.control.set_permissions(permissions)

    report = driver.test()

    assert report.is_ok and report.directory is not None
    assert report.directory.users_made_elsewhere == reason
    assert report.directory.makes_users is not bool(reason)
    assert line(report, "users").is_ok is (None if reason else True)
    for permission in PERMISSIONS:
        found = line(report, f"permission:{permission.name}")
        assert found.is_ok or (permission.name in found.remedy and "admin consent" in found.remedy)


def test_what_the_facts_promise_is_so(driver: AzureAvd, azure_stage: AzureStage) -> None:
    """The least that is enough for people is enough for an invitation and for the group."""
    azure_stage.control.set_people([])
    azure_stage.control.set_permissions(LEAST)
    assert facts_of(driver).makes_users

    user = driver.people.create_user(NewDirectoryUser("a@home.example", "A", "B", "a@home.example", "i/p/1"))
    driver.people.admit_user(user)

    assert [one["is_member"] for one in azure_stage.control.users() if one["made_by"] == "graph"] == [True]


def test_a_group_that_is_unclear_or_gone_is_said_with_the_remedy(
    driver: AzureAvd, enter: Callable[..., AzureAvd], azure_stage: AzureStage
) -> None:
    azure_stage.control.add_group(GROUP_2, name="Others", scope=APP_GROUP)

    report = driver.test()
    assert "more than one" in line(report, "people_group").message
    assert line(report, "people_group").remedy
    assert report.directory is not None and report.directory.users_made_elsewhere == NO_GROUP

    named = enter(people_group=GROUP_2).test()
    assert "Others" in line(named, "people_group").message
    azure_stage.control.end_group(GROUP_2)
    gone = enter(people_group=GROUP_2).test()
    assert "no group with this ID" in line(gone, "people_group").message
    assert gone.is_ok and gone.directory is not None and not gone.directory.makes_users


def test_without_the_role_assignments_a_group_that_is_named_is_enough(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage
) -> None:
    azure_stage.control.deny(["Microsoft.Authorization/roleAssignments/read"])

    assert not facts_of(enter()).makes_users
    assert facts_of(enter(people_group=demo.DEMO_GROUP_ID)).makes_users


def test_a_directory_that_does_not_answer_fails_nothing_else(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault("http_503", operation="groups.get", times=99)
    assert driver.test().is_ok
    azure_stage.control.clear_faults()
    # The first token is for Resource Manager.
    driver.prove_account()
    azure_stage.control.add_fault("http_503", operation="domains.list", times=99)

    report = driver.test()

    assert report.is_ok and report.directory is not None and report.directory.makes_users


def test_a_test_reads_the_consent_of_now_not_that_of_the_kept_token(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage
) -> None:
    azure_stage.control.set_permissions([])
    assert not facts_of(enter()).makes_users

    azure_stage.control.set_permissions(LEAST)

    assert facts_of(enter()).makes_users


def test_a_token_that_cannot_be_read_proves_nothing(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.set_settings(opaque_tokens=1)

    report = driver.test()

    assert report.is_ok and report.directory is not None
    assert report.directory.users_made_elsewhere == UNREADABLE


def test_the_test_makes_nobody(driver: AzureAvd, azure_stage: AzureStage) -> None:
    driver.test()

    writes = {"users.create", "users.update", "invitations.create", "groups.addMember"}
    assert writes.isdisjoint(one["operation"] for one in azure_stage.control.ledger())
