"""/docs/api/: every call, parameter and code of the document, on a page without a script or a stranger."""

import re

from flask import Flask

from tests.pages.reader import Visitor
from webapp.api.codes import MEANINGS


def test_every_call_of_the_document_is_on_the_page(app: Flask, stranger: Visitor) -> None:
    document = app.test_client().get("/api/workspaces/openapi.json").json
    page = stranger.read("/docs/api/")

    for path, item in document["paths"].items():
        for method, node in item.items():
            if method != "parameters":
                assert f"{method.upper()} {path}" in page.text
                assert node["summary"].split(";")[0][:40] in page.text
    for code in MEANINGS:
        assert code in page.text
    for word in ("cloud_credential_id", "Idempotency-Key", "If-Match", "list of WorkspaceDetails"):
        assert word in page.text


def test_nothing_comes_from_elsewhere_and_nothing_runs_inline(stranger: Visitor) -> None:
    page = stranger.get("/docs/api/").text

    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|style=", page) == []
    anchors = re.findall(r'href="#([^"]+)"', page)
    assert len(anchors) > 25
    assert [one for one in anchors if f'id="{one}"' not in page] == []
