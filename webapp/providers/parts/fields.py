"""The description of a credential's field and of a cloud's credential; each cloud provides its own."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from webapp.domain.plain_text import plain
from webapp.domain.secret_expiry import date_of

Problem = tuple[str, str]
"""The name of a field, and a sentence about it."""


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    """An ISO date."""
    SEALED = "sealed"
    """Write-only."""
    CERTIFICATE = "certificate"
    """A certificate with its private key, as PEM: write-only too."""


class Origin(StrEnum):
    """Where the value of a field comes from that nobody enters."""

    RANDOM = "random"
    """Berth draws it, once for a credential: nobody can choose one that is in use elsewhere."""
    CERTIFICATE_END = "certificate_end"
    """The last day of the entered certificate."""
    CERTIFICATE_THUMBPRINT = "certificate_thumbprint"
    """As the cloud's own page shows it."""


WRITE_ONLY = (Kind.SEALED, Kind.CERTIFICATE)


@dataclass(frozen=True, slots=True)
class Trap:
    """A value that people paste here by mistake."""

    shape: re.Pattern[str]
    says: str


_TRAPS_OF: Mapping[Kind, tuple[Trap, ...]] = {
    Kind.TEXT: (),
    Kind.CHOICE: (),
    Kind.DATE: (),
    Kind.CERTIFICATE: (),
    Kind.SEALED: (
        Trap(
            re.compile(r"\{.*|\[\s*\{.*", re.DOTALL),
            "This is the whole JSON, not the secret. Paste only the secret’s value, without quotation marks.",
        ),
        Trap(re.compile(r"[\"'“”].*|.*[\"'“”]", re.DOTALL), "Paste the value without quotation marks."),
    ),
}
"""What is pasted by mistake into fields of any cloud."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    """The API contract's."""
    label: str
    missing: str
    """The message if it is empty."""
    help: str = ""
    """Where a person finds the value."""
    kind: Kind = Kind.TEXT
    shape: re.Pattern[str] | None = None
    problem: str = ""
    """The message if the format is wrong. Never shows what was entered."""
    traps: tuple[Trap, ...] = ()
    longest: int = 200
    choices: Mapping[str, str] = field(default_factory=dict)
    """Value and display name."""
    default: str | None = None
    """The default for an empty value; None: required."""
    ignores_case: bool = False
    """Stored in lower case."""
    shows_codes: bool = True
    """The cloud's own codes of the choices, such as a region's, stand beside their names."""
    is_note: bool = False
    """The access to the cloud does not depend on it, so a change needs no test."""
    check: Callable[[str], str | None] | None = None
    """What a shape cannot say: why a value cannot be used, as a sentence; None if it can."""
    is_about_sealed: bool = False
    """Belongs to the stored secret and is removed with it."""
    origin: Origin | None = None
    """Where its value comes from, if nobody enters it."""

    @property
    def is_entered(self) -> bool:
        return self.origin is None

    @property
    def longest_sent(self) -> int:
        """What an entry point takes: enough to recognise what is pasted by mistake, and to say so."""
        return max(self.longest, 400)

    @property
    def is_optional(self) -> bool:
        return self.default is not None

    def cleaned(self, text: str) -> str:
        """The stored form, without what cannot be seen; empty stays empty unless there is a default."""
        value = plain(text)
        if self.kind not in WRITE_ONLY:
            value = value.rstrip("/")  # copied from an address
        if self.kind is Kind.CHOICE:
            value = self._choice_of(value)
        return (value.lower() if self.ignores_case else value) or self.default or ""

    def _choice_of(self, value: str) -> str:
        """The value of a choice that was given by its display name: “West Europe” is westeurope."""
        names = {name.casefold(): one for one, name in self.choices.items()}
        return names.get(value.casefold(), value)

    def problem_of(self, value: str) -> str | None:
        """Why the value is not valid, as a sentence; None if it is. The caller checks for empty values."""
        if not value:
            return None
        if trap := next(
            (one for one in (*self.traps, *_TRAPS_OF[self.kind]) if one.shape.fullmatch(value)), None
        ):
            return trap.says
        if len(value) > self.longest or (self.shape and not self.shape.fullmatch(value)):
            return self.problem or f"Use at most {self.longest} characters."
        if self.choices and value not in self.choices:
            return self.problem
        if self.kind is Kind.DATE and date_of(value) is None:
            return "This date does not exist."
        return self.check(value) if self.check else None

    def shown(self, value: str) -> str:
        """For people: the display name of a choice, other values unchanged."""
        return self.choices.get(value, value)


