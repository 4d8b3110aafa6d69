"""User names from a pattern such as `{first}.{last}`: the one rule, for one person and for many."""

import re
from collections.abc import Mapping
from dataclasses import replace

from webapp.domain.person_names import NameWords, words_of

PLACEHOLDERS: Mapping[str, str] = {
    "first": "the first name; together with {last}, the middle names too",
    "last": "the last name",
    "initial": "the first letter of the first name",
    "mailbox": "the part of the e-mail address before the @",
    "email": "the full e-mail address",
    "number": "1, 2, 3 …",
}
LONGEST_PATTERN = 80
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDER_WITH_SIGNS = re.compile(r"(?P<before>[._-]?)\{(?P<name>[^{}]*)\}(?=(?P<after>[._-]?))")


def pattern_problem(pattern: str) -> str | None:
    """Why the pattern is not valid; None if it is."""
    if not pattern.strip():
        return "Enter a pattern, such as {first}.{last}."
    if len(pattern) > LONGEST_PATTERN:
        return f"A pattern has at most {LONGEST_PATTERN} characters."
    found = _PLACEHOLDER.findall(pattern)
    unknown = [name for name in found if name not in PLACEHOLDERS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        return f"“{{{unknown[0]}}}” is not a placeholder. Use {known}."
    if "{" in _PLACEHOLDER.sub("", pattern) or "}" in _PLACEHOLDER.sub("", pattern):
        return "A brace is not closed."
    return None if found else "Add a placeholder such as {last}; otherwise everyone would get the same name."


def username_from(pattern: str, *, name: str, email: str, number: int, longest: int | None = None) -> str:
    """The name for one person; it may still be illegal, which the caller checks. Never raises.

    A name of more than `longest` characters is made again without middle names. It is not cut further: what
    is left would look like a user name, and be nobody's or somebody else's.
    """
    words = words_of(name, email=email)
    made = _filled(pattern, words, email=email, number=number)
    if longest is not None and len(made) > longest:
        made = _filled(pattern, replace(words, middle=()), email=email, number=number)
    return made


def _filled(pattern: str, words: NameWords, *, email: str, number: int) -> str:
    used = set(_PLACEHOLDER.findall(pattern))
    first, last = [words.first, *(words.middle if "last" in used else ())], list(words.last)
    initial = words.first[:1]
    if not last and "first" not in used:  # a single name, for a pattern that asks for the last one
        first, last, initial = [], [words.first], ""
    values: Mapping[str, list[str]] = {
        "first": first,
        "last": last,
        "initial": [initial],
        "mailbox": [email.partition("@")[0].lower()],
        "email": [email],
        "number": [str(number)],
    }

    def fill(found: re.Match[str]) -> str:
        # The words of one placeholder are joined by the sign beside it: `jan.van.der.berg`, `jvanderberg`.
        sign = found["before"] or found["after"]
        return found["before"] + sign.join(values.get(found["name"], []))

    made = _PLACEHOLDER_WITH_SIGNS.sub(fill, pattern)
    return made.strip() if "email" in used else made.strip().strip("._-")
