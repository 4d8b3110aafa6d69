"""Errors (RFC 9457)."""

from marshmallow import Schema, fields


class Problem(Schema):
    """What every refusal looks like; some codes add members of their own."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; made for programs."})
    detail = fields.String(required=True, metadata={"description": "A sentence for people."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "Sentences by field; empty when no field is to blame."},
    )
    request_id = fields.String(required=True)
