"""The users of Entra through Microsoft Graph: members, guests, their mark and group, and every refusal."""

import logging
from collections.abc import Callable

import pytest

from sandbox import demo_azure as demo
from tests.clouds.azure.conftest import WatchedGate
from tests.clouds.azure.stage import AzureStage
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.base import Access
from webapp.clouds.people import DirectoryUser, NewDirectoryUser
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import FollowUp, MachineRef
from webapp.providers.azure_avd.fields import FIELDS as AZURE
from webapp.vault.box import Secret

MARK, OTHER = "install/person1/1", "install/person2/1"
ADDRESS = "sam@home.example"
GUEST = "sam_home.example#EXT#@berthdemo.onmicrosoft.com"
GROUP_2 = "00000000-be47-4000-8000-000000000022"
APP_GROUP = (
    f"/subscriptions/{demo.DEMO_SUBSCRIPTION_ID}/resourceGroups/{demo.DEMO_RESOURCE_GROUP}/providers"
    f"/Microsoft.DesktopVirtualization/applicationGroups/{demo.DEMO_APP_GROUP}"
)


@pytest.fixture(autouse=True)
def a_tenant_with_a_list(azure_stage: AzureStage) -> None:
    azure_stage.control.set_people(list(demo.DEMO_PEOPLE))


def person(username: str = ADDRESS, *, mark: str = MARK) -> NewDirectoryUser:
    return NewDirectoryUser(username, "Sam", "Home", username, mark)


def member(name: str = "nora@demo.example") -> NewDirectoryUser:
    return person(name)


def made(stage: AzureStage) -> list[dict[str, object]]:
    """Everybody whom a call has made."""
    return [one for one in stage.control.users() if one["made_by"] == "graph"]


def refusal(work: Callable[[], object]) -> CloudError:
    with pytest.raises(CloudError) as raised:
        work()
    return raised.value


def without(stage: AzureStage, *names: str) -> None:
    stage.control.set_permissions([one for one in demo.DEMO_PERMISSIONS if one not in names])


# Guests and members


