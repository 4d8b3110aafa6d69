"""Costs: amounts in minor units with their currency. Estimated and billed figures are never added."""

from marshmallow import Schema, fields

from webapp.api.schemas.fields import Instant


class Amount(Schema):
    amount_minor = fields.Integer(
        required=True,
        metadata={"description": "In the currency's minor unit: cents of USD, whole yen of JPY."},
    )
    currency = fields.String(required=True, metadata={"description": "ISO 4217.", "examples": ["USD"]})


class EstimatedCosts(Schema):
    so_far = fields.List(
        fields.Nested(Amount),
        required=True,
        metadata={"description": "List prices × logged time, from the first of the month until now."},
    )
    until_end = fields.List(
        fields.Nested(Amount),
        required=True,
        metadata={"description": "Until the month's end, if it is used as in the newest days."},
    )
    is_complete = fields.Boolean(
        required=True, metadata={"description": "False: for a part of it no price is known."}
    )
    known_since = Instant(
        required=True, allow_none=True, metadata={"description": "Since when its use is logged."}
    )


class BilledCosts(Schema):
    amounts = fields.List(
        fields.Nested(Amount), required=True, metadata={"description": "Its share of the account's bill."}
    )
    through = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "The newest day of the month in the bill; null if there is none yet."},
    )
    is_provisional = fields.Boolean(
        required=True, metadata={"description": "True: the cloud may still change it."}
    )
    read_at = Instant(required=True, allow_none=True, metadata={"description": "Null if it never was."})
    refused = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it is not read, in words; null: it is."}
    )


class WorkspaceCostDetails(Schema):
    month = fields.Date(required=True, metadata={"description": "Its first day. Days are UTC."})
    estimated = fields.Nested(EstimatedCosts, required=True)
    billed = fields.Nested(BilledCosts, required=True)
