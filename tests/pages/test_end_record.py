"""The record of an end answers an auditor's ten questions, by itself: docs/decisions/record_of_the_end.md."""

import re
import zlib
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, event, select, update

from tests import windows
from tests.conftest import both_databases
from tests.cost_days import add_day
from tests.desk import PASSWORD, Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Program, Visitor
from webapp.domain.costs.bills import Source
from webapp.domain.lifecycle import Action, State
from webapp.domain.roles import CompanyRole
from webapp.engine.end_records import keep_records
from webapp.engine.pruning import prune
from webapp.extensions import limiter
from webapp.models import (
    Application,
    CostDay,
    EndRecord,
    Event,
    Installation,
    UsageSpan,
    User,
    WebhookDelivery,
)
from webapp.pages.workspaces import record_pdf
from webapp.services import removal
from webapp.services.end_answers import answers_of
from webapp.services.end_records import end_of
from webapp.services.workspace_actions import delete_workspace

DAY_S = 86_400.0
QUESTIONS = (
    "Who had it?",
    "Which desktop was it, in which account?",
    "From when to when?",
    "Who ordered it?",
    "Who ended it, and why?",
    "When did access end?",
    "How was its absence proven?",
    "What became of its parts?",
    "What did it cost?",
    "How much was it used?",
)


@pytest.fixture
def ended(desk: Desk) -> int:
    """A desktop that ran for an hour, and was ended."""
    workspace_id = desk.available(username="mina.park")
    add_day(desk, workspace_id, estimated=120, billed=125, day=desk.row(workspace_id).created_at.date())
    desk.live(3600)
    end(desk, workspace_id)
    return workspace_id


def end(desk: Desk, workspace_id: int) -> None:
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)


def forget_everything_else(desk: Desk) -> None:
    """Years later: what is pruned is gone, and more than that."""
    desk.clock.pause(500 * DAY_S)
    with desk.sessions.begin() as session:
        session.execute(update(Installation).values(records_due_at=None, prune_due_at=None))
    keep_records(desk.engine, 1)
    prune(desk.engine, 1)
    with desk.sessions.begin() as session:
        for table in (WebhookDelivery, Event, UsageSpan, CostDay):
            session.execute(delete(table))


@pytest.fixture
def statements(desk: Desk) -> Iterator[list[str]]:
    found: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(desk.database, "before_cursor_execute", listen)
    yield found
    event.remove(desk.database, "before_cursor_execute", listen)


def calls(desk: Desk) -> int:
    return len(desk.sandbox.ledger())


def test_ten_questions_are_answered_without_a_call_when_everything_else_is_gone(
    desk: Desk, sign_in: SignIn, program: Program, ended: int
) -> None:
    row = desk.row(ended)
    with desk.sessions() as session:
        application = session.get_one(Application, row.application_id)
        person = session.get_one(User, application.seeker_id)
    forget_everything_else(desk)
    provider = Visitor(sign_in(desk.provider.email))
    desk.sandbox.add_fault("drop_before", times=-1)
    before = calls(desk)

    found = program.read(f"workspaces/{ended}/record/")
    page = provider.read(f"/workspaces/{ended}/record").text
    pdf = provider.get(f"/workspaces/{ended}/record.pdf")

    assert calls(desk) == before
    assert (found["person"]["name"], found["person"]["email"]) == (person.name, person.email)
    assert found["desktop"]["account_id"] == row.account_id
    assert found["desktop"]["username"] == "mina.park"
    assert [one["cloud_id"] for one in found["desktop"]["machines"]] == [row.cloud_workspace_id]
    assert found["ordered"]["at"] < found["available_at"] < found["ended"]["terminated_at"]
    assert found["ordered"]["by_email"] == desk.provider.email
    assert (found["ended"]["by"], found["ended"]["reason"]) == (desk.provider.email, "person")
    assert found["access"] == {"suspended_at": None, "ended_at": None}
    assert found["absence"]["count"] == 3
    assert found["absence"]["first_at"] < found["absence"]["last_at"]
    assert {one["part"]: one["outcome"] for one in found["parts"]} == {
        "machine": "absent",
        "disks": "with_desktop",
        "snapshots": "with_desktop",
        "images": "none_made",
    }
    assert found["directory_user"] is None
    assert not found["costs"]["is_provisional"] and found["costs"]["closed_at"]
    [amount] = found["costs"]["amounts"]
    assert amount["billed_minor"] == 125 and amount["estimated_minor"] > 0
    assert found["usage"]["running_seconds"] >= 3600
    assert found["usage"]["connected_days"] == 0
    assert found["usage"]["attempts"] == 1

    assert [one for one in QUESTIONS if one not in page] == []
    for word in (person.name, person.email, "mina.park", row.account_id, row.cloud_workspace_id, "$1.25"):
        assert word is not None and word in page
    assert pdf.status_code == 200 and pdf.data.startswith(b"%PDF-")


