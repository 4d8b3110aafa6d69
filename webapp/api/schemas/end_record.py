"""The record of an end. What is null is not known; nothing is made up."""

from typing import Any

from marshmallow import Schema, fields

from webapp.api.schemas.costs import Amount
from webapp.api.schemas.fields import CountedPage, Instant, PageQuery, text
from webapp.domain.end_records import EndReason, Outcome


def _text(description: str = "", **more: Any) -> fields.String:  # marshmallow's own keywords
    return fields.String(required=True, metadata={"description": description} if description else {}, **more)


def _number(description: str, **more: Any) -> fields.Integer:  # marshmallow's own keywords
    return fields.Integer(required=True, metadata={"description": description}, **more)


def _moment(description: str = "", **more: Any) -> Instant:  # marshmallow's own keywords
    return Instant(required=True, metadata={"description": description} if description else {}, **more)


def _stored(description: str) -> fields.String:
    """A moment that is kept as text."""
    return fields.String(
        required=True, allow_none=True, metadata={"description": description, "format": "date-time"}
    )


class RecordedPerson(Schema):
    name = _text("This and all names as they were at the end.")
    email = _text()
    job = _text()


class RecordedMachine(Schema):
    cloud_id = _text()
    generation = _number("Counts each time that the order began again.")
    seen_at = _stored("When the cloud first named it.")
    gone_at = _stored("When its absence was proven.")


class RecordedDesktop(Schema):
    cloud_provider = _text()
    account_id = _text()
    cloud_credential = _text("What the company called the cloud account.")
    place = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Region, directory and what else says where, by the credential's fields."},
    )
    username = _text()
    workspace_type = _text()
    bundle_id = _text()
    bundle_name = _text()
    running_mode = _text()
    compute_type = _text(allow_none=True)
    operating_system = _text(allow_none=True)
    machines = fields.List(
        fields.Nested(RecordedMachine),
        required=True,
        metadata={"description": "Every one that the cloud ever named for it, in order."},
    )


class RecordedOrder(Schema):
    at = _moment()
    by_name = _text()
    by_email = _text()
    replaces = _number("The workspace from which it took over.", allow_none=True)


class RecordedAccess(Schema):
    suspended_at = _moment(allow_none=True)
    ended_at = _moment("Null: no sooner than with the desktop, as far as is known.", allow_none=True)


class RecordedEnd(Schema):
    requested_at = _moment(allow_none=True)
    by = _text("As the log names whoever it was; null: nobody of the company.", allow_none=True)
    reason = fields.String(required=True, metadata={"enum": [one.value for one in EndReason]})
    message = _text("The last line of its log.")
    error_code = _text("The trouble that it had at the end.", allow_none=True)
    replaced_by = _number("The workspace that took over from it.", allow_none=True)
    terminated_at = _moment("When its absence was proven.")


class RecordedAbsence(Schema):
    count = _number("So many complete listings of its place did not have it.")
    first_at = _moment(allow_none=True)
    last_at = _moment(allow_none=True)


class RecordedPart(Schema):
    part = _text()
    label = _text()
    outcome = fields.String(
        required=True,
        metadata={
            "enum": [one.value for one in Outcome],
            "description": "`absent`: the cloud was asked, and did not have it. `with_desktop`: the cloud"
            " deletes it with the desktop. `none_made`: Berth made none. `kept`: what `kept` names is kept"
            " for a while. `ending`: Berth deletes them with the desktop.",
        },
    )


class RecordedSnapshot(Schema):
    part = _text("Of which of `parts` it is: `snapshots` or `images`.")
    name = _text()
    taken_at = _stored("Of this moment is what it has.")
    kept_until = _stored("When it is deleted.")


class RecordedDirectoryUser(Schema):
    username = _text()
    is_made_by_berth = fields.Boolean(required=True)
    outcome = _text("A sentence.")


class RecordedAmount(Schema):
    currency = _text("ISO 4217.")
    estimated_minor = _number("Null if nothing is estimated.", allow_none=True)
    billed_minor = _number("Null if nothing is billed.", allow_none=True)


class RecordedCosts(Schema):
    is_provisional = fields.Boolean(
        required=True, metadata={"description": "True: added up now, and may change until `final_at`."}
    )
    final_at = _moment("15 days after the month of the end.")
    closed_at = _moment("When they were written down for good.", allow_none=True)
    amounts = fields.List(
        fields.Nested(RecordedAmount),
        required=True,
        metadata={"description": "In all, by currency. The two figures are never added."},
    )
    billed_through = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "The newest day, up to its end, of which the bill is known."},
    )
    is_complete = fields.Boolean(
        required=True, metadata={"description": "False: for a part of the estimate no price is known."}
    )
    month_price = fields.Nested(
        Amount,
        required=True,
        allow_none=True,
        metadata={"description": "A month by the last known list price."},
    )


class RecordedUsage(Schema):
    running_seconds = _number("How long it was switched on.")
    connected_days = _number("Days with a connection.", allow_none=True)
    connected_seconds = _number("Null also if the cloud counts no time.", allow_none=True)
    first_connected_at = _stored("The first connection.")
    last_connected_at = _stored("The last connection.")
    attempts = _number("So often the cloud was asked to make it.")
    starts = _number("By people.")
    stops = _number("By people.")
    restarts = _number("By people.")
    rebuilds = _number("By people.")
    restores = _number("By people.")


class EndRecordDetails(Schema):
    workspace_id = fields.Integer(required=True)
    made_at = _moment()
    is_partial = fields.Boolean(
        required=True, metadata={"description": "True: written after the end, from what was still there."}
    )
    company = _text()
    person = fields.Nested(RecordedPerson, required=True)
    desktop = fields.Nested(RecordedDesktop, required=True)
    ordered = fields.Nested(RecordedOrder, required=True)
    available_at = _moment("Null: it was never usable.", allow_none=True)
    access = fields.Nested(RecordedAccess, required=True)
    ended = fields.Nested(RecordedEnd, required=True)
    absence = fields.Nested(RecordedAbsence, required=True)
    parts = fields.List(fields.Nested(RecordedPart), required=True)
    kept = fields.List(
        fields.Nested(RecordedSnapshot),
        required=True,
        metadata={"description": "Snapshots of the disk and images of the system that outlive the desktop."},
    )
    directory_user = fields.Nested(RecordedDirectoryUser, required=True, allow_none=True)
    costs = fields.Nested(RecordedCosts, required=True)
    usage = fields.Nested(RecordedUsage, required=True)


class EndRecordQuery(PageQuery):
    q = text(
        longest=100,
        load_default="",
        metadata={
            "description": "A part of the person's present name or address, of the user name, the"
            " bundle's name or the cloud's id."
        },
    )
    first = fields.Date(
        data_key="from", load_default=None, metadata={"description": "Gone on this day (UTC) or later."}
    )
    last = fields.Date(
        data_key="to", load_default=None, metadata={"description": "Gone on this day (UTC) or before."}
    )


class EndRecordSummary(Schema):
    """All of it is at `workspaces/{workspace_id}/record/`."""

    workspace_id = fields.Integer(required=True)
    person = fields.Nested(RecordedPerson, required=True)
    cloud_provider = _text()
    username = _text()
    bundle_name = _text()
    ordered_at = _moment()
    terminated_at = _moment("When its absence was proven.")
    reason = fields.String(required=True, metadata={"enum": [one.value for one in EndReason]})


class EndRecordList(CountedPage):
    records = fields.List(fields.Nested(EndRecordSummary), required=True)
