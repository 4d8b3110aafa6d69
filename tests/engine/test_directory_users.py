"""The user of an order: made once, whatever happens; waited for where others make it; never a stranger's."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from sandbox import demo
from sandbox.control import Json
from tests import windows
from tests.conftest import both_databases
from tests.desk import Desk
from tests.whole import in_turn
from webapp.domain.errors import Invalid
from webapp.domain.lifecycle import Action, Phase, State
from webapp.engine import account, leases
from webapp.models import DirectoryUser, DirectoryUserState, EndRecord, InquiryKind, Installation
from webapp.services import inquiries
from webapp.vault.box import Secret

DIRECTORY = demo.DEMO_DIRECTORY_ID
NAME = "new.hire"


@pytest.fixture
def desk_of_few(desk: Desk) -> Desk:
    """A directory that knows one person."""
    desk.sandbox.set_users(DIRECTORY, ["leo.brandt"])
    return desk


def users(desk: Desk) -> list[Json]:
    return desk.sandbox.people(DIRECTORY)


def created(desk: Desk) -> list[Json]:
    """The calls that were to make somebody; those of a credential test are for nobody."""
    return [line for line in desk.calls("CreateUser") if NAME in line["users"]]


def creates(desk: Desk) -> list[Json]:
    """The calls that were to make a desktop for somebody."""
    return [line for line in desk.calls("CreateWorkspaces") if NAME in line["users"]]


def known(desk: Desk) -> list[DirectoryUser]:
    with desk.sessions.begin() as session:
        rows = session.scalars(select(DirectoryUser).order_by(DirectoryUser.id)).all()
        session.expunge_all()
    return list(rows)


def order(desk: Desk, **changes: object) -> int:
    return desk.order(**({"username": NAME, "create_user": True} | changes))


@both_databases
def test_an_order_makes_the_user_and_then_the_desktop(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = order(desk)

    desk.live_until(workspace_id, State.AVAILABLE)

    (user,), (row,) = users(desk), known(desk)
    assert (user["user_name"], user["email"]) == (NAME, "seeker2@example.com")
    assert user["other"]["info"]["S"] == f"berth-claim={row.mark}"
    assert row.mark.startswith(f"{desk.installation()}/user/")
    assert (row.state, row.cloud_user_id, row.workspace_id) == (
        DirectoryUserState.MADE,
        user["sid"],
        workspace_id,
    )
    assert len(created(desk)) == 1
    assert desk.story(workspace_id)[:3] == ["ordered", "user_created", "create_sent"]


def test_until_the_cloud_knows_the_new_user_the_order_waits_and_uses_up_no_attempt(desk_of_few: Desk) -> None:
    desk = desk_of_few
    desk.sandbox.set_settings(user_lag_s=20 * 60)
    workspace_id = order(desk)

    desk.live(10 * 60)

    row = desk.row(workspace_id)
    assert (row.state, row.waiting_code, row.attempt) == (State.PENDING, "user_replicating", 1)
    assert desk.story(workspace_id).count("waiting_for_user") == 1
    desk.live_until(workspace_id, State.AVAILABLE)
    assert desk.row(workspace_id).waiting_code is None
    assert len(users(desk)) == 1


@both_databases
def test_a_name_that_somebody_has_is_refused_and_left_as_it_is(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = order(desk, username="Leo.Brandt")

    desk.work()

    row = desk.row(workspace_id)
    assert (row.phase, row.error_code) == (Phase.CREATE_FAILED, "directory_user_exists")
    assert created(desk) == [] and creates(desk) == []
    assert users(desk) == [] and known(desk) == []


def test_a_name_that_is_taken_between_look_and_create_is_somebody_elses(desk_of_few: Desk) -> None:
    desk = desk_of_few

    def take(name: str) -> None:
        if name == "user_intent":
            desk.sandbox.add_users(DIRECTORY, NAME)

    desk.engine = desk.make_engine(crashpoint=take)
    workspace_id = order(desk)

    desk.work()

    assert desk.row(workspace_id).error_code == "directory_user_exists"
    assert known(desk)[0].state is DirectoryUserState.FOUND
    assert users(desk) == [], "nothing of it was changed"


@pytest.mark.parametrize("fault", ["drop_after", "http_500", "throttle", "drop_before"])
def test_a_lost_or_refused_call_is_repeated_to_one_user(desk_of_few: Desk, fault: str) -> None:
    desk = desk_of_few
    desk.sandbox.add_fault(fault, operation="CreateUser")
    workspace_id = order(desk)

    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(users(desk)) == 1
    assert desk.row(workspace_id).attempt == 1


def test_a_user_whose_answer_was_lost_is_sent_again_while_the_directory_does_not_show_it(
    desk_of_few: Desk,
) -> None:
    desk = desk_of_few
    desk.sandbox.set_settings(user_read_lag_s=90)
    desk.sandbox.add_fault("drop_after", operation="CreateUser")
    workspace_id = order(desk)

    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(users(desk)) == 1
    assert {line["outcome"] for line in created(desk)} == {"answer_lost", "ok"}


@pytest.mark.parametrize(
    ("prepare", "repair", "code"),
    [
        (
            lambda desk: desk.sandbox.set_directory(DIRECTORY, data_access="Disabled"),
            lambda desk: desk.sandbox.set_directory(DIRECTORY, data_access="Enabled"),
            "directory_data_disabled",
        ),
        (
            lambda desk: desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ds-data:*"]),
            lambda desk: desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[]),
            "user_rights_missing",
        ),
        (
            lambda desk: desk.sandbox.add_fault(
                "error", operation="DescribeUser", code="DirectoryUnavailableException", times=-1
            ),
            lambda desk: desk.sandbox.clear_faults(),
            "directory_unavailable",
        ),
    ],
)
def test_an_order_whose_user_cannot_be_made_now_waits_and_goes_on_by_itself(
    desk_of_few: Desk, prepare: Callable[[Desk], object], repair: Callable[[Desk], object], code: str
) -> None:
    desk = desk_of_few
    workspace_id = order(desk)
    other = desk.order(username="leo.brandt")
    prepare(desk)

    desk.live(20 * 60)

    row = desk.row(workspace_id)
    assert (row.state, row.waiting_code, row.attempt) == (State.PENDING, code, 1)
    assert desk.story(workspace_id).count("waiting_for_user") == 1
    assert users(desk) == []
    assert desk.credential().is_usable
    repair(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.live_until(other, State.AVAILABLE)
    assert len(users(desk)) == 1


def test_where_berth_makes_no_users_an_order_for_one_is_refused_with_who_makes_them(
    desk_of_few: Desk,
) -> None:
    desk = desk_of_few
    desk.sandbox.set_directory(DIRECTORY, service_type="ADConnector")
    desk.clock.pause(60)
    inquiries.ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    desk.work()

    with pytest.raises(Invalid, match="your own Active Directory") as refused:
        order(desk)

    assert (refused.value.code, refused.value.field) == ("user_not_creatable", "create_user")
    assert known(desk) == []


def test_an_order_for_a_user_whom_nobody_has_made_yet_waits_and_goes_on_by_itself(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = desk.order(username="late.person")

    desk.live(30 * 60)

    row = desk.row(workspace_id)
    assert (row.state, row.waiting_code) == (State.PENDING, "user_not_found")
    assert 4 <= len(desk.calls("CreateWorkspaces")) <= 8
    assert created(desk) == []
    desk.sandbox.add_users(DIRECTORY, "late.person")
    desk.live_until(workspace_id, State.AVAILABLE)
    assert users(desk) == []


def test_a_user_that_somebody_removed_while_a_create_was_in_doubt_is_made_again(desk_of_few: Desk) -> None:
    desk = desk_of_few
    desk.sandbox.add_fault("drop_before", operation="CreateWorkspaces", times=1)
    workspace_id = order(desk)
    desk.work()
    assert desk.row(workspace_id).phase is Phase.CREATE_INTENT
    desk.sandbox.remove_user(DIRECTORY, NAME)

    desk.live_until(workspace_id, State.AVAILABLE)

    assert [one["user_name"] for one in users(desk)] == [NAME] and len(created(desk)) == 2
    assert desk.story(workspace_id).count("create_sent") <= 3, "the log says once that it waits"


def test_an_order_that_waits_can_be_cancelled_at_once(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = desk.order(username="late.person")
    desk.work()

    desk.press(workspace_id, Action.TERMINATE)
    desk.work()

    assert desk.row(workspace_id).phase is Phase.GONE


@both_databases
def test_the_same_persons_next_order_uses_the_user_that_was_made_and_nobody_elses_does(
    desk_of_few: Desk,
) -> None:
    desk = desk_of_few
    application = desk.add_application()
    first = order(desk, application_id=application.id)
    desk.live_until(first, State.AVAILABLE)
    desk.press(first, Action.TERMINATE)
    desk.live_until(first, State.TERMINATED)

    stranger = order(desk)
    desk.live_until(stranger, State.ERROR)
    desk.press(stranger, Action.TERMINATE)
    desk.work()
    again = order(desk, application_id=application.id)
    desk.live_until(again, State.AVAILABLE)

    assert desk.row(stranger).error_code == "directory_user_exists"
    assert known(desk)[0].workspace_id == again
    assert len(users(desk)) == 1 and len(created(desk)) == 1


def gone_after_an_order(desk: Desk, application_id: int) -> None:
    workspace_id = order(desk, application_id=application_id)
    desk.live_until(workspace_id, State.AVAILABLE)
    windows.set_window(desk, application_id, ends=windows.HOUR)
    windows.pass_time(desk, windows.HOUR)
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    windows.set_window(desk, application_id)


@both_databases
def test_with_its_desktop_a_user_that_berth_made_is_disabled(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    give_password(desk)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert users(desk)[0]["is_enabled"] == 0
    assert "disabled" in outcome_of(desk)


def test_a_user_whom_the_directory_does_not_disable_keeps_no_desktop_alive(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    give_password(desk)
    desk.sandbox.add_fault("error", operation="DisableUser", code="AccessDeniedException", times=-1)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert users(desk)[0]["is_enabled"] == 1
    assert desk.story(workspace_id).count("user_not_disabled") == 1
    assert "still enabled" in outcome_of(desk)


def test_at_the_end_a_user_of_others_under_the_same_name_is_left_as_it_is(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.sandbox.remove_user(DIRECTORY, NAME)
    desk.sandbox.add_users(DIRECTORY, NAME)

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    assert users(desk) == [] and desk.calls("DisableUser") == []


def give_password(desk: Desk, name: str = NAME) -> None:
    credential = account.load_credential(desk.engine, desk.credential_id)
    assert credential is not None
    driver = account.make_driver(desk.engine, credential, account.AccountGate(desk.engine, credential, None))
    assert driver.passwords is not None
    driver.passwords.set_password(name, Secret("Aa1-first-password"))


def outcome_of(desk: Desk) -> str:
    with desk.sessions() as session:
        details = session.scalars(select(EndRecord.details)).one()
    return str(details["directory_user"]["outcome"])


def test_who_is_hired_again_has_an_enabled_user_again(desk_of_few: Desk) -> None:
    desk, application = desk_of_few, desk_of_few.add_application()
    gone_after_an_order(desk, application.id)
    assert users(desk)[0]["is_enabled"] == 0

    again = order(desk, application_id=application.id)
    desk.live_until(again, State.AVAILABLE)

    (user,) = users(desk)
    assert user["is_enabled"] == 1 and len(created(desk)) == 1
    assert desk.story(again).count("user_enabled") == 1
    assert known(desk)[0].workspace_id == again


@pytest.mark.parametrize("is_taken", [False, True])
def test_who_is_hired_again_gets_a_new_user_if_the_former_was_removed(
    desk_of_few: Desk, is_taken: bool
) -> None:
    desk, application = desk_of_few, desk_of_few.add_application()
    gone_after_an_order(desk, application.id)
    desk.sandbox.remove_user(DIRECTORY, NAME)
    if is_taken:
        desk.sandbox.add_users(DIRECTORY, NAME)

    again = order(desk, application_id=application.id)
    desk.live_until(again, State.ERROR if is_taken else State.AVAILABLE)

    assert len(users(desk)) == (0 if is_taken else 1)
    assert [row.state for row in known(desk)] == [
        DirectoryUserState.FOUND if is_taken else DirectoryUserState.MADE
    ]
    assert desk.row(again).error_code == ("directory_user_exists" if is_taken else None)


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize(
    ("point", "way"),
    in_turn(("user_intent", "user_made", "user_refused", "user_recorded"), ("crash", "twin", "pause")),
)
def test_a_worker_killed_at_any_point_leaves_one_user_and_one_desktop(
    desk_of_few: Desk, monkeypatch: pytest.MonkeyPatch, point: str, way: str
) -> None:
    """`crash`: another works in its place later; `twin`: before it dies; `pause`: it sleeps 40 minutes."""
    desk = desk_of_few
    passed: list[str] = []
    dying: list[bool] = []
    release = leases.Lease.release
    monkeypatch.setattr(leases.Lease, "release", lambda lease: None if dying else release(lease))

    def crashpoint(name: str) -> None:
        if name != point or name in passed:
            return
        passed.append(name)
        if way != "crash":
            naps = 1 if way == "twin" else 40
            for _ in range(naps):
                desk.clock.pause(desk.settings.lease_s + 1)
                desk.sweep()
        if way != "pause":
            dying.append(True)
            raise Killed

    if point == "user_refused":
        desk.sandbox.add_fault("drop_after", operation="CreateUser")
    desk.engine = desk.make_engine(crashpoint=crashpoint)
    workspace_id = order(desk)

    for _ in range(60):
        try:
            desk.sweep()
        except Killed:
            dying.clear()
        if desk.row(workspace_id).state is State.AVAILABLE:
            break
        desk.clock.pause(70)

    details = (point, way, desk.story(workspace_id))
    assert passed == [point], details
    assert desk.row(workspace_id).state is State.AVAILABLE, details
    assert len(users(desk)) == 1 and len(desk.sandbox.journal()) == 1, details
    assert [row.state for row in known(desk)] == [DirectoryUserState.MADE], details
    assert users(desk)[0]["other"]["info"]["S"] == f"berth-claim={known(desk)[0].mark}", details


def test_at_the_end_of_access_a_user_of_another_installation_is_left_as_it_is(desk_of_few: Desk) -> None:
    desk = desk_of_few
    workspace_id = order(desk)
    desk.live_until(workspace_id, State.AVAILABLE)
    with desk.sessions.begin() as session:
        session.execute(update(Installation).values(uid="another"))
    windows.set_window(desk, desk.row(workspace_id).application_id, ends=windows.HOUR)

    windows.pass_time(desk, windows.HOUR)

    assert desk.row(workspace_id).access_ended_at is not None
    assert desk.calls("DisableUser") == []


@both_databases
def test_the_name_of_a_create_that_may_still_arrive_is_nobody_elses_until_it_cannot(
    desk_of_few: Desk,
) -> None:
    desk = desk_of_few
    desk.sandbox.add_fault("drop_before", operation="CreateUser", times=1)
    first = order(desk)
    desk.work()
    desk.press(first, Action.TERMINATE)
    desk.work()
    assert known(desk)[0].state is DirectoryUserState.INTENT

    other = order(desk)
    desk.live(5 * 60)

    assert desk.row(other).waiting_code == "user_replicating"
    assert known(desk)[0].workspace_id == first and len(created(desk)) == 1
    desk.live_until(other, State.AVAILABLE)
    assert [row.workspace_id for row in known(desk)] == [other]


def test_a_create_that_arrives_after_its_order_is_known_as_ours_and_disabled(desk_of_few: Desk) -> None:
    desk = desk_of_few
    desk.sandbox.set_settings(user_read_lag_s=10 * 60)
    desk.sandbox.add_fault("drop_after", operation="CreateUser", times=1)
    first = order(desk)
    desk.work()
    desk.press(first, Action.TERMINATE)
    desk.work()
    other = order(desk)

    desk.live(2 * 3600)

    assert desk.row(other).error_code == "directory_user_exists"
    (row,) = known(desk)
    assert (row.state, row.workspace_id) == (DirectoryUserState.MADE, first)
    assert users(desk)[0]["is_enabled"] == 0
