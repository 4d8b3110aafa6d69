"""A person's own data as a file: all of it, in bounds, without a secret and without anybody else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from tests.windows import set_window
from webapp.domain.windows import Window
from webapp.models import EmailChange, Mail, RecoveryCode, UseDay, User
from webapp.models.base import Base
from webapp.queries.own import data as own_data
from webapp.services import help_requests, invitations, password_reset, second_factor, tokens
from webapp.services.invitations import Wanted

CANARY = "canary-of-a-secret"
PARTS = {
    "account_links.user_id": "links",
    "api_tokens.user_id": "api_tokens",
    "applications.decided_by_id": "decisions",
    "applications.seeker_id": "applications",
    "authenticator_apps.user_id": "second_factor",
    "calendar_feeds.user_id": "calendar",
    "cohorts.ordered_by_id": "group_orders",
    "directory_users.person_id": "directory_users",
    "email_changes.user_id": "requested_addresses",
    "end_records.ordered_by_id": "records_that_name_me",
    "end_records.person_id": "records_of_ends",
    "identities.user_id": "company_sign_in",
    "identity_providers.emergency_user_id": "emergency_way",
    "invitations.accepted_by_id": "invitations",
    "invitations.invited_by_id": "invitations_sent",
    "mails.user_id": "mails",
    "passkeys.user_id": "passkeys",
    "recovery_codes.user_id": "second_factor",
    "user_sessions.user_id": "sessions",
    "user_postings.user_id": "limited_to",
    "workspaces.ordered_by_id": "events",
}
"""Where the file has what each reference to a person stands for."""


def read(visitor: Visitor) -> dict[str, Any]:
    answer = visitor.get("/account/data.json")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == "attachment; filename=berth-account.json"
    document: dict[str, Any] = json.loads(answer.text)
    return document


def fill(desk: Desk, user: User) -> None:
    """Every kind of row about this person that has a secret."""
    now = desk.clock.now()
    tokens.issue_token(desk.context, user=user, name="program")
    second_factor.begin(desk.context, user)
    password_reset.make_link(desk.context, email=user.email)
    hashes = {"old_token_hash": f"{CANARY} old", "new_token_hash": f"{CANARY} new"}
    desk.session.add(
        EmailChange(user_id=user.id, new_email="new@example.com", made_at=now, expires_at=now, **hashes)
    )
    desk.session.add(RecoveryCode(user_id=user.id, code_hash=f"{CANARY} code"))
    desk.session.add(
        Mail(
            message_id="1@portal.example",
            kind="password_reset",
            address=user.email,
            user_id=user.id,
            parameters={"name": f"{CANARY} parameter"},
            sealed_link=f"{CANARY} link",
            created_at=now,
            due_at=now,
            not_after=now,
        )
    )
    desk.session.commit()


def secrets_of(desk: Desk) -> dict[str, set[str]]:
    """By column, everything that the database keeps hashed or sealed."""
    found = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(word in column.name for word in ("hash", "sealed", "seed", "fingerprint")):
                values = desk.session.scalars(select(column).where(column.is_not(None))).all()
                found[str(column)] = {str(one) for one in values if one}
    desk.session.rollback()
    return found


def texts(value: object) -> list[str]:
    """Every value in the document."""
    if isinstance(value, dict):
        return [one for inner in value.values() for one in texts(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in texts(inner)]
    return [str(value)]


@both_databases
def test_a_job_seeker_gets_everything_about_themselves_and_nothing_else(desk: Desk, sign_in: SignIn) -> None:
    application, other = desk.add_application(), desk.add_application()
    seeker = application.seeker
    workspace_id = desk.available(application_id=application.id)
    other_id = desk.available(application_id=other.id, username="bob.other")
    today = desk.clock.now().date()
    desk.session.add_all([UseDay(workspace_id=one, day=today) for one in (workspace_id, other_id)])
    desk.session.commit()
    help_requests.ask_for_help(
        desk.context, workspace_id, seeker_id=seeker.id, note="It stays black.", actor=desk.actor
    )
    invite(desk, seeker.email, posting_id=desk.open_posting(desk.provider))
    fill(desk, seeker)

    document = read(Visitor(sign_in(seeker.email)))

    account = document["account"]["rows"][0]
    assert (account["id"], account["email"], account["role"]) == (seeker.id, seeker.email, "seeker")
    [desktop] = document["desktops"]["rows"]
    assert (desktop["id"], desktop["company"], desktop["state"]) == (workspace_id, "Quayside", "AVAILABLE")
    [day] = document["days_of_use"]["rows"]
    assert day == {"desktop_id": workspace_id, "day": f"{today}"}
    assert "last_connected_at" in desktop
    assert document["help_requests"]["rows"][0]["note"] == "It stays black."
    assert document["applications"]["rows"][0]["status"] == "approved"
    assert document["api_tokens"]["rows"][0]["name"] == "program"
    assert document["second_factor"]["rows"][0]["recovery_codes_left"] == 1
    assert document["mails"]["rows"][0]["kind"] == "password_reset"
    assert document["requested_addresses"]["rows"][0]["new_email"] == "new@example.com"
    assert document["invitations"]["rows"][0]["name"] == "Sam"
    assert [len(document[name]["rows"]) for name in ("sessions", "links")] == [1, 1]
    others = (other.seeker.email, desk.provider.email, "bob.other")
    assert not [one for one in texts(document) for name in others if name in one]


@both_databases
def test_a_provider_gets_what_they_did_and_not_about_whom(
    desk: Desk, provider: Visitor, program: Program
) -> None:
    application = desk.add_application()
    workspace_id = desk.available(application_id=application.id, username="bob.other")
    assert program.call("POST", f"workspaces/{workspace_id}/stop/").status_code == 202
    invite(desk, "kim@example.com")
    fill(desk, desk.provider)

    document = read(provider)

    assert document["account"]["rows"][0]["company"] == "Quayside"
    assert {one["desktop_id"] for one in document["events"]["rows"]} == {workspace_id}
    assert [one["event"] for one in document["events"]["rows"]][-1] == "ordered"
    assert len(document["events"]["rows"]) == 2
    assert document["decisions"]["rows"][0]["application_id"] == application.id
    assert document["invitations_sent"]["rows"][0]["kind"] == "colleague"
    assert document["desktops"]["rows"] == document["applications"]["rows"] == []
    others = (application.seeker.email, "kim@example.com", "bob.other")
    assert not [one for one in texts(document) for name in others if name in one]


def test_no_hash_and_nothing_sealed_is_in_it(desk: Desk, provider: Visitor) -> None:
    desk.available()
    fill(desk, desk.provider)
    kept = secrets_of(desk)
    filled = {"users.password_hash", "user_sessions.token_hash", "api_tokens.token_hash", "mails.sealed_link"}
    filled |= {"account_links.token_hash", "recovery_codes.code_hash", "authenticator_apps.sealed_key"}
    assert {name for name in filled if not kept[name]} == set()

    found = texts(read(provider))

    shown = {name for name, values in kept.items() for one in values if any(one in text for text in found)}
    assert shown == set()
    assert not [one for one in found if CANARY in one]


def test_a_part_ends_after_its_newest_rows_and_says_how_many_more_there_are(
    desk: Desk, provider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        tokens.issue_token(desk.context, user=desk.provider, name=f"token {number}")
    monkeypatch.setattr(own_data, "MOST_ROWS", 3)

    document = read(provider)

    assert [one["name"] for one in document["api_tokens"]["rows"]] == ["token 3", "token 2", "token 1"]
    assert (document["api_tokens"]["more"], document["sessions"]["more"]) == (1, 0)
    assert "newest 1000 rows" in document["notes"][0]


def test_every_reference_to_a_person_has_its_place_in_it(provider: Visitor) -> None:
    """A new column needs its line above, and a part in `queries/own/data.py`."""
    people = {
        str(column)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "users" for key in column.foreign_keys)
    }

    assert people == PARTS.keys()
    assert set(PARTS.values()) <= read(provider).keys()


def test_strangers_get_no_file(stranger: Visitor) -> None:
    assert stranger.get("/account/data.json").status_code == 302


def invite(desk: Desk, email: str, *, posting_id: int | None = None) -> None:
    company = desk.provider.company_id or 0
    someone = [Wanted(email, "Sam")]
    invitations.invite(
        desk.context, someone, company_id=company, invited_by=desk.provider, posting_id=posting_id
    )


def test_the_file_says_when_each_contract_ends_and_whether_that_came_from_the_job(
    desk: Desk, sign_in: SignIn
) -> None:
    application, ends_at = desk.add_application(), desk.clock.now() + timedelta(days=30)
    application.take_window(Window(None, ends_at, "Europe/Berlin"), at=desk.clock.now(), is_default=True)
    desk.session.commit()
    visitor = Visitor(sign_in(application.seeker.email))

    [given] = read(visitor)["applications"]["rows"]
    set_window(desk, application.id, ends=timedelta(days=60))
    [chosen] = read(visitor)["applications"]["rows"]

    assert (given["ends_at"], given["window_zone"]) == (f"{ends_at:%Y-%m-%dT%H:%M:%SZ}", "Europe/Berlin")
    assert (given["has_default_window"], chosen["has_default_window"]) == (True, False)


def test_the_file_says_what_the_trail_keeps_of_a_person_and_nothing_about_others(
    desk: Desk, sign_in: SignIn
) -> None:
    seeker, other = desk.add_application().seeker, desk.add_application().seeker
    visitor, stranger = Visitor(sign_in(seeker.email)), Visitor(sign_in(other.email))
    visitor.post("/account/language", {"language": "de", "time_zone": "Europe/Berlin"})
    stranger.post("/account/language", {"language": "de", "time_zone": "Europe/Paris"})

    document = read(visitor)

    lines = document["trail"]["rows"]
    assert lines[0]["action"] == "account.choose_language", "newest first"
    assert {one["address"] for one in lines} == {"127.0.0.1"}
    assert sum(one["action"] == "account.choose_language" for one in lines) == 1
    account = document["account"]["rows"][0]
    assert (account["language"], account["time_zone"]) == ("de", "Europe/Berlin")
