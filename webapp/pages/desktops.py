"""A seeker's own desktops and applications, and how to connect."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.domain.roles import Role
from webapp.guards import requires
from webapp.identity import doors, user
from webapp.models import Workspace
from webapp.pages import live, words
from webapp.pages.findings_view import has_trouble
from webapp.pages.workspace_view import connection_or_reason
from webapp.queries import applications, marks
from webapp.queries import workspaces as queries
from webapp.services.connection import starts_on_connect
from webapp.services.troubleshooting import diagnose

bp = Blueprint("desktops", __name__, url_prefix="/desktops")


@bp.get("/")
@requires(Role.SEEKER)
def index() -> ResponseReturnValue:
    own = applications.list_own_applications(doors().session, seeker_id=user().id)
    return render_template("desktops/index.html", applications=own, etag=_cards_etag(), **_cards_context())


@bp.get("/cards")
@requires(Role.SEEKER)
def cards() -> ResponseReturnValue:
    etag = _cards_etag()
    if (same := live.unchanged(etag)) is not None:
        return same
    return live.fragment("desktops/_cards.html", etag=etag, **_cards_context())


@bp.get("/<int:workspace_id>/")
@requires(Role.SEEKER)
def show(workspace_id: int) -> ResponseReturnValue:
    return render_template(
        "desktops/show.html", etag=_desktop_etag(workspace_id), **_desktop_context(workspace_id)
    )


@bp.get("/<int:workspace_id>/connect")
@requires(Role.SEEKER)
def connect(workspace_id: int) -> ResponseReturnValue:
    """The live part of the page: state and connection."""
    etag = _desktop_etag(workspace_id)
    if (same := live.unchanged(etag)) is not None:
        return same
    return live.fragment("desktops/_connect.html", etag=etag, **_desktop_context(workspace_id))


def _cards_etag() -> str:
    return live.etag_of("desktops", marks.seeker_mark(doors().session, seeker_id=user().id))


def _cards_context() -> dict[str, object]:
    found = queries.list_own_workspaces(doors().session, seeker_id=user().id)
    cards = [(one, connection_or_reason(one)[0] is not None, _plain_lead(one)) for one in found]
    return {"desktops": cards, "poll_s": live.poll_s(found, now=doors().clock.now())}


def _plain_lead(workspace: Workspace) -> str:
    return words.person_lead(workspace.state, starts_on_connect=starts_on_connect(workspace))


def _desktop_etag(workspace_id: int) -> str:
    mark = marks.workspace_mark(doors().session, workspace_id, seeker_id=user().id)
    return live.etag_of("desktop", workspace_id, mark, live.quarter_minute(doors().clock.now()))


def _desktop_context(workspace_id: int) -> dict[str, object]:
    session, now = doors().session, doors().clock.now()
    workspace = queries.get_own_workspace(session, workspace_id, seeker_id=user().id)
    connection, reason = connection_or_reason(workspace)
    is_in_trouble = has_trouble(diagnose(doors(), workspace))
    return {
        "workspace": workspace,
        "words": words.STATES[workspace.state],
        "lead": words.person_lead(
            workspace.state,
            action=workspace.requested_action,
            is_in_trouble=is_in_trouble,
            starts_on_connect=starts_on_connect(workspace),
        ),
        "is_in_trouble": is_in_trouble,
        "connection": connection,
        "not_connectable": reason,
        "poll_s": live.poll_s([workspace], now=now),
    }
