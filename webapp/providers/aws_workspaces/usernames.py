"""User names of Amazon's directories.

Linux takes 20 characters, letters, digits, spaces and `_ . - #`, no leading `-`, not `ubuntu`; ds-data a
SAMAccountName of 20 characters (docs/evidence/aws_workspaces.md#user-names). Berth accepts what is safe in
both, and rejects `[UNDEFINED]`: a desktop without a user has no slot, so nothing would prevent a second one.
Users of IAM Identity Center have sign-in names of up to 63 characters, which may be e-mail addresses.
"""

import re

from webapp.providers.aws_workspaces.directory_kinds import DirectoryKind
from webapp.providers.parts.usernames import UsernameRule

_LEGAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_RESERVED = frozenset({"ubuntu", "root", "administrator", "admin", "guest", "krbtgt"})


def _sam_problem(username: str) -> str | None:
    if not _LEGAL.fullmatch(username):
        return (
            "User names start with a letter or digit and contain only unaccented letters, digits, "
            "dots, hyphens and underscores."
        )
    if username.endswith("."):
        return "User names cannot end with a dot."
    if username.lower() in _RESERVED:
        return f"“{username}” is reserved by the operating system; choose another user name."
    return None


_SIGN_IN_NAME = re.compile(r"[\w.@+-][\w.@+ -]*")


def _sign_in_problem(username: str) -> str | None:
    if not _SIGN_IN_NAME.fullmatch(username):
        return "Sign-in names contain only letters, digits and the characters . _ @ + -."
    return None


IDENTITY_CENTER_USERNAMES = UsernameRule(
    longest=63,
    missing="Enter this person’s user name in IAM Identity Center.",
    shape_problem=_sign_in_problem,
    pattern="{email}",
    help="{person} must already be a user in IAM Identity Center, for the directory {directory_id}. Enter the"
    " user name there, which often is the e-mail address.",
)

USERNAMES = UsernameRule(
    longest=20,
    missing="Enter this person’s user name in the directory.",
    shape_problem=_sam_problem,
    pattern="{first}.{last}",
    by_kind={DirectoryKind.IDENTITY_CENTER: IDENTITY_CENTER_USERNAMES},
)
