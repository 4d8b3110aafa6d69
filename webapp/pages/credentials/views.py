"""Cloud credentials: the company's access to a cloud account. Secrets are write-only."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from webapp.domain.duties import trouble_of
from webapp.domain.permissions import Permission
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import company_id, service_context
from webapp.models import CloudCredential, InquiryKind
from webapp.pages import live
from webapp.pages.credentials.forms import CredentialForm, form_about, form_for
from webapp.pages.credentials.questions import Question, question_about
from webapp.pages.fields import BerthForm, needed
from webapp.providers.registry import find_provider, get_provider, list_providers
from webapp.queries import credentials as queries
from webapp.queries import duties
from webapp.queries.orphans import count_orphans
from webapp.services import alarms, inquiries
from webapp.services import credentials as service
from webapp.services.credential_values import offered_ways

bp = Blueprint("credentials", __name__, url_prefix="/credentials")

TEST = InquiryKind.TEST_CREDENTIAL


class NameForm(BerthForm):
    """An erased secret cannot be restored, so the person types the name first."""

    confirm = StringField("Name of the cloud account", [needed("Type the name to confirm.")])

    def names(self, credential: CloudCredential) -> bool:
        is_right = (self.confirm.data or "").strip() == credential.name
        if not is_right:
            self.confirm.errors = [f"The name does not match. Type {credential.name}."]
        return is_right


@bp.get("/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    credentials = queries.list_credentials(service_context().session, company_id=company_id())
    return render_template("credentials/index.html", credentials=credentials)


@bp.get("/new")
@requires(Permission.MANAGE_CREDENTIALS)
@needs_fresh_proof
def new() -> ResponseReturnValue:
    cloud = request.args.get("cloud", "")
    if find_provider(cloud) is None:
        return render_template("credentials/choose.html", providers=list_providers())
    offered = {one.auth_kind for one in offered_ways(service_context().settings, cloud)}
    asked = request.args.get("auth_kind", "")
    return _new(form_for(cloud, asked if asked in offered else ""))


@bp.post("/")
@requires(Permission.MANAGE_CREDENTIALS)
@needs_fresh_proof
def create() -> ResponseReturnValue:
    cloud = request.form.get("cloud_provider", "")
    if find_provider(cloud) is None:
        return render_template("credentials/choose.html", providers=list_providers()), 422
    form = form_for(cloud, request.form.get("auth_kind", ""))
    if form.validate_on_submit():
        with form.landing():
            made = service.create_credential(
                service_context(),
                company_id=company_id(),
                name=form.name.data or "",
                cloud_provider=cloud,
                auth_kind=form.cloud.auth_kind,
                fields=form.fields(),
            )
            return redirect(url_for(".show", credential_id=made.id), code=303)
    return _new(form), form.status


def _new(form: CredentialForm) -> str:
    ways = offered_ways(service_context().settings, form.cloud_provider)
    return render_template("credentials/new.html", form=form, ways=ways)


@bp.get("/<int:credential_id>/")
@requires(Permission.READ_WORK)
def show(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    session = service_context().session
    return render_template(
        "credentials/show.html",
        credential=credential,
        question=_test_of(credential),
        trust=_trust_of(credential),
        duty_trouble=trouble_of(duties.list_failing(session, credential)),
        inventoried_at=duties.list_inventoried(session, [credential]).get(credential.id),
        needed_by=queries.count_live_workspaces(session, credential),
        orphan_count=count_orphans(session, company_id=company_id(), credential_id=credential.id),
    )


def _trust_of(credential: CloudCredential) -> str:
    """Whom the company's role lets in; empty where there is none, or this installation has no name there."""
    principal = service_context().settings.identity_of(credential.cloud_provider).principal
    guide = get_provider(credential.cloud_provider).setup_guide
    is_needed = credential.cloud_fields.needs_own_identity and principal
    return guide.trust_for(principal, credential.public_fields) if is_needed else ""


@bp.get("/<int:credential_id>/checks")
@requires(Permission.READ_WORK)
def checks(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    question = _test_of(credential)
    etag = live.etag_of(
        credential.id, credential.version, question.mark, credential.status, credential.blocked_code
    )
    return live.unchanged(etag) or live.fragment(
        "credentials/_checks.html", etag=etag, credential=credential, question=question
    )


@bp.get("/<int:credential_id>/edit")
@requires(Permission.MANAGE_CREDENTIALS)
@needs_fresh_proof
def edit(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    return _edit(credential, form_about(credential, request.args.get("auth_kind") or credential.auth_kind))


@bp.post("/<int:credential_id>/")
@requires(Permission.MANAGE_CREDENTIALS)
@needs_fresh_proof
def update(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    form = form_for(credential.cloud_provider, request.form.get("auth_kind") or credential.auth_kind)
    if form.validate_on_submit():
        with form.landing():
            service.change_credential(
                service_context(),
                credential_id,
                company_id=company_id(),
                name=form.name.data or "",
                auth_kind=form.cloud.auth_kind,
                fields=form.fields(),
            )
            flash("Saved.")
            return redirect(url_for(".show", credential_id=credential_id), code=303)
    return _edit(_load(credential_id), form), form.status


def _edit(credential: CloudCredential, form: CredentialForm) -> str:
    """Also for another way to sign in than the stored one, which stays to choose."""
    offered = offered_ways(service_context().settings, credential.cloud_provider)
    ways = [credential.cloud_fields, *(one for one in offered if one.auth_kind != credential.auth_kind)]
    return render_template("credentials/edit.html", form=form, credential=credential, ways=ways)


@bp.post("/<int:credential_id>/test")
@requires(Permission.MANAGE_CREDENTIALS)
def test(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    ask = inquiries.ask if live.is_fragment() else inquiries.ask_and_wait
    ask(service_context(), credential_id=credential.id, kind=TEST)
    return live.done(
        "credentials/_checks.html",
        otherwise=url_for(".show", credential_id=credential_id),
        credential=_load(credential_id),
        question=_test_of(credential),
    )


@bp.post("/<int:credential_id>/confirm-loss")
@requires(Permission.MANAGE_CREDENTIALS)
def confirm_loss(credential_id: int) -> ResponseReturnValue:
    alarms.confirm_loss(service_context(), credential_id, company_id=company_id())
    flash("Berth checks the cloud once more, then marks them as lost.")
    return redirect(url_for(".show", credential_id=credential_id), code=303)


@bp.get("/<int:credential_id>/delete")
@requires(Permission.MANAGE_CREDENTIALS)
@needs_fresh_proof
def ask_delete(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    return _ask_delete(credential, NameForm())


@bp.post("/<int:credential_id>/delete")
@requires(Permission.MANAGE_CREDENTIALS)
@needs_fresh_proof
def delete(credential_id: int) -> ResponseReturnValue:
    credential, form = _load(credential_id), NameForm()
    is_needed = queries.count_live_workspaces(service_context().session, credential) > 0
    if not is_needed and not (form.validate_on_submit() and form.names(credential)):
        return _ask_delete(credential, form), form.status
    service.delete_credential(service_context(), credential_id, company_id=company_id())
    flash("Cloud account deleted and its secret erased.")
    return redirect(url_for(".index"), code=303)


def _ask_delete(credential: CloudCredential, form: NameForm) -> str:
    needed_by = queries.count_live_workspaces(service_context().session, credential)
    return render_template("credentials/delete.html", credential=credential, needed_by=needed_by, form=form)


def _load(credential_id: int) -> CloudCredential:
    return queries.get_credential(service_context().session, credential_id, company_id=company_id())


def _test_of(credential: CloudCredential) -> Question:
    return question_about(credential, TEST)
