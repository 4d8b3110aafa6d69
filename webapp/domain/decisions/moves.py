"""A move to another bundle: the cloud makes a new machine for the same user, and ends the old one.

Not idempotent: it is sent once, and what is in the slot says what became of it (docs/decisions/moves.md).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from webapp.domain import catalogue
from webapp.domain.access import Access
from webapp.domain.actor import CLOUD
from webapp.domain.decisions.absences import evidence_now
from webapp.domain.decisions.change import (
    NO_ACTION,
    NO_ERROR,
    NO_EVIDENCE,
    NO_MOVE,
    RowChange,
    absence_columns,
    looked,
)
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.observations import observed
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState, Phase
from webapp.domain.observation import Observation

MOVABLE = frozenset({CloudState.AVAILABLE, CloudState.STOPPED, CloudState.ERROR})
"""Source: docs/evidence/aws_workspaces.md#migration."""
CONFIRMED_AFTER = timedelta(minutes=75)
"""A move without an answer of which nothing is seen by then was not made: the cloud takes up to an hour."""
ASKED_FOR = timedelta(hours=3)
"""What the cloud has refused for so long is not sent any more."""
_HOURS = ASKED_FOR // timedelta(hours=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=30)
"""After a refusal, each time twice as long."""
POSTPONED = "move_postponed"
BUNDLE = ("bundle_id", "bundle_name", "month_price_minor", "month_fee_minor", "price_currency")
"""What changes with the bundle, besides the machine."""


def intended(now: datetime) -> RowChange:
    """Before the call. As a create, because a machine may come of it that is listed late."""
    return RowChange(move_sent_at=now, issued_at=now) | NO_EVIDENCE


def moved(
    asked: Mapping[str, Any], before: Mapping[str, Any], *, target_id: str, pace: Pace, now: datetime
) -> Decision:
    """The new machine is ours, and the old one, `before`, is the row's no longer: one write."""
    change = RowChange(
        cloud_workspace_id=target_id,
        moved_from=dict(before),
        moved_at=now,
        cloud_state=CloudState.PENDING,
        cloud_word=None,
        computer_name=None,
        ip_address=None,
        due_at=now + pace.poll,
    )
    note = Note(
        "move_accepted",
        f"The cloud is moving the desktop to “{asked['bundle_name']}”.",
        details={"from": before["machine"], "to": target_id},
    )
    return Decision(change | _of_bundle(asked) | NO_MOVE | NO_EVIDENCE | NO_ERROR, note)


def given_up(
    row: RowState, before: Mapping[str, Any], machine: Observation, *, pace: Pace, now: datetime
) -> Decision:
    """The slot shows the old machine, and not the new one. That may be listed late, or one answer incomplete:

    only what is proven absent, later than the cloud takes, and with an old machine that is usable again.
    """
    evidence = evidence_now(row, pace=pace, now=now)
    is_late = row.moved_at is None or now - row.moved_at >= CONFIRMED_AFTER
    if machine.state not in MOVABLE or not is_late or not evidence.is_proof():
        return Decision(looked(now) | absence_columns(evidence) | RowChange(due_at=now + pace.poll))
    change = RowChange(moved_from=None, moved_at=None, due_at=now)
    message = f"The cloud could not move the desktop: it is “{before['bundle_name']}” again."
    note = Note("move_failed", message, Level.ERROR, CLOUD)
    return Decision(_back_with(row, machine, pace=pace, now=now) | change | _of_bundle(before), note)


def former_machine(row: RowState, now: datetime) -> str | None:
    """The machine that the row had before its move, while the cloud may give it back and its person is to be
    kept out.
    """
    is_under_way = row.moved_at is not None and now - row.moved_at < CONFIRMED_AFTER
    is_missed = row.absent_count > 0 or row.phase is Phase.TERMINATING
    is_kept = row.is_wanted and row.phase in (Phase.READY, Phase.TERMINATING)
    is_owed = is_kept and row.access(now) is not Access.OPEN
    return (row.moved_from or {}).get("machine") if is_owed and (is_under_way or is_missed) else None


