"""Nothing turns a text into a command, a statement, a program or an object, or uses weak cryptography."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import ROOT, SOURCES, name_of, tree_of
from tests.cases import each_case

FILES = [*SOURCES, *sorted((ROOT / "live").rglob("*.py"))]
MODULES = {
    "subprocess": "starts a program",
    "pty": "starts a program",
    "pickle": "makes any object of a text",
    "marshal": "makes any object of a text",
    "shelve": "makes any object of a text",
    "dill": "makes any object of a text",
    "yaml": "makes any object of a text",
    "xml": "reads XML, with entities of elsewhere",
    "lxml": "reads XML, with entities of elsewhere",
    "ldap": "asks a directory by a text",
    "ldap3": "asks a directory by a text",
    "zipfile": "unpacks without a limit",
    "tarfile": "unpacks without a limit",
    "telnetlib": "speaks in the clear",
    "ftplib": "speaks in the clear",
    "Crypto": "is another library for cryptography",
}
CALLS = {
    "eval": "runs a text",
    "exec": "runs a text",
    "compile": "runs a text",
    "__import__": "loads what a text names",
    "os.system": "starts a program",
    "os.popen": "starts a program",
    "render_template_string": "makes a template of a text",
    "from_string": "makes a template of a text",
    "md5": "a hash that is broken",
    "sha1": "a hash that is weak",
    "getrandbits": "chance that can be guessed",
    "PKCS1v15": "a padding that is weak",
    "ECB": "a mode that shows patterns",
    "CBC": "a mode that notices no change",
    "CTR": "a mode that notices no change",
    "ARC4": "a cipher that is broken",
    "TripleDES": "a cipher that is weak",
    "_create_unverified_context": "believes any certificate",
    "disable_warnings": "hides that any certificate is believed",
}
NAMES = {
    "CERT_NONE": "believes any certificate",
    "TLSv1": "a version of TLS that is broken",
    "TLSv1_1": "a version of TLS that is broken",
}
STATEMENTS = ("text", "exec_driver_sql", "literal_column")
"""Take a statement of SQL as it is."""
ALLOWED = {
    ("webapp/engine/locks.py", "runs a text"): "a constant script that Redis runs",
    (
        "webapp/database.py",
        "a statement put together",
    ): "a number of ours in a setting that takes no parameter",
    ("webapp/models/workspace.py", "a statement put together"): "a condition of an index, of our own words",
    (
        "webapp/services/backups/postgres.py",
        "starts a program",
    ): "PostgreSQL's own, by commands of the operator and the timer; no shell, nothing that a person typed",
    ("webapp/engine/context.py", "chance that can be guessed"): "spreads waits; keeps no secret",
    ("webapp/domain/retry.py", "chance that can be guessed"): "spreads waits; keeps no secret",
    ("jobs/without_queue.py", "chance that can be guessed"): "spreads looks; keeps no secret",
}


def findings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from _modules(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from _modules([node.module or ""])
        elif isinstance(node, ast.Call):
            yield from _calls(node)
        elif isinstance(node, ast.Attribute) and node.attr in NAMES:
            yield NAMES[node.attr]


def _modules(names: Iterator[str] | list[str]) -> Iterator[str]:
    for name in names:
        top = name.partition(".")[0]
        if top in MODULES:
            yield MODULES[top]
        if top == "random":
            yield "chance that can be guessed"


def _calls(call: ast.Call) -> Iterator[str]:
    whole = ast.unparse(call.func)
    last = whole.rpartition(".")[2]
    # `re.compile` makes a pattern, no program.
    if (whole if last == "compile" else last) in CALLS or whole in CALLS:
        yield CALLS.get(whole) or CALLS[last]
    if last in STATEMENTS and call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Call):
        yield "a statement put together"
    for one in call.keywords:
        is_off = isinstance(one.value, ast.Constant) and one.value.value is False
        if one.arg in ("verify", "check_hostname", "verify_ssl") and is_off:
            yield "believes any certificate"
        if one.arg == "shell" and not is_off:
            yield "starts a program"
        if one.arg == "autoescape" and is_off:
            yield "templates that escape nothing"


def test_nothing_dangerous_is_used_that_is_not_named_here() -> None:
    found = {(name_of(path), what) for path in FILES for what in findings(tree_of(path))}

    assert found == ALLOWED.keys()


@each_case(
    ("source", "what"),
    [
        ("import subprocess", "starts a program"),
        ("from xml.etree import ElementTree", "reads XML, with entities of elsewhere"),
        ("import pickle", "makes any object of a text"),
        ("eval(typed)", "runs a text"),
        ("os.system(typed)", "starts a program"),
        ("render_template_string(typed)", "makes a template of a text"),
        ("environment.from_string(typed)", "makes a template of a text"),
        ("session.execute(text(f'SELECT {typed}'))", "a statement put together"),
        ("connection.exec_driver_sql('SELECT ' + typed)", "a statement put together"),
        ("text('SELECT {}'.format(typed))", "a statement put together"),
        ("hashlib.md5(b'')", "a hash that is broken"),
        ("hashlib.sha1(b'')", "a hash that is weak"),
        ("modes.ECB()", "a mode that shows patterns"),
        ("from random import choice", "chance that can be guessed"),
        ("requests.get(url, verify=False)", "believes any certificate"),
        ("context.verify_mode = ssl.CERT_NONE", "believes any certificate"),
    ],
)
def test_the_search_finds_what_is_dangerous(source: str, what: str) -> None:
    assert what in set(findings(ast.parse(source)))


def test_a_pattern_and_a_constant_statement_are_harmless() -> None:
    harmless = "re.compile('a')\ntext('SELECT 1')\nsecrets.token_bytes(32)\nhashlib.sha256(b'')"

    assert list(findings(ast.parse(harmless))) == []
