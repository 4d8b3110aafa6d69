"""Every limit on how many there may be is exact, also for those who ask at the same moment."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from tests.architecture.sources import ROOT
from tests.authenticator import Authenticator
from tests.conftest import both_databases
from tests.desk import PASSWORD, RecordingNotifier, make_settings
from tests.services import passkey_steps
from tests.services.conftest import StandingClock
from webapp.database import make_engine
from webapp.domain.errors import AppError
from webapp.domain.roles import Role
from webapp.models import ApiToken, CompanyDomain, Passkey, SignInFailure, User, WebhookEndpoint
from webapp.services import company_domains, passkeys, people, sign_in, sign_in_throttle, tokens, webhooks
from webapp.services.context import ServiceContext
from webapp.vault.box import Sealer

ROUNDS, AT_ONCE = 60, 4
GUESSED = "someone@example.com"
NUMBERS = count()


@dataclass(frozen=True)
class Limit:
    """One limit: who asks, when it counts as let through, and what is counted."""

    most: int
    attempt: Callable[[ServiceContext, User], object]
    counted: (
        type[ApiToken] | type[WebhookEndpoint] | type[SignInFailure] | type[Passkey] | type[CompanyDomain]
    )
    let_through: str | None = None
    """The code of a refusal that the limit did let through."""


def _guess(context: ServiceContext, _user: User) -> None:
    sign_in.sign_in(context, email=GUESSED, password="a wrong password")


def _issue(context: ServiceContext, user: User) -> None:
    tokens.issue_token(context, user=user, name="Race")


def _add_webhook(context: ServiceContext, user: User) -> None:
    webhooks.add_endpoint(
        context,
        company_id=user.company_id or 0,
        url="https://hooks.example.com/berth",
        kinds=["workspace.available"],
    )


def _add_passkey(context: ServiceContext, user: User) -> None:
    passkey_steps.add(context, user, Authenticator())


def _add_domain(context: ServiceContext, user: User) -> None:
    name = f"d{next(NUMBERS)}.example"
    company_domains.add_domain(context, name, company_id=user.company_id or 0)


LIMITS = {
    "sign_in_throttle.FAILURE_LIMIT": Limit(
        sign_in_throttle.FAILURE_LIMIT, _guess, SignInFailure, "wrong_sign_in"
    ),
    "passkeys.MOST_PASSKEYS": Limit(passkeys.MOST_PASSKEYS, _add_passkey, Passkey),
    "company_domains.MOST_DOMAINS": Limit(company_domains.MOST_DOMAINS, _add_domain, CompanyDomain),
    "tokens.MOST_TOKENS": Limit(tokens.MOST_TOKENS, _issue, ApiToken),
    "webhooks.MOST_ENDPOINTS": Limit(webhooks.MOST_ENDPOINTS, _add_webhook, WebhookEndpoint),
}
NOT_RACED = {
    "sign_in.ABSOLUTE_LIMIT": "a time",
    "sign_in_throttle.ADDRESS_LIMIT": "in the same turns as FAILURE_LIMIT",
    "cohort_plan.MOST_PEOPLE": "of one form",
    "directory_users.MOST_NUMBERS": "so far a suggested name is numbered on",
    "invitations.MOST_PEOPLE": "of one form",
    "invitation_limits.MOST_MAILS": "in turns, of many at once: tests/mail/test_invitations.py",
    "profile_differences.MOST_SHOWN": "of one page",
    "password_reset.MOST_LINKS": "refuses in silence, in turns: tests/mail/test_password_reset.py",
}


def test_every_limit_of_the_services_is_raced_here() -> None:
    name = re.compile(r"^(MOST_\w+|\w+_LIMIT)\b(?=\s*[:=])", re.M)
    found = {
        f"{path.stem}.{limit}"
        for path in (ROOT / "webapp" / "services").glob("*.py")
        for limit in name.findall(path.read_text())
    }

    assert found == LIMITS.keys() | NOT_RACED.keys()


@both_databases
def test_no_limit_lets_more_through_at_once_than_one_after_another(database_url: str) -> None:
    settings = make_settings(database_url)
    engine = make_engine(database_url)
    sessions = sessionmaker(engine, expire_on_commit=False)
    sealer = Sealer(settings.credential_public_key)
    with sessions() as session:
        context = ServiceContext(session, StandingClock(), RecordingNotifier(), settings, sealer)
        user = people.add_user(
            context, email="a@example.com", role=Role.PROVIDER, password=PASSWORD, company_name="Quayside"
        )
        for name, limit in LIMITS.items():
            attempt = partial(_attempt, context, sessions, limit, user)
            one_by_one = sum(attempt() for _ in range(limit.most + 1))
            wrong = [
                found for _ in range(ROUNDS) if (found := _race(session, limit, attempt)) != (1, limit.most)
            ]
            assert (name, one_by_one, wrong) == (name, limit.most, [])
    engine.dispose()


def _race(session: Session, limit: Limit, attempt: Callable[[], bool]) -> tuple[int, int]:
    """Free one place, then let several ask for it: how many got it, and how many there are now."""
    newest = session.scalars(select(func.max(limit.counted.id))).one()
    session.execute(delete(limit.counted).where(limit.counted.id == newest))
    session.commit()
    begin = threading.Barrier(AT_ONCE)
    got: list[bool] = []

    def ask() -> None:
        begin.wait(timeout=30)
        got.append(attempt())

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(got) == AT_ONCE
    count = session.scalars(select(func.count()).select_from(limit.counted)).one()
    session.commit()
    return sum(got), count


def _attempt(context: ServiceContext, sessions: sessionmaker[Session], limit: Limit, user: User) -> bool:
    """In a session of its own, as each request has; was it let through?"""
    with sessions() as session:
        try:
            limit.attempt(replace(context, session=session), user)
        except AppError as error:
            return error.code == limit.let_through
        return True
