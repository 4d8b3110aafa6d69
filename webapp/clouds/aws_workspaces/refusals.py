"""What the text of a refusal says beyond its code: whom a denial concerns, and whether the clock is wrong.

AWS puts very different things under one code. Each rule looks for words that AWS documents or was seen to
send; a text without them keeps the meaning of its code.
Sources: docs/evidence/aws_workspaces.md#denials, docs/evidence/aws_workspaces.md#a-wrong-clock,
docs/evidence/aws_workspaces.md#images.
"""

import re
from datetime import UTC, datetime

from webapp.domain.errors import Trouble

DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")

_SIGNED_TOO = re.compile(r"signature (?:expired|not yet current)", re.I)
_TIMES = re.compile(r"(\d{8}T\d{6}Z)[^(]*\((\d{8}T\d{6}Z)")
_BY_IAM = re.compile(r"not authorized to perform|explicit deny", re.I)
_HAS_ENDED = re.compile(
    r"no longer (?:available|offered|supported)|new customers|end of (?:life|support)", re.I
)
_FROM_ABOVE: tuple[tuple[str, str], ...] = (
    ("service control policy", "organisation_forbids"),
    ("resource control policy", "organisation_forbids"),
    ("permissions boundary", "boundary_forbids"),
    ("vpc endpoint policy", "endpoint_forbids"),
    ("explicit deny", "explicitly_denied"),
)
"""In this order: a denial of an organisation is an explicit deny too."""
_OF_IMAGES: dict[tuple[str, str], tuple[str, Trouble]] = {
    ("CreateWorkspaceImage", "InvalidResourceStateException"): ("image_needs_running", Trouble.PERMANENT),
    ("CreateWorkspaceImage", "OperationNotSupportedException"): ("image_not_supported", Trouble.PERMANENT),
    ("CreateWorkspaceImage", "ResourceAlreadyExistsException"): ("name_in_use", Trouble.EXISTS),
    ("CreateWorkspaceImage", "ResourceLimitExceededException"): ("image_limit_reached", Trouble.QUOTA),
    ("DeleteWorkspaceImage", "InvalidResourceStateException"): ("operation_in_progress", Trouble.PERMANENT),
    ("DeleteWorkspaceImage", "ResourceAssociatedException"): ("image_in_use", Trouble.PERMANENT),
}
"""Codes that say something else of images than of desktops (docs/evidence/aws_workspaces.md#images)."""


def meaning_of_call(code: str, message: str, *, operation: str) -> tuple[str, Trouble] | None:
    """Our code for a refused call whose text says more than its code; None if it does not."""
    if _SIGNED_TOO.search(message):
        return "clock_wrong", Trouble.TRANSIENT
    if operation == "RestoreWorkspace" and code == "OperationNotSupportedException":
        return ("no_snapshot" if "snapshot" in message.lower() else "restore_refused"), Trouble.PERMANENT
    if (operation, code) in _OF_IMAGES:
        return _OF_IMAGES[operation, code]
    if code not in DENIED:
        return None
    if operation == "AssumeRole" and _from_above(message) == "access_denied":
        return "role_refused", Trouble.CREDENTIAL
    if not message or _BY_IAM.search(message):
        return _from_above(message), Trouble.CREDENTIAL
    if operation == "CreateWorkspaces":
        # Not IAM's words, so it is about what was ordered: other orders must not wait for it.
        return ("offer_ended" if _HAS_ENDED.search(message) else "item_denied"), Trouble.PERMANENT
    return "access_denied", Trouble.CREDENTIAL


def meaning_of_item(code: str, message: str) -> tuple[str, Trouble] | None:
    """The same for one item of a batch: it never concerns the whole account."""
    if code.startswith("AccessDenied"):
        if _HAS_ENDED.search(message):
            return "offer_ended", Trouble.PERMANENT
        found = _from_above(message)
        return ("item_denied" if found == "access_denied" else found), Trouble.PERMANENT
    if code.startswith("OperationNotSupported") and "snapshot" in message.lower():
        return "no_snapshot", Trouble.PERMANENT
    return None


def clock_is_off(message: str) -> str:
    """By how much this host's clock is off, as a sentence; empty if the text has no times.

    AWS writes: Signature expired: <signed> is now earlier than <limit> (<its own time> - 15 min.).
    """
    found = _TIMES.search(message)
    if found is None:
        return ""
    signed, theirs = (datetime.strptime(one, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for one in found.groups())
    minutes = round((signed - theirs).total_seconds() / 60)
    return f"It is about {abs(minutes)} minutes {'fast' if minutes > 0 else 'slow'}."


def _from_above(message: str) -> str:
    text = message.lower()
    return next((ours for words, ours in _FROM_ABOVE if words in text), "access_denied")
