"""Webhooks, inside their company."""

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.models import Company, DeliveryStatus, WebhookDelivery, WebhookEndpoint
from webapp.queries.branches import MOST_COUNTED, count_some

AnySession = Session | scoped_session[Session]


def list_endpoints(session: AnySession, *, company_id: int) -> list[WebhookEndpoint]:
    """In the order in which they were added."""
    return list(
        session.scalars(
            select(WebhookEndpoint)
            .where(WebhookEndpoint.company_id == company_id)
            .order_by(WebhookEndpoint.id)
        )
    )


def idle_days(session: AnySession, *, company_id: int) -> int:
    """After so many days without a connection a desktop is idle."""
    return session.scalars(_IDLE_DAYS.where(Company.id == company_id)).one()


def lock_idle_days(session: AnySession, *, company_id: int) -> int:
    """As they are now, and nobody else changes them before this transaction ends."""
    own = _IDLE_DAYS.where(Company.id == company_id)
    return session.scalars(own.with_for_update(key_share=True)).one()


_IDLE_DAYS = select(Company.idle_days)


def get_endpoint(session: AnySession, endpoint_id: int, *, company_id: int) -> WebhookEndpoint:
    endpoint = session.scalar(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.company_id == company_id)
        .execution_options(populate_existing=True)
    )
    if endpoint is None:
        raise NotFound("Webhook not found.")
    return endpoint


def lock_endpoint(session: AnySession, endpoint_id: int, *, company_id: int) -> WebhookEndpoint:
    """As it is now, and nobody else changes it before this transaction ends."""
    own = select(WebhookEndpoint).where(
        WebhookEndpoint.id == endpoint_id, WebhookEndpoint.company_id == company_id
    )
    endpoint = session.scalar(own.with_for_update(key_share=True).execution_options(populate_existing=True))
    if endpoint is None:
        raise NotFound("Webhook not found.")
    return endpoint


def count_deliveries(session: AnySession, *, endpoint: WebhookEndpoint) -> int:
    """Of an endpoint that was loaded inside its company; counted until there are more than MOST_COUNTED."""
    return count_some(session, select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == endpoint.id))


def get_delivery(session: AnySession, delivery_id: int, *, company_id: int) -> WebhookDelivery:
    delivery = session.scalar(
        select(WebhookDelivery)
        .join(WebhookDelivery.endpoint)
        .options(joinedload(WebhookDelivery.endpoint), joinedload(WebhookDelivery.event))
        .where(WebhookDelivery.id == delivery_id, WebhookEndpoint.company_id == company_id)
        .execution_options(populate_existing=True)
    )
    if delivery is None:
        raise NotFound("Delivery not found.")
    return delivery


def list_deliveries(
    session: AnySession, *, endpoint: WebhookEndpoint, limit: int, before_id: int | None = None
) -> list[WebhookDelivery]:
    """Newest first, with their events; of an endpoint that was loaded inside its company."""
    query = (
        select(WebhookDelivery)
        .options(joinedload(WebhookDelivery.event))
        .where(WebhookDelivery.endpoint_id == endpoint.id)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query if before_id is None else query.where(WebhookDelivery.id < before_id)))


def count_by_status(session: AnySession, *, company_id: int) -> dict[tuple[int, DeliveryStatus], int]:
    """How many messages of each endpoint are waiting, delivered or failed; at most MOST_COUNTED + 1 each."""
    counts = [_capped(status).label(status.value) for status in DeliveryStatus]
    rows = session.execute(
        select(WebhookEndpoint.id, *counts)
        .where(WebhookEndpoint.company_id == company_id)
        .order_by(WebhookEndpoint.id)
    )
    return {
        (row[0], status): count for row in rows for status, count in zip(DeliveryStatus, row[1:], strict=True)
    }


def _capped(status: DeliveryStatus) -> ScalarSelect[int]:
    some = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.endpoint_id == WebhookEndpoint.id, WebhookDelivery.status == status)
        .correlate(WebhookEndpoint)
        .limit(MOST_COUNTED + 1)
    )
    return select(func.count()).select_from(some.subquery()).scalar_subquery()
