"""The request for more quota: complete, and with room for the next ones."""

from dataclasses import replace
from datetime import date

from webapp.domain.quota_request import QuotaRequest

REQUEST = QuotaRequest(
    service="Amazon WorkSpaces (workspaces)",
    quota="WorkSpaces",
    code="L-34278094",
    region="eu-central-1",
    account="123456789012",
    present=40,
    missing=23,
    unit="desktops",
    first_day=date(2026, 12, 7),
    starts=60,
)


def test_it_says_all_that_the_cloud_asks_for() -> None:
    assert REQUEST.text.splitlines()[:7] == [
        "Service: Amazon WorkSpaces (workspaces)",
        "Quota: WorkSpaces (L-34278094)",
        "Region: eu-central-1",
        "Account: 123456789012",
        "Present value: 40 desktops",
        "Requested value: 70 desktops",
        "Needed by: 2026-12-07",
    ]
    assert "60 people start work with us" in REQUEST.text and "23 desktops are missing" in REQUEST.text


def test_a_quota_that_is_not_known_is_not_made_up() -> None:
    text = replace(REQUEST, present=None).text

    assert "Present value: not known to us" in text and "Requested value: 23 desktops more than now" in text
