"""The defences of contracts, access and the directory's users, and how to take each away (`defences.py`)."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from tests.simulator.database import Database
from webapp.clouds.people import DirectoryUser as CloudUser
from webapp.domain.access import Access
from webapp.engine import directory_users, ending, first_passwords, suspending, user_ends
from webapp.models import DirectoryUser, DirectoryUserState, Workspace
from webapp.queries.directory_users import find_directory_user
from webapp.services import first_passwords as password_service
from webapp.services import suspensions
from webapp.services.context import ServiceContext


def _access_rule(stack: ExitStack, _database: Database) -> None:
    """Access stays open, whatever the contract says."""
    stack.enter_context(patch.object(Workspace, "access", lambda _row, _now: Access.OPEN))


def _keep_out(stack: ExitStack, _database: Database) -> None:
    """A look at a desktop whose contract is over does nothing at the cloud."""
    stack.enter_context(patch.object(suspending, "settle", lambda _run, _seen: None))


def _contract_grace(stack: ExitStack, _database: Database) -> None:
    """A contract that ends has no grace."""
    stack.enter_context(patch.object(suspending, "_contract_grace", lambda _run, _row: timedelta(0)))


def _termination_grace(stack: ExitStack, _database: Database) -> None:
    """Every termination is one without a grace."""
    stack.enter_context(patch.object(suspensions, "kept_until", lambda _context, _row: None))


def _user_intent(stack: ExitStack, _database: Database) -> None:
    """A user is made without having been written down."""
    commit = directory_users._commit_intent  # pyright: ignore[reportPrivateUsage]

    def keep_in_mind(run: Any, row: Workspace, known: DirectoryUser | None, person: Any) -> DirectoryUser:
        written = commit(run, row, known, person)
        with run.engine.sessions.begin() as session:
            found = session.get_one(DirectoryUser, written.id)
            found.state = DirectoryUserState.NONE
        return written

    stack.enter_context(patch.object(directory_users, "_commit_intent", keep_in_mind))


def _user_mark(stack: ExitStack, _database: Database) -> None:
    """Whoever has the name passes for ours."""
    stack.enter_context(patch.object(CloudUser, "is_of", lambda _user, _installation: True))


def _user_ends(stack: ExitStack, _database: Database) -> None:
    """The user of an order that is over stays as it is."""
    stack.enter_context(patch.object(ending, "disable_users", lambda _run, _row: None))
    stack.enter_context(patch.object(user_ends, "users_left", lambda _run: []))


def _password_wiped(stack: ExitStack, _database: Database) -> None:
    """The sealed first password stays in the database."""
    take = first_passwords._take  # pyright: ignore[reportPrivateUsage]

    def keep(engine: Any, directory_user_id: int) -> DirectoryUser | None:
        with engine.sessions.begin() as session:
            before = session.get_one(DirectoryUser, directory_user_id).sealed_password
        taken = take(engine, directory_user_id)
        with engine.sessions.begin() as session:
            session.get_one(DirectoryUser, directory_user_id).sealed_password = before
        return taken

    stack.enter_context(patch.object(first_passwords, "_take", keep))


def _password_of_the_kept_out(stack: ExitStack, _database: Database) -> None:
    """A first password is given and set, and so enables its user, whatever the contract says."""

    def of_anybody(context: ServiceContext, row: Workspace) -> DirectoryUser | None:
        user = find_directory_user(context.session, row)
        return user if user is not None and user.state is DirectoryUserState.MADE else None

    stack.enter_context(patch.object(password_service, "settable", of_anybody))
    stack.enter_context(patch.object(first_passwords, "_is_kept_out", lambda _engine, _user: False))


OF_CONTRACTS: dict[str, Callable[[ExitStack, Database], None]] = {
    "access-rule": _access_rule,
    "keep-out": _keep_out,
    "contract-grace": _contract_grace,
    "termination-grace": _termination_grace,
    "user-intent": _user_intent,
    "user-mark": _user_mark,
    "user-ends": _user_ends,
    "password-wiped": _password_wiped,
    "password-of-the-kept-out": _password_of_the_kept_out,
}
