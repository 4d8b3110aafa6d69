"""The clouds' SDKs stay behind their drivers. Which packages those are, the drivers' imports say.

So the SDK of a new cloud is covered without anybody naming it here or in pyproject.toml.
"""

import re
import sys
from collections.abc import Iterator, Set
from functools import cache
from importlib.metadata import packages_distributions, requires

import grimp

from tests.architecture.sources import ROOT, tree_of
from tests.architecture.test_imports import imported_names
from tests.cases import each_case
from webapp.providers.registry import list_providers

WITHOUT = tuple(
    f"webapp.{name}" for name in ("pages", "api", "services", "queries", "models", "providers", "domain")
)
"""What does not reach an SDK, not even through others: the web process cannot talk to a cloud."""
NAME = re.compile(r"[A-Za-z0-9._-]+")


@cache
def imported_by_drivers() -> Set[str]:
    """The packages of others that the drivers import."""
    files = (ROOT / "webapp/clouds").glob("*/*.py")
    found = {name.partition(".")[0] for path in files for name in imported_names(tree_of(path))}
    return found - sys.stdlib_module_names - {"webapp"}


GENERAL = {"requests", "urllib3"}
"""HTTP libraries that drivers use, not clouds by themselves. Single sign-on uses `requests`, through
an adapter of ours which decides where a connection may lead."""


@cache
def sdks() -> Set[str]:
    """Those, and what we require beside them that stands on one of them, as boto3 on botocore."""
    by_package = packages_distributions()
    below = {_plain(name) for package in imported_by_drivers() for name in by_package[package]}
    required = {
        _plain(found[0])
        for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
        if (found := NAME.match(line))
    }
    above = {name for name in required if below & _requirements_of(name)}
    return imported_by_drivers() | {
        package for package, names in by_package.items() if above & {_plain(name) for name in names}
    }


def _requirements_of(name: str) -> set[str]:
    """Of a distribution, without its extras."""
    lines = [line for line in requires(name) or [] if "extra ==" not in line]
    return {_plain(found[0]) for line in lines if (found := NAME.match(line))}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def build_graph() -> grimp.ImportGraph:
    return grimp.build_graph("webapp", "jobs", include_external_packages=True, cache_dir=None)


def leaks(graph: grimp.ImportGraph) -> Iterator[str]:
    """Every way to an SDK that does not lead through a driver, as a sentence."""
    for sdk in sorted((sdks() - GENERAL) & graph.modules):
        for importer in sorted(graph.find_modules_that_directly_import(sdk)):
            if not importer.startswith("webapp.clouds."):
                yield f"{importer} imports {sdk}"
        for package in WITHOUT:
            if graph.chain_exists(importer=package, imported=sdk, as_packages=True):
                yield f"{package} reaches {sdk}"


def test_only_drivers_import_an_sdk_and_the_web_process_reaches_none() -> None:
    assert list(leaks(build_graph())) == []


def test_the_packages_are_the_ones_that_speak_to_the_clouds() -> None:
    assert {"azure", "botocore", "boto3"} <= sdks()
    assert sdks().isdisjoint({"flask", "sqlalchemy", "redis", "rq", "cryptography", "pytest"})


@each_case("importer", ["webapp.pages.start", "webapp.engine.looking", "jobs.worker"])
@each_case("sdk", ["azure", "boto3", "botocore"])
def test_an_sdk_elsewhere_would_be_found(importer: str, sdk: str) -> None:
    graph = build_graph()
    if sdk not in graph.modules:
        graph.add_module(sdk, is_squashed=True)
    graph.add_import(importer=importer, imported=sdk)

    assert f"{importer} imports {sdk}" in list(leaks(graph))


def test_a_way_through_others_would_be_found() -> None:
    graph = build_graph()
    graph.add_import(importer="webapp.services.orders", imported="webapp.clouds.registry")

    assert "webapp.services reaches azure" in list(leaks(graph))


def test_what_an_sdk_logs_is_quieted() -> None:
    """General HTTP libraries that a driver uses by itself are quieted in `webapp/logging.py`."""
    quiet = {name for provider in list_providers() for name in provider.sdk_loggers}

    assert imported_by_drivers() - GENERAL <= quiet
