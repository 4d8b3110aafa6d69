"""The public board reads the newest open jobs, however many companies have however many."""

from typing import Any

from sqlalchemy import event

from tests.desk import Desk
from webapp.queries.job_postings import list_open_postings


def test_the_newest_open_jobs_are_found_by_their_index(desk: Desk) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        if "job_postings" in text:
            asked.append((text, values))

    event.listen(desk.database, "before_cursor_execute", note)
    with desk.sessions() as session:
        list_open_postings(session)
        event.remove(desk.database, "before_cursor_execute", note)
        (text, values), *_ = asked
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]

    assert any("job_postings USING INDEX ix_job_postings_board (status=?)" in step for step in plan), plan
    assert not any("ORDER BY" in step for step in plan), "sorted: it would read them all"
