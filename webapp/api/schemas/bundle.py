"""Bundles of a credential."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from webapp.services.orders import WORKSPACE_TYPES


class BundleQuery(Schema):
    refresh = fields.Boolean(
        load_default=False, metadata={"description": "Ask the cloud now instead of using the cached list."}
    )


class BundleDetails(Schema):
    bundle_id = fields.String(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    compute_type = fields.String(required=True)
    vcpus = fields.Integer(required=True, allow_none=True)
    memory_gib = fields.Integer(required=True, allow_none=True)
    root_storage = fields.Integer(required=True, metadata={"description": "GiB"})
    user_storage = fields.Integer(required=True, metadata={"description": "GiB"})
    workspace_type = fields.String(required=True, allow_none=True)
    cloud_provider = fields.String(required=True)
    available = fields.Boolean(required=True)
    unavailable_reason = fields.String(required=True, allow_none=True)
    possible_types = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What can be given as its system; empty where the bundle says it."},
    )


class BundleSystem(Schema):
    workspace_type = fields.String(required=True, validate=OneOf(WORKSPACE_TYPES))


class BundleList(Schema):
    bundles = fields.List(fields.Nested(BundleDetails), required=True)
    count = fields.Integer(required=True)
