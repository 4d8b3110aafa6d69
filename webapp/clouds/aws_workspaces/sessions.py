"""The sessions of roles, in the memory of a worker (`clouds/token_memory.py`)."""

import json
from dataclasses import dataclass, field

from webapp.clouds.token_memory import KeptToken, TokenMemory, fingerprint

LEAST_LEFT_S = 300
"""A session with less than this left is not used any more: it could end during a run."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What requests are signed with."""

    key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    keys: Keys
    expires_on: int
    """In seconds of Unix time."""


class Sessions:
    """Kept by what they were given for: role, external ID, policy, and whose identity assumed the role."""

    def __init__(self, memory: TokenMemory | None, *issued_for: str) -> None:
        self._memory, self._name = memory, fingerprint(*issued_for)

    def get(self, *, now_s: float) -> Session | None:
        kept = self._memory.get(self._name, now_s=now_s) if self._memory else None
        return None if kept is None else Session(Keys(*json.loads(kept.text)), kept.expires_on)

    def put(self, session: Session) -> None:
        keys = session.keys
        text = json.dumps([keys.key_id, keys.secret, keys.session_token])
        if self._memory is not None:
            self._memory.put(self._name, KeptToken(text, session.expires_on))

    def forget(self) -> None:
        if self._memory is not None:
            self._memory.forget(self._name)


_of_worker: TokenMemory | None = None


def set_aside() -> None:
    """In the parent process, before it forks. Without it each run begins a session of its own."""
    global _of_worker
    _of_worker = _of_worker or TokenMemory(least_left_s=LEAST_LEFT_S)


def of_worker() -> TokenMemory | None:
    return _of_worker
