"""People of the company: list, read; disable and enable colleagues."""

from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows, check_may_change
from webapp.api.codes import refuses
from webapp.api.conditions import readable, tagged
from webapp.api.paging import Key, Page, answer_counted, row_after
from webapp.api.schemas.person import PersonDetails, PersonList, PersonQuery
from webapp.api.showing import members
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context, user
from webapp.models import User
from webapp.queries import company_people as queries
from webapp.queries.company_people import PersonKind
from webapp.queries.people import get_colleague
from webapp.services import colleagues
from webapp.services.people import normal_email

TAG = ["people"]
ONE = "/people/<int:user_id>/"


@bp.route("/people/", methods=["GET"], tags=TAG)
@allows(Permission.READ_PEOPLE)
@refuses(s422="invalid")
@bp.arguments(PersonQuery, location="query", unknown=RAISE)
@bp.response(200, PersonList)
def list_people(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's colleagues and hired people, in the order in which their accounts were made."""
    page = Page(limit=query["limit"], cursor=query["cursor"])
    after, session = page.after(int), service_context().session
    chosen = {
        "company_id": company_id(),
        "kind": None if query["kind"] is None else PersonKind(query["kind"]),
        "email": None if query["email"] is None else normal_email(query["email"]),
    }
    rows = queries.list_people(
        session, **chosen, limit=page.limit + 1, after_id=row_after((-int(after[0]),)) if after else 0
    )
    count = queries.count_people(session, **chosen)
    hired = _hired(rows)
    return answer_counted(
        "people", rows, count=count, page=page, key=_key, show=lambda one: _show(one, hired)
    )


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_PEOPLE)
@refuses(s404="not_found")
@readable
@bp.response(200, PersonDetails)
@tagged(PersonDetails)
def get_person(user_id: int) -> dict[str, Any]:
    """Get a colleague or a hired person."""
    return _load(user_id)


def _add(verb: str, decide: Callable[..., User], codes: str, summary: str) -> None:
    """Register one of the two decisions about a colleague."""

    @allows(Permission.MANAGE_PEOPLE)
    @refuses(s404="not_found", **({"s409": codes} if codes else {}))
    @bp.response(200, PersonDetails)
    def press(user_id: int) -> dict[str, Any]:
        check_may_change(get_colleague(service_context().session, user_id, company_id=company_id()))
        decide(service_context(), user_id, company_id=company_id(), by=user())
        return _load(user_id)

    press.__doc__ = summary
    bp.add_url_rule(f"{ONE}{verb}/", endpoint=f"{verb}_person", view_func=press, methods=["POST"], tags=TAG)


_add(
    "disable",
    colleagues.disable,
    "own_account last_owner emergency_way",
    "Sign a colleague out everywhere and revoke their tokens. Safe to repeat.",
)
_add("enable", colleagues.enable, "", "Let a colleague sign in again. Tokens stay revoked. Safe to repeat.")


def _key(person: User) -> Key:
    return (person.id,)


def _load(user_id: int) -> dict[str, Any]:
    found = queries.get_person(service_context().session, user_id, company_id=company_id())
    return _show(found, _hired([found]))


def _hired(rows: Sequence[User]) -> dict[int, list[int]]:
    return queries.list_approved_ids(
        service_context().session, [one.id for one in rows], company_id=company_id()
    )


def _show(person: User, hired: dict[int, list[int]]) -> dict[str, Any]:
    """Of a hired person only what the company knows by the application."""
    is_colleague = person.company_id == company_id()
    role = person.company_role if is_colleague else None
    return members(
        PersonDetails,
        person,
        kind=(PersonKind.COLLEAGUE if is_colleague else PersonKind.HIRED).value,
        is_active=person.is_active if is_colleague else None,
        company_role=None if role is None else role.value,
        application_ids=hired.get(person.id, []),
        created_at=person.created_at if is_colleague else None,
    )
