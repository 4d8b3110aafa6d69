"""An application over one or more filled companies, and its pages as they are measured."""

import base64
import json
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import sessionmaker

from tests.api.world import READY, START, FrozenClock, RecordingNotifier, World, build_world
from tests.desk import make_settings
from tests.rows import set_rows
from tests.scale.costs import GROUPS, fill_costs
from tests.scale.filling import MONTH, STRIDE, Pattern, fill
from tests.scale.reading import Reading
from webapp.api.paging import newest_first
from webapp.domain.costs.groups import Dimension
from webapp.domain.roles import ApplicationStatus
from webapp.engine.tallies import add_up
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import (
    Application,
    CloudCredential,
    CostMonth,
    CostSum,
    DesktopConnection,
    DesktopMonth,
    Event,
    Workspace,
)
from webapp.models.webhook import WebhookDelivery, WebhookEndpoint
from webapp.pages.workspaces.places import Mark
from webapp.queries.connections import ConnectedFilter
from webapp.queries.table_costs import CostFilter, is_of_month
from webapp.queries.table_order import Place, columns_of

BIG, NEIGHBOUR = 1, 2


@dataclass(frozen=True, slots=True)
class BigCompany:
    """The provider's company with `size` desktops, and a neighbour with `neighbours`."""

    app: Flask
    world: World
    reading: Reading

    def browser(self) -> FlaskClient:
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = self.world.session_token, True
        return client

    def read(self, path: str, *, times: int = 2, **headers: str) -> tuple[int, int, str]:
        """What the request reads (when it is asked again), the weight of its answer, and its version."""
        client, more = self.browser(), dict(headers)
        if path.startswith("/api/"):
            more["Authorization"] = f"Bearer {self.world.tokens['provider']}"
        for _ in range(times - 1):
            client.get(path, headers=more)
        with self.reading.counted() as reading:
            answer = client.get(path, headers=more)
        assert answer.status_code in (200, 304), (path, answer.status_code)
        return reading.total, len(answer.data), answer.headers.get("ETag", "")

    def poll(self, path: str) -> int:
        """What a look reads at something that has not changed."""
        etag = self.read(path, **{"HX-Request": "true"})[2]
        client = self.browser()
        with self.reading.counted() as reading:
            answer = client.get(path, headers={"HX-Request": "true", "If-None-Match": etag})
        assert answer.status_code == 304, path
        return reading.total

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


def open_company(database_url: str, *, size: int, neighbours: int = 0, has_costs: bool = False) -> BigCompany:
    """In an empty, migrated database."""
    app = create_app(make_settings(database_url), clock=FrozenClock(), notifier=RecordingNotifier())
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        world = build_world(app.extensions["berth"])
        pattern = _pattern(world)
        _fill(pattern, world.company_id, world.credential_id, size, place=BIG)
        if neighbours:
            foreign = db.session.get_one(CloudCredential, world.foreign_credential_id)
            _fill(pattern, foreign.company_id, foreign.id, neighbours, place=NEIGHBOUR)
        if has_costs:
            for account_id in (world.credential_id, world.foreign_credential_id):
                owner_id = db.session.get_one(CloudCredential, account_id).company_id
                fill_costs(db.session.connection(), company_id=owner_id, credential_id=account_id)
            db.session.commit()
        engine = db.engine
        add_up(sessionmaker(engine), today=START.date())
        _vacuum(engine)
    return BigCompany(app, world, Reading(engine))


