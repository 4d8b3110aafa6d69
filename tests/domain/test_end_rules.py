"""A lock in the cloud account is said before an end, and only then."""

import pytest

from tests.cases import each_case
from tests.domain.facts import NOW, healthy
from webapp.domain.diagnosis import findings_of
from webapp.domain.facts import ReportedFailure
from webapp.domain.findings import Severity
from webapp.domain.management_locks import ManagementLock, find_lock

LOCK = ManagementLock("keep", "CanNotDelete")
ON_ALL = {"name": "keep", "level": "CanNotDelete", "machine": ""}
ON_ONE = {"name": "mine", "level": "ReadOnly", "machine": "w1"}


def test_before_an_end_the_lock_is_named_and_the_person_is_in_no_trouble() -> None:
    [found] = findings_of(healthy(ending_lock=LOCK))

    assert (found.code, found.severity) == ("end_locked", Severity.INFO)
    assert "“keep” (CanNotDelete) is on all desktops" in found.explanation
    assert found.evidence["lock"] == "keep"


@each_case(
    "changes",
    [
        {},
        {"ending_lock": LOCK, "error": ReportedFailure("resource_locked", NOW)},
    ],
)
def test_nothing_is_said_without_a_lock_or_once_the_cloud_has_said_it(
    changes: dict[str, object],
) -> None:
    assert "end_locked" not in [one.code for one in findings_of(healthy(**changes))]


@pytest.mark.parametrize(
    ("locks", "machine", "name"),
    [
        ([], "w1", None),
        ([ON_ONE], "w2", None),
        ([ON_ONE], None, None),
        ([ON_ONE], "W1", "mine"),
        ([ON_ALL], None, "keep"),
        ([{}], "w2", ""),
    ],
)
def test_a_lock_is_on_its_machine_or_on_all(
    locks: list[dict[str, str]], machine: str | None, name: str | None
) -> None:
    found = find_lock(locks, machine)

    assert (None if found is None else found.name) == name
