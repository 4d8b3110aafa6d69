"""Who hears of what, and when they look: the rules alone."""

import pytest

from live.changes import Change
from live.listeners import Listener
from live.streams import MOST_OF_A_PERSON, Stream, Streams, TooMany, topic_of
from tests.cases import each_case
from tests.live.listening import run

HIRES = Listener(session_id=1, user_id=1, company_id=7)
SEEKS = Listener(session_id=2, user_id=2, company_id=None)
STRANGER = Listener(session_id=3, user_id=3, company_id=8)
LISTS, WORKSPACE = Change(7), Change(7, workspace_id=70, seeker_id=2)


class Hand:
    """A monotonic clock that the test moves."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def streams(hand: Hand) -> Streams:
    return Streams(hand, looks_per_s=10)


def join(streams: Streams, listener: Listener, text: str) -> Stream:
    topic = topic_of(text, listener)
    assert topic is not None
    return streams.add(listener, topic)


@pytest.mark.parametrize(
    ("listener", "text", "change", "hears"),
    [
        (HIRES, "lists", LISTS, True),
        (HIRES, "lists", WORKSPACE, False),
        (HIRES, "workspace-70", WORKSPACE, True),
        (HIRES, "workspace-71", WORKSPACE, False),
        (HIRES, "workspace-70", LISTS, False),
        (STRANGER, "lists", LISTS, False),
        (STRANGER, "workspace-70", WORKSPACE, False),
        (SEEKS, "own", WORKSPACE, True),
        (SEEKS, "own", LISTS, False),
        (SEEKS, "workspace-70", WORKSPACE, True),
        (SEEKS, "workspace-70", Change(7, workspace_id=70, seeker_id=9), False),
        (SEEKS, "own", Change(7, workspace_id=71, seeker_id=9), False),
    ],
)
def test_a_page_hears_of_what_it_shows_and_its_person_may_see(
    streams: Streams, hand: Hand, listener: Listener, text: str, change: Change, hears: bool
) -> None:
    join(streams, listener, text)
    hand.now_s += 1  # it has looked

    assert streams.notify(change) == hears


@each_case("text", ["", "lists ", "workspace-", "workspace--1", "company-7", "lists\nown"])
def test_nothing_else_can_be_asked_for(text: str) -> None:
    assert topic_of(text, HIRES) is None


def test_a_seeker_has_no_lists() -> None:
    assert topic_of("lists", SEEKS) is None


def test_many_pages_of_one_company_look_one_after_the_other(streams: Streams, hand: Hand) -> None:
    pages = [join(streams, Listener(session_id=n, user_id=n, company_id=7), "lists") for n in range(30)]
    hand.now_s += 10

    assert streams.notify(LISTS) == 30
    hand.now_s += 1
    is_late = [one for one in pages if one.will_look(hand.now_s)]

    assert len(is_late) == 30 - 11, "ten a second, and the first at once"


def test_who_looks_later_anyway_is_not_notified_again(streams: Streams, hand: Hand) -> None:
    for n in range(30):
        join(streams, Listener(session_id=n, user_id=n, company_id=7), "lists")
    hand.now_s += 10
    streams.notify(LISTS)
    hand.now_s += 1

    assert streams.notify(LISTS) == 11


def test_the_few_who_watch_one_workspace_do_not_wait_for_lists(streams: Streams, hand: Hand) -> None:
    for n in range(30):
        join(streams, Listener(session_id=n, user_id=n, company_id=7), "lists")
    page = join(streams, HIRES, "workspace-70")
    hand.now_s += 10
    streams.notify(LISTS)

    assert streams.notify(WORKSPACE) == 1
    assert not page.will_look(hand.now_s)


def test_a_person_has_only_so_many_streams_and_others_still_have_theirs(streams: Streams) -> None:
    pages = [join(streams, HIRES, "lists") for _ in range(MOST_OF_A_PERSON)]

    with pytest.raises(TooMany):
        join(streams, HIRES, "workspace-70")
    join(streams, SEEKS, "own")
    streams.remove(pages[0])
    join(streams, HIRES, "lists")

    assert len(streams) == MOST_OF_A_PERSON + 1


def test_what_has_ended_is_forgotten(streams: Streams) -> None:
    page = join(streams, HIRES, "lists")

    streams.remove(page)

    assert (len(streams), streams.session_ids(), streams.notify(LISTS)) == (0, set(), 0)


def test_a_person_who_has_other_rights_by_now_is_ended_and_one_not_asked_about_is_not(
    streams: Streams,
) -> None:
    moved, joined_since = join(streams, HIRES, "lists"), join(streams, STRANGER, "lists")

    streams.end_all_but({Listener(session_id=1, user_id=1, company_id=8)}, asked={1})

    assert (moved.has_ended, joined_since.has_ended) == (True, False)


def test_a_slow_page_has_one_thing_waiting_however_much_has_changed(streams: Streams, hand: Hand) -> None:
    page = join(streams, HIRES, "workspace-70")
    for _ in range(50):
        hand.now_s += 1
        streams.notify(WORKSPACE)

    async def heard() -> list[float | None]:
        return [await page.next(0.01), await page.next(0.01)]

    assert run(heard()) == [0.0, None]
