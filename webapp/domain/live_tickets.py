"""Tickets for the process `live`: good for hearing of changes, for nothing else, and as long as the session.

A ticket is derived from what is stored of the session's token, so none is stored, none has to be ended, and
it tells nothing about the token: whoever has it can neither sign in nor read anything.
"""

import hashlib
import hmac
import re

_PURPOSE = b"berth: hear of changes"
_TICKET = re.compile(r"([0-9]{1,18})-[0-9a-f]{64}")


def ticket_of(session_id: int, token_hash: str) -> str:
    return f"{session_id}-{hmac.new(token_hash.encode(), _PURPOSE, hashlib.sha256).hexdigest()}"


def session_id_of(ticket: str) -> int | None:
    """Which session it claims to be of; None for what is no ticket."""
    found = _TICKET.fullmatch(ticket)
    return int(found[1]) if found else None


def is_ticket(ticket: str, session_id: int, token_hash: str) -> bool:
    return hmac.compare_digest(ticket.encode(), ticket_of(session_id, token_hash).encode())
