"""The address of a simulated cloud. The SDKs know the real clouds' addresses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str
    """On this machine; from the process environment, never from a form."""
    ca_file: str | None = None
    """The CA that signed its certificate; None for plain HTTP or a public CA."""
    directory_url: str | None = None
    """Of the API of the directory's users, if it is elsewhere."""
