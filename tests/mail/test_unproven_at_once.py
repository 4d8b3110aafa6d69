"""Somebody is hired at the moment in which an account with an unproven address makes way."""

import threading
import time

import pytest
from sqlalchemy import func, select, text, update

from tests.desk import PASSWORD, Desk
from tests.mail.office import Office
from webapp.domain.errors import AppError
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, User
from webapp.services import applications, invitations, people
from webapp.services.context import ServiceContext
from webapp.services.invitations import Wanted

EMAIL = "ada@bigcorp.example"
OWN_PASSWORD = "seven quiet barges at dawn"
LONGEST_S = 60

pytestmark = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def until_somebody_waits(desk: Desk) -> None:
    """For a lock of the database."""
    last = time.monotonic() + LONGEST_S
    with desk.sessions() as session:
        while not session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert time.monotonic() < last
            session.rollback()


def test_whoever_is_hired_at_that_moment_keeps_the_account(desk: Desk, office: Office) -> None:
    seeker_id = people.sign_up_seeker(desk.context, name="Ada", email=EMAIL, password=PASSWORD).id
    applications.apply(desk.context, desk.posting_id, seeker_id=seeker_id, message="Hello")
    [invited] = invitations.invite(
        desk.context, [Wanted(EMAIL)], company_id=desk.provider.company_id or 0, invited_by=desk.provider
    )
    sealer, refused = desk.context.sealer, list[str]()
    own = Application.seeker_id == seeker_id

    def accept() -> None:
        with desk.sessions() as session:
            context = ServiceContext(session, desk.clock, desk.notifier, desk.settings, sealer)
            try:
                invitations.accept_as_new(context, invited.token, name="Ada", password=OWN_PASSWORD)
            except AppError as error:
                refused.append(error.code)

    thread = threading.Thread(target=accept)
    with desk.sessions.begin() as session:
        decision = {"decided_at": desk.clock.now(), "decided_by_id": desk.provider.id}
        session.execute(update(Application).where(own).values(status=ApplicationStatus.APPROVED, **decision))
        thread.start()
        until_somebody_waits(desk)
    thread.join(timeout=LONGEST_S)

    with desk.sessions() as session:
        assert session.scalar(select(Application.status).where(own)) is ApplicationStatus.APPROVED
        assert session.get_one(User, seeker_id).removed_at is None
        assert session.scalar(select(func.count()).where(User.email == EMAIL)) == 1
    assert refused == ["email_taken"]
