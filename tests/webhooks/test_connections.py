"""Webhooks about people who come, and about desktops to which nobody does."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_connections import look, machine
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.webhooks.conftest import Post
from tests.webhooks.receiver import Receiver
from tests.windows import set_grace, set_window
from webapp.domain.connections import IDLE_DAYS
from webapp.domain.lifecycle import Action
from webapp.models import Company, DesktopConnection
from webapp.models.desktop_connection import IS_NEVER

KINDS = ("person.first_connected", "workspace.idle")


@pytest.fixture(autouse=True)
def same_time(desk: Desk) -> None:
    """The cloud's dates are as ours."""
    desk.sandbox.set_now(desk.clock.now().timestamp())


def sent(post: Post) -> list[str]:
    return [one.kind for one in post.rows()]


@both_databases
def test_the_first_connection_is_sent_once_with_whose_desktop_it_is(
    desk: Desk, add_endpoint, receiver: Receiver
) -> None:
    post: Post = add_endpoint(*KINDS)
    workspace_id = desk.available()
    look(desk)
    for _ in range(2):
        desk.stage.connect(machine(desk, workspace_id), "")
        look(desk)
        desk.stage.disconnect(machine(desk, workspace_id))
        look(desk)
    post.work()

    assert sent(post) == ["person.first_connected"]
    [message] = receiver.got
    body = json.loads(message.body)
    assert body["type"] == "person.first_connected"
    assert body["data"]["workspace_id"] == workspace_id
    assert body["data"]["application_id"] == desk.row(workspace_id).application_id
    assert body["data"]["state"] == "AVAILABLE"


def test_an_idle_desktop_is_sent_once_for_each_time(desk: Desk, add_endpoint) -> None:
    post: Post = add_endpoint(*KINDS)
    workspace_id = desk.available()
    look(desk)
    look(desk, timedelta(days=IDLE_DAYS))
    look(desk)
    assert sent(post) == ["workspace.idle"]

    desk.stage.connect(machine(desk, workspace_id), "")
    look(desk)
    desk.stage.disconnect(machine(desk, workspace_id))
    look(desk)
    look(desk, timedelta(days=IDLE_DAYS))

    assert sent(post) == ["workspace.idle", "person.first_connected", "workspace.idle"]


@pytest.mark.parametrize(("typed", "is_taken"), [("3", True), ("0", False), ("366", False), ("x", False)])
def test_a_company_chooses_the_days(desk: Desk, sign_in: SignIn, typed: str, is_taken: bool) -> None:
    provider = Visitor(sign_in("provider@example.com"))
    answer = provider.post("/webhooks/idle", {"idle_days": typed})

    assert (answer.status_code == 303) is is_taken
    with desk.sessions() as session:
        assert session.scalars(select(Company.idle_days)).one() == (3 if is_taken else IDLE_DAYS)


@both_databases
@pytest.mark.parametrize("is_over", [True, False])
def test_where_nobody_may_come_nobody_is_missed(desk: Desk, add_endpoint, is_over: bool) -> None:
    """Somebody terminates it, with a grace; or its contract has not begun."""
    set_grace(desk, 30)
    application_id = desk.add_application().id
    if is_over:
        workspace_id = desk.available(application_id=application_id)
        look(desk)
        desk.press(workspace_id, Action.TERMINATE)
    else:
        set_window(desk, application_id, starts=timedelta(days=IDLE_DAYS + 9))
        desk.order(application_id=application_id)
        desk.live(3600)
    look(desk)
    post: Post = add_endpoint(*KINDS)

    look(desk, timedelta(days=IDLE_DAYS + 1))

    assert sent(post) == []
    with desk.sessions() as session:
        assert session.scalar(select(func.count()).select_from(DesktopConnection).where(IS_NEVER)) == 0
