"""The reminder that a client secret runs out."""

from datetime import date

from tests.cases import each_case
from webapp.domain.secret_expiry import expiry_of

TODAY = date(2026, 11, 24)


@each_case(
    ("day", "code", "said"),
    [
        ("2026-12-25", None, ""),
        ("2026-12-24", "secret_expires_soon", "in 30 days, on 24 December 2026"),
        ("2026-11-25", "secret_expires_soon", "tomorrow"),
        ("2026-11-24", "secret_expires_soon", "today"),
        ("2026-11-23", "secret_expired", "expired on 23 November 2026"),
        ("", None, ""),
        ("soon", None, ""),
    ],
)
def test_it_comes_thirty_days_before_and_stays_after(day: str, code: str | None, said: str) -> None:
    expiry = expiry_of({"secret_expires_on": day}, today=TODAY)

    assert (expiry.code if expiry else None) == code
    assert expiry is None or said in expiry.summary
    assert expiry is None or expiry.is_over == (code == "secret_expired")


def test_a_cloud_without_such_a_day_has_no_reminder() -> None:
    assert expiry_of({"region": "eu-central-1"}, today=TODAY) is None
