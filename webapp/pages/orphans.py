"""Unmanaged desktops (orphans): what drift detection found, and the possible decisions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from webapp.domain.ids import LARGEST_ID
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.domain.permissions import Permission
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import actor, company_id, service_context
from webapp.models import CloudCredential, Orphan
from webapp.pages import words
from webapp.pages.fields import MOST_LISTED, BerthForm, choice, chosen_id, needed, searched_for
from webapp.queries import applications, credentials, duties
from webapp.queries import orphans as queries
from webapp.queries.branches import MOST_COUNTED
from webapp.services import adoption
from webapp.services import orphans as service

bp = Blueprint("orphans", __name__, url_prefix="/orphans")

PAGE_SIZE = 100
MOST = MOST_COUNTED + 1
OURS = tuple(kind for kind in OrphanKind if kind.is_ours)


class ConfirmForm(BerthForm):
    confirm = StringField("To confirm", [needed("Type it to confirm.")])


class AdoptForm(BerthForm):
    application_id = SelectField("Person", coerce=chosen_id, validate_choice=False)


@bp.get("/")
@requires(Permission.READ_ORPHANS)
def index() -> ResponseReturnValue:
    session, company = service_context().session, company_id()
    credential = _chosen()
    after_id = request.args.get("after", 0, type=int)
    if not 0 <= after_id <= LARGEST_ID:
        after_id = 0
    chosen = credential.id if credential else None
    shows_ignored = "ignored" in request.args
    statuses = (OrphanStatus.IGNORED,) if shows_ignored else (OrphanStatus.OPEN, OrphanStatus.TERMINATING)
    about = {"company_id": company, "credential_id": chosen}
    found = queries.list_orphans(session, **about, statuses=statuses, limit=PAGE_SIZE + 1, after_id=after_id)
    shown = found[:PAGE_SIZE]
    listed = [credential] if credential else credentials.list_credentials(session, company_id=company)
    return render_template(
        "orphans/index.html",
        orphans=list(zip(shown, service.list_costs(service_context(), shown), strict=True)),
        next_id=found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
        count=words.at_most(queries.count_orphans(session, **about, statuses=statuses, most=MOST)),
        open_ours=queries.count_orphans(session, **about, statuses=(OrphanStatus.OPEN,), kinds=OURS),
        ignored=words.at_most(
            queries.count_orphans(session, **about, statuses=(OrphanStatus.IGNORED,), most=MOST)
        ),
        credential=credential,
        credentials=listed,
        inventoried=duties.list_inventoried(session, listed),
        shows_ignored=shows_ignored,
    )


@bp.post("/<int:orphan_id>/<any(ignore, watch):decision>")
@requires(Permission.END)
def decide(orphan_id: int, decision: str) -> ResponseReturnValue:
    press = service.ignore if decision == "ignore" else service.watch
    orphan = press(service_context(), orphan_id, company_id=company_id(), actor=actor())
    return _back(orphan.credential_id)


@bp.get("/<int:orphan_id>/adopt")
@requires(Permission.END)
def ask_adopt(orphan_id: int) -> ResponseReturnValue:
    orphan = _load(orphan_id)
    return _adopt_page(orphan, _adopt_form())


@bp.post("/<int:orphan_id>/adopt")
@requires(Permission.END)
def adopt(orphan_id: int) -> ResponseReturnValue:
    orphan, form = _load(orphan_id), _adopt_form()
    if form.validate_on_submit():
        with form.landing():
            made = adoption.adopt(
                service_context(),
                orphan_id,
                application_id=form.application_id.data,
                company_id=company_id(),
                actor=actor(),
            )
            return redirect(url_for("workspaces.show", workspace_id=made.id), code=303)
    return _adopt_page(orphan, form), form.status


@bp.get("/<int:orphan_id>/terminate")
@requires(Permission.END)
def ask_terminate(orphan_id: int) -> ResponseReturnValue:
    return render_template("orphans/terminate.html", orphan=_load(orphan_id), form=ConfirmForm())


@bp.post("/<int:orphan_id>/terminate")
@requires(Permission.END)
def terminate(orphan_id: int) -> ResponseReturnValue:
    orphan, form = _load(orphan_id), ConfirmForm()
    if form.validate_on_submit():
        with form.landing():
            service.terminate(
                service_context(),
                orphan_id,
                company_id=company_id(),
                actor=actor(),
                confirmed_id=form.confirm.data or "",
            )
            flash("Berth checks the desktop once more, then terminates it.")
            return _back(orphan.credential_id)
    return render_template("orphans/terminate.html", orphan=_load(orphan_id), form=form), form.status


@bp.post("/of/<int:credential_id>/ignore-all")
@requires(Permission.END)
def ignore_all(credential_id: int) -> ResponseReturnValue:
    count = service.ignore_all(
        service_context(), credential_id=credential_id, company_id=company_id(), actor=actor()
    )
    flash(f"{count} ignored.")
    return _back(credential_id)


@bp.get("/of/<int:credential_id>/terminate-all")
@requires(Permission.END)
@needs_fresh_proof
def ask_terminate_all(credential_id: int) -> ResponseReturnValue:
    return _terminate_all_page(credential_id, ConfirmForm())


@bp.post("/of/<int:credential_id>/terminate-all")
@requires(Permission.END)
@needs_fresh_proof
def terminate_all(credential_id: int) -> ResponseReturnValue:
    form = ConfirmForm()
    if form.validate_on_submit():
        with form.landing():
            count = service.terminate_all(
                service_context(),
                credential_id=credential_id,
                company_id=company_id(),
                actor=actor(),
                confirmed_count=form.confirm.data or "",
            )
            flash(f"Berth checks {count} once more, then terminates them.")
            return _back(credential_id)
    return _terminate_all_page(credential_id, form), form.status


def _terminate_all_page(credential_id: int, form: ConfirmForm) -> str:
    session, company = service_context().session, company_id()
    credential = credentials.get_credential(session, credential_id, company_id=company)
    count = queries.count_orphans(
        session, company_id=company, credential_id=credential.id, statuses=(OrphanStatus.OPEN,), kinds=OURS
    )
    return render_template("orphans/terminate_all.html", credential=credential, count=count, form=form)


def _load(orphan_id: int) -> Orphan:
    return queries.get_orphan(service_context().session, orphan_id, company_id=company_id())


def _chosen() -> CloudCredential | None:
    """The credential that the list is filtered by."""
    chosen = request.args.get("credential", type=int)
    if chosen is None or not 0 < chosen <= LARGEST_ID:
        return None
    return credentials.get_credential(service_context().session, chosen, company_id=company_id())


def _adopt_form() -> AdoptForm:
    form, session, company = AdoptForm(), service_context().session, company_id()
    who = searched_for(request.args)
    people = applications.list_unserved(session, company_id=company, q=who, limit=MOST_LISTED)
    sent = form.application_id.data or 0
    is_possible = 0 < sent <= LARGEST_ID
    chosen = applications.find_unserved(session, sent, company_id=company) if is_possible else None
    if chosen is not None and chosen not in people:
        people.insert(0, chosen)
    form.application_id.choices = [
        choice(one.id, f"{one.seeker.name} · {one.job_posting.title}") for one in people
    ]
    return form


def _adopt_page(orphan: Orphan, form: AdoptForm) -> str:
    return render_template(
        "orphans/adopt.html", orphan=orphan, form=form, who=searched_for(request.args), most=MOST_LISTED
    )


def _back(credential_id: int) -> ResponseReturnValue:
    return redirect(url_for(".index", credential=credential_id), code=303)
