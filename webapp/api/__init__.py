"""The JSON API: parses requests, calls the services and renders responses. It contains no business rules."""

from functools import partial

from flask import Flask

from webapp.api import (
    applications,
    budgets,
    bundles,
    capacity,
    cloud_credentials,
    cohorts,
    costs,
    disk_snapshots,
    document,
    invitations,
    job_postings,
    orphans,
    people,
    pools,
    profiles,
    running_modes,
    webhooks,
)
from webapp.api.blueprint import bp, settle_limit_headers
from webapp.api.late_document import BerthApi
from webapp.api.problems import answer_unknown_paths
from webapp.api.workspaces import actions as workspace_actions
from webapp.api.workspaces import bringing_back as workspace_bringing_back
from webapp.api.workspaces import costs as workspace_costs
from webapp.api.workspaces import hand_overs as workspace_hand_overs
from webapp.api.workspaces import moves as workspace_moves
from webapp.api.workspaces import records as workspace_records
from webapp.api.workspaces import reports as workspace_reports
from webapp.api.workspaces import system_images as workspace_system_images
from webapp.api.workspaces import troubleshooting
from webapp.api.workspaces import views as workspaces

RATES = {"API_RATE": "600 per minute", "API_ADDRESS_RATE": "3000 per minute"}
"""Calls per token (or anonymous address), and calls per address whatever the token."""
NOUNS = (
    workspaces,
    workspace_actions,
    workspace_bringing_back,
    workspace_hand_overs,
    workspace_moves,
    workspace_system_images,
    workspace_reports,
    workspace_costs,
    workspace_records,
    troubleshooting,
    bundles,
    cloud_credentials,
    orphans,
    costs,
    budgets,
    capacity,
    running_modes,
    pools,
    disk_snapshots,
    job_postings,
    profiles,
    applications,
    invitations,
    people,
    cohorts,
    webhooks,
    document,
)
"""Importing these modules registers their views on the blueprint."""


def register(app: Flask) -> None:
    """Register the API with the app."""
    for name, rate in RATES.items():
        app.config.setdefault(name, rate)
    app.before_request(answer_unknown_paths)
    # Flask calls these last to first: at the front it comes after the limiter has written its headers.
    app.after_request_funcs.setdefault(None, []).insert(0, settle_limit_headers)
    joined = BerthApi(app, spec_kwargs={"info": {"description": document.DESCRIPTION}})
    joined.register_blueprint(bp)
    joined.describe_later(
        partial(document.describe_conventions, session_cookie=app.config["SESSION_COOKIE_NAME"])
    )
