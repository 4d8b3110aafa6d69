"""A company with a budget for each of its jobs."""

import re

from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.pages.test_budgets import PAGE, company
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.costs.groups import Dimension
from webapp.domain.costs.spans import day_of, month_of
from webapp.models import CostMonth, CostSum, JobPosting
from webapp.services import budgets
from webapp.services.budgets import BudgetRequest

LIMIT_MINOR = 10_000


def add_job_with_budget(desk: Desk, title: str) -> int:
    job = JobPosting(company_id=company(desk), title=title, description="", created_at=desk.clock.now())
    desk.session.add(job)
    desk.session.commit()
    request = BudgetRequest(Subject.JOB, job.id, "USD", Limits(LIMIT_MINOR, None))
    budgets.add_budget(desk.context, request, company_id=company(desk))
    return job.id


def use_up(desk: Desk, job_id: int) -> None:
    month = month_of(day_of(desk.clock.now()))
    with desk.sessions.begin() as session:
        session.merge(CostMonth(company_id=company(desk), month=month, unpriced_desktops=0))
        session.add(
            CostSum(
                company_id=company(desk),
                month=month,
                dimension=Dimension.JOB,
                key=str(job_id),
                currency="USD",
                is_estimated=False,
                estimated_minor=0,
                is_billed=True,
                billed_minor=LIMIT_MINOR,
            )
        )


def test_a_page_shows_some_and_first_what_is_used_up(desk: Desk, provider: Visitor) -> None:
    jobs = [add_job_with_budget(desk, f"Job {number:02}") for number in range(26)]
    use_up(desk, jobs[-1])

    pages = [provider.read(path) for path in (PAGE, f"{PAGE}?page=2", f"{PAGE}?page=3")]

    names = [re.findall(r"Job: (Job \d\d) USD", page.text) for page in pages]
    assert [len(one) for one in names] == [25, 1, 0]
    assert names[0][:2] == ["Job 25", "Job 00"] and names[1] == ["Job 24"]
    assert "Budgets 26" in pages[0].text and "Page 3 does not exist" in pages[2].text
    assert f"{PAGE}?page=2" in pages[0].links() and f"{PAGE}?page=1" in pages[1].links()
