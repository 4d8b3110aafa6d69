"""Short-lived tokens, kept in the memory of a worker until it ends: never on a disk, never in Redis.

A worker forks a process for each job, and what that learns dies with it. So the parent sets memory aside
before it forks, which its jobs share: a job that signs in leaves the token there for the next. A worker runs
one job at a time; what a killed one left half written fails its checksum and counts as nothing.
"""

import hashlib
import json
import mmap
import struct
from dataclasses import dataclass

SIZE = 1 << 18
"""For some 60 accounts: a token has 2 to 4 kB."""
_HEAD = struct.Struct(">I32s")


@dataclass(frozen=True, slots=True)
class KeptToken:
    text: str
    expires_on: int
    """In seconds of Unix time."""

    def __repr__(self) -> str:
        return f"KeptToken(expires_on={self.expires_on})"


class TokenMemory:
    """Tokens by the fingerprint of what they were issued for."""

    def __init__(self, size: int = SIZE, *, least_left_s: int = 600) -> None:
        """A token with less than `least_left_s` left may expire during a run: it is not given any more."""
        self._memory = mmap.mmap(-1, size)  # anonymous and shared with forked processes
        self._most = size - _HEAD.size
        self._least_left_s = least_left_s

    def get(self, fingerprint: str, *, now_s: float) -> KeptToken | None:
        found = self._read().get(fingerprint)
        return found if found is not None and found.expires_on - now_s >= self._least_left_s else None

    def put(self, fingerprint: str, token: KeptToken) -> None:
        """Of too many, those that expire first are dropped."""
        tokens = {**self._read(), fingerprint: token}
        while (body := _packed(tokens)) and len(body) > self._most:
            del tokens[min(tokens, key=lambda one: tokens[one].expires_on)]
        self._write(body)

    def forget(self, fingerprint: str) -> None:
        tokens = self._read()
        if tokens.pop(fingerprint, None) is not None:
            self._write(_packed(tokens))

    def _read(self) -> dict[str, KeptToken]:
        length, digest = _HEAD.unpack(self._memory[: _HEAD.size])
        body = self._memory[_HEAD.size : _HEAD.size + length]
        if not length or hashlib.sha256(body).digest() != digest:
            return {}
        return {name: KeptToken(*values) for name, values in json.loads(body).items()}

    def _write(self, body: bytes) -> None:
        self._memory[_HEAD.size : _HEAD.size + len(body)] = body
        self._memory[: _HEAD.size] = _HEAD.pack(len(body), hashlib.sha256(body).digest())


def _packed(tokens: dict[str, KeptToken]) -> bytes:
    return json.dumps({name: [one.text, one.expires_on] for name, one in tokens.items()}).encode()


def fingerprint(*parts: str) -> str:
    """Of everything a token depends on, the secret included: another secret never gets this token."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
