"""Errors (RFC 9457)."""

from marshmallow import INCLUDE, Schema, fields


class Problem(Schema):
    """The format of every error; some codes add fields of their own."""

    class Meta:
        unknown = INCLUDE  # RFC 9457: readers leave aside what they do not know

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; for programs."})
    detail = fields.String(required=True, metadata={"description": "A sentence for people."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "Messages by field; empty if no field caused the error."},
    )
    request_id = fields.String(required=True)
    workspace_id = fields.Integer(
        metadata={"description": "With `workspace_exists`: the existing workspace."}
    )
    live_workspaces = fields.Integer(metadata={"description": "With `credential_in_use`: their number."})
    budget_id = fields.Integer(metadata={"description": "With `budget_reached`: the budget."})
    application_id = fields.Integer(
        metadata={"description": "With `application_exists`: the application, if it is one of yours."}
    )
    locked_fields = fields.List(
        fields.String(), metadata={"description": "With `workspace_locked`: those that would have to change."}
    )