def _vacuum(engine: Engine) -> None:
    """As PostgreSQL does by itself a little later: rows added up are not read any more."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _fill(pattern: Pattern, company_id: int, credential_id: int, size: int, *, place: int) -> None:
    endpoint_id = _endpoint(company_id)
    _add_costs(company_id)
    fill(
        db.session.connection(),
        pattern,
        company_id=company_id,
        credential_id=credential_id,
        endpoint_id=endpoint_id,
        size=size,
        place=place,
    )
    db.session.commit()


def _add_costs(company_id: int) -> None:
    """A day of the month, so that pages show them."""
    db.session.add(CostMonth(company_id=company_id, month=MONTH, unpriced_desktops=50))
    db.session.add(
        CostSum(
            company_id=company_id,
            month=MONTH,
            dimension=Dimension.DAY,
            key="2026-11-23",
            currency="USD",
            is_estimated=True,
            estimated_minor=4711,
            is_billed=False,
            billed_minor=0,
        )
    )


def _endpoint(company_id: int) -> int:
    known = db.session.query(WebhookEndpoint).filter_by(company_id=company_id).first()
    if known is not None:
        return known.id
    endpoint = WebhookEndpoint(
        uid=f"e{company_id}",
        company_id=company_id,
        url="https://hooks.example.com/",
        kinds=["workspace.available"],
        sealed_secret="sealed",
        created_at=START,
    )
    db.session.add(endpoint)
    db.session.commit()
    return endpoint.id


def _pattern(world: World) -> Pattern:
    session = db.session
    endpoint_id = _endpoint(world.company_id)
    set_rows(session, Workspace.id == world.workspace_id, **READY)
    application = session.get_one(Application, world.application_id)
    assert application.status is ApplicationStatus.APPROVED
    event = session.query(Event).filter_by(workspace_id=world.workspace_id).first()
    assert event is not None
    delivery = WebhookDelivery(
        uid="pattern",
        endpoint_id=endpoint_id,
        event_id=event.id,
        kind="workspace.available",
        status="delivered",
        tries=[],
    )
    session.add(delivery)
    session.commit()
    return Pattern(
        workspace_id=world.workspace_id,
        application_id=application.id,
        posting_id=application.job_posting_id,
        seeker_id=application.seeker_id,
        event_id=event.id,
        delivery_id=delivery.id,
    )


def first_of(place: int) -> int:
    """The id of the first copy of a filling."""
    return place * STRIDE + 1


def pages_of(company: BigCompany, size: int) -> dict[str, str]:
    """The pages and calls that must cost what they show, by a short name."""
    base, middle = BIG * STRIDE, BIG * STRIDE + max(size // 2, 1)
    job, api = base + 2, "/api/workspaces/workspaces/"
    pages = {
        "start": "/start/",
        "desktop": f"/workspaces/{first_of(BIG)}/",
        "order form": "/workspaces/new",
        "webhooks": "/webhooks/",
        "deliveries": "/webhooks/1/",
        "list": "/workspaces/",
        "list with ended": "/workspaces/?ended=1",
        "search, one": f"/workspaces/?q=person.{middle}",
        "search, none": "/workspaces/?q=nobody.at.all",
        "search, many": "/workspaces/?q=people.example",
        "search, two letters": "/workspaces/?q=pe",
        "search, two for none": "/workspaces/?q=zz",
        "filter job": f"/workspaces/?job={job}",
        "filter cloud": "/workspaces/?cloud=aws",
        "filter other cloud": "/workspaces/?cloud=azure",
        "filter account": f"/workspaces/?credential={company.world.credential_id}",
    }
    pages |= {"costs": "/costs/", "costs, unpriced": "/costs/unpriced"}
    states = ("trouble", "moving", "AVAILABLE", "STOPPED", "ERROR", "PENDING", "TERMINATED", "SUSPENDED")
    pages |= {f"filter {state}": f"/workspaces/?state={state}" for state in states}
    for sort in ("person", "state", "job", "username", "bundle", "cloud", "cost", "connected", "ordered"):
        pages |= {f"sort {way}{sort}": f"/workspaces/?sort={way}{sort}" for way in ("", "-")}
    pages |= {f"filter {kind.value}": f"/workspaces/?cost={kind.value}" for kind in CostFilter}
    pages |= {f"connected {kind.value}": f"/workspaces/?connected={kind.value}" for kind in ConnectedFilter}
    pages["connected 7, by person"] = "/workspaces/?connected=7&sort=person"
    pages["filter unpriced, by cost"] = "/workspaces/?cost=unpriced&sort=-cost"
    for sort in ("-ordered", "person", "state", "-state", "username", "-cost", "-connected"):
        pages[f"deep, by {sort}"] = f"/workspaces/?sort={sort}&after={_mark(company, sort, middle)}"
    pages |= _cost_pages(company, job)
    return pages | {
        "API list": api,
        "API list, deep": f"{api}?cursor={_cursor(company, middle)}",
        "API search": f"{api}?q=person.{middle}",
        "API search, many": f"{api}?q=people.example",
        "API filter": f"{api}?state=ERROR",
        "API person": f"/api/workspaces/people/{base + 20}/",
        "API people": "/api/workspaces/people/",
        "API people, hired": "/api/workspaces/people/?kind=hired",
        "API applications": "/api/workspaces/applications/",
        "budgets": "/costs/budgets/",
        "API budgets": "/api/workspaces/budgets/",
        "running modes": "/costs/modes/",
        "API running modes": "/api/workspaces/running-modes/",
        "group order": f"/cohorts/new?job={job}",
        "jobs": "/jobs/",
        "job": f"/jobs/{job}/",
    }


def _cost_pages(company: BigCompany, job: int) -> dict[str, str]:
    this_month = f"month={MONTH:%Y-%m}&currency=USD"
    behind = f"/costs/desktops?{this_month}"
    pages = {f"costs by {by}": f"/costs/?{this_month}&by={by}" for by in GROUPS}
    for key, by in ((job, "job"), (BIG * STRIDE + 20, "person"), ("Power", "bundle")):
        pages[f"costs, a {by}"] = f"{behind}&by={by}&key={key}"
    return pages | {
        "costs, an account": f"{behind}&by=credential&key={company.world.credential_id}",
        "costs, next page": f"/costs/?{this_month}&by=person&order=billed&after=9000,{job}",
        "costs of a desktop": f"/workspaces/{BIG * STRIDE + 20}/costs",
    }


POLLS = {
    "poll start": "/start/overview",
    "poll list": "/workspaces/rows",
    "poll desktop": f"/workspaces/{BIG * STRIDE + 1}/status",
}


def _mark(company: BigCompany, sort: str, workspace_id: int) -> str:
    with company.app.app_context():
        costs = select(*columns_of(sort)).outerjoin_from(Workspace, DesktopMonth, is_of_month(MONTH))
        costs = costs.outerjoin(DesktopConnection, DesktopConnection.workspace_id == Workspace.id)
        found = db.session.execute(costs.where(Workspace.id == workspace_id)).one()
        db.session.rollback()
    return Mark(Place(tuple(found)), 51).value


def _cursor(company: BigCompany, workspace_id: int) -> str:
    with company.app.app_context():
        at = db.session.get_one(Workspace, workspace_id).created_at
        db.session.rollback()
    key = newest_first(at, workspace_id)
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
