"""A company's job postings and who applied. The code says posting, people read "Job"."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange

from webapp.domain.ids import LARGEST_ID
from webapp.domain.permissions import Permission
from webapp.domain.roles import ApplicationStatus, JobPostingStatus
from webapp.guards import requires
from webapp.identity import company_id, orderer, service_context, user
from webapp.models import JobPosting
from webapp.pages.contract_defaults import contract_now
from webapp.pages.contract_words import default_hours_in_words, defaults_in_words
from webapp.pages.fields import BerthForm, at_most, choice, chosen_id, is_id, needed
from webapp.pages.profile_orders import orders_in_words
from webapp.pages.workspaces.table import whole_number
from webapp.queries import applications as application_queries
from webapp.queries import job_postings as queries
from webapp.queries import workspaces
from webapp.queries.profiles import list_profiles
from webapp.services import job_postings as service
from webapp.services.applications import approve_many
from webapp.services.contract_defaults import defaults_of
from webapp.services.profile_orders import offer_of

bp = Blueprint("job_postings", __name__, url_prefix="/jobs")

MAX_DESCRIPTION = 5_000
PER_PAGE = 25
LAST_PAGE = 10_000
NO_PROFILE = 0


class PostingForm(BerthForm):
    title = StringField("Title", [needed("Enter a job title."), at_most(120)])
    location = StringField("Place", [at_most(120)])
    description = TextAreaField(
        "Description", [needed("Describe the job in a few sentences."), at_most(MAX_DESCRIPTION)]
    )
    profile_id = SelectField(
        "Profile",
        [NumberRange(NO_PROFILE, LARGEST_ID, "Choose one of these profiles.")],
        coerce=chosen_id,
        validate_choice=False,
        default=NO_PROFILE,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        found = list_profiles(service_context().session, company_id=company_id())
        self.profile_id.choices = [
            choice(NO_PROFILE, "None: the desktop is chosen with each order"),
            *(choice(one.id, f"{one.name} – {one.bundle_name}") for one in found),
        ]
        self.profile_id.data = self.profile_id.data or NO_PROFILE

    def order_request(self) -> dict[str, Any]:
        return {
            "title": self.title.data or "",
            "location": self.location.data or "",
            "description": self.description.data or "",
            "profile_id": self.profile_id.data or None,
        }


@bp.get("/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    session, page = service_context().session, min(whole_number("page") or 1, LAST_PAGE)
    found = queries.list_postings(
        session, company_id=company_id(), limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE
    )
    return render_template(
        "job_postings/index.html", postings=found[:PER_PAGE], page=page, has_more=len(found) > PER_PAGE
    )


@bp.get("/new")
@requires(Permission.HIRE)
def new() -> ResponseReturnValue:
    return render_template("job_postings/new.html", form=PostingForm())


@bp.post("/")
@requires(Permission.HIRE)
def create() -> ResponseReturnValue:
    form = PostingForm()
    if form.validate_on_submit():
        with form.landing():
            made = service.open_posting(
                service_context(), company_id=company_id(), by=user(), **form.order_request()
            )
            return redirect(url_for(".show", posting_id=made.id), code=303)
    return render_template("job_postings/new.html", form=form), form.status


@bp.get("/<int:posting_id>/")
@requires(Permission.READ_WORK)
def show(posting_id: int) -> ResponseReturnValue:
    posting = _load(posting_id)
    session, page = service_context().session, min(whole_number("page") or 1, LAST_PAGE)
    found = application_queries.list_applications(
        session,
        company_id=company_id(),
        posting_id=posting.id,
        limit=PER_PAGE + 1,
        offset=(page - 1) * PER_PAGE,
    )
    applications = found[:PER_PAGE]
    ids = [one.id for one in applications]
    now = service_context().clock.now()
    waiting = [one.id for one in applications if one.is_unserved and not one.window.is_over(now)]
    defaults = defaults_of(service_context(), posting)
    total, unserved = application_queries.count_of_posting(
        session, company_id=company_id(), posting_id=posting.id, now=now
    )
    return render_template(
        "job_postings/show.html",
        posting=posting,
        defaults=defaults_in_words(defaults),
        are_defaults_own=not posting.contract_defaults.is_empty,
        default_hours=default_hours_in_words(defaults),
        are_hours_own=posting.contract_defaults.hours is not None,
        are_defaults_over=defaults.is_over(now),
        contract_now=contract_now(defaults),
        offer=offer_of(service_context(), posting, waiting, company_id=company_id()),
        waiting=waiting,
        applications=applications,
        served=workspaces.list_live_by_application(session, ids, company_id=company_id()),
        total=total,
        unserved=unserved,
        undecided=[one.id for one in applications if one.status is ApplicationStatus.SUBMITTED],
        page=page,
        has_more=len(found) > PER_PAGE,
    )


@bp.get("/<int:posting_id>/edit")
@requires(Permission.HIRE)
def edit(posting_id: int) -> ResponseReturnValue:
    posting = _load(posting_id)
    return render_template("job_postings/edit.html", form=PostingForm(obj=posting), posting=posting)


@bp.post("/<int:posting_id>/")
@requires(Permission.HIRE)
def update(posting_id: int) -> ResponseReturnValue:
    posting, form = _load(posting_id), PostingForm()
    if form.validate_on_submit():
        with form.landing():
            about = {"company_id": company_id(), **form.order_request()}
            service.change_posting(service_context(), posting_id, **about)
            flash("Saved.")
            return redirect(url_for(".show", posting_id=posting_id), code=303)
        posting = _load(posting_id)
    return render_template("job_postings/edit.html", form=form, posting=posting), form.status


@bp.post("/<int:posting_id>/approve")
@requires(Permission.HIRE)
def approve(posting_id: int) -> ResponseReturnValue:
    """Everyone who was selected, in one press; at most a page of them."""
    _load(posting_id)
    ids = [int(one) for one in request.form.getlist("application_id")[:PER_PAGE] if is_id(one)]
    approved = approve_many(
        service_context(),
        ids,
        company_id=company_id(),
        posting_id=posting_id,
        decided_by_id=user().id,
        order_as=orderer(),
    )
    said = f"{_approved(len(approved))} {orders_in_words(approved)}".strip()
    flash(said if ids else "Select the people to approve first.")
    if approved and request.form.get("then") == "order":
        return redirect(url_for("cohorts.new", job=posting_id), code=303)
    return redirect(url_for(".show", posting_id=posting_id), code=303)


@bp.post("/<int:posting_id>/close")
@requires(Permission.HIRE)
def close(posting_id: int) -> ResponseReturnValue:
    return _set_status(posting_id, JobPostingStatus.CLOSED)


@bp.post("/<int:posting_id>/reopen")
@requires(Permission.HIRE)
def reopen(posting_id: int) -> ResponseReturnValue:
    return _set_status(posting_id, JobPostingStatus.OPEN)


def _approved(count: int) -> str:
    return f"{count} {'person is' if count == 1 else 'people are'} approved."


def _set_status(posting_id: int, status: JobPostingStatus) -> ResponseReturnValue:
    service.set_posting_status(service_context(), posting_id, company_id=company_id(), status=status)
    return redirect(url_for(".show", posting_id=posting_id), code=303)


def _load(posting_id: int) -> JobPosting:
    return queries.get_posting(service_context().session, posting_id, company_id=company_id())
