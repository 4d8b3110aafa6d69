"""What a workspace tells about itself beside its details: its use, and how to connect."""

from marshmallow import Schema, fields

from webapp.api.schemas.costs import MonthCost
from webapp.api.schemas.fields import Instant
from webapp.api.schemas.workspace import CONNECTION_STATES, STATES


class UsageDetails(Schema):
    provisioning_seconds = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "From the order, or its planned time, until it was first available."},
    )
    time_in_state_seconds = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "By state, from the workspace's log."},
    )
    running_seconds = fields.Integer(
        required=True, metadata={"description": "Total time in states in which the machine is switched on."}
    )
    attempts = fields.Integer(
        required=True, metadata={"description": "How many times a machine was ordered."}
    )
    connection_state = fields.String(
        required=True,
        allow_none=True,
        metadata={"enum": [*CONNECTION_STATES, None], "description": "As in the workspace."},
    )
    last_connected_at = Instant(required=True, allow_none=True)
    since = Instant(required=True, metadata={"description": "Start of the period that these figures cover."})
    cost = fields.Nested(
        MonthCost, required=True, metadata={"description": "Of this month; two figures that are never added."}
    )


class ConnectionDetails(Schema):
    cloud_provider = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": STATES})
    username = fields.String(required=True)
    connection_string = fields.String(required=True, allow_none=True)
    registration_code = fields.String(required=True, allow_none=True)
    web_client_url = fields.String(required=True, allow_none=True)
    client_download_url = fields.String(required=True, allow_none=True)
    steps = fields.List(fields.String(), required=True)
