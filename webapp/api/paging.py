"""Lists in pages: a cursor that names the last row shown, in the list's total order."""

import base64
import binascii
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from webapp.domain.errors import Invalid
from webapp.domain.ids import LARGEST_ID
from webapp.queries.branches import MOST_COUNTED

T = TypeVar("T")
Key = tuple[int | str, ...]
"""The position of a row: rows are listed in ascending order of their keys."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_FAR = 2**62


@dataclass(frozen=True, slots=True)
class Page:
    """What the caller asked for."""

    limit: int
    cursor: str | None

    def after(self, *shape: type) -> Key | None:
        """The key in the cursor; None on the first page. Raises Invalid for a forged one."""
        return None if self.cursor is None else _decoded(self.cursor, shape)


def newest_first(at: datetime, row_id: int) -> Key:
    """The key of a row in a list that starts with the newest."""
    return (-((at - EPOCH) // MICROSECOND), -row_id)


def place_of(key: Key) -> tuple[datetime, int]:
    """The instant and the id behind a `newest_first` key. Raises Invalid when no row can have them."""
    negative_us, negative_id = (int(part) for part in key)
    if not 0 < -negative_id <= LARGEST_ID:
        raise _unknown_cursor()
    try:
        return EPOCH - negative_us * MICROSECOND, -negative_id
    except OverflowError:
        raise _unknown_cursor() from None


def numbers_of(key: Sequence[str | datetime | int]) -> Key:
    """For a cursor: instants as microseconds."""
    return tuple((one - EPOCH) // MICROSECOND if isinstance(one, datetime) else one for one in key)


def moments_of(key: Key, *, at: Collection[int]) -> tuple[str | datetime | int, ...]:
    """The key behind `numbers_of`, with instants `at` these places and an id as the last. Raises Invalid."""
    *_, row_id = key
    if not 0 < int(row_id) <= LARGEST_ID or abs(int(key[0])) > LARGEST_ID:
        raise _unknown_cursor()
    try:
        return tuple(EPOCH + int(one) * MICROSECOND if n in at else one for n, one in enumerate(key))
    except OverflowError:
        raise _unknown_cursor() from None


def row_after(key: Key) -> int:
    """The id behind a key of one negative id. Raises Invalid when no row can have it."""
    if not 0 < -int(key[0]) <= LARGEST_ID:
        raise _unknown_cursor()
    return -int(key[0])


def cut(rows: Sequence[T], *, page: Page, key: Callable[[T], Key], shape: tuple[type, ...]) -> list[T]:
    """One page of a list that is in memory, plus one more row if there is one."""
    after = page.after(*shape)
    ordered = sorted(rows, key=key)
    return [row for row in ordered if after is None or key(row) > after][: page.limit + 1]


def answer(
    plural: str,
    rows: Sequence[T],
    *,
    count: int,
    page: Page,
    key: Callable[[T], Key],
    show: Callable[[T], dict[str, Any]],
) -> dict[str, Any]:
    """The list in the format of the API; `rows` has one more than the page when there is a next page."""
    shown = rows[: page.limit]
    has_more = len(rows) > len(shown)
    return {
        plural: [show(row) for row in shown],
        "count": count,
        "next": _path_after(key(shown[-1])) if has_more and shown else None,
    }


def answer_counted(
    plural: str,
    rows: Sequence[T],
    *,
    count: int,
    page: Page,
    key: Callable[[T], Key],
    show: Callable[[T], dict[str, Any]],
) -> dict[str, Any]:
    """Likewise, of a list that is counted until there are more than MOST_COUNTED."""
    shown = answer(plural, rows, count=min(count, MOST_COUNTED), page=page, key=key, show=show)
    return shown | {"is_count_exact": count <= MOST_COUNTED}


def _path_after(key: Key) -> str:
    query: MultiDict[str, str] = MultiDict(request.args)
    query["cursor"] = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
    values: dict[str, Any] = dict(request.view_args or {}) | query.to_dict()
    return url_for(request.endpoint or "", **values)


def _decoded(cursor: str, shape: tuple[type, ...]) -> Key:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError, binascii.Error):
        raise _unknown_cursor() from None
    if not isinstance(parts, list) or tuple(type(part) for part in parts) != shape:
        raise _unknown_cursor()
    if any(isinstance(part, int) and abs(part) > _FAR for part in parts):
        raise _unknown_cursor()
    return tuple(parts)


def _unknown_cursor() -> Invalid:
    return Invalid("This cursor is not valid. Start again without one.", field="cursor")
