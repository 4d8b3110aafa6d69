"""The error tree. Codes and statuses are data; messages are sentences for people.

`webapp/clouds/` translates a cloud's error into `CloudError`; nothing above it ever reads
a cloud's raw text. The catalogue of findings per code is `domain/catalogue.py`.
"""

from dataclasses import dataclass
from enum import StrEnum


class AppError(Exception):
    """A request that Berth refuses, with a stable public code."""

    code = "error"
    http_status = 400

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        http_status: int | None = None,
        field: str | None = None,
        extra: dict[str, object] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.http_status = http_status or type(self).http_status
        self.field = field
        """The form field the message belongs to, if it belongs to one."""
        self.extra = extra or {}
        """Further fields of the API's problem document (never secrets)."""
        self.retry_after_s = retry_after_s


class NotFound(AppError):
    """The caller's company has no such object (someone else's object gets the same response)."""

    code, http_status = "not_found", 404


class Forbidden(AppError):
    code, http_status = "forbidden", 403


class Conflict(AppError):
    """The current state, or a uniqueness rule, does not allow it."""

    code, http_status = "conflict", 409


class LinkIsOver(AppError):
    """A single-use link that was used, has expired, was withdrawn, or never existed."""

    code, http_status = "link_is_over", 410


class PreconditionFailed(AppError):
    """The object has changed since the caller read it."""

    code, http_status = "precondition_failed", 412

    def __init__(self) -> None:
        super().__init__("It has changed since you read it. Read it again and check what is new.")


class Invalid(AppError):
    """A value that is well-formed but not acceptable."""

    code, http_status = "invalid", 422


class Unavailable(AppError):
    """The answer must come from a cloud or a worker and did not arrive in time."""

    code, http_status = "not_answered_yet", 503


class TooMany(AppError):
    code, http_status = "too_many_requests", 429


class Trouble(StrEnum):
    """What a failed cloud call means for the work that depends on it."""

    THROTTLED = "throttled"
    """Refused by a rate limit; nothing happened."""
    TRANSIENT = "transient"
    """Refused for a temporary reason; nothing happened."""
    UNKNOWN = "unknown"
    """The response was lost: it may have happened."""
    CREDENTIAL = "credential"
    """The key is wrong, expired or lacks a permission: the account has a problem, not this one desktop."""
    QUOTA = "quota"
    """A limit of the account is reached."""
    EXISTS = "exists"
    """The slot is taken: perhaps by our own earlier attempt."""
    ABSENT = "absent"
    """The cloud does not know it (yet, or any more)."""
    PERMANENT = "permanent"
    """It will never work as requested."""

    @property
    def is_transient(self) -> bool:
        return self in (Trouble.THROTTLED, Trouble.TRANSIENT, Trouble.UNKNOWN)


_HOLDS_ONLY_ORDERS = frozenset(
    {
        "access_denied",
        "organisation_forbids",
        "boundary_forbids",
        "endpoint_forbids",
        "explicitly_denied",
        "host_pool_unsuitable",
        "resource_not_found",
        "provider_not_registered",
    }
)
_STOPS_EVERYTHING = frozenset({"cloud_unreachable", "clock_wrong", "own_identity_missing"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A cloud's refusal of one item, or of a whole call, in our terms."""

    code: str
    """Our stable code, a key of the catalogue."""
    trouble: Trouble
    cloud_code: str = ""
    """The cloud's own code, kept for the log and for reports; plain characters only."""
    detail: str = ""
    """A short, redacted extract of the cloud's text; untrusted, escape it."""
    retries: int | None = None
    """How many retries make sense, if fewer than usual."""

    @property
    def holds_only_orders(self) -> bool:
        """The account may create nothing, but its desktops can still be checked, started and terminated."""
        return self.trouble is Trouble.CREDENTIAL and self.code in _HOLDS_ONLY_ORDERS

    @property
    def stops_everything(self) -> bool:
        """No request gets through: the account waits as a whole, and no order uses up an attempt."""
        return self.code in _STOPS_EVERYTHING


class CloudError(Exception):
    """A cloud call that failed as a whole."""

    def __init__(self, failure: Failure, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"{failure.code} ({failure.cloud_code})")
        self.failure = failure
        self.retry_after_s = retry_after_s
        """How long the cloud asks to wait, in seconds, capped by the driver; None if it does not say."""
