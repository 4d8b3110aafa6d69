"""What a code of Azure means for us: by its name, by the kind of its name, and by what its text adds.

Azure puts very different things under one code. Each rule on texts looks for words that Azure documents or
was seen to send; a text without them keeps the meaning of its code.
Sources: docs/evidence/azure_avd.md#error-codes, docs/evidence/azure_avd.md#texts-of-errors.
"""

import re

from webapp.clouds.azure_avd.tables import CODES, STATUSES, WRAPPERS
from webapp.domain.errors import Trouble

Meaning = tuple[str, Trouble]

_SPELLINGS = {code.lower(): code for code in (*WRAPPERS, *CODES)}

KINDS: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (re.compile(r"Internal\w*Error$"), ("cloud_fault", Trouble.UNKNOWN)),
    (re.compile(r"(?:TimedOut|Timeout)$"), ("cloud_fault", Trouble.UNKNOWN)),
    (re.compile(r"Allocation(?:Failed|Failure|Request)"), ("no_capacity", Trouble.TRANSIENT)),
    (re.compile(r"(?:Throttled|TooManyRequests)$"), ("throttled", Trouble.THROTTLED)),
)
"""For names that no table has: what passes by its nature says so in its name."""

_REJECTED = frozenset(
    {
        "BadRequest",
        "InvalidParameter",
        "InvalidRequestContent",
        "InvalidRequestFormat",
        "InvalidTemplate",
        "OperationNotAllowed",
    }
)
_TEXTS: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    (
        re.compile(r"trusted ?launch|hypervisor ?generation|\bgen ?2\b[^.]*\bimage", re.I),
        ("image_unsuitable", Trouble.PERMANENT),
    ),
    (
        re.compile(
            r"\bsupport hibernation\b|\bhibernation can't be enabled|\bhibernation capability\b", re.I
        ),
        ("hibernation_refused", Trouble.PERMANENT),
    ),
    (
        re.compile(r"\b(?:plan|purchase) information\b", re.I),
        ("image_needs_plan", Trouble.PERMANENT),
    ),
)
_BUSY = re.compile(r"another operation is in progress|ongoing operation", re.I)


def spelling(code: str) -> str:
    """Azure spells some codes in several ways."""
    return _SPELLINGS.get(code.lower(), code)


def status_in(code: str) -> int:
    """Virtual Desktop puts the HTTP status where others have a code; 0 if it is not one."""
    return int(code) if len(code) == 3 and code.isdecimal() else 0


def is_known(code: str) -> bool:
    return code in CODES or bool(status_in(code)) or _of_kind(code) is not None


def meaning_of(code: str, message: str, *, http_status: int) -> Meaning:
    """For an unknown code, by the status: a refusal for a reason that is not known is called one."""
    status = http_status or status_in(code)
    if status == 429:
        return STATUSES[429]
    if code in _REJECTED and (said := _said(code, message)) is not None:
        return said
    if (found := CODES.get(code) or _of_kind(code)) is not None:
        return found
    if status >= 500:
        return "cloud_fault", Trouble.UNKNOWN
    return STATUSES.get(status, ("refused", Trouble.PERMANENT))


def _said(code: str, message: str) -> Meaning | None:
    for words, meaning in _TEXTS:
        if words.search(message):
            return meaning
    if code != "OperationNotAllowed" or "quota" in message.lower():
        return None
    # One code for a quota and for what a resource's state forbids: only the message distinguishes them.
    is_busy = _BUSY.search(message) is not None
    return ("operation_in_progress", Trouble.TRANSIENT) if is_busy else ("invalid_state", Trouble.PERMANENT)


def _of_kind(code: str) -> Meaning | None:
    return next((meaning for kind, meaning in KINDS if kind.search(code)), None)
