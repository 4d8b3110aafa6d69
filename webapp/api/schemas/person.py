"""People of a company: who works for it in Berth, and whom it has hired."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import CountedPage, Instant, PageQuery, text
from webapp.api.schemas.invitation import COMPANY_ROLES, LONGEST_EMAIL
from webapp.queries.company_people import PersonKind

KINDS = [kind.value for kind in PersonKind]


class PersonQuery(PageQuery):
    kind = fields.String(load_default=None, validate=OneOf(KINDS))
    email = text(longest=LONGEST_EMAIL, load_default=None)


class PersonDetails(Schema):
    id = fields.Integer(required=True)
    kind = fields.String(
        required=True,
        metadata={"enum": KINDS, "description": "`hired`: has an approved application to a job of yours."},
    )
    name = fields.String(required=True)
    email = fields.String(required=True)
    is_active = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Of a colleague: may sign in."}
    )
    company_role = fields.String(
        required=True,
        allow_none=True,
        metadata={"enum": [*COMPANY_ROLES, None], "description": "Of a colleague."},
    )
    application_ids = fields.List(
        fields.Integer(),
        required=True,
        metadata={"description": "Of a hired person: the approved applications to your jobs."},
    )
    created_at = Instant(
        required=True, allow_none=True, metadata={"description": "Of a colleague: since when."}
    )


class PersonList(CountedPage):
    people = fields.List(fields.Nested(PersonDetails), required=True)
