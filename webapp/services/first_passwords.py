"""A first password for a user that Berth has made: sealed for a worker, shown once, stored nowhere."""

import secrets
import string

from sqlalchemy import update

from webapp.database import changed_rows
from webapp.domain import catalogue
from webapp.domain.access import Access
from webapp.domain.actor import Actor
from webapp.domain.errors import Conflict, Forbidden, Unavailable
from webapp.domain.lifecycle import Desired
from webapp.domain.secret_binding import first_password_binding
from webapp.models import DirectoryUser, DirectoryUserState, Event, Workspace
from webapp.queries import workspaces as queries
from webapp.queries.directory_users import find_directory_user
from webapp.queueing import JobName
from webapp.services.context import ServiceContext
from webapp.services.waiting import PATIENCE_S, wait_until

_LETTERS = "".join(one for one in string.ascii_letters + string.digits if one not in "0O1lI")
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
GROUPS, GROUP = 4, 5


def set_first_password(
    context: ServiceContext, workspace_id: int, *, company_id: int, actor: Actor, may_replace: bool
) -> str:
    """The password, which a worker has set. `may_replace`: also that of a person who has connected already.

    Raises NotFound, Conflict, Forbidden, Unavailable; then nobody knows one.
    """
    workspace = queries.get_workspace(context.session, workspace_id, company_id=company_id)
    user = settable(context, workspace)
    if user is None:
        raise Conflict("Berth sets first passwords only for users that it has created.")
    if not may_replace and is_in_use(workspace):
        raise Forbidden("The person has connected already. Who may terminate desktops can set another.")
    password, asked_at = new_password(), context.clock.now()
    binding = first_password_binding(mark=user.mark, company_id=company_id, slot=user.slot)
    user.sealed_password = context.sealer.seal(password, bound_to=binding)
    user.password_waits, user.password_asked_at = True, asked_at
    user.password_set_at = user.password_failure = None
    context.session.commit()
    context.notifier.notify(JobName.PASSWORD, user.id)
    _wait(context, user)
    context.session.add(
        Event.about(
            workspace,
            at=context.clock.now(),
            event="first_password",
            message=f"Set a first password for {user.username}.",
            actor=actor,
            from_state=workspace.state,
        )
    )
    context.session.commit()
    return password


def settable(context: ServiceContext, workspace: Workspace) -> DirectoryUser | None:
    """The user whose first password can be set on this workspace's page.

    Not while its person is kept out: a new password enables the user.
    """
    if not workspace.creates_user or workspace.desired is Desired.ABSENT:
        return None
    if workspace.access(context.clock.now()) is not Access.OPEN or workspace.access_cut_at is not None:
        return None
    user = find_directory_user(context.session, workspace)
    can = bool(workspace.credential.observed.get("sets_passwords"))
    return user if user is not None and can and user.state is DirectoryUserState.MADE else None


def is_in_use(workspace: Workspace) -> bool:
    """Has its person connected? Then a password is theirs, and another one would open what they work on."""
    connection = workspace.desktop_connection
    return connection is not None and connection.first_connected_at is not None


def new_password() -> str:
    """100 random bits, with letters of every class that directories ask for."""
    while True:
        groups = ["".join(secrets.choice(_LETTERS) for _ in range(GROUP)) for _ in range(GROUPS)]
        made = "-".join(groups)
        if all(any(one in kind for one in made) for kind in _CLASSES):
            return made


def _wait(context: ServiceContext, user: DirectoryUser) -> None:
    asked_at = user.password_asked_at

    def look() -> DirectoryUser:
        context.session.refresh(user)
        return user

    def is_over(one: DirectoryUser) -> bool:
        return one.password_asked_at != asked_at or _is_answered(one)

    wait_until(context, look, is_over, patience_s=PATIENCE_S)
    if user.password_asked_at != asked_at:
        raise Conflict("Somebody else has set a password at the same time, and theirs is the newest.")
    if not _is_answered(user):
        done = context.session.execute(
            update(DirectoryUser)
            .where(
                DirectoryUser.id == user.id,
                DirectoryUser.password_asked_at == asked_at,
                DirectoryUser.password_waits,
            )
            .values(sealed_password=None, password_waits=False)
        )
        context.session.commit()
        doubt = "" if changed_rows(done) == 1 else " The old password may be over."
        raise Unavailable(f"The cloud has not answered in time.{doubt} Set a password again in a moment.")
    if user.password_failure is not None:
        words = catalogue.entry(user.password_failure)
        raise Unavailable(f"{words.message} {words.remedy}", code=user.password_failure)


def _is_answered(user: DirectoryUser) -> bool:
    return user.password_set_at is not None or user.password_failure is not None
