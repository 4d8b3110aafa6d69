"""Streams: who listens to what, and who is to look again, and when."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from live.changes import Change
from live.listeners import Listener

MOST_OF_A_PERSON = 12
"""A stream is a visible page: some devices, and windows side by side."""
MOST_STREAMS = 5000
LOOKS_PER_S = 25.0
"""So many pages are sent to the web server in a second for what many of them show."""
FEW = 5
_TOPIC = re.compile(r"lists|own|workspace-([0-9]{1,18})")


class TooMany(Exception):
    """This person, or everybody together, has as many streams as there may be."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What one stream hears of: the lists of a company, a person's own workspaces, or one workspace."""

    kind: str
    subject_id: int


def topic_of(text: str, listener: Listener) -> Topic | None:
    """What a page asks for, of what this person may hear; None for anything else."""
    found = _TOPIC.fullmatch(text)
    if found is None:
        return None
    if found[1]:
        return Topic("workspace", int(found[1]))
    if text == "own":
        return Topic("own", listener.user_id)
    return Topic("lists", listener.company_id) if listener.company_id is not None else None


class Stream:
    """One open page. It remembers at most one thing to say, so a slow one costs no memory."""

    def __init__(self, listener: Listener, topic: Topic) -> None:
        self.listener, self.topic = listener, topic
        self.has_ended = False
        self._looks_at_s = 0.0
        self._said_s: float | None = None
        self._woken = asyncio.Event()

    def may_hear(self, change: Change) -> bool:
        """The second look at what the topic has selected already: whose workspace is it?"""
        is_own = change.seeker_id == self.listener.user_id
        return is_own or change.company_id == self.listener.company_id

    def will_look(self, now_s: float) -> bool:
        """Does it know of a change, and look only after now? Then it sees what has just been committed."""
        return self._looks_at_s > now_s

    def say(self, now_s: float, wait_s: float) -> None:
        self._looks_at_s, self._said_s = now_s + wait_s, wait_s
        self._woken.set()

    def end(self) -> None:
        self.has_ended = True
        self._woken.set()

    async def next(self, patience_s: float) -> float | None:
        """After how many seconds the page is to look; None if there is nothing to say, or it has ended."""
        try:
            async with asyncio.timeout(patience_s):
                await self._woken.wait()
        except TimeoutError:
            return None
        self._woken.clear()
        said_s, self._said_s = self._said_s, None
        return said_s


class Streams:
    """All streams of this process. Not for several threads."""

    def __init__(self, monotonic_s: Callable[[], float], *, looks_per_s: float = LOOKS_PER_S) -> None:
        self._monotonic_s, self._every_s = monotonic_s, 1 / looks_per_s
        self._next_look_s = 0.0
        self._by_topic: defaultdict[Topic, set[Stream]] = defaultdict(set)
        self._of_person: Counter[int] = Counter()
        self.is_open = False
        """Is there a feed? Without one nobody is let in: a page that hears nothing must poll."""

    def __len__(self) -> int:
        return self._of_person.total()

    def add(self, listener: Listener, topic: Topic) -> Stream:
        """A stream that begins with a look: what changed while it was made is not missed. Raises TooMany."""
        if self._of_person[listener.user_id] >= MOST_OF_A_PERSON or len(self) >= MOST_STREAMS:
            raise TooMany
        stream = Stream(listener, topic)
        self._of_person[listener.user_id] += 1
        self._by_topic[topic].add(stream)
        stream.say(self._monotonic_s(), self._take_turn())
        return stream

    def remove(self, stream: Stream) -> None:
        self._of_person[stream.listener.user_id] -= 1
        if not self._of_person[stream.listener.user_id]:
            del self._of_person[stream.listener.user_id]
        self._by_topic[stream.topic].discard(stream)
        if not self._by_topic[stream.topic]:
            del self._by_topic[stream.topic]

    def notify(self, change: Change) -> int:
        """Notify whom it concerns; returns how many. Who looks later anyway hears nothing more.

        All pages of a company hear of a change in its lists. They take turns, so that the web server is asked
        steadily and not by all at once, however many they are. The few who watch one workspace need not wait.
        """
        now_s, notified = self._monotonic_s(), 0
        for topic in _topics_of(change):
            group = self._by_topic.get(topic, set())
            takes_turns = topic.kind == "lists" or len(group) > FEW
            for stream in group:
                if stream.may_hear(change) and not stream.will_look(now_s):
                    stream.say(now_s, self._take_turn() if takes_turns else 0.0)
                    notified += 1
        return notified

    def session_ids(self) -> set[int]:
        return {stream.listener.session_id for stream in self._all()}

    def end_all_but(self, living: Collection[Listener], *, asked: Collection[int]) -> None:
        """Of these sessions, end those that are over, and those whose person has other rights by now."""
        for stream in self._all():
            if stream.listener.session_id in asked and stream.listener not in living:
                stream.end()

    def end_all(self) -> None:
        for stream in self._all():
            stream.end()

    def close(self) -> None:
        """End all, and let nobody in."""
        self.is_open = False
        self.end_all()

    def _all(self) -> list[Stream]:
        return [stream for group in self._by_topic.values() for stream in group]

    def _take_turn(self) -> float:
        now_s = self._monotonic_s()
        turn_s = max(now_s, self._next_look_s)
        self._next_look_s = turn_s + self._every_s
        return turn_s - now_s


def _topics_of(change: Change) -> tuple[Topic, ...]:
    if change.workspace_id is None:
        return (Topic("lists", change.company_id),)
    own = (Topic("own", change.seeker_id),) if change.seeker_id is not None else ()
    return (Topic("workspace", change.workspace_id), *own)
