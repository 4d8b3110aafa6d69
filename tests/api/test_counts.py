"""Long lists are counted to 1,000: nobody needs to know more, and counting would read them whole."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import insert

from tests.api.world import START, Callers, World
from webapp.domain.decisions.note import Level
from webapp.domain.lifecycle import CloudState
from webapp.domain.orphans import OrphanKind
from webapp.domain.roles import CompanyRole
from webapp.extensions import db
from webapp.models import Cohort, Event, Invitation, InvitationKind, JobPosting, Orphan
from webapp.models.base import Base
from webapp.queries.branches import MOST_COUNTED

Row = dict[str, object]


def invitation(world: World, place: int) -> Row:
    about = {
        "kind": InvitationKind.COLLEAGUE,
        "invited_by_id": world.provider_id,
        "company_role": CompanyRole.MANAGER,
    }
    moments = {"made_at": START, "expires_at": START}
    return about | moments | {"email": f"person.{place}@example.com", "token_hash": f"{place:064}"}


def orphan(world: World, place: int) -> Row:
    about = {
        "credential_id": world.credential_id,
        "account_id": "1",
        "kind": OrphanKind.UNMARKED,
        "username": "nobody",
    }
    seen = {
        "first_seen_at": START,
        "last_seen_at": START,
        "cloud_state": CloudState.AVAILABLE,
        "cloud_word": "OK",
    }
    return about | seen | {"cloud_workspace_id": f"ws-{place:09}"}


def cohort(world: World, place: int) -> Row:
    about = {"credential_id": world.credential_id, "ordered_by_id": world.provider_id, "name": "Monday"}
    bundle = {"workspace_type": "windows", "bundle_id": "wsb-1", "bundle_name": "Standard"}
    return about | bundle | {"key": f"key-{place}", "created_at": START}


def posting(_world: World, place: int) -> Row:
    return {"title": f"Job {place}", "description": "", "created_at": START}


def line(world: World, place: int) -> Row:
    about = {"workspace_id": world.workspace_id, "at": START, "level": Level.INFO}
    return about | {"event": "looked", "message": f"Line {place}.", "actor": "Berth", "details": {}}


@pytest.mark.parametrize(
    ("path", "model", "row"),
    [
        ("/invitations/", Invitation, invitation),
        ("/orphans/", Orphan, orphan),
        ("/cohorts/", Cohort, cohort),
        ("/job-postings/", JobPosting, posting),
        ("/workspaces/{}/logs/", Event, line),
    ],
)
def test_a_longer_list_says_that_there_is_more(
    api_app: Flask, api: Callers, path: str, model: type[Base], row: Callable[[World, int], Row]
) -> None:
    world, path = api.world, path.format(api.world.workspace_id)
    before = api("GET", path).get_json()

    with api_app.app_context():
        rows = [{"company_id": world.company_id, **row(world, place)} for place in range(MOST_COUNTED + 1)]
        db.session.execute(insert(model), rows)
        db.session.commit()
    found = api("GET", path).get_json()

    assert before["is_count_exact"] and before["count"] < MOST_COUNTED
    assert (found["count"], found["is_count_exact"]) == (MOST_COUNTED, False)
