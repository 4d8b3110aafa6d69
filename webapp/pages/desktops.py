"""A seeker's own desktops and applications, and how to connect."""

from typing import TypedDict
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from webapp import trail
from webapp.domain.access import Access, is_end_near
from webapp.domain.file_returns import FOLDER
from webapp.domain.files_at_end import FilesAtEnd
from webapp.domain.lifecycle import Action, State
from webapp.domain.permissions import Permission
from webapp.domain.sentences import say
from webapp.guards import requires
from webapp.identity import actor, service_context, user
from webapp.models import FileReturn, HelpRequest, Workspace
from webapp.models.help_request import LONGEST_NOTE
from webapp.pages import live, words
from webapp.pages.access_words import said_to_person
from webapp.pages.devices import device_at_hand, sorted_devices
from webapp.pages.fields import BerthForm, at_most
from webapp.pages.hours_view import HoursShown, hours_shown
from webapp.pages.language import tell
from webapp.pages.workspaces.findings import has_trouble
from webapp.pages.workspaces.status import connection_or_reason
from webapp.pages.workspaces.waiting import person_wait
from webapp.providers.parts.connecting import Device
from webapp.queries import applications, help_requests, marks
from webapp.queries import workspaces as queries
from webapp.queries.files_at_end import find_files
from webapp.queries.own_use import read_own_use
from webapp.services.bringing_back import return_to
from webapp.services.connection import Connection, starts_on_connect
from webapp.services.extensions import ask_for_time
from webapp.services.help_requests import ask_for_help
from webapp.services.troubleshooting import diagnose
from webapp.services.working_on import work_on

bp = Blueprint("desktops", __name__, url_prefix="/desktops")


class HelpForm(BerthForm):
    note = TextAreaField(say("What is the problem?"), [at_most(LONGEST_NOTE)])


class Cards(TypedDict):
    """What `desktops/_cards.html` needs."""

    desktops: list[tuple[Workspace, bool, str, FilesAtEnd | None, bool]]
    """Each with whether one can connect now, what its state means, what becomes of its files, and whether
    it is being set up."""
    poll_s: int | None


class Desktop(TypedDict):
    """What `desktops/_connect.html` needs."""

    workspace: Workspace
    access: Access
    words: words.StateWords
    own_device: Device | None
    other_devices: list[Device]
    help_request: HelpRequest | None
    wait: list[str]
    """How long it may take, in sentences."""
    lead: str
    is_set_up: bool
    """It is being set up: not if the order waits for its contract, or that has ended."""
    is_in_trouble: bool
    connection: Connection | None
    not_connectable: str
    """Why, while there is no connection."""
    simulated_window: str
    """In the demo: the page that stands for the cloud's client; else empty."""
    poll_s: int | None
    hours: HoursShown | None
    files: FilesAtEnd | None
    file_return: FileReturn | None
    """Of a former desktop's files, into `folder`."""
    folder: str


@bp.get("/")
@requires(Permission.USE_DESKTOP)
def index() -> ResponseReturnValue:
    own = applications.list_own_applications(service_context().session, seeker_id=user().id)
    return render_template(
        "desktops/index.html", applications=own, person=user(), etag=_cards_etag(), **_cards_context()
    )


@bp.get("/cards")
@requires(Permission.USE_DESKTOP)
def cards() -> ResponseReturnValue:
    etag = _cards_etag()
    if (same := live.unchanged(etag)) is not None:
        return same
    return live.fragment("desktops/_cards.html", etag=etag, **_cards_context())


@bp.get("/<int:workspace_id>/")
@requires(Permission.USE_DESKTOP)
def show(workspace_id: int) -> ResponseReturnValue:
    return _page(workspace_id, HelpForm())


@bp.post("/<int:workspace_id>/help")
@requires(Permission.USE_DESKTOP)
def ask_help(workspace_id: int) -> ResponseReturnValue:
    """Ask the company for help."""
    form = HelpForm()
    if not form.validate_on_submit():
        return _page(workspace_id, form), form.status
    note = form.note.data or ""
    ask_for_help(service_context(), workspace_id, seeker_id=user().id, note=note, actor=actor())
    tell(say("We notified the company. They will look into it."))
    return redirect(f"{url_for('.show', workspace_id=workspace_id)}#trouble", code=303)


@bp.post("/<int:workspace_id>/more-time")
@requires(Permission.USE_DESKTOP)
def ask_time(workspace_id: int) -> ResponseReturnValue:
    """Ask the company to extend the contract."""
    ask_for_time(service_context(), workspace_id, seeker_id=user().id, actor=actor())
    tell(say("We notified the company. They will look into it."))
    return redirect(url_for(".show", workspace_id=workspace_id), code=303)


