"""What every way to a desktop consists of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ConnectionInput:
    """Whose desktop, and what the cloud said about the place where it is."""

    username: str
    observed: Mapping[str, Any]
    """`CloudCredential.observed`; anything may be missing."""

    def text(self, name: str) -> str:
        return str(self.observed.get(name) or "")


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    text: str
    """What to install or open there, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Everything that a person needs to know beside the link itself."""

    registration_code: str | None = None
    web_client_url: str | None = None
    """None when there is no way by browser."""
    sign_in_name: str
    """What the person types as the name."""
    client_download_url: str
    app: str
    """Its name in a sentence: “the WorkSpaces app”."""
    app_help: str
    """Where there is one."""
    steps: list[str]
    devices: list[Device] = field(default_factory=list)
    sign_in_help: str
    """About the first sign-in."""
    answers: list[tuple[str, str]]
    """What goes wrong, and what helps."""


@dataclass(frozen=True, slots=True)
class ConnectionProvider:
    link: Callable[[ConnectionInput], str | None]
    """What opens the client; None while a part of it is not known."""
    way: Callable[[ConnectionInput], Way]
    starts_on_connect: Callable[[Mapping[str, Any]], bool]
    """Does a stopped desktop start when its person connects?"""
