"""Profiles: what a job posting gives to the people it hires."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import OneOf, Range

from webapp.api.schemas.disk_snapshot import SnapshotSettings
from webapp.api.schemas.fields import Flag, Instant, PageAnswer, PageQuery, object_id, text
from webapp.api.schemas.job_posting import (
    default_days_field,
    default_end_field,
    default_hours_field,
    default_own_zone_field,
    default_start_field,
    default_zone_field,
)
from webapp.domain.ids import LARGEST_ID
from webapp.domain.name_patterns import LONGEST_PATTERN
from webapp.models.profile import LONGEST_NAME
from webapp.services.budgets import LARGEST_AMOUNT
from webapp.services.orders import WORKSPACE_TYPES


def _name(**more: Any) -> fields.String:  # marshmallow's own keywords
    return text(longest=LONGEST_NAME, shortest=1, metadata={"examples": ["Analysts"]}, **more)


def _type(**more: Any) -> fields.String:  # marshmallow's own keywords
    return fields.String(validate=OneOf(WORKSPACE_TYPES), **more)


def _bundle(**more: Any) -> fields.String:  # marshmallow's own keywords
    return text(longest=120, shortest=1, metadata={"examples": ["wsb-re9k4qt3q"]}, **more)


def _creates(**more: Any) -> Flag:  # marshmallow's own keywords
    return Flag(metadata={"description": "Berth creates the user of each person in the directory."}, **more)


def _pattern(**more: Any) -> fields.String:  # marshmallow's own keywords
    said = {"description": "Of user names; null: the usual one of the directory. No `{number}`."}
    return text(longest=LONGEST_PATTERN, shortest=1, allow_none=True, metadata=said, **more)


def _cap(**more: Any) -> fields.Integer:  # marshmallow's own keywords
    said = {"description": "The most that a month of one workspace may cost by list prices; null: anything."}
    return fields.Integer(
        strict=True, allow_none=True, validate=Range(1, LARGEST_AMOUNT), metadata=said, **more
    )


def _currency(**more: Any) -> fields.String:  # marshmallow's own keywords
    said = {"description": "ISO 4217, of `month_cap_minor`: both or neither.", "examples": ["USD"]}
    return text(longest=3, shortest=3, allow_none=True, metadata=said, **more)


def _on_approval(**more: Any) -> Flag:  # marshmallow's own keywords
    said = "An approval, or an accepted invitation, orders the workspace."
    return Flag(metadata={"description": said}, **more)


def _snapshots(**more: Any) -> fields.Nested:  # marshmallow's own keywords
    said = "How many snapshots of its workspaces' disks are kept; null: as the cloud credential says."
    return fields.Nested(SnapshotSettings, allow_none=True, metadata={"description": said}, **more)


class NewProfile(Schema):
    name = _name(required=True)
    cloud_credential_id = object_id(required=True)
    workspace_type = _type(required=True)
    bundle_id = _bundle(required=True)
    create_user = _creates(load_default=False)
    username_pattern = _pattern(load_default=None)
    month_cap_minor = _cap(load_default=None)
    cap_currency = _currency(load_default=None)
    default_starts_at = default_start_field(load_default=None)
    default_ends_at = default_end_field(load_default=None)
    default_days = default_days_field(load_default=None)
    default_zone = default_zone_field(load_default=None)
    default_hours = default_hours_field(load_default=None)
    default_hours_in_own_zone = default_own_zone_field(load_default=False)
    orders_on_approval = _on_approval(load_default=False)
    snapshots = _snapshots(load_default=None)


class ProfileChange(Schema):
    """Omitted fields stay unchanged; at least one field is required."""

    name = _name()
    cloud_credential_id = object_id()
    workspace_type = _type()
    bundle_id = _bundle()
    create_user = _creates()
    username_pattern = _pattern()
    month_cap_minor = _cap()
    cap_currency = _currency()
    default_starts_at = default_start_field()
    default_ends_at = default_end_field()
    default_days = default_days_field()
    default_zone = default_zone_field()
    default_hours = default_hours_field()
    default_hours_in_own_zone = default_own_zone_field()
    orders_on_approval = _on_approval()
    snapshots = _snapshots()

    @validates_schema
    def check_something_is_requested(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's signature
        if not data:
            raise ValidationError("Send at least one field to change.")


class ProfileOrder(Schema):
    profile_version = fields.Integer(
        strict=True,
        load_default=None,
        validate=Range(1, LARGEST_ID),
        metadata={"description": "Order only if the profile is still this `version`."},
    )


class ProfileQuery(PageQuery):
    is_archived = fields.Boolean(
        load_default=False, metadata={"description": "Those that were archived, instead of the others."}
    )


class ProfileDetails(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    cloud_credential_id = fields.Integer(required=True)
    workspace_type = fields.String(required=True, metadata={"enum": list(WORKSPACE_TYPES)})
    bundle_id = fields.String(required=True)
    bundle_name = fields.String(required=True)
    create_user = fields.Boolean(required=True)
    username_pattern = fields.String(required=True, allow_none=True)
    month_cap_minor = fields.Integer(required=True, allow_none=True)
    cap_currency = fields.String(required=True, allow_none=True)
    default_starts_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Of whoever is approved without a window, if the posting has no defaults."},
    )
    default_ends_at = Instant(required=True, allow_none=True)
    default_days = fields.Integer(required=True, allow_none=True)
    default_zone = fields.String(required=True, allow_none=True)
    default_hours = default_hours_field(required=True)
    default_hours_in_own_zone = fields.Boolean(required=True)
    orders_on_approval = fields.Boolean(required=True)
    snapshots = _snapshots(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    archived_at = Instant(
        required=True, allow_none=True, metadata={"description": "From then on nothing is ordered with it."}
    )
    desktop_version = fields.Integer(
        required=True,
        metadata={
            "description": "The version since which a workspace gets what it gets now: one with an older"
            " `profile_version` may differ."
        },
    )
    version = fields.Integer(required=True, metadata={"description": "Counts changes."})


class ProfileList(PageAnswer):
    profiles = fields.List(fields.Nested(ProfileDetails), required=True)
