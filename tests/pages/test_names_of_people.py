"""The first guess of a user name: the same for one person and for many, in every alphabet."""

import csv
from pathlib import Path

from tests.desk import UBUNTU, Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import Application, User

TABLE = Path(__file__).with_name("names.csv")


def test_every_name_has_the_user_name_that_people_expect_alone_and_in_a_group(
    desk: Desk, provider: Visitor
) -> None:
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")
    rows = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    ids = [apply(desk, row["name"], f"{row['mailbox']}@p{place}.example") for place, row in enumerate(rows)]
    default = provider.read(f"/cohorts/new?credential={desk.credential_id}").by_id("pattern")["value"]

    group = provider.post(
        "/cohorts/check",
        {
            "name": "Everyone",
            "credential_id": desk.credential_id,
            "bundle_id": UBUNTU,
            "pattern": default,
            "application_id": ids,
        },
    )
    alone = [
        provider.read(f"/workspaces/new?application={one}&credential={desk.credential_id}").by_id("username")
        for one in ids
    ]

    page = Reader(group.text)
    guesses = [str(one["value"]) for one in page.find("input", name="username")]
    wanted = [(row["name"], row["username"]) for row in rows]
    assert [(row["name"], field.get("value") or "") for row, field in zip(rows, alone, strict=True)] == wanted
    # A name without a legal guess is shown as it is, and refused with the reason.
    assert [
        (row["name"], guess if len(guess) <= 20 else "") for row, guess in zip(rows, guesses, strict=True)
    ] == wanted
    assert page.headings == [
        f"{sum(bool(row['username']) for row in rows) - 1} of {len(rows)} can be ordered"
    ]


def apply(desk: Desk, name: str, email: str) -> int:
    """An approved application of a person of this name; without a password, which costs time."""
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        person = User(
            email=email, name=name, role=Role.SEEKER, password_hash="", is_active=True, created_at=now
        )
        session.add(person)
        session.flush()
        application = Application(
            company_id=desk.provider.company_id,
            job_posting_id=desk.posting_id,
            seeker_id=person.id,
            message="",
            status=ApplicationStatus.APPROVED,
            created_at=now,
            decided_at=now,
            decided_by_id=desk.provider.id,
        )
        session.add(application)
        session.flush()
        return application.id
