"""Errors (RFC 9457)."""

from marshmallow import INCLUDE, Schema, fields


class Problem(Schema):
    """What every refusal looks like; some codes add members of their own."""

    class Meta:
        unknown = INCLUDE  # RFC 9457: readers leave aside what they do not know

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
    workspace_id = fields.Integer(metadata={"description": "With `workspace_exists`: which one."})
    live_workspaces = fields.Integer(metadata={"description": "With `credential_in_use`: how many."})
