"""Reading settings by name from an environment, or from the credential files of systemd."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from webapp.config_values import credential_file, positive

T = TypeVar("T")


class Reader:
    """Collects problems instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        return self.environ.get(name, "").strip() or credential_file(self.environ, name)

    def required(self, name: str, parse: Callable[[str], str]) -> str:
        if not self.text(name):
            self.problems.append(f"{name} is missing")
            return ""
        return self.optional(name, parse, default="")

    def optional(self, name: str, parse: Callable[[str], T], *, default: T) -> T:
        if not self.text(name):
            return default
        try:
            return parse(self.text(name))
        except ValueError as error:
            self.problems.append(f"{name} {error}")
            return default

    def seconds(self, name: str, *, default: int) -> int:
        return self.optional(name, positive, default=default)

    def choice(self, name: str, allowed: tuple[str, ...], *, default: str) -> str:
        value = self.text(name) or default
        if value not in allowed:
            self.problems.append(f"{name} must be one of {', '.join(allowed)}")
            return default
        return value

    def finish(self) -> None:
        if self.problems:
            raise SystemExit("Berth cannot start: " + "; ".join(self.problems) + ".")
