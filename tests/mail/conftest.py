"""A Berth that sends mail, and the server where it arrives."""

import socket
from collections.abc import Iterator

import pytest

from jobs import DUE
from sandbox.control import Sandbox
from tests.clouds.aws.stage import AwsStage
from tests.desk import Desk, RecordingNotifier, make_settings
from tests.mail.office import Office
from webapp.config import Settings
from webapp.engine.context import Engine
from webapp.engine.mailing import send_mails
from webapp.engine.sweep import Sweeper
from webapp.models import Mail
from webapp.queueing import JobName


@pytest.fixture(scope="session")
def office_port() -> Iterator[int]:
    """One for all tests, whose settings then are alike, so that one application serves them.

    It is bound, and nobody listens: no other program gets it between two tests.
    """
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


@pytest.fixture
def office(office_port: int) -> Iterator[Office]:
    made = Office(port=office_port)
    yield made
    made.receiver.stop()


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox, office: Office) -> Settings:
    return make_settings(database_url, AwsStage(sandbox), mail=office.settings())


class Postman:
    """The worker of the queue `background`, notified by the sweep."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def work(self, engine: Engine | None = None) -> int:
        """Sweep, and do what was notified; how many runs."""
        notifier = RecordingNotifier()
        Sweeper(self.desk.sessions, self.desk.clock, notifier, DUE).sweep()
        runs = [subject_id for name, subject_id in notifier.notifications if name is JobName.MAIL]
        for subject_id in runs:
            send_mails(engine or self.desk.engine, subject_id)
        return len(runs)

    def later(self, seconds: float) -> int:
        self.desk.clock.pause(seconds)
        return self.work()

    def rows(self, *kinds: str) -> list[Mail]:
        with self.desk.sessions.begin() as session:
            found = session.query(Mail).order_by(Mail.id).all()
            session.expunge_all()
        return [one for one in found if not kinds or one.kind in kinds]


@pytest.fixture
def postman(desk: Desk) -> Postman:
    return Postman(desk)
