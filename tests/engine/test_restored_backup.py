"""A database that is older than the cloud: everything made since is found, and nothing is made twice."""

import shutil
import uuid
from pathlib import Path

import pytest

from tests.desk import Desk
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.lifecycle import Phase, State
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.services import adoption, orphans

HOUR_S = 3600.0
MADE_SINCE = 50


@pytest.fixture
def restored(desk: Desk) -> Desk:
    """Backed up; fifty workspaces made in the hour after; then the backup put back."""
    path = Path(desk.settings.database_url.removeprefix("sqlite:///"))
    _close(desk)
    shutil.copy(path, f"{path}.backup")
    ids = [desk.order(username=f"since.{number}") for number in range(MADE_SINCE)]
    desk.work()
    assert {desk.row(one).phase for one in ids} == {Phase.CREATING}
    desk.clock.pause(HOUR_S)
    _close(desk)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.copy(f"{path}.backup", path)
    desk.notifier.notifications.clear()
    return desk


@pytest.fixture
def ahead(desk: Desk) -> Desk:
    """The same seen from the cloud only: machines of this installation that no row knows."""
    for number in range(5):
        desk.plant(f"since.{number}", claim=f"{desk.installation()}/{uuid.uuid4().hex}/1")
    desk.clock.pause(HOUR_S)
    return desk


def _close(desk: Desk) -> None:
    desk.session.close()
    desk.database.dispose()


def _company(desk: Desk) -> int:
    return desk.provider.company_id or 0


@pytest.mark.slow
def test_everything_made_since_the_backup_is_found_and_nothing_is_made_or_ended(restored: Desk) -> None:
    order_id = restored.order(username="after")
    restored.work()

    restored.live(HOUR_S, step_s=300)

    found = restored.orphans()
    assert {one.username for one in found} == {f"since.{number}" for number in range(MADE_SINCE)}
    assert {(one.kind, one.status) for one in found} == {(OrphanKind.UNKNOWN_ROW, OrphanStatus.OPEN)}
    assert len(restored.sandbox.journal()) == MADE_SINCE
    assert restored.row(order_id).phase is Phase.REQUESTED
    assert restored.story(order_id) == ["ordered", "order_held"]
    assert restored.events(order_id)[-1].details["code"] == "inventory_ahead"
    assert [one for one in restored.sandbox.journal() if one["terminate_asked_at"] is not None] == []


def test_a_good_credential_test_does_not_let_the_orders_go(ahead: Desk) -> None:
    order_id = ahead.order(username="after")
    ahead.work()

    ahead.add_credential("The same again")
    ahead.live(600)

    assert ahead.row(order_id).phase is Phase.REQUESTED


def test_when_all_are_decided_the_orders_go_on_and_nobody_has_two(ahead: Desk) -> None:
    order_id = ahead.order(username="after")
    ahead.sweep()
    found = ahead.orphans()
    adopted = adoption.adopt(
        ahead.context,
        found[0].id,
        application_id=ahead.add_application().id,
        company_id=_company(ahead),
        actor=ahead.actor,
    )
    ahead.work()
    assert ahead.row(adopted.id).state is State.AVAILABLE
    assert ahead.row(adopted.id).uid in (found[0].claim or "")

    orphans.terminate(
        ahead.context,
        found[1].id,
        company_id=_company(ahead),
        actor=ahead.actor,
        confirmed_id=found[1].cloud_workspace_id,
    )
    assert ahead.row(order_id).phase is Phase.REQUESTED
    orphans.ignore_all(
        ahead.context,
        credential_id=ahead.credential_id,
        company_id=_company(ahead),
        actor=ahead.actor,
    )
    ahead.live_until(order_id, State.AVAILABLE)

    born = [one["user_name"] for one in ahead.sandbox.journal()]
    assert len(born) == len(set(born)) == 6
    assert ahead.writes_about(found[1].cloud_workspace_id) == ["TerminateWorkspaces"]


def test_all_of_them_can_be_ended_at_once_by_typing_how_many(ahead: Desk) -> None:
    ahead.sweep()
    about = {"credential_id": ahead.credential_id, "company_id": _company(ahead)}

    with pytest.raises(Invalid):
        orphans.terminate_all(ahead.context, **about, actor=ahead.actor, confirmed_count="4")
    count = orphans.terminate_all(ahead.context, **about, actor=ahead.actor, confirmed_count="5")
    ahead.live(2700, step_s=300)

    assert count == 5
    assert {one.status for one in ahead.orphans()} == {OrphanStatus.GONE}
    alive = [one["user_name"] for one in ahead.sandbox.journal() if one["gone_at"] is None]
    assert alive == []


def test_an_order_for_a_name_that_has_a_forgotten_machine_makes_no_second_one(ahead: Desk) -> None:
    order_id = ahead.order(username="since.3")
    ahead.work()

    ahead.live(600)

    assert ahead.row(order_id).phase is Phase.CONFLICT
    assert [one["user_name"] for one in ahead.sandbox.journal()].count("since.3") == 1


def test_an_adopted_machine_cannot_be_adopted_again(ahead: Desk) -> None:
    ahead.sweep()
    orphan = ahead.orphans()[0]
    order_request = {"company_id": _company(ahead), "actor": ahead.actor}
    adoption.adopt(ahead.context, orphan.id, application_id=ahead.add_application().id, **order_request)

    with pytest.raises(Conflict):
        adoption.adopt(ahead.context, orphan.id, application_id=ahead.add_application().id, **order_request)


def test_after_a_long_stand_still_the_inventory_comes_before_any_create(desk: Desk) -> None:
    desk.clock.pause(3 * HOUR_S)
    desk.sandbox.add_fault("http_503", operation="GetResources", times=3)
    order_id = desk.order()
    desk.work()
    assert desk.row(order_id).phase is Phase.REQUESTED
    assert desk.events(order_id)[-1].details["code"] == "inventory_overdue"

    desk.live_until(order_id, State.AVAILABLE)

    assert len(desk.sandbox.journal()) == 1


def test_without_the_right_to_take_an_inventory_nothing_is_made(desk: Desk) -> None:
    desk.sandbox.set_key("AKIABERTHDEMO0000001", denied=["tag:GetResources"])
    desk.clock.pause(3 * HOUR_S)
    order_id = desk.order()

    desk.work()

    assert desk.row(order_id).phase is Phase.REQUESTED
    assert desk.credential().blocked_code == "access_denied"
