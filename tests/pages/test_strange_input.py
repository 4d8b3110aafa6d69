"""What no keyboard types and hostile clients send: numbers too large, control characters, broken headers."""

import pytest

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor

POSTING = {"title": "Analyst", "location": "Remote", "description": "Answer questions."}


@pytest.mark.parametrize("number", ["-1", "0", "2147483648", "9" * 400, "x", "\0"])
def test_a_list_begins_at_the_top_when_its_place_is_no_number(provider: Visitor, number: str) -> None:
    assert provider.get("/workspaces/", query_string={"before": number}).status_code == 200


def test_a_search_for_a_control_character_finds_nothing(provider: Visitor) -> None:
    response = provider.get("/workspaces/", query_string={"q": "a\0b"})

    assert response.status_code == 200
    assert "0 found" in Reader(response.text).text


@pytest.mark.parametrize("field", list(POSTING))
@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f"])
def test_a_control_character_is_refused_beside_its_field(
    provider: Visitor, field: str, character: str
) -> None:
    response = provider.post("/jobs/", {**POSTING, field: f"a{character}b"})

    assert response.status_code == 422
    assert Reader(response.text).error_of(field)


def test_a_line_break_belongs_in_a_text_of_several_lines_only(provider: Visitor) -> None:
    in_title = provider.post("/jobs/", {**POSTING, "title": "Analyst\r\nBcc: x"})
    in_description = provider.post("/jobs/", {**POSTING, "description": "One.\r\n\r\n\tTwo."})

    assert Reader(in_title.text).error_of("title")
    assert in_description.status_code == 303


def test_a_title_that_nobody_can_see_is_no_title(provider: Visitor) -> None:
    response = provider.post("/jobs/", {**POSTING, "title": "\u200b\u2060"})

    assert Reader(response.text).error_of("title")


def test_signing_in_with_a_control_character_is_refused_in_words(stranger: Visitor) -> None:
    response = stranger.post("/sign-in", {"email": "a\0@example.com", "password": "some password"})

    assert response.status_code == 422
    assert Reader(response.text).error_of("email")


@pytest.mark.parametrize("address", ["http://[bad", "javascript:x", "//evil.example/x", "\x7f"])
def test_a_fragment_asked_for_from_a_strange_address_still_leads_to_sign_in(
    stranger: Visitor, address: str
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": address}

    response = stranger.get("/workspaces/rows", headers=headers)

    assert response.status_code == 401
    assert response.headers["X-Berth-Sign-In"].startswith("/sign-in")


@pytest.mark.parametrize("number", ["9" * 40, "-" + "9" * 40, "²", "x"])
def test_a_choice_that_no_row_can_have_is_refused_in_words(
    desk: Desk, provider: Visitor, number: str
) -> None:
    desk.plant("by.hand")
    desk.live(1000)
    desk.session.commit()
    for path, field, values in (
        ("/jobs/", "profile_id", POSTING),
        (f"/jobs/{desk.posting_id}/", "profile_id", POSTING),
        ("/orphans/1/adopt", "application_id", {}),
    ):
        response = provider.post(path, {**values, field: number})

        assert response.status_code == 422, path
        says = ("alid choice", "nvalid Choice", "Choose one of these profiles.")
        assert any(one in response.text for one in says), path
