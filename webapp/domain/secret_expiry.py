"""When a client secret or certificate expires.

Azure has no call for it: of a secret a person enters the date, of a certificate Berth reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

REMINDS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Expiry:
    code: str
    """`secret_expires_soon` or `secret_expired`."""
    is_over: bool
    on: date
    summary: str
    remedy: str


def expiry_of(public_fields: Mapping[str, str], *, today: date) -> Expiry | None:
    """None if the date is unknown or far away."""
    day = date_of(public_fields.get("secret_expires_on"))
    if day is None or day - today > REMINDS:
        return None
    noun = noun_of(public_fields)
    renew = _RENEW[noun]
    if day < today:
        return Expiry(
            "secret_expired",
            True,
            day,
            f"The {noun} expired on {said(day)}.",
            f"{renew} Until then Berth cannot create, start, stop or terminate desktops in this account.",
        )
    left = (day - today).days
    when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days, on {said(day)}"
    return Expiry(
        "secret_expires_soon",
        False,
        day,
        f"The {noun} expires {when}.",
        f"{renew} Then you can delete the old one. Desktops keep working meanwhile.",
    )


_RENEW = {
    "client secret": "Create a new one in Entra; enter it and its expiry date under Cloud accounts.",
    "certificate": "Create a new one, upload it to the application, and enter it under Cloud accounts.",
}


def noun_of(public_fields: Mapping[str, str]) -> str:
    return "certificate" if public_fields.get("certificate_thumbprint") else "client secret"


def said(day: date) -> str:
    """The date in words."""
    return f"{day.day} {day:%B %Y}"


def date_of(text: str | None) -> date | None:
    """None when there is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
