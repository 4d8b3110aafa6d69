"""Ordering a workspace: person and cloud account, then size and user name."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, HiddenField, StringField

from webapp.domain.lifecycle import SETTLED_WITHOUT_MACHINE
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import actor, company_id, service_context
from webapp.models import Application, CloudCredential, InquiryKind, Workspace
from webapp.models.company_tally import UNDECIDED
from webapp.pages import live
from webapp.pages.credentials.bundles import BundleList, bundles_context
from webapp.pages.fields import MOST_LISTED, BerthForm, is_id, is_storable, needed, searched_for
from webapp.providers.registry import get_provider
from webapp.queries import applications, budgets, cohorts, credentials, start, workspaces
from webapp.queries.posting_limit import is_limited
from webapp.queries.tallies import read_tallies
from webapp.services import inquiries
from webapp.services.directory_users import suggest_username
from webapp.services.orders import OrderRequest, find_same_order, order_workspace

bp = Blueprint("orders", __name__, url_prefix="/workspaces")

AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
"""Attributes of a name that a phone must not correct."""


class OrderForm(BerthForm):
    application_id = HiddenField()
    cloud_credential_id = HiddenField()
    bundle_id = StringField("Bundle", [needed("Choose a desktop size.")])
    username = StringField("User name", [needed("Enter the user name.")])
    create_user = BooleanField("Create this user in the directory")
    in_time = BooleanField("Create it in time for the start of the contract")

    def asked(self) -> list[Field]:
        """The fields that people type into, in the order of the page; all others are chosen."""
        chosen = {
            "csrf_token",
            "application_id",
            "cloud_credential_id",
            "bundle_id",
            "create_user",
            "in_time",
        }
        return [one for one in self if one.name not in chosen]

    @classmethod
    def facts_about(cls, workspace: Workspace) -> list[tuple[str, str]]:
        """What was typed for a workspace, with the labels of the form."""
        form = cls(formdata=None, meta={"csrf": False})
        facts = [(one.label.text, getattr(workspace, one.name)) for one in form.asked()]
        return [(label, text) for label, text in facts if text]


class Choices(BundleList):
    """What `workspaces/new.html` needs beside the form."""

    people: list[Application]
    """At most MOST_LISTED, those approved last; with `who`, those of them that match."""
    has_more_people: bool
    who: str
    """What was searched for."""
    is_anybody_waiting: bool
    credentials: list[CloudCredential]
    application: Application | None
    """Whom is chosen; `credential` says where."""
    last: Workspace | None
    """What was ordered last."""
    known: list[CloudCredential]
    """Also those that cannot be used yet."""
    kept: Workspace | None
    """The chosen person's desktop of another contract that can still come back."""
    undecided: int
    """Applications that nobody has decided about: shown while there is nobody to order for."""
    has_job: bool


@bp.get("/new")
@requires(Permission.ORDER)
def new() -> ResponseReturnValue:
    choices = _choices(
        application_id=_number(request.args, "application"),
        credential_id=_number(request.args, "credential"),
        who=searched_for(request.args),
    )
    username = "".join(filter(is_storable, request.args.get("username", "")))[:128] or _guess(choices)
    bundle_id = request.args.get("bundle", "") or _usual_bundle(choices)
    form = OrderForm(data={"username": username, "bundle_id": bundle_id, "in_time": True})
    waits_for = _still_there(_number(request.args, "after"))
    return _page(form, choices, waits_for=waits_for)


@bp.post("/")
@requires(Permission.ORDER)
def create() -> ResponseReturnValue:
    form = OrderForm()
    application_id = _number(request.form, "application_id")
    credential_id = _number(request.form, "cloud_credential_id")
    if form.validate_on_submit():
        wanted = _order_request(form, application_id=application_id, credential_id=credential_id)
        about = {"company_id": company_id(), "actor": actor()}
        with form.landing():
            made = order_workspace(service_context(), wanted, **about)
            return redirect(url_for("workspaces.show", workspace_id=made.id), code=303)
        if (same := find_same_order(service_context(), wanted, **about)) is not None:
            flash("You ordered this desktop a moment ago. Here it is.")
            return redirect(url_for("workspaces.show", workspace_id=same.id), code=303)
    return _page(form, _choices(application_id=application_id, credential_id=credential_id)), form.status


@bp.get("/new/<int:credential>/bundles")
@requires(Permission.ORDER)
def bundles(credential: int) -> ResponseReturnValue:
    """The bundles to choose from, while a worker fetches them."""
    context = _bundles(credential, request.args)
    etag = live.etag_of("choice", credential, context["question"])
    return live.unchanged(etag) or live.fragment(
        "workspaces/_bundles.html", etag=etag, chosen=request.args.get("bundle_id"), **context
    )


@bp.post("/new/<int:credential>/bundles")
@requires(Permission.ORDER)
def ask_bundles(credential: int) -> ResponseReturnValue:
    inquiries.ask(service_context(), credential_id=_credential(credential).id, kind=InquiryKind.LIST_BUNDLES)
    context = _bundles(credential, request.form)
    return render_template("workspaces/_bundles.html", chosen=request.form.get("bundle_id"), **context)


def _bundles(credential_id: int, values: "MultiDict[str, str]") -> dict[str, Any]:
    """With what they cost until the end of the chosen person's contract."""
    application = applications.find_unserved(
        service_context().session, _number(values, "application_id"), company_id=company_id()
    )
    return {**bundles_context(_credential(credential_id)), "contract_left": _contract_left(application)}


