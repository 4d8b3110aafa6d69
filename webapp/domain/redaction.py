"""Removing secrets and account details from foreign text before it is stored, logged or shown."""

import re

_SECRETS = re.compile(
    r"(?:AKIA|ASIA)[A-Z0-9]{16}|arn:aws[^\s\"']*|eyJ[\w-]+\.[\w-]+\.[\w-]*|\S{3}8Q~\S{34}"
    r"|berth_[0-9a-f]{8}_[\w-]{20,}|\b[0-9a-f]{64}\b|(?:FwoG|FQoG|IQoJ)[\w+/=-]{20,}"
    r"|-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)"
)
_ACCOUNT = re.compile(r"\b\d{12}\b")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")

BRIEF_LENGTH = 200


def redact(text: str) -> str:
    """The text without anything that looks like a key, a token or a resource name."""
    return _SECRETS.sub("[redacted]", text)


def one_line(text: str) -> str:
    """Without line breaks and control characters, and what turns the order of letters."""
    return _CONTROL.sub(" ", text).strip()


def brief(text: str) -> str:
    """A short, one-line, redacted extract of a cloud's message; still untrusted, so escape it."""
    plain = one_line(_ACCOUNT.sub("[account]", redact(text)))
    return plain if len(plain) <= BRIEF_LENGTH else plain[: BRIEF_LENGTH - 1] + "…"
