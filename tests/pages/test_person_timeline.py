"""The timeline of a person on the desktop's page: each step with its time and who did it, and what comes."""

from datetime import timedelta

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.test_connections import look, machine
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from tests.windows import DAY, HOUR, set_grace, set_window, settle, undo
from webapp.domain.lifecycle import Action, State
from webapp.models import Application, Invitation, User
from webapp.models.invitation import InvitationKind
from webapp.queries.person_timeline import read_timeline
from webapp.queries.workspaces import get_workspace


def steps(page: Reader, place: str) -> int:
    return len(page.find("li", data_when=place))


def between(text: str, first: str, last: str) -> bool:
    return text.index(first) < text.index(last)


def test_a_new_order_shows_who_did_what_and_what_comes(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()
    set_window(desk, desk.row(workspace_id).application_id, ends=30 * DAY)
    desk.session.commit()

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert "Done: Desktop ordered" in page.text
    assert f"by {desk.provider.name}" in page.text
    assert "Now: The desktop is being created" in page.text
    assert between(page.text, "Next: Desktop ready", "Next: Contract ends, access is suspended")
    assert between(page.text, "Next: Contract ends", "Next: Desktop destroyed, with all its files")
    assert len(page.find("li", aria_current="step")) == 1


def test_the_first_and_the_last_connection_are_steps(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_now(desk.clock.now().timestamp())
    workspace_id = desk.available()
    look(desk)
    assert (
        "Now: Access is open; nobody has connected yet" in provider.read(f"/workspaces/{workspace_id}/").text
    )

    desk.stage.connect(machine(desk, workspace_id), "")
    look(desk)

    text = provider.read(f"/workspaces/{workspace_id}/").text
    assert "Done: First connected" in text and "Now: Connected" in text
    assert "Next: First connection" not in text


def test_an_extension_is_a_step_with_its_new_end(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    application_id = desk.row(workspace_id).application_id
    set_window(desk, application_id, ends=DAY)
    set_window(desk, application_id, ends=20 * DAY)
    desk.session.commit()

    text = provider.read(f"/workspaces/{workspace_id}/").text

    assert text.count("Done: Contract extended") == 1
    assert "The contract now runs from" in text


def test_after_the_end_of_the_contract_only_the_destruction_comes(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    set_window(desk, desk.row(workspace_id).application_id, ends=HOUR)
    desk.clock.pause(HOUR.total_seconds())
    desk.sweep()
    settle(desk)

    page = provider.read(f"/workspaces/{workspace_id}/")

    assert "Done: Contract ended, access suspended" in page.text
    assert "Now: Access is suspended; the desktop is kept" in page.text
    assert "Next: Desktop destroyed, with all its files" in page.text
    assert steps(page, "next") == 1


def test_a_termination_and_its_undoing_are_steps_and_what_is_gone_has_no_future(
    desk: Desk, provider: Visitor
) -> None:
    set_grace(desk)
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)
    undo(desk, workspace_id)
    desk.session.commit()
    text = provider.read(f"/workspaces/{workspace_id}/").text
    assert between(text, "Done: Terminated", "Done: Termination undone")

    set_grace(desk, 0)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    page = provider.read(f"/workspaces/{workspace_id}/")
    assert "Done: Gone" in page.text
    assert steps(page, "now") == steps(page, "next") == 0


def invite(desk: Desk, workspace_id: int) -> None:
    """As if the person had come by an invitation."""
    application = desk.session.get_one(Application, desk.row(workspace_id).application_id)
    seeker = desk.session.get_one(User, application.seeker_id)
    invitation = Invitation(
        company_id=application.company_id,
        kind=InvitationKind.HIRE,
        email=seeker.email,
        job_posting_id=application.job_posting_id,
        invited_by_id=desk.provider.id,
        token_hash="0" * 64,
        made_at=application.created_at - timedelta(days=1),
        expires_at=application.created_at + timedelta(days=6),
        accepted_at=application.created_at,
        accepted_by_id=seeker.id,
    )
    desk.session.add(invitation)
    desk.session.commit()


def test_who_was_invited_has_not_applied(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    assert "Done: Approved" in provider.read(f"/workspaces/{workspace_id}/").text
    invite(desk, workspace_id)

    text = provider.read(f"/workspaces/{workspace_id}/").text

    assert between(text, "Done: Invited", "Done: Accepted the invitation")
    assert between(text, "Done: Accepted the invitation", "Done: Desktop ordered")
    assert "Done: Applied" not in text and "Done: Approved" not in text


@both_databases
def test_a_long_way_asks_no_more_than_a_short_one(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    application_id, company_id = desk.row(workspace_id).application_id, desk.provider.company_id or 0
    counts = []
    for days in (1, 2, 3, 20, 40):
        set_window(desk, application_id, ends=days * DAY)
        with desk.sessions() as session:
            workspace = get_workspace(session, workspace_id, company_id=company_id)
            with counted_queries() as asked:
                read_timeline(session, workspace, now=desk.clock.now())
            counts.append(len(asked))

    assert set(counts) == {2}


def test_an_unchanged_page_reads_no_timeline(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    etag = provider.get(f"/workspaces/{workspace_id}/status").headers["ETag"]

    with counted_queries() as asked:
        answer = provider.get(f"/workspaces/{workspace_id}/status", headers={"If-None-Match": etag})

    assert answer.status_code == 304
    assert not [one for one in asked if "FROM invitations" in one]
