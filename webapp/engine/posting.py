"""One POST to a company's URL: never into our own network, with a time limit, reading only the status.

Only the status of the response is read, so that nothing from an internal address can leak.
"""

import time
from dataclasses import dataclass

from webapp.public_http import FAILURES, PublicHttp, code_of


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int | None = None
    """The HTTP status; None if there was no response."""
    error: str | None = None
    """Our error code: `address_refused`, `port_refused`, `not_found`, `timed_out`, `tls`, `unreachable`."""
    took_ms: int = 0

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Poster(PublicHttp):
    """A slower receiver than `limit_s` should accept the message and work later."""

    def post(self, url: str, *, headers: dict[str, str], body: bytes) -> Outcome:
        """Never raises; takes at most `limit_s` plus the name resolution."""
        started_s = time.monotonic()
        try:
            with self.connected(url) as (connection, target):
                connection.request("POST", target, body=body, headers=headers)
                outcome = Outcome(status=connection.getresponse().status)
        except FAILURES as failure:
            outcome = Outcome(error=code_of(failure))
        took_s = time.monotonic() - started_s
        if outcome.status is None and outcome.error in ("unreachable", "tls") and took_s >= self.limit_s:
            outcome = Outcome(error="timed_out")
        return Outcome(outcome.status, outcome.error, round(took_s * 1000))
