"""A company's people: colleagues in Berth, and invitations."""

from collections.abc import Collection

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.errors import Invalid
from webapp.domain.ids import LARGEST_ID
from webapp.domain.list_files import UnreadableFile, text_of_file
from webapp.domain.people_lists import read_people
from webapp.domain.permissions import Permission, is_within
from webapp.domain.roles import CompanyRole
from webapp.guards import ask_for_proof, needs_fresh_proof, requires
from webapp.identity import company_id, service_context, user
from webapp.models import InvitationKind, User
from webapp.pages.contract_words import defaults_in_words
from webapp.pages.fields import BerthForm, at_most, choice, needed
from webapp.pages.role_words import choices_of_roles, role_name
from webapp.pages.workspaces.table import number_in, whole_number
from webapp.queries import people as queries
from webapp.queries.job_postings import list_contract_defaults
from webapp.queries.workspace_table import list_job_titles
from webapp.services import colleagues as colleague_service
from webapp.services import invitations as service
from webapp.services import removal
from webapp.services.invitations import Invited, Wanted
from webapp.services.listed_hires import wanted_of

bp = Blueprint("people", __name__, url_prefix="/people")

PAGE_SIZE = 50
MOST_TEXT = 100_000


class ColleagueForm(BerthForm):
    email = StringField("E-mail address", [needed("Enter your colleague’s e-mail address."), at_most(254)])
    role = SelectField("Role", default=CompanyRole.MANAGER)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = choices_of_roles(user())


