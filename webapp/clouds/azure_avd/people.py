"""The users of Entra, through Microsoft Graph: members of the tenant, and guests who are invited to it.

Our mark is in an attribute that people do not see, `extensionAttribute15`. A member gets it in the call that
makes it. An invitation takes no attribute but a name to show, so a guest's name carries the mark until the
next call has written it where it belongs: whoever dies between the two leaves a guest that says whose it is
(docs/evidence/azure_avd.md#guests-and-their-mark).
"""

import re
import secrets
from dataclasses import replace
from typing import Any

from webapp.clouds.azure_avd.graph import Graph
from webapp.clouds.azure_avd.people_group import PeopleGroup
from webapp.clouds.people import DirectoryUser, NewDirectoryUser
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.usernames import username_key
from webapp.providers.azure_avd.usernames import home_address_of

FIELDS = "id,userPrincipalName,displayName,mail,userType,accountEnabled,onPremisesExtensionAttributes"
ATTRIBUTES, MARKED_BY = "onPremisesExtensionAttributes", "extensionAttribute15"
AFTERWARDS = "https://windows.cloud.microsoft/"
"""Where a guest arrives who has accepted."""
LONGEST_NAME = 64
_MARK = re.compile(r"berth-claim=(\S+)")
_NAME_WITH_MARK = re.compile(r"(.*?) ?\[berth-claim=(\S+)\]")
_NICKNAME = re.compile(r"[^A-Za-z0-9._-]")


