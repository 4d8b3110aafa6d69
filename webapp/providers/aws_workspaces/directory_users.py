"""Who makes the users of which kind of directory at Amazon, as sentences for the company.

Source: docs/evidence/aws_workspaces.md#users-of-a-managed-directory.
"""

from enum import StrEnum


class UserKind(StrEnum):
    """Stored with what the credential test found; public in no API."""

    MANAGED = "managed"
    SIMPLE = "simple"
    CONNECTOR = "connector"
    SHARED = "shared"
    IDENTITY_CENTER = "identity_center"
    CUSTOMER = "customer"
    UNKNOWN = "unknown"
    DATA_DISABLED = "data_disabled"
    DATA_ENABLING = "data_enabling"
    NO_RIGHTS = "no_rights"


ELSEWHERE: dict[UserKind, str] = {
    UserKind.SIMPLE: "Berth cannot create users in a Simple AD, because Amazon has no call for it. An"
    " administrator of the directory creates them, with a computer that has joined it.",
    UserKind.CONNECTOR: "This is an AD Connector: the users are in your own Active Directory, and an"
    " administrator there creates them.",
    UserKind.SHARED: "The directory is shared with this account. An administrator of the account that owns it"
    " creates its users.",
    UserKind.IDENTITY_CENTER: "An administrator of IAM Identity Center creates the users, there or at the"
    " identity provider that it is connected to.",
    UserKind.CUSTOMER: "The users are at your own identity provider, and its administrator creates them.",
    UserKind.UNKNOWN: "Berth may not read what kind of directory this is, so it creates no users. Allow"
    " ds:DescribeDirectories to the key and test the cloud account, or create the users in the directory.",
    UserKind.DATA_DISABLED: "Berth can create users here once an administrator has enabled “User and group"
    " management” on the directory’s page in the Directory Service console. Until then, they create the"
    " users. People of a trusted domain are always created in their own domain.",
    UserKind.DATA_ENABLING: "“User and group management” is being enabled for the directory. Berth can create"
    " users when that is done: test the cloud account again in some minutes.",
    UserKind.NO_RIGHTS: "The key may not create users in this directory. Add the rights named by the test, or"
    " let an administrator of the directory create the users.",
}
"""Who must do what where Berth cannot make users."""
