"""Findings: what troubleshooting reports about one workspace.

A finding names a cause, the evidence for it, and the remedies possible now. The facts behind it are in
`domain/facts.py`, the rules in `domain/diagnosis.py`; pages and API show the same findings and add only the
addresses.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from webapp.domain.lifecycle import Action

Evidence = dict[str, str | int | datetime | list[str] | None]
"""Plain facts by a stable name; instants stay instants, so that page and API can each format them."""


class Severity(StrEnum):
    """In the order in which findings are listed."""

    ERROR = "error"
    """Needs action."""
    WARNING = "warning"
    """Passes by itself, or the desktop works anyway."""
    INFO = "info"
    """For information; nothing is wrong."""


class RemedyAction(StrEnum):
    """Possible remedies."""

    RETRY = Action.RETRY.value
    START = Action.START.value
    STOP = Action.STOP.value
    RESTART = Action.RESTART.value
    RESTORE = Action.RESTORE.value
    REBUILD = Action.REBUILD.value
    TERMINATE = Action.TERMINATE.value
    REFRESH = "refresh"
    """Read the cloud now."""
    ORDER_AGAIN = "order_again"
    """Terminate this one, then order the same again for the same person when the slot is free."""
    TEST_CREDENTIAL = "test_credential"
    CHANGE_CREDENTIAL = "change_credential"


@dataclass(frozen=True, slots=True)
class Remedy:
    action: RemedyAction
    label: str
    has_data_loss: bool = False
    """Files or programs on the desktop are lost; the label says which."""
    cost: str = ""
    """What it costs in data, as a sentence; empty where that is no question."""
    snapshot_at: datetime | None = None
    """Of when files come back, by the newest look."""
    tried_at: datetime | None = None
    """It was done, or tried, since the trouble began."""


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    """Stable: a code of the catalogue, or the name of a rule."""
    severity: Severity
    summary: str
    explanation: str
    evidence: Evidence = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()
