"""Which user names a cloud directory accepts.

Sources: AWS sheet 1.2 (Linux: 20 characters, letters, digits, spaces and `_ . - #`, no leading `-`,
not `ubuntu`) and ds-data (SAMAccountName, 20 characters). Berth takes the part of both that is safe
everywhere, and refuses `[UNDEFINED]`: a desktop without a user has no slot at the cloud, so nothing
would stop a second one.
"""

import re

MAX_LENGTH = 20
_LEGAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_RESERVED = frozenset({"ubuntu", "root", "administrator", "admin", "guest", "krbtgt"})


def username_problem(username: str) -> str | None:
    """Why this name cannot be used, as a sentence; None when it can."""
    if not username:
        return "Enter the user name that this person has in the directory."
    if len(username) > MAX_LENGTH:
        return f"User names have at most {MAX_LENGTH} characters; this one has {len(username)}."
    if not _LEGAL.fullmatch(username):
        return (
            "User names begin with a letter or digit and contain only letters without accents, digits, "
            "dots, hyphens and underscores."
        )
    if username.endswith("."):
        return "User names cannot end with a dot."
    if username.lower() in _RESERVED:
        return f"“{username}” is reserved by the operating system; choose another user name."
    return None


def username_key(username: str) -> str:
    """The form in which two names are the same name: directories ignore case."""
    return username.strip().lower()


def suggest_username(name: str, *, email: str) -> str:
    """A legal first guess from a person's name or address; may be empty when nothing is usable."""
    source = name if re.search(r"[A-Za-z]", name) else email.partition("@")[0]
    parts = re.findall(r"[A-Za-z0-9]+", source.lower())
    guess = ".".join(parts)[:MAX_LENGTH].rstrip(".")
    return "" if username_problem(guess) else guess
