"""A worker dies at each named point, as by kill -9; the mail is sent by the next, and never lost."""

import pytest

from tests.conftest import both_databases
from tests.desk import Desk
from tests.killing import die_at
from tests.mail.conftest import Postman
from tests.mail.office import Office
from webapp.engine import mailing
from webapp.engine.mailing import send_mails
from webapp.models import MailState
from webapp.services import mails

pytestmark = [pytest.mark.crash, both_databases]


@pytest.mark.parametrize(("point", "arrivals"), [("mail_taken", 1), ("mail_sent", 2), ("mail_recorded", 1)])
def test_a_killed_worker_loses_no_mail_and_holds_up_no_other(
    desk: Desk, office: Office, postman: Postman, point: str, arrivals: int
) -> None:
    for _ in range(2):
        mails.send_test(desk.context, desk.provider, company_id=desk.provider.company_id or 0)
    desk.session.close()
    desk.database.dispose()

    die_at(desk, point, lambda engine: send_mails(engine, 1))
    postman.work()  # the other mail does not wait for the dead worker's lease
    assert postman.rows()[1].state is MailState.SENT
    postman.later(mailing.LEASE_S + 1)

    assert {row.state for row in postman.rows()} == {MailState.SENT}
    first, second = [row.message_id for row in postman.rows()]
    arrived = [one.header("Message-ID").strip("<>") for one in office.arrived]
    assert (arrived.count(first), arrived.count(second)) == (arrivals, 1)
