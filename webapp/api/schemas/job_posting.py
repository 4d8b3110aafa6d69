"""Job postings: what a company hires for."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import OneOf, Range

from webapp.api.schemas.fields import CountedPage, Flag, Instant, PageQuery, lines, object_id, text
from webapp.api.schemas.hours import WeeklyHours
from webapp.domain.contract_defaults import MOST_DAYS
from webapp.domain.roles import JobPostingStatus

STATUSES = [status.value for status in JobPostingStatus]
LONGEST_DESCRIPTION = 5_000


def default_start_field(**more: Any) -> fields.AwareDateTime:  # marshmallow's own keywords
    said = {
        "description": "The contract of whoever is approved without a window begins then; null, or passed:"
        " with the approval.",
        "examples": ["2027-03-01T00:00:00+01:00"],
    }
    return fields.AwareDateTime(allow_none=True, metadata=said, **more)


def default_end_field(**more: Any) -> fields.AwareDateTime:  # marshmallow's own keywords
    said = {"description": "It ends then at the latest. Later nobody is approved without a window."}
    return fields.AwareDateTime(allow_none=True, metadata=said, **more)


def default_days_field(**more: Any) -> fields.Integer:  # marshmallow's own keywords
    said = {"description": "It lasts so many days in the zone, from its start or the approval on."}
    return fields.Integer(strict=True, allow_none=True, validate=Range(1, MOST_DAYS), metadata=said, **more)


def default_zone_field(**more: Any) -> fields.String:  # marshmallow's own keywords
    said = {"description": "In which days are counted. Null: UTC.", "examples": ["Europe/Berlin"]}
    return text(longest=64, shortest=1, allow_none=True, metadata=said, **more)


def default_hours_field(**more: Any) -> fields.Nested:  # marshmallow's own keywords
    said = {
        "description": "In which the workspace of whoever is approved, or ordered for by the profile, runs,"
        " unless the contract has hours of its own; null: whenever somebody starts it."
    }
    return fields.Nested(WeeklyHours, allow_none=True, metadata=said, **more)


def default_own_zone_field(**more: Any) -> Flag:  # marshmallow's own keywords
    said = {
        "description": "The hours are meant in the time zone that the person has chosen at that moment;"
        " in their own `zone` where there is none."
    }
    return Flag(metadata=said, **more)


def _profile(**more: Any) -> fields.Integer:  # marshmallow's own keywords
    said = {"description": "What it gives to the people it hires; null: that is chosen with each order."}
    return object_id(allow_none=True, metadata=said, **more)


class NewPosting(Schema):
    title = text(longest=120, shortest=1, required=True, metadata={"examples": ["Data analyst"]})
    location = text(longest=120, load_default="")
    description = lines(longest=LONGEST_DESCRIPTION, shortest=1, required=True)
    default_starts_at = default_start_field(load_default=None)
    default_ends_at = default_end_field(load_default=None)
    default_days = default_days_field(load_default=None)
    default_zone = default_zone_field(load_default=None)
    default_hours = default_hours_field(load_default=None)
    default_hours_in_own_zone = default_own_zone_field(load_default=False)
    profile_id = _profile(load_default=None)


class PostingChange(Schema):
    """Omitted fields stay unchanged; at least one field is required."""

    title = text(longest=120, shortest=1)
    location = text(longest=120)
    description = lines(longest=LONGEST_DESCRIPTION, shortest=1)
    default_starts_at = default_start_field()
    default_ends_at = default_end_field()
    default_days = default_days_field()
    default_zone = default_zone_field()
    default_hours = default_hours_field()
    default_hours_in_own_zone = default_own_zone_field()
    profile_id = _profile()

    @validates_schema
    def check_something_is_requested(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's signature
        if not data:
            raise ValidationError("Send at least one field to change.")


class PostingQuery(PageQuery):
    status = fields.String(load_default=None, validate=OneOf(STATUSES))


class PostingDetails(Schema):
    id = fields.Integer(required=True)
    title = fields.String(required=True)
    location = fields.String(required=True)
    description = fields.String(required=True)
    status = fields.String(
        required=True, metadata={"enum": STATUSES, "description": "A closed one takes no applications."}
    )
    created_at = Instant(required=True)
    default_starts_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Of whoever is approved without a window."},
    )
    default_ends_at = Instant(required=True, allow_none=True)
    default_days = fields.Integer(required=True, allow_none=True)
    default_zone = fields.String(required=True, allow_none=True)
    default_hours = default_hours_field(required=True)
    default_hours_in_own_zone = fields.Boolean(required=True)
    profile_id = _profile(required=True)


class PostingList(CountedPage):
    job_postings = fields.List(fields.Nested(PostingDetails), required=True)
