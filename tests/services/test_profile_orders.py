"""Desktops by the profile of a job: with one press, or with the approval alone."""

from datetime import timedelta

import pytest
from sqlalchemy import Update, select, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.services.test_profiles import company, make
from tests.windows import DAY, HOUR, set_exactly
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.costs.money import Money
from webapp.domain.errors import Conflict
from webapp.domain.in_time import MARGIN
from webapp.domain.lifecycle import Action, State
from webapp.domain.roles import ApplicationStatus, CompanyRole
from webapp.domain.windows import Window
from webapp.models import Application, JobPosting, Profile, User, Workspace
from webapp.services import applications, budgets, hiring, invitations, profile_orders, profiles
from webapp.services import workspace_actions as actions
from webapp.services.approvals import note_due
from webapp.services.budgets import BudgetRequest
from webapp.services.invitations import Wanted

pytestmark = both_databases


def give(desk: Desk, **changes: object) -> Profile:
    """A profile that the job of the desk gives."""
    profile = make(desk, **changes)
    write(desk, update(JobPosting).values(profile_id=profile.id))
    return profile


def write(desk: Desk, statement: Update) -> None:
    """Beside the services, whose session has ended its transaction."""
    desk.session.commit()
    with desk.sessions.begin() as session:
        session.execute(statement)
    desk.session.expire_all()


def press(desk: Desk, application_id: int, *, version: int | None = None) -> Workspace:
    about = {"company_id": company(desk), "actor": desk.actor, "version": version}
    return profile_orders.order_by_profile(desk.context, application_id, **about)


def approve(desk: Desk, application_id: int, *, may_order: bool = True) -> Application:
    return applications.decide(
        desk.context,
        application_id,
        company_id=company(desk),
        decided_by_id=desk.provider.id,
        status=ApplicationStatus.APPROVED,
        order_as=desk.actor if may_order else None,
    )


def waiting(desk: Desk) -> int:
    """Somebody who has applied."""
    return desk.add_application(is_approved=False).id


def desktops(desk: Desk) -> list[Workspace]:
    desk.session.commit()
    with desk.sessions() as session:
        return list(session.scalars(select(Workspace).order_by(Workspace.id)))


def application(desk: Desk, application_id: int) -> Application:
    desk.session.commit()
    with desk.sessions() as session:
        return session.get_one(Application, application_id)


def budget(desk: Desk, month_minor: int) -> None:
    request = BudgetRequest(Subject.COMPANY, None, "USD", Limits(month_minor, None))
    budgets.add_budget(desk.context, request, company_id=company(desk))


def test_one_press_orders_what_the_profile_gives_and_the_desktop_remembers_it(desk: Desk) -> None:
    profile = give(desk, username_pattern="{mailbox}")
    person = desk.add_application()

    made = press(desk, person.id, version=1)

    row = desk.row(made.id)
    assert (row.credential_id, row.bundle_id) == (desk.credential_id, desk.stage.bundle_id)
    assert row.username == "seeker1"
    assert (row.profile_id, row.profile_version) == (profile.id, 1)
    assert desk.row(desk.order()).profile_id is None


def test_an_order_by_a_profile_is_made_in_time_for_its_contract(desk: Desk) -> None:
    give(desk, username_pattern="{mailbox}")
    later, now = desk.add_application().id, desk.add_application().id
    begins = desk.clock.now() + 9 * DAY
    set_exactly(desk, later, Window(begins, None, "UTC"))
    desk.session.commit()

    planned = [desk.row(press(desk, one).id).make_at for one in (later, now)]

    assert planned == [begins - MARGIN - HOUR, None]


def test_without_a_pattern_the_name_is_the_usual_one_of_the_directory(desk: Desk) -> None:
    give(desk, create_user=True)
    write(desk, update(User).where(User.role == "seeker").values(name="Sam Okafor"))
    first, second = desk.add_application(), desk.add_application()
    write(desk, update(User).where(User.role == "seeker").values(name="Sam Okafor"))

    names = [desk.row(press(desk, one.id).id).username for one in (first, second)]

    assert names == ["sam.okafor", "sam.okafor2"]
    assert all(one.creates_user for one in desktops(desk))


