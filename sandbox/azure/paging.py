"""Pages of a listing: an absolute `nextLink` that continues after a row, even while rows come and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from sandbox.azure.call import Answer, Call
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.parts import Part

_SHOWN_AS = {
    "filter": "$filter",
    "top": "$top",
    "expand": "$expand",
    "statusonly": "statusOnly",
    "pagesize": "pageSize",
    "isdescending": "isDescending",
}


def list_page(
    call: Call,
    rows: Sequence[Part],
    show: Callable[[Part], Json],
    *,
    size: float,
    descending: bool = False,
) -> Answer:
    """One page of rows that are sorted by their number."""
    ordered = list(reversed(rows)) if descending else list(rows)
    token = call.query.get("skiptoken")
    if token is not None:
        after = _read(token)
        ordered = [row for row in ordered if (row.seq < after if descending else row.seq > after)]
    page = ordered[: int(size)]
    body: Json = {"value": [show(row) for row in page]}
    if len(ordered) > len(page):
        body["nextLink"] = next_link(call, str(page[-1].seq))
    return Answer(body=body)


def next_link(call: Call, token: str) -> str:
    """The same request with a continuation token, keeping the caller's api-version."""
    kept = {_SHOWN_AS[name]: value for name, value in call.query.items() if name in _SHOWN_AS}
    query = {"api-version": call.query["api-version"], **kept, "$skiptoken": token}
    return f"{call.base}{call.path}?{urlencode(query, safe='$')}"


def page_size(call: Call, *, default: float, names: tuple[str, ...], most: int = 1000) -> int:
    """The page size that the caller asks for, up to Azure's maximum. Raises ArmError."""
    for name in names:
        if (text := call.query.get(name)) is not None:
            if not text.isdigit() or int(text) < 1:
                raise ArmError("InvalidParameter", f"The value '{text}' of '{name}' is not valid.")
            return min(int(text), most)
    return int(default)


def _read(token: str) -> int:
    if not token.isdigit():
        raise ArmError("InvalidSkipToken", "The skip token is not valid.")
    return int(token)
