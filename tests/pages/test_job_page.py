"""The page of a job with many applicants: in pages, those who wait for a decision first."""

import pytest

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


def test_several_are_approved_in_one_press_and_the_group_order_is_next(
    desk: Desk, provider: Visitor, rival: Visitor
) -> None:
    ids = hire(desk, [f"Person Q{letters(number)}" for number in range(12)], is_approved=False)
    [other] = hire(desk, ["Olga Other"], is_approved=False)

    page = provider.read("/jobs/1/")
    assert len(page.find("input", name="application_id", form="approve-several")) == 13
    stranger = rival.post("/jobs/1/approve", {"application_id": ids})
    nobody = provider.post("/jobs/1/approve", {"application_id": ["x", "9" * 30]})
    done = provider.post("/jobs/1/approve", {"application_id": ids, "then": "order"})

    assert (stranger.status_code, nobody.status_code) == (404, 303)
    assert (done.status_code, done.location) == (303, "/cohorts/new?job=1")
    after = provider.read("/jobs/1/")
    assert "Order for 12 approved people" in after.text
    assert "12 people are approved." in after.text
    assert not after.find("input", name="application_id"), "one who waits is decided on the card"
    assert f"application-{other}" in [one["id"] for one in after.find("article")]


def test_an_empty_job_has_its_link_to_share(provider: Visitor) -> None:
    page = provider.read("/jobs/1/")

    assert "Share the link, so that people can apply." in page.text
    assert "http://localhost/board/1/" in page.text and page.find("button", data_copy="job-link")


@pytest.mark.parametrize("profile", ["9" * 400, "9" * 30, "-1", "x"])
def test_a_profile_that_cannot_be_is_said_beside_its_field(provider: Visitor, profile: str) -> None:
    typed = {"title": "Analyst", "location": "", "description": "Work.", "profile_id": profile}

    answer = provider.post("/jobs/", typed)

    assert answer.status_code == 422
