"""Profiles: what a job gives to the people it hires."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, may, service_context
from webapp.models import Profile
from webapp.pages.contract_words import default_hours_in_words, defaults_in_words, window_in_words
from webapp.pages.profile_forms import ProfileForm
from webapp.queries import credentials, job_postings
from webapp.queries import profiles as queries
from webapp.services import profiles as service
from webapp.services.profile_differences import follow as follow_profile
from webapp.services.profile_differences import list_older

bp = Blueprint("profiles", __name__, url_prefix="/profiles")


@bp.get("/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    session, company = service_context().session, company_id()
    return render_template(
        "profiles/index.html",
        profiles=queries.list_profiles(session, company_id=company),
        archived=queries.list_profiles(session, company_id=company, is_archived=True),
        postings=queries.count_postings(session, company_id=company),
        accounts=credentials.list_names(session, company_id=company),
    )


@bp.get("/new")
@requires(Permission.MANAGE_PROFILES)
def new() -> ResponseReturnValue:
    return render_template("profiles/new.html", form=ProfileForm.made_of(None))


@bp.post("/")
@requires(Permission.MANAGE_PROFILES)
def create() -> ResponseReturnValue:
    form = ProfileForm.made_of(None)
    if form.validate_on_submit():
        with form.landing():
            wanted = form.wanted()
            if wanted is not None:
                made = service.create_profile(service_context(), wanted, company_id=company_id())
                return redirect(url_for(".show", profile_id=made.id), code=303)
    return render_template("profiles/new.html", form=form), form.status


@bp.get("/<int:profile_id>/")
@requires(Permission.READ_WORK)
def show(profile_id: int) -> ResponseReturnValue:
    session, profile = service_context().session, _load(profile_id)
    return render_template(
        "profiles/show.html",
        profile=profile,
        account=credentials.list_names(session, company_id=company_id()).get(profile.credential_id),
        defaults=defaults_in_words(profile.contract_defaults),
        hours=default_hours_in_words(profile.contract_defaults),
        postings=job_postings.list_with_profile(session, profile_id, company_id=company_id()),
        counts=queries.count_present(session, profile),
        older=list_older(service_context(), profile),
        in_words=window_in_words,
    )


@bp.post("/<int:profile_id>/desktops/<int:workspace_id>/follow")
@requires(Permission.HIRE)
def follow(profile_id: int, workspace_id: int) -> ResponseReturnValue:
    """Give a present desktop what can be changed while it is there."""
    older = follow_profile(
        service_context(),
        profile_id,
        workspace_id,
        company_id=company_id(),
        actor=actor(),
        may_end=may(Permission.END),
    )
    flash("The contract is changed." if older.has_other_contract else "It has what the profile gives.")
    return redirect(url_for(".show", profile_id=profile_id), code=303)


@bp.get("/<int:profile_id>/edit")
@requires(Permission.MANAGE_PROFILES)
def edit(profile_id: int) -> ResponseReturnValue:
    profile = _load(profile_id)
    return render_template("profiles/edit.html", form=ProfileForm.made_of(profile), profile=profile)


@bp.post("/<int:profile_id>/")
@requires(Permission.MANAGE_PROFILES)
def update(profile_id: int) -> ResponseReturnValue:
    profile = _load(profile_id)
    form, before = ProfileForm.made_of(profile), profile.version
    if form.validate_on_submit():
        with form.landing():
            wanted = form.wanted()
            if wanted is not None:
                now = service.change_profile(service_context(), profile_id, wanted, company_id=company_id())
                flash(
                    "Saved. It counts for whatever is ordered from now on."
                    if now.version != before
                    else "Nothing was changed."
                )
                return redirect(url_for(".show", profile_id=profile_id), code=303)
    return render_template("profiles/edit.html", form=form, profile=_load(profile_id)), form.status


@bp.post("/<int:profile_id>/archive")
@requires(Permission.MANAGE_PROFILES)
def archive(profile_id: int) -> ResponseReturnValue:
    archived = service.archive_profile(service_context(), profile_id, company_id=company_id())
    flash(f"“{archived.name}” is archived. Nothing is ordered with it any more.")
    return redirect(url_for(".index"), code=303)


def _load(profile_id: int) -> Profile:
    return queries.get_profile(service_context().session, profile_id, company_id=company_id())
