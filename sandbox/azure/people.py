"""The tenant's users, groups and role assignments, as the console and Microsoft Graph make them.

Users who were there before anything else (`World.set_people`) get their row when somebody asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.azure.ids import guid, iso
from sandbox.store import Store

GUEST_MARK = "#EXT#"


@dataclass(slots=True)
class Person:
    tenant_id: str
    object_id: str
    upn: str
    mail: str
    """Empty: none."""
    made_by: str
    """`console` or `graph`."""
    born_at: float
    shown_at: float
    """Reads find it from then on; writes of the same name conflict at once."""
    data: dict[str, Any] = field(default_factory=dict)
    """The rest, under Graph's names."""


@dataclass(frozen=True, slots=True)
class Group:
    group_id: str
    tenant_id: str
    name: str
    kind: str = "assigned"
    """assigned, dynamic (a rule fills it) or role (Entra roles may be assigned to it)."""


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    assignment_id: str
    scope: str
    role_id: str
    principal_id: str
    principal_type: str


class People:
    def __init__(self, store: Store, *, is_old: Callable[[str], bool]) -> None:
        """`is_old`: has this user name been in the tenant since long ago?"""
        self._store, self._is_old = store, is_old

    # Users

    def find(self, tenant_id: str, key: str, *, now: float, is_truth: bool = False) -> Person | None:
        """By object id or user name. `is_truth`: also one that reads do not find yet."""
        row = self._store.one(
            "SELECT * FROM person WHERE tenant_id = ? AND (object_id = ? OR upn = ? COLLATE NOCASE)",
            tenant_id,
            key.lower(),
            key,
        )
        if row is None:
            return self._add_old(tenant_id, key) if self._is_old(key) else None
        found = _person(dict(row))
        return found if is_truth or found.shown_at <= now else None

    def list_by_mail(self, tenant_id: str, mail: str, *, now: float, is_truth: bool = False) -> list[Person]:
        if self._is_old(mail):
            self.find(tenant_id, mail, now=now)
        rows = self._store.rows(
            "SELECT * FROM person WHERE tenant_id = ? AND mail = ? COLLATE NOCASE ORDER BY seq",
            tenant_id,
            mail,
        )
        found = [_person(dict(row)) for row in rows]
        return [one for one in found if is_truth or one.shown_at <= now]

    def list_made(self) -> list[Person]:
        """Everybody who has a row."""
        return [_person(dict(row)) for row in self._store.rows("SELECT * FROM person ORDER BY seq")]

    def knows_new(self, user: str, *, now: float) -> bool:
        """Was this user made by a call, and can it be found by now?"""
        row = self._store.one(
            "SELECT 1 FROM person WHERE upn = ? COLLATE NOCASE AND made_by = 'graph' AND shown_at <= ?",
            user,
            now,
        )
        return row is not None

    def add(self, person: Person) -> Person:
        self._store.run(
            "INSERT INTO person (tenant_id, object_id, upn, mail, made_by, born_at, shown_at, data)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            person.tenant_id,
            person.object_id,
            person.upn,
            person.mail,
            person.made_by,
            person.born_at,
            person.shown_at,
            json.dumps(person.data),
        )
        return person

    def change(self, person: Person, **changes: Any) -> None:
        person.data |= changes
        self._store.run(
            "UPDATE person SET data = ? WHERE object_id = ?", json.dumps(person.data), person.object_id
        )

    def _add_old(self, tenant_id: str, upn: str) -> Person:
        is_guest = GUEST_MARK.lower() in upn.lower()
        name, _, home = upn.lower().partition(GUEST_MARK.lower())[0].rpartition("_")
        more = {"creationType": "Invitation", "externalUserState": "Accepted"} if is_guest else {}
        return self.add(
            Person(
                tenant_id,
                guid("person", tenant_id, upn.lower()),
                upn,
                f"{name}@{home}" if is_guest else upn,
                "console",
                0.0,
                0.0,
                new_data(upn.partition("@")[0], at=0.0, user_type="Guest" if is_guest else "Member") | more,
            )
        )

    # Domains

    def domains(self) -> list[str]:
        """The tenant's verified ones; the one it was born with is the last."""
        found: list[str] = self._store.get_meta("domains", [])
        return found

    def set_domains(self, domains: list[str]) -> None:
        self._store.set_meta("domains", domains)

    # Groups

    def find_group(self, tenant_id: str, group_id: str) -> Group | None:
        row = self._store.one(
            "SELECT * FROM people_group WHERE tenant_id = ? AND group_id = ?", tenant_id, group_id.lower()
        )
        return None if row is None else Group(**dict(row))

    def add_group(self, group: Group) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO people_group (group_id, tenant_id, name, kind) VALUES (?, ?, ?, ?)",
            group.group_id.lower(),
            group.tenant_id,
            group.name,
            group.kind,
        )

    def end_group(self, group_id: str) -> None:
        self._store.run("DELETE FROM people_group WHERE group_id = ?", group_id.lower())
        self._store.run("DELETE FROM member WHERE group_id = ?", group_id.lower())

    def members(self, group_id: str) -> list[str]:
        """Their object ids."""
        rows = self._store.rows(
            "SELECT object_id FROM member WHERE group_id = ? ORDER BY seq", group_id.lower()
        )
        return [str(row["object_id"]) for row in rows]

    def add_member(self, group_id: str, object_id: str) -> None:
        self._store.run("INSERT INTO member (group_id, object_id) VALUES (?, ?)", group_id.lower(), object_id)

    def remove_member(self, group_id: str, object_id: str) -> bool:
        values = (group_id.lower(), object_id.lower())
        return bool(self._store.run("DELETE FROM member WHERE group_id = ? AND object_id = ?", *values))

    # Role assignments

    def assign_role(self, scope: str, role_id: str, principal_id: str, principal_type: str) -> None:
        self._store.run(
            "INSERT OR REPLACE INTO role_assignment VALUES (?, ?, ?, ?, ?)",
            guid("assignment", scope.lower(), role_id, principal_id),
            scope,
            role_id,
            principal_id,
            principal_type,
        )

    def end_assignments(self) -> None:
        self._store.run("DELETE FROM role_assignment")

    def assignments_at(self, scope: str) -> list[RoleAssignment]:
        """Those at this scope and above it."""
        wanted = f"{scope.rstrip('/').lower()}/"
        rows = self._store.rows("SELECT * FROM role_assignment ORDER BY assignment_id")
        found = [RoleAssignment(**dict(row)) for row in rows]
        return [one for one in found if wanted.startswith(f"{one.scope.rstrip('/').lower()}/")]


def new_data(display_name: str, *, at: float, user_type: str = "Member") -> dict[str, Any]:
    return {
        "displayName": display_name,
        "givenName": None,
        "surname": None,
        "otherMails": [],
        "userType": user_type,
        "accountEnabled": True,
        "creationType": None,
        "externalUserState": None,
        "onPremisesExtensionAttributes": {f"extensionAttribute{number}": None for number in range(1, 16)},
        "onPremisesSyncEnabled": None,
        "createdDateTime": iso(at)[:19] + "Z",
        "signInSessionsValidFromDateTime": iso(at)[:19] + "Z",
    }


def _person(row: dict[str, Any]) -> Person:
    row.pop("seq")
    row["data"] = json.loads(row["data"])
    return Person(**row)
