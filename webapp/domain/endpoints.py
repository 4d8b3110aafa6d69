"""Where a simulated cloud is. The real clouds' addresses are their SDKs' business."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str
    """Of this machine; comes from the process environment, never from a form."""
    ca_file: str | None = None
    """The CA that signed its certificate; None for plain HTTP, or for a CA that everybody knows."""
