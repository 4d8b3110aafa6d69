"""What a directory is decides whether it can be used, the user names, the bundles and the way in."""

import pytest

from sandbox import demo
from tests.desk import UBUNTU, WINDOWS, Desk
from webapp.domain.errors import AppError, Invalid
from webapp.domain.lifecycle import State
from webapp.models import CredentialStatus, InquiryKind
from webapp.providers.parts.connecting import ConnectionInput
from webapp.providers.registry import get_provider
from webapp.services import inquiries

PERSON = "nikki.wolf@contoso.example"
LONG_NAME = "a-sign-in-name-that-is-much-longer-than-twenty@contoso.example"


def _test(desk: Desk, **directory: str) -> dict[str, dict[str, object]]:
    """Change what the directory is, and test the credential; its lines by name."""
    desk.sandbox.set_directory(demo.DEMO_DIRECTORY_ID, **directory)
    desk.clock.pause(60)
    return desk.test_credential()


def test_a_directory_of_pools_fails_the_test(desk: Desk) -> None:
    checks = _test(desk, workspace_type="POOLS")

    assert checks["directory"]["ok"] is False
    assert "no personal desktops" in str(checks["directory"]["message"])
    assert desk.credential().status is CredentialStatus.FAILING


@pytest.mark.parametrize(
    ("directory", "kind", "shown"),
    [
        ({"saml": "DISABLED"}, "password", "user name and password"),
        ({"saml": "ENABLED"}, "saml", "sign-in page (SAML)"),
        ({"saml": "ENABLED_WITH_DIRECTORY_LOGIN_FALLBACK"}, "saml", "sign-in page (SAML)"),
        ({"user_identity_type": "AWS_IAM_IDENTITY_CENTER"}, "identity_center", "IAM Identity Center"),
        ({"directory_type": "AWS_IAM_IDENTITY_CENTER"}, "identity_center", "IAM Identity Center"),
    ],
    ids=str,
)
def test_the_kind_is_read_and_shown(desk: Desk, directory: dict[str, str], kind: str, shown: str) -> None:
    checks = _test(desk, **directory)

    assert shown in str(checks["directory_kind"]["message"])
    assert desk.credential().observed["kind"] == kind
    assert desk.credential().is_usable


def test_people_of_identity_center_are_ordered_for_by_their_sign_in_names(desk: Desk) -> None:
    _test(desk, user_identity_type="AWS_IAM_IDENTITY_CENTER")

    first = desk.available(username=PERSON, bundle_id=WINDOWS, workspace_type="windows")

    assert desk.row(first).username == PERSON
    assert len(LONG_NAME) <= 63
    desk.order(username=LONG_NAME, bundle_id=WINDOWS, workspace_type="windows")
    for bad in ("x" * 64, "[UNDEFINED]", "two words; or more"):
        with pytest.raises(Invalid):
            desk.order(username=bad, bundle_id=WINDOWS, workspace_type="windows")


def test_people_of_identity_center_are_offered_no_linux(desk: Desk) -> None:
    _test(desk, user_identity_type="AWS_IAM_IDENTITY_CENTER")
    inquiries.ask(
        desk.context, credential_id=desk.credential_id, kind=InquiryKind.LIST_BUNDLES, must_ask_again=True
    )
    desk.work()

    with pytest.raises(AppError, match="Windows desktops only"):
        desk.order(username=PERSON, bundle_id=UBUNTU)


def test_an_ordinary_directory_takes_no_address_for_a_name(desk: Desk) -> None:
    with pytest.raises(Invalid):
        desk.order(username=PERSON)
    assert desk.row(desk.available()).state is State.AVAILABLE


@pytest.mark.parametrize(
    ("kind", "says", "says_not"),
    [
        ("password", "your password for this desktop", "sign-in page"),
        ("saml", "company’s sign-in page", "your password for this desktop"),
        ("identity_center", "sign in there as sam", "your password for this desktop"),
        (None, "your password for this desktop", "sign-in page"),
    ],
)
def test_the_steps_to_connect_fit_the_kind(kind: str | None, says: str, says_not: str) -> None:
    observed = {"registration_code": "WSdemo+BERTH1", "can_reset_password": False, "kind": kind}

    way = get_provider("aws").connection.way(ConnectionInput("sam", observed))

    text = " ".join([*way.steps, way.sign_in_help, *(answer for _, answer in way.answers)])
    assert says in text
    assert says_not not in text
