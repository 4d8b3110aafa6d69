"""Every code that something may carry has words for people."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.cases import each_case
from webapp.clouds.aws_workspaces.tables import CODES, ITEM_CODES, ITEM_PREFIXES
from webapp.domain.catalogue import CATALOGUE, UNKNOWN, entry

ROOT = Path(__file__).resolve().parents[2]
MAKERS = ("webapp/engine", "webapp/clouds")


def _used_codes() -> Iterator[str]:
    """The first argument of every `Failure(...)`, and what is written to an `…_code` column."""
    for folder in MAKERS:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Failure":
                    yield from _texts(node.args[0])
                if isinstance(node, ast.Dict):
                    for key, value in zip(node.keys, node.values, strict=True):
                        if isinstance(key, ast.Constant) and key.value in ("error_code", "blocked_code"):
                            yield from _texts(value)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_every_code_of_the_cloud_has_words() -> None:
    ours = {code for code, _ in (*CODES.values(), *ITEM_CODES.values(), *(pair for _, pair in ITEM_PREFIXES))}

    assert ours <= set(CATALOGUE)


def test_every_code_that_the_engine_writes_has_words() -> None:
    used = set(_used_codes())

    assert len(used) > 8, "the search finds nothing any more"
    assert used <= set(CATALOGUE)


@each_case("code", sorted(CATALOGUE))
def test_the_words_are_sentences_and_name_a_remedy(code: str) -> None:
    found = CATALOGUE[code]

    for text in (found.message, found.remedy):
        assert text[0].isupper()
        assert text.endswith(".")


@each_case("pair", [*CODES.values(), *ITEM_CODES.values()], ids=lambda pair: pair[0])
def test_what_passes_by_itself_is_not_shown_as_a_task_for_people(pair: tuple[str, object]) -> None:
    code, trouble = pair

    assert entry(code).is_transient is getattr(trouble, "is_transient", None)


def test_an_unknown_code_is_called_unknown() -> None:
    assert entry("no_such_code") is UNKNOWN
