"""The users of an AWS Managed Microsoft AD, through Directory Service and its Data API.

The user carries our mark in its notes (`info`), written in the call that makes it; its client token makes
that call safe to repeat (docs/evidence/aws_workspaces.md#users-of-a-managed-directory).
"""

import hashlib
import re
import secrets
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.people import DirectoryUser, NewDirectoryUser
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.vault.box import Secret

DATA, SERVICE = "ds-data", "ds"
MARKED_BY = "info"
_MARK = re.compile(r"\bberth-claim=(\S+)")
LONGEST_NAME = 64
"""Of a first or last name."""
NOT_OURS = Failure("directory_user_protected", Trouble.PERMANENT)


class AmazonPeople:
    """Users are made and disabled by the Data API; only a new password enables one again."""

    def __init__(self, client: AwsClient, directory_id: str, installation: str) -> None:
        self._client, self._directory_id, self._installation = client, directory_id, installation

    def find_user(self, username: str) -> DirectoryUser | None:
        try:
            found = self._client.read(
                "DescribeUser",
                service=DATA,
                DirectoryId=self._directory_id,
                SAMAccountName=username,
                OtherAttributes=[MARKED_BY],
            )
        except CloudError as error:
            if error.failure.trouble is Trouble.ABSENT:
                return None
            raise
        return DirectoryUser(
            username=found.get("SAMAccountName", username),
            user_id=found.get("SID", ""),
            is_enabled=bool(found.get("Enabled")),
            mark=_mark_of(found.get("OtherAttributes") or {}),
            email=found.get("EmailAddress", ""),
        )

    def create_user(self, wanted: NewDirectoryUser) -> DirectoryUser:
        fields = {
            "GivenName": wanted.given_name[:LONGEST_NAME],
            "Surname": wanted.surname[:LONGEST_NAME],
            "EmailAddress": wanted.email,
        }
        made = self._client.write(
            "CreateUser",
            service=DATA,
            DirectoryId=self._directory_id,
            SAMAccountName=wanted.username,
            ClientToken=hashlib.sha256(f"create {wanted.mark}".encode()).hexdigest(),
            OtherAttributes={MARKED_BY: {"S": f"berth-claim={wanted.mark}"}},
            **{name: value for name, value in fields.items() if value},
        )
        # Without a password nobody can sign in, whatever the directory calls it.
        return DirectoryUser(
            wanted.username, made.get("SID", ""), is_enabled=False, mark=wanted.mark, email=wanted.email
        )

    def admit_user(self, user: DirectoryUser) -> None:
        """A user of the directory may open its own desktop; no group is needed."""

    def disable_user(self, user: DirectoryUser) -> None:
        self._check_ours(user)
        # The SDK gives each call a token of its own: the same one would make a later disable do nothing.
        self._client.write(
            "DisableUser", service=DATA, DirectoryId=self._directory_id, SAMAccountName=user.username
        )

    def enable_user(self, user: DirectoryUser) -> None:
        """The directory enables a user only with a new password: one that nobody knows.

        So the person needs “Forgot password?” or another first password, and the caller says so.
        """
        self._check_ours(user)
        AmazonPasswords(self._client, self._directory_id).set_password(
            user.username, Secret(f"aA1!{secrets.token_urlsafe(32)}")
        )

    def _check_ours(self, user: DirectoryUser) -> None:
        if not user.is_of(self._installation):
            raise CloudError(NOT_OURS)


class AmazonPasswords:
    """AWS Managed Microsoft AD, and Simple AD."""

    def __init__(self, client: AwsClient, directory_id: str) -> None:
        self._client, self._directory_id = client, directory_id

    def set_password(self, username: str, password: Secret) -> None:
        self._client.write(
            "ResetUserPassword",
            service=SERVICE,
            DirectoryId=self._directory_id,
            UserName=username,
            NewPassword=password.reveal(),
        )


def _mark_of(attributes: dict[str, Any]) -> str | None:
    notes = next((value for name, value in attributes.items() if name.lower() == MARKED_BY), {})
    found = _MARK.search(str(notes.get("S", "")))
    return found[1] if found else None
