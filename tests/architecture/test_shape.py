"""Sizes and habits of the source, as the house style fixes them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import jobs
from tests.architecture.sources import ROOT, SOURCES, name_of, tree_of
from webapp.queueing import QUEUES, JobName

FILE_LINES, FUNCTION_LINES = 300, 40
ONE_LINE_TOO_LONG = {"webapp/engine/rows.py:change_in"}
"""The compare-and-set of everything: taking one line out of it would hide what belongs together."""
CATCHES_EVERYTHING = {"jobs/runtime.py"}
READS_THE_ENVIRONMENT = {"webapp/config.py"}


def _broad_handlers(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or ast.unparse(kind) in ("Exception", "BaseException") for kind in kinds):
                yield node.lineno


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES, "split by noun or verb"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_functions_stay_small(path: Path) -> None:
    long = {
        f"{name_of(path)}:{node.name}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    }

    assert long <= ONE_LINE_TOO_LONG


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_errors_that_nobody_foresaw_are_caught_in_one_place(path: Path) -> None:
    if name_of(path) not in CATCHES_EVERYTHING:
        assert list(_broad_handlers(tree_of(path))) == []


@pytest.mark.parametrize("name", sorted(CATCHES_EVERYTHING))
def test_that_place_is_still_there(name: str) -> None:
    assert list(_broad_handlers(tree_of(ROOT / name)))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    found = [
        ast.unparse(node)
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv"))
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
    ]

    assert name_of(path) in READS_THE_ENVIRONMENT or not [
        one for one in found if one.startswith(("os", "from"))
    ]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_module_is_a_drawer_for_everything(path: Path) -> None:
    assert path.stem not in ("utils", "util", "helpers", "common", "misc", "manager")


@pytest.mark.parametrize("name", JobName)
def test_every_job_name_is_a_function_of_jobs(name: JobName) -> None:
    module, _, function = name.value.rpartition(".")

    assert module == jobs.__name__
    assert callable(getattr(jobs, function))
    assert name in QUEUES
