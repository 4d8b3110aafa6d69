"""The log of a workspace."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import CountedPage, Instant, PageQuery
from webapp.domain.decisions.note import Level

LEVELS = [level.value for level in Level]


class LogQuery(PageQuery):
    level = fields.String(load_default=None, validate=OneOf(LEVELS))


class LogLine(Schema):
    at = Instant(required=True)
    level = fields.String(required=True, metadata={"enum": LEVELS})
    event = fields.String(required=True)
    message = fields.String(required=True)
    actor = fields.String(required=True)
    from_state = fields.String(required=True, allow_none=True)
    to_state = fields.String(required=True, allow_none=True)
    request_id = fields.String(required=True, allow_none=True)
    details = fields.Dict(required=True)


class LogList(CountedPage):
    logs = fields.List(fields.Nested(LogLine), required=True)