class EntraPeople:
    def __init__(self, graph: Graph, group: PeopleGroup, installation: str) -> None:
        self._graph, self._group, self._installation = graph, group, installation

    def find_user(self, username: str) -> DirectoryUser | None:
        found = self._find(username)
        return None if found is None else _user(found)

    def create_user(self, wanted: NewDirectoryUser) -> DirectoryUser:
        address = self._address_to_invite(wanted)
        return self._create_member(wanted) if address is None else self._invite(wanted, address)

    def admit_user(self, user: DirectoryUser) -> None:
        """What an order asks for, so also for somebody whom Berth did not make."""
        if user.is_of(self._installation) and (found := self._read(user.user_id)) is not None:
            self._write_mark(found)
        self._group.add(user.user_id)

    def disable_user(self, user: DirectoryUser) -> None:
        self._switch(user, is_enabled=False)
        # Who is signed in stays so for an hour otherwise.
        path = "users/{}/revokeSignInSessions"
        self._graph.write("users.revokeSignInSessions", "POST", path, user.user_id, body={})

    def enable_user(self, user: DirectoryUser) -> None:
        self._switch(user, is_enabled=True)

    # Looking

    def _find(self, username: str) -> dict[str, Any] | None:
        """By user name, else by address: a guest's user name is another one than its address."""
        found = self._read(username)
        if found is not None:
            return found
        if home_address_of(username) is not None:
            return None
        return self._find_by_address(username)

    def _read(self, key: str) -> dict[str, Any] | None:
        return self._graph.find("users.get", "users/{}", key, select=FIELDS)

    def _find_by_address(self, address: str) -> dict[str, Any] | None:
        quoted = address.replace("'", "''")
        params = {"$filter": f"mail eq '{quoted}'", "$select": FIELDS}
        found = list(self._graph.pages("users.list", "users", params=params))
        if len(found) > 1:
            raise CloudError(Failure("directory_user_exists", Trouble.EXISTS, detail="Several have it."))
        return found[0] if found else None

    # Making

    def _address_to_invite(self, wanted: NewDirectoryUser) -> str | None:
        """None: the name is of a domain of the tenant's own, so a member is made."""
        if (home := home_address_of(wanted.username)) is not None:
            return home
        domain = wanted.username.rpartition("@")[2].lower()
        return None if domain in self._own_domains() else wanted.username

    def _own_domains(self) -> frozenset[str]:
        """Empty if the application may not read them: then everybody is a guest."""
        try:
            found = list(self._graph.pages("domains.list", "domains", params={"$select": "id,isVerified"}))
        except CloudError as error:
            if error.failure.code != "access_denied":
                raise
            return frozenset()
        return frozenset(str(one["id"]).lower() for one in found if one.get("isVerified"))

    def _create_member(self, wanted: NewDirectoryUser) -> DirectoryUser:
        nickname = _NICKNAME.sub("", wanted.username.partition("@")[0])
        body: dict[str, Any] = {
            "accountEnabled": True,
            "displayName": _name_of(wanted),
            "mailNickname": nickname[:LONGEST_NAME] or "person",
            "userPrincipalName": wanted.username,
            # Nobody knows it, not even Berth a moment later: the company sets the first one.
            "passwordProfile": {
                "password": f"aA1!{secrets.token_urlsafe(32)}",
                "forceChangePasswordNextSignIn": True,
            },
            ATTRIBUTES: {MARKED_BY: f"berth-claim={wanted.mark}"},
        }
        names = {"givenName": wanted.given_name, "surname": wanted.surname}
        body |= {name: value[:LONGEST_NAME] for name, value in names.items() if value}
        try:
            made = self._graph.write("users.create", "POST", "users", body=body)
        except CloudError as error:
            if error.failure.code != "directory_user_exists":
                raise
            return self._ours_already(wanted, error)
        return DirectoryUser(wanted.username, made["id"], is_enabled=True, mark=wanted.mark)

    def _ours_already(self, wanted: NewDirectoryUser, error: CloudError) -> DirectoryUser:
        """An earlier answer was lost, or the name is somebody else's."""
        found = self._read(wanted.username)
        if found is None:
            raise CloudError(Failure("user_replicating", Trouble.UNKNOWN))
        if _mark_of(found) != wanted.mark:
            raise error
        return _user(found)

    def _invite(self, wanted: NewDirectoryUser, address: str) -> DirectoryUser:
        """The same address would give the same guest, whoever invited it: so look before, and after."""
        found = self._find_by_address(address)
        if found is None:
            found = self._read(self._send_invitation(wanted, address))
            if found is None:  # reads do not know it yet; the next look finds it under its address
                raise CloudError(Failure("user_replicating", Trouble.UNKNOWN))
        if _mark_of(found) != wanted.mark:
            raise CloudError(Failure("directory_user_exists", Trouble.EXISTS))
        return _user(self._write_mark(found))

    def _send_invitation(self, wanted: NewDirectoryUser, address: str) -> str:
        """The guest's id."""
        body = {
            "invitedUserEmailAddress": address,
            "invitedUserDisplayName": f"{_name_of(wanted)} [berth-claim={wanted.mark}]",
            "inviteRedirectUrl": AFTERWARDS,
            "sendInvitationMessage": True,
        }
        try:
            answer = self._graph.write("invitations.create", "POST", "invitations", body=body)
        except CloudError as error:
            failure = error.failure
            if failure.code in ("setting_rejected", "directory_refused"):
                raise CloudError(replace(failure, code="invitation_refused")) from None
            raise
        return str(answer["invitedUser"]["id"])

    def _write_mark(self, found: dict[str, Any]) -> dict[str, Any]:
        """From a guest's name to where it belongs; nothing if it is there, or may not be written.

        The guest is made whatever is refused here. Raises CloudError of what passes.
        """
        in_name = _name_with_mark(found)
        if in_name is None:
            return found
        name, mark = in_name.groups()
        body = {"displayName": name or "Guest", ATTRIBUTES: {MARKED_BY: f"berth-claim={mark}"}}
        try:
            self._graph.write("users.update", "PATCH", "users/{}", found["id"], body=body)
        except CloudError as error:
            if error.failure.trouble.is_transient:
                raise
            return found
        return {**found, **body}

    # Switching

    def _switch(self, user: DirectoryUser, *, is_enabled: bool) -> None:
        """Read again before: what has lost our mark is nobody's to change."""
        found = self._read(user.user_id)
        if found is None:
            raise CloudError(Failure("user_not_found", Trouble.PERMANENT))
        if not user.is_of(self._installation) or _mark_of(found) != user.mark:
            raise CloudError(Failure("directory_user_protected", Trouble.PERMANENT))
        if found.get("accountEnabled") is not is_enabled:
            body = {"accountEnabled": is_enabled}
            self._graph.write("users.update", "PATCH", "users/{}", user.user_id, body=body)


def _user(found: dict[str, Any]) -> DirectoryUser:
    return DirectoryUser(
        username=str(found["userPrincipalName"]),
        user_id=str(found["id"]),
        is_enabled=bool(found.get("accountEnabled")),
        mark=_mark_of(found),
        email=str(found.get("mail") or ""),
    )


def _mark_of(found: dict[str, Any]) -> str | None:
    if said := _MARK.fullmatch(_attribute_of(found)):
        return said[1]
    in_name = _name_with_mark(found)
    return in_name[2] if in_name else None


def _name_with_mark(found: dict[str, Any]) -> "re.Match[str] | None":
    """Only of a guest, and only until something is where the mark belongs."""
    if found.get("userType") != "Guest" or _attribute_of(found):
        return None
    return _NAME_WITH_MARK.fullmatch(found.get("displayName") or "")


def _attribute_of(found: dict[str, Any]) -> str:
    return str((found.get(ATTRIBUTES) or {}).get(MARKED_BY) or "")


def _name_of(wanted: NewDirectoryUser) -> str:
    given, surname = wanted.given_name[:LONGEST_NAME], wanted.surname[:LONGEST_NAME]
    return f"{given} {surname}".strip() or username_key(wanted.username).partition("@")[0]
