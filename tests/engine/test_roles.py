"""A cloud account that is entered with a role: no key of the company is stored, and sessions come and go."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from sandbox import demo
from tests.cases import each_case
from tests.clouds.aws.roles import IDENTITY, ROLE, enter_role, trust, with_identity, with_role
from tests.desk import SECRET_FIELDS, Desk
from webapp.clouds.aws_workspaces import sessions
from webapp.clouds.aws_workspaces.roles import LONGEST_POLICY, session_policy
from webapp.clouds.aws_workspaces.sessions import Keys, Session, Sessions
from webapp.clouds.base import Access
from webapp.clouds.token_memory import TokenMemory
from webapp.config import Settings
from webapp.domain.lifecycle import Action, State
from webapp.domain.own_identity import OwnIdentity
from webapp.models import CredentialStatus
from webapp.providers.aws_workspaces.fields import REGIONS
from webapp.services import credentials
from webapp.vault.box import Secret

OTHER_ACCOUNT = "444455556666"
OTHER_ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/berth"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_identity(settings)


@pytest.fixture
def memory() -> Iterator[TokenMemory]:
    """What the parent of a worker's jobs sets aside."""
    sessions.set_aside()
    kept = sessions.of_worker()
    assert kept is not None
    yield kept


def sessions_begun(desk: Desk) -> int:
    """Those that were given, without the attempts of the test, which are refused."""
    return sum(line["outcome"] == "ok" for line in desk.calls("AssumeRole"))


def test_an_order_becomes_a_desktop_through_a_role(desk: Desk, memory: TokenMemory) -> None:
    with_role(desk)

    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    keys = {line["access_key_id"] for line in desk.calls("CreateWorkspaces")}
    assert all(one.startswith("ASIA") for one in keys)
    assert sessions_begun(desk) == 1, "one session serves all runs of a worker"


def test_the_test_says_whom_the_role_lets_in(desk: Desk) -> None:
    with_role(desk)

    lines = desk.test_credential()

    assert {name for name, line in lines.items() if line["ok"] is not True} == set()
    assert lines["role"]["message"] == f"Valid, for account {demo.DEMO_ACCOUNT_ID}."
    assert lines["external_id"]["message"] == "The role refuses whoever does not send it."


def test_a_role_that_asks_for_another_external_id_is_named(desk: Desk) -> None:
    enter_role(desk)
    trust(desk.sandbox, "what-somebody-else-was-given")

    lines = desk.test_credential()

    assert list(lines) == ["role"]
    assert "does not let Berth in" in str(lines["role"]["message"])
    assert desk.credential().status is CredentialStatus.FAILING


@pytest.mark.parametrize(
    ("is_asked", "more", "says"),
    [
        (False, {}, "with another external ID"),
        (True, {"allows_no_external_id": True}, "without an external ID"),
    ],
)
def test_a_role_that_lets_in_without_the_right_external_id_is_not_used(
    desk: Desk, is_asked: bool, more: dict[str, bool], says: str
) -> None:
    external_id = enter_role(desk).public_fields["external_id"]
    trust(desk.sandbox, external_id if is_asked else None, **more)

    lines = desk.test_credential()

    assert lines["external_id"]["ok"] is False and says in str(lines["external_id"]["message"])
    assert list(lines) == ["role", "external_id"], "nothing of an account that may be somebody else's"
    assert not desk.credential().is_usable


def test_the_sessions_of_the_proof_may_do_nothing(desk: Desk) -> None:
    external_id = enter_role(desk).public_fields["external_id"]
    trust(desk.sandbox, external_id, allows_no_external_id=True)

    desk.test_credential()

    rights = {
        (row["allowed"], row["forbidden"]) for row in _sessions_at_the_cloud(desk) if row["forbidden"] != "[]"
    }
    assert rights == {("[]", '["*"]')}


def test_an_expired_session_is_renewed_in_the_middle_of_work(desk: Desk, memory: TokenMemory) -> None:
    with_role(desk)
    workspace_id = desk.order()
    desk.sweep()
    before = sessions_begun(desk)

    desk.sandbox.end_sessions(ROLE)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert sessions_begun(desk) == before + 1
    assert len(desk.sandbox.journal()) == 1
    assert desk.credential().blocked_code is None


def test_a_create_that_an_ended_session_refused_is_sent_again_once(desk: Desk, memory: TokenMemory) -> None:
    with_role(desk)
    desk.sandbox.add_fault("error", operation="CreateWorkspaces", times=1, code="ExpiredTokenException")

    workspace_id = desk.available()

    assert [line["outcome"] for line in desk.calls("CreateWorkspaces")][-2:] == [
        "ExpiredTokenException",
        "ok",
    ]
    assert desk.row(workspace_id).attempt == 1


def test_a_session_near_its_end_is_not_used_any_more(desk: Desk, memory: TokenMemory) -> None:
    desk.sandbox.set_settings(session_lifetime_s=sessions.LEAST_LEFT_S - 1)
    with_role(desk)
    before = sessions_begun(desk)

    workspace_id = desk.available()
    assert desk.row(workspace_id).state is State.AVAILABLE
    assert sessions_begun(desk) > before + 1


