"""A search finds the same with an index as without, whatever stands in the rows and in the question."""

import random

import pytest
from sqlalchemy import select, text

from tests.desk import Desk
from webapp.domain.roles import Role
from webapp.models import Application, Schedule, User, Workspace
from webapp.queries import searching

LETTERS = "abBC%_\\\"'äÖßéЖ王*: .-@"
"""What LIKE, a search by words, or its quotation could take for its own."""
ROWS, QUESTIONS = 150, 300


def found(desk: Desk, q: str) -> list[int]:
    company_id = desk.provider.company_id or 0
    searched = searching.search(desk.session, q, company_id=company_id)
    return list(desk.session.scalars(select(Workspace.id).where(searched.condition).order_by(Workspace.id)))


def a_word(draw: random.Random, longest: int) -> str:
    return "".join(draw.choice(LETTERS) for _ in range(draw.randint(1, longest)))


def test_with_and_without_its_index_a_search_finds_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(15)
    desk.order(username="sam.okafor")
    row = desk.session.query(Workspace).one()
    copied = [one.name for one in Workspace.__table__.columns if one.computed is None and one.name != "id"]
    for number in range(ROWS - 1):
        values = {name: getattr(row, name) for name in copied} | {
            "uid": f"u{number}",
            "slot": f"s{number}",
            "phase": "gone",
            "username": a_word(draw, 12),
            "bundle_name": a_word(draw, 12),
            "cloud_workspace_id": f"ws-{number}",
        }
        desk.session.add(Workspace(**values, schedule=Schedule()))
    desk.session.flush()
    seeker = select(Application.seeker_id).where(Application.id == row.application_id).scalar_subquery()
    desk.session.query(User).filter_by(id=seeker).one().name = 'Ärne "Ö" 100%_x'
    desk.session.flush()
    questions = [a_word(draw, 6) for _ in range(QUESTIONS)] + [
        "arne",
        "ÄRNE",
        'ne "Ö"',
        "0%_",
        "ws-1",
        "x' OR 1",
    ]

    with_index = [found(desk, q) for q in questions]
    for most in (3, 0):
        monkeypatch.setattr(searching, "MOST_COUNTED", most)
        assert [found(desk, q) for q in questions] == with_index, "there are many that match"
    monkeypatch.setattr(searching, "_has_index", lambda _session: False)
    without = [found(desk, q) for q in questions]

    assert with_index == without
    assert sum(len(ids) for ids in without) > QUESTIONS


def test_a_search_follows_every_change_of_what_it_looks_at(desk: Desk) -> None:
    workspace_id = desk.order(username="first.name")
    assert found(desk, "first.name") == [workspace_id]

    row = desk.session.get_one(Workspace, workspace_id)
    row.username, row.cloud_workspace_id = "second.name", "ws-12345"
    desk.session.flush()
    assert found(desk, "first.name") == []
    assert found(desk, "second.name") == found(desk, "s-1234") == [workspace_id]

    desk.session.query(User).filter(User.role == Role.SEEKER).update({"name": "Zoe Umbenannt"})
    assert found(desk, "umbenannt") == [workspace_id]

    desk.session.execute(text("DELETE FROM events"))
    desk.session.execute(text("DELETE FROM workspaces"))
    left = desk.session.scalar(text("SELECT COUNT(*) FROM workspace_search"))
    desk.session.rollback()
    assert left == 0


def test_one_or_two_characters_are_the_beginning_of_a_word(desk: Desk) -> None:
    workspace_id = desk.order(username="sam.okafor")
    row = desk.session.get_one(Workspace, workspace_id)
    row.bundle_name = "Big with Ubuntu"
    desk.session.flush()

    assert found(desk, "b") == found(desk, "UB") == found(desk, "sa") == [workspace_id]
    assert found(desk, "bu") == []
    assert found(desk, "bunt") == [workspace_id]
