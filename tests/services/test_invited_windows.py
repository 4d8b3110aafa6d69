"""The window that an invitation has: for who was approved before accepting it, and who is invited again."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk
from tests.windows import DAY, HOUR, access_of, set_exactly
from webapp.domain.access import Access
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.errors import Conflict
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.models import Application, Invitation, User
from webapp.queueing import JobName
from webapp.services import applications, contract_defaults, invitations
from webapp.services.invitations import LASTS, Wanted
from webapp.services.invitations import Invited as Sent

pytestmark = both_databases


@dataclass
class Invited:
    """Somebody who is invited, and was approved meanwhile for what they had applied for."""

    desk: Desk
    person: User
    application_id: int
    token: str

    def accept(self) -> None:
        invitations.accept_as(self.desk.context, self.token, self.person)

    def window(self) -> Window:
        with self.desk.sessions() as session:
            return session.get_one(Application, self.application_id).window


def invite(desk: Desk, window: Window) -> Invited:
    person, company_id = desk.add_seeker(), desk.provider.company_id or 0
    applied = applications.apply(desk.context, desk.posting_id, seeker_id=person.id, message="")
    [sent] = invitations.invite(
        desk.context,
        [Wanted(person.email, window=window)],
        company_id=company_id,
        invited_by=desk.provider,
        posting_id=desk.posting_id,
    )
    applications.decide(
        desk.context,
        applied.id,
        company_id=company_id,
        decided_by_id=desk.provider.id,
        status=ApplicationStatus.APPROVED,
    )
    return Invited(desk, person, applied.id, sent.token)


def berlin(desk: Desk, **by: int) -> Window:
    now = desk.clock.now()
    starts, ends = by.get("starts"), by.get("ends")
    return Window(now + starts * DAY if starts else None, now + ends * DAY if ends else None, "Europe/Berlin")


def test_an_application_that_has_none_gets_it(desk: Desk) -> None:
    window = berlin(desk, starts=10, ends=40)
    invited = invite(desk, window)

    invited.accept()

    assert invited.window() == window


def test_a_desktop_that_is_there_follows_at_once(desk: Desk) -> None:
    window = berlin(desk, ends=40)
    invited = invite(desk, window)
    workspace_id = desk.available(application_id=invited.application_id)
    desk.notifier.notifications.clear()

    invited.accept()

    assert desk.row(workspace_id).ends_at == window.ends_at
    assert desk.story(workspace_id)[-1] == "window_changed"
    assert (JobName.RECONCILE, desk.credential_id) in desk.notifier.notifications


def test_what_somebody_has_set_meanwhile_stays(desk: Desk) -> None:
    invited = invite(desk, berlin(desk, ends=40))
    chosen = berlin(desk, ends=90)
    set_exactly(desk, invited.application_id, chosen)

    invited.accept()

    assert invited.window() == chosen


def test_a_window_that_somebody_has_taken_away_stays_away(desk: Desk) -> None:
    invited = invite(desk, berlin(desk, ends=40))
    set_exactly(desk, invited.application_id, Window(zone="UTC"))

    invited.accept()

    assert invited.window() == Window(zone="UTC")


@pytest.mark.parametrize("by", [{"ends": 2}, {"starts": 10}])
def test_it_takes_no_desktop_away_from_its_person(desk: Desk, by: dict[str, int]) -> None:
    invited = invite(desk, berlin(desk, **by))
    workspace_id = desk.available(application_id=invited.application_id)
    desk.clock.pause((3 * DAY - HOUR).total_seconds())

    invited.accept()

    assert access_of(desk, workspace_id) is Access.OPEN
    assert invited.window() == Window()


def invite_somebody(desk: Desk, window: Window | None = None) -> Sent:
    """Who has no application; perhaps again."""
    [sent] = invitations.invite(
        desk.context,
        [Wanted("mina@example.com", "Mina Park", window=window)],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
        posting_id=desk.posting_id,
    )
    return sent


def send_again(desk: Desk, sent: Sent) -> Sent:
    company_id = desk.provider.company_id or 0
    return invitations.send_again(
        desk.context, sent.invitation_id or 0, company_id=company_id, invited_by=desk.provider
    )


def withdraw(desk: Desk, sent: Sent) -> None:
    company_id = desk.provider.company_id or 0
    invitations.revoke(desk.context, sent.invitation_id or 0, company_id=company_id, by=desk.provider)


def contract_of(desk: Desk, sent: Sent) -> tuple[Window, bool]:
    """As it is once the link was followed, and whether the posting's defaults gave it."""
    person = invitations.accept_as_new(desk.context, sent.token, name="Mina Park", password=PASSWORD)
    with desk.sessions() as session:
        found = session.scalars(select(Application).where(Application.seeker_id == person.id)).one()
        return found.window, found.has_default_window


