"""Snapshots of disks of a cloud account: how many are kept, and those that no desktop explains."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired

from webapp.domain.disk_snapshots import SnapshotPolicy
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context
from webapp.models import CloudCredential, DiskSnapshot
from webapp.pages.fields import BerthForm, needed
from webapp.providers.registry import get_provider
from webapp.queries import credentials as credential_queries
from webapp.queries import disk_snapshots as queries
from webapp.services import disk_snapshots as service

bp = Blueprint("disk_snapshots", __name__, url_prefix="/credentials/<int:credential_id>/snapshots")

_A_NUMBER = "Enter a number."


class PolicyForm(BerthForm):
    is_on = BooleanField("Take a snapshot of each desktop's disk every day")
    daily = IntegerField("Daily ones", [InputRequired(_A_NUMBER)])
    weekly = IntegerField("Weekly ones", [InputRequired(_A_NUMBER)])
    days_after_end = IntegerField("Days after a desktop's end", [InputRequired(_A_NUMBER)])


class NameForm(BerthForm):
    confirm = StringField("To confirm", [needed("Type it to confirm.")])


@bp.get("/")
@requires(Permission.READ_WORK)
def index(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    session, company = service_context().session, company_id()
    policy = queries.policy_of(session, credential_id=credential_id, company_id=company)
    form = PolicyForm(
        data={
            "is_on": policy.is_on,
            "daily": policy.daily,
            "weekly": policy.weekly,
            "days_after_end": policy.days_after_end,
        }
    )
    return _page(credential, form)


@bp.post("/")
@requires(Permission.MANAGE_CREDENTIALS)
def save(credential_id: int) -> ResponseReturnValue:
    credential, form = _load(credential_id), PolicyForm()
    if form.validate_on_submit():
        with form.landing():
            policy = SnapshotPolicy(
                is_on=bool(form.is_on.data),
                daily=form.daily.data or 0,
                weekly=form.weekly.data or 0,
                days_after_end=form.days_after_end.data or 0,
            )
            service.set_policy(service_context(), credential_id, policy, company_id=company_id())
            flash("Saved. Berth takes and deletes snapshots by these numbers from now on.")
            return _to_list(credential_id)
    return _page(_load(credential.id), form), form.status


@bp.get("/<int:snapshot_id>/delete")
@requires(Permission.END)
def ask_delete(credential_id: int, snapshot_id: int) -> ResponseReturnValue:
    return _delete_page(_load(credential_id), _find(credential_id, snapshot_id), NameForm())


@bp.post("/<int:snapshot_id>/delete")
@requires(Permission.END)
def delete(credential_id: int, snapshot_id: int) -> ResponseReturnValue:
    credential, snapshot, form = _load(credential_id), _find(credential_id, snapshot_id), NameForm()
    if form.validate_on_submit():
        if (form.confirm.data or "").strip() == snapshot.name:
            service.delete_unknown(
                service_context(), snapshot_id, credential_id=credential_id, company_id=company_id()
            )
            flash("Berth checks the snapshot's tag once more, then deletes it.")
            return _to_list(credential_id)
        form.confirm.errors = ["This is not its name."]
    return _delete_page(credential, snapshot, form), form.status


def _page(credential: CloudCredential, form: PolicyForm) -> str:
    session, about = service_context().session, {"credential_id": credential.id, "company_id": company_id()}
    return render_template(
        "credentials/snapshots.html",
        credential=credential,
        can_have=get_provider(credential.cloud_provider).desktops.keeps_disk_snapshots,
        form=form,
        setting=queries.find_setting(session, **about),
        kept=queries.count_standing(session, credential_id=credential.id),
        unknown=queries.list_unknown(session, **about),
    )


def _delete_page(credential: CloudCredential, snapshot: DiskSnapshot, form: NameForm) -> str:
    return render_template(
        "credentials/snapshot_delete.html", credential=credential, snapshot=snapshot, form=form
    )


def _find(credential_id: int, snapshot_id: int) -> DiskSnapshot:
    """Raises NotFound."""
    return queries.get_unknown(
        service_context().session, snapshot_id, credential_id=credential_id, company_id=company_id()
    )


def _load(credential_id: int) -> CloudCredential:
    return credential_queries.get_credential(
        service_context().session, credential_id, company_id=company_id()
    )


def _to_list(credential_id: int) -> ResponseReturnValue:
    return redirect(url_for(".index", credential_id=credential_id), code=303)
