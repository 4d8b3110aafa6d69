"""A contract that ends: both sides hear of it once for each notice, and more time is one press for each."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from tests.conftest import both_databases
from tests.desk import Desk
from tests.mail.conftest import Postman
from tests.mail.test_occasions import recipients
from tests.windows import DAY, access_of, pass_time, set_exactly, set_grace, set_window, settle, until
from webapp.domain.access import Access
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action
from webapp.domain.windows import Window
from webapp.models import Application, Mail, User
from webapp.services import extensions, workspace_actions


@pytest.fixture
def hired(desk: Desk, postman: Postman) -> int:
    application_id = desk.add_application().id
    workspace_id = desk.available(application_id=application_id)
    set_window(desk, application_id, ends=30 * DAY)
    settle(desk)
    return workspace_id


def _seeker_id(desk: Desk, workspace_id: int) -> int:
    query = select(Application.seeker_id).where(Application.id == desk.row(workspace_id).application_id)
    with desk.sessions() as session:
        return session.scalars(query).one()


def test_both_sides_hear_14_7_and_1_days_before_the_end_and_once_each(
    desk: Desk, postman: Postman, hired: int
) -> None:
    ends_at = desk.row(hired).ends_at
    assert ends_at is not None and recipients(postman, "contract_ending") == []

    for number, days in enumerate((14, 7, 1), start=1):
        pass_time(desk, until(desk, ends_at, before=days * DAY + timedelta(hours=1)))
        assert len(recipients(postman, "contract_ending")) == number - 1
        pass_time(desk, timedelta(hours=1))
        assert len(recipients(postman, "contract_ending")) == number
        assert recipients(postman, "contract_ending_of") == ["provider@example.com"] * number

    pass_time(desk, until(desk, ends_at))
    assert len(recipients(postman, "contract_ending")) == 3


def test_after_a_long_sleep_only_the_newest_notice_is_sent(desk: Desk, postman: Postman, hired: int) -> None:
    ends_at = desk.row(hired).ends_at
    assert ends_at is not None

    pass_time(desk, until(desk, ends_at, before=DAY / 2))

    assert len(recipients(postman, "contract_ending")) == 1
    assert desk.row(hired).noticed_days == 1


def test_of_a_short_contract_nobody_reads_that_it_ends_before_it_has_begun(
    desk: Desk, postman: Postman
) -> None:
    """It is ten days long and begins in two: 14 days before the end there is no contract yet."""
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=2 * DAY, ends=12 * DAY)
    workspace_id = desk.order(application_id=application_id)
    desk.live(3600)
    ends_at = desk.row(workspace_id).ends_at
    assert ends_at is not None

    for days, number in ((11, 0), (9, 0), (6, 1), (0.5, 2)):
        pass_time(desk, until(desk, ends_at, before=days * DAY))
        assert len(recipients(postman, "contract_ending")) == number, days


def test_a_new_start_or_time_zone_sends_no_notice_again(desk: Desk, postman: Postman, hired: int) -> None:
    row = desk.row(hired)
    assert row.ends_at is not None
    pass_time(desk, until(desk, row.ends_at, before=5 * DAY))
    assert len(recipients(postman, "contract_ending")) == 1

    window = Window(row.ends_at - 20 * DAY, row.ends_at, "Europe/Paris")
    set_exactly(desk, row.application_id, window)
    settle(desk)

    assert len(recipients(postman, "contract_ending")) == 1


@both_databases
def test_more_time_is_asked_for_once_and_granted_in_one_press(
    desk: Desk, postman: Postman, hired: int
) -> None:
    row, seeker_id = desk.row(hired), _seeker_id(desk, hired)
    assert row.ends_at is not None
    pass_time(desk, until(desk, row.ends_at))
    assert access_of(desk, hired) is Access.SUSPENDED

    for _ in range(2):
        extensions.ask_for_time(desk.context, hired, seeker_id=seeker_id, actor=desk.actor)
    assert recipients(postman, "extension_asked") == ["provider@example.com"]
    for _ in range(2):
        extensions.grant_time(desk.context, row.application_id, company_id=row.company_id, actor=desk.actor)

    assert access_of(desk, hired) is Access.OPEN
    assert desk.row(hired).ends_at == desk.clock.now() + extensions.GRANTED
    assert len(recipients(postman, "contract_extended")) == 1
    assert {"extension_asked", "window_extended"} <= set(desk.story(hired))


@pytest.mark.parametrize(("later", "kind"), [(90 * DAY, "contract_extended"), (None, "access_goes_on")])
@pytest.mark.parametrize("at_the_end", [False, True])
def test_who_heard_of_an_end_hears_that_it_is_another_one(
    desk: Desk, postman: Postman, hired: int, later: timedelta | None, kind: str, at_the_end: bool
) -> None:
    row = desk.row(hired)
    assert row.ends_at is not None
    set_window(desk, row.application_id, ends=40 * DAY)
    assert recipients(postman, kind) == [], "nobody wrote to them about the first one"
    ends_at = desk.row(hired).ends_at
    assert ends_at is not None
    pass_time(desk, until(desk, ends_at, before=timedelta(0) if at_the_end else 3 * DAY))

    set_window(desk, row.application_id, ends=later)
    settle(desk)

    assert access_of(desk, hired) is Access.OPEN
    assert len(recipients(postman, kind)) == 1


def test_more_time_that_was_asked_for_is_said_however_it_is_given(
    desk: Desk, postman: Postman, hired: int
) -> None:
    row, seeker_id = desk.row(hired), _seeker_id(desk, hired)
    extensions.ask_for_time(desk.context, hired, seeker_id=seeker_id, actor=desk.actor)

    set_window(desk, row.application_id, ends=60 * DAY)

    assert len(recipients(postman, "contract_extended")) == 1


def test_the_undo_of_a_termination_is_said_to_whom_it_was_said(
    desk: Desk, postman: Postman, hired: int
) -> None:
    set_grace(desk, 7)
    desk.press(hired, Action.TERMINATE)
    assert len(recipients(postman, "access_ended")) == 1

    for _ in range(2):
        workspace_actions.undo(desk.context, hired, company_id=desk.row(hired).company_id, actor=desk.actor)

    assert len(recipients(postman, "access_goes_on")) == 1


def test_who_is_hired_from_later_on_is_invited_when_the_contract_begins(desk: Desk, postman: Postman) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=2 * DAY)
    starts_at = desk.clock.now() + 2 * DAY
    workspace_id = desk.order(application_id=application_id)
    desk.live(3600)
    assert desk.row(workspace_id).available_at is not None
    assert recipients(postman, "desktop_ready") == []

    pass_time(desk, until(desk, starts_at))

    assert len(recipients(postman, "desktop_ready")) == 1


@pytest.mark.parametrize("grace_days", [7, 0])
def test_no_time_is_promised_for_a_desktop_that_is_terminated(
    desk: Desk, postman: Postman, hired: int, grace_days: int
) -> None:
    set_grace(desk, grace_days)
    before, seeker_id = desk.row(hired), _seeker_id(desk, hired)
    extensions.ask_for_time(desk.context, hired, seeker_id=seeker_id, actor=desk.actor)
    desk.press(hired, Action.TERMINATE)

    with pytest.raises(Conflict, match="no desktop any more"):
        extensions.grant_time(
            desk.context, before.application_id, company_id=before.company_id, actor=desk.actor
        )
    with pytest.raises(Conflict, match="cannot be extended"):
        extensions.ask_for_time(desk.context, hired, seeker_id=seeker_id, actor=desk.actor)

    with desk.sessions() as session:
        assert session.get_one(Application, before.application_id).ends_at == before.ends_at
    assert desk.row(hired).ends_at == before.ends_at
    assert recipients(postman, "contract_extended") == []


def test_whose_account_is_disabled_gets_no_mail_about_more_time(
    desk: Desk, postman: Postman, hired: int
) -> None:
    row, seeker_id = desk.row(hired), _seeker_id(desk, hired)
    extensions.ask_for_time(desk.context, hired, seeker_id=seeker_id, actor=desk.actor)
    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.id == seeker_id).values(is_active=False))

    extensions.grant_time(desk.context, row.application_id, company_id=row.company_id, actor=desk.actor)

    assert desk.row(hired).ends_at != row.ends_at and recipients(postman, "contract_extended") == []


def test_the_mail_about_more_time_is_written_with_the_window_or_not_at_all(
    desk: Desk, postman: Postman, hired: int
) -> None:
    row, seeker_id = desk.row(hired), _seeker_id(desk, hired)
    extensions.ask_for_time(desk.context, hired, seeker_id=seeker_id, actor=desk.actor)
    at_commit: list[int] = []

    @event.listens_for(desk.context.session, "before_commit")
    def note(session: Session) -> None:
        asked = session.scalar(
            select(Application.extension_asked_at).where(Application.id == row.application_id)
        )
        if asked is None:
            at_commit.append(
                session.scalar(select(func.count()).where(Mail.kind == "contract_extended")) or 0
            )

    extensions.grant_time(desk.context, row.application_id, company_id=row.company_id, actor=desk.actor)

    assert at_commit and at_commit[0] == 1
