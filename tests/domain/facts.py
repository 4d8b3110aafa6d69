"""Facts about a healthy workspace, and about one that differs in what a test says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.domain.facts import AccountFacts, Facts, ReportedFailure
from webapp.domain.findings import RemedyAction
from webapp.domain.lifecycle import CloudState, Desired, Phase, State
from webapp.providers.registry import get_provider

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
EVERYTHING = frozenset(RemedyAction)

HEALTHY = Facts(
    now=NOW,
    account=AccountFacts(name="Frankfurt", status="ok"),
    advice=get_provider("aws").advice,
    username="sam.okafor",
    state=State.AVAILABLE,
    phase=Phase.READY,
    desired=Desired.PRESENT,
    cloud_state=CloudState.AVAILABLE,
    cloud_word="AVAILABLE",
    created_at=NOW - timedelta(hours=2),
    deadline_at=NOW - timedelta(hours=1),
    due_at=NOW + timedelta(minutes=3),
    observed_at=NOW - timedelta(minutes=2),
    last_event_at=NOW - timedelta(hours=1),
    was_usable=True,
    possible=EVERYTHING,
)


def healthy(**changes: Any) -> Facts:
    """`account=dict(...)` changes single facts of the account; `cloud` is the key of a provider."""
    if "cloud" in changes:
        changes["advice"] = get_provider(changes.pop("cloud")).advice
    account = replace(HEALTHY.account, **changes.pop("account", {}))
    return replace(HEALTHY, account=account, **changes)


def failed(code: str, *, cloud_code: str = "", detail: str = "", **changes: Any) -> Facts:
    """An order that ended with this code."""
    basis: dict[str, Any] = {
        "state": State.ERROR,
        "phase": Phase.CREATE_FAILED,
        "cloud_state": None,
        "cloud_word": None,
        "due_at": None,
        "error": ReportedFailure(code, NOW, cloud_code=cloud_code, detail=detail),
    }
    return healthy(**(basis | changes))
