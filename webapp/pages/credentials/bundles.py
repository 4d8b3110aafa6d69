"""The bundles of a credential, as the cloud last listed them."""

from typing import Any, TypedDict

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.costs.rates import Rates
from webapp.domain.permissions import Permission
from webapp.guards import requires
from webapp.identity import company_id, service_context
from webapp.models import CloudCredential, InquiryKind
from webapp.pages import live
from webapp.pages.credentials.bundle_choice import choice_of, filters_of
from webapp.pages.credentials.questions import NEVER_ASKED, Question, question_about
from webapp.pages.sessions import safe_next
from webapp.queries import credentials as queries
from webapp.services import bundle_systems as service
from webapp.services import inquiries
from webapp.services.prices import bundle_rates

bp = Blueprint("bundles", __name__, url_prefix="/credentials/<int:credential_id>/bundles")

LIST = InquiryKind.LIST_BUNDLES


class BundleList(TypedDict):
    """What `bundles/_list.html` and `workspaces/_bundles.html` need."""

    credential: CloudCredential | None
    question: Question
    usable: list[dict[str, Any]]
    """As a worker wrote them down (`clouds.base.Bundle`)."""
    unusable: list[dict[str, Any]]
    costs: dict[str, Rates | None]
    """By bundle; None where no price is known."""


@bp.get("/")
@requires(Permission.READ_WORK)
def index(credential_id: int) -> ResponseReturnValue:
    credential = _load(credential_id)
    return render_template("bundles/index.html", **_list_context(credential))


@bp.get("/list")
@requires(Permission.READ_WORK)
def list_(credential_id: int) -> ResponseReturnValue:
    context = _list_context(_load(credential_id))
    etag = live.etag_of(credential_id, context["question"].mark, request.query_string)
    return live.unchanged(etag) or live.fragment("bundles/_list.html", etag=etag, **context)


@bp.post("/refresh")
@requires(Permission.ORDER)
def refresh(credential_id: int) -> ResponseReturnValue:
    """Read the cloud again: a page with scripts polls for the answer; without scripts the request waits."""
    credential = _load(credential_id)
    if live.is_fragment():
        inquiries.ask(service_context(), credential_id=credential.id, kind=LIST)
        return render_template("bundles/_list.html", **_list_context(_load(credential_id)))
    inquiries.ask_and_wait(service_context(), credential_id=credential.id, kind=LIST)
    back = url_for(".index", credential_id=credential_id)
    return redirect(safe_next(request.form.get("next"), otherwise=back), code=303)


@bp.post("/<bundle_id>/system")
@requires(Permission.MANAGE_CREDENTIALS)
def give_system(credential_id: int, bundle_id: str) -> ResponseReturnValue:
    """Say which system an own bundle has that is not recognised."""
    service.give_system(
        service_context(),
        credential_id,
        bundle_id,
        request.form.get("workspace_type", ""),
        company_id=company_id(),
    )
    return redirect(url_for(".index", credential_id=credential_id), code=303)


def _list_context(credential: CloudCredential) -> dict[str, Any]:
    """The list as the filter in the URL wants it, and what the filter offers."""
    context, choice = bundles_context(credential), choice_of(request.args)
    filters = filters_of(context["usable"])
    return {**context, "usable": choice.of(context["usable"]), "choice": choice, "filters": filters}


def bundles_context(credential: CloudCredential | None) -> BundleList:
    """Usable and unusable ones, each with own and small ones first; none without a credential."""
    question = NEVER_ASKED if credential is None else question_about(credential, LIST)
    rows = list(question.answer["bundles"]) if question.answer else []
    rows.sort(key=_place)
    return {
        "credential": credential,
        "question": question,
        "usable": [row for row in rows if row["unavailable_reason"] is None],
        "unusable": [row for row in rows if row["unavailable_reason"] is not None],
        "costs": {} if credential is None else bundle_rates(service_context(), credential, rows),
    }


def _place(row: dict[str, Any]) -> tuple[object, ...]:
    """The company's own first, then by system, then from small to large."""
    size = (row["vcpus"] or 0, row["memory_gib"] or 0)
    return (
        row["owner"] != "own",
        row["workspace_type"] or "",
        size,
        row["name"].lower(),
        row["bundle_id"],
    )


def _load(credential_id: int) -> CloudCredential:
    return queries.get_credential(service_context().session, credential_id, company_id=company_id())
