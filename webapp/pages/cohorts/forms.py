"""The forms of a group order: the choice of people, and the reviewed rows."""

import uuid
from collections.abc import Sequence

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import ValidationError

from webapp.domain.ids import LARGEST_ID
from webapp.domain.name_patterns import LONGEST_PATTERN, pattern_problem
from webapp.identity import company_id, service_context
from webapp.models import InquiryKind
from webapp.pages.fields import BerthForm, at_most, needed
from webapp.queries import credentials
from webapp.services.cohort_plan import MOST_PEOPLE, Entry, read_lines
from webapp.services.cohorts import CohortRequest

LONGEST_LIST = 40_000


class CohortForm(BerthForm):
    key = HiddenField()
    """Created with the first review, so that submitting twice places one order."""
    credential_id = HiddenField()
    name = StringField("Group name", [needed("Enter a name for the group."), at_most(120)])
    bundle_id = StringField("Bundle", [needed("Choose a desktop size.")])
    pattern = StringField("User name pattern", [at_most(LONGEST_PATTERN)])
    pasted = TextAreaField("Or paste a list", [at_most(LONGEST_LIST)])

    aliases = {"cloud_credential_id": "bundle_id", "workspace_type": "bundle_id"}

    @classmethod
    def begun(cls) -> "CohortForm":
        """An empty form with the values from the URL."""
        return cls(formdata=None, data={"bundle_id": request.args.get("bundle", "")})

    def validate_pattern(self, field: StringField) -> None:
        if "username" in request.form:
            return  # the names are there already
        if problem := pattern_problem(field.data or ""):
            raise ValidationError(problem)

    def accepts(self, entries: Sequence[Entry]) -> bool:
        """Is everything there that the review needs? If not, the form says what is missing."""
        is_valid = bool(self.validate_on_submit())
        if not entries:
            self.general.append("Select at least one person or paste a list.")
        elif len(entries) > MOST_PEOPLE:
            self.general.append(
                f"You can order for up to {MOST_PEOPLE} people at once; this list has {len(entries)}."
            )
        if not self.key.data or len(self.key.data) != 32:
            self.key.data = uuid.uuid4().hex
        return is_valid and not self.general

    def order_request(self) -> CohortRequest:
        return CohortRequest(
            key=str(self.key.data),
            name=str(self.name.data).strip(),
            credential_id=number_of(self.credential_id.data),
            workspace_type=self.workspace_type(),
            bundle_id=str(self.bundle_id.data),
        )

    def workspace_type(self) -> str:
        """The bundle's system; people choose it by choosing the bundle."""
        credential = credentials.find_credential(
            service_context().session, number_of(self.credential_id.data), company_id=company_id()
        )
        if credential is None:
            return ""
        inquiry = credentials.find_inquiry(
            service_context().session, credential_id=credential.id, kind=InquiryKind.LIST_BUNDLES
        )
        known = inquiry.answer["bundles"] if inquiry is not None and inquiry.answer else []
        found = (row["workspace_type"] for row in known if row["bundle_id"] == self.bundle_id.data)
        return next(found, None) or "ubuntu"


def entries_of(values: "MultiDict[str, str]") -> list[Entry]:
    """The reviewed rows, or the selected people and the pasted list."""
    if "username" in values:
        rows = zip(
            values.getlist("application"), values.getlist("words"), values.getlist("username"), strict=False
        )
        return [
            Entry(number_of(application) or None, words.strip()[:254], username.strip()[:128])
            for application, words, username in rows
        ]
    ticked = [Entry(number_of(one)) for one in values.getlist("application_id") if number_of(one)]
    return ticked + read_lines(values.get("pasted", "")[:LONGEST_LIST])


def names_of(values: "MultiDict[str, str]") -> dict[int, str]:
    """New user names by row, from the fields `name-<row>`."""
    return {
        number_of(field.removeprefix("name-")): text.strip()[:128]
        for field, text in values.items()
        if field.startswith("name-") and number_of(field.removeprefix("name-"))
    }


def number_of(text: str | None) -> int:
    """An id; 0 matches nothing."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        return 0
    return int(text) if int(text) <= LARGEST_ID else 0
