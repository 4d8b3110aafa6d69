"""Bundles of a credential."""

from marshmallow import Schema, fields


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


class BundleList(Schema):
    bundles = fields.List(fields.Nested(BundleDetails), required=True)
    count = fields.Integer(required=True)
