"""Webhooks: a company adds the URLs that receive events, and resends what did not arrive."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select, update

from webapp.domain.addresses import is_inside, split_url
from webapp.domain.connections import MOST_IDLE_DAYS
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.plain_text import plain
from webapp.domain.webhooks import KINDS, new_signing_key
from webapp.models import Company, DeliveryStatus, WebhookDelivery, WebhookEndpoint
from webapp.models.webhook import URL_LENGTH, write_test
from webapp.queries import webhooks as queries
from webapp.queueing import JobName
from webapp.services.context import ServiceContext

MOST_ENDPOINTS = 10
"""Per company: every change writes a message for each of them."""


def add_endpoint(
    context: ServiceContext, *, company_id: int, url: str, kinds: Sequence[str]
) -> tuple[WebhookEndpoint, str]:
    """Create the endpoint; also return its signing key, shown only this once. Raises Invalid, Conflict."""
    # Two at once take turns on the company's row, so that each counts the other's.
    context.session.execute(
        select(Company.id).where(Company.id == company_id).with_for_update(key_share=True)
    )
    if len(queries.list_endpoints(context.session, company_id=company_id)) >= MOST_ENDPOINTS:
        context.session.rollback()
        raise Conflict(f"A company can have up to {MOST_ENDPOINTS} webhooks.", code="too_many_webhooks")
    key = new_signing_key()
    endpoint = WebhookEndpoint(
        uid=uuid.uuid4().hex,
        company_id=company_id,
        url=_checked_url(context, url),
        kinds=_checked_kinds(kinds),
        is_active=True,
        created_at=context.clock.now(),
        lease_token=0,
    )
    endpoint.sealed_secret = context.webhook_sealer.seal(key, bound_to=endpoint.secret_binding)
    context.session.add(endpoint)
    context.session.commit()
    return endpoint, key


def change_endpoint(
    context: ServiceContext,
    endpoint_id: int,
    *,
    company_id: int,
    kinds: Sequence[str] | None = None,
    is_active: bool | None = None,
) -> WebhookEndpoint:
    """What is None stays. The URL never changes, because the key is bound to it. Raises NotFound, Invalid."""
    endpoint = queries.lock_endpoint(context.session, endpoint_id, company_id=company_id)
    if kinds is not None:
        endpoint.kinds = _checked_kinds(kinds)
    if is_active is not None:
        endpoint.is_active = is_active
    context.session.commit()
    context.notifier.notify(JobName.DELIVER, endpoint_id)
    return endpoint


def rotate_key(context: ServiceContext, endpoint_id: int, *, company_id: int) -> tuple[WebhookEndpoint, str]:
    """A new signing key, shown only this once; the next message is signed with it. Raises NotFound."""
    endpoint, key = (
        queries.lock_endpoint(context.session, endpoint_id, company_id=company_id),
        new_signing_key(),
    )
    endpoint.sealed_secret = context.webhook_sealer.seal(key, bound_to=endpoint.secret_binding)
    context.session.commit()
    return endpoint, key


def send_test(context: ServiceContext, endpoint_id: int, *, company_id: int) -> WebhookDelivery:
    """A message that says nothing, signed and retried like any other. Raises NotFound, Conflict."""
    endpoint = queries.lock_endpoint(context.session, endpoint_id, company_id=company_id)
    if not endpoint.is_active:
        context.session.rollback()
        raise _paused()
    delivery = write_test(context.session, endpoint, at=context.clock.now())
    context.session.commit()
    context.notifier.notify(JobName.DELIVER, endpoint_id)
    return delivery


def set_active(context: ServiceContext, endpoint_id: int, *, company_id: int, is_active: bool) -> None:
    """Pause or resume; events during a pause are not sent later. Raises NotFound."""
    endpoint = queries.get_endpoint(context.session, endpoint_id, company_id=company_id)
    endpoint.is_active = is_active
    context.session.commit()
    context.notifier.notify(JobName.DELIVER, endpoint_id)


def set_idle_days(context: ServiceContext, days: int | None, *, company_id: int) -> None:
    """After how many days without a connection a desktop of the company is idle. Commits. Raises Invalid."""
    if days is None or not 1 <= days <= MOST_IDLE_DAYS:
        raise Invalid(f"Enter a number of days from 1 to {MOST_IDLE_DAYS}.", field="idle_days")
    context.session.get_one(Company, company_id).idle_days = days
    context.session.commit()


def remove_endpoint(context: ServiceContext, endpoint_id: int, *, company_id: int) -> None:
    """Delete it with its log and waiting messages. Raises NotFound."""
    context.session.delete(queries.get_endpoint(context.session, endpoint_id, company_id=company_id))
    context.session.commit()


def redeliver(context: ServiceContext, delivery_id: int, *, company_id: int) -> WebhookDelivery:
    """Send it now, whatever its state: same id and body, attempts start over. Raises NotFound, Conflict."""
    delivery = queries.get_delivery(context.session, delivery_id, company_id=company_id)
    if not delivery.endpoint.is_active:
        context.session.rollback()
        raise _paused()
    now, endpoint_id = context.clock.now(), delivery.endpoint_id
    context.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id == delivery.id)
        .values(status=DeliveryStatus.WAITING, due_at=now, failures=0)
    )
    # The person may have just fixed the receiver, so do not wait for the pause to end.
    context.session.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .values(lease_until=None, lease_token=WebhookEndpoint.lease_token + 1)
    )
    context.session.commit()
    context.notifier.notify(JobName.DELIVER, endpoint_id)
    return delivery


def _paused() -> Conflict:
    return Conflict("This webhook is paused. Resume it first.", code="webhook_paused")


def _checked_url(context: ServiceContext, text: str) -> str:
    """Validate the URL's format; the worker checks where it leads before every request."""
    url = plain(text)
    schemes = ("https",) if context.settings.is_production else ("https", "http")
    parts = split_url(url, most=URL_LENGTH)
    if parts is None or parts.scheme not in schemes:
        raise Invalid(
            "Enter a full URL in ASCII characters, such as https://hooks.example.com/berth.", field="url"
        )
    if parts.username or parts.password or parts.fragment:
        raise Invalid("Leave out the user name, the password and everything after “#”.", field="url")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if port not in context.settings.webhook_ports:
        allowed = ", ".join(map(str, sorted(context.settings.webhook_ports)))
        raise Invalid(f"Berth sends webhooks to these ports only: {allowed}.", field="url")
    if is_inside(parts.hostname or ""):
        raise Invalid(
            "The URL must be reachable from the public internet, not inside a private network.", field="url"
        )
    return url


def _checked_kinds(kinds: Sequence[str]) -> list[str]:
    wanted = [kind for kind in KINDS if kind in kinds]
    if not wanted or len(wanted) != len(set(kinds)):
        raise Invalid("Choose at least one event.", field="kinds")
    return wanted
