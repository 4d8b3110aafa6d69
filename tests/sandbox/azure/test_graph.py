"""Microsoft Graph beside Resource Manager: users, invitations, groups, and who may do what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.mgmt.desktopvirtualization.models import SessionHostPatch

from sandbox import demo_azure as demo
from sandbox.azure.ids import APP_GROUP, arm_id
from sandbox.azure.server import Handle
from sandbox.azure.tenants import DESKTOP_USER
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, POOL, Clients

GRAPH_SCOPE = "https://graph.microsoft.com/.default"
APP_GROUP_ID = arm_id(demo.DEMO_SUBSCRIPTION_ID, demo.DEMO_RESOURCE_GROUP, APP_GROUP, demo.DEMO_APP_GROUP)
MEMBER = {
    "accountEnabled": True,
    "displayName": "Nora Neu",
    "mailNickname": "nora",
    "userPrincipalName": "nora@demo.example",
    "passwordProfile": {"password": "not-a-real-1-password", "forceChangePasswordNextSignIn": True},
    "onPremisesExtensionAttributes": {"extensionAttribute15": "berth:a/1"},
}
INVITATION = {
    "invitedUserEmailAddress": "sam@home.example",
    "inviteRedirectUrl": "https://windows.cloud.microsoft/",
    "invitedUserDisplayName": "Sam Home",
    "sendInvitationMessage": True,
}


@dataclass
class Graph:
    url: str
    ca_file: str
    token: str
    session: requests.Session

    def __call__(self, method: str, path: str, body: Any = None, **params: str) -> requests.Response:
        return self.session.request(
            method,
            f"{self.url}/v1.0/{path}",
            json=body,
            params=params,
            headers={"Authorization": f"Bearer {self.token}"},
            verify=self.ca_file,
            timeout=5,
        )


@pytest.fixture
def enter(server: Handle, make_clients: Callable[..., Clients]) -> Iterator[Callable[..., Graph]]:
    """Graph with a new token, of the scope that is named."""
    with requests.Session() as session:
        session.trust_env = False

        def make(scope: str = GRAPH_SCOPE) -> Graph:
            token = make_clients().credential.get_token(scope).token
            return Graph(server.url, server.ca_file, token, session)

        yield make


@pytest.fixture
def graph(control: AzureSandbox, enter: Callable[..., Graph]) -> Graph:
    """Of a tenant with the demo's people and nobody else."""
    control.set_people(list(demo.DEMO_PEOPLE))
    return enter()


