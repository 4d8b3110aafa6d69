"""The public board reads the newest open jobs, however many companies have however many."""

from tests.desk import Desk
from tests.plans import noted, plans_of
from webapp.queries.job_postings import list_open_postings


def test_the_newest_open_jobs_are_found_by_their_index(desk: Desk) -> None:
    with desk.sessions() as session:
        with noted(desk.database, "job_postings") as asked:
            list_open_postings(session)
        plan = plans_of(session, asked)[0]

    assert any("job_postings USING INDEX ix_job_postings_board (status=?)" in step for step in plan), plan
    assert not any("ORDER BY" in step for step in plan), "sorted: it would read them all"
