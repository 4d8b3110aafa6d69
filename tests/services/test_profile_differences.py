"""Desktops that are there while their profile changes: which differ, in what, and what can follow."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.conftest import both_databases
from tests.desk import WINDOWS, Desk
from tests.services.test_profile_orders import approve, give, press, waiting
from tests.services.test_profiles import change, company
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.errors import Conflict, NotFound
from webapp.domain.lifecycle import Action, State
from webapp.domain.windows import Window
from webapp.models import Application, Profile
from webapp.queries import profiles as queries
from webapp.services import windows
from webapp.services import workspace_actions as actions
from webapp.services.profile_differences import OlderDesktop, follow, list_older

pytestmark = both_databases


def older(desk: Desk, profile: Profile) -> list[OlderDesktop]:
    desk.session.expire_all()
    found = list_older(desk.context, profile)
    desk.session.commit()
    return found


def catch_up(desk: Desk, profile: Profile, workspace_id: int) -> OlderDesktop:
    about = {"company_id": company(desk), "actor": desk.actor, "may_end": True}
    return follow(desk.context, profile.id, workspace_id, **about)


def test_those_of_an_older_version_are_counted_and_listed_with_what_differs(desk: Desk) -> None:
    profile = give(desk)
    first = press(desk, desk.add_application().id)
    change(desk, profile, bundle_id=WINDOWS, workspace_type="windows")
    press(desk, desk.add_application().id)
    desk.order()

    [one] = older(desk, profile)

    assert queries.count_present(desk.session, profile) == (2, 1)
    assert one.workspace.id == first.id
    assert (one.has_other_account, one.has_other_size, one.window) == (False, True, None)
    with pytest.raises(Conflict) as refused:
        catch_up(desk, profile, first.id)
    assert refused.value.code == "nothing_to_follow"


def test_a_new_name_makes_no_desktop_outdated(desk: Desk) -> None:
    profile = give(desk)
    press(desk, desk.add_application().id)

    change(desk, profile, name="Data", orders_on_approval=True, username_pattern="{last}")

    assert older(desk, profile) == []
    assert queries.count_present(desk.session, profile) == (1, 0)


def test_a_contract_by_the_profile_follows_when_somebody_wants_it(desk: Desk) -> None:
    profile = give(desk, defaults=ContractDefaults(days=30), orders_on_approval=True)
    decided = approve(desk, waiting(desk))
    ends_at = decided.ends_at
    assert ends_at is not None
    change(desk, profile, defaults=ContractDefaults(days=90))

    [one] = older(desk, profile)
    catch_up(desk, profile, one.workspace.id)

    row = desk.row(one.workspace.id)
    assert row.ends_at == ends_at + timedelta(days=60)
    assert row.profile_version == 2
    assert older(desk, profile) == []
    change(desk, profile, defaults=ContractDefaults(days=60))
    [again] = older(desk, profile)
    assert again.window is not None and again.window.ends_at == ends_at + timedelta(days=30)


def test_a_contract_that_somebody_has_set_is_not_the_profiles(desk: Desk) -> None:
    profile = give(desk, defaults=ContractDefaults(days=30), orders_on_approval=True)
    decided = approve(desk, waiting(desk))
    own = Window(None, desk.clock.now().replace(microsecond=0) + timedelta(days=5), "UTC")
    about = {"company_id": company(desk), "actor": desk.actor, "may_end": True}
    windows.set_window(desk.context, decided.id, own, **about)

    change(desk, profile, defaults=ContractDefaults(days=90))

    [one] = older(desk, profile)
    assert (one.window, one.can_follow) == (None, True)
    workspace_id = one.workspace.id
    catch_up(desk, profile, workspace_id)
    assert older(desk, profile) == []
    assert desk.row(workspace_id).ends_at == own.ends_at


def test_what_is_gone_or_was_ordered_with_another_profile_is_not_there(desk: Desk) -> None:
    profile = give(desk)
    made = press(desk, desk.add_application().id)
    other = give(desk, name="Others")
    change(desk, profile, bundle_id=WINDOWS, workspace_type="windows")

    with pytest.raises(NotFound):
        catch_up(desk, other, made.id)
    actions.press(desk.context, made.id, Action.TERMINATE, company_id=company(desk), actor=desk.actor)
    desk.live_until(made.id, State.TERMINATED)

    assert older(desk, profile) == []
    assert queries.count_present(desk.session, profile) == (0, 0)


def test_a_contract_that_has_followed_is_the_profiles_from_the_same_moment(desk: Desk) -> None:
    profile = give(desk, defaults=ContractDefaults(days=30), orders_on_approval=True)
    decided = approve(desk, waiting(desk))
    version = decided.window_version
    change(desk, profile, defaults=ContractDefaults(days=90))
    [one] = older(desk, profile)
    seen = list[tuple[int, bool]]()

    def look(_session: object) -> None:
        with desk.sessions() as session:
            found = session.get_one(Application, decided.id)
            seen.append((found.window_version, found.has_default_window))

    event.listen(desk.session, "after_commit", look)
    catch_up(desk, profile, one.workspace.id)

    assert {was_own for number, was_own in seen if number > version} == {True}
