"""Which user names the directory of a cloud accepts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.domain.name_patterns import username_from


@dataclass(frozen=True, slots=True, kw_only=True)
class UsernameRule:
    longest: int
    missing: str
    """What is said when it is empty."""
    shape_problem: Callable[[str], str | None]
    """Why a name that is neither empty nor too long cannot be used."""
    pattern: str
    """What its user names usually look like, as a pattern of `domain.name_patterns`."""
    help: str = ""
    """Replaces the help of the cloud's pages, with the same fields; empty if that is right."""
    by_kind: "Mapping[str, UsernameRule]" = field(default_factory=dict)
    """The rules of directories of another kind, by `DirectoryFacts.kind`."""

    def of_directory(self, observed: Mapping[str, Any]) -> "UsernameRule":
        """The rule for the directory about which this was observed."""
        return self.by_kind.get(str(observed.get("kind") or ""), self)

    def problem_of(self, username: str) -> str | None:
        """Why this name cannot be used, as a sentence; None when it can."""
        if not username:
            return self.missing
        if len(username) > self.longest:
            return f"User names can have up to {self.longest} characters; this one has {len(username)}."
        return self.shape_problem(username)

    def suggest(self, name: str, *, email: str) -> str:
        """A legal first guess from a person's name or address; may be empty when nothing is usable."""
        guess = self.made_by(self.pattern, name=name, email=email)
        return "" if self.problem_of(guess) else guess

    def made_by(self, pattern: str, *, name: str, email: str, number: int = 1) -> str:
        """A first guess for one person of a list by a pattern; it may be illegal."""
        return username_from(pattern, name=name, email=email, number=number, longest=self.longest)
