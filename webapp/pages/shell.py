"""What every page has around it: navigation, the sandbox banner, and the filters of the templates."""

from datetime import datetime

from flask import Flask, g, request, url_for
from flask_login import current_user

from webapp.domain import catalogue
from webapp.domain.costs.rates import HOURS_OF_USE
from webapp.domain.roles import Role
from webapp.domain.secret_expiry import Expiry, expiry_of
from webapp.domain.sentences import say
from webapp.identity import Viewer, service_context
from webapp.models import CloudCredential
from webapp.pages import time_words, words
from webapp.pages.allowed import may_open, may_post, may_use
from webapp.pages.change_words import changes_in_words
from webapp.pages.live_events import live_events
from webapp.pages.role_words import role_name
from webapp.providers.registry import get_provider
from webapp.signatures import may_be_of_another_site

NAVIGATION: dict[Role | None, tuple[tuple[str, str], ...]] = {
    None: (("board.index", say("Jobs")),),
    # What a role in the company does not allow is left out.
    Role.PROVIDER: (
        ("start.index", say("Start")),
        ("workspaces.index", say("Desktops")),
        ("job_postings.index", say("Job postings")),
        ("people.index", say("People")),
        ("credentials.index", say("Cloud accounts")),
        ("costs.index", say("Costs")),
        ("mails.index", say("Mail")),
        ("trail.index", say("Trail")),
        ("tokens.index", say("API")),
    ),
    Role.SEEKER: (("desktops.index", say("My desktops")), ("board.index", say("Find work"))),
    Role.ADMIN: (("operator.index", "Installation"), ("trail.index", "Trail"), ("board.index", say("Jobs"))),
}
_SAME_SECTION = {
    "orders": "workspaces",
    "bulk": "workspaces",
    "help_requests": "workspaces",
    "cohorts": "workspaces",
    "workspace_reports": "workspaces",
    "end_records": "workspaces",
    "record_list": "workspaces",
    "orphans": "workspaces",
    "starts_and_ends": "workspaces",
    "bundles": "credentials",
    "retired": "credentials",
    "moves": "workspaces",
    "system_images": "workspaces",
    "applications": "job_postings",
    "profiles": "job_postings",
    "budgets": "costs",
    "capacity": "costs",
    "identity_provider": "people",
    "webhooks": "tokens",
    "reference": "tokens",
}


def register(app: Flask) -> None:
    app.jinja_env.filters["changes_in_words"] = changes_in_words
    app.jinja_env.filters["role_name"] = role_name
    app.jinja_env.globals["may_use"] = may_use
    app.jinja_env.globals["may_open"] = may_open
    app.jinja_env.globals["may_post"] = may_post
    app.jinja_env.filters["ago"] = lambda at: time_words.ago(at, now=service_context().clock.now())
    app.jinja_env.filters["happened"] = lambda at: time_words.happened(at, now=service_context().clock.now())
    app.jinja_env.filters["span"] = time_words.span
    app.jinja_env.filters["at_most"] = words.at_most
    app.jinja_env.filters["rfc3339"] = rfc3339
    app.jinja_env.globals["hours_of_use"] = HOURS_OF_USE
    app.jinja_env.filters["code_words"] = catalogue.entry
    app.jinja_env.filters["state_words"] = words.state_words
    app.jinja_env.filters["compute_name"] = words.compute_name
    app.jinja_env.filters["kind_of_cost"] = words.kind_of_cost
    app.jinja_env.filters["state_label"] = words.state_label
    app.jinja_env.filters["provider"] = get_provider
    app.jinja_env.filters["place"] = _place
    app.jinja_env.filters["expiry"] = _expiry
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def shell() -> dict[str, object]:
        viewer = _viewer()
        is_unknown = ("is_error" in g and "viewer" not in g) or may_be_of_another_site()
        settings = service_context().settings
        return {
            "viewer": viewer,
            "is_viewer_unknown": is_unknown,
            "company_name": viewer.company_name if viewer else None,
            "navigation": [] if is_unknown else _navigation(viewer.role if viewer else None),
            "settings": settings,
            "page_at_ms": round(service_context().clock.now().timestamp() * 1000),
            "live_events": live_events(settings.live_url),
        }


def _viewer() -> Viewer | None:
    """On an error's page only who is known already: it asks the database nothing."""
    if "viewer" in g or "is_error" in g:
        known: Viewer | None = g.get("viewer")
        return known
    return Viewer.of(current_user.user) if current_user.is_authenticated else None


def _place(credential: CloudCredential) -> str:
    return get_provider(credential.cloud_provider).fields.place_of(credential.public_fields)


def _expiry(credential: CloudCredential) -> Expiry | None:
    return expiry_of(credential.public_fields, today=service_context().clock.now().date())


def rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _navigation(role: Role | None) -> list[dict[str, object]]:
    section = _SAME_SECTION.get(request.blueprint or "", request.blueprint)
    links = [one for one in NAVIGATION[role] if may_use(one[0])]
    return [
        {"href": url_for(endpoint), "text": text, "is_current": endpoint.partition(".")[0] == section}
        for endpoint, text in links
    ]
