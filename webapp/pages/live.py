"""The one module that knows htmx: fragments or pages, and fragments that did not change.

A live fragment has its version in `data-etag`; our script sends it back as If-None-Match, and an
unchanged fragment costs one small query and no template.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.extensions import htmx
from webapp.identity import user
from webapp.models import Workspace
from webapp.queries.workspace_table import TableRow

NOTICE = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"}
"""Where an error appears on a page that is already open."""

FAST_S, SLOW_S, RECENT = 2, 10, timedelta(minutes=15)
"""A page polls every 2 s if something changed recently, and every 10 s if it takes longer."""


def is_fragment() -> bool:
    return bool(htmx)


def etag_of(*parts: object) -> str:
    """A short version text of what one person would see; the person is part of it."""
    person = user()
    seed = "\x1f".join(str(part) for part in (person.id, person.company_role, *parts))
    return hashlib.sha256(seed.encode()).hexdigest()[:20]


def five_minutes(now: datetime) -> int:
    """The same for what nobody misses for some minutes: what ended long ago leaves, the poll slows down."""
    return int(now.timestamp() // 300)


def quarter_minute(now: datetime) -> int:
    """A part of the version of what also changes by time alone: how late something is."""
    return int(now.timestamp() // 15)


def unchanged(etag: str) -> Response | None:
    """304 when the page already shows this version."""
    if request.if_none_match.contains_weak(etag):
        return _stamped(make_response("", 304), etag)
    return None


def fragment(template: str, *, etag: str, **context: object) -> Response:
    """A live fragment with its version."""
    return _stamped(make_response(render_template(template, etag=etag, **context)), etag)


def poll_s(workspaces: Iterable[Workspace | TableRow], *, now: datetime) -> int | None:
    """The polling interval in seconds: longer with age; None if everything is settled."""
    moving = [workspace for workspace in workspaces if not workspace.is_settled]
    if not moving:
        return None
    youngest = max(workspace.updated_at for workspace in moving)
    return FAST_S if youngest > now - RECENT else SLOW_S


def done(template: str, *, otherwise: str, **context: object) -> ResponseReturnValue:
    """After an action: the fragment for htmx, a redirect for a plain browser."""
    if is_fragment():
        return render_template(template, **context)
    return redirect(otherwise, code=303)


def _stamped(response: Response, etag: str) -> Response:
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
