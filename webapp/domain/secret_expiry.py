"""When a client secret expires. Azure has no call for it: a person enters the date, and Berth warns them."""

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
    if day < today:
        return Expiry(
            "secret_expired",
            True,
            day,
            f"The client secret expired on {said(day)}.",
            "Create a new one in Entra; enter it and its expiry date under Cloud accounts. Until then Berth"
            " cannot create, start, stop or terminate desktops in this account.",
        )
    left = (day - today).days
    when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days, on {said(day)}"
    return Expiry(
        "secret_expires_soon",
        False,
        day,
        f"The client secret expires {when}.",
        "Create a new one in Entra; enter it and its expiry date under Cloud accounts. Then you can delete"
        " the old one. Desktops keep working meanwhile.",
    )


def said(day: date) -> str:
    """The date in words."""
    return f"{day.day} {day:%B %Y}"


def date_of(text: str | None) -> date | None:
    """None when there is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
