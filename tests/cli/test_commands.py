"""The operators' commands: passwords never on the command line, refusals as sentences, tokens shown once."""

from collections.abc import Iterator

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from tests.desk import PASSWORD, RecordingNotifier, make_settings
from webapp.config import Settings
from webapp.domain.roles import CompanyRole
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import ApiToken, Company, User
from webapp.services import founding, password_reset, sign_in, tokens
from webapp.services.context import ServiceContext

EMAIL = "provider@example.com"


def _make(settings: Settings) -> Flask:
    return create_app(settings, notifier=RecordingNotifier())


@pytest.fixture
def office(database_url: str) -> Iterator[Flask]:
    app = _make(make_settings(database_url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _run(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    result: Result = app.test_cli_runner().invoke(args=list(arguments), input=typed)
    assert "Traceback" not in result.output
    return result


def _add_user(
    app: Flask, email: str = EMAIL, *, typed: str = f"{PASSWORD}\n", role: str = "provider"
) -> Result:
    company = ("--company", "Quayside") if role == "provider" else ()
    return _run(app, "user", "add", email, "--role", role, *company, "--password-stdin", typed=typed)


def _count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def _context(app: Flask) -> ServiceContext:
    found: ServiceContext = app.extensions["berth"]
    return found


@pytest.mark.parametrize("role", ["provider", "seeker", "admin"])
def test_a_person_who_was_added_can_sign_in(office: Flask, role: str) -> None:
    result = _add_user(office, role=role)

    assert (result.exit_code, result.output) == (0, f"Added {role} {EMAIL}.\n")
    with office.app_context():
        user, _ = sign_in.sign_in(_context(office), email=EMAIL, password=PASSWORD)
        assert user.role == role


def test_a_password_comes_from_standard_input_and_is_never_shown(office: Flask) -> None:
    refused = _run(office, "user", "add", EMAIL, "--role", "seeker", "--password", PASSWORD)
    without = _run(office, "user", "add", EMAIL, "--role", "seeker", typed=PASSWORD)
    added = _add_user(office)

    assert (refused.exit_code, without.exit_code, added.exit_code) == (2, 2, 0)
    assert PASSWORD not in added.output


def test_a_password_may_end_with_a_space_but_not_with_the_line(office: Flask) -> None:
    _add_user(office, typed=f"{PASSWORD} \n")

    with office.app_context():
        assert sign_in.sign_in(_context(office), email=EMAIL, password=f"{PASSWORD} ")


@pytest.mark.parametrize("typed", ["", "\n", "short\n"])
def test_a_bad_password_is_refused_in_a_sentence(office: Flask, typed: str) -> None:
    result = _add_user(office, typed=typed)

    assert result.exit_code == 1
    assert "Use at least 12 characters." in result.output
    assert _count(office, User) == 0


def test_a_duplicate_is_refused_in_a_sentence(office: Flask) -> None:
    _add_user(office)

    again = _add_user(office, EMAIL.upper())

    assert again.exit_code == 1
    assert again.output.startswith("Error: You cannot sign up with this e-mail address")
    assert _count(office, User) == 1


def test_colleagues_share_their_company(office: Flask) -> None:
    _add_user(office)
    _add_user(office, "colleague@example.com")

    assert (_count(office, User), _count(office, Company)) == (2, 1)


def test_a_provider_without_a_company_is_refused_with_what_is_missing(office: Flask) -> None:
    result = _run(office, "user", "add", EMAIL, "--role", "provider", "--password-stdin", typed=PASSWORD)

    assert result.exit_code == 1
    assert "--company" in result.output


def test_an_unknown_role_is_refused_with_those_that_exist(office: Flask) -> None:
    result = _run(office, "user", "add", EMAIL, "--role", "king", "--password-stdin", typed=PASSWORD)

    assert result.exit_code == 2
    assert "provider" in result.output


def test_a_token_is_printed_alone_once_and_works(office: Flask) -> None:
    _add_user(office)

    result = _run(office, "token", "add", EMAIL.upper(), "--name", "ci", "--scope", "read", "--days", "30")

    (token,) = result.output.splitlines()
    assert result.exit_code == 0
    with office.app_context():
        found = tokens.find_token(_context(office), token)
        assert found is not None
        assert (found.name, found.scopes, found.user.email) == ("ci", ["read"], EMAIL)
        assert found.expires_at is not None
        assert (found.expires_at - found.created_at).days == 30
        db.session.rollback()
    answer = office.test_client().get(
        "/api/workspaces/workspaces/", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200


def test_a_token_has_every_scope_and_no_end_by_default(office: Flask) -> None:
    _add_user(office)
    _run(office, "token", "add", EMAIL, "--name", "ci")

    with office.app_context():
        row = db.session.scalars(select(ApiToken)).one()
        assert (row.scopes, row.expires_at) == (["read", "write"], None)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nobody@example.com", "--name", "ci"), 1),
        ((EMAIL,), 2),
        ((EMAIL, "--name", "ci", "--scope", "everything"), 2),
        ((EMAIL, "--name", "ci", "--days", "0"), 2),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(office: Flask, arguments: tuple[str, ...], code: int) -> None:
    _add_user(office)

    result = _run(office, "token", "add", *arguments)

    assert result.exit_code == code
    assert "berth_" not in result.output
    assert _count(office, ApiToken) == 0


def test_an_address_that_is_none_is_refused(office: Flask) -> None:
    result = _add_user(office, "not an address")

    assert result.exit_code == 1
    assert "not an e-mail address" in result.output
    assert (_count(office, User), _count(office, Company)) == (0, 0)


def test_a_set_up_link_is_printed_and_works_once(office: Flask) -> None:
    printed = _run(office, "company", "invite", "--days", "3").output.splitlines()

    assert printed[0].startswith("/sign-up/company?link=")
    assert "It works once, for 3 days." in printed[1]
    with office.app_context():
        assert founding.may_found(_context(office), link_token=printed[0].partition("=")[2])


def test_a_link_to_a_new_password_is_printed(office: Flask) -> None:
    _add_user(office)

    printed = _run(office, "user", "reset", EMAIL).output

    with office.app_context():
        token = printed.splitlines()[0].partition("=")[2]
        assert password_reset.find_link(_context(office), token).user.email == EMAIL
    assert "No active person has the e-mail address" in _run(office, "user", "reset", "x@example.com").output


def test_the_operator_makes_an_owner_where_none_is_left(office: Flask) -> None:
    _run(
        office,
        *("user", "add", EMAIL, "--role", "provider", "--company", "Quayside"),
        *("--company-role", "recruiter", "--password-stdin"),
        typed=f"{PASSWORD}\n",
    )

    done = _run(office, "user", "make-owner", EMAIL.upper())
    refused = _run(office, "user", "make-owner", "nobody@example.com")

    assert (done.exit_code, done.output) == (0, f"{EMAIL} is an owner now.\n")
    assert refused.exit_code != 0
    with office.app_context():
        assert db.session.scalars(select(User.company_role)).all() == [CompanyRole.OWNER]


def test_an_operator_signs_out_one_person_or_everybody(office: Flask) -> None:
    _add_user(office)
    _add_user(office, "seeker@example.com", role="seeker")
    with office.app_context():
        context = _context(office)
        cookies = [
            sign_in.sign_in(context, email=email, password=PASSWORD)[1]
            for email in (EMAIL, "seeker@example.com", "seeker@example.com")
        ]

    def live() -> list[bool]:
        with office.app_context():
            return [sign_in.find_session(_context(office), token=one) is not None for one in cookies]

    assert _run(office, "user", "sign-out").exit_code == 2
    assert "No person has the e-mail" in _run(office, "user", "sign-out", "x@example.com").output
    assert live() == [True, True, True]
    assert "Signed out in 2 browsers." in _run(office, "user", "sign-out", "seeker@example.com").output
    assert live() == [True, False, False]
    assert "Signed out in 1 browser." in _run(office, "user", "sign-out", "--everybody").output
    assert live() == [False, False, False]
