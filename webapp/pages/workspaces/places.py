"""Where a page of the table begins or ends, as its URL carries it: the key of a row, and its number then."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Integer, String

from webapp.domain.ids import LARGEST_ID
from webapp.pages.fields import is_storable
from webapp.queries.table_order import Key, Place, columns_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = 2_000
_LARGEST_AMOUNT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Mark:
    place: Place
    number: int
    """Of that row, when the link was made; what comes or goes meanwhile is not counted."""

    @property
    def name(self) -> str:
        """Of the parameter in the URL."""
        return "before" if self.place.is_end else "after"

    @property
    def value(self) -> str:
        parts = [_written(one) for one in self.place.key]
        text = json.dumps([self.number, *parts], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def mark_in(value: str, *, sort: str, is_end: bool) -> Mark | None:
    """None if it is none of ours for this order: the list starts at its beginning then."""
    if not value or len(value) > _LONGEST:
        return None
    try:
        number, *parts = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        key = _read(parts, sort)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    is_number = type(number) is int and 0 < number <= LARGEST_ID
    return Mark(Place(key, is_end=is_end), number) if is_number else None


def _written(one: str | datetime | int) -> str | int:
    return (one - _EPOCH) // _MICROSECOND if isinstance(one, datetime) else one


def _read(parts: list[object], sort: str) -> Key:
    return tuple(_value(part, column.type) for part, column in zip(parts, columns_of(sort), strict=True))


def _value(part: object, kind: object) -> str | datetime | int:
    if isinstance(kind, String):
        if isinstance(part, str) and is_storable(part):
            return part
    elif type(part) is int:
        if not isinstance(kind, Integer):
            return _EPOCH + part * _MICROSECOND
        if isinstance(kind, BigInteger):
            if abs(part) <= _LARGEST_AMOUNT:
                return part
            raise ValueError("no amount")
        if 0 < part <= LARGEST_ID:
            return part
    raise ValueError("no value of this column")
