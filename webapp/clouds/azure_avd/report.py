"""Collects the lines of a credential test."""

from dataclasses import dataclass, field

from webapp.clouds.reports import Check
from webapp.domain import catalogue
from webapp.domain.errors import Failure, Trouble
from webapp.domain.quota import QuotaLeft


@dataclass(slots=True)
class Report:
    checks: list[Check] = field(default_factory=list)
    failure: Failure | None = None
    """The first essential failure."""
    quota_left: QuotaLeft | None = None
    free_addresses: int | None = None

    def passed(self, name: str, label: str, message: str, *, is_essential: bool = True) -> None:
        self.checks.append(Check(name, label, True, message, is_essential=is_essential))

    def failed(self, name: str, label: str, failure: Failure, *, message: str = "", remedy: str = "") -> None:
        words = catalogue.entry(failure.code)
        is_ok = None if failure.trouble.is_transient else False
        self.checks.append(Check(name, label, is_ok, message or words.message, remedy or words.remedy))
        if self.failure is None:
            is_lasting = not failure.trouble.is_transient
            code = failure.code if is_lasting else "not_answered_yet"
            trouble = Trouble.CREDENTIAL if is_lasting else Trouble.TRANSIENT
            self.failure = Failure(code, trouble, failure.cloud_code, failure.detail)

    def warned(self, name: str, label: str, message: str, remedy: str) -> None:
        """It is wrong, but orders work anyway."""
        self.checks.append(Check(name, label, False, message, remedy, is_essential=False))

    def unknown(self, name: str, label: str, message: str, remedy: str = "") -> None:
        self.checks.append(Check(name, label, None, message, remedy, is_essential=False))
