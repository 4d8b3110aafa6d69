"""The users of directories: listed by name alone, or with everything that Directory Service keeps of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sandbox.aws.accounts import Directory
from sandbox.demo import hex_id
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the directory_user table."""

    directory_id: str
    user_key: str
    """The name in lower case: names are case-insensitive."""
    user_name: str
    sid: str
    given_name: str | None
    surname: str | None
    email: str | None
    other: str
    """Further attributes as JSON: name in lower case to the wire's value."""
    is_enabled: int
    password_sha256: str | None
    created_at: float
    readable_at: float
    """From when on the directory's own API shows it: its controllers replicate."""
    usable_at: float
    """From when on a desktop can be made for it."""
    changed_at: float


class People:
    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, directory: Directory, user_name: str) -> Person | None:
        """A user of this name, also one that was only listed by name; as it is, whoever may see it."""
        row = self._store.one(
            "SELECT * FROM directory_user WHERE directory_id = ? AND user_key = ?",
            directory.directory_id,
            user_name.lower(),
        )
        if row is not None:
            return Person(**dict(row))
        return self._listed(directory, user_name) if directory.knows(user_name) else None

    def is_usable(self, directory: Directory, user_name: str, now: float) -> bool:
        """Can a desktop be made for this name?"""
        found = self.find(directory, user_name)
        return found is not None and found.usable_at <= now

    def add(self, directory: Directory, values: dict[str, Any]) -> Person:
        """`values`: columns of the table, without those that follow from the name."""
        name = values["user_name"]
        blank = {
            "directory_id": directory.directory_id,
            "user_key": name.lower(),
            "sid": _sid(directory.directory_id, name.lower(), values["created_at"]),
            "password_sha256": None,
        }
        self._store.insert("directory_user", blank | values)
        found = self.find(directory, name)
        assert found is not None
        return found

    def update(self, person: Person, **changes: Any) -> None:
        """Also of one that was only listed by name: from now on it has a row."""
        values = {name: getattr(person, name) for name in Person.__dataclass_fields__} | changes
        self._store.run(
            "DELETE FROM directory_user WHERE directory_id = ? AND user_key = ?",
            person.directory_id,
            person.user_key,
        )
        self._store.insert("directory_user", values)

    def list_with_rows(self, directory_id: str) -> list[Person]:
        rows = self._store.rows(
            "SELECT * FROM directory_user WHERE directory_id = ? ORDER BY user_key", directory_id
        )
        return [Person(**dict(row)) for row in rows]

    def remember(self, token: str, *, call: str, sid: str, now: float, lasts_s: float) -> None:
        """What a call with this client token was and made."""
        self._store.run("DELETE FROM client_token WHERE token = ?", token)
        self._store.insert(
            "client_token", {"token": token, "call": call, "sid": sid, "expires_at": now + lasts_s}
        )

    def recall(self, token: str, now: float) -> tuple[str, str] | None:
        """The call, and the SID that it made."""
        row = self._store.one("SELECT * FROM client_token WHERE token = ? AND expires_at > ?", token, now)
        return None if row is None else (row["call"], row["sid"])

    @staticmethod
    def _listed(directory: Directory, user_name: str) -> Person:
        known = {name.lower(): name for name in directory.users or ()}
        name = known.get(user_name.lower(), user_name)
        sid = _sid(directory.directory_id, name.lower(), 0.0)
        more: dict[str, Any] = {"given_name": None, "surname": None, "email": None, "other": "{}"}
        return Person(
            directory.directory_id,
            name.lower(),
            name,
            sid,
            **more,
            is_enabled=1,
            password_sha256=None,
            created_at=0.0,
            readable_at=0.0,
            usable_at=0.0,
            changed_at=0.0,
        )


def shadow(password: str) -> str:
    """What is kept of a password."""
    return hashlib.sha256(password.encode()).hexdigest()


def show_person(person: Person) -> dict[str, Any]:
    """Everything that the sandbox stores about a user."""
    values = {name: getattr(person, name) for name in Person.__dataclass_fields__}
    return {**values, "other": json.loads(person.other)}


def _sid(directory_id: str, user_key: str, created_at: float) -> str:
    """A user that is made again under its old name is another one."""
    mark = hex_id(directory_id, length=8), hex_id("user", directory_id, user_key, created_at, length=7)
    return f"S-1-5-21-{int(mark[0], 16)}-2111687655-1448521128-{int(mark[1], 16)}"
