"""User names for many people at once, from one pattern such as `{first}.{last}`."""

import re
import unicodedata
from collections.abc import Mapping

PLACEHOLDERS: Mapping[str, str] = {
    "first": "the first name",
    "last": "the last name",
    "initial": "the first letter of the first name",
    "mailbox": "the part of the e-mail address before the @",
    "email": "the full e-mail address",
    "number": "1, 2, 3 …",
}
LONGEST_PATTERN = 80
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


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


def username_from(pattern: str, *, name: str, email: str, number: int) -> str:
    """The name for one person; it may still be illegal, which the caller checks. Never raises."""
    words = re.findall(r"[a-z0-9]+", _plain(name).lower())
    mailbox, _, _ = email.partition("@")
    first, last = (words[0], words[-1]) if words else ("", "")
    values = {
        "first": first,
        "last": last if len(words) > 1 else "",
        "initial": first[:1],
        "mailbox": mailbox.lower(),
        "email": email,
        "number": str(number),
    }
    made = _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), pattern)
    return made.strip().strip("._-") if "email" not in _PLACEHOLDER.findall(pattern) else made.strip()


def _plain(text: str) -> str:
    """“Zoë Müller-Łuczak” without accents, as far as Unicode knows their parts."""
    text = text.translate(_LETTERS)
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "æ": "ae",
        "Æ": "Ae",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "'": "",
        "’": "",
    }
)
