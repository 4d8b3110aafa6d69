"""How many wrong passwords are checked: for an account, from an address, and in a browser that is known.

Failures are counted in the database, so that wiping Redis does not reset them. A browser in which the person
signed in before has a count of its own: strangers who guess cannot lock the owner out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from webapp.database import take_turns
from webapp.domain.errors import TooMany
from webapp.domain.secret_texts import hash_of
from webapp.domain.sentences import say
from webapp.models import SignInFailure
from webapp.services.context import ServiceContext

FAILURE_WINDOW = timedelta(minutes=15)
FAILURE_LIMIT = 10
"""Of an account, from all unknown browsers together; and of each known browser."""
ADDRESS_LIMIT = 100
"""From an address, at all accounts together: a whole office may share one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody wants to sign in."""

    browser: str = ""
    """What it calls itself; untrusted."""
    address: str = ""
    mark: str = ""
    """Of a browser in which this account signed in before; else empty."""


IN_ACCOUNT = Origin(mark="own account")
"""Of whoever is signed in already: counted for itself too."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that is counted as failed until `forgive`."""

    failure_ids: tuple[int, ...]
    account_key: str


def begin_attempt(context: ServiceContext, account: str, origin: Origin) -> Attempt:
    """Count this attempt as failed before its password is checked; commits. Raises TooMany.

    Attempts at the same moment take turns, so no more than the limits are ever checked, and guessing cannot
    use up the CPU.
    """
    now = context.clock.now()
    counted = list(_counted(account, origin))
    for key, limit in counted:
        take_turns(context.session, f"sign-in {key}")
        if _count(context, key, now) >= limit:
            context.session.rollback()
            raise TooMany(
                say("Too many attempts. Wait 15 minutes and try again."),
                retry_after_s=int(FAILURE_WINDOW.total_seconds()),
            )
    failures = [SignInFailure(account_key=key, at=now) for key, _ in counted]
    context.session.add_all(failures)
    context.session.flush()
    attempt = Attempt(tuple(one.id for one in failures), counted[-1][0])
    context.session.commit()
    return attempt


def forgive(context: ServiceContext, attempt: Attempt) -> None:
    """The password was right: in the caller's transaction, this attempt and the account's others are
    forgotten; the address keeps its failures at other accounts."""
    context.session.execute(
        delete(SignInFailure).where(
            (SignInFailure.account_key == attempt.account_key) | SignInFailure.id.in_(attempt.failure_ids)
        )
    )


def _counted(account: str, origin: Origin) -> Iterator[tuple[str, int]]:
    """Always in this order, so that two attempts never wait for each other; the account's own is the last."""
    if origin.mark:
        yield _key("browser", account, origin.mark), FAILURE_LIMIT
        return
    if origin.address:
        yield _key("address", origin.address), ADDRESS_LIMIT
    yield _key("account", account), FAILURE_LIMIT


def _count(context: ServiceContext, key: str, now: datetime) -> int:
    since = now - FAILURE_WINDOW
    asked = select(func.count()).where(SignInFailure.account_key == key, SignInFailure.at > since)
    return context.session.scalar(asked) or 0


def _key(*parts: str) -> str:
    return hash_of("\x1f".join(parts))
