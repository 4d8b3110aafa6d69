"""Webhooks are signed, sent at least once, tried again with growing waits, and shown in a log."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from jobs.reseal import PrivateKeys, reseal
from tests.conftest import both_databases
from tests.desk import Desk, key_pair, webhook_key_pair
from tests.webhooks.conftest import POSTER
from webapp.config import WEBHOOK_PORTS
from webapp.domain.errors import Conflict, Invalid, NotFound
from webapp.domain.lifecycle import Action
from webapp.domain.outbox import BACKOFF_S
from webapp.engine import pruning
from webapp.engine.pruning import prune
from webapp.models import DeliveryStatus, Event, Schedule, Workspace
from webapp.services import webhooks
from webapp.vault.keys import generate_pair


@both_databases
def test_every_change_of_state_is_sent_once_and_signed(desk: Desk, receiver, add_endpoint) -> None:
    post = add_endpoint()
    workspace_id = desk.order()
    desk.work()

    assert post.work() == 1
    assert post.work() == 0

    messages = [one.message for one in receiver.got]
    assert [(one["type"], one["data"]["from_state"], one["data"]["state"]) for one in messages] == [
        ("workspace.state_changed", None, "PENDING")
    ]
    assert messages[0]["data"]["workspace_id"] == workspace_id
    assert messages[0]["data"]["event"] == "ordered"
    assert all(one.is_signed_with(post.key) for one in receiver.got)
    assert int(receiver.got[0].headers["webhook-timestamp"]) == int(desk.clock.now().timestamp())
    assert {row.status for row in post.rows()} == {DeliveryStatus.DELIVERED}


def test_only_what_is_wanted_is_sent(desk: Desk, receiver, add_endpoint) -> None:
    post = add_endpoint("workspace.available", "workspace.terminated")
    workspace_id = desk.order()
    desk.press(workspace_id, Action.TERMINATE)
    desk.work()
    for _ in range(40):
        desk.clock.pause(60)
        _reconcile(desk)

    post.work()

    assert [one.message["type"] for one in receiver.got] == ["workspace.terminated"]


def test_a_message_is_written_with_its_event_or_not_at_all(desk: Desk, add_endpoint) -> None:
    post = add_endpoint()
    workspace_id = desk.order()

    with desk.sessions() as session:
        row = session.get_one(Workspace, workspace_id)
        session.add(Event.about(row, at=desk.clock.now(), event="x", message="x", actor=desk.actor))
        session.flush()
        session.rollback()

    assert [row.kind for row in post.rows()] == ["workspace.state_changed"]


def test_other_companies_are_sent_nothing(desk: Desk, receiver, add_endpoint) -> None:
    other = desk.add_provider("other@example.com", company="Other")
    webhooks.add_endpoint(
        desk.context, company_id=other.company_id or 0, url=receiver.url, kinds=["workspace.state_changed"]
    )

    desk.order()

    assert add_endpoint().rows() == []


def test_a_failed_try_is_repeated_with_growing_waits_and_then_given_up(
    desk: Desk, receiver, add_endpoint
) -> None:
    post = add_endpoint()
    desk.order()
    receiver.status = 500

    assert post.work() == 1
    assert post.later(BACKOFF_S[0] * 0.7) == 0
    for wait_s in BACKOFF_S:
        assert post.later(max(wait_s * 1.3, 16)) == 1

    (row,) = post.rows()
    assert (row.status, row.failures, row.due_at) == (DeliveryStatus.FAILED, len(BACKOFF_S) + 1, None)
    assert [one["status"] for one in row.tries] == [500] * (len(BACKOFF_S) + 1)
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
    assert len({one.body for one in receiver.got}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.got}) == len(receiver.got)


def test_what_was_given_up_is_sent_again_when_a_person_says_so(desk: Desk, receiver, add_endpoint) -> None:
    post = add_endpoint()
    desk.order()
    receiver.status = 500
    post.work()
    (row,) = post.rows()
    company_id = desk.provider.company_id or 0
    receiver.status = 200

    webhooks.redeliver(desk.context, row.id, company_id=company_id)
    assert post.work() == 1  # the rest after a failure is over as well

    (row,) = post.rows()
    assert (row.status, [one["status"] for one in row.tries]) == (DeliveryStatus.DELIVERED, [500, 200])
    webhooks.redeliver(desk.context, row.id, company_id=company_id)
    post.work()
    assert len(receiver.got) == 3
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
    with pytest.raises(NotFound):
        webhooks.redeliver(desk.context, row.id, company_id=company_id + 1)


def test_a_dead_address_costs_one_try_and_then_rests(desk: Desk, receiver, add_endpoint) -> None:
    post = add_endpoint()
    for _ in range(3):
        desk.order()
    receiver.status = 503

    assert post.work() == 1
    assert post.work() == 0
    assert len(receiver.got) == 1
    receiver.status = 200
    assert post.later(16) == 1
    assert len(receiver.got) == 4


def test_two_workers_never_send_the_same_message_at_once(desk: Desk, receiver, add_endpoint) -> None:
    from webapp.engine.delivering import _claim, deliver

    post = add_endpoint()
    desk.order()

    assert _claim(desk.engine, post.endpoint_id) is not None
    deliver(desk.engine, post.endpoint_id, poster=POSTER)
    assert receiver.got == []
    assert post.later(61) == 1  # the first one died
    assert len(receiver.got) == 1


def test_the_log_forgets_after_a_month(desk: Desk, receiver, add_endpoint) -> None:
    post = add_endpoint()
    desk.order()
    post.work()
    desk.clock.elapsed_s += 31 * 86_400
    desk.order()
    prune(desk.engine, 1)

    post.work()

    assert len(receiver.got) == 2
    assert len(post.rows()) == 1


def test_a_paused_webhook_is_sent_nothing(desk: Desk, receiver, add_endpoint) -> None:
    post = add_endpoint()
    company_id = desk.provider.company_id or 0
    webhooks.set_active(desk.context, post.endpoint_id, company_id=company_id, is_active=False)
    desk.order()
    assert post.rows() == []

    webhooks.set_active(desk.context, post.endpoint_id, company_id=company_id, is_active=True)
    desk.order()
    post.work()

    assert len(receiver.got) == 1


def test_what_waits_at_a_paused_webhook_keeps_nothing_else_from_being_deleted(
    desk: Desk, add_endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = add_endpoint()
    company_id = desk.provider.company_id or 0
    for _ in range(4):
        desk.order()
    webhooks.set_active(desk.context, post.endpoint_id, company_id=company_id, is_active=False)
    waiting = len(post.rows())
    monkeypatch.setattr(pruning, "BITE", 1)
    monkeypatch.setattr(pruning, "BITES", waiting - 1)
    desk.clock.elapsed_s += 31 * 86_400
    desk.notifier.notifications.clear()

    prune(desk.engine, 1)

    assert desk.notifier.notifications == []
    assert len(post.rows()) == waiting


def test_the_signing_key_is_sealed_and_follows_the_vaults_keys(desk: Desk, receiver, add_endpoint) -> None:
    post = add_endpoint()
    with desk.sessions() as session:
        stored = str(session.execute(select(_endpoint_table())).all())
    assert post.key not in stored and post.key.removeprefix("whsec_") not in stored
    _, old = webhook_key_pair()
    _, new = generate_pair()

    assert reseal(desk.sessions, PrivateKeys((key_pair()[1],), (new, old))) == (1, [])
    desk.order()
    post.work()

    assert receiver.got == []  # this worker has only the old key


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "ftp://hooks.example.com",
        "https://",
        "https://user:pw@hooks.example.com/",
        "https://hooks.example.com/#x",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://höoks.example.com/",
        "https://hooks.example.com/a b",
        "https://127.0.0.1/",
        "http://[::1]/",
        "https://169.254.169.254/latest/",
        "https://10.0.0.8/",
        "https://2130706433/",
        "javascript:alert(1)",
        "https://hooks.example.com/" + "x" * 500,
    ],
)
def test_an_address_that_cannot_be_right_is_refused_when_it_is_entered(desk: Desk, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        webhooks.add_endpoint(desk.context, company_id=1, url=url, kinds=["workspace.error"])
    assert refused.value.field == "url"


def test_only_the_ports_of_the_web_are_taken_unless_the_operator_allows_more(desk: Desk) -> None:
    plain = replace(desk.settings, webhook_ports=WEBHOOK_PORTS)
    more = replace(desk.settings, webhook_ports=WEBHOOK_PORTS | {8443})
    for settings, port, is_taken in (
        (plain, ":443", True),
        (plain, "", True),
        (plain, ":6379", False),
        (plain, ":8443", False),
        (more, ":8443", True),
    ):
        context = replace(desk.context, settings=settings)
        url = f"https://hooks.example.com{port}/"
        if is_taken:
            webhooks.add_endpoint(context, company_id=1, url=url, kinds=["workspace.error"])
        else:
            with pytest.raises(Invalid, match="ports only"):
                webhooks.add_endpoint(context, company_id=1, url=url, kinds=["workspace.error"])


def test_in_production_an_address_without_tls_is_refused(desk: Desk) -> None:
    context = replace(desk.context, settings=replace(desk.settings, environment="production"))

    with pytest.raises(Invalid):
        webhooks.add_endpoint(context, company_id=1, url="http://a.example/", kinds=["workspace.error"])

    assert webhooks.add_endpoint(context, company_id=1, url="https://a.example/", kinds=["workspace.error"])


def test_a_company_has_a_bounded_number_of_webhooks(desk: Desk, add_endpoint) -> None:
    for _ in range(webhooks.MOST_ENDPOINTS):
        add_endpoint()
    with pytest.raises(Conflict):
        add_endpoint()


def _endpoint_table():
    from webapp.models import WebhookEndpoint

    return WebhookEndpoint.__table__


def _reconcile(desk: Desk) -> None:
    from webapp.engine.reconcile import reconcile

    with desk.sessions.begin() as session:
        session.execute(
            update(Schedule)
            .where(Schedule.due_at.is_not(None))
            .values(due_at=desk.clock.now() - timedelta(seconds=1))
        )
    reconcile(desk.engine, desk.credential_id)
