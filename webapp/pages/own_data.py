"""A person's own data as a file."""

import json
from dataclasses import asdict
from datetime import date, datetime

from flask import Blueprint, Response, make_response

from webapp.domain.permissions import Permission
from webapp.extensions import limiter
from webapp.guards import requires
from webapp.identity import service_context, user
from webapp.pages.shell import rfc3339
from webapp.queries.own.data import MOST_ROWS, read_own_data

bp = Blueprint("own_data", __name__, url_prefix="/account")

FILES_PER_ADDRESS = "20 per minute"
NOTES = (
    f"Of each kind, the newest {MOST_ROWS} rows are here. “more” counts the older ones.",
    "Berth keeps passwords, tokens, recovery codes and links as hashes only, and the key of an app sealed."
    " They are not here, and neither is what is about other people.",
)


@bp.get("/data.json")
@limiter.limit(FILES_PER_ADDRESS)
@requires(Permission.OWN_ACCOUNT)
def show() -> Response:
    context = service_context()
    parts = {name: asdict(part) for name, part in read_own_data(context.session, user()).items()}
    document = {"made_at": context.clock.now(), "notes": NOTES, **parts}
    response = make_response(json.dumps(document, default=_text_of, ensure_ascii=False, indent=2))
    response.headers["Content-Type"] = "application/json"
    response.headers["Content-Disposition"] = "attachment; filename=berth-account.json"
    response.headers["Cache-Control"] = "no-store"
    return response


def _text_of(value: object) -> str:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no text for a {type(value).__name__}")
