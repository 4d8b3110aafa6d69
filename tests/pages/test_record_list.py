"""The list of all records of ends: searched, in pages, and inside the company and the own job postings."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages import test_end_record
from tests.pages.conftest import SignIn
from tests.pages.counting import counted_queries
from tests.pages.reader import Program, Visitor
from webapp.domain.roles import CompanyRole
from webapp.models import EndRecord
from webapp.pages.workspaces import record_list
from webapp.services import colleagues

ended = test_end_record.ended


def copies(desk: Desk, workspace_id: int, number: int) -> list[int]:
    """Of its record, each gone a day earlier, of other desktops; the newest end first."""
    orders = [desk.order() for _ in range(number)]
    desk.session.rollback()
    with desk.sessions.begin() as session:
        record = session.scalars(select(EndRecord).where(EndRecord.workspace_id == workspace_id)).one()
        columns = {one.key: getattr(record, one.key) for one in EndRecord.__mapper__.column_attrs}
        for day, order in enumerate(orders, start=1):
            gone_at = record.terminated_at - timedelta(days=day)
            session.add(EndRecord(**columns | {"id": None, "workspace_id": order, "terminated_at": gone_at}))
    return orders


def listed(visitor: Visitor, path: str = "/records/") -> list[int]:
    rows = [str(one.get("id", "")) for one in visitor.read(path).find("tr")]
    return [int(one.removeprefix("record-")) for one in rows if one.startswith("record-")]


def test_a_desktop_that_is_gone_is_in_the_list_and_leads_to_its_record(
    desk: Desk, provider: Visitor, ended: int
) -> None:
    desk.available()

    page = provider.read("/records/")

    assert listed(provider) == [ended]
    assert f"/workspaces/{ended}/record" in page.links() and "1 record." in page.text
    assert "/records/" in provider.read("/workspaces/").links()
    assert "/records/" in provider.read(f"/workspaces/{ended}/record").links()


@both_databases
@pytest.mark.parametrize(
    ("query", "is_found"),
    [("mina.par", True), ("MINA", True), ("nobody", False), ("%", False), ("ubuntu", True)],
)
def test_it_is_found_by_person_and_desktop(
    desk: Desk, provider: Visitor, ended: int, query: str, is_found: bool
) -> None:
    assert listed(provider, f"/records/?q={query.replace('%', '%25')}") == ([ended] if is_found else [])


def test_it_is_found_by_the_days_of_its_end(desk: Desk, provider: Visitor, ended: int) -> None:
    terminated_at = desk.row(ended).terminated_at
    assert terminated_at is not None
    day = terminated_at.date()
    before, after = day - timedelta(days=1), day + timedelta(days=1)

    for query, is_found in (
        (f"since={day}&until={day}", True),
        (f"since={after}", False),
        (f"until={before}", False),
        ("since=never&until=9999-12-31&before=0001-01-01T00:00%2B14:00/1", True),
    ):
        assert listed(provider, f"/records/?{query}") == ([ended] if is_found else []), query


@both_databases
def test_pages_follow_each_other_without_a_gap_and_cost_the_same(
    desk: Desk, provider: Visitor, ended: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_list, "PAGE_SIZE", 2)
    everything = [ended, *copies(desk, ended, 4)]
    seen, path, costs = [], "/records/", []
    while path:
        with counted_queries() as queries:
            page = provider.read(path)
        seen += listed(provider, path)
        costs.append(len(queries))
        path = next((one for one in page.links() if "before=" in one), "")

    assert seen == everything
    assert len(set(costs)) == 1


def test_another_company_and_who_is_limited_to_other_job_postings_see_none_of_them(
    desk: Desk, rival: Visitor, sign_in: SignIn, ended: int
) -> None:
    recruiter = desk.add_provider("rita@example.com", company="Quayside")
    colleagues.change_role(
        desk.context,
        recruiter.id,
        CompanyRole.RECRUITER,
        posting_ids=[desk.open_posting(desk.provider)],
        company_id=recruiter.company_id or 0,
        by=desk.provider,
    )

    assert listed(rival) == listed(Visitor(sign_in(recruiter.email))) == []


def test_programs_read_the_same_list(desk: Desk, program: Program, ended: int) -> None:
    others = copies(desk, ended, 2)

    first = program.read("records/?limit=2")
    rest = program.read(first["next"].removeprefix("/api/workspaces/"))

    assert [one["workspace_id"] for one in (*first["records"], *rest["records"])] == [ended, *others]
    assert (first["count"], first["is_count_exact"], rest["next"]) == (3, True, None)
    assert program.read("records/?q=nobody")["records"] == []
    day = first["records"][0]["terminated_at"][:10]
    found = program.read(f"records/?from={day}&to={day}")["records"]
    assert [one["workspace_id"] for one in found] == [ended]
    assert program.call("GET", "records/?to=9999-12-31").status_code == 422
