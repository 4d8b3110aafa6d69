"""Applications: people for job postings, and the decisions about them."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import CountedPage, Instant, PageQuery, object_id, text
from webapp.api.schemas.hours import WeeklyHours
from webapp.api.schemas.invitation import LONGEST_EMAIL, LONGEST_NAME, InvitationMade
from webapp.api.schemas.window import end_of_window, start_of_window, zone_of_window
from webapp.domain.roles import ApplicationStatus

STATUSES = [status.value for status in ApplicationStatus]


class WindowChange(Schema):
    """From when to when the desktop may be used: both are sent, so that none is lost by an omission."""

    starts_at = start_of_window(required=True)
    ends_at = end_of_window(required=True)
    window_zone = zone_of_window()
    hours = fields.Nested(
        WeeklyHours,
        allow_none=True,
        metadata={"description": "In which the desktop runs; null: without hours. Left out: as they are."},
    )


class NewApplication(Schema):
    """Somebody to be hired for a job posting."""

    job_posting_id = object_id(required=True)
    email = text(
        longest=LONGEST_EMAIL, shortest=3, required=True, metadata={"examples": ["mina.park@example.com"]}
    )
    name = text(
        longest=LONGEST_NAME,
        load_default="",
        metadata={"description": "For the invitation; who is known keeps the own name."},
    )
    starts_at = start_of_window(load_default=None)
    ends_at = end_of_window(load_default=None)
    window_zone = zone_of_window()


class ApplicationQuery(PageQuery):
    job_posting_id = object_id(strict=False, load_default=None)
    status = fields.String(load_default=None, validate=OneOf(STATUSES))


class ApplicationDetails(Schema):
    id = fields.Integer(required=True)
    job_posting_id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    message = fields.String(required=True, metadata={"description": "Of the person; empty for a hire."})
    status = fields.String(required=True, metadata={"enum": STATUSES})
    decided_at = Instant(required=True, allow_none=True)
    workspace_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Its live workspace."}
    )
    kept_workspace_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "While it has none: the person’s workspace that is kept after another contract."
            " `give-back/` gives it back under this one."
        },
    )
    order_refusal_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why the order by the profile, with the approval, was refused."},
    )
    order_refusal = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    starts_at = Instant(
        required=True, allow_none=True, metadata={"description": "Of the contract: no access before it."}
    )
    ends_at = Instant(
        required=True, allow_none=True, metadata={"description": "Of the contract: no access from then on."}
    )
    window_zone = fields.String(required=True, allow_none=True)
    hours = fields.Nested(WeeklyHours, required=True, allow_none=True)
    has_default_window = fields.Boolean(
        required=True, metadata={"description": "The window came from the defaults of the job posting."}
    )
    has_default_hours = fields.Boolean(
        required=True, metadata={"description": "The hours came from the job posting or its profile."}
    )
    version = fields.Integer(
        required=True, metadata={"description": "Grows with each change of the contract's window and hours."}
    )


class HireAnswer(Schema):
    """One of the two: the approved application, or the invitation by which it comes to be."""

    application = fields.Nested(ApplicationDetails, required=True, allow_none=True)
    invitation = fields.Nested(InvitationMade, required=True, allow_none=True)


class ApplicationList(CountedPage):
    applications = fields.List(fields.Nested(ApplicationDetails), required=True)
