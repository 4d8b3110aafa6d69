"""Cohorts: one order for many people."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Range

from webapp.api.schemas.fields import CountedPage, Flag, Instant, object_id, text
from webapp.api.schemas.hours import WeeklyHours
from webapp.api.schemas.invitation import LONGEST_EMAIL
from webapp.api.schemas.window import end_of_window, start_of_window, zone_of_window
from webapp.api.schemas.workspace import IN_TIME, LONGEST_USERNAME, STATES
from webapp.domain.ids import LARGEST_ID
from webapp.domain.lifecycle import Action
from webapp.domain.name_patterns import LONGEST_PATTERN, PLACEHOLDERS
from webapp.services.cohort_plan import MOST_PEOPLE
from webapp.services.orders import WORKSPACE_TYPES

_CODES = (
    "`person_unknown`, `person_ambiguous`, `application_not_approved`, `workspace_exists`, `listed_twice`,"
    " `username_invalid`, `username_taken`, `window_invalid`, `contract_ended`, or a code of an order."
    " Null: nothing is against it."
)

_NEEDED = {"description": "Needed without `profile_id`."}


class CohortPerson(Schema):
    """An application, or the e-mail address of somebody who has one."""

    application_id = object_id(load_default=None, allow_none=True)
    email = text(longest=LONGEST_EMAIL, shortest=3, load_default=None, allow_none=True)
    username = text(
        longest=LONGEST_USERNAME,
        shortest=1,
        load_default=None,
        allow_none=True,
        metadata={"description": "By default, made by the pattern."},
    )
    create_user = Flag(
        load_default=None,
        allow_none=True,
        metadata={"description": "In the directory. By default as `create_users` says."},
    )
    starts_at = start_of_window(load_default=None)
    ends_at = end_of_window(load_default=None)
    window_zone = zone_of_window()

    @validates_schema
    def check_one_of_both(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's signature
        if (data["application_id"] is None) == (data["email"] is None):
            raise ValidationError("Send either `application_id` or `email`.", "application_id")


class NewCohort(Schema):
    name = text(longest=120, shortest=1, required=True, metadata={"examples": ["Analysts, December"]})
    profile_id = object_id(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Order what this profile gives, `in_time`, instead of the three that follow; each"
            " workspace gets the hours of its job, or of the profile."
        },
    )
    profile_version = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=Range(1, LARGEST_ID),
        metadata={"description": "Order only if the profile is still this `version`."},
    )
    cloud_credential_id = object_id(load_default=None, allow_none=True, metadata=_NEEDED)
    workspace_type = fields.String(
        load_default=None, allow_none=True, validate=OneOf(WORKSPACE_TYPES), metadata=_NEEDED
    )
    bundle_id = text(longest=120, shortest=1, load_default=None, allow_none=True, metadata=_NEEDED)
    username_pattern = text(
        longest=LONGEST_PATTERN,
        load_default="",
        metadata={
            "description": f"For people without a user name; by default the profile's or the directory's."
            f" Placeholders: {', '.join(f'`{one}`' for one in PLACEHOLDERS)}."
        },
    )
    create_users = Flag(
        load_default=False,
        metadata={
            "description": "Create the users in the directory for people without a `username`; a name that"
            " somebody has is numbered."
        },
    )
    in_time = Flag(load_default=False, metadata={"description": IN_TIME})
    people = fields.List(fields.Nested(CohortPerson), required=True, validate=Length(min=1, max=MOST_PEOPLE))

    @validates_schema
    def check_desktop(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's signature
        for name in ("cloud_credential_id", "workspace_type", "bundle_id"):
            if data["profile_id"] is None and data[name] is None:
                raise ValidationError("Missing data for required field.", name)
            if data["profile_id"] is not None and data[name] is not None:
                raise ValidationError("The profile says it: leave it out.", name)
        if data["profile_id"] is None and data["profile_version"] is not None:
            raise ValidationError("Send `profile_id` too.", "profile_version")


class CheckedPerson(Schema):
    place = fields.Integer(required=True, metadata={"description": "In the list, from 1."})
    person = fields.String(required=True, metadata={"description": "The name, or what was sent."})
    application_id = fields.Integer(required=True, allow_none=True)
    username = fields.String(required=True)
    create_user = fields.Boolean(required=True)
    starts_at = Instant(
        required=True, allow_none=True, metadata={"description": "What the order gives to the contract."}
    )
    ends_at = Instant(required=True, allow_none=True)
    hours = fields.Nested(
        WeeklyHours,
        required=True,
        allow_none=True,
        metadata={"description": "In which the workspace would run; null: whenever somebody starts it."},
    )
    code = fields.String(
        required=True, allow_none=True, metadata={"description": f"Why nothing would be ordered: {_CODES}"}
    )
    message = fields.String(required=True, allow_none=True)


class CohortCheck(Schema):
    people = fields.List(fields.Nested(CheckedPerson), required=True)
    count = fields.Integer(required=True)
    refused = fields.Integer(required=True, metadata={"description": "For so many nothing would be ordered."})
    profile_version = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of the profile that was checked."}
    )
    month_price_minor = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "A month of one workspace by list prices; null: not known."},
    )
    price_currency = fields.String(required=True, allow_none=True)


class CohortSummary(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    cloud_credential_id = fields.Integer(required=True)
    workspace_type = fields.String(required=True)
    bundle_id = fields.String(required=True)
    bundle_name = fields.String(required=True)
    profile_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "By which it was ordered."}
    )
    profile_version = fields.Integer(required=True, allow_none=True)
    created_at = Instant(required=True)
    people_count = fields.Integer(required=True)
    ordered_count = fields.Integer(required=True, metadata={"description": "People with a workspace."})


class CohortRowDetails(Schema):
    id = fields.Integer(required=True)
    place = fields.Integer(required=True)
    person = fields.String(required=True)
    username = fields.String(required=True)
    code = fields.String(
        required=True, allow_none=True, metadata={"description": f"Why nothing was ordered: {_CODES}"}
    )
    message = fields.String(required=True, allow_none=True)
    workspace_id = fields.Integer(required=True, allow_none=True)
    state = fields.String(
        required=True, allow_none=True, metadata={"enum": [*STATES, None], "description": "The workspace's."}
    )
    requested_action = fields.String(
        required=True, allow_none=True, metadata={"enum": [*(one.value for one in Action), None]}
    )


class CohortDetails(CohortSummary):
    people = fields.List(fields.Nested(CohortRowDetails), required=True)


class CohortList(CountedPage):
    cohorts = fields.List(fields.Nested(CohortSummary), required=True)