def code_of(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_user_is_found_by_name_id_and_address_and_others_are_not(graph: Graph) -> None:
    by_name = graph("GET", "users/Seeker@demo.example")
    by_mail = graph("GET", "users", **{"$filter": "mail eq 'seeker@demo.example'", "$select": "id"})

    assert by_name.json()["userPrincipalName"] == "seeker@demo.example"
    assert graph("GET", f"users/{by_name.json()['id']}").json() == by_name.json()
    assert by_mail.json()["value"] == [{"id": by_name.json()["id"]}]
    assert code_of(graph("GET", "users/nobody@demo.example")) == (404, "Request_ResourceNotFound")
    assert graph("GET", "users", **{"$filter": "mail eq 'nobody@demo.example'"}).json()["value"] == []


def test_without_a_list_everybody_exists_but_ghosts(
    control: AzureSandbox, enter: Callable[..., Graph]
) -> None:
    graph = enter()

    assert graph("GET", "users/anybody@example.com").status_code == 200
    assert graph("GET", "users/ghost@example.com").status_code == 404


def test_only_what_is_selected_is_shown_and_the_state_is_not_among_the_usual(graph: Graph) -> None:
    assert "accountEnabled" not in graph("GET", "users/mina@demo.example").json()
    chosen = graph("GET", "users/mina@demo.example", **{"$select": "accountEnabled,userType"}).json()
    assert chosen == {"accountEnabled": True, "userType": "Member"}


def test_a_new_user_has_what_the_call_said_and_its_name_is_taken(graph: Graph) -> None:
    made = graph("POST", "users", MEMBER)
    again = graph("POST", "users", {**MEMBER, "userPrincipalName": "NORA@demo.example"})

    assert made.status_code == 201
    read = graph("GET", "users/nora@demo.example", **{"$select": "onPremisesExtensionAttributes"}).json()
    assert read["onPremisesExtensionAttributes"]["extensionAttribute15"] == "berth:a/1"
    assert code_of(again) == (400, "Request_BadRequest")
    assert again.json()["error"]["details"][0]["code"] == "ObjectConflict"


@pytest.mark.parametrize(
    "changes", [{"userPrincipalName": "nora@home.example"}, {"passwordProfile": None}, {"mailNickname": ""}]
)
def test_a_user_of_a_foreign_domain_or_without_what_is_needed_is_refused(
    graph: Graph, control: AzureSandbox, changes: dict[str, Any]
) -> None:
    refused = graph("POST", "users", {**MEMBER, **changes})

    assert code_of(refused) == (400, "Request_BadRequest")
    assert [one for one in control.users() if one["made_by"] == "graph"] == []


def test_a_new_user_is_not_found_for_a_while_but_its_name_is_taken_at_once(
    graph: Graph, control: AzureSandbox
) -> None:
    control.set_settings(graph_lag_s=20)
    user_id = graph("POST", "users", MEMBER).json()["id"]

    assert graph("GET", f"users/{user_id}").status_code == 404
    assert graph("PATCH", f"users/{user_id}", {"accountEnabled": False}).status_code == 404
    assert graph("POST", "users", MEMBER).status_code == 400
    control.advance(21)
    assert graph("GET", f"users/{user_id}").status_code == 200


def test_an_invitation_makes_a_guest_and_the_same_one_when_it_is_sent_again(graph: Graph) -> None:
    first = graph("POST", "invitations", INVITATION).json()
    second = graph("POST", "invitations", {**INVITATION, "invitedUserDisplayName": "Another"}).json()

    assert first["status"] == "PendingAcceptance" and first["inviteRedeemUrl"].startswith("https://")
    assert second["invitedUser"] == first["invitedUser"]
    name = quote("sam_home.example#EXT#@berthdemo.onmicrosoft.com")
    guest = graph("GET", f"users/{name}", **{"$select": "displayName,userType,creationType,mail"}).json()
    assert guest == {
        "displayName": "Sam Home",
        "userType": "Guest",
        "creationType": "Invitation",
        "mail": "sam@home.example",
    }


def test_an_address_of_the_tenants_own_domain_is_not_invited(graph: Graph, control: AzureSandbox) -> None:
    refused = graph("POST", "invitations", {**INVITATION, "invitedUserEmailAddress": "new@demo.example"})

    assert code_of(refused) == (400, "BadRequest")
    assert [one for one in control.users() if one["made_by"] == "graph"] == []


def test_a_user_is_disabled_and_enabled_and_synchronised_or_administering_ones_refuse(
    graph: Graph, control: AzureSandbox
) -> None:
    assert graph("PATCH", "users/leo@demo.example", {"accountEnabled": False}).status_code == 204
    assert graph("POST", "users/leo@demo.example/revokeSignInSessions").json() == {"value": True}
    [leo] = [one for one in control.users() if one["userPrincipalName"] == "leo@demo.example"]
    assert leo["accountEnabled"] is False

    control.set_user("mina@demo.example", onPremisesSyncEnabled=True)
    marked = {"onPremisesExtensionAttributes": {"extensionAttribute15": "x"}}
    assert code_of(graph("PATCH", "users/mina@demo.example", marked)) == (400, "Request_BadRequest")
    control.set_user("aisha@demo.example", isAdmin=True)
    disabled = graph("PATCH", "users/aisha@demo.example", {"accountEnabled": False})
    assert code_of(disabled) == (403, "Authorization_RequestDenied")


def test_members_are_added_once_listed_in_pages_and_removed(graph: Graph, control: AzureSandbox) -> None:
    control.set_settings(member_page=3)
    nora = graph("POST", "users", MEMBER).json()["id"]
    link = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{nora}"}
    place = f"groups/{demo.DEMO_GROUP_ID}/members"

    assert graph("POST", f"{place}/$ref", link).status_code == 204
    assert code_of(graph("POST", f"{place}/$ref", link)) == (400, "Request_BadRequest")
    first = graph("GET", place).json()
    assert len(first["value"]) == 3 and "$skiptoken=3" in first["@odata.nextLink"]
    assert nora in {one["id"] for one in graph("GET", place, **{"$top": "999"}).json()["value"]}
    assert graph("DELETE", f"{place}/{nora}/$ref").status_code == 204
    assert code_of(graph("DELETE", f"{place}/{nora}/$ref")) == (404, "Request_ResourceNotFound")


def test_groups_that_nobody_may_fill_by_hand_refuse(graph: Graph, control: AzureSandbox) -> None:
    leo = graph("GET", "users/leo@demo.example").json()["id"]
    link = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{leo}"}
    for kind, status in (("dynamic", 400), ("role", 403)):
        control.add_group(f"00000000-0000-4000-8000-{kind:0>12}", kind=kind)
        refused = graph("POST", f"groups/00000000-0000-4000-8000-{kind:0>12}/members/$ref", link)
        assert refused.status_code == status
    assert code_of(graph("GET", "groups/00000000-0000-4000-8000-000000000099"))[0] == 404


@pytest.mark.parametrize(
    ("missing", "method", "path", "body"),
    [
        ("User.ReadWrite.All", "GET", "users/leo@demo.example", None),
        ("User.ReadWrite.All", "POST", "users", MEMBER),
        ("GroupMember.ReadWrite.All", "GET", f"groups/{demo.DEMO_GROUP_ID}", None),
        ("Domain.Read.All", "GET", "domains", None),
    ],
)
def test_a_permission_that_is_missing_refuses_and_counts_only_for_new_tokens(
    graph: Graph,
    enter: Callable[..., Graph],
    control: AzureSandbox,
    missing: str,
    method: str,
    path: str,
    body: Any,
) -> None:
    control.set_permissions([one for one in demo.DEMO_PERMISSIONS if one != missing])

    assert graph(method, path, body).status_code < 300
    assert code_of(enter()(method, path, body)) == (403, "Authorization_RequestDenied")


def test_an_invitation_needs_its_own_permission_or_the_larger_one(
    control: AzureSandbox, enter: Callable[..., Graph]
) -> None:
    control.set_people([])
    control.set_permissions(["User.Invite.All"])
    assert enter()("POST", "invitations", INVITATION).status_code == 201
    control.set_permissions([])
    assert enter()("POST", "invitations", INVITATION).status_code == 403


def test_a_token_is_good_for_what_it_was_issued_for(
    graph: Graph, enter: Callable[..., Graph], sdk: Clients, make_clients: Callable[..., Clients]
) -> None:
    of_arm = enter("https://management.azure.com/.default")
    assert code_of(of_arm("GET", "domains")) == (401, "InvalidAuthenticationToken")
    assert (
        code_of(Graph(graph.url, graph.ca_file, "no.such.token", graph.session)("GET", "domains"))[0] == 401
    )

    refused = graph.session.get(
        f"{graph.url}/subscriptions/{demo.DEMO_SUBSCRIPTION_ID}/resourcegroups/{GROUP}",
        params={"api-version": "2024-11-01"},
        headers={"Authorization": f"Bearer {graph.token}"},
        verify=graph.ca_file,
        timeout=5,
    )
    assert code_of(refused) == (401, "InvalidAuthenticationTokenAudience")


def test_too_many_calls_are_refused_with_a_time_to_wait(graph: Graph, control: AzureSandbox) -> None:
    control.set_settings(graph_per_s=0.1, graph_burst=1)

    answers = [graph("GET", "domains") for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 429]
    assert int(answers[1].headers["Retry-After"]) >= 1


def test_scripted_faults_reach_graph_in_its_own_words(graph: Graph, control: AzureSandbox) -> None:
    control.add_fault("error", operation="users.get", code="UnknownError", message="No.", status=500)
    control.add_fault("throttle", operation="domains.list", retry_after_s=7)

    refused = graph("GET", "users/leo@demo.example")

    assert code_of(refused) == (500, "UnknownError") and "innerError" in refused.json()["error"]
    assert graph("GET", "domains").headers["Retry-After"] == "7"
    assert graph("GET", "users/leo@demo.example").status_code == 200


def test_role_assignments_show_the_groups_that_may_use_the_desktops(sdk: Clients) -> None:
    assignments = sdk.authorization.role_assignments

    [found] = assignments.list_for_scope(APP_GROUP_ID.lstrip("/"), filter="atScope()")

    assert found.principal_id == demo.DEMO_GROUP_ID and found.principal_type == "Group"
    assert found.role_definition_id.endswith(DESKTOP_USER)


def test_role_assignments_need_their_permission(sdk: Clients, control: AzureSandbox) -> None:
    control.deny(["Microsoft.Authorization/roleAssignments/read"])

    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        list(sdk.authorization.role_assignments.list_for_scope(APP_GROUP_ID.lstrip("/"), filter="atScope()"))


def test_a_person_signs_in_to_their_own_open_desktop_and_to_nothing_else(
    graph: Graph, control: AzureSandbox
) -> None:
    control.make_machine("vm1", username="leo@demo.example")

    assert control.sign_in("vm1", "leo@demo.example") == ""
    assert "assigned" in control.sign_in("vm1", "mina@demo.example")
    control.set_session_host("vm1", allow_new_session=False)
    assert "sessions" in control.sign_in("vm1", "leo@demo.example")
    control.set_user("leo@demo.example", accountEnabled=False)
    assert "disabled" in control.sign_in("vm1", "leo@demo.example")
    graph("POST", "users", MEMBER)
    assert "group" in control.sign_in("vm1", "nora@demo.example")


def test_a_user_that_was_made_can_be_given_a_desktop_once_it_is_known(
    graph: Graph, control: AzureSandbox, sdk: Clients
) -> None:
    control.set_settings(graph_lag_s=20)
    control.make_machine("vm1")
    graph("POST", "users", MEMBER)
    wanted = SessionHostPatch(assigned_user="nora@demo.example")

    with pytest.raises(HttpResponseError, match="not found in the directory"):
        sdk.avd.session_hosts.update(GROUP, POOL, "vm1", session_host=wanted)
    control.advance(21)
    host = sdk.avd.session_hosts.update(GROUP, POOL, "vm1", session_host=wanted)

    assert host.assigned_user == "nora@demo.example"
