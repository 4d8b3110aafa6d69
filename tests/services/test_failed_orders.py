"""A failed order of a contract follows its window too: tried again, it is a desktop under that contract."""

import pytest

from tests.conftest import both_databases
from tests.desk import Desk
from tests.windows import DAY, HOUR, access_of, set_window
from webapp.domain.access import Access
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, Phase, State
from webapp.domain.windows import Window
from webapp.models import Application
from webapp.services import hand_overs, orders
from webapp.services.hand_overs import HandOver

pytestmark = both_databases


def failed(desk: Desk, application_id: int) -> int:
    """An order that the cloud has refused for good; the next one is not."""
    desk.refuse_users()
    workspace_id = desk.order(application_id=application_id)
    desk.work()
    assert desk.row(workspace_id).phase is Phase.CREATE_FAILED
    desk.sandbox.clear_faults()
    return workspace_id


def hand_over(desk: Desk, workspace_id: int, application_id: int) -> int:
    wanted = HandOver(application_id, "next.person")
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}
    return hand_overs.hand_over(desk.context, workspace_id, wanted, **about).id


def window_of(desk: Desk, application_id: int) -> tuple[object, object]:
    with desk.sessions() as session:
        application = session.get_one(Application, application_id)
        return application.starts_at, application.ends_at


def test_a_failed_order_is_not_handed_over_while_its_person_has_another_desktop(desk: Desk) -> None:
    application_id = desk.add_application().id
    first = failed(desk, application_id)
    second = desk.available(application_id=application_id)
    before = window_of(desk, application_id)

    with pytest.raises(Conflict) as refused:
        hand_over(desk, first, desk.add_application().id)

    assert (refused.value.code, refused.value.extra) == ("action_not_allowed", {"workspace_id": second})
    assert window_of(desk, application_id) == before
    assert access_of(desk, second) is Access.OPEN


def test_a_failed_order_without_a_successor_is_handed_over(desk: Desk) -> None:
    first = failed(desk, desk.add_application().id)

    made = hand_over(desk, first, desk.add_application().id)

    desk.live_until(made, State.AVAILABLE)
    assert desk.row(first).replaced_by_id == made


def test_an_order_that_comes_in_between_is_handed_over_instead_of_the_failed_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id, next_id = desk.add_application().id, desk.add_application().id
    first, real = failed(desk, application_id), hand_overs.place

    def ordered_meanwhile(*given, **named):  # type: ignore[no-untyped-def]  # as it came
        monkeypatch.setattr(hand_overs, "place", real)
        desk.session.rollback()
        desk.order(application_id=application_id)
        return real(*given, **named)

    monkeypatch.setattr(hand_overs, "place", ordered_meanwhile)
    with pytest.raises(Conflict) as refused:
        hand_over(desk, first, next_id)

    assert refused.value.code == "action_not_allowed"
    assert window_of(desk, application_id) == (None, None)


def test_tried_again_after_a_hand_over_it_gives_nobody_a_desktop_without_an_end(desk: Desk) -> None:
    application_id = desk.add_application().id
    first = failed(desk, application_id)
    second = desk.available(application_id=application_id)
    hand_over(desk, second, desk.add_application().id)

    assert desk.row(first).ends_at == window_of(desk, application_id)[1] == desk.clock.now()
    with pytest.raises(Conflict) as refused:
        desk.press(first, Action.RETRY)

    assert refused.value.code == "action_not_allowed"


def test_a_failed_order_of_whoever_takes_over_gets_the_contract(desk: Desk) -> None:
    former_id, next_id = desk.available(), desk.add_application().id
    first = failed(desk, next_id)
    set_window(desk, desk.row(former_id).application_id, ends=10 * DAY)

    made = hand_over(desk, former_id, next_id)

    row = desk.row(first)
    assert (row.starts_at, row.ends_at) == window_of(desk, next_id)
    assert row.ends_at == desk.row(made).ends_at is not None


def test_a_window_that_comes_with_an_order_counts_for_the_failed_one_before_it(desk: Desk) -> None:
    application_id = desk.add_application().id
    first = failed(desk, application_id)
    window = Window(None, desk.clock.now() + 10 * DAY, "UTC")
    order_request = desk.order_request(application_id=application_id)
    about = {"company_id": desk.provider.company_id or 0, "actor": desk.actor}
    second = orders.order_workspace(desk.context, order_request, window=window, **about).id

    assert desk.row(first).ends_at == desk.row(second).ends_at == window.ends_at
    assert desk.story(second) == ["ordered"]


def test_tried_again_it_takes_the_window_as_it_is_now(desk: Desk) -> None:
    application_id = desk.add_application().id
    first = failed(desk, application_id)
    set_window(desk, application_id, ends=HOUR)
    with desk.sessions.begin() as session:  # as an older Berth left it
        session.get_one(Application, application_id).ends_at = desk.clock.now() + 2 * HOUR

    desk.press(first, Action.RETRY)

    assert desk.row(first).ends_at == window_of(desk, application_id)[1]


def test_of_a_contract_that_is_over_nothing_is_tried_again(desk: Desk) -> None:
    application_id = desk.add_application().id
    first = failed(desk, application_id)
    with desk.sessions.begin() as session:  # as an older Berth left it
        session.get_one(Application, application_id).ends_at = desk.clock.now()

    with pytest.raises(Conflict) as refused:
        desk.press(first, Action.RETRY)

    assert refused.value.code == "contract_ended"
    assert (desk.row(first).phase, desk.row(first).requested_action) == (Phase.CREATE_FAILED, None)
