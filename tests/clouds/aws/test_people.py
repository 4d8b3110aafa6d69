"""Users of a managed directory through the driver, and what the test of an account says of them."""

import hashlib
from collections.abc import Callable, Iterator

import pytest

from sandbox import demo
from sandbox.control import Sandbox
from tests.clouds.aws.stage import AwsStage
from tests.contract.play import OpenGate
from tests.desk import Desk
from webapp.clouds.base import Access
from webapp.clouds.passwords import SetsPasswords
from webapp.clouds.people import DirectoryUser, ManagesPeople, NewDirectoryUser
from webapp.clouds.registry import DRIVERS
from webapp.domain.errors import CloudError
from webapp.models import CredentialStatus
from webapp.providers.aws_workspaces.directory_users import ELSEWHERE, UserKind
from webapp.vault.box import Secret

MARK = "f00d/user/1"
ADA = NewDirectoryUser("ada.byron", "Ada", "Byron", "ada@example.com", MARK)
DIRECTORY = demo.DEMO_DIRECTORY_ID
Enter = Callable[..., ManagesPeople]


@pytest.fixture
def sandbox_of_few(sandbox: Sandbox) -> Sandbox:
    sandbox.set_users(DIRECTORY, ["leo.brandt"])
    return sandbox


def _driver(stage: AwsStage, **facts: object):  # type: ignore[no-untyped-def]
    fields = {name: value for name, value in stage.fields.items() if name != "secret_access_key"}
    access = Access(
        fields,
        Secret(stage.fields["secret_access_key"]),
        endpoint=stage.endpoint,
        installation=MARK.partition("/")[0],
        directory={"user_kind": "managed", "sets_passwords": True, **facts},
    )
    return DRIVERS["aws"](access, OpenGate())


@pytest.fixture
def people(sandbox_of_few: Sandbox, aws_stage: AwsStage) -> Iterator[ManagesPeople]:
    sandbox_of_few.set_users(DIRECTORY, ["leo.brandt"])
    found = _driver(aws_stage).people
    assert found is not None
    yield found


@pytest.fixture
def passwords(aws_stage: AwsStage) -> SetsPasswords:
    found = _driver(aws_stage).passwords
    assert found is not None
    return found


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(CloudError) as raised:
        call()
    return raised.value.failure.code


def test_a_user_is_made_with_our_mark_and_found_again_in_any_letters(people: ManagesPeople) -> None:
    made = people.create_user(ADA)
    found = people.find_user("ADA.Byron")

    assert found == made
    assert (made.username, made.mark, made.email) == ("ada.byron", MARK, "ada@example.com")
    assert made.user_id.startswith("S-1-5-21-")


def test_a_user_of_the_company_has_no_mark_and_nobody_is_none(people: ManagesPeople) -> None:
    found = people.find_user("leo.brandt")

    assert found is not None and found.mark is None
    assert people.find_user("nobody.here") is None


def test_the_same_call_again_makes_no_second_user(people: ManagesPeople, sandbox: Sandbox) -> None:
    first, again = people.create_user(ADA), people.create_user(ADA)

    assert first.user_id == again.user_id
    assert len(sandbox.people(DIRECTORY)) == 1


def test_a_name_that_somebody_has_is_refused_and_left_alone(people: ManagesPeople, sandbox: Sandbox) -> None:
    taken = NewDirectoryUser("Leo.Brandt", "Leo", "Other", "leo@example.com", MARK)

    assert refusal(lambda: people.create_user(taken)) == "directory_user_exists"
    assert sandbox.people(DIRECTORY) == []


def test_our_user_is_disabled_enabled_and_disabled_again(people: ManagesPeople, sandbox: Sandbox) -> None:
    user = people.create_user(ADA)
    people.enable_user(user)
    before = sandbox.people(DIRECTORY)[0]["password_sha256"]

    seen = []
    for step in (people.disable_user, people.enable_user, people.disable_user):
        step(user)
        found = people.find_user("ada.byron")
        seen.append(found is not None and found.is_enabled)

    assert seen == [False, True, False]
    assert sandbox.people(DIRECTORY)[0]["password_sha256"] != before, "nobody knows the new password"


def test_somebody_elses_user_is_neither_disabled_nor_enabled(people: ManagesPeople, sandbox: Sandbox) -> None:
    theirs = people.find_user("leo.brandt") or DirectoryUser("", "", True, None)

    assert refusal(lambda: people.disable_user(theirs)) == "directory_user_protected"
    assert refusal(lambda: people.enable_user(theirs)) == "directory_user_protected"
    assert sandbox.people(DIRECTORY) == []
    assert sandbox.ledger(service="ds") == []


