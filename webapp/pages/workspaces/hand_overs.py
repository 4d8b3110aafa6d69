"""A desktop goes to the next person under the same contract, or back to one who is hired again."""

from datetime import datetime
from typing import TypedDict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.validators import Optional

from webapp.domain.errors import Conflict, Forbidden
from webapp.domain.permissions import Permission
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.guards import requires
from webapp.identity import actor, company_id, may, service_context, user
from webapp.models import Application, Workspace
from webapp.pages.contracts import ContractForm
from webapp.pages.fields import MOST_LISTED, choice, is_id, needed, searched_for
from webapp.pages.workspaces.images_first import image_context
from webapp.pages.workspaces.locks import locked_context
from webapp.pages.workspaces.orders import describe_name
from webapp.queries import applications
from webapp.queries import workspaces as queries
from webapp.services import hand_overs as service
from webapp.services import rehiring
from webapp.services.directory_users import suggest_username
from webapp.services.disk_snapshots import last_snapshot_of
from webapp.services.hand_overs import HandOver, inherited

bp = Blueprint("hand_overs", __name__, url_prefix="/workspaces/<int:workspace_id>")

DELETE, KEEP = "delete", "keep"


class HandOverForm(ContractForm):
    application_id = HiddenField()
    username = StringField("User name", [needed("Enter the user name.")])
    create_user = BooleanField("Create this user in the directory")
    fate = RadioField("The former desktop", [Optional()], validate_choice=False)
    confirm = StringField("Former user name", [needed("Type the user name to confirm.")])

    def names(self, workspace: Workspace) -> bool:
        """Is it the former desktop's user name? If not, the form says so."""
        is_right = (self.confirm.data or "").strip() == workspace.username
        if not is_right:
            self.confirm.errors = [f"The user name does not match. Type {workspace.username}."]
        return is_right


class Choices(TypedDict):
    """What `workspaces/hand_over.html` needs beside the form."""

    former: Workspace
    person: Application | None
    """Who is chosen; None: nobody yet."""
    people: list[Application]
    """Of the same job: approved, then undecided."""
    others: list[Application]
    """Of other jobs, approved."""
    who: str
    """What was searched for."""
    is_searched: bool
    """Are there more people than a form lists?"""
    kept_until: datetime | None
    refusal: Conflict | None
    """Why it cannot be handed over."""


@bp.get("/hand-over")
@requires(Permission.END)
def ask(workspace_id: int) -> ResponseReturnValue:
    _check_may()
    former = _load(workspace_id)
    choices = _choices(former, _number(request.args.get("application", "")), searched_for(request.args))
    person = choices["person"]
    form = HandOverForm.of(_window(former, person), zone=user().time_zone or "UTC")
    if person is not None:
        form.username.data = suggest_username(service_context(), former.credential, person.seeker)
        form.create_user.data = former.creates_user and bool(former.credential.observed.get("makes_users"))
    form.fate.data = DELETE
    shown = _page(form, choices)
    return (shown, 409) if choices["refusal"] else shown


@bp.post("/hand-over")
@requires(Permission.END)
def create(workspace_id: int) -> ResponseReturnValue:
    _check_may()
    former = _load(workspace_id)
    form = HandOverForm.of(Window(), zone=user().time_zone or "UTC")
    application_id = _number(form.application_id.data or "")
    is_valid = form.validate_on_submit()
    if form.names(former) and is_valid:
        with form.landing():
            wanted = HandOver(
                application_id=application_id,
                username=form.username.data or "",
                create_user=bool(form.create_user.data),
                is_kept=form.fate.data == KEEP,
                window=_exact(form.window(), former.application.window),
            )
            return _done(workspace_id, wanted)
    return _page(form, _choices(_load(workspace_id), application_id, "")), form.status


@bp.post("/give-back")
@requires(Permission.END)
def give_back(workspace_id: int) -> ResponseReturnValue:
    """To its person, who was hired again."""
    application_id = _number(request.form.get("application_id", ""))
    about = {"company_id": company_id(), "actor": actor()}
    rehiring.give_back(service_context(), workspace_id, application_id, **about)
    flash("The desktop is given back, with all its files, under the new contract.")
    return redirect(url_for("workspaces.show", workspace_id=workspace_id), code=303)


def _done(workspace_id: int, wanted: HandOver) -> ResponseReturnValue:
    """The page of the new desktop; also of one that was made by the first of two clicks."""
    about = {"company_id": company_id(), "actor": actor()}
    try:
        made_id = service.hand_over(service_context(), workspace_id, wanted, **about).id
    except Conflict as refused:
        made_id = _number(str(refused.extra.get("workspace_id", "")))
        if refused.code != "handed_over" or not made_id:
            raise
        flash("This desktop was handed over already. Here is the next one.")
    return redirect(url_for("workspaces.show", workspace_id=made_id), code=303)


def _check_may() -> None:
    """To terminate, to order and to hire are one press here. Raises Forbidden."""
    if not (may(Permission.ORDER) and may(Permission.HIRE)):
        raise Forbidden("Your role does not allow to hand desktops over.")


def _choices(former: Workspace, application_id: int, who: str) -> Choices:
    context, session = service_context(), service_context().session
    people, others = service.candidates(context, former, q=who, limit=MOST_LISTED)
    known = {one.id: one for one in (*people, *others)}
    person = known.get(application_id)
    if person is None and application_id and who == "":  # one that the list is too short for
        found = applications.find_application(session, application_id, company_id=company_id())
        if found is not None and found.status is not ApplicationStatus.REJECTED:
            person = found if found.seeker_id != former.application.seeker_id else None
    return Choices(
        former=former,
        person=person,
        people=list(people),
        others=list(others),
        who=who,
        is_searched=bool(who) or len(people) + len(others) >= MOST_LISTED,
        kept_until=service.kept_until(context, former),
        refusal=service.refusal(context, former),
    )


def _page(form: HandOverForm, choices: Choices) -> str:
    former, person = choices["former"], choices["person"]
    form.fate.choices = [choice(DELETE, "Delete it now"), choice(KEEP, "Keep it for the grace")]
    if person is not None:
        describe_name(form.username, person=person.seeker.name, credential=former.credential)
    return render_template(
        "workspaces/hand_over.html",
        form=form,
        last_snapshot=last_snapshot_of(service_context(), former),
        **choices,
        **locked_context(former),
        **image_context(former),
    )


def _window(former: Workspace, person: Application | None) -> Window:
    now = service_context().clock.now()
    window = inherited(former.application.window, person.window if person else Window(), now)
    return Window(window.starts_at, None, window.zone) if window.is_over(now) else window


def _exact(typed: Window, before: Window) -> Window:
    """A form knows no seconds: an end that was not changed is the former one to the second."""
    is_same = before.ends_at is not None and typed.ends_at == before.ends_at.replace(second=0)
    return Window(typed.starts_at, before.ends_at, typed.zone) if is_same else typed


def _load(workspace_id: int) -> Workspace:
    return queries.get_workspace(service_context().session, workspace_id, company_id=company_id())


def _number(text: str) -> int:
    """An id from the URL or the form; 0 matches nothing."""
    return int(text) if is_id(text) else 0
