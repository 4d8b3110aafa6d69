"""Imports go one way: no circles, and the product knows neither the simulated clouds nor the tests.

The layers themselves are contracts in pyproject.toml (`lint-imports`). This file checks what those cannot
express, and bin/, which is not a package. An import inside a function counts like any other.
"""

import ast
import sys
from collections.abc import Iterable, Mapping, Set
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.architecture.sources import ROOT, SOURCES, name_of, tree_of

PACKAGES = ("webapp", "jobs", "sandbox")
NOT_INSTALLED = {"sandbox", "tests", "bench", "bin"}
"""Folders that a production install does not need."""
COMMANDS = sorted((ROOT / "bin").glob("_*.py"))

Imports = Mapping[str, Set[str]]


def imported_names(tree: ast.Module) -> set[str]:
    """The modules that a file imports, at any level of the file."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
    return names


def find_circle(imports: Imports) -> list[str]:
    """The modules of one import circle, in order; empty when there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def package_imports() -> Imports:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def command_imports() -> Imports:
    own = {path.stem for path in COMMANDS}
    return {path.stem: imported_names(tree_of(path)) & own for path in COMMANDS}


def outsiders(paths: Iterable[Path], forbidden: Set[str]) -> set[str]:
    """Every import of a forbidden top-level package, as a sentence."""
    return {
        f"{name_of(path)} imports {name}"
        for path in paths
        for name in imported_names(tree_of(path))
        if name.partition(".")[0] in forbidden
    }


def test_no_package_imports_in_a_circle() -> None:
    imports = package_imports()

    assert {name.partition(".")[0] for name in imports} == set(PACKAGES)
    assert find_circle(imports) == []


def test_no_command_imports_in_a_circle() -> None:
    assert len(COMMANDS) > 5
    assert find_circle(command_imports()) == []


def test_a_circle_would_be_found() -> None:
    assert set(find_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}
    assert find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_the_product_imports_nothing_that_is_not_installed_with_it() -> None:
    assert (
        outsiders([*SOURCES, ROOT / "wsgi.py", *(ROOT / "migrations").rglob("*.py")], NOT_INSTALLED) == set()
    )


def test_the_simulated_clouds_import_neither_tests_nor_measurements() -> None:
    assert outsiders((ROOT / "sandbox").rglob("*.py"), {"tests", "bench"}) == set()


@pytest.mark.parametrize(
    "text", ["import sandbox.demo", "def f():\n    from sandbox import demo", "from sandbox.demo import *"]
)
def test_every_way_to_import_the_sandbox_would_be_found(text: str) -> None:
    assert {name.partition(".")[0] for name in imported_names(ast.parse(text))} == {"sandbox"}


def test_the_commands_need_nothing_but_python_itself() -> None:
    """They run before anything is installed."""
    allowed = {path.stem for path in COMMANDS} | sys.stdlib_module_names

    foreign = {name for path in COMMANDS for name in imported_names(tree_of(path))}
    assert {name for name in foreign if name.partition(".")[0] not in allowed} == set()
