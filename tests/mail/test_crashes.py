"""A worker dies at each named point, as by kill -9; the mail is sent by the next, and never lost."""

import os
import signal
import sys
import traceback
import warnings

import pytest
from sqlalchemy.orm import sessionmaker

from tests.conftest import both_databases
from tests.desk import Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from webapp.database import make_engine
from webapp.engine import mailing
from webapp.engine.mailing import send_mails
from webapp.models import MailState
from webapp.services import mails

pytestmark = [pytest.mark.crash, both_databases]


def die_at(desk: Desk, point: str) -> None:
    """Send in a process of its own that is killed when it reaches `point`."""
    with warnings.catch_warnings():
        # The mail server's thread stays with the parent; the child speaks to it over the wire.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _child(desk, point)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"{point} was not reached"


def _child(desk: Desk, point: str) -> None:
    try:

        def kill(name: str) -> None:
            if name == point:
                os.kill(os.getpid(), signal.SIGKILL)

        sessions = sessionmaker(make_engine(desk.settings.database_url), expire_on_commit=False)
        send_mails(desk.make_engine(sessions=sessions, crashpoint=kill), 1)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(7)


@pytest.mark.parametrize(("point", "arrivals"), [("mail_taken", 1), ("mail_sent", 2), ("mail_recorded", 1)])
def test_a_killed_worker_loses_no_mail_and_holds_up_no_other(
    desk: Desk, office: Office, postman: Postman, point: str, arrivals: int
) -> None:
    for _ in range(2):
        mails.send_test(desk.context, desk.provider, company_id=desk.provider.company_id or 0)
    desk.session.close()
    desk.database.dispose()

    die_at(desk, point)
    postman.work()  # the other mail does not wait for the dead worker's lease
    assert postman.rows()[1].state is MailState.SENT
    postman.later(mailing.LEASE_S + 1)

    assert {row.state for row in postman.rows()} == {MailState.SENT}
    first, second = [row.message_id for row in postman.rows()]
    arrived = [one.header("Message-ID").strip("<>") for one in office.arrived]
    assert (arrived.count(first), arrived.count(second)) == (arrivals, 1)
