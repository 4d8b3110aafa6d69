"""Idempotency keys: a repeat with the same key gets the first response; at most one request does the work.

An answer that shows a secret (a signing key, a link) is kept sealed, so that only a repeat can read it.

The key is a row with a unique constraint, committed before the work starts. A second request waits for
the first response, which is kept for a day. Errors of ours and cloud timeouts are not
kept: the key is free again. A request that died leaves its row behind; after a minute the next one does the
work, and the uniqueness rules handle what the first may have done, as without a key.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed_rows
from webapp.domain.errors import AppError, Conflict
from webapp.domain.retention import IDEMPOTENCY_KEYS_LAST
from webapp.models import IdempotencyKey
from webapp.services.context import ServiceContext
from webapp.services.waiting import waiting_place
from webapp.vault.box import CannotOpen
from webapp.vault.own_box import OwnBox

DEAD_AFTER = timedelta(seconds=60)
"""Longer than any request takes."""
PATIENCE_S, PATIENCE_OF_MANY_S = 12.0, 5.0
"""How long a second request waits. For a slow call only as many as may wait for workers, because each
of them holds a thread; an order is done long before."""
FIRST_LOOK_S, SLOWEST_LOOK_S = 0.01, 0.2

_SEALED = "sealed:"
"""At the start of a body that is sealed; no JSON begins so."""


class KeyReused(AppError):
    """The same key with a different request: a mistake of the caller."""

    code, http_status = "idempotency_key_reused", 422


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str = field(repr=False)
    is_secret: bool = False
    """Shows what is shown only once."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """The right and duty to do the work; ended by `keep` or `release`."""

    row_id: int


def reserve(context: ServiceContext, *, owner: str, key: str, request: bytes) -> Reservation | Answer:
    """Take the key, or return its response; waits for one that is in progress. Commits.

    Raises KeyReused, Conflict (`idempotency_in_progress`).
    """
    fingerprint = hmac.new(context.settings.secret_key.encode(), request, hashlib.sha256).hexdigest()
    found = _take_or_answer(context, owner, key, fingerprint)
    if found is not None:
        return found
    with waiting_place() as may_wait:
        patience_s = PATIENCE_S if may_wait else PATIENCE_OF_MANY_S
        return _wait(context, owner, key, fingerprint, patience_s=patience_s)


def _wait(
    context: ServiceContext, owner: str, key: str, fingerprint: str, *, patience_s: float
) -> Reservation | Answer:
    give_up_at, wait_s = context.clock.monotonic_s() + patience_s, FIRST_LOOK_S
    while True:
        found = _take_or_answer(context, owner, key, fingerprint)
        if found is not None:
            return found
        if context.clock.monotonic_s() + wait_s > give_up_at:
            raise Conflict(
                "The first request with this key is still in progress.",
                code="idempotency_in_progress",
                retry_after_s=5,
            )
        context.clock.pause(wait_s)
        wait_s = min(wait_s * 1.5, SLOWEST_LOOK_S)


def keep(context: ServiceContext, reservation: Reservation, answer: Answer) -> None:
    """Store the response that every repeat gets from now on; commits."""
    context.session.rollback()  # whatever the call left uncommitted is not part of this
    body = answer.body
    if answer.is_secret:
        body = _SEALED + _box(context).seal(body, bound_to=_binding(reservation.row_id))
    context.session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.id == reservation.row_id, IdempotencyKey.status.is_(None))
        .values(status=answer.status, headers=answer.headers, body=body)
    )
    context.session.commit()


def release(context: ServiceContext, reservation: Reservation) -> None:
    """No response worth keeping: the next request with this key does the work; commits."""
    context.session.rollback()
    context.session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.id == reservation.row_id, IdempotencyKey.status.is_(None))
    )
    context.session.commit()


def _take_or_answer(
    context: ServiceContext, owner: str, key: str, fingerprint: str
) -> Reservation | Answer | None:
    return _take(context, owner=owner, key=key, fingerprint=fingerprint) or _answer(
        context, owner=owner, key=key, fingerprint=fingerprint
    )


def _take(context: ServiceContext, *, owner: str, key: str, fingerprint: str) -> Reservation | None:
    """A new row, or one whose request died; None if another request has the key."""
    now = context.clock.now()
    context.session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.owner == owner,
            IdempotencyKey.key == key,
            IdempotencyKey.created_at <= now - IDEMPOTENCY_KEYS_LAST,
        )
    )
    found = _find(context, owner, key)
    if found is None:
        row = IdempotencyKey(
            owner=owner, key=key, fingerprint=fingerprint, created_at=now, claimed_at=now, headers={}
        )
        # A savepoint: a full rollback would discard what was read about the caller.
        try:
            with context.session.begin_nested():
                context.session.add(row)
        except IntegrityError:  # another request was faster by a moment
            context.session.commit()
            return None
        context.session.commit()
        return Reservation(row.id)
    is_dead = found.status is None and found.claimed_at <= now - DEAD_AFTER
    if not is_dead or found.fingerprint != fingerprint:
        context.session.commit()
        return None
    taken = context.session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.id == found.id, IdempotencyKey.claimed_at == found.claimed_at)
        .values(claimed_at=now)
        .execution_options(synchronize_session=False)
    )
    context.session.commit()
    return Reservation(found.id) if changed_rows(taken) == 1 else None


def _answer(context: ServiceContext, *, owner: str, key: str, fingerprint: str) -> Answer | None:
    """The response of the key; None while it is in progress. Raises KeyReused."""
    found = _find(context, owner, key)
    context.session.commit()
    if found is None:
        return None
    if not hmac.compare_digest(found.fingerprint, fingerprint):
        raise KeyReused("This key was used for a different request. Use a new key for every new request.")
    if found.status is None or found.body is None:
        return None
    return Answer(found.status, dict(found.headers), _opened(context, found))


def _opened(context: ServiceContext, row: IdempotencyKey) -> str:
    body = row.body or ""
    if not body.startswith(_SEALED):
        return body
    try:
        return _box(context).open(body.removeprefix(_SEALED), bound_to=_binding(row.id)).reveal()
    except CannotOpen:
        raise KeyReused("The answer to this key cannot be read any more. Use a new key.") from None


def _box(context: ServiceContext) -> OwnBox:
    return OwnBox(context.settings.secret_key)


def _binding(row_id: int) -> str:
    return f"answer to idempotency key {row_id}"


def _find(context: ServiceContext, owner: str, key: str) -> IdempotencyKey | None:
    return context.session.scalar(
        select(IdempotencyKey)
        .where(IdempotencyKey.owner == owner, IdempotencyKey.key == key)
        .execution_options(populate_existing=True)
    )
