"""Every change and every refusal leaves a line, in the transaction of the change and without a secret."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk
from tests.every_table import fill_every_table
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from tests.pages.test_roles import METHODS, Person, first_ids, path_of
from webapp.domain.lifecycle import Action
from webapp.domain.roles import CompanyRole
from webapp.domain.trail_words import CONNECTION_READ, MODE_SWITCHED, SECRET_USED, WORDS
from webapp.extensions import db
from webapp.models import TrailEntry, User
from webapp.services import tokens

UNSAFE = METHODS[1:]


@pytest.fixture
def app_without_csrf(app: Flask) -> Iterator[Flask]:
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.config["WTF_CSRF_ENABLED"] = True


def entries(desk: Desk, action: str = "") -> list[TrailEntry]:
    """By a transaction of its own, which ends at once: the pages write too."""
    with desk.sessions() as session:
        query = select(TrailEntry).order_by(TrailEntry.id)
        is_wanted = TrailEntry.action == action if action else TrailEntry.action != SECRET_USED
        return list(session.scalars(query.where(is_wanted)))


def last(desk: Desk) -> TrailEntry:
    return entries(desk)[-1]


def unsafe_endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if set(UNSAFE) & set(rule.methods or ())}


def test_every_route_that_changes_something_has_its_words(app: Flask) -> None:
    others = {CONNECTION_READ, SECRET_USED, MODE_SWITCHED, "single_sign_on.back"}
    others |= {one for one in WORDS if one.startswith("command.")}

    assert set(WORDS) - others == unsafe_endpoints(app)


def test_every_route_that_changes_something_leaves_a_line(
    app_without_csrf: Flask, desk: Desk, sign_in: SignIn
) -> None:
    """Done or refused, by an owner or by a job seeker."""
    app = app_without_csrf
    fill_every_table(desk)
    ids = first_ids(desk.session)
    seen: set[str] = set()

    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        for method in set(UNSAFE) & set(rule.methods or ()):
            # Another one each time: some of it ends the session, and some the account.
            owner = desk.add_provider(f"owner{len(seen)}@example.com", company="Quayside")
            person = Person(app, desk, sign_in, owner)
            before = len(entries(desk))
            person.call(method, path_of(app, rule, ids, method=method))
            added = entries(desk)[before:]
            assert added, (method, rule.rule)
            assert {one.action for one in added} == {rule.endpoint}, (method, rule.rule)
            seen.add(rule.endpoint)

    assert seen == unsafe_endpoints(app)


@both_databases
def test_a_line_says_who_from_where_and_what_was_there_before(
    desk: Desk, provider: Visitor, sign_in: SignIn
) -> None:
    ada = desk.add_provider("ada@example.com", company="Quayside")

    provider.post(f"/people/colleagues/{ada.id}/role", {"role": "auditor", "reach": "all"})

    one = last(desk)
    assert (one.action, one.outcome, one.actor) == ("people.change_role", "done", "provider@example.com")
    assert (one.company_id, one.user_id) == (desk.provider.company_id, desk.provider.id)
    assert (one.address, one.subject, len(one.request_id)) == ("127.0.0.1", f"user_id={ada.id}", 32)
    changed = next(change for change in one.changes if change["table"] == "users")
    assert (changed["id"], changed["before"], changed["after"]) == (
        ada.id,
        {"company_role": "owner"},
        {"company_role": "auditor"},
    )


def test_a_line_is_written_in_the_transaction_of_the_change(
    app: Flask, desk: Desk, provider: Visitor
) -> None:
    """What breaks the commit takes both away."""
    ada = desk.add_provider("ada@example.com", company="Quayside")

    def fail(_connection: object) -> None:
        raise RuntimeError("the power fails")

    with app.app_context():
        event.listen(db.engine, "commit", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        provider.post(f"/people/colleagues/{ada.id}/role", {"role": "auditor", "reach": "all"})
    finally:
        with app.app_context():
            event.remove(db.engine, "commit", fail)

    with desk.sessions() as session:
        assert session.get_one(User, ada.id).company_role is CompanyRole.OWNER
    assert [one for one in entries(desk, "people.change_role") if one.outcome == "done"] == []


def test_sign_ins_and_their_refusals_are_in_the_trail_of_the_company(desk: Desk, stranger: Visitor) -> None:
    stranger.post("/sign-in", {"email": "Provider@example.com", "password": "wrong wrong wrong"})
    refused = last(desk)
    stranger.post("/sign-in", {"email": "nobody@example.com", "password": "wrong wrong wrong"})
    unknown = last(desk)
    stranger.post("/sign-in", {"email": "provider@example.com", "password": PASSWORD})
    done = last(desk)

    company_id = desk.provider.company_id
    assert (refused.outcome, refused.code, refused.company_id) == ("refused", "wrong_sign_in", company_id)
    assert (refused.actor, refused.user_id) == ("provider@example.com", desk.provider.id)
    assert (unknown.outcome, unknown.company_id, unknown.actor) == ("refused", None, "nobody@example.com")
    assert (done.outcome, done.company_id, done.actor) == ("done", company_id, "provider@example.com")


def test_a_press_that_is_refused_says_why(app: Flask, desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.order()

    provider.post(f"/workspaces/{workspace_id}/start")

    one = last(desk)
    assert (one.action, one.outcome) == ("workspaces.press", "refused")
    assert one.code == "action_not_allowed"
    assert one.subject == f"workspace_id={workspace_id}, verb=start"


def test_a_token_is_named_as_who_did_it(desk: Desk, program: Program) -> None:
    workspace_id = desk.available()

    assert program.call("POST", f"workspaces/{workspace_id}/stop/", {}).status_code == 202

    one = last(desk)
    assert (one.action, one.outcome) == ("api.stop_workspace", "done")
    assert one.actor == "token:program (provider@example.com)"


def test_what_is_changed_by_statement_is_in_the_line_of_its_transaction(
    desk: Desk, provider: Visitor
) -> None:
    ids = [desk.available(), desk.available()]
    desk.prove_everybody()

    provider.post("/workspaces/bulk/", {"action": "terminate", "id": ids, "confirm": "2"})

    found = entries(desk, "bulk.press")
    assert {one.outcome for one in found} == {"done"}
    changed = [change for one in found for change in one.changes if change["table"] == "workspaces"]
    assert {change["id"] for change in changed} == set(ids)
    assert all(change["after"]["desired"] == "absent" for change in changed)


def test_what_a_statement_returns_is_not_lost_by_being_counted(desk: Desk, provider: Visitor) -> None:
    waiting = [desk.add_application(is_approved=False).id for _ in range(2)]

    provider.post(f"/jobs/{desk.posting_id}/approve", {"application_id": waiting})

    one = last(desk)
    assert (one.action, one.outcome) == ("job_postings.approve", "done")
    assert [change["after"]["status"] for change in one.changes] == ["approved"]
    assert "2" in provider.read(f"/jobs/{desk.posting_id}/").text


def test_a_compare_and_set_that_hits_no_row_is_no_change(desk: Desk, provider: Visitor) -> None:
    application = desk.add_application()

    provider.post(f"/applications/{application.id}/approve")

    assert [change["table"] for change in last(desk).changes if change["table"] == "applications"] == []


def test_who_signs_in_where_somebody_else_is_signed_in_is_named(desk: Desk, seeker: Visitor) -> None:
    seeker.post("/sign-in", {"email": "provider@example.com", "password": "wrong wrong wrong"})
    refused = last(desk)
    seeker.post("/sign-in", {"email": "provider@example.com", "password": PASSWORD})
    done = last(desk)

    for one in (refused, done):
        assert (one.actor, one.company_id) == ("provider@example.com", desk.provider.company_id)
    assert (refused.outcome, done.outcome) == ("refused", "done")


def test_what_waits_for_a_proof_was_refused(desk: Desk, provider: Visitor) -> None:
    desk.clock.pause(601)

    provider.post("/tokens/", {"name": "x", "scope": "read", "days": "30"})

    one = last(desk)
    assert (one.action, one.outcome, one.code) == ("tokens.create", "refused", "proof_needed")


def test_signing_out_names_who_it_was(desk: Desk, provider: Visitor) -> None:
    provider.post("/sign-out")

    one = last(desk)
    assert (one.action, one.outcome, one.actor) == ("accounts.sign_out", "done", "provider@example.com")
    assert one.company_id == desk.provider.company_id


def test_what_people_write_about_themselves_is_not_kept_here(desk: Desk, seeker: Visitor) -> None:
    desk.open_posting(desk.provider)
    seeker.post("/board/1/apply", {"message": "I live in Bergen."})

    assert entries(desk, "board.apply")[-1].outcome == "done"
    assert "Bergen" not in json.dumps(entries(desk, "board.apply")[-1].changes)


def test_each_look_at_a_connection_leaves_a_line_but_the_polls_of_an_open_page(
    app: Flask, desk: Desk, provider: Visitor, program: Program, sign_in: SignIn
) -> None:
    workspace_id = desk.available()

    polled = {"HX-Request": "true"}
    provider.get(f"/workspaces/{workspace_id}/", headers=polled)
    program.read(f"workspaces/{workspace_id}/connection/")
    provider.get(f"/workspaces/{workspace_id}/status", headers=polled)

    found = entries(desk, CONNECTION_READ)
    assert [one.actor for one in found] == ["provider@example.com", "token:program (provider@example.com)"]
    assert {one.subject for one in found} == {f"workspace_id={workspace_id}"}
    assert {one.company_id for one in found} == {desk.provider.company_id}


def test_the_use_of_a_cloud_accounts_secret_is_noted_once_an_hour(desk: Desk) -> None:
    def notes() -> int:
        return len(entries(desk, SECRET_USED))

    before = notes()
    workspace_id = desk.available()  # takes less than an hour, in many runs
    assert notes() == max(before, 1)
    desk.clock.pause(3601)
    desk.press(workspace_id, Action.STOP)
    desk.work()

    assert notes() == max(before, 1) + 1
    one = entries(desk, SECRET_USED)[-1]
    assert (one.actor, one.subject) == ("berth", f"credential_id={desk.credential_id}")
    assert one.company_id == desk.provider.company_id


def test_a_poll_that_nobody_looked_at_before_leaves_a_line(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()

    for _ in range(2):
        provider.get(f"/workspaces/{workspace_id}/status", headers={"HX-Request": "true"})

    assert len(entries(desk, CONNECTION_READ)) == 1


def test_no_secret_is_in_any_line(app: Flask, desk: Desk, provider: Visitor, stranger: Visitor) -> None:
    secret, chosen = "CANARYcanaryCANARYcanaryCANARYcanary1234", "correct horse battery canary"
    provider.post(
        "/credentials/?cloud=aws",
        {
            "cloud_provider": "aws",
            "name": "Third",
            "region": "eu-central-1",
            "directory_id": "d-99670be001",
            "access_key_id": "AKIACANARYCANARY0001",
            "secret_access_key": secret,
        },
    )
    made = provider.post("/tokens/", {"name": "x", "scope": "read", "days": "30"}).text
    hook = provider.post(
        "/webhooks/", {"url": "https://hooks.example.com/", "kinds": "workspace.available"}
    ).text
    invited = provider.post("/people/colleagues", {"email": "new@example.com", "role": "auditor"}).text
    provider.post(
        "/account/password", {"current": PASSWORD, "password": chosen, "repeated": chosen, "repeat": chosen}
    )
    stranger.post("/sign-in", {"email": "provider@example.com", "password": chosen})
    shown = [
        word for page in (made, hook, invited) for word in page.replace('"', " ").split() if len(word) > 30
    ]

    text = json.dumps([[one.changes, one.subject, one.actor] for one in entries(desk)])

    assert {one.action for one in entries(desk)} >= {"credentials.create", "tokens.create", "webhooks.create"}
    assert not [one for one in (secret, chosen, PASSWORD, *_secrets_of(shown)) if one in text]
    with desk.sessions() as session:
        hashes = session.scalars(select(User.password_hash)).all()
    assert not [one for one in hashes if one in text]


def _secrets_of(words: list[str]) -> list[str]:
    """What looks like a token: no address and no path of an asset."""
    return [word for word in words if not word.startswith(("/", "http", "data-", "<"))]


def test_what_was_not_allowed_leaves_a_line_too(desk: Desk, provider: Visitor) -> None:
    with desk.sessions.begin() as session:
        session.get_one(User, desk.provider.id).company_role = CompanyRole.AUDITOR

    provider.post("/credentials/1/test")

    one = last(desk)
    assert (one.action, one.outcome, one.code) == ("credentials.test", "refused", "forbidden")


def test_a_stranger_who_is_sent_away_leaves_none(desk: Desk, stranger: Visitor) -> None:
    stranger.post("/credentials/1/test")

    assert entries(desk) == []


def test_a_token_of_the_past_is_not_used_to_sign_a_line(app: Flask, desk: Desk) -> None:
    row, token = tokens.issue_token(desk.context, user=desk.provider, name="old")
    tokens.revoke_token(desk.context, user=desk.provider, token_id=row.id)

    assert Program(app.test_client(), token).call("POST", "workspaces/1/stop/", {}).status_code == 401

    assert entries(desk) == []


# --- the page ----------------------------------------------------------------------------------


def test_the_page_shows_who_did_what_and_filters_it(desk: Desk, provider: Visitor, stranger: Visitor) -> None:
    ada = desk.add_provider("ada@example.com", company="Quayside")
    provider.post(f"/people/colleagues/{ada.id}/role", {"role": "auditor", "reach": "all"})
    stranger.post("/sign-in", {"email": "ada@example.com", "password": "wrong wrong wrong"})

    page = provider.read("/trail/").text

    assert "Changed the role of a colleague" in page
    assert "company role owner → auditor" in page
    assert "wrong_sign_in" in page
    assert "Changed the role" not in rows_of(provider, "?outcome=refused")
    assert "ada@example.com" not in rows_of(provider, "?who=PROVIDER@")
    assert "Signed in" in rows_of(provider, "?what=Signed+in")
    assert "Nothing matches" in provider.read("/trail/?until=2001-01-01").text
    assert "Changed the role" in rows_of(provider, "?since=2026-01-01&until=2099-01-01")
    strange = "?since=x&until=9999-12-31&before=999999999999999999999999&what=%00&who=%00%25_"
    assert provider.get(f"/trail/{strange}").status_code == 200


def rows_of(visitor: Visitor, query: str) -> str:
    """The table alone: the filter names every action."""
    return visitor.get(f"/trail/{query}").text.partition("<tbody>")[2]


def test_the_page_says_how_much_of_it_a_file_has(provider: Visitor) -> None:
    provider.post("/account/language", {"language": "", "time_zone": ""})

    assert "A file has at most the newest 10,000 lines" in provider.read("/trail/").text


def test_pages_follow_each_other_and_files_have_all(desk: Desk, provider: Visitor) -> None:
    for number in range(60):
        provider.post("/workspaces/1/stop")
        assert len(entries(desk)) == number + 1

    first = provider.read("/trail/?who=provider")
    [older] = [one for one in first.links() if "before=" in one and one.startswith("/trail/?")]
    second = provider.get(older).text
    table, lines = (
        provider.get("/trail/trail.csv?who=provider"),
        provider.get("/trail/trail.jsonl?who=provider"),
    )

    assert (provider.get("/trail/?who=provider").text.count("<tr id="), second.count("<tr id=")) == (50, 10)
    assert len(table.text.splitlines()) == 61
    found = [json.loads(one) for one in lines.text.splitlines()]
    assert [one["id"] for one in found] == [one.id for one in reversed(entries(desk))]
    assert found[0]["action"] == "workspaces.press"
    assert lines.headers["Content-Disposition"] == 'attachment; filename="trail.jsonl"'


def test_another_company_sees_nothing_of_it(desk: Desk, provider: Visitor, rival: Visitor) -> None:
    provider.post("/workspaces/1/stop")

    assert "provider@example.com" not in rival.get("/trail/").text
    assert "provider@example.com" not in rival.get("/trail/trail.csv").text
    assert rival.get("/trail/trail.jsonl").text == ""
