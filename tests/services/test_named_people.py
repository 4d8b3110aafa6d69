"""Whom a pasted list means: found by name or address, however many others have applied."""

from typing import Any

from sqlalchemy import event

from tests.desk import Desk
from webapp.domain.person_names import name_key
from webapp.queries.cohorts import list_candidates


def test_two_spellings_of_a_name_find_the_person_of_this_company_only(desk: Desk) -> None:
    ours, others = desk.add_application(), desk.add_application()
    rival = desk.add_provider("rival@example.com", company="Rival")
    theirs = desk.add_application(posting_id=desk.open_posting(rival))
    for one, name in ((ours, "Şahin Yıldız"), (others, "Mina Park"), (theirs, "Sahin Yildiz")):
        desk.session.refresh(one, ["seeker"])
        one.seeker.name = name
    desk.session.commit()

    found = list_candidates(
        desk.session,
        company_id=desk.provider.company_id or 0,
        ids=(),
        emails=(),
        name_keys={name_key("ŞAHIN YILDIZ")},
    )

    assert [one.id for one in found] == [ours.id]


def test_nobody_else_is_read_for_it(desk: Desk) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        if "applications" in text:
            asked.append((text, values))

    event.listen(desk.database, "before_cursor_execute", note)
    list_candidates(desk.session, company_id=1, ids={1}, emails={"a@example.com"}, name_keys={"mina park"})

    [(text, values)] = asked
    plan = desk.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    steps = [step[3] for step in plan]
    assert any("ix_users_name_key" in step for step in steps), steps
    assert [step for step in steps if step.startswith(("SCAN applications", "SCAN users"))] == []
