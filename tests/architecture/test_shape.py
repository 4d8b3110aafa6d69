"""Sizes and habits of the source, as the house style fixes them."""

import ast
from collections import Counter
from collections.abc import Iterator

import jobs
from tests.architecture.sources import SOURCES, name_of, tree_of
from tests.cases import each_case
from webapp.queueing import QUEUES, JobName, queue_of

FILE_LINES, FUNCTION_LINES = 300, 40
CATCHES_EVERYTHING = {"jobs/runtime.py"}
READS_THE_ENVIRONMENT = {"webapp/config.py"}


def _broad_handlers(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or ast.unparse(kind) in ("Exception", "BaseException") for kind in kinds):
                yield node.lineno


def _long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES:
            yield node.name


def _readers_of_the_environment(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        is_member = isinstance(node, ast.Attribute) and ast.unparse(node) in (
            "os.environ",
            "os.environb",
            "os.getenv",
        )
        is_import = isinstance(node, ast.ImportFrom) and node.module == "os"
        if is_member or is_import:
            yield ast.unparse(node)


def test_files_stay_small() -> None:
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}

    assert {name: count for name, count in lines.items() if count > FILE_LINES} == {}, "split by noun or verb"


def test_functions_stay_small() -> None:
    long = {f"{name_of(path)}:{name}" for path in SOURCES for name in _long_functions(tree_of(path))}

    assert long == set()


def test_every_module_says_what_it_is_for() -> None:
    assert [name_of(path) for path in SOURCES if not ast.get_docstring(tree_of(path))] == []


def test_errors_that_nobody_foresaw_are_caught_in_one_place() -> None:
    found = {name_of(path) for path in SOURCES if list(_broad_handlers(tree_of(path)))}

    assert found == CATCHES_EVERYTHING


def test_only_the_settings_read_the_environment() -> None:
    found = {name_of(path) for path in SOURCES if list(_readers_of_the_environment(tree_of(path)))}

    assert found == READS_THE_ENVIRONMENT


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc", "manager"}

    assert [name_of(path) for path in SOURCES if path.stem in drawers] == []


def test_a_noun_with_more_than_three_files_has_a_folder() -> None:
    nouns = Counter((path.parent, path.stem.split("_")[0].removesuffix("s")) for path in SOURCES)

    assert {f"{name_of(folder)}/{noun}": count for (folder, noun), count in nouns.items() if count > 3} == {}


@each_case("name", JobName)
def test_every_job_name_has_its_work_and_can_be_found_due(name: JobName) -> None:
    job = jobs.JOBS[name]

    assert name.value == f"{jobs.__name__}.{job.work.__name__}"
    assert job.due, "a notification may get lost: the sweep must find what is due"
    assert queue_of(name) in QUEUES
