"""Services on a migrated database and a clock that stands still: no cloud, no web server."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import sessionmaker

from tests.authenticator import Authenticator
from tests.desk import PASSWORD, START, RecordingNotifier, make_settings
from webapp.database import make_engine
from webapp.domain.roles import Role
from webapp.models import User
from webapp.services import people
from webapp.services.context import ServiceContext
from webapp.vault.box import Sealer


class StandingClock:
    """Moves only when somebody waits, or when the test says so."""

    def __init__(self) -> None:
        self.elapsed = timedelta(0)

    def now(self) -> datetime:
        return START + self.elapsed

    def monotonic_s(self) -> float:
        return self.elapsed.total_seconds()

    def pause(self, seconds: float) -> None:
        self.elapsed += timedelta(seconds=seconds)


@pytest.fixture
def standing_clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def office(
    database_url: str, standing_clock: StandingClock, notifier: RecordingNotifier
) -> Iterator[ServiceContext]:
    """The entry points' side alone."""
    settings = make_settings(database_url)
    engine = make_engine(settings.database_url)
    session = sessionmaker(engine, expire_on_commit=False)()
    yield ServiceContext(session, standing_clock, notifier, settings, Sealer(settings.credential_public_key))
    session.close()
    engine.dispose()


@pytest.fixture
def provider(office: ServiceContext) -> User:
    return people.add_user(
        office, email="provider@example.com", role=Role.PROVIDER, password=PASSWORD, company_name="Quayside"
    )


@pytest.fixture
def other_provider(office: ServiceContext) -> User:
    """Somebody of another company."""
    return people.add_user(
        office, email="other@example.com", role=Role.PROVIDER, password=PASSWORD, company_name="Elsewhere"
    )


@pytest.fixture
def seeker(office: ServiceContext) -> User:
    return people.add_user(
        office, email="seeker@example.com", role=Role.SEEKER, password=PASSWORD, company_name=None
    )


@pytest.fixture
def device() -> Authenticator:
    return Authenticator()
