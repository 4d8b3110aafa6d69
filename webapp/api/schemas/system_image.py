"""Images of workspaces' systems."""

from marshmallow import Schema, fields

from webapp.api.schemas.fields import Instant, object_id
from webapp.domain.system_images import KEPT_AFTER_END_DAYS, ImageState


class SystemImageDetails(Schema):
    id = object_id()
    name = fields.String(required=True, metadata={"description": "In the cloud account."})
    cloud_id = fields.String(
        required=True, allow_none=True, metadata={"description": "Null: the cloud has not named it yet."}
    )
    state = fields.String(
        required=True,
        metadata={
            "enum": [one.value for one in ImageState],
            "description": "`intent`: asked for, and not complete. `ready`: a bundle can be made of it in the"
            " cloud's console. `ending`: being deleted. `gone`: it is not in the cloud (any more).",
        },
    )
    issued_at = Instant(required=True, metadata={"description": "When somebody asked for it."})
    created_at = Instant(
        required=True, allow_none=True, metadata={"description": "By the cloud; null: it is not complete."}
    )
    error_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it was not created, or cannot be deleted: an error code."},
    )
    kept_until = Instant(
        required=True,
        allow_none=True,
        metadata={
            "description": f"{KEPT_AFTER_END_DAYS} days after the workspace's end; null before, or if it is"
            " not complete."
        },
    )


class SystemImages(Schema):
    refusal = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why none can be created now, as a sentence; null: one can."},
    )
    images = fields.List(fields.Nested(SystemImageDetails), required=True)
