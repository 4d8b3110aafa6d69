"""Budgets: limits and figures in minor units with their currency."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import OneOf, Range

from webapp.api.schemas.fields import Instant, PageAnswer, object_id, text
from webapp.domain.costs.budgets import Subject, Term
from webapp.models.budget import REASON_LENGTH
from webapp.services.budgets import LARGEST_AMOUNT

SUBJECTS = [one.value for one in Subject]


def _limit(says: str) -> fields.Integer:
    return fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=Range(1, LARGEST_AMOUNT),
        metadata={"description": says},
    )


class BudgetChange(Schema):
    """At least one limit; null, or omitted: none."""

    month_minor = _limit("The limit of each month (UTC), in the currency's minor unit.")
    total_minor = _limit("The limit of all months together.")

    @validates_schema
    def check_there_is_a_limit(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's signature
        if data["month_minor"] is None and data["total_minor"] is None:
            raise ValidationError("Enter a limit: for each month, for the whole, or both.", "month_minor")


class NewBudget(BudgetChange):
    subject = fields.String(required=True, validate=OneOf(SUBJECTS))
    job_posting_id = object_id(
        load_default=None, allow_none=True, metadata={"description": "With the subject `job`."}
    )
    cohort_id = object_id(
        load_default=None, allow_none=True, metadata={"description": "With the subject `cohort`."}
    )
    currency = text(
        longest=3, shortest=3, required=True, metadata={"description": "ISO 4217.", "examples": ["USD"]}
    )


class BudgetLift(Schema):
    until = fields.AwareDateTime(
        required=True, metadata={"description": "In the future, at most a year from now."}
    )
    reason = text(longest=REASON_LENGTH, shortest=1, required=True)


class BudgetFigure(Schema):
    term = fields.String(
        required=True, metadata={"enum": [one.value for one in Term], "description": "Of which limit."}
    )
    limit_minor = fields.Integer(required=True)
    spent_minor = fields.Integer(
        required=True,
        metadata={"description": "Of the days that are over: the higher of billed and estimated."},
    )
    still_to_come_minor = fields.Integer(
        required=True, metadata={"description": "List prices of live workspaces until the month's end."}
    )


class BudgetDetails(Schema):
    id = object_id(required=True)
    subject = fields.String(required=True, metadata={"enum": SUBJECTS})
    job_posting_id = object_id(required=True, allow_none=True)
    cohort_id = object_id(required=True, allow_none=True)
    currency = fields.String(required=True, metadata={"description": "ISO 4217."})
    month_minor = fields.Integer(required=True, allow_none=True)
    total_minor = fields.Integer(required=True, allow_none=True)
    figures = fields.List(
        fields.Nested(BudgetFigure), required=True, metadata={"description": "One for each limit."}
    )
    unpriced_workspaces = fields.Integer(
        required=True, metadata={"description": "Live ones without a known price: not in the figures."}
    )
    foreign_workspaces = fields.Integer(
        required=True, metadata={"description": "Live ones priced in another currency: not in the figures."}
    )
    is_lifted = fields.Boolean(required=True, metadata={"description": "True: orders pass."})
    lifted_until = Instant(required=True, allow_none=True, metadata={"description": "Of the newest lift."})
    lift_reason = fields.String(required=True, allow_none=True)
    lifted_by = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    version = fields.Integer(required=True)


class BudgetList(PageAnswer):
    budgets = fields.List(fields.Nested(BudgetDetails), required=True)