@both_databases
def test_the_end_of_a_contract_is_in_it_with_its_access_and_the_days_of_use(
    desk: Desk, program: Program
) -> None:
    workspace_id = desk.available(username="mina.park")
    application_id = desk.row(workspace_id).application_id
    windows.set_window(desk, application_id, ends=2 * windows.DAY)
    desk.sandbox.connect(desk.row(workspace_id).cloud_workspace_id or "")
    desk.live(1200)

    windows.pass_time(desk, 2 * windows.DAY)
    access_ended_at = desk.row(workspace_id).access_ended_at
    windows.pass_time(desk, 7 * windows.DAY)
    desk.live_until(workspace_id, State.TERMINATED)

    found = program.read(f"workspaces/{workspace_id}/record/")
    assert (found["ended"]["by"], found["ended"]["reason"]) == (None, "contract")
    assert access_ended_at is not None
    assert found["access"]["ended_at"] == access_ended_at.isoformat().replace("+00:00", "Z")
    assert found["access"]["suspended_at"] == found["ended"]["requested_at"]
    assert found["usage"]["connected_days"] >= 1
    assert found["usage"]["first_connected_at"] is not None


@both_databases
def test_a_removed_person_is_not_in_it_any_more(desk: Desk, ended: int) -> None:
    with desk.sessions() as session:
        record = session.scalars(select(EndRecord)).one()
        person = session.get_one(User, record.person_id)
        was = {person.name, person.email}
    user = desk.session.get_one(User, person.id, populate_existing=True)
    removal.remove_own(desk.context, user, email=person.email, password=PASSWORD)

    with desk.sessions() as session:
        record = session.scalars(select(EndRecord)).one()
        columns = {one.name: getattr(record, one.name) for one in EndRecord.__table__.columns}
    assert record.person_name == "Removed person"
    assert record.person_email.endswith("@removed.invalid")
    assert [name for name, value in columns.items() if any(one in str(value) for one in was)] == []
    # Who ordered and ended it is somebody else, and stays.
    assert (record.ordered_by_email, record.ended_by) == (desk.provider.email,) * 2


def test_own_data_has_the_records_of_the_person_and_of_whoever_ordered(
    desk: Desk, provider: Visitor, sign_in: SignIn, ended: int
) -> None:
    with desk.sessions() as session:
        person = session.get_one(User, session.scalars(select(EndRecord.person_id)).one())

    of_person = Visitor(sign_in(person.email)).get("/account/data.json").json
    of_provider = provider.get("/account/data.json").json

    assert of_person is not None and of_provider is not None
    [own] = of_person["records_of_ends"]["rows"]
    assert (own["desktop_id"], own["email"], own["use"]["days"]) == (ended, person.email, 0)
    assert of_person["records_that_name_me"]["rows"] == []
    [ordered] = of_provider["records_that_name_me"]["rows"]
    assert ordered["is_ordered_by_me"] and ordered["is_ended_by_me"]
    assert person.email not in str(of_provider)


def test_until_the_bills_have_settled_costs_are_provisional_and_say_so(
    desk: Desk, provider: Visitor, program: Program, ended: int
) -> None:
    costs = program.read(f"workspaces/{ended}/record/")["costs"]
    assert costs["is_provisional"] and costs["closed_at"] is None
    assert [one["billed_minor"] for one in costs["amounts"]] == [125]
    assert "Provisional: it may change until" in provider.read(f"/workspaces/{ended}/record").text

    # The bill changes, and with it what is shown.
    with desk.sessions.begin() as session:
        session.execute(update(CostDay).where(CostDay.source == Source.BILLED).values(amount_minor=126))
    costs = program.read(f"workspaces/{ended}/record/")["costs"]
    assert [one["billed_minor"] for one in costs["amounts"]] == [126]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (CompanyRole.OWNER, 200),
        (CompanyRole.MANAGER, 200),
        (CompanyRole.RECRUITER, 200),
        (CompanyRole.AUDITOR, 200),
        (CompanyRole.FINANCE, 403),
    ],
)
def test_an_auditor_reads_it(
    desk: Desk, provider: Visitor, ended: int, role: CompanyRole, status: int
) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.id == desk.provider.id).values(company_role=role))

    for path in (f"/workspaces/{ended}/record", f"/workspaces/{ended}/record.pdf"):
        assert provider.get(path).status_code == status


def test_another_company_and_the_person_find_nothing(
    desk: Desk, rival: Visitor, sign_in: SignIn, ended: int
) -> None:
    with desk.sessions() as session:
        person = session.get_one(User, session.get_one(Application, desk.row(ended).application_id).seeker_id)

    assert rival.get(f"/workspaces/{ended}/record").status_code == 404
    assert rival.get(f"/workspaces/{ended}/record.pdf").status_code == 404
    assert rival.get(f"/api/workspaces/workspaces/{ended}/record/").status_code == 404
    own = Visitor(sign_in(person.email))
    assert own.get(f"/workspaces/{ended}/record").status_code == 403
    assert own.get(f"/api/workspaces/workspaces/{ended}/record/").status_code == 403


