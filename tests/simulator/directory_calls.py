"""The directory as the product's own drivers call it: the Data API of a Managed AD, and Microsoft Graph.

They stand where `AwsClient` and `Graph` do, and answer at the same borders: all above is the product.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from tests.simulator.directory import DOMAIN, Directory, Style, User
from webapp.clouds.aws_workspaces.people import AmazonPasswords, AmazonPeople
from webapp.clouds.aws_workspaces.suspension import AmazonSuspension
from webapp.clouds.azure_avd.people import EntraPeople
from webapp.clouds.azure_avd.people_group import PeopleGroup
from webapp.clouds.base import Access
from webapp.clouds.passwords import SetsPasswords
from webapp.clouds.people import ManagesPeople
from webapp.clouds.suspension import SuspendsAccess
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import Action
from webapp.domain.observation import MachineRef

if TYPE_CHECKING:
    from tests.simulator.cloud import Cloud

Answer = TypeVar("Answer")
Json = dict[str, Any]
DIRECTORY_ID, GROUP_ID = "d-1234567890", "group"
OPERATIONS = frozenset(
    {
        *("DescribeUser", "CreateUser", "DisableUser", "ResetUserPassword"),
        *("users.get", "users.list", "users.create", "users.update", "users.revokeSignInSessions"),
        *("invitations.create", "domains.list", "groups.get", "groups.listMembers", "groups.addMember"),
    }
)
"""None counts against the rate of the account."""
_ABSENT = Failure("not_found", Trouble.ABSENT, "ResourceNotFoundException")
_DENIED = Failure("access_denied", Trouble.CREDENTIAL, "AccessDeniedException")
_TAKEN = Failure("directory_user_exists", Trouble.EXISTS, "ConflictException")
_NO_USER = Failure("user_not_found", Trouble.PERMANENT, "UserDoesNotExistException")
_REFUSED = Failure("directory_refused", Trouble.PERMANENT, "Request_BadRequest")
_MARK = re.compile(r"berth-claim=([^\s\]]+)")


class Sends(Protocol):
    """One request of a driver: points, faults and lost answers (`ScriptedDriver.request`)."""

    def __call__(
        self, operation: str, effect: Callable[[], Answer], *, may_be_lost: bool = False
    ) -> Answer: ...


class DirectoryCalls:
    """The capabilities of a driver whose cloud has a directory."""

    def __init__(self, cloud: "Cloud", directory: Directory, access: Access, send: Sends) -> None:
        self._directory, self._cloud = directory, cloud
        self._secret, installation = access.secret.reveal(), access.installation
        self.passwords: SetsPasswords | None = None
        if directory.style is Style.ENTRA:
            graph = cast(Any, _Graph(directory, send))
            named = replace(access, public_fields={**access.public_fields, "people_group": GROUP_ID})
            group = PeopleGroup(cast(Any, None), graph, cast(Any, None), named)
            self.people: ManagesPeople = EntraPeople(graph, group, installation)
            self.suspends: SuspendsAccess = _Assignments(cloud, self._secret, send)
        else:
            client = cast(Any, _DataApi(directory, cloud, self._secret, send))
            people = AmazonPeople(client, DIRECTORY_ID, installation)
            self.people, self.passwords = people, AmazonPasswords(client, DIRECTORY_ID)
            self.suspends = AmazonSuspension(client, people, installation)


class _DataApi:
    """`AwsClient`, as far as users and stops need it."""

    def __init__(self, directory: Directory, cloud: "Cloud", secret: str, send: Sends) -> None:
        self._directory, self._cloud, self._secret, self._send = directory, cloud, secret, send

    def read(self, operation: str, *, service: str = "workspaces", **asked: Any) -> Json:
        assert operation == "DescribeUser"
        return self._send(operation, lambda: self._describe(asked["SAMAccountName"]))

    def write(self, operation: str, *, service: str = "workspaces", **asked: Any) -> Json:
        effects: dict[str, Callable[[], Json]] = {
            "CreateUser": lambda: self._create(asked),
            "DisableUser": lambda: self._disable(asked["SAMAccountName"]),
            "ResetUserPassword": lambda: self._set_password(asked["UserName"], asked["NewPassword"]),
            "StopWorkspaces": lambda: self._stop(asked["StopWorkspaceRequests"]),
        }
        return self._send(operation, effects[operation], may_be_lost=True)

    def _describe(self, name: str) -> Json:
        found = self._directory.read(name)
        if found is None:
            raise CloudError(_ABSENT)
        notes = {"info": {"S": f"berth-claim={found.mark}"}} if found.mark else {}
        shown = {"SAMAccountName": found.username, "SID": found.user_id, "Enabled": found.is_enabled}
        return {**shown, "OtherAttributes": notes}

    def _create(self, asked: Json) -> Json:
        directory, token = self._directory, asked["ClientToken"]
        _check_right(directory)
        if token in directory.tokens:
            return {"SID": directory.tokens[token]}
        if directory.find(asked["SAMAccountName"]) is not None:
            raise CloudError(_TAKEN)
        mark = _mark_in(asked["OtherAttributes"]["info"]["S"])
        made = directory.make(asked["SAMAccountName"], mark=mark, made_for=mark)
        directory.tokens[token] = made.user_id
        return {"SID": made.user_id}

    def _disable(self, name: str) -> Json:
        user = self._writable(name, "DisableUser", _ABSENT)
        user.is_enabled = False
        return {}

    def _set_password(self, name: str, password: str) -> Json:
        user = self._writable(name, "ResetUserPassword", _NO_USER)
        user.password, user.is_enabled, user.is_handled = password, True, False
        self._directory.on_password(user, password)
        return {}

    def _writable(self, name: str, operation: str, absent: Failure) -> User:
        _check_right(self._directory)
        user = self._directory.find(name)
        if user is None or user.shown_s > self._directory.hub.now_s:
            raise CloudError(absent)
        self._directory.touch(operation, user)
        return user

    def _stop(self, requests: list[dict[str, str]]) -> Json:
        refused = [
            {"WorkspaceId": one["WorkspaceId"], "ErrorCode": failure.cloud_code, "ErrorMessage": ""}
            for one in requests
            if (failure := self._cloud.act(Action.STOP, one["WorkspaceId"], self._secret)) is not None
        ]
        return {"FailedRequests": refused}


class _Graph:
    """`Graph`, with one verified domain and one group."""

    def __init__(self, directory: Directory, send: Sends) -> None:
        self._directory, self._send = directory, send

    def find(self, operation: str, path: str, *names: str, select: str = "") -> Json | None:
        if operation == "groups.get":
            return self._send(operation, lambda: {"id": GROUP_ID})

        def read() -> Json | None:
            found = self._directory.read(names[0])
            return None if found is None else _shown(found)

        return self._send(operation, read)

    def pages(
        self, operation: str, path: str, *names: str, params: Mapping[str, str] | None = None
    ) -> Iterator[Json]:
        def read() -> list[Json]:
            directory = self._directory
            if operation == "domains.list":
                return [{"id": DOMAIN, "isVerified": True}]
            if operation == "groups.listMembers":
                return [{"id": one.user_id} for one in directory.users.values() if one.is_member]
            address = (params or {})["$filter"].partition("'")[2].rstrip("'")
            found = directory.read(address)
            return [] if found is None else [_shown(found)]

        yield from self._send(operation, read)

    def write(self, operation: str, method: str, path: str, *names: str, body: Json) -> Json:
        def do() -> Json:
            _check_right(self._directory)
            if operation == "users.create":
                return self._create(body)
            if operation == "invitations.create":
                return self._invite(body)
            if operation == "groups.addMember":
                return self._add_member(str(body["@odata.id"]).rpartition("/")[2])
            user = self._writable(operation, names[0])
            if operation == "users.update":
                _update(user, body)
            return {}

        return self._send(operation, do, may_be_lost=True)

    def link_to(self, object_id: str) -> str:
        return f"https://graph.invalid/{object_id}"

    def _create(self, body: Json) -> Json:
        name = body["userPrincipalName"]
        if self._directory.find(name) is not None:
            raise CloudError(replace(_TAKEN, cloud_code="ObjectConflict"))
        mark = _mark_in(body["onPremisesExtensionAttributes"]["extensionAttribute15"])
        made = self._directory.make(name, mark=mark, made_for=mark)
        made.is_enabled, made.display_name = bool(body["accountEnabled"]), body["displayName"]
        return {"id": made.user_id}

    def _invite(self, body: Json) -> Json:
        """The same address gives the same guest, whose name stays as it is."""
        address, name = body["invitedUserEmailAddress"], body["invitedUserDisplayName"]
        found = self._directory.find(address)
        if found is None:
            mark = _mark_in(name)
            found = self._directory.make(address, mark=mark, made_for=mark)
            found.is_enabled = found.is_guest = True
            found.display_name = name
        return {"invitedUser": {"id": found.user_id}}

    def _add_member(self, user_id: str) -> Json:
        user = self._writable("groups.addMember", user_id)
        if user.is_member:
            raise CloudError(_REFUSED)
        user.is_member = True
        return {}

    def _writable(self, operation: str, user_id: str) -> User:
        user = self._directory.find(user_id)
        if user is None or user.shown_s > self._directory.hub.now_s:
            raise CloudError(_ABSENT)
        self._directory.touch(operation, user)
        return user


class _Assignments:
    """As Azure keeps people out: the desktop has no person meanwhile; the engine stops it."""

    disables_users = False

    def __init__(self, cloud: "Cloud", secret: str, send: Sends) -> None:
        self._cloud, self._secret, self._send = cloud, secret, send

    def suspend(self, machine: MachineRef) -> None:
        self._assign(machine, is_open=False)

    def leaves_running(self, _machine: MachineRef) -> bool:
        return True

    def resume(self, machine: MachineRef) -> bool:
        self._assign(machine, is_open=True)
        return False

    def _assign(self, machine: MachineRef, *, is_open: bool) -> None:
        def do() -> None:
            found = next(
                (
                    one
                    for one in self._cloud.shown(self._secret)
                    if one.machine_id == machine.cloud_workspace_id
                ),
                None,
            )
            if found is None:
                raise CloudError(_ABSENT)
            found.is_open = is_open

        self._send("assign" if is_open else "unassign", do, may_be_lost=True)


def _check_right(directory: Directory) -> None:
    if not directory.may_write:
        raise CloudError(_DENIED)


def _mark_in(text: str) -> str:
    found = _MARK.search(text)
    assert found is not None
    return found[1]


def _shown(user: User) -> Json:
    """A guest's mark is in its name until it was written where it belongs."""
    is_in_name = user.is_guest and "berth-claim=" in user.display_name
    mark = f"berth-claim={user.mark}" if user.mark and not is_in_name else None
    return {
        "id": user.user_id,
        "userPrincipalName": user.username,
        "displayName": user.display_name,
        "mail": user.username,
        "userType": "Guest" if user.is_guest else "Member",
        "accountEnabled": user.is_enabled,
        "onPremisesExtensionAttributes": {"extensionAttribute15": mark},
    }


def _update(user: User, body: Json) -> None:
    if "accountEnabled" in body:
        user.is_enabled, user.is_handled = bool(body["accountEnabled"]), False
    user.display_name = body.get("displayName", user.display_name)
