"""Costs: amounts in minor units with their currency. Estimated and billed figures are never added."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import Instant, PageAnswer, PageQuery

GROUPINGS = ("job", "person", "bundle", "cloud", "credential", "day")


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
        metadata={
            "description": "Until the month's end, if used as in the newest days; empty for half a day."
        },
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


class WholeCost(Schema):
    """From the first day on."""

    estimated = fields.List(fields.Nested(Amount), required=True)
    billed = fields.List(fields.Nested(Amount), required=True)


class DesktopWholeCost(WholeCost):
    workspace_id = fields.Integer(required=True)


class ContractCost(WholeCost):
    workspaces = fields.List(
        fields.Nested(DesktopWholeCost),
        required=True,
        metadata={"description": "Oldest first: from person to person, and all orders for each of them."},
    )


class WorkspaceCostDetails(Schema):
    month = fields.Date(required=True, metadata={"description": "Its first day. Days are UTC."})
    estimated = fields.Nested(EstimatedCosts, required=True)
    billed = fields.Nested(BilledCosts, required=True)
    contract = fields.Nested(
        ContractCost,
        required=True,
        metadata={"description": "Of all workspaces of its contract, also before a hand-over."},
    )


class MonthCost(Schema):
    month = fields.Date(required=True, metadata={"description": "Its first day. Days are UTC."})
    estimated = fields.List(
        fields.Nested(Amount),
        required=True,
        allow_none=True,
        metadata={"description": "So far, as in costs/; null if nothing is known."},
    )
    billed = fields.List(
        fields.Nested(Amount),
        required=True,
        allow_none=True,
        metadata={"description": "As in costs/; null if the bill has no day of the month yet."},
    )


class CostQuery(PageQuery):
    group_by = fields.String(load_default="job", validate=OneOf(GROUPINGS))
    first = fields.Date(
        data_key="from",
        load_default=None,
        metadata={"description": "The first day (UTC); by default the first of the month of `to`."},
    )
    last = fields.Date(
        data_key="to",
        load_default=None,
        metadata={"description": "The last day (UTC), of at most 400; by default today."},
    )


class GroupCosts(Schema):
    key = fields.String(
        required=True,
        metadata={
            "description": "An id, a bundle's name, a cloud or a day; of a remainder its name, `pool:`"
            " and an id for what waits in a warm pool."
        },
    )
    is_remainder = fields.Boolean(
        required=True, metadata={"description": "True: of the bill, and no workspace explains it."}
    )
    currency = fields.String(required=True, metadata={"description": "ISO 4217."})
    estimated_minor = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null if nothing is estimated."}
    )
    billed_minor = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null if nothing is billed yet."}
    )


class CostList(PageAnswer):
    costs = fields.List(fields.Nested(GroupCosts), required=True)
