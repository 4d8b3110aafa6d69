"""A bundle that Amazon has closed is marked from its day on, and not before."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.desk import START, Desk, StoryClock
from webapp.clouds.aws_workspaces.retirements import retirement_of
from webapp.models import InquiryKind
from webapp.queries.credentials import find_inquiry
from webapp.services import inquiries


class DayClock(StoryClock):
    """A worker's clock that shows another day; time passes as on the desk's."""

    def __init__(self, desk: Desk, day: date) -> None:
        super().__init__()
        self._of_desk, self._shift = desk.clock, day - START.date()

    def now(self) -> datetime:
        return self._of_desk.now() + self._shift

    def monotonic_s(self) -> float:
        return self._of_desk.monotonic_s()

    def pause(self, seconds: float) -> None:
        self._of_desk.pause(seconds)


def listed(desk: Desk) -> list[dict[str, Any]]:
    desk.session.expire_all()
    found = find_inquiry(desk.session, credential_id=desk.credential_id, kind=InquiryKind.LIST_BUNDLES)
    assert found is not None and found.answer is not None
    return list(found.answer["bundles"])


@pytest.mark.parametrize(
    ("compute_type", "text", "last_day", "first_day"),
    [
        ("STANDARD", "Standard with Windows 10 (PCoIP)", date(2026, 7, 30), date(2026, 7, 31)),
        ("STANDARD", "our_desktop made with pcoip", date(2026, 7, 30), date(2026, 7, 31)),
        ("GRAPHICSPRO", "GraphicsPro", date(2025, 10, 30), date(2025, 10, 31)),
        ("GRAPHICS", "Graphics", date(2023, 11, 29), date(2023, 11, 30)),
    ],
)
def test_a_retired_bundle_is_marked_from_its_day_on(
    compute_type: str, text: str, last_day: date, first_day: date
) -> None:
    assert retirement_of(compute_type=compute_type, text=text, today=last_day) is None
    assert retirement_of(compute_type=compute_type, text=text, today=first_day) is not None


def test_what_is_not_retired_is_not_marked() -> None:
    assert retirement_of(compute_type="STANDARD", text="Windows 11 (WSP)", today=date(2030, 1, 1)) is None


@pytest.mark.parametrize(("day", "is_marked"), [(date(2026, 7, 30), False), (date(2026, 7, 31), True)])
def test_a_list_marks_what_is_retired_on_the_day_of_the_workers_clock(
    desk: Desk, day: date, is_marked: bool
) -> None:
    inquiries.ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.LIST_BUNDLES)

    desk.work(desk.make_engine(clock=DayClock(desk, day)))

    reasons = {one["name"]: one["unavailable_reason"] or "" for one in listed(desk)}
    pcoip = {name for name in reasons if "PCoIP" in name}
    assert pcoip
    assert {"closed PCoIP desktops" in reasons[name] for name in pcoip} == {is_marked}
    assert reasons["Standard with Windows 10 (Server 2022 based) (WSP)"] == ""
