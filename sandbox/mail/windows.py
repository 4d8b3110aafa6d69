"""The windows of the demo's desktops: whoever opens one is connected in its simulated cloud.

No client of a real cloud finds a simulated desktop, and without connections a demo shows nobody at work.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from sandbox.azure_control import AzureSandbox
from sandbox.control import Sandbox
from sandbox.control_client import SandboxError

_PATH = re.compile(r"/desktops/(?P<cloud>[a-z]{1,16})/(?P<machine>[^/?]{1,300})(?P<left>/left)?")
PART = "/desktops/"


@dataclass(frozen=True, slots=True)
class Cloud:
    connect: Callable[[str, str], object]
    """Of a machine and the user's name. Raises SandboxError, OSError."""
    disconnect: Callable[[str], object]


def clouds_at(*, aws: str | None, azure: str | None, azure_ca: str | None) -> dict[str, Cloud]:
    """By the word in the path; `aws` and `azure` are addresses, None for a cloud that is not there."""
    found: dict[str, Cloud] = {}
    if aws:
        amazon = Sandbox(aws)
        found["aws"] = Cloud(lambda machine, _user: amazon.connect(machine), amazon.disconnect)
    if azure:
        microsoft = AzureSandbox(azure, ca_file=azure_ca)
        found["azure"] = Cloud(microsoft.open_session, microsoft.close_sessions)
    return found


def window(clouds: Mapping[str, Cloud], target: str) -> tuple[str, str] | None:
    """Title and body of the page; None if there is no such desktop. Connects, or disconnects."""
    address = urlsplit(target)
    found = _PATH.fullmatch(address.path)
    if found is None or found["cloud"] not in clouds:
        return None
    cloud, machine = clouds[found["cloud"]], unquote(found["machine"])
    user = parse_qs(address.query).get("user", ["somebody"])[0][:200]
    try:
        if found["left"]:
            cloud.disconnect(machine)
        else:
            cloud.connect(machine, user)
    except (SandboxError, OSError):
        return None
    again = f"{PART}{found['cloud']}/{quote(machine, safe='')}"
    name = html.escape(user)
    if found["left"]:
        link = f'<a href="{again}?user={quote(user)}">Connect again</a>'
        return "You are disconnected", f"<p>{name} has left this simulated desktop. {link}</p>"
    link = f'<a href="{again}/left?user={quote(user)}">Disconnect</a>'
    text = "stands for the client of the cloud. Berth sees the connection within seconds"
    return f"Connected as {user}", f"<p>This page {text}, and shows it to the company.</p><p>{link}</p>"
