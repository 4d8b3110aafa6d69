"""User names of Entra.

The person's sign-in name, at most 113 characters; of a guest it is
`sam_home.example#EXT#@company.onmicrosoft.com` (docs/evidence/azure_avd.md#sign-in-names).
"""

import re

from webapp.domain.usernames import username_key
from webapp.providers.parts.usernames import UsernameRule

_ENTRA_LOCAL = re.compile(r"[A-Za-z0-9'._!#^~-]+")
_ENTRA_DOMAIN = re.compile(r"(?=.{1,48}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_GUEST_MARK = "#ext#"


def home_address_of(username: str) -> str | None:
    """The address of a guest's own account; None for a member of the tenant."""
    local = username.partition("@")[0]
    if not local.lower().endswith(_GUEST_MARK):
        return None
    # Domains have no underscore, so the last one replaces the “@”.
    name, _, domain = local[: -len(_GUEST_MARK)].rpartition("_")
    return f"{name}@{domain}"


def is_same_person(one: str, other: str) -> bool:
    """Two names of one person: also a guest's address and the name that the tenant gives the guest."""
    keys = {username_key(one), username_key(other)}
    return len(keys) == 1 or any(home_address_of(key) in keys for key in keys)


def _entra_problem(username: str) -> str | None:
    local, at, domain = username.rpartition("@")
    if not at or not local:
        return "An Entra sign-in name looks like an e-mail address, such as sam@example.com."
    if "@" in local:
        return "An Entra sign-in name has one “@”; a guest’s has “_” instead of the first one."
    if not _ENTRA_LOCAL.fullmatch(local):
        return "Before the “@” use only unaccented letters, digits, dots, hyphens, underscores and ' ! # ^ ~."
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "The part before the “@” cannot start or end with a dot or contain two dots in a row."
    if not _ENTRA_DOMAIN.fullmatch(domain):
        return "After the “@” enter a domain of the tenant, such as example.com, with at most 48 characters."
    return _guest_problem(local)


def _guest_problem(local: str) -> str | None:
    has_mark = _GUEST_MARK in local.lower()
    home = home_address_of(f"{local}@")
    if has_mark and (home is None or not all(home.partition("@")[::2])):
        return "A guest’s sign-in name looks like sam_home.example#EXT#@company.onmicrosoft.com."
    return None


USERNAMES = UsernameRule(
    longest=113,
    missing="Enter the person’s sign-in name in Entra, such as sam@example.com.",
    shape_problem=_entra_problem,
    pattern="{email}",
)
