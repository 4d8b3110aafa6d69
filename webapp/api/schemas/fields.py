"""Field types that all schemas share: strict where marshmallow is lenient."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, Range

from webapp.domain.ids import LARGEST_ID

_FORBIDDEN = ("Cc", "Cs")
"""Control characters and lone surrogates, which no database column or log line should contain."""

_LINE_BREAKS = str.maketrans("", "", "\r\n\t")


def plain_text(value: str) -> None:
    if any(unicodedata.category(character) in _FORBIDDEN for character in value):
        raise ValidationError("Contains characters that cannot be used here.")


def text(*, longest: int, shortest: int = 0, **more: Any) -> fields.String:  # marshmallow's own keywords
    """A string of bounded length without control characters."""
    return fields.String(validate=[Length(min=shortest, max=longest), plain_text], **more)


def lines_of_text(value: str) -> None:
    plain_text(value.translate(_LINE_BREAKS))


def lines(*, longest: int, shortest: int = 0, **more: Any) -> fields.String:  # marshmallow's own keywords
    """The same with line breaks and tabs."""
    return fields.String(validate=[Length(min=shortest, max=longest), lines_of_text], **more)


def object_id(*, strict: bool = True, **more: Any) -> fields.Integer:  # marshmallow's own keywords
    """An id: a JSON integer (in a query string, `strict=False`)."""
    return fields.Integer(strict=strict, validate=Range(1, LARGEST_ID), **more)


def rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


class Instant(fields.DateTime):
    """RFC 3339 in UTC with `Z`, to the second."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return rfc3339(value)


class Flag(fields.Boolean):
    """`true` or `false`, and not 1 or "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class PageQuery(Schema):
    """Query parameters of every list."""

    limit = fields.Integer(load_default=50, validate=Range(1, 200))
    cursor = text(
        longest=400, load_default=None, metadata={"description": "From `next` of the previous page."}
    )


class PageAnswer(Schema):
    """Fields of every list."""

    count = fields.Integer(required=True, metadata={"description": "Total number of items."})
    next = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Path of the next page; null on the last page."},
    )


class CountedPage(PageAnswer):
    is_count_exact = fields.Boolean(
        required=True,
        metadata={"description": "False if there are more than `count`: counting stops at 1,000."},
    )
