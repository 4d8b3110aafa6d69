"""Webhooks: a company says where it wants to be told, and sends again what did not arrive."""

import uuid
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import update

from webapp.domain.addresses import is_public
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.webhooks import KINDS, new_signing_key
from webapp.models import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from webapp.models.webhook import URL_LENGTH
from webapp.queries import webhooks as queries
from webapp.queueing import JobName
from webapp.services.context import ServiceContext

MOST_ENDPOINTS = 10
"""Of a company: each of them is written to at every change."""


def add_endpoint(
    context: ServiceContext, *, company_id: int, url: str, kinds: Sequence[str]
) -> tuple[WebhookEndpoint, str]:
    """The endpoint, and the key that signs, which is shown this once. Raises Invalid, Conflict."""
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
    endpoint.sealed_secret = context.sealer.seal(key, bound_to=endpoint.secret_binding)
    context.session.add(endpoint)
    context.session.commit()
    return endpoint, key


def set_active(context: ServiceContext, endpoint_id: int, *, company_id: int, is_active: bool) -> None:
    """Pause or go on; what happens while it is paused is not told later. Raises NotFound."""
    endpoint = queries.get_endpoint(context.session, endpoint_id, company_id=company_id)
    endpoint.is_active = is_active
    context.session.commit()
    context.notifier.notify(JobName.DELIVER, endpoint_id)


def remove_endpoint(context: ServiceContext, endpoint_id: int, *, company_id: int) -> None:
    """With its log and with what waits for it. Raises NotFound."""
    context.session.delete(queries.get_endpoint(context.session, endpoint_id, company_id=company_id))
    context.session.commit()


def redeliver(context: ServiceContext, delivery_id: int, *, company_id: int) -> WebhookDelivery:
    """Send it now, whatever its state: same id and body, tries start over. Raises NotFound, Conflict."""
    delivery = queries.get_delivery(context.session, delivery_id, company_id=company_id)
    if not delivery.endpoint.is_active:
        context.session.rollback()
        raise Conflict("This webhook is paused. Resume it first.", code="webhook_paused")
    now, endpoint_id = context.clock.now(), delivery.endpoint_id
    context.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.id == delivery.id)
        .values(status=DeliveryStatus.WAITING, due_at=now, failures=0)
    )
    # A person who presses has perhaps mended the address just now: it need not rest any longer.
    context.session.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .values(lease_until=None, lease_token=WebhookEndpoint.lease_token + 1)
    )
    context.session.commit()
    context.notifier.notify(JobName.DELIVER, endpoint_id)
    return delivery


def _checked_url(context: ServiceContext, text: str) -> str:
    """What an address must look like; where it leads is judged at every call, by the worker."""
    url = text.strip()
    schemes = ("https",) if context.settings.is_production else ("https", "http")
    parts = _split(url)
    if parts is None or parts.scheme not in schemes:
        raise Invalid(
            "Enter a full URL in ASCII characters, such as https://hooks.example.com/berth.", field="url"
        )
    if parts.username or parts.password or parts.fragment:
        raise Invalid("Leave out the user name, the password and everything after “#”.", field="url")
    if _is_inside(parts.hostname or ""):
        raise Invalid(
            "The URL must be reachable from the public internet, not inside a private network.", field="url"
        )
    return url


def _split(url: str) -> SplitResult | None:
    """None for what is no address of a server."""
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > URL_LENGTH:
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _is_inside(host: str) -> bool:
    """A bare address that is not out in the world; of a name nothing is known yet."""
    looks_like_one = ":" in host or host.replace(".", "").isdigit()
    return looks_like_one and not is_public(host)


def _checked_kinds(kinds: Sequence[str]) -> list[str]:
    wanted = [kind for kind in KINDS if kind in kinds]
    if not wanted or len(wanted) != len(set(kinds)):
        raise Invalid("Choose at least one event.", field="kinds")
    return wanted
