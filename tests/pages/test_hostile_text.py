"""What people call themselves and search for stays text: on pages, in addresses, in JSON, in SQL."""

import json
import re

import pytest
from sqlalchemy import update

from tests.cases import each_case
from tests.desk import Desk
from tests.pages.reader import Program, Reader, Visitor
from webapp.domain.name_patterns import pattern_problem, username_from
from webapp.models import Company, JobPosting, User

NAME = "</title><script>alert('x')</script>\"'><img src=x onerror=go()>{{ 7*7 }}${7*7}"
PAGES = (
    "/start/",
    "/jobs/",
    "/jobs/1/",
    "/workspaces/",
    "/workspaces/new",
    "/people/",
    "/account/",
    "/board/",
)


@pytest.fixture
def named(desk: Desk) -> int:
    """A desktop, in a company where everything has the hostile name."""
    workspace_id = desk.order()
    for table, column in (
        (User, "name"),
        (Company, "name"),
        (JobPosting, "title"),
        (JobPosting, "description"),
    ):
        desk.session.execute(update(table).values({column: NAME}))
    desk.session.commit()
    return workspace_id


def test_a_name_is_text_on_every_page(named: int, provider: Visitor) -> None:
    shown = 0
    for path in (*PAGES, f"/workspaces/{named}/"):
        html = provider.get(path).text
        page = Reader(html)
        shown += NAME in page.text
        assert not [one for one in page.find("script") if not one.get("src")], path
        assert "<script>alert" not in html and not page.find("img", src="x"), path
        assert not [name for _, a in page.elements for name in a if name.startswith("on")], path
        assert "49" not in re.findall(r"go\(\)>(.{0,8})", page.text), path
    assert shown >= 5


def test_a_name_is_text_in_json(named: int, program: Program) -> None:
    answer = program.call("GET", f"workspaces/{named}/")

    assert answer.content_type == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert json.loads(answer.text)["id"] == named


@pytest.mark.parametrize(
    "typed",
    [
        "' OR '1'='1",
        "'; DROP TABLE users; --",
        "%",
        "_",
        "\\",
        "a' UNION SELECT password_hash FROM users --",
        '"*" OR q:*',
    ],
)
def test_a_search_is_a_text_and_no_part_of_a_statement(desk: Desk, provider: Visitor, typed: str) -> None:
    desk.order()

    for path in ("/workspaces/", "/jobs/1/", "/people/"):
        answer = provider.get(path, query_string={"q": typed, "who": typed})
        assert answer.status_code == 200, path
        assert "argon2" not in answer.text
    assert "0 found" in Reader(provider.get("/workspaces/", query_string={"q": typed}).text).text


def test_what_is_searched_for_stays_one_value_in_the_links_of_the_page(desk: Desk, provider: Visitor) -> None:
    desk.order()
    typed = 'x&state=ERROR#"><script>'
    desk.session.execute(update(User).values(name=typed))
    desk.session.commit()

    page = Reader(provider.get("/workspaces/", query_string={"q": typed}).text)

    carrying = [link for link in page.links() if "q=" in link]
    assert page.by_id("q")["value"] == typed
    assert carrying
    for link in carrying:
        assert "q=x%26state%3DERROR%23%22%3E%3Cscript%3E" in link, link


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:x", "\tjavascript:x", "vbscript:x"]
)
def test_no_link_of_a_page_runs_a_script(provider: Visitor, stranger: Visitor, target: str) -> None:
    pages = [
        stranger.get("/sign-in", query_string={"next": target}),
        stranger.get("/sign-up", query_string={"next": target}),
        provider.get("/nowhere", headers={"Referer": target}),
        provider.post("/workspaces/1/stop"),
    ]

    for page in pages:
        addresses = [
            str(a[name])
            for _, a in Reader(page.text).elements
            for name in ("href", "src", "action")
            if a.get(name)
        ]
        assert not [
            one for one in addresses if not one.startswith(("/", "#", "http://", "https://", "mailto:"))
        ]


@each_case(
    "pattern",
    ["{first.__class__}", "{0}", "{first!r}", "{first:>99999999}", "{config}", "%s{last", "{last}}"],
)
def test_a_pattern_of_names_knows_its_own_words_only(pattern: str) -> None:
    made = username_from(pattern, name="Ada Lovelace", email="ada@example.com", number=1)

    assert pattern_problem(pattern)
    assert "class" not in made and len(made) < 100
