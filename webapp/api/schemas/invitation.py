"""Invitations: of colleagues, and of people to be hired."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import CountedPage, Instant, PageQuery, object_id, text
from webapp.api.schemas.window import end_of_window, start_of_window, zone_of_window
from webapp.domain.roles import CompanyRole
from webapp.models import InvitationKind
from webapp.models.invitation import InvitationState

KINDS = [kind.value for kind in InvitationKind]
STATES = [state.value for state in InvitationState]
COMPANY_ROLES = [role.value for role in CompanyRole]
LONGEST_EMAIL, LONGEST_NAME = 254, 120


class NewInvitation(Schema):
    kind = fields.String(
        required=True,
        validate=OneOf(KINDS),
        metadata={"description": "`hire`: approved for a job posting when the person accepts."},
    )
    email = text(
        longest=LONGEST_EMAIL, shortest=3, required=True, metadata={"examples": ["mina.park@example.com"]}
    )
    name = text(longest=LONGEST_NAME, load_default="", metadata={"description": "The person may correct it."})
    job_posting_id = object_id(
        load_default=None, allow_none=True, metadata={"description": "With the kind `hire`."}
    )
    company_role = fields.String(
        load_default=None,
        allow_none=True,
        validate=OneOf(COMPANY_ROLES),
        metadata={"description": "With the kind `colleague`: at most what the caller may do."},
    )
    starts_at = start_of_window(load_default=None)
    ends_at = end_of_window(load_default=None)
    window_zone = zone_of_window()

    @validates_schema
    def check_what_the_kind_needs(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's signature
        needed, foreign = "company_role", "job_posting_id"
        if data["kind"] == InvitationKind.HIRE:
            needed, foreign = foreign, needed
        if data[needed] is None:
            raise ValidationError("Needed for this kind.", needed)
        of_a_hire = () if data["kind"] == InvitationKind.HIRE else ("starts_at", "ends_at")
        for name in (foreign, *of_a_hire):
            if data[name] is not None:
                raise ValidationError("Not for this kind.", name)


class InvitationQuery(PageQuery):
    kind = fields.String(load_default=None, validate=OneOf(KINDS))
    job_posting_id = object_id(strict=False, load_default=None)
    email = text(longest=LONGEST_EMAIL, load_default=None)


class InvitationDetails(Schema):
    id = fields.Integer(required=True)
    kind = fields.String(required=True, metadata={"enum": KINDS})
    email = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "As the company wrote it."})
    company_role = fields.String(required=True, allow_none=True, metadata={"enum": [*COMPANY_ROLES, None]})
    job_posting_id = fields.Integer(required=True, allow_none=True)
    starts_at = Instant(
        required=True, allow_none=True, metadata={"description": "Of the contract, from the approval on."}
    )
    ends_at = Instant(required=True, allow_none=True)
    window_zone = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, metadata={"enum": STATES})
    made_at = Instant(required=True, metadata={"description": "When the newest link was made."})
    expires_at = Instant(required=True)
    opened_at = Instant(required=True, allow_none=True)
    accepted_at = Instant(required=True, allow_none=True)
    person_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Who has accepted it."}
    )
    application_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Approved by accepting it."}
    )


class InvitationMade(InvitationDetails):
    url = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The person's own link, shown only in this answer. Null if Berth has mailed it:"
            " then only the person gets it."
        },
    )


class InvitationList(CountedPage):
    invitations = fields.List(fields.Nested(InvitationDetails), required=True)
