"""Webhooks: the URLs that receive a company's events, and the log of deliveries."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user
from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.domain.permissions import Permission
from webapp.domain.webhooks import KINDS, TEST
from webapp.extensions import limiter
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import company_id, service_context
from webapp.models.webhook import URL_LENGTH
from webapp.pages.fields import BerthForm, at_most, choice, needed
from webapp.pages.workspaces.table import whole_number
from webapp.queries import webhooks as queries
from webapp.services import webhooks as service

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

PAGE_SIZE = 50
KIND_WORDS = {
    "workspace.available": "A desktop is available",
    "workspace.error": "A desktop needs attention",
    "workspace.terminated": "A desktop has ended",
    "workspace.suspended": "Access has ended; the desktop is kept for a grace",
    "workspace.resumed": "A termination was undone, or a desktop given back",
    "workspace.extended": "A contract was extended",
    "workspace.handed_over": "The next person takes over from a desktop",
    "restore.done": "A desktop was taken back to a snapshot",
    "workspace.state_changed": "Any change of state",
    "person.first_connected": "A person has connected for the first time",
    "workspace.idle": "Nobody has been connected to a desktop for a while",
    "backup.failed": "No snapshot of a desktop’s disk could be taken",
    "budget.warning": "A budget is nearly used up",
    "budget.reached": "A budget is used up, or has refused an order",
    TEST: "A test, asked for by the API",
}
ERROR_WORDS = {
    "address_refused": "The host name points to a private network address; nothing was sent.",
    "port_refused": "Berth does not send webhooks to this port; nothing was sent.",
    "not_found": "The host name could not be resolved.",
    "timed_out": "No response within 10 seconds.",
    "tls": "No secure connection: check the certificate.",
    "unreachable": "Could not connect.",
}


def _counted_as() -> str:
    """The company; the address of whoever has none, and is refused after this."""
    company = current_user.user.company_id if current_user.is_authenticated else None
    return f"company:{company}" if company else get_remote_address()


class WebhookForm(BerthForm):
    url = StringField(
        "URL", [needed("Enter the URL that Berth should send requests to."), at_most(URL_LENGTH)]
    )
    kinds = SelectMultipleField(
        "Send these events",
        choices=[choice(kind, KIND_WORDS[kind]) for kind in KINDS],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class IdleForm(BerthForm):
    idle_days = IntegerField("Days without a connection", [Optional()])


@bp.get("/")
@requires(Permission.READ_WEBHOOKS)
def index() -> ResponseReturnValue:
    return _page(WebhookForm(kinds=list(KINDS[:3])))


@bp.post("/")
@requires(Permission.MANAGE_WEBHOOKS)
@needs_fresh_proof
def create() -> ResponseReturnValue:
    form = WebhookForm()
    if form.validate_on_submit():
        with form.landing():
            endpoint, key = service.add_endpoint(
                service_context(),
                company_id=company_id(),
                url=form.url.data or "",
                kinds=form.kinds.data or (),
            )
            return _page(WebhookForm(formdata=None, kinds=list(KINDS[:3])), made=key, made_url=endpoint.url)
    return _page(form), form.status


@bp.post("/idle")
@requires(Permission.MANAGE_WEBHOOKS)
def set_idle_days() -> ResponseReturnValue:
    form = IdleForm()
    if form.validate_on_submit():
        with form.landing():
            service.set_idle_days(service_context(), form.idle_days.data, company_id=company_id())
            flash("Saved.")
            return redirect(url_for(".index"), code=303)
    return _page(WebhookForm(formdata=None, kinds=list(KINDS[:3])), idle_form=form), form.status


@bp.get("/<int:endpoint_id>/")
@requires(Permission.READ_WEBHOOKS)
def show(endpoint_id: int) -> ResponseReturnValue:
    endpoint = queries.get_endpoint(service_context().session, endpoint_id, company_id=company_id())
    rows = queries.list_deliveries(
        service_context().session,
        endpoint=endpoint,
        limit=PAGE_SIZE + 1,
        before_id=whole_number("before"),
    )
    return render_template(
        "webhooks/show.html",
        endpoint=endpoint,
        deliveries=rows[:PAGE_SIZE],
        kind_words=KIND_WORDS,
        error_words=ERROR_WORDS,
        next_before=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
    )


@bp.post("/<int:endpoint_id>/pause")
@requires(Permission.MANAGE_WEBHOOKS)
def pause(endpoint_id: int) -> ResponseReturnValue:
    service.set_active(service_context(), endpoint_id, company_id=company_id(), is_active=False)
    return redirect(url_for(".show", endpoint_id=endpoint_id), code=303)


@bp.post("/<int:endpoint_id>/resume")
@requires(Permission.MANAGE_WEBHOOKS)
def resume(endpoint_id: int) -> ResponseReturnValue:
    service.set_active(service_context(), endpoint_id, company_id=company_id(), is_active=True)
    return redirect(url_for(".show", endpoint_id=endpoint_id), code=303)


@bp.get("/<int:endpoint_id>/delete")
@requires(Permission.MANAGE_WEBHOOKS)
@needs_fresh_proof
def ask_delete(endpoint_id: int) -> ResponseReturnValue:
    endpoint = queries.get_endpoint(service_context().session, endpoint_id, company_id=company_id())
    return render_template("webhooks/delete.html", endpoint=endpoint)


@bp.post("/<int:endpoint_id>/delete")
@requires(Permission.MANAGE_WEBHOOKS)
@needs_fresh_proof
def destroy(endpoint_id: int) -> ResponseReturnValue:
    service.remove_endpoint(service_context(), endpoint_id, company_id=company_id())
    flash("Webhook and its log deleted.")
    return redirect(url_for(".index"), code=303)


@bp.post("/deliveries/<int:delivery_id>/redeliver")
@limiter.limit(lambda: str(current_app.config["REDELIVERY_RATE"]), key_func=_counted_as)
@requires(Permission.MANAGE_WEBHOOKS)
def redeliver(delivery_id: int) -> ResponseReturnValue:
    delivery = service.redeliver(service_context(), delivery_id, company_id=company_id())
    flash("Berth sends it again now.")
    return redirect(url_for(".show", endpoint_id=delivery.endpoint_id), code=303)


def _page(form: WebhookForm, *, idle_form: IdleForm | None = None, **made: str) -> str:
    session, company = service_context().session, company_id()
    days = queries.idle_days(session, company_id=company)
    return render_template(
        "webhooks/index.html",
        form=form,
        idle_form=idle_form or IdleForm(formdata=None, idle_days=days),
        endpoints=queries.list_endpoints(session, company_id=company),
        counts=queries.count_by_status(session, company_id=company),
        **made,
    )
