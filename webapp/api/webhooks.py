"""Webhooks: list, add, read, change, give a new key, test, delete; and what was sent."""

from typing import Any

from flask import current_app, url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp, caller_key
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import check_tag, conditional, readable, tagged
from webapp.api.idempotency import hold_secret
from webapp.api.paging import Key, Page, answer, answer_counted, cut, row_after
from webapp.api.schemas.fields import PageQuery
from webapp.api.schemas.webhook import (
    DeliveryDetails,
    DeliveryList,
    NewWebhook,
    WebhookChange,
    WebhookDetails,
    WebhookList,
    WebhookMade,
    WebhookSettings,
)
from webapp.api.showing import members
from webapp.domain.permissions import Permission
from webapp.extensions import limiter
from webapp.identity import company_id, service_context
from webapp.models import WebhookDelivery, WebhookEndpoint
from webapp.queries import webhooks as queries
from webapp.services import webhooks as service

TAG = ["webhooks"]
ONE = "/webhooks/<int:endpoint_id>/"


@bp.route("/webhooks/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WEBHOOKS)
@refuses(s422="invalid")
@bp.arguments(PageQuery, location="query", unknown=RAISE)
@bp.response(200, WebhookList)
def list_webhooks(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's webhooks in the order in which they were added."""
    page = Page(**query)
    found = queries.list_endpoints(service_context().session, company_id=company_id())
    rows = cut(found, page=page, key=_key, shape=(int,))
    return answer("webhooks", rows, count=len(found), page=page, key=_key, show=_show)


@bp.route("/webhooks/", methods=["POST"], tags=TAG)
@allows(Permission.MANAGE_WEBHOOKS)
@refuses(s409="too_many_webhooks", s422="invalid")
@bp.arguments(NewWebhook)
@bp.response(201, WebhookMade)
def create_webhook(given: dict[str, Any]) -> ResponseReturnValue:
    """Add a webhook. The answer has its signing key, once."""
    endpoint, key = service.add_endpoint(service_context(), company_id=company_id(), **given)
    place = url_for("api.get_webhook", endpoint_id=endpoint.id)
    return _show_made(endpoint, key), 201, {"Location": place}


@bp.route("/webhooks/settings/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WEBHOOKS)
@refuses()
@readable
@bp.response(200, WebhookSettings)
@tagged(WebhookSettings)
def get_webhook_settings() -> dict[str, Any]:
    """Get what the company has chosen for its events."""
    return {"idle_days": queries.idle_days(service_context().session, company_id=company_id())}


@bp.route("/webhooks/settings/", methods=["PUT"], tags=TAG)
@allows(Permission.MANAGE_WEBHOOKS)
@refuses(s412="precondition_failed", s422="invalid")
@conditional
@bp.arguments(WebhookSettings)
@bp.response(200, WebhookSettings)
@tagged(WebhookSettings)
def change_webhook_settings(given: dict[str, Any]) -> dict[str, Any]:
    """Choose after how many days without a connection a workspace is idle, from the next look on."""
    before = queries.lock_idle_days(service_context().session, company_id=company_id())
    check_tag(WebhookSettings, {"idle_days": before})
    service.set_idle_days(service_context(), given["idle_days"], company_id=company_id())
    return given


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_WEBHOOKS)
@refuses(s404="not_found")
@readable
@bp.response(200, WebhookDetails)
@tagged(WebhookDetails)
def get_webhook(endpoint_id: int) -> dict[str, Any]:
    """Get a webhook, without its key."""
    return _show(_load(endpoint_id))


@bp.route(ONE, methods=["PUT"], tags=TAG)
@allows(Permission.MANAGE_WEBHOOKS)
@refuses(s404="not_found", s412="precondition_failed", s422="invalid")
@conditional
@bp.arguments(WebhookChange)
@bp.response(200, WebhookDetails)
@tagged(WebhookDetails)
def change_webhook(given: dict[str, Any], endpoint_id: int) -> dict[str, Any]:
    """Choose other events, pause it or resume it. Omitted fields stay unchanged."""
    _lock(endpoint_id)
    return _show(service.change_endpoint(service_context(), endpoint_id, company_id=company_id(), **given))


@bp.route(ONE, methods=["DELETE"], tags=TAG)
@allows(Permission.MANAGE_WEBHOOKS)
@refuses(s404="not_found", s412="precondition_failed")
@conditional
@bp.response(204)
def delete_webhook(endpoint_id: int) -> ResponseReturnValue:
    """Delete a webhook with its log and waiting messages."""
    _lock(endpoint_id)
    service.remove_endpoint(service_context(), endpoint_id, company_id=company_id())
    return "", 204


@bp.route(f"{ONE}rotate/", methods=["POST"], tags=TAG)
@allows(Permission.MANAGE_WEBHOOKS)
@refuses(s404="not_found")
@bp.response(200, WebhookMade)
def rotate_webhook(endpoint_id: int) -> dict[str, Any]:
    """Make a new signing key, shown once. All messages from now on are signed with it, repeated ones too."""
    return _show_made(*service.rotate_key(service_context(), endpoint_id, company_id=company_id()))


@bp.route(f"{ONE}test/", methods=["POST"], tags=TAG)
@limiter.limit(lambda: str(current_app.config["REDELIVERY_RATE"]), key_func=caller_key)
@allows(Permission.MANAGE_WEBHOOKS)
@refuses(s404="not_found", s409="webhook_paused")
@bp.response(202, DeliveryDetails)
def test_webhook(endpoint_id: int) -> dict[str, Any]:
    """Send the message `webhook.test`. What became of it is in the deliveries."""
    return _show_delivery(service.send_test(service_context(), endpoint_id, company_id=company_id()))


@bp.route(f"{ONE}deliveries/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WEBHOOKS)
@refuses(s404="not_found", s422="invalid")
@bp.arguments(PageQuery, location="query", unknown=RAISE)
@bp.response(200, DeliveryList)
def list_deliveries(query: dict[str, Any], endpoint_id: int) -> dict[str, Any]:
    """List what was sent to a webhook or waits, newest first, with the latest attempts."""
    page = Page(**query)
    after, session, endpoint = page.after(int), service_context().session, _load(endpoint_id)
    rows = queries.list_deliveries(
        session,
        endpoint=endpoint,
        limit=page.limit + 1,
        before_id=None if after is None else row_after(after),
    )
    count = queries.count_deliveries(session, endpoint=endpoint)
    return answer_counted("deliveries", rows, count=count, page=page, key=_place, show=_show_delivery)


def _load(endpoint_id: int) -> WebhookEndpoint:
    return queries.get_endpoint(service_context().session, endpoint_id, company_id=company_id())


def _lock(endpoint_id: int) -> None:
    """Held until the change is written. Raises PreconditionFailed."""
    found = queries.lock_endpoint(service_context().session, endpoint_id, company_id=company_id())
    check_tag(WebhookDetails, _show(found))


def _key(endpoint: WebhookEndpoint) -> Key:
    return (endpoint.id,)


def _place(delivery: WebhookDelivery) -> Key:
    return (-delivery.id,)


def _show(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return members(WebhookDetails, endpoint)


def _show_made(endpoint: WebhookEndpoint, key: str) -> dict[str, Any]:
    hold_secret()
    return _show(endpoint) | {"signing_key": key}


def _show_delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    return members(DeliveryDetails, delivery, status=delivery.status.value)
