"""The scripts of the pages: they write text, never markup, keep nothing, and hear of no window but those of
this site, which say whose they are."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, name_of
from tests.cases import each_case

SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
FORBIDDEN = {
    "writes markup": re.compile(
        r"\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|setHTMLUnsafe|createContextualFragment"
    ),
    "runs a text": re.compile(r"\beval\(|\bnew Function\b|\bset(?:Timeout|Interval)\(\s*[\"'`]|javascript:"),
    "keeps something in the browser": re.compile(
        r"\blocalStorage\b|\bsessionStorage\b|\bindexedDB\b|document\.cookie|\bcaches\.|serviceWorker"
    ),
    "speaks with another window": re.compile(
        r"(?<!\bchannel\.)postMessage|window\.opener|(?<!\bchannel\.addEventListener\()[\"']message[\"']"
    ),
    "speaks of more than whose page it is": re.compile(
        r"BroadcastChannel(?!\(\"berth-person\"\))|channel\.postMessage\((?!own\))"
    ),
    "changes what all objects share": re.compile(r"__proto__|\.prototype\b|Object\.assign|\.\.\.JSON\.parse"),
    "calls another host": re.compile(r"https?://|[\"'`]//"),
    "uses what browsers have given up": re.compile(r"ActiveXObject|applet|XDomainRequest|attachEvent", re.I),
}
COMMENT = re.compile(r"^\s*//.*$", re.M)


def findings(text: str) -> set[str]:
    code = COMMENT.sub("", text)
    return {what for what, pattern in FORBIDDEN.items() if pattern.search(code)}


def test_there_are_scripts() -> None:
    assert len(SCRIPTS) >= 3


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_only_writes_text_and_keeps_nothing(path: Path) -> None:
    assert findings(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_is_strict_and_leaves_no_name_behind(path: Path) -> None:
    code = COMMENT.sub("", path.read_text(encoding="utf-8")).strip()

    assert code.startswith("(() => {\n") and code.endswith("})();")
    assert '"use strict";' in code.splitlines()[1]
    assert not re.search(r"\bwindow\.\w+\s*=|\bglobalThis\b|^\s*var\b", code, re.M)


@each_case(
    ("text", "what"),
    [
        ("elt.innerHTML = name;", "writes markup"),
        ('setTimeout("go()", 1);', "runs a text"),
        ("localStorage.setItem('a', b);", "keeps something in the browser"),
        ('addEventListener("message", hear);', "speaks with another window"),
        ("opener.postMessage(own);", "speaks with another window"),
        ("channel.postMessage(document.title);", "speaks of more than whose page it is"),
        ('new BroadcastChannel("all");', "speaks of more than whose page it is"),
        ('values["__proto__"] = given;', "changes what all objects share"),
        ('fetch("https://cdn.example/x");', "calls another host"),
    ],
)
def test_the_search_finds_what_is_forbidden(text: str, what: str) -> None:
    assert what in findings(text)
