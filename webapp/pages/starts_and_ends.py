"""Who starts and who ends this week and next, and what is wrong with it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.domain.permissions import Permission
from webapp.domain.starts_and_ends import (
    SHOWN_WEEKS,
    Turn,
    Week,
    Wrong,
    day_of,
    today,
    weeks_from,
    wrong_with,
)
from webapp.guards import requires
from webapp.identity import company_id, service_context, user
from webapp.queries.starts_and_ends import Entry, list_turns

bp = Blueprint("starts_and_ends", __name__, url_prefix="/schedule")

WORDS = {
    Wrong.NO_DESKTOP: ("No desktop ordered", "alert", "warn"),
    Wrong.FAILED: ("Desktop failed", "alert", "bad"),
    Wrong.NOT_READY: ("Desktop not ready", "clock", "warn"),
    Wrong.NEVER_CONNECTED: ("Never connected", "alert", "warn"),
    Wrong.TIME_ASKED: ("Asks for more time", "clock", "warn"),
    Wrong.NOT_EXTENDED: ("Not extended", "info", "quiet"),
}


@dataclass(frozen=True, slots=True)
class Line:
    entry: Entry
    says: str
    """Such as “starts at 09:00”."""
    wrong: tuple[str, str, str] | None
    """Label, icon and tone."""


@dataclass(frozen=True, slots=True)
class ShownWeek:
    title: str
    week: Week
    days: list[tuple[date, list[Line]]]
    """Those on which something is."""


@bp.get("/")
@requires(Permission.READ_WORK)
def index() -> ResponseReturnValue:
    zone, now = user().time_zone or "UTC", service_context().clock.now()
    current = Week.of(today(now, zone))
    first = _wanted(request.args.get("week", "")) or current
    shown = weeks_from(first)
    found = list_turns(
        service_context().session,
        company_id=company_id(),
        since=first.begins_at(zone),
        until=first.later(SHOWN_WEEKS).begins_at(zone),
    )
    by_day: defaultdict[date, list[Line]] = defaultdict(list)
    for entry in found.entries:
        by_day[day_of(entry.at, entry.turn, zone)].append(_line(entry, zone, now))
    return render_template(
        "starts_and_ends/index.html",
        weeks=[_shown(week, current, by_day) for week in shown],
        has_more=found.has_more,
        zone=zone,
        today=today(now, zone),
        is_current=first == current,
        earlier=first.later(-1),
        later=first.later(1),
    )


def _wanted(text: str) -> Week | None:
    """Of any day of it; None: no day that can be meant."""
    try:
        week = Week.of(date.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
    return week if week.is_sensible else None


def _shown(week: Week, current: Week, by_day: dict[date, list[Line]]) -> ShownWeek:
    names = {current: "This week", current.later(1): "Next week", current.later(-1): "Last week"}
    return ShownWeek(
        names.get(week, "Week"), week, [(day, by_day[day]) for day in week.days if by_day.get(day)]
    )


def _line(entry: Entry, zone: str, now: datetime) -> Line:
    wrong = wrong_with(entry.contract, entry.turn, now)
    local = entry.at.astimezone(ZoneInfo(zone))
    is_past = entry.at <= now
    if entry.turn is Turn.STARTS:
        says = "Started" if is_past else "Starts"
        says += "" if local.time() == time() else f" at {local:%H:%M}"
    else:
        says = "Ended" if is_past else "Ends"
        says += " at the end of the day" if local.time() == time() else f" at {local:%H:%M}"
    return Line(entry, says, WORDS[wrong] if wrong else None)
