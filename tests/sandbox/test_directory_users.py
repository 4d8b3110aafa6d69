"""Users of a directory: what Directory Service and its Data API do, and what a new user is good for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.control import Sandbox

DIRECTORY = {"DirectoryId": demo.DEMO_DIRECTORY_ID}
ANNA = {**DIRECTORY, "SAMAccountName": "anna.new"}


@pytest.fixture
def data(control: Sandbox, make_client: Callable[..., Any]) -> Any:
    """Directory Service Data of a directory that knows one person."""
    control.set_users(demo.DEMO_DIRECTORY_ID, ["leo.brandt"])
    return make_client("ds-data")


@pytest.fixture
def ds(control: Sandbox, make_client: Callable[..., Any]) -> Any:
    return make_client("ds")


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, int, str | None]:
    """Code, status and reason."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    answer = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer.get("Reason")


def test_a_new_user_is_found_with_what_was_given_and_is_disabled_until_it_has_a_password(
    data: Any, ds: Any, control: Sandbox
) -> None:
    made = data.create_user(
        **ANNA, GivenName="Anna", Surname="New", EmailAddress="a@example.com",
        OtherAttributes={"info": {"S": "ours"}},
    )  # fmt: skip

    found = data.describe_user(**DIRECTORY, SAMAccountName="ANNA.NEW", OtherAttributes=["INFO"])
    assert (found["SID"], found["Enabled"]) == (made["SID"], False)
    assert (found["GivenName"], found["EmailAddress"]) == ("Anna", "a@example.com")
    assert found["OtherAttributes"] == {"info": {"S": "ours"}}
    ds.reset_user_password(**DIRECTORY, UserName="anna.new", NewPassword="Fair-winds-42")
    assert data.describe_user(**ANNA)["Enabled"] is True
    (person,) = control.people(demo.DEMO_DIRECTORY_ID)
    assert person["password_sha256"] == hashlib.sha256(b"Fair-winds-42").hexdigest()


def test_the_same_token_makes_no_second_user_for_8_hours(data: Any, control: Sandbox) -> None:
    first = data.create_user(**ANNA, ClientToken="t-1")

    assert data.create_user(**ANNA, ClientToken="t-1")["SID"] == first["SID"]
    assert refusal(data.create_user, **ANNA, GivenName="Other", ClientToken="t-1")[0] == "ConflictException"
    control.advance(8 * 3600 + 1)
    assert refusal(data.create_user, **ANNA, ClientToken="t-1") == ("ConflictException", 409, None)


def test_a_name_that_somebody_has_is_in_conflict_in_any_letters(data: Any) -> None:
    assert refusal(data.create_user, **DIRECTORY, SAMAccountName="LEO.brandt")[0] == "ConflictException"


def test_a_change_soon_after_another_is_in_conflict(data: Any, control: Sandbox) -> None:
    control.set_settings(user_busy_s=30)
    data.create_user(**ANNA)

    assert refusal(data.disable_user, **ANNA) == ("ConflictException", 409, None)
    control.advance(31)
    data.disable_user(**ANNA)


def test_a_new_user_appears_late_to_its_own_api_and_later_to_desktops(
    data: Any, control: Sandbox, order: Callable[..., Any]
) -> None:
    control.set_settings(user_read_lag_s=10, user_lag_s=60)
    data.create_user(**ANNA)

    assert refusal(data.describe_user, **ANNA) == ("ResourceNotFoundException", 404, None)
    control.advance(11)
    data.describe_user(**ANNA)
    assert order("anna.new")["FailedRequests"][0]["ErrorCode"] == "ResourceNotFound.User"
    control.advance(50)
    assert order("anna.new")["PendingRequests"][0]["UserName"] == "anna.new"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"data_access": "Disabled"}, ("AccessDeniedException", 403, "DATA_DISABLED")),
        ({"data_access": "Enabling"}, None),
        ({"service_type": "SimpleAD"}, ("ValidationException", 400, "INVALID_DIRECTORY_TYPE")),
        ({"service_type": "ADConnector"}, ("ValidationException", 400, "INVALID_DIRECTORY_TYPE")),
        ({"service_type": "SharedMicrosoftAD"}, ("ValidationException", 400, "INVALID_DIRECTORY_TYPE")),
        ({"service_type": "NONE"}, ("AccessDeniedException", 403, "DIRECTORY_AUTH")),
    ],
)
def test_only_a_managed_directory_with_data_access_takes_users(
    data: Any, control: Sandbox, changes: dict[str, str], expected: tuple[str, int, str] | None
) -> None:
    control.set_directory(demo.DEMO_DIRECTORY_ID, **changes)

    if expected is None:  # it was enabled long ago
        data.create_user(**ANNA)
    else:
        assert refusal(data.create_user, **ANNA) == expected
        assert control.people(demo.DEMO_DIRECTORY_ID) == []