def former_kept_out(*, pace: Pace, now: datetime) -> Decision:
    """Its machine from before the move was stopped; what the new one shows is another matter."""
    message = "The machine from before the move could be used although access is over; Berth stopped it."
    return Decision(RowChange(due_at=now + pace.poll), Note("kept_out", message, Level.WARNING))


def moved_outside(row: RowState, machine: Observation, *, pace: Pace, now: datetime) -> Decision:
    """Its machine was seen ending, nobody here ended it, and another one with our claim is in its slot.

    Berth never ends that one: it has the files.
    """
    if machine.state is CloudState.TERMINATING:
        return Decision(looked(now) | NO_EVIDENCE | RowChange(due_at=now + pace.poll))
    note = Note(
        "moved_outside",
        "The desktop was moved to another machine outside Berth; Berth goes on with that one.",
        Level.WARNING,
        CLOUD,
        details={"cloud_workspace_id": machine.cloud_workspace_id},
    )
    return Decision(_back_with(row, machine, pace=pace, now=now) | RowChange(due_at=now), note)


def _back_with(row: RowState, machine: Observation, *, pace: Pace, now: datetime) -> RowChange:
    """The row goes on with this machine, also if the one that it had was seen ending.

    The only way from TERMINATING to READY.
    """
    if row.phase is not Phase.TERMINATING:
        return RowChange(cloud_workspace_id=machine.cloud_workspace_id) | NO_EVIDENCE
    shown = replace(row, phase=Phase.READY, requested_action=None, cloud_state=None, error_code=None)
    back = NO_ERROR | NO_ACTION | observed(shown, machine, pace=pace, now=now).change
    return back | RowChange(phase=Phase.READY)


def _of_bundle(bundle: Mapping[str, Any]) -> RowChange:
    return RowChange(**{name: bundle[name] for name in BUNDLE})


def is_late(asked: Mapping[str, Any], now: datetime) -> bool:
    """Was it asked for too long ago to be sent now?"""
    return now - _asked_at(asked, now) >= ASKED_FOR


def _asked_at(asked: Mapping[str, Any], now: datetime) -> datetime:
    return datetime.fromisoformat(asked["asked_at"]) if "asked_at" in asked else now


def too_late(now: datetime) -> Decision:
    message = f"The desktop could not be moved for {_HOURS} hours; it is as it was. You can ask for it again."
    return Decision(NO_MOVE | RowChange(due_at=now), Note("move_failed", message, Level.ERROR))


def refused(
    asked: Mapping[str, Any], failure: Failure, *, at_least_s: float, jitter: float, pace: Pace, now: datetime
) -> Decision:
    """What is certainly not made is tried again for some hours if that can help; whatever may be made is
    looked for.
    """
    if failure.trouble is Trouble.UNKNOWN:
        return Decision(RowChange(due_at=now + pace.poll))
    words, facts = catalogue.entry(failure.code), facts_of(failure)
    waits_for_key = failure.trouble is Trouble.CREDENTIAL and not failure.holds_only_orders
    if (failure.trouble.is_transient or waits_for_key) and not is_late(asked, now):
        tries = int(asked.get("tries", 0)) + 1
        wait = min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT) * jitter
        again = {**asked, "tries": tries, "asked_at": _asked_at(asked, now).isoformat()}
        message = f"{words.message} Berth tries the move again."
        return Decision(
            RowChange(move=again, move_sent_at=None, due_at=now + max(wait, timedelta(seconds=at_least_s))),
            Note(POSTPONED, message, Level.WARNING, details=facts),
        )
    message = f"The cloud refused the move: {words.message}"
    return Decision(NO_MOVE | RowChange(due_at=now), Note("move_failed", message, Level.ERROR, details=facts))


def unconfirmed(*, sent_at: datetime, pace: Pace, now: datetime) -> Decision:
    """Its slot shows no new machine of ours."""
    if now - sent_at < CONFIRMED_AFTER:
        return Decision(looked(now) | RowChange(due_at=now + pace.poll))
    message = "The cloud did not move the desktop; it is as it was. You can ask for it again."
    return Decision(
        NO_MOVE | looked(now) | RowChange(due_at=now), Note("move_failed", message, Level.ERROR, CLOUD)
    )
