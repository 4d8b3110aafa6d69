"""Which user names the directory of a cloud accepts.

Amazon (docs/evidence/aws_workspaces.md#user-names): Linux takes 20 characters, letters, digits, spaces and
`_ . - #`, no leading `-`, not `ubuntu`; ds-data a SAMAccountName of 20 characters. Berth accepts what is safe
in both, and rejects `[UNDEFINED]`: a desktop without a user has no slot, so nothing would prevent a second
one.

Azure (docs/evidence/azure_avd.md#sign-in-names): the person's sign-in name in Entra, at most 113 characters;
of a guest it is `sam_home.example#EXT#@company.onmicrosoft.com`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_LEGAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_RESERVED = frozenset({"ubuntu", "root", "administrator", "admin", "guest", "krbtgt"})

_ENTRA_LOCAL = re.compile(r"[A-Za-z0-9'._!#^~-]+")
_ENTRA_DOMAIN = re.compile(r"(?=.{1,48}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_GUEST_MARK = "#ext#"


@dataclass(frozen=True, slots=True)
class _Rule:
    longest: int
    problem: Callable[[str], str | None]
    """Why a name that is neither empty nor too long cannot be used."""
    missing: str
    suggest: Callable[[str, str], str]
    """A first guess from a person's name and address; checked by the caller."""


def username_problem(username: str, *, cloud_provider: str) -> str | None:
    """Why this name cannot be used, as a sentence; None when it can."""
    rule = _RULES[cloud_provider]
    if not username:
        return rule.missing
    if len(username) > rule.longest:
        return f"User names can have up to {rule.longest} characters; this one has {len(username)}."
    return rule.problem(username)


def longest_username(cloud_provider: str) -> int:
    return _RULES[cloud_provider].longest


def username_key(username: str) -> str:
    """The form in which two names are the same name: directories ignore case."""
    return username.strip().lower()


def suggest_username(name: str, *, email: str, cloud_provider: str) -> str:
    """A legal first guess from a person's name or address; may be empty when nothing is usable."""
    guess = _RULES[cloud_provider].suggest(name, email)
    return "" if username_problem(guess, cloud_provider=cloud_provider) else guess


def home_address_of(username: str) -> str | None:
    """The address of a guest's own account; None for a member of the tenant."""
    local = username.partition("@")[0]
    if not local.lower().endswith(_GUEST_MARK):
        return None
    # Domains have no underscore, so the last one replaces the “@”.
    name, _, domain = local[: -len(_GUEST_MARK)].rpartition("_")
    return f"{name}@{domain}"


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


def _sam_guess(name: str, email: str) -> str:
    source = name if re.search(r"[A-Za-z]", name) else email.partition("@")[0]
    parts = re.findall(r"[A-Za-z0-9]+", source.lower())
    return ".".join(parts)[:20].rstrip(".")


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


_RULES = {
    "aws": _Rule(20, _sam_problem, "Enter this person’s user name in the directory.", _sam_guess),
    "azure": _Rule(
        113,
        _entra_problem,
        "Enter the person’s sign-in name in Entra, such as sam@example.com.",
        lambda _, email: email.strip(),
    ),
}
