"""The JSON door: mirrors the documented API; parses, calls the services, answers. No rule lives here."""

from flask import Flask
from flask_smorest import Api

from webapp.api import bundles, cloud_credentials, document, workspace_actions, workspace_reports, workspaces
from webapp.api.door import bp
from webapp.api.problems import answer_unknown_paths
from webapp.api.schemas.problem import Problem

DEFAULT_RATE = "600 per minute"
NOUNS = (workspaces, workspace_actions, workspace_reports, bundles, cloud_credentials, document)
"""Importing them puts their views on the blueprint."""


class BerthApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """Documents and validates; errors are rendered by `problems`, on our blueprint only."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        # flask-smorest would answer the whole app's errors in JSON, pages included.
        return


def register(app: Flask) -> None:
    """Join the API to the app."""
    app.config.setdefault("API_RATE", DEFAULT_RATE)
    app.before_request(answer_unknown_paths)
    joined = BerthApi(app, spec_kwargs={"info": {"description": document.DESCRIPTION}})
    document.describe_callers(joined, session_cookie=app.config["SESSION_COOKIE_NAME"])
    joined.register_blueprint(bp)
