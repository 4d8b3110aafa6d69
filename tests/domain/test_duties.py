"""How long a failed duty waits, when the night is, and which trouble is worth telling."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cases import each_case
from tests.domain.facts import healthy
from webapp.domain.diagnosis import findings_of
from webapp.domain.duties import FailingDuty, Waits, next_night, trouble_of
from webapp.domain.findings import RemedyAction, Severity

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def failing(kind: str = "read_bundles", *, code: str = "throttled", failures: int = 2) -> FailingDuty:
    return FailingDuty(
        kind=kind,
        failures=failures,
        code=code,
        is_transient=code == "throttled",
        failed_at=NOW,
        due_at=NOW + HOUR,
    )


@each_case(
    ("failures", "seconds"), [(1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (8, 3600), (4000, 3600)]
)
def test_passing_trouble_doubles_the_wait_up_to_an_hour(failures: int, seconds: int) -> None:
    assert Waits().after(failures, is_transient=True) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 2), (3, 4), (4, 6), (4000, 6)])
def test_trouble_that_needs_a_person_waits_longer(failures: int, hours: int) -> None:
    assert Waits().after(failures, is_transient=False) == hours * HOUR


@each_case(
    ("now", "share", "at_least", "moment"),
    [
        (NOW, 0.0, 0 * HOUR, NOW.replace(day=25, hour=0)),
        (NOW, 0.5, 0 * HOUR, NOW.replace(day=25, hour=2, minute=30)),
        (NOW, 0.5, 20 * HOUR, NOW.replace(day=26, hour=2, minute=30)),
        (NOW.replace(hour=1), 0.5, 0 * HOUR, NOW.replace(hour=2, minute=30)),
        (NOW.replace(hour=2, minute=30), 0.5, 8 * HOUR, NOW.replace(day=25, hour=2, minute=30)),
        (NOW.replace(hour=20), 0.2, 8 * HOUR, NOW.replace(day=26, hour=1)),
    ],
)
def test_each_account_has_its_own_moment_in_the_night(
    now: datetime, share: float, at_least: timedelta, moment: datetime
) -> None:
    assert next_night(now, share=share, at_least=at_least) == moment


def test_what_may_pass_with_the_next_try_is_not_reported() -> None:
    assert trouble_of([failing(failures=1)]) is None
    assert trouble_of([failing(failures=2)]) is not None
    assert trouble_of([failing(code="access_denied", failures=1)]) is not None


def test_several_failing_duties_are_one_trouble_that_begins_with_what_needs_a_person() -> None:
    trouble = trouble_of([failing("count_pages"), failing("test_credential", code="access_denied")])

    assert trouble is not None
    assert trouble.summary == "Berth could not count pages and test the cloud account."
    assert "lacks a permission" in trouble.remedy


def test_a_failing_duty_is_a_finding_with_evidence_and_remedy() -> None:
    account = {"failing_duties": (failing(code="access_denied", failures=1),)}

    [finding] = findings_of(healthy(account=account))

    assert (finding.code, finding.severity) == ("duty_failing", Severity.WARNING)
    assert finding.summary == "Berth could not read the list of bundles."
    assert finding.evidence["duties"] == ["read_bundles"]
    assert finding.evidence["next_try_at"] == NOW + HOUR
    assert [one.action for one in finding.remedies] == [
        RemedyAction.TEST_CREDENTIAL,
        RemedyAction.CHANGE_CREDENTIAL,
    ]