@bp.post("/<int:workspace_id>/work-on")
@requires(Permission.USE_DESKTOP)
def keep_working(workspace_id: int) -> ResponseReturnValue:
    """Two more hours outside the working hours."""
    workspace = queries.get_own_workspace(service_context().session, workspace_id, seeker_id=user().id)
    work_on(service_context(), workspace, actor=actor())
    tell(say("Your desktop stays on for two more hours."))
    return redirect(url_for(".show", workspace_id=workspace_id), code=303)


@bp.get("/<int:workspace_id>/connect")
@requires(Permission.USE_DESKTOP)
def connect(workspace_id: int) -> ResponseReturnValue:
    """The live part of the page: state and connection."""
    etag = _desktop_etag(workspace_id)
    if (same := live.unchanged(etag)) is not None:
        return same
    return live.fragment("desktops/_connect.html", etag=etag, **_desktop_context(workspace_id))


def _page(workspace_id: int, form: HelpForm) -> str:
    context = _desktop_context(workspace_id)
    return render_template(
        "desktops/show.html",
        form=form,
        etag=_desktop_etag(workspace_id),
        use=read_own_use(service_context().session, context["workspace"]),
        use_days=service_context().settings.retention.use_days,
        **context,
    )


def _cards_etag() -> str:
    session, now = service_context().session, service_context().clock.now()
    return live.etag_of("desktops", marks.seeker_mark(session, seeker_id=user().id, now=now))


def _cards_context() -> Cards:
    found = queries.list_own_workspaces(service_context().session, seeker_id=user().id)
    now = service_context().clock.now()
    cards = [
        (
            one,
            connection_or_reason(one)[0] is not None,
            _lead(one),
            _files(one),
            one.state is State.PENDING and not said_to_person(one, now),
        )
        for one in found
    ]
    return {"desktops": cards, "poll_s": live.poll_s(found, now=now)}


def _files(workspace: Workspace) -> FilesAtEnd | None:
    """Once its end is near, or access is over: before, the end alone is shown."""
    now = service_context().clock.now()
    is_over = workspace.access(now) is Access.SUSPENDED
    if not is_over and not is_end_near(now, ends_at=workspace.ends_at):
        return None
    return find_files(service_context().session, workspace, now=now)


def _desktop_etag(workspace_id: int) -> str:
    mark = marks.workspace_mark(service_context().session, workspace_id, seeker_id=user().id)
    return live.etag_of(
        "desktop", workspace_id, mark, device_at_hand(), live.quarter_minute(service_context().clock.now())
    )


def _desktop_context(workspace_id: int) -> Desktop:
    session, now = service_context().session, service_context().clock.now()
    workspace = queries.get_own_workspace(session, workspace_id, seeker_id=user().id)
    connection, reason = connection_or_reason(workspace)
    if connection is not None:
        trail.note_connection(workspace)
    is_in_trouble = has_trouble(diagnose(service_context(), workspace))
    own, others = sorted_devices(connection.devices if connection else [], at_hand=device_at_hand())
    return {
        "workspace": workspace,
        "access": workspace.access(now),
        "words": words.STATES[workspace.state],
        "own_device": own,
        "other_devices": others,
        "help_request": help_requests.find_open(session, workspace_id=workspace.id),
        "wait": [] if is_in_trouble else person_wait(workspace),
        "lead": _lead(workspace, action=workspace.requested_action, is_in_trouble=is_in_trouble),
        "is_set_up": workspace.state is State.PENDING and not said_to_person(workspace, now),
        "is_in_trouble": is_in_trouble,
        "connection": connection,
        "not_connectable": reason,
        "simulated_window": _simulated_window(workspace) if connection else "",
        "poll_s": live.poll_s([workspace], now=now),
        "hours": hours_shown(workspace),
        "files": _files(workspace),
        "file_return": return_to(service_context(), workspace),
        "folder": FOLDER,
    }


def _lead(workspace: Workspace, *, action: Action | None = None, is_in_trouble: bool = False) -> str:
    return said_to_person(workspace, service_context().clock.now()) or words.person_lead(
        workspace.state,
        action=action,
        is_in_trouble=is_in_trouble,
        starts_on_connect=starts_on_connect(workspace),
    )


def _simulated_window(workspace: Workspace) -> str:
    base, machine = service_context().settings.mailbox_url, workspace.cloud_workspace_id
    if not base or not machine:
        return ""
    place = f"desktops/{workspace.cloud_provider}/{quote(machine, safe='')}"
    return f"{base}{place}?user={quote(workspace.username)}"
