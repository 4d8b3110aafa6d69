"""What a field of a credential is, and what a cloud's credential consists of; each cloud fills this in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from webapp.domain.lifecycle import Action

Problem = tuple[str, str]
"""The name of a field, and a sentence about it."""


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    """An ISO date."""
    SEALED = "sealed"
    """Goes in and never comes out."""


@dataclass(frozen=True, slots=True)
class Trap:
    """What people paste here by mistake."""

    shape: re.Pattern[str]
    says: str


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    """The API contract's."""
    label: str
    missing: str
    """What is said when it is empty."""
    help: str = ""
    """Where a person finds the value."""
    kind: Kind = Kind.TEXT
    shape: re.Pattern[str] | None = None
    problem: str = ""
    """What is said when the shape does not fit. Never shows what was entered."""
    traps: tuple[Trap, ...] = ()
    longest: int = 200
    choices: Mapping[str, str] = field(default_factory=dict)
    """Value and the name that people know."""
    default: str | None = None
    """What stands for an empty one; None: it must be filled in."""
    ignores_case: bool = False
    """Kept in small letters."""
    is_note: bool = False
    """Only for Berth's people: the cloud never sees it, so a change of it needs no test."""
    is_about_sealed: bool = False
    """Belongs to the stored secret, and is forgotten with it."""

    @property
    def is_optional(self) -> bool:
        return self.default is not None

    def cleaned(self, text: str) -> str:
        """As it is kept; empty stays empty unless there is a default."""
        value = text.strip()
        return (value.lower() if self.ignores_case else value) or self.default or ""

    def problem_of(self, value: str) -> str | None:
        """Why this cannot be it, as a sentence; None when it can. An empty one is judged by the caller."""
        if not value:
            return None
        if trap := next((one for one in self.traps if one.shape.fullmatch(value)), None):
            return trap.says
        if len(value) > self.longest or (self.shape and not self.shape.fullmatch(value)):
            return self.problem or f"Use at most {self.longest} characters."
        if self.choices and value not in self.choices:
            return self.problem
        if self.kind is Kind.DATE and date_of(value) is None:
            return "This date does not exist."
        return None

    def shown(self, value: str) -> str:
        """For people: the name of a choice, other values as they are."""
        return self.choices.get(value, value)


@dataclass(frozen=True, slots=True)
class CloudFields:
    label: str
    """The service, as people call it."""
    fields: tuple[Field, ...]
    """Kept readable."""
    sealed: Field
    """Sealed on arrival, never shown again."""
    key_id: str
    """The readable field that identifies the secret; shown shortened."""
    scope: tuple[str, ...]
    """Readable fields that, with the account and the user name, make the slot of a workspace."""
    place: tuple[str, ...]
    """Readable fields that tell people in a list where its desktops are."""
    account: tuple[str, ...] = ()
    """Readable fields that name the account, where the key does not."""
    ignores_case: bool = False
    """Names of this cloud are the same in capitals and small letters."""
    together: Callable[[Mapping[str, str]], Problem | None] = lambda _: None
    """Why fields that are each right do not go together."""
    workspace_types: tuple[str, ...] = ("ubuntu", "windows")
    """The first is meant where nobody says."""
    refused_types: Mapping[str, str] = field(default_factory=dict)
    """Types that this cloud never has, and the sentence that says so."""
    refused_actions: Mapping[Action, str] = field(default_factory=dict)
    """Actions that this cloud does not know, and the sentence that says so."""
    restarts_broken: bool = False
    """A desktop that this cloud calls broken may be restarted, which often mends it."""
    running_mode: str = ""
    """How desktops that Berth orders are billed."""

    @property
    def public(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.fields)

    @property
    def secret(self) -> str:
        return self.sealed.name

    @property
    def optional(self) -> dict[str, str]:
        """Readable fields that may be left out, and what stands for them then."""
        return {one.name: one.default for one in self.fields if one.default is not None}

    def get_field(self, name: str) -> Field:
        return next(one for one in (*self.fields, self.sealed) if one.name == name)


def date_of(text: str | None) -> date | None:
    """None when there is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
