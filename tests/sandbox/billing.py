"""What the tests of the bill share: moments, desktops of known prices, and questions to Cost Explorer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox import demo
from sandbox.control import Sandbox

WORKSPACES = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon WorkSpaces"]}}
BY_CLAIM = [{"Type": "TAG", "Key": "berth-claim"}]
COST = ["UnblendedCost"]
DIGITS = Decimal("1E-10")
"""How exactly a bill is made."""


def at(text: str) -> float:
    """Seconds since 1970 of a moment in UTC: 2027-03-11 or 2027-03-11T10:30."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Biller:
    """The demo's account, its console and its Cost Explorer."""

    control: Sandbox
    ce: Any
    workspaces: Any

    def make(self, user: str, *, mode: str = "AUTO_STOP", when: str | None = None, **more: Any) -> str:
        """A Windows STANDARD that is usable at once: 38 a month, or 11.25 a month and 0.33 an hour."""
        if when:
            self.control.set_now(at(when))
        made = self.control.make_workspace(
            directory_id=demo.DEMO_DIRECTORY_ID,
            user_name=user,
            bundle_id=more.pop("bundle_id", demo.DEMO_WINDOWS_BUNDLE_ID),
            tags=more.pop("tags", {"berth-claim": f"claim/{user}"}),
            running_mode=mode,
            **more,
        )
        return str(made["workspace_id"])

    def set(self, workspace_id: str, when: str, **changes: Any) -> None:
        self.control.set_now(at(when))
        self.control.set_workspace(workspace_id, **changes)

    def days(self, **wanted: str) -> dict[str, Decimal]:
        """The truth, by day."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.control.bill(**wanted):
            found[line["day"]] += Decimal(line["amount"])
        return dict(found)

    def ask(self, first: str, end: str, **more: Any) -> Any:
        """GetCostAndUsage by day."""
        return self.ce.get_cost_and_usage(
            **{
                "TimePeriod": {"Start": first, "End": end},
                "Granularity": "DAILY",
                "Metrics": COST,
                **more,
            }
        )


def groups(answer: Any) -> dict[tuple[str, ...], Decimal]:
    """Day and keys: amount; a group that came on two pages counts once for each."""
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for period in answer["ResultsByTime"]:
        for group in period["Groups"]:
            key = (period["TimePeriod"]["Start"], *group["Keys"])
            found[key] += Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
    return dict(found)


def totals(answer: Any) -> dict[str, Decimal]:
    """Amounts of an answer without groups."""
    return {
        period["TimePeriod"]["Start"]: Decimal(period["Total"]["UnblendedCost"]["Amount"])
        for period in answer["ResultsByTime"]
    }
