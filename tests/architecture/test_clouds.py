"""What differs between the clouds is data in their providers: nothing else has a table of clouds, or asks
which one it is."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name_of, tree_of
from tests.cases import each_case
from webapp.clouds.registry import DRIVERS
from webapp.config import Settings
from webapp.providers.registry import PROVIDERS, ProviderRegistry, get_provider

CLOUDS = {provider.key for provider in PROVIDERS.list()}
PRODUCT = [
    path
    for folder in ("webapp", "jobs", "bin")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not path.is_relative_to(ROOT / "webapp/providers") and not path.is_relative_to(ROOT / "webapp/clouds")
]
OTHERS = [path for folder in ("tests", "bench", "sandbox") for path in sorted((ROOT / folder).rglob("*.py"))]
IN_TEMPLATES = re.compile(rf"""["'](?:{"|".join(CLOUDS)})["']""")


def names(tree: ast.AST) -> Iterator[int]:
    """The lines in which a cloud is named by its key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in CLOUDS:
            yield node.lineno


def tables(tree: ast.AST) -> Iterator[int]:
    """The lines of mappings keyed by a cloud's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (line for key in node.keys if key is not None for line in names(key))
        is_dict_call = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict"
        )
        if is_dict_call and any(keyword.arg in CLOUDS for keyword in node.keywords):
            yield node.lineno


def questions(tree: ast.AST) -> Iterator[int]:
    """The lines that do one thing for one cloud, and another for the others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            yield from names(node.test)
        elif isinstance(node, ast.comprehension):
            yield from (line for condition in node.ifs for line in names(condition))
        elif isinstance(node, ast.match_case):
            yield from names(node.pattern)


def lines_in(paths: list[Path], *searches: Callable[[ast.AST], Iterator[int]]) -> list[str]:
    """Each line that a search finds, as `file:line`."""
    return [
        f"{name_of(path)}:{line}"
        for path in paths
        for tree in [tree_of(path)]
        for find in searches
        for line in find(tree)
    ]


def test_the_product_names_no_cloud_outside_its_folders() -> None:
    assert len(PRODUCT) > 500
    assert lines_in(PRODUCT, names) == [], "put what differs into webapp/providers/<cloud>/"


def test_nothing_else_has_a_table_of_clouds_or_asks_which_it_is() -> None:
    assert len(OTHERS) > 700
    assert lines_in(OTHERS, tables, questions) == [], "use objects that know their cloud, such as stages"


def test_no_template_names_a_cloud() -> None:
    files = list((ROOT / "templates").rglob("*.html"))

    assert len(files) > 50
    assert [name_of(path) for path in files if IN_TEMPLATES.search(path.read_text("utf-8"))] == []


def test_there_is_a_driver_for_each_provider_and_no_other() -> None:
    assert set(DRIVERS) == CLOUDS


def test_a_cloud_that_is_not_registered_is_an_error_everywhere() -> None:
    settings = Settings(environment="development", database_url="sqlite://", redis_url="unix:///nowhere")

    for ask in (get_provider, settings.endpoint_of, settings.provision_timeout_of, DRIVERS.__getitem__):
        with pytest.raises(KeyError):
            ask("gcp")


def test_a_key_is_given_to_one_provider_only() -> None:
    with pytest.raises(ValueError, match="registered already"):
        ProviderRegistry([*PROVIDERS.list(), PROVIDERS.list()[0]])


@each_case(
    ("text", "finds"),
    [
        ('if cloud == "azure": pass', questions),
        ('x = 1 if cloud != "aws" else 2', questions),
        ('x = [1 for one in rows if one.cloud in ("aws", "azure")]', questions),
        ('match cloud:\n    case "aws": pass', questions),
        ('TABLE = {"aws": 1, "azure": 2}', tables),
        ("TABLE = dict(aws=1)", tables),
        ('TABLE = [("aws", 1)]', names),
        ('is_azure = cloud == "azure"', names),
    ],
)
def test_the_searches_find_what_they_look_for(text: str, finds: Callable[[ast.AST], Iterator[int]]) -> None:
    assert list(finds(ast.parse(text)))
