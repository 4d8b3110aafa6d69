"""What a page reads in a small company does not grow with its neighbours; 100,000: `bench.reads`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.world import START
from tests.apps import replace_database
from tests.scale.company import BIG, BigCompany, first_of, open_company
from webapp.domain.lifecycle import State
from webapp.extensions import db
from webapp.models import HelpRequest

SIZE, NEIGHBOURS = 100, 2_000
MOST_GROWTH = 1.3


@pytest.fixture(scope="module")
def both(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BigCompany, BigCompany]]:
    folder = tmp_path_factory.mktemp("neighbours")
    made = []
    for neighbours in (0, NEIGHBOURS):
        replace_database(migrated_sqlite, folder / f"{neighbours}.sqlite3")
        made.append(
            open_company(f"sqlite:///{folder}/{neighbours}.sqlite3", size=SIZE, neighbours=neighbours)
        )
        _call_for_help(made[-1])
    yield made[0], made[1]
    for one in made:
        one.close()


def _call_for_help(company: BigCompany) -> None:
    with company.app.app_context():
        about = {"company_id": company.world.company_id, "workspace_id": first_of(BIG)}
        db.session.add(HelpRequest(**about, state=State.ERROR.value, asked_at=START))
        db.session.commit()


def _pages(company: BigCompany) -> dict[str, str]:
    orphan_id, account = company.world.orphan_id, f"/credentials/{company.world.credential_id}"
    return {
        "account": f"{account}/",
        "account, to be deleted": f"{account}/delete",
        "start, with a call": "/start/",
        "orphans": "/orphans/",
        "adopt": f"/orphans/{orphan_id}/adopt",
        "API orphans": "/api/workspaces/orphans/",
        "API orphan": f"/api/workspaces/orphans/{orphan_id}/",
    }


def test_no_page_costs_more_because_of_others(both: tuple[BigCompany, BigCompany]) -> None:
    alone, beside = both
    grown = {}
    for name, path in _pages(alone).items():
        before, after = alone.read(path)[0], beside.read(path)[0]
        if after > before * MOST_GROWTH:
            grown[name] = (before, after)

    assert grown == {}
