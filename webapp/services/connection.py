"""How a person connects: links, code and steps; made only of validated parts.

The link's grammar is the cloud's own (AWS sheet, section 3): `workspaces://<user>@<registration code>`,
with the user name percent-encoded and the code literal.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import State
from webapp.models import Workspace

CLIENT_DOWNLOAD_URL = "https://clients.amazonworkspaces.com/"
_REGISTRATION_CODE = re.compile(r"[A-Za-z0-9+.-]{1,64}")
_CONNECTABLE = (State.AVAILABLE, State.STOPPED, State.STARTING, State.STOPPING, State.UNHEALTHY)
"""A stopped AutoStop workspace starts by itself when its person signs in."""


@dataclass(frozen=True, slots=True)
class Connection:
    cloud_provider: str
    state: State
    username: str
    connection_string: str
    registration_code: str
    web_client_url: str | None
    """None when the directory does not allow browsers."""
    client_download_url: str
    steps: list[str]
    password_help: str


def connection_string(workspace: Workspace) -> str | None:
    """The link that opens the client; None until the workspace has been usable once."""
    code = _code(workspace)
    if workspace.available_at is None or workspace.state is State.TERMINATED or code is None:
        return None
    return f"workspaces://{quote(workspace.username, safe='')}@{code}"


def connection_of(workspace: Workspace) -> Connection:
    """Everything that the person needs. Raises Conflict (`not_connectable`) with the reason."""
    link, code = connection_string(workspace), _code(workspace)
    if workspace.state not in _CONNECTABLE or link is None or code is None:
        raise Conflict(_reason(workspace), code="not_connectable")
    observed = workspace.credential.observed
    return Connection(
        cloud_provider=workspace.cloud_provider,
        state=workspace.state,
        username=workspace.username,
        connection_string=link,
        registration_code=code,
        web_client_url=observed.get("web_client_url"),
        client_download_url=CLIENT_DOWNLOAD_URL,
        steps=_steps(workspace, code, has_browser=bool(observed.get("web_client_url"))),
        password_help=_password_help(can_reset=bool(observed.get("can_reset_password"))),
    )


def _code(workspace: Workspace) -> str | None:
    code = str(workspace.credential.observed.get("registration_code") or "")
    return code if _REGISTRATION_CODE.fullmatch(code) else None


def _reason(workspace: Workspace) -> str:
    if workspace.state in (State.TERMINATING, State.TERMINATED):
        return "This workspace has ended."
    if workspace.state is State.PENDING:
        return "The workspace is still being made. Come back in a few minutes."
    if workspace.state is State.RESTARTING:
        return "The workspace is restarting. Try again in a few minutes."
    if workspace.state is State.MAINTENANCE:
        return "The workspace is in maintenance. Try again later."
    return "The workspace is not usable right now."


def _steps(workspace: Workspace, code: str, *, has_browser: bool) -> list[str]:
    first = "Install the Amazon WorkSpaces client from clients.amazonworkspaces.com."
    if has_browser:
        first += " Or use the browser link; then nothing needs to be installed."
    return [
        first,
        f"Open it and enter the registration code {code}.",
        f"Sign in as {workspace.username} with your directory password.",
        "If the desktop was stopped it starts now; that usually takes less than two minutes.",
    ]


def _password_help(*, can_reset: bool) -> str:
    if can_reset:
        return (
            "First time here? Choose “Forgot password?” in the client to set your password; "
            "the message goes to your address in the directory."
        )
    return (
        "The password is the one of your company account. If you have none yet, ask the company: "
        "it can only be set there."
    )
