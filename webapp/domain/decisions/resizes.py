"""A resize: whether it may be sent, what the cloud's response means, and when it is done."""

from datetime import datetime, timedelta

from webapp.domain import catalogue
from webapp.domain.actor import CLOUD
from webapp.domain.decisions.change import NO_CHANGE, NO_RESIZE, RowChange, error_columns
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import POWER_IN_TRANSITION, CloudState
from webapp.domain.observation import Observation
from webapp.domain.resizes import LABELS, QUIET, Resize, ResizeKind

RESIZABLE = frozenset({CloudState.AVAILABLE, CloudState.STOPPED})
"""States in which clouds change a desktop (docs/evidence/aws_workspaces.md#changing-a-desktop)."""
LIMITS = {ResizeKind.SIZE: timedelta(hours=3), ResizeKind.ROOT_VOLUME: timedelta(hours=5)}
LIMITS |= {ResizeKind.USER_VOLUME: LIMITS[ResizeKind.ROOT_VOLUME]}
USUAL_LIMIT = timedelta(hours=1)
"""From the press on. A size takes up to an hour, a volume up to two."""
UNSEEN = timedelta(minutes=20)
"""What the cloud does not show after this was never received: a request is good for 15 minutes. Only then is
it sent again."""
UNSEEN_POLLS = 2
"""The same for what may happen twice."""


def may_send(row: RowState) -> bool:
    """Was the machine looked at since (a request asks for a look too), and does its state allow it?"""
    return row.look_requested_at is None and row.cloud_state in RESIZABLE


def accepted(resize: Resize, *, pace: Pace, now: datetime) -> Decision:
    return Decision(
        RowChange(resize_sent_at=now, due_at=now + pace.poll),
        Note("resize_sent", f"The cloud is changing the {LABELS[resize.kind]} to {resize.value}."),
    )


def refused(
    row: RowState, failure: Failure, *, at_least_s: float, jitter: float, pace: Pace, now: datetime
) -> Decision:
    """Wait after a lost response, repeat after a temporary refusal; any other one ends it with its reason."""
    if failure.trouble is Trouble.UNKNOWN:
        return Decision(RowChange(due_at=now + pace.poll))  # the looks tell
    delay = pace.retry.delay_after(1, jitter=jitter, at_least_s=at_least_s)
    waits_for_key = failure.trouble is Trouble.CREDENTIAL and not failure.holds_only_orders
    if (failure.trouble.is_transient or waits_for_key) and delay is not None and not _is_late(row, now):
        words = catalogue.entry(failure.code)
        return Decision(
            RowChange(resize_sent_at=None, due_at=now + delay),
            Note(
                "resize_postponed",
                f"{words.message} Berth tries again.",
                Level.WARNING,
                details=facts_of(failure),
            ),
        )
    return _failed(failure, now)


def outcome_of(row: RowState, observation: Observation, *, pace: Pace, now: datetime) -> Decision:
    """Of a look: is it done, to be sent now, or has it failed?"""
    resize = row.resize
    if resize is None:
        return Decision(NO_CHANGE)
    is_busy = observation.is_busy or observation.state in POWER_IN_TRANSITION
    if resize.is_so(observation) and not observation.is_busy:
        return _done(row, resize)
    if row.resize_sent_at is None:
        if _is_late(row, now):
            return _failed(Failure("resize_too_late", Trouble.PERMANENT, observation.word), now)
        can_send = observation.state in RESIZABLE and not is_busy
        return Decision(RowChange(due_at=now if can_send else now + pace.poll))
    if is_busy and not _is_late(row, now):
        return Decision(NO_CHANGE)
    if not is_busy and observation.resize_failure is not None:
        return _failed(observation.resize_failure, now)
    if _is_late(row, now):
        return _failed(Failure("action_timeout", Trouble.PERMANENT, observation.word), now)
    if now - row.resize_sent_at <= (pace.poll * UNSEEN_POLLS if resize.kind in QUIET else UNSEEN):
        return Decision(NO_CHANGE)
    return Decision(
        RowChange(resize_sent_at=None, due_at=now),
        Note("resize_unseen", "The cloud shows no sign of the change, so Berth sends it once more."),
    )


def _is_late(row: RowState, now: datetime) -> bool:
    limit = LIMITS.get(row.resize.kind, USUAL_LIMIT) if row.resize else USUAL_LIMIT
    return row.resize_requested_at is not None and now - row.resize_requested_at > limit


def _done(row: RowState, resize: Resize) -> Decision:
    """From now on it costs what the new one costs; if that is more, the row counts it already."""
    prices = RowChange(
        month_price_minor=_lowered(row.month_price_minor, row.resize_price_minor),
        month_fee_minor=_lowered(row.month_fee_minor, row.resize_fee_minor),
    )
    message = f"The {LABELS[resize.kind]} is {resize.value} now."
    return Decision(NO_RESIZE | prices, Note("resize_done", message, actor=CLOUD))


def _lowered(minor: int | None, difference: int | None) -> int | None:
    return None if minor is None else minor + min(difference or 0, 0)


def _failed(failure: Failure, now: datetime) -> Decision:
    """Look at once: the cloud may have changed it all the same."""
    words = catalogue.entry(failure.code)
    return Decision(
        NO_RESIZE | error_columns(failure, now) | RowChange(due_at=now),
        Note("resize_failed", words.message, Level.ERROR, details=facts_of(failure)),
    )
