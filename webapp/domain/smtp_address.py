"""Where mails go to: the mail server of the installation, and the address that they come from."""

from dataclasses import dataclass, field
from enum import StrEnum


class Security(StrEnum):
    """How the connection is protected."""

    TLS = "tls"
    """From its first byte."""
    STARTTLS = "starttls"
    """Before anything is said that matters; without it nothing is sent."""
    NONE = "none"
    """Not at all: on this machine, or because somebody wrote so."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sender:
    """What mails have as their `From`."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class MailSettings:
    sender: Sender | None = None
    """None: this installation sends no mail, and none is written."""
    public_url: str = ""
    """What the links of mails begin with, without a slash at the end."""
    server: SmtpServer | None = None
    """Known to the process that sends, and to no other: it has a password."""

    @property
    def is_set_up(self) -> bool:
        return self.sender is not None