def _contract_left(application: Application | None) -> timedelta | None:
    return None if application is None else application.window.left(service_context().clock.now())


def same_order(workspace: Workspace) -> str:
    """The order form filled in as this workspace was ordered; it opens when the slot is free."""
    return url_for(
        "orders.new",
        application=workspace.application_id,
        credential=workspace.credential_id,
        bundle=workspace.bundle_id,
        username=workspace.username,
        after=workspace.id,
    )


def _guess(choices: Choices) -> str:
    """A suggested user name for the chosen person and cloud account; empty until both are known."""
    person, credential = choices["application"], choices["credential"]
    if person is None or credential is None:
        return ""
    return suggest_username(service_context(), credential, person.seeker)


def _page(form: OrderForm, choices: Choices, *, waits_for: Workspace | None = None) -> str:
    """The form with the labels of the chosen cloud."""
    person, credential = choices["application"], choices["credential"]
    if person is not None and credential is not None:
        describe_name(form.username, person=person.seeker.name, credential=credential)
    has_budget = budgets.has_budget(service_context().session, company_id=company_id())
    return render_template(
        "workspaces/new.html",
        form=form,
        waits_for=waits_for,
        has_budget=has_budget,
        contract_left=_contract_left(person),
        **choices,
    )


def describe_name(name: Field, *, person: str, credential: CloudCredential) -> None:
    """Label, help and length of a user name in this cloud."""
    provider = get_provider(credential.cloud_provider)
    name.label.text = provider.copy.username_label
    usernames = provider.usernames.of_directory(credential.observed)
    name.description = provider.copy.username_help_for(person, credential.public_fields, text=usernames.help)
    name.render_kw = AS_TYPED | {"maxlength": usernames.longest}


def _still_there(workspace_id: int) -> Workspace | None:
    """The workspace to be replaced, while it still holds the slot."""
    found = workspaces.find_workspace(service_context().session, workspace_id, company_id=company_id())
    return None if found is None or found.phase in SETTLED_WITHOUT_MACHINE else found


def _order_request(form: OrderForm, *, application_id: int, credential_id: int) -> OrderRequest:
    """The system is the bundle's: people choose it by choosing the bundle."""
    kind = "ubuntu"
    credential = credentials.find_credential(
        service_context().session, credential_id, company_id=company_id()
    )
    if credential is not None:
        kind = get_provider(credential.cloud_provider).desktops.types[0]
        rows = bundles_context(credential)["usable"]
        kind = next((row["workspace_type"] for row in rows if row["bundle_id"] == form.bundle_id.data), kind)
    return OrderRequest(
        application_id=application_id,
        cloud_credential_id=credential_id,
        workspace_type=kind,
        bundle_id=form.bundle_id.data or "",
        username=form.username.data or "",
        create_user=bool(form.create_user.data),
        in_time=bool(form.in_time.data),
    )


def _choices(*, application_id: int, credential_id: int, who: str = "") -> Choices:
    """The choices; the last order is preselected, for this job if possible."""
    session, company = service_context().session, company_id()
    found = applications.list_unserved(session, company_id=company, q=who, limit=MOST_LISTED + 1)
    people = found[:MOST_LISTED]
    known = credentials.list_credentials(session, company_id=company)
    usable = [one for one in known if one.is_usable]
    application = applications.find_unserved(session, application_id, company_id=company)
    if application is None and not application_id and len(people) == 1:
        application = people[0]
    if application is not None and application not in people:
        people.insert(0, application)
    is_waiting = bool(people or who)
    posting_id = application.job_posting_id if application else 0
    last = cohorts.find_last_order(session, company_id=company, posting_id=posting_id)
    credential: CloudCredential | None = next((one for one in usable if one.id == credential_id), None)
    if credential is None and not credential_id:
        usual = (one for one in usable if last is not None and one.id == last.credential_id)
        credential = next(usual, None) or next(iter(usable), None)
    return Choices(
        people=people,
        has_more_people=len(found) > MOST_LISTED,
        who=who,
        is_anybody_waiting=is_waiting,
        credentials=usable,
        application=application,
        last=last,
        known=known,
        kept=_kept(application),
        undecided=0
        if is_waiting or is_limited(session)
        else read_tallies(session, company_id=company).get(UNDECIDED, 0),
        has_job=is_waiting or start.has_posting(session, company_id=company),
        **bundles_context(credential),
    )


def _kept(application: Application | None) -> Workspace | None:
    if application is None:
        return None
    session, person_id = service_context().session, application.seeker_id
    return workspaces.list_kept_by_person(session, [person_id], company_id=company_id()).get(person_id)


def _usual_bundle(choices: Choices) -> str:
    """The last bundle ordered with this credential, else the first of the list; empty if unknown."""
    credential, last = choices["credential"], choices["last"]
    if credential is None:
        return ""
    ids = [str(row["bundle_id"]) for row in choices["usable"]]
    if last is not None and last.credential_id == credential.id and last.bundle_id in ids:
        return last.bundle_id
    return ids[0] if ids else ""


def _credential(credential_id: int) -> CloudCredential:
    return credentials.get_credential(service_context().session, credential_id, company_id=company_id())


def _number(values: "MultiDict[str, str]", name: str) -> int:
    """An id from the URL or the form; 0 matches nothing."""
    text = values.get(name, "")
    return int(text) if is_id(text) else 0