def test_a_role_removed_later_holds_the_account_and_nothing_is_lost(desk: Desk, memory: TokenMemory) -> None:
    external_id = with_role(desk)
    workspace_id = desk.available()

    desk.sandbox.remove_role(ROLE)
    desk.live(1200)

    assert desk.credential().blocked_code == "role_refused"
    assert desk.row(workspace_id).state is State.AVAILABLE

    trust(desk.sandbox, external_id)
    desk.live(1200)
    assert desk.credential().blocked_code is None


def test_a_role_of_another_account_is_refused(desk: Desk) -> None:
    desk.available()
    external_id = enter_role(desk, role_arn=OTHER_ROLE).public_fields["external_id"]
    desk.sandbox.add_account(OTHER_ACCOUNT)
    trust(desk.sandbox, external_id, role_arn=OTHER_ROLE)

    desk.work()
    desk.live(600)

    assert desk.credential().status is CredentialStatus.FAILING
    assert desk.credential().blocked_code == "account_mismatch"
    assert desk.credential().account_id == demo.DEMO_ACCOUNT_ID


def test_desktops_stay_when_a_key_is_exchanged_for_a_role_and_back(desk: Desk) -> None:
    workspace_id = desk.available()
    with_role(desk)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="disabled")

    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state="active")
    desk.sandbox.remove_role(ROLE)
    credentials.change_credential(
        desk.context,
        desk.credential_id,
        company_id=desk.provider.company_id or 0,
        name="Cloud",
        auth_kind="keys",
        fields=SECRET_FIELDS,
    )
    desk.work()
    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)

    assert len(desk.sandbox.journal()) == 1
    assert "external_id" not in desk.credential().public_fields


@pytest.mark.parametrize(
    "identity",
    [OwnIdentity(principal=demo.BERTH_PRINCIPAL), OwnIdentity("key", "AKIABERTHNOBODY00001", "x" * 40)],
    ids=["off", "refused"],
)
def test_without_an_identity_of_its_own_berth_waits_for_the_operator(
    desk: Desk, identity: OwnIdentity
) -> None:
    with_role(desk)
    desk.engine = desk.make_engine(settings=with_identity(desk.settings, identity))
    workspace_id = desk.order()

    desk.live(300)
    assert desk.credential().blocked_code == "own_identity_missing"
    assert desk.credential().status is CredentialStatus.OK, "it is not the role that fails"
    assert desk.machines() == []

    desk.engine = desk.make_engine(settings=with_identity(desk.settings, IDENTITY))
    desk.live_until(workspace_id, State.AVAILABLE)


@each_case("region", sorted(REGIONS))
def test_a_session_has_no_more_rights_than_the_policy_that_is_shown(region: str) -> None:
    access = Access(
        {"region": region, "directory_id": "d-1234567890", "role_arn": ROLE}, Secret("an external ID")
    )

    text = session_policy(access)

    assert len(text) <= LONGEST_POLICY
    assert not any(word in text for word in ("REGION", "ACCOUNT", '"Sid"')) and "DIRECTORY" not in text
    resources = {str(one["Resource"]) for one in json.loads(text)["Statement"]}
    assert f"arn:aws:workspaces:{region}:{demo.DEMO_ACCOUNT_ID}:workspace/*" in resources


def test_a_session_is_kept_for_one_external_id_and_policy_only(memory: TokenMemory) -> None:
    session = Session(Keys("ASIA", "secret", "token"), expires_on=2000)
    Sessions(memory, "role", "id", "policy").put(session)

    assert Sessions(memory, "role", "id", "policy").get(now_s=1000) == session
    assert Sessions(memory, "role", "another id", "policy").get(now_s=1000) is None
    assert Sessions(memory, "role", "id", "another policy").get(now_s=1000) is None
    assert Sessions(memory, "role", "id", "policy").get(now_s=1701) is None
    assert "secret" not in repr(session) and "token" not in repr(session)


def test_what_a_session_may_do_is_less_than_what_the_role_may(desk: Desk) -> None:
    with_role(desk)

    desk.available()

    [allowed] = {row["allowed"] for row in _sessions_at_the_cloud(desk) if row["forbidden"] == "[]"}
    assert "workspaces:CreateWorkspaces" in allowed and "*" not in json.loads(allowed)


def test_nothing_of_a_session_is_stored_or_logged(
    desk: Desk, memory: TokenMemory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="webapp")
    with_role(desk)
    desk.available()
    desk.live(timedelta(hours=1).total_seconds())

    with desk.database.connect() as connection:
        raw = connection.connection.driver_connection
        dump = "\n".join(raw.iterdump())  # type: ignore[union-attr]  # of SQLite
    dump += caplog.text + "".join(str(vars(record)) for record in caplog.records)

    for row in _sessions_at_the_cloud(desk):
        assert row["session_token"] not in dump and row["secret"] not in dump
        assert row["access_key_id"] not in dump
    assert demo.BERTH_SECRET_ACCESS_KEY not in dump


def _sessions_at_the_cloud(desk: Desk) -> list[dict[str, str]]:
    return desk.sandbox.sessions()
