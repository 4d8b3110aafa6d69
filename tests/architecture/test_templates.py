"""Templates live under a strict content policy: nothing inline, nothing from elsewhere."""

import re
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.cases import each_case

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a style element": re.compile(r"<style", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "a script in htmx": re.compile(r"\bhx-(?:on\b|(?:vals|headers)\s*=\s*[\"']js:)", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "a condition in a trigger, which needs eval": re.compile(r"hx-trigger=\"[^\"]*\["),
    "something from elsewhere": re.compile(r"<(?:script|link|img|iframe)[^>]*=[\"'](?:https?:)?//"),
    "unescaped text": re.compile(r"\|\s*safe\b|{%-?\s*autoescape\s+false"),
}
ALLOWED = {"templates/ui/icon.html": {"unescaped text"}}
"""Line drawings that stand in the same file as constants."""
IN_MAILS = {"a style element", "a style attribute"}
"""Mail programs read no style sheet; a mail is no page of ours, and has no content policy."""
WITHOUT_COMMENTS = re.compile(r"{#.*?#}", re.DOTALL)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 20


def test_a_template_keeps_to_the_content_policy() -> None:
    breaks = {}
    for path in TEMPLATES:
        text = WITHOUT_COMMENTS.sub("", path.read_text(encoding="utf-8"))
        found = {what for what, pattern in FORBIDDEN.items() if pattern.search(text)}
        allowed = IN_MAILS if path.parent.name == "mail" else ALLOWED.get(_name(path), set())
        if found - allowed:
            breaks[_name(path)] = found - allowed

    assert breaks == {}


@each_case(
    ("text", "what"),
    [
        ("<script>alert(1)</script>", "an inline script"),
        ("<p style='color: red'>", "a style attribute"),
        ("<a onclick=go()>", "an event attribute"),
        ("<p hx-on:click='x'>", "a script in htmx"),
        ("<script src='//cdn.example/x.js'></script>", "something from elsewhere"),
        ("{{ detail | safe }}", "unescaped text"),
    ],
)
def test_the_search_finds_what_is_forbidden(text: str, what: str) -> None:
    assert FORBIDDEN[what].search(text)
