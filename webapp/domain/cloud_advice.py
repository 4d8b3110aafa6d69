"""What troubleshooting has to know about a cloud to say what its answers mean, and what takes too long.

The shape only: each cloud's own words, codes and times are in its folder of `webapp/providers/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from webapp.domain.causes import REFRESH
from webapp.domain.findings import RemedyAction, Severity
from webapp.domain.lifecycle import Action


@dataclass(frozen=True, slots=True)
class Word:
    code: str
    """The finding's."""
    severity: Severity
    summary: str
    explanation: str
    remedies: tuple[RemedyAction, ...] = (REFRESH,)
    after_restart: "Word | None" = None
    """Said in its place when a restart has not helped."""


@dataclass(frozen=True, slots=True)
class CloudCode:
    code: str
    """Our code, a key of the catalogue."""
    cause: str = ""
    """Replaces the general cause of our code; empty if that is enough."""


UNSENT_CODES: Mapping[str, CloudCode] = {
    "SSLError": CloudCode(
        "cloud_unreachable",
        "The certificate of the other side was not accepted, so nothing was sent: a proxy or firewall may"
        " inspect the traffic, or the Berth server's list of trusted certificates is out of date.",
    ),
    "ProxyConnectionError": CloudCode(
        "cloud_unreachable",
        "The proxy of the Berth server does not answer, or its list of allowed hosts lacks this one, so"
        " nothing was sent.",
    ),
}
"""Why a request to any cloud was not sent (the names are those of `clouds/unsent.py`)."""

LaunchHint = tuple[tuple[str, ...], str]
"""Phrases in the message of a failed launch and what they suggest: a hint for people, never a decision."""


@dataclass(frozen=True, slots=True)
class Usual:
    create: timedelta
    """After this a new desktop is later than most."""
    create_says: str
    actions: Mapping[Action, timedelta]
    connect_says: str
    """What to check when a person cannot connect to a healthy desktop."""
    off_at_most: timedelta | None = None
    """A desktop that is off for longer is lost, because its registration expires; None: no limit."""
    action_words: Mapping[Action, str] = field(default_factory=dict)
    """The cloud's own state for an action, used from the request until the next check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudAdvice:
    words: Mapping[str, Word]
    """The cloud's words for a state that is not simply on or off."""
    codes: Mapping[str, CloudCode]
    """What single codes of the cloud mean, where that is more than our own code says."""
    launch_hints: tuple[LaunchHint, ...]
    usual: Usual