class RoleForm(BerthForm):
    role = SelectField("Role")
    reach = SelectField(
        "Sees", choices=[choice("all", "All job postings"), choice("some", "Only those chosen here")]
    )
    postings = SelectMultipleField(
        "Job postings", coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def __init__(self, colleague: User, *, chosen: Collection[int]) -> None:
        super().__init__(role=colleague.company_role, postings=list(chosen))
        self.role.choices = choices_of_roles(user())
        titles = list_job_titles(service_context().session, company_id=company_id(), chosen_ids=chosen)
        self.postings.choices = [choice(number, title) for number, title in titles]
        if not self.is_submitted():
            self.reach.data = "some" if colleague.is_limited_to_postings else "all"

    def posting_ids(self) -> list[int] | None:
        return self.postings.data if self.reach.data == "some" else None


class HireForm(BerthForm):
    job = SelectField("Job posting", coerce=int)
    people = TextAreaField("People", [at_most(MOST_TEXT)])
    file = FileField("Or a CSV file")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        chosen = number_in(request.values, "job", LARGEST_ID)
        session, company = service_context().session, company_id()
        titles = list_job_titles(session, company_id=company, chosen_ids=[chosen] if chosen else ())
        defaults = list_contract_defaults(session, [number for number, _ in titles], company_id=company)
        self.job.choices = [
            choice(number, _with_contract(title, defaults.get(number))) for number, title in titles
        ]
        if chosen and not self.is_submitted():
            self.job.data = chosen

    def wanted(self) -> list[Wanted]:
        """Empty with an error on the form: nothing is sent before the whole list is understood."""
        text = self.people.data or ""
        if self.file.data:
            try:
                text = text_of_file(self.file.data.read())[0]
            except UnreadableFile as error:
                self.file.errors = [str(error)]
                return []
        found = read_people(text).people
        wanted, unclear = [], []
        for one in found:
            try:
                wanted.append(
                    wanted_of(one, zone=user().time_zone or "UTC", now=service_context().clock.now())
                )
            except Invalid as error:
                unclear.append(f"Line {one.line}: {error.message}")
        self.general += unclear[:10]
        if not found:
            self.people.errors = ["Enter at least one e-mail address, or choose a file."]
        return [] if unclear else wanted


@bp.get("/")
@requires(Permission.READ_PEOPLE)
def index() -> ResponseReturnValue:
    return _page(ColleagueForm())


@bp.post("/colleagues")
@requires(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def invite_colleague() -> ResponseReturnValue:
    form = ColleagueForm()
    if form.validate_on_submit():
        with form.landing():
            role = CompanyRole(form.role.data)
            found = _invite([Wanted(form.email.data or "", company_role=role)])
            if not found[0].problem:
                return _show(found)
            form.email.errors = [found[0].problem]
    return _page(form), form.status


@bp.post("/colleagues/<int:user_id>/disable")
@requires(Permission.MANAGE_PEOPLE)
def disable(user_id: int) -> ResponseReturnValue:
    found = colleague_service.disable(service_context(), user_id, company_id=company_id(), by=user())
    flash(f"{found.name} is signed out everywhere and cannot sign in any more.")
    return redirect(url_for(".index"), code=303)


@bp.post("/colleagues/<int:user_id>/enable")
@requires(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def enable(user_id: int) -> ResponseReturnValue:
    found = colleague_service.enable(service_context(), user_id, company_id=company_id(), by=user())
    flash(f"{found.name} can sign in again. API tokens stay revoked.")
    return redirect(url_for(".index"), code=303)


@bp.get("/colleagues/<int:user_id>/role")
@requires(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def role(user_id: int) -> ResponseReturnValue:
    colleague, chosen = _colleague(user_id)
    return render_template("people/role.html", form=RoleForm(colleague, chosen=chosen), colleague=colleague)


@bp.post("/colleagues/<int:user_id>/role")
@requires(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def change_role(user_id: int) -> ResponseReturnValue:
    colleague, chosen = _colleague(user_id)
    form = RoleForm(colleague, chosen=chosen)
    if form.validate_on_submit():
        with form.landing():
            found = colleague_service.change_role(
                service_context(),
                user_id,
                CompanyRole(form.role.data),
                posting_ids=form.posting_ids(),
                company_id=company_id(),
                by=user(),
            )
            flash(f"{found.name} is {role_name(found.company_role).lower()} now.")
            return redirect(url_for(".index"), code=303)
    return render_template("people/role.html", form=form, colleague=colleague), form.status


@bp.get("/colleagues/<int:user_id>/remove")
@requires(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def ask_remove(user_id: int) -> ResponseReturnValue:
    found = removal.get_removable_colleague(service_context(), user_id, company_id=company_id(), by=user())
    return render_template("people/remove.html", colleague=found)


@bp.post("/colleagues/<int:user_id>/remove")
@requires(Permission.MANAGE_PEOPLE)
@needs_fresh_proof
def remove(user_id: int) -> ResponseReturnValue:
    removal.remove_colleague(service_context(), user_id, company_id=company_id(), by=user())
    flash("The account is removed. What the person made for your company stays.")
    return redirect(url_for(".index"), code=303)


@bp.post("/second-factor/<any(demand, waive):choice>")
@requires(Permission.MANAGE_COMPANY)
@needs_fresh_proof
def second_factor(choice: str) -> ResponseReturnValue:
    is_demanded = choice == "demand"
    colleague_service.demand_second_factor(
        service_context(), company_id=company_id(), by=user(), is_demanded=is_demanded
    )
    flash("Everybody needs a second factor now." if is_demanded else "A second factor is optional now.")
    return redirect(url_for(".index"), code=303)


@bp.get("/invite")
@requires(Permission.HIRE)
def new() -> ResponseReturnValue:
    return render_template("people/invite.html", form=HireForm())


@bp.post("/invite")
@requires(Permission.HIRE)
def invite() -> ResponseReturnValue:
    form = HireForm()
    if form.validate_on_submit() and (wanted := form.wanted()):
        with form.landing():
            return _show(_invite(wanted, posting_id=form.job.data))
    return render_template("people/invite.html", form=form), form.status


@bp.post("/invitations/<int:invitation_id>/again")
@requires(Permission.READ_PEOPLE)
def send_again(invitation_id: int) -> ResponseReturnValue:
    """Without mail the link is shown: a colleague's needs a proof, as the invitation did."""
    invitation = queries.get_invitation(service_context().session, invitation_id, company_id=company_id())
    if invitation.kind is InvitationKind.COLLEAGUE and (asked := ask_for_proof()) is not None:
        return asked
    sent = service.send_again(service_context(), invitation_id, company_id=company_id(), invited_by=user())
    return _show([sent])


@bp.post("/invitations/<int:invitation_id>/withdraw")
@requires(Permission.READ_PEOPLE)
def withdraw(invitation_id: int) -> ResponseReturnValue:
    service.revoke(service_context(), invitation_id, company_id=company_id(), by=user())
    flash("The invitation is withdrawn. Its link does not work any more.")
    return redirect(url_for(".index"), code=303)


def _invite(wanted: list[Wanted], *, posting_id: int | None = None) -> list[Invited]:
    return service.invite(
        service_context(), wanted, company_id=company_id(), invited_by=user(), posting_id=posting_id
    )


def _show(found: list[Invited]) -> ResponseReturnValue:
    """With mail a redirect; without it the links, which are in no session, no URL and no history."""
    made = [one for one in found if one.token]
    problems = [one for one in found if one.problem]
    if service_context().settings.mail.is_set_up and not problems:
        flash(f"{len(made)} invitation{' is' if len(made) == 1 else 's are'} on the way.")
        return redirect(url_for(".index"), code=303)
    links = [(one.email, url_for("invitations.show", link=one.token, _external=True)) for one in made]
    return render_template("people/invited.html", links=links, problems=problems)


def _with_contract(title: str, defaults: ContractDefaults | None) -> str:
    return title if defaults is None else f"{title} – contract {defaults_in_words(defaults)}"


def _colleague(user_id: int) -> tuple[User, list[int]]:
    """With the job postings to which the person is limited. Raises NotFound."""
    session = service_context().session
    found = queries.get_colleague(session, user_id, company_id=company_id())
    return found, queries.list_posting_ids(session, user_id=found.id)


def _may_change(colleague: User) -> bool:
    """Not whoever may do more: the service refuses it."""
    role = colleague.company_role
    return Permission.MANAGE_PEOPLE in user().permissions and (
        role is None or is_within(role, user().permissions)
    )


def _page(form: ColleagueForm) -> str:
    context = service_context()
    rows = queries.list_invitations(
        context.session, company_id=company_id(), limit=PAGE_SIZE + 1, before_id=whole_number("before")
    )
    page = whole_number("page") or 1
    count = queries.count_colleagues(context.session, company_id=company_id())
    found = queries.list_colleagues(context.session, company_id=company_id(), page=page)
    return render_template(
        "people/index.html",
        form=form,
        me=user(),
        colleagues=found,
        colleague_count=count,
        page=page,
        has_more=count > page * queries.COLLEAGUES_AT_ONCE,
        may_change={one.id for one in found if _may_change(one)},
        secured=queries.with_second_factor(context.session, [one.id for one in found]),
        invitations=[(one, one.state(context.clock.now())) for one in rows[:PAGE_SIZE]],
        next_id=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
    )
