"""How a person connects: whether it is possible now, and the cloud's instructions (its `Provider`)."""

from dataclasses import dataclass
from datetime import datetime

from webapp.domain import catalogue
from webapp.domain.access import Access, Because
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import State
from webapp.domain.sentences import say
from webapp.models import Workspace
from webapp.providers.parts.connecting import ConnectionInput, Device
from webapp.providers.registry import get_provider

_CONNECTABLE = (State.AVAILABLE, State.STARTING, State.UNHEALTHY)
_WHEN_IT_STARTS_BY_ITSELF = (State.STOPPED, State.STOPPING)


@dataclass(frozen=True, slots=True)
class Connection:
    cloud_provider: str
    state: State
    username: str
    connection_string: str
    registration_code: str | None
    """None if the cloud has no registration code."""
    web_client_url: str | None
    """None if there is no browser client."""
    sign_in_name: str
    client_download_url: str
    app: str
    app_help: str
    steps: list[str]
    devices: list[Device]
    sign_in_help: str
    answers: list[tuple[str, str]]


def connection_string(workspace: Workspace, *, now: datetime) -> str | None:
    """The link that opens the client; None until it was usable once, and while its person is kept out."""
    is_closed = workspace.access(now) is not Access.OPEN
    if workspace.available_at is None or workspace.state is State.TERMINATED or is_closed:
        return None
    return get_provider(workspace.cloud_provider).connection.link(_connection_input(workspace))


def starts_on_connect(workspace: Workspace) -> bool:
    """Does it start by itself when the person connects?"""
    provider = get_provider(workspace.cloud_provider)
    return provider.starts_on_connect(workspace.credential.observed, running_mode=workspace.running_mode)


def connection_of(workspace: Workspace, *, now: datetime, for_company: bool = False) -> Connection:
    """Everything that the person needs. Raises Conflict (`not_connectable`) with the reason.

    `for_company`: of a failure also the cause, which is the company's business alone.
    """
    link = connection_string(workspace, now=now)
    if not _is_connectable(workspace) or link is None:
        reason = closed_reason(workspace, now) or _reason(workspace, for_company=for_company)
        raise Conflict(reason, code="not_connectable")
    way = get_provider(workspace.cloud_provider).connection.way(_connection_input(workspace))
    return Connection(
        cloud_provider=workspace.cloud_provider,
        state=workspace.state,
        username=workspace.username,
        connection_string=link,
        registration_code=way.registration_code,
        web_client_url=way.web_client_url,
        sign_in_name=way.sign_in_name,
        client_download_url=way.client_download_url,
        app=way.app,
        app_help=way.app_help,
        steps=way.steps,
        devices=way.devices,
        sign_in_help=way.sign_in_help,
        answers=way.answers,
    )


def closed_reason(workspace: Workspace, now: datetime) -> str | None:
    """Why its person is kept out, by contract or because somebody terminated it; None if access is open."""
    if workspace.state in (State.TERMINATING, State.TERMINATED):
        return None
    match workspace.access(now):
        case Access.OPEN:
            return None
        case Access.NOT_YET:
            return say("Access opens when the contract begins.")
        case Access.SUSPENDED if workspace.suspended_because is Because.TERMINATE_REQUESTED:
            return say("The company has ended access to this desktop.")
        case Access.SUSPENDED:
            return say("The contract has ended, and access with it. Ask the company if you need more time.")


def _connection_input(workspace: Workspace) -> ConnectionInput:
    return ConnectionInput(workspace.username, workspace.credential.observed)


def _is_connectable(workspace: Workspace) -> bool:
    if workspace.state in _WHEN_IT_STARTS_BY_ITSELF:
        return starts_on_connect(workspace)
    return workspace.state in _CONNECTABLE


def _reason(workspace: Workspace, *, for_company: bool) -> str:
    if for_company and workspace.state is State.ERROR and workspace.error_code:
        cause = catalogue.entry(workspace.error_code)
        return f"{cause.message} {cause.remedy}"
    if workspace.available_at is not None and _is_connectable(workspace):
        return say(
            "The connection details are unknown. Ask the company to test the cloud account; it shows what"
            " is missing."
        )
    return _REASONS.get(workspace.state, say("You cannot connect to this desktop right now."))


_REASONS = {
    State.TERMINATING: say("This desktop has ended."),
    State.TERMINATED: say("This desktop has ended."),
    State.PENDING: say("The desktop is still being set up. Come back in a few minutes."),
    State.RESTARTING: say("The desktop is restarting. Try again in a few minutes."),
    State.ERROR: say("Something is wrong with this desktop. The company can see the cause and fix it."),
    State.SUSPENDED: say(
        "The cloud holds this desktop, for up to 45 minutes while an image of it is created. If it lasts"
        " longer, ask the company."
    ),
    State.MAINTENANCE: say("The desktop is in maintenance. Try again later."),
    State.STOPPING: say("The desktop is being switched off. Ask the company to start it again."),
    State.STOPPED: say(
        "The desktop is switched off, and connecting does not start it. Ask the company to start it."
    ),
}