def give_defaults(desk: Desk, ends: timedelta) -> Window:
    """To the posting, from now on."""
    ends_at = (desk.clock.now() + ends).replace(microsecond=0)
    contract_defaults.set_defaults(
        desk.context,
        desk.posting_id,
        ContractDefaults("Europe/Berlin", ends_at=ends_at),
        company_id=desk.provider.company_id or 0,
    )
    return Window(None, ends_at, "Europe/Berlin")


def test_who_is_invited_again_without_a_window_gets_the_defaults_and_not_that_of_an_expired_invitation(
    desk: Desk,
) -> None:
    invite_somebody(desk, berlin(desk, ends=10))
    desk.clock.pause((LASTS + DAY).total_seconds())
    defaults = give_defaults(desk, 60 * DAY)

    again = invite_somebody(desk)

    assert contract_of(desk, again) == (defaults, True)


def test_a_window_that_has_ended_is_gone_before_its_invitation_expires(desk: Desk) -> None:
    invite_somebody(desk, berlin(desk, ends=2))
    desk.clock.pause((3 * DAY).total_seconds())

    again = invite_somebody(desk)

    assert contract_of(desk, again) == (Window(), False)


def test_a_withdrawn_invitation_leaves_no_window_to_a_new_one(desk: Desk) -> None:
    withdraw(desk, invite_somebody(desk, berlin(desk, ends=40)))
    desk.clock.pause(DAY.total_seconds())

    again = invite_somebody(desk)

    assert contract_of(desk, again) == (Window(), False)


def test_an_open_invitation_keeps_its_window_although_the_end_of_the_defaults_has_passed(desk: Desk) -> None:
    window = berlin(desk, ends=40)
    give_defaults(desk, DAY)
    invite_somebody(desk, window)
    desk.clock.pause((2 * DAY).total_seconds())

    again = invite_somebody(desk)

    assert contract_of(desk, again) == (window, False)


def test_an_invitation_without_a_window_is_refused_after_the_end_of_the_defaults(desk: Desk) -> None:
    give_defaults(desk, DAY)
    sent = invite_somebody(desk)
    desk.clock.pause((2 * DAY).total_seconds())

    for press in (lambda: invite_somebody(desk), lambda: send_again(desk, sent)):
        with pytest.raises(Conflict) as refused:
            press()
        desk.session.rollback()
        assert refused.value.code == "default_end_passed"
    with desk.sessions() as session:
        assert session.get_one(Invitation, sent.invitation_id).made_at < desk.clock.now() - DAY


def test_sent_again_it_is_the_same_invitation_with_its_window(desk: Desk) -> None:
    window = berlin(desk, ends=40)
    sent = invite_somebody(desk, window)
    desk.clock.pause((LASTS + DAY).total_seconds())

    again = send_again(desk, sent)

    assert contract_of(desk, again) == (window, False)


def test_an_invitation_to_a_contract_that_has_ended_is_not_sent_again(desk: Desk) -> None:
    sent = invite_somebody(desk, berlin(desk, ends=2))
    desk.clock.pause((3 * DAY).total_seconds())

    with pytest.raises(Conflict, match="Invite the person again with another end") as refused:
        send_again(desk, sent)

    assert refused.value.code == "contract_ended"
