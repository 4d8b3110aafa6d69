"""Removal at the same moment as something else: one of the two wins, and never both."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk
from webapp.domain.errors import AppError, Conflict
from webapp.domain.roles import ApplicationStatus
from webapp.models import Application, JobPosting, User, Workspace
from webapp.services import orders, removal
from webapp.services.context import ServiceContext
from webapp.services.hiring import approve_known
from webapp.services.passwords import verify_password

ROUNDS = 12
Act = Callable[[ServiceContext], object]


def at_once(desk: Desk, *acts: Act) -> list[str]:
    """How each of them ended: `done`, or the code of the refusal."""
    ended = [""] * len(acts)
    gate = threading.Barrier(len(acts))
    desk.session.rollback()

    def run(place: int, act: Act) -> None:
        with desk.sessions() as session:
            context = ServiceContext(session, desk.clock, desk.notifier, desk.settings, desk.context.sealer)
            gate.wait(timeout=30)
            try:
                act(context)
                ended[place] = "done"
            except AppError as error:
                ended[place] = error.code

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ended


def removal_of(user_id: int, email: str) -> Act:
    def act(context: ServiceContext) -> None:
        user = context.session.get_one(User, user_id)
        removal.remove_own(context, user, email=email, password=PASSWORD)

    return act


@both_databases
def test_nobody_gets_a_desktop_while_the_account_is_removed(desk: Desk) -> None:
    company_id, actor = desk.provider.company_id or 0, desk.actor
    found = set()
    for _ in range(ROUNDS):
        application = desk.add_application()
        request = desk.order_request(application_id=application.id)
        seeker_id, email = application.seeker_id, application.seeker.email

        def order(context: ServiceContext, request: orders.OrderRequest = request) -> None:
            orders.order_workspace(context, request, company_id=company_id, actor=actor)

        ended = at_once(desk, order, removal_of(seeker_id, email))
        has_desktop = desk.session.scalar(
            select(Workspace.id).where(Workspace.application_id == application.id)
        )
        is_removed = desk.session.get_one(User, seeker_id, populate_existing=True).removed_at is not None
        desk.session.rollback()
        found.add((*ended, has_desktop is not None, is_removed))

    assert found <= {
        ("done", "desktop_exists", True, False),
        ("application_not_approved", "done", False, True),
    }


@both_databases
def test_nobody_is_hired_for_another_job_while_the_account_is_removed(desk: Desk) -> None:
    """A hand-over or a hire has read the person, and waits for the removal."""
    posting = desk.session.get_one(JobPosting, desk.open_posting(desk.provider))
    person = desk.add_application().seeker
    person_id, email = person.id, person.email
    by = desk.session.get_one(User, desk.provider.id)
    desk.session.commit()
    with desk.sessions() as session:
        context = ServiceContext(session, desk.clock, desk.notifier, desk.settings, desk.context.sealer)
        removal_of(person_id, email)(context)

    with pytest.raises(Conflict) as refused:
        approve_known(desk.context, posting, person, by, None)

    assert refused.value.code == "conflict"
    desk.session.rollback()
    with desk.sessions() as session:
        status = Application.status == ApplicationStatus.APPROVED
        hired = select(Application.id).where(Application.seeker_id == person_id, status)
        assert session.scalar(hired) is None


@both_databases
def test_of_the_last_two_one_stays(desk: Desk) -> None:
    for number in range(ROUNDS):
        pair = [desk.add_provider(f"{one}{number}@example.com", company=f"Two {number}") for one in "ab"]
        desk.add_application(posting_id=desk.open_posting(pair[0]), is_approved=False)
        acts = [removal_of(one.id, one.email) for one in pair]

        ended = at_once(desk, *acts)

        assert sorted(ended) == ["done", "last_owner"]


def test_an_empty_hash_is_no_password() -> None:
    assert not verify_password("", "")
    assert not verify_password("", "nobody")
