"""Snapshots of disks that Berth takes."""

from marshmallow import Schema, fields
from marshmallow.validate import Range

from webapp.api.schemas.fields import Instant, object_id
from webapp.domain.disk_snapshots import (
    MOST_DAILY,
    MOST_DAYS_AFTER_END,
    MOST_WEEKLY,
    SnapshotKind,
    SnapshotState,
)
from webapp.domain.file_returns import ReturnState


class SnapshotSettings(Schema):
    is_on = fields.Boolean(
        required=True,
        metadata={"description": "False: none are taken; those that exist go by their age."},
    )
    daily = fields.Integer(
        strict=True,
        required=True,
        validate=Range(1, MOST_DAILY),
        metadata={"description": "So many of the newest are kept."},
    )
    weekly = fields.Integer(
        strict=True,
        required=True,
        validate=Range(0, MOST_WEEKLY),
        metadata={"description": "The first of each week is kept, for so many weeks."},
    )
    days_after_end = fields.Integer(
        strict=True,
        required=True,
        validate=Range(0, MOST_DAYS_AFTER_END),
        metadata={"description": "So long the last one outlives its desktop. 0: it is deleted with it."},
    )


class SnapshotDetails(Schema):
    id = object_id(required=True)
    name = fields.String(required=True, metadata={"description": "In the cloud account."})
    cloud_workspace_id = fields.String(required=True, metadata={"description": "Whose disk it is of."})
    kind = fields.String(required=True, metadata={"enum": [one.value for one in SnapshotKind]})
    state = fields.String(
        required=True,
        metadata={
            "enum": [one.value for one in SnapshotState if one is not SnapshotState.GONE],
            "description": "`intent`: being taken. `ready`: complete. `ending`: being deleted. `unknown`:"
            " it has Berth's tag, and no workspace explains it.",
        },
    )
    taken_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Of this moment is what it has; null: not yet."},
    )
    size_gib = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of the disk. It is billed for less."}
    )
    error_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it was not taken, or cannot be deleted."},
    )


class KeptSnapshot(SnapshotDetails):
    goes_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "About, if one is taken each day; of an ended workspace exactly."},
    )


class FileReturnDetails(Schema):
    state = fields.String(
        required=True,
        metadata={
            "enum": [one.value for one in ReturnState],
            "description": "`waiting`: for the workspace to be available. `underway`: being copied. `ending`:"
            " the disk that carried them is being deleted. `done`: it is gone.",
        },
    )
    former_workspace_id = object_id(required=True, metadata={"description": "Whose files they are."})
    taken_at = Instant(required=True, metadata={"description": "Of this moment are the files."})
    copied_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When they were seen on this workspace; null: they are not there."},
    )
    error_code = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Why they do not come, or while `underway` what they wait for; with `copied_at`,"
            " why the disk is not deleted."
        },
    )


class WorkspaceSnapshots(Schema):
    is_on = fields.Boolean(
        required=True, metadata={"description": "Are any taken of this account's desktops?"}
    )
    refused_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why none are taken although they are on: an error code."},
    )
    snapshots = fields.List(fields.Nested(KeptSnapshot), required=True)
    month_at_most_minor = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "The most that a month of the first one costs by list prices: a whole disk. Each"
            " other one takes what has changed. Null: not known."
        },
    )
    currency = fields.String(
        required=True, allow_none=True, metadata={"description": "ISO 4217, of `month_at_most_minor`."}
    )
    files_deleted_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When it is deleted with its files, as things are; null: no end is set."},
    )
    files_kept_until = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "How long its last snapshot is kept then, at least; null: nothing is left."},
    )
    file_return = fields.Nested(
        FileReturnDetails,
        required=True,
        allow_none=True,
        metadata={
            "description": "The newest return of a former workspace's files to this one (`bring-back/`)."
        },
    )


class AccountSnapshots(SnapshotSettings):
    read_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When they were last compared with the cloud account; null: never."},
    )
    refused_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why none are taken although they are on: an error code."},
    )
    kept = fields.Integer(required=True, metadata={"description": "How many are in the cloud account."})
    unexplained = fields.List(
        fields.Nested(SnapshotDetails),
        required=True,
        metadata={"description": "Those with Berth's tag that no workspace explains."},
    )
    version = fields.Integer(required=True)
