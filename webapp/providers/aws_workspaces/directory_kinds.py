"""Who holds the users of a directory, and with what they sign in.

Source: docs/evidence/aws_workspaces.md#kinds-of-directories.
"""

from enum import StrEnum


class DirectoryKind(StrEnum):
    """Stored with what the credential test found; public in no API."""

    PASSWORD = "password"
    """Active Directory: user name and password of the directory."""
    SAML = "saml"
    """Active Directory, but people sign in on their company's page."""
    IDENTITY_CENTER = "identity_center"
    """IAM Identity Center: sign-in names that may look like addresses, on the organisation's page."""


SHOWN: dict[DirectoryKind, str] = {
    DirectoryKind.PASSWORD: "People sign in with their user name and password of the directory.",
    DirectoryKind.SAML: "People sign in on your company's sign-in page (SAML).",
    DirectoryKind.IDENTITY_CENTER: "People sign in with their name in IAM Identity Center. It has Windows"
    " desktops only.",
}


def kind_of(value: object) -> DirectoryKind:
    """The kind as it was stored; before the first test nothing is known, and most are of this kind."""
    return DirectoryKind(value) if value in list(DirectoryKind) else DirectoryKind.PASSWORD
