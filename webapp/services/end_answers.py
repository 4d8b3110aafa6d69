"""The ten questions of an auditor, answered by the record of an end, in words: for the page and the PDF.

The questions: docs/decisions/record_of_the_end.md. Times are UTC, so that a record reads the same everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.domain.costs.money import Money
from webapp.domain.end_records import IMAGES, OUTCOMES, REASONS, Outcome
from webapp.models import EndRecord
from webapp.providers.registry import get_provider
from webapp.services.end_records import End

UNKNOWN = "Not known."


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Answer:
    key: str
    question: str
    facts: tuple[Fact, ...]


def answers_of(end: End) -> list[Answer]:
    """In the order in which they are asked."""
    record = end.record
    return [
        Answer("person", "Who had it?", tuple(_person(record))),
        Answer("desktop", "Which desktop was it, in which account?", tuple(_desktop(record))),
        Answer("time", "From when to when?", tuple(_time(record))),
        Answer("order", "Who ordered it?", tuple(_order(record))),
        Answer("end", "Who ended it, and why?", tuple(_end(record))),
        Answer("access", "When did access end?", tuple(_access(record))),
        Answer("absence", "How was its absence proven?", tuple(_absence(record))),
        Answer("parts", "What became of its parts?", tuple(_parts(record))),
        Answer("cost", "What did it cost?", tuple(_cost(end))),
        Answer("use", "How much was it used?", tuple(_use(record))),
    ]


def moment(at: datetime | None, *, otherwise: str = UNKNOWN) -> str:
    """“24 November 2026, 10:00:00 UTC”."""
    return otherwise if at is None else f"{at.day} {at:%B %Y, %H:%M:%S} UTC"


def _person(record: EndRecord) -> Iterator[Fact]:
    yield Fact("Name", record.person_name)
    yield Fact("Address", record.person_email)
    yield Fact("User name", record.username)
    yield Fact("Job", record.job_title)
    yield Fact("Company", record.company_name)


def _desktop(record: EndRecord) -> Iterator[Fact]:
    provider = get_provider(record.cloud_provider)
    yield Fact("Cloud", provider.label)
    yield Fact("Cloud account", f"{record.account_id} ({record.credential_name})")
    for name, value in record.place.items():
        field = provider.fields.get_field(name)
        shown = field.shown(value)
        yield Fact(field.label, value if shown == value else f"{shown} ({value})")
    yield Fact("Size", f"{record.bundle_name} ({record.bundle_id})")
    yield Fact("System", record.operating_system or record.workspace_type)
    machines = record.details["machines"]
    if not machines:
        yield Fact("Cloud ID", "None: the cloud never named one.")
    for one in machines:
        which = "Cloud ID" if len(machines) == 1 else f"Cloud ID, generation {one['generation']}"
        yield Fact(which, one["cloud_id"])


def _time(record: EndRecord) -> Iterator[Fact]:
    yield Fact("Ordered", moment(record.ordered_at))
    yield Fact("First available", moment(record.available_at, otherwise="Never."))
    yield Fact("End requested", moment(record.end_requested_at))
    yield Fact("Gone, proven", moment(record.terminated_at))


def _order(record: EndRecord) -> Iterator[Fact]:
    yield Fact("Name", record.ordered_by_name)
    yield Fact("Address", record.ordered_by_email)
    if replaces := record.details.get("replaces"):
        yield Fact("Took over from", f"Desktop {replaces}, under the same contract.")


def _end(record: EndRecord) -> Iterator[Fact]:
    yield Fact("By", record.ended_by or "Nobody of the company.")
    yield Fact("Why", REASONS[record.end_reason])
    if replaced_by := record.details.get("replaced_by"):
        yield Fact("Handed over to", f"Desktop {replaced_by}, under the same contract.")
    if record.end_message:
        yield Fact("Last line of its log", record.end_message)
    if record.error_code:
        yield Fact("Trouble at the end", record.error_code)


def _access(record: EndRecord) -> Iterator[Fact]:
    if record.suspended_at:
        yield Fact("Suspended", moment(record.suspended_at))
    if record.access_ended_at:
        yield Fact("Access ended", moment(record.access_ended_at))
        return
    last = "With the desktop: it was gone by then, and nothing earlier is known."
    yield Fact("Access ended", f"{moment(record.absent_first_at or record.terminated_at)}. {last}")


def _absence(record: EndRecord) -> Iterator[Fact]:
    """Only complete listings count: docs/decisions/proof_of_absence.md."""
    yield Fact("Complete listings without it", str(record.absent_count))
    if record.absent_count:
        yield Fact("The first", moment(record.absent_first_at))
        yield Fact("The last", moment(record.absent_last_at))
    else:
        yield Fact("Why none", record.end_message or UNKNOWN)


def _parts(record: EndRecord) -> Iterator[Fact]:
    for one in record.details["parts"]:
        yield Fact(one["label"], OUTCOMES[Outcome(one["outcome"])])
    for one in record.details.get("kept", ()):
        taken_at, until = (datetime.fromisoformat(one[name]) for name in ("taken_at", "kept_until"))
        label = "Image of its system" if one.get("part") == IMAGES else "Last snapshot"
        yield Fact(label, f"{one['name']}, of {moment(taken_at)}: kept until {moment(until)}")
    user: dict[str, Any] | None = record.details["directory_user"]
    yield Fact(
        "The user in the directory", UNKNOWN if user is None else f"{user['username']}: {user['outcome']}"
    )


def _cost(end: End) -> Iterator[Fact]:
    costs, record = end.costs, end.record
    billed, estimated = _sum(costs.billed), _sum(costs.estimated)
    through = "" if costs.billed_through is None else f" Bills are known through {costs.billed_through}."
    yield Fact("Billed", (billed or "Nothing known.") + through)
    gaps = "" if costs.is_complete else " For a part of it no price is known."
    yield Fact("Estimated", (estimated or "Nothing known.") + gaps)
    if costs.is_provisional:
        yield Fact("State", f"Provisional: it may change until {moment(record.costs_final_at)}.")
    else:
        yield Fact("State", f"Final since {moment(costs.closed_at)}.")
    if record.month_price_minor is not None and record.price_currency:
        price = Money(record.price_currency, record.month_price_minor)
        yield Fact("Last known list price", f"{price} a month")


def _sum(amounts: list[Money]) -> str:
    return " and ".join(map(str, amounts)) + "." if amounts else ""


def _use(record: EndRecord) -> Iterator[Fact]:
    details = record.details
    yield Fact("Switched on", hours(details["running_s"]))
    use: dict[str, Any] | None = details["use"]
    if use is None:
        yield Fact("Connected", UNKNOWN)
    else:
        connected = "" if use["seconds"] is None else f", {hours(use['seconds'])}"
        yield Fact("Days with a connection", f"{use['days']}{connected}")
    for name, label in _COUNTS:
        yield Fact(label, str(details["counts"].get(name, 0)))  # older records know no restores


_COUNTS = (
    ("starts", "Starts"),
    ("stops", "Stops"),
    ("restarts", "Restarts"),
    ("rebuilds", "Rebuilds"),
    ("restores", "Restores"),
    ("attempts", "Times that the cloud was asked to make it"),
)


def hours(seconds: float) -> str:
    """“12.5 hours”, or “40 minutes”."""
    if seconds < 3600:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"
