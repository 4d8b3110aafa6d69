"""Job postings: what a company hires for."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import Instant, PageAnswer, PageQuery, lines, text
from webapp.domain.roles import JobPostingStatus

STATUSES = [status.value for status in JobPostingStatus]
LONGEST_DESCRIPTION = 5_000


class NewPosting(Schema):
    title = text(longest=120, shortest=1, required=True, metadata={"examples": ["Data analyst"]})
    location = text(longest=120, load_default="")
    description = lines(longest=LONGEST_DESCRIPTION, shortest=1, required=True)


class PostingChange(Schema):
    """Omitted fields stay unchanged; at least one field is required."""

    title = text(longest=120, shortest=1)
    location = text(longest=120)
    description = lines(longest=LONGEST_DESCRIPTION, shortest=1)

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


class PostingList(PageAnswer):
    job_postings = fields.List(fields.Nested(PostingDetails), required=True)
