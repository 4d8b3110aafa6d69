"""Challenges: random texts that a device signs, so that its answer cannot be an old one.

The browser keeps one in its signed cookie, and only what was answered is written down: strangers who ask for
challenges fill no table.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.exc import IntegrityError

from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.models import SpentChallenge
from webapp.services.context import ServiceContext

LASTS = timedelta(minutes=5)


class Purpose(StrEnum):
    """A challenge answers for what it was made for, and for nothing else."""

    ADD = "add"
    SIGN_IN = "sign_in"
    """Instead of the password."""
    SECOND_FACTOR = "second_factor"
    """After the password."""
    PROVE = "prove"
    """By whoever is signed in already."""


@dataclass(frozen=True, slots=True)
class Challenge:
    text: str
    purpose: Purpose
    user_id: int | None
    """Who must answer; None: whoever has a passkey."""
    made_at_s: int

    @property
    def signed(self) -> bytes:
        return self.text.encode()


def new_challenge(context: ServiceContext, purpose: Purpose, *, user_id: int | None = None) -> Challenge:
    return Challenge(new_secret_text(), purpose, user_id, int(context.clock.now().timestamp()))


def spend(
    context: ServiceContext, challenge: Challenge | None, purpose: Purpose, *, user_id: int | None
) -> bool:
    """May it be answered, now and by this person? In the caller's transaction: a second answer is refused,
    also one at the same moment."""
    now = context.clock.now()
    if challenge is None or (challenge.purpose, challenge.user_id) != (purpose, user_id):
        return False
    if not 0 <= int(now.timestamp()) - challenge.made_at_s < LASTS.total_seconds():
        return False
    context.session.add(SpentChallenge(challenge_hash=hash_of(challenge.text), expires_at=now + LASTS))
    try:
        context.session.flush()
    except IntegrityError:
        context.session.rollback()
        return False
    return True
