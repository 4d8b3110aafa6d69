"""Group orders by a profile on their pages."""

from sqlalchemy import update

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from tests.pages.test_cohorts import hire, ordered, sent_on
from tests.pages.test_profiles import add, load_sizes, typed
from webapp.domain.hours.reading import hours_in_words
from webapp.models import CloudCredential, Profile


def people(desk: Desk) -> dict[str, object]:
    ids = hire(desk, ["Ada Byron", "Ben Cole"])
    return {"name": "March intake", "job": desk.posting_id, "profile_id": "1", "application_id": ids}


def test_the_profile_of_the_job_is_chosen_and_says_what_is_otherwise_asked(
    desk: Desk, provider: Visitor
) -> None:
    load_sizes(desk, provider)
    add(desk, provider, workdays="9–17", username_pattern="{first}.{last}")
    people(desk)

    page = provider.get("/cohorts/new?job=1").text
    without = provider.get("/cohorts/new?job=1&profile=").text

    assert "What the profile gives" in page and "It runs Mon–Fri 9:00–17:00 UTC" in page
    assert 'name="bundle_id"' not in page and 'value="{first}.{last}"' in page
    assert 'name="bundle_id"' in without and "What the profile gives" not in without


def test_the_review_shows_price_and_hours_and_the_order_is_by_that_version(
    desk: Desk, provider: Visitor
) -> None:
    load_sizes(desk, provider)
    add(desk, provider, workdays="9–17", username_pattern="{first}.{last}")

    dry = provider.post("/cohorts/check", people(desk))
    answer = provider.post("/cohorts/", sent_on(Reader(dry.text)))

    assert "2 of 2 can be ordered" in dry.text and "version 1, in time for" in dry.text
    assert "Mon–Fri 9:00–17:00 UTC" in dry.text and "List price of this size" in dry.text
    made = ordered(desk)
    assert [one.username for one in made] == ["ada.byron", "ben.cole"]
    assert [(one.profile_id, one.profile_version) for one in made] == [(1, 1)] * 2
    assert [hours_in_words(one.hours) for one in made if one.hours] == ["Mon–Fri 9:00–17:00 UTC"] * 2
    assert "Analysts, version 1" in provider.read(answer.location).text


def test_a_change_after_the_review_is_shown_before_anything_is_ordered(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider, username_pattern="{first}.{last}")
    form = sent_on(Reader(provider.post("/cohorts/check", people(desk)).text))
    provider.post("/profiles/1/", typed(desk, workdays="8–12"))

    answer = provider.post("/cohorts/", form)
    again = provider.post("/cohorts/", sent_on(Reader(answer.text)))

    assert answer.status_code == 409
    assert "The profile was changed a moment ago" in answer.text and "Mon–Fri 8:00–12:00" in answer.text
    assert again.status_code == 303
    assert {one.profile_version for one in ordered(desk)} == {2}


def test_a_profile_that_is_archived_or_too_dear_orders_for_nobody(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider, month_cap="0.01", cap_currency="USD")
    form = people(desk) | {"pattern": "{first}.{last}"}

    dear = provider.post("/cohorts/check", form)
    provider.post("/profiles/1/archive", {})
    archived = provider.post("/cohorts/check", form)

    assert dear.status_code == 409 and "allows $0.01" in dear.text
    assert archived.status_code == 422 and "Profile not found." in archived.text
    assert ordered(desk) == []


def test_a_profile_without_a_usable_account_says_so(desk: Desk, provider: Visitor) -> None:
    load_sizes(desk, provider)
    add(desk, provider)
    other = desk.add_credential("Other")
    with desk.sessions.begin() as session:
        session.execute(update(Profile).values(credential_id=other))
        own = update(CloudCredential).where(CloudCredential.id == other)
        session.execute(own.values(is_deleted=True))

    page = provider.read("/cohorts/new?job=1").text

    assert "You cannot order with its cloud account" in page