def test_an_address_of_another_organisation_is_invited_and_comes_back_under_its_name_as_guest(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    user = driver.people.create_user(person())

    assert (user.username, user.email, user.mark, user.is_enabled) == (GUEST, ADDRESS, MARK, True)
    [guest] = made(azure_stage)
    assert (guest["displayName"], guest["userType"]) == ("Sam Home", "Guest")
    assert guest["onPremisesExtensionAttributes"]["extensionAttribute15"] == f"berth-claim={MARK}"
    for name in (ADDRESS, ADDRESS.upper(), GUEST):
        assert driver.people.find_user(name) == user


def test_a_guest_may_be_ordered_by_the_name_it_will_have(driver: AzureAvd, azure_stage: AzureStage) -> None:
    assert driver.people.create_user(person(GUEST)).username == GUEST
    assert [one["mail"] for one in made(azure_stage)] == [ADDRESS]


def test_an_address_of_an_own_domain_becomes_a_member_with_a_password_that_nobody_knows(
    driver: AzureAvd, azure_stage: AzureStage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        user = driver.people.create_user(member())

    [one] = made(azure_stage)
    assert (one["userType"], one["displayName"], one["givenName"]) == ("Member", "Sam Home", "Sam")
    assert (user.username, user.mark) == ("nora@demo.example", MARK)
    assert "aA1!" not in caplog.text
    assert azure_stage.control.ledger(operation="invitations.create") == []


def test_names_with_marks_quotes_and_letters_of_any_script_do_no_harm(driver: AzureAvd) -> None:
    odd = NewDirectoryUser("o'neill@home.example", "Zoë [berth-claim=x]", "O’Neill/../?", "", MARK)

    user = driver.people.create_user(odd)

    assert user.mark == MARK
    assert driver.people.find_user("o'neill@home.example") == user


# Between two calls


def test_a_guest_whose_mark_was_not_written_any_more_says_by_its_name_whose_it_is(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault("drop_before", operation="users.update")

    assert refusal(lambda: driver.people.create_user(person())).failure.trouble is Trouble.UNKNOWN

    [guest] = made(azure_stage)
    assert guest["displayName"] == f"Sam Home [berth-claim={MARK}]"
    found = driver.people.find_user(ADDRESS)
    assert found is not None and (found.username, found.mark) == (GUEST, MARK)
    driver.people.admit_user(found)
    [guest] = made(azure_stage)
    assert (guest["displayName"], guest["is_member"]) == ("Sam Home", True)
    assert driver.people.find_user(ADDRESS) == found


@pytest.mark.parametrize("operation", ["invitations.create", "users.update"])
def test_an_answer_that_was_lost_makes_no_second_guest(
    driver: AzureAvd, azure_stage: AzureStage, operation: str
) -> None:
    azure_stage.control.add_fault("drop_after", operation=operation)

    assert refusal(lambda: driver.people.create_user(person())).failure.trouble is Trouble.UNKNOWN
    user = driver.people.create_user(person())

    assert user.mark == MARK and len(made(azure_stage)) == 1
    assert len(azure_stage.control.ledger(operation="invitations.create")) == 1


@pytest.mark.parametrize("wanted", [person(), member()])
def test_a_user_that_reads_do_not_find_yet_is_found_later_and_is_ours(
    driver: AzureAvd, azure_stage: AzureStage, wanted: NewDirectoryUser
) -> None:
    azure_stage.control.set_settings(graph_lag_s=20)
    azure_stage.control.add_fault("drop_after", operation="users.create")

    assert refusal(lambda: driver.people.create_user(wanted)).failure.trouble is Trouble.UNKNOWN
    late = refusal(lambda: driver.people.create_user(wanted)).failure
    assert (late.code, late.trouble) == ("user_replicating", Trouble.UNKNOWN)
    assert driver.people.find_user(wanted.username) is None
    azure_stage.control.advance(21)

    assert driver.people.create_user(wanted).mark == MARK
    assert len(made(azure_stage)) == 1


def test_a_new_user_is_admitted_when_the_group_knows_it(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.set_settings(graph_lag_s=20)
    user = driver.people.create_user(member())

    late = refusal(lambda: driver.people.admit_user(user)).failure
    assert (late.code, late.trouble) == ("user_replicating", Trouble.TRANSIENT)
    azure_stage.control.advance(21)
    driver.people.admit_user(user)

    assert [one["is_member"] for one in made(azure_stage)] == [True]


# Whose it is


def test_a_guest_whom_somebody_else_invited_is_not_taken_over(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    driver.people.create_user(person(mark=OTHER))
    before = made(azure_stage)

    assert refusal(lambda: driver.people.create_user(person())).failure.code == "directory_user_exists"

    assert made(azure_stage) == before


def test_a_guest_who_was_invited_by_another_in_between_is_not_taken_over(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_settings(graph_lag_s=20)
    refusal(lambda: driver.people.create_user(person(mark=OTHER)))

    refusal(lambda: driver.people.create_user(person()))  # reads find nobody, so it is invited again
    azure_stage.control.advance(21)

    assert refusal(lambda: driver.people.create_user(person())).failure.code == "directory_user_exists"
    found = driver.people.find_user(ADDRESS)
    assert found is not None and found.mark == OTHER and len(made(azure_stage)) == 1


def test_a_member_is_not_ours_because_of_its_name(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.set_user("leo@demo.example", displayName=f"Leo [berth-claim={MARK}]")

    found = driver.people.find_user("leo@demo.example")

    assert found is not None and found.mark is None


def test_a_user_who_has_lost_our_mark_is_not_changed_any_more(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    user = driver.people.create_user(member())
    azure_stage.control.set_user(user.username, onPremisesExtensionAttributes={"extensionAttribute15": "hr"})

    assert refusal(lambda: driver.people.disable_user(user)).failure.code == "directory_user_protected"

    assert azure_stage.control.ledger(operation="users.update") == []
    assert azure_stage.control.ledger(operation="users.revokeSignInSessions") == []


def test_who_is_disabled_has_to_sign_in_again(driver: AzureAvd, azure_stage: AzureStage) -> None:
    user = driver.people.create_user(member())
    azure_stage.control.advance(60)

    driver.people.disable_user(user)

    [one] = made(azure_stage)
    assert one["accountEnabled"] is False
    assert str(one["signInSessionsValidFromDateTime"]) > str(one["createdDateTime"])


def test_a_user_that_is_gone_is_not_found_to_be_disabled(driver: AzureAvd) -> None:
    gone = DirectoryUser("x@demo.example", "00000000-0000-4000-8000-000000000000", True, MARK)

    assert refusal(lambda: driver.people.disable_user(gone)).failure.code == "user_not_found"


# The group


def test_new_people_get_into_the_group_that_may_use_the_desktops(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    driver.people.admit_user(driver.people.create_user(person()))

    assert [one["is_member"] for one in made(azure_stage)] == [True]


def test_of_several_groups_the_cloud_account_names_one(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage
) -> None:
    azure_stage.control.add_group(GROUP_2, name="Others", scope=APP_GROUP)
    user = enter().people.create_user(person())

    unknown = refusal(lambda: enter().people.admit_user(user)).failure
    assert (unknown.code, unknown.trouble) == ("directory_group_unknown", Trouble.PERMANENT)
    enter(people_group=demo.DEMO_GROUP_ID).people.admit_user(user)

    assert [one["is_member"] for one in made(azure_stage)] == [True]


def test_roles_above_the_application_group_count_and_other_roles_do_not(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage
) -> None:
    azure_stage.control.end_assignments()
    group = f"/subscriptions/{demo.DEMO_SUBSCRIPTION_ID}/resourceGroups/{demo.DEMO_RESOURCE_GROUP}"
    azure_stage.control.add_group(GROUP_2, scope=APP_GROUP, role_id="acdd72a7-3385-48ef-bd42-f606fba81ae7")
    azure_stage.control.add_group(demo.DEMO_GROUP_ID, scope=group)
    user = enter().people.create_user(person())

    enter().people.admit_user(user)

    assert azure_stage.control.ledger(operation="groups.addMember")[-1]["outcome"] == "ok"


@pytest.mark.parametrize(("kind", "code"), [("dynamic", "directory_refused"), ("role", "access_denied")])
def test_a_group_that_nobody_fills_by_hand_refuses(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage, kind: str, code: str
) -> None:
    azure_stage.control.add_group(GROUP_2, kind=kind)
    driver = enter(people_group=GROUP_2)
    user = driver.people.create_user(person())

    assert refusal(lambda: driver.people.admit_user(user)).failure.code == code


def test_a_group_that_was_deleted_is_not_mistaken_for_a_late_user(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    user = driver.people.create_user(person())
    azure_stage.control.end_group()

    gone = refusal(lambda: driver.people.admit_user(user)).failure

    assert (gone.code, gone.trouble) == ("directory_group_unknown", Trouble.PERMANENT)


# Permissions


def test_without_the_domains_an_own_address_is_refused_as_guest_and_a_foreign_one_is_not(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    without(azure_stage, "Domain.Read.All")

    assert refusal(lambda: driver.people.create_user(member())).failure.code == "invitation_refused"
    assert made(azure_stage) == []
    assert driver.people.create_user(person()).username == GUEST


def test_who_may_only_invite_and_read_keeps_the_mark_in_the_name_and_disables_nobody(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_permissions(["User.Invite.All", "User.Read.All", "GroupMember.ReadWrite.All"])

    user = driver.people.create_user(person())
    driver.people.admit_user(user)

    [guest] = made(azure_stage)
    assert guest["displayName"] == f"Sam Home [berth-claim={MARK}]" and guest["is_member"]
    assert driver.people.find_user(ADDRESS) == user and user.mark == MARK
    denied = refusal(lambda: driver.people.disable_user(user)).failure
    assert (denied.code, denied.trouble) == ("access_denied", Trouble.CREDENTIAL)


def test_without_consent_nobody_is_taken_for_missing(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.set_permissions([])

    for work in (
        lambda: driver.people.find_user("nobody@demo.example"),
        lambda: driver.people.create_user(person()),
    ):
        denied = refusal(work).failure
        assert (denied.code, denied.cloud_code) == ("access_denied", "Authorization_RequestDenied")


def test_an_administrator_of_entra_is_beyond_the_application(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    user = driver.people.create_user(member())
    azure_stage.control.set_user(user.username, isAdmin=True)

    assert refusal(lambda: driver.people.disable_user(user)).failure.code == "access_denied"


# The wire


def test_every_call_passes_the_gate_and_none_takes_of_resource_managers_rate(
    driver: AzureAvd, azure_stage: AzureStage, gate: WatchedGate
) -> None:
    driver.people.admit_user(driver.people.create_user(person()))

    lines = azure_stage.control.ledger()
    assert len(gate.all_operations) == len(lines)
    of_graph = {name for name in gate.operations if name.startswith(("users.", "invitations.", "groups."))}
    assert "invitations.create" in of_graph and "groups.addMember" in of_graph
    assert not any(AzureAvd.counts(name) for name in of_graph | {"domains.list"})


def test_a_wait_that_graph_asks_for_is_passed_on(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.add_fault("throttle", operation="users.get", times=9, retry_after_s=37)

    throttled = refusal(lambda: driver.people.find_user("leo@demo.example"))

    assert (throttled.failure.trouble, throttled.retry_after_s) == (Trouble.THROTTLED, 37)
    assert len(azure_stage.control.ledger(operation="users.get")) == 1


def test_a_read_that_fails_passingly_is_tried_again(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.add_fault("http_503", operation="users.get", times=2)

    assert driver.people.find_user("leo@demo.example") is not None


def test_an_answer_that_is_none_proves_no_absence(driver: AzureAvd, azure_stage: AzureStage) -> None:
    for kind in ("garbage", "truncated", "empty_listing"):
        azure_stage.control.add_fault(kind, operation="users.get", times=9)
        found = None
        try:
            found = driver.people.find_user("leo@demo.example")
        except CloudError:
            azure_stage.control.clear_faults()
            continue
        azure_stage.control.clear_faults()
        assert found is not None, kind


def test_a_token_that_graph_refuses_is_fetched_again_once(driver: AzureAvd, azure_stage: AzureStage) -> None:
    assert driver.people.find_user("leo@demo.example") is not None
    azure_stage.control.add_fault(
        "error", operation="users.get", code="InvalidAuthenticationToken", message="No.", status=401
    )

    assert driver.people.find_user("leo@demo.example") is not None

    assert len(azure_stage.control.ledger(operation="token")) == 2


def test_the_token_of_graph_and_that_of_resource_manager_are_kept_apart(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage
) -> None:
    for _ in range(3):
        driver = enter()
        assert driver.people.find_user("leo@demo.example") is not None
        assert driver.prove_account()

    assert len(azure_stage.control.ledger(operation="token")) == 2


def test_graph_is_called_where_its_own_setting_says(azure_stage: AzureStage) -> None:
    values = {**AZURE.optional, **azure_stage.fields}
    access = Access(
        public_fields={name: values[name] for name in values if name != AZURE.secret},
        secret=Secret(values[AZURE.secret]),
        endpoint=Endpoint(azure_stage.control.url, azure_stage.ca_file, "https://127.0.0.1:9"),
    )
    driver = AzureAvd(access, WatchedGate())

    assert refusal(lambda: driver.people.find_user(ADDRESS)).failure.code == "cloud_unreachable"
    assert driver.prove_account()


# From the invitation to the desktop


def test_a_guest_who_was_ordered_by_their_address_gets_the_desktop(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    driver.people.admit_user(driver.people.create_user(person()))
    tags = {"berth-claim": "install/row1/1", "berth-pool": demo.DEMO_HOST_POOL, "berth-user": ADDRESS}
    azure_stage.control.make_machine("vm1", tags=tags)
    desk = MachineRef("vm1", ADDRESS)

    assert driver.look([desk])["vm1"].follow_ups == (FollowUp.ASSIGN,)
    assert driver.do_follow_ups(desk, [FollowUp.ASSIGN]) is None

    seen = driver.look([desk])["vm1"]
    assert (seen.state, seen.follow_ups, seen.username) == (CloudState.AVAILABLE, (), ADDRESS)
    assert azure_stage.control.sign_in("vm1", GUEST) == ""
    for name in (ADDRESS, GUEST):
        assert [one.cloud_workspace_id for one in driver.look_in_slot(MachineRef("", name))] == ["vm1"]
    driver.suspends.suspend(desk)
    assert azure_stage.control.sign_in("vm1", GUEST)
    driver.suspends.resume(desk)
    assert azure_stage.control.sign_in("vm1", GUEST) == ""


def test_without_consent_a_person_who_is_not_in_the_tenant_is_said_to_be_missing(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_permissions([])
    azure_stage.control.make_machine("vm1")

    failure = driver.do_follow_ups(MachineRef("vm1", ADDRESS), [FollowUp.ASSIGN])

    assert failure is not None and failure.code == "person_not_in_tenant"