def test_data_access_is_enabled_after_some_time(ds: Any, control: Sandbox) -> None:
    control.set_directory(demo.DEMO_DIRECTORY_ID, data_access="Disabled")

    ds.enable_directory_data_access(**DIRECTORY)

    seen = [ds.describe_directory_data_access(**DIRECTORY)["DataAccessStatus"]]
    again = refusal(ds.enable_directory_data_access, **DIRECTORY)
    control.advance(601)
    seen.append(ds.describe_directory_data_access(**DIRECTORY)["DataAccessStatus"])
    assert seen == ["Enabling", "Enabled"]
    assert again[0] == "DirectoryInDesiredStateException"


@pytest.mark.parametrize(
    ("service_type", "answer"),
    [
        ("MicrosoftAD", None),
        ("SimpleAD", None),
        ("ADConnector", "UnsupportedOperationException"),
        ("NONE", "EntityDoesNotExistException"),
    ],
)
def test_passwords_are_set_where_the_kind_of_directory_allows_it(
    data: Any, ds: Any, control: Sandbox, service_type: str, answer: str | None
) -> None:
    control.set_directory(demo.DEMO_DIRECTORY_ID, service_type=service_type)
    wanted = {**DIRECTORY, "UserName": "leo.brandt", "NewPassword": "Fair-winds-42"}

    if answer is None:
        ds.reset_user_password(**wanted)
        assert refusal(ds.reset_user_password, **wanted | {"NewPassword": "weak"})[0].startswith("InvalidP")
        assert refusal(ds.reset_user_password, **wanted | {"UserName": "x.y"})[0].startswith("UserDoesNot")
    else:
        assert refusal(ds.reset_user_password, **wanted)[0] == answer


def test_directory_service_says_what_kind_each_directory_is(data: Any, ds: Any, control: Sandbox) -> None:
    seen = []
    for service_type in ("MicrosoftAD", "SharedMicrosoftAD", "SimpleAD", "ADConnector"):
        control.set_directory(demo.DEMO_DIRECTORY_ID, service_type=service_type)
        (found,) = ds.describe_directories(DirectoryIds=[demo.DEMO_DIRECTORY_ID])["DirectoryDescriptions"]
        seen.append(found["Type"])

    assert seen == ["MicrosoftAD", "SharedMicrosoftAD", "SimpleAD", "ADConnector"]
    control.set_directory(demo.DEMO_DIRECTORY_ID, service_type="NONE")
    unknown = refusal(ds.describe_directories, DirectoryIds=[demo.DEMO_DIRECTORY_ID])
    assert unknown[0] == "EntityDoesNotExistException"


@pytest.mark.parametrize("denied", ["ds:AccessDSData", "ds-data:CreateUser"])
def test_a_key_needs_both_the_access_and_the_operation(data: Any, control: Sandbox, denied: str) -> None:
    control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[denied])

    assert refusal(data.create_user, **ANNA) == ("AccessDeniedException", 403, "IAM_AUTH")
    assert control.people(demo.DEMO_DIRECTORY_ID) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"SAMAccountName": "a" * 21},
        {"SAMAccountName": "anna new"},
        {"OtherAttributes": {"berth": {"S": "x"}}},
        {"OtherAttributes": {"info": {"S": "x" * 1025}}},
    ],
)
def test_names_and_attributes_that_a_directory_does_not_take_are_refused(
    data: Any, control: Sandbox, wrong: dict[str, Any]
) -> None:
    assert refusal(data.create_user, **ANNA | wrong)[0] == "ValidationException"
    assert control.people(demo.DEMO_DIRECTORY_ID) == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "throttle"}, ("ThrottlingException", 429, None)),
        (
            {"kind": "error", "code": "DirectoryUnavailableException"},
            ("DirectoryUnavailableException", 400, None),
        ),
        ({"kind": "http_500"}, ("InternalServerException", 500, None)),
    ],
)
def test_the_directory_can_fail_and_then_makes_nothing(
    data: Any, control: Sandbox, fault: dict[str, str], expected: tuple[str, int, None]
) -> None:
    control.add_fault(**fault, operation="CreateUser")

    assert refusal(data.create_user, **ANNA) == expected
    assert control.people(demo.DEMO_DIRECTORY_ID) == []


def test_users_are_found_by_their_attributes_page_by_page(data: Any) -> None:
    for number in range(3):
        data.create_user(**DIRECTORY, SAMAccountName=f"anna.{number}", Surname="New")
    search = {**DIRECTORY, "SearchString": "new", "SearchAttributes": ["Surname"], "MaxResults": 2}

    first = data.search_users(**search)
    second = data.search_users(**search, NextToken=first["NextToken"])

    assert [one["SAMAccountName"] for one in first["Users"]] == ["anna.0", "anna.1"]
    assert [one["SAMAccountName"] for one in second["Users"]] == ["anna.2"]
    assert "NextToken" not in second
