"""Workspaces: the order, the list's filters, and the details of one."""

from datetime import UTC
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import CountedPage, Instant, PageQuery, object_id, text
from webapp.api.schemas.moving import Moved
from webapp.api.schemas.resizing import SizeChange, Sized
from webapp.domain.access import Access
from webapp.domain.connections import ConnectionState
from webapp.domain.lifecycle import Action, State
from webapp.providers.registry import list_providers
from webapp.queries.connections import ConnectedFilter
from webapp.queries.table_order import CONNECTED
from webapp.services.orders import WORKSPACE_TYPES

STATES = [state.value for state in State]
CONNECTION_STATES = [state.value for state in ConnectionState]
NEWEST = "-created_at"
BY_CONNECTION = {"last_connected_at": CONNECTED, "-last_connected_at": f"-{CONNECTED}"}
"""The orders beside NEWEST, as the table of the pages calls them."""
CLOUDS = [provider.key for provider in list_providers()]
LONGEST_USERNAME = max(
    rule.longest
    for provider in list_providers()
    for rule in (provider.usernames, *provider.usernames.by_kind.values())
)


IN_TIME = "Create it so that it is ready a day before its contract begins, if that is later; false: at once."


class WorkspaceOrder(Schema):
    application_id = object_id(required=True, metadata={"examples": [123]})
    cloud_credential_id = object_id(required=True, metadata={"examples": [456]})
    workspace_type = fields.String(
        required=True, validate=OneOf(WORKSPACE_TYPES), metadata={"examples": ["ubuntu"]}
    )
    bundle_id = text(longest=120, shortest=1, required=True, metadata={"examples": ["wsb-1234567890"]})
    username = text(
        longest=LONGEST_USERNAME,
        required=True,
        metadata={
            "description": "The user name in the cloud's directory; for Azure, the sign-in name in Entra.",
            "examples": ["john.doe"],
        },
    )
    create_user = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={
            "description": "Create the user in the directory first, with the person's name and e-mail"
            " address. Only where Berth can; a user that others created is then neither used nor changed."
        },
    )
    in_time = fields.Boolean(
        load_default=False, truthy={True}, falsy={False}, metadata={"description": IN_TIME}
    )


