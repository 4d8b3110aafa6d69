"""How long ago something was, and how long it took, in words; the script of the pages says the first too."""

from collections.abc import Callable
from datetime import datetime

from webapp.domain.sentences import Sentence, say, say_many

_AGO: tuple[tuple[int, Callable[[int], Sentence], Callable[[int], Sentence]], ...] = (
    (
        86_400,
        lambda count: say_many("%(count)s day ago", "%(count)s days ago", count=count),
        lambda count: say_many("in %(count)s day", "in %(count)s days", count=count),
    ),
    (
        3_600,
        lambda count: say_many("%(count)s hour ago", "%(count)s hours ago", count=count),
        lambda count: say_many("in %(count)s hour", "in %(count)s hours", count=count),
    ),
    (
        60,
        lambda count: say_many("%(count)s minute ago", "%(count)s minutes ago", count=count),
        lambda count: say_many("in %(count)s minute", "in %(count)s minutes", count=count),
    ),
    (
        1,
        lambda count: say_many("%(count)s second ago", "%(count)s seconds ago", count=count),
        lambda count: say_many("in %(count)s second", "in %(count)s seconds", count=count),
    ),
)


def ago(at: datetime, *, now: datetime) -> Sentence:
    """“3 minutes ago”; the near future reads as “in 3 minutes”."""
    seconds = (now - at).total_seconds()
    if abs(seconds) < 10:
        return say("just now")
    size, past, future = next(one for one in _AGO if abs(seconds) >= one[0])
    return (past if seconds > 0 else future)(int(abs(seconds) // size))


def happened(at: datetime, *, now: datetime) -> Sentence:
    """The same for what has happened by a clock that is not ours: never “in 3 minutes”."""
    return ago(min(at, now), now=now)


def span(seconds: float) -> Sentence:
    """“45 seconds”, “3 min”, “1 h 20 min”, “2 days”: how long something took, in two units at most."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return say_many("%(count)s second", "%(count)s seconds", count=whole)
    minutes = round(whole / 60)
    if minutes < 60:
        return say("%(minutes)s min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24 and minutes:
        return say("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    if hours < 24:
        return say("%(hours)s h", hours=hours)
    days, hours = divmod(hours, 24)
    name = say_many("%(count)s day", "%(count)s days", count=days)
    return say("%(days)s %(hours)s h", days=name, hours=hours) if hours else name
