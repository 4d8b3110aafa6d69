"""A person's own page: the contract, what is left of it, whom to ask, and what is recorded for how long."""

from sqlalchemy import insert, update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.windows import DAY, set_window
from webapp.domain.connections import ConnectionState
from webapp.models import DesktopConnection, UseDay, User


@both_databases
def test_the_person_sees_the_contract_and_what_is_recorded(desk: Desk, seeker: Visitor, hired: int) -> None:
    workspace_id = hired
    set_window(desk, desk.row(workspace_id).application_id, ends=10 * DAY)
    desk.session.commit()
    text = seeker.read(f"/desktops/{workspace_id}/").text
    assert "Access ends" in text and "Whom to ask" in text
    assert "Not that we know of" in text and "deleted after 400 days" in text

    now = desk.clock.now()
    row = desk.row(workspace_id)
    connection = DesktopConnection(
        workspace_id=workspace_id,
        company_id=row.company_id,
        credential_id=row.credential_id,
        state=ConnectionState.DISCONNECTED,
        is_watched=True,
        checked_at=now,
        is_past_known=True,
        first_connected_at=now - DAY,
        last_connected_at=now,
        quiet_since=now,
    )
    with desk.sessions.begin() as session:
        session.merge(connection)
        session.execute(insert(UseDay).values(workspace_id=workspace_id, day=now.date() - DAY))

    text = seeker.read(f"/desktops/{workspace_id}/").text
    assert "Last connected" in text and "Not that we know of" not in text
    assert "Days on which you were connected1" in text.replace(" 1", "1")


def test_without_an_end_the_page_says_so(seeker: Visitor, hired: int) -> None:
    assert "No end is set" in seeker.read(f"/desktops/{hired}/").text


def test_it_is_said_in_german_too(desk: Desk, seeker: Visitor, hired: int) -> None:
    workspace_id = hired
    desk.session.execute(update(User).values(language="de"))
    desk.session.commit()

    text = seeker.read(f"/desktops/{workspace_id}/").text

    assert "Was Sie auf dem Desktop tun, zeichnet Berth nicht auf." in text
    assert "nach 400 Tagen gelöscht" in text