def test_a_job_without_a_profile_or_with_one_that_was_just_changed_orders_nothing(desk: Desk) -> None:
    person = desk.add_application()
    codes = []

    with pytest.raises(Conflict) as refused:
        press(desk, person.id)
    codes.append(refused.value.code)
    profile = give(desk)
    with pytest.raises(Conflict) as refused:
        press(desk, person.id, version=7)
    codes.append(refused.value.code)
    profiles.archive_profile(desk.context, profile.id, company_id=company(desk))
    desk.session.expire_all()
    with pytest.raises(Conflict) as refused:
        press(desk, person.id)
    codes.append(refused.value.code)

    assert codes == ["no_profile", "profile_changed", "no_profile"]
    assert desktops(desk) == []


def test_every_rule_of_an_order_holds_for_a_press(desk: Desk) -> None:
    give(desk, username_pattern="{mailbox}")
    undecided, served = waiting(desk), desk.add_application()
    press(desk, served.id)
    codes = []

    budgets.set_cap(desk.context, 1, company_id=company(desk))
    for application_id in (undecided, served.id, desk.add_application().id):
        with pytest.raises(Conflict) as refused:
            press(desk, application_id)
        codes.append(refused.value.code)

    assert codes == ["application_not_approved", "workspace_exists", "desktop_limit_reached"]
    assert len(desktops(desk)) == 1


def test_a_desktop_that_costs_more_than_the_profile_allows_is_not_ordered(desk: Desk) -> None:
    profile = give(desk, month_cap=Money("USD", 1))
    person = desk.add_application()

    with pytest.raises(Conflict, match="by list prices") as refused:
        press(desk, person.id)
    changed = profiles.ProfileRequest.of(profile)
    free = profiles.replace(changed, month_cap=Money("EUR", 1))
    profiles.change_profile(desk.context, profile.id, free, company_id=company(desk))
    desk.session.expire_all()

    assert refused.value.code == "profile_cap_reached"
    assert desk.row(press(desk, person.id).id).profile_version == 2


def test_an_approval_orders_if_the_profile_says_so(desk: Desk) -> None:
    give(desk, orders_on_approval=True)

    decided = approve(desk, waiting(desk))

    [made] = desktops(desk)
    assert (made.application_id, made.ordered_by_id) == (decided.id, desk.provider.id)
    assert decided.order_due_at is None
    assert decided.order_refusal is None
    desk.live_until(made.id, State.AVAILABLE)


def test_it_orders_nothing_if_the_profile_does_not_say_so_or_a_person_is_rejected(desk: Desk) -> None:
    approve(desk, waiting(desk))
    give(desk)
    approve(desk, waiting(desk))
    rejected = waiting(desk)
    applications.decide(
        desk.context,
        rejected,
        company_id=company(desk),
        decided_by_id=desk.provider.id,
        status=ApplicationStatus.REJECTED,
        order_as=desk.actor,
    )

    assert desktops(desk) == []


def test_a_refused_order_leaves_the_approval_with_the_reason_until_there_is_a_desktop(desk: Desk) -> None:
    give(desk, orders_on_approval=True)
    budget(desk, 1)

    decided = approve(desk, waiting(desk))

    assert decided.status is ApplicationStatus.APPROVED
    assert decided.order_refusal_code == "budget_reached"
    assert "the budget of your company would be passed" in (decided.order_refusal or "")
    assert decided.order_due_at is None
    assert desktops(desk) == []
    write(desk, update(budgets.Budget).values(month_minor=10**9))
    press(desk, decided.id)
    after = application(desk, decided.id)
    assert (after.order_refusal_code, after.order_refusal) == (None, None)


def test_whoever_may_not_order_approves_without_an_order_and_it_says_so(desk: Desk) -> None:
    give(desk, orders_on_approval=True)

    decided = approve(desk, waiting(desk), may_order=False)

    assert decided.status is ApplicationStatus.APPROVED
    assert (decided.order_refusal_code, decided.order_due_at) == ("order_not_permitted", None)
    assert desktops(desk) == []


def test_an_approval_cut_off_before_its_order_is_carried_out_when_it_is_repeated(desk: Desk) -> None:
    give(desk, orders_on_approval=True)
    person = waiting(desk)
    approve(desk, person)
    [made] = desktops(desk)
    actions.press(desk.context, made.id, Action.TERMINATE, company_id=company(desk), actor=desk.actor)
    desk.live_until(made.id, State.TERMINATED)
    write(desk, update(Application).values(order_due_at=desk.clock.now()))

    approve(desk, person)
    approve(desk, person)

    assert [one.application_id for one in desktops(desk)] == [person, person]
    assert application(desk, person).order_due_at is None


