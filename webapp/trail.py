"""What a request does is written into the trail: in the transaction that does it, whichever service that is.

What is refused, and what changes no row, is written after the response was made.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_login import current_user
from sqlalchemy import event, select
from sqlalchemy.engine import Result
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from webapp import identity
from webapp.database import writing_transactions
from webapp.domain.trail_words import CONNECTION_READ
from webapp.extensions import db
from webapp.models import Base, Company, TrailEntry, User, UserSession, Workspace
from webapp.second_try import is_troubled
from webapp.trail_values import PASSING, counted, difference, id_of, ids_in, plain, values_of

log = logging.getLogger(__name__)

POLLED = ("workspaces.status", "desktops.connect")
"""Parts of an open page, which asks for them again and again."""
POLLS_ARE_ONE = timedelta(minutes=15)
FROM_STRANGERS = (400, 413, 429)
"""What a stranger can cause without end."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
BOOKKEEPING = {
    "company_tallies",
    "events",
    "idempotency_keys",
    "inquiries",
    "mails",
    "schedules",
    "sign_in_failures",
    "spent_challenges",
    "trail_entries",
    "used_sign_ons",
    "webhook_deliveries",
}
"""Rows that a change brings with it, or that count."""
MOST_CHANGES = 50
"""In one line; how many more there were, it says."""


@dataclass(slots=True)
class Record:
    """Of one request, until it is written."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    has_written: bool = False
    is_written: bool = False
    company_id: int | None = None
    person: User | None = None
    """Who has signed in by this request, or by whose link something was done."""
    attempted: str = ""
    """As whom somebody has tried to sign in."""
    refusal_code: str = ""
    is_return: bool = False
    """Somebody comes back from an issuer: a GET that may sign in."""
    read_workspace: tuple[int, int] | None = None
    """Whose connection was shown: the workspace and its company."""

    def add(self, change: dict[str, Any]) -> None:
        self.has_written = True
        if len(self.changes) < MOST_CHANGES:
            self.changes.append(change)
        else:
            self.left_out += 1


def register(app: Flask) -> None:
    @app.after_request
    def finish(response: Response) -> Response:
        try:
            _write_rest(response)
        except SQLAlchemyError as error:  # the response is ready, and what it did is committed or not by now
            log.warning("a line of the trail is missing", extra={"reason": type(error).__name__})
            db.session.remove()
        return response


def note_attempt(email: str) -> None:
    """Somebody tries to sign in with this address."""
    record().attempted = email.strip().lower()


def note_person(person: User) -> None:
    """Whose session ends with this request."""
    record().person = person


def note_refusal(code: str) -> None:
    """Why this request was refused."""
    record().refusal_code = code


def note_return(company_id: int) -> None:
    """Somebody comes back from this company's issuer: what follows is in the trail, though it is a GET."""
    record().is_return, record().company_id = True, company_id


def note_connection(workspace: Workspace) -> None:
    """The response says how to connect."""
    record().read_workspace = (workspace.id, workspace.company_id)


def record() -> Record:
    if "trail" not in g:
        g.trail = Record()
    found: Record = g.trail
    return found


# --- in the transaction ------------------------------------------------------------------------


def _current() -> Record | None:
    """Of a request that may change something."""
    if not has_request_context() or request.endpoint is None:
        return None
    if request.method in SAFE_METHODS and not ("trail" in g and g.trail.is_return):
        return None
    return record()


@event.listens_for(db.session, "after_flush")
def _collect(session: Session, _context: UOWTransaction) -> None:
    current = _current()
    if current is None:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, Base) or row.__tablename__ in BOOKKEEPING:
            continue
        if row in session.deleted:
            before, after = plain(values_of(row)), {}
        else:
            before, after = difference(row, is_new=row in session.new)
        if not (before or after):
            continue
        if isinstance(row, UserSession):
            # The action says it all.
            current.has_written, current.person = True, session.get(User, row.user_id)
            continue
        current.add({"table": row.__tablename__, "id": id_of(row), "before": before, "after": after})
        current.company_id = current.company_id or getattr(row, "company_id", None)
        if isinstance(row, Company):
            current.company_id = row.id
        if isinstance(row, User):
            current.person = row


