"""Findings of the troubleshooter."""

from marshmallow import Schema, fields

from webapp.api.schemas.fields import Instant
from webapp.api.schemas.workspace import STATES
from webapp.domain.findings import RemedyAction, Severity


class RemedyDetails(Schema):
    action = fields.String(required=True, metadata={"enum": [action.value for action in RemedyAction]})
    label = fields.String(required=True)
    href = fields.String(required=True, metadata={"description": "Path of the call."})
    data_loss = fields.Boolean(
        required=True, metadata={"description": "Whether data on the desktop is lost; the label says which."}
    )
    cost = fields.String(
        required=True, metadata={"description": "What it costs in data; empty where that is no question."}
    )
    snapshot_at = Instant(
        required=True, allow_none=True, metadata={"description": "Of when files come back, if it is known."}
    )
    tried_at = Instant(
        required=True, allow_none=True, metadata={"description": "When it was tried within the last day."}
    )


class FindingDetails(Schema):
    code = fields.String(required=True, metadata={"description": "Stable; for programs."})
    severity = fields.String(required=True, metadata={"enum": [severity.value for severity in Severity]})
    summary = fields.String(required=True)
    explanation = fields.String(required=True)
    evidence = fields.Dict(required=True, keys=fields.String())
    remedies = fields.List(fields.Nested(RemedyDetails), required=True)


class Diagnosis(Schema):
    state = fields.String(required=True, metadata={"enum": STATES})
    checked_at = Instant(required=True)
    findings = fields.List(fields.Nested(FindingDetails), required=True)