def test_many_are_approved_and_ordered_for_until_the_limit_and_each_of_the_others_has_its_reason(
    desk: Desk,
) -> None:
    give(desk, orders_on_approval=True)
    budgets.set_cap(desk.context, 2, company_id=company(desk))
    people = [waiting(desk) for _ in range(3)]

    approved = applications.approve_many(
        desk.context,
        people,
        company_id=company(desk),
        posting_id=desk.posting_id,
        decided_by_id=desk.provider.id,
        order_as=desk.actor,
    )

    assert sorted(approved) == people
    assert [one.application_id for one in desktops(desk)] == people[:2]
    assert application(desk, people[2]).order_refusal_code == "desktop_limit_reached"


def test_a_hire_by_address_orders_too(desk: Desk) -> None:
    known = desk.add_application()
    posting_id = desk.open_posting(desk.provider)
    give(desk, orders_on_approval=True)
    email = desk.session.get_one(User, known.seeker_id).email

    made = hiring.hire(
        desk.context,
        Wanted(email),
        company_id=company(desk),
        posting_id=posting_id,
        by=desk.provider,
        order_as=desk.actor,
    )

    assert [one.application_id for one in desktops(desk)] == [made.id]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"company_role": CompanyRole.AUDITOR}, "order_not_permitted"),
        ({"is_active": False}, "order_not_permitted"),
    ],
)
def test_an_accepted_invitation_orders_in_the_name_of_whoever_invited_if_this_person_still_may(
    desk: Desk, change: dict[str, object], code: str | None
) -> None:
    give(desk, orders_on_approval=True)
    person = desk.add_seeker()
    [sent] = invitations.invite(
        desk.context,
        [Wanted(person.email)],
        company_id=company(desk),
        invited_by=desk.provider,
        posting_id=desk.posting_id,
    )
    if change:
        write(desk, update(User).where(User.id == desk.provider.id).values(**change))

    invitations.accept_as(desk.context, sent.token, person)

    [approved] = desk.session.scalars(select(Application)).all()
    assert approved.status is ApplicationStatus.APPROVED
    assert approved.order_refusal_code == code
    ordered_by = [one.ordered_by_id for one in desktops(desk)]
    assert ordered_by == ([] if code else [desk.provider.id])


def test_contracts_come_from_the_profile_where_the_job_says_nothing(desk: Desk) -> None:
    give(desk, defaults=ContractDefaults(days=30), orders_on_approval=True)
    first = approve(desk, waiting(desk))
    write(desk, update(JobPosting).values(default_days=10))

    second = approve(desk, waiting(desk))

    starts_on = desk.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    ends = [application(desk, one.id).ends_at for one in (first, second)]
    assert ends == [starts_on + timedelta(days=30), starts_on + timedelta(days=10)]
    assert [one.ends_at for one in desktops(desk)] == ends


def test_one_press_for_several_orders_for_people_of_this_job_only(desk: Desk) -> None:
    give(desk)
    other = JobPosting(
        company_id=company(desk), title="Other", location="", description="", created_at=desk.clock.now()
    )
    desk.session.add(other)
    desk.session.commit()
    here, there = desk.add_application(), desk.add_application(posting_id=other.id)
    posting = desk.session.get_one(JobPosting, desk.posting_id)
    about = {"company_id": company(desk), "actor": desk.actor, "version": 1}

    profile_orders.order_many(desk.context, posting, [here.id, there.id], **about)

    assert [one.application_id for one in desktops(desk)] == [here.id]
    left = application(desk, there.id)
    assert (left.order_due_at, left.order_refusal) == (None, None)


def test_what_somebody_changes_while_several_are_ordered_is_not_ordered_unseen(desk: Desk) -> None:
    profile = give(desk)
    person = desk.add_application()
    about = {"company_id": company(desk)}
    note_due(desk.context, [person.id], posting_id=desk.posting_id, **about)
    desk.session.commit()
    write(desk, update(Profile).where(Profile.id == profile.id).values(version=2))

    profile_orders.order_due(desk.context, [person.id], order_as=desk.actor, version=1, **about)

    assert desktops(desk) == []
    assert application(desk, person.id).order_refusal_code == "profile_changed"