@dataclass(frozen=True, slots=True)
class CloudFields:
    """What is entered about an account, for one way to sign in; the first way knows the others."""

    fields: tuple[Field, ...]
    """Kept readable."""
    sealed: Field
    """Encrypted at once, never shown again."""
    key_id: str
    """The readable field that identifies the secret; shown shortened."""
    scope: tuple[str, ...]
    """Readable fields that, with the account and the user name, form the slot of a workspace."""
    place: tuple[str, ...]
    """Readable fields that show the desktops' location in a list."""
    account: tuple[str, ...] = ()
    """Readable fields that identify the account, if the key does not."""
    ignores_case: bool = False
    """Names in this cloud are case-insensitive."""
    together: Callable[[Mapping[str, str]], Problem | None] = lambda _: None
    """Why individually valid fields do not fit together."""
    auth_kind: str = "keys"
    """How Berth signs in, as rows and the API name it."""
    auth_label: str = "Access key"
    auth_help: str = ""
    """When to choose it, in a sentence."""
    needs_own_identity: bool = False
    """Only where the operator has given the installation an identity of its own in this cloud."""
    is_key_shortened: bool = True
    """The readable field `key_id` is shown shortened."""
    others: tuple["CloudFields", ...] = ()
    """The other ways to sign in to the same cloud; place and account are described the same in all."""

    def __post_init__(self) -> None:
        if any(one.scope != self.scope or one.account != self.account for one in self.others):
            raise ValueError("all ways to sign in have one place")

    @property
    def ways(self) -> tuple["CloudFields", ...]:
        return (self, *self.others)

    def find_way(self, auth_kind: str) -> "CloudFields | None":
        return next((one for one in self.ways if one.auth_kind == auth_kind), None)

    @property
    def entered(self) -> tuple[Field, ...]:
        """What a person fills in, the secret last."""
        return tuple(one for one in (*self.fields, self.sealed) if one.is_entered)

    @property
    def public(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.fields)

    @property
    def secret(self) -> str:
        return self.sealed.name

    def has_secret(self, given: Mapping[str, str]) -> bool:
        return bool(self.sealed.cleaned(given.get(self.secret, "")))

    @property
    def bound(self) -> tuple[str, ...]:
        """Readable fields that say where the secret is used: it must be entered again with a new value."""
        return tuple(one.name for one in self.fields if not one.is_optional)

    def bound_values(self, public_fields: Mapping[str, str]) -> dict[str, str]:
        """The values of these fields; another spelling of the same name is no other place."""
        values = {name: public_fields.get(name, "") for name in self.bound}
        return {name: value.lower() for name, value in values.items()} if self.ignores_case else values

    @property
    def optional(self) -> dict[str, str]:
        """Optional readable fields and their defaults."""
        return {one.name: one.default for one in self.fields if one.default is not None}

    def place_of(self, public_fields: Mapping[str, str]) -> str:
        """Where its desktops are, for people: “Europe (Frankfurt) · d-1234567890”."""
        return " · ".join(self.get_field(name).shown(public_fields.get(name, "")) for name in self.place)

    def get_field(self, name: str) -> Field:
        return next(one for one in (*self.fields, self.sealed) if one.name == name)