class WorkspaceChange(SizeChange):
    """Omitted fields stay unchanged; at least one field is required."""

    application_id = object_id(metadata={"description": "The workspace's own application; it cannot change."})
    cloud_credential_id = object_id()
    workspace_type = fields.String(validate=OneOf(WORKSPACE_TYPES))
    bundle_id = text(longest=120, shortest=1)
    username = text(longest=LONGEST_USERNAME)
    create_user = fields.Boolean(truthy={True}, falsy={False})

    @validates_schema
    def check_something_is_requested(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's signature
        if not data:
            raise ValidationError("Send at least one field to change.")


class WorkspaceQuery(PageQuery):
    state = fields.String(load_default=None, validate=OneOf(STATES))
    cloud_provider = fields.String(load_default=None, validate=OneOf(CLOUDS))
    application_id = object_id(strict=False, load_default=None)
    q = text(
        longest=100,
        load_default="",
        metadata={
            "description": "Part of a user name, bundle, cloud ID, or the person's name or e-mail address;"
            " one or two characters are the beginning of one of its words."
        },
    )
    connection = fields.String(
        load_default=None,
        validate=OneOf([one.value for one in ConnectedFilter]),
        metadata={
            "description": "Of those in use: nobody has ever connected to it, or not for so many days."
            " Of a company only."
        },
    )
    sort = fields.String(
        load_default=NEWEST,
        validate=OneOf([NEWEST, *BY_CONNECTION]),
        metadata={
            "description": "By the last connection: never, long ago, now; what nobody knows comes last."
            " Of a company only."
        },
    )


class WorkspaceError(Schema):
    code = fields.String(required=True)
    message = fields.String(required=True)
    transient = fields.Boolean(required=True)
    remedy = fields.String(required=True)


class WorkspaceDetails(Sized, Moved):
    id = fields.Integer(required=True)
    application_id = fields.Integer(required=True)
    cloud_credential_id = fields.Integer(required=True)
    cloud_provider = fields.String(required=True)
    workspace_type = fields.String(required=True, metadata={"enum": list(WORKSPACE_TYPES)})
    bundle_id = fields.String(required=True)
    bundle_name = fields.String(required=True)
    username = fields.String(required=True)
    create_user = fields.Boolean(required=True)
    state = fields.String(required=True, metadata={"enum": STATES})
    is_hibernated = fields.Boolean(
        required=True, metadata={"description": "Stopped, and what was open on it comes back."}
    )
    pending_action = fields.String(required=True, allow_none=True)
    allowed_actions = fields.List(
        fields.String(metadata={"enum": [action.value for action in Action]}), required=True
    )
    cloud_workspace_id = fields.String(required=True, allow_none=True)
    connection_string = fields.String(required=True, allow_none=True)
    error = fields.Nested(WorkspaceError, required=True, allow_none=True)
    waiting = fields.Nested(
        WorkspaceError,
        required=True,
        allow_none=True,
        metadata={"description": "For what a pending order waits, such as its user in the directory."},
    )
    attempt = fields.Integer(required=True)
    next_attempt_at = Instant(
        required=True, allow_none=True, metadata={"description": "If a retry is waiting, when it runs."}
    )
    deadline_at = Instant(required=True)
    make_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "If ordered in time for its start: when it is created; it may still move."},
    )
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    available_at = Instant(required=True, allow_none=True)
    connection_state = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "enum": [*CONNECTION_STATES, None],
            "description": "Null if the cloud has said nothing yet; `unknown` also while it is stopped.",
        },
    )
    first_connected_at = Instant(required=True, allow_none=True)
    last_connected_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "While somebody is connected, since when at the latest."},
    )
    connection_checked_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When the cloud was asked last; it is not part of the `ETag`."},
    )
    files_snapshot_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Of when a rebuild brings the files back; null: none, or not read."},
    )
    system_snapshot_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Of when a restore brings system and files back; null: none, or not read."},
    )
    snapshots_read_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When the cloud was asked for snapshots; null: never, or it makes none."},
    )
    access = fields.String(
        required=True,
        metadata={
            "enum": [access.value for access in Access],
            "description": "May the person connect now, by the contract's window and the grace?",
        },
    )
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)
    replaces = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The workspace from which it took over, of the person before."},
    )
    replaced_by = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The workspace that took over from it, of the next person."},
    )
    profile_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "With which profile it was ordered."}
    )
    profile_version = fields.Integer(
        required=True, allow_none=True, metadata={"description": "With which version of it."}
    )
    suspended_at = Instant(required=True, allow_none=True)
    destroy_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "If suspended: when the desktop is deleted. Until then it can come back."},
    )
    version = fields.Integer(required=True)


class OwnWorkspace(Schema):
    """What a seeker sees of a workspace: nothing of the company's cloud account, its errors and its plans."""

    id = fields.Integer(required=True)
    application_id = fields.Integer(required=True)
    cloud_provider = fields.String(required=True)
    workspace_type = fields.String(required=True, metadata={"enum": list(WORKSPACE_TYPES)})
    bundle_name = fields.String(required=True)
    username = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": STATES})
    is_hibernated = fields.Boolean(
        required=True, metadata={"description": "Stopped, and what was open on it comes back."}
    )
    connection_string = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    available_at = Instant(required=True, allow_none=True)
    access = fields.String(required=True, metadata={"enum": [access.value for access in Access]})
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)


class WorkspaceList(CountedPage):
    workspaces = fields.List(fields.Nested(WorkspaceDetails), required=True)


class OwnWorkspaceList(CountedPage):
    workspaces = fields.List(fields.Nested(OwnWorkspace), required=True)


class EndQuery(Schema):
    now = fields.Boolean(
        load_default=False,
        metadata={"description": "Delete it at once, without the company's grace in which it can be undone."},
    )


class RestoreQuery(Schema):
    snapshot_at = fields.AwareDateTime(
        load_default=None,
        format="iso",
        default_timezone=UTC,
        metadata={
            "description": "Only if `system_snapshot_at` is still this, or, on Azure, a snapshot of this"
            " time is kept; else the newest that is known now."
        },
    )


class ActionAnswer(Schema):
    message = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": STATES})
    workspace = fields.Nested(WorkspaceDetails, required=True)


class RetryAnswer(Schema):
    message = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": STATES})


class RefreshAnswer(RetryAnswer):
    connection_string = fields.String(required=True, allow_none=True)
