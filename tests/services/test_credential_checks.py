"""The credential test, against the sandbox: each trouble by its name, and what becomes of the credential."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from sandbox import demo
from tests.desk import SECRET_FIELDS, Desk, at_endpoint
from webapp.clouds.registry import by_key
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Action, State
from webapp.engine.answers import answer
from webapp.engine.context import Engine
from webapp.models import CredentialStatus, Inquiry, InquiryKind
from webapp.queueing import JobName
from webapp.services import credentials, inquiries

WRONG = "wrong/secret+of+the+right+length+0000001"
ESSENTIAL = (
    *(
        f"workspaces:{action}"
        for action in (
            "DescribeWorkspaceDirectories",
            "DescribeWorkspaces",
            "DescribeWorkspaceBundles",
            "DescribeTags",
            "CreateWorkspaces",
            "CreateTags",
            "StartWorkspaces",
            "StopWorkspaces",
            "RebootWorkspaces",
            "TerminateWorkspaces",
        )
    ),
    "tag:GetResources",
)
OTHER = {
    "account_id": "444455556666",
    "key": "AKIABERTHOTHER000001",
    "secret": "another/account/secret+key+0000000000001",
}


def _test(desk: Desk, engine: Engine | None = None) -> Inquiry:
    """Ask for a test and let the worker answer; the question as it then stands."""
    inquiry = inquiries.ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    desk.work(engine)
    with desk.sessions.begin() as session:
        answered = session.scalars(select(Inquiry).where(Inquiry.id == inquiry.id)).one()
        session.expunge_all()
    assert not answered.is_open
    return answered


def _checks(inquiry: Inquiry) -> dict[str, dict[str, Any]]:
    assert inquiry.answer is not None
    return {check["name"]: check for check in inquiry.answer["checks"]}


def _change(desk: Desk, **fields: str) -> None:
    credentials.change_credential(
        desk.context,
        desk.credential_id,
        company_id=desk.provider.company_id or 0,
        name="Cloud",
        fields=SECRET_FIELDS | fields,
    )


def test_a_good_credential_passes_every_check_and_is_pinned(desk: Desk) -> None:
    answer = _test(desk)

    assert {name for name, check in _checks(answer).items() if check["ok"] is not True} == set()
    row = desk.credential()
    assert (row.status, row.account_id) == (CredentialStatus.OK, demo.DEMO_ACCOUNT_ID)
    assert row.observed["registration_code"] == demo.DEMO_REGISTRATION_CODE


def test_the_answer_never_repeats_the_secret(desk: Desk) -> None:
    _change(desk, secret_access_key=WRONG)
    answer = _test(desk)

    for secret in (WRONG, SECRET_FIELDS["secret_access_key"]):
        assert secret not in f"{answer.answer} {answer.failure}"


def test_a_wrong_secret_is_a_key_that_is_not_accepted(desk: Desk) -> None:
    _change(desk, secret_access_key=WRONG)

    checks = _checks(_test(desk))

    assert list(checks) == ["key"]
    assert "does not accept" in checks["key"]["message"]
    assert desk.credential().status is CredentialStatus.FAILING
    assert not desk.credential().is_usable


@pytest.mark.parametrize(("state", "words"), [("disabled", "does not accept"), ("expired", "expired")])
def test_a_key_that_was_switched_off_says_so(desk: Desk, state: str, words: str) -> None:
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, state=state)

    checks = _checks(_test(desk))

    assert words in checks["key"]["message"]
    assert desk.credential().status is CredentialStatus.FAILING


def test_each_missing_permission_is_named_as_iam_names_it(desk: Desk) -> None:
    for action in ESSENTIAL:
        desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[action])

        checks = _checks(_test(desk))

        denied = {name for name, check in checks.items() if check["ok"] is False}
        assert f"permission:{action}" in denied
        assert action in checks[f"permission:{action}"]["remedy"]
        assert desk.credential().status is CredentialStatus.FAILING
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[])
    _test(desk)
    assert desk.credential().is_usable


def test_rights_that_are_only_good_to_have_do_not_fail_the_test(desk: Desk) -> None:
    denied = ["workspaces:DescribeWorkspaceImages", "servicequotas:*", "ec2:*"]
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=denied)

    answer = _test(desk)

    assert answer.answer is not None
    assert answer.answer["ok"] is True
    assert {name for name, check in _checks(answer).items() if check["ok"] is not True} >= {
        "quota",
        "addresses",
    }
    assert desk.credential().is_usable


def test_an_unregistered_directory_is_named(desk: Desk) -> None:
    desk.sandbox.set_directory(demo.DEMO_DIRECTORY_ID, state="DEREGISTERED")

    checks = _checks(_test(desk))

    assert checks["directory"]["ok"] is False
    assert "not registered" in checks["directory"]["message"]
    assert desk.credential().status is CredentialStatus.FAILING


@pytest.mark.parametrize(
    "fields", [{"region": demo.DEMO_OTHER_REGION}, {"directory_id": "d-1234567890"}], ids=str
)
def test_a_directory_that_is_not_there_is_named(desk: Desk, fields: dict[str, str]) -> None:
    _change(desk, **fields)

    checks = _checks(_test(desk))

    assert checks["directory"]["ok"] is False
    assert not desk.credential().is_usable


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An address at which nobody listens, held so that nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def test_a_cloud_that_cannot_be_reached_is_reported_as_such_and_not_held_against_the_key(
    desk: Desk, closed_port: str
) -> None:
    cut_off = desk.make_engine(settings=at_endpoint(desk.settings, desk.stage.cloud, Endpoint(closed_port)))

    checks = _checks(_test(desk, cut_off))

    assert "could not be reached" in checks["key"]["message"]
    assert desk.credential().status is CredentialStatus.OK


def test_the_key_of_another_account_is_refused_whatever_it_may_do(desk: Desk) -> None:
    desk.available()
    desk.sandbox.add_account(
        OTHER["account_id"],
        keys=[{"access_key_id": OTHER["key"], "secret_access_key": OTHER["secret"]}],
    )
    _change(desk, access_key_id=OTHER["key"], secret_access_key=OTHER["secret"])

    checks = _checks(_test(desk))

    assert "a different cloud account" in checks["key"]["message"]
    row = desk.credential()
    assert (row.status, row.account_id) == (CredentialStatus.FAILING, demo.DEMO_ACCOUNT_ID)


def test_an_answer_about_an_older_key_is_dropped(desk: Desk) -> None:
    inquiries.ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    driver = desk.engine.drivers[desk.stage.cloud]

    class ChangesMeanwhile:
        """The person enters another key while the test of the first is under way."""

        key, rate = driver.key, driver.rate

        def warm(self, *, has_tests: bool) -> None: ...

        def counts(self, operation: str) -> bool:
            return driver.counts(operation)

        def __call__(self, access: Any, gate: Any) -> Any:
            made = driver(access, gate)
            desk.clock.pause(1)
            _change(desk, secret_access_key=WRONG)
            return made

    name, inquiry_id = desk.notifier.notifications.pop(0)
    assert name is JobName.ANSWER
    answer(desk.make_engine(drivers=by_key([ChangesMeanwhile()])), inquiry_id)

    row = desk.credential()
    assert row.status is CredentialStatus.UNTESTED
    with desk.sessions.begin() as session:
        assert session.get_one(Inquiry, inquiry_id).is_open
    desk.work()
    assert desk.credential().status is CredentialStatus.FAILING


def test_a_credential_with_workspaces_keeps_its_place(desk: Desk) -> None:
    desk.available()

    with pytest.raises(Conflict) as caught:
        _change(desk, region=demo.DEMO_OTHER_REGION)

    assert (caught.value.code, caught.value.field) == ("credential_in_use", "region")


def test_a_machine_does_not_lose_its_only_key(desk: Desk) -> None:
    workspace_id = desk.available()
    company_id = desk.provider.company_id or 0
    with pytest.raises(Conflict) as caught:
        credentials.delete_credential(desk.context, desk.credential_id, company_id=company_id)
    assert caught.value.extra == {"live_workspaces": 1}

    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    credentials.delete_credential(desk.context, desk.credential_id, company_id=company_id)

    assert desk.credential().sealed_secret == ""


@pytest.mark.parametrize(
    ("bill", "denied", "is_ok", "says"),
    [
        ({}, [], True, "“berth-claim” is active"),
        ({"tags": {"berth-claim": False}}, [], None, "is not active"),
        ({"tags": {"berth-claim": None}}, [], None, "not known to the bill yet"),
        ({"payer": "999988887777"}, [], None, "the account that pays"),
        ({}, ["ce:ListCostAllocationTags"], None, "the account that pays"),
    ],
    ids=["active", "inactive", "not listed", "member", "denied"],
)
def test_it_says_whether_our_tag_counts_in_the_bill_and_who_can_change_that(
    desk: Desk, bill: dict[str, Any], denied: list[str], is_ok: bool | None, says: str
) -> None:
    desk.sandbox.set_bill(demo.DEMO_ACCOUNT_ID, **bill)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=denied)
    before = len(desk.calls("ListCostAllocationTags"))

    found = _checks(_test(desk))["permission:ce:ListCostAllocationTags"]

    assert (found["ok"], says in found["message"]) == (is_ok, True)
    assert is_ok or "Cost allocation tags" in found["remedy"]
    assert "payer account" in found["remedy"] or "back-fill" in found["remedy"] or is_ok
    assert len(desk.calls("ListCostAllocationTags")) == before + 1
    assert desk.credential().status is CredentialStatus.OK


@pytest.mark.parametrize(
    ("fault", "check", "says", "status"),
    [
        (
            {
                "code": "SignatureDoesNotMatch",
                "message": "Signature expired: 20261128T100000Z is now earlier than 20261128T102500Z"
                " (20261128T104000Z - 15 min.)",
            },
            "clock",
            "about 40 minutes slow",
            CredentialStatus.OK,
        ),
        (
            {
                "code": "AccessDeniedException",
                "operation": "CreateWorkspaces",
                "message": "User: arn:aws:iam::111122223333:user/berth is not authorized to perform:"
                " workspaces:CreateWorkspaces with an explicit deny in a service control policy",
            },
            "permission:workspaces:CreateWorkspaces",
            "Your organisation forbids this",
            CredentialStatus.FAILING,
        ),
    ],
    ids=["clock", "organisation"],
)
def test_what_is_not_the_keys_fault_is_reported_as_what_it_is(
    desk: Desk, fault: dict[str, str], check: str, says: str, status: CredentialStatus
) -> None:
    desk.sandbox.add_fault("error", times=-1, **fault)

    found = _checks(_test(desk))[check]

    assert (found["ok"], says in found["message"]) == (False, True)
    assert "policy of this key" not in found["remedy"]
    assert desk.credential().status is status


def test_a_region_that_is_not_enabled_is_named_and_the_key_is_not_blamed(desk: Desk) -> None:
    desk.sandbox.disable_regions(demo.DEMO_ACCOUNT_ID, demo.DEMO_REGION)

    checks = _checks(_test(desk))

    assert "not enabled" in checks["region"]["message"]
    assert "key" not in checks


def test_a_key_that_belongs_to_another_account_now_stops_the_work_after_the_next_test(desk: Desk) -> None:
    workspace_id = desk.available()
    same_key = {
        "access_key_id": demo.DEMO_ACCESS_KEY_ID,
        "secret_access_key": demo.DEMO_SECRET_ACCESS_KEY,
    }
    desk.sandbox.add_account(OTHER["account_id"], keys=[same_key])

    _test(desk)
    for _ in range(5):
        desk.clock.pause(1200)
        desk.sweep()

    assert desk.credential().blocked_code == "account_mismatch"
    assert desk.row(workspace_id).state is State.AVAILABLE
