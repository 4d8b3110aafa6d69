"""The forms of a group order: the choice of people, and the reviewed rows."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, HiddenField, StringField, TextAreaField
from wtforms.validators import ValidationError

from webapp.domain.ids import LARGEST_ID
from webapp.domain.list_files import UnreadableFile, text_of_file
from webapp.domain.listed_windows import LONGEST_CELL, LONGEST_ZONE, ListedWindow
from webapp.domain.name_patterns import LONGEST_PATTERN, pattern_problem
from webapp.domain.people_lists import read_people
from webapp.domain.permissions import Permission
from webapp.domain.plain_text import plain
from webapp.identity import company_id, may, service_context, user
from webapp.models import InquiryKind, Profile
from webapp.pages.fields import BerthForm, at_most, is_id, is_storable, needed
from webapp.queries import credentials
from webapp.queries.profiles import find_profile
from webapp.services.cohort_plan import MOST_PEOPLE, Entry, entries_of
from webapp.services.cohorts import CohortRequest

LONGEST_LIST = 40_000
MOST_FILE_BYTES = 160_000


class CohortForm(BerthForm):
    key = HiddenField()
    """Created with the first review, so that submitting twice places one order."""
    profile_id = HiddenField()
    """By which it is ordered; empty: account and size are chosen here."""
    profile_version = HiddenField()
    """The one that the review has shown."""
    credential_id = HiddenField()
    name = StringField("Group name", [needed("Enter a name for the group."), at_most(120)])
    bundle_id = StringField("Bundle", [needed("Choose a desktop size.")])
    pattern = StringField("User name pattern", [at_most(LONGEST_PATTERN)])
    pasted = TextAreaField("Paste a list", [at_most(LONGEST_LIST)])
    file = FileField("Choose a file")
    create_users = BooleanField("Create the users")
    in_time = BooleanField("Create each desktop in time for its start")

    aliases = {
        "cloud_credential_id": "bundle_id",
        "workspace_type": "bundle_id",
        "username_pattern": "pattern",
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.notices: list[str] = []
        """What was read otherwise than line by line: a header, repeated lines, an encoding."""
        self.profile: Profile | None = None
        if self.profile_id.data:
            self._take_profile(number_of(self.profile_id.data))

    def _take_profile(self, profile_id: int) -> None:
        """It says what is otherwise chosen here."""
        found = find_profile(service_context().session, profile_id, company_id=company_id())
        if found is None or found.archived_at is not None:
            self.general.append("Profile not found. Choose another, or none.")
            return
        self.profile = found
        self.credential_id.data, self.bundle_id.data = str(found.credential_id), found.bundle_id
        self.pattern.data = self.pattern.data or found.username_pattern or ""
        self.in_time.data = True

    @classmethod
    def begun(cls, usual_profile_id: int | None = None) -> "CohortForm":
        """An empty form with the values from the URL. `usual_profile_id`: unless that says another."""
        given = request.args.get("profile")
        profile_id = usual_profile_id if given is None else number_of(given)
        values = {"bundle_id": request.args.get("bundle", ""), "in_time": True}
        return cls(formdata=None, data=values | {"profile_id": str(profile_id or "")})

    def validate_pattern(self, field: StringField) -> None:
        if "username" in request.form:
            return  # the names are there already
        if problem := pattern_problem(field.data or ""):
            raise ValidationError(problem)

    def entries(self) -> list[Entry]:
        """The reviewed rows; or the selected people, the pasted list and the file."""
        values = request.form
        if "username" in values:
            return _reviewed(values)
        ticked = [
            Entry(number_of(one), is_new_user=self.makes_users)
            for one in values.getlist("application_id")
            if number_of(one)
        ]
        pasted = self._listed(values.get("pasted", "")[:LONGEST_LIST], "Line {}")
        return ticked + pasted + self._listed(self._text_of_file(), "Line {} of the file")

    @property
    def makes_users(self) -> bool:
        """Of people to whom nobody has given a user name."""
        return bool(self.create_users.data) or (self.profile is not None and self.profile.creates_user)

    def _listed(self, text: str, where: str) -> list[Entry]:
        found = read_people(text)
        self.notices += found.notices
        return entries_of(found.people, where, zone=usual_zone(), makes_users=self.makes_users)

    def _text_of_file(self) -> str:
        """Empty without a file, and if it cannot be read, which the form then says."""
        sent = request.files.get("file")
        content = sent.stream.read(MOST_FILE_BYTES + 1) if sent else b""
        try:
            if len(content) > MOST_FILE_BYTES:
                raise UnreadableFile(f"Choose a file of at most {MOST_FILE_BYTES // 1000} KB.")
            text, notice = text_of_file(content)
            if not is_storable(text, has_lines=True):
                raise UnreadableFile("This is not a text file. Choose a CSV or text file.")
        except UnreadableFile as error:
            self.general.append(str(error))
            return ""
        self.notices += [notice] if notice else []
        if not self.pasted.data and len(text) <= LONGEST_LIST:
            self.pasted.data = text  # a form that comes back has lost its file
        return text

    def accepts(self, entries: Sequence[Entry]) -> bool:
        """Is everything there that the review needs? If not, the form says what is missing."""
        is_valid = bool(self.validate_on_submit())
        if self.general:
            pass  # the file is unreadable, and that is said
        elif not entries:
            self.general.append("Select at least one person, paste a list or choose a file.")
        elif len(entries) > MOST_PEOPLE:
            self.general.append(
                f"You can order for up to {MOST_PEOPLE} people at once; this list has {len(entries)}."
            )
        if any(one.typed.is_given for one in entries) and not may(Permission.HIRE):
            self.general.append("Your role cannot set contracts. Leave them out of the list.")
        if not self.key.data or len(self.key.data) != 32:
            self.key.data = uuid.uuid4().hex
        return is_valid and not self.general

    def order_request(self, *, version: int | None = None) -> CohortRequest:
        """`version`: of the profile that was shown; None: of the one that is."""
        key, name = str(self.key.data), str(self.name.data).strip()
        if self.profile is not None:
            made = CohortRequest.by(self.profile, key=key, name=name)
            return made if version is None else replace(made, profile_version=version)
        return CohortRequest(
            key=key,
            name=name,
            credential_id=number_of(self.credential_id.data),
            workspace_type=self.workspace_type(),
            bundle_id=str(self.bundle_id.data),
            in_time=bool(self.in_time.data),
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


def usual_zone() -> str:
    """Of a contract whose line names none."""
    return user().time_zone or "UTC"


def _reviewed(values: "MultiDict[str, str]") -> list[Entry]:
    rows = zip(
        values.getlist("application"), values.getlist("words"), values.getlist("username"), strict=False
    )
    new_users = set(values.getlist("create_user"))
    return [
        Entry(
            number_of(application) or None,
            plain(words)[:254],
            plain(username)[:128],
            is_new_user=str(number) in new_users,
        ).with_window(_window_of(values, number).in_zone(usual_zone()))
        for number, (application, words, username) in enumerate(rows, 1)
    ]


def _window_of(values: "MultiDict[str, str]", number: int) -> ListedWindow:
    """Of the row with this number; a review without contracts has no such fields."""
    start, end, zone = (plain(values.get(f"{name}-{number}", "")) for name in ("start", "end", "zone"))
    return ListedWindow(start[:LONGEST_CELL], end[:LONGEST_CELL], zone[:LONGEST_ZONE])


def names_of(values: "MultiDict[str, str]") -> dict[int, str]:
    """New user names by row, from the fields `name-<row>`."""
    return {
        number_of(field.removeprefix("name-")): plain(text)[:128]
        for field, text in values.items()
        if field.startswith("name-") and number_of(field.removeprefix("name-"))
    }


def number_of(text: str | None) -> int:
    """An id; 0 matches nothing."""
    return int(text) if text and is_id(text) and int(text) <= LARGEST_ID else 0
