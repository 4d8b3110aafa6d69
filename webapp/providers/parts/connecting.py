"""The parts of every cloud's connection instructions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ConnectionInput:
    """Whose desktop it is, and what the cloud reported about its directory."""

    username: str
    observed: Mapping[str, Any]
    """`CloudCredential.observed`; anything may be missing."""

    def text(self, name: str) -> str:
        return str(self.observed.get(name) or "")


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    text: str
    """What to install or open on the device, in a sentence."""
    has_app: bool = True
    """False: the button that opens the app is not offered there."""
    has_browser: bool = True
    """False: nor is the browser link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Everything that a person needs to know besides the link."""

    registration_code: str | None = None
    web_client_url: str | None = None
    """None if there is no browser client."""
    sign_in_name: str
    """The name that the person enters."""
    client_download_url: str
    app: str
    """Its name in a sentence: “the WorkSpaces app”."""
    app_help: str
    """The platforms with an app."""
    steps: list[str]
    devices: list[Device] = field(default_factory=list)
    sign_in_help: str
    """About the first sign-in."""
    answers: list[tuple[str, str]]
    """Problems and what helps."""


@dataclass(frozen=True, slots=True)
class ConnectionProvider:
    link: Callable[[ConnectionInput], str | None]
    """The link that opens the client; None while a part of it is unknown."""
    way: Callable[[ConnectionInput], Way]
    starts_on_connect: Callable[[Mapping[str, Any]], bool]
    """Does a stopped desktop start when its person connects?"""
