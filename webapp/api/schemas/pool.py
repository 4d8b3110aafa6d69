"""Warm pools."""

from marshmallow import Schema, fields
from marshmallow.validate import Range

from webapp.api.schemas.fields import Instant, object_id
from webapp.api.schemas.hours import WeeklyHours
from webapp.services.budgets import LARGEST_AMOUNT
from webapp.services.pools import LARGEST_POOL


class PoolSettings(Schema):
    floor = fields.Integer(
        strict=True,
        required=True,
        validate=Range(0, LARGEST_POOL),
        metadata={"description": "So many desktops are always ready, within the pool's hours."},
    )
    ceiling = fields.Integer(
        strict=True,
        required=True,
        validate=Range(0, LARGEST_POOL),
        metadata={"description": "Never more, whatever is ordered. 0: no pool."},
    )
    waits_running = fields.Boolean(
        load_default=False,
        metadata={"description": "True: they wait switched on, paid for by the hour."},
    )
    budget_minor = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=Range(1, LARGEST_AMOUNT),
        metadata={"description": "What all that wait may cost a month by list prices, in the minor unit."},
    )
    hours = fields.Nested(
        WeeklyHours,
        allow_none=True,
        metadata={"description": "In which `floor` are ready; null: always. Left out: as they are."},
    )


class PoolDetails(Schema):
    id = fields.Integer(
        required=True, metadata={"description": "In costs the remainder `pool:<id>` is what waits in it."}
    )
    bundle_id = fields.String(required=True)
    bundle_name = fields.String(required=True)
    credential_id = object_id(required=True)
    floor = fields.Integer(required=True)
    ceiling = fields.Integer(required=True)
    waits_running = fields.Boolean(required=True)
    budget_minor = fields.Integer(required=True, allow_none=True)
    hours = fields.Nested(WeeklyHours, required=True, allow_none=True)
    price_currency = fields.String(required=True, allow_none=True, metadata={"description": "ISO 4217."})
    day_price_minor = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "What those that stand cost a day, by list prices; null: not known."},
    )
    wanted = fields.Integer(required=True, metadata={"description": "How many should stand now."})
    ready = fields.Integer(required=True)
    being_made = fields.Integer(required=True)
    ending = fields.Integer(required=True)
    failures = fields.Integer(required=True, metadata={"description": "Desktops in a row that failed."})
    stopped_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why nothing more is made: an error code."},
    )
    stopped_at = Instant(required=True, allow_none=True)
    updated_at = Instant(required=True)
    version = fields.Integer(required=True)


class PoolList(Schema):
    pools = fields.List(fields.Nested(PoolDetails), required=True)
