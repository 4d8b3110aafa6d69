"""What a command of whoever runs the installation does is in the trail: in the transaction that does it."""

import getpass
import os
from dataclasses import dataclass, field
from typing import Any

from flask import g, has_app_context, has_request_context
from sqlalchemy import event, select
from sqlalchemy.orm import Session, UOWTransaction

from webapp.extensions import db
from webapp.identity import service_context
from webapp.models import Base, Company, TrailEntry, User
from webapp.services.people import normal_email
from webapp.trail import BOOKKEEPING
from webapp.trail_values import difference, id_of


@dataclass(slots=True)
class Command:
    """One that runs, until its line is written."""

    action: str
    email: str = ""
    """Of the person whom it is about."""
    company_name: str = ""
    company_id: int | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    is_written: bool = False


def note_command(action: str, *, email: str = "", company_name: str = "") -> None:
    """What this command changes is its doing; `action`: without `command.`, as in `domain/trail_words.py`."""
    g.command = Command(f"command.{action}", normal_email(email), company_name)


def who_runs_it() -> str:
    """The name of the system's user; its number where it has no name, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _current() -> Command | None:
    found: Command | None = g.get("command") if has_app_context() and not has_request_context() else None
    return None if found is None or found.is_written else found


@event.listens_for(db.session, "after_flush")
def _collect(session: Session, _context: UOWTransaction) -> None:
    command = _current()
    for row in (*session.new, *session.dirty) if command is not None else ():
        if command is None or not isinstance(row, Base) or row.__tablename__ in BOOKKEEPING:
            continue
        before, after = difference(row, is_new=row in session.new)
        if before or after:
            change = {"table": row.__tablename__, "id": id_of(row), "before": before, "after": after}
            command.changes.append(change)
        command.company_id = command.company_id or getattr(row, "company_id", None)


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    command = _current()
    if command is None or session.in_nested_transaction():
        return
    session.flush()
    command.is_written = True
    person = session.scalar(select(User).where(User.email == command.email)) if command.email else None
    session.add(
        TrailEntry(
            at=service_context().clock.now(),
            company_id=_company_id(session, command, person),
            user_id=None,
            actor=f"command ({who_runs_it()})"[:200],
            address="",
            request_id="",
            action=command.action,
            outcome="done",
            code="",
            subject=f"user_id={person.id}" if person is not None else "",
            changes=command.changes,
        )
    )


def _company_id(session: Session, command: Command, person: User | None) -> int | None:
    """In whose trail it is shown."""
    if person is not None and person.company_id is not None:
        return person.company_id
    if command.company_name:
        return session.scalar(select(Company.id).where(Company.name == command.company_name))
    return command.company_id
