"""The timeline of a person: done by time, then one thing that is now, then what comes, in its order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.cases import each_case
from webapp.domain.access import Access
from webapp.domain.person_timeline import Facts, Kind, Place, Step, timeline_of

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW = Facts(
    available_at=None,
    starts_at=None,
    ends_at=None,
    access=Access.OPEN,
    destroy_at=None,
    grace=7 * DAY,
    is_planned=False,
    is_ending=False,
    gone_at=None,
    has_failed=False,
    is_imaged=False,
    is_connected=False,
    is_never_connected=False,
    first_connected_at=None,
    last_connected_at=None,
)
READY = replace(NEW, available_at=NOW - DAY, is_never_connected=True)
USED = replace(READY, is_never_connected=False, first_connected_at=NOW - HOUR, last_connected_at=NOW - HOUR)
ORDERED = Step(Kind.ORDERED, NOW - 2 * DAY, "Paula")


def kinds(steps: list[Step], place: Place) -> list[Kind]:
    return [one.kind for one in steps if one.place is place]


def test_what_is_done_stands_in_the_order_of_time_whatever_order_it_was_read_in() -> None:
    past = [ORDERED, Step(Kind.APPROVED, NOW - 3 * DAY), Step(Kind.APPLIED, NOW - 4 * DAY)]

    done = kinds(timeline_of(past, USED, now=NOW), Place.DONE)

    assert done == [Kind.APPLIED, Kind.APPROVED, Kind.ORDERED, Kind.READY, Kind.FIRST_CONNECTED]


def test_of_one_moment_the_natural_order_counts() -> None:
    past = [Step(kind, NOW - DAY) for kind in (Kind.ORDERED, Kind.APPROVED, Kind.APPLIED)]

    assert kinds(timeline_of(past, NEW, now=NOW), Place.DONE) == [Kind.APPLIED, Kind.APPROVED, Kind.ORDERED]


@each_case(
    ("facts", "now_is"),
    [
        (NEW, Kind.SETTING_UP),
        (replace(NEW, has_failed=True), Kind.FAILED),
        (replace(USED, has_failed=True, is_imaged=True), Kind.IMAGED),
        (replace(READY, access=Access.NOT_YET, starts_at=NOW + DAY), Kind.WAITS_FOR_START),
        (READY, Kind.NEVER_CONNECTED),
        (USED, Kind.CAN_CONNECT),
        (replace(USED, is_connected=True), Kind.CONNECTED),
        (replace(USED, access=Access.SUSPENDED, destroy_at=NOW + DAY), Kind.KEPT),
        (replace(USED, access=Access.SUSPENDED, destroy_at=NOW, is_ending=True), Kind.ENDING),
    ],
)
def test_exactly_one_thing_is_now(facts: Facts, now_is: Kind) -> None:
    assert kinds(timeline_of([ORDERED], facts, now=NOW), Place.NOW) == [now_is]


def test_what_comes_has_its_time_where_it_is_known() -> None:
    facts = replace(NEW, access=Access.NOT_YET, starts_at=NOW + DAY, ends_at=NOW + 10 * DAY)

    coming = [one for one in timeline_of([], facts, now=NOW) if one.place is Place.NEXT]

    assert [(one.kind, one.at) for one in coming] == [
        (Kind.READY, None),
        (Kind.OPENS, NOW + DAY),
        (Kind.FIRST_CONNECTED, None),
        (Kind.CONTRACT_ENDS, NOW + 10 * DAY),
        (Kind.DESTROYED, NOW + 17 * DAY),
    ]


def test_while_it_is_kept_only_its_destruction_comes() -> None:
    facts = replace(USED, access=Access.SUSPENDED, ends_at=NOW + 10 * DAY, destroy_at=NOW + 3 * DAY)

    coming = [one for one in timeline_of([], facts, now=NOW) if one.place is Place.NEXT]

    assert [(one.kind, one.at) for one in coming] == [(Kind.DESTROYED, NOW + 3 * DAY)]


def test_an_end_that_the_scheduler_has_missed_is_kept_already_and_its_grace_counts_from_the_end() -> None:
    facts = replace(USED, access=Access.SUSPENDED, ends_at=NOW - HOUR)

    steps = timeline_of([], facts, now=NOW)

    assert kinds(steps, Place.NOW) == [Kind.KEPT]
    assert steps[-1].at == NOW - HOUR + 7 * DAY


def test_of_what_is_gone_nothing_comes_and_nothing_is_now() -> None:
    facts = replace(USED, starts_at=NOW + DAY, gone_at=NOW - timedelta(minutes=1), is_ending=True)

    steps = timeline_of([ORDERED], facts, now=NOW)

    assert {one.place for one in steps} == {Place.DONE}
    assert steps[-1].kind is Kind.GONE
    assert Kind.OPENS not in [one.kind for one in steps]


def test_the_last_connection_is_shown_when_it_is_another_than_the_first_and_is_over() -> None:
    again = replace(USED, last_connected_at=NOW - timedelta(minutes=5))

    assert kinds(timeline_of([], again, now=NOW), Place.DONE)[-1] is Kind.LAST_CONNECTED
    connected = replace(again, is_connected=True)
    assert kinds(timeline_of([], connected, now=NOW), Place.DONE)[-1] is Kind.FIRST_CONNECTED
