"""The events of webhooks, and how a message is signed (the scheme of standardwebhooks.com).

The signature is an HMAC over the message's id, timestamp and body, so that nothing in it can be
changed, and an old message cannot be sent again as a new one.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from webapp.domain import system_images
from webapp.domain.lifecycle import State

STATE_CHANGED = "workspace.state_changed"
OF_STATE = {
    State.AVAILABLE: "workspace.available",
    State.ERROR: "workspace.error",
    State.TERMINATED: "workspace.terminated",
}
FIRST_CONNECTED, IDLE, HANDED_OVER = "first_connected", "idle", "handed_over"
RESTORED = "restore_done"
BACKUP_FAILED = "backup_failed"
"""Names of events in the log."""
SUSPENDED = "workspace.suspended"
SUSPENDS = "suspends"
"""In the details of a request that has ended access: few of them do."""
OF_EVENT = {
    FIRST_CONNECTED: "person.first_connected",
    IDLE: "workspace.idle",
    "contract_ended": SUSPENDED,
    "termination_undone": "workspace.resumed",
    "window_extended": "workspace.extended",
    "hired_again": "workspace.resumed",
    HANDED_OVER: "workspace.handed_over",
    RESTORED: "restore.done",
    BACKUP_FAILED: "backup.failed",
    system_images.FAILED: "backup.failed",
}
"""By the name of an event. Those of a hand-over and a restore come with a new state, too."""
BUDGET_WARNING = "budget.warning"
BUDGET_REACHED = "budget.reached"
KINDS = (*OF_STATE.values(), STATE_CHANGED, *dict.fromkeys(OF_EVENT.values()), BUDGET_WARNING, BUDGET_REACHED)
TEST = "webhook.test"
"""Sent when somebody asks for it, whatever the endpoint wants."""

_MARK = "whsec_"


def kinds_of(
    event: str, from_state: str | None, to_state: str | None, details: Mapping[str, Any]
) -> tuple[str, ...]:
    """The messages for an event; few are about a state that stayed the same."""
    if event in (FIRST_CONNECTED, IDLE):
        return (OF_EVENT[event],)
    ended = (SUSPENDED,) if SUSPENDS in details else ()
    if event in (HANDED_OVER, RESTORED):
        ended = (OF_EVENT[event], *ended)
        if from_state == to_state:
            return ended
        special = OF_STATE.get(State(to_state)) if event == RESTORED and to_state else None
        return (*ended, STATE_CHANGED) if special is None else (*ended, special, STATE_CHANGED)
    if to_state is None or from_state == to_state:
        return (OF_EVENT[event],) if event in OF_EVENT else ended
    special = OF_STATE.get(State(to_state))
    return (*ended, STATE_CHANGED) if special is None else (*ended, special, STATE_CHANGED)


def new_signing_key() -> str:
    return _MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(signing_key: str, *, message_id: str, sent_at_s: int, body: bytes) -> str:
    """The header `webhook-signature`; `sent_at_s` (seconds since 1970) is the header `webhook-timestamp`."""
    key = base64.b64decode(signing_key.removeprefix(_MARK))
    signed = f"{message_id}.{sent_at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
