"""What is due, and a page of mails, cost what they show, however many mails there are."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert, text

from jobs import DUE
from tests.conftest import both_databases
from tests.desk import Desk
from tests.scale.reading import rows_of
from webapp.engine.sweep import find_due
from webapp.models import Mail
from webapp.queries import mails as queries
from webapp.queueing import JobName

FEW, MANY = 400, 8_000


def fill(desk: Desk, count: int) -> None:
    """Sent ones, every hundredth failed; the newest waits until tomorrow."""
    now, company = desk.clock.now(), desk.provider.company_id
    row = {"kind": "test", "parameters": {}, "created_at": now, "company_id": company, "attempts": 1}
    rows = [
        row
        | {"message_id": f"{count}-{number}", "address": "x@example.com", "failures": 0, "lease_token": 0}
        | {"sent_at": None if number % 100 == 0 else now, "gave_up_at": now if number % 100 == 0 else None}
        for number in range(count - 1)
    ]
    waits = {"message_id": f"{count}-waits", "address": "x@example.com", "failures": 1, "lease_token": 0}
    tomorrow = now + timedelta(days=1)
    with desk.sessions.begin() as session:
        session.execute(insert(Mail), rows)
        session.execute(insert(Mail), [row | waits | {"due_at": tomorrow}])
    with desk.sessions.begin() as session:
        session.execute(text("ANALYZE"))


def costs(desk: Desk) -> dict[str, int]:
    company = desk.provider.company_id or 0
    due = [(name, query) for name, query in DUE if name is JobName.MAIL]

    def read(**wanted: object) -> Callable[[], object]:
        def work() -> None:
            with desk.sessions() as session:
                queries.list_mails(session, company_id=company, limit=51, **wanted)  # type: ignore[arg-type]

        return work

    newest = rows_of(desk.database, read())
    return {
        "what is due": rows_of(desk.database, lambda: find_due(desk.sessions, due, desk.clock.now())),
        "the newest page": newest,
        "a later page": rows_of(desk.database, read(before_id=200)),
    }


@both_databases
def test_a_page_and_a_sweep_cost_the_same_among_many_mails(desk: Desk) -> None:
    fill(desk, FEW)
    before = costs(desk)

    fill(desk, MANY)
    after = costs(desk)

    assert all(after[name] <= before[name] * 1.25 + 5 for name in before), (before, after)