@event.listens_for(db.session, "do_orm_execute")
def _collect_statement(state: ORMExecuteState) -> Result[Any] | None:
    """What is changed by statement, such as a compare-and-set; one that hits no row is no change."""
    current = _current()
    if current is None or not (state.is_update or state.is_delete or state.is_insert):
        return None
    mapper = state.bind_mapper
    if mapper is None or mapper.local_table is None:
        return None
    table: str = mapper.class_.__tablename__
    values = state.statement.compile().params
    given = {name: value for name, value in values.items() if name in mapper.columns}
    if table in BOOKKEEPING or (state.is_update and not (given.keys() - PASSING)):
        return None
    done, count = counted(state.invoke_statement())
    if not count:
        return done
    if table == UserSession.__tablename__:
        current.has_written = True  # the action says it all
        return done
    change: dict[str, Any] = {"table": table, "deleted": True} if state.is_delete else {"table": table}
    if not state.is_delete:
        change["after"] = plain(given)
    current.add(change | ids_in(values))
    return done


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    current = _current()
    if current is None or session.in_nested_transaction():
        return
    session.flush()
    if not current.has_written:
        return
    session.add(_entry(current, outcome="done"))
    current.changes, current.left_out, current.has_written, current.is_written = [], 0, False, True


@event.listens_for(db.session, "after_rollback")
def _forget(_session: Session) -> None:
    current = _current()
    if current is not None:
        current.changes, current.left_out, current.has_written = [], 0, False


# --- after the response ------------------------------------------------------------------------


def _write_rest(response: Response) -> None:
    found: Record | None = g.get("trail")
    if found is not None and found.read_workspace is not None and request.method in SAFE_METHODS:
        if response.status_code == 200:
            _write_read(found)
        return
    current = _current()
    is_done = current is not None and current.is_written and response.status_code < 400
    if current is None or is_done or is_troubled(request.environ):
        return
    db.session.rollback()
    if _person(current) is None and (not _is_public() or response.status_code in FROM_STRANGERS):
        return  # a stranger was sent away
    is_refused = response.status_code >= 400 or bool(current.refusal_code)
    if is_refused and not current.refusal_code:
        current.refusal_code = _code_of(response)
    with writing_transactions():
        db.session.rollback()
        db.session.add(_entry(current, outcome="refused" if is_refused else "done"))
        db.session.commit()


def _write_read(current: Record) -> None:
    assert current.read_workspace is not None
    workspace_id, company_id = current.read_workspace
    subject = f"workspace_id={workspace_id}"
    if request.endpoint in POLLED and _is_noted(subject):
        return
    db.session.rollback()
    with writing_transactions():
        entry = _entry(current, outcome="done")
        entry.action, entry.company_id, entry.subject = CONNECTION_READ, company_id, subject
        db.session.add(entry)
        db.session.commit()


def _is_noted(subject: str) -> bool:
    """Has the person's open page left a line already? Asked in the transaction in which the page was read."""
    same = select(TrailEntry.id).where(
        TrailEntry.user_id == identity.user().id,
        TrailEntry.action == CONNECTION_READ,
        TrailEntry.subject == subject,
        TrailEntry.at > identity.service_context().clock.now() - POLLS_ARE_ONE,
    )
    return db.session.scalar(same.limit(1)) is not None


def _code_of(response: Response) -> str:
    body = response.get_json(silent=True) if response.is_json else None
    code = body.get("code") if isinstance(body, dict) else None
    return str(code or f"http_{response.status_code}")[:64]


def _is_public() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return str(getattr(view, "guard", "")).startswith("public")


def _person(current: Record) -> User | None:
    """Where people sign in it is whom they sign in as, whoever the browser belonged to before."""
    if current.person is None and current.attempted:
        current.person = db.session.scalar(select(User).where(User.email == current.attempted))
    is_named = current.person is not None or bool(current.attempted)
    if is_named and _is_public():
        return current.person
    if "token" in g or current_user.is_authenticated:
        return identity.user()
    return current.person


def _entry(current: Record, *, outcome: str) -> TrailEntry:
    person = _person(current)
    is_caller = "token" in g or (current_user.is_authenticated and not _is_public())
    label = identity.actor().label if is_caller else ""
    changes = list(current.changes)
    if current.left_out:
        changes.append({"more": current.left_out})
    return TrailEntry(
        at=identity.service_context().clock.now(),
        company_id=(person.company_id if person is not None else None) or current.company_id,
        user_id=None if person is None else person.id,
        actor=(label or (person.email if person is not None else current.attempted))[:200],
        address=(request.remote_addr or "")[:45],
        request_id=g.get("request_id", ""),
        action=(request.endpoint or "")[:64],
        outcome=outcome,
        code=current.refusal_code if outcome == "refused" else "",
        subject=", ".join(f"{name}={value}" for name, value in (request.view_args or {}).items())[:120],
        changes=changes,
    )
