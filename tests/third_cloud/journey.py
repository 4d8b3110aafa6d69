"""From the credential's form to a desktop in use, on the third cloud: by the pages, and through the API.

Real pages, API, services and engine; only the clock and the queue are the tests' (`tests/desk.py`).
"""

from pathlib import Path
from typing import Any

from flask import Flask

from tests.desk import Desk, RecordingNotifier, StoryClock, WaitingClock, make_settings, migrate
from tests.pages.reader import Visitor
from tests.third_cloud.driver import TideDriver
from tests.third_cloud.service import TideStage, running
from webapp.clouds.registry import DRIVERS, by_key
from webapp.domain.lifecycle import State
from webapp.engine.context import Engine
from webapp.extensions import db
from webapp.factory import create_app
from webapp.services import tokens

API = "/api/workspaces"


class TideDesk(Desk):
    def make_engine(self, **changes: object) -> Engine:
        return super().make_engine(**({"drivers": DRIVERS | by_key([TideDriver])} | changes))


def travel(folder: Path) -> dict[str, Any]:
    """What was met on the way, by a name that the test knows."""
    database_url = f"sqlite:///{folder / 'berth.sqlite3'}"
    migrate(database_url)
    with running() as stage:
        settings = make_settings(database_url, stage)
        clock, notifier = StoryClock(stage.control), RecordingNotifier()
        parts = {"settings": settings, "clock": clock, "notifier": notifier, "sandbox": stage.control}
        desk = TideDesk(**parts, stage=stage, is_empty=True)  # type: ignore[arg-type]  # a stage in part
        waiting = WaitingClock(clock)
        waiting.work = desk.work
        app = create_app(settings, clock=waiting, notifier=notifier)
        app.config["RATELIMIT_ENABLED"] = False
        try:
            desk.provider = desk.add_provider("provider@example.com", company="Quayside")
            desk.posting_id = desk.open_posting(desk.provider)
            return by_pages(desk, app, stage) | by_api(desk, app, stage)
        finally:
            desk.close()
            with app.app_context():
                db.engine.dispose()


def by_pages(desk: Desk, app: Flask, stage: TideStage) -> dict[str, Any]:
    visitor = visitor_of(desk, app, "provider@example.com")
    form = str(visitor.read("/credentials/new").by_id("choose-tide")["href"])
    fields = [name for name in stage.fields if visitor.read(form).by_id(name)]
    made = visitor.post("/credentials/", {"cloud_provider": "tide", "name": "Tide", **stage.fields})
    credential_id = int(str(made.location).strip("/").rpartition("/")[2])
    visitor.post(f"/credentials/{credential_id}/test")

    application = desk.add_application()
    order_form = visitor.read(f"/workspaces/new?application={application.id}&credential={credential_id}")
    ordered = visitor.post(
        "/workspaces/",
        {
            "application_id": application.id,
            "cloud_credential_id": credential_id,
            "bundle_id": stage.bundle_id,
            "username": "ada",
        },
    )
    workspace_id = int(str(ordered.location).strip("/").rpartition("/")[2])
    desk.live_until(workspace_id, State.AVAILABLE)
    seeker = visitor_of(desk, app, application.seeker.email)
    return {
        "fields on the form": fields,
        "the order form speaks Tide": "Tide bills by the day." in order_form.text,
        "by pages": desk.row(workspace_id).state,
        "the person’s way in": seeker.read(f"/desktops/{workspace_id}/").by_id("open-client")["href"],
    }


def visitor_of(desk: Desk, app: Flask, email: str) -> Visitor:
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = desk.session_token(email), True
    return Visitor(browser)


def by_api(desk: Desk, app: Flask, stage: TideStage) -> dict[str, Any]:
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="journey")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    fields = stage.fields | {"tide_project": "quay"}
    body = {"name": "Tide by API", "cloud_provider": "tide", **fields}
    credential: Any = client.post(f"{API}/cloud-credentials/", json=body).json
    test: Any = client.post(f"{API}/cloud-credentials/{credential['id']}/test/").json
    bundles: Any = client.get(f"{API}/bundles/{credential['id']}/").json
    ordered: Any = client.post(
        f"{API}/workspaces/",
        json={
            "application_id": desk.add_application().id,
            "cloud_credential_id": credential["id"],
            "workspace_type": stage.workspace_type,
            "bundle_id": bundles["bundles"][0]["bundle_id"],
            "username": "grace",
        },
    ).json
    desk.live_until(ordered["id"], State.AVAILABLE)
    ready: Any = client.get(f"{API}/workspaces/{ordered['id']}/").json
    document: Any = client.get(f"{API}/openapi.json").json
    return {
        "its test": test["ok"],
        "by API": ready["state"],
        "its link": ready["connection_string"],
        "in the document": "tide_project" in document["components"]["schemas"]["NewCredential"]["properties"],
        "machines": sorted((one.project, one.user, one.state) for one in stage.control.machines),
    }
