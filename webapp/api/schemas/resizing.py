"""Size and mode of a workspace: what can be changed of a live one, and how it is shown."""

from marshmallow import Schema, fields
from marshmallow.validate import Range

from webapp.api.schemas.fields import Instant, text
from webapp.domain.resizes import ResizeKind

ONE_AT_A_TIME = "Of a live desktop; one of these at a time, and no field of its order."


def _gib(said: str) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=Range(1, 100_000), metadata={"description": f"{said} {ONE_AT_A_TIME}"}
    )


class SizeChange(Schema):
    running_mode = text(
        longest=16, shortest=1, metadata={"description": f"`AUTO_STOP` or `ALWAYS_ON`. {ONE_AT_A_TIME}"}
    )
    auto_stop_minutes = fields.Integer(
        strict=True,
        validate=Range(1, 10_080),
        metadata={"description": f"In multiples of 60. {ONE_AT_A_TIME}"},
    )
    compute_type = text(
        longest=40,
        shortest=1,
        metadata={"description": f"The size, as the cloud names it. {ONE_AT_A_TIME}"},
    )
    root_storage = _gib("GiB of the system volume.")
    user_storage = _gib("GiB of the user volume.")


class Resizing(Schema):
    kind = fields.String(
        required=True,
        data_key="property",
        metadata={"enum": [one.value for one in ResizeKind], "description": "Which field is being changed."},
    )
    was = fields.String(required=True, allow_none=True, data_key="from")
    wanted = fields.String(required=True, data_key="to")
    requested_at = Instant(required=True)
    sent_at = Instant(required=True, allow_none=True)


class Sized(Schema):
    resizing = fields.Nested(
        Resizing,
        required=True,
        allow_none=True,
        metadata={"description": "The change of size or mode that is under way; null: none."},
    )
    running_mode = fields.String(
        required=True, metadata={"description": "How it is billed; this and the next four as the cloud says."}
    )
    auto_stop_minutes = fields.Integer(required=True, allow_none=True)
    compute_type = fields.String(required=True, allow_none=True)
    root_storage = fields.Integer(required=True, allow_none=True)
    user_storage = fields.Integer(required=True, allow_none=True)
