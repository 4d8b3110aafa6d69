"""Capacity: what comes in the next 30 days, and what each cloud account has left for it."""

from marshmallow import Schema, fields

from webapp.api.schemas.fields import Instant, object_id
from webapp.domain.capacity import Limit
from webapp.domain.quota import QuotaUnit

LIMITS = [one.value for one in Limit]


class CapacityShortage(Schema):
    limit = fields.String(required=True, metadata={"enum": LIMITS})
    at = Instant(required=True, metadata={"description": "The first start that it concerns."})
    missing = fields.Integer(
        required=True, metadata={"description": "At the worst moment: in the quota's unit, else desktops."}
    )


class CapacityDay(Schema):
    day = fields.Date(required=True, metadata={"description": "Of UTC."})
    starts = fields.Integer(required=True, metadata={"description": "Approved people without a desktop."})
    orders = fields.Integer(required=True, metadata={"description": "Ordered and not made yet."})
    ends = fields.Integer(required=True)
    quota_left = fields.Integer(required=True, allow_none=True)
    addresses_left = fields.Integer(required=True, allow_none=True)


class AccountCapacity(Schema):
    credential_id = object_id(required=True)
    quota_unit = fields.String(
        required=True, allow_none=True, metadata={"enum": [*(one.value for one in QuotaUnit), None]}
    )
    quota_limit = fields.Integer(required=True, allow_none=True)
    quota_left = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "As last read, less what was made since; null: not known."},
    )
    quota_checked_at = Instant(required=True, allow_none=True)
    free_addresses = fields.Integer(required=True, allow_none=True)
    addresses_checked_at = Instant(required=True, allow_none=True)
    creates_per_minute = fields.Integer(required=True)
    shortages = fields.List(fields.Nested(CapacityShortage), required=True)
    days = fields.List(fields.Nested(CapacityDay), required=True, metadata={"description": "Of 30."})
    quota_request = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The text that asks the cloud for more; null: the quota suffices."},
    )
    most_at_once = fields.Integer(required=True, metadata={"description": "In the last 30 days."})


class UnplacedStarts(Schema):
    day = fields.Date(required=True)
    starts = fields.Integer(required=True)


class CapacityDetails(Schema):
    accounts = fields.List(fields.Nested(AccountCapacity), required=True)
    unplaced = fields.List(
        fields.Nested(UnplacedStarts),
        required=True,
        metadata={"description": "People for whose job nothing was ordered yet: their account is not known."},
    )