def test_the_page_of_an_ended_desktop_leads_to_it_and_that_of_a_living_one_does_not(
    desk: Desk, provider: Visitor, ended: int
) -> None:
    living = desk.available()

    assert f"/workspaces/{ended}/record" in provider.read(f"/workspaces/{ended}/").links()
    assert f"/workspaces/{living}/record" not in provider.read(f"/workspaces/{living}/").links()
    assert provider.get(f"/workspaces/{living}/record").status_code == 404


def test_an_order_without_a_machine_has_none_and_no_link_to_one(desk: Desk, provider: Visitor) -> None:
    desk.notifier.notifications.clear()
    workspace_id = desk.order()
    end(desk, workspace_id)

    assert provider.get(f"/workspaces/{workspace_id}/record").status_code == 404
    assert f"/workspaces/{workspace_id}/record" not in provider.read(f"/workspaces/{workspace_id}/").links()


def test_it_outlives_the_desktop_in_the_lists(desk: Desk, provider: Visitor, ended: int) -> None:
    delete_workspace(desk.context, ended, company_id=desk.provider.company_id or 0, actor=desk.actor)
    assert provider.get(f"/workspaces/{ended}/").status_code == 404

    page = provider.read(f"/workspaces/{ended}/record")
    assert f"/workspaces/{ended}/" not in page.links()


def test_before_a_worker_has_written_it_it_is_shown_all_the_same_and_nothing_is_written(
    desk: Desk, provider: Visitor, ended: int, statements: list[str]
) -> None:
    with desk.sessions.begin() as session:
        session.execute(delete(EndRecord))

    assert "written after the end" in provider.read(f"/workspaces/{ended}/record").text
    assert not any("INSERT INTO end_records" in one for one in statements)


def test_who_is_limited_to_other_postings_finds_nothing(desk: Desk, provider: Visitor, ended: int) -> None:
    with desk.sessions.begin() as session:
        session.execute(
            update(User)
            .where(User.id == desk.provider.id)
            .values(company_role=CompanyRole.RECRUITER, is_limited_to_postings=True)
        )

    assert provider.get(f"/workspaces/{ended}/record").status_code == 404
    assert provider.get(f"/workspaces/{ended}/record.pdf").status_code == 404


def test_the_pdf_is_the_same_for_the_same_record(desk: Desk, provider: Visitor, ended: int) -> None:
    first = provider.get(f"/workspaces/{ended}/record.pdf")
    desk.clock.pause(3600)
    second = provider.get(f"/workspaces/{ended}/record.pdf")

    assert first.data == second.data
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.headers["Content-Disposition"] == f"attachment; filename=desktop-{ended}-record.pdf"
    assert first.headers["Cache-Control"] == "no-store"


NAMES = ("Łukasz Ñandú", "Жук Анна", "山田太郎", "محمد علي", "김민수", "Ελένη", "\U0001f600 Smile", "x" * 120)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_alphabet_gets_into_the_pdf(desk: Desk, ended: int, name: str) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(EndRecord).values(person_name=name, ordered_by_name=name))
    found = end_of(desk.context, ended, company_id=desk.provider.company_id or 0)
    written = record_pdf.writable(name)

    assert set(map(ord, written)) <= record_pdf.known_letters()
    assert written.strip("? ")
    assert record_pdf.pdf_of(found, answers_of(found)).startswith(b"%PDF-")


def test_what_the_font_has_stays_and_the_rest_becomes_latin_letters() -> None:
    assert record_pdf.writable("Łukasz Жук – “Ω”") == "Łukasz Жук – “Ω”"
    assert record_pdf.writable("山田") == "ShanTian"
    assert record_pdf.writable("\ue000") == "?"


def test_no_secret_gets_into_it(desk: Desk, provider: Visitor, program: Program, ended: int) -> None:
    fields = desk.credential().public_fields
    pdf = provider.get(f"/workspaces/{ended}/record.pdf").data
    streams = [zlib.decompress(one) for one in _packed(pdf)]

    for text in (fields["access_key_id"], desk.credential().sealed_secret):
        assert text not in provider.read(f"/workspaces/{ended}/record").text
        assert text not in str(program.read(f"workspaces/{ended}/record/"))
        assert not any(text.encode() in one for one in (pdf, *streams))


def _packed(pdf: bytes) -> list[bytes]:
    found = re.findall(rb"/FlateDecode.*?stream\n(.*?)\nendstream", pdf, re.DOTALL)
    assert found
    return [one for one in found if one[:1] == b"\x78"]


def test_one_person_writes_no_more_files_than_a_server_can_bear(
    desk: Desk, provider: Visitor, ended: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    path = f"/workspaces/{ended + 1000}/record.pdf"

    answers = [provider.get(path).status_code for _ in range(45)]  # a minute may end in between

    assert (answers[0], answers[-1]) == (404, 429)
    assert provider.get(f"/workspaces/{ended}/record").status_code == 200
