"""Webhook delivery: one worker per endpoint at a time, one message after another, each at least once."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, undefer

from webapp.database import changed_rows
from webapp.domain.webhooks import signature
from webapp.engine import outbox
from webapp.engine.context import Engine
from webapp.engine.posting import Outcome, Poster
from webapp.models import DeliveryStatus, Event, WebhookDelivery, WebhookEndpoint, Workspace
from webapp.vault.box import CannotOpen

log = logging.getLogger(__name__)

LEASE_S = 60
RUN_S, LONGEST_RUN = 25.0, 50
"""After this the worker serves another endpoint; the sweep queues the rest."""
REST_S = 15
"""After a failure nothing is sent to the endpoint for this long, however many messages wait."""
KEPT_TRIES = 20
USER_AGENT = "Berth-Webhooks/1"


def deliver(engine: Engine, endpoint_id: int, *, poster: Poster | None = None) -> None:
    """Send what is due for this endpoint; return at once if another worker does, or if it is paused."""
    endpoint = _claim(engine, endpoint_id)
    if endpoint is None:
        return
    rest_s: int | None = None
    try:
        key = engine.webhook_opener.open(endpoint.sealed_secret, bound_to=endpoint.secret_binding)
        if not _send_due(engine, endpoint, key.reveal(), poster or Poster(engine.settings.webhook_ports)):
            rest_s = REST_S
    except CannotOpen:
        log.error("the signing key of a webhook cannot be opened", extra={"endpoint_id": endpoint_id})
        rest_s = 10 * LEASE_S
    finally:
        _release(engine, endpoint, rest_s=rest_s)


def _send_due(engine: Engine, endpoint: WebhookEndpoint, signing_key: str, poster: Poster) -> bool:
    """False as soon as one attempt fails."""
    started_s = engine.clock.monotonic_s()
    for _ in range(LONGEST_RUN):
        if engine.clock.monotonic_s() - started_s > RUN_S:
            break
        found = _next_due(engine, endpoint)
        if found is None:
            break
        delivery, application_id = found
        body = json.dumps(message(delivery, application_id), separators=(",", ":")).encode()
        now = engine.clock.now()
        outcome = poster.post(endpoint.url, headers=_headers(delivery, signing_key, body, now=now), body=body)
        if not _record(engine, endpoint, delivery, outcome, at=now):
            return True  # another worker has it, or a person has acted: theirs counts
        if not outcome.is_good:
            return False
    return True


def message(delivery: WebhookDelivery, application_id: int | None) -> dict[str, Any]:
    """The body: the same in every attempt, because neither events nor notices change."""
    event = delivery.event
    return {
        "type": delivery.kind,
        "timestamp": _instant(delivery.happened_at),
        "data": delivery.notice if event is None else _facts(event, application_id),
    }


def _facts(event: Event, application_id: int | None) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "workspace_id": event.workspace_id,
        "application_id": application_id,
        "from_state": event.from_state,
        "state": event.to_state,
        "event": event.event,
        "message": event.message,
        "error_code": event.details.get("code"),
        "href": f"/api/workspaces/workspaces/{event.workspace_id}/",
    }


def _headers(delivery: WebhookDelivery, signing_key: str, body: bytes, *, now: datetime) -> dict[str, str]:
    sent_at_s = int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": delivery.uid,
        "webhook-timestamp": str(sent_at_s),
        "webhook-signature": signature(signing_key, message_id=delivery.uid, sent_at_s=sent_at_s, body=body),
    }


def _claim(engine: Engine, endpoint_id: int) -> WebhookEndpoint | None:
    now, is_active = engine.clock.now(), WebhookEndpoint.is_active
    with engine.sessions.begin() as session:
        if not outbox.claim(session, WebhookEndpoint, endpoint_id, is_active, now=now, lease_s=LEASE_S):
            return None
        endpoint = session.get_one(
            WebhookEndpoint, endpoint_id, options=[undefer(WebhookEndpoint.sealed_secret)]
        )
        session.expunge_all()
    return endpoint


def _release(engine: Engine, endpoint: WebhookEndpoint, *, rest_s: int | None) -> None:
    until = None if rest_s is None else engine.clock.now() + timedelta(seconds=rest_s)
    with engine.sessions.begin() as session:
        session.execute(update(WebhookEndpoint).where(outbox.is_ours(endpoint)).values(lease_until=until))


def _next_due(engine: Engine, endpoint: WebhookEndpoint) -> tuple[WebhookDelivery, int | None] | None:
    """The oldest, with its workspace's application: each is written with what it tells of."""
    with engine.sessions.begin() as session:
        found = session.execute(
            select(WebhookDelivery, Workspace.application_id)
            .outerjoin(WebhookDelivery.event)
            .outerjoin(Workspace, Workspace.id == Event.workspace_id)
            .options(joinedload(WebhookDelivery.event))
            .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.due_at <= engine.clock.now())
            .order_by(WebhookDelivery.id)
            .limit(1)
        ).first()
        session.expunge_all()
    return None if found is None else (found[0], found[1])


def _record(
    engine: Engine, endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome, *, at: datetime
) -> bool:
    """Record how the attempt ended; False if the message or the lease is no longer ours."""
    line = {"at": _instant(at), "status": outcome.status, "error": outcome.error, "took_ms": outcome.took_ms}
    still_ours = select(WebhookEndpoint.id).where(outbox.is_ours(endpoint)).exists()
    with engine.sessions.begin() as session:
        done = session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.id == delivery.id, WebhookDelivery.due_at == delivery.due_at, still_ours)
            .values(tries=[*delivery.tries, line][-KEPT_TRIES:], **_after(engine, delivery, outcome))
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(WebhookEndpoint)
            .where(outbox.is_ours(endpoint))
            .values(lease_until=engine.clock.now() + timedelta(seconds=LEASE_S))
        )
    facts = {"endpoint_id": endpoint.id, "delivery_id": delivery.id, "status": outcome.status}
    log.info("webhook sent", extra=facts | ({"reason": outcome.error} if outcome.error else {}))
    return changed_rows(done) == 1


def _after(engine: Engine, delivery: WebhookDelivery, outcome: Outcome) -> dict[str, Any]:
    if outcome.is_good:
        return {"status": DeliveryStatus.DELIVERED, "due_at": None}
    failures = delivery.failures + 1
    due_at = outbox.next_try(engine, failures)
    if due_at is None:
        return {"status": DeliveryStatus.FAILED, "due_at": None, "failures": failures}
    return {"failures": failures, "due_at": due_at}


def _instant(at: datetime) -> str:
    return at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
