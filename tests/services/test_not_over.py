"""Whether a contract is over: queries say the same as the window of a loaded row, to the microsecond."""

from datetime import timedelta

from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.desk import Desk
from webapp.models import Application

MOMENT = timedelta(microseconds=1)


@both_databases
def test_queries_and_the_window_agree_on_whether_a_contract_is_over(desk: Desk) -> None:
    application_id, now = desk.add_application().id, desk.clock.now()
    found = []
    for ends_at in (None, now - MOMENT, now, now + MOMENT):
        with desk.sessions.begin() as session:
            session.execute(update(Application).values(ends_at=ends_at))
        with desk.sessions.begin() as session:
            asked = select(Application, Application.is_not_over(now)).where(Application.id == application_id)
            application, is_not_over = session.execute(asked).one()
            found.append((application.window.is_over(now), bool(is_not_over)))

    assert found == [(False, True), (True, False), (True, False), (False, True)]
