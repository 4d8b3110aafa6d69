"""Orphans: machines in the cloud without a workspace, and the decisions about them."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import CountedPage, Instant, PageQuery, object_id, text
from webapp.api.schemas.workspace import WorkspaceDetails
from webapp.domain.orphans import OrphanKind, OrphanStatus

KINDS = [kind.value for kind in OrphanKind]
STATUSES = [status.value for status in OrphanStatus]


class OrphanQuery(PageQuery):
    status = fields.String(
        load_default=None,
        validate=OneOf(STATUSES),
        metadata={"description": "By default, all that still exist in the cloud."},
    )
    cloud_credential_id = object_id(strict=False, load_default=None)


class OrphanCost(Schema):
    currency = fields.String(required=True)
    month_cents = fields.Integer(required=True, metadata={"description": "Per month, even while stopped."})
    hour_cents = fields.Integer(
        required=True, allow_none=True, metadata={"description": "In addition, per hour in use; rounded."}
    )
    month = fields.String(
        required=True, metadata={"description": "The same, exact, in whole units: a decimal as text."}
    )
    hour = fields.String(required=True, allow_none=True, metadata={"description": "The same, exact."})
    is_of_region = fields.Boolean(
        required=True, metadata={"description": "False: the price of another region, as an indication."}
    )
    is_exact = fields.Boolean(
        required=True,
        metadata={"description": "False: an indication, of another region or by the size's usual disks."},
    )
    valid_from = fields.Date(required=True, metadata={"description": "Since when this price holds (UTC)."})
    read_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "When it was read; null: it ships with Berth, until prices are read."},
    )


class OrphanDetails(Schema):
    id = fields.Integer(required=True)
    cloud_credential_id = fields.Integer(required=True)
    cloud_workspace_id = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": KINDS})
    status = fields.String(required=True, metadata={"enum": STATUSES})
    has_our_mark = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the machine has our mark. Only such a machine can be terminated here."
        },
    )
    username = fields.String(required=True)
    cloud_state = fields.String(required=True)
    bundle_id = fields.String(required=True, allow_none=True)
    compute_type = fields.String(required=True, allow_none=True)
    running_mode = fields.String(required=True, allow_none=True)
    operating_system = fields.String(required=True, allow_none=True)
    cost = fields.Nested(
        OrphanCost, required=True, allow_none=True, metadata={"description": "Null if unknown."}
    )
    workspace_id = fields.Integer(required=True, allow_none=True)
    first_seen_at = Instant(
        required=True, metadata={"description": "When Berth first saw it; it may be older."}
    )
    last_seen_at = Instant(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)


class OrphanList(CountedPage):
    orphans = fields.List(fields.Nested(OrphanDetails), required=True)


class Adoption(Schema):
    application_id = object_id(required=True)


class AdoptionAnswer(Schema):
    message = fields.String(required=True)
    workspace = fields.Nested(WorkspaceDetails, required=True)


class OrphanEnd(Schema):
    confirm = text(
        longest=120,
        shortest=1,
        required=True,
        metadata={"description": "The machine's `cloud_workspace_id`, repeated to confirm."},
    )


class OrphanAnswer(Schema):
    message = fields.String(required=True)
    orphan = fields.Nested(OrphanDetails, required=True)
