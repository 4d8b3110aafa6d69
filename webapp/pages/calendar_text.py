"""A calendar as programs read it (iCalendar, RFC 5545): an event for each start and each end."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from webapp.domain.redaction import one_line
from webapp.queries.calendar import Moment

if TYPE_CHECKING:
    from icalendar import Event

ASK_AGAIN = timedelta(hours=1)


def calendar_of(moments: Iterable[Moment], *, installation: str) -> bytes:
    """`installation` makes the names of the events unique in the world."""
    from icalendar import Calendar  # noqa: PLC0415 few processes ever write one

    calendar = Calendar()
    calendar.add("prodid", "-//Berth//Starts and ends//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Berth")  # nothing that anybody typed: the library leaves this one as it is
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    for one in moments:
        calendar.add_component(_event(one, installation))
    return calendar.to_ical()


def _event(moment: Moment, installation: str) -> "Event":
    """At an instant, and in nobody's way. Every property is the same until the contract changes."""
    from icalendar import Event  # noqa: PLC0415 as above

    person, job = one_line(moment.person), one_line(moment.job)
    edge, words = ("end", "ends") if moment.is_end else ("start", "starts")
    event = Event()
    event.add("uid", f"application-{moment.application_id}-{edge}@{installation}")
    event.add("sequence", moment.version)
    event.add("dtstamp", moment.set_at)
    event.add("dtstart", moment.at)
    event.add("summary", f"{person} {words} · {job}")
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event
