"""Two days of a few desktops, over the end of a month; the command plays months of a thousand."""

from datetime import date
from pathlib import Path

from sqlalchemy import delete, select, update

from tests.costs.campaign import Plan
from tests.costs.figures import check_estimates, report
from tests.costs.opening import open_campaign
from webapp.domain.costs.bills import Source
from webapp.models import BilledTotal, CostDay

PLAN = Plan(desktops=8, days=2, seed=2, first_day=date(2027, 1, 31), settles_days=1)


def test_bills_are_divided_to_the_cent_no_kill_changes_one_and_a_lost_one_is_noticed(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    with open_campaign(PLAN, tmp_path, migrated_sqlite) as campaign:
        calm, killed = campaign.books
        campaign.play()

        assert campaign.broken == []
        assert {currency for _, _, currency in calm.totals()} == {"EUR", "USD"}
        assert sum(killed.kills.values()) > len(campaign.accounts)
        assert list(check_estimates(campaign)) == []
        assert "workspaces" in "\n".join(report(campaign))

        with killed.sessions.begin() as session:
            billed = select(CostDay.id).where(CostDay.source == Source.BILLED).limit(1).scalar_subquery()
            more = CostDay.amount_minor + 1
            session.execute(update(CostDay).where(CostDay.id == billed).values(amount_minor=more))
        campaign.check()
        assert [one.split(":")[0] for one in campaign.broken] == ["books 1", "cost_days"]

        with calm.sessions.begin() as session:
            session.execute(delete(BilledTotal))
        campaign.check()
        assert any(one.startswith("books 0: bill is not the total") for one in campaign.broken)
