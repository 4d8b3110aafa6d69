"""A move of a workspace to another size of its system."""

from marshmallow import Schema, fields

from webapp.api.schemas.fields import Instant, text


class Moving(Schema):
    bundle_id = fields.String(required=True, metadata={"description": "The size that it moves to."})
    bundle_name = fields.String(required=True)
    requested_at = Instant(required=True, allow_none=True)
    sent_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When the cloud was asked; null: it can still be withdrawn."},
    )


def moving_field() -> fields.Nested:
    return fields.Nested(
        Moving,
        required=True,
        allow_none=True,
        metadata={"description": "The move that is asked for, until the cloud has accepted it; null: none."},
    )


class Moved(Schema):
    moving = moving_field()


class MoveRequest(Schema):
    bundle_id = text(
        longest=120,
        shortest=1,
        required=True,
        metadata={"description": "One of the `targets`.", "examples": ["wsb-1234567890"]},
    )


class MoveTarget(Schema):
    bundle_id = fields.String(required=True)
    name = fields.String(required=True)
    month_price_minor = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "A usual month in its running mode, in the minor unit; null: not known."},
    )
    price_currency = fields.String(required=True, allow_none=True, metadata={"description": "ISO 4217."})


class Moves(Schema):
    moving = moving_field()
    retirement = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why the cloud ends the present size, and when; null: it does not."},
    )
    refusal = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it cannot be moved now."}
    )
    targets = fields.List(
        fields.Nested(MoveTarget),
        required=True,
        metadata={"description": "The sizes that it can move to; none while there is a `refusal`."},
    )
