"""Webhooks: the URLs that receive events, and what was sent to them."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Range

from webapp.api.schemas.fields import CountedPage, Flag, Instant, PageAnswer, text
from webapp.domain.connections import MOST_IDLE_DAYS
from webapp.domain.webhooks import KINDS
from webapp.models import DeliveryStatus
from webapp.models.webhook import URL_LENGTH


def _named_once(kinds: list[str]) -> None:
    if len(set(kinds)) != len(kinds):
        raise ValidationError("Name each event once.")


def _kinds(**more: Any) -> fields.List:  # marshmallow's own keywords
    return fields.List(
        fields.String(validate=OneOf(KINDS)),
        validate=[Length(min=1, max=len(KINDS)), _named_once],
        metadata={"description": "Events to send, each named once.", "uniqueItems": True},
        **more,
    )


class NewWebhook(Schema):
    url = text(
        longest=URL_LENGTH,
        shortest=1,
        required=True,
        metadata={"examples": ["https://hooks.example.com/berth"]},
    )
    kinds = _kinds(required=True)


class WebhookSettings(Schema):
    idle_days = fields.Integer(
        required=True,
        strict=True,
        validate=Range(1, MOST_IDLE_DAYS),
        metadata={
            "description": "Days without a connection after which `workspace.idle` is sent.",
            "examples": [14],
        },
    )


class WebhookChange(Schema):
    """Omitted fields stay unchanged; at least one field is required. The URL never changes."""

    kinds = _kinds()
    is_active = Flag(
        metadata={"description": "False: paused; events during a pause are not sent later."},
    )

    @validates_schema
    def check_something_is_requested(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's signature
        if not data:
            raise ValidationError("Send at least one field to change.")


class WebhookDetails(Schema):
    id = fields.Integer(required=True)
    url = fields.String(required=True)
    kinds = fields.List(fields.String(), required=True)
    is_active = fields.Boolean(required=True)
    created_at = Instant(required=True)


class WebhookMade(WebhookDetails):
    signing_key = fields.String(required=True, metadata={"description": "Shown only in this answer."})


class WebhookList(PageAnswer):
    webhooks = fields.List(fields.Nested(WebhookDetails), required=True)


class DeliveryTry(Schema):
    at = fields.String(required=True)
    status = fields.Integer(required=True, allow_none=True, metadata={"description": "HTTP; null: none."})
    error = fields.String(required=True, allow_none=True)
    took_ms = fields.Integer(required=True)


class DeliveryDetails(Schema):
    id = fields.Integer(required=True)
    uid = fields.String(required=True, metadata={"description": "The header `webhook-id`."})
    kind = fields.String(required=True)
    status = fields.String(required=True, metadata={"enum": [status.value for status in DeliveryStatus]})
    due_at = Instant(required=True, allow_none=True)
    tries = fields.List(fields.Nested(DeliveryTry), required=True)


class DeliveryList(CountedPage):
    deliveries = fields.List(fields.Nested(DeliveryDetails), required=True)
