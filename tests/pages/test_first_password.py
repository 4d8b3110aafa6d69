"""A first password: shown once, set by a worker, stored nowhere, and only for users that Berth made."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from sandbox import demo
from tests import windows
from tests.desk import Desk
from tests.pages.conftest import Visitor
from webapp.domain.connections import ConnectionState
from webapp.domain.lifecycle import State
from webapp.domain.roles import CompanyRole
from webapp.domain.secret_binding import first_password_binding
from webapp.engine import account
from webapp.engine import first_passwords as engine_part
from webapp.models import DesktopConnection, DirectoryUser, Event, TrailEntry, User
from webapp.queueing import JobName
from webapp.services.order_changes import change_order
from webapp.vault.box import Secret

DIRECTORY = demo.DEMO_DIRECTORY_ID


@pytest.fixture
def workspace_id(desk: Desk) -> int:
    """A desktop whose user Berth has made."""
    desk.sandbox.set_users(DIRECTORY, ["leo.brandt"])
    made = desk.order(username="new.hire", create_user=True)
    desk.live_until(made, State.AVAILABLE)
    desk.session.commit()
    return made


def password_of(desk: Desk) -> str | None:
    found: str | None = desk.sandbox.people(DIRECTORY)[0]["password_sha256"]
    return found


def test_it_is_set_and_shown_once_and_kept_nowhere(desk: Desk, provider: Visitor, workspace_id: int) -> None:
    page = provider.read(f"/workspaces/{workspace_id}/")
    desk.prove_everybody()

    answer = provider.post(f"/workspaces/{workspace_id}/password")

    assert "Berth created new.hire" in page.text and "Set a first password" in page.text
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    (password,) = re.findall(r'id="password">([^<]+)<', answer.text)
    assert password_of(desk) == hashlib.sha256(password.encode()).hexdigest()
    assert desk.sandbox.people(DIRECTORY)[0]["is_enabled"] == 1
    assert password not in provider.read(f"/workspaces/{workspace_id}/").text
    with desk.sessions.begin() as session:
        tables = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        rows = [str(row) for name in tables for row in session.execute(text(f'SELECT * FROM "{name}"'))]
        lines = session.scalars(select(TrailEntry).where(TrailEntry.action == "first_passwords.create")).all()
        events = session.scalars(select(Event.message).where(Event.event == "first_password")).all()
    assert [row for row in rows if password in row or "first_password_binding" in row] == []
    assert len(lines) == 1 and password not in str(lines[0].changes)
    assert events == ["Set a first password for new.hire."]
    assert desk.session.scalars(select(DirectoryUser.sealed_password)).all() == [None]


def test_whoever_proved_long_ago_who_they_are_proves_it_again_first(
    desk: Desk, provider: Visitor, workspace_id: int
) -> None:
    desk.clock.pause(3600)

    answer = provider.post(f"/workspaces/{workspace_id}/password")

    assert answer.status_code == 303 and "prove" in str(answer.location)
    assert password_of(desk) is None


def test_of_a_user_that_others_made_no_password_is_set(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_users(DIRECTORY, ["leo.brandt"])
    theirs = desk.available(username="leo.brandt")
    desk.prove_everybody()

    answer = provider.post(f"/workspaces/{theirs}/password")

    assert answer.status_code == 409
    assert desk.sandbox.people(DIRECTORY) == []


def test_a_user_that_others_made_under_the_same_name_keeps_its_password(
    desk: Desk, provider: Visitor, workspace_id: int
) -> None:
    desk.sandbox.remove_user(DIRECTORY, "new.hire")
    desk.prove_everybody()
    gone = provider.post(f"/workspaces/{workspace_id}/password")
    desk.sandbox.add_users(DIRECTORY, "new.hire")
    theirs = provider.post(f"/workspaces/{workspace_id}/password")

    assert (gone.status_code, theirs.status_code) == (503, 503)
    assert "Berth may not change this user" in theirs.text and 'id="password"' not in theirs.text
    assert desk.calls("ResetUserPassword") == [] and desk.sandbox.people(DIRECTORY) == []


def test_another_company_sets_none(desk: Desk, rival: Visitor, workspace_id: int) -> None:
    desk.prove_everybody()

    assert rival.post(f"/workspaces/{workspace_id}/password").status_code == 404
    assert password_of(desk) is None


def test_what_the_directory_refuses_is_said_and_no_password_is_shown(
    desk: Desk, provider: Visitor, workspace_id: int
) -> None:
    desk.sandbox.add_fault("error", operation="ResetUserPassword", code="InvalidPasswordException")
    desk.prove_everybody()

    answer = provider.post(f"/workspaces/{workspace_id}/password")

    assert answer.status_code == 503
    assert "does not accept the password" in answer.text and 'id="password"' not in answer.text
    assert password_of(desk) is None


def test_a_sealed_text_that_nobody_waits_for_is_wiped_and_not_set(desk: Desk, workspace_id: int) -> None:
    (user,) = desk.session.scalars(select(DirectoryUser)).all()
    user.sealed_password, user.password_asked_at = "v2.x.y", desk.clock.now()
    user.password_waits = True
    desk.session.commit()
    desk.clock.pause(120)

    desk.sweep()

    desk.session.expire_all()
    assert desk.session.scalars(select(DirectoryUser.sealed_password)).all() == [None]
    assert password_of(desk) is None
    assert engine_part.LASTS.total_seconds() < 120


def test_after_a_corrected_name_the_password_is_that_of_the_new_user(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_users(DIRECTORY, ["leo.brandt"])
    desk.sandbox.set_settings(user_lag_s=20 * 60)
    workspace_id = desk.order(username="a.wrong.name", create_user=True)
    desk.live(5 * 60)
    change_order(
        desk.context,
        workspace_id,
        lambda before: replace(before, username="new.hire"),
        company_id=desk.provider.company_id or 0,
        actor=desk.actor,
    )
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.session.commit()
    desk.prove_everybody()

    answer = provider.post(f"/workspaces/{workspace_id}/password")

    assert answer.status_code == 200 and "new.hire" in answer.text
    passwords = {one["user_name"]: one["password_sha256"] for one in desk.sandbox.people(DIRECTORY)}
    assert passwords["new.hire"] is not None and passwords["a.wrong.name"] is None


def test_once_the_person_has_connected_only_who_may_end_desktops_sets_a_password(
    desk: Desk, provider: Visitor, workspace_id: int
) -> None:
    button, path = f'action="/workspaces/{workspace_id}/password"', f"/workspaces/{workspace_id}/password"
    connect(desk, workspace_id)
    set_role(desk, CompanyRole.RECRUITER)
    desk.prove_everybody()

    page, refused = provider.get(f"/workspaces/{workspace_id}/"), provider.post(path)

    assert page.status_code == 200 and button not in page.text
    assert refused.status_code == 403 and desk.calls("ResetUserPassword") == []
    set_role(desk, CompanyRole.MANAGER)
    assert button in provider.get(f"/workspaces/{workspace_id}/").text
    assert provider.post(path).status_code == 200


def test_a_recruiter_sets_the_first_password(desk: Desk, provider: Visitor, workspace_id: int) -> None:
    set_role(desk, CompanyRole.RECRUITER)
    desk.prove_everybody()

    assert provider.post(f"/workspaces/{workspace_id}/password").status_code == 200


def set_role(desk: Desk, role: CompanyRole) -> None:
    with desk.sessions.begin() as session:
        session.execute(
            update(User).where(User.company_id == desk.provider.company_id).values(company_role=role)
        )


def connect(desk: Desk, workspace_id: int) -> None:
    row, now = desk.row(workspace_id), desk.clock.now()
    with desk.sessions.begin() as session:
        session.merge(
            DesktopConnection(
                workspace_id=workspace_id,
                company_id=row.company_id,
                credential_id=row.credential_id,
                state=ConnectionState.CONNECTED,
                is_watched=True,
                checked_at=now,
                is_past_known=True,
                first_connected_at=now,
                last_connected_at=now,
                used_day=now.date(),
            )
        )


def test_of_two_presses_at_the_same_time_only_the_newer_one_shows_a_password(
    desk: Desk, provider: Visitor, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed: list[JobName] = []
    notify = desk.notifier.notify

    def press_again(name: JobName, subject_id: int) -> None:
        """Another press comes before the worker has seen the first."""
        if name is JobName.PASSWORD and not pressed:
            pressed.append(name)
            desk.clock.pause(1)
            queue_password(desk)
        notify(name, subject_id)

    monkeypatch.setattr(desk.notifier, "notify", press_again)
    desk.prove_everybody()

    answer = provider.post(f"/workspaces/{workspace_id}/password")

    desk.work()
    assert answer.status_code == 409 and 'id="password"' not in answer.text
    assert password_of(desk) == hashlib.sha256(b"Aa1-queued-before").hexdigest()


def queue_password(desk: Desk) -> None:
    """As a press leaves it for a worker."""
    (user,) = desk.session.scalars(select(DirectoryUser)).all()
    binding = first_password_binding(mark=user.mark, company_id=user.company_id, slot=user.slot)
    user.sealed_password = desk.context.sealer.seal("Aa1-queued-before", bound_to=binding)
    user.password_waits, user.password_asked_at, user.password_failure = True, desk.clock.now(), None
    desk.session.commit()


def failure_of(desk: Desk) -> str | None:
    with desk.sessions() as session:
        return session.scalars(select(DirectoryUser.password_failure)).one()


def end_access(desk: Desk, workspace_id: int) -> None:
    windows.set_window(desk, desk.row(workspace_id).application_id, ends=timedelta(seconds=1))
    desk.clock.pause(2)


def test_a_password_that_waits_when_access_ends_is_never_set(desk: Desk, workspace_id: int) -> None:
    queue_password(desk)
    end_access(desk, workspace_id)

    desk.sweep()

    assert desk.calls("ResetUserPassword") == []
    assert failure_of(desk) == "person_kept_out"


@pytest.mark.parametrize("is_lost", [False, True])
@pytest.mark.parametrize("refuses", [False, True])
def test_a_user_whose_access_ends_while_the_password_is_set_is_disabled_again(
    desk: Desk, workspace_id: int, refuses: bool, is_lost: bool
) -> None:
    def end(name: str) -> None:
        if name == "password_set":
            end_access(desk, workspace_id)
            desk.engine = desk.make_engine()
            windows.settle(desk)
            assert desk.row(workspace_id).access_ended_at is not None
            engine_password(desk)
            if refuses:
                desk.sandbox.add_fault("http_500", operation="DisableUser")

    queue_password(desk)
    if is_lost:
        desk.sandbox.add_fault("drop_after", operation="ResetUserPassword")
    desk.engine = desk.make_engine(crashpoint=end)

    desk.sweep()
    windows.settle(desk)

    assert desk.sandbox.people(DIRECTORY)[0]["is_enabled"] == 0
    assert failure_of(desk) is not None
    assert desk.row(workspace_id).access_ended_at is not None


def engine_password(desk: Desk) -> None:
    """The call arrives late, after the user was disabled."""
    credential = account.load_credential(desk.engine, desk.credential_id)
    assert credential is not None
    driver = account.make_driver(desk.engine, credential, account.AccountGate(desk.engine, credential, None))
    assert driver.passwords is not None
    driver.passwords.set_password("new.hire", Secret("Aa1-late-password"))
    assert desk.sandbox.people(DIRECTORY)[0]["is_enabled"] == 1


def test_the_end_of_the_contract_disables_the_user_and_more_time_enables_it_with_a_new_password(
    desk: Desk, provider: Visitor, workspace_id: int
) -> None:
    button = f'action="/workspaces/{workspace_id}/password"'
    assert button in provider.get(f"/workspaces/{workspace_id}/").text
    desk.prove_everybody()
    provider.post(f"/workspaces/{workspace_id}/password")
    before = password_of(desk)
    application_id = desk.row(workspace_id).application_id
    windows.set_window(desk, application_id, ends=windows.HOUR)

    windows.pass_time(desk, windows.HOUR)

    assert desk.sandbox.people(DIRECTORY)[0]["is_enabled"] == 0
    assert button not in provider.get(f"/workspaces/{workspace_id}/").text
    desk.prove_everybody()
    assert provider.post(f"/workspaces/{workspace_id}/password").status_code == 409
    assert password_of(desk) == before, "a new password would let the person in"

    windows.set_window(desk, application_id, ends=windows.HOUR)
    windows.settle(desk)

    assert desk.sandbox.people(DIRECTORY)[0]["is_enabled"] == 1
    assert password_of(desk) != before
    assert "with a new password" in provider.read(f"/workspaces/{workspace_id}/log").text
    assert button in provider.get(f"/workspaces/{workspace_id}/").text


def test_at_the_end_of_a_contract_a_user_that_berth_did_not_make_is_left_as_it_is(desk: Desk) -> None:
    desk.sandbox.set_users(DIRECTORY, ["leo.brandt"])
    workspace_id = desk.available(username="leo.brandt")
    before = desk.sandbox.people(DIRECTORY)
    windows.set_window(desk, desk.row(workspace_id).application_id, ends=windows.HOUR)

    windows.pass_time(desk, windows.HOUR)

    assert desk.row(workspace_id).access_ended_at is not None
    assert desk.sandbox.people(DIRECTORY) == before
    assert desk.calls("DisableUser") == []
