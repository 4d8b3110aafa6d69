"""Pages of a listing with opaque tokens. A token is valid only for the same caller, operation and filters."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError

T = TypeVar("T")


def cut_page(
    call: Call,
    rows: Sequence[T],
    *,
    size: int,
    key: Callable[[T], str | int],
    token: str | None,
    bad_token: str = "InvalidParameterValuesException",
    ignore: tuple[str, ...] = ("NextToken", "Limit"),
) -> tuple[list[T], str | None]:
    """One page of rows that are sorted by `key`, and the token of the next page (None at the end).

    Pages continue after a key, not at an offset, so that a listing stays complete while rows come and go.
    """
    mark = mark_of(call, ignore)
    rest = list(rows)
    if token:
        after = _read(token, mark, bad_token)
        rest = [row for row in rest if key(row) > after]  # type: ignore[operator]
    page = rest[:size]
    if len(rest) <= size:
        return page, None
    return page, base64.urlsafe_b64encode(json.dumps([mark, key(page[-1])]).encode()).decode()


def mark_of(call: Call, ignore: tuple[str, ...]) -> str:
    """The same for all pages of one listing."""
    filters = {name: value for name, value in call.params.items() if name not in ignore}
    text = json.dumps([call.account.account_id, call.region, call.operation, filters], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(token: str, mark: str, bad_token: str) -> Any:
    try:
        found, after = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, AttributeError):
        found, after = None, None
    if found != mark:
        raise AwsError(bad_token, "The token for the next set of results is not valid.")
    return after
