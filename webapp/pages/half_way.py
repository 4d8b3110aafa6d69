"""Who has entered the right password and owes a code: in the signed cookie, for ten minutes."""

from dataclasses import dataclass

from flask import session

from webapp.identity import service_context

LASTS_S = 600
_KEY = "owes_code"


@dataclass(frozen=True, slots=True)
class HalfWay:
    user_id: int
    email: str


def remember(user_id: int, *, email: str) -> None:
    session[_KEY] = {"user": user_id, "email": email, "at": _now_s()}


def find() -> HalfWay | None:
    """None: nobody, or too long ago."""
    found = session.get(_KEY)
    if not found or not 0 <= _now_s() - found["at"] <= LASTS_S:
        return None
    return HalfWay(found["user"], found["email"])


def _now_s() -> int:
    return int(service_context().clock.now().timestamp())
