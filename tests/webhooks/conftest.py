"""A company with a webhook, whose receiver is on this machine."""

from collections.abc import Callable, Iterator

import pytest

from jobs import DUE
from tests.desk import Desk, RecordingNotifier
from tests.webhooks.receiver import Receiver
from webapp.domain.webhooks import KINDS
from webapp.engine.delivering import deliver
from webapp.engine.posting import Poster
from webapp.engine.sweep import Sweeper
from webapp.models import WebhookDelivery, WebhookEndpoint
from webapp.queueing import JobName
from webapp.services import webhooks

HERE = "127.0.0.1"
ANY_PORT = frozenset(range(1, 65_536))
POSTER = Poster(ANY_PORT, allowed=frozenset({HERE}), look_up=lambda _host, _port: [HERE], limit_s=5.0)


class Post:
    """The worker of the queue `background`, notified by the sweep."""

    def __init__(self, desk: Desk, endpoint: WebhookEndpoint, key: str) -> None:
        self.desk, self.endpoint_id, self.key = desk, endpoint.id, key

    def work(self, poster: Poster = POSTER) -> int:
        """Sweep, and do what was notified; how many jobs."""
        notifier = RecordingNotifier()
        Sweeper(self.desk.sessions, self.desk.clock, notifier, DUE).sweep()
        notified = [subject_id for name, subject_id in notifier.notifications if name is JobName.DELIVER]
        for endpoint_id in notified:
            deliver(self.desk.engine, endpoint_id, poster=poster)
        return len(notified)

    def later(self, seconds: float, poster: Poster = POSTER) -> int:
        self.desk.clock.pause(seconds)
        return self.work(poster)

    def rows(self) -> list[WebhookDelivery]:
        with self.desk.sessions.begin() as session:
            found = session.query(WebhookDelivery).order_by(WebhookDelivery.id).all()
            session.expunge_all()
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    server = made.start()
    yield made
    made.hold.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def add_endpoint(desk: Desk, receiver: Receiver) -> Callable[..., Post]:
    def add(*kinds: str) -> Post:
        made = webhooks.add_endpoint(
            desk.context, company_id=desk.provider.company_id or 0, url=receiver.url, kinds=kinds or KINDS
        )
        return Post(desk, *made)

    return add
