"""The page of a job with many applicants: in pages, those who wait for a decision first."""

from tests.desk import Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from tests.pages.test_cohorts import hire, letters


def test_many_applicants_are_cut_into_pages_and_the_undecided_come_first(
    desk: Desk, provider: Visitor
) -> None:
    [waiting] = hire(desk, ["Wanda Waiting"], is_approved=False)
    with counted_queries() as few:
        provider.get("/jobs/1/")
    hire(desk, [f"Person Q{letters(number)}" for number in range(30)])

    with counted_queries() as many:
        first = provider.read("/jobs/1/")
    second = provider.read("/jobs/1/?page=2")

    cards = [str(one["id"]) for one in first.find("article")]
    assert cards[0] == f"application-{waiting}"
    assert (len(cards), len(second.find("article"))) == (25, 6)
    assert "Order for 30 approved people" in first.text
    assert "Page 3 does not exist" in provider.read("/jobs/1/?page=3").text
    assert len(many) == len(few) <= 6