@pytest.mark.parametrize(
    ("changes", "fault", "code"),
    [
        ({"data_access": "Disabled"}, None, "directory_data_disabled"),
        ({"service_type": "SimpleAD"}, None, "users_made_elsewhere"),
        ({"service_type": "NONE"}, None, "directory_user_protected"),
        ({}, {"kind": "error", "code": "DirectoryUnavailableException"}, "directory_unavailable"),
        ({}, {"kind": "throttle"}, "throttled"),
        ({}, {"kind": "drop_after"}, "answer_lost"),
    ],
)
def test_what_the_directory_says_is_understood(
    people: ManagesPeople, sandbox: Sandbox, changes: dict[str, str], fault: dict[str, str] | None, code: str
) -> None:
    if changes:
        sandbox.set_directory(DIRECTORY, **changes)
    if fault:
        sandbox.add_fault(**fault, operation="CreateUser")

    assert refusal(lambda: people.create_user(ADA)) == code


def test_a_missing_right_is_named(people: ManagesPeople, sandbox: Sandbox) -> None:
    sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ds:AccessDSData"])

    assert refusal(lambda: people.create_user(ADA)) == "access_denied"


def test_a_first_password_is_set_and_enables_the_user(
    people: ManagesPeople, passwords: SetsPasswords, sandbox: Sandbox
) -> None:
    people.create_user(ADA)

    passwords.set_password("ada.byron", Secret("Fair-winds-42"))

    (user,) = sandbox.people(DIRECTORY)
    assert user["password_sha256"] == hashlib.sha256(b"Fair-winds-42").hexdigest()
    assert user["is_enabled"] == 1
    assert refusal(lambda: passwords.set_password("ada.byron", Secret("short"))) == "password_refused"
    assert refusal(lambda: passwords.set_password("no.one", Secret("Fair-winds-42"))) == "user_not_found"


@pytest.mark.parametrize("kind", [one.value for one in UserKind if one is not UserKind.MANAGED])
def test_only_a_managed_directory_gives_the_capability(aws_stage: AwsStage, kind: str) -> None:
    assert _driver(aws_stage, user_kind=kind).people is None


def _test(desk: Desk, denied: tuple[str, ...] = (), **directory: str) -> dict[str, dict[str, object]]:
    """Change what the directory is, and test the credential; its lines by name."""
    if directory:
        desk.sandbox.set_directory(DIRECTORY, **directory)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=list(denied))
    desk.clock.pause(60)
    return desk.test_credential()


DATA_RIGHTS = ("ds-data:CreateUser", "ds-data:DescribeUser", "ds-data:DisableUser")


@pytest.mark.parametrize(
    ("directory", "kind", "says", "can_set"),
    [
        ({}, "managed", None, True),
        ({"service_type": "SimpleAD"}, "simple", UserKind.SIMPLE, True),
        ({"service_type": "ADConnector"}, "connector", UserKind.CONNECTOR, False),
        ({"service_type": "SharedMicrosoftAD"}, "shared", UserKind.SHARED, False),
        ({"service_type": "NONE"}, "customer", UserKind.CUSTOMER, False),
        (
            {"user_identity_type": "AWS_IAM_IDENTITY_CENTER"},
            "identity_center",
            UserKind.IDENTITY_CENTER,
            False,
        ),
        ({"data_access": "Disabled"}, "managed", UserKind.DATA_DISABLED, True),
        ({"data_access": "Failed"}, "managed", UserKind.DATA_DISABLED, True),
    ],
    ids=str,
)
def test_the_test_says_who_makes_users_in_each_kind_of_directory(
    desk: Desk, directory: dict[str, str], kind: str, says: UserKind | None, can_set: bool
) -> None:
    checks = _test(desk, **directory)

    observed = desk.credential().observed
    assert (observed["user_kind"], observed["sets_passwords"]) == (kind, can_set)
    assert observed["makes_users"] is (says is None)
    assert observed["users_made_elsewhere"] == ("" if says is None else ELSEWHERE[says])
    assert checks["users"]["ok"] is (True if says is None else None)
    assert desk.credential().status is CredentialStatus.OK


@pytest.mark.parametrize("right", ["ds:AccessDSData", *DATA_RIGHTS])
def test_a_missing_right_means_that_berth_makes_no_users_and_is_a_line_of_the_test(
    desk: Desk, right: str
) -> None:
    checks = _test(desk, denied=(right,))

    observed, missing = desk.credential().observed, DATA_RIGHTS if right.startswith("ds:") else (right,)
    assert observed["users_made_elsewhere"] == ELSEWHERE[UserKind.NO_RIGHTS]
    assert {one for one in DATA_RIGHTS if checks[f"permission:{one}"]["ok"] is None} == set(missing)
    assert "ds:AccessDSData" in str(checks[f"permission:{missing[0]}"]["remedy"])
    assert desk.credential().status is CredentialStatus.OK


def test_whoever_may_not_read_the_kind_of_directory_learns_what_to_allow(desk: Desk) -> None:
    checks = _test(desk, denied=("ds:DescribeDirectories",))

    assert checks["permission:ds:DescribeDirectories"]["ok"] is None
    assert "ds:DescribeDirectories" in desk.credential().observed["users_made_elsewhere"]


def test_the_test_of_an_account_changes_no_user(desk: Desk) -> None:
    _test(desk)

    assert desk.sandbox.people(DIRECTORY) == []
