"""What differs between the clouds is data: every table knows every cloud, and no code asks which it is."""

import re
from collections.abc import Collection

import pytest

from tests.architecture.sources import ROOT
from webapp.clouds.registry import DRIVERS
from webapp.providers.registry import PROVIDERS

TABLES: dict[str, Collection[str]] = {
    "drivers": DRIVERS,
}
CLOUDS = {provider.key for provider in PROVIDERS.list()}
ENTRY_POINTS = (
    "webapp/services",
    "webapp/queries",
    "webapp/api",
    "webapp/pages",
    "webapp/models",
    "templates",
)
ASKS = re.compile(r"""[!=]=\s*["'](?:aws|azure|amazon)["']|\bif\b[^\n]*["'](?:aws|azure)["']""")


@pytest.mark.parametrize("name", TABLES)
def test_every_table_knows_every_cloud(name: str) -> None:
    assert set(TABLES[name]) == CLOUDS


def test_no_entry_point_asks_which_cloud_it_is() -> None:
    files = [
        path for folder in ENTRY_POINTS for kind in ("*.py", "*.html") for path in (ROOT / folder).rglob(kind)
    ]

    assert len(files) > 100
    found = {path.relative_to(ROOT).as_posix() for path in files if ASKS.search(path.read_text("utf-8"))}
    assert found == set(), "put what differs into the cloud's own table"


@pytest.mark.parametrize("text", ['if cloud == "azure":', "{% if one.cloud_provider == 'aws' %}"])
def test_the_search_finds_such_a_question(text: str) -> None:
    assert ASKS.search(text)
