"""Which user names the directory of a cloud accepts."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UsernameRule:
    longest: int
    missing: str
    """What is said when it is empty."""
    shape_problem: Callable[[str], str | None]
    """Why a name that is neither empty nor too long cannot be used."""
    guess: Callable[[str, str], str]
    """A first guess from a person's name and address; it may be illegal."""

    def problem_of(self, username: str) -> str | None:
        """Why this name cannot be used, as a sentence; None when it can."""
        if not username:
            return self.missing
        if len(username) > self.longest:
            return f"User names can have up to {self.longest} characters; this one has {len(username)}."
        return self.shape_problem(username)

    def suggest(self, name: str, *, email: str) -> str:
        """A legal first guess from a person's name or address; may be empty when nothing is usable."""
        guess = self.guess(name, email)
        return "" if self.problem_of(guess) else guess
