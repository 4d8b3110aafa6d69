"""What a page needs to hear of changes at once: the address of the process `live`, and a ticket for it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import g, request

from webapp.domain.live_tickets import ticket_of
from webapp.models import UserSession


@dataclass(frozen=True, slots=True)
class LiveEvents:
    url: str
    ticket: str = field(repr=False)


def live_events(live_url: str) -> LiveEvents | None:
    """For the signed-in person of this request; None without one, or without such a process."""
    session: UserSession | None = g.get("user_session")
    if not live_url or session is None or "is_error" in g:
        return None
    # The same as every link: behind a proxy Berth may be served under a path.
    url = request.script_root + live_url if live_url.startswith("/") else live_url
    return LiveEvents(url, ticket_of(session.id, session.token_hash))


def origin_of(live_url: str) -> str:
    """The origin to which pages connect, if it is not their own."""
    parts = urlsplit(live_url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
