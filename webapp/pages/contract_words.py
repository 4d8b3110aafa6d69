"""Windows and hours of contracts in words, by the days and times of the zone in which they were typed."""

from datetime import date, time

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.hours.reading import hours_in_words
from webapp.domain.windows import TypedWindow, Window, typed_of


def window_in_words(window: Window) -> str:
    """“from 1 Mar 2027 until 30 Jun 2027, 17:30 (Europe/Berlin)”; “without start and end”."""
    parts = _ends(typed_of(window))
    return f"{' '.join(parts)} ({window.zone})" if parts else "without start and end"


def defaults_in_words(defaults: ContractDefaults) -> str:
    """“for 90 days from the approval on, until 30 Jun 2027 at the latest (Europe/Berlin)”; empty: none."""
    if defaults.is_empty:
        return ""
    zone = defaults.zone or "UTC"
    parts = _ends(typed_of(Window(defaults.starts_at, defaults.ends_at, zone)))
    if defaults.days is not None:
        length = f"for {defaults.days} {'day' if defaults.days == 1 else 'days'}"
        if defaults.starts_at is None:
            length += " from the approval on"
        place = 0 if defaults.starts_at is None else 1
        rest = [f"{one} at the latest" for one in parts[place:]]
        return f"{' '.join(parts[:place])} {', '.join([length, *rest])} ({zone})".strip()
    return f"{' '.join(parts)} ({zone})"


def default_hours_in_words(defaults: ContractDefaults) -> str:
    """“Mon–Fri 9:00–17:30, in each person’s own time zone, else Europe/Berlin”; empty: none."""
    if defaults.hours is None:
        return ""
    said = hours_in_words(defaults.hours)
    if not defaults.in_own_zone:
        return said
    zone = defaults.hours.zone
    return f"{said.removesuffix(zone).strip()}, in each person’s own time zone, else {zone}"


def _ends(typed: TypedWindow) -> list[str]:
    parts = []
    if typed.first_day is not None:
        parts.append(f"from {_moment(typed.first_day, typed.first_time)}")
    if typed.last_day is not None:
        parts.append(f"until {_moment(typed.last_day, typed.last_time)}")
    return parts


def _moment(day: date, at: time | None) -> str:
    said = f"{day.day} {day:%b %Y}"
    return said if at is None else f"{said}, {at:%H:%M}"
