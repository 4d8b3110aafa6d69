"""The database's server is killed an hour after the backup, which is then restored on another host."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.control import Sandbox
from tests.backups.conftest import Host
from tests.backups.test_backups import Load
from tests.clouds.aws.stage import AwsStage
from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings, migrate
from tests.servers import postgres
from tests.servers.postgres import PostgresCluster
from webapp.domain.lifecycle import Phase, State
from webapp.domain.orphans import OrphanKind
from webapp.models import User
from webapp.services import orphans

HOUR_S = 3600.0
MADE_SINCE = 50

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def servers() -> Iterator[tuple[PostgresCluster, PostgresCluster]]:
    """Two hosts with a PostgreSQL each; the first may be killed."""
    if not postgres.is_available():
        pytest.skip("the PostgreSQL binaries are not installed: bin/test installs them")
    with PostgresCluster(is_durable=True) as first, PostgresCluster(is_durable=True) as second:
        yield first, second


def make_desk(url: str, sandbox: Sandbox, clock: StoryClock, *, is_empty: bool = False) -> Desk:
    stage = AwsStage(sandbox)
    return Desk(
        settings=make_settings(url, stage),
        clock=clock,
        notifier=RecordingNotifier(),
        sandbox=sandbox,
        stage=stage,
        is_empty=is_empty,
    )


def take_over(before: Desk, url: str) -> Desk:
    """The same people at the restored database."""
    after = make_desk(url, before.sandbox, before.clock, is_empty=True)
    after.provider = after.session.get_one(User, before.provider.id)
    after.session.commit()
    after.posting_id, after.credential_id = before.posting_id, before.credential_id
    after._people = 1000
    return after


def test_all_made_since_are_found_none_is_made_twice_and_none_before_the_drift_is_settled(
    servers: tuple[PostgresCluster, PostgresCluster], sandbox: Sandbox, clock: StoryClock, tmp_path: Path
) -> None:
    first, second = servers
    url = first.create_database("berth")
    migrate(url)
    before = make_desk(url, sandbox, clock)
    under_way = before.order(username="under.way")
    folder = tmp_path / "backups"
    with Load(url):
        Host(url, folder, clock).create()
    ids = [before.order(username=f"since.{number}") for number in range(MADE_SINCE)]
    before.work()
    assert {before.row(one).phase for one in [under_way, *ids]} == {Phase.CREATING}
    clock.pause(HOUR_S)
    first.kill()
    elsewhere = second.create_database("berth")

    Host(elsewhere, folder, clock).type("restore", folder)

    after = take_over(before, elsewhere)
    late = after.order(username="after")
    after.live(HOUR_S, step_s=300)
    made = len(sandbox.journal())
    found = {one.username for one in after.orphans() if one.kind is OrphanKind.UNKNOWN_ROW}
    assert (made, after.row(late).phase) == (MADE_SINCE + 1, Phase.REQUESTED)
    assert found == {f"since.{number}" for number in range(MADE_SINCE)}
    assert after.row(under_way).state is State.AVAILABLE

    orphans.ignore_all(
        after.context,
        credential_id=after.credential_id,
        company_id=after.provider.company_id or 0,
        actor=after.actor,
    )
    after.live_until(late, State.AVAILABLE)
    born = [one["user_name"] for one in sandbox.journal()]
    assert len(born) == len(set(born)) == MADE_SINCE + 2
    after.close()


def test_nothing_is_made_before_everything_sent_before_can_be_seen(
    servers: tuple[PostgresCluster, PostgresCluster], sandbox: Sandbox, clock: StoryClock, tmp_path: Path
) -> None:
    """The inventory right after the restore may be too early for a create that was sent right before it."""
    first, second = servers
    url = first.create_database("berth")
    migrate(url)
    before = make_desk(url, sandbox, clock)
    folder = tmp_path / "backups"
    Host(url, folder, clock).create()
    first.kill()
    elsewhere = second.create_database("berth")
    Host(elsewhere, folder, clock).type("restore", folder)

    after = take_over(before, elsewhere)
    order_id = after.order(username="after")
    after.live(600)
    after.live(300)

    assert sandbox.journal() == []
    assert after.events(order_id)[-1].details["code"] == "database_restored"
    after.live_until(order_id, State.AVAILABLE)
    assert len(sandbox.journal()) == 1
    after.close()
