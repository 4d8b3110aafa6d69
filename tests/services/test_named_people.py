"""Whom a pasted list means: found by name or address, however many others have applied."""

from tests.desk import Desk
from tests.plans import noted, plans_of
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
    with noted(desk.database, "applications") as asked:
        list_candidates(
            desk.session, company_id=1, ids={1}, emails={"a@example.com"}, name_keys={"mina park"}
        )

    [steps] = plans_of(desk.session, asked)
    assert any("ix_users_name_key" in step for step in steps), steps
    assert [step for step in steps if step.startswith(("SCAN applications", "SCAN users"))] == []
