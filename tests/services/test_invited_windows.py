"""The window that an invitation has, when the person was approved before accepting it."""

from dataclasses import dataclass

import pytest

from tests.conftest import both_databases
from tests.desk import Desk
from tests.windows import DAY, HOUR, access_of, set_exactly
from webapp.domain.access import Access
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.models import Application, User
from webapp.queueing import JobName
from webapp.services import applications, invitations
from webapp.services.invitations import Wanted

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
