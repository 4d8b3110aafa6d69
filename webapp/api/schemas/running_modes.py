"""Running modes by real use."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from webapp.domain.costs.modes import NotSwitched, Switching

_SWITCHING = [one.value for one in Switching]
_WHY_NOT = (
    "Why it is left to you: `days_only` (of an always-on workspace the hours of use are not known),"
    " `contract_ends` (before the end of next month), `counts_more` (budgets have no room). Null: nothing."
)


class SwitchingChoice(Schema):
    switching = fields.String(
        required=True,
        validate=OneOf(_SWITCHING),
        metadata={
            "description": "`advise`: compare each night; `switch`: and change the mode in the last hours of"
            " a month, where it is certain."
        },
    )


class CheaperWorkspace(Schema):
    workspace_id = fields.Integer(required=True)
    running_mode = fields.String(required=True)
    cheaper_mode = fields.String(required=True)
    month = fields.Date(required=True, metadata={"description": "The first day of the month compared."})
    hours = fields.Integer(
        required=True,
        metadata={"description": "Charged by the hour; at most, of one that is always on."},
    )
    saves_minor = fields.Integer(
        required=True, metadata={"description": "In that month, by list prices, in minor units."}
    )
    currency = fields.String(required=True)
    why_not = fields.String(
        required=True,
        allow_none=True,
        metadata={"enum": [*(one.value for one in NotSwitched), None], "description": _WHY_NOT},
    )


class RunningModes(Schema):
    switching = fields.String(required=True, metadata={"enum": _SWITCHING})
    workspaces = fields.List(
        fields.Nested(CheaperWorkspace),
        required=True,
        metadata={"description": "The largest savings first; at most 200 of a cloud account."},
    )
