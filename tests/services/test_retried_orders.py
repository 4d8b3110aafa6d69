"""A failed order that begins again is held to caps and budgets: meanwhile others may have taken its place."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.conftest import both_databases
from tests.desk import WINDOWS, Desk
from tests.services.test_order_limits import add, company, reading, rest
from webapp.domain.errors import AppError
from webapp.domain.lifecycle import Action, State
from webapp.domain.webhooks import BUDGET_REACHED, KINDS
from webapp.models import WebhookDelivery, Workspace
from webapp.models.workspace import IS_LIVE
from webapp.services import budgets, hand_overs, webhooks, workspace_actions
from webapp.services.context import ServiceContext
from webapp.services.hand_overs import HandOver
from webapp.services.order_changes import change_order


def failed(desk: Desk, count: int = 1) -> list[int]:
    """Orders that the cloud has refused."""
    names = [f"gone.{number}" for number in range(count)]
    desk.refuse_users(*names)
    ids = [desk.order(username=name) for name in names]
    for one in ids:
        desk.live_until(one, State.ERROR)
    desk.session.commit()
    return ids


def refusal(desk: Desk, workspace_id: int) -> AppError:
    with pytest.raises(AppError) as caught:
        desk.press(workspace_id, Action.RETRY)
    return caught.value


def live(desk: Desk) -> int:
    with reading(desk) as session:
        return session.scalar(select(func.count()).select_from(Workspace).where(IS_LIVE)) or 0


@both_databases
def test_a_cap_holds_when_a_failed_order_is_tried_again(desk: Desk) -> None:
    [first] = failed(desk)
    budgets.set_cap(desk.context, 1, company_id=company(desk))
    desk.order()

    assert refusal(desk, first).code == "desktop_limit_reached"
    assert (live(desk), desk.row(first).requested_action) == (1, None)

    budgets.set_cap(desk.context, 2, company_id=company(desk))
    desk.press(first, Action.RETRY)
    desk.press(first, Action.RETRY)
    assert live(desk) == 2


@both_databases
def test_a_budget_holds_when_a_failed_order_is_tried_again_and_tells_it(desk: Desk) -> None:
    [first] = failed(desk)
    webhooks.add_endpoint(
        desk.context, company_id=company(desk), url="https://hooks.example.com/berth", kinds=list(KINDS)
    )
    each = desk.row(first).month_price_minor or 0
    add(desk, rest(desk, 1, each))
    desk.order()

    assert refusal(desk, first).code == "budget_reached"
    with reading(desk) as session:
        kinds = list(session.scalars(select(WebhookDelivery.kind)))
    assert BUDGET_REACHED in kinds


def test_a_failed_order_that_was_changed_to_a_dearer_size_is_held_to_the_budget(desk: Desk) -> None:
    [first] = failed(desk)
    each = desk.row(first).month_price_minor or 0
    add(desk, rest(desk, 1, each))
    change_order(
        desk.context,
        first,
        lambda before: replace(before, workspace_type="windows", bundle_id=WINDOWS),
        company_id=company(desk),
        actor=desk.actor,
    )

    assert (desk.row(first).month_price_minor or 0) > each
    assert refusal(desk, first).code == "budget_reached"


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_many_retries_at_once_as_many_pass_as_the_cap_lets(desk: Desk) -> None:
    ids = failed(desk, 6)
    budgets.set_cap(desk.context, 2, company_id=company(desk))
    company_id, actor, sealer = company(desk), desk.actor, desk.context.sealer
    desk.session.close()
    gate, refused = threading.Barrier(len(ids)), list[str]()

    def press(workspace_id: int) -> None:
        with desk.sessions() as session:
            context = ServiceContext(session, desk.clock, desk.notifier, desk.settings, sealer)
            gate.wait(timeout=60)
            try:
                workspace_actions.press(
                    context, workspace_id, Action.RETRY, company_id=company_id, actor=actor
                )
            except AppError as error:
                refused.append(error.code)

    threads = [threading.Thread(target=press, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert (live(desk), refused) == (2, ["desktop_limit_reached"] * 4)


@both_databases
def test_a_failed_hand_over_is_tried_again_beside_the_desktop_that_is_kept(desk: Desk) -> None:
    """As it was ordered: one may be there more than the cap."""
    former_id, next_id = desk.available(), desk.add_application().id
    budgets.set_cap(desk.context, 1, company_id=company(desk))
    desk.refuse_users("gone.next")
    wanted = HandOver(next_id, username="gone.next", is_kept=True)
    made = hand_overs.hand_over(
        desk.context, former_id, wanted, company_id=company(desk), actor=desk.actor
    ).id
    desk.live_until(made, State.ERROR)
    desk.session.commit()

    desk.press(made, Action.RETRY)

    assert live(desk) == 2
