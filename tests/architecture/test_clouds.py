"""What differs between the clouds is data: every table knows every cloud, and no code asks which it is."""

import re
from collections.abc import Collection

import pytest

from tests.architecture.sources import ROOT
from webapp.clouds.registry import DRIVERS
from webapp.domain.cloud_codes import CLOUD_CODES
from webapp.domain.cloud_fields import CLOUD_FIELDS
from webapp.domain.cloud_words import CLOUD_WORDS
from webapp.domain.connecting import CONNECTION_PROVIDERS
from webapp.domain.usernames import longest_username
from webapp.domain.usual import USUAL
from webapp.pages.provider_copy import PROVIDER_COPY

TABLES: dict[str, Collection[str]] = {
    "drivers": DRIVERS,
    "codes": CLOUD_CODES,
    "words": CLOUD_WORDS,
    "connecting": CONNECTION_PROVIDERS,
    "usual": USUAL,
    "copy": PROVIDER_COPY,
}
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
    assert set(TABLES[name]) == set(CLOUD_FIELDS)


@pytest.mark.parametrize("cloud", CLOUD_FIELDS)
def test_every_cloud_has_its_rule_for_user_names(cloud: str) -> None:
    assert 0 < longest_username(cloud) <= 128


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
