"""Cloud credentials: the company's way into a cloud account. Secrets go in and never come out."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from webapp.domain.cloud_fields import AWS_REGIONS
from webapp.domain.roles import Role
from webapp.guards import requires
from webapp.identity import company_id, doors
from webapp.models import CloudCredential, InquiryKind
from webapp.pages import live
from webapp.pages.asking import Question, question_about
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.queries import credentials as queries
from webapp.queries.orphans import count_orphans
from webapp.services import alarms, inquiries
from webapp.services import credentials as service

bp = Blueprint("credentials", __name__, url_prefix="/credentials")

TEST = InquiryKind.TEST_CREDENTIAL


REGIONS = [
    SelectChoice("", "Choose…"),
    *(SelectChoice(code, f"{name} · {code}") for code, name in AWS_REGIONS.items()),
]


class CredentialForm(BerthForm):
    """Amazon's fields; another cloud brings its own form."""

    name = StringField("Name", [needed("Give the credential a name."), at_most(80)])
    region = SelectField(
        "Region",
        choices=REGIONS,
        validators=[needed("Choose the region of the directory.")],
    )
    directory_id = StringField("Directory id", [needed("Enter the id of the directory."), at_most(70)])
    access_key_id = StringField("Access key id", [needed("Enter the access key id."), at_most(40)])
    secret_access_key = PasswordField("Secret access key", [at_most(128)])

    def fields(self) -> dict[str, str]:
        skipped = ("csrf_token", "name")
        return {name: value or "" for name, value in self.data.items() if name not in skipped}


@bp.get("/")
@requires(Role.PROVIDER)
def index() -> ResponseReturnValue:
    credentials = queries.list_credentials(doors().session, company_id=company_id())
    return render_template("credentials/index.html", credentials=credentials)


@bp.get("/new")
@requires(Role.PROVIDER)
def new() -> ResponseReturnValue:
    return render_template("credentials/new.html", form=CredentialForm())


@bp.post("/")
@requires(Role.PROVIDER)
def create() -> ResponseReturnValue:
    form = CredentialForm()
    if form.validate_on_submit():
        with form.landing():
            made = service.create_credential(
                doors(), company_id=company_id(), name=form.name.data, cloud_provider="aws",
                fields=form.fields())  # fmt: skip
            return redirect(url_for(".show", credential_id=made.id), code=303)
    return render_template("credentials/new.html", form=form), form.status


@bp.get("/<int:credential_id>/")
@requires(Role.PROVIDER)
def show(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    session = doors().session
    return render_template(
        "credentials/show.html",
        credential=credential,
        question=_test_of(credential),
        needed_by=queries.count_live_workspaces(session, credential_id=credential.id),
        orphan_count=count_orphans(session, company_id=company_id(), credential_id=credential.id),
    )


@bp.get("/<int:credential_id>/checks")
@requires(Role.PROVIDER)
def checks(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    question = _test_of(credential)
    etag = live.etag_of(credential.id, credential.version, question.mark, credential.status)
    return live.unchanged(etag) or live.fragment(
        "credentials/_checks.html", etag=etag, credential=credential, question=question
    )


@bp.get("/<int:credential_id>/edit")
@requires(Role.PROVIDER)
def edit(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    form = CredentialForm(data={"name": credential.name, **credential.public_fields})
    return render_template("credentials/edit.html", form=form, credential=credential)


@bp.post("/<int:credential_id>/")
@requires(Role.PROVIDER)
def update(credential_id: int) -> ResponseReturnValue:
    form = CredentialForm()
    if form.validate_on_submit():
        with form.landing():
            service.change_credential(
                doors(), credential_id, company_id=company_id(), name=form.name.data,
                fields=form.fields())  # fmt: skip
            flash("Saved.")
            return redirect(url_for(".show", credential_id=credential_id), code=303)
    page = render_template("credentials/edit.html", form=form, credential=_load(credential_id))
    return page, form.status


@bp.post("/<int:credential_id>/test")
@requires(Role.PROVIDER)
def test(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    ask = inquiries.ask if live.is_fragment() else inquiries.ask_and_wait
    ask(doors(), credential_id=credential.id, kind=TEST)
    return live.done(
        "credentials/_checks.html", otherwise=url_for(".show", credential_id=credential_id),
        credential=_load(credential_id), question=_test_of(credential))  # fmt: skip


@bp.post("/<int:credential_id>/confirm-loss")
@requires(Role.PROVIDER)
def confirm_loss(credential_id: int) -> ResponseReturnValue:
    alarms.confirm_loss(doors(), credential_id, company_id=company_id())
    flash("Berth calls them lost as soon as it has looked once more.")
    return redirect(url_for(".show", credential_id=credential_id), code=303)


@bp.get("/<int:credential_id>/delete")
@requires(Role.PROVIDER)
def ask_delete(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    needed_by = queries.count_live_workspaces(doors().session, credential_id=credential.id)
    return render_template("credentials/delete.html", credential=credential, needed_by=needed_by)


@bp.post("/<int:credential_id>/delete")
@requires(Role.PROVIDER)
def delete(credential_id: int) -> ResponseReturnValue:
    service.delete_credential(doors(), credential_id, company_id=company_id())
    flash("The credential is deleted, and its secret is erased.")
    return redirect(url_for(".index"), code=303)


def _load(credential_id: int) -> CloudCredential:
    return queries.get_credential(doors().session, credential_id, company_id=company_id())


def _test_of(credential: CloudCredential) -> Question:
    return question_about(credential, TEST)
